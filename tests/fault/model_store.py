"""A store as a wire and a disk make it: late, deaf, forgetful by plan, and honest about what it has acknowledged."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from roomserver.memory_store import MemoryStore
from roomserver.store import RoomFacts, StoredRow, StoreUnavailable, Verdict, Write

ROUND_TRIP = 2.0
"""Seconds after which a server gives a request up."""


class ModelDisk:
    """What all connections lead to; ``compares`` and ``keeps`` are False in stores that break their word.

    ``run`` is the number of its present run, ``away`` whether it lets anybody in.
    """

    def __init__(self, rng: Random, *, compares: bool = True, keeps: bool = True) -> None:
        self.memory = MemoryStore()
        self.rng = rng
        self.run = 1
        self.away = False
        self.faults = 0
        self.calm = False
        self._compares = compares
        self._keeps = keeps
        self._saved = copy.deepcopy(self.memory.stored)

    def restart(self) -> None:
        """It is killed and comes back at once, with all that it has acknowledged; or, if it lies, with less."""
        self.run += 1
        self.faults += 1
        if not self._keeps:
            self.memory.stored = copy.deepcopy(self._saved)

    def save(self) -> None:
        """A store that lies writes what it has to its disk from time to time only."""
        self._saved = copy.deepcopy(self.memory.stored)

    def strikes(self, chance: float) -> bool:
        """Whether a fault befalls this request."""
        struck = not self.calm and self.rng.random() < chance
        self.faults += struck
        return struck

    async def write(self, batches: Mapping[str, Sequence[Write]]) -> dict[str, list[Verdict]]:
        """Do what is asked."""
        if not self._compares:
            batches = {room: [self._current(room, write) for write in writes] for room, writes in batches.items()}
        return {room: list(verdicts) for room, verdicts in (await self.memory.commit(batches)).items()}

    def _current(self, room: str, write: Write) -> Write:
        stored = self.memory.stored.get(room)
        row = stored.rows.get(write.subject) if stored else None
        return replace(write, version=row.version if row else 0)


class ModelStore(MemoryStore):
    """One server's way to the disk; ``retries`` says that a commit whose reply was lost is sent again, blindly."""

    def __init__(self, disk: ModelDisk, *, retries: bool = False) -> None:
        super().__init__()
        self._disk = disk
        self._retries = retries
        self._late: set[asyncio.Task[object]] = set()

    @property
    def run_id(self) -> str:
        return f"run-{self._disk.run}"

    async def load(self, room: str, subjects: Sequence[str]) -> list[StoredRow | None]:
        await self._way(0.03)
        found = await self._disk.memory.load(room, subjects)
        await self._way(0.03)
        return found

    async def open_room(self, room: str) -> RoomFacts:
        await self._way(0.03)
        return await self._disk.memory.open_room(room)

    async def clock_offset(self) -> int:
        await self._way(0.0)
        return 0

    async def touch(self) -> None:
        await self._way(0.0)

    async def board(self, room: str, name: str, start: int, stop: int) -> list[tuple[str, float]]:
        await self._way(0.0)
        return await self._disk.memory.board(room, name, start, stop)

    async def commit(self, batches: Mapping[str, Sequence[Write]]) -> Mapping[str, Sequence[Verdict]]:
        try:
            return await self._commit(batches)
        except StoreUnavailable:
            if not self._retries:
                raise
        return await self._commit(batches)

    async def _commit(self, batches: Mapping[str, Sequence[Write]]) -> Mapping[str, Sequence[Verdict]]:
        await self._way(0.05)
        if self._disk.strikes(0.05):  # it reaches the store all the same, when the server has given it up
            late = asyncio.get_running_loop().create_task(self._arrive_late(batches))
            self._late.add(late)
            late.add_done_callback(self._late.discard)
            await asyncio.sleep(self._disk.rng.choice([0.0, ROUND_TRIP]))
            raise StoreUnavailable("no answer in time")
        verdicts = await self._disk.write(batches)
        await self._way(0.08)
        return verdicts

    async def _arrive_late(self, batches: Mapping[str, Sequence[Write]]) -> None:
        await asyncio.sleep(self._disk.rng.uniform(0, 4))
        await self._disk.write(batches)

    async def _way(self, lost: float) -> None:
        """There, or back: some time, during which the store may be killed, or the connection cut."""
        run = self._disk.run
        await asyncio.sleep(self._disk.rng.choice([0.0, 0.001, self._disk.rng.expovariate(50)]))
        if self._disk.away or self._disk.run != run or self._disk.strikes(lost):
            raise StoreUnavailable("the connection was cut")
