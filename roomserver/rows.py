"""Rows to and from what the store keeps: JSON with one entry per feature, each with its schema number.

    {"s": {"checkin": [1, {…}], "membership": [1, {…}]}, "k": "…",
     "r": [{"id": …, "natural": …, "keys": […], "reply": {…}}]}

Above 3 KiB it is deflated. Sections of features that this process does not know are kept as they came. A value in a
section that is no plain data says itself how it is kept: by ``to_json``, and by ``from_json`` of its class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, Self
from zlib import compress, decompressobj
from zlib import error as zlib_error

import msgspec
import orjson

from room.house import House
from room.row import Result, Row
from roomserver.schema import plain
from roomserver.store import StoredRow
from roomserver.store_limits import BODY

LONG = 3_072
"""Bytes above which a row is deflated: below, which is nearly always, the time for it is worth more than the room."""

LONGEST = BODY
"""Bytes above which a row is left as it is, for the store to refuse: deflating is no way around its bound."""


class _Result(msgspec.Struct, gc=False):
    id: str
    reply: msgspec.Raw
    natural: str | None = None
    keys: tuple[str, ...] = ()


class _Stored(msgspec.Struct, gc=False):
    s: dict[str, tuple[int, msgspec.Raw]] = {}
    r: list[_Result] = []
    k: str = ""


class KeptReply(Mapping[str, object]):
    """A reply as it was read: encoded until somebody asks for it again, which hardly anybody does."""

    __slots__ = ("_read", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._read: dict[str, object] | None = None

    def __getitem__(self, name: str) -> object:
        return self._fields()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields())

    def __len__(self) -> int:
        return len(self._fields())

    def to_json(self) -> orjson.Fragment:
        """The very bytes that were read."""
        return orjson.Fragment(self.raw)

    def _fields(self) -> dict[str, object]:
        if self._read is None:
            self._read = orjson.loads(self.raw)
        return self._read


class UnreadableRow(Exception):
    """A stored row is not what this version can read; nothing is written over it."""


class _Kept(Protocol):
    """A value that says itself how it is kept."""

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """The value that ``to_json`` wrote; raises ValueError."""


class RowCodec:
    """Encodes and decodes the rows of a house."""

    def __init__(self, house: House):
        self._house = house
        self._rows = msgspec.json.Decoder(_Stored)
        self._sections: dict[type, msgspec.json.Decoder[Any]] = {}

    def encode(self, row: Row) -> bytes:
        """A row's body; its version and change go into the store's header."""
        sections: dict[str, object] = {name: orjson.Fragment(raw) for name, raw in row.foreign.items()}
        for feature, kind in self._house.sections(row.subject).items():
            if (section := row.sections.get(kind)) is not None:
                sections[feature.name] = (feature.schema, section)
        body: dict[str, object] = {"s": sections, "r": row.results}
        if row.used:
            body["k"] = row.used
        return packed(orjson.dumps(body, default=plain))

    def decode(self, subject: str, stored: StoredRow | None) -> Row:
        """The row as rules see it.

        Raises UnreadableRow.
        """
        if stored is None:
            return Row(subject=subject)
        try:
            body = self._rows.decode(unpacked(stored.body))
            results = tuple([_remembered(result) for result in body.r])
            known = {f.name: (f, kind) for f, kind in self._house.sections(subject).items()}
            sections: dict[type, object] = {}
            foreign: dict[str, bytes] = {}
            for name, (schema, raw) in body.s.items():
                if name in known and schema == known[name][0].schema:
                    kind = known[name][1]
                    sections[kind] = self._decoder(kind).decode(raw)
                elif name in known:
                    ours = known[name][0].schema
                    raise UnreadableRow(f"{subject}: {name} has schema {schema}, this server knows {ours}")
                else:
                    foreign[name] = b"[%d,%b]" % (schema, bytes(raw))
        except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors, and so is broken UTF-8
            raise UnreadableRow(f"{subject}: {error}") from error
        return Row(
            subject=subject,
            version=stored.version,
            change=stored.change,
            sections=sections,
            results=results,
            foreign=foreign,
            used=body.k,
        )

    def _decoder(self, kind: type) -> msgspec.json.Decoder[Any]:
        decoder = self._sections.get(kind)
        if decoder is None:
            decoder = self._sections[kind] = msgspec.json.Decoder(kind, dec_hook=_read_as)
        return decoder


def packed(body: bytes) -> bytes:
    """A row's JSON as it is stored: deflated after a ``z`` when it is long, since years of days deflate well."""
    return b"z" + compress(body, 1) if LONG < len(body) <= LONGEST else body


def unpacked(stored: bytes) -> bytes:
    """A row's JSON.

    Raises ValueError when it is none that ``packed`` could have made.
    """
    if not stored.startswith(b"z"):
        return stored
    inflating = decompressobj()
    try:
        body = inflating.decompress(stored[1:], LONGEST)
    except zlib_error as error:
        raise ValueError(f"cannot be inflated: {error}") from error
    if not inflating.eof:
        raise ValueError(f"more than {LONGEST} bytes, or less than was written")
    return body


def _remembered(result: _Result) -> Result:
    """Raises ValueError when its reply is no object of text."""
    raw = bytes(result.reply)
    if not raw.decode().startswith("{"):
        raise ValueError("a reply must be an object")
    return Result(id=result.id, natural=result.natural, keys=result.keys, reply=KeptReply(raw))


def _read_as(kind: type[_Kept], stored: object) -> _Kept:
    return kind.from_json(stored)
