"""What points are spent on: a catalogue of items with a price, and taking one.

Points and score are two things: what is spent takes nothing from the score that makes a tier. What the platform has to
do about an item (send a coupon, ship a gift) it learns from the event, by its outbox or a webhook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from membership.refusals import InsufficientPoints, ItemGone, NoSuchItem, TakenAlready, TierTooLow
from room.change import Append, Claim, Counter, Part
from room.context import Context
from room.live import Room
from room.message import Audience, Bounds, Command, Event, Key, Lane, Query
from room.people import Role, User
from room.wording import Wording, said

MOST_ITEMS = 100
"""Of one catalogue: what a member took of limited ones is kept in his row."""

ItemId = Annotated[str, Bounds(1, 64, r"^[A-Za-z0-9_.-]+$(?!\n)")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item as it is shown: ``kind`` says what a platform has to do about it."""

    id: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDef:
    """An item on offer for ``price`` points, from a ``tier`` on.

    Of a limited one there are ``stock`` in each room, ``per_member`` for each member there, ever. Raises ValueError.
    """

    id: str
    kind: str
    title: Wording | str
    price: int
    stock: int | None = None
    per_member: int | None = None
    tier: int = 0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", self.id):
            raise ValueError(f"item {self.id!r}: an id has 1 to 64 of A-Z, a-z, 0-9, _, . and -")
        if not said(self.title, "en").strip():
            raise ValueError(f"item {self.id!r}: title must not be empty")
        if self.price < 1:
            raise ValueError(f"item {self.id!r}: price must be 1 or more")
        if (self.stock is not None and self.stock < 0) or (self.per_member is not None and self.per_member < 1):
            raise ValueError(f"item {self.id!r}: stock must not be negative, per_member must be 1 or more")

    @property
    def claim(self) -> str:
        """The name under which a room counts its stock."""
        return f"membership.item.{self.id}"

    @property
    def taken(self) -> str:
        """The name of the room's sum of those that were taken."""
        return f"{self.claim}.taken"

    def shown(self, language: str) -> Item:
        """The item as it is shown in a room of that language."""
        return Item(id=self.id, kind=self.kind, title=said(self.title, language))


ITEMS = (
    ItemDef(id="coupon_5", kind="coupon", title=Wording(en="Coupon of 5", zh="5 元优惠券"), price=100),
    ItemDef(id="coupon_20", kind="coupon", title=Wording(en="Coupon of 20", zh="20 元优惠券"), price=300, tier=1),
    ItemDef(id="gift", kind="gift", title=Wording(en="Limited gift", zh="限量礼品"), price=800, stock=50, per_member=1),
)
"""What a room offers that sets nothing: ten check-ins are worth something small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeem(Command):
    """Take an ``item`` for its price in points."""

    kind: ClassVar[str] = "membership.redeem"
    durable: ClassVar[bool] = True
    needs_key: ClassVar[bool] = True

    item: ItemId
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Items(Query):
    """The items on offer; ``left`` of limited ones, and how many of them the caller may still take."""

    kind: ClassVar[str] = "membership.items"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsSpent(Event):
    """A member took an ``item`` for ``price`` points, which leaves him ``balance``; ``redemption`` is its number.

    ``counted`` where a member may take only so many of it.
    """

    kind: ClassVar[str] = "membership.points_spent"
    durable: ClassVar[bool] = True
    lane: ClassVar[Lane] = Lane.RECEIPT
    audience: ClassVar[Audience] = Audience.MEMBER

    user: User
    redemption: str
    item: Item
    price: int
    balance: int
    counted: bool | None = None


Taken = tuple[tuple[str, int], ...]
"""How many a member took of each item of which he may take only so many."""


class Catalogue:
    """The items by their ids.

    Raises ValueError when there are two of the same id, or too many.
    """

    def __init__(self, items: Sequence[ItemDef] = ITEMS) -> None:
        self._items = {item.id: item for item in items}
        if len(self._items) < len(items):
            raise ValueError("two items of the same id")
        if len(items) > MOST_ITEMS:
            raise ValueError(f"at most {MOST_ITEMS} items")

    def take(self, item: str, balance: int, taken: Taken, context: Context) -> PointsSpent:
        """What happens when the caller takes an item.

        Raises NoSuchItem, TierTooLow, TakenAlready, ItemGone, InsufficientPoints.
        """
        wanted = self._items.get(item)
        if wanted is None:
            raise NoSuchItem(item)
        if context.standing.tier < wanted.tier:
            raise TierTooLow(f"from level {wanted.tier} on")
        if wanted.per_member is not None and dict(taken).get(item, 0) >= wanted.per_member:
            raise TakenAlready(f"{wanted.per_member} for each member")
        if wanted.claim in context.failed or wanted.claim in context.room.exhausted:
            raise ItemGone
        if balance < wanted.price:
            raise InsufficientPoints(f"{balance} of {wanted.price}")
        return PointsSpent(
            user=context.person,
            redemption=context.id,
            item=wanted.shown(context.room.settings.language),
            price=wanted.price,
            balance=balance - wanted.price,
            counted=True if wanted.per_member is not None else None,
        )

    def record(self, event: PointsSpent, context: Context) -> Iterator[Part]:
        """The entry of the points ledger; one piece of what is limited."""
        reason = f"redeemed {event.item.id}"
        entry = {"delta": -event.price, "qualifying": 0, "reason": reason, "at": context.now, "balance": event.balance}
        yield Append(log="points", entry={**entry, "id": context.id})
        item = self._items[event.item.id]
        if item.stock is not None:
            yield Claim(name=item.claim, take=1, stock=item.stock)
            yield Counter(name=item.taken, add=1)

    def offer(self, taken: Taken, room: Room) -> list[Mapping[str, object]]:
        """The items for one person."""
        return [_offered(item, dict(taken), room) for item in self._items.values()]


def after(taken: Taken, event: PointsSpent) -> Taken:
    """What a member took of limited items, with one more of them."""
    if not event.counted:
        return taken
    counts = dict(taken)
    counts[event.item.id] = counts.get(event.item.id, 0) + 1
    return tuple(counts.items())


def redeemed(events: Iterable[Event], at: int) -> Mapping[str, object]:
    """The reply."""
    for event in events:
        if isinstance(event, PointsSpent):
            item = {"item": event.item.id, "kind": event.item.kind, "title": event.item.title}
            return {
                "redemption": {"id": event.redemption, **item, "price": event.price, "at": at},
                "balance": event.balance,
            }
    return {}


def visible(caller: Role, balance: int) -> int | None:
    """The points that somebody has to spend; a guest has none."""
    return None if caller is Role.GUEST else balance


def _offered(item: ItemDef, taken: Mapping[str, int], room: Room) -> Mapping[str, object]:
    shown = item.shown(room.settings.language)
    offered: dict[str, object] = {"id": shown.id, "kind": shown.kind, "title": shown.title, "price": item.price}
    if item.tier:
        offered["tier"] = item.tier
    if item.stock is not None:
        left = max(0, item.stock - room.counters.get(item.taken, 0))
        offered["left"] = 0 if item.claim in room.exhausted else left
    if item.per_member is not None:
        offered["mine"] = max(0, item.per_member - taken.get(item.id, 0))
    return offered
