"""The house as it is served: which features there are, and what of one leads to what of another.

A new feature is its folder, its tests, and its entries here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from app.feature import App
from checkin.definition import STREAKS, StreakDef
from checkin.feature import Checkin
from checkin.messages import Marked, Rewarded
from effects.entrance import Enter
from effects.feature import Effects
from membership.feature import Membership
from membership.messages import Award, GrantMedal, Medal
from membership.tiers import TIERS, TierDef
from presence.feature import Joined, Presence
from room.context import Context
from room.house import House, Reaction
from room.message import Command, Event
from settings.feature import RoomSettings


def make_house(*, tiers: Sequence[TierDef] = TIERS, streaks: Sequence[StreakDef] = STREAKS) -> House:
    """The features of this server, in the order in which their parts of a reply and a snapshot are put together."""
    membership = Membership(tiers)
    features = (RoomSettings(), Presence(), Effects(), Checkin(streaks), membership, App())
    return House(features, reactions=REACTIONS, standing=membership.standing)


def _entrance(event: Event, context: Context) -> Iterable[Command]:
    joined = cast(Joined, event)
    if joined.entrance:
        yield Enter(room=context.room.id)


def _credit(event: Event, context: Context) -> Iterable[Command]:
    marked = cast(Marked, event)
    yield Award(room=context.room.id, points=marked.points, qualifying=marked.qualifying, reason="check-in")


def _reward(event: Event, context: Context) -> Iterable[Command]:
    rewarded = cast(Rewarded, event)
    reason = f"{rewarded.step} days in a row"
    if rewarded.points:
        yield Award(room=context.room.id, points=rewarded.points, qualifying=0, reason=reason)
    if rewarded.medal is not None:
        medal = Medal(id=rewarded.medal.id, title=rewarded.medal.title)
        yield GrantMedal(room=context.room.id, medal=medal)


REACTIONS = (
    Reaction(on=Joined, make=_entrance),
    Reaction(on=Marked, make=_credit, required=True),
    Reaction(on=Rewarded, make=_reward, required=True),
)
"""What follows from what; a check-in without its points is refused whole."""
