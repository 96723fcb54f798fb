"""Group commit: all that is queued goes to the store in one round trip, as soon as the last batch is answered.

No timer: the batch is as large as the store is slow, at most 256 Changes. A reply that was lost leaves its Changes
*unknown*; the open room loads the rows again and sees in them what was written. While the store is away, Changes wait
in a bounded queue until their commands' time is up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from room.change import Append, Change, Claim, Counter, Due, Score
from room.row import Row
from roomserver.clock import jitter
from roomserver.rows import RowCodec, UnreadableRow
from roomserver.schema import batch, encode, encode_event
from roomserver.store import Store, StoreUnavailable, Verdict, Write

BATCH = 256
"""Changes in one round trip: twice as many gain nothing and double the wait of the first."""

QUEUED = 20_000
"""Changes or loads that may wait; more are refused at once, since they could not be served within 3 s."""

log = logging.getLogger(__name__)


class Unresolved(Enum):
    """What became of a Change that has no verdict."""

    UNKNOWN = auto()
    NOT_WRITTEN = auto()


class Settled(Protocol):
    """Is told what became of its Change."""

    def __call__(self, verdict: Verdict | Unresolved) -> None: ...


Loaded = Callable[[Row | None], None]
"""Is told the row, or None when the store is away or the row cannot be read."""


@dataclass(slots=True)
class _Pending:
    room: str
    write: Write
    settled: Settled


@dataclass(slots=True)
class _Wanted:
    room: str
    subject: str
    loaded: Loaded


class Committer:
    """Carries Changes to the store and rows back, one round trip of each kind at a time."""

    def __init__(self, store: Store, codec: RowCodec, *, on_storage: Callable[[bool], None]):
        self._store = store
        self._codec = codec
        self._on_storage = on_storage
        self._pending: deque[_Pending] = deque()
        self._wanted: deque[_Wanted] = deque()
        self._some_pending = asyncio.Event()
        self._some_wanted = asyncio.Event()
        self._under_way = 0
        self.new_run = asyncio.Event()
        self._run_id = ""
        self.idle = asyncio.Event()
        self.idle.set()
        self.available = True
        self.batches = 0
        self.committed = 0

    def submit(self, room: str, change: Change, settled: Settled) -> bool:
        """Queue a Change; False when the queue is full, and then nothing will be told."""
        if len(self._pending) >= QUEUED:
            return False
        self._pending.append(_Pending(room, written_form(change, self._codec), settled))
        self._some_pending.set()
        self.idle.clear()
        return True

    def load(self, room: str, subject: str, loaded: Loaded) -> bool:
        """Ask for a row; False when too many wait already, and then nothing will be told."""
        if len(self._wanted) >= QUEUED:
            return False
        self._wanted.append(_Wanted(room, subject, loaded))
        self._some_wanted.set()
        return True

    @property
    def queued(self) -> int:
        """Changes that have no verdict yet."""
        return len(self._pending) + self._under_way

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._commit_for_ever(), name="commit")
            tasks.create_task(self._load_for_ever(), name="load")

    async def _commit_for_ever(self) -> None:
        while True:
            await self._some_pending.wait()
            taken = [self._pending.popleft() for _ in range(min(BATCH, len(self._pending)))]
            if not self._pending:
                self._some_pending.clear()
            self._under_way = len(taken)
            await self._commit(taken)
            self._under_way = 0
            if not self._pending:
                self.idle.set()

    async def _commit(self, taken: Sequence[_Pending]) -> None:
        rooms: dict[str, list[_Pending]] = {}
        for one in taken:
            rooms.setdefault(one.room, []).append(one)
        try:
            verdicts = await self._store.commit({room: [one.write for one in ones] for room, ones in rooms.items()})
        except StoreUnavailable as error:
            unresolved = Unresolved.UNKNOWN if error.written == "unknown" else Unresolved.NOT_WRITTEN
            await self._away(error)
            for one in taken:
                one.settled(unresolved)
            return
        self._back()
        self.batches += 1
        self.committed += len(taken)
        for room, ones in rooms.items():
            for one, verdict in zip(ones, verdicts[room], strict=True):
                one.settled(verdict)

    async def _load_for_ever(self) -> None:
        while True:
            await self._some_wanted.wait()
            taken = [self._wanted.popleft() for _ in range(min(BATCH, len(self._wanted)))]
            if not self._wanted:
                self._some_wanted.clear()
            rooms: dict[str, list[_Wanted]] = {}
            for one in taken:
                rooms.setdefault(one.room, []).append(one)
            for room, ones in rooms.items():
                await self._load(room, ones)

    async def _load(self, room: str, wanted: Sequence[_Wanted]) -> None:
        try:
            found = await self._store.load(room, [one.subject for one in wanted])
        except StoreUnavailable as error:
            await self._away(error)
            for one in wanted:
                one.loaded(None)
            return
        self._back()
        for one, stored in zip(wanted, found, strict=True):
            try:
                row = self._codec.decode(one.subject, stored)
            except UnreadableRow as error:
                log.error("unreadable row", extra={"room": room, "why": str(error)})
                one.loaded(None)
            else:
                one.loaded(row)

    async def _away(self, error: StoreUnavailable) -> None:
        """Note that the store is away, and give it a moment, so that nobody hammers it."""
        if self.available:
            log.warning("the store is away", extra={"why": str(error)})
            self.available = False
            self._on_storage(False)
        await asyncio.sleep(jitter(0.05, 0.15))

    def _back(self) -> None:
        if self._store.run_id != self._run_id:
            self._run_id = self._store.run_id
            self.new_run.set()
        if not self.available:
            log.warning("the store is back")
            self.available = True
            self._on_storage(True)


def written_form(change: Change, codec: RowCodec) -> Write:
    """A Change in bytes."""
    return Write(
        subject=change.row.subject,
        id=change.id,
        version=change.version,
        body=codec.encode(change.row),
        claims=tuple(p for p in change.parts if isinstance(p, Claim)),
        appends=tuple((p.log, encode(p.entry)) for p in change.parts if isinstance(p, Append)),
        counters=tuple(p for p in change.parts if isinstance(p, Counter)),
        scores=tuple(p for p in change.parts if isinstance(p, Score)),
        due=tuple(p for p in change.parts if isinstance(p, Due)),
        outbox=batch([encode_event(stamped) for stamped in change.outbox]) if change.outbox else None,
    )
