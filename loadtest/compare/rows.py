"""The rows of the comparison: who is measured how, and what is to come out."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from loadtest.compare import contenders
from loadtest.compare.bench import Bench
from loadtest.compare.contenders import ROOM, Contender, Floor
from loadtest.compare.goals import Figures, Goal
from loadtest.plan import Around, Scenario, ScenarioPlan
from loadtest.report import Report
from loadtest.scenario import run_scenario

Measured = tuple[Figures, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One side of a row: how a round of it is measured, or why it cannot be."""

    name: str
    label: str
    missing: str | None
    measure: Callable[[Bench], Awaitable[Measured]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of what is to be reached, with all who are measured for it."""

    name: str
    title: str
    columns: Sequence[str]
    entries: Sequence[Entry]
    goals: Sequence[Goal]


def fan_out(contender: Contender, rate: float, *, evenly: bool = False) -> Entry:
    """What one event at one viewer costs `contender` when the room hears `rate` messages a second."""

    async def measure(bench: Bench) -> Measured:
        plan = ScenarioPlan(
            url="",
            run="peer",
            room=ROOM,
            scenario=Scenario.STORM,
            viewers=bench.viewers,
            seconds=bench.seconds,
            rate=rate,
        )
        report = await perform(bench, contender, plan, evenly=evenly)
        return {"offered_per_second": rate, **fan_out_figures(report)}, faults_of(report)

    return Entry(name=contender.name, label=contender.label, missing=contender.missing, measure=measure)


async def perform(bench: Bench, contender: Contender, plan: ScenarioPlan, *, evenly: bool = False) -> Report:
    """Start a contender, run a scenario against it, end it."""
    async with contender.running(bench, plan.arrivals_per_second) as started:
        silent = isinstance(contender, Floor)
        around = Around(
            tokens=contender.tokens(bench),
            wire=contender.wire,
            pid=started.pid,
            begin=(lambda: os.kill(started.pid, signal.SIGUSR1)) if silent else _nothing,
            offers=not silent,
            evenly=evenly,
            numbered=True,
        )
        return await run_scenario(plan.at(started.url), bench.stop, bench.watch, around)


def _nothing() -> None:
    pass


def fan_out_figures(report: Report) -> Figures:
    """CPU and bytes for each delivery, and how late the last viewer was."""
    spent = report.spent
    if spent is None or not spent.deliveries:
        return {}
    figures = {
        "cpu_us_per_delivery": spent.micros_per_delivery,
        "bytes_per_delivery": report.bytes_per_viewer * report.viewers / spent.deliveries,
        "write_calls_per_delivery": spent.cost.writes / spent.deliveries,
        "cpu_percent": 100 * spent.cost.cpu / report.seconds,
    }
    if report.to_last.count:
        figures |= {
            "last_p50_ms": report.to_last.percentile(50) * 1e3,
            "last_p99_ms": report.to_last.percentile(99) * 1e3,
        }
    return figures


def faults_of(report: Report) -> list[str]:
    """What the audit of a run found, in words."""
    if report.passed:
        return []
    audit = report.audit
    found = f"{audit.lost} lost, {audit.doubled} doubled, {audit.reordered} reordered, {report.unseen} unseen"
    return [found, *report.faults]


_FAN_OUT = (
    "offered_per_second",
    "cpu_us_per_delivery",
    "bytes_per_delivery",
    "last_p50_ms",
    "last_p99_ms",
    "cpu_percent",
)


def _cpu(text: str, to: str, bound: float) -> Goal:
    return Goal(text=text, figure="cpu_us_per_delivery", of="roomserver", to=to, bound=bound)


STORM = Row(
    name="storm",
    title="storm: 400 messages a second in batches of 50 ms (peers without batches as fast as one core lets them)",
    columns=_FAN_OUT,
    entries=(
        fan_out(contenders.ROOMSERVER, 400),
        fan_out(contenders.FLOOR_BATCHES, 400),
        fan_out(contenders.UWS_BATCHES, 400),
        fan_out(contenders.BROADCAST_BATCHES, 400),
        fan_out(contenders.BROADCAST, 40),
        fan_out(contenders.UWS, 40),
        fan_out(contenders.SOCKETIO, 6),
    ),
    goals=(
        _cpu("CPU per delivery: 1/12 of websockets.broadcast, each message", "websockets", 1 / 12),
        _cpu("0.8 of websockets.broadcast given the same batches", "websockets-batches", 0.8),
        _cpu("1/60 of python-socketio", "python-socketio", 1 / 60),
        _cpu("1.05 of socketify given the same batches", "socketify-batches", 1.05),
        _cpu("1.5 of the C floor", "floor-batches", 1.5),
    ),
)

SINGLE = Row(
    name="single",
    title="single messages: 10 a second into an idle room, each delivered at once",
    columns=_FAN_OUT,
    entries=(
        fan_out(contenders.ROOMSERVER, 10, evenly=True),
        fan_out(contenders.FLOOR, 10, evenly=True),
        fan_out(contenders.UWS, 10, evenly=True),
        fan_out(contenders.BROADCAST, 10, evenly=True),
    ),
    goals=(
        _cpu("CPU per delivery: 0.8 of websockets.broadcast", "websockets", 0.8),
        _cpu("1.1 of socketify", "socketify", 1.1),
        _cpu("1.6 of the C floor", "floor", 1.6),
    ),
)

ROWS = {row.name: row for row in (STORM, SINGLE)}
