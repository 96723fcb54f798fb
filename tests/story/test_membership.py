"""How tiers are won, kept and lost, and what is earned by being here, as members and platforms see it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.server import RealServer, plain_http, running
from tests.story.wire import Refusal, Wire, fresh, together, viewer

pytestmark = pytest.mark.store

RULES = """
[keep_level]
window = "rolling"
days = 30
grace = 10
warn = 3

[[points]]
rule = "checkin"
daily = 4

[[points]]
rule = "chatting"
points = 1
qualifying = 1
daily = 2

[[items]]
id = "cup"
kind = "gift"
title = { en = "A cup", zh = "一只杯子" }
price = 50
stock = 1
"""

FIRST, WARNED, OVER = "2026-03-01T12:00:00Z", "2026-04-08T12:00:00Z", "2026-04-10T12:00:00Z"
"""A day of score in March is worth its tier for thirty days, and ten days of grace; the clock changes meanwhile."""


@pytest_asyncio.fixture
async def keeping(tmp_path: Path) -> AsyncIterator[RealServer]:
    """A server whose tiers are to be kept, in March."""
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    async with running(tmp_path, at(FIRST, rules)) as server:
        yield server


def at(now: str, rules: Path) -> tuple[str, ...]:
    return ("--dev", "--config", str(rules), "--now", now)


async def again(server: RealServer, now: str) -> None:
    """The same server, on another day."""
    await server.stop()
    server.options = at(now, server.folder / "rules.toml")
    await server.start()


async def score(server: RealServer, room: str, user: str, amount: int) -> None:
    await server.platform("POST", f"/rooms/{room}/members/{user}/score", {"amount": amount, "reason": "an order"})


async def card(wire: Wire, room: str) -> dict[str, object]:
    return dict(await wire.rpc("membership.card", room=room))


async def test_m1_m2_m4_a_tier_is_won_at_once_everybody_sees_it_and_the_card_shows_the_way(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room) as ada, viewer(server.url, server.sign(""), room) as guest:
        await score(server, room, user, 320)
        changed = await ada.event("membership.tier_changed", tier=2, from_tier=0)
        celebrated = await guest.event("membership.tier_changed")
        assert (celebrated["id"], celebrated["user"]["id"], celebrated["name"]) == (changed["id"], user, "Regular")
        shown = await ada.rpc("membership.card", room=room)
        path = shown["path"]
        assert [tier["level"] for tier in path["tiers"] if tier["reached"]] == [0, 1, 2]
        [above] = [tier for tier in path["tiers"] if tier["level"] == 3]
        assert shown["next_tier"] == {"name": above["name"], "in": above["at"] - 320}
        assert [(change["from_tier"], change["tier"], change["at"]) for change in path["history"]] == [
            (0, 2, changed["at"])
        ]
        assert path["until"] is None


async def test_m2_score_is_kept_apart_from_points_and_both_are_in_the_ledger(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room) as ada:
        await score(server, room, user, 320)
        brought = {"days": [], "score": 1200, "points": 250}
        other = fresh("bob")
        await server.platform("PUT", f"/rooms/{room}/members/{other}/import", brought)
        told = await server.platform("GET", f"/rooms/{room}/members/{other}")
        assert (told["points"], told["qualifying"], told["tier"]["level"]) == (250, 1200, 3)
        earned = await ada.event("membership.points_earned", channel="#")
        [entry] = (await server.platform("GET", f"/rooms/{room}/members/{user}/export"))["logs"]["points"]
        assert (entry["delta"], entry["id"]) == (320, earned["id"].rpartition(".")[0])


async def test_m10_who_comes_in_sees_his_own_badge_and_privileges_at_once_and_others_see_his_tier(
    server: RealServer,
) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(fresh("bob")), room) as bob:
        await score(server, room, user, 320)
        async with viewer(server.url, server.sign(user), None) as ada:
            me = (await ada.join(room))["data"]["me"]
            assert me["tier"] == {"level": 2, "name": "Regular", "badge": "regular"}
            assert me["entitlements"]["styles"] == ["white", "mint", "sky"]
            assert me["entitlements"]["perks"] == ["member_price"]
            assert (await ada.rpc("danmaku.send", room=room, text="hello"))["style"] == "sky"
            assert (await bob.event("danmaku.said"))["user"] == {"id": user, "name": user, "tier": 2}
            marks = {one["id"]: one["tier"] for one in (await bob.rpc("presence.roster", room=room))["members"]}
            assert marks[user] == 2


async def test_m1_a_tier_that_the_platform_assigns_is_on_the_very_next_message_and_ends_by_itself(
    server: RealServer,
) -> None:
    room, user = fresh("room"), fresh("ada")
    path = f"/rooms/{room}/members/{user}/tier"
    async with viewer(server.url, server.sign(user), room) as ada, viewer(server.url, server.sign(""), room) as guest:
        await ada.rpc("danmaku.send", room=room, text="hello")
        ends = (await guest.event("danmaku.said"))["at"] + 4_000
        given = await server.platform("PUT", path, {"level": 3, "until": ends, "reason": "a gift"})
        assert given == {"tier": 3, "assigned": {"level": 3, "until": ends}}
        assert (await ada.rpc("danmaku.send", room=room, text="in colour"))["style"] == "lilac"
        told = await ada.event("membership.tier_assigned", channel="#")
        assert (told["level"], told["until"], told["reason"]) == (3, ends, "a gift")
        await guest.event("membership.tier_changed", tier=3, from_tier=0)
        shown = await ada.rpc("membership.card", room=room)
        assert (shown["assigned"], shown["path"]["until"], shown["qualifying"]) == (given["assigned"], ends, 0)
        async with plain_http() as page:
            assert 'roomserver_members{tier="3"}' in (await page.get(f"{server.http}/metrics")).text
        await ada.heard.until(lambda: ada.events("membership.tier_changed")[1:], 20)
        assert ada.events("membership.tier_changed")[1]["at"] >= ends
        assert (await ada.rpc("danmaku.send", room=room, text="in white"))["style"] == "white"
        outbox = (await server.platform("GET", f"/rooms/{room}/events"))["records"]
        kinds = [event["type"] for record in outbox for event in record["events"]]
        assert kinds.count("membership.tier_assigned") == 2


async def test_m3_a_tier_is_kept_by_who_earns_what_was_asked_for_and_lost_by_who_does_not(
    keeping: RealServer,
) -> None:
    room, keeper, loser = fresh("room"), fresh("kim"), fresh("lou")
    async with viewer(keeping.url, keeping.sign(loser), room) as lou:
        for user in (keeper, loser):
            await score(keeping, room, user, 120)
        await lou.event("membership.tier_changed", tier=1)
    await again(keeping, WARNED)
    async with (
        viewer(keeping.url, keeping.sign(keeper), None) as kim,
        viewer(keeping.url, keeping.sign(loser), None) as lou,
    ):
        await together(lou.join(room), kim.join(room))  # both hear what is for them before the room is open
        warning = await lou.event("membership.will_downgrade", channel="#")
        assert (warning["tier"], warning["to"], warning["points_needed"]) == (1, 0, 100)
        shown = await card(lou, room)
        assert shown["will_downgrade"] == {name: warning[name] for name in ("tier", "to", "points_needed", "by")}
        assert shown["qualifying"] == 0
        asked = await kim.event("membership.will_downgrade", channel="#")
        await score(keeping, room, keeper, asked["points_needed"])
        kept = await kim.event("membership.tier_kept", channel="#")
        way = await kim.rpc("membership.card", room=room)
        assert (kept["tier"], kept["until"]) == (1, way["path"]["until"])
        assert kept["until"] > asked["by"]
        assert (way["will_downgrade"], way["qualifying"]) == (None, 100)
    await again(keeping, OVER)
    async with (
        viewer(keeping.url, keeping.sign(loser), room) as lou,
        viewer(keeping.url, keeping.sign(keeper), room) as kim,
    ):
        fallen = await lou.event("membership.tier_changed")
        assert (fallen["from_tier"], fallen["tier"], fallen["user"]["id"]) == (1, 0, loser)
        assert (await lou.event("membership.entitlements", channel="#"))["styles"] == ["white"]
        assert (await lou.rpc("danmaku.send", room=room, text="in white again"))["style"] == "white"
        assert (await card(lou, room))["will_downgrade"] is None
        assert (await kim.rpc("danmaku.send", room=room, text="still in colour"))["style"] == "mint"
        assert dict(await kim.rpc("membership.card", room=room))["tier"]["level"] == 1
        assert keeper not in [one["user"]["id"] for one in kim.events("membership.tier_changed")]


async def test_m5_a_day_gives_no_more_than_its_limit(keeping: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(keeping.url, keeping.sign(user), room) as ada:
        receipt = await ada.rpc("checkin.mark", room=room)
        assert (receipt["points"], receipt["balance"]) == (4, 4)
        assert (await card(ada, room))["points_today"] == [
            {"rule": "checkin", "points": 4, "daily": 4},
            {"rule": "chatting", "points": 0, "daily": 2},
        ]


async def test_m6_points_are_spent_once_and_every_device_and_the_platform_learn_of_it(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    token = server.sign(user)
    async with viewer(server.url, token, room) as phone, viewer(server.url, token, room) as tablet:
        await score(server, room, user, 150)
        assert (await card(phone, room))["points"] == 150
        on_offer = (await phone.rpc("membership.items", room=room))["items"]
        assert on_offer[0] == {"id": "coupon_5", "kind": "coupon", "title": "Coupon of 5", "price": 100}
        taken = await phone.rpc("membership.redeem", room=room, item="coupon_5", key="k")
        assert (taken["balance"], taken["redemption"]["item"]) == (50, "coupon_5")
        assert await tablet.rpc("membership.redeem", room=room, item="coupon_5", key="k") == taken
        spent = await tablet.event("membership.points_spent", channel="#")
        assert (spent["redemption"], spent["balance"]) == (taken["redemption"]["id"], 50)
        with pytest.raises(Refusal, match="not enough points"):
            await tablet.rpc("membership.redeem", room=room, item="coupon_5", key="another")
        assert [(await card(phone, room))[name] for name in ("points", "qualifying")] == [50, 150]
    page = await server.platform("GET", f"/rooms/{room}/events")
    sold = [one for record in page["records"] for one in record["events"] if one["type"] == "membership.points_spent"]
    assert [(one["user"]["id"], one["item"]["id"], one["price"]) for one in sold] == [(user, "coupon_5", 100)]


async def test_m6_of_a_limited_item_nobody_gets_more_than_there_are(keeping: RealServer) -> None:
    room, users = fresh("room"), (fresh("ada"), fresh("bob"))
    await keeping.platform("PUT", f"/rooms/{room}", {"language": "zh"})
    ada, bob = [viewer(keeping.url, keeping.sign(user), room) for user in users]
    async with ada as first, bob as second:
        for user in users:
            await score(keeping, room, user, 80)
        wish = {"method": "membership.redeem", "data": {"room": room, "item": "cup", "key": "k"}}
        async with asyncio.TaskGroup() as both:
            asked = [both.create_task(one.ask(rpc=wish)) for one in (first, second)]
        ends = [one.result() for one in asked]
        assert sorted(end.get("error", {}).get("code", 0) for end in ends) == [0, 1303]
        cup = {"id": "cup", "kind": "gift", "title": "一只杯子", "price": 50, "left": 0}
        assert (await first.rpc("membership.items", room=room))["items"] == [cup]
        assert {(await card(one, room))["points"] for one in (first, second)} == {30, 80}


async def earned_by_chatting(server: RealServer) -> dict[str, object]:
    """What somebody has earned who says three things in a live room and goes, once the grace is over."""
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(fresh("bob")), room):
        await server.platform("PUT", f"/rooms/{room}/live", {"live": True})
        async with viewer(server.url, server.sign(user), room) as ada:
            for text in ("one", "two", "three"):
                await ada.rpc("danmaku.send", room=room, text=text)
        async with viewer(server.url, server.sign(user), None) as listening:
            await listening.heard.until(lambda: listening.events("membership.points_earned", channel="#"))
            [earned] = listening.events("membership.points_earned", channel="#")
    assert (await server.platform("GET", f"/rooms/{room}/members/{user}"))["points"] == earned["points"]
    return {name: earned[name] for name in ("points", "balance", "reason")}


async def test_m5_who_chats_has_earned_it_when_he_has_left_within_the_days_limit_and_the_cooldown(
    keeping: RealServer, tmp_path: Path
) -> None:
    """Side by side, since both wait for the grace."""
    rules = tmp_path / "cooldown" / "rules.toml"
    rules.parent.mkdir()
    rules.write_text('[[points]]\nrule = "chatting"\npoints = 1\nqualifying = 1\ndaily = 10\ncooldown = 3600\n')
    async with running(rules.parent, ("--dev", "--config", str(rules))) as cooling:
        limited, cooled = await together(earned_by_chatting(keeping), earned_by_chatting(cooling))
    assert limited == {"points": 2, "balance": 2, "reason": "chatting"}
    assert cooled == {"points": 1, "balance": 1, "reason": "chatting"}  # though a minute's are given at once
