"""A committer at work on a store in the test's hand, with what it told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from room.change import Change
from room.row import Row
from roomserver.committer import Committer, Unresolved
from roomserver.memory_store import Fault
from roomserver.rows import RowCodec
from roomserver.store import RoomFacts, Verdict
from tests.room.toys import HOUSE, Jar
from tests.roomserver.hand_store import HandStore


class Desk:
    """A committer at work, with what it told."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.store = HandStore(faults)
        self.states: list[bool] = []
        self.facts: list[tuple[str, RoomFacts]] = []
        self.committer = Committer(
            self.store,
            RowCodec(HOUSE),
            on_storage=self.states.append,
            on_facts=lambda room, facts: self.facts.append((room, facts)),
        )
        self.told: dict[str, list[Verdict | Unresolved]] = {}
        self.rows: list[Row | None] = []

    def submit(self, name: str, change: Change | None = None, room: str = "demo") -> bool:
        told = self.told.setdefault(name, [])
        return self.committer.submit(room, change or coin(name), told.append)

    def load(self, user: str) -> bool:
        return self.committer.loads.load("demo", f"m:{user}", self.rows.append)

    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.store.batches]


@asynccontextmanager
async def at_work(*faults: Fault) -> AsyncIterator[Desk]:
    desk = Desk(faults)
    task = asyncio.get_running_loop().create_task(desk.committer.run())
    try:
        yield desk
        assert not task.done(), task
    finally:
        task.cancel()


def coin(user: str, version: int = 0, coins: int = 1) -> Change:
    row = Row(subject=f"m:{user}", version=version + 1, change=f"c-{user}-{version}").having(Jar(coins=coins))
    return Change(id=f"c-{user}-{version}", version=version, row=row)
