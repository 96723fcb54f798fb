import json

from msgspec import Raw

from loadtest import protocol
from loadtest.compare.centrifugo import Publishing, configuration
from loadtest.protocol import decode_batch


def test_what_a_viewer_says_is_published_as_a_batch() -> None:
    line = json.loads(Publishing().encode(protocol.rpc("danmaku.send", {"room": "load", "text": "hi"}), 3))
    assert (line["id"], line["publish"]["channel"]) == (3, "room:load")
    batch = decode_batch(Raw(json.dumps(line["publish"]["data"]).encode())).batch
    assert [event.type for event in batch.events] == ["danmaku.said"]


def test_everything_else_is_the_protocol_as_it_is() -> None:
    wire = Publishing()
    assert wire.encode(protocol.connect("t"), 1) == protocol.encode(protocol.connect("t"), 1)
    assert wire.join([b"a", b"b"]) == [b"a\nb"]
    assert wire.translate(b"{}") == b"{}"


def test_it_is_configured_for_this_machine_and_secret() -> None:
    made = configuration(8123, "s" * 32)
    assert made["http_server"] == {"address": "127.0.0.1", "port": 8123}
    assert made["client"] == {"token": {"hmac_secret_key": "s" * 32}, "allowed_origins": ["*"]}
