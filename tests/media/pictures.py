"""Packets and offers as clients make them, small enough to read."""

from __future__ import annotations

from collections.abc import Sequence

from media.rtp import Packet

H264_KEY = b"\x65key"
H264_DELTA = b"\x41delta"
VP8_KEY = b"\x10\x00key"
VP8_DELTA = b"\x10\x01delta"


def packet(
    sequence: int,
    timestamp: int = 0,
    payload: bytes = H264_DELTA,
    *,
    number: int = 96,
    ssrc: int = 77,
    last: bool = True,
) -> Packet:
    """A packet of a source."""
    return Packet(sequence & 0xFFFF, timestamp & 0xFFFFFFFF, last, False, number, ssrc, payload)


FINGERPRINT = ":".join(["AB"] * 32)


def offer(
    sections: Sequence[str] = ("audio", "video"),
    *,
    direction: str = "sendonly",
    setup: str = "actpass",
    codecs: str = "H264",
    fingerprint: str = FINGERPRINT,
    more: Sequence[str] = (),
) -> str:
    """An offer of some sections; ``more`` are lines for each of them."""
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines.append("a=group:BUNDLE " + " ".join(str(place) for place in range(len(sections))))
    for place, kind in enumerate(sections):
        number = 111 if kind == "audio" else 96
        lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}", "c=IN IP4 0.0.0.0", f"a=mid:{place}", f"a={direction}"]
        lines += ["a=rtcp-mux", "a=ice-ufrag:abcd", "a=ice-pwd:0123456789012345678901"]
        lines += [f"a=fingerprint:sha-256 {fingerprint}", f"a=setup:{setup}"]
        if kind == "audio":
            lines += ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"]
        elif kind == "video":
            lines.append(f"a=rtpmap:96 {codecs}/90000")
            if codecs == "H264":
                lines.append("a=fmtp:96 packetization-mode=1;profile-level-id=42e01f")
            lines += [f"a=rtcp-fb:96 {one}" for one in ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc")]
        lines += more
    return "\r\n".join(lines) + "\r\n"
