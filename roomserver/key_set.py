"""Where the public keys come from: a file or an https address, read at start and again while the server runs."""

from __future__ import annotations

import asyncio
import logging
import re
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.client import HTTPException
from pathlib import Path
from typing import IO

from roomserver.tokens import KeySet, UnfitKeys

LARGEST = 64 * 1024
REFRESH_SECONDS = 300
FETCH_SECONDS = 5

_URL = re.compile(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]")

log = logging.getLogger(__name__)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A key set lies where it was configured; whoever could redirect could send us to any machine."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Nowhere: what remains is an HTTPError."""


def read_key_set(place: str) -> bytes:
    """The document at a path or URL.

    Raises OSError, also for a redirect or a status that is not 200, and ValueError for more than 64 KiB.
    """
    if "://" not in place:
        with Path(place).open("rb") as file:
            return _whole(file)
    if not _URL.match(place):
        raise ValueError("keys are fetched over https only")
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(place, timeout=FETCH_SECONDS) as response:
            return _whole(response)
    except HTTPException as error:  # no answer in HTTP is no OSError of theirs
        raise OSError(f"no answer in HTTP: {type(error).__name__}") from error


def _whole(source: IO[bytes]) -> bytes:
    document = source.read(LARGEST + 1)
    if len(document) > LARGEST:
        raise ValueError(f"more than {LARGEST} bytes")
    return document


@asynccontextmanager
async def followed(keys: KeySet, place: str) -> AsyncIterator[None]:
    """Keep the keys fresh for as long as the block lasts."""
    task = asyncio.create_task(_follow(keys, place), name="key set")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _follow(keys: KeySet, place: str) -> None:
    """Read the keys again every five minutes; the old ones stay while that fails."""
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        try:
            keys.take(await asyncio.to_thread(read_key_set, place))
        except (OSError, ValueError, UnfitKeys) as error:
            log.warning("the key set was not read again", extra={"why": str(error)[:200]})
