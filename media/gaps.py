"""What a publisher sent and did not arrive: to be asked for again (RFC 4585, 6.2.1), a few times, not for ever."""

from __future__ import annotations

from dataclasses import dataclass

from media.rtp import ahead

MOST = 256
"""Packets asked for at a time: who lost more needs a new picture, not old packets."""

AGAIN_SECONDS = 0.08
TRIES = 6
"""Half a second in all; later a packet would be of no use to anybody."""


@dataclass(slots=True)
class _Missing:
    asked_at: float = float("-inf")
    tries: int = 0


class Gaps:
    """The missing packets of one track."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._missing: dict[int, _Missing] = {}
        self.overrun = 0

    def take(self, sequence: int) -> None:
        """A packet arrived; those between it and the last one are missing."""
        if self._last is None:
            self._last = sequence
            return
        distance = ahead(sequence, self._last)
        if distance <= 0:
            self._missing.pop(sequence, None)
            return
        if distance - 1 + len(self._missing) > MOST:
            self.overrun += 1
            self._missing.clear()
        else:
            for step in range(1, distance):
                self._missing[(self._last + step) & 0xFFFF] = _Missing()
        self._last = sequence

    def due(self, now: float) -> list[int]:
        """What is to be asked for now, oldest first; what was asked for often enough is given up."""
        asked = []
        for sequence, one in list(self._missing.items()):
            if now - one.asked_at < AGAIN_SECONDS:
                continue
            if one.tries == TRIES:
                del self._missing[sequence]
                continue
            one.asked_at, one.tries = now, one.tries + 1
            asked.append(sequence)
        return asked

    @property
    def waiting(self) -> bool:
        """Whether anything is missing."""
        return bool(self._missing)
