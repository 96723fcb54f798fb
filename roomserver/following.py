"""The channels that one connection is in, and what becomes of them while its transport takes no more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from room.refusal import Refused
from roomserver.centrifuge.channels import Channel, Kind
from roomserver.centrifuge.commands import Position
from roomserver.centrifuge.replies import SubscribeResult
from roomserver.open_room import OpenRoom
from roomserver.publisher import Visitor
from roomserver.rooms import Rooms


class Following:
    """The rooms of one connection by channel; ``paused`` while it cannot take more."""

    __slots__ = ("_rooms", "paused")

    def __init__(self) -> None:
        self._rooms: dict[tuple[Kind, str], OpenRoom] = {}  # a Channel is equal to a tuple, which is made faster
        self.paused = False

    def room(self, room: str) -> OpenRoom | None:
        """The room whose public channel he is in."""
        return self._rooms.get((Kind.ROOM, room))

    def join(
        self,
        visitor: Visitor,
        rooms: Rooms,
        channel: Channel,
        recover: Position | None,
        joined: Callable[[SubscribeResult], None],
        refused: Callable[[Refused], None],
    ) -> None:
        """Find the room and come in; one of the two is told, unless the visitor has gone in the meantime."""

        def opened(room: OpenRoom | Refused) -> None:
            if isinstance(room, Refused):
                refused(room)
            elif not visitor.gone:
                done = partial(self._let_in, channel, room, joined)
                room.arrivals.join(visitor, channel.kind, recover, done, refused)

        rooms.find(channel.id, opened)

    def _let_in(
        self, channel: Channel, room: OpenRoom, joined: Callable[[SubscribeResult], None], result: SubscribeResult
    ) -> bool:
        self._rooms[channel] = room
        joined(result)
        return channel in self._rooms

    def leave(self, visitor: Visitor, channel: Channel) -> None:
        """Leave a channel, if he is in it."""
        if (room := self._rooms.pop(channel, None)) is not None:
            room.arrivals.leave(visitor, channel.kind)

    @property
    def crowded(self) -> bool:
        """Whether more danmaku wait in each of his rooms than its next batch will show."""
        rooms = self._public()
        return bool(rooms) and all(room.publisher.crowded for room in rooms)

    def of_hosts(self) -> list[Channel]:
        """The hosts' channels that he is in."""
        return [Channel(kind, room) for kind, room in self._rooms if kind is Kind.HOST]

    def pause(self, visitor: Visitor) -> None:
        """His transport takes no more: batches are for him in the rooms' logs only."""
        self.paused = True
        for room in self._public():
            room.publisher.public.fall_behind(visitor)

    def resume(self, visitor: Visitor) -> list[Channel]:
        """He has read what waited: catch up from the logs; the channels whose log no longer has all he missed."""
        self.paused = False
        rooms = self._public()
        return [Channel(Kind.ROOM, room.id) for room in rooms if not room.publisher.public.catch_up(visitor)]

    def lag(self, visitor: Visitor) -> int:
        """How many bytes of the room's log he has still to come, where it is most."""
        return max((room.publisher.public.lag(visitor) for room in self._public()), default=0)

    def _public(self) -> list[OpenRoom]:
        return [room for (kind, _), room in self._rooms.items() if kind is Kind.ROOM]
