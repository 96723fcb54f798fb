"""WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): an offer by POST, candidates by PATCH, the end by DELETE.

    POST   /whip/{room}            201, Location, ETag, the answer; 307 where the picture is carried elsewhere;
                                   with ?check nobody sees it, and it ends after 20 s
    POST   /whep/{room}?slots=…    the same; 409 with Retry-After while nobody publishes
    PATCH  /…/{room}/{session}     candidates 204; an ICE restart (If-Match: *) 200 with new credentials
    DELETE /…/{room}/{session}     200

Every request but a preflight bears the token that the room's connections bear; a session is only its owner's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Literal

from fastapi import APIRouter, Request, Response

from media.backend import MAIN, SLOTS, Answer, IceServer, Reason, Redirect, Rejected
from room.refusal import Refused
from roomserver.clock import secret_text
from roomserver.http.callers import Callers, TooMany
from roomserver.http.guard import forwarded
from roomserver.http.ids import RoomId
from roomserver.http.problems import ProblemResponse, of_refusal
from roomserver.identity import ExpiredToken, Identity, InvalidToken
from roomserver.picture_sessions import Session
from roomserver.pictures import Pictures
from roomserver.server import RoomServer

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"

STATUSES: Mapping[Reason, int] = {
    Reason.MALFORMED: 400,
    Reason.UNACCEPTABLE: 422,
    Reason.NOT_LIVE: 409,
    Reason.OCCUPIED: 409,
    Reason.NO_SESSION: 404,
    Reason.NO_TAG: 428,
    Reason.STALE_TAG: 412,
    Reason.FULL: 503,
    Reason.MANY: 429,
    Reason.AWAY: 503,
    Reason.NONE: 404,
}

EXPOSED = "Location, Link, ETag, Retry-After"
ALLOWED = "Authorization, Content-Type, If-Match"

Protocol = Literal["whip", "whep"]


class Negotiation:
    """Answers WHIP and WHEP requests."""

    def __init__(self, pictures: Pictures, server: RoomServer) -> None:
        self._pictures = pictures
        self._checks = server.checks
        self._metrics = server.metrics
        self._gate = server.door.gate
        self._at = server.shell.loop.time  # not the domain's clock, which may be set back
        self._callers = Callers()

    async def answer(self, request: Request, work: Callable[[Identity], Awaitable[Response]]) -> Response:
        """Do a request's work for whom it comes from, or say what is wrong; with the headers that scripts may read."""
        try:
            identity = self._identity(request)
            self._callers.check(self._caller(request, identity), round(self._at() * 1000))
            response = await work(identity)
        except (InvalidToken, ExpiredToken) as error:
            response = self._refused("token", _of_token(error))
        except TooMany as error:
            after = {"Retry-After": str(-(-error.wait // 1000))}
            response = self._refused("often", ProblemResponse(429, "too many requests", headers=after))
        except Rejected as rejected:
            response = self._refused(rejected.reason.value, _of_rejection(rejected))
        except Refused as refused:
            self._metrics.refusals.labels(refused.code).inc()
            response = of_refusal(refused)
        return _readable(request, response)

    def _identity(self, request: Request) -> Identity:
        """Whom its token names; what is wrong with it is held against its address.

        Raises InvalidToken, ExpiredToken, TooMany.
        """
        address, at = self._address(request), self._at()
        if wait := self._gate.wait_after_failures(address, at):
            raise TooMany(wait * 1000)
        try:
            return self._checks.verify(_bearer(request))
        except (InvalidToken, ExpiredToken):
            self._gate.failed(address, at)
            raise

    def told(self, request: Request) -> Response:
        """What can be asked; the ICE servers for whoever may offer (RFC 9725, 4.6), which no preflight may be told."""
        headers = {"Accept-Post": SDP, "Accept-Patch": FRAGMENT, "Allow": "POST, PATCH, DELETE, GET, HEAD, OPTIONS"}
        response = Response(status_code=200, headers=headers)
        if "authorization" in request.headers:
            with suppress(InvalidToken, ExpiredToken, TooMany):
                self._identity(request)
                _add_links(response, self._pictures.backend.ice_servers)
        return _readable(request, response)

    def _refused(self, reason: str, problem: Response) -> Response:
        self._metrics.media_refused.labels(reason).inc()
        return problem

    def _caller(self, request: Request, identity: Identity) -> str:
        """Whom a request is counted for: the person, or a guest's address; "" where the server does not know it."""
        if identity.user:
            return identity.user
        address = self._address(request)
        return address and f" {address}"  # no user's id begins so

    def _address(self, request: Request) -> str:
        peer = "" if request.client is None else request.client.host
        return self._gate.address(peer, forwarded(request.headers))

    async def offered(self, request: Request, identity: Identity, room: str, protocol: Protocol) -> Response:
        """Take an offer.

        Raises Refused, Rejected.
        """
        if _type(request) != SDP:
            return ProblemResponse(415, f"an offer is {SDP}", headers={"Accept-Post": SDP})
        if protocol == "whep":  # hosts are few, and all who come back with them wait for them
            self._callers.check_offer(round(self._at() * 1000))
        offer = _text(await request.body())
        actor, caller = identity.actor(room, secret_text(9)), self._caller(request, identity)
        if protocol == "whip":
            check = "check" in request.query_params
            answer = await self._pictures.publish(actor, room, offer, caller, issued=identity.issued, check=check)
        else:
            answer = await self._pictures.play(actor, room, _slots(request), offer, caller, issued=identity.issued)
        return _taken(answer, f"/{protocol}/{room}")

    async def patched(self, request: Request, identity: Identity, room: str, name: str) -> Response:
        """Take candidates, or restart ICE.

        Raises Rejected.
        """
        self._own(identity, room, name)
        if _type(request) != FRAGMENT:
            return ProblemResponse(415, f"candidates are {FRAGMENT}", headers={"Accept-Patch": FRAGMENT})
        fragment = _text(await request.body())
        patched = await self._pictures.patch(name, fragment, request.headers.get("if-match"))
        if patched.fragment is None:
            return Response(status_code=204)
        headers = {} if patched.etag is None else {"ETag": patched.etag}
        return Response(patched.fragment, status_code=200, media_type=FRAGMENT, headers=headers)

    async def ended(self, identity: Identity, room: str, name: str) -> Response:
        """End a session.

        Raises Rejected.
        """
        self._own(identity, room, name)
        await self._pictures.close(name)
        return Response(status_code=200)

    def _own(self, identity: Identity, room: str, name: str) -> Session:
        """The session, if it is the caller's; to anybody else there is none."""
        found = self._pictures.sessions.get(name)
        if found is None or (found.room, found.user) != (room, identity.user):
            raise Rejected(Reason.NO_SESSION, "there is no such session")
        return found


def media(pictures: Pictures, server: RoomServer) -> APIRouter:
    """The routes of both protocols."""
    negotiation = Negotiation(pictures, server)
    router = APIRouter(tags=["media"])
    _add(router, negotiation, "whip")
    _add(router, negotiation, "whep")
    return router


def _add(router: APIRouter, negotiation: Negotiation, protocol: Protocol) -> None:
    endpoint, session = f"/{protocol}/{{room}}", f"/{protocol}/{{room}}/{{name}}"

    @router.post(endpoint, status_code=201, operation_id=f"{protocol}_post", response_class=Response)
    async def post(request: Request, room: RoomId) -> Response:
        """Offer a session, as SDP; the answer's `Location` is where to change and to end it."""
        return await negotiation.answer(
            request, lambda identity: negotiation.offered(request, identity, room, protocol)
        )

    @router.patch(session, status_code=204, operation_id=f"{protocol}_patch", response_class=Response)
    async def patch(request: Request, room: RoomId, name: str) -> Response:
        """Send candidates, or restart ICE."""
        return await negotiation.answer(request, lambda identity: negotiation.patched(request, identity, room, name))

    @router.delete(session, operation_id=f"{protocol}_delete", response_class=Response)
    async def delete(request: Request, room: RoomId, name: str) -> Response:
        """End a session."""
        return await negotiation.answer(request, lambda identity: negotiation.ended(identity, room, name))

    @router.api_route(endpoint, methods=["GET", "HEAD"], include_in_schema=False)
    @router.api_route(session, methods=["GET", "HEAD"], include_in_schema=False)
    async def look(request: Request) -> Response:
        return _readable(request, Response(status_code=204, headers={"Content-Type": SDP}))

    @router.options(endpoint, include_in_schema=False)
    @router.options(session, include_in_schema=False)
    async def options(request: Request) -> Response:
        return negotiation.told(request)


def _slots(request: Request) -> tuple[str, ...]:
    """Raises Rejected."""
    slots = tuple(request.query_params.get("slots", MAIN).split(","))
    if len(set(slots)) != len(slots) or not set(slots) <= set(SLOTS):
        raise Rejected(Reason.UNACCEPTABLE, f"slots are some of {', '.join(SLOTS)}")
    return slots


def _taken(answer: Answer | Redirect, where: str) -> Response:
    if isinstance(answer, Redirect):
        response = Response(status_code=307, headers={"Location": answer.url})
    else:
        headers = {"Location": f"{where}/{answer.session}"} | ({} if answer.etag is None else {"ETag": answer.etag})
        response = Response(answer.sdp, status_code=201, media_type=SDP, headers=headers)
    _add_links(response, answer.ice_servers)
    return response


def _add_links(response: Response, servers: Iterable[IceServer]) -> None:
    for server in servers:
        response.headers.append("Link", _link(server))


def _link(server: IceServer) -> str:
    """A server as a link (RFC 9725, 4.6)."""
    said = f'<{server.url}>; rel="ice-server"'
    if server.username is not None:
        said += f'; username="{server.username}"; credential="{server.credential}"; credential-type="password"'
    return said


def _readable(request: Request, response: Response) -> Response:
    """Let scripts of the page's site read a response; whether the site may ask at all was decided before."""
    origin = request.headers.get("origin")
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers["Vary"] = "Origin"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "POST, PATCH, DELETE"
            response.headers["Access-Control-Allow-Headers"] = ALLOWED
            response.headers["Access-Control-Max-Age"] = "600"
    return response


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _of_token(error: InvalidToken | ExpiredToken) -> ProblemResponse:
    what = "has expired" if isinstance(error, ExpiredToken) else "is missing or not accepted"
    return ProblemResponse(401, f"the token {what}", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _of_rejection(rejected: Rejected) -> ProblemResponse:
    after = {} if rejected.retry_after is None else {"Retry-After": str(rejected.retry_after)}
    return ProblemResponse(STATUSES[rejected.reason], rejected.detail, headers=after, reason=rejected.reason.value)


def _type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _text(body: bytes) -> str:
    """Raises Rejected."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Rejected(Reason.MALFORMED, "this is no UTF-8") from None
