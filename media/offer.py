"""SDP offers, read and judged: what a client wants, or in one sentence why it cannot have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription

from media.backend import Reason, Rejected
from media.feed import Kind
from media.key_frame import H264, OPUS, VP8

BYTES = 64 * 1024
SECTIONS = 8
CANDIDATES = 16
"""Caps on what is read at all (reliability.md, S30); no candidate is ever probed, for this end is ICE-lite."""

EVERY = "a=rtcp-fb:*"
MOST: Mapping[str, int] = {
    "a=candidate": CANDIDATES,
    "a=fingerprint": 8,
    "a=fmtp": 128,
    "a=rtcp-fb": 256,
    EVERY: 8,
    "a=rtpmap": 128,
    "a=ssrc": 64,
}
"""Lines of a name in one section: the parser holds many against each codec, or against each other, and nobody is sent a
packet meanwhile. Payload types are 7 bits; browsers have a third of the others at most."""

FORWARDED = {"video": {"h264": H264, "vp8": VP8}, "audio": {"opus": OPUS}}
"""Codecs that are forwarded, by kind and by the small letters of their name."""

RATES = {H264: 90_000, VP8: 90_000, OPUS: 48_000}
"""Ticks a second of their clocks (RFC 6184, 7741, 7587): a wild one would spoil what is computed with it."""

NUMBERS = (*range(64), *range(96, 128))
"""Payload types that a packet can have and that cannot be taken for RTCP (RFC 5761, 4)."""

DIGESTS = ("sha-256", "sha-384", "sha-512")

Setup = Literal["actpass", "active", "passive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """One codec as a client numbers it; ``parameters`` is its ``fmtp`` line.

    ``feedback`` is what RTCP it understands (RFC 4585, 4.2), ``again`` the payload type of what it sends again, when
    that is a stream of its own (RFC 4588).
    """

    name: str
    payload_type: int
    rate: int
    channels: int = 1
    parameters: str = ""
    feedback: tuple[str, ...] = ()
    again: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One media section: in its order what can be forwarded of what it offers."""

    kind: Kind
    mid: str
    codecs: tuple[Codec, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a client offers; ``fingerprints`` are pairs of a digest's name and its value."""

    sections: tuple[Section, ...]
    setup: Setup
    fingerprints: tuple[tuple[str, str], ...]


def read_publisher(sdp: str) -> Offer:
    """The offer of somebody who sends: at most one audio and one video track (RFC 9725, 4.4).

    Raises Rejected.
    """
    return _read(sdp, forbidden=("recvonly", "inactive"), of_each=1)


def read_viewer(sdp: str, slots: int) -> Offer:
    """The offer of somebody who watches that many slots (draft-ietf-wish-whep, 4.4: one).

    Raises Rejected.
    """
    return _read(sdp, forbidden=("sendonly", "inactive"), of_each=slots)


def _read(sdp: str, *, forbidden: Sequence[str], of_each: int) -> Offer:
    described = _parsed(sdp)
    _check_shape(described)
    for media in described.media:
        _check_section(media, forbidden)
    kinds = [media.kind for media in described.media]
    if any(kinds.count(kind) > of_each for kind in ("audio", "video")):
        raise _unacceptable(f"at most {of_each} track of a kind" if of_each == 1 else f"at most {of_each} of a kind")
    setups = {_setup(media) for media in described.media}
    if len(setups) > 1:
        raise _malformed("the sections disagree on who begins DTLS")
    first = described.media[0]
    return Offer(
        sections=tuple(_section(media) for media in described.media),
        setup=setups.pop(),
        fingerprints=_fingerprints(first),
    )


def _parsed(sdp: str) -> SessionDescription:
    if len(sdp) > BYTES:
        raise _malformed("the offer is too large")
    if not sdp.startswith("v=0"):
        raise _malformed("this is no SDP")
    _check_size(sdp)
    try:
        return SessionDescription.parse(sdp)
    except (ValueError, AssertionError, StopIteration, AttributeError, TypeError, LookupError):
        raise _malformed("this SDP cannot be read") from None  # the parser asserts and unpacks where it is surprised


def _check_size(sdp: str) -> None:
    sections, lines = 0, Counter[str]()
    for line in sdp.splitlines():  # as the parser does: at more than line feeds
        if line.startswith("m="):
            sections += 1
            lines.clear()
        name = EVERY if line.startswith(EVERY) else line.partition(":")[0]
        lines[name] += 1
        if sections > SECTIONS:
            raise _malformed(f"at most {SECTIONS} sections")
        if lines[name] > MOST.get(name, BYTES):
            raise _malformed(f"at most {MOST[name]} lines {name} in a section")


def _check_shape(described: SessionDescription) -> None:
    if not described.media:
        raise _malformed("there is no media section")
    mids = [media.rtp.muxId for media in described.media]
    bundled = [set(map(str, group.items)) for group in described.group if group.semantic == "BUNDLE"]
    if "" in mids:
        raise _malformed("a section has no mid")
    if len(set(mids)) != len(mids) or (len(mids) > 1 and not any(set(mids) <= group for group in bundled)):
        raise _unacceptable("all sections must be in one BUNDLE group")


def _check_section(media: MediaDescription, forbidden: Sequence[str]) -> None:
    if media.kind not in FORWARDED:
        raise _unacceptable(f"only audio and video are carried, not {media.kind[:20]}")
    if (media.direction or "sendrecv") in forbidden:
        raise _unacceptable(f"{media.direction} is the wrong direction here")
    if not media.rtcp_mux:
        raise _unacceptable("RTCP must share the port (rtcp-mux)")
    if not (media.ice and media.ice.usernameFragment and media.ice.password):
        raise _malformed("ice-ufrag or ice-pwd is missing")
    if not _fingerprints(media):
        raise _malformed("a fingerprint of SHA-256 or better is missing")


def _section(media: MediaDescription) -> Section:
    kind: Kind = "audio" if media.kind == "audio" else "video"
    codecs = tuple(_codecs(kind, media.rtp.codecs))
    if not codecs:
        wanted = " or ".join(FORWARDED[kind].values())
        raise _unacceptable(f"none of the {kind} codecs can be forwarded: offer {wanted}")
    return Section(kind=kind, mid=media.rtp.muxId, codecs=codecs)


def _codecs(kind: Kind, offered: Sequence[RTCRtpCodecParameters]) -> Iterator[Codec]:
    for one in offered:
        name = FORWARDED[kind].get(one.name.lower())
        number = one.payloadType
        if name is None or number is None or number not in NUMBERS or one.clockRate != RATES[name]:
            continue
        mode = str(one.parameters.get("packetization-mode", "0"))
        if name == H264 and mode != "1":  # the single-packet mode cannot carry what everybody sends
            continue
        parameters = ";".join(key if value is None else f"{key}={value}" for key, value in one.parameters.items())
        yield Codec(
            name=name,
            payload_type=number,
            rate=one.clockRate,
            channels=one.channels or 1,
            parameters=parameters,
            feedback=tuple(f"{fb.type} {fb.parameter or ''}".strip() for fb in one.rtcpFeedback),
            again=_again(number, offered),
        )


def _again(number: int, offered: Sequence[RTCRtpCodecParameters]) -> int | None:
    return next((one.payloadType for one in offered if one.name == "rtx" and one.parameters.get("apt") == number), None)


def _setup(media: MediaDescription) -> Setup:
    role = media.dtls.role if media.dtls else None
    if role == "client":
        return "active"
    return "passive" if role == "server" else "actpass"


def _fingerprints(media: MediaDescription) -> tuple[tuple[str, str], ...]:
    found = media.dtls.fingerprints if media.dtls else []
    return tuple((one.algorithm.lower(), one.value) for one in found if one.algorithm.lower() in DIGESTS)


def _malformed(why: str) -> Rejected:
    return Rejected(Reason.MALFORMED, why)


def _unacceptable(why: str) -> Rejected:
    return Rejected(Reason.UNACCEPTABLE, why)
