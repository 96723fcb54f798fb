"""One open room: joins, calls and ticks over the rules of the house.

    passing command   turn → observe → lane → next tick's batch → one frame to all
    durable command   durable.py, then the same

A tick has a leading edge: in an idle room an event leaves in the same turn of the loop (by ``call_soon``, never sooner,
since SDKs drop a push that precedes their subscribe reply); a busy room sends one batch per tick.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from presence.feature import Join, Leave, Left, connected, counts
from presence.here import Here
from room.context import Context
from room.lanes import Lanes, Taken
from room.live import Room
from room.message import Audience, Command, Query, ReplyAt, Stamped
from room.people import Actor, Role
from room.refusal import InternalError, NotAMember, PermissionDenied, Refused, StoreAway, UnrecoverablePosition
from room.row import Row, member, user_of
from room.turn import Outcome, run
from roomserver.centrifuge.commands import Position
from roomserver.centrifuge.replies import (
    ClientInfo,
    HistoryResult,
    PresenceResult,
    PresenceStatsResult,
    Publication,
    SubscribeResult,
)
from roomserver.clock import secret_text
from roomserver.durable import Attempt, Lines
from roomserver.hub import Channel, Connection, framed
from roomserver.passing_keys import Answer, PassingKeys
from roomserver.ring import Ring
from roomserver.schema import batch, encode, encode_event
from roomserver.shell import Shell
from roomserver.store import RoomFacts, Written

TICK_SECONDS = 0.05
"""Between two batches of a busy room; longer where writing one takes more than half of it."""

ITSELF = Actor(id="", name="", role=Role.ROOM)
"""Who gives the commands that no person gives."""

Joined = Callable[[SubscribeResult], bool]
"""Takes the reply to a join; False when the visitor has gone in the meantime."""


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


class OpenRoom:
    """A room that somebody is in, or was a moment ago."""

    def __init__(self, shell: Shell, room: Room, facts: RoomFacts) -> None:
        self.id = room.id
        self.state = room
        self.ring = Ring(secret_text(6))
        self.public: Channel[Visitor] = Channel(f"room:{room.id}", shell.fanout)
        self.hosts: Channel[Visitor] = Channel(f"host:{room.id}", shell.fanout)
        self.lines = Lines(self, shell.committer, shell.metrics, shell.loop)
        self.seq = facts.seq
        self.tick = TICK_SECONDS
        self.told_online = 0
        self._shell = shell
        self._lanes: Lanes[Waiting | None] = Lanes()
        self._flush_at: asyncio.Handle | None = None
        self._flushed = 0.0
        self._wake: asyncio.TimerHandle | None = None
        self._keys = PassingKeys()
        self._stale: set[str] = set()
        self._joining: Counter[str] = Counter()

    # --- joining

    def join(self, visitor: Visitor, recover: Position | None, done: Joined, answer: Answer) -> None:
        """Let a connection into the public channel once its member's row is loaded.

        ``done`` takes the reply; batches follow it. A visitor who is gone by then leaves nothing behind.
        """
        actor = visitor.actor_in(self.id)
        subject = member(actor.id)
        if actor.role is Role.GUEST or self.row(subject) is not None:
            self._let_in(visitor, actor, recover, done, answer)
            return

        def loaded(row: Row | None) -> None:
            self._joining[subject] -= 1
            if row is None or visitor.gone:
                self.settled(subject)
                answer(StoreAway(retry_in=1000))
                return
            if self.row(subject) is None:  # else it was read or written in the meantime, and is newer
                self.keep(row)
            self._let_in(visitor, actor, recover, done, answer)
            self.settled(subject)

        if self._shell.committer.load(self.id, subject, loaded):
            self._joining[subject] += 1
        else:
            answer(StoreAway(retry_in=1000))

    def _let_in(self, visitor: Visitor, actor: Actor, recover: Position | None, done: Joined, answer: Answer) -> None:
        """Enter, or answer why not and leave nothing behind."""
        self.state.actors[actor.id] = actor
        try:
            self._enter(visitor, actor, recover, done)
            return
        except Refused as refused:
            refusal = refused
        except Exception:
            log.exception("a join failed", extra={"room": self.id})
            refusal = InternalError()
        self.leave(visitor)
        if actor.id not in self.state.state(Here).visits:
            del self.state.actors[actor.id]
        answer(refusal)

    def _enter(self, visitor: Visitor, actor: Actor, recover: Position | None, done: Joined) -> None:
        missed = None if recover is None else self.ring.since(recover.epoch, recover.offset)
        join = Join(room=self.id, connection=visitor.client, recover=recover is not None)
        outcome = run(self._shell.house, join, self._context(actor))
        self._tell(outcome.events)
        snapshot = self._shell.house.snapshot(self._context(actor))
        self._shell.metrics.joins.labels(_recovery(recover, missed)).inc()
        result = SubscribeResult(
            recoverable=True,
            positioned=True,
            epoch=self.ring.epoch,
            offset=self.ring.offset,
            was_recovering=recover is not None,
            recovered=missed is not None,
            publications=tuple(Publication(offset=e.offset, data=e.data) for e in missed or ()),
            data=encode(snapshot),
        )
        if done(result) and not visitor.paused:
            self.public.add(visitor)

    def leave(self, visitor: Visitor) -> None:
        """A connection left the public channel, or is lost."""
        self.public.remove(visitor)
        actor = visitor.actor_in(self.id)
        leave = Leave(room=self.id, connection=visitor.client)
        self._tell(run(self._shell.house, leave, self._context(actor)).events)

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

    def join_hosts(self, visitor: Visitor, done: Joined) -> None:
        """Let a host or moderator hear the room's cues.

        Raises PermissionDenied.
        """
        if visitor.actor_in(self.id).role < Role.MODERATOR:
            raise PermissionDenied
        if done(SubscribeResult()):
            self.hosts.add(visitor)

    def leave_hosts(self, visitor: Visitor) -> None:
        """He listens no more."""
        self.hosts.remove(visitor)

    # --- the protocol's own questions

    def stats(self) -> PresenceStatsResult:
        """How many users and connections are here."""
        users, clients = counts(self.state)
        return PresenceStatsResult(num_clients=clients, num_users=users)

    def present(self) -> PresenceResult:
        """Up to 500 members by connection.

        Raises LimitExceeded.
        """
        here = connected(self._context(ITSELF)).items()
        return PresenceResult(
            presence={
                client: ClientInfo(client=client, user=one.id, conn_info=encode({"name": one.name, "tier": one.tier}))
                for client, one in here
            }
        )

    def history(self, limit: int, since: Position | None, *, reverse: bool) -> HistoryResult:
        """Recent batches after a position, or the newest ones.

        Raises UnrecoverablePosition.
        """
        entries = self.ring.last(-1) if since is None else self.ring.since(since.epoch, since.offset)
        if entries is None:
            raise UnrecoverablePosition
        chosen = list(reversed(entries)) if reverse else list(entries)
        if limit >= 0:
            chosen = chosen[:limit]
        told = tuple(Publication(offset=entry.offset, data=entry.data) for entry in chosen)
        return HistoryResult(publications=told, epoch=self.ring.epoch, offset=self.ring.offset)

    # --- commands and queries

    def ask(self, actor: Actor, message: Command | Query, answer: Answer) -> None:
        """Carry out what somebody asks who has joined; the answer comes at once, after a tick, or when stored."""
        self._shell.metrics.commands.labels(type(message).kind).inc()
        try:
            if isinstance(message, Query):
                self._answer(actor, message, answer)
            elif message.durable:
                self._enter_line(actor, message, answer)
            else:
                self._pass(actor, message, answer)
        except Refused as refused:
            answer(refused)

    def _answer(self, actor: Actor, query: Query, answer: Answer) -> None:
        if actor.role < query.who:
            raise NotAMember if actor.role is Role.GUEST else PermissionDenied
        missing = [subject for subject in query.needs(actor) if subject not in self.state.rows]
        if missing:
            self._read_along(actor, query, missing, answer)
        else:
            answer(self._answered(actor, query, {}))

    def _read_along(self, actor: Actor, query: Query, missing: Sequence[str], answer: Answer) -> None:
        rows: dict[str, Row] = {}
        waiting = set(missing)

        def loaded(subject: str, row: Row | None) -> None:
            if subject not in waiting:
                return
            if row is None:
                waiting.clear()
                answer(StoreAway(retry_in=1000))
                return
            rows[subject] = row
            waiting.remove(subject)
            if not waiting:
                answer(self._answered(actor, query, rows))

        for subject in missing:
            if not self._shell.committer.load(self.id, subject, partial(loaded, subject)):
                loaded(subject, None)

    def _answered(self, actor: Actor, query: Query, rows: Mapping[str, Row]) -> bytes | Refused:
        feature = self._shell.house.queries[type(query)]
        try:
            return encode(feature.answer(query, self._context(actor, rows=rows)))
        except Refused as refused:
            return refused
        except Exception:
            log.exception("a query failed", extra={"kind": type(query).kind})
            return InternalError()

    def _pass(self, actor: Actor, command: Command, answer: Answer) -> None:
        if command.attempt is not None:
            name = (actor.id, type(command).kind, command.attempt)
            first = self._keys.first(name, self._shell.clock.now(), answer)
            if first is None:
                return
            answer = first
        try:
            outcome = run(self._shell.house, command, self._context(actor))
            self._shell.metrics.skipped.inc(outcome.skipped)
            self._reply(command, outcome, answer)
        except Refused as refused:
            answer(refused)
        except Exception:
            log.exception("a command failed", extra={"kind": type(command).kind})
            answer(InternalError())

    def _enter_line(self, actor: Actor, command: Command, answer: Answer) -> None:
        self.lines.enter(
            _Asked(
                command=command,
                actor=actor,
                received=self._shell.clock.now(),
                id=self._shell.ids.next(),
                refuse=answer,
                answer=answer,
            )
        )

    def _context(self, actor: Actor, rows: Mapping[str, Row] | None = None) -> Context:
        return Context(
            room=self.state,
            actor=actor,
            row=self.state.row(member(actor.id)),
            now=self._shell.clock.now(),
            id=self._shell.ids.next(),
            house=self._shell.house,
            rows=rows or {},
        )

    # --- durable commands: what durable.py asks of a place

    def row(self, subject: str) -> Row | None:
        """The confirmed row in memory, if it is loaded and not known to be stale."""
        return None if subject in self._stale else self.state.rows.get(subject)

    def keep(self, row: Row) -> None:
        """Take a row that was read or written as the confirmed one."""
        self._stale.discard(row.subject)
        self.state.rows[row.subject] = row

    def doubt(self, subject: str) -> None:
        """The row in memory may be stale: nothing is decided by it, though it is still shown."""
        self._stale.add(subject)

    def forget(self, subject: str) -> None:
        """The row is no longer needed in memory."""
        self._stale.discard(subject)
        self.state.rows.pop(subject, None)

    def turn(self, attempt: Attempt) -> Outcome:
        """Run the attempt's turn on the confirmed row.

        Raises Refused.
        """
        subject = attempt.command.subject(attempt.actor)
        context = Context(
            room=self.state,
            actor=attempt.actor,
            row=self.state.row(subject),
            now=attempt.received,
            id=attempt.id,
            house=self._shell.house,
            failed=attempt.failed,
        )
        return run(self._shell.house, attempt.command, context)

    def stored(self, attempt: Attempt, outcome: Outcome, written: Written | None) -> None:
        """The outcome is stored (or was known): apply it, tell it, answer it."""
        if written is not None and outcome.change is not None:
            self.keep(outcome.change.row)
            self.state.counters.update(written.counters)
            self.seq = written.seq
        self.state.exhausted |= attempt.failed
        if outcome.replayed:
            self._shell.metrics.replayed.inc()
        self._shell.metrics.skipped.inc(outcome.skipped)
        assert isinstance(attempt, _Asked)
        self._reply(attempt.command, outcome, nobody if attempt.over else attempt.answer)

    def settled(self, subject: str) -> None:
        """Nothing of this subject is under way any more: a member who is not here is not kept."""
        if self._joining[subject]:  # a member on his way in needs the newest
            return
        del self._joining[subject]
        user = user_of(subject)
        if user is not None and user not in self.state.actors:
            self.forget(subject)

    # --- telling

    def _reply(self, command: Command, outcome: Outcome, answer: Answer) -> None:
        public = [
            s for s in outcome.events if Audience.ROOM in type(s.event).audience and self._is_here(s.event.concerns)
        ]
        if command.reply_at is ReplyAt.TICK and public:
            self._tell(outcome.events, waiting=(public[0], Waiting(outcome.reply, answer)))
        else:
            self._tell(outcome.events)
            answer(encode(outcome.reply))

    def _tell(self, events: Sequence[Stamped], waiting: tuple[Stamped, Waiting] | None = None) -> None:
        for stamped in events:
            self._observe(stamped)
            self._route(stamped, waiting[1] if waiting is not None and waiting[0] is stamped else None)
        if events:
            self.touch()

    def _observe(self, stamped: Stamped) -> None:
        for feature in self._shell.observers:
            feature.observe(stamped, self.state)
        if isinstance(stamped.event, Left):
            self.state.actors.pop(stamped.event.user.id, None)
            self.forget(member(stamped.event.user.id))

    def _route(self, stamped: Stamped, waiting: Waiting | None) -> None:
        audience = type(stamped.event).audience
        if Audience.ROOM in audience and self._is_here(stamped.event.concerns):
            self._lanes.offer(stamped, waiting)
        if Audience.MEMBER in audience and (user := stamped.event.concerns) is not None:
            self._shell.people.tell(user, batch([encode_event(stamped)]))
        if Audience.HOST in audience and len(self.hosts):
            self.hosts.publish(0, batch([encode_event(stamped)]))

    def _is_here(self, user: str | None) -> bool:
        """The room is not told of somebody who is not in it (promoted by the platform while away)."""
        return user is None or user in self.state.actors

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
            if self._lanes or self.told_online != self.state.online:
                self._write()
        finally:  # whatever fails in one tick, the next one comes
            self._flushed = self._shell.loop.time()
            self.tick = max(TICK_SECONDS, 2 * (self._flushed - began))
            self._arm(now)

    def _merge(self, now: int) -> None:
        for feature in self._shell.flushers:
            for event in feature.flush(self.state, now):
                stamped = Stamped(id=self._shell.ids.next(), at=now, event=event)
                self._observe(stamped)
                self._route(stamped, None)

    def _write(self) -> None:
        taken = self._lanes.take()
        self.told_online = self.state.online
        shed = taken.counts
        try:
            data = batch([encode_event(s) for s, _ in taken.shown], online=self.state.online, shed=shed)
        except Exception:
            log.exception("a batch was not made", extra={"room": self.id})
            self._refuse(taken)
            return
        reached = self.public.publish(self.ring.append(data), data)
        for stamped, _ in taken.shown:
            self._shell.metrics.shown.labels(type(stamped.event).lane).inc()
        for lane, count in shed.items():
            self._shell.metrics.shed.labels(lane).inc(count)
        for is_shed, decided in ((False, taken.shown), (True, taken.shed)):
            for _, waiting in decided:
                if waiting is not None:
                    waiting.decided(shed=is_shed, online=self.state.online, reached=reached)

    def _refuse(self, taken: Taken[Waiting | None]) -> None:
        for _, waiting in (*taken.shown, *taken.shed):
            if waiting is not None:
                waiting.answer(InternalError())

    def _arm(self, now: int) -> None:
        """Set the one timer of this room to the earliest deadline of its features."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        deadlines = [at for f in self._shell.wakers if (at := f.deadline(self.state)) is not None]
        if deadlines:
            wait = max(self.tick, (min(deadlines) - now) / 1000)
            self._wake = self._shell.loop.call_later(wait, self._woken)

    def _woken(self) -> None:
        self._wake = None
        now = self._shell.clock.now()
        for feature in self._shell.wakers:
            for command in feature.expire(self.state, now):
                self.ask(ITSELF, command, nobody)
        self.touch()

    def learn(self, facts: RoomFacts) -> None:
        """Take over the sums that the store has now: the reply that told them was lost."""
        self.state.counters.update(facts.counters)
        self.state.exhausted |= facts.exhausted

    def data_lost(self, facts: RoomFacts) -> None:
        """Begin a new log on what is stored now: rows are read again, and everybody comes back to a new snapshot."""
        self.seq = facts.seq
        self.state.counters.clear()
        self.state.counters.update(facts.counters)
        self.state.exhausted.clear()
        self.state.exhausted |= facts.exhausted
        self.ring = Ring(secret_text(6))
        for subject in self.state.rows:
            self.doubt(subject)
        for visitor in self.public.members():
            visitor.lose(self.public.name)

    def close(self) -> None:
        """Stop the room's timers; nothing is told any more."""
        for handle in (self._flush_at, self._wake):
            if handle is not None:
                handle.cancel()
        self._flush_at = self._wake = None

    @property
    def idle(self) -> bool:
        """Nobody is here, counted or on his way in, and nothing is under way or waits to be told."""
        here = self.state.online or len(self.public) or len(self.hosts) or self._joining.total()
        return not here and not len(self.lines) and self._flush_at is None


@dataclass(slots=True, eq=False, kw_only=True)
class _Asked(Attempt):
    """A durable command of this room with the one who waits for its reply."""

    answer: Answer


def nobody(_: bytes | Refused) -> None:
    """Takes an answer that nobody waits for."""


def _recovery(recover: Position | None, missed: Sequence[object] | None) -> str:
    if recover is None:
        return "none"
    return "refused" if missed is None else "whole"
