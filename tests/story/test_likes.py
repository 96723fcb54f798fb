"""Likes: everybody's, guests' too, told to everybody as one sum a few times a second."""

from contextlib import AsyncExitStack

import pytest

from tests.server import RealServer
from tests.story.wire import Refusal, fresh, together, viewer

pytestmark = pytest.mark.store

GUESTS = 200
PER_SECOND = 4


async def test_likes_of_two_hundred_guests_are_a_few_events(server: RealServer) -> None:
    room = fresh("room")
    async with AsyncExitStack() as stack:
        seats = [viewer(server.url, server.sign(""), room) for _ in range(GUESTS)]
        crowd = [await stack.enter_async_context(seat) for seat in seats]
        replies = await together(*(one.rpc("like.send", room=room, count=5) for one in crowd))
        assert replies == [{}] * GUESTS
        for one in (crowd[0], crowd[-1]):
            last = await one.event("like.counted", total=5 * GUESTS)
            told = one.events("like.counted")
            assert sum(event["delta"] for event in told) == 5 * GUESTS
            seconds = (last["at"] - told[0]["at"]) / 1000
            assert len(told) <= 1 + PER_SECOND * seconds
        late = await stack.enter_async_context(viewer(server.url, server.sign(fresh("ada")), None))
        assert (await late.join(room))["data"]["likes"] == {"total": 5 * GUESTS}


async def test_who_likes_too_much_is_told_when_to_go_on(server: RealServer) -> None:
    room = fresh("room")
    async with viewer(server.url, server.sign(fresh("ada")), room) as ada:
        for _ in range(2):
            await ada.rpc("like.send", room=room, count=20)
        with pytest.raises(Refusal, match=r"^1700: too many likes; retry in \d+ ms$") as refused:
            await ada.rpc("like.send", room=room, count=20)
        assert refused.value.temporary
        await ada.event("like.counted", total=40)
