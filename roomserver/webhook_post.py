"""One attempt to deliver a webhook: to the address that was checked, within 15 s, without following anybody."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum, auto

import httpx

from roomserver.clock import wall_ms
from roomserver.webhook_address import ForbiddenAddress, LookUp, Network, resolved

SECONDS = 15
"""For one attempt, looking up the name included, until the answer's status is there."""

ANSWER_BYTES, ANSWER_SECONDS = 64 * 1024, 1
"""Of an answer's body, which says nothing to us: so much is read that the connection can be used again."""


class NoAnswer(Exception):
    """Whoever was asked gave no answer, or none that can be used: why, in a few words for the operator's log."""


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
        connections: int = 16,
    ) -> None:
        self._url = httpx.URL(url)
        self._listed = tuple(listed)
        self._look_up = look_up
        self._client = httpx.AsyncClient(
            verify=True if trust is None else trust,
            follow_redirects=False,
            trust_env=False,
            timeout=SECONDS,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )

    async def close(self) -> None:
        """Give every connection back."""
        await self._client.aclose()

    async def attempt(self, body: bytes, headers: Mapping[str, str]) -> tuple[Attempt, str, float]:
        """Deliver a body; what became of it, why in a few words for the log, and how many seconds to wait at least.

        These are what the endpoint asks for with `Retry-After`; 0 when it does not.
        """
        try:
            status, wait = await self._post(body, headers)
        except ForbiddenAddress as error:
            return Attempt.FAILED, f"the address is not allowed: {error}", 0.0
        except TimeoutError:
            return Attempt.FAILED, f"no answer within {SECONDS} s", 0.0
        except (OSError, UnicodeError, httpx.HTTPError) as error:  # names may have labels that no name has
            return Attempt.FAILED, str(error) or type(error).__name__, 0.0
        if status == httpx.codes.GONE:
            return Attempt.GONE, "status 410", 0.0
        done = httpx.codes.is_success(status)
        return (Attempt.DONE if done else Attempt.FAILED), f"status {status}", wait

    async def asked(self, body: bytes, headers: Mapping[str, str], *, most: int) -> bytes:
        """What a question is answered with, in at most so many bytes; who asks sets a deadline.

        Raises NoAnswer.
        """
        try:
            response = await self._answer(body, headers)
            try:
                return await _whole(response, most)
            finally:
                await response.aclose()
        except ForbiddenAddress as error:
            raise NoAnswer(f"the address is not allowed: {error}") from None
        except (OSError, UnicodeError, httpx.HTTPError) as error:
            raise NoAnswer(str(error) or type(error).__name__) from None

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, float]:
        """The answer's status, which alone says whether it was taken, and the seconds that it asks for."""
        async with asyncio.timeout(SECONDS):
            response = await self._answer(body, headers)
        try:
            await _skim(response)
        finally:
            await response.aclose()
        return response.status_code, asked_wait(response.headers.get("retry-after", ""))

    async def _answer(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        url = self._url
        port = url.port or (443 if url.scheme == "https" else 80)
        address = await self._look_up(url.host, port, self._listed)
        named = {"Host": url.netloc.decode(), "Content-Type": "application/json", "User-Agent": "roomserver"}
        named["Accept-Encoding"] = "identity"
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers={**named, **headers},
            extensions={"sni_hostname": url.host},  # the certificate is the name's, wherever it leads
        )
        return await self._client.send(request, stream=True)


def asked_wait(text: str) -> float:
    """The seconds that a `Retry-After` asks for (RFC 9110, 10.2.3), as a number or a date; 0 for what is neither."""
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, at.timestamp() - wall_ms() / 1000)


async def _skim(response: httpx.Response) -> None:
    read = 0
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(ANSWER_SECONDS):
            async for chunk in response.aiter_raw():
                read += len(chunk)
                if read > ANSWER_BYTES:
                    return


async def _whole(response: httpx.Response, most: int) -> bytes:
    """Raises NoAnswer."""
    if response.status_code != httpx.codes.OK:
        raise NoAnswer(f"status {response.status_code}")
    read = b""
    async for chunk in response.aiter_raw():
        read += chunk
        if len(read) > most:
            raise NoAnswer(f"an answer of more than {most} bytes")
    return read
