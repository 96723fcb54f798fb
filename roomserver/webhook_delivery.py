"""One endpoint's webhooks: record after record of each room, in order, later and later where it fails.

Per room one record is under way at a time; a room that fails holds up no other. How far each has come is in the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Protocol
from urllib.parse import urlsplit

import orjson

from roomserver.clock import jitter, wall_ms
from roomserver.metrics import Metrics
from roomserver.store import Store, StoreUnavailable
from roomserver.store_limits import BODY, parse_record_id
from roomserver.webhook_address import Network
from roomserver.webhook_post import Attempt
from roomserver.webhook_signature import signed

START = "0"
"""Before the first record of a room."""

PAGE = 64
PARALLEL = 8
"""Rooms of one endpoint that are served at a time."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 3600.0
"""Seconds: the bounds of the pause after one failure, and after many."""

GIVE_UP_MS = 72 * 3_600_000
"""As long as the outbox is kept; a record that still fails then is passed over."""

STORE_SECONDS = 2.0
"""Until a store that was away is asked again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where to post, what of, and signed how; no ``rooms`` means all, ``listed`` networks are allowed too.

    ``events`` are kinds: ``checkin.marked``, ``checkin.*`` or ``*``. Two secrets sign during a rotation.
    """

    url: str
    secrets: tuple[bytes, ...] = field(repr=False)
    events: tuple[str, ...] = ("*",)
    rooms: tuple[str, ...] = ()
    listed: tuple[Network, ...] = ()

    @cached_property
    def name(self) -> str:
        """Short for its URL, which may hold a secret; the name of its cursors."""
        return sha256(self.url.encode()).hexdigest()[:12]

    @property
    def host(self) -> str:
        """For logs."""
        return urlsplit(self.url).hostname or ""

    def serves(self, room: str) -> bool:
        """Whether it is told of a room."""
        return not self.rooms or room in self.rooms

    def wants(self, kind: str) -> bool:
        """Whether it is told of events of a kind."""
        return any(kind == one or (one.endswith("*") and kind.startswith(one[:-1])) for one in self.events)


def backoff(failures: int) -> float:
    """Seconds until the next attempt, with full jitter."""
    return jitter(0.0, min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures, 20)))


class Posting(Protocol):
    """What makes attempts."""

    async def attempt(self, body: bytes, headers: Mapping[str, str]) -> tuple[Attempt, str, float]:
        """Deliver a body; what became of it, why, and how many seconds to wait at least."""


class Delivery:
    """Brings the records of all rooms to one endpoint; ``gone`` once that wants no more (410)."""

    def __init__(
        self,
        endpoint: Endpoint,
        store: Store,
        post: Posting,
        metrics: Metrics,
        *,
        pause: Callable[[int], float] = backoff,
    ) -> None:
        self.endpoint = endpoint
        self.gone = False
        self._store = store
        self._post = post
        self._metrics = metrics
        self._pause = pause
        self._due: dict[str, float] = {}
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._failures: dict[str, int] = {}
        self._asked: dict[str, float] = {}
        self._seen: dict[str, str] = {}
        self._missed: dict[str, str] = {}
        self._waiting: dict[str, int] = {}
        self._news = asyncio.Event()

    def wake(self, room: str) -> None:
        """There may be something new in a room; one that waits after a failure goes on waiting."""
        if self.gone or not self.endpoint.serves(room):
            return
        if room in self._busy:
            self._again.add(room)
        else:
            self._due.setdefault(room, 0.0)
        self._news.set()

    def lag(self, now: int) -> int:
        """How long ago (ms) the oldest record happened that is under way or failed."""
        return max(0, now - min(self._waiting.values(), default=now))

    async def run(self) -> None:
        """Deliver for as long as the endpoint wants it."""
        async with asyncio.TaskGroup() as tasks:
            while not self.gone:
                self._news.clear()
                for room in self._ready():
                    del self._due[room]
                    self._busy.add(room)
                    tasks.create_task(self._serve(room), name=f"webhook {room}")
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._until_next()):
                        await self._news.wait()

    def _ready(self) -> list[str]:
        now = asyncio.get_running_loop().time()
        ready = sorted((at, room) for room, at in self._due.items() if at <= now)
        return [room for _, room in ready[: PARALLEL - len(self._busy)]]

    def _until_next(self) -> float | None:
        if not self._due or len(self._busy) >= PARALLEL:
            return None
        return max(0.0, min(self._due.values()) - asyncio.get_running_loop().time())

    async def _serve(self, room: str) -> None:
        """One go at a room; afterwards it waits for news, or for its next attempt."""
        wait: float | None
        try:
            wait = await self._advance(room)
        except StoreUnavailable:
            wait = STORE_SECONDS
        except Exception:
            log.exception("a webhook was not delivered", extra={"room": room, "endpoint": self.endpoint.name})
            wait = LONGEST_PAUSE
        if wait is None and room in self._again:
            wait = 0.0
        if wait is not None:
            self._due[room] = asyncio.get_running_loop().time() + wait
        self._again.discard(room)
        self._busy.discard(room)
        self._news.set()

    async def _advance(self, room: str) -> float | None:
        """Deliver what there is; the pause after a failed attempt, None when nothing is left.

        Raises StoreUnavailable.
        """
        after = await self._begin(room)
        while not self.gone:
            page = await self._store.outbox(room, after, PAGE)
            if not page.complete:
                self._miss(room, after)
            for record, data in page.records:
                body = envelope(self.endpoint, room, record, data)
                if body is not None:
                    if not await self._deliver(room, record, body):
                        asked = min(self._asked.get(room, 0.0), LONGEST_PAUSE)
                        return max(self._pause(self._failures.get(room, 0)), asked)
                    await self._store.move(room, self.endpoint.name, record)
                self._seen[room] = record
            if len(page.records) < PAGE:
                return None
            after, last = page.records[-1]
            if envelope(self.endpoint, room, after, last) is None:  # nor would it be after a restart
                await self._store.move(room, self.endpoint.name, after)
        return None

    async def _begin(self, room: str) -> str:
        """The place after which this endpoint knows nothing: as stored, or as seen since."""
        stored = await self._store.cursor(room, self.endpoint.name) or START
        return max(stored, self._seen.get(room, START), key=parse_record_id)

    def _miss(self, room: str, after: str) -> None:
        """Say once that what came next is kept no more, however often it is looked for."""
        if self._missed.get(room) == after:
            return
        self._missed[room] = after
        self._metrics.webhooks_lost.labels(self.endpoint.name).inc()
        facts = {"room": room, "endpoint": self.endpoint.name, "after": after}
        log.error("webhooks were lost: kept no more", extra=facts)

    async def _deliver(self, room: str, record: str, body: bytes) -> bool:
        """One attempt; whether to go on to the next record."""
        if self.gone:
            return False
        name = self.endpoint.name
        self._waiting[room] = happened = parse_record_id(record)[0]
        headers = signed(self.endpoint.secrets, f"{room}.{record}.{name}", wall_ms() // 1000, body)
        became, why, self._asked[room] = await self._post.attempt(body, headers)
        facts = {"endpoint": name, "host": self.endpoint.host, "room": room, "record": record, "why": why}
        if became is Attempt.DONE:
            self._metrics.webhooks_delivered.labels(name).inc()
        elif became is Attempt.GONE:
            self.gone = True
            log.error("a webhook endpoint is gone, and gets nothing until the next start", extra=facts)
        else:
            self._metrics.webhooks_failed.labels(name).inc()
            if self._failures.setdefault(room, 0) == 0:
                log.warning("a webhook failed, and is tried again", extra=facts)
            self._failures[room] += 1
        passed_over = became is Attempt.FAILED and wall_ms() - happened > GIVE_UP_MS
        if passed_over:
            self._metrics.webhooks_lost.labels(name).inc()
            log.error("a webhook was given up", extra=facts)
        if became is not Attempt.DONE and not passed_over:
            return False
        self._failures.pop(room, None)
        self._asked.pop(room, None)
        del self._waiting[room]
        return True


def envelope(endpoint: Endpoint, room: str, record: str, data: bytes) -> bytes | None:
    """What is posted of a record: ``{room, id, events}``; None when the endpoint wants none of its events.

    One that would be above 64 KiB comes without its events and with ``large``: they are read by the record's id.
    """
    events = [one for one in orjson.loads(data)["events"] if endpoint.wants(one["type"])]
    if not events:
        return None
    body = orjson.dumps({"room": room, "id": record, "events": events})
    return body if len(body) <= BODY else orjson.dumps({"room": room, "id": record, "events": [], "large": True})
