"""How batches reach everybody: compressed for those who take it, later for slow readers, and all accounted for."""

from collections.abc import Mapping

import pytest

from tests.server import RealServer, plain_http
from tests.story.wire import fresh, together, viewer

pytestmark = pytest.mark.store

LONG = "a card with a long text " * 100


async def metrics(server: RealServer) -> Mapping[str, float]:
    async with plain_http() as page:
        lines = (await page.get(f"{server.http}/metrics")).text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


async def show(server: RealServer, room: str, text: str) -> None:
    await server.platform("POST", f"/rooms/{room}/publish", {"type": "app.card", "data": {"text": text}})


async def test_who_takes_compressed_frames_hears_the_same(server: RealServer, protobuf: bool) -> None:
    room = fresh("room")
    async with (
        viewer(server.url, server.sign(fresh("ada")), room, protobuf=protobuf, deflate=True) as small,
        viewer(server.url, server.sign(fresh("bob")), room, protobuf=protobuf) as plain,
    ):
        [agreed] = small.connection.protocol.extensions
        assert (agreed.name, plain.connection.protocol.extensions) == ("permessage-deflate", [])
        for number in range(3):
            await show(server, room, f"{number} {LONG}")
        told = [await one.hears("app.card", 3) for one in (small, plain)]
        assert told[0] == told[1]
        assert [event["data"]["text"] for event in told[0]] == [f"{number} {LONG}" for number in range(3)]


@pytest.mark.slow
async def test_who_reads_slowly_hears_everything_in_order_and_the_sums_come_out(server: RealServer) -> None:
    room = fresh("room")
    async with (
        viewer(server.url, server.sign(fresh("slow")), room) as slow,
        viewer(server.url, server.sign(fresh("fast")), room) as fast,
    ):
        slow.connection.transport.pause_reading()
        caught_up, shown = 'roomserver_deliveries_total{outcome="caught_up"}', 0
        while not (await metrics(server))["roomserver_deliveries_outstanding"]:
            shown += 1
            await show(server, room, f"{shown} {LONG}")
            assert shown < 2000, "the kernel takes it all"
        before = (await metrics(server))[caught_up]
        slow.connection.transport.resume_reading()
        await show(server, room, "the last one")
        await together(*(one.hears("app.card", shown + 1) for one in (slow, fast)))
        assert slow.events("app.card") == fast.events("app.card")
        offsets = [batch["offset"] for batch in slow.batches()]
        assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))
        counted = await metrics(server)
        assert counted[caught_up] > before
        assert counted['roomserver_conservation_violations_total{of="deliveries"}'] == 0
        assert counted['roomserver_conservation_violations_total{of="events"}'] == 0
