"""What a run is to offer: the scenarios, their rates, and what is around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise

from loadtest.viewer import Tokens
from loadtest.wire import PLAIN, Wire

REFILL = 0.5
"""Danmaku a second that a room's default lets one member say for long."""


class Scenario(StrEnum):
    """The kinds of load; loads.py says what each is."""

    IDLE = "idle"
    STORM = "storm"
    WAVE = "wave"
    TAP = "tap"
    SHOUT = "shout"
    CHURN = "churn"
    STALLED = "stalled"
    REJOIN = "rejoin"
    EVENING = "evening"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioPlan:
    """What to offer; `rate` is arrivals a second, None for the scenario's own.

    `watchers` are there before a wave, None for the scenario's own share. `stalled` is the share that stops reading.
    `first` is the number of the first viewer, and `shared` says whether other processes carry out the rest of the run.
    """

    url: str
    run: str
    room: str
    scenario: Scenario
    viewers: int = 200
    seconds: float = 10.0
    seed: int = 7
    rate: float | None = None
    watchers: int | None = None
    stalled: float = 0.01
    first: int = 0
    shared: bool = False

    @property
    def arrivals_per_second(self) -> float:
        """The stated rate, or the scenario's own."""
        if self.rate is not None:
            return self.rate
        return _RATES[self.scenario](self)

    @property
    def seated(self) -> int:
        """How many viewers are there before the measurement starts."""
        if self.watchers is not None:
            return min(self.watchers, self.viewers)
        match self.scenario:
            case Scenario.WAVE:
                return max(1, self.viewers // 10)
            case Scenario.EVENING:
                return max(1, self.viewers // 2)
            case _:
                return self.viewers

    @property
    def stalling(self) -> int:
        """How many of them stop reading."""
        if self.scenario not in (Scenario.STALLED, Scenario.EVENING) or not self.stalled:
            return 0
        return min(self.seated - 1, max(1, round(self.seated * self.stalled)))

    @property
    def has_host(self) -> bool:
        """Whether a host takes part; one for all processes."""
        return self.scenario in (Scenario.SHOUT, Scenario.EVENING) and self.first == 0

    def at(self, url: str) -> ScenarioPlan:
        """The same against another server."""
        return replace(self, url=url)

    def parts(self, processes: int) -> list[ScenarioPlan]:
        """The run divided among so many processes: viewers and arrivals alike."""
        if processes <= 1:
            return [self]
        edges = [self.viewers * number // processes for number in range(processes + 1)]
        rate = self.arrivals_per_second / processes
        watchers = None if self.watchers is None else -(-self.watchers // processes)
        return [
            replace(self, first=start, viewers=end - start, rate=rate, watchers=watchers, shared=True)
            for start, end in pairwise(edges)
        ]


def _chatty(viewers: int, share: float, most: float) -> float:
    """Danmaku a second of so many viewers who say that share of what they may."""
    return min(most, max(1.0, share * REFILL * viewers))


_RATES: Mapping[Scenario, Callable[[ScenarioPlan], float]] = {
    Scenario.IDLE: lambda _: 1.0,
    Scenario.STORM: lambda plan: _chatty(plan.viewers, 0.8, 400.0),
    Scenario.WAVE: lambda plan: (plan.viewers - plan.seated) / plan.seconds,
    Scenario.TAP: lambda plan: float(plan.viewers),
    Scenario.SHOUT: lambda _: 2.0,
    Scenario.CHURN: lambda plan: max(1.0, 0.02 * plan.viewers),
    Scenario.STALLED: lambda plan: _chatty(plan.viewers, 0.8, 400.0),
    Scenario.REJOIN: lambda _: 2000.0,
    Scenario.EVENING: lambda plan: _chatty(plan.seated, 0.5, 200.0),
}
"""Arrivals a second where nobody says otherwise."""


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a run finds around it: who gives tokens (None asks the server), the server's dialect and its process.

    `begin` is called when the measurement starts. Without `offers` the server acts by itself. `evenly` spaces arrivals
    alike instead of by chance, and `numbered` lets everybody say `message 000001` and so on instead of lines of all
    lengths: for comparisons. With `probes` a few messages before the measurement tell what one write costs. Viewers are
    spread over so many `rooms`; with `deflate` they offer to take compressed frames.
    """

    tokens: Tokens | None = None
    wire: Wire = field(default_factory=lambda: PLAIN)
    pid: int | None = None
    begin: Callable[[], None] = _nothing
    offers: bool = True
    evenly: bool = False
    numbered: bool = False
    probes: bool = False
    rooms: int = 1
    deflate: bool = False
