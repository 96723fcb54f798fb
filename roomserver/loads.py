"""What is read of the store for many at once: rows and the windows of boards, one round trip of each kind at a time."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from room.board import Place, Window
from room.refusal import ServerBusy
from room.row import Row
from roomserver.boards import read_window
from roomserver.clock import jitter
from roomserver.rows import RowCodec, UnreadableRow
from roomserver.storage import Storage, tell
from roomserver.store import RoomFacts, Store, StoreUnavailable

ROWS = 256
"""Rows that are read in one round trip."""

WAITING = 20_000
"""Loads that may wait; more are refused at once, since they could not be served within 3 s."""

WINDOWS = 1_000
"""Windows of boards that may wait to be read; who asks for the same one waits with the others."""

log = logging.getLogger(__name__)

Loaded = Callable[[Row | None], None]
"""Is told the row, or None when the store is away or the row cannot be read."""


Placed = Callable[[Sequence[Place] | None], None]
"""Is told the places of a window, or None when the store is away."""


@dataclass(slots=True)
class _Wanted:
    room: str
    subject: str
    loaded: Loaded


def crowded() -> ServerBusy:
    """Too many wait for what the store has: come back later, and not all at once."""
    return ServerBusy(retry_in=round(jitter(1_000, 3_000)))


class Loads:
    """Rows and windows that wait to be read; ``on_facts`` is told a room's sums where they were not known."""

    def __init__(
        self, store: Store, codec: RowCodec, storage: Storage, on_facts: Callable[[str, RoomFacts], None]
    ) -> None:
        self._store = store
        self._codec = codec
        self._storage = storage
        self._on_facts = on_facts
        self._sums_unknown: set[str] = set()
        self._wanted: deque[_Wanted] = deque()
        self._some_wanted = asyncio.Event()
        self._windows: dict[tuple[str, Window], list[Placed]] = {}
        self._some_windows = asyncio.Event()

    def load(self, room: str, subject: str, loaded: Loaded) -> bool:
        """Ask for a row; False when too many wait already, and then nothing will be told."""
        if len(self._wanted) >= WAITING:
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

    def doubt_sums(self, rooms: Iterable[str]) -> None:
        """These rooms' sums are not known: they are asked for with the next row that is read there."""
        self._sums_unknown.update(rooms)

    # --- rows

    async def read_rows(self) -> None:
        """Read rows that are asked for, for ever."""
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
            tell(one.loaded, None)

    async def _load(self, room: str, wanted: Sequence[_Wanted]) -> bool:
        """Read rows of a room; False when the store is away."""
        try:
            found = await self._store.load(room, [one.subject for one in wanted])
            await self._learn_sums(room)
        except StoreUnavailable as error:
            await self._unread(wanted, error)
            return False
        except Exception as error:  # a fault of ours must not end the loads of all
            log.exception("a load failed")
            await self._unread(wanted, error)
            return True
        self._storage.answered()
        for one, stored in zip(wanted, found, strict=True):
            try:
                row = self._codec.decode(one.subject, stored)
            except UnreadableRow as error:
                log.error("unreadable row", extra={"room": room, "why": str(error)})
                tell(one.loaded, None)
            else:
                tell(one.loaded, row)
        return True

    async def _unread(self, wanted: Sequence[_Wanted], error: Exception) -> None:
        await self._storage.away(error)
        for one in wanted:
            tell(one.loaded, None)

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
        tell(partial(self._on_facts, room), facts)

    # --- windows

    async def read_windows(self) -> None:
        """Read windows that are asked for, for ever."""
        while True:
            await self._some_windows.wait()
            room, window = next(iter(self._windows))
            found: Sequence[Place] | None = None
            try:
                found = await read_window(self._store, room, window)
            except StoreUnavailable as error:
                await self._storage.away(error)
                self._hide_places()
                continue
            except Exception as error:  # as in _load
                log.exception("a board was not read")
                await self._storage.away(error)
            for placed in self._windows.pop((room, window)):
                tell(placed, found)
            if not self._windows:
                self._some_windows.clear()

    def _hide_places(self) -> None:
        """Tell everybody who waits for places that the store is away."""
        waiting = [placed for asked in self._windows.values() for placed in asked]
        self._windows.clear()
        self._some_windows.clear()
        for placed in waiting:
            tell(placed, None)
