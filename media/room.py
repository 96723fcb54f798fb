"""A room of the forwarding unit: which member's picture is shown in which slot, and to whom it goes out."""

from __future__ import annotations

from dataclasses import dataclass, field

from media import chance
from media.backend import CHECK, MAIN
from media.feed import Feed, Kind
from media.outlet import Outlet
from media.publication import Publication


@dataclass(slots=True)
class Room:
    """Who sits in which slot, whose pictures come in, what goes out; once ``staged``, it is kept while it is empty."""

    seats: dict[str, str | None] = field(default_factory=dict)
    muted: frozenset[str] = frozenset()
    staged: bool = False
    publications: dict[str, Publication] = field(default_factory=dict)
    outlets: dict[tuple[str, Kind], Outlet] = field(default_factory=dict)
    sessions: int = 0

    def outlet(self, slot: str, kind: Kind) -> Outlet:
        """The outlet of a slot, the same as long as anybody is here."""
        if (slot, kind) not in self.outlets:
            feed = Feed(kind, ssrc=chance.ssrc(), sequence=chance.start(), timestamp=chance.start())
            self.outlets[slot, kind] = Outlet(feed)
        return self.outlets[slot, kind]

    def in_slot(self, slot: str) -> Publication | None:
        """Whose picture is in a slot: in the main one the host's, as long as whoever is put there has none."""
        there = self.publications.get(self.seats.get(slot) or "")
        if there is None and slot == MAIN:
            return next((one for one in self.publications.values() if one.slot == MAIN), None)
        return there

    def has_other(self, slot: str, member: str) -> bool:
        """Whether somebody else's picture comes in for a slot."""
        return any(one.slot == slot and one.member != member for one in self.publications.values())

    def claim(self, slot: str, member: str) -> None:
        """Give a slot to a member whose picture comes in, unless the stage has given it to somebody."""
        if slot == CHECK:
            return
        if self.seats.get(slot) is None or (not self.staged and self.in_slot(slot) is None):
            self.seats[slot] = member

    def show(self, now: float) -> None:
        """Let every outlet show who sits in its slot; there is one before anybody watches, to be caught up with."""
        for slot in self.seats:
            for kind in () if (there := self.in_slot(slot)) is None else there.tracks:
                self.outlet(slot, kind)
        for (slot, kind), outlet in self.outlets.items():
            publication = self.in_slot(slot)
            silent = publication is None or (kind == "audio" and publication.member in self.muted)
            outlet.show(None if silent or publication is None else publication.tracks.get(kind), now)
