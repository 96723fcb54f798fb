"""One track of a publisher: how it arrives, what is asked of its sender, and where it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from media import rtcp
from media.feed import Kind, Source
from media.gaps import Gaps
from media.key_frame import begins_key_frame
from media.offer import Codec
from media.policy import KeyRequests
from media.reception import Reception, Report
from media.rtp import Packet


class Shown(Protocol):
    """Where a track is shown."""

    def take(self, track: Track, packet: Packet, now: float) -> None:
        """A packet of it arrived."""

    def clock(self, track: Track, ntp: int, timestamp: int) -> None:
        """Its sender said at which instant it had which timestamp."""


class Track:
    """A track; ``send`` takes RTCP for its sender."""

    def __init__(self, session: str, kind: Kind, codec: Codec, send: Callable[[bytes], None]) -> None:
        self.kind = kind
        self.source = Source(session=f"{session}/{kind}", codec=codec.name, rate=codec.rate)
        self.ssrc: int | None = None
        self.shown: list[Shown] = []
        self.keys = KeyRequests()
        self.asked_again = 0
        self.key_requests = 0
        self._feedback = codec.feedback
        self._gaps = Gaps()
        self._reception = Reception(codec.rate)
        self._send = send

    def take(self, packet: Packet, now: float) -> None:
        """Take a packet and show it; those of another stream under the same payload type are none of it.

        Raises ValueError.
        """
        first = self.ssrc is None
        if first:
            self.ssrc = packet.ssrc
        elif packet.ssrc != self.ssrc:
            raise ValueError("another stream")
        self._gaps.take(packet.sequence)
        self._reception.take(packet.sequence, packet.timestamp, len(packet.payload), now)
        if self.kind == "video" and begins_key_frame(self.source.codec, packet.payload):
            self.keys.came()
        elif self.kind == "video" and first:
            self.want_key(now)  # what it began with is lost
        if self._gaps.waiting:
            self._ask_again(now)
        for one in self.shown:
            one.take(self, packet, now)

    def clock(self, ntp: int, timestamp: int, now: float) -> None:
        """Its sender's report came."""
        self._reception.heard(ntp, now)
        for one in self.shown:
            one.clock(self, ntp, timestamp)

    def want_key(self, now: float) -> None:
        """Somebody needs a key frame."""
        if "nack pli" in self._feedback and self.ssrc is not None and self.keys.want(now):
            self._request_key()

    def tick(self, now: float) -> None:
        """Ask for what is due."""
        self._ask_again(now)
        if self.keys.due(now):
            self._request_key()

    def report(self, now: float) -> tuple[Report, int]:
        """How it arrived since this was last asked, and how many bytes."""
        return self._reception.report(now), self._reception.octets()

    def _ask_again(self, now: float) -> None:
        if "nack" in self._feedback and self.ssrc is not None and (missing := self._gaps.due(now)):
            self.asked_again += len(missing)
            self._send(rtcp.again(self.ssrc, missing))

    def _request_key(self) -> None:
        if self.ssrc is not None:
            self.key_requests += 1
            self._send(rtcp.key_request(self.ssrc))
