"""Lanes: what waits for a room's next batch, and how much of it one batch may show.

Control, receipts and gifts always pass. Danmaku and entrances have a budget per tick; what exceeds it is shed, which
the sender is told in his reply and everybody in the batch. Nothing waits for a second tick, so delay stays one tick.

Who is shown when not all can be is decided when the tick ends, in the manner of weighted fair queueing: people of one
weight share the places in proportion to it, so that no tier is ever starved by another; among them everybody has his
first message before anybody has his second, and who came first goes first. Nothing is drawn by lot.

What says the same within one tick is one event, which stands for the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from room.message import Lane, Stamped

T = TypeVar("T")

BUDGETS: Mapping[Lane, int] = {Lane.DANMAKU: 50, Lane.ENTRANCE: 10}
"""Events shown per tick: 1,000 danmaku a second at 50 ms are more than any page can fly (50 a second)."""

FIRST = 1_000_000
"""The weight of who goes before all others: hosts and moderators."""

Weigh = Callable[[Stamped], int]
"""How much an event counts where places are few."""


def _alike(_: Stamped) -> int:
    return 1


@dataclass(slots=True)
class Taken(Generic[T]):
    """What one tick shows and sheds, in room order; each event with whatever waits for the decision.

    ``merged`` are shown too, by an event among ``shown`` that stands for them; ``accepted`` is how many were offered.
    """

    accepted: int = 0

    shown: list[tuple[Stamped, T]] = field(default_factory=list)
    merged: list[tuple[Stamped, T]] = field(default_factory=list)
    shed: list[tuple[Stamped, T]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many events were shed, by the lane's name on the wire."""
        counts: dict[str, int] = {}
        for stamped, _ in self.shed:
            lane = type(stamped.event).lane.value
            counts[lane] = counts.get(lane, 0) + 1
        return counts


class Lanes(Generic[T]):
    """The events of one room that no batch has carried yet."""

    def __init__(self, weigh: Weigh = _alike) -> None:
        self._weigh = weigh
        self._waiting: list[tuple[Stamped, T]] = []
        self._accepted = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def offer(self, stamped: Stamped, waiting: T) -> None:
        """Put an event among those of which the next batch shows as many as it may."""
        self._waiting.append((stamped, waiting))
        self._accepted += 1

    def take(self, budgets: Mapping[Lane, int] = BUDGETS) -> Taken[T]:
        """What the batch that is made now carries, within the budgets of this tick."""
        waiting, self._waiting = self._waiting, []
        same = _alike_in(waiting)
        leaders = [place for place, one in enumerate(same) if one == place]
        passed = self._passed(leaders, [stamped for stamped, _ in waiting], budgets)
        taken: Taken[T] = Taken(accepted=self._accepted)
        self._accepted = 0
        followers: dict[int, list[str]] = {}
        for place, leader in enumerate(same):
            if leader != place:
                followers.setdefault(leader, []).append(waiting[place][0].id)
        for place, (stamped, whose) in enumerate(waiting):
            leader = same[place]
            if leader not in passed:
                taken.shed.append((stamped, whose))
            elif leader != place:
                taken.merged.append((stamped, whose))
            else:
                taken.shown.append((_standing_for(stamped, followers.get(place, ())), whose))
        return taken

    def _passed(self, leaders: Sequence[int], events: Sequence[Stamped], budgets: Mapping[Lane, int]) -> set[int]:
        """The places of those that the budgets let pass."""
        passed: set[int] = set()
        lanes: dict[Lane, list[int]] = {}
        for place in leaders:
            lanes.setdefault(type(events[place].event).lane, []).append(place)
        for lane, places in lanes.items():
            budget = budgets.get(lane)
            if budget is None or len(places) <= budget:
                passed.update(places)
            else:
                passed.update(chosen([(place, events[place]) for place in places], budget, self._weigh))
        return passed


def chosen(asking: Iterable[tuple[int, Stamped]], budget: int, weigh: Weigh) -> list[int]:
    """The places of those that are shown when there is room for so many only."""
    rounds: Counter[str | None] = Counter()
    classes: dict[int, list[tuple[int, int]]] = {}
    for place, stamped in asking:
        user = stamped.event.concerns
        classes.setdefault(max(1, weigh(stamped)), []).append((rounds[user], place))
        rounds[user] += 1
    ranked = [
        (turn / weight, -weight, place)
        for weight, members in classes.items()
        for turn, (_, place) in enumerate(sorted(members), start=1)
    ]
    return [place for _, _, place in sorted(ranked)[:budget]]


def _alike_in(waiting: Sequence[tuple[Stamped, object]]) -> list[int]:
    """For every event the place of the first that says the same, which may be its own."""
    first: dict[tuple[type, str], int] = {}
    found: list[int] = []
    for place, (stamped, _) in enumerate(waiting):
        same = stamped.event.same_as
        found.append(place if same is None else first.setdefault((type(stamped.event), same), place))
    return found


def _standing_for(stamped: Stamped, ids: Sequence[str]) -> Stamped:
    return replace(stamped, event=stamped.event.standing_for(tuple(ids))) if ids else stamped
