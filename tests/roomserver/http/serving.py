"""An application on a server whose store is memory, asked without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI

from media.backend import MediaBackend, PublishLimits
from media.null import Null
from roomserver.addresses import Proxies
from roomserver.admission import Admission, Local
from roomserver.config import RoomsSection
from roomserver.features import make_house
from roomserver.http.app import Access, make_app
from roomserver.http.dev import Issue
from roomserver.memory_store import MemoryStore
from roomserver.pictures import Pictures
from roomserver.server import Options, RoomServer
from roomserver.tokens import Rules, Secrets, TokenChecks

KEY = "k" * 32
OLD_KEY = "o" * 32
SECRET = "s" * 32
HERE = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Serving:
    """The parts, and a client that bears the operator's key."""

    server: RoomServer
    store: MemoryStore
    app: FastAPI
    http: httpx.AsyncClient
    pictures: Pictures
    access: Access

    def stranger(self, *, address: str = "127.0.0.1", base: str = HERE) -> httpx.AsyncClient:
        """A client without a key."""
        transport = httpx.ASGITransport(self.app, client=(address, 5000))
        return httpx.AsyncClient(transport=transport, base_url=base, trust_env=False)


@asynccontextmanager
async def serving(
    *,
    store: MemoryStore | None = None,
    admission: Admission | None = None,
    issue: Issue | None = None,
    defaults: RoomsSection | None = None,
    pages: Path | None = None,
    backend: MediaBackend | None = None,
    rules: Rules | None = None,
    apart: bool = False,
    proxies: Proxies | None = None,
) -> AsyncIterator[Serving]:
    """A running server and its application; ``apart``: the platform's calls are not among its."""
    store, defaults = store or MemoryStore(), defaults or RoomsSection()
    admission = admission or Local()
    checks = TokenChecks(Secrets([SECRET]), rules or Rules())
    options = Options(
        house=make_house(pictures=backend is not None),
        store=store,
        checks=checks,
        version="test",
        admits=admission,
        zone=defaults.zone,
        boundary=defaults.minutes,
        proxies=proxies,
    )
    async with RoomServer(options).running() as server:
        access = Access(admission=admission, operator=(KEY, OLD_KEY), issue=issue, apart=apart)
        pictures = Pictures(server, backend or Null(), PublishLimits())
        app = make_app(server, access, version="1", pictures=pictures, pages=pages)
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 5000))
        headers = {"Authorization": f"Bearer {KEY}"}
        client = httpx.AsyncClient(transport=transport, base_url=HERE, headers=headers, trust_env=False)
        async with client as http, pictures.following():
            yield Serving(server, store, app, http, pictures, access)


def is_problem(response: httpx.Response, status: int) -> bool:
    """Whether a response is a problem of this status, as RFC 9457 has it."""
    said = response.json()
    return (
        response.status_code == status == said["status"]
        and response.headers["content-type"] == "application/problem+json"
        and {"type", "title", "detail"} <= said.keys()
    )
