"""A picture as aiortc's own examples hand it on: decoded once, encoded anew for each viewer (`MediaRelay`)."""

from __future__ import annotations

from argparse import ArgumentParser

import uvicorn
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from fastapi import FastAPI, Request, Response

SDP = "application/sdp"


def make_app() -> FastAPI:
    """WHIP in, WHEP out; nobody is asked who he is."""
    app, relay = FastAPI(), MediaRelay()
    connections: set[RTCPeerConnection] = set()
    tracks: dict[str, MediaStreamTrack] = {}

    async def answered(connection: RTCPeerConnection, request: Request) -> Response:
        connections.add(connection)
        offer = (await request.body()).decode()
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        sdp = connection.localDescription.sdp
        return Response(sdp, status_code=201, media_type=SDP, headers={"Location": "/session"})

    @app.post("/whip/{room}")
    async def publish(request: Request) -> Response:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connection.on("track", lambda track: tracks.__setitem__(track.kind, track))
        return await answered(connection, request)

    @app.post("/whep/{room}")
    async def play(request: Request) -> Response:
        if len(tracks) < 2:
            return Response(status_code=409)
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        for kind in ("audio", "video"):
            connection.addTrack(relay.subscribe(tracks[kind]))
        return await answered(connection, request)

    @app.delete("/session")
    async def end() -> Response:
        return Response()

    return app


def main() -> None:
    """Serve until the process is asked to stop."""
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(make_app(), host="127.0.0.1", port=parser.parse_args().port, log_level="warning")


if __name__ == "__main__":
    main()
