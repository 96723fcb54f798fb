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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any, TypeVar

from room.board import Place, Window
from room.change import Append, Change, Claim, Counter, Due, Forget, Score
from room.row import Row
from roomserver.boards import read_window
from roomserver.clock import jitter
from roomserver.rows import RowCodec, UnreadableRow
from roomserver.schema import batch, encode, encode_kept
from roomserver.store import Conflict, Durability, RoomFacts, Store, StoreUnavailable, Verdict, Write
from roomserver.store_limits import check_one

BATCH = 1024
"""Changes in one round trip: in the second in which everybody checks in, the loop has come round only a few times."""

ROWS = 256
"""Rows that are read in one round trip."""

ANSWERS_SECONDS = 1.0
"""A store that has answered a commit so lately is not away, whatever waits for it."""

PROBE_SECONDS = 2.0
"""Between two looks at a store that nobody asks for anything: so soon its leaving is told, before somebody needs it."""

RETURN_SECONDS = 0.25
"""Between two looks at a store that is away: so soon its return is told, though nobody tries to write."""

QUEUED = 20_000
"""Changes or loads that may wait; more are refused at once, since they could not be served within 3 s."""

WINDOWS = 1_000
"""Windows of boards that may wait to be read; who asks for the same one waits with the others."""

log = logging.getLogger(__name__)

T = TypeVar("T")


class Unresolved(Enum):
    """What became of a Change that has no verdict."""

    UNKNOWN = auto()
    NOT_WRITTEN = auto()


Settled = Callable[[Verdict | Unresolved], None]
"""Is told what became of its Change."""

Loaded = Callable[[Row | None], None]
"""Is told the row, or None when the store is away or the row cannot be read."""


Placed = Callable[[Sequence[Place] | None], None]
"""Is told the places of a window, or None when the store is away."""


Wanted = Callable[[], bool]
"""Whether anybody still waits for a Change."""


@dataclass(slots=True)
class _Pending:
    room: str
    write: Write
    settled: Settled
    wanted: Wanted
    since: float


@dataclass(slots=True)
class _Wanted:
    room: str
    subject: str
    loaded: Loaded


class Committer:
    """Carries Changes to the store and rows back, one round trip of each kind at a time."""

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
        self._on_storage = on_storage
        self._on_facts = on_facts
        self._sums_unknown: set[str] = set()
        self._pending: deque[_Pending] = deque()
        self._wanted: deque[_Wanted] = deque()
        self._some_pending = asyncio.Event()
        self._some_wanted = asyncio.Event()
        self._windows: dict[tuple[str, Window], list[Placed]] = {}
        self._some_windows = asyncio.Event()
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
        self.new_run = asyncio.Event()
        self._run: tuple[str, Durability] = "", Durability.MEMORY
        self.idle = asyncio.Event()
        self.idle.set()
        self.available = True
        self._unwritten = False
        self._refuses = False
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

    def load(self, room: str, subject: str, loaded: Loaded) -> bool:
        """Ask for a row; False when too many wait already, and then nothing will be told."""
        if len(self._wanted) >= QUEUED:
            return False
        self._wanted.append(_Wanted(room, subject, loaded))
        self._some_wanted.set()
        return True

    def places(self, room: str, window: Window, placed: Placed) -> bool:
        """Ask for places; who asks for the same before it is read shares the reading. False as in ``load``."""
        waiting = self._windows.get((room, window))
        if waiting is None and len(self._windows) >= WINDOWS:
            return False
        self._windows.setdefault((room, window), []).append(placed)
        self._some_windows.set()
        return True

    @property
    def queued(self) -> int:
        """Changes that have no verdict yet."""
        return len(self._pending) + self._under_way

    @property
    def wait(self) -> float:
        """Seconds since the oldest Change without a verdict was queued; 0 while the store is away."""
        return self._now() - self._oldest if self.available and self.queued else 0.0

    @property
    def answers(self) -> bool:
        """Whether the store answers: what takes long then is that much is asked of it, or of this process."""
        return self.available and self._now() - self._answered < ANSWERS_SECONDS

    @property
    def _oldest(self) -> float:
        return self._begun if self._under_way else self._pending[0].since

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._commit_for_ever(), name="commit")
            tasks.create_task(self._load_for_ever(), name="load")
            tasks.create_task(self._place_for_ever(), name="places")
            tasks.create_task(self._probe_for_ever(), name="probe")

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
                _call(next_one.settled, Unresolved.NOT_WRITTEN)
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
        self._unwritten = False
        self._back()
        self._answered = self._now()
        self.waited = self._answered - self._begun
        self.batches += 1
        self.committed += len(taken)
        self._sums_unknown.update(room for room in rooms if any(isinstance(one, Conflict) for one in verdicts[room]))
        self._untold += [pair for room, ones in rooms.items() for pair in zip(ones, verdicts[room], strict=True)]
        if self._pending:  # they go first: the store works on them while these are told
            self._loop.call_soon(self._tell)
        else:
            self._tell()

    def _tell(self) -> None:
        untold, self._untold = self._untold, []
        for one, verdict in untold:
            _call(one.settled, verdict)
        self.after_telling()
        self._rest()

    def _rest(self) -> None:
        if not self.queued and not self._untold:
            self.waited = 0.0
            self.idle.set()

    async def _unresolved(self, taken: Sequence[_Pending], what: Unresolved, error: Exception) -> None:
        if what is Unresolved.UNKNOWN:
            self._sums_unknown.update(one.room for one in taken)
        self._unwritten, self.waited = True, 0.0
        await self._away(error)
        for one in taken:
            _call(one.settled, what)

    async def _load_for_ever(self) -> None:
        while True:
            await self._some_wanted.wait()
            taken = [self._wanted.popleft() for _ in range(min(ROWS, len(self._wanted)))]
            rooms: dict[str, list[_Wanted]] = {}
            for one in taken:
                rooms.setdefault(one.room, []).append(one)
            while rooms:
                room = next(iter(rooms))
                if not await self._load(room, rooms.pop(room)):
                    self._turn_away(rooms.values())
                    break
            if not self._wanted:
                self._some_wanted.clear()

    def _turn_away(self, rooms: Iterable[Sequence[_Wanted]]) -> None:
        """Tell everybody else who waits for a row that the store is away: one who looks is enough."""
        waiting = [one for ones in (*rooms, self._wanted) for one in ones]
        self._wanted.clear()
        for one in waiting:
            _call(one.loaded, None)

    async def _load(self, room: str, wanted: Sequence[_Wanted]) -> bool:
        """Read rows of a room; False when the store is away."""
        try:
            found = await self._store.load(room, [one.subject for one in wanted])
            await self._learn_sums(room)
        except StoreUnavailable as error:
            await self._unread(wanted, error)
            return False
        except Exception as error:  # as in _commit
            log.exception("a load failed")
            await self._unread(wanted, error)
            return True
        self._back()
        for one, stored in zip(wanted, found, strict=True):
            try:
                row = self._codec.decode(one.subject, stored)
            except UnreadableRow as error:
                log.error("unreadable row", extra={"room": room, "why": str(error)})
                _call(one.loaded, None)
            else:
                _call(one.loaded, row)
        return True

    async def _place_for_ever(self) -> None:
        while True:
            await self._some_windows.wait()
            room, window = next(iter(self._windows))
            found: Sequence[Place] | None = None
            try:
                found = await read_window(self._store, room, window)
            except StoreUnavailable as error:
                await self._away(error)
                self._hide_places()
                continue
            except Exception as error:  # as in _commit
                log.exception("a board was not read")
                await self._away(error)
            for placed in self._windows.pop((room, window)):
                _call(placed, found)
            if not self._windows:
                self._some_windows.clear()

    def _hide_places(self) -> None:
        """Tell everybody who waits for places that the store is away."""
        waiting = [placed for asked in self._windows.values() for placed in asked]
        self._windows.clear()
        self._some_windows.clear()
        for placed in waiting:
            _call(placed, None)

    async def _learn_sums(self, room: str) -> None:
        """After a lost reply or a conflict, ask for the sums: rows tell what was written, not what it added up to."""
        if room not in self._sums_unknown:
            return
        self._sums_unknown.discard(room)
        try:
            facts = await self._store.open_room(room)
        except BaseException:
            self._sums_unknown.add(room)
            raise
        _call(partial(self._on_facts, room), facts)

    async def _probe_for_ever(self) -> None:
        """Look whether the store answers, also when nobody asks it for anything.

        While Changes wait, their commits tell. One that answers but takes nothing (read-only, out of memory, its disk
        full) stays away, and is asked less often: a full disk ends an embedded store at each try.
        """
        while True:
            pause = PROBE_SECONDS if self.available or self._refuses else RETURN_SECONDS
            await asyncio.sleep(jitter(0.5 * pause, 1.5 * pause))  # many servers must not knock at the same moment
            self._refuses = False
            try:
                await self._store.clock_offset()
                if self._unwritten and not self.queued:
                    self._refuses = True
                    await self._store.touch()
                    self._unwritten = self._refuses = False
            except StoreUnavailable as error:
                await self._away(error)
            except Exception as error:  # as in _commit
                log.exception("a look at the store failed")
                await self._away(error)
            else:
                if not self.queued:
                    self._back()

    async def _unread(self, wanted: Sequence[_Wanted], error: Exception) -> None:
        await self._away(error)
        for one in wanted:
            _call(one.loaded, None)

    async def _away(self, error: Exception) -> None:
        """Note that the store is away, and give it a moment, so that nobody hammers it."""
        if self.available:
            log.warning("the store is away", extra={"why": str(error)})
            self.available = False
            _call(self._on_storage, False)
        await asyncio.sleep(jitter(0.05, 0.15))

    def _back(self) -> None:
        run = self._store.run_id, self._store.durability
        if run != self._run:
            self._run = run
            self.new_run.set()
        if not self.available and not self._unwritten:
            log.warning("the store is back")
            self.available = True
            _call(self._on_storage, True)


def _nothing() -> None:
    """Nobody has anything to do."""


def _call(told: Callable[[T], None], answer: T) -> None:
    """Tell an answer to whoever waits for it: his fault must not stop the commits of all others."""
    try:
        told(answer)
    except Exception:
        log.exception("an answer of the store was not taken")


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
