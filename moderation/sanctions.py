"""What is in force against a member: stored in his row, ended by time alone.

A sanction binds whoever ranks below its giver, so a moderator cannot keep a host out whom he did not know as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from moderation.messages import Done
from moderation.refusals import Banned, BannedForGood, Muted, MutedForGood
from room.people import Role
from room.refusal import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanction:
    """A mute or a ban by somebody of a rank, until an instant (ms since 1970) or until it is undone."""

    rank: int
    until: int | None = None
    reason: str | None = None

    def holds(self, now: int) -> bool:
        """Whether its time is not over."""
        return self.until is None or now < self.until

    def binds(self, role: Role, now: int) -> bool:
        """Whether it holds for somebody of this role."""
        return role < self.rank and self.holds(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanctions:
    """A member's mute and ban; they may be over."""

    mute: Sanction | None = None
    ban: Sanction | None = None

    def after(self, done: Done) -> Sanctions:
        """What is in force after something was done about the member."""
        given = Sanction(rank=done.rank, until=done.until, reason=done.reason)
        match done.kind_:
            case "mute":
                return replace(self, mute=given)
            case "ban":
                return replace(self, ban=given)
            case "unmute":
                return replace(self, mute=None)
            case "unban":
                return replace(self, ban=None)
        return self


def muted(sanction: Sanction, now: int) -> Refused:
    """Why he may not speak."""
    return _refusal(Muted, MutedForGood, sanction, now)


def banned(sanction: Sanction, now: int) -> Refused:
    """Why he may not come in."""
    return _refusal(Banned, BannedForGood, sanction, now)


def shown(sanction: Sanction | None, now: int) -> Mapping[str, object] | None:
    """A sanction as a card has it: none when its time is over."""
    if sanction is None or not sanction.holds(now):
        return None
    return {"until": sanction.until, "reason": sanction.reason}


def _refusal(timed: type[Refused], for_good: type[Refused], sanction: Sanction, now: int) -> Refused:
    reason = [] if sanction.reason is None else [sanction.reason]
    if sanction.until is None:
        return for_good(", ".join(reason))
    until = datetime.fromtimestamp(-(-sanction.until // 1000), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return timed(", ".join([f"until {until}", *reason]), retry_in=sanction.until - now)
