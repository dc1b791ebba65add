"""``./run manage`` where nothing else runs."""

import os
import subprocess
import sys
from pathlib import Path

from cesai.embedded.environment import ROOT
from cesai.embedded.postgres import _processes_inside

SET_BY_THE_TEST_RUN = ("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "SITE_URL", "CESAI_VAR")


def manage(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    surroundings = {name: value for name, value in os.environ.items() if name not in SET_BY_THE_TEST_RUN}
    return subprocess.run(
        [sys.executable, "-m", "cesai.embedded.manage", *arguments],
        cwd=ROOT,
        env=surroundings | {"CESAI_VAR": str(var)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_gets_a_database_that_is_gone_afterwards_and_keeps_its_data(folder: Path) -> None:
    done = manage(folder, "showmigrations", "accounts")
    assert (done.returncode, done.stderr) == (0, "")
    assert "[ ] 0001_initial" in done.stdout
    assert not _processes_inside(folder / "postgresql")
    assert not (folder / "run" / ".s.PGSQL.5432").exists()


def test_a_command_that_needs_no_database_starts_none(folder: Path) -> None:
    assert manage(folder, "version").returncode == 0
    assert not (folder / "postgresql").exists()


def test_the_exit_status_is_that_of_the_command(folder: Path) -> None:
    done = manage(folder, "help", "no_such_command")
    assert done.returncode == 1
    assert "no_such_command" in done.stderr
