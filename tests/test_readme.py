"""A newcomer's first minutes: clone, and the README's commands as they stand there."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from benchmarks.clone import (
    StartFailed,
    clone,
    free_port,
    newcomers_environment,
    page,
    portal,
)
from benchmarks.processes import processes_of
from evaluations.harness.environment import NETWORK_WORDS
from tests.requirements import require_or_skip

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.slow


def commands() -> list[list[str]]:
    """Every line of the README's shell blocks, in words."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return [line.split() for block in blocks for line in block.splitlines()]


def without_index(said: str) -> None:
    """Skip when the packages could not be fetched because nothing answered; fail where everything must run."""
    if not any(word in said.lower() for word in NETWORK_WORDS):
        return
    reason = f"NOT TESTED: the README's commands, because no package index could be reached:\n{said[-500:]}"
    if os.environ.get("CESAI_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def start(checkout: Path, command: list[str]) -> None:
    port = free_port()
    try:
        with portal(checkout, [*command, "--port", str(port)], newcomers_environment()) as running:
            assert running.url == f"http://127.0.0.1:{port}"
            assert "mira@demo.example.org" in running.accounts
            assert "CESAI" in page(running.url)
            assert running.interrupt() == 0
    except StartFailed as failure:
        without_index(str(failure))
        raise


def run_some_tests(checkout: Path, command: list[str]) -> None:
    """With a database and without; the suite must not run inside itself."""
    ran = subprocess.run(
        [*command, "--quiet", "tests/accounts/test_roles.py", "tests/test_lock.py"],
        cwd=checkout,
        env=newcomers_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        without_index(ran.stderr)
    assert ran.returncode == 0, ran.stderr + ran.stdout[-2000:]
    assert re.search(r"^\d{2,} passed in", ran.stdout, re.MULTILINE), ran.stdout[-500:]


WHAT_A_NEWCOMER_SEES = {"start": start, "test": run_some_tests}


def test_the_readme_shows_the_two_commands() -> None:
    assert commands() == [["./run", name] for name in WHAT_A_NEWCOMER_SEES]


def test_the_commands_of_the_readme_work_in_a_fresh_clone(tmp_path: Path) -> None:
    require_or_skip("git")
    if not (ROOT / ".git").exists():
        pytest.skip("NOT TESTED: the README's commands, because this is no clone")
    checkout = tmp_path / "cesai-portal"
    clone(checkout)
    try:
        for script, name, *arguments in commands():
            WHAT_A_NEWCOMER_SEES[name](checkout, [script, name, *arguments])
        assert processes_of(checkout) == {}
        changed = subprocess.run(
            ["git", "status", "--porcelain"], cwd=checkout, capture_output=True, text=True, check=True
        ).stdout
        assert changed == "", "what the commands made is ignored by git"
    finally:
        subprocess.run(["rm", "-rf", str(checkout)], check=False)
