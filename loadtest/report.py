"""What a run found, as a value and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

import msgspec
from rich.console import Console
from rich.table import Table

from loadtest.audit import Tally
from loadtest.histogram import Histogram
from loadtest.oscost import Cost
from loadtest.protocol import CONNECTION_LOST, NO_ANSWER, Reply


@dataclass(slots=True)
class Replies:
    """The replies to one kind of command: how long they took and what they said."""

    accepted: Histogram = field(default_factory=Histogram)
    refused: Histogram = field(default_factory=Histogram)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, reply: Reply, seconds: float, outcome: str = "ok") -> None:
        """Count a reply; `outcome` names what an accepted one said."""
        if reply.error is None:
            self.accepted.add(seconds)
            self.outcomes[outcome] += 1
        elif reply.error.code in (CONNECTION_LOST, NO_ANSWER):
            self.outcomes["unanswered"] += 1
        else:
            self.refused.add(seconds)
            self.outcomes[f"refused {reply.error.code}"] += 1

    def merge(self, other: Replies) -> None:
        """Take over what another process has counted."""
        self.accepted.merge(other.accepted)
        self.refused.merge(other.refused)
        self.outcomes.update(other.outcomes)


_NOTHING = Cost(cpu=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the measured part cost the server's process, and the events it brought to viewers with that.

    `before` is what it had cost until then, `peak` how many KiB its memory had grown by while viewers stalled, `probe`
    what one write was found to cost, in seconds.
    """

    cost: Cost
    deliveries: int
    before: Cost = _NOTHING
    peak: int = 0
    copies: int = 0
    probe: float | None = None

    @property
    def fan_out(self) -> float | None:
        """CPU seconds that writing batches took, as the probes before priced it; None when there were none."""
        return None if self.probe is None else self.probe * self.copies

    @property
    def micros_per_delivery(self) -> float:
        """CPU microseconds for one event at one viewer, which are CPU seconds for a million of them."""
        return self.cost.cpu * 1e6 / max(1, self.deliveries)

    def as_dict(self) -> dict[str, object]:
        """In plain values."""
        return {
            "cpu_seconds": round(self.cost.cpu, 4),
            "kernel_cpu_seconds": round(self.cost.kernel, 4),
            "deliveries": self.deliveries,
            "frames": self.copies,
            "fan_out_cpu_seconds": self.fan_out,
            "cpu_seconds_per_million_deliveries": round(self.micros_per_delivery, 4),
            "read_calls": self.cost.reads,
            "write_calls": self.cost.writes,
            "rss_kib": self.before.rss + self.cost.rss,
            "rss_kib_grown": self.cost.rss,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """One second of a run: what the room told in it, and how late the last viewer was for what was said in it, in s."""

    at: int
    events: Mapping[str, int]
    to_last: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of a run; durations in seconds where a name does not say otherwise."""

    name: str
    viewers: int
    seconds: float
    replies: Mapping[str, Replies]
    to_first: Histogram
    to_last: Histogram
    audit: Tally
    repeated: int
    unseen: int
    batches: int
    bytes_per_viewer: float
    events: Mapping[str, int]
    silences: Mapping[str, float]
    shed: Mapping[str, int]
    sums: Mapping[str, int] = field(default_factory=dict)
    paces: Mapping[str, float] = field(default_factory=dict)
    timeline: tuple[Second, ...] = ()
    reached: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    reconnects: int = 0
    lag: Histogram = field(default_factory=Histogram)
    spent: Spent | None = None
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every viewer got everything once and in order, and own messages were seen where no gap excuses it."""
        excused = self.audit.gaps > 0
        sound = self.audit.clean and self.audit.conserved and not self.repeated and not self.faults
        return sound and (excused or not self.unseen)

    def outcomes(self, method: str, outcome: str) -> int:
        """How often `method` was answered with `outcome`."""
        return self.replies[method].outcomes[outcome] if method in self.replies else 0

    def replies_to(self, method: str) -> int:
        """How often `method` was answered at all."""
        return self.replies[method].outcomes.total() if method in self.replies else 0

    def with_faults(self, *found: str) -> Report:
        """The same with more faults."""
        return replace(self, faults=(*self.faults, *found))

    def to_json(self) -> bytes:
        """The report as one JSON object."""
        return msgspec.json.encode(self.as_dict())

    def as_dict(self) -> dict[str, object]:
        """The report in plain values; latencies as percentiles in milliseconds."""
        return {
            "name": self.name,
            "passed": self.passed,
            "viewers": self.viewers,
            "seconds": round(self.seconds, 3),
            "replies": {
                method: replies.accepted.summary()
                | {"refused": replies.refused.summary(), "outcomes": dict(replies.outcomes)}
                for method, replies in self.replies.items()
            },
            "delivery": {"first": self.to_first.summary(), "last": self.to_last.summary()},
            "audit": asdict(self.audit)
            | {"conserved": self.audit.conserved, "repeated": self.repeated, "unseen": self.unseen},
            "batches": self.batches,
            "bytes_per_viewer": round(self.bytes_per_viewer),
            "bytes_per_viewer_second": round(self.bytes_per_viewer / max(self.seconds, 1e-9), 1),
            "events": dict(self.events),
            "timeline": [asdict(second) for second in self.timeline],
            "longest_silence": {kind: round(value, 2) for kind, value in self.silences.items()},
            "shed": dict(self.shed),
            "sums": dict(self.sums),
            "events_per_second": {kind: round(pace, 2) for kind, pace in self.paces.items()},
            "reconnects": self.reconnects,
            "generator_lag": self.lag.summary(),
            "server": None if self.spent is None else self.spent.as_dict(),
            "warnings": list(self.warnings),
            "faults": list(self.faults),
        }

    def print_to(self, console: Console) -> None:
        """The report as tables a person reads."""
        console.print(self._latencies())
        console.print(self._facts())
        for warning in self.warnings:
            console.print(f"Note: {warning}", markup=False)
        for fault in self.faults:
            console.print(f"Fault: {fault}", markup=False)
        console.print("[bold green]audit passed[/]" if self.passed else "[bold red]audit FAILED[/]")

    def _latencies(self) -> Table:
        table = Table(title=f"{self.name}: {self.viewers} viewers, {self.seconds:.1f} s", title_justify="left")
        for column in ("milliseconds", "count", "p50", "p99", "p99.9", "max", "outcomes"):
            table.add_column(column, justify="left" if column in ("milliseconds", "outcomes") else "right")
        for method, replies in self.replies.items():
            said = ", ".join(f"{name}: {count}" for name, count in sorted(replies.outcomes.items()))
            table.add_row(method, *_figures(replies.accepted), said)
        if self.to_last.count:
            table.add_row("danmaku to first", *_figures(self.to_first), "the first viewer who got it")
            table.add_row("danmaku to last", *_figures(self.to_last), "the last viewer who got it")
        if self.lag.count:
            table.add_row("harness late", *_figures(self.lag), "behind its own plan")
        return table

    def _facts(self) -> Table:
        table = Table(show_header=False)
        audit = self.audit
        rate = self.bytes_per_viewer / max(self.seconds, 1e-9)
        faults = f"{audit.lost} lost, {audit.doubled} doubled, {audit.reordered} reordered"
        table.add_row("audit", f"{audit.batches} batches read: {faults}")
        table.add_row("events", f"{self.repeated} ids repeated, {self.unseen} own danmaku unseen")
        table.add_row("owed", f"{audit.owed} batches = {audit.received} received + {audit.missed} declared as missing")
        table.add_row("declared gaps", f"{audit.gaps}, {audit.missed} batches in them; {self.reconnects} reconnects")
        table.add_row("room", f"{self.batches} batches; shed as told: {_listed(self.shed)}")
        table.add_row("bytes per viewer", f"{self.bytes_per_viewer:,.0f} ({rate:,.0f} a second)")
        if self.spent is not None:
            table.add_row("server", _spent(self.spent))
        table.add_row("seen", _listed(self.events))
        if self.silences:
            silences = ", ".join(f"{kind} {value:.1f} s" for kind, value in self.silences.items())
            table.add_row("longest silence", silences)
        return table


def _figures(durations: Histogram) -> tuple[str, ...]:
    summary = durations.summary()
    return (str(durations.count), *(f"{summary[name]:.2f}" for name in ("p50_ms", "p99_ms", "p999_ms", "max_ms")))


def _spent(spent: Spent) -> str:
    cost = spent.cost
    cpu = f"{cost.cpu:.2f} s of CPU, {spent.micros_per_delivery:.3f} s per million deliveries ({spent.deliveries:,})"
    return f"{cpu}; {cost.reads:,} read and {cost.writes:,} write calls; {cost.rss:+,} KiB of memory"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
