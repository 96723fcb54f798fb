"""Rounds in which this server and `MediaRelay` hand the same picture on, by turns."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import TypedDict

from loadtest.compare.bench import Bench, Cores
from loadtest.compare.contenders import RoomServer
from loadtest.media.beside import BesidePlan, disturbed
from loadtest.media.carrier import carrier_of, cpu_of
from loadtest.media.publisher import PICTURE, publishing
from loadtest.media.report import Handed, MediaReport
from loadtest.media.rush import KEYS, rushed
from loadtest.media.sinks import ROOM, Sink, metric, sink
from loadtest.progress import Glance, Watch
from loadtest.signing import signed

SETTLES = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPlan:
    """How many watch here and there, how long each part is measured, how often by turns.

    Then so many come at once, ``rushing``, and people talk ``beside`` the picture.
    """

    viewers: int
    relayed: int
    seconds: float
    rounds: int
    rushing: int = 0
    beside: BesidePlan | None = None


class Figures(TypedDict):
    """What is measured of either server."""

    viewers: int
    seconds: float
    base: float
    cpu: float
    packets: int
    gaps: int
    join_cpu: float


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
        watch(Glance(phase="rush", done=0, total=1))
        rush = [await rushed(bench, plan.rushing)] if plan.rushing else []
        talk = [] if plan.beside is None else await disturbed(bench, plan.beside)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return MediaReport(machine=machine, picture=PICTURE, forwarded=forwarded, relayed=relayed, rushed=rush, beside=talk)


async def _forwarded(bench: Bench, plan: MediaPlan) -> Handed:
    host = signed(bench.secret, {"sub": "host", "exp": int(time()) + 3600, "roles": {ROOM: "host"}})
    async with RoomServer().running(bench, 0) as server, publishing(f"{server.http}/whip/{ROOM}", host):
        guest = signed(bench.secret, {"sub": "", "exp": int(time()) + 3600})
        async with sink(server, guest) as watching:
            await watching.ask("1")  # who waits until there is a picture; he is there without the others, too
            carrier = carrier_of(server)
            before = await metric(server, KEYS)
            found = await _handed(watching, carrier, plan.viewers, plan.seconds)
            asked = int(await metric(server, KEYS) - before)
    return Handed(**found, key_requests=asked)


async def _relayed(bench: Bench, plan: MediaPlan) -> Handed:
    command = [sys.executable, "-m", "loadtest.peers.media_relay"]
    async with (
        bench.running(command) as server,
        publishing(f"{server.http}/whip/{ROOM}", "anybody"),
        sink(server, "anybody") as watching,
    ):
        await watching.ask("1")
        return Handed(**await _handed(watching, server.pid, plan.relayed, plan.seconds))


async def _handed(watching: Sink, pid: int, viewers: int, seconds: float) -> Figures:
    """Costs with one viewer, then with so many more."""
    await asyncio.sleep(SETTLES)
    base = await _spent(pid, seconds)
    began = cpu_of(pid)
    joined = await watching.ask(str(viewers))
    join_cpu = max(0.0, cpu_of(pid) - began - base * joined["took"] / seconds)
    await asyncio.sleep(SETTLES)
    before = await watching.ask("count")
    cpu = await _spent(pid, seconds)
    after = await watching.ask("count")
    return {
        "viewers": viewers,
        "seconds": seconds,
        "base": base,
        "cpu": cpu,
        "join_cpu": join_cpu,
        "packets": int(after["packets"] - before["packets"]),
        "gaps": int(after["gaps"] - before["gaps"]),
    }


async def _spent(pid: int, seconds: float) -> float:
    began = cpu_of(pid)
    await asyncio.sleep(seconds)
    return cpu_of(pid) - began
