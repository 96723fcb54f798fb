"""Plain requests for a WebSocket: what is let pass the library would let pass too, with the same answer."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roomserver.frames import Frames, Knock
from roomserver.upgrade import MOST_BYTES, plain_upgrade

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
FIELDS = {
    "Host": "room.test",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}
CHROME = FIELDS | {
    "Connection": "keep-alive, Upgrade",
    "Pragma": "no-cache",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
    "Origin": "https://shop.test",
    "Accept-Language": "en,zh;q=0.9",
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
}
MOST_LINES = 128
OFFERS = (
    "permessage-deflate",
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate; server_max_window_bits=10",
    "permessage-deflate; server_no_context_takeover, permessage-deflate",
    "x-webkit-deflate-frame",
    "permessage-deflate; ???",
    "",
)


def written(fields: dict[str, str], *, target: str = "/connection/websocket", method: str = "GET") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode()


def headers(answer: bytes) -> dict[bytes, bytes]:
    """An answer's headers, without those that only say when and by what it was given; with its status."""
    first, *lines = answer.removesuffix(b"\r\n\r\n").split(b"\r\n")
    told = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
    return {b"": first} | {name: value for name, value in told.items() if name not in (b"date", b"server")}


def test_what_browsers_write_is_plain() -> None:
    upgrade = plain_upgrade(written(CHROME, target="/connection/websocket?format=protobuf"), deflates=True)
    assert upgrade is not None
    assert upgrade.knock == Knock(path="/connection/websocket", origin="https://shop.test", host="room.test")
    assert (upgrade.protobuf, upgrade.deflates) == (True, True)
    assert headers(upgrade.answer)[b"sec-websocket-accept"] == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_subprotocols_are_chosen_by_name() -> None:
    for offered, chosen in (("centrifuge-protobuf", True), ("json, centrifuge-protobuf", True), ("json", False)):
        upgrade = plain_upgrade(written(FIELDS | {"Sec-WebSocket-Protocol": offered}), deflates=True)
        assert upgrade is not None
        assert upgrade.protobuf is chosen
        assert (b"sec-websocket-protocol" in headers(upgrade.answer)) is chosen


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        written({}),
        written(FIELDS)[:-1],
        written(FIELDS) + b"more",
        written(FIELDS, method="POST"),
        written(FIELDS, target="no-path"),
        written(FIELDS | {"Upgrade": "h2c"}),
        written(FIELDS | {"Connection": "close"}),
        written(FIELDS | {"Sec-WebSocket-Version": "8"}),
        written(FIELDS | {"Sec-WebSocket-Key": "short"}),
        written(FIELDS | {"Sec-WebSocket-Key": KEY + "AAAA"}),
        written(FIELDS | {"Content-Length": "5"}),
        written(FIELDS | {"Transfer-Encoding": "chunked"}),
        written(FIELDS | {"Expect": "100-continue"}),
        written(FIELDS | {"host": "two.test"}),
        written({name: value for name, value in FIELDS.items() if name != "Host"}),
        written(FIELDS | {"Origin": "https://bücher.test"}),
        written(FIELDS | {"X-Folded": "a\r\n b"}),
        written(FIELDS | {"X-Bare": "a\nb"}),
        written(FIELDS | {"X Space": "a"}),
        written(FIELDS | {"Sec-WebSocket-Extensions": "permessage-deflate; ???"}),
        written(FIELDS | {"Sec-WebSocket-Protocol": "a b"}),
        written(FIELDS | {"Cookie": "c" * MOST_BYTES}),
        written(FIELDS | {f"X-{n}": "" for n in range(MOST_LINES - len(FIELDS) + 1)}),
        written(FIELDS).replace(b"HTTP/1.1", b"HTTP/1.0"),
        written(FIELDS).replace(b"\r\n", b"\n"),
    ],
)
def test_what_is_not_plain_is_left_to_who_knows_more(said: bytes) -> None:
    assert plain_upgrade(said, deflates=True) is None


def test_as_many_lines_are_plain_as_the_library_reads() -> None:
    request = written(FIELDS | {f"X-{n}": "" for n in range(MOST_LINES - len(FIELDS))})
    assert plain_upgrade(request, deflates=True) is not None
    assert len(Frames(deflates=True).receive(request)) == 1


def test_a_long_request_that_is_nearly_plain_costs_no_more_than_its_length() -> None:
    """Lines that could be read in two ways would be tried in all of them: this test would not end."""
    assert plain_upgrade(written({f"X-{n}": " " * 8 for n in range(400)})[:-2], deflates=True) is None


VALUES = {
    "Host": st.sampled_from(["room.test", "room.test:8000", ""]),
    "Upgrade": st.sampled_from(["websocket", "WebSocket", "websocket, h2c", "h2c"]),
    "Connection": st.sampled_from(["Upgrade", "keep-alive, upgrade", "keep-alive,Upgrade", "close", "upgraded"]),
    "Sec-WebSocket-Key": st.sampled_from([KEY, KEY[:-2], "A" * 22 + "==", "A" * 21 + "B==", "x", f" {KEY} "]),
    "Sec-WebSocket-Version": st.sampled_from(["13", "13, 8", "08"]),
    "Sec-WebSocket-Extensions": st.sampled_from(OFFERS),
    "Sec-WebSocket-Protocol": st.sampled_from(
        ["centrifuge-protobuf", "a,centrifuge-protobuf", "a, b", "", "centrifuge-protobuf,", "CENTRIFUGE-PROTOBUF"]
    ),
    "Origin": st.sampled_from(["https://shop.test", "null", ""]),
    "X-Forwarded-For": st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
}


@given(
    st.fixed_dictionaries({}, optional=VALUES),
    st.sampled_from(["/connection/websocket", "/", "/a?format=protobuf", "/?format=json&format=protobuf", "/%20#x?"]),
    st.booleans(),
)
@example({"Sec-WebSocket-Extensions": OFFERS[2]}, "/", True)
def test_the_library_would_say_the_same(said: dict[str, str], target: str, deflates: bool) -> None:
    request = written(FIELDS | said, target=target)
    upgrade = plain_upgrade(request, deflates=deflates)
    if upgrade is None:
        return
    frames = Frames(deflates=deflates)
    [knock] = frames.receive(request)
    frames.accept()
    assert upgrade.knock == knock
    assert headers(upgrade.answer) == headers(b"".join(frames.to_send()))
    assert (upgrade.protobuf, upgrade.deflates) == (frames.protobuf, frames.deflates)
