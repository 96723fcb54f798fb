"""Rows about this server alone: waves, stalled viewers, idle members, a storm of rejoins, compressed frames."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from loadtest.compare.bench import Bench
from loadtest.compare.contenders import ROOMSERVER
from loadtest.compare.goals import Figures
from loadtest.compare.measures import Entry, Measured, fan_out_figures, faults_of, perform, planned, surrounded
from loadtest.oscost import cost_of
from loadtest.plan import Around, Scenario
from loadtest.report import Report
from loadtest.scenario import run_scenario

MANY = 5
"""Joins, rejoins and idle members for each viewer of the other rows: 5,000 where they have 1,000."""


def _entry(name: str, label: str, measure: Callable[[Bench], Awaitable[Measured]]) -> Entry:
    return Entry(name=name, label=label, missing=ROOMSERVER.missing, measure=measure)


def wave(name: str, label: str, share: float) -> Entry:
    """What a watcher is sent while `share` times the bench's viewers come in within five seconds."""

    async def measure(bench: Bench) -> Measured:
        watchers, joining = max(1, bench.viewers // 2), max(2, round(share * bench.viewers))
        plan = planned(
            bench, Scenario.WAVE, viewers=watchers + joining, watchers=watchers, seconds=5.0, rate=joining / 5
        )
        report = await perform(bench, ROOMSERVER, plan)
        joins = report.replies["join"].accepted
        figures = {
            "joined": joins.count,
            "bytes_per_viewer_second": report.bytes_per_viewer / report.seconds,
            "join_p50_ms": joins.percentile(50) * 1e3,
            "join_p99_ms": joins.percentile(99) * 1e3,
            "cpu_percent": _cpu_percent(report),
        }
        return figures, faults_of(report)

    return _entry(name, label, measure)


def stalled(name: str, label: str, share: float) -> Entry:
    """A storm in which `share` of the viewers stops reading for nine tenths of the time."""

    async def measure(bench: Bench) -> Measured:
        plan = planned(bench, Scenario.STALLED, seconds=3 * bench.seconds, stalled=share)
        report = await perform(bench, ROOMSERVER, plan)
        figures = dict(fan_out_figures(report)) | {"gaps": report.audit.gaps, "reconnects": report.reconnects}
        if report.spent is not None and plan.stalling:
            figures["kib_per_stalled"] = report.spent.peak / plan.stalling
        return figures, faults_of(report)

    return _entry(name, label, measure)


def idle(name: str, label: str, *, rooms: bool) -> Entry:
    """Many members who are there and say nothing, in one room or in one for each of the bench's viewers."""

    async def measure(bench: Bench) -> Measured:
        members, seconds = MANY * bench.viewers, max(5.0, bench.seconds)
        plan = planned(bench, Scenario.IDLE, viewers=members, seconds=seconds)
        around = Around(offers=False, rooms=bench.viewers if rooms else 1)
        async with ROOMSERVER.running(bench, 0.0) as started:
            known = surrounded(around, bench, ROOMSERVER, started)
            warm = replace(plan.at(started.url), viewers=bench.viewers // 10, seconds=1.0, first=members)
            await run_scenario(warm, bench.stop, bench.watch, replace(known, rooms=1))
            before = cost_of(started.pid)
            report = await run_scenario(plan.at(started.url), bench.stop, bench.watch, known)
        figures: dict[str, float] = {"members": members, "cpu_percent": _cpu_percent(report)}
        if report.spent is not None and before is not None:
            figures["kib_per_member"] = (report.spent.before.rss + report.spent.cost.rss - before.rss) / members
        return figures, faults_of(report)

    return _entry(name, label, measure)


def rejoin(name: str, label: str) -> Entry:
    """Everybody comes back within seconds and recovers what he missed."""

    async def measure(bench: Bench) -> Measured:
        viewers = MANY * bench.viewers
        plan = planned(bench, Scenario.REJOIN, viewers=viewers, rate=2000.0, seconds=3.0 + viewers / 2000)
        report = await perform(bench, ROOMSERVER, plan)
        returns = report.replies["rejoin"].accepted
        gaps = [f"{report.audit.gaps} viewers did not recover"] if report.audit.gaps else []
        return rejoin_figures(report), [*faults_of(report), *gaps] if returns.count else ["nobody came back"]

    return _entry(name, label, measure)


def rejoin_figures(report: Report) -> Figures:
    """CPU for each rejoin, and how long it took those who came back."""
    if report.spent is None or "rejoin" not in report.replies:
        return {}
    returns = report.replies["rejoin"].accepted
    return {
        "rejoined": returns.count,
        "cpu_us_per_rejoin": report.spent.cost.cpu * 1e6 / max(1, returns.count),
        "rejoin_p50_ms": returns.percentile(50) * 1e3,
        "rejoin_p99_ms": returns.percentile(99) * 1e3,
    }


def storm(name: str, label: str, *, deflate: bool) -> Entry:
    """The storm to viewers who take compressed frames, or do not."""

    async def measure(bench: Bench) -> Measured:
        report = await perform(bench, ROOMSERVER, planned(bench, Scenario.STORM, rate=400.0), Around(deflate=deflate))
        return fan_out_figures(report), faults_of(report)

    return _entry(name, label, measure)


def _cpu_percent(report: Report) -> float:
    return 0.0 if report.spent is None else 100 * report.spent.cost.cpu / report.seconds
