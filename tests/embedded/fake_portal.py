"""A supervisor over small programs, run as a process of its own: ``fake_portal.py VAR [NAME …]``.

Each program writes a line when it begins and when it is asked to end, and starts a child of its own.
"""

import signal
import sys
from pathlib import Path

from cesai.embedded.lock import owning
from cesai.embedded.supervisor import Program, Supervisor, exit_status

PROGRAM = """
import signal, subprocess, sys, time
def note(word):
    with open(sys.argv[1], "a") as diary:
        diary.write(word + " " + sys.argv[2] + "\\n")
def end(*_):
    note("end")
    child.kill()
    sys.exit(0)
child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
signal.signal(signal.SIGTERM, end)
note("begin")
print("the last words of", sys.argv[2], flush=True)
while True:
    signal.pause()
"""


def run(var: Path, names: list[str]) -> None:
    diary = var / "diary"
    with owning(var, "a test"), Supervisor(var / "log", {}) as supervisor:
        for name in names:
            supervisor.start(Program(name, [sys.executable, "-I", "-S", "-c", PROGRAM, str(diary), name]))
            supervisor.wait_until(
                lambda name=name: diary.exists() and f"begin {name}\n" in diary.read_text(),
                what=f"{name} does not begin",
                within=300,
            )
        sys.stdout.write(" ".join(["ready", *(str(process.pid) for process in supervisor.processes)]) + "\n")
        sys.stdout.flush()
        supervisor.watch()


if __name__ == "__main__":
    # A test run under nohup hands an ignored SIGHUP down, and the tests send one.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    sys.exit(exit_status(lambda: run(Path(sys.argv[1]), sys.argv[2:])))
