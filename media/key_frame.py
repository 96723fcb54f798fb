"""Where a picture begins that needs no other: told from a packet's payload, nothing is decoded.

H264: RFC 6184; a sequence parameter set or an instantaneous refresh, alone, aggregated, or as the start of fragments.
VP8: RFC 7741 and RFC 6386, 9.1; the first partition's first byte says whether the frame leans on others.
"""

from __future__ import annotations

H264, VP8, OPUS = "H264", "VP8", "opus"

_REFRESH, _PARAMETERS = 5, 7
_AGGREGATE, _FRAGMENT = 24, 28
_START = 0x80


def begins_key_frame(codec: str, payload: bytes) -> bool:
    """Whether a viewer can begin to see with this packet; sound always can."""
    if codec == H264:
        return _h264(payload)
    if codec == VP8:
        return _vp8(payload)
    return True


def _h264(payload: bytes) -> bool:
    if not payload:
        return False
    kind = payload[0] & 0x1F
    if kind == _AGGREGATE:
        return _aggregated(payload)
    if kind == _FRAGMENT and len(payload) > 1:
        return bool(payload[1] & _START) and payload[1] & 0x1F in (_REFRESH, _PARAMETERS)
    return kind in (_REFRESH, _PARAMETERS)


def _aggregated(payload: bytes) -> bool:
    at = 1
    while at + 2 < len(payload):
        if payload[at + 2] & 0x1F in (_REFRESH, _PARAMETERS):
            return True
        at += 2 + int.from_bytes(payload[at : at + 2])
    return False


def _vp8(payload: bytes) -> bool:
    if not payload:
        return False
    at, first = 1, payload[0]
    if first & 0x80 and len(payload) > 1:
        at, more = 2, payload[1]
        if more & 0x80 and len(payload) > at:
            at += 2 if payload[at] & 0x80 else 1
        at += bool(more & 0x40) + bool(more & 0x30)
    begins = bool(first & 0x10) and not first & 0x0F
    return begins and len(payload) > at and not payload[at] & 0x01
