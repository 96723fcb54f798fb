"""Entrances: how the room is shown that somebody with an effect has come in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from effects.catalogue import EffectDef
from effects.lane import Arrival, Entrances, Unplayed
from room.context import Context
from room.live import Room
from room.message import Audience, Command, Event, Lane
from room.people import Role, User
from room.row import member
from room.settings import Privacy

SILENCE_MS = 300_000
"""After an entrance, the time in which the same user has no other in this room, however often he comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter(Command):
    """Somebody has come in; given by the server only."""

    kind: ClassVar[str] = "effects.enter"
    who: ClassVar[Role] = Role.GUEST
    on_wire: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntranceEarned(Event):
    """Somebody with the effect of this id came in; told to nobody, but taken into the lane."""

    kind: ClassVar[str] = "effects.entrance_earned"
    lane: ClassVar[Lane] = Lane.ENTRANCE
    audience: ClassVar[Audience] = Audience.NOBODY

    user: User
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """An effect as pages play it: for ``duration_ms``, or as ``reduced`` where less motion is wished for."""

    id: str
    priority: int
    duration_ms: int
    reduced: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntranceShown(Event):
    """Either one entrance (``user``, ``effect``), or those who came too many at a time (at most three ``users`` by
    name, ``count`` in all).

    A page plays its own user's entrance from the snapshot when he joins, and passes over it here.
    """

    kind: ClassVar[str] = "effects.entered"
    lane: ClassVar[Lane] = Lane.ENTRANCE

    user: User | None = None
    effect: Effect | None = None
    users: tuple[User, ...] | None = None
    count: int | None = None


class EntranceEffects:
    """The rules of entrances over a catalogue of effects."""

    def __init__(self, definitions: Iterable[EffectDef]):
        self._by_id = {definition.id: definition for definition in definitions}

    def enter(self, context: Context) -> Iterable[Event]:
        """An entrance, unless the caller has none, wants none or had one a moment ago."""
        effect = self._effect(context)
        if effect is None or context.now < context.room.state(Entrances).silent.of(context.actor.id):
            return
        yield EntranceEarned(user=context.user, effect=effect.id)

    def note(self, event: EntranceEarned, at: int, room: Room) -> None:
        """Take an entrance into the room's lane; from now on its user is silent."""
        effect = self._by_id.get(event.effect)
        if effect is None:
            return  # earned on another server, which has another catalogue
        entrances = room.state(Entrances)
        entrances.silent.set(event.user.id, at + SILENCE_MS, now=at)
        entrances.arrive(event.user, effect, at)

    def own(self, context: Context) -> Mapping[str, object]:
        """The caller's part of the snapshot: the entrance that his own page plays, silence or not; else null."""
        effect = self._effect(context)
        return {"entrance": None if effect is None else _shown(effect)}

    def _effect(self, context: Context) -> EffectDef | None:
        if not context.row_of(member(context.actor.id)).of(Privacy).entrance:
            return None
        return self._by_id.get(context.standing.entitlements.effect or "")


def flush(room: Room, now: int) -> Iterable[Event]:
    """What the lane shows in this tick."""
    for shown in room.state(Entrances).flush(now):
        match shown:
            case Arrival(user=user, effect=effect):
                yield EntranceShown(user=user, effect=_shown(effect))
            case Unplayed(users=users, count=count):
                yield EntranceShown(users=users, count=count)


def _shown(effect: EffectDef) -> Effect:
    return Effect(id=effect.id, priority=effect.priority, duration_ms=effect.duration_ms, reduced=effect.reduced)
