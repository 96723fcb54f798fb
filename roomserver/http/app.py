"""The HTTP application: all routes, behind one guard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI

from media.backend import PublishLimits
from media.null import Null
from media.whipwhep import WhipWhep
from roomserver.admission import Admission
from roomserver.http.dev import Issue, development
from roomserver.http.guard import Guard
from roomserver.http.health import health
from roomserver.http.media import media
from roomserver.http.media_hook import media_hook
from roomserver.http.members import members
from roomserver.http.outbox import outbox
from roomserver.http.pages import add_pages, find_pages
from roomserver.http.problems import DOCUMENTED, answer_with_problems
from roomserver.http.publish import publishing
from roomserver.http.rooms import rooms
from roomserver.http.users import users
from roomserver.pictures import Pictures
from roomserver.server import RoomServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may do what over HTTP: the operator's keys, and ``issue`` where tokens are given to anybody.

    ``elsewhere`` are origins to which pages may connect too: those of a media server that clients are sent to.
    """

    admission: Admission
    operator: Sequence[str] = field(repr=False)
    issue: Issue | None = None
    elsewhere: Sequence[str] = ()


def make_app(
    server: RoomServer, access: Access, *, version: str, pictures: Pictures | None = None, pages: Path | None = None
) -> FastAPI:
    """The application of a server; ``pages`` is where the built pages lie, by default where they are found."""
    app = FastAPI(
        title="roomserver",
        summary="The real-time room behind an e-commerce live stream.",
        version=version,
        openapi_url="/api/openapi.json",
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
        count=lambda status: metrics.problems.labels(status).inc(),
    )
    answer_with_problems(app, lambda code: metrics.refusals.labels(code).inc())
    app.include_router(health(server, access.operator, version))
    for routes in (rooms, members, users, publishing, outbox):
        app.include_router(routes(server))
    shown = pictures or Pictures(server, Null(), PublishLimits())
    app.include_router(media(shown, server))
    if isinstance(shown.backend, WhipWhep):
        app.include_router(media_hook(shown, server))
    if access.issue is not None:
        app.include_router(development(access.issue))
    add_pages(app, pages or find_pages(), access.elsewhere)
    return app
