"""Whatever is wrong gets its named error or close, in both encodings, and changes nothing."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.server import Json, RealServer
from tests.story.wire import Refusal, Wire, dialled, fresh, viewer

pytestmark = pytest.mark.store

DENIED, UNKNOWN_METHOD, BAD, NOT_A_MEMBER, NOT_JOINED = 103, 104, 107, 1001, 1002
TEXT_EMPTY, TEXT_TOO_LONG, EMOTE_LOCKED, UNKNOWN_STREAK = 1201, 1202, 1203, 1400

REFUSED: list[tuple[str, Json, int]] = [
    ("no.such", {}, UNKNOWN_METHOD),
    ("", {}, UNKNOWN_METHOD),
    ("membership.score", {"user": "ada", "amount": 5, "reason": "please", "key": "k"}, UNKNOWN_METHOD),
    ("presence.join", {"connection": "c"}, UNKNOWN_METHOD),
    ("danmaku.send", {}, BAD),
    ("danmaku.send", {"text": "a", "emote": "b"}, BAD),
    ("danmaku.send", {"text": 5}, BAD),
    ("danmaku.send", {"text": ["a"]}, BAD),
    ("danmaku.send", {"text": "a", "colour": "red"}, BAD),
    ("danmaku.send", {"text": "a", "style": {"color": 1}}, BAD),
    ("danmaku.send", {"text": "a", "mode": "5"}, BAD),
    ("danmaku.send", {"text": "a", "mode": True}, BAD),
    ("danmaku.send", {"text": "a", "key": ""}, BAD),
    ("danmaku.send", {"text": "a", "key": "k" * 65}, BAD),
    ("danmaku.send", {"text": "a", "room": 7}, BAD),
    ("danmaku.send", {"text": "a", "room": ""}, BAD),
    ("danmaku.send", {"text": "a", "room": "elsewhere"}, NOT_JOINED),
    ("danmaku.send", {"text": "a", "room": "no room at all!"}, NOT_JOINED),
    ("danmaku.send", {"text": ""}, TEXT_EMPTY),
    ("danmaku.send", {"text": " \u200b\u202e\u0000\u2800 "}, TEXT_EMPTY),
    ("danmaku.send", {"text": "long" * 30}, TEXT_TOO_LONG),
    ("danmaku.send", {"text": "x" * 5000}, TEXT_TOO_LONG),
    ("danmaku.send", {"emote": "crown"}, EMOTE_LOCKED),
    ("checkin.mark", {"streak": "no such streak"}, UNKNOWN_STREAK),
    ("checkin.mark", {"day": "2020-01-01"}, BAD),
    ("checkin.mark", {"key": 1}, BAD),
    ("checkin.calendar", {}, BAD),
    ("checkin.calendar", {"month": "2026-13"}, BAD),
    ("checkin.calendar", {"month": "2026-11\n"}, BAD),
    ("presence.roster", {"limit": 0}, BAD),
    ("presence.roster", {"limit": 201}, BAD),
    ("presence.roster", {"cursor": "here"}, BAD),
    ("membership.card", {"user": "no id"}, BAD),
    ("shoutout.send", {"to": "bob", "text": "hello", "key": "k"}, DENIED),
    ("room.settings", {"frozen": True}, DENIED),
]

REFUSED_REQUESTS: list[tuple[str, Json, int]] = [
    ("subscribe", {"channel": "nonsense"}, 102),
    ("subscribe", {"channel": "room:"}, 102),
    ("subscribe", {"channel": "room:no such id"}, 102),
    ("subscribe", {"channel": "room:" + "r" * 65}, 102),
    ("subscribe", {"channel": "#somebody-else"}, DENIED),
    ("subscribe", {"channel": "host:{room}"}, DENIED),
    ("subscribe", {"channel": "room:{room}"}, 105),
    ("publish", {"channel": "room:elsewhere", "data": {"text": "a"}}, DENIED),
    ("publish", {"channel": "room:{room}", "data": {"text": ""}}, TEXT_EMPTY),
    ("publish", {"channel": "room:{room}", "data": {"text": "a", "user": {"id": "eve"}}}, BAD),
    ("presence", {"channel": "room:elsewhere"}, DENIED),
    ("presence_stats", {"channel": "host:{room}"}, DENIED),
    ("history", {"channel": "room:elsewhere", "limit": 1}, DENIED),
    ("history", {"channel": "room:{room}", "limit": 1, "since": {"epoch": "never", "offset": 1}}, 112),
    ("sub_refresh", {"channel": "room:{room}", "token": "t"}, 108),
]

MALFORMED_JSON: list[str | bytes] = [
    "no JSON",
    "[]",
    "5",
    '{"id":1',
    '{"id":1}',
    '{"id":-1,"ping":{}}',
    '{"id":"1","ping":{}}',
    '{"rpc":{"method":"danmaku.send"}}',
    '{"id":1,"rpc":[]}',
    '{"id":1,"ping":{}}\nand then this',
    "[" * 5000,
    b"\xff\xfe\x00",
]
MALFORMED_PROTOBUF: list[str | bytes] = [
    "no Protobuf at all",
    b"",
    b"\x80",
    b"\x7f\x08\x01",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\x02\x08\x01",
    b"\x03\x5a\x01\xff",
]


@asynccontextmanager
async def settled(server: RealServer, *, protobuf: bool) -> AsyncIterator[tuple[str, Wire]]:
    """A member in a room of his own, in which nothing goes on any more."""
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room, protobuf=protobuf) as ada:
        await ada.event("presence.entered")
        yield room, ada


async def state(wire: Wire, room: str) -> list[Json]:
    """All that could change, as somebody in the room sees it."""
    channel = {"channel": f"room:{room}"}
    return [
        await wire.rpc("membership.card", room=room),
        await wire.rpc("checkin.calendar", room=room, month="2026-11"),
        await wire.rpc("presence.roster", room=room),
        await wire.done(history={**channel, "limit": -1}),
        await wire.done(presence_stats=channel),
    ]


# --- commands


async def test_commands_are_refused_by_name_and_change_nothing(server: RealServer, protobuf: bool) -> None:
    async with settled(server, protobuf=protobuf) as (room, ada):
        before = await state(ada, room)
        for method, data, code in REFUSED:
            error = (await ada.ask(rpc={"method": method, "data": {"room": room, **data}}))["error"]
            assert (method, data, error["code"]) == (method, data, code)
            assert error["message"]
            assert not error.get("temporary")
            assert (method, data, await state(ada, room)) == (method, data, before)


async def test_data_that_is_no_object_is_refused(server: RealServer, protobuf: bool) -> None:
    async with settled(server, protobuf=protobuf) as (room, ada):
        before = await state(ada, room)
        for data in ("text", ["list"], 5, None, {"room": None}):
            error = (await ada.ask(rpc={"method": "danmaku.send", "data": data}))["error"]
            assert (data, error["code"]) == (data, BAD)
        assert await state(ada, room) == before


async def test_requests_of_the_protocol_are_refused_by_name(server: RealServer, protobuf: bool) -> None:
    async with settled(server, protobuf=protobuf) as (room, ada):
        before = await state(ada, room)
        for name, fields, code in REFUSED_REQUESTS:
            request = {**fields, "channel": fields["channel"].replace("{room}", room)}
            error = (await ada.ask(**{name: request}))["error"]
            assert (name, request, error["code"]) == (name, request, code)
            assert (name, request, await state(ada, room)) == (name, request, before)


async def test_a_recovery_from_nowhere_is_no_error_but_a_fresh_start(server: RealServer, protobuf: bool) -> None:
    async with viewer(server.url, server.sign(fresh("bob")), None, protobuf=protobuf) as bob:
        joined = await bob.join(fresh("room"), recover=True, epoch="made up", offset=77)
        assert joined["was_recovering"]
        assert not joined.get("recovered")
        assert not joined.get("publications")


# --- roles and guests


@pytest.mark.parametrize("roles", [{"elsewhere": "host"}, {"{room}": "moderator"}])
async def test_a_role_holds_where_it_was_given(server: RealServer, protobuf: bool, roles: dict[str, str]) -> None:
    room = fresh("room")
    given = {where.replace("{room}", room): role for where, role in roles.items()}
    async with viewer(server.url, server.sign(fresh("mo"), roles=given), room, protobuf=protobuf) as mo:
        reply = await mo.ask(rpc={"method": "room.settings", "data": {"room": room, "slow_seconds": 3}})
        assert ("error" not in reply) == (room in given)
        assert "error" in reply or reply["rpc"]["data"]["slow_seconds"] == 3


async def test_a_host_without_a_key_thanks_nobody(server: RealServer, protobuf: bool) -> None:
    room = fresh("room")
    host = server.sign(fresh("host"), roles={room: "host"})
    async with viewer(server.url, host, room, protobuf=protobuf) as wire:
        with pytest.raises(Refusal) as refused:
            await wire.rpc("shoutout.send", room=room, to="ada", text="thanks")
        assert refused.value.code == BAD


@pytest.mark.parametrize("method", ["checkin.mark", "checkin.calendar", "membership.card", "danmaku.send"])
async def test_a_guest_is_asked_to_sign_in(server: RealServer, protobuf: bool, method: str) -> None:
    room = fresh("room")
    more: Json = {"checkin.calendar": {"month": "2026-11"}, "danmaku.send": {"text": "hi"}}.get(method, {})
    async with viewer(server.url, server.sign(""), room, protobuf=protobuf) as guest:
        await guest.event("presence.entered")
        with pytest.raises(Refusal) as refused:
            await guest.rpc(method, room=room, **more)
        assert refused.value.code == NOT_A_MEMBER
        assert not guest.events("danmaku.said")


# --- styles


@pytest.mark.parametrize(
    "wanted", [{"style": "gold"}, {"style": "no such style"}, {"mode": 5}, {"style": "mint", "mode": 4}]
)
async def test_a_forged_style_degrades_and_the_sender_is_told(server: RealServer, protobuf: bool, wanted: Json) -> None:
    async with settled(server, protobuf=protobuf) as (room, ada):
        said = await ada.rpc("danmaku.send", room=room, text="look at me", **wanted)
        assert (said["style"], said["degraded"]) == ("white", True)
        shown = await ada.event("danmaku.said", id=said["id"])
        assert shown["style"] == {"id": "white", "color": 0xFFFFFF, "mode": 1, "size": 25}


async def test_a_mode_that_there_is_not_is_refused(server: RealServer, protobuf: bool) -> None:
    async with settled(server, protobuf=protobuf) as (room, ada):
        for mode in (0, 2, 6, -1, 99, 2**70, 1.5, True, "5"):
            with pytest.raises(Refusal) as refused:
                await ada.rpc("danmaku.send", room=room, text="look at me", mode=mode)
            assert refused.value.code == 107
        assert not ada.events("danmaku.said")


# --- frames


OVERSIZE = '{"id":1,"ping":{}}' + " " * 16384


async def test_a_bad_frame_ends_the_connection_that_sent_it_and_no_other(server: RealServer, protobuf: bool) -> None:
    frames = MALFORMED_PROTOBUF if protobuf else MALFORMED_JSON
    wanted = [(frame, 3501) for frame in frames]
    wanted.append((OVERSIZE.encode() if protobuf else OVERSIZE, 1009))
    async with settled(server, protobuf=protobuf) as (room, bob), AsyncExitStack() as stack:
        seats = [viewer(server.url, server.sign(fresh("eve")), room, protobuf=protobuf) for _ in wanted]
        eves = [await stack.enter_async_context(seat) for seat in seats]
        await bob.heard.until(lambda: sum(one["count"] for one in bob.events("presence.entered")) == 1 + len(eves))
        *before, _ = await state(bob, room)
        for eve, (frame, _) in zip(eves, wanted, strict=True):
            await eve.connection.send(frame)
        assert [(frame, (await eve.ended())[0]) for eve, (frame, _) in zip(eves, wanted, strict=True)] == wanted
        *after, stats = await state(bob, room)
        assert after == before
        assert stats["num_clients"] == 1


@pytest.mark.parametrize("request_name", ["subscribe", "rpc", "ping", "refresh"])
async def test_nothing_goes_before_connect(server: RealServer, protobuf: bool, request_name: str) -> None:
    async with dialled(server.url, protobuf=protobuf) as eve:
        await eve.say({"id": 1, request_name: {}})
        assert (await eve.ended())[0] == 3501


async def test_a_second_connect_ends_the_connection(server: RealServer, protobuf: bool) -> None:
    async with settled(server, protobuf=protobuf) as (_, ada):
        await ada.say({"id": 99, "connect": {"token": server.sign("eve")}})
        assert (await ada.ended())[0] == 3501


# --- the handshake


async def test_a_page_of_another_site_is_not_let_in(server: RealServer) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        await connect(server.url, origin="https://elsewhere.example", proxy=None)  # type: ignore[arg-type]


async def test_another_path_is_not_found(server: RealServer) -> None:
    with pytest.raises(InvalidStatus, match="404"):
        await connect(server.url.replace("/websocket", "/nothing"), proxy=None)
