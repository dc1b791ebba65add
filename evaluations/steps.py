"""The steps of a tick, by name, for whoever wants to watch one or stop it there."""

import sys


def reached(step: str, key: str = "") -> None:
    """Say that a run (by its key) has come to `step`, as an audit event of the interpreter (PEP 578).

    Nothing of the portal listens. Between two steps lies one effect outside of this process, so a process that is
    ended at every one of them has been ended everywhere that matters.
    """
    sys.audit("evaluations.step", step, key)
