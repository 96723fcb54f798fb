"""A run carried out by several client processes, when one core of clients is not enough.

Each process has its share of viewers and arrivals and its own audit. They start at one moment of the clock they share,
and what they bring home is judged together.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import perf_counter

import uvloop

from loadtest.faults import LoadtestFault, PartFailed
from loadtest.haul import Haul
from loadtest.loads import load_of
from loadtest.plan import Around, ScenarioPlan
from loadtest.platform import Platform
from loadtest.play import Play
from loadtest.progress import Glance, Watch
from loadtest.recording import Recording
from loadtest.report import Report
from loadtest.scenario import judged, run_scenario
from loadtest.target import parse_target

_HEAD_START = 0.3  # seconds from the word to start until it is meant, so that all have heard it

READY = "ready"


async def run_parts(plan: ScenarioPlan, processes: int, stop: asyncio.Event, watch: Watch, around: Around) -> Report:
    """As `run_scenario`, with so many client processes.

    Raises:
        LoadtestFault: when one of them cannot go on.
    """
    if processes <= 1:
        return await run_scenario(plan, stop, watch, around)
    children = _started(plan, processes, around)
    try:
        await _all_ready(children, stop, watch)
        for pipe in children:
            pipe.send(perf_counter() + _HEAD_START)
        brought = await _brought(children, stop, watch)
    finally:
        for child in children.values():
            child.terminate()
            await asyncio.to_thread(child.join)
    return judged(plan, [haul for haul, _ in brought], max(seconds for _, seconds in brought))


def _started(plan: ScenarioPlan, processes: int, around: Around) -> dict[Connection, BaseProcess]:
    context = multiprocessing.get_context("spawn")
    children: dict[Connection, BaseProcess] = {}
    for number, part in enumerate(plan.parts(processes)):
        mine, theirs = context.Pipe()
        known = around if number == 0 else replace(around, pid=None)  # the server's costs are one process' business
        child = context.Process(target=part_of_a_run, args=(theirs, part, known), daemon=True)
        child.start()
        theirs.close()
        children[mine] = child
    return children


async def _all_ready(children: dict[Connection, BaseProcess], stop: asyncio.Event, watch: Watch) -> None:
    waiting, glances = set(children), dict[Connection, Glance]()
    while waiting:
        for pipe in await _spoken(children, waiting, stop):
            said = _heard(pipe)
            if said == READY:
                waiting.discard(pipe)
            elif isinstance(said, Glance):
                glances[pipe] = said
        _show(glances, watch)


async def _brought(
    children: dict[Connection, BaseProcess], stop: asyncio.Event, watch: Watch
) -> list[tuple[Haul, float]]:
    brought: dict[Connection, tuple[Haul, float]] = {}
    glances: dict[Connection, Glance] = {}
    while len(brought) < len(children):
        for pipe in await _spoken(children, children.keys() - brought.keys(), stop):
            said = _heard(pipe)
            if isinstance(said, Glance):
                glances[pipe] = said
            elif isinstance(said, tuple):
                brought[pipe] = said
        _show(glances, watch)
    return [brought[pipe] for pipe in children]


async def _spoken(
    children: dict[Connection, BaseProcess], pipes: set[Connection], stop: asyncio.Event
) -> list[Connection]:
    """Those who have something to say; a stop is passed on to all."""
    if stop.is_set():
        for child in children.values():
            child.terminate()
    ready = await asyncio.to_thread(wait, list(pipes), 0.25)
    return [pipe for pipe in ready if isinstance(pipe, Connection)]


def _heard(pipe: Connection) -> object:
    try:
        said = pipe.recv()
    except EOFError:
        raise PartFailed("A client process ended without a word.") from None
    if isinstance(said, str) and said != READY:
        raise PartFailed(said)
    return said


def _show(glances: dict[Connection, Glance], watch: Watch) -> None:
    if glances:
        slowest = min(glances.values(), key=lambda glance: glance.done)
        watch(replace(slowest, present=sum(glance.present for glance in glances.values())))


# --- in the client process


def part_of_a_run(pipe: Connection, plan: ScenarioPlan, around: Around) -> None:
    """Carry out one part; what there is to say goes through the pipe."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            pipe.send(runner.run(_part(pipe, plan, around)))
    except* LoadtestFault as faults:
        first: BaseException = faults
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        pipe.send(str(first))


async def _part(pipe: Connection, plan: ScenarioPlan, around: Around) -> tuple[Haul, float]:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)

    async def ready() -> float:
        pipe.send(READY)
        return float(await asyncio.to_thread(pipe.recv))

    recording = Recording(around.wire)
    async with Platform(parse_target(plan.url), plan.room, plan.run, None) as platform:
        play = Play(plan, around, around.tokens or platform, recording, stop, pipe.send)
        seconds = await play.perform(load_of, ready)
    return recording.haul(), seconds
