"""Tells another media server to put somebody out."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpx

from media.whipwhep import Kick

SECONDS = 5

log = logging.getLogger(__name__)


@asynccontextmanager
async def kicking(at: str | None) -> AsyncIterator[Kick | None]:
    """How to do it, while the block lasts; ``at`` is a method and an address with ``{session}`` in it."""
    if at is None:
        yield None
        return
    method, _, template = at.partition(" ")
    async with httpx.AsyncClient(trust_env=False, timeout=SECONDS) as client:

        async def kick(session: str) -> None:
            url = template.replace("{session}", quote(session, safe=""))
            try:
                response = await client.request(method, url)
            except httpx.HTTPError as error:
                log.warning("a media server could not be told to put somebody out", extra={"why": str(error)})
                return
            if not response.is_success:
                log.warning("a media server put nobody out", extra={"status": response.status_code})

        yield kick
