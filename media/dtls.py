"""DTLS and SRTP from aiortc's lower layers, which this is the door to; tests/media/test_aiortc.py holds them to it.

``RTCDtlsTransport`` does the handshake over a ``Channel`` and derives the keys; packets are then protected and opened
here, without its queue, its router and its 1,356 bytes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal

from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

FLIGHTS = 64
"""Datagrams of a handshake that wait to be read: more than any honest one has."""

LARGEST = 1500
_ROOM = 2048
_TRAILER = 160

Certificate = RTCCertificate

log = logging.getLogger(__name__)


class Unsound(Exception):
    """A packet that cannot be opened, or not be protected: forged, repeated, too late, too large."""


def make_certificate() -> Certificate:
    """A certificate for this process; clients are told its fingerprint."""
    return RTCCertificate.generateCertificate()


def fingerprint(certificate: Certificate) -> str:
    """Its SHA-256, as it stands in an answer."""
    return next(one.value for one in certificate.getFingerprints() if one.algorithm == "sha-256")


def _nowhere(_: bytes) -> None:
    """Send nothing."""


class Channel:
    """What ``RTCDtlsTransport`` takes for its ICE transport: datagrams in, datagrams out."""

    role = "controlled"
    state = "completed"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send_now = send
        self._waiting: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._closed = False

    def put(self, data: bytes) -> bool:
        """Take a datagram; False when too many wait already."""
        if not data or len(self._waiting) >= FLIGHTS:
            return False
        self._waiting.append(data)
        self._arrived.set()
        return True

    def close(self) -> None:
        """Whoever waits waits no more, and nothing is sent."""
        self._closed = True
        self._send_now = _nowhere
        self._arrived.set()

    async def _recv(self) -> bytes:
        while not self._waiting:
            if self._closed:
                raise ConnectionError
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()

    async def _send(self, data: bytes) -> None:
        self._send_now(data)


class Secured:
    """One client's DTLS and SRTP. ``opened`` and ``closed`` are called once each, at most."""

    def __init__(
        self,
        certificate: Certificate,
        send: Callable[[bytes], None],
        *,
        role: Literal["server", "client"],
        fingerprints: Sequence[tuple[str, str]],
    ) -> None:
        self.channel = Channel(send)
        self._dtls = RTCDtlsTransport(self.channel, [certificate])  # type: ignore[arg-type]  # the part that it uses
        self._dtls._set_role(role)
        self._theirs = RTCDtlsParameters(
            fingerprints=[RTCDtlsFingerprint(algorithm=name, value=value) for name, value in fingerprints]
        )
        self._incoming: Session | None = None
        self._outgoing: Session | None = None

    async def handshake(self) -> bool:
        """Shake hands; whether it succeeded with whoever has the certificate that was offered."""
        await self._dtls.start(self._theirs)
        if self._dtls.state != "connected":
            return False
        self._incoming, self._outgoing = self._dtls._rx_srtp, self._dtls._tx_srtp
        return True

    def on_end(self, told: Callable[[], None]) -> None:
        """Be told when the other side has ended the connection."""
        self._dtls.on("statechange", lambda: told() if self._dtls.state == "closed" else None)

    @property
    def open(self) -> bool:
        """Whether packets can be exchanged."""
        return self._outgoing is not None

    async def close(self) -> None:
        """Say good-bye, and let go of everything.

        A ring of references would keep 20 kB of keys and buffers, which Python does not see, until a full collection.
        """
        self._incoming = self._outgoing = None
        await self._dtls.stop()
        self._dtls.remove_all_listeners()
        self.channel.close()

    def open_rtp(self, data: bytes) -> bytes:
        """Raises Unsound."""
        return self._process(lib.srtp_unprotect, self._incoming, data, 0)

    def open_rtcp(self, data: bytes) -> bytes:
        """Raises Unsound."""
        return self._process(lib.srtp_unprotect_rtcp, self._incoming, data, 0)

    def protect_rtp(self, plain: bytes) -> bytes:
        """Raises Unsound."""
        return self._process(lib.srtp_protect, self._outgoing, plain, _TRAILER)

    def protect_rtcp(self, plain: bytes) -> bytes:
        """Raises Unsound."""
        return self._process(lib.srtp_protect_rtcp, self._outgoing, plain, _TRAILER)

    # ``Any`` in the foreign interface's names: it has no types.
    def _process(self, call: Callable[..., int], session: Session | None, data: bytes, trailer: int) -> bytes:
        size = len(data)
        if session is None or size + trailer > _ROOM or size > LARGEST:
            raise Unsound
        _LENGTH[0] = size
        _VIEW[0:size] = data
        if call(session._srtp[0], _BUFFER, _LENGTH) != 0:
            raise Unsound
        return bytes(_VIEW[0 : _LENGTH[0]])


_BUFFER = ffi.new("char[]", _ROOM)
_VIEW = ffi.buffer(_BUFFER)
_LENGTH = ffi.new("int *")
