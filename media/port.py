"""The one UDP socket: who a datagram is from is known by its address, and an address only by an authenticated check.

    0–3      STUN: a check with the right password binds its address to its peer; nothing else does
    20–63    DTLS, of a bound address only
    128–191  SRTP and SRTCP, of a bound address only
    else     junk

What is from nobody is counted and forgotten, never answered: there is nothing to amplify and no handshake to disturb
(aiortc would give any stranger's datagram to DTLS: reliability.md, finding 9). Nothing is queued for writing: what the
kernel does not take at once is dropped and counted, as the network would.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from typing import Protocol

from media import stun
from media.answer import Credentials
from media.stun import Address

BATCH = 128
"""Datagrams read before others in the loop have their turn."""

BUFFER_BYTES = 4 << 20
ADDRESSES = 8
"""From which one peer may write: several interfaces, and a change of network."""

log = logging.getLogger(__name__)


class Peer(Protocol):
    """Whom datagrams are for."""

    ice: list[Credentials]
    address: Address | None

    def checked(self, address: Address) -> None:
        """An authenticated check came from there."""

    def dtls(self, data: bytes) -> bool:
        """Take a DTLS record; False when it is dropped."""

    def media(self, data: bytes) -> None:
        """Take an SRTP or SRTCP packet."""


class MediaPort:
    """Reads and writes the socket; ``counted`` says what was dropped, and why."""

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        self._socket.bind((host, port))
        self.number: int = self._socket.getsockname()[1]
        self.counted: Counter[str] = Counter()
        self._fragments: dict[str, Peer] = {}
        self._peers: dict[Address, Peer] = {}
        self._addresses: dict[Peer, list[Address]] = {}
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def close(self) -> None:
        """Read no more."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def expect(self, peer: Peer) -> None:
        """Know a peer by the names that his checks will have."""
        self._addresses.setdefault(peer, [])
        for names in peer.ice:
            self._fragments[names.fragment] = peer

    def forget(self, peer: Peer) -> None:
        """He is gone, with all his addresses."""
        for address in self._addresses.pop(peer, ()):
            self._peers.pop(address, None)
        for names in peer.ice:
            self._fragments.pop(names.fragment, None)

    def retire(self, fragment: str) -> None:
        """Nobody is known by that name any longer."""
        self._fragments.pop(fragment, None)

    def send(self, data: bytes, address: Address) -> None:
        """Write a datagram, or drop it when the kernel is full."""
        try:
            self._socket.sendto(data, address)
        except BlockingIOError:
            self.counted["unsent"] += 1
        except OSError:
            self.counted["unreachable"] += 1

    def _read(self) -> None:
        receive = self._socket.recvfrom
        for _ in range(BATCH):
            try:
                data, address = receive(2048)
            except BlockingIOError:
                return
            except OSError:  # an earlier datagram could not be delivered
                self.counted["unreachable"] += 1
                continue
            try:
                self.take(data, address[:2])
            except Exception:  # one datagram's fault is not to be the next one's
                log.exception("a datagram was not taken")
                self.counted["faults"] += 1

    def take(self, data: bytes, address: Address) -> None:
        """Give a datagram to whom it is for."""
        first = data[0] if data else 255
        if first < 4:
            self._check(data, address)
        elif (peer := self._peers.get(address)) is None:
            self.counted["strangers"] += 1
        elif 127 < first < 192:
            peer.media(data)
        elif not (19 < first < 64 and peer.dtls(data)):
            self.counted["junk"] += 1

    def _check(self, data: bytes, address: Address) -> None:
        check = stun.read(data)
        peer = None if check is None else self._fragments.get(check.fragment)
        if check is None or peer is None:
            self.counted["junk"] += 1
            return
        password = next(one.password for one in peer.ice if one.fragment == check.fragment)
        if not stun.authentic(check, password):
            self.counted["forged"] += 1
            return
        self.send(stun.answer(check, address, password), address)
        self._bind(peer, address)
        if check.nominates or peer.address is None:
            peer.address = address
        peer.checked(address)

    def _bind(self, peer: Peer, address: Address) -> None:
        known = self._peers.get(address)
        if known is peer:
            return
        if known is not None:  # the network gave the address to another
            self._addresses[known].remove(address)
        addresses = self._addresses[peer]
        if len(addresses) == ADDRESSES:
            del self._peers[addresses.pop(0)]
        addresses.append(address)
        self._peers[address] = peer
