"""Servers that begin where every start has come alike: forked from a process that has imported all they need.

Those imports are a second of CPU, and the tests start servers by the hundred. How an operator starts one is for the
tests of the command line, of the demo and of the wheel.
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from roomserver.__main__ import main

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["roomserver.launch", "roomserver.cli"])


class Warm:
    """`roomserver` with arguments of its own, as a process; what it says goes to the end of a log.

    What it says on standard output goes to ``out``, where one is given.
    """

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], log: Path, out: Path | None = None
    ) -> None:
        files = (out or log, log)
        self._process = _FORKS.Process(target=_run, args=(tuple(arguments), dict(environment), files), daemon=True)
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """The exit code, once it has ended: that of a signal is negative."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def wait(self, seconds: float | None = None) -> int:
        """The exit code, once it has ended.

        Raises TimeoutExpired.
        """
        self._process.join(seconds)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("roomserver", seconds or 0)
        return code


def _run(arguments: Sequence[str], environment: Mapping[str, str], files: tuple[Path, Path]) -> None:
    """What the new process does, from an environment and with its standard output and errors in files."""
    os.environ.clear()
    os.environ.update(environment)
    for standard, place in enumerate(files, start=1):
        file = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(file, standard)
        os.close(file)
    sys.argv = ["roomserver", *arguments]
    main()
