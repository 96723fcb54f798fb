import pytest

from loadtest import handshake
from loadtest.faults import HandshakeRefused, TurnedAway
from loadtest.target import parse_target

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
GOOD = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)


def test_the_example_of_the_rfc_is_accepted() -> None:
    handshake.check(GOOD.encode(), KEY)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (GOOD.replace("101", "403"), "403"),
        (GOOD.replace("HTTP/1.1", "SSH-2.0"), "SSH"),
        (GOOD.replace("WebSocket", "h2c", 1), "upgrade"),
        (GOOD.replace("s3p", "S3p"), "Accept"),
        (GOOD + "\r\nSec-WebSocket-Extensions: permessage-deflate", "extension"),
    ],
)
def test_another_answer_is_refused_with_its_reason(answer: str, word: str) -> None:
    with pytest.raises(HandshakeRefused, match=word):
        handshake.check(answer.encode(), KEY)


def test_a_server_that_is_full_turns_viewers_away_for_now() -> None:
    with pytest.raises(TurnedAway):
        handshake.check(GOOD.replace("101 Switching Protocols", "503 Service Unavailable").encode(), KEY)


def test_the_request_names_path_and_host() -> None:
    request = handshake.request(parse_target("ws://[::1]:9150/connection/websocket?format=json"), KEY)
    assert request.startswith(b"GET /connection/websocket?format=json HTTP/1.1\r\nHost: [::1]:9150\r\n")
    assert request.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("said", "word"), [("", "does not compress"), ("permessage-deflate", "extension nobody offered")]
)
def test_only_the_compression_that_all_can_share_is_taken(said: str, word: str) -> None:
    assert b"permessage-deflate; server_no_context_takeover" in handshake.request(
        parse_target("ws://127.0.0.1:1/"), KEY, deflate=True
    )
    handshake.check(f"{GOOD}\r\nSec-WebSocket-Extensions: {handshake.DEFLATE}".encode(), KEY, deflate=True)
    answer = f"{GOOD}\r\nSec-WebSocket-Extensions: {said}" if said else GOOD
    with pytest.raises(HandshakeRefused, match=word):
        handshake.check(answer.encode(), KEY, deflate=True)
