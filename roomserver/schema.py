"""Messages to and from JSON, made once at start from the classes of the house.

Plain dataclasses would let unknown fields pass, so each command and query gets a strict Struct of the same fields;
what it refuses is a BadRequest that names the field.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from operator import attrgetter
from types import GenericAlias, NoneType, UnionType
from typing import Annotated, Any, Protocol, Union, get_args, get_origin, get_type_hints

import msgspec
import orjson

from room.message import Bounds, Command, Event, Query, Stamped
from room.people import User
from room.refusal import BadRequest, UnknownMethod

# ``Any`` in this module: annotations read at run time, and Structs made from them.


@dataclass(frozen=True, slots=True)
class _Decoder:
    """How one kind is decoded; ``names`` are its fields as JSON has them."""

    kind: type[Command] | type[Query]
    decoder: msgspec.json.Decoder[Any]
    names: tuple[bytes, ...]


@cache
def _decoder(kind: type[Command] | type[Query]) -> _Decoder:
    """The decoder of a kind; it has no state, so all servers of a process share it."""
    names = tuple(f'"{one.name}"'.encode() for one in fields(kind))
    return _Decoder(kind, msgspec.json.Decoder(_strict(kind)), names)


class Schema:
    """Strict decoders for commands and queries, by their wire name."""

    def __init__(self, kinds: Iterable[type[Command] | type[Query]]):
        # A class is hashable, whatever mypy thinks of a union of them.
        self._decoders = {kind.kind: _decoder(kind) for kind in kinds}  # type: ignore[arg-type]

    def decode(self, method: str, data: bytes, *, room: str | None = None) -> Command | Query:
        """The command or query that a call names; ``room`` is where it belongs when its data need not say.

        Raises UnknownMethod, BadRequest.
        """
        known = self._decoders.get(method)
        if known is None:
            raise UnknownMethod(method[:64])
        try:
            struct = known.decoder.decode(data or b"{}")
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise BadRequest(str(error)[:200]) from None
        if b"\\" in data or _comes_twice(data, known.names):
            json.loads(data, object_pairs_hook=_single)  # the decoder takes the last of two fields of one name
        given = msgspec.structs.asdict(struct)
        if room is not None:
            given["room"] = room
        elif not given["room"]:
            raise BadRequest("Object missing required field `room`")
        return known.kind(**given)


def _comes_twice(data: bytes, names: tuple[bytes, ...]) -> bool:
    """Whether one of these stands there twice, as a field or otherwise; with escapes it may without being seen."""
    for name in names:  # noqa: SIM110  # on the way of every command, and `any` takes twice as long
        if data.count(name) > 1:
            return True
    return False


def _single(pairs: list[tuple[str, object]]) -> None:
    """Raises BadRequest for a field that is given twice: whoever looked at it on the way may have read the other."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise BadRequest(f"Object contains field `{name[:64]}` twice")


def _strict(kind: type[Command] | type[Query]) -> type[msgspec.Struct]:
    hints = get_type_hints(kind, include_extras=True)
    made: list[tuple[str, Any] | tuple[str, Any, Any]] = [("room", str, "")]
    for one in fields(kind):
        if one.name == "room":
            continue
        annotation = _checked(hints[one.name])
        made.append((one.name, annotation) if one.default is MISSING else (one.name, annotation, one.default))
    return msgspec.defstruct(kind.__name__, made, forbid_unknown_fields=True, kw_only=True, gc=False)


def _checked(annotation: Any) -> Any:
    """The annotation with the kernel's Bounds turned into msgspec's, wherever they stand in it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        base, *facts = arguments
        return Annotated[_checked(base), *(_meta(base, f) if isinstance(f, Bounds) else f for f in facts)]
    if origin is tuple:
        return GenericAlias(tuple, (_checked(arguments[0]), ...))
    if origin in (Union, UnionType):
        return Union[tuple(_checked(one) for one in arguments)]  # noqa: UP007  # made at run time
    return annotation


def _meta(base: Any, limits: Bounds) -> msgspec.Meta:
    if get_origin(base) is tuple:
        return msgspec.Meta(min_length=limits.least, max_length=limits.most)
    types = [one for one in get_args(base) if one is not NoneType] or [base]
    if types == [str]:
        return msgspec.Meta(min_length=limits.least, max_length=limits.most, pattern=limits.pattern)
    return msgspec.Meta(ge=limits.least, le=limits.most)


def encode_event(stamped: Stamped) -> bytes:
    """An event as viewers get it: ``type``, ``id``, ``at`` and its fields, without those that are None; made once."""
    written = stamped.written
    if written is None:
        written = _encoded(stamped)
        object.__setattr__(stamped, "written", written)  # what it holds for others stays the same
    return written


def encode_kept(stamped: Stamped) -> bytes:
    """An event as the outbox keeps it: people by id and tier, and nothing that they wrote."""
    personal, unkept = _personal(type(stamped.event)), type(stamped.event).unkept
    if not personal and not unkept:
        return encode_event(stamped)
    said = _said(stamped)
    for name in personal:
        if name in said:
            said[name] = _nameless(said[name])
    for name in unkept:
        said.pop(name, None)
    return orjson.dumps(said)


def _encoded(stamped: Stamped) -> bytes:
    return orjson.dumps(_said(stamped))


def _said(stamped: Stamped) -> dict[str, object]:
    event = stamped.event
    said: dict[str, object] = {"type": event.said_as, "id": stamped.id, "at": stamped.at}
    names, values_of, optional = _known_fields.get(type(event)) or _fields(type(event))
    said.update(zip(names, values_of(event), strict=True))
    for name in optional:
        if said[name] is None:
            del said[name]
    return said


_known_personal: dict[type[Event], frozenset[str]] = {}


def _personal(kind: type[Event]) -> frozenset[str]:
    """The fields of an event, as they are said, in which people are shown."""
    known = _known_personal.get(kind)
    if known is None:
        hints = get_type_hints(kind)
        known = frozenset(one.name.rstrip("_") for one in fields(kind) if _shows_people(hints[one.name]))
        _known_personal[kind] = known
    return known


def _shows_people(hint: Any) -> bool:
    if hint is User:
        return True
    if isinstance(hint, type) and is_dataclass(hint):
        return any(_shows_people(one) for one in get_type_hints(hint).values())
    return any(_shows_people(one) for one in get_args(hint))


def _nameless(value: Any) -> object:
    """The same without the names of people: ids stay, as they do where somebody was erased."""
    match value:
        case User():
            return {"id": value.id, "tier": value.tier}
        case tuple() | list():
            return [_nameless(one) for one in value]
        case _ if is_dataclass(value):
            return {one.name: _nameless(getattr(value, one.name)) for one in fields(value)}
    return value


_Fields = tuple[tuple[str, ...], Callable[[Event], tuple[object, ...]], tuple[str, ...]]
_known_fields: dict[type[Event], _Fields] = {}


def _fields(kind: type[Event]) -> _Fields:
    """How an event's fields are said, what takes all their values at once, and which of them may be None."""
    names = [one.name for one in fields(kind)]
    said = tuple(name.rstrip("_") for name in names)
    hints = get_type_hints(kind)
    optional = tuple(name.rstrip("_") for name in names if _may_be_none(hints[name]))
    values_of: Callable[[Event], tuple[object, ...]] = attrgetter(*names) if len(names) > 1 else _values_one_by_one
    _known_fields[kind] = known = said, values_of, optional
    return known


def _may_be_none(annotation: Any) -> bool:
    return annotation is Any or annotation is object or NoneType in (annotation, *get_args(annotation))


def _values_one_by_one(event: Event) -> tuple[object, ...]:
    """The values of at most one field, which attrgetter would give bare."""
    return tuple([getattr(event, one.name) for one in fields(event)])


def encode(reply: Mapping[str, object]) -> bytes:
    """A reply or a snapshot as JSON."""
    return orjson.dumps(reply, plain, orjson.OPT_NON_STR_KEYS)


class _Told(Protocol):
    def to_json(self) -> object:
        """The value as plain data."""


def plain(value: _Told) -> object:
    """A value that is no plain data, as it says itself that it is written.

    Raises TypeError when it says nothing.
    """
    try:
        return value.to_json()
    except AttributeError:
        raise TypeError(f"{type(value).__name__} is no plain data") from None


def batch(
    events: Iterable[bytes],
    *,
    online: int | None = None,
    shed: Mapping[str, int] | None = None,
    room: str | None = None,
) -> bytes:
    """The envelope of one tick: encoded events in room order, who is online, what was shed; ``room`` if it must say."""
    end = b"" if online is None else b',"online":%d' % online
    if room is not None:
        end += b',"room":' + orjson.dumps(room)
    if shed:
        end += b',"shed":' + orjson.dumps(shed, option=orjson.OPT_NON_STR_KEYS)  # lanes are an enumeration
    return b'{"events":[' + b",".join(events) + b"]" + end + b"}"
