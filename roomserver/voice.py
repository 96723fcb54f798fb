"""What an open room says: lanes, ticks, the log, and who hears it.

    event ─ observe ─ lane ─ tick: one batch ─ log ─ one frame to all

A tick has a leading edge: in an idle room an event leaves in the same turn of the loop (by ``call_soon``, never sooner,
since SDKs drop a push that precedes their subscribe reply); a busy room sends one batch per tick.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from room.lanes import FIRST, Lanes, Taken
from room.live import Room
from room.message import Audience, Command, Stamped
from room.people import Actor, Role
from room.refusal import InternalError, UnrecoverablePosition
from room.row import member
from roomserver.centrifuge.codes import Disconnect
from roomserver.centrifuge.commands import Position
from roomserver.centrifuge.replies import HistoryResult, Publication
from roomserver.clock import secret_text
from roomserver.hub import Channel, Connection, framed
from roomserver.passing_keys import Answer
from roomserver.ring import Ring
from roomserver.schema import batch, encode, encode_event
from roomserver.shell import Shell

TICK_SECONDS = 0.05
"""Between two batches of a busy room; longer where writing one takes more than half of it."""

log = logging.getLogger(__name__)


class Visitor(Connection, Protocol):
    """A connection in a room; ``gone`` once it is lost."""

    client: str
    gone: bool

    @property
    def paused(self) -> bool:
        """Whether his transport takes no more at the moment."""

    def lose(self, channel: str) -> None:
        """What he followed in a channel does not go on: he must come back to it."""

    def actor_in(self, room: str) -> Actor:
        """The person as he acts in a room."""

    def close(self, why: Disconnect) -> None:
        """End the connection."""


@dataclass(slots=True)
class Waiting:
    """A reply that waits for its tick."""

    reply: Mapping[str, object]
    answer: Answer

    def decided(self, *, shed: bool, online: int, reached: int) -> None:
        """The tick is written: say whether the event was shown, and to how many."""
        reply = dict(self.reply)
        if shed:
            reply["status"] = "shed"
        if "reached" in reply:
            reply.update(online=online, reached=reached)
        self.answer(encode(reply))


class Voice:
    """The public and the host channel of one room, its log and its ticks.

    ``observe`` takes note of every event before it is told; ``command`` carries out what a deadline asks for.
    """

    def __init__(
        self, shell: Shell, room: Room, *, observe: Callable[[Stamped], None], command: Callable[[Command], None]
    ) -> None:
        self.ring = Ring(secret_text(6))
        self.public: Channel[Visitor] = Channel(f"room:{room.id}", shell.fanout)
        self.hosts: Channel[Visitor] = Channel(f"host:{room.id}", shell.fanout)
        self.tick = TICK_SECONDS
        self.told_online = 0
        self._shell = shell
        self._room = room
        self._observe = observe
        self._command = command
        self._lanes: Lanes[Waiting | None] = Lanes(weigh=self._weigh)
        self._flush_at: asyncio.Handle | None = None
        self._flushed = 0.0
        self._wake: asyncio.TimerHandle | None = None

    @property
    def silent(self) -> bool:
        """Nobody listens and nothing waits to be told."""
        return not len(self.public) and not len(self.hosts) and self._flush_at is None

    # --- the log

    def pause(self, visitor: Visitor) -> Position:
        """Stop writing to a connection that cannot take more; the position it has."""
        self.public.remove(visitor)
        return Position(offset=self.ring.offset, epoch=self.ring.epoch)

    def resume(self, visitor: Visitor, since: Position) -> bool:
        """Write what a connection missed and go on; False when the log no longer has it all.

        What it missed may fill its transport again: then it stays paused, and has noted where.
        """
        missed = self.ring.since(since.epoch, since.offset)
        if missed is None:
            return False
        codec = visitor.codec
        if missed:
            parts = [codec.encode_publication(self.public.name, e.offset, e.data) for e in missed]
            visitor.write(framed(codec.join(parts), text=codec.text))
        if not visitor.paused:
            self.public.add(visitor)
        return True

    def history(self, limit: int, since: Position | None, *, reverse: bool) -> HistoryResult:
        """Batches after a position, or all there are: the first ``limit`` of them (all when negative) in that order.

        Raises UnrecoverablePosition.
        """
        entries = self.ring.entries() if since is None else self.ring.since(since.epoch, since.offset)
        if entries is None:
            raise UnrecoverablePosition
        chosen = list(reversed(entries)) if reverse else list(entries)
        if limit >= 0:
            chosen = chosen[:limit]
        told = tuple(Publication(offset=entry.offset, data=entry.data) for entry in chosen)
        return HistoryResult(publications=told, epoch=self.ring.epoch, offset=self.ring.offset)

    def restart(self) -> None:
        """Begin a new log, and send everybody back to come in anew."""
        self.ring = Ring(secret_text(6))
        for visitor in self.public.members():
            visitor.lose(self.public.name)

    # --- telling

    def is_public(self, stamped: Stamped) -> bool:
        """Whether the room is told: not of somebody who is not in it (promoted by the platform while away)."""
        user = stamped.event.concerns
        return Audience.ROOM in type(stamped.event).audience and (user is None or user in self._room.actors)

    def tell(self, events: Sequence[Stamped], waiting: tuple[Stamped, Waiting] | None = None) -> None:
        """Observe events and pass them on; a reply may wait for the tick of one of them."""
        self._pass_on(events, waiting)
        if events:
            self.touch()

    def _pass_on(self, events: Sequence[Stamped], waiting: tuple[Stamped, Waiting] | None = None) -> None:
        for stamped in events:
            self._observe(stamped)
            if self.is_public(stamped):
                self._lanes.offer(stamped, waiting[1] if waiting is not None and waiting[0] is stamped else None)
        self._tell_apart(events)

    def _tell_apart(self, events: Sequence[Stamped]) -> None:
        """What is for one member, or for the hosts: all of it in one frame for each of them."""
        members: dict[str, list[bytes]] = {}
        hosts: list[bytes] = []
        for stamped in events:
            audience = type(stamped.event).audience
            if Audience.MEMBER in audience and (user := stamped.event.concerns) is not None:
                members.setdefault(user, []).append(encode_event(stamped))
            if Audience.HOST in audience:
                hosts.append(encode_event(stamped))
        for user, told in members.items():
            self._shell.people.tell(user, batch(told))
        if hosts and len(self.hosts):
            self.hosts.publish(0, batch(hosts))

    def _weigh(self, stamped: Stamped) -> int:
        """How much an event counts where places are few: as its person's standing says, and hosts before all."""
        user = stamped.event.concerns
        if user is None:
            return 1
        actor = self._room.actors.get(user)
        if actor is not None and actor.role >= Role.MODERATOR:
            return FIRST
        return self._shell.house.standing(self._room.row(member(user))).entitlements.weight

    # --- ticks

    def touch(self) -> None:
        """Something may be waiting to be told: flush now, or at the end of this tick."""
        if self._flush_at is not None:
            return
        wait = self._flushed + self.tick - self._shell.loop.time()
        if wait <= 0:
            self._flush_at = self._shell.loop.call_soon(self._flush)
        else:
            self._flush_at = self._shell.loop.call_later(wait, self._flush)

    def _flush(self) -> None:
        began = self._shell.loop.time()
        self._flush_at = None
        now = self._shell.clock.now()
        try:
            self._merge(now)
            if self._lanes or self.told_online != self._room.online:
                self._write()
        finally:  # whatever fails in one tick, the next one comes
            self._flushed = self._shell.loop.time()
            self.tick = max(TICK_SECONDS, 2 * (self._flushed - began))
            self._arm(now)

    def _merge(self, now: int) -> None:
        for feature in self._shell.flushers:
            merged = feature.flush(self._room, now)
            self._pass_on([Stamped(id=self._shell.ids.next(), at=now, event=event) for event in merged])

    def _write(self) -> None:
        taken = self._lanes.take()
        self.told_online = self._room.online
        try:
            data = batch([encode_event(s) for s, _ in taken.shown], online=self._room.online, shed=taken.counts)
        except Exception:
            log.exception("a batch was not made", extra={"room": self._room.id})
            self._refuse(taken)
            return
        reached = self.public.publish(self.ring.append(data), data)
        self._count(taken)
        for is_shed, decided in ((False, taken.shown), (False, taken.merged), (True, taken.shed)):
            for _, waiting in decided:
                if waiting is not None:
                    waiting.decided(shed=is_shed, online=self._room.online, reached=reached)

    def _count(self, taken: Taken[Waiting | None]) -> None:
        for lane, count in Counter(type(stamped.event).lane for stamped, _ in taken.shown).items():
            self._shell.metrics.shown.labels(lane).inc(count)
        for name, count in taken.counts.items():
            self._shell.metrics.shed.labels(name).inc(count)

    def _refuse(self, taken: Taken[Waiting | None]) -> None:
        for _, waiting in (*taken.shown, *taken.merged, *taken.shed):
            if waiting is not None:
                waiting.answer(InternalError())

    def _arm(self, now: int) -> None:
        """Set the one timer of this room to the earliest deadline of its features."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        deadlines = [at for f in self._shell.wakers if (at := f.deadline(self._room)) is not None]
        if deadlines:
            wait = max(self.tick, (min(deadlines) - now) / 1000)
            self._wake = self._shell.loop.call_later(wait, self._woken)

    def _woken(self) -> None:
        self._wake = None
        now = self._shell.clock.now()
        for feature in self._shell.wakers:
            for command in feature.expire(self._room, now):
                self._command(command)
        self.touch()

    def close(self) -> None:
        """Stop the room's timers; nothing is told any more."""
        for handle in (self._flush_at, self._wake):
            if handle is not None:
                handle.cancel()
        self._flush_at = self._wake = None
