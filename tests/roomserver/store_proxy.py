"""A go-between for a store on a unix socket that loses, holds back or rewrites what passes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit


class StoreProxy:
    """``url`` leads through it. Requests and replies pass while ``requests`` and ``replies`` are set; ``lose_request``
    and ``lose_reply`` cut the connection instead of passing the next one (a reply: after the store did the work).
    """

    def __init__(self, url: str, path: Path) -> None:
        parts = urlsplit(url)
        self.url = urlunsplit(parts._replace(path=str(path)))
        self.requests, self.replies = asyncio.Event(), asyncio.Event()
        self.requests.set()
        self.replies.set()
        self.lose_request = self.lose_reply = False
        self.rewrite: Callable[[bytes], bytes] = bytes
        self.store_path, self.path = parts.path, path

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        store_reader, store_writer = await asyncio.open_unix_connection(self.store_path)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_requests(reader, store_writer))
                group.create_task(self._pass_replies(store_reader, writer))
        except* (ConnectionError, EOFError):
            pass
        finally:
            writer.close()
            store_writer.close()

    async def _pass_requests(self, client: asyncio.StreamReader, store: asyncio.StreamWriter) -> None:
        while request := await client.read(1 << 20):
            await self.requests.wait()
            if self.lose_request:
                self.lose_request = False
                break
            store.write(request)
        raise EOFError

    async def _pass_replies(self, store: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        while reply := await store.read(1 << 20):
            await self.replies.wait()
            if self.lose_reply:
                self.lose_reply = False
                break
            client.write(self.rewrite(reply))
        raise EOFError


@asynccontextmanager
async def between(url: str, path: Path) -> AsyncIterator[StoreProxy]:
    """A proxy on a socket of its own, in front of the store of a URL."""
    proxy = StoreProxy(url, path)
    server = await asyncio.start_unix_server(proxy.serve, path)
    try:
        yield proxy
    finally:
        server.close()
