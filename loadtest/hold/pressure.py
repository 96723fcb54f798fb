"""The summary of an overload, on values: what was held back, what was lost, and when everything was as before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from loadtest.compare.goals import Figures
from loadtest.hold.spoken import Checkin, Spoken

NEVER = 1000.0
"""Seconds that stand for an answer that did not come, or a rest that was not found."""

USUAL = 0.2
"""Seconds that nobody complains of: twice the time of before is still as before when it is less than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How many seconds something took that was due at `at`."""

    at: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a run; moments count from the beginning of the overload, which lasted `seconds`.

    `came` is how many of the crowd that was meant came in, as a share; `holds` how many messages a second the server
    answers at most. `ordered` are a host's commands, `obeyed` those
    that were answered well; `changes` of them make an event, and `changes_told` were seen. `shed` are own messages of
    the audience, `shed_told` what the room told of all. `turns` are of the server's loop, `danmaku` the worst way of a
    message in each second, `steps` what the server says of itself: step and lag in seconds.
    """

    seconds: float
    came: float
    holds: float
    spoken: Spoken
    checkins: Sequence[Checkin]
    receipts_lost: int
    ordered: int
    obeyed: int
    changes: int
    changes_told: int
    shed: int
    shed_told: int
    turns: Sequence[Turn]
    danmaku: Sequence[Turn]
    steps: Sequence[tuple[float, int, float]]


def pressure_figures(facts: Facts) -> Figures:
    """All figures; milliseconds and seconds as their names say."""
    spoken = facts.spoken
    took = sorted(NEVER if one.seconds is None else one.seconds for one in (*facts.checkins, *spoken.checkins))
    during = [turn.seconds for turn in facts.turns if 0 <= turn.at < facts.seconds]
    return {
        "came_share": facts.came,
        "holds_per_second": facts.holds,
        "offered_per_second": spoken.sent / facts.seconds,
        "times": spoken.sent / facts.seconds / max(1e-9, facts.holds),
        "checkins": len(took),
        "checkin_p50_ms": percentile(took, 50) * 1e3,
        "checkin_p99_ms": percentile(took, 99) * 1e3,
        "checkins_refused": sum(seconds >= NEVER for seconds in took),
        "receipts_lost": facts.receipts_lost + spoken.receipts_lost,
        "control_lost": _control_lost(facts),
        "shown_per_second": spoken.accepted / facts.seconds,
        "shed_per_second": spoken.shed / facts.seconds,
        "refused_per_second": spoken.refused.total() / facts.seconds,
        "shed_untold": abs(facts.shed + spoken.shed - facts.shed_told),
        "unanswered": spoken.unanswered,
        "closed": spoken.closed.total(),
        "held_back": spoken.held_back,
        "turn_p99_ms": percentile(sorted(during), 99) * 1e3,
        "lag_said_ms": max((lag for at, _, lag in facts.steps if 0 <= at < facts.seconds), default=0.0) * 1e3,
        "step": max((step for at, step, _ in facts.steps if 0 <= at < facts.seconds), default=0),
        "normal_after_s": normal_after(facts),
    }


def _control_lost(facts: Facts) -> float:
    if not facts.ordered or not facts.changes:
        return NEVER  # nothing was lost of nothing
    return facts.ordered - facts.obeyed + max(0, facts.changes - facts.changes_told)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The value that `percent` of the ordered ones do not exceed; `NEVER` when there are none."""
    if not ordered:
        return NEVER
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def normal_after(facts: Facts) -> float:
    """Seconds from the end of the overload to the last thing that was not as before it."""
    seen = [one.at for one in facts.turns], [one.at for one in facts.danmaku], [at for at, *_ in facts.steps]
    if not all(any(at > facts.seconds for at in moments) for moments in seen):
        return NEVER  # nobody could look, or nothing was to be seen
    late = [_last_late(facts.turns, facts.seconds), _last_late(facts.danmaku, facts.seconds)]
    late += [at - facts.seconds for at, step, _ in facts.steps if at > facts.seconds and step > 0]
    return max(late, default=0.0)


def _last_late(turns: Sequence[Turn], end: float) -> float:
    """How long after the end the last of these was done that took more than twice as long as 99 of 100 did before."""
    before = sorted(turn.seconds for turn in turns if turn.at < 0)
    usual = max(USUAL, 2 * percentile(before, 99)) if before else USUAL
    return max(_ends(turn for turn in turns if turn.at > end and turn.seconds > usual), default=end) - end


def _ends(turns: Iterable[Turn]) -> Iterable[float]:
    return (turn.at + turn.seconds for turn in turns)
