"""Who comes into an open room and who goes: its public channel, and the one that hosts listen to.

    row loaded ─ admitted ─ turn ─ snapshot ─ the reply is written ─ from here on he hears the batches

A join is whole or leaves nothing behind: neither a ghost on the list nor a row in memory.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

from host.messages import Listen, StopListening
from presence.feature import Join, Leave
from presence.here import Here
from room.context import Context
from room.live import Room
from room.message import Command, Stamped
from room.people import Actor, Role
from room.refusal import InternalError, PermissionDenied, Refused, StoreAway
from room.row import Row, member
from room.turn import run
from roomserver.centrifuge.channels import Kind
from roomserver.centrifuge.commands import Position
from roomserver.centrifuge.replies import NOTHING_MISSED, Recovered, SubscribeResult
from roomserver.loads import crowded
from roomserver.publisher import Publisher, Visitor
from roomserver.schema import encode
from roomserver.shell import Shell

Joined = Callable[[SubscribeResult], bool]
"""Takes the reply to a join; False when the visitor has gone in the meantime."""

Refuse = Callable[[Refused], None]

log = logging.getLogger(__name__)


class Rows(Protocol):
    """The rows in a room's memory."""

    def row(self, subject: str) -> Row | None:
        """The confirmed row in memory, if it is loaded and not known to be stale."""

    def keep(self, row: Row) -> None:
        """Take a row that was read or written as the confirmed one."""

    def settled(self, subject: str) -> None:
        """Nothing of this subject is under way any more."""


class Arrivals:
    """The visitors of one room."""

    def __init__(
        self, shell: Shell, room: Room, publisher: Publisher, rows: Rows, context: Callable[[Actor], Context]
    ) -> None:
        self._shell = shell
        self._room = room
        self._publisher = publisher
        self._rows = rows
        self._context = context
        self._joining: Counter[str] = Counter()
        self._visitors: dict[str, Visitor] = {}

    @property
    def under_way(self) -> int:
        """Joins whose rows are being loaded."""
        return self._joining.total()

    def awaits(self, subject: str) -> bool:
        """Whether somebody on his way in needs this row."""
        return self._joining[subject] > 0

    def forget(self, subject: str) -> None:
        """Nobody on his way in needs this row any more."""
        del self._joining[subject]

    def join(self, visitor: Visitor, kind: Kind, recover: Position | None, done: Joined, refused: Refuse) -> None:
        """Let a connection into the public channel or the hosts' once its member's row is loaded, or say why not.

        ``done`` takes the reply; batches follow it. A visitor who is gone by then leaves nothing behind.
        """
        if kind is Kind.ROOM:
            self._once_loaded(visitor, partial(self._let_in, visitor, recover, done, refused), refused)
        elif visitor.actor_in(self._room.id).role < Role.MODERATOR:
            refused(PermissionDenied())
        else:
            self._once_loaded(visitor, partial(self._let_listen, visitor, done, refused), refused)

    def leave(self, visitor: Visitor, kind: Kind = Kind.ROOM) -> None:
        """A connection left one of the channels, or is lost."""
        if kind is Kind.ROOM:
            self._depart(visitor)
        else:
            self._stop_listening(visitor)

    def _once_loaded(self, visitor: Visitor, come: Callable[[], None], refused: Refuse) -> None:
        """Let a visitor come once his row is in memory, so that rules see what is stored of him."""
        actor = visitor.actor_in(self._room.id)
        subject = member(actor.id)
        if actor.role is Role.GUEST or self._rows.row(subject) is not None:
            come()
            return

        def loaded(row: Row | None) -> None:
            self._joining[subject] -= 1
            if row is None or visitor.gone:
                self._rows.settled(subject)
                if not visitor.gone:
                    refused(StoreAway(retry_in=1000))
                return
            if self._rows.row(subject) is None:  # else it was read or written in the meantime, and is newer
                self._rows.keep(row)
            come()
            self._rows.settled(subject)

        if self._shell.committer.loads.load(self._room.id, subject, loaded):
            self._joining[subject] += 1
        else:
            refused(crowded())

    # --- the public channel

    def _let_in(self, visitor: Visitor, recover: Position | None, done: Joined, refused: Refuse) -> None:
        """Enter, or answer why not and leave nothing behind."""
        actor = visitor.actor_in(self._room.id)
        self._room.admit(actor)
        try:
            self._enter(visitor, actor, recover, done)
            return
        except Refused as refusal:
            why = refusal
        except Exception:
            log.exception("a join failed", extra={"room": self._room.id})
            why = InternalError()
        self._depart(visitor)
        if actor.id not in self._room.state(Here).visits:
            del self._room.actors[actor.id]
        refused(why)

    def _enter(self, visitor: Visitor, actor: Actor, recover: Position | None, done: Joined) -> None:
        ring = self._publisher.ring
        missed = None if recover is None else self._publisher.public.recovered(recover.epoch, recover.offset)
        join = Join(room=self._room.id, connection=visitor.client, recover=recover is not None)
        events = self._decided(actor, join)
        self._visitors[visitor.client] = visitor
        self._publisher.tell(events)
        snapshot = self._shell.house.snapshot(self._context(actor))
        self._shell.metrics.joined(_recovery(recover, missed))
        result = SubscribeResult(
            recoverable=True,
            positioned=True,
            epoch=ring.epoch,
            offset=ring.offset,
            was_recovering=recover is not None,
            recovered=missed is not None,
            missed=NOTHING_MISSED if missed is None else missed,
            data=encode(snapshot),
        )
        if done(result):
            self._publisher.public.follow(visitor)

    def _depart(self, visitor: Visitor) -> None:
        self._publisher.public.unfollow(visitor)
        self._visitors.pop(visitor.client, None)
        actor = visitor.actor_in(self._room.id)
        self._publisher.tell(self._decided(actor, Leave(room=self._room.id, connection=visitor.client)))

    def _decided(self, actor: Actor, command: Command) -> Sequence[Stamped]:
        """What happens by somebody's coming or going.

        Raises Refused.
        """
        return run(self._shell.house, command, self._context(actor)).events

    # --- the hosts' channel

    def _let_listen(self, visitor: Visitor, done: Joined, refused: Refuse) -> None:
        try:
            self._listen(visitor, done)
        except Refused as why:
            refused(why)
        except Exception:
            log.exception("a host's join failed", extra={"room": self._room.id})
            refused(InternalError())

    def _listen(self, visitor: Visitor, done: Joined) -> None:
        actor = visitor.actor_in(self._room.id)
        self._publisher.tell(self._decided(actor, Listen(room=self._room.id, connection=visitor.client)))
        found = self._shell.house.backstage(self._context(actor))
        if done(SubscribeResult(data=encode(found))):
            self._publisher.hosts.add(visitor)
        else:
            self._stop_listening(visitor)

    def _stop_listening(self, visitor: Visitor) -> None:
        self._publisher.hosts.remove(visitor)
        actor = visitor.actor_in(self._room.id)
        self._publisher.tell(self._decided(actor, StopListening(room=self._room.id, connection=visitor.client)))

    # --- who is here

    def connections(self, user: str) -> Iterator[Visitor]:
        """Every connection through which a person is in this room or listens to its cues, those that are full too."""
        for client in self._room.state(Here).connections(user):
            yield self._visitors[client]
        for visitor in self._publisher.hosts.members():
            if visitor.actor_in(self._room.id).id == user:
                yield visitor


def _recovery(recover: Position | None, missed: Recovered | None) -> str:
    if recover is None:
        return "none"
    return "refused" if missed is None else "whole"
