"""How one side of a row is measured: a server is started, a scenario runs against it, its report becomes figures."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loadtest.compare.bench import Bench, Started
from loadtest.compare.contenders import ROOM, Contender, Floor, RoomServer
from loadtest.compare.goals import Figures, Goal
from loadtest.plan import Around, Scenario, ScenarioPlan
from loadtest.report import Report
from loadtest.scenario import run_scenario

Measured = tuple[Figures, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One side of a row: how a round of it is measured, or why it cannot be; `peer` if it is not this server's."""

    name: str
    label: str
    missing: str | None
    measure: Callable[[Bench], Awaitable[Measured]]
    peer: bool = False


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
        plan = planned(bench, Scenario.STORM, rate=rate)
        report = await perform(bench, contender, plan, Around(evenly=evenly))
        return {"offered_per_second": rate, **fan_out_figures(report)}, faults_of(report)

    return entry_of(contender, contender.name, contender.label, measure)


def entry_of(contender: Contender, name: str, label: str, measure: Callable[[Bench], Awaitable[Measured]]) -> Entry:
    """A side of a row that `contender` is measured for."""
    peer = not isinstance(contender, RoomServer)
    return Entry(name=name, label=label, missing=contender.missing, measure=measure, peer=peer)


def planned(bench: Bench, scenario: Scenario, **more: Any) -> ScenarioPlan:
    """A scenario of the bench's size; `more` are further fields of the plan."""
    size = {"viewers": bench.viewers, "seconds": bench.seconds} | more
    return ScenarioPlan(url="", run="peer", room=ROOM, scenario=scenario, **size)


async def perform(bench: Bench, contender: Contender, plan: ScenarioPlan, around: Around | None = None) -> Report:
    """Start a contender, run a scenario against it, end it."""
    async with contender.running(bench, plan.arrivals_per_second) as started:
        known = surrounded(around or Around(), bench, contender, started)
        return await run_scenario(plan.at(started.url), bench.stop, bench.watch, known)


def surrounded(around: Around, bench: Bench, contender: Contender, started: Started) -> Around:
    """What a run against a contender's process finds around it."""
    silent = isinstance(contender, Floor)
    return replace(
        around,
        tokens=contender.tokens(bench),
        wire=contender.wire,
        pid=started.pid,
        begin=(lambda: os.kill(started.pid, signal.SIGUSR1)) if silent else _nothing,
        offers=around.offers and not silent,
        numbered=True,
    )


def _nothing() -> None:
    pass


def fan_out_figures(report: Report) -> Figures:
    """CPU and bytes for each delivery, and how late the last viewer was."""
    spent = report.spent
    if spent is None or not spent.deliveries or not spent.copies:
        return {}
    figures = {
        "cpu_us_per_delivery": spent.micros_per_delivery,
        "bytes_per_delivery": report.bytes_per_viewer * report.viewers / spent.deliveries,
        "events_per_frame": spent.deliveries / spent.copies,
        "write_calls_per_delivery": spent.cost.writes / spent.deliveries,
        "cpu_percent": 100 * spent.cost.cpu / report.seconds,
        "kernel_percent": 100 * spent.cost.kernel / max(1e-9, spent.cost.cpu),
        "shed_percent": 100 * report.shed.get("danmaku", 0) / max(1, report.replies_to("danmaku.send")),
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
