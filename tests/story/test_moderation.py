"""A host keeps order: mute, kick, ban, and taking back what was said, as everybody concerned sees it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.server import Json, RealServer, running
from tests.story.wire import Refusal, Wire, fresh, viewer

pytestmark = pytest.mark.store

DENIED, NOT_A_MEMBER = 103, 1001
MUTED, MUTED_FOR_GOOD, BANNED, BANNED_FOR_GOOD, NOT_HERE = 1600, 1601, 1602, 1603, 1604
FORCED = 3503


@dataclass(slots=True, kw_only=True)
class Evening:
    """One room with a host, a moderator, a member and a guest in it."""

    server: RealServer
    room: str
    host: Wire
    moderator: Wire
    ada: Wire
    guest: Wire
    users: dict[str, str]
    keys: int = 0

    async def act(self, who: Wire, verb: str, user: str, **rest: object) -> Any:
        """Moderate somebody, under a new key."""
        self.keys += 1
        return await who.rpc(f"moderation.{verb}", room=self.room, user=user, key=f"k{self.keys}", **rest)

    async def says(self, who: Wire, text: str = "hello") -> Any:
        return await who.rpc("danmaku.send", room=self.room, text=text)

    async def tries_to_say(self) -> Any:
        try:
            return await self.says(self.ada)
        except Refusal as refused:
            return refused


def token(server: RealServer, user: str, room: str, role: str | None = None) -> str:
    return server.sign(user, roles={} if role is None else {room: role})


@asynccontextmanager
async def evening(server: RealServer, *, protobuf: bool = False) -> AsyncIterator[Evening]:
    room = fresh("room")
    users = {name: fresh(name) for name in ("host", "moderator", "ada")} | {"guest": ""}
    wires: dict[str, Wire] = {}
    async with AsyncExitStack() as stack:
        for name, user in users.items():
            signed = token(server, user, room, name if name in ("host", "moderator") else None)
            wires[name] = await stack.enter_async_context(viewer(server.url, signed, room, protobuf=protobuf))
        users["guest"] = f"guest-{wires['guest'].client}"
        await wires["host"].done(subscribe={"channel": f"host:{room}"})
        host, moderator, ada, guest = (wires[name] for name in ("host", "moderator", "ada", "guest"))
        yield Evening(server=server, room=room, users=users, host=host, moderator=moderator, ada=ada, guest=guest)


async def refusal_of(asked: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await asked
    return refused.value


async def changed(wire: Wire, kind: str, channel: str = "#") -> Json:
    """The first change of a kind that was told."""

    def told() -> list[Json]:
        return [one for one in wire.events("moderation.changed", channel=channel) if one["kind"] == kind]

    await wire.heard.until(told)
    return told()[0]


# --- mute


async def test_muted_refused_with_the_reason_unmuted_heard_again(server: RealServer, protobuf: bool) -> None:
    async with evening(server, protobuf=protobuf) as tonight:
        ada, user = tonight.ada, tonight.users["ada"]
        assert await tonight.act(tonight.moderator, "mute", user, seconds=600, reason="spam") == {}
        told = await changed(ada, "mute")
        assert (told["reason"], told["user"]["id"]) == ("spam", user)
        assert await changed(tonight.host, "mute", "host:") == told
        assert ada.events("moderation.changed", channel="room:") == []

        refused = await refusal_of(tonight.says(ada))
        assert (refused.code, refused.temporary) == (MUTED, True)
        assert "spam" in refused.message
        assert refused.message.endswith(" ms")
        card = await ada.rpc("membership.card", room=tonight.room)
        assert card["muted"] == {"until": told["until"], "reason": "spam"}
        async with viewer(server.url, token(server, user, tonight.room), None) as reloaded:
            assert (await reloaded.join(tonight.room))["data"]["me"]["muted"] == card["muted"]

        await tonight.act(tonight.host, "unmute", user)
        assert (await changed(ada, "unmute"))["user"]["id"] == user
        said = await tonight.says(ada)
        assert (await tonight.guest.event("danmaku.said"))["id"] == said["id"]
        assert (await ada.rpc("membership.card", room=tonight.room))["muted"] is None


async def test_a_short_mute_ends_by_itself_and_one_without_an_end_does_not(server: RealServer) -> None:
    async with evening(server) as tonight:
        user = tonight.users["ada"]
        await tonight.act(tonight.moderator, "mute", user)
        refused = await refusal_of(tonight.says(tonight.ada))
        assert (refused.code, refused.temporary, refused.message) == (MUTED_FOR_GOOD, False, "muted for good")
        await tonight.act(tonight.moderator, "mute", user, seconds=1)
        while isinstance(said := await tonight.tries_to_say(), Refusal):
            assert said.code == MUTED
        assert said["status"] == "accepted"
        [_, told] = tonight.ada.events("moderation.changed", channel="#")
        assert (await tonight.ada.event("danmaku.said", id=said["id"]))["at"] >= told["until"]


async def test_a_moderator_whom_the_host_has_muted_puts_no_words_before_the_room_at_all(server: RealServer) -> None:
    async with evening(server) as tonight:
        await tonight.act(tonight.host, "mute", tonight.users["moderator"])
        thanks = {"to": tonight.users["ada"], "text": "hello", "key": "s1"}
        for method, data in (("shoutout.send", thanks), ("host.call", {"users": [tonight.users["ada"]]})):
            refused = await refusal_of(tonight.moderator.rpc(method, room=tonight.room, **data))
            assert (method, refused.code) == (method, MUTED_FOR_GOOD)
        assert (await refusal_of(tonight.says(tonight.moderator))).code == MUTED_FOR_GOOD
        await tonight.host.rpc("shoutout.send", room=tonight.room, **thanks)
        await tonight.ada.event("shoutout.shown", text="hello")
        assert len(tonight.ada.events("shoutout.shown", "host.called")) == 1


async def test_who_is_in_two_rooms_is_told_in_which_of_them_he_is_muted(server: RealServer) -> None:
    async with evening(server) as tonight:
        elsewhere = fresh("room")
        await tonight.ada.join(elsewhere)
        await tonight.act(tonight.moderator, "mute", tonight.users["ada"])
        await changed(tonight.ada, "mute")
        pushed = [one["pub"]["data"] for one in tonight.ada.heard.all if one.get("channel", "").startswith("#")]
        assert [one["room"] for one in pushed if one["events"][0]["type"] == "moderation.changed"] == [tonight.room]
        said = await tonight.ada.rpc("danmaku.send", room=elsewhere, text="hello")
        assert said["status"] == "accepted"


# --- kick and ban


async def test_a_kick_closes_his_connections_and_nobody_elses_and_he_may_come_again(server: RealServer) -> None:
    async with evening(server) as tonight, AsyncExitStack() as stack:
        user, room = tonight.users["ada"], tonight.room
        signed = token(server, user, room)
        tab = await stack.enter_async_context(viewer(server.url, signed, room, protobuf=True))
        elsewhere = await stack.enter_async_context(viewer(server.url, signed, fresh("room")))
        await tonight.act(tonight.moderator, "kick", user, reason="enough")
        for one in (tonight.ada, tab):
            assert await one.ended() == (FORCED, "force disconnect")
            assert (await changed(one, "kick"))["reason"] == "enough"
        assert (await tonight.says(tonight.moderator))["status"] == "accepted"
        for one in (tonight.guest, tonight.host):
            await one.event("danmaku.said")
        assert (await elsewhere.done(ping={})) == {}
        again = await stack.enter_async_context(viewer(server.url, signed, room))
        assert (await tonight.says(again))["status"] == "accepted"


async def test_a_ban_blocks_the_next_join_until_it_is_undone(server: RealServer, protobuf: bool) -> None:
    async with evening(server, protobuf=protobuf) as tonight:
        user, room = tonight.users["ada"], tonight.room
        await tonight.act(tonight.moderator, "ban", user, seconds=600, reason="abuse")
        assert (await tonight.ada.ended())[0] == FORCED
        async with viewer(server.url, token(server, user, room), None, protobuf=protobuf) as again:
            refused = await refusal_of(again.join(room))
            assert (refused.code, refused.temporary) == (BANNED, True)
            assert "abuse" in refused.message
            await again.join(fresh("room"))
            await tonight.act(tonight.moderator, "unban", user)
            await again.join(room)


async def test_a_ban_outlives_the_server(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        room, user, key = fresh("room"), fresh("ada"), "k1"
        host = token(server, fresh("host"), room, "host")
        async with viewer(server.url, host, room) as hosting:
            await hosting.rpc("moderation.ban", room=room, user=user, key=key)
        await server.stop()
        await server.start()
        async with viewer(server.url, token(server, user, room), None) as ada:
            refused = await refusal_of(ada.join(room))
            assert (refused.code, refused.temporary) == (BANNED_FOR_GOOD, False)
        async with viewer(server.url, host, room) as hosting:
            await hosting.rpc("moderation.unban", room=room, user=user, key="k2")
        async with viewer(server.url, token(server, user, room), room):
            pass
        audited = [line for line in (tmp_path / "server.log").read_text().splitlines() if "roomserver.audit" in line]
        assert [user in line and '"result": "done"' in line for line in audited if "moderation." in line] == [True] * 2


async def test_a_moderator_whom_a_host_has_banned_hears_neither_the_room_nor_its_hosts(server: RealServer) -> None:
    async with evening(server) as tonight:
        user, room = tonight.users["moderator"], tonight.room
        await tonight.act(tonight.host, "ban", user)
        assert (await tonight.moderator.ended())[0] == FORCED
        async with viewer(server.url, token(server, user, room, "moderator"), None) as again:
            for channel in (f"room:{room}", f"host:{room}"):
                assert (await refusal_of(again.done(subscribe={"channel": channel}))).code == BANNED_FOR_GOOD


async def test_a_guest_is_put_out_as_long_as_he_is_here(server: RealServer) -> None:
    async with evening(server) as tonight:
        guest = tonight.users["guest"]
        await tonight.act(tonight.moderator, "ban", guest)
        assert (await tonight.guest.ended())[0] == FORCED
        assert (await refusal_of(tonight.act(tonight.moderator, "kick", "guest-nobody"))).code == NOT_HERE


# --- who may


async def test_a_moderator_cannot_touch_the_host_and_is_written_down_for_trying(server: RealServer) -> None:
    async with evening(server) as tonight:
        for verb in ("mute", "unmute", "kick", "ban", "unban"):
            for whom in ("host", "moderator"):
                refused = await refusal_of(tonight.act(tonight.moderator, verb, tonight.users[whom]))
                assert refused.code == DENIED
        removing = tonight.moderator.rpc("danmaku.remove", room=tonight.room, user=tonight.users["host"])
        assert (await refusal_of(removing)).code == DENIED
        assert (await tonight.says(tonight.host))["status"] == "accepted"
        await tonight.act(tonight.host, "kick", tonight.users["moderator"])
        assert (await tonight.moderator.ended())[0] == FORCED


async def test_a_host_who_also_came_as_a_viewer_is_not_a_moderators_to_put_out(server: RealServer) -> None:
    async with evening(server) as tonight:
        plain = token(server, tonight.users["host"], tonight.room)
        async with viewer(server.url, plain, tonight.room) as phone:
            for verb in ("mute", "kick", "ban"):
                refused = await refusal_of(tonight.act(tonight.moderator, verb, tonight.users["host"]))
                assert (verb, refused.code) == (verb, DENIED)
            assert (await phone.done(ping={})) == {}
            assert (await refusal_of(phone.rpc("moderation.kick", room=tonight.room, user="x", key="k"))).code == DENIED


METHODS: list[tuple[str, Json]] = [
    *((f"moderation.{verb}", {"user": "nobody", "key": "k"}) for verb in ("mute", "unmute", "kick", "ban", "unban")),
    ("danmaku.remove", {"id": "1.0"}),
    ("danmaku.remove", {"user": "nobody"}),
    ("like.send", {"count": 1}),
]


@pytest.mark.parametrize(("method", "data"), METHODS, ids=lambda one: one if isinstance(one, str) else "")
async def test_every_role_may_what_is_its_own(server: RealServer, method: str, data: Json) -> None:
    anybody = method == "like.send"
    async with evening(server) as tonight:
        for who in (tonight.guest, tonight.ada):
            asked = who.rpc(method, room=tonight.room, **data)
            if anybody:
                assert await asked == {}
            else:
                assert (await refusal_of(asked)).code == DENIED
        for who in (tonight.moderator, tonight.host):
            assert await who.rpc(method, room=tonight.room, **data) == {}


BAD: list[tuple[str, Json]] = [
    ("moderation.mute", {"user": "bob"}),
    ("moderation.mute", {"key": "k"}),
    ("moderation.mute", {"user": "bob", "key": "k", "seconds": 0}),
    ("moderation.mute", {"user": "bob", "key": "k", "seconds": 10**9}),
    ("moderation.ban", {"user": "bob", "key": "k", "reason": "r" * 201}),
    ("moderation.ban", {"user": "bob", "key": "k", "reason": "two\nlines"}),
    ("moderation.ban", {"user": "bob", "key": "k", "reason": "\u202eback"}),
    ("moderation.kick", {"user": "bob", "key": "k", "seconds": 5}),
    ("danmaku.remove", {}),
    ("danmaku.remove", {"id": "1", "user": "bob"}),
    ("like.send", {}),
    ("like.send", {"count": 0}),
    ("like.send", {"count": 21}),
]


async def test_what_is_out_of_range_is_refused(server: RealServer) -> None:
    async with evening(server) as tonight:
        for method, data in BAD:
            assert (await refusal_of(tonight.host.rpc(method, room=tonight.room, **data))).code == 107, data


# --- what was said


async def test_what_was_said_is_taken_back_for_everybody_and_for_who_recovers(server: RealServer) -> None:
    async with evening(server) as tonight:
        room, user = tonight.room, tonight.users["ada"]
        before = await tonight.guest.done(history={"channel": f"room:{room}", "limit": 0})
        said = await tonight.says(tonight.ada, "rude")
        await tonight.moderator.rpc("danmaku.remove", room=room, id=said["id"])
        assert (await tonight.guest.event("danmaku.removed"))["ids"] == [said["id"]]
        await tonight.moderator.rpc("danmaku.remove", room=room, user=user)
        assert (await tonight.ada.event("danmaku.removed", user={"id": user, "name": user, "tier": 0}))["type"]
        async with viewer(server.url, server.sign(""), None) as late:
            position = {"recover": True, "epoch": before["epoch"], "offset": before.get("offset", 0)}
            joined = await late.join(room, **position)
            missed = [event for one in joined["publications"] for event in one["data"]["events"]]
            assert [one["type"] for one in missed if one["type"].startswith("danmaku.")] == [
                "danmaku.said",
                "danmaku.removed",
                "danmaku.removed",
            ]


async def test_what_was_done_is_in_the_outbox_with_who_did_it(server: RealServer) -> None:
    async with evening(server) as tonight:
        await tonight.act(tonight.moderator, "mute", tonight.users["ada"], reason="spam")
        page = await server.platform("GET", f"/rooms/{tonight.room}/events")
        done = [event for record in page["records"] for event in record["events"] if event["type"] == "moderation.done"]
        by, user = {"id": tonight.users["moderator"], "tier": 0}, {"id": tonight.users["ada"], "tier": 0}
        assert [(one["kind"], one["by"], one["user"]) for one in done] == [("mute", by, user)]
        assert "spam" not in str(done)  # of people ids alone are kept, and nothing that they wrote
