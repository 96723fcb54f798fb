"""SDP answers, written: one BUNDLE, ICE-lite, every candidate at once, RTCP on the same port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from media.key_frame import H264
from media.offer import Codec, Section

FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb")
"""What is understood of RTCP; an answer has what was offered of it (RFC 4585, 4.2)."""

_PRIORITY = (126 << 24) + (65535 << 8) + 255
"""Of a host candidate (RFC 8445, 5.1.2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Short-lived names and passwords of one ICE agent."""

    fragment: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """This end: its addresses, its port, and the SHA-256 of its certificate."""

    addresses: tuple[str, ...]
    port: int
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to one section: these codecs; who is sent something gets it as ``ssrc`` of a stream of this name."""

    section: Section
    codecs: tuple[Codec, ...]
    ssrc: int | None = None
    stream: str = ""


def preferred(section: Section) -> Codec:
    """The one codec that a publisher shall send: the first he likes that can be forwarded."""
    return section.codecs[0]


def playable(section: Section) -> tuple[Codec, ...]:
    """The codecs that a viewer may be sent, one number for each name.

    Of several H264 profiles the least demanding one: decoders are told their stream's own by its parameter sets.
    """
    chosen: dict[str, Codec] = {}
    for codec in section.codecs:
        known = chosen.get(codec.name)
        if known is None or (codec.name == H264 and _simplicity(codec) > _simplicity(known)):
            chosen[codec.name] = codec
    return tuple(chosen.values())


def _simplicity(codec: Codec) -> int:
    """2 for the constrained baseline, 1 for the baseline, 0 for any other profile."""
    profile = codec.parameters.lower().partition("profile-level-id=")[2]
    return 2 if profile.startswith("42e0") else 1 if profile.startswith("42") else 0


def write(
    replies: Sequence[Reply],
    *,
    host: Host,
    ice: Credentials,
    setup: Literal["active", "passive"],
    direction: Literal["recvonly", "sendonly"],
    session: int,
) -> str:
    """The answer to an offer, its sections in the offer's order; ``session`` is any number that names it."""
    mids = " ".join(reply.section.mid for reply in replies)
    lines = ["v=0", f"o=- {session} 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    lines += [f"a=group:BUNDLE {mids}", "a=ice-lite", "a=msid-semantic: WMS *"]
    for reply in replies:
        lines += _section(reply, host, direction)
        lines += fragment(ice)
        lines += [f"a=fingerprint:sha-256 {host.fingerprint}", f"a=setup:{setup}"]
        lines += _candidates(host)
    return "\r\n".join(lines) + "\r\n"


def fragment(ice: Credentials) -> list[str]:
    """The credentials, as they stand in answers and in the fragments that restart ICE (RFC 8840, 9)."""
    return [f"a=ice-ufrag:{ice.fragment}", f"a=ice-pwd:{ice.password}"]


def _section(reply: Reply, host: Host, direction: str) -> Iterator[str]:
    kind, codecs = reply.section.kind, reply.codecs
    offered = [(codec.payload_type, codec.again if reply.ssrc is None else None) for codec in codecs]
    numbers = " ".join(str(number) for pair in offered for number in pair if number is not None)
    yield f"m={kind} {host.port} UDP/TLS/RTP/SAVPF {numbers}"
    yield f"c=IN {_family(host.addresses[0])} {host.addresses[0]}"
    yield from (f"a=mid:{reply.section.mid}", f"a={direction}", "a=rtcp-mux", "a=rtcp-mux-only", "a=rtcp-rsize")
    for codec in codecs:
        channels = f"/{codec.channels}" if codec.channels > 1 else ""
        yield f"a=rtpmap:{codec.payload_type} {codec.name}/{codec.rate}{channels}"
        yield from (f"a=rtcp-fb:{codec.payload_type} {one}" for one in FEEDBACK if one in codec.feedback)
        if codec.parameters:
            yield f"a=fmtp:{codec.payload_type} {codec.parameters}"
        if reply.ssrc is None and codec.again is not None:
            yield from (f"a=rtpmap:{codec.again} rtx/{codec.rate}", f"a=fmtp:{codec.again} apt={codec.payload_type}")
    if reply.ssrc is not None:
        yield f"a=msid:{reply.stream} {reply.stream}-{kind}"
        yield f"a=ssrc:{reply.ssrc} cname:{reply.stream}"
        yield f"a=ssrc:{reply.ssrc} msid:{reply.stream} {reply.stream}-{kind}"


def _candidates(host: Host) -> Iterator[str]:
    for place, address in enumerate(host.addresses):
        yield f"a=candidate:{place + 1} 1 udp {_PRIORITY - place} {address} {host.port} typ host"
    yield "a=end-of-candidates"


def _family(address: str) -> str:
    return "IP6" if ":" in address else "IP4"
