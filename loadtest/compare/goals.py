"""Figures of alternating rounds, and what they are to reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A bound on a figure of one case, or on its ratio to another case's; the median over the rounds is held to it.

    A ratio is taken within each round, so that what slows the machine for a while slows both sides of it. Where `alike`
    names a figure, a round counts only if both sides' are within a quarter of each other: on a machine that others keep
    busy, late ticks make larger batches, and these are cheaper for everybody. A round that is to have less than `lasts`
    seconds, or just as many, cannot say anything of it: there it is no goal.
    """

    text: str
    figure: str
    of: str
    to: str | None = None
    to_figure: str | None = None
    bound: float
    at_least: bool = False
    alike: str | None = None
    lasts: float = 0.0

    def values(self, cases: Mapping[str, Case]) -> list[float]:
        """The figure or ratio of every round that has all of it."""
        mine = cases[self.of].rounds
        if self.to is None:
            return [figures[self.figure] for figures in mine if self.figure in figures]
        other, name = cases[self.to].rounds, self.to_figure or self.figure
        pairs = zip(mine, other, strict=False)
        return [a[self.figure] / b[name] for a, b in pairs if self.figure in a and b.get(name) and self._fair(a, b)]

    def _fair(self, mine: Figures, other: Figures) -> bool:
        if self.alike is None or self.alike not in mine or self.alike not in other:
            return True
        return 0.8 <= mine[self.alike] / max(1e-9, other[self.alike]) <= 1.25

    def judge(self, cases: Mapping[str, Case]) -> Verdict:
        """Whether the median keeps to the bound."""
        values = self.values(cases)
        if not values:
            return Verdict(goal=self, values=(), median=None, reached=None)
        middle = median(values)
        reached = middle >= self.bound if self.at_least else middle <= self.bound
        return Verdict(goal=self, values=tuple(values), median=middle, reached=reached)


@dataclass(slots=True, kw_only=True)
class Case:
    """One side of a row: its figures round by round, or why it was left out, and what its audits found."""

    name: str
    label: str
    peer: bool = False
    skipped: str | None = None
    rounds: list[Figures] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def median(self, figure: str) -> float | None:
        """The middle of a figure over the rounds."""
        values = [figures[figure] for figures in self.rounds if figure in figures]
        return median(values) if values else None

    def as_dict(self) -> dict[str, object]:
        """In plain values."""
        names = dict.fromkeys(name for figures in self.rounds for name in figures)
        return {
            "name": self.name,
            "label": self.label,
            "skipped": self.skipped,
            "medians": {name: self.median(name) for name in names},
            "rounds": [dict(figures) for figures in self.rounds],
            "faults": self.faults,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A goal and what the rounds gave; `reached` is None when it could not be measured."""

    goal: Goal
    values: Sequence[float]
    median: float | None
    reached: bool | None

    def as_dict(self) -> dict[str, object]:
        """In plain values."""
        return {
            "goal": self.goal.text,
            "bound": self.goal.bound,
            "at_least": self.goal.at_least,
            "median": self.median,
            "rounds": list(self.values),
            "reached": self.reached,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """One row of the comparison; `columns` are the figures that a table shows."""

    name: str
    title: str
    columns: Sequence[str]
    cases: Sequence[Case]
    goals: Sequence[Goal]

    @property
    def verdicts(self) -> list[Verdict]:
        """All goals, judged."""
        cases = {case.name: case for case in self.cases}
        return [goal.judge(cases) for goal in self.goals]

    @property
    def sound(self) -> bool:
        """Whether no audit of this server found a fault; what peers lose is told, and is theirs."""
        return not any(case.faults for case in self.cases if not case.peer)

    def as_dict(self) -> dict[str, object]:
        """In plain values."""
        return {
            "row": self.name,
            "title": self.title,
            "cases": [case.as_dict() for case in self.cases],
            "goals": [verdict.as_dict() for verdict in self.verdicts],
        }
