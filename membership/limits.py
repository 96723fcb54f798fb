"""What a rule gives, and how much of it one day gives at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from room.value import value

RuleName = Literal["checkin", "reward", "watching", "chatting"]

MOST_A_DAY = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsRule:
    """What is earned, and within what limits.

    ``watching`` gives ``points`` and ``qualifying`` score for each full minute, ``chatting`` for each danmaku, both
    while the room is live; what a ``checkin`` and a step's ``reward`` give is said with the streak. ``daily`` is the
    most of each that one logical day gives, ``cooldown`` the seconds after which it gives again. Raises ValueError.
    """

    rule: RuleName
    points: int = 0
    qualifying: int = 0
    daily: int | None = None
    cooldown: int = 0

    def __post_init__(self) -> None:
        if self.rule not in get_args(RuleName):
            raise ValueError(f"rule must be one of {', '.join(get_args(RuleName))}")
        if min(self.points, self.qualifying, self.cooldown) < 0:
            raise ValueError("points, qualifying and cooldown must not be negative")
        if self.daily is not None and not 0 <= self.daily <= MOST_A_DAY:
            raise ValueError(f"daily must be from 0 to {MOST_A_DAY}")
        if self.rule in ("checkin", "reward") and (self.points or self.qualifying):
            raise ValueError(f"what a {self.rule} gives is said with its streak")
        if self.rule in ("watching", "chatting") and self.daily is None:
            raise ValueError(f"{self.rule} needs a daily limit")

    def leaves(self, given: Given, times: int) -> bool:
        """Whether a day that gave so much, and then so many times more, gives anything again."""
        if self.daily is None:
            return True
        points, qualifying = given.points + times * self.points, given.qualifying + times * self.qualifying
        return (self.points > 0 and points < self.daily) or (self.qualifying > 0 and qualifying < self.daily)

    @property
    def limited(self) -> bool:
        """Whether it has any limit to be counted against."""
        return self.daily is not None or self.cooldown > 0


POINTS = (
    PointsRule(rule="watching", points=1, qualifying=1, daily=30),
    PointsRule(rule="chatting", points=1, qualifying=1, daily=10),
)
"""What a room gives that sets nothing: half an hour and ten danmaku a day are worth four check-ins, and no more."""


@value(frozen=True, slots=True, kw_only=True)
class Given:
    """What one rule gave on a day, and the instant of the last time (ms since 1970)."""

    points: int = 0
    qualifying: int = 0
    at: int = 0


@value(frozen=True, slots=True, kw_only=True)
class Today:
    """What limited rules gave on a logical day (an ordinal)."""

    day: int = 0
    given: dict[str, Given] = field(default_factory=dict)

    def on(self, day: int) -> Today:
        """The same on a day: anew on a later one, but for when each rule gave last."""
        if day <= self.day:
            return self
        return Today(day=day, given={rule: Given(at=one.at) for rule, one in self.given.items()})

    def of(self, rule: str) -> Given:
        """What a rule gave."""
        return self.given.get(rule, _NOTHING)

    def after(self, rule: str, points: int, qualifying: int, at: int) -> Today:
        """With so much more of a rule."""
        one = self.of(rule)
        more = Given(points=one.points + points, qualifying=one.qualifying + qualifying, at=at)
        return Today(day=self.day, given={**self.given, rule: more})


_NOTHING = Given()


class PointsRules:
    """The rules by their names.

    Raises ValueError when one is given twice.
    """

    def __init__(self, rules: Sequence[PointsRule] = POINTS) -> None:
        self._rules: Mapping[str, PointsRule] = {one.rule: one for one in rules}
        if len(self._rules) < len(rules):
            raise ValueError("two entries for the same rule")

    def of(self, rule: str) -> PointsRule | None:
        """The rule of a name, where one is set."""
        return self._rules.get(rule)

    def limited(self, rule: str | None) -> PointsRule | None:
        """The rule of a name, where it has any limits."""
        found = None if rule is None else self._rules.get(rule)
        return found if found is not None and found.limited else None

    def given(self, rule: PointsRule, today: Today, instants: Sequence[int]) -> list[int]:
        """Those of some instants of one day, the earliest first, at which a rule gives: none within the cooldown."""
        before, found = today.of(rule.rule), list[int]()
        last = before.at
        for instant in instants:
            if not rule.leaves(before, len(found)):
                break
            if not last or instant >= last + rule.cooldown * 1000:
                found.append(instant)
                last = instant
        return found

    def left(self, rule: PointsRule, today: Today, now: int, wanted: tuple[int, int]) -> tuple[int, int]:
        """How much of the points and the score that are wanted may be given."""
        given = today.of(rule.rule)
        if given.at and now < given.at + rule.cooldown * 1000:
            return 0, 0
        if rule.daily is None:
            return wanted
        points, qualifying = wanted
        left = max(rule.daily - given.points, 0), max(rule.daily - given.qualifying, 0)
        return min(points, left[0]), min(qualifying, left[1])

    def card(self, today: Today) -> list[Mapping[str, object]]:
        """What each rule with a daily limit gave, out of what."""
        return [
            {"rule": name, "points": today.of(name).points, "daily": rule.daily}
            for name, rule in self._rules.items()
            if rule.daily is not None
        ]
