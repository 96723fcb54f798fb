"""A client made of nothing but the wire contract, in both encodings: it can also say what no SDK would.

Requests and replies have the shape of the JSON encoding in both; the Protobuf codec is that of an SDK, not ours.
"""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from centrifuge.protocol import client_pb2  # type: ignore[import-untyped]  # the SDK says no types
from google.protobuf.json_format import MessageToDict, ParseDict
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.patience import PATIENCE
from tests.server import Json

BUSY = 1010
"""The code with which a server that is behind puts off what matters least."""


class Refusal(Exception):
    """The server answered with an error."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = int(error["code"])
        self.message = str(error["message"])
        self.temporary = bool(error.get("temporary", False))


class Heard:
    """What somebody was told, in order, and waiting for it with a limit."""

    def __init__(self) -> None:
        self.all: list[Json] = []
        self._news = asyncio.Event()

    def note(self, told: Json) -> None:
        self.all.append(told)
        self._news.set()

    async def until(self, done: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Wait until something holds, looking again whenever there is news."""
        try:
            async with asyncio.timeout(seconds):
                while not done():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not told within {seconds} s; last was {self.all[-8:]}") from None

    async def first(self, wanted: Callable[[Json], object], *, after: int = 0, seconds: float = PATIENCE) -> Json:
        """The first thing of a kind, from the `after`-th on."""
        await self.until(lambda: any(wanted(one) for one in self.all[after:]), seconds)
        return next(one for one in self.all[after:] if wanted(one))


class Wire:
    """One connection."""

    def __init__(self, connection: ClientConnection, *, protobuf: bool) -> None:
        self.connection = connection
        self.protobuf = protobuf
        self.heard = Heard()
        self.client = ""
        self._ids = 0
        self._answers: dict[int, asyncio.Future[Json]] = {}

    # --- saying

    async def say(self, *commands: Json) -> None:
        """Send commands in one frame."""
        if self.protobuf:
            await self.connection.send(b"".join(_delimited(_protobuf(one)) for one in commands))
        else:
            await self.connection.send("\n".join(json.dumps(one) for one in commands))

    async def ask(self, **request: object) -> Json:
        """Send one request; its reply, be it an error or not."""
        [reply] = await self.ask_at_once(request)
        return reply

    async def ask_at_once(self, *requests: Json) -> list[Json]:
        """Send requests in one frame; their replies, be they errors or not."""
        asked = dict(enumerate(requests, self._ids + 1))
        self._ids += len(asked)
        answers = {number: asyncio.get_running_loop().create_future() for number in asked}
        self._answers |= answers
        await self.say(*({"id": number, **request} for number, request in asked.items()))
        async with asyncio.timeout(PATIENCE):
            return [await answer for answer in answers.values()]

    async def done(self, **request: object) -> Json:
        """Send one request; its result.

        Raises Refusal.
        """
        reply = await self.ask(**request)
        if "error" in reply:
            raise Refusal(reply["error"])
        [kind] = request
        return dict(reply.get(kind, {}))

    async def rpc(self, method: str, **data: object) -> Any:
        return (await self.done(rpc={"method": method, "data": data})).get("data")

    async def chatter(self, room: str, *texts: str) -> list[Json]:
        """Say things all at once; what became of each: accepted, shed, or ``busy`` where nobody had time to hear it."""
        calls = [{"method": "danmaku.send", "data": {"room": room, "text": text}} for text in texts]
        return [_became(reply) for reply in await self.ask_at_once(*({"rpc": call} for call in calls))]

    async def join(self, room: str, **position: object) -> Json:
        return await self.done(subscribe={"channel": f"room:{room}", **position})

    # --- hearing

    def events(self, *kinds: str, channel: str = "room:") -> list[Json]:
        """The events of these kinds in batches of channels that begin so."""
        pushed = [one for one in self.heard.all if "pub" in one and one["channel"].startswith(channel)]
        told = [event for one in pushed for event in one["pub"]["data"]["events"]]
        return [event for event in told if not kinds or event["type"] in kinds]

    def batches(self) -> list[Json]:
        return [one["pub"] for one in self.heard.all if "pub" in one and one["channel"].startswith("room:")]

    async def event(self, kind: str, *, channel: str = "room:", **fields: object) -> Json:
        """The first event of a kind with these fields."""

        def matching() -> list[Json]:
            told = self.events(kind, channel=channel)
            return [one for one in told if all(one.get(name) == value for name, value in fields.items())]

        await self.heard.until(matching)
        return matching()[0]

    async def hears(self, kind: str, times: int) -> list[Json]:
        """The events of a kind, once there are so many."""
        await self.heard.until(lambda: len(self.events(kind)) >= times)
        return self.events(kind)

    async def ended(self) -> tuple[int, str]:
        """Code and reason of the close."""
        await self.heard.until(lambda: "closed" in self.heard.all[-1] if self.heard.all else False)
        return self.connection.close_code or 0, self.connection.close_reason or ""

    async def listen(self) -> None:
        """Take all that comes until the connection ends."""
        try:
            async for frame in self.connection:
                for message in _messages(frame):
                    await self._take(message)
        except ConnectionClosed:
            pass
        self.heard.note({"closed": self.connection.close_code})
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError(f"closed with {self.connection.close_code}"))
                answer.exception()  # seen: whoever waits raises it, and nobody has to wait

    async def _take(self, message: Json) -> None:
        if not message:
            await self.connection.send(b"\0" if self.protobuf else "{}")
        elif "id" in message:
            self._answers[message["id"]].set_result(message)
        else:
            self.heard.note(message["push"])


def _became(reply: Json) -> Json:
    """What became of something that was said."""
    if "error" not in reply:
        return dict(reply["rpc"]["data"])
    if reply["error"]["code"] != BUSY:
        raise Refusal(reply["error"])
    return {"status": "busy"}


@asynccontextmanager
async def dialled(url: str, *, protobuf: bool = False, deflate: bool = False) -> AsyncIterator[Wire]:
    """A connection on which nothing has been said yet; with ``deflate`` it offers to take compressed frames."""
    target = f"{url}?format=protobuf" if protobuf else url
    offered = "deflate" if deflate else None
    async with connect(target, compression=offered, ping_interval=None, proxy=None, max_size=None) as connection:
        wire = Wire(connection, protobuf=protobuf)
        listening = asyncio.create_task(wire.listen())
        try:
            yield wire
        finally:
            await connection.close()
            await listening


@asynccontextmanager
async def viewer(
    url: str, token: str, room: str | None, *, protobuf: bool = False, deflate: bool = False
) -> AsyncIterator[Wire]:
    """Somebody who is connected and, when a room is given, has joined it."""
    async with dialled(url, protobuf=protobuf, deflate=deflate) as wire:
        wire.client = (await wire.done(connect={"token": token}))["client"]
        if room is not None:
            await wire.join(room)
        yield wire


async def together(*waits: Awaitable[Any]) -> Sequence[Any]:
    """Several at once; their results in order."""

    async def one(wait: Awaitable[Any]) -> Any:
        return await wait

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one(wait)) for wait in waits]
    return [task.result() for task in running]


_numbers = count()


def fresh(prefix: str) -> str:
    """An id that no other test uses, nor another run."""
    return f"{prefix}-{secrets.token_hex(2)}{next(_numbers):04x}"


# --- the two encodings


def _messages(frame: str | bytes) -> list[Json]:
    if isinstance(frame, str):
        return [json.loads(line) for line in frame.split("\n")]
    found = []
    while frame:
        size, begin = _varint(frame)
        reply = client_pb2.Reply.FromString(frame[begin : begin + size])
        found.append(_plain(MessageToDict(reply, preserving_proto_field_name=True)))
        frame = frame[begin + size :]
    return found


def _plain(value: Any, name: str = "") -> Any:
    """Protobuf's JSON mapping turned into the protocol's own: bytes are JSON, numbers of 64 bits are numbers."""
    match value:
        case dict():
            return {key: _plain(one, key) for key, one in value.items()}
        case list():
            return [_plain(one) for one in value]
        case str() if name in ("data", "conn_info"):
            return json.loads(base64.b64decode(value))
        case str() if name == "offset":
            return int(value)
    return value


def _protobuf(command: Json) -> bytes:
    packed = {key: _packed(one) if isinstance(one, dict) else one for key, one in command.items()}
    message: bytes = ParseDict(packed, client_pb2.Command()).SerializeToString()
    return message


def _packed(request: Json) -> Json:
    if "data" not in request:
        return request
    return {**request, "data": base64.b64encode(json.dumps(request["data"]).encode()).decode()}


def _delimited(message: bytes) -> bytes:
    size, head = len(message), bytearray()
    while size > 127:
        head.append(size & 127 | 128)
        size >>= 7
    return bytes([*head, size]) + message


def _varint(data: bytes) -> tuple[int, int]:
    value = shift = 0
    for place, byte in enumerate(data):
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place + 1
        shift += 7
    raise ValueError("a length without an end")
