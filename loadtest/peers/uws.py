"""A room on `socketify`, which is uWebSockets in C++ under Python: its own publish and subscribe, its own batching.

It is driven by libuv alone, which is the kindest way to run it: the asyncio loop that it brings along asks libuv again
and again while nothing happens, and would be charged for that here.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from socketify import App, CompressOptions, OpCode

from loadtest.peers.room import TICK_SECONDS, PeerRoom

_TOPIC = "room"


class _Server:
    """Callbacks of the library, whose objects have no types."""

    def __init__(self, app: Any, *, batched: bool) -> None:
        self._app = app
        self._batched = batched
        self._room = PeerRoom()
        self._waiting: list[bytes] = []

    def message(self, viewer: Any, message: str | bytes, _opcode: object) -> None:
        """A frame of one viewer."""
        for answer in self._room.receive(message):
            if b'"subscribe"' in answer.reply:
                viewer.subscribe(_TOPIC)
            viewer.send(answer.reply, OpCode.TEXT)
            if answer.event is not None and self._batched:
                self._waiting.append(answer.event)
            elif answer.event is not None:
                self._publish([answer.event])

    def flush(self, _: object = None) -> None:
        """The end of a tick."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._publish(waiting)

    def _publish(self, events: list[bytes]) -> None:
        self._app.publish(_TOPIC, self._room.batch(events), OpCode.TEXT)


def main() -> None:
    """Serve until the process is ended."""
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tick", action="store_true")
    options = parser.parse_args()
    app = App()
    server = _Server(app, batched=options.tick)
    behaviour = {
        "compression": CompressOptions.DISABLED,
        "max_payload_length": 64 * 1024,
        "idle_timeout": 0,
        "max_backpressure": 16 * 1024 * 1024,
        "message": server.message,
    }
    app.ws("/*", behaviour)
    app.listen({"port": options.port, "host": "127.0.0.1"}, lambda _: None)
    tick = int(TICK_SECONDS * 1000)
    timer = app.loop.uv_loop.create_timer(tick, tick, server.flush, None) if options.tick else None
    app.loop.uv_loop.run()
    del timer  # kept until here: its end would stop it


if __name__ == "__main__":
    main()
