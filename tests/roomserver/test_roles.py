"""Who may what: every command and query of the house, asked by every role, against a table that the code does not make.

A new command has no row here, so its test fails until somebody has thought about who may give it. The last tests take
every guard away, one after the other, and see the tables find it out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, fields, replace
from typing import Any, get_type_hints

import pytest
import pytest_asyncio

from effects.danmaku import SendDanmaku
from effects.removal import RemoveDanmaku
from moderation.messages import Act, Ban, Kick, Mute, Unban, Unmute
from moderation.sanctions import Sanction, Sanctions
from presence.feature import Join
from room.house import House
from room.message import Command, Query
from room.people import Actor, Role, User
from room.refusal import NotAMember, PermissionDenied, Refused, UnknownMethod
from room.row import Row, member
from room.settings import Settings
from roomserver.features import make_house
from roomserver.open_room import OpenRoom
from roomserver.schema import Schema
from settings.messages import ChangeSettings
from tests.dialogue import ADA, GUEST, HOST, given
from tests.roomserver.http.serving import serving

G, M, S, H, O, R = Role.GUEST, Role.MEMBER, Role.MODERATOR, Role.HOST, Role.OPERATOR, Role.ROOM  # noqa: E741

LEAST = {
    "app.publish": O,
    "checkin.board": G,
    "checkin.calendar": M,
    "checkin.excuse": O,
    "checkin.import": O,
    "checkin.mark": M,
    "checkin.rank": M,
    "danmaku.remove": S,
    "danmaku.send": G,
    "effects.enter": G,
    "effects.settings": M,
    "host.backstage": S,
    "host.call": S,
    "host.cue_done": S,
    "host.listen": S,
    "host.prompt": R,
    "host.stop_listening": S,
    "host.withdraw": R,
    "like.send": G,
    "member.erase": O,
    "member.erase_results": R,
    "membership.accrue": R,
    "membership.assign_tier": O,
    "membership.award": R,
    "membership.card": M,
    "membership.grant_medal": R,
    "membership.import": R,
    "membership.items": G,
    "membership.member": O,
    "membership.redeem": M,
    "membership.review": R,
    "membership.score": O,
    "moderation.ban": S,
    "moderation.kick": S,
    "moderation.mute": S,
    "moderation.unban": S,
    "moderation.unmute": S,
    "presence.end_grace": R,
    "presence.join": G,
    "presence.leave": G,
    "presence.roster": G,
    "room.configure": O,
    "room.follow_picture": R,
    "room.set_live": O,
    "room.set_storage": R,
    "room.settings": S,
    "shoutout.send": S,
    "shoutout.unpin": R,
    "stage.accept": M,
    "stage.candidates": S,
    "stage.invite": S,
    "stage.kick": S,
    "stage.leave": M,
    "stage.mute": S,
    "stage.publish": M,
    "stage.raise": M,
    "stage.show_pictures": R,
    "stage.spotlight": S,
    "stage.tell_quality": R,
    "stage.unmute": S,
    "stage.vacate": R,
    "stage.watch": M,
}
"""The least role that may give each command and ask each query."""

SPOKEN = {kind for kind in LEAST if LEAST[kind] in (G, M, S)} - {
    *("checkin.rank", "effects.enter", "host.listen", "host.stop_listening"),
    *("presence.join", "presence.leave", "stage.publish", "stage.watch"),
}
"""What a client may say at all: the rest is the server's own, or the platform's."""

HOUSE = make_house(pictures=True)
ALL: list[type[Command] | type[Query]] = [*HOUSE.commands, *HOUSE.queries]
KINDS = {kind.kind: kind for kind in ALL}
PEOPLE = {role: Actor(id="guest-1" if role is G else f"u{role}", name="N", role=role) for role in Role}


def sample(kind: type[Command] | type[Query]) -> Command | Query:
    """Some message of a class: whoever may not say it never comes so far that its values matter."""
    hints = get_type_hints(kind)
    needed = [one for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING]
    values: dict[str, Any] = {one.name: _some(hints[one.name]) for one in needed}
    if "key" in hints:
        values["key"] = "k"
    return kind(**{**values, "room": "demo"})


def _some(hint: object) -> object:
    some = {str: "x", int: 0, bool: False, float: 0.0, User: User(id="x", name="x")}
    return next((value for plain, value in some.items() if hint is plain), ())


async def denied(room: OpenRoom, role: Role, message: Command | Query) -> bool:
    """Whether somebody of a role is refused for his role."""
    future: asyncio.Future[bytes | Refused] = asyncio.get_running_loop().create_future()
    try:
        room.ask(PEOPLE[role], message, lambda told: None if future.done() else future.set_result(told))
        answer = await asyncio.wait_for(future, 20)
    except (AttributeError, TypeError, ValueError, AssertionError):  # he came as far as the values
        return False
    return isinstance(answer, NotAMember) or (isinstance(answer, PermissionDenied) and not answer.detail)


async def who_may(room: OpenRoom, kind: type[Command] | type[Query]) -> list[Role]:
    """The roles that are not refused; those of the room itself are not asked what would change what comes next."""
    return [role for role in Role if not await denied(room, role, sample(kind))]


@pytest_asyncio.fixture
async def room() -> AsyncIterator[OpenRoom]:
    async with serving() as on:
        await on.http.put("/api/v1/rooms/demo", json={})
        await on.server.command(PEOPLE[H], ChangeSettings(room="demo", guests_speak=True))  # or else they never do
        yield await on.server.rooms.open("demo")


def test_every_command_and_query_has_its_row() -> None:
    assert sorted(KINDS) == sorted(LEAST)


async def test_every_role_may_what_the_table_says_and_nothing_else(
    room: OpenRoom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    wrong = {}
    for name, kind in KINDS.items():
        may = [role for role in Role if role >= LEAST[name]]
        if (found := await who_may(room, kind)) != may:
            wrong[name] = found
    assert wrong == {}


def test_a_client_can_say_what_is_for_clients_and_nothing_else() -> None:
    schema = Schema(kind for kind in KINDS.values() if kind.on_wire)
    said = set()
    for name in KINDS:
        try:
            schema.decode(name, b"{}", room="demo")
        except UnknownMethod:
            continue
        except Refused:
            pass
        said.add(name)
    assert said == SPOKEN


# Rank and state: what a role alone does not say -----------------------------------------------------------------------

ACTS: Sequence[Act | RemoveDanmaku] = (
    *(kind(room="demo", user="target", key="k") for kind in (Mute, Unmute, Kick, Ban, Unban)),
    RemoveDanmaku(room="demo", user="target"),
)


def outranked(house: House, act: Command, actor: Role, target: Role) -> bool:
    """Whether somebody is refused because whom he acts on is no less than he."""
    room = given(house, replace(ADA, id="target", role=target))
    room.when(act, actor=replace(HOST, id="actor", role=actor))
    refusal, room.refusal = room.refusal, None
    return isinstance(refusal, PermissionDenied)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: type(act).kind)
@pytest.mark.parametrize("actor", [S, H])
@pytest.mark.parametrize("target", [G, M, S, H])
def test_nobody_acts_on_his_like_or_better(act: Command, actor: Role, target: Role) -> None:
    assert outranked(HOUSE, act, actor, target) is (target >= actor)


BAN = Sanctions(ban=Sanction(rank=H))
MUTE = Sanctions(mute=Sanction(rank=H))
SAY = SendDanmaku(room="demo", text="hello")


def stored(sanctions: Sanctions) -> Row:
    return Row(subject=member(ADA.id), version=1).having(sanctions)


STATES: Sequence[tuple[str, str, Row | Settings, Command, Actor]] = (
    ("moderation", "muted", stored(MUTE), SAY, ADA),
    ("moderation", "banned", stored(BAN), Join(room="demo", connection="c"), ADA),
    ("settings", "hosts only", Settings(hosts_only=True), SAY, ADA),
    ("settings", "frozen", Settings(frozen=True), SAY, ADA),
    ("settings", "from a tier", Settings(min_tier=3), SAY, ADA),
    ("settings", "emotes only", Settings(emotes_only=True), SAY, ADA),
    ("settings", "members only", Settings(members_only=True), SAY, ADA),
    ("settings", "guests are silent", Settings(), SAY, GUEST),
)
"""The guard that vetoes, and what it vetoes."""


def vetoed(house: House, state: Row | Settings, command: Command, actor: Actor) -> bool:
    room = given(house, state).when(command, actor=actor)
    refusal, room.refusal = room.refusal, None
    return refusal is not None


@pytest.mark.parametrize(("guard", "name", "state", "command", "actor"), STATES)
def test_a_guard_vetoes(guard: str, name: str, state: Row | Settings, command: Command, actor: Actor) -> None:
    assert guard
    assert vetoed(HOUSE, state, command, actor), name
    assert not vetoed(HOUSE, Settings(guests_speak=True), command, actor), "even where nothing is against it"


# What these tests are worth -------------------------------------------------------------------------------------------


class Unguarded(House):
    """The same house without one feature's guard."""

    def __init__(self, without: str) -> None:
        super().__init__(HOUSE.features, standing=HOUSE.standing)
        self.without = without

    def guards(self, kind: type[Command]) -> Sequence[Any]:
        return [one for one in super().guards(kind) if one.name != self.without]


def test_without_any_one_guard_a_veto_is_missed() -> None:
    watchful = {guard.name for kind in HOUSE.commands for guard in HOUSE.guards(kind)}
    assert watchful == {guard for guard, *_ in STATES}
    for name in watchful:
        house = Unguarded(name)
        for guard, what, state, command, actor in STATES:
            assert vetoed(house, state, command, actor) is (guard != name), what


@contextmanager
def lowered(kind: type[Command] | type[Query], to: Role) -> Iterator[None]:
    """The class with another least role, as if somebody had forgotten it."""
    before = kind.who
    kind.who = to
    try:
        yield
    finally:
        kind.who = before


async def test_without_the_guard_of_any_one_message_the_table_does_not_hold(
    room: OpenRoom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    unnoticed = []
    for name, kind in KINDS.items():
        for to in (role for role in Role if role < LEAST[name]):
            with lowered(kind, to):
                if not await denied(room, to, sample(kind)):
                    continue
            unnoticed.append((name, to))
    doubly = [(name, G) for name, kind in KINDS.items() if LEAST[name] > G and getattr(kind, "durable", False)]
    assert sorted(unnoticed) == sorted(doubly), "a guest is kept from what lasts by another guard too"
