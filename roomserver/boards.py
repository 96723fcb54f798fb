"""A window of a room's boards: several sorted sets read as the one order that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from room.board import Place, Window
from roomserver.store import Store


@dataclass(frozen=True, slots=True)
class _Found:
    """A subject's value on the ``board``-th board of a window."""

    subject: str
    value: float
    board: int

    @property
    def order(self) -> tuple[float, int, bytes]:
        """What the highest come first by."""
        return self.value, -self.board, self.subject.encode()


async def read_window(store: Store, room: str, window: Window) -> Sequence[Place]:
    """The places of a window, in order.

    Raises StoreUnavailable.
    """
    if window.around is None:
        found = await _spans(store, room, window, [0] * len(window.boards), [window.limit] * len(window.boards))
        return _ranked(found[: window.limit], 0)
    me = await _find(store, room, window, window.around)
    return () if me is None else await _around(store, room, window, me)


async def _find(store: Store, room: str, window: Window, subject: str) -> _Found | None:
    for place, board in enumerate(window.boards):
        if (found := await store.rank(room, board, subject)) is not None:
            return _Found(subject, found[1], place)
    return None


async def _around(store: Store, room: str, window: Window, me: _Found) -> Sequence[Place]:
    """``limit`` places, half of them before the subject's where there are enough on both sides."""
    ahead = [await _ahead(store, room, window, place, me) for place in range(len(window.boards))]
    starts = [max(0, count - window.limit) for count in ahead]
    found = await _spans(store, room, window, starts, [count + window.limit for count in ahead])
    here = next((at for at, one in enumerate(found) if one.subject == me.subject), None)
    if here is None:  # he was moved while his place was read
        return ()
    before = min(here, max((window.limit - 1) // 2, window.limit - (len(found) - here)))
    begin = here - before
    return _ranked(found[begin : begin + window.limit], sum(ahead) - before)


async def _ahead(store: Store, room: str, window: Window, place: int, me: _Found) -> int:
    """How many of one board come before the subject."""
    board = window.boards[place]
    if place == me.board and (found := await store.rank(room, board, me.subject)) is not None:
        return found[0]
    return await store.above(room, board, me.value, equal=place < me.board)


async def _spans(
    store: Store, room: str, window: Window, starts: Sequence[int], stops: Sequence[int]
) -> Sequence[_Found]:
    """Places start to stop (0-based, inclusive) of every board, in one order."""
    found: list[_Found] = []
    for place, (board, start, stop) in enumerate(zip(window.boards, starts, stops, strict=True)):
        found += [_Found(subject, value, place) for subject, value in await store.board(room, board, start, stop)]
    return sorted(found, key=lambda one: one.order, reverse=True)


def _ranked(found: Sequence[_Found], before: int) -> Sequence[Place]:
    return [Place(before + n, one.subject, one.value) for n, one in enumerate(found, 1)]
