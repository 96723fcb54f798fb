"""Print the licences of everything that this package needs to run, as the table in docs/operations.md.

Asks the installed packages; run it in an environment in which the package's dependencies are installed:

    python scripts/licences.py
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

SHORT = re.compile(r"[\n\r].*", re.DOTALL)
NAME = re.compile(r"^[A-Za-z0-9._-]+")


def canonical(name: str) -> str:
    """A package's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(pyproject: Path) -> list[str]:
    """The names of the packages that the project itself asks for."""
    project = tomllib.loads(pyproject.read_text("utf-8"))["project"]
    return sorted({canonical(NAME.findall(one)[0]) for one in project["dependencies"]})


def needed(names: list[str]) -> list[str]:
    """These packages and all that they need in turn, without extras, as far as they are installed."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            wanted = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        found.add(name)
        waiting += [canonical(NAME.findall(one)[0]) for one in wanted if "extra ==" not in one]
    return sorted(found)


def licence(name: str) -> str:
    """What a package says of its licence: the expression, else its classifiers, else its own words."""
    said = metadata.metadata(name)
    for expression in said.get_all("License-Expression") or []:
        return str(expression)
    classified = [one.rpartition(" :: ")[2] for one in said.get_all("Classifier") or [] if one.startswith("License ::")]
    own = SHORT.sub("", " ".join(said.get_all("License") or [])).strip()
    return "; ".join(one for one in classified if one != "OSI Approved") or own[:60] or "not said"


def table(pyproject: Path) -> str:
    """The table, by name; what the project asks for itself is in bold."""
    asked = declared(pyproject)
    rows = [f"| {f'**{name}**' if name in asked else name} | {licence(name)} |" for name in needed(asked)]
    return "\n".join(["| package | licence |", "|---|---|", *rows])


if __name__ == "__main__":
    sys.stdout.write(table(Path(__file__).parent.parent / "pyproject.toml") + "\n")
