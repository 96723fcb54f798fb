import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from loadtest.hold import raw
from loadtest.target import parse_target

TARGET = parse_target("ws://127.0.0.1:8000")


def heard(data: bytes, *, deflate: bool = False) -> list[Frame]:
    server = ServerProtocol(state=OPEN, max_size=2**20)
    if deflate:
        server.extensions = [PerMessageDeflate(True, True, 15, 15)]
    server.receive_data(data)
    return [event for event in server.events_received() if isinstance(event, Frame)]


def test_somebody_enters_with_one_frame() -> None:
    [frame] = heard(raw.entrance("a token", "demo"))
    assert bytes(frame.data).split(b"\n") == [
        b'{"id":1,"connect":{"token":"a token","name":"loadtest"}}',
        b'{"id":2,"subscribe":{"channel":"room:demo"}}',
    ]


def test_pings_are_as_long_as_they_may_be() -> None:
    frames = heard(raw.pings(3))
    assert [(frame.opcode, len(frame.data)) for frame in frames] == [(Opcode.PING, 125)] * 3


def test_no_word_of_a_call_is_to_be_seen_before_it_is_unmasked() -> None:
    call = raw.called(7, "danmaku.send", {"room": "demo"})
    sent = raw.framed([call])
    assert [bytes(frame.data) for frame in heard(sent)] == [call]
    assert all(word not in sent for word in (b"rpc", b"danmaku", b"demo"))


def test_a_message_in_pieces_does_not_end() -> None:
    frames = heard(raw.pieces(3))
    assert [(frame.opcode, frame.fin) for frame in frames] == [
        (Opcode.TEXT, False),
        (Opcode.CONT, False),
        (Opcode.CONT, False),
    ]


def test_a_bomb_is_a_thousandth_of_what_it_says() -> None:
    bomb = raw.bomb(500_000)
    assert len(bomb) < 1000
    assert [frame.data for frame in heard(bomb, deflate=True)] == [b" " * 500_000]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", 0),
        (b"\x81\x02{}", 0),
        (b"\x88\x02\x03\xf0", 1008),
        (b"\x81\x02{}\x88\x06\x0b\xc5slow", 3013),
        (b"\x88\x02\x03\xf0\x81\x02{}", 0),
    ],
)
def test_why_the_server_hung_up(data: bytes, code: int) -> None:
    assert raw.close_code(data) == code


def test_half_a_request_and_a_first_line() -> None:
    whole = raw.knock(TARGET)
    assert whole.startswith(raw.half_a_knock(TARGET))
    assert whole.startswith(raw.first_line(TARGET))
    assert raw.first_line(TARGET).endswith(b"\r\n")
    assert b"\r\n\r\n" not in raw.half_a_knock(TARGET) + raw.first_line(TARGET)
