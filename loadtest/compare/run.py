"""The comparison itself: rounds in which everybody takes his turn, first the one, then the other way round."""

from __future__ import annotations

import asyncio
import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import msgspec

from loadtest.compare.bench import Bench, Cores, pin
from loadtest.compare.goals import Case, RowResult
from loadtest.compare.measures import Entry, Row
from loadtest.faults import LoadtestFault
from loadtest.progress import Glance, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What to compare; `peers` None means all."""

    rows: Sequence[Row]
    peers: frozenset[str] | None
    rounds: int
    viewers: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came out, and on what machine."""

    plan: Comparison
    rows: Sequence[RowResult]
    machine: str
    seconds: float

    @property
    def sound(self) -> bool:
        """Whether no audit of this server found a fault."""
        return all(row.sound for row in self.rows)

    @property
    def skipped(self) -> str | None:
        """Why a case was not measured, if one was not."""
        return next((case.skipped for row in self.rows for case in row.cases if case.skipped is not None), None)

    @property
    def missed(self) -> bool:
        """Whether a goal was measured, and not reached."""
        return any(verdict.reached is False for row in self.rows for verdict in row.verdicts)

    @property
    def unmeasured(self) -> str | None:
        """A goal that nothing was measured for, if there is one."""
        verdicts = (verdict for row in self.rows for verdict in row.verdicts)
        return next((verdict.goal.text for verdict in verdicts if verdict.reached is None), None)

    def to_json(self) -> bytes:
        """All of it as one JSON object."""
        facts = {
            "machine": self.machine,
            "viewers": self.plan.viewers,
            "seconds_per_round": self.plan.seconds,
            "rounds": self.plan.rounds,
            "took_seconds": round(self.seconds, 1),
            "sound": self.sound,
            "rows": [row.as_dict() for row in self.rows],
        }
        return msgspec.json.encode(facts)


async def compare(plan: Comparison, stop: asyncio.Event, watch: Watch) -> Compared:
    """Carry out a comparison; `stop` ends it after the round that is under way."""
    began, cores = perf_counter(), Cores.of_this_machine()
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if cores.server is not None:
        pin(0, cores.others)
    try:
        with tempfile.TemporaryDirectory(prefix="loadtest-", ignore_cleanup_errors=True) as folder:
            bench = Bench(
                folder=Path(folder), cores=cores, viewers=plan.viewers, seconds=plan.seconds, watch=watch, stop=stop
            )
            rows = [await _row(bench, row, plan) for row in plan.rows if not stop.is_set()]
    finally:
        if before is not None:
            pin(0, frozenset(before))
    return Compared(plan=plan, rows=rows, machine=machine(), seconds=perf_counter() - began)


async def _row(bench: Bench, row: Row, plan: Comparison) -> RowResult:
    entries = [entry for entry in row.entries if plan.peers is None or entry.name in plan.peers]
    cases = {entry.name: _case(entry) for entry in entries}
    turns = [
        entry
        for number in range(plan.rounds)
        for entry in (entries if number % 2 == 0 else reversed(entries))
        if entry.missing is None
    ]
    for done, entry in enumerate(turns):
        case = cases[entry.name]
        if case.skipped is None and not bench.stop.is_set():
            await _measure(replace(bench, watch=_part_of(row, done, len(turns), bench.watch)), entry, case)
    there = [goal for goal in row.goals if goal.of in cases and (goal.to is None or goal.to in cases)]
    goals = [goal for goal in there if bench.seconds > goal.lasts]
    return RowResult(name=row.name, title=row.title, columns=row.columns, cases=list(cases.values()), goals=goals)


def _case(entry: Entry) -> Case:
    return Case(name=entry.name, label=entry.label, peer=entry.peer, skipped=entry.missing)


async def _measure(bench: Bench, entry: Entry, case: Case) -> None:
    try:
        figures, faults = await entry.measure(bench)
    except* LoadtestFault as refused:
        if case.rounds:
            case.faults.append(_first(refused))
        else:
            case.skipped = _first(refused)
    else:
        if not bench.stop.is_set():  # a round that was stopped in the middle says nothing
            case.rounds.append(figures)
            case.faults += faults


def _part_of(row: Row, done: int, total: int, watch: Watch) -> Watch:
    """One measurement's progress as a part of its row's."""

    def seen(glance: Glance) -> None:
        share = glance.done / glance.total if glance.phase == "measuring" and glance.total else 0.0
        watch(replace(glance, phase=row.name, done=done + min(1.0, share), total=total))

    return seen


def _first(faults: BaseException) -> str:
    while isinstance(faults, BaseExceptionGroup):
        faults = faults.exceptions[0]
    return str(faults)


def machine() -> str:
    """The processor and the system, in one line."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    chip = f"{len(names)} x {names[0]}" if names else model
    return f"{chip}, {platform.system()} {platform.release()}, Python {platform.python_version()}"
