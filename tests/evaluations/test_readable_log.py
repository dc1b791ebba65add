"""Logs tell what happened, not where the server keeps its files."""

import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from evaluations.engines import launcher_of
from evaluations.models import Attempt, Run
from evaluations.models.run import State
from evaluations.readable_log import readable

FOLDER = Path("/srv/portal/var/runs/eval-1")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "Using cache at /srv/portal/var/runs/eval-1/cache/ab_rank0.db",
            "Using cache at RUN/cache/ab_rank0.db",
        ),
        ("(/srv/portal/var/runs/eval-1/tasks/a.yaml)", "(RUN/tasks/a.yaml)"),
        ('File "/usr/lib/python3.13/json/decoder.py", line 3', 'File "…/decoder.py", line 3'),
        ("path=/data/anna/secret/model.bin,dtype=float32", "path=…/model.bin,dtype=float32"),
        ("see ~/private/notes.txt", "see …/notes.txt"),
        ("[/scratch/project42/x]", "[…/x]"),
        ("/opt/x/", "…/"),
    ],
)
def test_places_on_the_server_are_not_shown(written: str, shown: str) -> None:
    assert readable(written, FOLDER) == shown


@pytest.mark.parametrize(
    "line",
    [
        "POST http://127.0.0.1:8001/v1/completions 200",
        "https://huggingface.co/datasets/facebook/belebele",
        "Requesting API:  31%|###| 7371/24000 [00:12<00:27, 600/s]",
        "2026-11-22:01:07:32 INFO [evaluator:278] and/or n/a 3/4",
        "samples/second",
    ],
)
def test_addresses_fractions_and_words_stay(line: str) -> None:
    assert readable(line, FOLDER) == line


def test_the_portal_and_its_interpreter_have_names() -> None:
    assert readable(f"{settings.BASE_DIR}/evaluations/runner/run.py") == "PORTAL/evaluations/runner/run.py"
    assert readable(f"{settings.VAR_DIR}/releases/7/model.ngram") == "VAR/releases/7/model.ngram"
    assert str(sys.prefix) not in readable(f"{sys.prefix}/bin/python -m lm_eval")


def test_no_page_of_a_run_shows_where_its_files_lie(client: Client, mira: User, run: Run, fake) -> None:  # type: ignore[no-untyped-def]
    folder = launcher_of(run.engine).folder(run.key)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log.txt").write_text(f"Saving to {folder}/attempts/000/output\nTraceback: /usr/lib/x/y.py\n")
    detail = f"FileNotFoundError: {folder}/tasks/x.yaml in /usr/lib/x/y.py"
    Run.objects.filter(pk=run.pk).update(
        state=State.FAILED, reason="harness_failed", detail=detail, finished_at=run.created_at
    )
    client.force_login(mira)
    for address in (run.get_absolute_url(), f"{run.get_absolute_url()}log/"):
        text = client.get(address).content.decode()
        assert str(folder) not in text
        assert "/usr/lib" not in text
        assert "RUN/" in text


def test_each_attempt_says_how_it_ended(client: Client, mira: User, run: Run, fake) -> None:  # type: ignore[no-untyped-def]
    User.objects.update(language="en")
    for restart, reason in enumerate(("stopped", "time_limit", "node_fail")):
        Attempt.objects.create(run=run, engine_job="7", restart=restart, reason=reason)
    client.force_login(mira)
    text = client.get(run.get_absolute_url()).content.decode()
    assert "It was interrupted." in text
    assert "longer than its time limit" in text
    assert "node_fail" in text
