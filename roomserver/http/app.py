"""The HTTP applications: all routes, behind one guard; the platform's may be apart, at a listener of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastapi import FastAPI

from media.backend import PublishLimits
from media.null import Null
from media.whipwhep import WhipWhep
from roomserver.admission import Admission, Listed, Local
from roomserver.http.dev import Issue, development
from roomserver.http.guard import Guard
from roomserver.http.health import health
from roomserver.http.media import media
from roomserver.http.media_hook import media_hook
from roomserver.http.members import members
from roomserver.http.outbox import outbox
from roomserver.http.pages import OPERATOR_PAGES, ROOM_PAGES, add_pages, find_pages
from roomserver.http.problems import DOCUMENTED, answer_with_problems
from roomserver.http.publish import publishing
from roomserver.http.rooms import rooms
from roomserver.http.users import users
from roomserver.pictures import Pictures
from roomserver.server import RoomServer

DESCRIPTION = "/api/openapi.json"
"""Where the API describes itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may do what over HTTP: the operator's keys, and ``issue`` where tokens are given to anybody.

    ``elsewhere`` are origins to which pages may connect too: those of a media server that clients are sent to.
    ``apart``: the platform has a listener of its own, and no call where the viewers are.
    """

    admission: Admission
    operator: Sequence[str] = field(repr=False)
    issue: Issue | None = None
    elsewhere: Sequence[str] = ()
    apart: bool = False


def make_app(
    server: RoomServer, access: Access, *, version: str, pictures: Pictures | None = None, pages: Path | None = None
) -> FastAPI:
    """The application of a server; ``pages`` is where the built pages lie, by default where they are found."""
    app = _guarded(server, access, version)
    if not access.apart:
        _add_platform(app, server)
    shown = pictures or Pictures(server, Null(), PublishLimits())
    app.include_router(media(shown, server))
    if isinstance(shown.backend, WhipWhep):
        app.include_router(media_hook(shown, server))
    if access.issue is not None:
        app.include_router(development(access.issue))
    add_pages(app, pages or find_pages(), ROOM_PAGES if access.apart else ROOM_PAGES | OPERATOR_PAGES, access.elsewhere)
    return app


def make_platform_app(server: RoomServer, access: Access, *, version: str, pages: Path | None = None) -> FastAPI:
    """The application of the platform's own listener: its calls, health, metrics and their page, nothing for viewers.

    It goes by any name that its network has for it, but to pages of no other site; in development as everywhere there.
    """
    admission = access.admission if isinstance(access.admission, Local) else Listed.of((), ())
    app = _guarded(server, replace(access, admission=admission, apart=False), version)
    _add_platform(app, server)
    add_pages(app, pages or find_pages(), OPERATOR_PAGES)
    return app


def _guarded(server: RoomServer, access: Access, version: str) -> FastAPI:
    """An application with what is asked everywhere: whether the server lives and is ready."""
    app = FastAPI(
        title="roomserver",
        summary="The real-time room behind an e-commerce live stream.",
        version=version,
        openapi_url=None if access.apart else DESCRIPTION,
        docs_url=None,  # the usual pages load scripts from other hosts
        redoc_url=None,
        redirect_slashes=False,
        responses=DOCUMENTED,
    )
    metrics = server.metrics
    app.add_middleware(
        Guard,
        admission=access.admission,
        operator=access.operator,
        apart=access.apart,
        gate=server.door.gate,
        count=lambda status: metrics.problems.labels(status).inc(),
    )
    answer_with_problems(app, lambda code: metrics.refusals.labels(code).inc())
    app.include_router(health(server, access.operator, version))
    return app


def _add_platform(app: FastAPI, server: RoomServer) -> None:
    """The calls of the platform's back end."""
    for routes in (rooms, members, users, publishing, outbox):
        app.include_router(routes(server))
