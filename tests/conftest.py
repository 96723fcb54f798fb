"""What every test may ask for: the tools of this machine, and the rule for tests whose tool is missing.

On a developer's machine such tests are skipped, loudly; with CI=true they fail, and so does any other skip.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from hatch_build import OLDEST_NODE
from tests.server import shared_server as shared_server

IN_CI = os.environ.get("CI") == "true"
CHECKOUT = Path(__file__).resolve().parent.parent

if not IN_CI:
    # In CI hypothesis has a profile of its own, repeatable and patient. Here, too, a busy machine is no failure.
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")

missing_tools: pytest.StashKey[set[str]] = pytest.StashKey()

Require = Callable[[str, object], None]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[missing_tools] = set()


@pytest.fixture(scope="session")
def require(pytestconfig: pytest.Config) -> Require:
    """`require(what, available)`: goes on when `available` is true; else skips the test, or fails it with CI=true."""

    def ask(what: str, available: object) -> None:
        if available:
            return
        if IN_CI:
            pytest.fail(f"{what} is missing, and with CI=true nothing is skipped")
        pytestconfig.stash[missing_tools].add(what)
        pytest.skip(f"{what} is missing")

    return ask


@pytest.fixture(scope="session")
def node(require: Require) -> Path:
    """A Node of at least 22.12: the one that `make` put into the virtual environment, else the machine's."""
    candidates = [Path(sys.prefix, "node", "node"), Path(shutil.which("node") or "node")]
    found = next((path for path in candidates if node_version(path) >= OLDEST_NODE), None)
    require("Node 22.12 or newer", found)
    assert found is not None
    return found


def node_version(path: Path) -> tuple[int, int]:
    if shutil.which(path) is None:
        return (0, 0)
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else (0, 0)


@pytest.fixture(scope="session")
def node_packages(require: Require) -> Path:
    """tests/js/node_modules, where `make test` puts the unmodified JavaScript SDK."""
    found = CHECKOUT / "tests" / "js" / "node_modules"
    require("the JavaScript SDK (make test installs it)", (found / "centrifuge").is_dir())
    return found


@pytest.fixture(scope="session")
def chromium(require: Require) -> Path:
    """The machine's Chromium, for Playwright's `executable_path`."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    require("Chromium", found)
    assert found is not None
    return Path(found)


@pytest.fixture(scope="session")
def pages(require: Require) -> Path:
    """web/dist, the built pages."""
    found = CHECKOUT / "web" / "dist"
    require("web/dist (make web builds it)", (found / "index.html").is_file())
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    missing = config.stash[missing_tools]
    for what in sorted(missing):
        terminalreporter.write_sep("!", f"TESTS WERE SKIPPED: {what} is missing", red=True, bold=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
