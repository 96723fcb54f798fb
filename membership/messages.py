"""What is asked of membership and what happens in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from room.message import Audience, Bounds, Command, Event, Key, Lane, Query, UserId
from room.people import Actor, Role, User
from room.row import member

MOST = 1_000_000
"""The most points that one command gives or takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medal:
    """A medal as it is kept and shown."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddScore(Command):
    """Give a member points and as much qualifying score, or take them back (a negative ``amount``); never 0.

    ``qualifying`` is the score where it is another: 0 where points are given back.
    """

    kind: ClassVar[str] = "membership.score"
    who: ClassVar[Role] = Role.OPERATOR
    durable: ClassVar[bool] = True
    needs_key: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    user: UserId
    amount: Annotated[int, Bounds(-MOST, MOST)]
    qualifying: Annotated[int, Bounds(-MOST, MOST)] | None = None
    reason: Annotated[str, Bounds(1, 200)]
    key: Key | None = None

    def subject(self, actor: Actor) -> str:
        """The row of the member whose score it is."""
        return member(self.user)


@dataclass(frozen=True, slots=True, kw_only=True)
class Award(Command):
    """Give points and qualifying score for something that has just happened in the same turn; 0 is allowed.

    ``rule`` names the limits that it falls under, if there are any.
    """

    kind: ClassVar[str] = "membership.award"
    who: ClassVar[Role] = Role.ROOM
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    points: int
    qualifying: int
    reason: str
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrue(Command):
    """Give a member what he earned in the last minute: for full minutes watched and danmaku said while live.

    Each is the instant (ms since 1970) at which a minute was full, or something was said, the earliest first.
    """

    kind: ClassVar[str] = "membership.accrue"
    who: ClassVar[Role] = Role.ROOM
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    user: UserId
    minutes: tuple[int, ...] = ()
    said: tuple[int, ...] = ()

    def subject(self, actor: Actor) -> str:
        """The row of the member who watched and chatted."""
        return member(self.user)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Command):
    """Look whether a member's tier is to be warned of or lost by now, though he did nothing."""

    kind: ClassVar[str] = "membership.review"
    who: ClassVar[Role] = Role.ROOM
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    user: UserId

    def subject(self, actor: Actor) -> str:
        """The row of the member whose tier it is."""
        return member(self.user)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantMedal(Command):
    """Give a medal for something that has just happened in the same turn; one that is held stays as it is."""

    kind: ClassVar[str] = "membership.grant_medal"
    who: ClassVar[Role] = Role.ROOM
    durable: ClassVar[bool] = True
    on_wire: ClassVar[bool] = False

    medal: Medal


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(Query):
    """A member's card: one's own, or what all may see of another ``user``."""

    kind: ClassVar[str] = "membership.card"
    who: ClassVar[Role] = Role.MEMBER

    user: UserId | None = None

    def needs(self, actor: Actor) -> tuple[str, ...]:
        """The other's row."""
        return () if self.user is None else (member(self.user),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Query):
    """The whole card of a member, for the platform."""

    kind: ClassVar[str] = "membership.member"
    who: ClassVar[Role] = Role.OPERATOR
    on_wire: ClassVar[bool] = False

    user: UserId

    def needs(self, actor: Actor) -> tuple[str, ...]:
        """The member's row."""
        return (member(self.user),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What points were counted under: the logical ``day``, the instant, and the rule whose limits they fell under."""

    day: str
    at: int
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsEarned(Event):
    """A member's points changed by ``points`` (negative: taken back) to ``balance``, his qualifying score too.

    ``credit`` is there where days count: where score makes a tier for some time only, or a rule has its limits.
    """

    kind: ClassVar[str] = "membership.points_earned"
    durable: ClassVar[bool] = True
    lane: ClassVar[Lane] = Lane.RECEIPT
    audience: ClassVar[Audience] = Audience.MEMBER

    user: User
    points: int
    qualifying: int
    balance: int
    reason: str
    credit: Credit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingEarned(Event):
    """What happened earned a member nothing, as it may when a day's limit is reached: his other devices hear of it."""

    kind: ClassVar[str] = "membership.nothing_earned"
    lane: ClassVar[Lane] = Lane.RECEIPT
    audience: ClassVar[Audience] = Audience.MEMBER

    user: User
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierChanged(Event):
    """A member rose, or fell, from ``from_tier`` to ``tier``, which is called ``name``, on the room's ``day``.

    ``earned`` is there where an assigned tier holds him above the one that his score makes.
    """

    kind: ClassVar[str] = "membership.tier_changed"
    durable: ClassVar[bool] = True
    lane: ClassVar[Lane] = Lane.GIFT
    audience: ClassVar[Audience] = Audience.ROOM | Audience.MEMBER

    user: User
    tier: int
    from_tier: int
    name: str
    since: int
    day: str
    earned: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WillDowngrade(Event):
    """A member's ``tier`` becomes ``to`` at the instant ``by``, unless he earns ``points_needed`` before."""

    kind: ClassVar[str] = "membership.will_downgrade"
    durable: ClassVar[bool] = True
    lane: ClassVar[Lane] = Lane.RECEIPT
    audience: ClassVar[Audience] = Audience.MEMBER

    user: User
    tier: int
    to: int
    points_needed: int
    by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierKept(Event):
    """A member who was about to lose his ``tier`` earned it once more: it is his ``until`` an instant at least."""

    kind: ClassVar[str] = "membership.tier_kept"
    durable: ClassVar[bool] = True
    lane: ClassVar[Lane] = Lane.RECEIPT
    audience: ClassVar[Audience] = Audience.MEMBER

    user: User
    tier: int
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierReviewed(Event):
    """A member's tier was looked at, and nothing was to be done about it yet."""

    kind: ClassVar[str] = "membership.reviewed"
    durable: ClassVar[bool] = True
    audience: ClassVar[Audience] = Audience.NOBODY

    user: User
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementsChanged(Event):
    """What a member may use from now on: ids of styles, emotes, entrance effects and perks, and danmaku modes.

    The greater ``version`` is the newer one; his card carries one too.
    """

    kind: ClassVar[str] = "membership.entitlements"
    lane: ClassVar[Lane] = Lane.RECEIPT
    audience: ClassVar[Audience] = Audience.MEMBER

    user: User
    version: int
    styles: tuple[str, ...]
    modes: tuple[int, ...]
    emotes: tuple[str, ...]
    effects: tuple[str, ...]
    perks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MedalEarned(Event):
    """A member earned a medal that he did not have."""

    kind: ClassVar[str] = "membership.medal_earned"
    durable: ClassVar[bool] = True
    lane: ClassVar[Lane] = Lane.RECEIPT
    audience: ClassVar[Audience] = Audience.MEMBER

    user: User
    medal: Medal
