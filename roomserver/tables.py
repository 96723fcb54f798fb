"""A TOML text made into dataclasses: all that is wrong is told at once, each with its key, its line, and what fits.

A value is never repeated where it could be a secret. ``hint`` is a field's type; a description in its ``Meta`` says in
words what fits.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from enum import StrEnum
from types import NoneType
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

# ``Any`` in this module: a TOML value before it is checked, and the type hint that it is checked against.
T = TypeVar("T")

MOST = 1_000_000_000
"""The largest number of a configuration: sums of millions of them are still counted exactly, by browsers too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: at a dotted key of the file, on a line (0 where there is none)."""

    key: str
    found: str
    expected: str
    line: int = 0


class WrongConfig(Exception):
    """A configuration that cannot be used, with all that is wrong with it."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """One sentence for each problem, with its place."""
        return [
            f"{self.source}{f':{one.line}' if one.line else ''}: {one.key}: found {one.found}, expected {one.expected}"
            for one in self.problems
        ]


def read_tables(kind: type[T], text: str, source: str, check: Callable[[T], Iterable[Problem]]) -> T:
    """The dataclass that a text describes; ``check`` finds what no single value can show.

    Raises WrongConfig.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongConfig(source, [_no_toml(str(error))]) from None
    except RecursionError:
        raise WrongConfig(source, [_no_toml("lists or tables within one another without end")]) from None
    except ValueError as error:  # Python reads no number of thousands of digits
        raise WrongConfig(source, [_no_toml(str(error).partition(":")[0])]) from None
    problems: list[Problem] = []
    made: T = _table(kind, tables, "", problems)
    if not problems:
        problems += check(made)
    if problems:
        places = _places(text)
        placed = [replace(one, line=_line(places, one.key)) for one in problems]
        raise WrongConfig(source, sorted(placed, key=lambda one: one.line))
    return made


def _no_toml(why: str) -> Problem:
    """What the parser says, which names the line behind its words, if it does."""
    words, _, place = why.partition(" (at line ")
    line = int(place.partition(",")[0]) if place else 0
    return Problem(key="file", found=f"what is none ({words})", expected="TOML", line=line)


def _table(kind: type[Any], table: Any, at: str, problems: list[Problem]) -> Any:
    """An object of ``kind`` with what a table says; what is wrong is added to ``problems``, and MISSING comes back."""
    if not isinstance(table, dict):
        problems.append(Problem(key=at, found=shown(table), expected="a table"))
        return MISSING
    hints = get_type_hints(kind, include_extras=True)
    known = {one.name: one for one in fields(kind) if one.init}
    unknown = [name for name in table if name not in known]
    problems += [Problem(key=_join(at, one), found="an unknown key", expected=_instead(one, known)) for one in unknown]
    absent = [name for name, one in known.items() if name not in table and _is_required(one)]
    problems += [Problem(key=_join(at, one), found="nothing", expected="a value") for one in absent]
    given = {name: _value(hints[name], table[name], _join(at, name), problems) for name in known if name in table}
    if absent or MISSING in given.values():
        return MISSING
    try:
        return kind(**given)
    except ValueError as error:
        problems.append(Problem(key=at, found="values that do not fit", expected=str(error)))
        return MISSING


def _value(hint: Any, value: Any, at: str, problems: list[Problem]) -> Any:
    """A value of the kind that a hint names, or MISSING."""
    inner = [one for one in get_args(hint) if one not in (NoneType, Ellipsis)]
    if is_dataclass(hint):
        return _table(cast(type[Any], hint), value, at, problems)
    if str in inner and is_dataclass(inner[0]) and not isinstance(value, dict):
        if not isinstance(value, str):
            problems.append(Problem(key=at, found=shown(value), expected="a text or a table"))
        return value if isinstance(value, str) else MISSING
    if inner and is_dataclass(inner[0]) and get_origin(hint) is not tuple:
        return _table(cast(type[Any], inner[0]), value, at, problems)
    if inner and is_dataclass(inner[0]):
        if not isinstance(value, list):
            problems.append(Problem(key=at, found=shown(value), expected="a list of tables"))
            return MISSING
        entries = [_value(inner[0], one, f"{at}[{place}]", problems) for place, one in enumerate(value)]
        return MISSING if MISSING in entries else tuple(entries)
    try:
        made = msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        problems.append(Problem(key=at, found=shown(value), expected=wanted(hint, str(error))))
        return MISSING
    if _is_beyond(value):
        problems.append(Problem(key=at, found=shown(value), expected=f"no number beyond {MOST:,}"))
        return MISSING
    return made


def _is_beyond(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_is_beyond, value))
    return isinstance(value, int | float) and abs(value) > MOST


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _is_required(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def wanted(hint: Any, message: str) -> str:
    """What a field asks for: in the words that stand beside its type, as a list, or as the validator says it."""
    inner = get_args(hint)
    if get_origin(hint) is Literal:
        return f"one of {', '.join(inner)}"
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return f"one of {', '.join(hint)}"
    if described := [one.description for one in inner if isinstance(one, Meta) and one.description]:
        return described[0]
    if get_origin(hint) is tuple:
        return f"a list, each of it {wanted(inner[0], 'a text')}"
    if NoneType in inner:
        return wanted(inner[0], message)
    named = {str: "a text", int: "a whole number", bool: "true or false"}.get(hint)
    return named or re.sub(r"^Expected |, got .*|`", "", message)


def shown(value: Any) -> str:
    """A value as a message may repeat it: a password in an address is left out, and so is a webhook's secret."""
    try:
        told = repr(value)
    except ValueError:  # Python writes no number of thousands of digits
        told = "a number without end"
    text = re.sub(r"(?<=whsec_)[^\s',]*", "…", re.sub(r"(?<=://)[^/@\s]*@", "…@", told))
    return text if len(text) <= 80 else f"{text[:80]}…"


def _instead(name: str, known: Iterable[str]) -> str:
    if re.search("secret|key|password|operator", name):
        return "secrets in the environment: ROOMSERVER_TOKEN_SECRET, ROOMSERVER_OPERATOR_TOKEN"
    return f"one of {', '.join(known)}"


_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]#]+?)\s*\]")
_ASSIGNMENT = re.compile(r"""\s*([\w."'-]+)\s*=""")


def _places(text: str) -> dict[str, int]:
    """The line of every dotted key and table, as far as it stands at the beginning of one; the parser tells none."""
    places: dict[str, int] = {}
    counts: dict[str, int] = {}
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            here = _numbered(header[2], counts, new=header[1] == "[[")
            places.setdefault(here, number)
            places.setdefault(re.sub(r"\[\d+\]$", "", here), number)
        elif assignment := _ASSIGNMENT.match(line):
            places.setdefault(_join(here, re.sub("[\"']", "", assignment[1])), number)
    return places


def _numbered(name: str, counts: dict[str, int], *, new: bool) -> str:
    """A table's dotted name with the places of the lists it is in, counted so far; ``new`` begins one more entry."""
    parts, full = [one.strip(" \"'") for one in name.split(".")], ""
    for place, part in enumerate(parts, 1):
        full = _join(full, part)
        if new and place == len(parts):
            counts[full] = counts.get(full, -1) + 1
        if full in counts:
            full += f"[{counts[full]}]"
    return full


def _line(places: Mapping[str, int], key: str) -> int:
    """The line of a key, or of what it is in; 0 for what is nowhere."""
    while key and key not in places:
        key = key.rpartition("[")[0] if key.endswith("]") else key.rpartition(".")[0]
    return places.get(key, 0)
