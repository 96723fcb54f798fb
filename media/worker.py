"""The media process: takes calls from standard input, forwards packets, and ends when nobody is there to call.

A process of its own, so that forwarding a key frame to hundreds of viewers delays no danmaku; what imports aiortc is
never imported by the room server.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from media.backend import PublishLimits, Reason, Rejected
from media.control import LONGEST, Said, line, named, read_call, refusal
from media.port import MediaPort
from media.sfu import Sfu

COUNT_SECONDS = 1.0
UNREAD_BYTES = 4 << 20
"""Beyond so much that the room server has not read, what is said to it is dropped, and counted."""

log = logging.getLogger(__name__)


class Lines:
    """Lines for the room server; ``unsaid`` were dropped because it does not read."""

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self.unsaid = 0
        self._transport = transport

    def __call__(self, data: bytes) -> None:
        """Write a line, or drop it."""
        if self._transport.get_write_buffer_size() < UNREAD_BYTES:
            self._transport.write(data)
        else:
            self.unsaid += 1


class Worker:
    """One media process's work; ``write`` takes lines for the room server."""

    def __init__(self, sfu: Sfu, write: Callable[[bytes], None]) -> None:
        self._sfu = sfu
        self._write = write
        self._answers: dict[str, Callable[..., Any]] = {
            "publish": self._publish,
            "play": sfu.play,
            "patch": sfu.patch,
            "close": sfu.close,
            "stage": sfu.stage,
        }

    def take(self, data: bytes) -> None:
        """Do what a line asks, and say what came of it."""
        call = read_call(data)
        try:
            given = self._answers[call.call](**call.arguments)
            said = Said(id=call.id, gave=named(given))
        except Rejected as rejected:
            said = Said(id=call.id, rejected=refusal(rejected))
        except Exception:
            log.exception("a call failed", extra={"call": call.call})
            said = Said(id=call.id, rejected=refusal(Rejected(Reason.AWAY, "something went wrong; it was logged")))
        self._write(line(said))

    def _publish(self, *, bitrate: int, **given: str) -> object:
        return self._sfu.publish(**given, limits=PublishLimits(bitrate=bitrate))

    async def tell_counts(self, lines: Lines) -> None:
        """Say the numbers now and then, until cancelled."""
        while True:
            await asyncio.sleep(COUNT_SECONDS)
            self._write(line(Said(counts={**self._sfu.counts(), "unsaid_total": lines.unsaid})))


async def work(host: str, port: int, addresses: Sequence[str]) -> None:
    """Serve until standard input ends.

    Raises OSError when the port is taken.
    """
    reader, write = await _pipes()
    media = MediaPort(host, port)
    async with asyncio.TaskGroup() as tasks:

        def spawn(work: Coroutine[Any, Any, None], name: str) -> object:
            return tasks.create_task(work, name=name)

        sfu = Sfu(media, addresses, spawn, lambda event: write(line(Said(event=named(event)))))
        worker = Worker(sfu, write)
        running = [
            tasks.create_task(sfu.run(), name="sfu"),
            tasks.create_task(worker.tell_counts(write), name="counts"),
        ]
        gc.collect()
        gc.freeze()
        write(line(Said(ready=media.number)))
        async for data in reader:
            worker.take(data)
        sfu.end_all()
        for task in running:
            task.cancel()
    media.close()


async def _pipes() -> tuple[asyncio.StreamReader, Lines]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LONGEST)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, sys.stdout)
    return reader, Lines(transport)
