"""A member's picture coming in: its tracks, the reports that its sender is given, and how well it arrives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from media import rtcp
from media.answer import preferred
from media.connection import Connection
from media.feed import Kind
from media.offer import Section
from media.policy import Bitrate, Health, Level
from media.rtp import Packet, parse, unwrapped
from media.track import Track

REPORT_SECONDS = 1.0
"""Browsers raise their bitrate only when they are told that they may, every second."""


class Told(Protocol):
    """Who hears of a publication."""

    def began(self, publication: Publication) -> None:
        """Its first packet came."""

    def ended(self, publication: Publication, reason: str) -> None:
        """Nothing more will come."""

    def felt(self, publication: Publication, level: Level, loss: float, bitrate: int) -> None:
        """It arrives better or worse than before."""


class Publication:
    """A publisher's session; ``bitrate`` is what it is asked to keep to, in bits a second."""

    def __init__(
        self,
        name: str,
        room: str,
        member: str,
        slot: str,
        connection: Connection,
        sections: Sequence[Section],
        bitrate: int,
        told: Told,
    ) -> None:
        self.name, self.room, self.member, self.slot = name, room, member, slot
        self.connection = connection
        self.began = False
        self.tracks: dict[Kind, Track] = {}
        self._by_number: dict[int, Track] = {}
        self._again: dict[int, tuple[Track, int]] = {}
        for section in sections:
            codec = preferred(section)
            track = Track(name, section.kind, codec, connection.send_rtcp)
            self.tracks[section.kind] = self._by_number[codec.payload_type] = track
            if codec.again is not None:
                self._again[codec.again] = (track, codec.payload_type)
        self._told = told
        self._bitrate = Bitrate(bitrate)
        self._health = Health()
        self._reported_at = 0.0
        self._opened_at: float | None = None
        self._estimates = any("goog-remb" in preferred(section).feedback for section in sections)
        connection.serve(self)

    def opened(self, now: float) -> None:
        """Wait for the first packet."""
        self._opened_at = now

    def age(self, now: float) -> float:
        """For how many seconds packets could come."""
        return 0.0 if self._opened_at is None else now - self._opened_at

    def rtp(self, plain: bytes, now: float) -> None:
        """Take a packet; any sign of life is consent, for little is sent back.

        Raises ValueError.
        """
        packet = self._original(parse(plain))
        track = self._by_number.get(packet.payload_type)
        if track is None:
            raise ValueError("no track has that payload type")
        self.connection.heard_at = now
        if not self.began:
            self.began = True
            self._told.began(self)
            track.take(packet, now)
            self.report(now)
        else:
            track.take(packet, now)

    def _original(self, packet: Packet) -> Packet:
        """Raises ValueError."""
        track, number = self._again.get(packet.payload_type, (None, 0))
        if track is None:
            return packet
        if track.ssrc is None:
            raise ValueError("sent again before it was sent")
        return unwrapped(packet, number, track.ssrc)

    def rtcp(self, plain: bytes, now: float) -> None:
        """Take its sender's reports.

        Raises ValueError.
        """
        for told in rtcp.read(plain):
            if isinstance(told, rtcp.Clocked):
                for track in self.tracks.values():
                    if track.ssrc == told.ssrc:
                        track.clock(told.ntp, told.timestamp, now)

    def over(self, reason: str) -> None:
        """It is lost."""
        self._told.ended(self, reason)

    def tick(self, now: float) -> None:
        """Ask for what is due, and report once a second; several times a second."""
        for track in self.tracks.values():
            track.tick(now)
        if self.began and now - self._reported_at >= REPORT_SECONDS:
            self.report(now)

    def report(self, now: float) -> None:
        """Tell its sender how it arrives and what it may send."""
        passed, self._reported_at = now - self._reported_at, now
        told = {track.ssrc: track.report(now) for track in self.tracks.values() if track.ssrc is not None}
        reports = {ssrc: report for ssrc, (report, _) in told.items()}
        loss = max((report.fraction for report in reports.values()), default=0) / 256
        octets = sum(came for _, came in told.values())
        bitrate = self._bitrate.after(loss)
        self.connection.send_rtcp(rtcp.receiver_report(reports, bitrate if self._estimates else None))
        if (level := self._health.after(loss, octets)) is not None:
            self._told.felt(self, level, loss, int(octets * 8 / max(passed, REPORT_SECONDS)))
