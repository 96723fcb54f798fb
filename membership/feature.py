"""The feature `membership`: points, tiers, entitlements and medals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from membership.account import Account
from membership.messages import (
    MOST,
    AddScore,
    Award,
    Card,
    EntitlementsChanged,
    GrantMedal,
    Medal,
    MedalEarned,
    Member,
    PointsEarned,
    TierChanged,
)
from membership.refusals import InsufficientPoints
from membership.tiers import TIERS, TierDef, Tiers
from room.change import Append, Part
from room.context import Context
from room.feature import Feature, Reply, Turn
from room.message import Event
from room.people import Entitlements, Standing
from room.refusal import BadRequest
from room.row import Row


class Membership(Feature):
    """What members earn and what that makes them; takes the set of tiers.

    Raises ValueError when the tiers are no ladder.
    """

    name = "membership"
    commands = (AddScore, Award, GrantMedal)
    queries = (Card, Member)
    events = (PointsEarned, TierChanged, EntitlementsChanged, MedalEarned)
    section = Account

    def __init__(self, tiers: Sequence[TierDef] = TIERS):
        self._tiers = Tiers(tiers)

    def standing(self, row: Row) -> Standing:
        """What a member's row makes him."""
        return self._tiers.standing(row.of(Account).qualifying)

    def decide(self, command: AddScore | Award | GrantMedal, context: Context) -> Iterable[Event]:
        """Points, and the tier they lead to; or a medal that is not held yet.

        Raises BadRequest, InsufficientPoints.
        """
        match command:
            case AddScore(amount=amount):
                if not 0 < abs(amount) <= MOST:
                    raise BadRequest(f"amount must be from -{MOST} to {MOST} and not 0")
                return self._earn(amount, amount, command.reason, context)
            case Award():
                return self._earn(command.points, command.qualifying, command.reason, context)
            case GrantMedal():
                if context.row.of(Account).has(command.medal.id):
                    return ()
                return (MedalEarned(user=context.person, medal=command.medal),)
        assert_never(command)

    def evolve(self, section: Account, event: Event) -> Account:
        """The account after the event."""
        return section.after(event)

    def record(self, event: Event, context: Context) -> Iterable[Part]:
        """One entry of the points ledger."""
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

    def receipt(self, turn: Turn) -> Reply:
        """What the turn earned, and what he has now."""
        row = turn.context.row
        account = row.of(Account)
        points = sum(s.event.points for s in turn.events if isinstance(s.event, PointsEarned))
        earned: dict[str, object] = {"points": points, "balance": account.balance}
        if isinstance(turn.command, AddScore):
            return {**earned, "qualifying": account.qualifying, "tier": self.standing(row).tier}
        return {**earned, "medals": _shown(s.event.medal for s in turn.events if isinstance(s.event, MedalEarned))}

    def answer(self, query: Card | Member, context: Context) -> Reply:
        """A card, composed of what all features say of the member."""
        return context.house.card(context, query.user or context.actor.id)

    def card(self, context: Context, subject: Row, *, own: bool) -> Reply:
        """Tier and medals for all to see; points, the next tier and what he may use for himself."""
        account, standing = subject.of(Account), self.standing(subject)
        public: dict[str, object] = {
            "tier": {"level": standing.tier, "name": standing.name, "badge": standing.badge},
            "medals": _shown(account.medals),
        }
        if not own:
            return public
        return {
            **public,
            "points": account.balance,
            "qualifying": account.qualifying,
            "next_tier": self._next_tier(account),
            "entitlements": {"version": subject.version, **_entitled(standing.entitlements)},
        }

    def _earn(self, points: int, qualifying: int, reason: str, context: Context) -> Iterable[Event]:
        account = context.row.of(Account)
        if points < 0 and account.balance + points < 0:
            raise InsufficientPoints(f"{account.balance} of {-points}")
        qualifying = max(qualifying, -account.qualifying)  # no score is below nothing
        if not points and not qualifying:
            return
        balance = account.balance + points
        yield PointsEarned(user=context.person, points=points, qualifying=qualifying, balance=balance, reason=reason)
        yield from self._change_tier(account.qualifying, account.qualifying + qualifying, context)

    def _change_tier(self, before: int, after: int, context: Context) -> Iterable[Event]:
        old, new = self._tiers.standing(before), self._tiers.standing(after)
        if old is new:
            return
        user = replace(context.person, tier=new.tier)
        yield TierChanged(user=user, tier=new.tier, from_tier=old.tier, name=new.name)
        held = new.entitlements
        yield EntitlementsChanged(
            user=user,
            version=context.row.version + 1,  # of the row that this turn writes
            styles=held.styles,
            modes=held.modes,
            emotes=held.emotes,
            effects=_effects(held),
            perks=held.perks,
        )

    def _next_tier(self, account: Account) -> Mapping[str, object] | None:
        higher = self._tiers.next(account.qualifying)
        return None if higher is None else {"name": higher.name, "in": higher.at - account.qualifying}


def _shown(medals: Iterable[Medal]) -> list[Mapping[str, object]]:
    return [{"id": medal.id, "title": medal.title} for medal in medals]


def _entitled(held: Entitlements) -> Mapping[str, object]:
    return {
        "styles": held.styles,
        "modes": held.modes,
        "emotes": held.emotes,
        "effects": _effects(held),
        "perks": held.perks,
    }


def _effects(held: Entitlements) -> tuple[str, ...]:
    return () if held.effect is None else (held.effect,)
