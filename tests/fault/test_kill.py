"""Server and store are killed at the n-th acknowledgement of a burst: what is acknowledged is there once."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from pathlib import Path
from random import Random

import pytest

from tests.fault.client import Device, Tap
from tests.fault.crowd import IN_FLIGHT, acknowledged, burst, enter, gone, leave, new_taps, settle
from tests.fault.figures import Book, Figures, size
from tests.fault.invariants import StoredRoom, credited, judge, read, violations
from tests.fault.room_process import RoomProcess, embedded_url, room_process

pytestmark = [pytest.mark.store, pytest.mark.fault, pytest.mark.slow]

CHAINS = 2
"""Servers that are killed beside one another, each on a folder of its own."""

SERVER_ROUNDS, STORE_ROUNDS = size(20, 200), size(10, 50)
MEMBERS = 64
ANSWER_SECONDS = 3.0 + 3.0
"""Until a check-in is answered, with what a machine at a third of the speed, or its disk, may add."""


def all_told(listener: Device) -> bool:
    """Whether the bursts that a device heard add up to all of its round."""
    told: int = sum(burst["delta"] for burst in listener.events("checkin.burst"))
    return told == MEMBERS


def whole(data: Path, taps: list[Tap]) -> StoredRoom:
    """What is stored on a data folder, in which no promise is broken."""
    stored = read(embedded_url(data), "demo")
    assert violations(stored, taps) == []
    return stored


@pytest.mark.timeout(size(240, 3600))
async def test_a_killed_server_loses_and_doubles_nothing(tmp_path: Path, figures: Book) -> None:
    """With the server dies the store that it has started for itself; the next one begins on its folder at once."""
    async with asyncio.TaskGroup() as group:
        chains = [group.create_task(killed_again_and_again(tmp_path / f"{n}", Random(n))) for n in range(CHAINS)]
    for chain in chains:
        figures(chain.result())


async def killed_again_and_again(data: Path, rng: Random) -> Figures:
    """A server on a data folder is killed, and the next one settles what that one left."""
    taps: list[Tap] = []
    last: list[Tap] = []
    sure = in_doubt = others = 0
    rounds = SERVER_ROUNDS // CHAINS
    for number in range(rounds):
        async with room_process("--data", str(data)) as server:
            in_doubt += await settled_again(data, server, taps, last)
            last = new_taps(number, MEMBERS)
            taps += last
            pairs = await enter(server, last)
            others += await burst(pairs, rng.randint(1, MEMBERS - IN_FLIGHT), server.kill)
            await gone(pairs)
            sure += acknowledged(last)
    async with room_process("--data", str(data)) as server:
        in_doubt += await settled_again(data, server, taps, last)
        judgement = judge(read(embedded_url(data), "demo"), taps)
    assert others >= rounds * IN_FLIGHT / 2
    note = f"{others} in flight, {sure} acknowledged at first, {in_doubt} of the others were stored"
    return Figures.of("server and its store killed -9", rounds, rounds, judgement, note)


async def settled_again(data: Path, server: RoomProcess, taps: list[Tap], last: list[Tap]) -> int:
    """The server finds whole what the one before it left, and settles that; how many had been stored untold."""
    untold = credited(whole(data, taps)) - acknowledged(taps)
    pairs = await enter(server, last)
    await settle(pairs)
    assert credited(whole(data, taps)) == len(taps)
    leave(pairs)
    await gone(pairs)
    return untold


@pytest.mark.timeout(size(240, 3600))
async def test_a_killed_store_loses_and_doubles_nothing(tmp_path: Path, figures: Book) -> None:
    rng = Random(2)
    taps: list[Tap] = []
    refused = others = 0
    async with room_process("--data", str(tmp_path)) as server:
        for number in range(STORE_ROUNDS):
            new = new_taps(number, MEMBERS)
            taps += new
            pairs = await enter(server, new)
            listener, _ = pairs[0]
            store = server.store_pid()
            kill = partial(os.kill, store, signal.SIGKILL)
            others += await burst(pairs, rng.randint(1, MEMBERS - IN_FLIGHT), kill)
            assert max(tap.took for tap in new) < ANSWER_SECONDS
            refused += MEMBERS - acknowledged(new)
            await settle(pairs)
            assert server.store_pid() != store
            assert credited(whole(tmp_path, taps)) == len(taps)
            await listener.until(partial(all_told, listener))
            assert listener.events("checkin.burst")[-1]["today"] == len(taps)
            leave(pairs)
        unknown = server.metric("roomserver_commit_unknown_total")
        judgement = judge(read(embedded_url(tmp_path), "demo"), taps)
    assert others >= STORE_ROUNDS * IN_FLIGHT / 2
    note = f"{others} in flight, {refused} refused at first, {unknown:.0f} replies lost"
    figures(Figures.of("store killed -9", STORE_ROUNDS, STORE_ROUNDS, judgement, note))
