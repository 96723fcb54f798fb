"""What publishers are asked for: key frames not too often, bits not too many, and when to tell the host of trouble."""

from __future__ import annotations

from typing import Literal

KEY_SECONDS = 0.5
"""Between two requests to one track: a key frame costs as much as a second of pictures."""

ANSWER_SECONDS = 1.0
"""After which a request without a key frame is made again: it may be lost, and who waits for one is sent nothing that
he could complain of."""

LEAST_BITRATE = 150_000
MUCH_LOSS, LITTLE_LOSS = 0.10, 0.02
DOWN, UP = 0.85, 1.08

POOR_LOSS = 0.05
POOR_SECONDS, GOOD_SECONDS = 3, 5

Level = Literal["good", "poor"]


class KeyRequests:
    """When a track is asked for a key frame; viewers ask as often as they like."""

    def __init__(self) -> None:
        self._asked_at = float("-inf")
        self._wanted = False
        self._unanswered = False

    def want(self, now: float) -> bool:
        """Somebody needs a key frame; whether to ask now. Later ``due`` says so, when it is too early."""
        self._wanted = now - self._asked_at < KEY_SECONDS
        if not self._wanted:
            self._asked_at, self._unanswered = now, True
        return not self._wanted

    def due(self, now: float) -> bool:
        """Whether to ask now: for somebody who came too early, or once more because nothing came of it."""
        late = self._unanswered and now - self._asked_at >= ANSWER_SECONDS
        return (self._wanted or late) and self.want(now)

    def came(self) -> None:
        """A key frame came, for all who want one."""
        self._wanted = self._unanswered = False


class Bitrate:
    """What a publisher may send, in bits a second: all that is allowed, less while his packets are lost.

    The rule of loss in Google's congestion control (draft-ietf-rmcat-gcc-02, 6), said to him as REMB.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.now = most

    def after(self, loss: float) -> int:
        """What he may send after a second with such a share of loss."""
        if loss > MUCH_LOSS:
            self.now = max(min(LEAST_BITRATE, self._most), int(self.now * DOWN))
        elif loss < LITTLE_LOSS:
            self.now = min(self._most, int(self.now * UP))
        return self.now


class Health:
    """Whether a picture arrives well; changes its mind slowly, so that nobody is told twice a second."""

    def __init__(self) -> None:
        self.level: Level = "good"
        self._against = 0

    def after(self, loss: float, octets: int) -> Level | None:
        """The level after another second, if it is another than before."""
        seen: Level = "poor" if loss > POOR_LOSS or octets == 0 else "good"
        self._against = 0 if seen == self.level else self._against + 1
        if self._against < (POOR_SECONDS if seen == "poor" else GOOD_SECONDS):
            return None
        self.level, self._against = seen, 0
        return seen
