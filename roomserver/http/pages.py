"""The built pages, with the policies that keep strangers' scripts out of them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'{others}; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing inline, nothing from elsewhere but avatars; text becomes markup nowhere."""

FOREVER = "public, max-age=31536000, immutable"
"""For files whose names change with their content."""

UNBUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>roomserver</title>
<h1>The pages are not built yet</h1>
<p>In the checkout, run <code>make run</code>, or <code>cd web &amp;&amp; npm ci &amp;&amp; npm run build</code>,
and start the server again. The real-time endpoint and the API work without them.</p>
<p lang="zh">页面尚未构建：请在代码目录中运行 <code>make run</code>，然后重启服务器。</p></html>
"""

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


def find_pages() -> Path | None:
    """Where the built pages lie: in the installed package, or in a checkout; None when they were not built."""
    package = Path(__file__).parent.parent
    places = (package / "pages", package.parent / "web" / "dist")
    return next((place for place in places if (place / "index.html").is_file()), None)


def policy(host: str, elsewhere: Sequence[str] = ()) -> str:
    """The content security policy of a page that is served under a host; pictures come from origins ``elsewhere``."""
    sockets = (f"ws://{host}", f"wss://{host}") if _HOST.fullmatch(host) else ()
    return POLICY.format(others="".join(f" {origin}" for origin in (*sockets, *elsewhere)))


class _Assets(StaticFiles):
    """Files whose names change with their content, deflated for who takes it: that halves what a phone waits for."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept for good."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = FOREVER
        response.headers["Vary"] = "Accept-Encoding"
        asked = Headers(scope=scope)
        if (
            not isinstance(response, FileResponse)
            or "range" in asked
            or not takes_gzip(asked.get("accept-encoding", ""))
        ):
            return response
        small = await run_in_threadpool(_packed, str(response.path))
        headers = {**response.headers, "content-encoding": "gzip", "content-length": str(len(small))}
        return Response(small, headers=headers)


def takes_gzip(accepted: str) -> bool:
    """Whether an `Accept-Encoding` names gzip, or anything, and does not refuse it."""
    weights = {}
    for offer in accepted.replace(" ", "").lower().split(","):
        name, _, quality = offer.partition(";q=")
        weights[name] = quality
    return re.fullmatch(r"0(\.0*)?", weights.get("gzip", weights.get("*", "0"))) is None


@lru_cache(maxsize=256)  # some forty files, which never change under their names
def _packed(path: str) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)


ROOM_PAGES = {"/": "index.html", "/host": "host.html"}
"""The file of each page that is in a room: the viewer's, the host's."""

OPERATOR_PAGES = {"/ops": "ops.html"}
"""The operator's, which is where its figures are (`/metrics`)."""


def add_pages(app: FastAPI, pages: Path | None, shown: Mapping[str, str], elsewhere: Sequence[str] = ()) -> None:
    """Serve pages, by their paths, and what they load.

    ``pages`` is where they lie; None: they were not built. ``elsewhere`` are origins to which clients are sent for
    pictures; the operator's page, which may hold his key, asks nobody but this server.
    """
    router = APIRouter(include_in_schema=False)
    for path, name in shown.items():
        connects = elsewhere if path in ROOM_PAGES else ()
        router.add_api_route(path, _page(pages and pages / name, connects), methods=["GET", "HEAD"])
    app.include_router(router)
    if pages is not None:
        app.mount("/assets", _Assets(directory=pages / "assets", check_dir=False))


def _page(file: Path | None, elsewhere: Sequence[str]) -> Callable[[Request], Response]:
    """Answers with a page as it is now, under its policy."""

    def page(request: Request) -> Response:
        if file is None or not file.is_file():
            return HTMLResponse(UNBUILT, status_code=503)
        allowed = policy(request.headers.get("host", ""), elsewhere)
        headers = {"Content-Security-Policy": allowed, "Cache-Control": "no-store"}
        return HTMLResponse(file.read_bytes(), headers=headers)

    return page
