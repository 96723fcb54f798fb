"""What media/ takes for granted of aiortc, aioice and pylibsrtp, single underscores included."""

from __future__ import annotations

import asyncio
import inspect
from importlib import metadata

from aioice import stun
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsParameters, RTCDtlsTransport
from aiortc.sdp import SessionDescription
from pylibsrtp import Session
from pylibsrtp._binding import lib

from media.dtls import Channel, Secured, fingerprint, make_certificate


def test_it_is_the_version_that_was_read() -> None:
    assert metadata.version("aiortc").startswith("1.16.")


def test_a_transport_takes_a_channel_and_a_certificate() -> None:
    assert list(inspect.signature(RTCDtlsTransport).parameters) == ["transport", "certificates"]
    assert list(inspect.signature(RTCDtlsTransport._set_role).parameters) == ["self", "role"]
    assert inspect.iscoroutinefunction(RTCDtlsTransport.start)
    assert inspect.iscoroutinefunction(RTCDtlsTransport.stop)
    assert list(inspect.signature(RTCDtlsTransport.start).parameters) == ["self", "remoteParameters"]


def test_what_it_asks_of_its_transport_a_channel_has() -> None:
    source = inspect.getsource(RTCDtlsTransport)
    asked = {
        name for name in ("_recv(", "_send(", "role", "state", "_queue", "_connection") if f"transport.{name}" in source
    }
    assert asked <= {"_recv(", "_send(", "role"}
    assert inspect.iscoroutinefunction(Channel._recv)
    assert inspect.iscoroutinefunction(Channel._send)


async def test_a_handshake_leaves_two_srtp_sessions() -> None:
    certificate = make_certificate()
    prints = [("sha-256", fingerprint(certificate))]
    ends: list[Secured] = []
    ends.append(Secured(certificate, lambda data: put(ends[1], data), role="server", fingerprints=prints))
    ends.append(Secured(certificate, lambda data: put(ends[0], data), role="client", fingerprints=prints))
    async with asyncio.TaskGroup() as tasks:
        shaken = [tasks.create_task(one.handshake()) for one in ends]
    assert [one.result() for one in shaken] == [True, True]
    for one in ends:
        assert isinstance(one._dtls._rx_srtp, Session)
        assert isinstance(one._dtls._tx_srtp, Session)
    large = b"\x80\x60" + bytes(1398)
    assert ends[1].open_rtp(ends[0].protect_rtp(large)) == large, "larger than pylibsrtp's own limit of 1,356"
    for one in ends:
        await one.close()


def put(end: Secured, data: bytes) -> None:
    end.channel.put(data)


def test_the_library_beneath_has_the_four_calls() -> None:
    for name in ("srtp_protect", "srtp_protect_rtcp", "srtp_unprotect", "srtp_unprotect_rtcp"):
        assert callable(getattr(lib, name))
    assert "_srtp" in vars(Session())


def test_a_certificate_has_a_fingerprint_of_sha_256() -> None:
    assert len(fingerprint(RTCCertificate.generateCertificate())) == 32 * 3 - 1
    assert RTCDtlsParameters().fingerprints == []


def test_stun_checks_its_integrity() -> None:
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    request.attributes["USERNAME"] = "a:b"
    request.add_message_integrity(b"secret")
    read = stun.parse_message(bytes(request))
    assert read.check_message_integrity(b"secret")
    assert not read.check_message_integrity(b"wrong")


def test_descriptions_are_parsed_by_a_class_method() -> None:
    assert SessionDescription.parse("v=0\r\n").media == []
