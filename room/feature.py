"""The contract between the kernel and a feature: pure rules about one idea."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from room.board import Window
from room.change import Part
from room.context import Context
from room.live import Room
from room.message import Command, Event, Query, Stamped
from room.row import Row
from room.value import value

Reply = Mapping[str, object]


@value(frozen=True, slots=True, kw_only=True)
class Turn:
    """One command carried through: what happened, and by whom it was asked; ``context.row`` is the row after."""

    command: Command
    context: Context
    events: Sequence[Stamped]

    def happened(self, *kinds: type[Event]) -> list[Stamped]:
        """The turn's events of some kinds, in order."""
        return [stamped for stamped in self.events if isinstance(stamped.event, kinds)]


@value(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of an event that was offered to its tick.

    ``shown``: not shed; ``online``: users in the room then; ``reached``: connections that its batch was written to.
    """

    shown: bool
    online: int
    reached: int


class Feature:
    """One idea's commands, queries and rules; most features write three or four of these methods.

    ``section`` is its part of every member's row, ``part`` its own part of the room; ``schema`` their number;
    ``logs`` are the names of those that it appends to a member's.
    Nothing here may wait, read a clock or draw lots; only ``observe``, ``flush`` and ``expire`` change passing state.
    ``Any``: each feature narrows an argument to its own messages or section, which a common type would forbid.
    """

    name: ClassVar[str]
    commands: ClassVar[tuple[type[Command], ...]] = ()
    queries: ClassVar[tuple[type[Query], ...]] = ()
    events: ClassVar[tuple[type[Event], ...]] = ()
    section: ClassVar[type | None] = None
    part: ClassVar[type | None] = None
    schema: ClassVar[int] = 1
    logs: ClassVar[tuple[str, ...]] = ()

    def guards(self, kind: type[Command]) -> bool:
        """Whether ``guard`` may veto commands of this class; asked once for each class."""
        return True

    def guard(self, command: Command, context: Context) -> None:
        """Veto any command by facts on its class.

        Raises Refused.
        """

    def natural(self, command: Any, context: Context) -> str | None:
        """What makes two durable commands the same by nature, as ``kind#…``; None when nothing does.

        Raises Refused.
        """
        return None

    def decide(self, command: Any, context: Context) -> Iterable[Event]:
        """What happens because of one of this feature's commands; changes nothing.

        Raises Refused.
        """
        raise NotImplementedError(type(command).kind)

    def evolve(self, section: Any, event: Event) -> Any:
        """This feature's section (or part) after one of its durable events; the same object when it stays as it is."""
        return section

    def record(self, event: Event, context: Context) -> Iterable[Part]:
        """What one of its durable events writes beside the row: claims, appends, counters, scores, due."""
        return ()

    def receipt(self, turn: Turn) -> Reply:
        """This feature's part of the reply, from the whole turn; asked only when it took part."""
        return {}

    def told(self, command: Any, reply: Reply, fate: Fate) -> Reply:
        """The reply to a command that waited for its tick, now that its event's fate is known."""
        return reply

    def windows(self, query: Any, context: Context) -> Iterable[Window]:
        """The windows of boards that must be read before a query is answered, with the rows of who is in them.

        Raises Refused.
        """
        return ()

    def answer(self, query: Any, context: Context) -> Reply:
        """The answer to one of this feature's queries.

        Raises Refused.
        """
        raise NotImplementedError(type(query).kind)

    def snapshot(self, context: Context) -> Reply:
        """This feature's part of the room snapshot, for the caller."""
        return {}

    def backstage(self, context: Context) -> Reply:
        """This feature's part of what hosts find when they begin to listen, or ask for again."""
        return {}

    def card(self, context: Context, subject: Row, *, own: bool) -> Reply:
        """This feature's part of a member's card; of others only what all may see."""
        return {}

    def notices(self, kind: type[Event]) -> bool:
        """Whether ``observe`` makes anything of events of this class; asked once for each class."""
        return True

    def observe(self, stamped: Stamped, room: Room) -> None:
        """Take note of what happened, in memory; cannot fail."""

    def flush(self, room: Room, now: int) -> Iterable[Event]:
        """The merged events of this tick (burst, entrances, likes)."""
        return ()

    def deadline(self, room: Room) -> int | None:
        """The instant (ms since 1970) at which the open room wants to be woken."""
        return None

    def expire(self, room: Room, now: int) -> Iterable[Command]:
        """What is to be commanded, by the room itself, now that a deadline has passed."""
        return ()

    def due(self, what: str, subject: str, room: str) -> Iterable[Command]:
        """What is to be commanded, by the room itself, now that a ``Due`` of this feature has come.

        At least once, perhaps by two servers at a time: it looks for itself whether anything is left to do, and what
        it makes happen sets the ``Due`` anew or forgets it. A subject whose ``Due`` stays is asked about again.
        """
        return ()
