"""`centrifuge` from npm, unmodified, led over a pipe."""

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE
from tests.sdk.face import Sdk, Tokens
from tests.server import Json
from tests.story.wire import Refusal

PROGRAM = Path(__file__).parent.parent / "js" / "client.mjs"


class NodeSdk(Sdk):
    """`centrifuge` from npm, in a Node process."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self._process = process
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._tokens: Tokens | None = None

    async def connect(self, token: str, tokens: Tokens | None = None) -> None:
        self._tokens = tokens
        await self.ask("connect", token=token)

    async def subscribe(self, channel: str) -> None:
        await self.ask("subscribe", channel=channel)

    async def ask(self, doing: str, **rest: object) -> Any:
        number = len(self._answers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        self._write({"n": number, "do": doing, **rest})
        async with asyncio.timeout(PATIENCE):
            answer = await self._answers[number]
        if "error" in answer:
            raise Refusal(answer["error"])
        return answer["result"]

    async def listen(self) -> None:
        """Take what the program says until it ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            said = json.loads(line)
            if "n" in said:
                self._answers[said["n"]].set_result(said)
                continue
            self.heard.note(said)
            if said["on"] == "token" and self._tokens is not None:
                self._write({"token": await self._tokens()})

    def _write(self, message: Json) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")


@asynccontextmanager
async def node_sdk(node: Path, url: str, *, protobuf: bool) -> AsyncIterator[Sdk]:
    """A client in a Node process, not connected yet; gone at the end."""
    encoding = "protobuf" if protobuf else "json"
    process = await asyncio.create_subprocess_exec(node, PROGRAM, encoding, url, stdin=PIPE, stdout=PIPE, limit=1 << 24)
    sdk = NodeSdk(process)
    listening = asyncio.create_task(sdk.listen())
    try:
        yield sdk
    finally:
        await _end(process)
        await listening


async def _end(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
