"""A child that dies with its parent, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

PARENT = """
import subprocess, sys, time
from roomserver.child import mortal
subprocess.Popen(mortal(["/bin/sh", "-c", "echo alive; exec sleep 600"]), start_new_session=True)
time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux tells a child of its parent's end")
def test_who_kills_the_parent_leaves_no_child() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"alive\n"
        parent.kill()
        assert parent.stdout.read() == b""  # which is when the last who holds the pipe is gone
