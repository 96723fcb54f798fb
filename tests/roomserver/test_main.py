"""The way in: Ctrl-C before there is anything to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import CHECKOUT


def test_ctrl_c_while_the_program_is_loaded_leaves_no_trace_on_the_screen(tmp_path: Path) -> None:
    # A library that is loaded presses the keys.
    (tmp_path / "uvloop.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "roomserver", "--version"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{CHECKOUT}"},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")
