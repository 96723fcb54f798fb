"""Many who come to a picture in the same moment: what they cost, and whether the publisher is left in peace."""

from __future__ import annotations

import asyncio
from time import time

from loadtest.compare.bench import Bench
from loadtest.compare.contenders import RoomServer
from loadtest.media.carrier import carrier_of, cpu_of
from loadtest.media.publisher import publishing
from loadtest.media.report import Rushed
from loadtest.media.sinks import ROOM, metric, sink
from loadtest.signing import signed

KEYS = "key_requests_total"


async def rushed(bench: Bench, viewers: int) -> Rushed:
    """Let so many join at once.

    Raises LoadtestFault.
    """
    host = signed(bench.secret, {"sub": "host", "exp": int(time()) + 3600, "roles": {ROOM: "host"}})
    guest = signed(bench.secret, {"sub": "", "exp": int(time()) + 3600})
    async with (
        RoomServer().running(bench, 0) as server,
        publishing(f"{server.http}/whip/{ROOM}", host),
        sink(server, guest, light=True) as watching,
    ):
        await watching.ask("1")  # who waits until there is a picture
        carrier, before = carrier_of(server), await metric(server, KEYS)
        began = cpu_of(carrier)
        joined = await watching.ask(str(viewers))
        cpu = cpu_of(carrier) - began
        asked = int(await metric(server, KEYS) - before)
        began = cpu_of(carrier)
        await asyncio.sleep(joined["took"])
        shown = cpu_of(carrier) - began
    return Rushed(viewers=viewers, took=joined["took"], cpu=cpu, shown=shown, key_requests=asked)
