"""The platform's calls at a listener of their own, and none of them where the viewers are."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from roomserver.audit_trail import verified
from tests.server import RealServer, free_port, plain_http, websocket_url
from tests.story.wire import dialled, fresh

pytestmark = pytest.mark.store


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RealServer, int]]:
    """A server whose platform is apart, and the port where it is; it must end well though a line is left open there."""
    folder, port = tmp_path_factory.mktemp("apart"), free_port()
    config = folder / "apart.toml"
    config.write_text(f'[server]\noperator_port = {port}\naudit = "audit.jsonl"\n')
    server = RealServer(folder, ("--dev", "--config", str(config)))
    try:
        with asyncio.Runner() as runner:
            runner.run(server.start())
        with socket.create_connection(("127.0.0.1", port)):
            yield server, port
            with asyncio.Runner() as runner:
                runner.run(server.stop())
    finally:
        server.end()


async def asked(server: RealServer, port: int, path: str, *, key: bool = True) -> int:
    headers = {"Authorization": f"Bearer {server.operator}"} if key else {}
    async with plain_http() as http:
        response = await http.get(f"http://127.0.0.1:{port}{path}", headers=headers)
    return response.status_code


async def test_what_the_platform_does_there_viewers_see_here(apart: tuple[RealServer, int]) -> None:
    server, port = apart
    room = fresh("room")
    async with plain_http() as http:
        where = f"http://127.0.0.1:{port}/api/v1/rooms/{room}"
        made = await http.put(where, json={"title": "Apart"}, headers={"Authorization": f"Bearer {server.operator}"})
    assert made.status_code == 200
    [(_, trail)] = verified([server.folder / "audit.jsonl"])
    assert trail.lines > 0
    assert room in (server.folder / "audit.jsonl").read_text()
    async with dialled(server.url) as ada:
        await ada.done(connect={"token": server.sign(fresh("ada"))})
        assert (await ada.join(room))["data"]["room"]["title"] == "Apart"


@pytest.mark.parametrize("path", ["/api/v1/rooms/demo", "/api/openapi.json", "/metrics"])
async def test_at_the_viewers_port_is_nothing_of_the_platform(apart: tuple[RealServer, int], path: str) -> None:
    server, port = apart
    assert await asked(server, server.port, path) == 404
    assert await asked(server, server.port, path, key=False) == 404
    assert await asked(server, port, path) != 401
    assert await asked(server, port, "/api/v1/rooms/demo", key=False) == 401


async def test_at_the_platforms_port_nobody_joins_a_room(apart: tuple[RealServer, int]) -> None:
    _, port = apart
    with pytest.raises(InvalidStatus) as refused:
        async with connect(websocket_url(port)):
            pass
    assert refused.value.response.status_code == 404


async def test_both_tell_whether_the_server_is_ready(apart: tuple[RealServer, int]) -> None:
    server, port = apart
    assert {await asked(server, one, path) for one in (server.port, port) for path in ("/livez", "/readyz")} == {200}
