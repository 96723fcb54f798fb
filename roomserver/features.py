"""The house as it is served: which features there are, and what of one leads to what of another.

A new feature is its folder, its tests, and its entries here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import cast

from app.feature import App
from checkin.definition import STREAKS, StreakDef
from checkin.feature import Checkin
from checkin.imported import HistoryImported
from checkin.messages import Marked, Milestone, Rank, Rewarded
from effects.entrance import Enter
from effects.feature import Effects
from effects.privacy import PrivacyChanged
from effects.removal import RemoveDanmaku
from effects.shoutout import COOL_MS
from effects.words import Forbidden
from erasure.feature import Erased, Erasure
from host.feature import Host, returning
from host.messages import Prompt, Withdraw
from host.occasion import Occasion, greeting
from like.feature import Like
from membership.account import Account
from membership.feature import Membership
from membership.history import ImportAccount
from membership.keep_rule import KeepRule
from membership.limits import POINTS, PointsRule
from membership.messages import Award, GrantMedal, Medal, TierChanged
from membership.redemption import ITEMS, ItemDef
from membership.tiers import TIERS, TierDef
from moderation.feature import Moderation
from presence.feature import Joined, Presence
from room.context import Context
from room.house import House, Reaction
from room.message import Command, Event
from room.people import Role
from room.row import member
from room.settings import Privacy
from roomserver.variants import simplified
from settings.feature import RoomSettings
from stage.feature import Stage


def make_house(
    *,
    tiers: Sequence[TierDef] = TIERS,
    keep: KeepRule | None = None,
    points: Sequence[PointsRule] = POINTS,
    items: Sequence[ItemDef] = ITEMS,
    streaks: Sequence[StreakDef] = STREAKS,
    words: tuple[str, ...] = (),
    pictures: bool = False,
    seats: bool = True,
    thank_again_ms: int = COOL_MS,
) -> House:
    """The features of this server, in the order in which their parts of a reply and a snapshot are put together."""
    membership, checkin = Membership(tiers, keep=keep, points=points, items=items), Checkin(streaks)
    crowd = (RoomSettings(), Presence(returning), Moderation())
    medal = partial(_worn, checkin=checkin)
    talk = Effects(forbidden=Forbidden(words, simplified()), cool_ms=thank_again_ms, medal=medal)
    stage = Stage(carried=pictures, seated=seats)
    features = (*crowd, talk, Like(), checkin, membership, App(), Host(), stage, Erasure())
    greeting_reaction = Reaction(on=Joined, make=partial(_greet, checkin=checkin))
    return House(features, reactions=(*REACTIONS, greeting_reaction), standing=membership.standing)


def _entrance(event: Event, context: Context) -> Iterable[Command]:
    joined = cast(Joined, event)
    if joined.entrance:
        yield Enter(room=context.room.id)


def _credit(event: Event, context: Context) -> Iterable[Command]:
    assert isinstance(event, Marked)
    points, qualifying = event.points, event.qualifying
    return (Award(room=context.room.id, points=points, qualifying=qualifying, reason="check-in", rule="checkin"),)


def _reward(event: Event, context: Context) -> Iterable[Command]:
    rewarded = cast(Rewarded, event)
    reason = f"{rewarded.step} days in a row" if rewarded.by == "streak" else f"{rewarded.step} check-ins"
    if rewarded.points:
        yield Award(room=context.room.id, points=rewarded.points, qualifying=0, reason=reason, rule="reward")
    if rewarded.medal is not None:
        medal = Medal(id=rewarded.medal.id, title=rewarded.medal.title)
        yield GrantMedal(room=context.room.id, medal=medal)


def _place(_: Event, context: Context) -> Iterable[Command]:
    yield Rank(room=context.room.id)


def _worn(context: Context, *, checkin: Checkin) -> str | None:
    """The medal beside the caller's name: the highest that shines and that he holds, since a substitute has none."""
    shining = checkin.medals(context)
    if not shining:
        return None
    account = context.row_of(member(context.actor.id)).of(Account)
    return next((medal for medal in shining if account.has(medal)), None)


def _greet(event: Event, context: Context, *, checkin: Checkin) -> Iterable[Command]:
    joined = cast(Joined, event)
    row = context.row_of(member(joined.user.id))
    if not joined.entrance or context.actor.role is not Role.MEMBER or row.of(Privacy).hide_streak:
        return
    days, away = checkin.seen(context, row)
    if (occasion := greeting(days=days, away=away, known=row.version > 0)) is not None:
        yield Prompt(room=context.room.id, user=joined.user, occasion=occasion)


def _celebrate(event: Event, context: Context) -> Iterable[Command]:
    milestone = cast(Milestone, event)
    occasion = Occasion(kind="milestone", days=milestone.count, in_a_row=milestone.measure == "length")
    yield Prompt(room=context.room.id, user=milestone.user, occasion=occasion)


def _congratulate(event: Event, context: Context) -> Iterable[Command]:
    changed = cast(TierChanged, event)
    if changed.tier > changed.from_tier and changed.user.id in context.room.actors:
        occasion = Occasion(kind="promotion", tier=changed.name)
        yield Prompt(room=context.room.id, user=changed.user, occasion=occasion)


def _withdraw(event: Event, context: Context) -> Iterable[Command]:
    changed = cast(PrivacyChanged, event)
    if changed.hide_streak:
        yield Withdraw(room=context.room.id, user=changed.user)


def _take_back(event: Event, context: Context) -> Iterable[Command]:
    """What an erased member said is taken off the pages, and he off the host's cards."""
    erased = cast(Erased, event)
    yield RemoveDanmaku(room=context.room.id, user=erased.user.id)
    yield Withdraw(room=context.room.id, user=erased.user)


def _take_over(event: Event, context: Context) -> Iterable[Command]:
    imported = cast(HistoryImported, event)
    yield ImportAccount(room=context.room.id, points=imported.points, score=imported.score)
    yield Rank(room=context.room.id)


REACTIONS = (
    Reaction(on=Joined, make=_entrance),
    Reaction(on=Milestone, make=_celebrate),
    Reaction(on=TierChanged, make=_congratulate),
    Reaction(on=Marked, make=_credit, required=True),
    Reaction(on=Rewarded, make=_reward, required=True),
    Reaction(on=PrivacyChanged, make=_place, required=True),
    Reaction(on=PrivacyChanged, make=_withdraw),
    Reaction(on=HistoryImported, make=_take_over, required=True),
    Reaction(on=Erased, make=_take_back),
)
"""What follows from what; a check-in without its points is refused whole."""
