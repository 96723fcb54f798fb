from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest

from roomserver.media_kick import kicking


@contextlib.asynccontextmanager
async def answering(status: str, asked: list[str]) -> AsyncIterator[str]:
    """A server that notes what it is asked, and answers with a status."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode().rpartition(" ")[0])
        while (await reader.readline()).strip():
            pass
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_the_other_server_is_told_whom_to_put_out(method: str) -> None:
    asked: list[str] = []
    async with answering("200 OK", asked) as at, kicking(f"{method} {at}/kick/{{session}}") as kick:
        assert kick is not None
        await kick("s-1")
    assert asked == [f"{method} /kick/s-1"]


async def test_a_server_that_does_not_do_it_or_is_not_there_is_written_down(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with answering("404 Not Found", []) as at, kicking(f"POST {at}/{{session}}") as kick:
        assert kick is not None
        await kick("s-1")
    async with kicking(f"POST {at}/{{session}}") as kick:
        assert kick is not None
        await kick("s-1")
    assert [record.getMessage() for record in caplog.records] == [
        "a media server put nobody out",
        "a media server could not be told to put somebody out",
    ]


async def test_where_nothing_is_said_nobody_is_told() -> None:
    async with kicking(None) as kick:
        assert kick is None
