"""Makes docs/configuration.md from the classes that a configuration is read into (``make docs``)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from inspect import getdoc
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from roomserver.config import Config
from roomserver.tables import wanted

# ``Any`` in this module: a type hint, or the default of a setting.

INTRODUCTION = """\
# The configuration

*Made from the classes of the configuration by `make docs`; a test fails when this page is stale.*

`roomserver serve --config FILE` reads one file in TOML; `roomserver check FILE` says what is wrong with one, and on
which line. Nothing has to be in it: the last column says what holds instead. A key that is unknown is an error, and
so is a value that does not fit; the server does not start with one. `--host`, `--port`, `--data` and `--redis` win
over the file. Paths are beside it.

Secrets are never in the file but in the environment: `ROOMSERVER_TOKEN_SECRET` signs tokens,
`ROOMSERVER_OPERATOR_TOKEN` is the platform's key, each of at least 32 bytes, or two with a comma during a rotation.
`ROOMSERVER_REDIS` is the store's URL where there is a password in it, and wins over `redis` in the file.
Webhooks and the hook name their own variables. The log is made for people on a terminal, and one JSON object a line
elsewhere.
"""


def page() -> str:
    """The whole page."""
    found: dict[type, list[tuple[str, Field[Any]]]] = {}
    _find(Config, "", found)
    sections = (_section(kind, places) for kind, places in found.items())
    return "\n".join([INTRODUCTION, *(line for section in sections for line in section)])


def _find(kind: type, at: str, found: dict[type, list[tuple[str, Field[Any]]]]) -> None:
    """The headers under which each class stands in a file, in the order of the fields."""
    for one, hint in _settings(kind):
        if (part := _part(hint)) is not None:
            name = f"{at}.{one.name}" if at else one.name
            found.setdefault(part, []).append((f"[[{name}]]" if get_origin(hint) is tuple else f"[{name}]", one))
            _find(part, name, found)


def _section(kind: type, places: list[tuple[str, Field[Any]]]) -> Iterator[str]:
    plain = [(one, hint) for one, hint in _settings(kind) if _part(hint) is None]
    if not plain:
        return
    yield f"## {', '.join(f'`{header}`' for header, _ in places)}\n"
    yield _about(kind) + "\n"
    for header, one in places:
        if isinstance(one.default, tuple) and one.default:
            yield f"Without any `{header}` those that are built in hold, {len(one.default)} of them.\n"
    yield "| key | what fits | if left out |\n|---|---|---|"
    yield from (f"| `{one.name}` | {_fits(hint)} | {_default(one)} |" for one, hint in plain)
    yield ""


def _settings(kind: type) -> list[tuple[Field[Any], Any]]:
    hints = get_type_hints(kind, include_extras=True)
    return [(one, hints[one.name]) for one in fields(kind) if one.init]


def _part(hint: Any) -> type | None:
    """The class of a table, or of a list of tables; None for a plain value, which a text in two languages is too."""
    inner = [one for one in get_args(hint) if one not in (NoneType, Ellipsis)]
    if isinstance(hint, type) and is_dataclass(hint):
        return hint
    return inner[0] if len(inner) == 1 and isinstance(inner[0], type) and is_dataclass(inner[0]) else None


def _fits(hint: Any) -> str:
    tables = [one for one in get_args(hint) if is_dataclass(one)]
    if not tables:
        return wanted(hint, "a value")
    names = ", ".join(f"{one.name} = …" for one in fields(tables[0]))
    return f"a text, or one in each language: {{ {names} }}"


def _default(one: Field[Any]) -> str:
    if one.default is MISSING:
        return "it is needed"
    if one.default is None:
        return "–"
    return f"`{_toml(one.default)}`"


def _toml(value: Any) -> str:
    match value:
        case StrEnum():
            return f'"{value.value}"'
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _about(kind: type) -> str:
    text = " ".join((getdoc(kind) or "").split()).replace("``", "`")
    return text.partition(" Raises ValueError")[0]


if __name__ == "__main__":
    sys.stdout.write(page())
