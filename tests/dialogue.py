"""Tests of rules as a dialogue on values: what is given, what is commanded, what then happened.

    given(house, Settings(slow_seconds=5)).when(Send(room="demo", text="hi")).then(Said(text="hi", ...))

A dialogue does what the server does, without waiting: events of passing commands are observed at once; a durable
command's row becomes the state first and its counters are added, then its events are observed. Every turn is run
twice, and must come out the same. A refusal that nobody expected is raised at the next step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Self

from room.change import Change, Claim, Counter
from room.context import Context
from room.house import House
from room.live import SETTINGS, Room
from room.message import Command, Event, Query, Stamped
from room.people import Actor, Role
from room.refusal import NotAMember, PermissionDenied, Refused
from room.row import Row
from room.settings import Settings
from room.turn import Outcome, run

START = 1_700_000_000_000
"""When a dialogue begins unless it says otherwise: 2023-11-14 22:13:20 UTC."""

ROOM_ID = "demo"
ADA = Actor(id="ada", name="Ada")
BOB = Actor(id="bob", name="Bob")
CYD = Actor(id="cyd", name="Cyd")
GUEST = Actor(id="guest-1", name="guest-1", role=Role.GUEST)
MODERATOR = Actor(id="mod", name="Mod", role=Role.MODERATOR)
HOST = Actor(id="host", name="Host", role=Role.HOST)
OPERATOR = Actor(id="operator", name="operator", role=Role.OPERATOR)
ITSELF = Actor(id="", name="", role=Role.ROOM)


def given(house: House, *state: Row | Settings | Actor, at: int = START) -> Dialogue:
    """A room with stored rows, settings and known people, in any order."""
    room = Room(id=ROOM_ID)
    for one in state:
        match one:
            case Row():
                room.rows[one.subject] = one
            case Settings():
                room.rows[SETTINGS] = Row(subject=SETTINGS, version=1).having(one)
            case Actor():
                room.actors[one.id] = one
    return Dialogue(house, room, at)


class Dialogue:
    """A room and what came of the last step: ``events``, ``reply``, ``change``, ``refusal``."""

    def __init__(self, house: House, room: Room, now: int):
        self.house = house
        self.room = room
        self.now = now
        self.turns = 0
        self.stock: dict[str, int] = {}
        self.events: list[Stamped] = []
        self.reply: Mapping[str, object] = {}
        self.change: Change | None = None
        self.refusal: Refused | None = None

    # What is done

    def when(self, message: Command | Query, *, actor: Actor = ADA, at: int | None = None) -> Self:
        """Somebody commands or asks something, at an instant or at the last one."""
        self._begin(at)
        if actor.role <= Role.HOST:
            self.room.actors[actor.id] = actor
        self._attempt(message, actor)
        return self

    def flush(self, at: int | None = None) -> Self:
        """A tick: the features give their merged events."""
        self._begin(at)
        merged = [event for feature in self.house.features for event in feature.flush(self.room, self.now)]
        self._observe([Stamped(id=f"{self._id()}.0", at=self.now, event=event) for event in merged])
        return self

    def wake(self, at: int | None = None) -> Self:
        """Time has passed: the features say what is to be commanded now, and it is done."""
        self._begin(at)
        for feature in self.house.features:
            for command in feature.expire(self.room, self.now):
                self._attempt(command, ITSELF)
        return self

    def deadline(self) -> int | None:
        """The instant at which the room wants to be woken."""
        deadlines = [feature.deadline(self.room) for feature in self.house.features]
        return min((at for at in deadlines if at is not None), default=None)

    def later(self, ms: int) -> Self:
        """The clock goes on."""
        self.now += ms
        return self

    # What is expected

    def then(self, *expected: Event | type[Event]) -> Self:
        """These happened in the last step and nothing else, in this order; a class stands for any event of it."""
        self._raise_unexpected()
        happened = [stamped.event for stamped in self.events]
        wanted = list(expected)
        if len(wanted) == len(happened):
            wanted = [h if w is type(h) else w for w, h in zip(wanted, happened, strict=True)]
        assert happened == wanted, _contrast(happened, wanted)
        return self

    def replies(self, whole: Mapping[str, object] | None = None, /, **fields: object) -> Self:
        """The reply is this one, or has these fields."""
        self._raise_unexpected()
        if whole is not None:
            assert self.reply == whole, _contrast([self.reply], [whole])
        named = {name: self.reply.get(name) for name in fields}
        assert named == fields, _contrast([named], [fields])
        return self

    def refuses(self, kind: type[Refused], *, retry_in: int | None = None) -> Self:
        """The last step was refused for this reason, and nothing changed."""
        refusal, self.refusal = self.refusal, None
        assert type(refusal) is kind, f"refused with {refusal!r}, not {kind.__name__}"
        assert retry_in is None or refusal.retry_in == retry_in
        assert self.events == []
        return self

    # What can be looked at

    def context(self, actor: Actor = ADA, subject: str = "") -> Context:
        """What rules know now; the subject is the caller's own row unless another is named."""
        row = self.room.row(subject or f"m:{actor.id}")
        return Context(room=self.room, actor=actor, row=row, now=self.now, id=self._id(), house=self.house)

    def snapshot(self, actor: Actor = ADA) -> Mapping[str, object]:
        """The room as somebody finds it."""
        return self.house.snapshot(self.context(actor))

    # How a step goes

    def _begin(self, at: int | None) -> None:
        self._raise_unexpected()
        self.now = self.now if at is None else at
        self.events, self.reply, self.change = [], {}, None

    def _raise_unexpected(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    def _id(self) -> str:
        self.turns += 1
        return f"t{self.turns}"

    def _attempt(self, message: Command | Query, actor: Actor) -> None:
        try:
            if isinstance(message, Query):
                self._ask(message, actor)
            else:
                self._command(message, actor)
        except Refused as refused:
            self.refusal = refused

    def _ask(self, query: Query, actor: Actor) -> None:
        if actor.role < query.who:
            raise NotAMember if actor.role is Role.GUEST and query.who is Role.MEMBER else PermissionDenied
        self.reply = self.house.queries[type(query)].answer(query, self.context(actor))

    def _command(self, command: Command, actor: Actor) -> None:
        context = self.context(actor, command.subject(actor))
        outcome = self._run(command, context)
        while outcome.change is not None and (failed := self._failed(outcome.change) - context.failed):
            context = replace(context, failed=context.failed | failed)
            outcome = self._run(command, context)
        if outcome.change is not None:
            self._commit(outcome.change)
        self.reply, self.change = outcome.reply, outcome.change
        self._observe(outcome.events)

    def _run(self, command: Command, context: Context) -> Outcome:
        outcome = run(self.house, command, context)
        assert run(self.house, command, context) == outcome, "a turn that is run again must come out the same"
        return outcome

    def _failed(self, change: Change) -> frozenset[str]:
        claims = [claim for claim in change.parts if isinstance(claim, Claim)]
        return frozenset(c.name for c in claims if self.stock.get(c.name, c.stock) < c.take)

    def _commit(self, change: Change) -> None:
        assert change.version == self.room.row(change.row.subject).version
        self.room.rows[change.row.subject] = change.row
        for part in change.parts:
            match part:
                case Counter():
                    self.room.counters[part.name] = self.room.counters.get(part.name, 0) + part.add
                case Claim():
                    self.stock[part.name] = self.stock.get(part.name, part.stock) - part.take
                    if self.stock[part.name] == 0:
                        self.room.exhausted.add(part.name)
                case _:
                    pass

    def _observe(self, events: Iterable[Stamped]) -> None:
        for stamped in events:
            self.events.append(stamped)
            for feature in self.house.features:
                feature.observe(stamped, self.room)


def _contrast(came: Iterable[object], expected: Iterable[object]) -> str:
    lines = ["what came:", *map(repr, came), "what was expected:", *map(repr, expected)]
    return "\n  ".join(lines)
