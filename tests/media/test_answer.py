from __future__ import annotations

import contextlib

from aiortc.sdp import SessionDescription
from hypothesis import given
from hypothesis import strategies as st

from media.answer import Credentials, Host, Reply, playable, preferred, write
from media.backend import Rejected
from media.offer import Codec, Section, read_publisher
from tests.media.pictures import FINGERPRINT, offer

HOST = Host(addresses=("192.0.2.7", "2001:db8::7"), port=4000, fingerprint=FINGERPRINT)
ICE = Credentials(fragment="frag", password="password-of-this-agent")


def written(**more: object) -> str:
    sections = read_publisher(offer()).sections
    replies = [
        Reply(section=one, codecs=(preferred(one),), ssrc=9 if more else None, stream="main") for one in sections
    ]
    return write(replies, host=HOST, ice=ICE, setup="passive", direction="sendonly" if more else "recvonly", session=1)


def test_an_answer_is_what_rfc_9725_asks_for() -> None:
    sdp = written()
    assert "a=group:BUNDLE 0 1\r\n" in sdp
    for line in ("a=rtcp-mux", "a=rtcp-mux-only", "a=recvonly", "a=setup:passive", "a=end-of-candidates"):
        assert sdp.count(f"{line}\r\n") == 2, line
    assert "a=ice-lite\r\n" in sdp


def test_an_answer_can_be_read_by_others() -> None:
    audio, video = SessionDescription.parse(written()).media
    assert (audio.rtp.codecs[0].name, video.rtp.codecs[0].name) == ("opus", "H264")
    assert [(one.ip, one.port) for one in video.ice_candidates] == [("192.0.2.7", 4000), ("2001:db8::7", 4000)]
    assert video.ice is not None
    assert (video.ice.usernameFragment, video.ice.iceLite) == ("frag", True)
    assert {(one.type, one.parameter) for one in video.rtp.codecs[0].rtcpFeedback} >= {
        ("nack", "pli"),
        ("goog-remb", None),
    }


def test_a_viewer_is_told_which_stream_is_which() -> None:
    sdp = written(streams=True)
    assert "a=ssrc:9 cname:main" in sdp
    assert "a=msid:main main-video" in sdp
    assert "a=sendonly" in sdp


def test_a_viewer_is_sent_one_number_for_each_codec_the_simplest_profile_first() -> None:
    high = Codec(name="H264", payload_type=1, rate=90_000, parameters="profile-level-id=640032;packetization-mode=1")
    baseline = Codec(
        name="H264", payload_type=2, rate=90_000, parameters="packetization-mode=1;profile-level-id=42001f"
    )
    simple = Codec(name="H264", payload_type=3, rate=90_000, parameters="packetization-mode=1;profile-level-id=42E01F")
    vp8 = Codec(name="VP8", payload_type=4, rate=90_000)
    section = Section(kind="video", mid="0", codecs=(high, vp8, baseline, simple))
    assert playable(section) == (simple, vp8)
    assert preferred(section) == high


def test_an_answer_asks_for_no_more_than_was_offered() -> None:
    bare = offer().replace("a=rtcp-fb:96 nack pli\r\n", "").replace("a=rtcp-fb:96 goog-remb\r\n", "")
    replies = [Reply(section=one, codecs=(preferred(one),)) for one in read_publisher(bare).sections]
    sdp = write(replies, host=HOST, ice=ICE, setup="passive", direction="recvonly", session=1)
    assert [line for line in sdp.split("\r\n") if "rtcp-fb" in line] == ["a=rtcp-fb:96 nack", "a=rtcp-fb:96 ccm fir"]


def test_a_publisher_may_send_again_in_a_stream_of_its_own_and_a_viewer_is_not_sent_one() -> None:
    with_rtx = offer().replace("SAVPF 96\r\n", "SAVPF 96 97\r\n") + "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
    section = read_publisher(with_rtx).sections[1]
    assert section.codecs[0].again == 97
    for ssrc, offered in ((None, True), (9, False)):
        reply = Reply(section=section, codecs=(preferred(section),), ssrc=ssrc)
        sdp = write([reply], host=HOST, ice=ICE, setup="passive", direction="recvonly", session=1)
        assert ("a=fmtp:97 apt=96" in sdp) is offered
        assert ("SAVPF 96 97" in sdp) is offered


@given(st.text(max_size=200), st.integers(0, 600))
def test_whatever_can_be_read_can_be_answered(text: str, at: int) -> None:
    sdp = offer()
    with contextlib.suppress(Rejected):
        sections = read_publisher(sdp[:at] + text + sdp[at:]).sections
        replies = [Reply(section=one, codecs=(preferred(one),)) for one in sections]
        answer = write(replies, host=HOST, ice=ICE, setup="passive", direction="recvonly", session=1)
        assert len(SessionDescription.parse(answer).media) == len(sections)
