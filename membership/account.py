"""What is kept of a member: his points, his qualifying score, his medals, and how his tier came about."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import date

from membership.assignment import Assignment, TierAssigned, assigned
from membership.keeping import Keeping
from membership.limits import Today
from membership.messages import Medal, MedalEarned, PointsEarned, TierChanged
from membership.redemption import PointsSpent, Taken, after
from room.message import Event
from room.value import value

HISTORY = 20
"""Changes of tier that are remembered: years of them, where a window is a month or more."""


@value(frozen=True, slots=True, kw_only=True)
class Account:
    """A member's section: ``balance`` is the sum of his points ledger, ``qualifying`` of all score he ever had.

    ``keeping`` is there since his score first counted for some time only. ``history`` holds the last changes of
    tier as (instant, from, to), the newest last; ``today`` what limited rules gave; ``assigned`` is the tier that the
    platform gave him; ``taken`` how many he took of items of which one may take only so many.
    """

    balance: int = 0
    qualifying: int = 0
    medals: tuple[Medal, ...] = ()
    keeping: Keeping | None = None
    history: tuple[tuple[int, int, int], ...] = ()
    today: Today = field(default_factory=Today)
    assigned: Assignment | None = None
    taken: Taken = ()

    def after(self, event: Event) -> Account:
        """The account after a durable event, but for ``keeping``; the same one when nothing in it changes."""
        match event:
            case PointsEarned():
                return Account(  # on the path of every check-in: spelled out, since `replace` takes three times as long
                    balance=event.balance,
                    qualifying=self.qualifying + event.qualifying,
                    medals=self.medals,
                    keeping=self.keeping,
                    history=self.history,
                    today=self._counted(event),
                    assigned=self.assigned,
                    taken=self.taken,
                )
            case PointsSpent():
                return replace(self, balance=event.balance, taken=after(self.taken, event))
            case MedalEarned():
                return replace(self, medals=(*self.medals, event.medal))
            case TierChanged():
                change = (event.since, event.from_tier, event.tier)
                return replace(self, history=(*self.history, change)[-HISTORY:])
            case TierAssigned():
                return replace(self, assigned=assigned(event))
        return self

    def has(self, medal: str) -> bool:
        """Whether the medal of this id was earned already."""
        return any(one.id == medal for one in self.medals)

    def _counted(self, event: PointsEarned) -> Today:
        credit = event.credit
        if credit is None or credit.rule is None:
            return self.today
        today = self.today.on(ordinal(credit.day))
        return today.after(credit.rule, event.points, event.qualifying, credit.at)


def ordinal(day: str) -> int:
    """The ordinal of a day as events name it."""
    return date.fromisoformat(day).toordinal()
