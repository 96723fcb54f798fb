"""How a publisher's track arrives: what a receiver report says of it (RFC 3550, 6.4.1 and appendix A.3, A.8)."""

from __future__ import annotations

from dataclasses import dataclass

from media.rtp import WRAP, ahead

MOST_LOST = (1 << 23) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report block; ``fraction`` of 256, ``lsr`` and ``dlsr`` in the units of the standard."""

    fraction: int
    lost: int
    highest: int
    jitter: int
    lsr: int
    dlsr: int


class Reception:
    """Counts of one track; ``rate`` is its clock's."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._first: int | None = None
        self._highest = 0
        self._received = 0
        self._octets = 0
        self._expected_before = 0
        self._received_before = 0
        self._transit: float | None = None
        self._jitter = 0.0
        self._sent_at = 0
        self._heard_at = 0.0

    def take(self, sequence: int, timestamp: int, size: int, now: float) -> None:
        """A packet arrived."""
        self._received += 1
        self._octets += size
        if self._first is None:
            self._first = self._highest = sequence
        elif (step := ahead(sequence, self._highest & 0xFFFF)) > 0:
            self._highest += step
            self._vary(now * self._rate - timestamp)

    def _vary(self, transit: float) -> None:
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < self._rate:  # a source that starts its clock anew, or wraps it, is no jitter
                self._jitter += (difference - self._jitter) / 16
        self._transit = transit

    def heard(self, ntp: int, now: float) -> None:
        """A sender report came, with its wall clock (64 bits)."""
        self._sent_at, self._heard_at = (ntp >> 16) & 0xFFFFFFFF, now

    def report(self, now: float) -> Report:
        """What is said now; the fraction is of what came since the last report."""
        expected = 0 if self._first is None else self._highest - self._first + 1
        lately, came = expected - self._expected_before, self._received - self._received_before
        self._expected_before, self._received_before = expected, self._received
        fraction = min(255, max(0, 256 * (lately - came) // lately)) if lately > 0 else 0
        return Report(
            fraction=fraction,
            lost=max(0, min(MOST_LOST, expected - self._received)),
            highest=self._highest % (WRAP * WRAP),
            jitter=int(self._jitter),
            lsr=self._sent_at,
            dlsr=int((now - self._heard_at) * 65536) & 0xFFFFFFFF if self._sent_at else 0,
        )

    def octets(self) -> int:
        """Bytes of payload that came since this was last asked."""
        came, self._octets = self._octets, 0
        return came
