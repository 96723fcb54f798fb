from __future__ import annotations

import pytest

from media.backend import MediaBackend, PublishLimits
from media.embedded import Embedded
from media.null import Null
from media.tickets import Tickets
from media.whipwhep import WhipWhep
from roomserver.config import read
from roomserver.media_config import HERE, MediaSection, carrying, publishing
from roomserver.tables import WrongConfig

FULL = """
[media]
backend = "embedded"
host = "0.0.0.0"
port = 9000
addresses = ["203.0.113.7", "2001:db8::7"]
bitrate = 1000000

[[media.ice_servers]]
url = "turn:turn.example:3478?transport=udp"
username = "user"
credential = "secret"
"""


ELSEWHERE = 'backend = "whipwhep"\npublish_at = "https://x/{room}"\nplay_at = "https://x/{room}"'


def test_everything_can_be_said() -> None:
    section = read(FULL).media
    assert section is not None
    assert (section.port, section.addresses) == (9000, ("203.0.113.7", "2001:db8::7"))
    assert section.ice_servers[0].url == "turn:turn.example:3478?transport=udp"
    assert publishing(section) == PublishLimits(bitrate=1_000_000)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('backend = "livekit"', "media.backend"),
        ('backend = "embedded"', "media.addresses"),
        ('backend = "embedded"\naddresses = ["live.example"]', "media.addresses[0]"),
        ('backend = "embedded"\naddresses = ["0.0.0.0"]', "media.addresses[0]"),
        ('backend = "embedded"\nhost = "here"\naddresses = ["203.0.113.7"]', "media.host"),
        ('backend = "whipwhep"\nplay_at = "https://media.example/{room}"', "media.publish_at"),
        ('backend = "whipwhep"\npublish_at = "ftp://x"\nplay_at = "https://x"', "media.publish_at"),
        (f'{ELSEWHERE}\nkick = "GET http://x/{{session}}"', "media.kick"),
        (f'{ELSEWHERE}\nkick = "POST http://x/"', "media.kick"),
        ('backend = "none"\nbitrate = 1', "media.bitrate"),
        ('backend = "none"\nport = 70000', "media.port"),
        ('backend = "none"\ncolour = 1', "media.colour"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, place: str) -> None:
    with pytest.raises(WrongConfig) as wrong:
        read(f"[media]\n{text}\n")
    assert place in str(wrong.value)


def test_without_a_word_nobody_carries_pictures() -> None:
    assert read("").media is None


@pytest.mark.parametrize("kind", [Null, Embedded, WhipWhep])
async def test_each_backend_is_made(kind: type[MediaBackend]) -> None:
    section = {Null: MediaSection(), Embedded: HERE, WhipWhep: elsewhere()}[kind]
    async with carrying(section, {}, lazily=True, tickets=Tickets(b"secret", lambda: 0)) as made:
        assert type(made) is kind


def elsewhere() -> MediaSection:
    return MediaSection(backend="whipwhep", publish_at="https://x/{room}", play_at="https://x/{room}")


def test_how_another_server_puts_somebody_out_can_be_said() -> None:
    text = f'[media]\n{ELSEWHERE}\nkick = "POST http://127.0.0.1:9997/v3/webrtcsessions/kick/{{session}}"\n'
    section = read(text).media
    assert section is not None
    assert section.kick == "POST http://127.0.0.1:9997/v3/webrtcsessions/kick/{session}"
