import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .waiting import kill, offspring, runs, until

NAMES = ["database", "web", "beat"]


class Portal:
    """A supervisor process over three small programs."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.embedded.fake_portal", str(var), *NAMES],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        word, *pids = self.process.stdout.readline().split() or ["nothing"]
        self.ready = word == "ready"
        self.pids = dict(zip(NAMES, map(int, pids), strict=False))

    def all_processes(self) -> set[int]:
        return offspring(self.process.pid)

    def diary(self) -> list[str]:
        return (self.var / "diary").read_text().splitlines()

    def outcome(self) -> tuple[int, str]:
        _, errors = self.process.communicate(timeout=300)
        return self.process.returncode, errors


@pytest.fixture
def portal(folder: Path) -> Iterator[Portal]:
    portal = Portal(folder)
    assert portal.ready
    yield portal
    if portal.process.poll() is None:
        portal.process.kill()
    portal.outcome()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_programs_stop_in_the_opposite_order_of_their_start(portal: Portal, number: signal.Signals) -> None:
    processes = portal.all_processes()
    portal.process.send_signal(number)
    assert portal.outcome() == (0, "")
    assert portal.diary() == [
        *("begin database", "begin web", "begin beat"),
        *("end beat", "end web", "end database"),
    ]
    assert len(processes) == 6
    assert not any(runs(pid) for pid in processes)


def test_the_end_of_one_program_ends_all_and_is_named_with_its_last_words(portal: Portal) -> None:
    processes = portal.all_processes()
    kill(portal.pids["web"])
    status, errors = portal.outcome()
    assert status == 1
    assert "web was killed by SIGKILL" in errors
    assert "the last words of web" in errors
    assert portal.diary()[3:] == ["end beat", "end database"]
    until(lambda: not any(runs(pid) for pid in processes), "the killed program's own child is ended too")


def test_nothing_is_left_of_a_killed_supervisor(portal: Portal) -> None:
    programs = set(portal.pids.values())
    processes = portal.all_processes()
    portal.process.kill()
    until(lambda: not any(runs(pid) for pid in programs), "the programs end with their supervisor")
    until(lambda: not any(runs(pid) for pid in processes), "and so do their children")


def test_a_second_owner_of_the_folder_is_refused_with_the_number_of_the_first(portal: Portal) -> None:
    second = Portal(portal.var)
    assert not second.ready
    status, errors = second.outcome()
    assert status == 1
    assert f"process {portal.process.pid}" in errors
    assert all(runs(pid) for pid in portal.pids.values())


def test_the_folder_is_free_again_after_a_kill(portal: Portal) -> None:
    processes = portal.all_processes()
    portal.process.kill()
    portal.process.wait()
    until(lambda: not any(runs(pid) for pid in processes), "the programs end with their supervisor")
    (portal.var / "diary").unlink()
    second = Portal(portal.var)
    assert second.ready
    second.process.terminate()
    assert second.outcome() == (0, "")


def test_a_program_that_ignores_its_stop_signal_is_killed(folder: Path) -> None:
    from cesai.embedded.processes import Process

    process = Process.start(
        "deaf",
        [
            *(sys.executable, "-I", "-S", "-c"),
            "import signal; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); signal.pause()",
        ],
        log=folder / "log",
    )
    until(lambda: "deaf" in (folder / "log").read_text(), "the program ignores the signal")
    process.stop(within=0.1)
    assert process.exit_status() == -signal.SIGKILL
    assert not runs(process.pid)
    assert os.getpid() != process.pid
