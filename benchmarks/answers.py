"""A million answers: what pages of them, comparisons and leaderboards cost, beside a small portal with the same run."""

import os
import random
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.machine import description, progress, say, table

QUESTIONS, TASKS = 20_000, 20
SIZES = (2, 50)
REPEATS = 15


def main(argv: list[str]) -> int:
    if "inside" not in argv:
        command = [sys.executable, "-m", "cesai.embedded.testing", sys.executable, "-m", "benchmarks"]
        return subprocess.run([*command, "answers", "inside"], check=False).returncode
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "cesai.settings"
    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    setup_test_environment()
    progress("migrating")
    call_command("migrate", verbosity=0)
    say(description())
    say()
    found: list[dict[str, float]] = []
    world: dict[str, Any] = {}
    for runs in SIZES:
        progress(f"{runs} runs of {QUESTIONS:,} answers")
        _fill(world, runs)
        found.append(_measure(world))
    headings = [f"{runs * QUESTIONS:,} answers" for runs in SIZES]
    table(
        ["median of the page, ms", *headings],
        [[name, *(f"{each[name]:.1f}" for each in found)] for name in found[0]],
    )
    return 0


def _fill(world: dict[str, Any], runs: int) -> None:
    """Up to `runs` accepted runs of one suite, written as the ingest writes them."""
    from django.db import connection

    from accounts.demo import load
    from evaluations.models import SuiteVersion
    from portfolio.models import AIModel, ModelRelease
    from tests.evaluations.measuring import accepted_run, suite_of

    if not world:
        cast = load(password=None)
        model = AIModel.objects.create(code="MO-2026-9999", slug="bench", name="Bench")
        each = QUESTIONS // TASKS
        version: SuiteVersion = suite_of({f"task{number:02}": each for number in range(TASKS)})
        world |= {"mira": cast.mira, "model": model, "version": version, "each": each, "runs": []}
    source = random.Random(1)  # noqa: S311
    while len(world["runs"]) < runs:
        number = len(world["runs"])
        release = ModelRelease.objects.create(
            model=world["model"],
            version=f"{number}",
            manifest={"a": {"size": 1, "sha256": "a" * 64}},
            served_name=uuid.uuid4().hex,
            created_by=world["mira"],
        )
        values = {
            task.name: [float(source.random() < 0.5 + number / 500) for _each in range(world["each"])]
            for task in world["version"].tasks.all()
        }
        world["runs"].append(accepted_run(release, world["version"], values, world["mira"]))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _measure(world: dict[str, Any]) -> dict[str, float]:
    from django.test import Client

    client = Client()
    client.force_login(world["mira"])
    first, second = world["runs"][:2]
    answers = f"/evaluations/{first.code}/answers/"
    version = world["version"]
    deep = _deep(client, answers)
    pages = {
        "answers, first page": answers,
        "answers, in the middle": deep,
        "answers of one task, wrong ones": f"{answers}?task=task10&verdict=wrong",
        "answers that another run gave otherwise": f"{answers}?changed={second.code}",
        "answers found by a rare word": f"{answers}?q=17321",
        "answers found by a common word": f"{answers}?q=Frage",
        "answers found by no word": f"{answers}?q=nirgendwo",
        "comparison of two releases, 20 tasks": f"/evaluations/compare/?first={first.release_id}"
        f"&second={second.release_id}",
        "leaderboard": f"/evaluations/suites/{version.suite.slug}/{version.number}/leaderboard/",
        "page of the run": first.get_absolute_url(),
    }
    return {name: _median(partial(client.get, address)) for name, address in pages.items()}


def _deep(client: Any, address: str) -> str:
    """A page in the middle of the run, by its key."""
    from cesai.lib.keyset import _encode
    from evaluations.models import Answer

    code = address.split("/")[2]
    middle = Answer.objects.get(run__code=code, number=QUESTIONS // 2)
    return f"{address}?page={_encode('after', middle.number, middle.pk)}"


def _median(ask: Callable[[], Any]) -> float:
    times = []
    for _repeat in range(REPEATS):
        began = time.perf_counter()
        answer = ask()
        times.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200, answer.status_code
    return statistics.median(times)
