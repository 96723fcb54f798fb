"""What a run is to offer: the scenarios, their rates, and what is around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from loadtest.viewer import Tokens
from loadtest.wire import PLAIN, Wire


class Scenario(StrEnum):
    """The kinds of load."""

    IDLE = "idle"
    STORM = "storm"
    TAP = "tap"
    WAVE = "wave"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioPlan:
    """What to offer; `rate` is arrivals a second, None for the scenario's own."""

    url: str
    run: str
    room: str
    scenario: Scenario
    viewers: int = 200
    seconds: float = 10.0
    seed: int = 7
    rate: float | None = None

    @property
    def arrivals_per_second(self) -> float:
        """The stated rate, or the scenario's own."""
        if self.rate is not None:
            return self.rate
        match self.scenario:
            case Scenario.IDLE:
                return 1.0
            case Scenario.STORM:
                return 400.0
            case Scenario.TAP:
                return float(self.viewers)
            case Scenario.WAVE:
                return (self.viewers - self.seated) / self.seconds

    def at(self, url: str) -> ScenarioPlan:
        """The same against another server."""
        return replace(self, url=url)

    @property
    def seated(self) -> int:
        """How many viewers are there before the measurement starts."""
        return max(1, self.viewers // 10) if self.scenario is Scenario.WAVE else self.viewers


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a run finds around it: who gives tokens (None asks the server), the server's dialect and its processes.

    `begin` is called when the measurement starts. Without `offers` the server acts by itself. `evenly` spaces arrivals
    alike instead of by chance, and `numbered` lets everybody say `message 000001` and so on instead of lines of all
    lengths: for comparisons.
    """

    tokens: Tokens | None = None
    wire: Wire = field(default_factory=lambda: PLAIN)
    pid: int | None = None
    begin: Callable[[], None] = _nothing
    offers: bool = True
    evenly: bool = False
    numbered: bool = False
