from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from media import rtcp
from media.offer import read_publisher
from media.policy import POOR_SECONDS, Level
from media.publication import REPORT_SECONDS, Publication
from media.rtp import write
from tests.media.lines import Line, connection
from tests.media.pictures import H264_KEY, offer, packet

RTX = ["a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"]


class Room:
    """Who hears of a publication."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.levels: list[tuple[Level, float, int]] = []

    def began(self, publication: Publication) -> None:
        self.heard.append("began")

    def ended(self, publication: Publication, reason: str) -> None:
        self.heard.append(reason)

    def felt(self, publication: Publication, level: Level, loss: float, bitrate: int) -> None:
        self.levels.append((level, loss, bitrate))


def published(*, remb: bool = True) -> tuple[Publication, Line, Room]:
    line, room = Line(), Room()
    sdp = offer(["video"], more=RTX).replace("SAVPF 96\r\n", "SAVPF 96 97\r\n")
    if not remb:
        sdp = sdp.replace("a=rtcp-fb:96 goog-remb\r\n", "")
    sections = read_publisher(sdp).sections
    made = Publication("p", "room", "lin", "main", connection(line), sections, 2_000_000, room)
    assert line.session is made
    return made, line, room


def send(made: Publication, sequence: int, now: float, payload: bytes = H264_KEY, *, number: int = 96) -> None:
    made.rtp(write(packet(sequence, payload=payload, number=number), number, 0), now)


def test_it_begins_with_its_first_packet_and_is_told_at_once_what_it_may_send() -> None:
    made, line, room = published()
    made.opened(1.0)
    assert room.heard == []
    send(made, 1, 2.0)
    send(made, 2, 2.1)
    assert room.heard == ["began"]
    assert line.heard_at == 2.1, "what it sends is a sign of life"
    assert b"REMB" in line.rtcp[0]


def test_who_knows_no_remb_is_told_none() -> None:
    made, line, _ = published(remb=False)
    send(made, 1, 2.0)
    assert b"REMB" not in line.rtcp[0]


def test_it_is_reported_to_once_a_second() -> None:
    made, line, _ = published()
    send(made, 1, 2.0)
    made.tick(2.0 + REPORT_SECONDS - 0.01)
    assert len(line.rtcp) == 1
    made.tick(2.0 + REPORT_SECONDS)
    assert len(line.rtcp) == 2


def test_before_it_begins_nothing_is_reported() -> None:
    made, line, _ = published()
    made.tick(100.0)
    assert line.rtcp == []


def test_what_is_missing_is_asked_for_and_taken_from_the_stream_of_repetitions() -> None:
    made, line, _ = published()
    send(made, 1, 2.0)
    send(made, 3, 2.1)
    assert rtcp.Lost(77, (2,)) in line.told
    send(made, 900, 2.2, (2).to_bytes(2) + b"\x41lost", number=97)
    line.rtcp.clear()
    made.tick(2.5)
    assert not any(isinstance(one, rtcp.Lost) for one in line.told)


def test_repetitions_before_the_first_packet_are_none() -> None:
    made, _, _ = published()
    with pytest.raises(ValueError, match="before it was sent"):
        send(made, 900, 2.2, (2).to_bytes(2) + b"\x41", number=97)


def test_a_payload_type_that_was_not_agreed_is_none_of_it() -> None:
    made, _, room = published()
    with pytest.raises(ValueError, match="payload type"):
        send(made, 1, 2.0, number=100)
    assert room.heard == []


def test_the_host_is_told_when_nothing_comes_any_more() -> None:
    made, _, room = published()
    send(made, 1, 2.0)
    for second in range(POOR_SECONDS + 2):
        made.tick(3.0 + second)
    assert [level for level, _, _ in room.levels] == ["poor"]


def test_its_end_has_a_reason() -> None:
    made, _, room = published()
    made.over("lost")
    assert room.heard == ["lost"]


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=80))))
@example([(False, b"\x80\xe0\0\1" + b"\0" * 8)])
@example([(True, b"\x80\xc8\0\6" + b"\xff" * 24)])
def test_nothing_that_a_publisher_sends_is_worse_than_a_value_error(sent: list[tuple[bool, bytes]]) -> None:
    made, _, _ = published()
    send(made, 1, 1.0)
    for step, (report, data) in enumerate(sent):
        with contextlib.suppress(ValueError):
            (made.rtcp if report else made.rtp)(data, 1.0 + step)
        made.tick(1.0 + step)


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.floats(0, 1e6)), max_size=50))
def test_no_numbers_and_no_instants_are_too_much_for_its_reports(sent: list[tuple[int, int, float]]) -> None:
    made, line, _ = published()
    now = 0.0
    for sequence, timestamp, later in sent:
        now += later
        made.rtp(write(packet(sequence, timestamp), 96, 0), now)
        made.tick(now)
    assert all(rtcp.read(said) is not None for said in line.rtcp)
