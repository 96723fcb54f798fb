"""A room on `websockets`, as its own documentation says to send to many: `websockets.broadcast`.

With `--tick` it is given the same batches as the server under test; without, every message is sent when it comes.
"""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from loadtest.peers.room import PeerRoom


class _Server:
    def __init__(self, tick: float) -> None:
        self._tick = tick
        self._room = PeerRoom()
        self._present: set[ServerConnection] = set()
        self._waiting: list[bytes] = []

    async def attend(self, viewer: ServerConnection) -> None:
        """One viewer, from his coming to his going."""
        try:
            async for message in viewer:
                for answer in self._room.receive(message):
                    if b'"subscribe"' in answer.reply:
                        self._present.add(viewer)
                    await viewer.send(answer.reply, text=True)
                    if answer.event is not None:
                        self._tell(answer.event)
        finally:
            self._present.discard(viewer)

    def _tell(self, event: bytes) -> None:
        if not self._tick:
            broadcast(self._present, self._room.batch([event]), text=True)
            return
        if not self._waiting:
            asyncio.get_running_loop().call_later(self._tick, self._flush)
        self._waiting.append(event)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        broadcast(self._present, self._room.batch(waiting), text=True)


async def _run(port: int, tick: float) -> None:
    server = _Server(tick)
    async with serve(server.attend, "127.0.0.1", port, compression=None, ping_interval=None) as listening:
        await listening.serve_forever()


def main() -> None:
    """Serve until the process is ended."""
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tick", type=float, default=0.0)
    options = parser.parse_args()
    uvloop.run(_run(options.port, options.tick))


if __name__ == "__main__":
    main()
