"""A server that is asked to stop ends well: what it accepted is stored and answered, and everybody is told."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.server import Json, RealServer, running
from tests.story.wire import Wire, fresh, together, viewer

pytestmark = pytest.mark.store

VIEWERS = 120


async def test_what_is_under_way_when_a_stop_is_asked_for_is_stored_and_answered(tmp_path: Path) -> None:
    room = fresh("room")
    users = [fresh("ada") for _ in range(VIEWERS)]
    async with running(tmp_path) as server:
        receipts = await stopped_in_the_middle(server, room, users)
        assert receipts
        await server.start()
        for user, receipt in receipts.items():
            card = await server.platform("GET", f"/rooms/{room}/members/{user}")
            assert (card["streak"]["total"], card["points"]) == (1, receipt["balance"]), user


async def stopped_in_the_middle(server: RealServer, room: str, users: list[str]) -> dict[str, Json]:
    """The receipts of a burst in which, at the first receipt, the server is told to stop."""
    asked = False

    async def check_in(wire: Wire) -> Json | None:
        nonlocal asked
        try:
            receipt: Json = await wire.rpc("checkin.mark", room=room)
        except (ConnectionError, ConnectionClosed):
            return None
        if not asked:
            asked = True
            server.begin_to_stop()
        return receipt

    async with AsyncExitStack() as stack:
        seats = [viewer(server.url, server.sign(user), room, protobuf=n % 2 == 1) for n, user in enumerate(users)]
        wires = [await stack.enter_async_context(seat) for seat in seats]
        receipts = await together(*(check_in(wire) for wire in wires))
        assert {await wire.ended() for wire in wires} == {(3001, "shutdown")}
        assert await server.stopped() == 0, server.said()
    return {user: receipt for user, receipt in zip(users, receipts, strict=True) if receipt is not None}
