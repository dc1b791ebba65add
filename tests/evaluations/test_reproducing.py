"""A finished run done again from its record; only the harness is a stand-in."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from evaluations.actions.runs import request_run
from evaluations.demo import SERVE_COMMAND
from evaluations.engines import launcher_of
from evaluations.harness import environment
from evaluations.models import Engine, Run, SuiteVersion
from evaluations.models.run import State
from evaluations.ngram.model import load_default
from evaluations.reconcile import tick
from evaluations.reproducing import command_of, gaps
from portfolio.models import ModelRelease
from tests.evaluations.measuring import accepted_run, right, suite_of
from tests.evaluations.workshop import eventually, stand_in


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[None]:
    python = environment.python_of(settings.VAR_DIR / "harness")
    python.parent.mkdir(parents=True)
    python.symlink_to(stand_in(tmp_path))
    yield
    shutil.rmtree(python.parent.parent)


@pytest.fixture
def finished(
    mira: User, release: ModelRelease, suite_version: SuiteVersion, engine: Engine, harness: None
) -> Run:
    """A run that really ran, with the files that it left."""
    model = load_default()
    release.folder.mkdir(parents=True, exist_ok=True)
    (release.folder / "model.ngram").write_bytes(model.to_bytes())
    release.manifest = {"model.ngram": {"size": len(model.to_bytes()), "sha256": model.sha256}}
    release.serve_command = SERVE_COMMAND
    release.save()
    run = request_run(by=mira, release=release, suite_version=suite_version, engine=engine)

    def ended() -> bool:
        tick()
        run.refresh_from_db()
        return run.is_final

    eventually(ended, seconds=60)
    assert run.state == State.SUCCEEDED, (run.reason, run.detail)
    return run


def test_doing_a_run_again_gives_the_same_files_of_answers(
    finished: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], client: Client, mira: User
) -> None:
    assert gaps(finished) == []
    client.force_login(mira)
    assert command_of(finished) in client.get(finished.get_absolute_url()).content.decode()
    again = tmp_path / "again"
    call_command("reproduce_run", finished.code, folder=again)
    said = capsys.readouterr().out
    assert "60 of 60 answers are the same" in said
    assert "1 of 1 files" in said
    before = launcher_of(finished.engine).folder(finished.key) / "result"
    (first,), (second,) = (sorted(each.glob("samples_*")) for each in (before, again / "result"))
    assert first.read_bytes() == second.read_bytes()
    # An answer that was changed afterwards gives itself away.
    lines = [json.loads(line) for line in first.read_text().splitlines()]
    lines[0]["acc"] = 1 - lines[0]["acc"]
    first.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(CommandError, match="not reproduced"):
        call_command("reproduce_run", finished.code, folder=tmp_path / "third")
    assert "0 of 1 files" in capsys.readouterr().out
    # A model that was changed is not asked at all.
    (finished.release.folder / "model.ngram").write_bytes(b"{}")
    with pytest.raises(CommandError, match=r"model\.ngram"):
        call_command("reproduce_run", finished.code, folder=tmp_path / "fourth")
    assert not (tmp_path / "fourth").exists()


def test_a_run_with_gaps_says_which_and_is_not_done_again(
    client: Client, mira: User, release: ModelRelease
) -> None:
    ModelRelease.objects.filter(pk=release.pk).update(manifest={}, serve_command=[])
    release.refresh_from_db()
    run = accepted_run(release, suite_of({"wissen": 30}), {"wissen": right(9, 30)}, mira)
    missing = gaps(run)
    assert len(missing) >= 4
    client.force_login(mira)
    page = client.get(run.get_absolute_url())
    assert page.context["gaps"] == missing
    assert command_of(run) not in page.content.decode()
    with pytest.raises(CommandError):
        call_command("reproduce_run", run.code)


def test_an_unknown_or_unfinished_run_is_refused(run: Run, tmp_path: Path) -> None:
    for code in (run.code, "EL-0"):
        with pytest.raises(CommandError, match="no finished run"):
            call_command("reproduce_run", code, folder=tmp_path / "again")
    assert not (tmp_path / "again").exists()
