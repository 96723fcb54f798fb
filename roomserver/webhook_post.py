"""One attempt to deliver a webhook: to the address that was checked, within 15 s, without following anybody."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from enum import Enum, auto

import httpx

from roomserver.webhook_address import ForbiddenAddress, Network, resolved

SECONDS = 15
"""For one attempt, looking up the name included, until the answer's status is there."""

ANSWER_BYTES, ANSWER_SECONDS = 64 * 1024, 1
"""Of an answer's body, which says nothing to us: so much is read that the connection can be used again."""

LookUp = Callable[[str, int, Sequence[Network]], Awaitable[str]]


class Attempt(Enum):
    """What became of an attempt: taken, to be made again, or the endpoint wants nothing any more (410)."""

    DONE = auto()
    FAILED = auto()
    GONE = auto()


class Post:
    """Posts to one URL; connections are this endpoint's own, since they are known by address, not by name.

    ``trust`` says whose certificates are believed: where none is given, those that browsers believe. ``look_up``
    finds the address to connect to, or raises.
    """

    def __init__(
        self,
        url: str,
        *,
        listed: Sequence[Network] = (),
        trust: ssl.SSLContext | None = None,
        look_up: LookUp = resolved,
    ) -> None:
        self._url = httpx.URL(url)
        self._listed = tuple(listed)
        self._look_up = look_up
        self._client = httpx.AsyncClient(
            verify=True if trust is None else trust,
            follow_redirects=False,
            trust_env=False,
            timeout=SECONDS,
            limits=httpx.Limits(max_connections=16),
        )

    async def close(self) -> None:
        """Give every connection back."""
        await self._client.aclose()

    async def attempt(self, body: bytes, headers: Mapping[str, str]) -> tuple[Attempt, str]:
        """Deliver a body; what became of it, and why in a few words for the operator's log."""
        try:
            status = await self._post(body, headers)
        except ForbiddenAddress as error:
            return Attempt.FAILED, f"the address is not allowed: {error}"
        except TimeoutError:
            return Attempt.FAILED, f"no answer within {SECONDS} s"
        except (OSError, UnicodeError, httpx.HTTPError) as error:  # names may have labels that no name has
            return Attempt.FAILED, str(error) or type(error).__name__
        if status == httpx.codes.GONE:
            return Attempt.GONE, "status 410"
        done = httpx.codes.is_success(status)
        return (Attempt.DONE if done else Attempt.FAILED), f"status {status}"

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> int:
        """The answer's status, which alone says whether it was taken, however its body goes on."""
        async with asyncio.timeout(SECONDS):
            response = await self._answer(body, headers)
        try:
            await _skim(response)
        finally:
            await response.aclose()
        return response.status_code

    async def _answer(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        url = self._url
        port = url.port or (443 if url.scheme == "https" else 80)
        address = await self._look_up(url.host, port, self._listed)
        named = {"Host": url.netloc.decode(), "Content-Type": "application/json", "User-Agent": "roomserver"}
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers={**named, **headers},
            extensions={"sni_hostname": url.host},  # the certificate is the name's, wherever it leads
        )
        return await self._client.send(request, stream=True)


async def _skim(response: httpx.Response) -> None:
    read = 0
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(ANSWER_SECONDS):
            async for chunk in response.aiter_raw():
                read += len(chunk)
                if read > ANSWER_BYTES:
                    return
