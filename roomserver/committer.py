"""Group commit: all that is queued goes to the store in one round trip, as soon as the last batch is answered.

It leaves before the verdicts of that last batch are told, so that the store works while the rooms do. No timer: the
batch is as large as the store is slow, at most 1,024 Changes. A reply that was lost leaves its Changes *unknown*; the
open room loads the rows again and sees in them what was written. While the store is away, Changes wait in a bounded
queue until their commands' time is up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from room.change import Append, Change, Claim, Counter, Due, Forget, Score
from roomserver.loads import Loads
from roomserver.rows import RowCodec
from roomserver.schema import batch, encode, encode_kept
from roomserver.storage import Storage, tell
from roomserver.store import Conflict, RoomFacts, Store, StoreUnavailable, Verdict, Write
from roomserver.store_limits import check_one

BATCH = 1024
"""Changes in one round trip: in the second in which everybody checks in, the loop has come round only a few times."""

ANSWERS_SECONDS = 1.0
"""A store that has answered a commit so lately is not away, whatever waits for it."""

QUEUED = 20_000
"""Changes that may wait; more are refused at once, since they could not be served within 3 s."""

log = logging.getLogger(__name__)


class Unresolved(Enum):
    """What became of a Change that has no verdict."""

    UNKNOWN = auto()
    NOT_WRITTEN = auto()


Settled = Callable[[Verdict | Unresolved], None]
"""Is told what became of its Change."""

Wanted = Callable[[], bool]
"""Whether anybody still waits for a Change."""


@dataclass(slots=True)
class _Pending:
    room: str
    write: Write
    settled: Settled
    wanted: Wanted
    since: float


class Committer:
    """Carries Changes to the store, one round trip at a time; what is read of it is in ``loads``."""

    def __init__(
        self,
        store: Store,
        codec: RowCodec,
        *,
        on_storage: Callable[[bool], None],
        on_facts: Callable[[str, RoomFacts], None],
    ):
        self._store = store
        self._codec = codec
        self.storage = Storage(store, on_storage)
        self.loads = Loads(store, codec, self.storage, on_facts)
        self._pending: deque[_Pending] = deque()
        self._some_pending = asyncio.Event()
        self._untold: list[tuple[_Pending, Verdict]] = []
        self._under_way = 0
        self._begun = 0.0
        self._answered = float("-inf")
        self.waited = 0.0
        """Seconds for which the batch that was answered last had waited; 0 when nothing waits, or the store is away."""
        self._loop = asyncio.get_running_loop()
        self._now = self._loop.time
        self.after_telling: Callable[[], None] = _nothing
        """What is to be done once the verdicts of a batch are told."""
        self.stale = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self.batches = 0
        self.committed = 0

    def submit(self, room: str, change: Change, settled: Settled, wanted: Wanted = lambda: True) -> bool:
        """Queue a Change; False when the queue is full, and then nothing will be told.

        One that is ``wanted`` no more when its turn comes is not written: who comes back finds no old work before his.

        Raises ValueError, TypeError for what no store could keep: it would spoil the batch of all others.
        """
        if len(self._pending) >= QUEUED:
            return False
        write = written_form(change, self._codec)
        check_one(write)
        self._pending.append(_Pending(room, write, settled, wanted, self._now()))
        self._some_pending.set()
        self.idle.clear()
        return True

    @property
    def queued(self) -> int:
        """Changes that have no verdict yet."""
        return len(self._pending) + self._under_way

    @property
    def wait(self) -> float:
        """Seconds since the oldest Change without a verdict was queued; 0 while the store is away."""
        return self._now() - self._oldest if self.storage.available and self.queued else 0.0

    @property
    def answers(self) -> bool:
        """Whether the store answers: what takes long then is that much is asked of it, or of this process."""
        return self.storage.available and self._now() - self._answered < ANSWERS_SECONDS

    @property
    def _oldest(self) -> float:
        return self._begun if self._under_way else self._pending[0].since

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._commit_for_ever(), name="commit")
            tasks.create_task(self.loads.read_rows(), name="rows")
            tasks.create_task(self.loads.read_windows(), name="windows")
            tasks.create_task(self.storage.watch(lambda: self.queued > 0), name="storage")

    async def _commit_for_ever(self) -> None:
        while True:
            await self._some_pending.wait()
            taken = self._take()
            if not self._pending:
                self._some_pending.clear()
            if taken:
                self._under_way, self._begun = len(taken), taken[0].since
                await self._commit(taken)
                self._under_way = 0
            self._rest()

    def _take(self) -> list[_Pending]:
        """The next batch; a subject's second Change, which a store refuses beside the first, begins another."""
        taken: list[_Pending] = []
        subjects: set[tuple[str, str]] = set()
        while self._pending and len(taken) < BATCH:
            subject = self._pending[0].room, self._pending[0].write.subject
            if subject in subjects:
                break
            next_one = self._pending.popleft()
            if next_one.wanted():
                subjects.add(subject)
                taken.append(next_one)
            else:
                self.stale += 1
                tell(next_one.settled, Unresolved.NOT_WRITTEN)
        return taken

    async def _commit(self, taken: Sequence[_Pending]) -> None:
        rooms: dict[str, list[_Pending]] = {}
        for one in taken:
            rooms.setdefault(one.room, []).append(one)
        try:
            verdicts = await self._store.commit({room: [one.write for one in ones] for room, ones in rooms.items()})
        except StoreUnavailable as error:
            unresolved = Unresolved.UNKNOWN if error.written == "unknown" else Unresolved.NOT_WRITTEN
            await self._unresolved(taken, unresolved, error)
            return
        except Exception as error:  # a fault of ours must not end the commits of all
            log.exception("a commit failed")
            await self._unresolved(taken, Unresolved.UNKNOWN, error)
            return
        self.storage.wrote()
        self._answered = self._now()
        self.waited = self._answered - self._begun
        self.batches += 1
        self.committed += len(taken)
        self.loads.doubt_sums(room for room in rooms if any(isinstance(one, Conflict) for one in verdicts[room]))
        self._untold += [pair for room, ones in rooms.items() for pair in zip(ones, verdicts[room], strict=True)]
        if self._pending:  # they go first: the store works on them while these are told
            self._loop.call_soon(self._tell)
        else:
            self._tell()

    def _tell(self) -> None:
        untold, self._untold = self._untold, []
        for one, verdict in untold:
            tell(one.settled, verdict)
        self.after_telling()
        self._rest()

    def _rest(self) -> None:
        if not self.queued and not self._untold:
            self.waited = 0.0
            self.idle.set()

    async def _unresolved(self, taken: Sequence[_Pending], what: Unresolved, error: Exception) -> None:
        if what is Unresolved.UNKNOWN:
            self.loads.doubt_sums(one.room for one in taken)
        self.waited = 0.0
        await self.storage.lost(error)
        for one in taken:
            tell(one.settled, what)


def _nothing() -> None:
    """Nobody has anything to do."""


def written_form(change: Change, codec: RowCodec) -> Write:
    """A Change in bytes."""
    sorted_out: dict[type, list[Any]] = {Append: [], Claim: [], Counter: [], Score: [], Due: [], Forget: []}
    for part in change.parts:
        sorted_out[type(part)].append(part)
    return Write(
        subject=change.row.subject,
        id=change.id,
        version=change.version,
        body=codec.encode(change.row),
        claims=sorted_out[Claim],
        appends=[(part.log, encode(part.entry)) for part in sorted_out[Append]],
        counters=sorted_out[Counter],
        scores=sorted_out[Score],
        due=sorted_out[Due],
        forgets=[part.log for part in sorted_out[Forget]],
        outbox=batch([encode_kept(stamped) for stamped in change.outbox]) if change.outbox else None,
    )
