"""What is kept of a member: his points, his qualifying score and his medals."""

from __future__ import annotations

from dataclasses import dataclass, replace

from membership.messages import Medal, MedalEarned, PointsEarned
from room.message import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A member's section: ``balance`` is the sum of his points ledger, ``qualifying`` alone makes his tier."""

    balance: int = 0
    qualifying: int = 0
    medals: tuple[Medal, ...] = ()

    def after(self, event: Event) -> Account:
        """The account after a durable event; the same one when nothing in it changes."""
        match event:
            case PointsEarned():
                return replace(self, balance=event.balance, qualifying=self.qualifying + event.qualifying)
            case MedalEarned():
                return replace(self, medals=(*self.medals, event.medal))
        return self

    def has(self, medal: str) -> bool:
        """Whether the medal of this id was earned already."""
        return any(one.id == medal for one in self.medals)
