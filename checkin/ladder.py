"""The ladder: what a streak earns at which length."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from room.wording import Wording, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """A reward as it is shown: ``kind`` says what a platform has to do about it."""

    id: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Medal:
    """A medal that goes with a reward."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MedalDef:
    """A medal on offer."""

    id: str
    title: Wording | str

    def shown(self, language: str) -> Medal:
        """The medal as it is shown in a room of that language."""
        return Medal(id=self.id, title=said(self.title, language))


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardDef:
    """A reward on offer, with the points and the medal that go with it.

    Raises ValueError when points would be taken, or the id is no plain name.
    """

    id: str
    kind: str
    title: Wording | str
    points: int = 0
    medal: MedalDef | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", self.id):
            raise ValueError(f"reward {self.id!r}: an id has 1 to 64 of A-Z, a-z, 0-9, _, . and -")
        if self.points < 0:
            raise ValueError(f"reward {self.id!r}: points must not be negative")

    def shown(self, language: str) -> Reward:
        """The reward as it is shown in a room of that language."""
        return Reward(id=self.id, kind=self.kind, title=said(self.title, language))


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDef:
    """A step that is reached with a streak of ``day`` days.

    Of a limited reward there are ``stock`` in each room; after the last one its ``substitute`` is given.
    Raises ValueError when a limited reward has none, or the day is before the first.
    """

    day: int
    reward: RewardDef
    stock: int | None = None
    substitute: RewardDef | None = None

    def __post_init__(self) -> None:
        if self.day < 1:
            raise ValueError(f"step {self.reward.id!r}: day must be 1 or more")
        if (self.stock is None) != (self.substitute is None):
            raise ValueError(f"step {self.reward.id!r}: stock and substitute must be given together")
        if self.stock is not None and self.stock < 0:
            raise ValueError(f"step {self.reward.id!r}: stock must not be negative")
        if self.substitute is not None and self.substitute.id == self.reward.id:
            raise ValueError(f"step {self.reward.id!r}: the substitute needs an id of its own")

    def claim(self, streak: str) -> str:
        """The name under which a room counts the stock of this step."""
        return f"checkin.{streak}.{self.reward.id}"

    def taken(self, streak: str) -> str:
        """The name of the room's sum of those that were given."""
        return f"{self.claim(streak)}.taken"

    def given(self, streak: str, gone: Collection[str]) -> RewardDef:
        """What is given, when the stocks of these names are gone."""
        if self.substitute is not None and self.claim(streak) in gone:
            return self.substitute
        return self.reward


THREE = MedalDef(id="three", title=Wording(en="Three days in a row", zh="连续三天"))
WEEK = MedalDef(id="week", title=Wording(en="A whole week", zh="整整一周"))
MONTH = MedalDef(id="month", title=Wording(en="Thirty days in a row", zh="连续三十天"))

LADDER = (
    StepDef(
        day=3,
        reward=RewardDef(
            id="three",
            kind="medal",
            title=Wording(en="Medal: three days in a row", zh="勋章：连续三天"),
            medal=THREE,
        ),
    ),
    StepDef(
        day=7,
        reward=RewardDef(
            id="week",
            kind="coupon",
            title=Wording(en="Coupon for a whole week", zh="一周优惠券"),
            points=50,
            medal=WEEK,
        ),
    ),
    StepDef(
        day=30,
        reward=RewardDef(
            id="month",
            kind="gift",
            title=Wording(en="Limited gift for thirty days", zh="三十天限量礼品"),
            points=300,
            medal=MONTH,
        ),
        stock=100,
        substitute=RewardDef(
            id="month_coupon",
            kind="coupon",
            title=Wording(en="Coupon for thirty days", zh="三十天优惠券"),
            points=300,
            medal=MONTH,
        ),
    ),
)
"""The steps of a room: something soon, something worth a week, something worth waiting for."""


def _in_all(number: int, kind: str, points: int, title: Wording) -> StepDef:
    return StepDef(day=number, reward=RewardDef(id=f"total_{number}", kind=kind, title=title, points=points))


TOTAL_LADDER = (
    _in_all(10, "coupon", 20, Wording(en="Coupon for ten check-ins", zh="累计十次优惠券")),
    _in_all(50, "coupon", 100, Wording(en="Coupon for fifty check-ins", zh="累计五十次优惠券")),
    _in_all(100, "gift", 200, Wording(en="Gift for a hundred check-ins", zh="累计一百次礼品")),
)
"""The steps by check-ins in all, which no break takes away: here ``day`` is their number."""


class Ladder:
    """Steps by the length of a streak, the lowest first.

    Raises ValueError when their days do not rise or an id is given twice.
    """

    def __init__(self, steps: Sequence[StepDef]):
        for lower, higher in pairwise(steps):
            if higher.day <= lower.day:
                raise ValueError(f"step {higher.reward.id!r}: day must be above that of {lower.reward.id!r}")
        ids = [step.reward.id for step in steps]
        ids += [step.substitute.id for step in steps if step.substitute is not None]
        doubles = sorted({one for one in ids if ids.count(one) > 1})
        if doubles:
            raise ValueError(f"two rewards of the same id: {', '.join(doubles)}")
        self.steps = tuple(steps)
        self.ids = frozenset(ids)
        self._by_day = {step.day: step for step in steps}

    def at(self, day: int) -> StepDef | None:
        """The step of this very length."""
        return self._by_day.get(day)

    def reached(self, length: int, granted: Collection[int]) -> list[StepDef]:
        """The steps up to a length that were not granted yet, also when they were put in below it since."""
        if not self.steps or self.steps[0].day > length:
            return []
        return [step for step in self.steps if step.day <= length and step.day not in granted]

    def next(self, length: int) -> StepDef | None:
        """The first step above a length; None on top."""
        for step in self.steps:
            if step.day > length:
                return step
        return None
