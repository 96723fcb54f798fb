"""WHIP and WHEP, row by row: what RFC 9725 and draft-ietf-wish-whep ask of a server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from media.backend import IceServer, MediaBackend
from media.tickets import Tickets
from media.whipwhep import WhipWhep
from roomserver.clock import wall_ms
from roomserver.http.callers import AT_ONCE, OFFERS_AT_ONCE
from roomserver.tokens import Rules, issue
from tests.media.client import Client, client, picture
from tests.media.in_process import TURN, InProcess
from tests.media.pictures import offer
from tests.patience import PATIENCE, until
from tests.roomserver.hand_time import play
from tests.roomserver.http.serving import SECRET, Serving, is_problem, serving

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
CANDIDATES = "a=ice-ufrag:mine\r\na=ice-pwd:secret\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
SENDING = offer()
WATCHING = offer(direction="recvonly")


def token(user: str, role: str | None = None, *, life: int = 3600) -> str:
    roles = {"demo": role} if role else {}
    return issue(SECRET, user=user, name=user, roles=roles, expires=wall_ms() // 1000 + life, rules=Rules())


HOST, VIEWER = token("lin", "host"), token("vera")


@dataclass(frozen=True)
class Media:
    """A room over HTTP."""

    on: Serving
    http: httpx.AsyncClient

    async def say(
        self, method: str, path: str, body: str = "", *, by: str | None = HOST, kind: str = SDP, **more: str
    ) -> httpx.Response:
        """A request with a token; ``more`` are headers, with ``_`` for ``-``."""
        headers = {name.replace("_", "-"): text for name, text in more.items()}
        headers |= {} if by is None else {"Authorization": f"Bearer {by}"}
        headers |= {"Content-Type": kind} if body else {}
        return await self.http.request(method, path, content=body.encode(), headers=headers)

    async def live(self, host: Client) -> str:
        """Let a host's picture come in; the path of his session."""
        taken = await self.say("POST", "/whip/demo", host.offer(["audio", "video"], "sendonly"))
        assert taken.status_code == 201, taken.text
        await host.connect(taken.text)
        picture(host)
        await until(lambda: self.on.pictures.coming.shown("demo"))
        return taken.headers["location"]


def sending_elsewhere() -> WhipWhep:
    """A backend that sends clients to another server."""
    tickets = Tickets(b"secret", lambda: wall_ms() // 1000)
    return WhipWhep("https://media.example/{room}/whip", "https://media.example/{room}/whep", tickets=tickets)


@contextlib.asynccontextmanager
async def media(backend: MediaBackend | None = None, *, ice: tuple[IceServer, ...] = ()) -> AsyncIterator[Media]:
    """A server with a room, whose pictures are carried in this process unless a backend is given."""
    inside = InProcess(ice)
    async with inside.running(), serving(backend=backend or inside) as on, on.stranger() as http:
        await on.http.put("/api/v1/rooms/demo", json={"title": "Demo"})
        yield Media(on, http)


async def test_an_offer_is_answered() -> None:
    async with media() as room:
        taken = await room.say("POST", "/whip/demo", SENDING)
        assert taken.status_code == 201
        assert taken.headers["content-type"] == SDP
        assert taken.headers["location"].startswith("/whip/demo/")
        assert len(taken.headers["location"]) > len("/whip/demo/") + 20, "128 bits nobody can guess"
        assert taken.headers["etag"].startswith('"'), "a strong tag"
        assert "a=recvonly" in taken.text


async def test_a_viewer_is_answered_once_there_is_a_picture() -> None:
    async with media() as room, client() as host:
        early = await room.say("POST", "/whep/demo", WATCHING, by=VIEWER)
        assert is_problem(early, 409)
        assert early.headers["retry-after"] == "2"
        await room.live(host)
        taken = await room.say("POST", "/whep/demo", WATCHING, by=VIEWER)
        assert taken.status_code == 201
        assert "a=sendonly" in taken.text
        assert taken.headers["location"].startswith("/whep/demo/")


BAD: list[tuple[str, str, int]] = [
    (SDP, "nonsense", 400),
    (SDP, "v=0\r\n", 400),
    ("text/plain", SENDING, 415),
    ("application/json", SENDING, 415),
    (SDP, offer(direction="recvonly"), 422),
    (SDP, offer(direction="inactive"), 422),
    (SDP, offer(["audio", "video", "video"]), 422),
    (SDP, offer(["application"]), 422),
    (SDP, offer(["video"], codecs="VP9"), 422),
    (SDP, SENDING.replace("a=rtcp-mux\r\n", ""), 422),
    (SDP, SENDING + "a=" + "x" * 70_000, 413),
]


async def test_bad_offers_have_their_statuses_and_the_sessions_of_others_live_on() -> None:
    async with media() as room, client() as host, client() as viewer:
        await room.live(host)
        watching = await room.say("POST", "/whep/demo", viewer.offer(["video"], "recvonly"), by=VIEWER)
        await viewer.connect(watching.text)
        for place, (kind, body, status) in enumerate(BAD):
            by = token(f"host{place}", "host")
            for path in ("/whip/demo", "/whep/demo"):
                if (path, body) != ("/whep/demo", WATCHING):
                    assert is_problem(await room.say("POST", path, body, by=by, kind=kind), status), (path, body[:80])
        refused = await room.say("POST", "/whip/demo", SENDING, kind="text/plain")
        assert refused.headers["accept-post"] == SDP
        await viewer.until(3)
        picture(host, 3)
        await viewer.until(6)


async def test_every_request_bears_a_token_but_a_preflight() -> None:
    async with media() as room:
        path = (await room.say("POST", "/whip/demo", SENDING)).headers["location"]
        for by in (None, "nonsense", token("lin", "host", life=-100)):
            for method, where, body, kind in (
                ("POST", "/whip/demo", SENDING, SDP),
                ("POST", "/whep/demo", WATCHING, SDP),
                ("PATCH", path, CANDIDATES, FRAGMENT),
                ("DELETE", path, "", SDP),
            ):
                refused = await room.say(method, where, body, by=by, kind=kind)
                assert is_problem(refused, 401), (method, by)
                assert refused.headers["www-authenticate"].startswith("Bearer")
        assert (await room.say("OPTIONS", "/whip/demo", by=None)).status_code == 200


async def test_only_the_host_publishes_and_everybody_may_watch() -> None:
    async with media() as room, client() as host:
        assert is_problem(await room.say("POST", "/whip/demo", SENDING, by=VIEWER), 403)
        assert is_problem(await room.say("POST", "/whip/demo", SENDING, by=token("mod", "moderator")), 403)
        assert is_problem(await room.say("POST", "/whip/demo", SENDING, by=token("")), 422)
        await room.live(host)
        assert (await room.say("POST", "/whep/demo", WATCHING, by=token(""))).status_code == 201
        assert (await room.say("POST", "/whep/demo", WATCHING, by=VIEWER)).status_code == 201


async def test_an_unknown_room_has_no_pictures() -> None:
    async with media() as room:
        everywhere = issue(
            SECRET, user="lin", name="", roles={"*": "host"}, expires=wall_ms() // 1000 + 60, rules=Rules()
        )
        assert is_problem(await room.say("POST", "/whip/elsewhere", SENDING, by=everywhere), 404)
        assert is_problem(await room.say("POST", "/whep/elsewhere", WATCHING, by=VIEWER), 404)
        assert is_problem(await room.say("POST", "/whep/elsewhere", WATCHING, by=token("")), 404)


async def test_candidates_are_taken_and_never_needed() -> None:
    async with media() as room:
        taken = await room.say("POST", "/whip/demo", SENDING)
        path, tag = taken.headers["location"], taken.headers["etag"]
        patched = await room.say("PATCH", path, CANDIDATES, kind=FRAGMENT, If_Match=tag)
        assert (patched.status_code, patched.content) == (204, b"")
        assert "etag" not in patched.headers


async def test_a_patch_that_is_wrong_says_why() -> None:
    async with media() as room:
        taken = await room.say("POST", "/whip/demo", SENDING)
        path, tag = taken.headers["location"], taken.headers["etag"]
        assert is_problem(await room.say("PATCH", path, CANDIDATES, kind=FRAGMENT), 428)
        assert is_problem(await room.say("PATCH", path, CANDIDATES, kind=FRAGMENT, If_Match='"old"'), 412)
        assert is_problem(await room.say("PATCH", path, "nonsense", kind=FRAGMENT, If_Match=tag), 400)
        assert is_problem(await room.say("PATCH", path, CANDIDATES, kind=SDP, If_Match=tag), 415)
        assert is_problem(await room.say("PATCH", "/whip/demo/nobody", CANDIDATES, kind=FRAGMENT, If_Match=tag), 404)


async def test_ice_is_restarted() -> None:
    async with media() as room:
        taken = await room.say("POST", "/whip/demo", SENDING)
        path, tag = taken.headers["location"], taken.headers["etag"]
        restarted = await room.say("PATCH", path, CANDIDATES, kind=FRAGMENT, If_Match="*")
        assert restarted.status_code == 200
        assert restarted.headers["content-type"] == FRAGMENT
        assert "a=ice-ufrag:" in restarted.text
        assert restarted.headers["etag"] != tag
        assert is_problem(await room.say("PATCH", path, CANDIDATES, kind=FRAGMENT, If_Match=tag), 412)


async def test_a_session_is_ended_by_its_owner_alone() -> None:
    async with media() as room, client() as host:
        path = await room.live(host)
        assert is_problem(await room.say("DELETE", path, by=token("other", "host")), 404)
        assert is_problem(await room.say("DELETE", path.replace("demo", "other")), 404)
        ended = await room.say("DELETE", path, If_Match='"whatever"')
        assert (ended.status_code, ended.content) == (200, b"")
        async with asyncio.timeout(PATIENCE):
            await host.ended.wait()
        assert is_problem(await room.say("DELETE", path), 404)


async def test_what_can_be_asked_is_said() -> None:
    async with media() as room:
        said = await room.say("OPTIONS", "/whip/demo", by=None)
        assert (said.status_code, said.headers["accept-post"]) == (200, SDP)
        for path in ("/whip/demo", "/whep/demo"):
            for method in ("GET", "HEAD"):
                looked = await room.say(method, path, by=None)
                assert (looked.is_success, looked.content) == (True, b"")
        assert (await room.say("HEAD", "/whep/demo", by=None)).headers["content-type"] == SDP


async def test_scripts_of_the_rooms_own_pages_read_what_they_need() -> None:
    async with media() as room:
        origin = "http://127.0.0.1:8000"
        preflight = await room.say("OPTIONS", "/whip/demo", by=None, Origin=origin)
        assert {"PATCH", "DELETE"} <= set(preflight.headers["access-control-allow-methods"].split(", "))
        assert "Authorization" in preflight.headers["access-control-allow-headers"]
        taken = await room.say("POST", "/whip/demo", SENDING, Origin=origin)
        assert taken.headers["access-control-allow-origin"] == origin
        assert {"Location", "Link", "ETag"} <= set(taken.headers["access-control-expose-headers"].split(", "))
        foreign = await room.say("POST", "/whip/demo", SENDING, Origin="https://evil.example")
        assert is_problem(foreign, 403)
        assert "access-control-allow-origin" not in foreign.headers


async def test_ice_servers_are_told() -> None:
    async with media(ice=(TURN, IceServer(url="stun:stun.example"))) as room:
        taken = await room.say("POST", "/whip/demo", SENDING)
        turn, stun = taken.headers.get_list("link")
        assert turn.startswith('<turn:turn.example:3478?transport=udp>; rel="ice-server"; username="user"; ')
        assert turn.endswith('; credential="secret"; credential-type="password"')
        assert stun == '<stun:stun.example>; rel="ice-server"'


async def test_ice_servers_are_told_before_an_offer_to_whom_they_are_for() -> None:
    async with media(ice=(TURN,)) as room:
        [turn] = (await room.say("OPTIONS", "/whip/demo")).headers.get_list("link")
        assert turn.startswith('<turn:turn.example:3478?transport=udp>; rel="ice-server"; username="user"; ')
        for stranger in (None, "no token", token("lin", "host", life=-5)):
            assert "link" not in (await room.say("OPTIONS", "/whip/demo", by=stranger)).headers


async def test_where_pictures_are_carried_elsewhere_clients_are_sent_there() -> None:
    async with media(sending_elsewhere()) as room:
        sent = await room.say("POST", "/whip/demo", SENDING)
        assert (sent.status_code, sent.headers["location"]) == (307, "https://media.example/demo/whip")
        sent = await room.say("POST", "/whep/demo", WATCHING, by=VIEWER)
        assert (sent.status_code, sent.headers["location"]) == (307, "https://media.example/demo/whep")
        assert is_problem(await room.say("POST", "/whip/demo", SENDING, by=VIEWER), 403)


async def test_a_server_without_pictures_says_so() -> None:
    async with serving() as on, on.stranger() as http:
        await on.http.put("/api/v1/rooms/demo", json={})
        room = Media(on, http)
        assert is_problem(await room.say("POST", "/whip/demo", SENDING), 404)
        assert is_problem(await room.say("POST", "/whep/demo", WATCHING, by=VIEWER), 404)


def test_who_asks_too_often_waits() -> None:
    async def dialogue() -> None:
        async with media() as room:
            for _ in range(AT_ONCE):
                assert is_problem(await room.say("POST", "/whip/demo", "nonsense"), 400)
            refused = await room.say("POST", "/whip/demo", "nonsense")
            assert is_problem(refused, 429)
            assert int(refused.headers["retry-after"]) >= 1
            others = await room.say("POST", "/whep/demo", WATCHING, by=VIEWER)
            assert is_problem(others, 409), "others are not made to"

    play(dialogue)


def test_a_host_comes_in_however_many_want_to_watch() -> None:
    async def dialogue() -> None:
        async with media() as room:
            for _ in range(OFFERS_AT_ONCE):
                assert is_problem(await room.say("POST", "/whep/demo", "nonsense", by=token("")), 400)
            refused = await room.say("POST", "/whep/demo", "nonsense", by=token(""))
            assert is_problem(refused, 503)
            assert int(refused.headers["retry-after"]) >= 1
            assert (await room.say("POST", "/whip/demo", SENDING)).status_code == 201

    play(dialogue)


async def test_guests_behind_one_proxy_are_not_taken_for_one() -> None:
    async with media() as room:
        for _ in range(AT_ONCE + 5):
            assert is_problem(await room.say("POST", "/whep/demo", WATCHING, by=token("")), 409)


async def test_what_is_refused_is_counted_by_its_reason() -> None:
    async with media() as room:
        await room.say("POST", "/whip/demo", "nonsense")
        assert 'roomserver_media_refused_total{reason="malformed"} 1.0' in room.on.server.metrics.page().decode()


@pytest.mark.parametrize("slots", ["nobody", "main,main", "", "main,guest4"])
async def test_slots_are_those_of_the_stage(slots: str) -> None:
    async with media() as room, client() as host:
        await room.live(host)
        assert is_problem(await room.say("POST", f"/whep/demo?slots={slots}", WATCHING, by=VIEWER), 422)


async def test_several_slots_are_watched_in_one_session() -> None:
    async with media() as room, client() as host:
        await room.live(host)
        wide = offer(["audio", "video"] * 2, direction="recvonly")
        taken = await room.say("POST", "/whep/demo?slots=main,guest1", wide, by=VIEWER)
        assert taken.status_code == 201
        assert taken.text.count("m=video") == 2
