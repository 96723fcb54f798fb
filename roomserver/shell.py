"""What every open room shares: the rules, the clock, the way to the store and to people."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from room.feature import Feature
from room.house import House
from room.message import Command, Event, Query, Stamped
from roomserver.audit import Audit
from roomserver.clock import Clock, Ids
from roomserver.committer import Committer
from roomserver.conservation import Conservation
from roomserver.hub import Fanout, People
from roomserver.load import Load
from roomserver.metrics import Metrics
from roomserver.outlet import Mailbag
from roomserver.prepublish import Prepublish
from roomserver.schema import Schema

Listener = Callable[[str, Stamped], None]
"""Hears, with the room's id, of every event once it is observed: for what a room's rules cannot do themselves."""


@dataclass(slots=True, kw_only=True)
class Shell:
    """The parts that the composition root puts together once."""

    house: House
    clock: Clock
    committer: Committer
    metrics: Metrics
    loop: asyncio.AbstractEventLoop
    prepublish: Prepublish | None = None
    ids: Ids = field(default_factory=Ids)
    fanout: Fanout = field(default_factory=Fanout)
    load: Load = field(default_factory=Load)
    conservation: Conservation = field(default_factory=Conservation)
    mailbag: Mailbag = field(init=False)
    schema: Schema = field(init=False)
    people: People = field(init=False)
    audit: Audit = field(init=False)
    observers: tuple[Feature, ...] = field(init=False)
    flushers: tuple[Feature, ...] = field(init=False)
    wakers: tuple[Feature, ...] = field(init=False)
    listeners: list[Listener] = field(default_factory=list)
    _noticing: dict[type[Event], tuple[Feature, ...]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        kinds: list[type[Command] | type[Query]] = [*self.house.commands, *self.house.queries]
        self.schema = Schema(kind for kind in kinds if kind.on_wire)
        self.mailbag = Mailbag(self.loop)
        self.committer.after_telling = self.mailbag.empty
        self.people = People(self.fanout)
        self.audit = Audit(self.metrics, self.clock.now)
        self.observers = self._overriding("observe")
        self.flushers = self._overriding("flush")
        self.wakers = self._overriding("deadline")

    def observers_of(self, kind: type[Event]) -> tuple[Feature, ...]:
        """The features that make something of events of a class: the others need not be called."""
        found = self._noticing.get(kind)
        if found is None:
            found = self._noticing[kind] = tuple(feature for feature in self.observers if feature.notices(kind))
        return found

    def _overriding(self, method: str) -> tuple[Feature, ...]:
        """The features that have their own version of a method: the others need not be called."""
        return tuple(f for f in self.house.features if getattr(type(f), method) is not getattr(Feature, method))
