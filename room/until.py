"""Instants by user up to which something holds, forgotten once they are gone by."""

from __future__ import annotations


class Until:
    """For each user an instant (ms since 1970); absent means long ago.

    Entries stand in the order in which they were last set, so the oldest are looked at first and each is forgotten
    when a later one is set: there are never more than were set within the longest time that one holds.
    """

    def __init__(self) -> None:
        self._instants: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._instants)

    def of(self, user: str) -> int:
        """The user's instant, 0 when none is remembered."""
        return self._instants.get(user, 0)

    def set(self, user: str, until: int, *, now: int) -> None:
        """Remember a user's instant and forget those that are gone by."""
        instants = self._instants
        instants.pop(user, None)
        while instants and instants[oldest := next(iter(instants))] <= now:
            del instants[oldest]
        instants[user] = until
