"""What stands before every request: its Host and Origin, the size of its body, the operator's key; and after it.

Plain ASGI: nothing is decided by a route that could be forgotten there.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from roomserver.admission import Admission
from roomserver.gate import Gate
from roomserver.http.problems import ProblemResponse

BODY_BYTES = 64 * 1024
BODY_SECONDS = 10
API, METRICS = "/api", "/metrics"
PLATFORM = f"{API}/v1"
ANY_HOST = frozenset({"/livez", "/readyz"})
"""Asked by probes that know an address, not a name; they tell nothing that matters."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
}
CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content security policy of what is no page."""

log = logging.getLogger(__name__)


class Guard:
    """Middleware around the whole application; ``operator`` are the keys that may call the platform's part.

    ``apart``: the platform has a listener of its own, and nothing of its is here, whatever key somebody has. ``count``
    takes the status of every answer that is a problem, ``gate`` from where wrong keys come.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        admission: Admission,
        operator: Sequence[str],
        count: Callable[[int], None],
        gate: Gate,
        apart: bool = False,
    ) -> None:
        self._app = app
        self._admission = admission
        self._apart = apart
        self._gate = gate
        self._operator = [key.encode() for key in operator]
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        safe = _Sender(send, self._count)
        try:
            problem = self._refusal(scope["path"], Headers(scope=scope), (scope.get("client") or ("", 0))[0])
            body = b"" if problem else await _body(Headers(scope=scope), receive)
            if isinstance(body, bytes) and scope["path"].startswith(f"{PLATFORM}/"):
                body = _ambiguous(body) or body
            answer = problem or (body if isinstance(body, ProblemResponse) else self._app)
            await answer(scope, _replayed(body if isinstance(body, bytes) else b"", receive), safe)
        except ClientDisconnect:
            return
        except Exception:
            log.exception("a request failed", extra={"path": scope["path"], "method": scope["method"]})
            if not safe.started:
                await ProblemResponse(500, "something went wrong here; it was logged")(scope, receive, safe)

    def _refusal(self, path: str, headers: Headers, peer: str) -> ProblemResponse | None:
        host = ", ".join(headers.getlist("host"))  # whoever sends two is known under neither
        origin = ", ".join(headers.getlist("origin")) if "origin" in headers else None
        if path not in ANY_HOST and not self._admission.knows_host(host):
            return ProblemResponse(421, "this server is not known under that name")
        if not self._admission.knows_origin(origin, host):
            return ProblemResponse(403, "this origin is not on the server's list")
        if self._apart and (_is_under(API, path) or path == METRICS):
            return ProblemResponse(404, "there is nothing here")
        if _is_under(PLATFORM, path) or (path == METRICS and "authorization" in headers):
            return self._of_no_operator(headers, peer)
        return None

    def _of_no_operator(self, headers: Headers, peer: str) -> ProblemResponse | None:
        """Why a call is not the platform's; from where wrong keys came no key is looked at for a while."""
        address, at = self._gate.address(peer, forwarded(headers)), asyncio.get_running_loop().time()
        if wait := self._gate.wait_after_failures(address, at):
            return ProblemResponse(429, "too many failures", headers={"Retry-After": str(wait)})
        if bears(headers, self._operator):
            return None
        self._gate.failed(address, at)
        return ProblemResponse(401, "the operator's key is needed", headers={"WWW-Authenticate": "Bearer"})


def forwarded(headers: Headers) -> str | None:
    """The list of proxies of a request, of whose lines each proxy may have added one."""
    return ", ".join(headers.getlist("x-forwarded-for")) or None


def _is_under(folder: str, path: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def bears(headers: Headers, keys: Sequence[bytes]) -> bool:
    """Whether a request bears one of these keys; all are compared, each in constant time."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    matches = [hmac.compare_digest(given.strip().encode(), key) for key in keys]
    return scheme.lower() == "bearer" and any(matches)


class _Sender:
    """Sends, with the headers that every response has, and counts problems."""

    def __init__(self, send: Send, count: Callable[[int], None]) -> None:
        self._send = send
        self._count = count
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            if message["status"] >= 400:
                self._count(message["status"])
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", CLOSED)
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)


async def _body(headers: Headers, receive: Receive) -> bytes | ProblemResponse:
    """A request's whole body, or why it is not taken.

    Raises ClientDisconnect.
    """
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return b""
    too_large = ProblemResponse(413, f"a body has at most {BODY_BYTES} bytes", headers={"Connection": "close"})
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > BODY_BYTES:
        return too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                body += message.get("body", b"")
                if len(body) > BODY_BYTES:
                    return too_large
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        return ProblemResponse(408, f"the body did not come within {BODY_SECONDS} s", headers={"Connection": "close"})


def _ambiguous(body: bytes) -> ProblemResponse | None:
    """Why a body may be read otherwise by who looks at it on the way: the parser here would take UTF-16 and UTF-32."""
    if b"\0" in body or not _is_utf8(body):
        return ProblemResponse(400, "the body is no text in UTF-8")
    if _says_twice(body):
        return ProblemResponse(422, "the body has an object with two fields of one name")
    return None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _says_twice(body: bytes) -> bool:
    """Whether JSON says one thing twice: who looked at it on the way may have read the other; no JSON is not ours."""
    twice = False

    def single(pairs: list[tuple[str, object]]) -> None:
        nonlocal twice
        twice = twice or len({name for name, _ in pairs}) < len(pairs)

    with suppress(ValueError, RecursionError):
        json.loads(body, object_pairs_hook=single)
    return twice


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once more, as one message, and then whatever comes."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again
