"""What a room holds, row by row: slow readers, floods, and three times what it can do."""

from __future__ import annotations

from loadtest.compare.goals import Goal
from loadtest.compare.measures import Row
from loadtest.hold.attacks import ATTACKS, HEADER_SECONDS, Kind
from loadtest.hold.besieged import TIMES, Siege, siege
from loadtest.hold.overload import overload

_SIEGE = (
    "last_p50_ms",
    "last_p99_ms",
    "cpu_percent",
    "peers",
    "came",
    "opened",
    "kib_per_peer",
    "kib_grown",
    "ended_by_rule",
)
_KIB = 64
_FELT = 2.0
_CAME = 0.9
"""Of those who are meant: what so few cost that they are not worth the name of a crowd says nothing."""

_DEADLINE = (HEADER_SECONDS + 2) / TIMES
"""Seconds of a round below which nobody's time is over who is to be ended by his deadline."""


def _came(label: str, case: str) -> Goal:
    return Goal(text=f"{label}: came, of those meant", figure="came_share", of=case, bound=_CAME, at_least=True)


SLOW = Row(
    name="slow",
    title="slow: twice as many viewers, of whom one in ten reads 1 KB/s, while the others chat",
    columns=_SIEGE,
    entries=(
        siege("reading", "everybody reads", Siege(kind=Kind.READING, viewers=1.8, peers=0.2)),
        siege("slow", "one in ten reads 1 KB/s", Siege(kind=Kind.SLOW, viewers=1.8, peers=0.2)),
    ),
    goals=(
        _came("everybody reads", "reading"),
        _came("one in ten reads 1 KB/s", "slow"),
        Goal(text="p99 of the others", figure="last_p99_ms", of="slow", to="reading", bound=_FELT),
        Goal(text="memory for each slow reader, KiB", figure="kib_per_peer", of="slow", bound=_KIB),
    ),
)


def _of_overload(text: str, figure: str, bound: float, *, at_least: bool = False) -> Goal:
    return Goal(text=text, figure=figure, of="overload", bound=bound, at_least=at_least)


_FLOODS = {
    Kind.PINGS: 0.1,
    Kind.PIECES: 0.1,
    Kind.BOMBS: 0.1,
    Kind.HEADERS: 1.0,
    Kind.SILENT: 1.0,
    Kind.HALF_OPEN: 10.0,
}
"""Peers of each kind for each of the bench's viewers."""


def _held(kind: Kind) -> list[Goal]:
    what = ATTACKS[kind].label
    lasts = 0.0 if ATTACKS[kind].ended_by else _DEADLINE
    return [
        _came(what, kind.value),
        Goal(text=f"{what}: p99 of the others", figure="last_p99_ms", of=kind.value, to="nobody", bound=_FELT),
        Goal(text=f"{what}: memory for each peer, KiB", figure="kib_per_peer", of=kind.value, bound=_KIB),
        Goal(text=f"{what}: ended by rule", figure="ended_by_rule", of=kind.value, bound=1, at_least=True, lasts=lasts),
    ]


FLOOD = Row(
    name="flood",
    title="flood: the storm of the comparison while peers send what they should not, and come back when thrown out",
    columns=_SIEGE,
    entries=(
        siege("nobody", "nobody makes trouble", Siege(kind=None)),
        *(siege(kind.value, ATTACKS[kind].label, Siege(kind=kind, peers=peers)) for kind, peers in _FLOODS.items()),
    ),
    goals=tuple(goal for kind in _FLOODS for goal in _held(kind)),
)

OVERLOAD = Row(
    name="overload",
    title="overload: three times as many danmaku as the server holds, while everybody checks in; then quiet",
    columns=(
        "holds_per_second",
        "times",
        "checkins",
        "checkin_p50_ms",
        "checkin_p99_ms",
        "shown_per_second",
        "shed_per_second",
        "refused_per_second",
        "turn_p99_ms",
        "lag_said_ms",
        "step",
        "normal_after_s",
    ),
    entries=(overload("overload", "three times as much"),),
    goals=(
        _of_overload("came, of the crowd that was meant", "came_share", _CAME, at_least=True),
        _of_overload("as much was offered as was meant, times", "times", 2.7, at_least=True),
        _of_overload("check-ins, p99, ms", "checkin_p99_ms", 1000),
        _of_overload("receipts lost", "receipts_lost", 0),
        _of_overload("commands of the host lost", "control_lost", 0),
        _of_overload("danmaku shed, a second", "shed_per_second", 1, at_least=True),
        _of_overload("danmaku shed and not told, or told and not shed", "shed_untold", 0),
        _of_overload("danmaku that nothing was said about", "unanswered", 0),
        _of_overload("a turn of the loop, p99, ms", "turn_p99_ms", 250),
        _of_overload("as before, after seconds", "normal_after_s", 10),
    ),
)

ROWS = {row.name: row for row in (SLOW, FLOOD, OVERLOAD)}
