"""Which pictures come in to this server, and what its rooms do not know of them yet. It waits for nothing.

A room learns of its slots, and it is live by a picture from that picture's beginning until a grace after its end.
Seats are stored and who is here is not: who was on stage when a server ended has the grace of leaving to come back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from media.backend import MAIN, SLOTS
from presence.here import GRACE_MS
from room.live import Room
from room.message import Command
from settings.messages import FollowPicture
from stage.feature import Hall
from stage.messages import STAGE, ShowPictures, Vacate
from stage.seats import Seats

GRACE_SECONDS = 15.0
"""How long a host may be away before his stream is over: an encoder that restarts needs five to ten."""


class Coming:
    """The pictures of one server, which ``name`` tells from others on the same store, if there may be any.

    ``missing`` is since when a room that is live by its picture has none, on the loop's clock (seconds).
    """

    def __init__(self, name: str = "") -> None:
        self.missing: dict[str, float] = {}
        self._name = name
        self._coming: dict[str, dict[str, str]] = {}
        self._beginning: set[str] = set()
        self._begun: set[str] = set()
        self._away: dict[tuple[str, str], float] = {}

    def begin(self, room: str, session: str, slot: str) -> None:
        """A picture comes in."""
        self._coming.setdefault(room, {})[session] = slot
        if slot == MAIN:
            self._beginning.add(room)
            self._begun.add(room)

    def end(self, room: str, session: str) -> None:
        """One comes in no more."""
        coming = self._coming.get(room, {})
        coming.pop(session, None)
        if not coming:
            self._coming.pop(room, None)

    def told(self, command: FollowPicture) -> None:
        """The room has been told, and need not be again."""
        (self._beginning if command.live else self._begun).discard(command.room)

    def shown(self, room: str) -> tuple[str, ...]:
        """The slots of a room for which pictures come in, in their order."""
        coming = set(self._coming.get(room, {}).values())
        return tuple(slot for slot in SLOTS if slot in coming)

    def due(self, rooms: Iterable[Room], now: float, *, sees_all: bool) -> Iterator[Command]:
        """What open rooms do not know yet; ``sees_all``: whether the backend tells of every picture that there is."""
        before, self._away = self._away, {}
        opened = {room.id: room for room in rooms}
        self.missing = {room: since for room, since in self.missing.items() if room in opened}
        for room in opened.values():
            yield from self._vacated(room, now, before)
            if self.shown(room.id) != room.state(Hall).slots:
                yield ShowPictures(room=room.id, slots=self.shown(room.id))
            if self._is_over(room, now, sees_all=sees_all):
                yield FollowPicture(room=room.id, live=False, server=self._name)
        yield from (FollowPicture(room=room, live=True, server=self._name) for room in tuple(self._beginning))

    def _is_over(self, room: Room, now: float, *, sees_all: bool) -> bool:
        """Whether the room is live by a picture that has been missing for too long.

        Who carries none knows only of those that he has heard of; and nobody of those that another server carries.
        """
        settings = room.settings
        if (
            not (sees_all or room.id in self._begun)
            or not settings.live
            or settings.live_by != "picture"
            or settings.picture_at not in ("", self._name)
            or MAIN in self.shown(room.id)
        ):
            self.missing.pop(room.id, None)
            return False
        return now - self.missing.setdefault(room.id, now) >= GRACE_SECONDS

    def _vacated(self, room: Room, now: float, before: Mapping[tuple[str, str], float]) -> Iterator[Command]:
        """Free the seats of people who are not here; none where another server carries the room's picture."""
        if self._name and self._name != room.settings.picture_at:
            return
        users = (seat.user.id for seat in room.row(STAGE).of(Seats).seats if seat.state == "on")
        away = {(room.id, user): before.get((room.id, user), now) for user in users if user not in room.actors}
        self._away |= away
        gone = sorted(user for (_, user), since in away.items() if now - since >= GRACE_MS / 1000)
        if gone:
            yield Vacate(room=room.id, users=tuple(gone))
