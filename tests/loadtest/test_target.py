import pytest

from loadtest.faults import NotLoopback
from loadtest.target import parse_target


@pytest.mark.parametrize(
    ("url", "http"),
    [
        ("ws://127.0.0.1:8000/connection/websocket", "http://127.0.0.1:8000"),
        ("ws://127.9.9.9", "http://127.9.9.9:80"),
        ("ws://localhost:81/x", "http://localhost:81"),
        ("ws://[::1]:82", "http://[::1]:82"),
    ],
)
def test_addresses_of_this_machine_are_taken(url: str, http: str) -> None:
    assert parse_target(url).http == http


@pytest.mark.parametrize(
    "url",
    [
        "ws://example.com/connection/websocket",
        "ws://10.0.0.1:8000",
        "ws://0.0.0.0:8000",
        "ws://127.0.0.1.example.com",
        "ws://localhost.example.com",
        "ws://127.0.0.1@example.com",
        "http://127.0.0.1:8000",
        "127.0.0.1:8000",
        "ws://127.0.0.1:notaport",
        "ws://[::1",
        "",
    ],
)
def test_any_other_address_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(NotLoopback, match=r"\.$"):
        parse_target(url)


def test_the_path_of_the_wire_is_the_default() -> None:
    assert parse_target("ws://127.0.0.1:8000").path == parse_target("ws://127.0.0.1:8000/").path
    assert parse_target("ws://127.0.0.1:8000/").path == "/connection/websocket"
    assert parse_target("ws://127.0.0.1:8000/x?format=json").path == "/x?format=json"
