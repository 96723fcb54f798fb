"""One open room: calls and the rows of who is here, over the rules of the house; who comes and goes is in arrivals.py.

passing command   turn → observe → lane → next tick's batch → one frame to all       (publisher.py)
durable command   durable.py, then the same
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from presence.feature import Left
from room.context import Context
from room.live import Room
from room.message import Command, Event, Query, ReplyAt, Sign, Stamped
from room.people import Actor, Role
from room.refusal import InternalError, Refused
from room.row import Row, member, user_of
from room.turn import Outcome, run
from roomserver.arrivals import Arrivals
from roomserver.centrifuge import acts, codes
from roomserver.centrifuge.replies import Result
from roomserver.durable import Attempt, SubjectQueues
from roomserver.leave import Leave
from roomserver.lookups import looked_up
from roomserver.passing_keys import Answer, PassingKeys
from roomserver.publisher import PendingReply, Publisher
from roomserver.queries import NO_PLACES, NO_ROWS, Places, Queries
from roomserver.schema import encode
from roomserver.shell import Shell
from roomserver.store import RoomFacts, Written

ITSELF = Actor(id="", name="", role=Role.ROOM)
"""Who gives the commands that no person gives."""

log = logging.getLogger(__name__)


class OpenRoom:
    """A room that somebody is in, or was a moment ago."""

    def __init__(self, shell: Shell, room: Room, facts: RoomFacts) -> None:
        self.id = room.id
        self.state = room
        self.queues = SubjectQueues(self, shell.committer, shell.metrics, shell.loop)
        self.seq = facts.seq
        self.suspect = False
        self._shell = shell
        self.publisher = Publisher(shell, room, observe=self._observe, command=self._command)
        self._queries = Queries(shell, room, self._context)
        self._keys = PassingKeys()
        self._leave = Leave(shell, room, self._context_of)
        self._stale: set[str] = set()
        self._forgotten: set[str] = set()
        self.arrivals = Arrivals(shell, room, self.publisher, self, self._context)

    # --- commands and queries

    def ask(self, actor: Actor, message: Command | Query, answer: Answer) -> None:
        """Carry out what somebody asks who has joined; the answer comes at once, after a tick, or when stored."""
        self._shell.metrics.asked(type(message).kind)
        answer = self._shell.audit.audited(actor, message, answer)
        try:
            if isinstance(message, Query):
                self._queries.answer(actor, message, answer)
            elif message.durable:
                self._leave.before(self._enter_line, actor, message, answer)
            else:
                self._pass(actor, message, answer)
        except Refused as refused:
            answer(refused)

    def looked_up(self, act: acts.Stats | acts.ListPresence | acts.ReadHistory) -> Result:
        """What one who has joined may look up.

        Raises LimitExceeded, UnrecoverablePosition.
        """
        return looked_up(act, self._context(ITSELF), self.publisher)

    def knows(self, user: str) -> bool:
        """Whether a person is here, or was so lately that the log names him."""
        return user in self.state.actors or self.publisher.ring.mentions(user)

    def _pass(self, actor: Actor, command: Command, answer: Answer) -> None:
        if command.attempt is not None:
            name = (actor.id, type(command).kind, command.attempt)
            first = self._keys.first(name, self._shell.clock.now(), answer, said=command.said_by(actor))
            if first is None:
                return
            answer = first
        self._leave.before(self._carry_out, actor, command, answer)

    def _carry_out(self, actor: Actor, command: Command, answer: Answer) -> None:
        try:
            outcome = run(self._shell.house, command, self._context_of(actor, command))
            if outcome.skipped:
                self._shell.metrics.skipped.inc(outcome.skipped)
            self._reply(command, outcome, answer)
        except Refused as refused:
            answer(refused)
        except Exception:
            log.exception("a command failed", extra={"kind": type(command).kind})
            answer(InternalError())

    def _enter_line(self, actor: Actor, command: Command, answer: Answer) -> None:
        self.queues.enter(
            _Asked(
                command=command,
                actor=actor,
                received=self._shell.clock.now(),
                id=self._shell.ids.next(),
                refuse=answer,
                answer=answer,
            )
        )

    def _command(self, command: Command) -> None:
        self.ask(ITSELF, command, nobody)

    def _context_of(self, actor: Actor, command: Command) -> Context:
        return self._context(actor, subject=command.subject(actor))

    def _context(
        self, actor: Actor, rows: Mapping[str, Row] = NO_ROWS, places: Places = NO_PLACES, *, subject: str = ""
    ) -> Context:
        return Context(
            room=self.state,
            actor=actor,
            row=self.state.row(subject or member(actor.id)),
            now=self._shell.clock.now(),
            id=self._shell.ids.next(),
            house=self._shell.house,
            rows=rows,
            places=places,
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
            self._count(written.seq)
        self.state.exhausted |= attempt.failed
        if outcome.replayed:
            self._shell.metrics.replayed.inc()
        if outcome.skipped:
            self._shell.metrics.skipped.inc(outcome.skipped)
        assert isinstance(attempt, _Asked)
        self._reply(attempt.command, outcome, nobody if attempt.over else attempt.answer)

    def _count(self, seq: int) -> None:
        """Follow the store's count of Changes; where it goes back, somebody has emptied the store."""
        if seq <= self.seq:
            self.suspect = True
            self._shell.committer.storage.new_run.set()
        self.seq = seq

    def settled(self, subject: str) -> None:
        """Nothing of this subject is under way any more: a member who is not here is not kept."""
        if self.arrivals.awaits(subject):  # a member on his way in needs the newest
            return
        self.arrivals.forget(subject)
        user = user_of(subject)
        if user is not None and user not in self.state.actors:
            self.forget(subject)

    # --- telling

    def _reply(self, command: Command, outcome: Outcome, answer: Answer) -> None:
        if command.reply_at is ReplyAt.TICK:
            public = [stamped for stamped in outcome.events if self.publisher.is_public(stamped)]
            if public:
                told = partial(self._shell.house.commands[type(command)].told, command, outcome.reply)
                self.publisher.tell(outcome.events, waiting=(public[0], PendingReply(told, answer)))
                return
        self.publisher.tell(outcome.events)
        answer(encode(outcome.reply))

    def _observe(self, stamped: Stamped) -> None:
        for feature in self._shell.observers_of(type(stamped.event)):
            feature.observe(stamped, self.state)
        for listener in self._shell.listeners:
            listener(self.id, stamped)
        if type(stamped.event).closes and stamped.event.concerns is not None:
            self._put_out(stamped.event.concerns)
        if stamped.event.sign is Sign.FORGOTTEN and stamped.event.concerns is not None:
            self._let_go(stamped.event.concerns)
        if isinstance(stamped.event, Left):
            self._gone(stamped.event.user.id)

    def _let_go(self, user: str) -> None:
        """What he asked for before he was erased is not done after it, nor kept in the log when he has left."""
        self.queues.turn_away(member(user))
        if user in self.state.actors:
            self._forgotten.add(user)

    def _gone(self, user: str) -> None:
        """He is here no more and his row is not kept; nor, if he was erased, in the log what came of him since."""
        self.state.actors.pop(user, None)
        self.forget(member(user))
        if user in self._forgotten:
            self._forgotten.remove(user)
            self.publisher.ring.forget()

    def _put_out(self, user: str) -> None:
        """Close the connections of a person that are in this room, those that take no more too, once he is told why."""
        for visitor in self.arrivals.connections(user):
            self._shell.loop.call_soon(visitor.close, codes.FORCED)

    def happened_elsewhere(self, event: Event) -> None:
        """Another server has stored an event: see it here too, and what follows from it in passing."""
        stamped = Stamped(id=self._shell.ids.next(), at=self._shell.clock.now(), event=event)
        self.publisher.tell((stamped,))
        for reaction in self._shell.house.reactions.get(type(event), ()):
            for command in reaction.make(event, self._context(ITSELF)):
                if not command.durable:
                    self._command(command)

    def learn(self, facts: RoomFacts) -> None:
        """Take over the sums that the store has now: the reply that told them was lost."""
        self.state.counters.update(facts.counters)

    def data_lost(self, facts: RoomFacts) -> None:
        """Begin a new log on what is stored now: rows are read again, and everybody comes back to a new snapshot."""
        self.seq, self.suspect = facts.seq, False
        self.state.counters.clear()
        self.state.counters.update(facts.counters)
        self.state.exhausted.clear()
        for subject in self.state.rows:
            self.doubt(subject)
        self.publisher.restart()

    @property
    def idle(self) -> bool:
        """Nobody is here, counted or on his way in, and nothing is under way or waits to be told."""
        here = self.state.online or self.arrivals.under_way
        return self.publisher.silent and not here and not len(self.queues)

    def close(self) -> None:
        """Nothing is told any more."""
        self.publisher.close()


@dataclass(slots=True, eq=False, kw_only=True)
class _Asked(Attempt):
    """A durable command of this room with the one who waits for its reply."""

    answer: Answer


def nobody(_: bytes | Refused) -> None:
    """Takes an answer that nobody waits for."""
