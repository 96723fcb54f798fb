"""The feature `membership`: points, tiers, entitlements and medals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from functools import partial
from itertools import groupby
from typing import assert_never

from membership.account import Account
from membership.accrual import Accrual
from membership.assignment import AssignTier, TierAssigned
from membership.assignment import shown as assigned_shown
from membership.card import public, shown, whole
from membership.career import Career, day_of
from membership.history import REASON, ImportAccount, check_empty
from membership.keep_rule import KeepRule
from membership.limits import POINTS, PointsRule, PointsRules
from membership.messages import (
    MOST,
    Accrue,
    AddScore,
    Award,
    Card,
    Credit,
    EntitlementsChanged,
    GrantMedal,
    Medal,
    MedalEarned,
    Member,
    NothingEarned,
    PointsEarned,
    Review,
    TierChanged,
    TierKept,
    TierReviewed,
    WillDowngrade,
)
from membership.ranks import Ranks, folded
from membership.redemption import ITEMS, Catalogue, ItemDef, Items, PointsSpent, Redeem, redeemed, visible
from membership.refusals import InsufficientPoints
from membership.tiers import TIERS, TierDef, Tiers
from room.change import Append, Due, Part
from room.context import Context
from room.feature import Feature, Reply, Turn
from room.live import Room
from room.message import Command, Event, Sign, Stamped
from room.people import Role, Standing
from room.refusal import BadRequest
from room.row import Row, user_of

DUE = "membership.tier"
"""What is due when a tier is to be warned of or lost though its member does not come."""


class Membership(Feature):
    """What members earn and what that makes them; takes the tiers, how they are kept, what is earned within limits, and
    what points are spent on.

    Raises ValueError when the tiers are no ladder, or two rules or items have the same name.
    """

    name = "membership"
    commands = (AddScore, AssignTier, Award, Accrue, GrantMedal, Review, ImportAccount, Redeem)
    queries = (Card, Member, Items)
    events = (
        PointsEarned,
        NothingEarned,
        PointsSpent,
        TierAssigned,
        TierChanged,
        TierKept,
        WillDowngrade,
        TierReviewed,
        EntitlementsChanged,
        MedalEarned,
    )
    section = Account
    logs = ("points",)

    def __init__(
        self,
        tiers: Sequence[TierDef] = TIERS,
        *,
        keep: KeepRule | None = None,
        points: Sequence[PointsRule] = POINTS,
        items: Sequence[ItemDef] = ITEMS,
    ) -> None:
        self._ranks = Ranks(Tiers(tiers), keep or KeepRule())
        self._career = Career(self._ranks)
        self._rules = PointsRules(points)
        self._catalogue = Catalogue(items)

    def standing(self, row: Row) -> Standing:
        """What a member's row makes him."""
        return self._ranks.standing(row.of(Account))

    def decide(
        self,
        command: AddScore | AssignTier | Award | Accrue | GrantMedal | Review | ImportAccount | Redeem,
        context: Context,
    ) -> Iterable[Event]:
        """Points, and the tier they lead to; a medal that is not held yet; what is taken; or what a review finds.

        Raises BadRequest, InsufficientPoints, AccountNotEmpty, NoSuchItem, TierTooLow, TakenAlready, ItemGone.
        """
        account = context.row.of(Account)
        match command:
            case AddScore(amount=amount, qualifying=qualifying):
                score = amount if qualifying is None else qualifying
                if not 0 < abs(amount) <= MOST or abs(score) > MOST:
                    raise BadRequest(
                        f"amount must be from -{MOST} to {MOST} and not 0, and so must qualifying but for 0"
                    )
                return self._earn(account, (amount, score), command.reason, None, context)
            case AssignTier():
                return self._career.assign(account, command, context)
            case Award():
                return self._awarded(account, command, context)
            case Accrue():
                return self._accrue(account, command, context)
            case GrantMedal():
                return () if account.has(command.medal.id) else (MedalEarned(user=context.person, medal=command.medal),)
            case Redeem(item=item):
                return (self._catalogue.take(item, account.balance, account.taken, context),)
            case Review():
                return self._career.review(account, context)
            case ImportAccount():
                check_empty(account)
                return self._earn(account, (command.points, command.score), REASON, None, context)
        assert_never(command)

    def evolve(self, section: Account, event: Event) -> Account:
        """The account after the event."""
        return self._ranks.after(section, event)

    def record(self, event: Event, context: Context) -> Iterable[Part]:
        """One entry of the points ledger, and when the tier is to be looked at again."""
        if isinstance(event, PointsEarned):
            entry = {
                "delta": event.points,
                "qualifying": event.qualifying,
                "reason": event.reason,
                "at": context.now,
                "balance": event.balance,
                "id": context.id,
            }
            yield Append(log="points", entry=entry)
        if isinstance(event, PointsSpent):
            yield from self._catalogue.record(event, context)
        looked_at = isinstance(event, (TierReviewed, TierAssigned))
        if looked_at or (self._ranks.counts_days and isinstance(event, (PointsEarned, TierChanged, WillDowngrade))):
            yield Due(what=DUE, at=self._career.look(context.row.of(Account), context))

    def due(self, what: str, subject: str, room: str) -> Iterable[Command]:
        """A look at the member's tier."""
        user = user_of(subject)
        return [Review(room=room, user=user)] if what == DUE and user is not None else []

    def receipt(self, turn: Turn) -> Reply:
        """What the turn earned, and what he has now."""
        row = turn.context.row
        account = row.of(Account)
        points, medals = 0, list[Medal]()
        for stamped in turn.events:
            match stamped.event:
                case PointsEarned(points=earned):
                    points += earned
                case MedalEarned(medal=medal):
                    medals.append(medal)
        if isinstance(turn.command, AddScore):
            score = self._ranks.score(account, day_of(turn.context))
            tier = self.standing(row).tier
            return {"points": points, "balance": account.balance, "qualifying": score, "tier": tier}
        if isinstance(turn.command, Redeem):
            return redeemed([stamped.event for stamped in turn.events], turn.context.now)
        if isinstance(turn.command, AssignTier):
            return {"tier": self.standing(row).tier, "assigned": assigned_shown(account.assigned)}
        return {"points": points, "balance": account.balance, "medals": shown(medals)}

    def answer(self, query: Card | Member | Items, context: Context) -> Reply:
        """A card, composed of what all features say of the member; or what is on offer, and his points."""
        if isinstance(query, Items):
            account = context.row.of(Account)
            items = self._catalogue.offer(account.taken, context.room)
            return {"items": items, "balance": visible(context.actor.role, account.balance)}
        return context.house.card(context, query.user or context.actor.id)

    def card(self, context: Context, subject: Row, *, own: bool) -> Reply:
        """Tier and medals for all to see; points, the way to the next tier and what he may use for himself."""
        account = subject.of(Account)
        if not own:
            return public(self._ranks, account)
        rule, day = context.room.settings.day_rule, day_of(context)
        return {**whole(self._ranks, subject, rule, day), "points_today": self._rules.card(account.today.on(day))}

    # --- what members earn by being here

    def notices(self, kind: type[Event]) -> bool:
        """Who comes, goes and speaks; and whatever may have changed whether the room is live, as nobody's own does."""
        return kind.sign is not None or (kind.durable and "user" not in {one.name for one in fields(kind)})

    def observe(self, stamped: Stamped, room: Room) -> None:
        """Count who is here and what he says, while the room is live."""
        event = stamped.event
        accrual = room.state(Accrual)
        if event.durable or event.sign is Sign.ARRIVED:
            accrual.go(stamped.at, live=room.settings.live)
        if event.sign is None:
            return
        user = event.concerns
        match event.sign:
            case Sign.ARRIVED if user is not None and _earns(room, user):
                accrual.arrive(user, stamped.at)
            case Sign.LEFT if user is not None:
                accrual.leave(user, stamped.at)
            case Sign.SPOKE if user is not None:
                accrual.speak(user, stamped.at)
            case Sign.FORGOTTEN if user is not None:
                accrual.forget(user)

    def deadline(self, room: Room) -> int | None:
        """When the next member's minute is over."""
        return room.state(Accrual).deadline

    def expire(self, room: Room, now: int) -> Iterable[Command]:
        """What members have earned since their last minute."""
        return [
            Accrue(room=room.id, user=one.user, minutes=one.minutes, said=one.said)
            for one in room.state(Accrual).take(now)
        ]

    # --- points

    def _awarded(self, account: Account, command: Award, context: Context) -> Iterable[Event]:
        sums = (command.points, command.qualifying)
        earned = list(self._earn(account, sums, command.reason, command.rule, context))
        return earned or (NothingEarned(user=context.person, reason=command.reason),)

    def _earn(
        self,
        account: Account,
        wanted: tuple[int, int],
        reason: str,
        rule: str | None,
        context: Context,
        *,
        at: int | None = None,
    ) -> Iterable[Event]:
        """Points and score as far as limits leave them, and the tier they lead to; a grace that is over comes first.

        ``at`` is when they were earned, if that was before now.
        """
        at = context.now if at is None else at
        limited = self._rules.limited(rule)
        points, qualifying = wanted if limited is None else self._within_limits(account, wanted, limited, context, at)
        if points < 0 and account.balance + points < 0:
            raise InsufficientPoints(f"{account.balance} of {-points}")
        qualifying = max(qualifying, -account.qualifying)  # no score is below nothing
        if not points and not qualifying:
            return
        if settled := list(self._career.settle(account, context)):
            yield from settled
            account = folded(self._ranks, account, settled)
        earned = PointsEarned(
            user=self._career.shown(account, context),
            points=points,
            qualifying=qualifying,
            balance=account.balance + points,
            reason=reason,
            credit=self._credit(limited, context, at),
        )
        yield earned
        yield from self._career.earned(account, earned, context)

    def _within_limits(
        self, account: Account, wanted: tuple[int, int], limited: PointsRule, context: Context, at: int
    ) -> tuple[int, int]:
        return self._rules.left(limited, account.today.on(day_of(context, at)), at, wanted)

    def _credit(self, limited: PointsRule | None, context: Context, at: int) -> Credit | None:
        if limited is None and not self._ranks.counts_days:
            return None
        day = date.fromordinal(day_of(context, at)).isoformat()
        return Credit(day=day, at=at, rule=None if limited is None else limited.rule)

    def _accrue(self, account: Account, command: Accrue, context: Context) -> Iterable[Event]:
        """What was earned on each day by each rule; the minute may have been the last of a day."""
        for name, instants in (("watching", command.minutes), ("chatting", command.said)):
            rule = self._rules.of(name)
            for day, some in groupby(instants, partial(day_of, context)) if rule is not None else ():
                assert rule is not None
                given = self._rules.given(rule, account.today.on(day), list(some))
                if given:
                    wanted = (rule.points * len(given), rule.qualifying * len(given))
                    earned = list(self._earn(account, wanted, name, name, context, at=given[-1]))
                    yield from earned
                    account = folded(self._ranks, account, earned)


def _earns(room: Room, user: str) -> bool:
    """Whether somebody earns by being here: members do, not guests, nor who works here."""
    actor = room.actors.get(user)
    return actor is not None and actor.role is Role.MEMBER
