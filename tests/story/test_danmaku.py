"""What is said in a room, in which colour, by whom, and what the room makes of it."""

from contextlib import AsyncExitStack

import pytest

from tests.patience import PATIENCE
from tests.server import RealServer, plain_http
from tests.story.wire import Refusal, fresh, together, viewer

pytestmark = pytest.mark.store

GOLD = 16769126


async def test_e1_a_member_speaks_in_his_colour_and_the_third_that_stands_scrolls(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room) as ada, viewer(server.url, server.sign(""), room) as guest:
        in_white = await ada.rpc("danmaku.send", room=room, text="not mine yet", style="gold", mode=5)
        assert (in_white["style"], in_white["degraded"]) == ("white", True)
        await server.platform("POST", f"/rooms/{room}/members/{user}/score", {"amount": 20_000, "reason": "an order"})
        said = [await ada.rpc("danmaku.send", room=room, text=str(n), mode=5) for n in range(3)]
        assert [one.get("degraded", False) for one in said] == [False, False, True]
        shown = [await guest.event("danmaku.said", id=one["id"]) for one in said]
        assert [one["style"] for one in shown] == [
            {"id": "gold", "color": GOLD, "mode": mode, "size": 25} for mode in (5, 5, 1)
        ]


async def test_e2_an_emote_of_ones_packs_is_said_by_its_alt_text(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    await server.platform("PUT", f"/rooms/{room}", {"language": "zh"})
    async with viewer(server.url, server.sign(user), None) as ada, viewer(server.url, server.sign(""), room) as guest:
        picker = (await ada.join(room))["data"]["emotes"]
        assert {one["pack"] for one in picker if "locked" not in one} == {"hello"}
        [locked] = [one for one in picker if one["id"] == "cheer"]
        assert locked == {
            "id": "cheer",
            "pack": "cheer",
            "alt": "[cheers]",
            "alt_zh": "[欢呼]",
            "size": 48,
            "locked": {"tier": 1},
        }
        said = await ada.rpc("danmaku.send", room=room, emote="clap")
        shown = await guest.event("danmaku.said", id=said["id"])
        assert (shown["text"], shown["emote"]) == ("[鼓掌]", "clap")
        with pytest.raises(Refusal) as refused:
            await ada.rpc("danmaku.send", room=room, emote="cheer")
        assert refused.value.code == 1203
        await server.platform("POST", f"/rooms/{room}/members/{user}/score", {"amount": 100, "reason": "an order"})
        assert (await ada.event("membership.entitlements", channel="#"))["emotes"] == ["hello", "cheer"]
        assert (await ada.rpc("danmaku.send", room=room, emote="cheer"))["status"] == "accepted"


async def test_e3_a_members_entrance_is_seen_by_others_and_plays_for_himself(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(fresh("bob")), room) as bob:
        await server.platform("POST", f"/rooms/{room}/members/{user}/score", {"amount": 1_000, "reason": "an order"})
        async with viewer(server.url, server.sign(user), None) as ada:
            own = (await ada.join(room))["data"]["effects"]["entrance"]
            seen = await bob.event("effects.entered")
            assert (seen["user"]["id"], seen["effect"]) == (user, own)
            assert own["id"] == "glow"


@pytest.mark.slow
async def test_e3_who_comes_back_soon_makes_no_second_entrance_but_sees_his_own(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(fresh("bob")), room) as bob:
        await server.platform("POST", f"/rooms/{room}/members/{user}/score", {"amount": 1_000, "reason": "an order"})
        async with viewer(server.url, server.sign(user), room):
            await bob.event("effects.entered")
        await bob.heard.until(lambda: bob.batches()[-1]["data"]["online"] == 1, seconds=2 * PATIENCE)
        async with viewer(server.url, server.sign(user), None) as ada:
            assert (await ada.join(room))["data"]["effects"]["entrance"]["id"] == "glow"
            await bob.heard.until(lambda: sum(one["count"] for one in bob.events("presence.entered")) == 3)
            said = await ada.rpc("danmaku.send", room=room, text="here again")
            await bob.event("danmaku.said", id=said["id"])
        assert len(bob.events("effects.entered")) == 1


async def test_e3_of_many_who_come_at_once_the_first_plays_and_who_would_be_late_is_merged(server: RealServer) -> None:
    room, users = fresh("room"), [fresh("ada") for _ in range(12)]
    async with AsyncExitStack() as stack:
        bob = await stack.enter_async_context(viewer(server.url, server.sign(fresh("bob")), room))
        for user in users:
            body = {"amount": 1_000, "reason": "an order"}
            await server.platform("POST", f"/rooms/{room}/members/{user}/score", body)
        for user in users:
            await stack.enter_async_context(viewer(server.url, server.sign(user), room))
        await bob.heard.until(lambda: sum(one.get("count", 0) for one in bob.events("effects.entered")) >= 8)
        shown = bob.events("effects.entered")
        singles, lines = [one for one in shown if "user" in one], [one for one in shown if "users" in one]
        assert singles[0]["user"]["id"] == users[0]
        assert 1 <= len(singles) <= 4
        assert all(len(one["users"]) <= 3 for one in lines)
        named = [one["user"]["id"] for one in singles] + [user["id"] for one in lines for user in one["users"]]
        assert len(set(named)) == len(named)
        assert len(singles) + sum(one["count"] for one in lines) <= len(users)
        page = await stack.enter_async_context(plain_http())
        metrics = (await page.get(f"{server.http}/metrics")).text
        assert 'roomserver_entrances_merged_total{tier="3"}' in metrics
        assert 'roomserver_entrance_delay_seconds_count{tier="3"}' in metrics


async def test_t32_what_a_crowd_says_alike_is_one_danmaku_and_everybody_is_told_accepted(server: RealServer) -> None:
    room, size = fresh("room"), 40
    async with AsyncExitStack() as stack:
        seats = [viewer(server.url, server.sign(fresh("bob")), room) for _ in range(size)]
        crowd = [await stack.enter_async_context(seat) for seat in seats]
        said = await together(*(one.rpc("danmaku.send", room=room, text="666") for one in crowd))
        assert {one["status"] for one in said} == {"accepted"}
        last = crowd[-1]
        await last.heard.until(lambda: sum(one.get("count", 1) for one in last.events("danmaku.said")) == size)
        shown = last.events("danmaku.said")
        assert len(shown) < size
        ids = [name for one in shown for name in (one["id"], *one.get("merged", ()))]
        assert sorted(ids) == sorted(one["id"] for one in said)


async def test_e4_a_high_tier_gets_more_of_a_busy_room_and_a_low_one_is_not_starved(server: RealServer) -> None:
    room, size = fresh("room"), 60
    users = [fresh("bob" if number % 3 else "ada") for number in range(size)]
    members, host = users[::3], server.sign(fresh("host"), roles={room: "host"})
    async with AsyncExitStack() as stack:
        hosting = await stack.enter_async_context(viewer(server.url, host, room))
        for user in members:
            body = {"amount": 20_000, "reason": "an order"}
            await server.platform("POST", f"/rooms/{room}/members/{user}/score", body)
        crowd = [await stack.enter_async_context(viewer(server.url, server.sign(user), room)) for user in users]
        everybody = [*crowd[: size // 2], hosting, *crowd[size // 2 :]]  # whatever a tick brings is of all kinds
        told = await together(*(one.chatter(room, *(fresh("me") for _ in range(5))) for one in everybody))
        became = {one: [said["status"] for said in each] for one, each in zip(everybody, told, strict=True)}
        assert "shed" not in became[hosting]
        of_members, of_others = list[str](), list[str]()
        for one, user in zip(crowd, users, strict=True):
            (of_members if user in members else of_others).extend(became[one])
        assert {"accepted", "shed"} <= set(of_others)
        assert of_members.count("accepted") / len(of_members) > of_others.count("accepted") / len(of_others)


async def test_a_word_that_the_platform_forbids_is_refused_in_every_spelling(server: RealServer) -> None:
    room = fresh("room")
    await server.platform("PUT", f"/rooms/{room}", {"words": ["damn", "赌博"]})
    assert (await server.platform("GET", f"/rooms/{room}"))["words"] == ["damn", "赌博"]
    async with viewer(server.url, server.sign(fresh("ada")), None) as ada:
        assert "words" not in (await ada.join(room))["data"]["room"]
        for text in ("d 4 m n", "ＤＡＭＮ!", "去赌*博", "去賭博"):
            with pytest.raises(Refusal) as refused:
                await ada.rpc("danmaku.send", room=room, text=text)
            assert refused.value.code == 1204
        assert (await ada.rpc("danmaku.send", room=room, text="goddamned"))["status"] == "accepted"


async def test_s21_who_is_called_like_the_host_is_shown_with_his_id(server: RealServer) -> None:
    room = fresh("room")
    host = server.sign(fresh("host"), roles={room: "host"}, info={"name": "Alice"})
    imitator = server.sign("imitator", info={"name": "Аlicе"})
    async with viewer(server.url, host, room) as hosting, viewer(server.url, imitator, room) as other:
        said = await other.rpc("danmaku.send", room=room, text="buy here")
        shown = await hosting.event("danmaku.said", id=said["id"])
        assert shown["user"]["name"] == "Аlicе #itator"
        said = await hosting.rpc("danmaku.send", room=room, text="hello")
        assert (await other.event("danmaku.said", id=said["id"]))["user"]["name"] == "Alice"
