"""One client's way in and out: ICE names, address, DTLS, SRTP; what comes is given to its session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Literal, Protocol

from media import chance
from media.answer import Credentials
from media.dtls import Certificate, Secured, Unsound
from media.offer import Offer
from media.port import MediaPort
from media.rtp import is_rtcp
from media.stun import Address

HANDSHAKE_SECONDS = 15
HELLO_SECONDS = 0.05
"""Before the first flight to somebody who answers: FFmpeg misses one that comes right after its check, and the next is
sent a second later."""

EARLY = 64
"""Packets kept that come before the keys: whoever finishes the handshake last begins to send at once."""

CONSENT_SECONDS = 30
"""Without an authenticated check (RFC 7675, 5.1) nobody is written to any longer."""

Spawn = Callable[[Coroutine[Any, Any, None], str], object]
"""Runs a coroutine in a task that somebody owns."""

log = logging.getLogger(__name__)


class Session(Protocol):
    """What a connection is for."""

    def opened(self, now: float) -> None:
        """Packets can be sent from now on."""

    def rtp(self, plain: bytes, now: float) -> None:
        """Take an RTP packet. Raises ValueError when it is none."""

    def rtcp(self, plain: bytes, now: float) -> None:
        """Take an RTCP packet. Raises ValueError when it is none."""

    def over(self, reason: str) -> None:
        """The connection is lost, or never came to be."""


class Connection:
    """A peer of the media port."""

    def __init__(self, port: MediaPort, certificate: Certificate, offer: Offer, spawn: Spawn) -> None:
        self.ice: list[Credentials] = [chance.credentials()]
        self.address: Address | None = None
        self.setup: Literal["active", "passive"] = "active" if offer.setup == "passive" else "passive"
        self._loop = asyncio.get_running_loop()
        self._port = port
        self._spawn = spawn
        role: Literal["client", "server"] = "client" if self.setup == "active" else "server"
        self._secured = Secured(certificate, self.send, role=role, fingerprints=offer.fingerprints)
        self._session: Session | None = None
        self._early: list[bytes] = []
        self._shaking: asyncio.TimerHandle | None = None
        self._begun = self._loop.time()
        self.heard_at = self._begun
        self.ended = False
        port.expect(self)

    def serve(self, session: Session) -> None:
        """Give what comes to this session."""
        self._session = session

    @property
    def open(self) -> bool:
        """Whether packets can be sent."""
        return self._secured.open

    def restart(self) -> Credentials:
        """Take new ICE names; the last ones stay good until the next restart, for the change is not yet known there."""
        for names in self.ice[1:]:
            self._port.retire(names.fragment)
        self.ice = [chance.credentials(), self.ice[0]]
        self._port.expect(self)
        return self.ice[0]

    # --- what the port tells

    def checked(self, address: Address) -> None:
        """Stay in touch, and begin the handshake at the first check."""
        self.heard_at = self._loop.time()
        if self._shaking is None:
            later = HELLO_SECONDS if self.setup == "active" else 0
            self._shaking = self._loop.call_later(later, self._begin)

    def dtls(self, data: bytes) -> bool:
        """Take a record of the handshake, or an alert."""
        return not self.ended and self._secured.channel.put(data)

    def media(self, data: bytes) -> None:
        """Open a packet and give it to the session."""
        if self._session is None or self.ended:
            return
        if not self._secured.open:
            if len(self._early) < EARLY:
                self._early.append(data)
            return
        now = self._loop.time()
        try:
            if is_rtcp(data):
                self._session.rtcp(self._secured.open_rtcp(data), now)
            else:
                self._session.rtp(self._secured.open_rtp(data), now)
        except Unsound:
            self._port.counted["unsound"] += 1
        except ValueError:
            self._port.counted["malformed"] += 1

    # --- what the session asks

    def send(self, data: bytes) -> None:
        """Write a datagram to wherever he wants it."""
        if self.address is not None:
            self._port.send(data, self.address)

    def send_rtp(self, plain: bytes) -> None:
        """Protect a packet and write it."""
        try:
            self.send(self._secured.protect_rtp(plain))
        except Unsound:
            self._port.counted["unprotected"] += 1

    def send_rtcp(self, plain: bytes) -> None:
        """Protect a report and write it."""
        try:
            self.send(self._secured.protect_rtcp(plain))
        except Unsound:
            self._port.counted["unprotected"] += 1

    def expired(self, now: float) -> str | None:
        """Why he is to be given up now, if he is."""
        if not self.open:
            return "never" if now - self._begun > HANDSHAKE_SECONDS else None
        return "lost" if now - self.heard_at > CONSENT_SECONDS else None

    def close(self) -> None:
        """Say good-bye and be forgotten."""
        if not self.ended:
            self.ended = True
            if self._shaking is not None:
                self._shaking.cancel()
            self._spawn(self._part(), "good-bye")

    # --- the handshake

    def _begin(self) -> None:
        if not self.ended:
            self._spawn(self._shake(), "handshake")

    async def _shake(self) -> None:
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                succeeded = await self._secured.handshake()
        except TimeoutError:
            succeeded = False
        except Exception:
            log.exception("a handshake failed")
            succeeded = False
        if self.ended or self._session is None:
            return
        if not succeeded:
            self._port.counted["handshakes_failed"] += 1
            self._session.over("never")
            return
        self._secured.on_end(self._lost)
        self._session.opened(self._loop.time())
        early, self._early = self._early, []
        for data in early:
            self.media(data)

    def _lost(self) -> None:
        if self._session is not None and not self.ended:
            self._session.over("closed")

    async def _part(self) -> None:
        try:
            await self._secured.close()
        except Exception:
            log.exception("a good-bye failed")
        finally:
            self._port.forget(self)
            self._session = None
