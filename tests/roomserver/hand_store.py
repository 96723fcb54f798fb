"""A store in memory whose every answer is in the test's hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from roomserver.memory_store import Fault, MemoryStore
from roomserver.store import StoredRow, StoreUnavailable, Verdict, Write


class HandStore(MemoryStore):
    """A MemoryStore that notes what is asked.

    While `gate` is not set, commits are done but not answered; `away` says that nothing is done at all, `full` that
    nothing is written; `broken` is raised instead of an answer.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.reads = asyncio.Event()
        self.reads.set()
        super().__init__(gate=self.gate, faults=faults)
        self.away = False
        self.full = False
        self.broken: Exception | None = None
        self.batches: list[list[Write]] = []
        self.loads: list[tuple[str, list[str]]] = []
        self.boards: list[str] = []

    async def load(self, room: str, subjects: Sequence[str]) -> list[StoredRow | None]:
        self.loads.append((room, list(subjects)))
        self._look()
        found = await super().load(room, subjects)
        await self.reads.wait()
        return found

    async def commit(self, batches: Mapping[str, Sequence[Write]]) -> Mapping[str, Sequence[Verdict]]:
        self.batches.append([write for writes in batches.values() for write in writes])
        self._look()
        self._write_look()
        return await super().commit(batches)

    async def board(self, room: str, name: str, start: int, stop: int) -> list[tuple[str, float]]:
        self.boards.append(name)
        self._look()
        found = await super().board(room, name, start, stop)
        await self.reads.wait()
        return found

    async def touch(self) -> None:
        self._look()
        self._write_look()

    async def clock_offset(self) -> int:
        self._look()
        return 0

    def _look(self) -> None:
        if self.broken is not None:
            raise self.broken
        if self.away:
            raise StoreUnavailable("nobody answers", written="no")

    def _write_look(self) -> None:
        if self.full:
            raise StoreUnavailable("no room for more", written="no")
