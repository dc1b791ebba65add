"""Programs that end with the process that started them, under the user that they accept.

Used in two ways: ``command()`` builds an argument list, and running that list executes this file as a small script,
which changes the user, arms the parent-death signal and becomes the program. A script of its own, and not a
``preexec_fn``, because the starter may have threads (a test run has).
"""

import ctypes
import enum
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NOBODY = 65534
PR_SET_PDEATHSIG = 1


class Identity(enum.StrEnum):
    """The user a program runs as. PostgreSQL refuses to run as root."""

    DIRECT = "direct"
    """The user of the starter."""
    NAMESPACE = "namespace"
    """Root, seen as ``nobody`` from inside a user namespace: files stay root's, nothing is chmod-ed."""
    NOBODY = "nobody"
    """The account ``nobody`` itself, where the kernel or the container forbids user namespaces."""


def command(
    argv: Sequence[str | os.PathLike[str]],
    *,
    identity: Identity = Identity.DIRECT,
    death_signal: signal.Signals = signal.SIGTERM,
) -> list[str]:
    """The argument list that runs ``argv`` as ``identity`` and sends it ``death_signal`` when this process dies.

    The signal follows the *thread* that starts the program, so start long-lived programs from the main thread.
    """
    wrapper = [sys.executable, "-I", "-S", __file__, str(int(death_signal)), str(os.getpid()), identity.value]
    return wrapper + [os.fspath(part) for part in argv]


def unprivileged_identity() -> Identity:
    """The identity under which a program that refuses root can be started by this process."""
    if os.geteuid() != 0:
        return Identity.DIRECT
    probe = subprocess.run(
        command(
            [sys.executable, "-I", "-S", "-c", "import os; raise SystemExit(os.geteuid() == 0)"],
            identity=Identity.NAMESPACE,
        ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return Identity.NAMESPACE if probe.returncode == 0 else Identity.NOBODY


def _become(identity: Identity) -> None:
    if identity is Identity.NAMESPACE:
        os.unshare(os.CLONE_NEWUSER)
        # The kernel takes a group map only once setgroups() is given up.
        for name, value in (
            ("setgroups", "deny"),
            ("gid_map", f"{NOBODY} 0 1"),
            ("uid_map", f"{NOBODY} 0 1"),
        ):
            Path("/proc/self", name).write_text(value)
    elif identity is Identity.NOBODY:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _follow(parent: int, death_signal: int) -> None:
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        raise SystemExit("the starter died before its program began")


def main(arguments: Sequence[str]) -> None:
    death_signal, parent, identity, *argv = arguments
    _become(Identity(identity))
    # A change of user disarms the signal, so it is armed last.
    _follow(int(parent), int(death_signal))
    os.execv(argv[0], argv)


if __name__ == "__main__":
    main(sys.argv[1:])
