"""What was sent, asked again and asked for: by who is here, and by who has gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from media.publication import Publication
from media.room import Room
from media.viewing import Viewing

NAMED = ("publishers", "viewers", "key_requests_total", "asked_again_total", "sent_again_total", "packets_sent_total")
"""Told while they are 0, too: a number that goes away looks like a server that does."""


class Tally:
    """Numbers for metrics; those that end in ``_total`` only grow, whoever leaves."""

    def __init__(self) -> None:
        self._past: Counter[str] = Counter()

    def fault(self) -> None:
        """A session was given up by a fault of ours."""
        self._past["faults_total"] += 1

    def left(self, session: Publication | Viewing) -> None:
        """Somebody has gone."""
        self._past.update(_of(session))

    def emptied(self, place: Room) -> None:
        """A room's outlets are about to be forgotten."""
        self._past["packets_sent_total"] += _sent(place)

    def counts(
        self, dropped: Mapping[str, int], places: Iterable[Room], sessions: Iterable[Publication | Viewing]
    ) -> dict[str, float]:
        """All of them, with what the port has ``dropped``."""
        counted = Counter(self._past)
        counted.update({f"{name}_total": number for name, number in dropped.items()})
        counted.update(dict.fromkeys(NAMED, 0))
        for place in places:
            counted["packets_sent_total"] += _sent(place)
        for session in sessions:
            counted["publishers" if isinstance(session, Publication) else "viewers"] += 1
            counted.update(_of(session))
        return dict(counted)


def _sent(place: Room) -> int:
    return sum(outlet.sent for outlet in place.outlets.values())


def _of(session: Publication | Viewing) -> dict[str, int]:
    if isinstance(session, Viewing):
        subscriptions = [one for _, one in session.shown]
        return {
            "sent_again_total": sum(one.again for one in subscriptions),
            "packets_sent_total": sum(one.caught_up + one.again for one in subscriptions),
            "not_sent_again_total": sum(one.refused for one in subscriptions),
        }
    return {
        "key_requests_total": sum(track.key_requests for track in session.tracks.values()),
        "asked_again_total": sum(track.asked_again for track in session.tracks.values()),
    }
