"""A check-in as it is often built first: a handler per viewer, a pool of 64 connections, one script call for each.

It keeps what the server under test keeps (who came today, his streak, his points, a board, a log of what happened),
with the same fsync, and tells the room the same bursts, four times a second at most. Everything in between is left out.
"""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from collections.abc import Awaitable
from time import time
from typing import cast

import orjson
import uvloop
from redis.asyncio import BlockingConnectionPool, Redis
from websockets.asyncio.server import ServerConnection, broadcast, serve

from loadtest.peers.room import PeerRoom

_POOL = 64
_BURSTS_APART = 0.25

_MARK = """
local known = redis.call('HGET', KEYS[1], 'receipt:' .. ARGV[1])
if known then return {1, known} end
local streak = redis.call('HINCRBY', KEYS[1], 'streak', 1)
local points = redis.call('HINCRBY', KEYS[1], 'points', 10)
local made = {id = ARGV[2], day = ARGV[1], streak = streak, points = 10, balance = points, at = ARGV[3]}
local receipt = cjson.encode(made)
redis.call('HSET', KEYS[1], 'receipt:' .. ARGV[1], receipt)
redis.call('ZADD', KEYS[2], streak, ARGV[4])
redis.call('INCR', KEYS[3])
redis.call('XADD', KEYS[4], 'MAXLEN', '~', 100000, '*', 'user', ARGV[4], 'receipt', receipt)
return {0, receipt}
"""


class _Server:
    def __init__(self, redis: Redis) -> None:
        self._mark = redis.register_script(_MARK)
        self._room = PeerRoom()
        self._users: dict[ServerConnection, str] = {}
        self._present: dict[ServerConnection, str] = {}
        self._counted = 0
        self._today = 0
        self._marks = 0

    async def attend(self, viewer: ServerConnection) -> None:
        """One viewer, from his coming to his going."""
        try:
            async for message in viewer:
                for line in message.splitlines():
                    await self._obey(viewer, line)
        finally:
            self._present.pop(viewer, None)

    async def _obey(self, viewer: ServerConnection, line: str | bytes) -> None:
        command = orjson.loads(line)
        if command.get("rpc", {}).get("method") == "checkin.mark":
            await viewer.send(await self._check_in(self._present[viewer], command["id"]), text=True)
            return
        for answer in self._room.receive(line):
            if "connect" in command:
                self._users[viewer] = command["connect"]["token"]
            if "subscribe" in command:
                self._present[viewer] = self._users.pop(viewer)
            await viewer.send(answer.reply, text=True)
            if answer.event is not None:
                broadcast(self._present, self._room.batch([answer.event]), text=True)

    async def _check_in(self, user: str, number: int) -> bytes:
        self._marks += 1
        keys = [f"member:{user}", "board", "today", "log"]
        made = self._mark(keys=keys, args=["2026-11-21", f"receipt-{self._marks}", int(time() * 1000), user])
        replayed, receipt = await cast(Awaitable[tuple[int, bytes]], made)
        told = orjson.loads(receipt) | {"replayed": bool(replayed)}
        if not replayed:
            self._count()
        return orjson.dumps({"id": number, "rpc": {"data": told}})

    def _count(self) -> None:
        if not self._counted:
            asyncio.get_running_loop().call_later(_BURSTS_APART, self._tell)
        self._counted += 1
        self._today += 1

    def _tell(self) -> None:
        delta, self._counted = self._counted, 0
        burst = {"type": "checkin.burst", "id": f"burst{self._today}", "at": int(time() * 1000), "delta": delta}
        broadcast(
            self._present, self._room.batch([orjson.dumps(burst | {"today": self._today, "sample": []})]), text=True
        )


async def _run(port: int, socket: str) -> None:
    pool = BlockingConnectionPool.from_url(f"unix://{socket}", max_connections=_POOL, timeout=30)
    server = _Server(Redis(connection_pool=pool))
    async with serve(server.attend, "127.0.0.1", port, compression=None, ping_interval=None) as listening:
        await listening.serve_forever()


def main() -> None:
    """Serve until the process is ended."""
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--store", required=True)
    options = parser.parse_args()
    uvloop.run(_run(options.port, options.store))


if __name__ == "__main__":
    main()
