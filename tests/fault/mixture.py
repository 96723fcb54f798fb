"""Two servers on one store behind a gate, and what may befall them: by a seed, so that a round can be had again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

import redis

from roomserver.embedded import Embedded
from tests.fault.client import Tap
from tests.fault.crowd import Pairs, enter, gone, leave, send, settle
from tests.fault.gate import Gate, Lost, Moment, gate_to
from tests.fault.room_process import RoomProcess, room_process
from tests.patience import until

MOMENTS: tuple[Moment, ...] = ("commit", "half", "answer", "answered")
LOSSES: tuple[Lost, ...] = ("request", "reply", "late")


class Mixture:
    """``steady`` is never killed; ``other`` is, and begun anew."""

    def __init__(self, store: Embedded, gate: Gate, steady: RoomProcess, rng: Random) -> None:
        self.store = store
        self.gate = gate
        self.steady = steady
        self.other: RoomProcess
        self.rng = rng
        self._lives = AsyncExitStack()

    async def begin_other(self) -> None:
        """A new life of the server that is killed."""
        await self._lives.aclose()
        self.other = await self._lives.enter_async_context(room_process("--redis", self.gate.url))

    def answers(self) -> bool:
        """Whether the store does."""
        with redis.Redis.from_url(self.store.url) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    async def end(self) -> None:
        """Both lives are over."""
        await self._lives.aclose()

    async def round(self, room: str, number: int, members: int, fault: str) -> list[Tap]:
        """New members tap on both servers at once, with one key or two; a fault strikes; then each gets his receipt."""
        if self.other.process.poll() is not None:
            await self.begin_other()
        users = [f"member-{number}-{member}" for member in range(members)]
        first = [Tap(user, "first") for user in users]
        second = [Tap(user, self.rng.choice(("first", "second"))) for user in users]
        pairs = [*await enter(self.steady, first, room), *await enter(self.other, second, room)]
        self.rng.shuffle(pairs)
        answers = send(pairs)
        await answers[self.rng.randrange(len(answers) // 2)]
        await FAULTS[fault](self, pairs)
        for answer in answers:
            await answer
        self.gate.calm()
        leave(pairs)
        await gone(pairs)
        again = await enter(self.steady, [*first, *second], room)
        await settle(again)
        leave(again)
        await gone(again)
        await until(self.answers)  # a server that knows all receipts does not wait for its store
        return first + second


Fault = Callable[[Mixture, Pairs], Awaitable[None]]


async def nothing(mixture: Mixture, pairs: Pairs) -> None:
    """Two devices of each at once are enough."""


async def kill_server(mixture: Mixture, pairs: Pairs) -> None:
    mixture.other.kill()
    await asyncio.to_thread(mixture.other.process.wait)


async def stop_server(mixture: Mixture, pairs: Pairs) -> None:
    mixture.other.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(mixture.other.process.wait, 60) == 0


async def kill_store(mixture: Mixture, pairs: Pairs) -> None:
    os.kill(mixture.store.pid, signal.SIGKILL)


async def freeze_store(mixture: Mixture, pairs: Pairs) -> None:
    """For so long that some give up, or not."""
    pid = mixture.store.pid
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(mixture.rng.uniform(0.1, 2.5))
    os.kill(pid, signal.SIGCONT)


async def shut_gate(mixture: Mixture, pairs: Pairs) -> None:
    mixture.gate.shut()
    await asyncio.sleep(mixture.rng.uniform(0.05, 1.0))
    mixture.gate.open()


async def hold_answers(mixture: Mixture, pairs: Pairs) -> None:
    mixture.gate.answers.clear()
    await asyncio.sleep(mixture.rng.uniform(0.05, 1.0))
    mixture.gate.answers.set()


async def delay_everything(mixture: Mixture, pairs: Pairs) -> None:
    """By another time for each piece, until the round is over: the two servers overtake one another."""
    mixture.gate.delay = lambda: mixture.rng.uniform(0.0, 0.15)


async def read_slowly(mixture: Mixture, pairs: Pairs) -> None:
    """A few bytes at a time: commits and answers come in pieces."""
    mixture.gate.piece, mixture.gate.delay = mixture.rng.choice((16, 64, 256)), lambda: 0.001


async def lose_a_commit(mixture: Mixture, pairs: Pairs) -> None:
    """Of the next commit, and then of those that come of it."""
    mixture.gate.lose = mixture.rng.choice(LOSSES)


async def kill_server_at_a_commit(mixture: Mixture, pairs: Pairs) -> None:
    """At a moment of whoever commits next: the connection of that one is cut."""
    mixture.gate.strike_at(mixture.rng.choice(MOMENTS), mixture.other.kill)


async def hang_up(mixture: Mixture, pairs: Pairs) -> None:
    """All come back at once."""
    leave(pairs)


FAULTS: Mapping[str, Fault] = {
    "double submit": nothing,
    "server killed": kill_server,
    "server stopped": stop_server,
    "server killed at a commit": kill_server_at_a_commit,
    "store killed": kill_store,
    "store frozen": freeze_store,
    "connections cut": shut_gate,
    "answers held back": hold_answers,
    "everything late": delay_everything,
    "read slowly": read_slowly,
    "commit lost": lose_a_commit,
    "everybody hangs up": hang_up,
}


def order(rng: Random) -> list[str]:
    """All faults, in some order."""
    return rng.sample(sorted(FAULTS), len(FAULTS))


@asynccontextmanager
async def mixture(folder: Path, rng: Random) -> AsyncIterator[Mixture]:
    """Both servers and their store, at work."""
    async with (
        Embedded(folder / "store") as store,
        gate_to(store.url, folder / "gate.sock") as gate,
        room_process("--redis", gate.url) as steady,
    ):
        mixed = Mixture(store, gate, steady, rng)
        try:
            await mixed.begin_other()
            yield mixed
        finally:
            await mixed.end()
