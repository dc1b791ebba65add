"""`python tether.py PARENT COMMAND...`: become COMMAND, and die with PARENT.

A runner that is killed cannot end its children, which live in sessions of their own so that signals reach them
as a group. Linux can: the kernel sends SIGKILL when the parent goes away. Elsewhere the lock, which the
children hold too, still keeps a second runner out until they end.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent = int(sys.argv[1])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
