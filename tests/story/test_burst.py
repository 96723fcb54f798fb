"""A crowd checks in at once: everybody has his own receipt, and the room a few bursts."""

from contextlib import AsyncExitStack

import pytest

from tests.server import RealServer
from tests.story.wire import fresh, together, viewer

pytestmark = pytest.mark.store

PER_SECOND = 4
NAMED = 3


async def test_c23_the_reward_is_in_the_very_reply_and_again_in_that_to_a_retry(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room) as ada:
        receipt = await ada.rpc("checkin.mark", room=room, key="k1")
        assert (receipt["streak"], receipt["total"], receipt["replayed"]) == (1, 1, False)
        assert receipt["points"] > 0
        assert receipt["balance"] == receipt["points"]
        assert receipt["next"]["in"] == receipt["next"]["day"] - 1
        assert {"rewards", "medals", "expires_at"} <= receipt.keys()
        assert (await ada.rpc("membership.card", room=room))["points"] == receipt["balance"]
        again = await ada.rpc("checkin.mark", room=room, key="k1")
        assert again == {**receipt, "replayed": True}
        assert (await ada.rpc("membership.card", room=room))["points"] == receipt["balance"]


async def test_c24_a_crowd_is_celebrated_in_a_few_bursts_and_each_of_it_is_answered(server: RealServer) -> None:
    room, users = fresh("room"), [fresh("ada") for _ in range(120)]
    async with AsyncExitStack() as stack:
        crowd = [await stack.enter_async_context(viewer(server.url, server.sign(user), room)) for user in users]
        watching = await stack.enter_async_context(viewer(server.url, server.sign(""), room, protobuf=True))
        one_by_one = [await one.rpc("checkin.mark", room=room) for one in crowd[:40]]
        receipts = [*one_by_one, *await together(*(one.rpc("checkin.mark", room=room) for one in crowd[40:]))]
        assert {(one["streak"], one["replayed"]) for one in receipts} == {(1, False)}
        assert len({one["id"] for one in receipts}) == len(users)
        last = await watching.event("checkin.burst", today=len(users))
        bursts = watching.events("checkin.burst")
        assert sum(one["delta"] for one in bursts) == len(users)
        assert len(bursts) <= 1 + PER_SECOND * (last["at"] - bursts[0]["at"]) / 1000
        for one in bursts:
            assert 0 < len(one["sample"]) <= NAMED
            assert {(named["user"]["id"] in users, named["streak"]) for named in one["sample"]} == {(True, 1)}
