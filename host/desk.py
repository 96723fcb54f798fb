"""The host's desk: cards that wait, cards that lie open, and those that nobody took up in time.

    something happens ── cool-down ──▶ waiting ──its turn──▶ open ──said, skipped──▶ gone
                                       │   ▲                  │ │
                                       │   └── 2 min later ───┘ │
                                       └────── 90 s ───▶ missed ◀── 90 s

A card has its turn while somebody listens, at most six times a minute, the greater priority first and then what ends
sooner. What happens to others in the minute after a card of the same topic waits, and becomes one card for all of
them. In ten minutes one person is the reason for another card only where it matters more than the last.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from host.occasion import NAMED, Occasion
from room.people import User

LIFE_MS = 90_000
"""How long a card waits for its turn, and how long it then lies open."""

GATHER_MS = 60_000
"""After a card, the time in which more of the same topic is gathered for the next one."""

LATER_MS = 120_000
"""When a card that was put off comes back."""

COOL_MS = 600_000
"""After a card, the time in which the same person is not the reason for another that matters no more."""

PER_MINUTE = 6
"""How many cards one host is shown in a minute: reading one and saying it takes ten seconds."""

MOST_MISSED = 100
"""How many missed cards are kept; older ones have been told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card about some ``people``; not shown before ``due``, at an end at ``expires_at``.

    While it waits it knows all of them by their ids, since one may go to a better card; once it is shown, only those
    whom it names and how many ``more`` there are. ``put_off`` counts how often it was put off, which gives it another
    id each time.
    """

    id: str
    occasion: Occasion
    people: dict[str, User]
    due: int
    expires_at: int
    more: int = 0
    put_off: int = 0

    @property
    def users(self) -> tuple[User, ...]:
        """Those whom it names, at most five."""
        return tuple(islice(self.people.values(), NAMED))

    @property
    def count(self) -> int:
        """How many people it is about."""
        return len(self.people) + self.more

    @property
    def order(self) -> tuple[int, int, str]:
        """The place among others."""
        return (-self.occasion.priority, self.expires_at, self.id)

    @property
    def shown_id(self) -> str:
        """The id on the wire: a card that comes back is another one, since pages pass over ids they have seen."""
        return f"{self.id}.{self.put_off}" if self.put_off else self.id


@dataclass(slots=True, kw_only=True)
class Turned:
    """What a look at the desk brings up: cards whose turn it is, and cards whose time is over."""

    open: list[Card] = field(default_factory=list)
    missed: list[Card] = field(default_factory=list)


@dataclass(slots=True)
class Desk:
    """The passing state of the host's desk; ``listening`` are the connections that hear of cards."""

    listening: set[str] = field(default_factory=set)
    waiting: list[Card] = field(default_factory=list)
    open: dict[str, Card] = field(default_factory=dict)
    missed: dict[str, Card] = field(default_factory=dict)
    shown: deque[int] = field(default_factory=deque)
    topics: dict[tuple[object, ...], int] = field(default_factory=dict)
    cooling: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, id: str, user: User, occasion: Occasion, now: int) -> None:  # noqa: A002  # the wire's word
        """Something happened to somebody."""
        self._forget(now)
        last = self.cooling.get(user.id)
        if last is not None and occasion.priority <= last[1]:
            return
        if last is not None:
            del self.cooling[user.id]  # put back at the end: the oldest stand first
            self._take_out(user.id)
        self.cooling[user.id] = (now + COOL_MS, occasion.priority)
        if not self._join(user, occasion):
            life = now + LIFE_MS
            self.waiting.append(Card(id=id, occasion=occasion, people={user.id: user}, due=now, expires_at=life))

    def turn(self, now: int) -> Turned:
        """Take up what has its turn, put away what is over."""
        turned = Turned(missed=list(self._over(now)))
        for card in turned.missed:
            self.missed[card.shown_id] = card
        while len(self.missed) > MOST_MISSED:
            del self.missed[next(iter(self.missed))]
        if self.listening:
            turned.open = list(self._take_up(now))
        return turned

    def next_at(self) -> int | None:
        """The next instant at which a look at the desk brings something up."""
        ends = [card.expires_at for card in (*self.waiting, *self.open.values())]
        if self.listening:
            free = self.shown[0] + GATHER_MS if len(self.shown) >= PER_MINUTE else 0
            ends += [max(free, self._ripe(card)) for card in self.waiting]
        return min(ends, default=None)

    def known(self, id: str) -> bool:  # noqa: A002  # the wire's word
        """Whether a card lies open, or was missed."""
        return id in self.open or id in self.missed

    def close(self, id: str, *, later: bool, now: int) -> None:  # noqa: A002  # the wire's word
        """A host has dealt with a card, or will do so later."""
        card = self.open.pop(id, None) or self.missed.pop(id, None)
        if card is not None and later:
            due = now + LATER_MS
            self.waiting.append(replace(card, due=due, expires_at=due + LIFE_MS, put_off=card.put_off + 1))

    def without(self, user: str, now: int) -> Iterator[tuple[Card, Card | None]]:
        """The cards that were shown and tell of somebody's days, each with what is left of it without him."""
        for card in (*self.open.values(), *self.missed.values()):
            if card.occasion.tells_days and user in card.people:
                left = {id_: one for id_, one in card.people.items() if id_ != user}
                again = replace(card, people=left, due=now, expires_at=now + LIFE_MS, put_off=card.put_off + 1)
                yield card, again if left else None

    def withdraw(self, user: str, now: int) -> None:
        """Take somebody off all cards that tell of his days; what was open is shown once more for the others on it."""
        for card, left in list(self.without(user, now)):
            missed = self.missed.pop(card.shown_id, None) is not None
            self.open.pop(card.shown_id, None)
            if left is not None and missed:
                self.missed[left.shown_id] = left
            elif left is not None:
                self.waiting.append(left)
        for card in [card for card in self.waiting if card.occasion.tells_days]:
            if card.people.pop(user, None) is not None and not card.people:
                self.waiting.remove(card)

    def _join(self, user: User, occasion: Occasion) -> bool:
        """Put somebody onto the card of the same topic that waits, if there is one."""
        for card in self.waiting:
            if card.occasion.topic == occasion.topic and not card.put_off:
                card.people[user.id] = user
                return True
        return False

    def _take_out(self, user: str) -> None:
        """Take somebody off the card that waits, for a better one; a card that names nobody any more is gone."""
        for card in self.waiting:
            if card.people.pop(user, None) is not None:
                if not card.people:
                    self.waiting.remove(card)
                return

    def _take_up(self, now: int) -> Iterator[Card]:
        ripe = sorted((card for card in self.waiting if self._ripe(card) <= now), key=lambda card: card.order)
        for card in ripe[: max(0, PER_MINUTE - len(self.shown))]:
            self.waiting.remove(card)
            self.shown.append(now)
            self.topics[card.occasion.topic] = now + GATHER_MS
            shown = replace(_settled(card), expires_at=now + LIFE_MS)
            self.open[shown.shown_id] = shown
            yield shown

    def _ripe(self, card: Card) -> int:
        """From when on a card may be shown."""
        return card.due if card.put_off else max(card.due, self.topics.get(card.occasion.topic, 0))

    def _over(self, now: int) -> Iterator[Card]:
        self._forget(now)
        for card in sorted((*self.waiting, *self.open.values()), key=lambda card: card.order):
            if card.expires_at <= now:
                self.open.pop(card.shown_id, None)
                yield _settled(card)
        self.waiting = [card for card in self.waiting if card.expires_at > now]

    def _forget(self, now: int) -> None:
        """Drop what no longer holds, the oldest first."""
        while self.shown and self.shown[0] + GATHER_MS <= now:
            self.shown.popleft()
        for topic in [topic for topic, until in self.topics.items() if until <= now]:
            del self.topics[topic]
        while (oldest := next(iter(self.cooling), None)) is not None and self.cooling[oldest][0] <= now:
            del self.cooling[oldest]


def _settled(card: Card) -> Card:
    """The card with nobody but those whom it names: of the others it says how many they are."""
    named = {user.id: user for user in card.users}
    return replace(card, people=named, more=card.count - len(named))
