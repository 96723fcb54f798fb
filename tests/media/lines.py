"""A connection that keeps what is sent on it."""

from __future__ import annotations

from media import rtcp
from media.connection import Connection, Session
from media.rtp import Packet, parse


class Line:
    """What a session needs of its connection."""

    def __init__(self) -> None:
        self.heard_at = 0.0
        self.session: Session | None = None
        self.rtp: list[Packet] = []
        self.rtcp: list[bytes] = []

    def serve(self, session: Session) -> None:
        self.session = session

    def send_rtp(self, plain: bytes) -> None:
        self.rtp.append(parse(plain))

    def send_rtcp(self, plain: bytes) -> None:
        self.rtcp.append(plain)

    @property
    def told(self) -> list[rtcp.Told]:
        """What the reports say."""
        return [told for said in self.rtcp for told in rtcp.read(said)]


def connection(line: Line) -> Connection:
    return line  # type: ignore[return-value]  # the part of it that sessions use
