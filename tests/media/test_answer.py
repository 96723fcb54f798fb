from __future__ import annotations

from aiortc.sdp import SessionDescription

from media.answer import Credentials, Host, Reply, playable, preferred, write
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
