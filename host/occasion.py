"""What a host may want to say a word about, how much it matters, and the word itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from room.people import User
from room.wording import Wording

OccasionKind = Literal["milestone", "promotion", "returning", "first_time"]

HUNDRED = 100
"""From so many days on, a milestone comes before all else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Something that has just happened to somebody.

    ``days`` are check-ins in all or, where ``in_a_row``, without a break; ``away`` the days since the last one;
    ``tier`` is the name of the tier that somebody rose to.
    """

    kind: OccasionKind
    days: int = 0
    in_a_row: bool = False
    away: int = 0
    tier: str = ""

    @property
    def tells_days(self) -> bool:
        """Whether it tells of somebody's check-ins, which he may hide."""
        return self.kind in ("milestone", "returning")

    @property
    def priority(self) -> int:
        """The greater is said first: hundred days, then a promotion, a smaller milestone, who is back, who is new."""
        match self.kind:
            case "milestone" if self.days >= HUNDRED:
                return 45 if self.in_a_row else 50
            case "milestone":
                return 30
            case "promotion":
                return 40
            case "returning":
                return 20
            case "first_time":
                return 10

    @property
    def topic(self) -> tuple[object, ...]:
        """What one card may say of several people at once."""
        if self.kind == "milestone":
            return (self.kind, self.days, self.in_a_row)
        return (self.kind, self.tier)


REGULAR_DAYS = 7
AWAY_DAYS = 2
"""Who has checked in on so many days is a regular, and after so many days without one he has come back."""


def greeting(*, days: int, away: int | None, known: bool) -> Occasion | None:
    """Why somebody who comes in is greeted: he is back after some days, or nothing is known of him yet."""
    if not known:
        return Occasion(kind="first_time")
    if away is not None and days >= REGULAR_DAYS and away >= AWAY_DAYS:
        return Occasion(kind="returning", days=days, away=away)
    return None


NAMED = 5
"""How many people a card names; of more it says how many they are."""


def script(occasion: Occasion, users: Sequence[User], count: int) -> Wording:
    """What the host may say, to one person or, shorter, to several; ``users`` are at most those who are named."""
    names = [user.name for user in users[:NAMED]]
    return Wording(en=_english(occasion, names, count), zh=_chinese(occasion, names, count))


def _english(occasion: Occasion, names: Sequence[str], count: int) -> str:
    who = ", ".join(names) + (f" and {count - len(names)} more" if count > len(names) else "")
    days = f"{occasion.days} days in a row" if occasion.in_a_row else f"{occasion.days} days"
    match occasion.kind:
        case "milestone" if count > 1:
            return f"{days}: {who}"
        case "milestone":
            return f"{who}: {days}!" if occasion.in_a_row else f"Thank you, {who}: {days} with us!"
        case "promotion":
            return f"New {occasion.tier}: {who}" if count > 1 else f"{who} is now {occasion.tier}. Congratulations!"
        case "returning" if count > 1:
            return f"Welcome back: {who}"
        case "returning":
            return f"Welcome back, {who}: {days} with us, back after {occasion.away}!"
        case "first_time":
            return f"Here for the first time: {who}" if count > 1 else f"Welcome, {who}, here for the first time!"


def _chinese(occasion: Occasion, names: Sequence[str], count: int) -> str:
    who = "、".join(names) + (f"等{count}人" if count > len(names) else "")
    days = f"连续打卡{occasion.days}天" if occasion.in_a_row else f"{occasion.days}天"
    match occasion.kind:
        case "milestone" if count > 1:
            return f"{days}：{who}"
        case "milestone":
            return f"恭喜{who}{days}！" if occasion.in_a_row else f"感谢{who}陪伴我们整整{days}！"
        case "promotion":
            return f"恭喜{who}升级为{occasion.tier}！"
        case "returning" if count > 1:
            return f"欢迎回来：{who}"
        case "returning":
            return f"欢迎{who}回来！已陪伴我们{days}，时隔{occasion.away}天。"
        case "first_time":
            return f"欢迎第一次来的{who}！"
