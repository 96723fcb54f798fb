"""What the fault suite did and found, for the end of the run; and how much of it is to be done.

``FAULTS=soak`` (``make soak``) asks for the full sizes instead of those of every run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.fault.invariants import Judgement

SOAKING = os.environ.get("FAULTS") == "soak"


def size(usual: int, soak: int) -> int:
    """How many: in every run, or when there is time for all."""
    return soak if SOAKING else usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One kind of fault: rounds, faults that struck, and what became of commands meanwhile."""

    what: str
    rounds: int
    faults: int
    acknowledged: int
    lost: int = 0
    doubled: int = 0
    note: str = ""

    @classmethod
    def of(cls, what: str, rounds: int, faults: int, judgement: Judgement, note: str = "") -> Figures:
        """With the counts of a judgement."""
        return cls(
            what=what,
            rounds=rounds,
            faults=faults,
            acknowledged=judgement.acknowledged,
            lost=judgement.lost,
            doubled=judgement.doubled,
            note=note,
        )

    def line(self) -> str:
        """As it is printed."""
        said = (
            f"{self.what}: rounds {self.rounds}, faults injected {self.faults}, acknowledged {self.acknowledged}, "
            f"lost {self.lost}, doubled {self.doubled}"
        )
        return f"{said} ({self.note})" if self.note else said


@dataclass(slots=True)
class Book:
    """The figures of a run."""

    entries: list[Figures] = field(default_factory=list)

    def __call__(self, figures: Figures) -> None:
        self.entries.append(figures)

    def lines(self) -> Iterable[str]:
        """Every kind of fault, and their sum."""
        yield from (entry.line() for entry in self.entries)
        if self.entries:
            names = ("rounds", "faults", "acknowledged", "lost", "doubled")
            sums = {name: sum(getattr(entry, name) for entry in self.entries) for name in names}
            yield Figures(what="in all", **sums).line()
