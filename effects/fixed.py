"""Danmaku that stand still cover the picture: a room shows two at a time on top and two at the bottom.

One stands for four seconds, so at most two of each begin in any four seconds; what comes beyond scrolls.
"""

from __future__ import annotations

from collections import deque

from effects.styles import BOTTOM, TOP

PLACES = 2
"""Of each kind, at a time."""

STAND_MS = 4_000
"""How long one stands still."""


class Fixed:
    """A room's places for danmaku that stand still, in memory."""

    def __init__(self) -> None:
        self._begun: dict[int, deque[int]] = {BOTTOM: deque(maxlen=PLACES), TOP: deque(maxlen=PLACES)}

    def free(self, mode: int, now: int) -> bool:
        """Whether a message in this mode has a place; one that scrolls always has."""
        begun = self._begun.get(mode)
        return begun is None or len(begun) < PLACES or begun[0] + STAND_MS <= now

    def take(self, mode: int, now: int) -> None:
        """A message in this mode is shown."""
        if mode in self._begun:
            self._begun[mode].append(now)
