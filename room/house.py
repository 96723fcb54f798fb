"""The registry of features: who handles what, and what follows from what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from room.context import Context
from room.feature import Feature
from room.message import Command, Event, Query
from room.people import Role, Standing
from room.row import Row, member, part, user_of

WIRE = 1
"""The version of the wire contract that the snapshot announces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """An event of one feature leads to commands of another; a refused one is skipped unless it is ``required``."""

    on: type[Event]
    make: Callable[[Event, Context], Iterable[Command]]
    required: bool = False


class House:
    """The features of a server, looked up by their commands, queries and sections.

    Raises ValueError when two features claim the same name or kind.
    """

    def __init__(
        self,
        features: Sequence[Feature],
        *,
        reactions: Sequence[Reaction] = (),
        standing: Callable[[Row], Standing],
    ):
        self.features = tuple(features)
        self.standing = standing
        self.commands: dict[type[Command], Feature] = {}
        self.queries: dict[type[Query], Feature] = {}
        self.reactions: dict[type[Event], tuple[Reaction, ...]] = {}
        for feature in self.features:
            self.commands.update(dict.fromkeys(feature.commands, feature))
            self.queries.update(dict.fromkeys(feature.queries, feature))
        for reaction in reactions:
            self.reactions[reaction.on] = (*self.reactions.get(reaction.on, ()), reaction)
        self._guards: dict[type[Command], tuple[Feature, ...]] = {}
        self._watchful = self._with_own("guard")
        self._on_cards, self._in_snapshots = self._with_own("card"), self._with_own("snapshot")
        self._member_sections = {f: f.section for f in self.features if f.section is not None}
        self._refuse_doubles()

    def guards(self, kind: type[Command]) -> Sequence[Feature]:
        """The features that may veto commands of a class."""
        found = self._guards.get(kind)
        if found is None:
            found = self._guards[kind] = tuple(feature for feature in self._watchful if feature.guards(kind))
        return found

    def sections(self, subject: str) -> Mapping[Feature, type]:
        """The features that keep something in this subject's row, and what."""
        if user_of(subject) is not None:
            return self._member_sections
        return {f: f.part for f in self.features if f.part is not None and part(f.name) == subject}

    @property
    def parts(self) -> Sequence[str]:
        """The subjects of the room's own parts."""
        return [part(feature.name) for feature in self.features if feature.part is not None]

    def due(self, what: str, subject: str, room: str) -> Iterable[Command]:
        """What is to be commanded about a subject that is due; nothing where no feature of this server asked for it."""
        name = what.partition(".")[0]
        return (command for one in self.features if one.name == name for command in one.due(what, subject, room))

    def card(self, context: Context, user: str) -> Mapping[str, object]:
        """A member's card: all of it for himself and for operators, for others only what all may see."""
        own = context.actor.id == user or context.actor.role >= Role.OPERATOR
        row = context.row_of(member(user))
        card: dict[str, object] = {"user": context.someone(user)}
        for feature in self._on_cards:
            card.update(feature.card(context, row, own=own))
        return card

    def snapshot(self, context: Context) -> Mapping[str, object]:
        """The room as the caller finds it when he comes in."""
        me = None if context.actor.role is Role.GUEST else self.card(context, context.actor.id)
        snapshot: dict[str, object] = {"at": context.now, "wire": WIRE, "me": me, "stage": None, "media": None}
        for feature in self._in_snapshots:
            snapshot.update(feature.snapshot(context))
        return snapshot

    def backstage(self, context: Context) -> Mapping[str, object]:
        """What a host finds when he begins to listen."""
        found: dict[str, object] = {}
        for feature in self.features:
            found.update(feature.backstage(context))
        return found

    def _with_own(self, method: str) -> tuple[Feature, ...]:
        """The features that have their own version of a method: the others need not be asked."""
        return tuple(f for f in self.features if getattr(type(f), method) is not getattr(Feature, method))

    def _refuse_doubles(self) -> None:
        messages = [c.kind for f in self.features for c in f.commands]
        messages += [q.kind for f in self.features for q in f.queries]
        events = [kind for f in self.features for kind in {e.kind for e in f.events}]
        kept = [kind.__name__ for f in self.features for kind in (f.section, f.part) if kind is not None]
        for claimed in ([f.name for f in self.features], messages, events, kept):
            doubles = {one for one in claimed if claimed.count(one) > 1}
            if doubles:
                raise ValueError(f"claimed by two features: {', '.join(sorted(doubles))}")
