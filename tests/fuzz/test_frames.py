"""Coverage-guided fuzzing of what a client sends: no exception but those that answer bad bytes, nothing takes long."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris", reason="its wheels are for Python 3.11 on Linux x86-64")

pytestmark = [pytest.mark.fuzz, pytest.mark.slow]


@pytest.mark.timeout(900)
def test_any_bytes_are_commands_or_a_malformed_frame(tmp_path: Path) -> None:
    soaking = os.environ.get("FAULTS") == "soak"
    length = ["-max_total_time=600"] if soaking else ["-runs=20000", "-seed=1"]
    same = {} if soaking else {"PYTHONHASHSEED": "0"}  # another day's luck is no reason to stop a landing
    asked = [sys.executable, "-m", "tests.fuzz.frames", *length, "-max_len=512", "-timeout=20", str(tmp_path)]
    here = Path(__file__).parent.parent.parent
    done = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=here, env={**os.environ, **same})
    assert done.returncode == 0, done.stderr[-4000:]
    assert "DONE" in done.stderr
