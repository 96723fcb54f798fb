from __future__ import annotations

import pytest

from media.backend import PublishLimits, Redirect, Rejected
from media.whipwhep import WhipWhep

ELSEWHERE = WhipWhep("https://media.example/{room}/whip", "https://media.example/play/?stream={room}&by={member}")


async def test_clients_are_sent_to_the_address_of_their_room() -> None:
    sent = await ELSEWHERE.publish("tea", "host", "main", "", PublishLimits())
    assert sent == Redirect(protocol="whip", url="https://media.example/tea/whip")
    sent = await ELSEWHERE.play("tea", "a|b@c", ["main"], "")
    assert sent == Redirect(protocol="whep", url="https://media.example/play/?stream=tea&by=a%7Cb%40c")


async def test_there_is_one_picture_in_a_room() -> None:
    with pytest.raises(Rejected):
        await ELSEWHERE.publish("tea", "guest", "guest1", "", PublishLimits())
    with pytest.raises(Rejected):
        await ELSEWHERE.play("tea", "guest", ["main", "guest1"], "")
