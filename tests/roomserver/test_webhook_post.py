"""One attempt over a real socket: what counts as taken, and where it must not go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from roomserver.webhook_address import LOOPBACK
from roomserver.webhook_post import Attempt, Post


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that says the same to everybody; its URL, and what it was sent."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(next(line for line in head.lower().split(b"\r\n") if b"content-length" in line).split(b":")[1])
        heard.append(head + await reader.readexactly(size))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://localhost:{server.sockets[0].getsockname()[1]}/hook?a=b", heard


def answer(status: str, *more: str, body: str = "") -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", *more, f"Content-Length: {len(body)}", "Connection: close"])
    return f"{head}\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("status", "became"),
    [
        ("200 OK", Attempt.DONE),
        ("204 No Content", Attempt.DONE),
        ("410 Gone", Attempt.GONE),
        ("400 Bad Request", Attempt.FAILED),
        ("404 Not Found", Attempt.FAILED),
        ("429 Too Many Requests", Attempt.FAILED),
        ("500 Internal Server Error", Attempt.FAILED),
    ],
)
async def test_what_an_answer_means(status: str, became: Attempt) -> None:
    async with answering(answer(status, body="x" * 200_000 if status == "200 OK" else "")) as (url, heard):
        post = Post(url, listed=LOOPBACK)
        assert (await post.attempt(b'{"a":1}', {"webhook-id": "x"}))[0] is became
        await post.close()
    [request] = heard
    assert request.startswith(b"POST /hook?a=b HTTP/1.1\r\n")
    assert request.endswith(b'\r\n\r\n{"a":1}')
    assert b"\r\nwebhook-id: x\r\n" in request
    assert b"\r\nHost: localhost:" in request


async def test_nobody_is_followed() -> None:
    async with answering(answer("200 OK")) as (other, heard):
        for status in ("301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
            async with answering(answer(status, f"Location: {other}")) as (url, _):
                post = Post(url, listed=LOOPBACK)
                assert (await post.attempt(b"{}", {}))[0] is Attempt.FAILED
                await post.close()
        assert heard == []


async def test_an_address_that_is_not_listed_is_not_even_connected_to() -> None:
    async with answering(answer("200 OK")) as (url, heard):
        post = Post(url)
        became, why = await post.attempt(b"{}", {})
        await post.close()
        assert became is Attempt.FAILED
        assert why.startswith("the address is not allowed: localhost is ")
        assert heard == []


async def test_an_endpoint_that_is_not_there_is_a_failure() -> None:
    async with answering(answer("200 OK")) as (url, _):
        pass
    post = Post(url, listed=LOOPBACK)
    assert (await post.attempt(b"{}", {}))[0] is Attempt.FAILED
    await post.close()


async def test_what_is_no_http_is_a_failure() -> None:
    async with answering(b"SSH-2.0-OpenSSH\r\n\r\n") as (url, _):
        post = Post(url, listed=LOOPBACK)
        assert (await post.attempt(b"{}", {}))[0] is Attempt.FAILED
        await post.close()
