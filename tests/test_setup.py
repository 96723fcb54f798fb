"""What the parts of the set-up must agree on."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hatch_build import OLDEST_NODE
from tests.conftest import CHECKOUT

SKIPPING = """
import pytest

def test_one():
    pass

def test_other():
    pytest.skip("not today")
"""

SETUP = CHECKOUT / "scripts" / "setup.sh"


@pytest.mark.parametrize("place", ["scripts/setup.sh", "web/package.json", "tests/js/package.json"])
def test_every_place_names_the_same_oldest_node(place: str) -> None:
    text = (CHECKOUT / place).read_text(encoding="utf-8")
    found = re.search(r'OLDEST_NODE=([\d.]+)|"node": ">=([\d.]+)"', text)
    assert found is not None
    assert (found[1] or found[2]) == "{}.{}".format(*OLDEST_NODE)


@pytest.mark.parametrize("place", ["web/package-lock.json", "tests/js/package-lock.json"])
def test_lock_files_name_no_registry(place: str) -> None:
    packages = json.loads((CHECKOUT / place).read_text(encoding="utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []


@pytest.fixture
def bare_machine(tmp_path: Path) -> dict[str, str]:
    """An environment whose PATH has neither Chromium nor apt-get, but what the script itself uses."""
    for tool in ("bash", "dirname", "id"):
        (tmp_path / tool).symlink_to(Path("/usr/bin", tool))
    return {"PATH": str(tmp_path)}


def without_chromium(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", SETUP, "chromium"], env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )


def test_a_machine_without_chromium_is_told_loudly(bare_machine: dict[str, str]) -> None:
    done = without_chromium(bare_machine)
    assert done.returncode == 0
    assert "*** NO CHROMIUM: the browser tests will be SKIPPED" in done.stderr


def test_in_ci_a_missing_chromium_stops_the_run(bare_machine: dict[str, str]) -> None:
    done = without_chromium({**bare_machine, "CI": "true"})
    assert done.returncode == 1
    assert "with CI=true no test is skipped" in done.stderr


def fake(tool: Path, script: str) -> None:
    tool.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
    tool.chmod(0o755)


@pytest.fixture
def with_npm(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """An environment whose Node is new enough and whose npm is a script."""

    def environment(script: str) -> dict[str, str]:
        fake(tmp_path / "node", "echo v99.0.0")
        fake(tmp_path / "npm", script)
        return {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    return environment


def test_ctrl_c_leaves_nothing_behind_that_a_step_has_started(with_npm: Callable[[str], dict[str, str]]) -> None:
    alive, held = os.pipe()
    environment = with_npm(f"sleep 600 & echo started >&{held}; wait")
    command = ["bash", str(SETUP), "npm", "web"]
    setup = subprocess.Popen(command, env=environment, pass_fds=[held], start_new_session=True, stderr=subprocess.PIPE)
    os.close(held)
    with setup, os.fdopen(alive, "rb") as started:
        assert started.readline() == b"started\n"
        os.killpg(setup.pid, signal.SIGINT)
        assert started.read() == b""  # which is when the last of them is gone
        assert setup.wait() == 130


def test_a_step_that_fails_says_why_and_what_to_do(with_npm: Callable[[str], dict[str, str]]) -> None:
    environment = with_npm("echo no route to host; exit 1")
    command = ["bash", str(SETUP), "npm", "web"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no route to host\nroomserver: failed: installing the Node packages of web\n" in done.stderr
    assert "is the npm registry within reach" in done.stderr


@pytest.mark.parametrize(("ci", "exit_code"), [("", 0), ("true", 1)])
def test_a_skip_fails_the_run_in_ci_only(ci: str, exit_code: int, tmp_path: Path) -> None:
    shutil.copy(CHECKOUT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_some.py").write_text(SKIPPING, encoding="utf-8")
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:valkey", "--rootdir", str(tmp_path)]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 passed, 1 skipped" in done.stdout
    assert done.returncode == exit_code
