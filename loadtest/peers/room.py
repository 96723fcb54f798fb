"""What every peer does with a viewer's words: as little as a room can, in the same bytes as the server under test.

A peer knows one room, one person per connection and one rule: what somebody says, everybody gets. It checks nothing,
so that whatever it costs beyond this module is the cost of its way of sending.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import time
from typing import NamedTuple

import orjson

EPOCH = "peer"
TICK_SECONDS = 0.05


class Answer(NamedTuple):
    """The reply to one command, and what the room is to hear of it."""

    reply: bytes
    event: bytes | None = None


class PeerRoom:
    """The log of one room: hands out offsets and ids, and writes batches."""

    def __init__(self) -> None:
        self.offset = 0
        self.online = 0
        self._events = 0

    def receive(self, message: str | bytes, channel: str = "room:load") -> list[Answer]:
        """The answers to the commands of one frame, in order."""
        raw = message.encode() if isinstance(message, str) else message
        return [self._answer(orjson.loads(line), channel) for line in raw.split(b"\n") if line != b"{}"]

    def _answer(self, command: Mapping[str, object], channel: str) -> Answer:
        number = command["id"]
        if "connect" in command:
            connected = {"client": "peer", "version": "peer", "ping": 0, "pong": False}
            return Answer(orjson.dumps({"id": number, "connect": connected}))
        if "subscribe" in command:
            self.online += 1
            joined = {"recoverable": True, "positioned": True, "epoch": EPOCH, "offset": self.offset, "data": {}}
            return Answer(orjson.dumps({"id": number, "subscribe": joined}))
        rpc = command["rpc"]
        assert isinstance(rpc, dict)
        event = self.said(rpc["data"]["text"])
        told = {"id": event["id"], "status": "accepted", "style": "white"}
        return Answer(orjson.dumps({"id": number, "rpc": {"data": told}}), orjson.dumps(event))

    def said(self, text: str) -> dict[str, object]:
        """One danmaku as the server under test writes it."""
        self._events += 1
        return {
            "type": "danmaku.said",
            "id": f"peerroom{self._events:06d}",
            "at": int(time() * 1000),
            "user": {"id": "sim.peer.1000", "name": "momo", "tier": 0},
            "text": text,
            "style": {"id": "white", "color": 16777215, "mode": 1, "size": 25},
        }

    def batch(self, events: Sequence[bytes], channel: bytes = b"room:load") -> bytes:
        """The next publication, with these events in it."""
        self.offset += 1
        head = b'{"push":{"channel":"%b","pub":{"offset":%d,"data":{"events":[' % (channel, self.offset)
        return head + b",".join(events) + b'],"online":%d}}}}' % self.online
