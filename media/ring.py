"""The last packets of a feed, for whoever lost one and whoever comes late."""

from __future__ import annotations

from typing import NamedTuple

from media.rtp import Packet

SIZE = 2048
"""Packets: at 2.5 Mbit/s what was sent in eight seconds; a power of two, since sequence numbers wrap at one."""


class Outgoing(NamedTuple):
    """A packet of a feed with the codec that it is coded in, which decides every viewer's payload type."""

    codec: str
    packet: Packet


class Ring:
    """Packets by their sequence number; the newest ``SIZE`` stay."""

    def __init__(self) -> None:
        self._kept: list[Outgoing | None] = [None] * SIZE

    def keep(self, outgoing: Outgoing) -> None:
        """Keep a packet in the place of one that is ``SIZE`` older."""
        self._kept[outgoing.packet.sequence % SIZE] = outgoing

    def get(self, sequence: int) -> Outgoing | None:
        """The packet of that number, if it is still here."""
        found = self._kept[sequence % SIZE]
        return found if found is not None and found.packet.sequence == sequence else None
