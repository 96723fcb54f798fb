"""What the second costs in which everybody checks in: from the room's `ask` to its answer, without sockets.

    python -m tests.speed.taps [members] [memory|disk] [--calls]

Members have half a year of check-ins behind them, as in `turns`; every fifth taps twice. They are asked in handfuls, as
a loop hears them, on a store in memory or on an embedded one that syncs. Times are CPU of this thread, with garbage
collected as the server does it, best of the rounds. ``--calls`` counts instead how many steps of the interpreter and
calls each check-in takes: the same figures each time, whatever else the machine does.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time
from types import FrameType
from typing import TYPE_CHECKING

import uvloop

from checkin.messages import Mark
from room.refusal import Refused
from room.row import member
from roomserver.clock import Clock
from roomserver.committer import Committer
from roomserver.embedded import Embedded
from roomserver.features import make_house
from roomserver.frame_variants import JSON
from roomserver.memory_store import MemoryStore
from roomserver.metrics import Metrics
from roomserver.open_room import OpenRoom
from roomserver.redis_store import RedisStore
from roomserver.rows import RowCodec
from roomserver.shell import Shell
from roomserver.store import Store, StoredRow, Write
from tests.speed.turns import FAITHFUL, TONIGHT, lived, ms, seated

if TYPE_CHECKING:
    from _typeshed import TraceFunction

HANDFUL = 64
"""Taps that one turn of the loop hears."""

ROUNDS = 3

COUNTED = 20
"""Members whose calls are counted: that takes a hundred times as long, and nobody may wait for more than 3 s."""

STAND_INS = ("taps.py", "memory_store.py")
"""Files whose calls are not counted: the server would have a socket and a store there."""

HERE = str(Path(__file__).resolve().parents[2])


@dataclass(slots=True, eq=False)
class Pocket:
    """A connection that only counts what is written to it."""

    frames: int = 0
    size: int = 0
    variant = JSON

    def write(self, frame: bytes) -> None:
        """Take a frame."""
        self.frames += 1
        self.size += len(frame)

    def say(self, part: bytes) -> None:
        """Take a part of a frame."""
        self.write(part)


class Evening(Clock):
    """A clock that goes on, from tonight on."""

    def __init__(self) -> None:
        super().__init__()
        self.adjust(ms(TONIGHT) - self.now())


@dataclass(slots=True, kw_only=True)
class Party:
    """A room full of members, ready to tap."""

    room: OpenRoom
    committer: Committer
    members: int
    connections: list[Pocket]
    done: asyncio.Event = field(default_factory=asyncio.Event)
    taps: int = 0
    answered: int = 0
    refused: int = 0
    size: int = 0

    def answer(self, told: bytes | Refused) -> None:
        """Take an answer."""
        self.answered += 1
        if isinstance(told, Refused):
            self.refused += 1
        else:
            self.size += len(told)
        if self.answered == self.taps:
            self.done.set()

    async def tap(self, some: slice = slice(None)) -> None:
        """Everybody taps, or some of them; every fifth twice."""
        actors = list(self.room.state.actors.values())[some]
        self.done.clear()
        taps = [actor for n, actor in enumerate(actors) for _ in range(2 if n % 5 == 0 else 1)]
        self.taps += len(taps)
        for start in range(0, len(taps), HANDFUL):
            for actor in taps[start : start + HANDFUL]:
                self.room.ask(actor, Mark(room="demo", key="tonight"), self.answer)
            await asyncio.sleep(0)
        await self.done.wait()


@asynccontextmanager
async def a_store(kind: str) -> AsyncIterator[tuple[Store, int]]:
    """A store, and the process that it runs in (0: this one)."""
    if kind == "memory":
        yield MemoryStore(), 0
        return
    with TemporaryDirectory(prefix="taps") as data:
        async with Embedded(Path(data)) as embedded:
            store = RedisStore(embedded.url)
            await store.connect()
            yield store, embedded.pid
            await store.close()


@asynccontextmanager
async def a_party(store: Store, members: int, rows: list[StoredRow]) -> AsyncIterator[Party]:
    """Everybody is here, and his row is in memory as it is stored."""
    house = make_house()
    codec = RowCodec(house)
    state, actors = seated(members, rows)
    for start in range(0, members, 256):
        some = [member(actor.id) for actor in actors[start : start + 256]]
        stored = [rows[n % len(rows)] for n in range(start, start + len(some))]
        writes = [
            Write(subject=subject, id=row.change, version=0, body=row.body)
            for subject, row in zip(some, stored, strict=True)
        ]
        await store.commit({"demo": writes})
        for subject, row in zip(some, await store.load("demo", some), strict=True):
            state.rows[subject] = codec.decode(subject, row)
    committer = Committer(store, codec, on_storage=lambda _: None, on_facts=lambda *_: None)
    loop = asyncio.get_running_loop()
    shell = Shell(house=house, clock=Evening(), committer=committer, metrics=Metrics(), loop=loop)
    connections = [Pocket() for _ in actors]
    for actor, connection in zip(actors, connections, strict=True):
        shell.people.add(actor.id, connection)
    room = OpenRoom(shell, state, await store.open_room("demo"))
    working = loop.create_task(committer.run())
    try:
        yield Party(room=room, committer=committer, members=members, connections=connections)
    finally:
        working.cancel()
        room.close()


def store_cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9 if pid else 0.0


Calls = Counter[tuple[str, str]]
"""How often what happened, and where: ``call``, ``c_call`` or ``opcode``; a file, or a function in it."""


@contextmanager
def counted(calls: Calls) -> Iterator[None]:
    """Count the Python functions that are called, what they call of C, and the steps of the interpreter in them."""

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event in ("call", "c_call"):
            calls[event, code.co_filename] += 1
            calls[event, f"{code.co_filename}:{code.co_qualname}"] += 1

    def step(frame: FrameType, event: str, _: object) -> TraceFunction:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            calls[event, frame.f_code.co_filename] += 1
            calls[event, f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}"] += 1
        return step

    sys.setprofile(note)
    sys.settrace(step)
    try:
        yield
    finally:
        sys.settrace(None)
        sys.setprofile(None)


async def once(kind: str, members: int, rows: list[StoredRow], calls: Calls | None) -> list[float]:
    """The figures of one round, for each member."""
    async with a_store(kind) as (store, pid), a_party(store, members, rows) as party:
        gc.collect()
        gc.freeze()
        gc.disable()
        written, cpu, wall = store_cpu(pid), thread_time(), perf_counter()
        if calls is None:
            await party.tap()
        else:
            await party.tap(slice(members // 2))  # what is looked up once is not counted
            with counted(calls):
                await party.tap(slice(members // 2, None))
        cpu, wall, written = thread_time() - cpu, perf_counter() - wall, store_cpu(pid) - written
        gc.enable()
        gc.unfreeze()
        assert not party.refused
        assert sum(party.room.state.counters.values()) == members
        frames, size = sum(one.frames for one in party.connections), sum(one.size for one in party.connections)
        each = [cpu * 1e6, written * 1e6, wall * 1e6, party.committer.batches, frames, size + party.size]
        return [figure / members for figure in each]


NAMES = ("us of CPU", "us of CPU in the store", "us of time", "round trips", "frames pushed", "bytes told")


def tell(calls: Calls, members: int) -> None:
    """How many steps and calls a check-in takes, without what stands in for the store; and which functions."""
    for event, name in (("opcode", "steps"), ("call", "functions of Python"), ("c_call", "calls into C")):
        of_files = [
            count
            for (what, place), count in calls.items()
            if what == event and ":" not in place and not place.endswith(STAND_INS)
        ]
        print(f"{sum(of_files) / members:9.1f}  {name}")  # noqa: T201 - it is a program
        functions = {place: count for (what, place), count in calls.items() if what == event and ":" in place}
        for place, count in sorted(functions.items(), key=lambda one: -one[1]):
            if count >= members / 4:
                print(f"{count / members:9.2f}    {place.removeprefix(HERE + '/')}")  # noqa: T201


def main(members: int, kind: str, *, count: bool) -> None:
    """Print the figures."""
    rows = [lived(faithful) for faithful in FAITHFUL]
    if count:
        calls: Calls = Counter()
        uvloop.run(once(kind, 2 * COUNTED, rows, calls))
        tell(calls, COUNTED)
        return
    rounds = [uvloop.run(once(kind, members, rows, None)) for _ in range(ROUNDS)]
    for name, figures in zip(NAMES, zip(*rounds, strict=True), strict=True):
        print(f"{min(figures):9.2f} {name}")  # noqa: T201 - it is a program


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    asked = next((int(word) for word in words if word.isdigit()), 6_000)
    main(asked, "disk" if "disk" in words else "memory", count="--calls" in sys.argv)
