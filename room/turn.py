"""A turn: one command carried through all rules, on values.

    known? ─ may he? ─ guards ─ decide ─ evolve ─ reactions ─ receipts ─ Change

A command that is known already is answered as it was: by its key, which is its caller's own, before all else; by its
nature only to who may give it. What is decided is folded into a draft of the subject's row, event by event; reactions
run breadth first on that draft, without guards. So a check-in, its points, its medal and its tier are one turn and one
commit. A turn changes nothing and may be run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from room.change import Change, Part
from room.context import Context
from room.feature import Feature, Turn
from room.house import House
from room.message import Command, Event, Sign, Stamped
from room.people import Role
from room.refusal import BadRequest, KeyTaken, KeyUsed, NotAMember, PermissionDenied, Refused
from room.row import Result
from room.value import value

STEPS = 64
"""How many commands one turn may run: reactions that feed each other are a fault, not a load."""


@value(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a turn comes to: events to tell, the reply, and what is to be stored first, if anything.

    ``replayed`` marks the remembered reply of an earlier turn; ``skipped`` counts reactions that were refused.
    """

    events: tuple[Stamped, ...] = ()
    reply: Mapping[str, object]
    change: Change | None = None
    replayed: bool = False
    skipped: int = 0


class ReactionLoop(Exception):
    """Reactions led to more than 64 commands in one turn."""


def run(house: House, command: Command, context: Context) -> Outcome:
    """Carry a command through.

    Raises Refused when a rule says no, ReactionLoop when reactions do not end.
    """
    key, said = _keyed(command, context), command.said_by(context.actor)
    if key is not None and command.durable:
        if (result := context.row.known(natural=None, key=key)) is not None:
            if result.said not in (None, said):
                raise KeyTaken
            return _replay(result, key, context)
        if command.needs_key and context.row.has_used(key):
            raise KeyUsed
    _check_role(command, context)
    if command.needs_key and command.attempt is None:
        raise BadRequest("key is required")
    natural = house.commands[type(command)].natural(command, context) if command.durable else None
    if natural is not None and (result := context.row.known(natural=natural, key=None)) is not None:
        return _replay(result, key, context)
    for feature in house.guards(type(command)):
        feature.guard(command, context)
    return _Course(house, command, context).outcome(natural, key, said)


def _check_role(command: Command, context: Context) -> None:
    role = context.actor.role
    if role >= command.who and not (role is Role.GUEST and command.durable):
        return
    raise NotAMember if role is Role.GUEST and command.who <= Role.MEMBER else PermissionDenied


def _keyed(command: Command, context: Context) -> str | None:
    key = command.attempt
    return None if key is None else f"{context.actor.id}#{command.kind}#{key}"


def _replay(result: Result, key: str | None, context: Context) -> Outcome:
    """The first reply once more; a new key for a known deed is written down."""
    reply = {**result.reply, "replayed": True} if "replayed" in result.reply else result.reply
    if key is None or key in result.keys:
        return Outcome(reply=reply, replayed=True)
    row = context.row.remembering(replace(result, keys=(key, *result.keys))).next(context.id)
    change = Change(id=context.id, version=context.row.version, row=row)
    return Outcome(reply=reply, replayed=True, change=change)


class _Course:
    """The working state of one turn."""

    def __init__(self, house: House, command: Command, context: Context):
        self.house = house
        self.command = command
        self.start = context
        self.context = context
        self.events: list[Stamped] = []
        self.parts: list[Part] = []
        self.sections = house.sections(context.row.subject)
        self.took_part: list[Feature] = []
        self.draft: dict[type, object] | None = None
        self.skipped = 0

    def outcome(self, natural: str | None, key: str | None, said: str | None) -> Outcome:
        self._carry_through()
        turn = Turn(command=self.command, context=self.context, events=self.events)
        reply: dict[str, object] = {}
        for feature in self.took_part:
            reply.update(feature.receipt(turn))
        change = self._stored(natural, key, said, reply) if self.command.durable else None
        return Outcome(events=tuple(self.events), reply=reply, change=change, skipped=self.skipped)

    def _carry_through(self) -> None:
        waiting = [(self.command, True)]
        for step, (command, required) in enumerate(waiting):  # the list grows while it is walked
            if step == STEPS:
                raise ReactionLoop(type(self.command).kind)
            try:
                waiting += self._step(command)
            except Refused:
                if required:
                    raise
                self.skipped += 1

    def _step(self, command: Command) -> list[tuple[Command, bool]]:
        house = self.house
        feature = house.commands[type(command)]
        decided = list(feature.decide(command, self.context))
        if feature not in self.took_part:
            self.took_part.append(feature)
        following: list[tuple[Command, bool]] = []
        for event in decided:
            self._happen(event, feature)
            if (reactions := house.reactions.get(type(event))) is not None:
                for reaction in reactions:
                    for made in reaction.make(event, self.context):
                        following.append((made, reaction.required))  # noqa: PERF401 - on the path of every check-in
        return following

    def _happen(self, event: Event, feature: Feature) -> None:
        """An event is folded and recorded by the feature that decided it: no other can know its class."""
        stamped = Stamped(id=f"{self.context.id}.{len(self.events)}", at=self.context.now, event=event)
        self.events.append(stamped)
        if not event.durable:
            return
        assert self.command.durable, f"{type(event).kind} is durable, {type(self.command).kind} is not"
        if event.sign is Sign.FORGOTTEN and event.concerns is not None:
            left = self.start.row.without(event.concerns)
            self.draft = {**left.sections}
            self.context = self.start.drafting(left.drafted(self.draft))
        kind = self.sections.get(feature)
        if kind is not None:
            section: object = self.context.row.of(kind)
            evolved = feature.evolve(section, event)
            if evolved is not section:
                self._draft(evolved)
        self.parts.extend(feature.record(event, self.context))

    def _draft(self, section: object) -> None:
        """Put a section into the draft, which is made at the first change and is this turn's alone until its end."""
        if self.draft is None:
            self.draft = {**self.start.row.sections}
            self.context = self.start.drafting(self.start.row.drafted(self.draft))
        self.draft[type(section)] = section

    def _stored(
        self, natural: str | None, key: str | None, said: str | None, reply: Mapping[str, object]
    ) -> Change | None:
        start, row = self.start, self.context.row
        told = tuple([stamped for stamped in self.events if stamped.event.durable])
        if self.draft is None and not self.parts and not told:
            return None
        result = None
        if natural is not None or key is not None:
            keys = () if key is None else (key,)
            said = said if natural is None else None  # what is the same by nature is, whatever was said
            result = Result(id=start.id, natural=natural, keys=keys, said=said, reply=reply)
        if key is not None and self.command.needs_key:
            row = row.using(key)
        stored = row.next(start.id, result)
        return Change(id=start.id, version=start.row.version, row=stored, parts=tuple(self.parts), outbox=told)
