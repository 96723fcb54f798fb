"""The pages, and what keeps strangers' scripts out of them."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from roomserver.http.pages import OPERATOR_PAGES, ROOM_PAGES, add_pages, find_pages, policy, takes_gzip
from roomserver.media_config import MediaSection, elsewhere
from tests.roomserver.http.serving import is_problem, serving


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Pages as a build leaves them."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>room</title>")
    (tmp_path / "host.html").write_text("<!doctype html><title>desk</title>")
    (tmp_path / "ops.html").write_text("<!doctype html><title>server</title>")
    (tmp_path / "assets" / "viewer-abc.js").write_text("1")
    (tmp_path / "secret.txt").write_text("hush")
    return tmp_path


@pytest.mark.parametrize(("path", "title"), [("/", "room"), ("/host", "desk"), ("/ops", "server")])
async def test_a_page_comes_with_a_policy_for_its_host_and_is_not_kept(pages: Path, path: str, title: str) -> None:
    async with serving(pages=pages) as on:
        response = await on.stranger().get(path)
        assert (await on.stranger().head(path)).status_code == 200
    assert response.text == f"<!doctype html><title>{title}</title>"
    assert response.headers["cache-control"] == "no-store"
    said = response.headers["content-security-policy"]
    assert "connect-src 'self' ws://127.0.0.1:8000 wss://127.0.0.1:8000;" in said
    assert "unsafe" not in said
    for directive in (
        "default-src 'none'",
        "script-src 'self'",
        "require-trusted-types-for 'script'",
        "base-uri 'none'",
    ):
        assert directive in said.split("; ")


@pytest.mark.parametrize("host", ["", "a b", "x; script-src *", "evil.example\r\n", "a,b", "[::1"])
def test_a_host_that_is_none_does_not_get_into_the_policy(host: str) -> None:
    assert "connect-src 'self'; " in policy(host)


async def test_assets_are_kept_for_good(pages: Path) -> None:
    async with serving(pages=pages) as on:
        response = await on.stranger().get("/assets/viewer-abc.js")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "javascript" in response.headers["content-type"]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_assets_are_deflated_for_who_takes_it(pages: Path) -> None:
    script = "const greeting = 'hello';\n" * 200
    (pages / "assets" / "viewer-abc.js").write_text(script)
    async with serving(pages=pages) as on:
        small = await on.stranger().get("/assets/viewer-abc.js", headers={"Accept-Encoding": "br, gzip"})
        plain = await on.stranger().get("/assets/viewer-abc.js", headers={"Accept-Encoding": "identity"})
        known = {"Accept-Encoding": "gzip", "If-None-Match": small.headers["etag"]}
        again = await on.stranger().get("/assets/viewer-abc.js", headers=known)
        piece = {"Accept-Encoding": "gzip", "Range": "bytes=0-4"}
        assert (await on.stranger().get("/assets/viewer-abc.js", headers=piece)).text == "const"
    assert (small.text, plain.text) == (script, script)
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < len(script) / 10
    assert "content-encoding" not in plain.headers
    for response in (small, plain, again):
        assert response.headers["vary"] == "Accept-Encoding"
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "javascript" in small.headers["content-type"]
    assert again.status_code == 304


@pytest.mark.parametrize("accepted", ["gzip", "deflate, gzip;q=1.0, *;q=0.5", "GZIP ; q=0.1", "*", "br,gzip"])
def test_gzip_is_taken(accepted: str) -> None:
    assert takes_gzip(accepted)


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0, *", "identity", "*;q=0", "xgzip"])
def test_gzip_is_not_taken(accepted: str) -> None:
    assert not takes_gzip(accepted)


@pytest.mark.parametrize(
    "path", ["/assets/none.js", "/assets/", "/assets/../secret.txt", "/assets/..%2fsecret.txt", "/secret.txt"]
)
async def test_nothing_else_is_served(pages: Path, path: str) -> None:
    async with serving(pages=pages) as on:
        assert is_problem(await on.stranger().get(path), 404)


@pytest.mark.parametrize("path", ["/", "/host", "/ops"])
async def test_without_pages_the_page_says_how_to_build_them(tmp_path: Path, path: str) -> None:
    async with serving(pages=tmp_path / "none") as on:
        response = await on.stranger().get(path)
    assert response.status_code == 503
    assert "npm run build" in response.text


def test_pages_are_found_only_when_they_are_built() -> None:
    found = find_pages()
    assert found is None or (found / "index.html").is_file()


def test_a_page_may_connect_to_where_clients_are_sent_for_pictures_and_nowhere_else() -> None:
    section = MediaSection(
        backend="whipwhep",
        publish_at="https://media.example:8889/{room}/whip?token={ticket}",
        play_at="https://media.example:8889/{room}/whep?token={ticket}",
    )
    assert elsewhere(section) == ("https://media.example:8889",)
    allowed = "connect-src 'self' ws://shop.example wss://shop.example https://media.example:8889; "
    assert allowed in policy("shop.example", elsewhere(section))
    filled = replace(section, play_at="https://{room}.media.example/whep", publish_at="https://a.example;x/{room}")
    assert elsewhere(filled) == ()
    assert elsewhere(replace(section, backend="none")) == ()


async def test_the_operators_page_asks_nobody_but_this_server(pages: Path) -> None:
    app, media = FastAPI(), "https://media.example:8889"
    add_pages(app, pages, ROOM_PAGES | OPERATOR_PAGES, (media,))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x", trust_env=False) as client:
        said = {path: (await client.get(path)).headers["content-security-policy"] for path in ("/", "/ops")}
    assert [path for path, one in said.items() if media in one] == ["/"]
