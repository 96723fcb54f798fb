"""Rows to and from what the store keeps: JSON with one entry per feature, each with its schema number.

    {"s": {"checkin": [1, {…}], "membership": [1, {…}]}, "k": "…",
     "r": [{"id": …, "natural": …, "keys": […], "said": …, "reply": {…}}]}

Above 3 KiB it is deflated. Sections of features that this process does not know are kept as they came. A value in a
section, or a section, that is no plain data says itself how it is kept: by ``to_json``, and by ``from_json`` of its
class where it is not the same fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, Self
from zlib import compress, decompressobj
from zlib import error as zlib_error

import msgspec
import orjson

from room.house import House
from room.people import PLATFORM_ID
from room.row import Result, Row
from roomserver.schema import plain
from roomserver.store import StoredRow
from roomserver.store_limits import BODY

LONG = 3_072
"""Bytes above which a row is deflated: below, which is nearly always, the time for it is worth more than the room."""

LONGEST = BODY
"""Bytes above which a row is left as it is, for the store to refuse: deflating is no way around its bound."""

_PLATFORMS = f"{PLATFORM_ID}#"

_AS_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 19
"""With so many digits a number may be beyond 64 bits: that can be read, but not be written again."""


class _Result(msgspec.Struct, gc=False):
    id: str
    reply: msgspec.Raw
    natural: str | None = None
    keys: tuple[str, ...] = ()
    said: str | None = None


class _Stored(msgspec.Struct, gc=False):
    s: dict[str, tuple[int, msgspec.Raw]] = {}
    r: list[msgspec.Raw] = []
    k: str = ""


class KeptReply(Mapping[str, object]):
    """A reply as it was read: encoded until somebody asks for it again, which hardly anybody does.

    It stands in ``text`` from ``start`` to ``end``, so that the bytes of its whole result need not be kept twice.
    """

    __slots__ = ("_end", "_read", "_start", "_text")

    def __init__(self, text: bytes, start: int, end: int) -> None:
        self._text, self._start, self._end = text, start, end
        self._read: dict[str, object] | None = None

    @property
    def raw(self) -> bytes:
        """The very bytes that were read."""
        return self._text[self._start : self._end]

    def __getitem__(self, name: str) -> object:
        return self._fields()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields())

    def __len__(self) -> int:
        return len(self._fields())

    def to_json(self) -> orjson.Fragment:
        """As it was written."""
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
    """Encodes and decodes the rows of a house; ``unreadable`` counts how often one could not be read."""

    def __init__(self, house: House):
        self.unreadable = 0
        self._house = house
        self._rows = msgspec.json.Decoder(_Stored)
        self._results = msgspec.json.Decoder(_Result)
        self._sections: dict[type, msgspec.json.Decoder[Any]] = {}

    def encode(self, row: Row) -> bytes:
        """A row's body; its version and change go into the store's header."""
        sections: dict[str, object] = {}
        if row.foreign:
            sections.update({name: orjson.Fragment(raw) for name, raw in row.foreign.items()})
        for feature, kind in self._house.sections(row.subject).items():
            if (section := row.sections.get(kind)) is not None:
                told = section.to_json() if hasattr(kind, "to_json") else section
                sections[feature.name] = (feature.schema, told)
        results = b",".join([result.written or _written(result) for result in row.results])
        used = b',"k":' + orjson.dumps(row.used) if row.used else b""
        return packed(b'{"s":%b,"r":[%b]%b}' % (orjson.dumps(sections, default=plain), results, used))

    def decode(self, subject: str, stored: StoredRow | None) -> Row:
        """The row as rules see it.

        Raises UnreadableRow, also for what could not be written back.
        """
        if stored is None:
            return Row(subject=subject)
        try:
            text = unpacked(stored.body)
            row = self._row(subject, stored, self._rows.decode(text))
            if _LONG_NUMBER in text.translate(_AS_ZEROS):
                self.encode(row)
        except (TypeError, ValueError, RecursionError) as error:  # msgspec's own and broken UTF-8 are ValueErrors
            self.unreadable += 1
            raise UnreadableRow(f"{subject}: {error}") from error
        return row

    def _row(self, subject: str, stored: StoredRow, body: _Stored) -> Row:
        """Raises ValueError, TypeError."""
        known = {f.name: (f, kind) for f, kind in self._house.sections(subject).items()}
        sections: dict[type, object] = {}
        foreign: dict[str, bytes] = {}
        for name, (schema, raw) in body.s.items():
            if name in known and schema == known[name][0].schema:
                kind = known[name][1]
                sections[kind] = self._decoder(kind).decode(raw)
            elif name in known:
                raise ValueError(f"{name} has schema {schema}, this server knows {known[name][0].schema}")
            else:
                foreign[name] = b"[%d,%b]" % (schema, bytes(raw))
        return Row(
            subject=subject,
            version=stored.version,
            change=stored.change,
            sections=sections,
            results=tuple([_remembered(bytes(raw), self._results.decode(raw)) for raw in body.r]),
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


def _written(result: Result) -> bytes:
    """A result as rows keep it; made once."""
    body: dict[str, object] = {"id": result.id, "natural": result.natural, "keys": result.keys}
    if result.said is not None:
        body["said"] = result.said
    body["reply"] = result.reply
    written = orjson.dumps(body, default=plain)
    object.__setattr__(result, "written", written)  # what it holds for others stays the same
    return written


def _remembered(written: bytes, read: _Result) -> Result:
    """Raises ValueError when its reply is no object of text."""
    raw = bytes(read.reply)
    if not raw.decode().startswith("{"):
        raise ValueError("a reply must be an object")
    keys, said = read.keys, read.said
    if keys and keys[0].startswith(_PLATFORMS):
        keys, said = _apart(keys, said)
    start = len(written) - 1 - len(raw)  # it is the last that we write
    if written[start:-1] != raw:
        return Result(id=read.id, natural=read.natural, keys=keys, said=said, reply=KeptReply(raw, 0, len(raw)))
    reply = KeptReply(written, start, len(written) - 1)
    result = Result(id=read.id, natural=read.natural, keys=keys, said=said, reply=reply)
    object.__setattr__(result, "written", written)
    return result


def _apart(keys: tuple[str, ...], said: str | None) -> tuple[tuple[str, ...], str | None]:
    """The platform's keys and what was said with the newest, which older rows keep in one text: ``key said``."""
    newest, _, behind = keys[0].partition(" ")
    return (newest, *[key.partition(" ")[0] for key in keys[1:]]), said or behind or None


def _read_as(kind: type[_Kept], stored: object) -> _Kept:
    return kind.from_json(stored)
