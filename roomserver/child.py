"""The first breath of a process that must not outlive the server: it asks to die with it, then becomes its program.

Run as a file of its own, before exec, because a thread or a library of the server may hold a lock at the moment of
a fork: Python code between fork and exec can hang. What is set here survives exec.
Arguments: the parent's process id, then the program's command line.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>: the signal to get when the thread that made this process ends."""


def mortal(command: Sequence[str]) -> list[str]:
    """The command line by which a program, named by its path, dies with this process however that ends (on Linux)."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def main(parent: int, command: list[str]) -> None:
    """Become the program, unless the parent is gone already."""
    os.umask(0o077)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # The parent may have ended before the line above; no signal comes then.
    if os.getppid() == parent:
        os.execv(command[0], command)  # noqa: S606 - the launcher chose the program


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
