"""What is installed: the packages and the built pages, and nothing else."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

# The pages are built anew, with packages fetched for it.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def run(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of this checkout, unpacked."""
    into = tmp_path_factory.mktemp("source")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", into, cwd=CHECKOUT)
    [archive] = into.glob("*.tar.gz")
    run(sys.executable, "-m", "tarfile", "--extract", archive, into, cwd=into)
    return into / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel made from the source distribution, as pip makes it."""
    into = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", into, ".", cwd=source)
    [archive] = into.glob("*.whl")
    return zipfile.ZipFile(archive)


def test_the_source_distribution_has_what_the_pages_are_built_from(source: Path) -> None:
    assert (source / "web" / "package-lock.json").is_file()
    assert (source / "web" / "index.html").is_file()
    assert not (source / "web" / "node_modules").exists()
    assert not (source / "web" / "dist").exists()


def test_the_wheel_contains_the_built_pages(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert {f"roomserver/pages/{page}.html" for page in ("index", "host", "ops")} <= set(names)
    assert any(name.startswith("roomserver/pages/assets/") and name.endswith(".js") for name in names)


def test_the_wheel_has_every_package_of_the_checkout(wheel: zipfile.ZipFile) -> None:
    in_checkout = {path.parent.name for path in CHECKOUT.glob("*/__init__.py")} - {"tests"}
    assert in_checkout == set(PACKAGES)
    for package in PACKAGES:
        assert f"{package}/__init__.py" in wheel.namelist()


def test_the_wheel_has_nothing_else(wheel: zipfile.ZipFile) -> None:
    top = {name.partition("/")[0] for name in wheel.namelist()}
    assert top == {*PACKAGES, f"roomserver-{PROJECT['project']['version']}.dist-info"}
