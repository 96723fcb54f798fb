"""The first breath of the embedded store's process: it asks to die with its parent, then becomes the store.

Run as a file of its own, before exec, because a thread or a library of the server may hold a lock at the moment of
a fork: Python code between fork and exec can hang. What is set here survives exec.
Arguments: the parent's process id, then the store's command line.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>: the signal to get when the thread that made this process ends."""


def main(parent: int, command: list[str]) -> None:
    """Become the store, unless the parent is gone already."""
    os.umask(0o077)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # The parent may have ended before the line above; no signal comes then.
    if os.getppid() == parent:
        os.execv(command[0], command)  # noqa: S606 - the launcher chose the program


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
