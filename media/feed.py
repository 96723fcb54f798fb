"""One kind of media in one slot, as all its viewers get it: one SSRC, one line of numbers, whatever the source.

A source (a publisher's track) is switched at its next key frame: offsets are chosen so that sequence numbers go on by
one and timestamps by the time that passed. Nothing in a packet depends on the viewer but its payload type and, for
SRTP's sake, a shift of its sequence number: who joins near a wrap is given numbers of the lower half, so that losing
the packets around it cannot make him guess the roll-over wrong for ever (RFC 3711, 3.3.1 and appendix A).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from media.key_frame import begins_key_frame
from media.ring import SIZE, Outgoing, Ring
from media.rtp import TIME_WRAP, Packet, ahead

Kind = Literal["audio", "video"]

HALF = 0x8000
CATCH_UP_SECONDS = 3.0
CATCH_UP_PACKETS = 600
"""An older or larger group of pictures is not sent to somebody who joins: waiting for the next is shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A publisher's track: whose session it is of, and how it is coded. ``rate``: ticks of its clock in a second."""

    session: str
    codec: str
    rate: int


class Feed:
    """Rewrites packets of its sources into one stream; ``sequence`` and ``timestamp`` are where it starts."""

    def __init__(self, kind: Kind, *, ssrc: int, sequence: int, timestamp: int) -> None:
        self.kind = kind
        self.ssrc = ssrc
        self.source: Source | None = None
        self.waiting: Source | None = None
        self.codec = ""
        self.last = (sequence - 1) & 0xFFFF
        self.packets = 0
        self.octets = 0
        self._ring = Ring()
        self._time = timestamp
        self._at = 0.0
        self._first = 0
        self._shift = 0
        self._time_shift = 0
        self._key: int | None = None
        self._key_time = -1
        self._key_at = 0.0

    def switch(self, source: Source | None) -> None:
        """Follow another source from its next key frame on, and until then the present one; None: follow nobody."""
        self.waiting = None if source == self.source else source
        if source is None:
            self.source = None

    def take(self, source: Source, packet: Packet, now: float) -> Outgoing | None:
        """The packet as it goes out; None when it is not of this feed, or comes too late to be of use."""
        begins = begins_key_frame(source.codec, packet.payload)
        if source == self.waiting and begins:
            self._begin(source, packet, now)
        elif source != self.source or ahead(packet.sequence, self._first) < 0:
            return None
        sequence = (packet.sequence + self._shift) & 0xFFFF
        timestamp = (packet.timestamp + self._time_shift) % TIME_WRAP
        rewritten = packet._replace(sequence=sequence, timestamp=timestamp, ssrc=self.ssrc)
        self._note(rewritten, begins, now)
        outgoing = Outgoing(self.codec, rewritten)
        self._ring.keep(outgoing)
        return outgoing

    def _begin(self, source: Source, packet: Packet, now: float) -> None:
        passed = max(1, int((now - self._at) * source.rate)) if self.packets else 0
        self._shift = (self.last + 1 - packet.sequence) & 0xFFFF
        self._time_shift = (self._time + passed - packet.timestamp) % TIME_WRAP
        self._first = packet.sequence
        self._key, self._key_time = None, -1
        self.source, self.waiting, self.codec = source, None, source.codec

    def _note(self, packet: Packet, begins: bool, now: float) -> None:
        self.packets += 1
        self.octets += len(packet.payload)
        if ahead(packet.sequence, self.last) > 0:
            self.last, self._time, self._at = packet.sequence, packet.timestamp, now
        if ahead(packet.sequence, self._first + self._shift) > SIZE:
            self._first = (packet.sequence - self._shift - SIZE) & 0xFFFF  # what is older can be nothing but late
        if begins and packet.timestamp != self._key_time:  # parameter sets and slices of one picture share its time
            self._key, self._key_time, self._key_at = packet.sequence, packet.timestamp, now
        elif begins and self._key is not None and ahead(packet.sequence, self._key) < 0:
            self._key = packet.sequence  # it was lost, and without it nobody could begin

    def kept(self, sequence: int) -> Outgoing | None:
        """The packet of a number, if it is still kept."""
        return self._ring.get(sequence)

    def begins(self, packet: Packet) -> bool:
        """Whether somebody who joins can begin with this packet of the feed."""
        return self.kind == "audio" or packet.sequence == self._key

    def entry(self, now: float) -> int | None:
        """The number of the packet from which somebody who joins may be shown what was already sent, if any.

        Sound has none: what was said is over; nor has a source that was taken away.
        """
        if self.kind == "audio" or self.source is None:
            return None
        if self._key is None or now - self._key_at > CATCH_UP_SECONDS:
            return None
        if ahead(self.last, self._key) >= CATCH_UP_PACKETS or self._ring.get(self._key) is None:
            return None
        return self._key

    def time_of(self, source: Source, timestamp: int) -> int | None:
        """A source's timestamp as it is in this feed; None while the feed follows another."""
        return (timestamp + self._time_shift) % TIME_WRAP if source == self.source else None


def shift_from(sequence: int) -> int:
    """How to shift the numbers of somebody whose first packet has this one, so that it is in the lower half."""
    return HALF if sequence & 0xFFFF >= HALF else 0
