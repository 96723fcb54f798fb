"""What the host is told of his people, and what he makes of it."""

import re
from contextlib import AsyncExitStack
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.server import RealServer, running
from tests.story.wire import Refusal, fresh, viewer

pytestmark = pytest.mark.store

FIRST_COUNTS = """
[[streaks]]
name = "daily"
totals = [1]
"""


async def test_c12_a_newcomer_is_on_a_card_that_every_host_sees_and_one_puts_away(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with AsyncExitStack() as stack:
        hosts = []
        for role in ("host", "moderator"):
            token = server.sign(fresh(role), roles={room: role})
            hosts.append(await stack.enter_async_context(viewer(server.url, token, room)))
            told = await hosts[-1].done(subscribe={"channel": f"host:{room}"})
            assert (told["data"]["role"], told["data"]["cues"], told["data"]["missed"]) == (role, [], [])
            assert await hosts[-1].rpc("host.backstage", room=room) == told["data"]
        ada = server.sign(user, info={"name": "Ada"})
        wire = await stack.enter_async_context(viewer(server.url, ada, room, protobuf=True))
        cue = await hosts[0].event("host.cue", channel="host:")
        assert (cue["kind"], cue["user"], cue["count"]) == ("first_time", {"id": user, "name": "Ada", "tier": 0}, 1)
        assert cue["script"] == "Welcome, Ada, here for the first time!"
        assert cue["expires_at"] == cue["at"] + 90_000
        with pytest.raises(Refusal) as refused:
            await wire.rpc("host.cue_done", room=room, id=cue["id"], outcome="said")
        assert refused.value.code == 103
        await hosts[1].rpc("host.cue_done", room=room, id=cue["id"], outcome="said")
        for one in hosts:
            closed = await one.event("host.cue_closed", channel="host:", cue=cue["id"])
            assert closed["outcome"] == "said"
        with pytest.raises(Refusal) as refused:
            await hosts[0].rpc("host.cue_done", room=room, id=cue["id"], outcome="skipped")
        assert refused.value.code == 1800
        assert not wire.events("host.cue", "host.cue_closed", channel="")


async def test_c12_a_card_is_answered_with_a_shout_out_that_everybody_sees(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    token = server.sign(fresh("host"), roles={room: "host"})
    async with viewer(server.url, token, room) as host, viewer(server.url, server.sign(user), room) as ada:
        await server.platform("POST", f"/rooms/{room}/members/{user}/score", {"amount": 100, "reason": "an order"})
        [cue] = (await host.done(subscribe={"channel": f"host:{room}"}))["data"]["cues"]
        assert (cue["kind"], cue["script"]) == ("promotion", f"{user} is now Friend. Congratulations!")
        await host.rpc("shoutout.send", room=room, to=cue["user"]["id"], text=cue["script"], key="s1")
        await host.rpc("host.cue_done", room=room, id=cue["id"], outcome="said")
        assert (await ada.event("shoutout.shown"))["to"]["id"] == user
        await host.event("host.cue_closed", channel="host:", cue=cue["id"])
        assert not host.events("host.cue", channel="host:")


async def test_c12_nobody_is_thanked_twice_within_a_minute_and_the_host_hears_how_long_to_wait(
    server: RealServer,
) -> None:
    room, user, other = fresh("room"), fresh("ada"), fresh("bob")
    host, mod = (server.sign(fresh(role), roles={room: role}) for role in ("host", "moderator"))
    async with viewer(server.url, host, room) as lin, viewer(server.url, mod, room) as mo:
        await lin.rpc("shoutout.send", room=room, to=user, text="thanks", key="s1")
        for wire in (lin, mo):
            with pytest.raises(Refusal) as refused:
                await wire.rpc("shoutout.send", room=room, to=user, text="thanks again", key="s2")
            assert refused.value.code == 1205
            assert re.fullmatch(r"thanked a moment ago; retry in \d{5} ms", refused.value.message)
        first = await lin.rpc("shoutout.send", room=room, to=user, text="thanks", key="s1")
        assert first["id"]
        await lin.rpc("shoutout.send", room=room, to=other, text="and you", key="s3")
        shown = await mo.hears("shoutout.shown", 2)
        assert [one["to"]["id"] for one in shown] == [user, other]


async def test_c19_a_milestone_is_on_one_card_in_the_rooms_language(tmp_path: Path) -> None:
    config = tmp_path / "room.toml"
    config.write_text(FIRST_COUNTS)
    async with running(tmp_path, ("--dev", "--config", str(config))) as server:
        await server.platform("PUT", "/rooms/demo", {"language": "zh"})
        token = server.sign("lin", info={"name": "小林"})
        async with viewer(server.url, token, "demo") as lin, viewer(server.url, token, "demo") as tab:
            receipts = [await one.rpc("checkin.mark", room="demo") for one in (lin, tab)]
            assert [one["replayed"] for one in receipts] == [False, True]
            await lin.event("checkin.milestone")
            async with viewer(server.url, server.sign("hua", roles={"demo": "host"}), "demo") as host:
                cues = (await host.done(subscribe={"channel": "host:demo"}))["data"]["cues"]
                assert [one["script"] for one in cues] == ["感谢小林陪伴我们整整1天！"]
                assert host.heard.all == [] or not host.events("host.cue", channel="host:")


async def test_t34_a_milestones_card_is_withdrawn_from_the_desk_when_its_member_hides_his_streak(
    tmp_path: Path,
) -> None:
    config = tmp_path / "room.toml"
    config.write_text(FIRST_COUNTS)
    async with running(tmp_path, ("--dev", "--config", str(config))) as server:
        host = server.sign("hua", roles={"demo": "host"})
        async with viewer(server.url, host, "demo") as hua, viewer(server.url, server.sign("lin"), "demo") as lin:
            assert (await hua.done(subscribe={"channel": "host:demo"}))["data"]["missed"] == []
            await lin.rpc("checkin.mark", room="demo")
            cue = await hua.event("host.cue", channel="host:", priority=30)
            await lin.rpc("effects.settings", room="demo", hide_streak=True)
            closed = await hua.event("host.cue_closed", channel="host:")
            assert (closed["cue"], closed["outcome"], "by" in closed) == (cue["id"], "withdrawn", False)
            with pytest.raises(Refusal) as refused:
                await hua.rpc("host.cue_done", room="demo", id=cue["id"], outcome="said")
            assert refused.value.code == 1800
            cues = (await hua.rpc("host.backstage", room="demo"))["cues"]
            assert "milestone" not in [one["kind"] for one in cues]


async def test_c18_a_regular_who_comes_back_is_in_the_roll_call_and_is_called(server: RealServer) -> None:
    room, bo_id, ann_id = fresh("room"), fresh("bo"), fresh("ann")
    host = server.sign(fresh("hua"), roles={room: "host"}, info={"name": "Hua"})
    async with viewer(server.url, host, room) as hua, viewer(server.url, server.sign(bo_id), None) as bo:
        today = date.fromisoformat((await bo.join(room))["data"]["checkin"]["day"])
        days = [(today - timedelta(days=ago)).isoformat() for ago in range(4, 11)]
        await server.platform("PUT", f"/rooms/{room}/members/{ann_id}/import", {"days": days})
        async with viewer(server.url, server.sign(ann_id, info={"name": "Ann"}), room):
            back = await hua.rpc("presence.roster", room=room, filter="returning")
            assert [(one["id"], one["days"], one["away"]) for one in back["members"]] == [(ann_id, 7, 4)]
            await hua.rpc("host.call", room=room, users=[ann_id], key="k1")
            called = await bo.event("host.called")
            assert (called["by"]["name"], [one["name"] for one in called["users"]]) == ("Hua", ["Ann"])
            with pytest.raises(Refusal) as refused:
                await bo.rpc("presence.roster", room=room, filter="returning")
            assert refused.value.code == 103
            with pytest.raises(Refusal) as refused:
                await hua.rpc("host.call", room=room, users=[ann_id, "zoe"])
            assert (refused.value.code, refused.value.message) == (1801, "not in the room: zoe")
            await hua.rpc("host.call", room=room, users=[bo_id])
            await bo.heard.until(lambda: len(bo.events("host.called")) >= 2)
            called_so_far = [[one["id"] for one in event["users"]] for event in bo.events("host.called")]
            assert called_so_far == [[ann_id], [bo_id]]
