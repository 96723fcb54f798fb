"""Makes docs/protocol.md from the classes that are served (``make docs``)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from inspect import getdoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from room.house import House
from room.message import Audience, Bounds, Command, Event, Query, ReplyAt
from room.people import Role
from room.refusal import Refused
from roomserver.centrifuge import codes
from roomserver.features import make_house

INTRODUCTION = """\
# The wire protocol

*Made from the message classes by `make docs`; a test fails when this page is stale.*

Clients speak the Centrifuge client protocol v2 at `/connection/websocket`, in JSON or (subprotocol
`centrifuge-protobuf`, or `?format=protobuf`) in Protobuf; the official SDKs are the clients. Every feature is reached
by `rpc`: the method is the name below, `data` its fields and always `room`, which the caller must have joined.
Unknown fields are refused. A field marked `?` may be left out.

## Channels

| channel | what it carries |
|---|---|
| `room:<id>` | the room's public batches `{events, online, shed?}`; recoverable by epoch and offset |
| `#<user>` | what is for one member, `{events, room}`; of all his rooms, subscribed by the server, not recoverable |
| `host:<id>` | what is for the room's hosts and moderators, `{events}`; its reply has the `data` of `host.backstage` |

Ids of rooms match `[A-Za-z0-9_-]{1,64}`, of users `[A-Za-z0-9_.|:@-]{1,128}`, but not `.` or `..`. `presence`,
`presence_stats`, `history` and `publish` need a finished join. A connection may be in 128 channels and have 64 calls
under way. One batch is one tick of the room: its events in room order, each with `type`, `id` (unique in the room)
and `at` (ms since 1970). `shed` counts, by lane, what was accepted but not shown since the batch before.

A frame is a sequence of commands; a bad one spoils the whole frame (close 3501). Of several requests in a command the
first by field number counts; an id of 0 is for `send` alone. `unsubscribe` always succeeds, and `sub_refresh` is
answered with 108, since subscriptions have no tokens here. After a refused `connect` further commands are ignored
until the client closes.

## Keys

`key` (1–64 characters) names one attempt of one user at one method in one room. A known key gets its first reply,
from any device; refusals are not remembered. Durable results are kept with the subject's row (the last 4 keys of each
caller and the newest result that is unique by nature, such as a day's check-in), those of passing commands for 5
minutes in memory.
"""

REPLIES = {
    "room.settings": "{slow_seconds, min_tier, members_only, emotes_only, hosts_only, frozen, guests_speak}",
    "host.backstage": (
        "{role, cues, missed, muted: [{user: {id, name, tier}, until, reason}], today, "
        "entrances: [{tier, played, merged, mean_ms, p95_ms}]}"
    ),
    "presence.roster": "{members: [{id, name, tier, days?, away?}], next, online}",
    "host.cue_done": "{}",
    "host.call": "{}",
    **dict.fromkeys(("moderation.mute", "moderation.unmute", "moderation.kick"), "{}"),
    **dict.fromkeys(("moderation.ban", "moderation.unban", "danmaku.remove", "like.send"), "{}"),
    "danmaku.send": "{id, status, style, degraded?}",
    **dict.fromkeys(("stage.raise", "stage.invite", "stage.leave", "stage.mute", "stage.unmute"), "{}"),
    **dict.fromkeys(("stage.kick", "stage.spotlight"), "{}"),
    "stage.accept": "{slot, number}",
    "stage.candidates": "{candidates: [{user, streak, at}], count}",
    "shoutout.send": "{id, online, reached}",
    "effects.settings": "{entrance, hide_streak}",
    "checkin.mark": (
        "{id, day, streak, best, total, replayed, points, balance, rewards: [{id, kind, title}], "
        "medals: [{id, title}], next: {day, title, in}, expires_at, at, durability}"
    ),
    "checkin.board": "{rows: [{rank, user: {id, name, tier}, length, total}], me: {rank, length, total}}",
    "checkin.calendar": "{month, days: [{date, kind}], current, best, total, next: {day, title, in}}",
    "membership.redeem": "{redemption: {id, item, kind, title, price, at}, balance}",
    "membership.items": "{items: [{id, kind, title, price, tier?, left?, mine?}], balance}",
    "membership.card": (
        "{user: {id, name, tier}, tier: {level, name, badge}, medals: [{id, title}], "
        "streak?: {current, best, total, done_today}, points?, qualifying?, next_tier?: {name, in}, "
        "will_downgrade?: {tier, to, points_needed, by}, assigned?: {level, until}, "
        "points_today?: [{rule, points, daily}], "
        "path?: {tiers: [{level, name, at, reached}], history: [{at, from_tier, tier}], until}, "
        "entitlements?: {version, styles, modes, emotes, effects, perks}, settings?: {entrance, hide_streak}, "
        "muted?: {until, reason}}"
    ),
}
"""What each command and query is answered with. Replies are put together by several features, so no class says it."""

SNAPSHOT = (
    "{at, wire, room: {id, title, host, live, live_since, stream, schedule: {next_at}, ended_at, zone, boundary, "
    "language, cadence, live_minutes, dwell_seconds, storage, settings}, "
    "online, me, checkin: {day, done, current, next: {day, title, in}, eligible_in, expires_at, "
    "ladder: [{day, title, medal?: {id, title}, stock?, by?}], month}, pinned: {id, by, to, text, pinned_until}, "
    "styles: [{id, name, color, modes, locked?: {tier}}], "
    "emotes: [{id, pack, alt, alt_zh, size, locked?: {tier}}], "
    "effects: {entrance: {id, priority, duration_ms, reduced}}, "
    "likes: {total}, stage: {seats: [{slot, user, state, number, since, until, muted}], number, spotlight}, "
    "media: {whep, whip, slots}}"
)

JOIN = f"""\
## The room snapshot

`data` of the reply to a `subscribe` of `room:<id>`: `{SNAPSHOT}`.

`settings` are those of `room.settings`, `me` is one's own `membership.card`, `month` a `checkin.calendar`; a guest has
null for `me` and `checkin`. `next`, `pinned`, `entrance` and instants are null where there is none; so is `media`
where no pictures are carried. Its `slots` are those for which pictures come in. `stage` is null where a room has one
picture, carried by another server: a viewer then asks for that slot alone.
"""


def page(house: House) -> str:
    """The whole page."""
    return INTRODUCTION + "\n" + "\n".join(_sections(house)) + "\n"


def _sections(house: House) -> Iterator[str]:
    yield JOIN
    yield "## Commands and queries\n"
    for feature in house.features:
        kinds: list[type[Command] | type[Query]] = [*feature.commands, *feature.queries]
        yield from (_asked(kind) for kind in kinds if kind.on_wire)
    yield "## Events\n"
    for feature in house.features:
        yield from (_told(kind) for kind in feature.events if kind.audience)
    yield "## Refusals\n"
    yield "Errors never close the connection. Where waiting helps, the message ends in `; retry in N ms`.\n"
    yield from _table(("code", "message", "temporary", "when"), _refused(house))
    yield "\n## Errors of the protocol itself\n"
    yield from _table(("code", "message", "temporary"), _errors(house))
    yield "\n## Closes\n"
    yield from _table(("code", "reason", "SDKs reconnect"), _closes())
    yield "\n## Ends of a subscription\n"
    yield from _table(("code", "reason", "SDKs subscribe again"), _ends())


def _asked(kind: type[Command] | type[Query]) -> str:
    facts = [f"least role: {_role(kind.who)}"]
    if issubclass(kind, Command):
        facts += ["durable: answered when stored"] if kind.durable else []
        facts += ["`key` required"] if kind.needs_key else []
        facts += ["answered when its tick is written"] if kind.reply_at is ReplyAt.TICK else []
    else:
        facts.append("query")
    rows = [row for one in fields(kind) if one.name != "room" for row in [_field(kind, one)]]
    return f"{_entry(kind.kind, kind, facts, rows)}\nReply: `{REPLIES[kind.kind]}`\n"


def _told(kind: type[Event]) -> str:
    names = {Audience.ROOM: "the room", Audience.MEMBER: "the member", Audience.HOST: "the hosts"}
    told = " and ".join(name for audience, name in names.items() if audience in kind.audience)
    facts = [f"told to {told}", f"lane: {kind.lane}", *(["durable"] if kind.durable else [])]
    return _entry(kind.kind, kind, facts, [_field(kind, one) for one in fields(kind)])


def _entry(name: str, kind: type, facts: Iterable[str], rows: list[tuple[str, str]]) -> str:
    about = _about(kind)
    table = "\n" + "\n".join(_table(("field", "type"), rows)) + "\n" if rows else ""
    return f"### `{name}`\n\n{about}\n\n*{' · '.join(facts)}*\n{table}"


def _field(kind: type, one: Field[Any]) -> tuple[str, str]:
    annotation = get_type_hints(kind, include_extras=True)[one.name]
    optional = one.default is not MISSING or one.default_factory is not MISSING
    default = "" if one.default in (MISSING, None) else f", default {one.default!r}"
    return f"`{one.name.rstrip('_')}`{'?' if optional else ''}", _words(annotation) + default


def _words(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        limits = [_bounds(fact) for fact in arguments[1:] if isinstance(fact, Bounds)]
        return " ".join([_words(arguments[0]), *limits])
    if origin in (Union, UnionType):
        return " or ".join(_words(one) for one in arguments if one is not NoneType)
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in arguments)
    if origin is tuple:
        return f"list of {_words(arguments[0])}"
    if origin is Mapping:
        return "object"
    if hasattr(annotation, "__dataclass_fields__"):
        return "{" + ", ".join(one.name for one in fields(annotation)) + "}"
    return {str: "text", int: "number", bool: "true or false", float: "number"}.get(annotation, str(annotation))


def _bounds(limits: Bounds) -> str:
    if limits.least is None and limits.most is None:
        return ""
    return f"({'' if limits.least is None else limits.least}–{'' if limits.most is None else limits.most})"


def _role(role: Role) -> str:
    return {Role.GUEST: "anyone"}.get(role, role.name.lower())


def _errors(house: House) -> list[tuple[str, str, str]]:
    """The standard errors that no rule gives."""
    given = {kind.code for kind in refusals(house)}
    return [(str(one.code), one.message, _yes(one.temporary)) for one in codes.ERRORS if one.code not in given]


def _refused(house: House) -> list[tuple[str, str, str, str]]:
    return [(str(k.code), k.reason, _yes(k.temporary), _about(k)) for k in refusals(house)]


def refusals(house: House) -> list[type[Refused]]:
    """The kernel's and those of the features that are served, by their code."""
    packages = {"room", *(type(feature).__module__.partition(".")[0] for feature in house.features)}
    served = (kind for kind in _kinds(Refused) if kind.__module__.partition(".")[0] in packages)
    return sorted(served, key=lambda kind: (kind.code, kind.__name__))


def _kinds(kind: type[Refused]) -> Iterator[type[Refused]]:
    for one in kind.__subclasses__():
        if "code" in vars(one):
            yield one
        yield from _kinds(one)


def _closes() -> list[tuple[str, str, str]]:
    return [(str(why.code), why.reason, _yes(why.reconnect)) for why in codes.DISCONNECTS]


def _ends() -> list[tuple[str, str, str]]:
    return [(str(why.code), why.reason, _yes(why.resubscribe)) for why in codes.UNSUBSCRIPTIONS]


def _about(kind: type) -> str:
    return " ".join((getdoc(kind) or "").split()).replace("``", "`")


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


if __name__ == "__main__":
    sys.stdout.write(page(make_house()))
