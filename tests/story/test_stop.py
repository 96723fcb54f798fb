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
        acknowledged = await stopped_in_the_middle(server, room, users)
        await server.start()
        cards = [await server.platform("GET", f"/rooms/{room}/members/{user}") for user in users]
        stored = {user for user, card in zip(users, cards, strict=True) if card["streak"]["total"]}
        assert stored == acknowledged != set()


async def stopped_in_the_middle(server: RealServer, room: str, users: list[str]) -> set[str]:
    """Who got a receipt, when the server is asked to stop as soon as all check-ins are sent."""

    async def check_in(wire: Wire) -> Json | None:
        try:
            receipt: Json = await wire.rpc("checkin.mark", room=room)
        except (ConnectionError, ConnectionClosed):
            return None
        return receipt

    async def ask_to_stop() -> None:
        server.begin_to_stop()

    async with AsyncExitStack() as stack:
        seats = [viewer(server.url, server.sign(user), room, protobuf=n % 2 == 1) for n, user in enumerate(users)]
        wires = [await stack.enter_async_context(seat) for seat in seats]
        *receipts, _ = await together(*(check_in(wire) for wire in wires), ask_to_stop())
        assert {await wire.ended() for wire in wires} == {(3001, "shutdown")}
        assert await server.stopped() == 0, server.said()
    return {user for user, receipt in zip(users, receipts, strict=True) if receipt is not None}
