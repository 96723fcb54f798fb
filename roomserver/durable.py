"""The way of a durable command: load, turn, commit; then apply, observe, answer.

    waits ─ row loaded ─ turn ─ commit ┬ written   → the draft becomes the state, events are told, the reply is given
                                       ├ conflict  → load again, turn again (at most 5 times)
                                       ├ claim     → turn again, knowing what has run out
                                       └ unknown   → load again; the row tells whether it was written
                              └ refused, and it may be done only once → load again, turn again: another server may
                                have done it, or given what it takes

One commit of a subject is in flight at a time; at most 8 wait behind it. A command whose time is up is refused with a
temporary error; what is under way is still carried to its end, so memory always equals what is stored.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from room.change import Change
from room.message import Command
from room.people import Actor, Role
from room.refusal import (
    Contended,
    InternalError,
    Refused,
    RowDamaged,
    RowTooLarge,
    ServerBusy,
    StoreAway,
    TooManyRequests,
)
from room.row import Row
from room.turn import Outcome
from roomserver.clock import jitter
from roomserver.committer import Committer, Unresolved
from roomserver.metrics import Metrics
from roomserver.store import ClaimFailed, Conflict, Damaged, TooLarge, Verdict, Written

WAITING = 8
"""Durable commands that may wait behind one subject's commit: more are a flood, not a crowd."""

CONFLICTS = 5
"""Runs of one turn that may lose against another worker before its caller is asked to come back."""

RELOAD_SECONDS = 0.1
"""Until a row that could not be read is asked for again."""

BUSY_SECONDS = 2.5
"""What was stored last had waited so long: who asks now would hardly be answered in time, and is told so at once."""

ANSWER_SECONDS = 3.0
"""SDKs give up after 5 s: within 3 s they have an answer, and time for one retry."""


log = logging.getLogger(__name__)


class Place(Protocol):
    """The open room, as far as a durable command needs it."""

    id: str

    def row(self, subject: str) -> Row | None:
        """The confirmed row in memory, if it is loaded."""

    def keep(self, row: Row) -> None:
        """Take a row that was read or written as the confirmed one."""

    def doubt(self, subject: str) -> None:
        """The row in memory may be stale: do not decide by it."""

    def turn(self, attempt: Attempt) -> Outcome:
        """Run the attempt's turn on the confirmed row.

        Raises Refused.
        """

    def stored(self, attempt: Attempt, outcome: Outcome, written: Written | None) -> None:
        """The outcome is stored (or was known): apply it, tell it, answer it."""

    def settled(self, subject: str) -> None:
        """Nothing of this subject is under way any more."""


@dataclass(slots=True, eq=False)
class Attempt:
    """One durable command on its way; ``answer`` is called once, with a Refused or by ``Place.stored``.

    ``read``: what it is decided by was read for it, and is no older than it.
    """

    command: Command
    actor: Actor
    received: int
    id: str
    refuse: Callable[[Refused], None]
    give_up_at: float = 0.0
    conflicts: int = 0
    failed: frozenset[str] = field(default_factory=frozenset)
    read: bool = False
    over: bool = False


class SubjectQueues:
    """The durable commands of one room, in a line per subject."""

    def __init__(self, place: Place, committer: Committer, metrics: Metrics, loop: asyncio.AbstractEventLoop):
        self._place = place
        self._committer = committer
        self._metrics = metrics
        self._loop = loop
        self._lines: dict[str, deque[Attempt]] = {}
        self._clock: deque[Attempt] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def enter(self, attempt: Attempt) -> None:
        """Carry a durable command through; it is answered within 3 s.

        It is refused at once while what waits before it takes too long; what was accepted keeps its place.
        """
        if self._committer.waited > BUSY_SECONDS and attempt.actor.role < Role.MODERATOR:
            attempt.refuse(self._busy())
            return
        subject = attempt.command.subject(attempt.actor)
        line = self._lines.setdefault(subject, deque())
        if len(line) > WAITING:
            attempt.refuse(TooManyRequests())
            return
        attempt.give_up_at = self._loop.time() + ANSWER_SECONDS
        self._clock.append(attempt)
        self._wind()
        line.append(attempt)
        if len(line) == 1:
            self._begin(subject, attempt)

    def turn_away(self, subject: str) -> None:
        """Do nothing of what waits behind the commit of a subject, but what the platform wants."""
        for waiting in [*self._lines.get(subject, ())][1:]:
            if waiting.actor.role is not Role.OPERATOR:
                self._refuse(waiting, Contended())

    # --- one attempt

    def _begin(self, subject: str, attempt: Attempt) -> None:
        if self._place.row(subject) is not None:
            self._run(subject, attempt)
        else:
            self._load(subject, attempt, self._run_loaded)

    def _load(self, subject: str, attempt: Attempt, then: Callable[[str, Attempt, Row], None]) -> None:
        def loaded(row: Row | None) -> None:
            if row is not None:
                then(subject, attempt, row)
            elif attempt.over:
                self._next(subject)
            else:  # away, or unreadable: again, but not in a loop that leaves nobody else his turn
                self._loop.call_later(RELOAD_SECONDS, self._load, subject, attempt, then)

        if not self._committer.loads.load(self._place.id, subject, loaded):
            self._end(subject, attempt, StoreAway())

    def _run_loaded(self, subject: str, attempt: Attempt, row: Row) -> None:
        attempt.read = True
        self._place.keep(row)
        self._run(subject, attempt)

    def _run(self, subject: str, attempt: Attempt) -> None:
        if attempt.over:
            self._next(subject)
            return
        try:
            outcome = self._place.turn(attempt)
        except Refused as refused:
            self._decline(subject, attempt, refused)
            return
        except Exception:
            log.exception("a turn failed", extra={"kind": type(attempt.command).kind})
            self._end(subject, attempt, InternalError())
            return
        if outcome.change is None:
            self._finish(subject, attempt, outcome, None)
        else:
            self._submit(subject, attempt, outcome, outcome.change)

    def _decline(self, subject: str, attempt: Attempt, refused: Refused) -> None:
        """Refuse, but what may be done only once by nothing older than itself: a retry may follow on another server."""
        if attempt.read or not attempt.command.needs_key or not self._committer.storage.available:
            self._end(subject, attempt, refused)
        else:
            self._place.doubt(subject)
            self._load(subject, attempt, self._run_loaded)

    def _submit(self, subject: str, attempt: Attempt, outcome: Outcome, change: Change) -> None:
        def settled(verdict: Verdict | Unresolved) -> None:
            self._settle(subject, attempt, outcome, verdict)

        try:
            taken = self._committer.submit(self._place.id, change, settled, lambda: not attempt.over)
        except (TypeError, ValueError):
            log.exception("a change cannot be stored", extra={"kind": type(attempt.command).kind})
            self._end(subject, attempt, InternalError())
            return
        if not taken:
            self._end(subject, attempt, StoreAway())

    def _settle(self, subject: str, attempt: Attempt, outcome: Outcome, verdict: Verdict | Unresolved) -> None:
        match verdict:
            case Written():
                self._finish(subject, attempt, outcome, verdict)
            case Conflict():
                self._metrics.conflicts.inc()
                self._again(subject, attempt, outcome)
            case ClaimFailed(name=name):
                known, attempt.failed = name in attempt.failed, attempt.failed | {name}
                if known:  # the rules claim again what they know has run out: they would for ever
                    self._end(subject, attempt, InternalError())
                else:
                    self._begin(subject, attempt)
            case TooLarge():
                self._end(subject, attempt, RowTooLarge())
            case Damaged():
                self._place.doubt(subject)
                self._end(subject, attempt, RowDamaged())
            case Unresolved.NOT_WRITTEN:
                self._begin(subject, attempt)
            case Unresolved.UNKNOWN:
                self._metrics.unknown.inc()
                self._place.doubt(subject)
                self._load(subject, attempt, lambda s, a, row: self._resolve(s, a, outcome, row))

    def _again(self, subject: str, attempt: Attempt, outcome: Outcome) -> None:
        """Somebody was faster: another worker, or this very Change, when it reached the store after it was given up."""
        self._place.doubt(subject)
        attempt.conflicts += 1
        if attempt.conflicts >= CONFLICTS:
            self._end(subject, attempt, Contended(retry_in=100))
        else:
            self._load(subject, attempt, lambda s, a, row: self._resolve(s, a, outcome, row))

    def _resolve(self, subject: str, attempt: Attempt, outcome: Outcome, row: Row) -> None:
        """The row says whether the Change was written, though no reply did."""
        attempt.read = True
        self._place.keep(row)
        if row.change == attempt.id or row.written_by(attempt.id) is not None:
            self._finish(subject, attempt, outcome, None)
        else:
            self._run(subject, attempt)

    def _finish(self, subject: str, attempt: Attempt, outcome: Outcome, written: Written | None) -> None:
        """Apply, tell and answer; a fault in that must not hold up who waits behind."""
        try:
            self._place.stored(attempt, outcome, written)
        except Exception:
            log.exception("what is stored was not told", extra={"kind": type(attempt.command).kind})
            self._end(subject, attempt, InternalError())
            return
        attempt.over = True
        self._next(subject)

    def _end(self, subject: str, attempt: Attempt, refused: Refused) -> None:
        self._refuse(attempt, refused)
        self._next(subject)

    def _refuse(self, attempt: Attempt, refused: Refused) -> None:
        if not attempt.over:
            attempt.over = True
            attempt.refuse(refused)

    def _next(self, subject: str) -> None:
        line = self._lines[subject]
        line.popleft()
        while line and line[0].over:
            line.popleft()
        if line:
            self._loop.call_soon(self._begin, subject, line[0])
        else:
            del self._lines[subject]
            self._place.settled(subject)

    # --- time

    def _wind(self) -> None:
        if self._timer is None and self._clock:
            self._timer = self._loop.call_at(self._clock[0].give_up_at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._clock and (self._clock[0].over or self._clock[0].give_up_at <= now):
            attempt = self._clock.popleft()
            if not attempt.over:
                self._metrics.given_up.inc()
                self._refuse(attempt, self._busy() if self._committer.answers else StoreAway(retry_in=1000))
        self._wind()

    def _busy(self) -> ServerBusy:
        """Come back later, and not all at once."""
        return ServerBusy(retry_in=round(jitter(1_000, 3_000)))
