"""Centrifugo 6 as a peer: viewers publish into the room's channel themselves, and everybody gets each message.

It takes part where its program is on PATH. Batches of a whole channel are not in its open version.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from loadtest import protocol
from loadtest.compare.bench import Bench, Started, free_port
from loadtest.compare.contenders import ROOM, Contender
from loadtest.peers.room import PeerRoom
from loadtest.protocol import Command
from loadtest.signing import Signer
from loadtest.viewer import Tokens


class Publishing:
    """The protocol itself; what a viewer says he publishes, as the batch that a room would make of it."""

    path: str | None = None
    pong = protocol.PONG

    def __init__(self) -> None:
        self._room = PeerRoom()

    def encode(self, command: Command, number: int) -> bytes:
        """A call of a feature becomes a publication."""
        if command.rpc is None:
            return protocol.encode(command, number)
        batch = {"events": [self._room.said(str(command.rpc.data["text"]))], "online": 1000}
        return msgspec.json.encode({"id": number, "publish": {"channel": f"room:{ROOM}", "data": batch}})

    def join(self, lines: Sequence[bytes]) -> list[bytes]:
        """All in one frame."""
        return [b"\n".join(lines)]

    def translate(self, payload: bytes) -> bytes:
        """Nothing to do."""
        return payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Centrifugo(Contender):
    """One process with its engine in memory."""

    name: str = "centrifugo"
    label: str = "Centrifugo, each message"
    module: str = ""
    wire: Publishing = field(default_factory=Publishing)

    @property
    def missing(self) -> str | None:
        """Its program must be there."""
        return None if shutil.which("centrifugo") else "there is no centrifugo on PATH"

    def tokens(self, bench: Bench) -> Tokens:
        """Signed with the secret that it was configured with."""
        return Signer(bench.secret, ROOM)

    @asynccontextmanager
    async def running(self, bench: Bench, _rate: float) -> AsyncIterator[Started]:
        """With a configuration that keeps a log of the room, as the server under test does."""
        port = free_port()
        file = bench.fresh("centrifugo").with_suffix(".json")
        file.write_bytes(msgspec.json.encode(configuration(port, bench.secret)))
        async with bench.running(["centrifugo", "--config", str(file)], port=port) as started:
            yield started


def configuration(port: int, secret: str) -> dict[str, object]:
    """Centrifugo 6's (docs/server/configuration): who may connect, and what may be done in `room:` channels."""
    room = {
        "name": "room",
        "allow_subscribe_for_client": True,
        "allow_publish_for_subscriber": True,
        "force_recovery": True,
        "history_size": 300,
        "history_ttl": "60s",
    }
    return {
        "http_server": {"address": "127.0.0.1", "port": port},
        "client": {"token": {"hmac_secret_key": secret}, "allowed_origins": ["*"]},
        "channel": {"namespaces": [room]},
        "log": {"level": "error"},
    }


CENTRIFUGO = Centrifugo()
