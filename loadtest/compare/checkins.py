"""The second in which everybody checks in, as this server and a naive one take it."""

from __future__ import annotations

from loadtest.compare.bench import Bench
from loadtest.compare.contenders import Contender
from loadtest.compare.goals import Figures
from loadtest.compare.measures import Entry, Measured, entry_of, faults_of, perform, planned
from loadtest.plan import Around, Scenario
from loadtest.report import Report

MEMBERS = 6
"""Members for each viewer of the other rows: 6,000 where they have 1,000."""

_METHOD = "checkin.mark"
_AT_ONCE = 50.0  # a flood offers in this part of a second what a tap offers in a whole one


def tap(contender: Contender) -> Entry:
    """Everybody within one second, every fifth twice."""
    return _entry(contender, contender.name, contender.label, 1.0)


def flood(contender: Contender) -> Entry:
    """Everybody at once: how many check-ins a second it can take at most."""
    return _entry(contender, f"{contender.name}-flood", f"{contender.label}, all at once", _AT_ONCE)


def _entry(contender: Contender, name: str, label: str, times: float) -> Entry:
    async def measure(bench: Bench) -> Measured:
        members = MEMBERS * bench.viewers
        plan = planned(bench, Scenario.TAP, viewers=members, seconds=max(3.0, bench.seconds), rate=members * times)
        report = await perform(bench, contender, plan, Around(probes=True))
        if report.outcomes(_METHOD, "ok") != members:  # a round in which somebody was refused says nothing of the price
            answers = ", ".join(f"{name}: {count}" for name, count in report.replies[_METHOD].outcomes.items())
            return {}, [*faults_of(report), f"{members} members checked in, but the answers were {answers or 'none'}"]
        return checkin_figures(report, members / plan.arrivals_per_second), faults_of(report)

    return entry_of(contender, name, label, measure)


def checkin_figures(report: Report, span: float) -> Figures:
    """CPU for each credited check-in, writing batches apart; how long answers took; bursts; the rate that was taken.

    `span` is the time in seconds over which all were offered.
    """
    spent, replies = report.spent, report.replies[_METHOD]
    credited = report.outcomes(_METHOD, "ok")
    if spent is None or not credited:
        return {}
    fan_out = spent.fan_out or 0.0
    return {
        "checkins": credited,
        "cpu_us_per_checkin": (spent.cost.cpu - fan_out) * 1e6 / credited,
        "fan_out_cpu_ms": fan_out * 1e3,
        "fan_out_us_per_write": (spent.probe or 0.0) * 1e6,
        "ack_p50_ms": replies.accepted.percentile(50) * 1e3,
        "ack_p99_ms": replies.accepted.percentile(99) * 1e3,
        "bursts_per_second": report.paces.get("checkin.burst", float(report.events.get("checkin.burst", 0))),
        "checkins_per_second": replies.accepted.count / (replies.accepted.longest + span),
    }
