"""A room on `python-socketio`, under uvicorn as its documentation shows: one `emit` to everybody per message."""

from __future__ import annotations

from argparse import ArgumentParser

import orjson
import socketio
import uvicorn

from loadtest.peers.room import PeerRoom


def _application() -> socketio.ASGIApp:
    server = socketio.AsyncServer(async_mode="asgi", ping_interval=60)
    room = PeerRoom()

    async def command(sid: str, line: dict[str, object]) -> None:
        for answer in room.receive(orjson.dumps(line)):
            await server.emit("reply", orjson.loads(answer.reply), to=sid)
            if answer.event is not None:
                await server.emit("push", orjson.loads(room.batch([answer.event]))["push"])

    server.on("command", command)
    return socketio.ASGIApp(server)


def main() -> None:
    """Serve until the process is ended."""
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    uvicorn.run(
        _application(),
        host="127.0.0.1",
        port=options.port,
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
