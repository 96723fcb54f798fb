from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.backend import Reason, Rejected
from media.offer import BYTES, CANDIDATES, MOST, SECTIONS, Codec, read_publisher, read_viewer
from tests.media.pictures import FINGERPRINT, offer


def why(sdp: str, *, slots: int = 0) -> Reason:
    """Why an offer is refused: a viewer's of so many slots, or a publisher's."""
    with pytest.raises(Rejected) as refused:
        _ = read_viewer(sdp, slots) if slots else read_publisher(sdp)
    return refused.value.reason


def test_an_offer_says_what_can_be_forwarded() -> None:
    read = read_publisher(offer())
    assert [(one.kind, one.mid) for one in read.sections] == [("audio", "0"), ("video", "1")]
    assert read.sections[0].codecs == (
        Codec(name="opus", payload_type=111, rate=48_000, channels=2, parameters="minptime=10;useinbandfec=1"),
    )
    assert read.sections[1].codecs[0].name == "H264"
    assert (read.setup, read.fingerprints) == ("actpass", (("sha-256", FINGERPRINT),))


@pytest.mark.parametrize("setup", ["active", "passive", "actpass"])
def test_who_begins_the_handshake_is_the_clients_choice(setup: str) -> None:
    assert read_publisher(offer(setup=setup)).setup == setup


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "hello",
        "v=0\r\n",
        "v=0\r\nm=audio",
        "v=0\r\nm=audio x UDP/TLS/RTP/SAVPF 111\r\n",
        offer().replace("a=rtpmap:96 H264/90000\r\n", ""),  # fmtp of nothing
        offer().replace("a=mid:1", "a=mud:1"),
        offer().replace("a=ice-pwd:0123456789012345678901", ""),
        offer().replace("sha-256", "md5"),
        offer().replace("a=setup:actpass\r\n", ""),
        offer().replace("a=setup:actpass", "a=setup:holdconn"),
        offer(more=["a=candidate:1 1 udp 1 192.0.2.1 9 typ host"] * (CANDIDATES + 1)),
        offer(["video"] * 9),
        offer() + "a=x:" + "y" * BYTES,
        offer(more=["a=candidate:nonsense"]),
        offer(more=["a=extmap:x y"]),
        offer(["video"]).replace("SAVPF 96", "SAVPF 72").replace(":96 ", ":72 "),  # as a marked packet it were RTCP
    ],
)
def test_what_cannot_be_read_is_malformed(sdp: str) -> None:
    assert why(sdp) is Reason.MALFORMED


@pytest.mark.parametrize(
    "sdp",
    [
        offer(direction="recvonly"),
        offer(direction="inactive"),
        offer(["audio", "video", "video"]),
        offer(["audio", "application"]),
        offer(codecs="VP9"),
        offer().replace("packetization-mode=1", "packetization-mode=0"),
        offer().replace("a=rtcp-mux\r\n", ""),
        offer().replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"),
        offer().replace("a=mid:1", "a=mid:0"),
        offer(["video"]).replace("SAVPF 96", "SAVPF 200").replace(":96 ", ":200 "),
        offer().replace("H264/90000", "H264/0"),
        offer().replace("H264/90000", "H264/99999999999999999999"),
        offer().replace("opus/48000", "opus/8000"),
    ],
)
def test_what_can_be_read_but_not_be_done_is_unacceptable(sdp: str) -> None:
    assert why(sdp) is Reason.UNACCEPTABLE


def test_a_viewer_receives() -> None:
    assert why(offer(direction="sendonly"), slots=1) is Reason.UNACCEPTABLE
    assert len(read_viewer(offer(direction="recvonly"), 1).sections) == 2
    assert len(read_viewer(offer(direction="sendrecv"), 1).sections) == 2


def test_a_viewer_of_more_slots_has_more_tracks() -> None:
    four = offer(["audio", "video"] * 4, direction="recvonly")
    assert len(read_viewer(four, 4).sections) == 8
    assert why(four, slots=3) is Reason.UNACCEPTABLE


EXAMPLES = {
    "a=candidate": "1 1 udp 1 192.0.2.1 9 typ host",
    "a=fingerprint": "sha-256 AB",
    "a=fmtp": "96 packetization-mode=1",
    "a=rtcp-fb": "96 x",
    "a=rtcp-fb:*": " x",
    "a=rtpmap": "97 x/90000",
    "a=ssrc": "1 cname:x",
}


@pytest.mark.parametrize("between", ["\r\n", "\x0b", "\u2028"])
@pytest.mark.parametrize("name", MOST)
def test_no_offer_keeps_the_parser_busy(name: str, between: str) -> None:
    """Lines that are held against each other: 64 KiB of them took seconds, in which nobody was sent a picture."""
    line = f"{name}{EXAMPLES[name]}" if name.endswith("*") else f"{name}:{EXAMPLES[name]}"
    crowded = offer(["video"]) + between.join([line] * (MOST[name] + 1)) + "\r\n"
    assert why(crowded) is Reason.MALFORMED
    assert judged(offer(["video"]) + f"{line}\r\n") is None


def test_sections_are_counted_as_the_parser_divides_them() -> None:
    assert why("\x0b".join(offer(["video"] * (SECTIONS + 1)).split("\r\n"))) is Reason.MALFORMED


LINES = [*offer().split("\r\n"), "a=", "m=", "a=mid:", "a=ssrc:1", "a=group:BUNDLE", "c=IN", "a=fmtp:96"]


def judged(sdp: str) -> Reason | None:
    """Why an offer is refused, if it is."""
    try:
        read_publisher(sdp)
    except Rejected as rejected:
        return rejected.reason
    return None


@given(st.lists(st.sampled_from(LINES), max_size=40))
def test_no_order_of_lines_confuses_it(lines: list[str]) -> None:
    assert judged("v=0\r\n" + "\r\n".join(lines)) in (None, Reason.MALFORMED, Reason.UNACCEPTABLE)


@given(st.text(max_size=200), st.integers(0, 400))
def test_no_text_in_the_middle_confuses_it(text: str, at: int) -> None:
    sdp = offer()
    assert judged(sdp[:at] + text + sdp[at:]) in (None, Reason.MALFORMED, Reason.UNACCEPTABLE)
