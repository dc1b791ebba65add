"""``./run manage``: a management command with the database and the broker that it needs.

While ``./run start`` runs here, the command uses its services. Otherwise they are started for the command's duration.
"""

import signal
import subprocess
import sys
from pathlib import Path

from .environment import ROOT, environment, given, var_folder
from .lock import FolderInUseError, owning
from .services import embedded_services
from .spawn import command
from .supervisor import StopRequested, Supervisor, exit_status

ROLE = "./run manage"
# Commands that touch neither the database nor the broker.
WITHOUT_SERVICES = frozenset(
    {
        *(
            "check",
            "check_catalogues",
            "check_unused",
            "collectstatic",
            "compilemessages",
            "diffsettings",
            "help",
        ),
        *("makemessages", "messages", "spectacular", "tally", "version"),
    }
)


def manage(argv: list[str]) -> int:
    call = [sys.executable, str(ROOT / "manage.py"), *argv]
    surroundings = environment()
    outside = given()
    external = outside.get("DATABASE_URL") and outside.get("BROKER_URL")
    if external or not argv or argv[0] in WITHOUT_SERVICES or {"--help", "--version"} & set(argv):
        return _in_foreground(call, surroundings)
    var = var_folder()
    try:
        return _with_services(var, call, surroundings)
    except FolderInUseError as error:
        if error.owner and error.owner.role == ROLE:
            return _with_services(var, call, surroundings, wait=True)
        return _in_foreground(call, surroundings)


def _with_services(var: Path, call: list[str], surroundings: dict[str, str], *, wait: bool = False) -> int:
    with owning(var, ROLE, wait=wait), Supervisor(var / "log", surroundings) as supervisor:
        supervisor.start_services(embedded_services(var))
        return _in_foreground(call, surroundings)


def _in_foreground(call: list[str], surroundings: dict[str, str]) -> int:
    """Run the command on the terminal; Ctrl-C reaches the command itself, which decides what it means."""
    with subprocess.Popen(command(call), env=surroundings) as child:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return child.wait()
        except StopRequested:
            child.terminate()
            raise


def main(argv: list[str]) -> int:
    status = 0

    def run() -> None:
        nonlocal status
        status = manage(argv)

    return exit_status(run) or status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
