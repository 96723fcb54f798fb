"""All that a rule may know when it decides: time and chance are arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from room.board import Place, Window
from room.live import Room
from room.people import Actor, Role, Standing, User
from room.row import Row, member, user_of
from room.value import value


class Composition(Protocol):
    """What features say together of a person; the house implements it."""

    def standing(self, row: Row) -> Standing:
        """What a member's row makes him."""

    def card(self, context: Context, user: str) -> Mapping[str, object]:
        """A member's card: all of it for himself and for operators, for others only what all may see."""

    def backstage(self, context: Context) -> Mapping[str, object]:
        """What a host finds when he begins to listen, or asks for again."""


@value(frozen=True, slots=True, kw_only=True)
class Context:
    """The room, the caller, the subject's draft, the instant and the turn's id.

    ``now`` is the instant (ms since 1970, the store's clock) at which the command was received, so a command that
    waits is still decided by when it came. ``id`` was drawn at random for this turn: the only source of chance.
    ``failed`` are claims that the store refused in an earlier run of the same turn; ``rows`` and ``places`` were read
    along. ``found`` is for what has been found out about this very draft, by its own type: hence ``Any``.
    """

    room: Room
    actor: Actor
    row: Row
    now: int
    id: str
    house: Composition
    failed: frozenset[str] = frozenset()
    rows: Mapping[str, Row] = field(default_factory=dict)
    places: Mapping[Window, Sequence[Place]] = field(default_factory=dict)
    found: dict[object, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def row_of(self, subject: str) -> Row:
        """A subject's row: the draft, one that was read along, or the one in memory."""
        if subject == self.row.subject:
            return self.row
        return self.rows.get(subject) or self.room.row(subject)

    def drafting(self, row: Row) -> Context:
        """The same context with a newer draft of the subject's row."""
        return Context(  # on the path of every durable event: spelled out, since `replace` takes three times as long
            room=self.room,
            actor=self.actor,
            row=row,
            now=self.now,
            id=self.id,
            house=self.house,
            failed=self.failed,
            rows=self.rows,
            places=self.places,
        )

    @property
    def standing(self) -> Standing:
        """The caller's standing as of the draft, which rules ask for again and again."""
        known: Standing | None = self.found.get(Standing)
        if known is None:
            known = self.found[Standing] = self.house.standing(self.row_of(member(self.actor.id)))
        return known

    @property
    def user(self) -> User:
        """The caller as events show him."""
        known = self.room.actors.get(self.actor.id, self.actor)  # as he came in: names are marked there
        return User(id=self.actor.id, name=known.name, tier=self.standing.tier)

    @property
    def person(self) -> User:
        """The person whose row is the subject, as events show him; the caller where it is a part of the room."""
        if user_of(self.row.subject) is None:
            return self.user
        return self.person_of(self.house.standing(self.row).tier)

    def person_of(self, tier: int) -> User:
        """The same person with a tier that is known already."""
        subject = self.row.subject
        user = subject[2:] if subject.startswith("m:") else self.actor.id
        known = self.room.actors.get(user)
        if known is None and user == self.actor.id:
            known = self.actor
        return User(id=user, name=user if known is None else known.name, tier=tier)

    def someone(self, user: str) -> User:
        """Any user as events show him."""
        if user == self.actor.id:
            return self.user
        return User(id=user, name=self.room.name_of(user), tier=self.house.standing(self.row_of(member(user))).tier)

    def role_of(self, user: str) -> Role:
        """What any user may do here, as far as is known: who is away is a member, and the room's host is its host."""
        known = self.actor if user == self.actor.id else self.room.actors.get(user)
        role = Role.MEMBER if known is None else known.role
        return max(role, Role.HOST) if user == self.room.settings.host else role
