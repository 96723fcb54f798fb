"""Rounds in which this server and `MediaRelay` hand the same picture on, by turns."""

from __future__ import annotations

import asyncio
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import TypedDict

import httpx
import msgspec

from loadtest.compare.bench import Bench, Cores, Started
from loadtest.compare.contenders import RoomServer
from loadtest.faults import PartFailed
from loadtest.media.publisher import PICTURE, publishing
from loadtest.media.report import Handed, MediaReport
from loadtest.oscost import cost_of
from loadtest.progress import Glance, Watch
from loadtest.signing import signed

ROOM = "demo"
SETTLES = 1.0
_KEYS = re.compile(r"^roomserver_media_key_requests_total (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPlan:
    """How many watch here and there, how long each part is measured, and how often by turns."""

    viewers: int
    relayed: int
    seconds: float
    rounds: int


class Figures(TypedDict):
    """What is measured of either server."""

    viewers: int
    seconds: float
    base: float
    cpu: float
    packets: int
    gaps: int
    join_cpu: float


class Sink:
    """The viewers' process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, what: str) -> dict[str, float]:
        """Say a line to it; its answer.

        Raises PartFailed.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n".encode())
        line = await self._process.stdout.readline()
        if not line:
            raise PartFailed("The viewers' process ended.")
        answer: dict[str, float] = msgspec.json.decode(line)
        return answer


async def measure(plan: MediaPlan, stop: asyncio.Event, watch: Watch) -> MediaReport:
    """Measure by turns.

    Raises LoadtestFault.
    """
    forwarded: list[Handed] = []
    relayed: list[Handed] = []
    with tempfile.TemporaryDirectory(prefix="loadtest-") as folder:
        cores = Cores(server=None, others=frozenset())  # what encodes for viewers must not wait for the publisher
        bench = Bench(
            folder=Path(folder), cores=cores, viewers=plan.viewers, seconds=plan.seconds, watch=watch, stop=stop
        )
        for done in range(plan.rounds):
            watch(Glance(phase="forward", done=2 * done, total=2 * plan.rounds))
            forwarded.append(await _forwarded(bench, plan))
            watch(Glance(phase="relay", done=2 * done + 1, total=2 * plan.rounds))
            relayed.append(await _relayed(bench, plan))
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return MediaReport(machine=machine, picture=PICTURE, forwarded=forwarded, relayed=relayed)


async def _forwarded(bench: Bench, plan: MediaPlan) -> Handed:
    host = signed(bench.secret, {"sub": "host", "exp": int(time()) + 3600, "roles": {ROOM: "host"}})
    async with RoomServer().running(bench, 0) as server, publishing(f"{server.http}/whip/{ROOM}", host):
        guest = signed(bench.secret, {"sub": "", "exp": int(time()) + 3600})
        async with _sink(server, guest) as sink:
            await sink.ask("1")  # who waits until there is a picture; he is there without the others, too
            [carrier] = [pid for pid in server.children if b"media" in _command(pid)]
            before = await _key_requests(server)
            found = await _handed(sink, carrier, plan.viewers, plan.seconds)
            asked = int(await _key_requests(server) - before)
    return Handed(**found, key_requests=asked)


async def _relayed(bench: Bench, plan: MediaPlan) -> Handed:
    command = [sys.executable, "-m", "loadtest.peers.media_relay"]
    async with (
        bench.running(command) as server,
        publishing(f"{server.http}/whip/{ROOM}", "anybody"),
        _sink(server, "anybody") as sink,
    ):
        await sink.ask("1")
        return Handed(**await _handed(sink, server.pid, plan.relayed, plan.seconds))


async def _handed(sink: Sink, pid: int, viewers: int, seconds: float) -> Figures:
    """Costs with one viewer, then with so many more."""
    await asyncio.sleep(SETTLES)
    base = await _cpu_of(pid, seconds)
    began = _cpu(pid)
    joined = await sink.ask(str(viewers))
    join_cpu = max(0.0, _cpu(pid) - began - base * joined["took"] / seconds)
    await asyncio.sleep(SETTLES)
    before = await sink.ask("count")
    cpu = await _cpu_of(pid, seconds)
    after = await sink.ask("count")
    return {
        "viewers": viewers,
        "seconds": seconds,
        "base": base,
        "cpu": cpu,
        "join_cpu": join_cpu,
        "packets": int(after["packets"] - before["packets"]),
        "gaps": int(after["gaps"] - before["gaps"]),
    }


async def _cpu_of(pid: int, seconds: float) -> float:
    began = _cpu(pid)
    await asyncio.sleep(seconds)
    return _cpu(pid) - began


def _cpu(pid: int) -> float:
    """Raises PartFailed."""
    cost = cost_of(pid)
    if cost is None:
        raise PartFailed("What the server has cost cannot be read here.")
    return cost.cpu


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


async def _key_requests(server: Started) -> float:
    await asyncio.sleep(1.2)  # it counts once a second
    async with httpx.AsyncClient(trust_env=False) as client:
        found = _KEYS.search((await client.get(f"{server.http}/metrics")).text)
    return float(found[1]) if found else 0.0


@asynccontextmanager
async def _sink(server: Started, token: str) -> AsyncIterator[Sink]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "loadtest.media.sink", f"{server.http}/whep/{ROOM}", token),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Sink(process)
    finally:
        process.kill()
        await process.wait()
