"""A small room that speaks the wire over real sockets, and can be told to break its promises."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from tests.patience import until

Batch = dict[str, Any]
TIERS = (0, 100, 500, 2000)


@dataclass
class Guest:
    """One connection."""

    writer: asyncio.StreamWriter
    protocol: ServerProtocol = field(default_factory=lambda: ServerProtocol(max_size=2**20))
    user: str = ""
    inside: bool = False

    def say(self, *lines: dict[str, Any]) -> None:
        self.protocol.send_text("\n".join(json.dumps(line) for line in lines).encode())
        self.flush()

    def flush(self) -> None:
        for data in self.protocol.data_to_send():
            if data and not self.writer.is_closing():
                self.writer.write(data)
            elif not data:
                self.writer.close()


@dataclass
class FakeRoom:
    """`fault(user, batches so far)` gives the publications that a user is sent instead of the one that is due."""

    fault: Callable[[str, list[Batch]], list[Batch]] = lambda user, log: log[-1:]
    answer_join: Callable[[Guest, int], None] | None = None
    tokens: bool = True
    forgetful: bool = False
    burst_delta: int = 1
    guests: list[Guest] = field(default_factory=list)
    log: list[Batch] = field(default_factory=list)
    scores: dict[str, int] = field(default_factory=dict)
    days: dict[str, list[str]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    receipts: dict[str, str] = field(default_factory=dict)
    frames: int = 0
    pongs: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/connection/websocket"

    def publish(self, *events: dict[str, Any]) -> None:
        offset = len(self.log) + 1
        whole = [{"id": f"{offset}-{index}", "at": 0, **event} for index, event in enumerate(events)]
        online = len({guest.user for guest in self.guests if guest.inside})
        self.log.append({"offset": offset, "data": {"events": whole, "online": online}})
        for guest in self.guests:
            if guest.inside:
                for batch in self.fault(guest.user, self.log):
                    guest.say({"push": {"channel": "room:demo", "pub": batch}})

    def ping(self) -> None:
        for guest in self.guests:
            guest.say({})

    def unsubscribe(self) -> None:
        for guest in self.guests:
            guest.inside = False
            guest.say({"push": {"channel": "room:demo", "unsubscribe": {"code": 2500, "reason": "insufficient state"}}})

    def close(self, code: int) -> None:
        for guest in list(self.guests):
            guest.protocol.send_close(code, "told to")
            guest.flush()

    # --- commands

    def answer(self, guest: Guest, command: dict[str, Any]) -> None:
        number = command["id"]
        if "connect" in command:
            guest.user = command["connect"]["token"]
            guest.say({"id": number, "connect": {"client": "c", "version": "fake", "ping": 25, "pong": True}})
        elif "subscribe" in command and self.answer_join is not None:
            self.answer_join(guest, number)
        elif "subscribe" in command:
            guest.say({"id": number, "subscribe": self.join(guest, command["subscribe"])})
            self.publish({"type": "effects.entered", "user": guest.user})
        else:
            self.feature(guest, number, **command["rpc"])

    def join(self, guest: Guest, ask: dict[str, Any]) -> dict[str, Any]:
        guest.inside = True
        reply: dict[str, Any] = {"recoverable": True, "epoch": "e", "offset": len(self.log), "data": {"styles": []}}
        if ask.get("recover"):
            missed = self.log[ask["offset"] :]
            reply |= {"was_recovering": True, "recovered": len(missed) < 5}
            reply |= {"publications": missed} if len(missed) < 5 else {}
        return reply

    def feature(self, guest: Guest, number: int, method: str, data: dict[str, Any]) -> None:
        offset = len(self.log) + 1
        match method:
            case "danmaku.send":
                reply = {"id": f"{offset}-0", "status": "accepted"}
                guest.say({"id": number, "rpc": {"data": reply}})
                self.publish({"type": "danmaku.said", "text": data["text"]})
            case "checkin.mark":
                replayed = guest.user in self.receipts
                receipt = self.receipts.setdefault(guest.user, f"receipt-{guest.user}")
                receipt += f"-{number}" if self.forgetful else ""
                guest.say({"id": number, "rpc": {"data": {"id": receipt, "replayed": replayed}}})
                if not replayed:
                    self.publish({"type": "checkin.burst", "delta": self.burst_delta})
            case "shoutout.send":
                guest.say({"id": number, "rpc": {"data": {"id": f"{offset}-0", "online": 1, "reached": 1}}})
                self.publish({"type": "shoutout.shown", "to": data["to"]})
            case _:
                guest.say({"id": number, "error": {"code": 104, "message": "method not found"}})

    # --- sockets

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if b"upgrade: websocket" in head.lower():
                    await self.websocket(head, reader, writer)
                    return
                await self.http(head.decode(), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def websocket(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guest = Guest(writer)
        guest.protocol.receive_data(head)
        for request in guest.protocol.events_received():
            assert isinstance(request, Request)
            guest.protocol.send_response(guest.protocol.accept(request))
        guest.flush()
        self.guests.append(guest)
        try:
            while data := await reader.read(65536):
                guest.protocol.receive_data(data)
                self.take(guest)
        finally:
            self.guests.remove(guest)

    def take(self, guest: Guest) -> None:
        for frame in guest.protocol.events_received():
            if isinstance(frame, Frame) and frame.opcode is Opcode.TEXT:
                self.frames += 1
                for line in bytes(frame.data).split(b"\n"):
                    if command := json.loads(line):
                        self.answer(guest, command)
                    else:
                        self.pongs += 1
        guest.flush()

    async def http(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = json.loads(await reader.readexactly(int(fields.get("content-length", 0))) or b"{}")
        method, path, _ = head.split(" ", 2)
        status, answer = self.platform(method, path, fields, body)
        content = json.dumps(answer).encode()
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)

    def platform(self, method: str, path: str, fields: dict[str, str], body: dict[str, Any]) -> tuple[int, object]:
        if path == "/dev/token":
            return (200, {"token": body["user"]}) if self.tokens else (404, {})
        if fields.get("authorization") != "bearer operator":
            return 401, {}
        user = path.split("/")[6]
        if method == "PUT":
            known = self.days.setdefault(user, body["days"]) is not body["days"]
            return (409 if known else 200), {}
        if method == "POST" and fields["idempotency-key"] not in self.keys:
            self.keys.add(fields["idempotency-key"])
            self.scores[user] = self.scores.get(user, 0) + body["amount"]
        above = [tier for tier in TIERS if tier > self.scores.get(user, 0)]
        return 200, {"next_tier": {"name": "next", "in": above[0] - self.scores.get(user, 0)} if above else None}


@asynccontextmanager
async def fake_room(room: FakeRoom) -> AsyncIterator[FakeRoom]:
    """The room on a free port of this machine."""
    server = await asyncio.start_server(room.serve, "127.0.0.1", 0)
    room.port = server.sockets[0].getsockname()[1]
    try:
        yield room
    finally:
        server.close()
        for guest in list(room.guests):
            guest.writer.transport.abort()
        await server.wait_closed()
        await until(lambda: not room.guests)
