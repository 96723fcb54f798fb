"""The pre-publish hook: before words are shown, the platform is asked whether they may be.

    rules on values (a rehearsal) ─ refused: never goes out
      └ the sender's line ─ circuit open, too many under way: decided by the configuration
          └ a signed POST of all that wait, up to 32 ─ {"allow": true} ─ the turn runs for real
                                                      └ {"allow": false, "reason"} ─ refused, 1008

What one person says keeps its order: his next message waits until this one is decided. Nobody waits longer than the
deadline for each message that he has sent before. Everything else in a room goes on meanwhile. A request costs a
thousand times what a danmaku does, so in a busy room many questions share one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Protocol, TypeVar

from room.refusal import NotAllowed, PlatformAway, Refused, TooManyRequests
from roomserver.breaker import Breaker
from roomserver.clock import Ids, jitter, wall_ms
from roomserver.metrics import Metrics
from roomserver.question import Answer, Question, plain, read, written
from roomserver.webhook_address import Network, Remembered
from roomserver.webhook_post import NoAnswer, Post
from roomserver.webhook_signature import signed

WAITING = 8
"""Messages of one sender that are not decided yet; more are refused with 111."""

PARALLEL, BATCH = 8, 32
"""Requests that are out at a time, and questions in one; those beyond wait, within their deadline."""

PACE = 0.01
"""Seconds between two requests at least: one takes about 2 ms of the loop that serves all rooms."""

UNDER_WAY, ROOM_SHARE = 1024, 256
"""Questions that are out or wait, in all and of one room; more are decided without asking."""

ANSWER_BYTES = 64 * 1024
"""Of a whole answer: 32 reasons in any script, with room to spare."""

KEPT_SECONDS = 30.0
"""An address that was looked up is used again: questions come often, and names change seldom."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds: the bounds of how long the circuit stays open, the first time and after many."""

log = logging.getLogger(__name__)

T = TypeVar("T")


class Outcome(StrEnum):
    """What became of a question; the last five are decided by the configuration."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    FAILED = "failed"
    CIRCUIT_OPEN = "circuit_open"
    OVERFLOW = "overflow"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Where the platform is asked, signed how, how long (seconds) it may take, and whether silence means consent."""

    url: str
    secrets: tuple[bytes, ...] = field(repr=False)
    deadline: float = 0.5
    fail_open: bool = True
    listed: tuple[Network, ...] = ()


class Asking(Protocol):
    """What carries questions."""

    async def asked(self, body: bytes, headers: Mapping[str, str], *, most: int) -> bytes:
        """The body of the answer.

        Raises NoAnswer.
        """


@dataclass(slots=True, eq=False)
class _Pending:
    """A question that is out or waits to go; a ``probe`` goes while the circuit is open."""

    question: Question
    words: str
    probe: bool
    settled: bool = False
    late: asyncio.TimerHandle = field(init=False)


def backoff(openings: int) -> float:
    """Seconds that the circuit stays open, with jitter, so that not all servers try at once."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(openings, 10))
    return jitter(longest / 2, longest)


class Prepublish:
    """Asks the platform, for all rooms of a server."""

    def __init__(self, hook: Hook, post: Asking, metrics: Metrics, *, pause: Callable[[int], float] = backoff) -> None:
        self.breaker = Breaker(pause)
        self._hook = hook
        self._post = post
        self._metrics = metrics
        self._ids = Ids()
        self._lines: dict[tuple[str, str], deque[Question]] = {}
        self._rooms: Counter[str] = Counter()
        self._pending: set[_Pending] = set()
        self._waiting: deque[_Pending] = deque()
        self._posts: set[asyncio.Task[None]] = set()
        self._next: asyncio.TimerHandle | None = None
        self._next_at = 0.0

    @property
    def under_way(self) -> int:
        """Questions that are out, or wait to go."""
        return len(self._pending)

    def ask(self, question: Question) -> None:
        """Have something decided after all that its sender has said before."""
        line = self._lines.setdefault(question.sender, deque())
        if len(line) >= WAITING:
            question.decided(TooManyRequests())
            return
        line.append(question)
        if len(line) == 1:
            self._advance(question.sender)

    async def close(self) -> None:
        """Ask no more; what is not decided stays so."""
        self._waiting.clear()
        if self._next is not None:
            self._next.cancel()
        for pending in self._pending:
            pending.late.cancel()
        self._pending.clear()
        for post in self._posts:
            post.cancel()
        if self._posts:
            await asyncio.wait(self._posts)

    def _advance(self, sender: tuple[str, str]) -> None:
        """Decide what needs no question, up to the first in the line that does: it goes out."""
        line = self._lines[sender]
        while line:
            question = line[0]
            words = question.rehearse()
            if isinstance(words, str):
                hindrance = self._hindrance(question.room)
                if hindrance is None:
                    self._go_out(question, words)
                    return
                words = self._undecided(hindrance)
            line.popleft()
            question.decided(words)
        self._lines.pop(sender, None)

    def _hindrance(self, room: str) -> Outcome | None:
        """Why the platform is not asked now, if it is not."""
        if len(self._pending) >= UNDER_WAY or self._rooms[room] >= ROOM_SHARE:
            return Outcome.OVERFLOW
        return None if self.breaker.admits(self._now()) else Outcome.CIRCUIT_OPEN

    def _go_out(self, question: Question, words: str) -> None:
        """Ask as soon as there is a place."""
        loop = asyncio.get_running_loop()
        pending = _Pending(question, words, self.breaker.probing)
        too_late = partial(self._decide, pending, self._undecided, Outcome.TIMEOUT)
        pending.late = loop.call_later(self._hook.deadline, too_late)
        self._rooms[question.room] += 1
        self._pending.add(pending)
        self._waiting.append(pending)
        self._send_soon()

    def _send_soon(self) -> None:
        """Send with all that is asked in this turn of the loop, or until the pace allows the next request."""
        if self._next is None and self._waiting and len(self._posts) < PARALLEL:
            self._next = asyncio.get_running_loop().call_at(max(self._now(), self._next_at), self._send)

    def _send(self) -> None:
        """Send some of what waits; what waited when the circuit opened is not asked any more."""
        self._next = None
        if self.breaker.is_open:
            for pending in [one for one in self._waiting if not one.probe]:
                self._decide(pending, self._undecided, Outcome.CIRCUIT_OPEN)
        batch: list[_Pending] = []
        while self._waiting and len(batch) < BATCH:
            if not (one := self._waiting.popleft()).settled:
                batch.append(one)
        if batch:
            post = asyncio.get_running_loop().create_task(self._ask(batch))
            self._posts.add(post)
            post.add_done_callback(self._posted)
            self._next_at = self._now() + PACE
        self._send_soon()

    def _posted(self, post: asyncio.Task[None]) -> None:
        self._posts.discard(post)
        self._send_soon()

    async def _ask(self, batch: Sequence[_Pending]) -> None:
        """One request, from going out to what follows from its answer."""
        probe = any(one.probe for one in batch)
        try:
            async with asyncio.timeout(self._hook.deadline):
                body = await self._post.asked(*self._request(batch), most=ANSWER_BYTES)
            answers = read(body, len(batch))
        except TimeoutError:
            self._failed(batch, Outcome.TIMEOUT, "no answer in time", probe=probe)
        except NoAnswer as error:
            self._failed(batch, Outcome.FAILED, str(error), probe=probe)
        except Exception:
            log.exception("a question was not asked")
            self._failed(batch, Outcome.FAULT, "a fault of ours", probe=probe)
        else:
            if self.breaker.is_open:
                log.info("the pre-publish hook answers again")
            self.breaker.succeeded()
            for one, answer in zip(batch, answers, strict=True):
                self._decide(one, self._answered, answer)

    def _request(self, batch: Sequence[_Pending]) -> tuple[bytes, Mapping[str, str]]:
        name, now = f"ask.{self._ids.next()}", wall_ms()
        body = written(name, now, [(one.question, one.words) for one in batch])
        return body, signed(self._hook.secrets, name, now // 1000, body)

    def _failed(self, batch: Sequence[_Pending], outcome: Outcome, why: str, *, probe: bool) -> None:
        was_open = self.breaker.is_open
        self.breaker.failed(self._now(), probe=probe)
        if self.breaker.is_open and not was_open:
            log.warning("the pre-publish hook is left alone for a while", extra={"why": why})
        for one in batch:
            self._decide(one, self._undecided, outcome)

    def _decide(self, pending: _Pending, by: Callable[[T], Refused | None], what: T) -> None:
        """Settle a question, unless it was too late before, and go on with its sender's line."""
        if pending.settled:
            return
        pending.settled = True
        pending.late.cancel()
        self._pending.discard(pending)
        question = pending.question
        self._rooms[question.room] -= 1
        if not self._rooms[question.room]:
            del self._rooms[question.room]
        refusal = by(what)
        self._lines[question.sender].popleft()
        question.decided(refusal)
        self._advance(question.sender)

    def _answered(self, answer: Answer) -> Refused | None:
        self._count(Outcome.ALLOWED if answer.allow else Outcome.REFUSED)
        return None if answer.allow else NotAllowed(plain(answer.reason))

    def _undecided(self, outcome: Outcome) -> Refused | None:
        """What is done where the platform did not say anything."""
        self._count(outcome)
        if self._hook.fail_open:
            return None
        return PlatformAway(retry_in=max(1000, round(self.breaker.wait(self._now()) * 1000)))

    def _count(self, outcome: Outcome) -> None:
        self._metrics.prepublish.labels(outcome).inc()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


@asynccontextmanager
async def prepublishing(hook: Hook, metrics: Metrics) -> AsyncIterator[Prepublish]:
    """Ask this hook for as long as the block lasts."""
    post = Post(hook.url, listed=hook.listed, look_up=Remembered(KEPT_SECONDS), connections=PARALLEL)
    prepublish = Prepublish(hook, post, metrics)
    try:
        yield prepublish
    finally:
        await prepublish.close()
        await post.close()
