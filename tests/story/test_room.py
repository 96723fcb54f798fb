"""What happens in one room, as its viewers see it."""

from contextlib import AsyncExitStack

import pytest

from tests.server import Json, RealServer
from tests.story.wire import Refusal, Wire, fresh, together, viewer

pytestmark = pytest.mark.store

MINT = {"id": "mint", "color": 8189380, "mode": 1, "size": 25}
MONTH = "2026-11"
BURST = 5
"""Danmaku that one user may send at once."""


async def stats(wire: Wire, room: str) -> tuple[int, int]:
    """Users and connections in a room."""
    told = await wire.done(presence_stats={"channel": f"room:{room}"})
    return told.get("num_users", 0), told.get("num_clients", 0)


# --- who is here


async def test_two_tabs_are_one_user(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room) as tab:
        async with viewer(server.url, server.sign(user), room, protobuf=True) as other:
            assert await stats(tab, room) == (1, 2)
            said = await tab.rpc("danmaku.send", room=room, text="both of me")
            for one in (tab, other):
                assert (await one.event("danmaku.said"))["id"] == said["id"]
                assert one.batches()[-1]["data"]["online"] == 1
        assert await stats(tab, room) == (1, 1)
        assert list((await tab.done(presence={"channel": f"room:{room}"}))["presence"]) == [tab.client]
        assert len(tab.events("presence.entered")) == 1
        assert (await tab.rpc("presence.roster", room=room))["online"] == 1


async def test_a_guest_counts_and_is_not_on_the_roster(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room) as ada, viewer(server.url, server.sign(""), room) as guest:
        roster = await ada.rpc("presence.roster", room=room)
        assert roster == {"members": [{"id": user, "name": user, "tier": 0}], "next": None, "online": 2}
        assert await stats(guest, room) == (2, 2)
        said = await ada.rpc("danmaku.send", room=room, text="hello, stranger")
        assert (await guest.event("danmaku.said"))["id"] == said["id"]


async def test_a_guest_speaks_where_the_host_lets_him(server: RealServer) -> None:
    room = fresh("room")
    host = server.sign(fresh("host"), roles={room: "host"})
    async with viewer(server.url, host, room) as hosting, viewer(server.url, server.sign(""), room) as guest:
        with pytest.raises(Refusal) as refused:
            await guest.rpc("danmaku.send", room=room, text="may I?")
        assert refused.value.code == 1001
        await hosting.rpc("room.settings", room=room, guests_speak=True)
        assert (await guest.event("room.changed"))["guests_speak"]
        await guest.rpc("danmaku.send", room=room, text="thank you")
        assert (await hosting.event("danmaku.said"))["user"]["id"] == f"guest-{guest.client}"


async def test_the_roster_is_read_by_pages_in_order_of_arrival(server: RealServer) -> None:
    room = fresh("room")
    users = [fresh("ada") for _ in range(5)]
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(viewer(server.url, server.sign(user), room)) for user in users]
        read: list[str] = []
        page: Json = {"next": None}
        for expected in (2, 2, 1):
            cursor = {} if page["next"] is None else {"cursor": page["next"]}
            page = await wires[0].rpc("presence.roster", room=room, limit=2, **cursor)
            assert len(page["members"]) == expected
            read += [one["id"] for one in page["members"]]
        assert (read, page["next"]) == (users, None)


# --- what is said


async def test_m11_a_member_raised_by_the_platform_has_the_new_colour_on_his_next_message(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room) as ada, viewer(server.url, server.sign(user), room) as tab:
        assert (await ada.rpc("danmaku.send", room=room, text="in white"))["style"] == "white"
        before = (await ada.rpc("membership.card", room=room))["entitlements"]["version"]
        await server.platform("POST", f"/rooms/{room}/members/{user}/score", {"amount": 100, "reason": "an order"})
        said = await ada.rpc("danmaku.send", room=room, text="in colour")
        assert said["style"] == "mint"
        shown = await ada.event("danmaku.said", id=said["id"])
        assert (shown["style"], shown["user"]["tier"]) == (MINT, 1)
        assert (await ada.event("membership.tier_changed"))["tier"] == 1
        for one in (ada, tab):
            held = await one.event("membership.entitlements", channel="#")
            assert (held["styles"], held["version"] > before) == (["white", "mint"], True)
        card = await tab.rpc("membership.card", room=room)
        assert (card["tier"]["level"], card["points"], card["qualifying"]) == (1, 100, 100)
    async with viewer(server.url, server.sign(user), None) as again:
        assert (await again.join(room))["data"]["me"]["user"]["tier"] == 1


async def test_a_key_names_one_message(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room) as ada, viewer(server.url, server.sign(user), room) as tab:
        said = [await one.rpc("danmaku.send", room=room, text="once", key="k1") for one in (ada, tab, ada)]
        assert said[0] == said[1] == said[2]
        other = await ada.rpc("danmaku.send", room=room, text="another", key="k2")
        await ada.event("danmaku.said", id=other["id"])
        assert [event["id"] for event in ada.events("danmaku.said")] == [said[0]["id"], other["id"]]


async def test_what_is_above_the_budget_is_shed_told_and_counted(server: RealServer) -> None:
    room, size = fresh("room"), 40
    async with AsyncExitStack() as stack:
        seats = [viewer(server.url, server.sign(fresh("bob")), room) for _ in range(size)]
        crowd = [await stack.enter_async_context(seat) for seat in seats]
        told = await together(*(one.chatter(room, *(fresh("me") for _ in range(BURST))) for one in crowd))
        said = [one for became in told for one in became]
        accepted = {one["id"] for one in said if one["status"] == "accepted"}
        shed = sum(one["status"] == "shed" for one in said)
        assert len(accepted) > 0 < shed
        for one in (crowd[0], crowd[-1]):
            shown = await one.hears("danmaku.said", len(accepted))
            assert {event["id"] for event in shown} == accepted
            assert sum(batch["data"].get("shed", {}).get("danmaku", 0) for batch in one.batches()) == shed


# --- shout-outs


async def test_a_shout_out_reaches_everybody_and_stays_pinned_for_who_comes_later(server: RealServer) -> None:
    room, name = fresh("room"), fresh("ada")
    host = server.sign(fresh("host"), roles={room: "host"}, info={"name": "Hua"})
    async with AsyncExitStack() as stack:
        hosting = await stack.enter_async_context(viewer(server.url, host, room))
        for user in (name, name, fresh("bob"), ""):
            await stack.enter_async_context(viewer(server.url, server.sign(user), room, protobuf=user == name))
        thanked = await hosting.rpc("shoutout.send", room=room, to=name, text="谢谢", key="s1")
        assert (thanked["online"], thanked["reached"]) == (4, 5)
        shown = await hosting.event("shoutout.shown", id=thanked["id"])
        assert (shown["to"]["id"], shown["by"]["name"], shown["text"]) == (name, "Hua", "谢谢")

        again = await hosting.rpc("shoutout.send", room=room, to=name, text="谢谢", key="s1")
        assert again["id"] == thanked["id"]

        late = await stack.enter_async_context(viewer(server.url, server.sign(fresh("late")), None))
        pinned = (await late.join(room))["data"]["pinned"]
        assert pinned == {name: shown[name] for name in ("id", "by", "to", "text", "pinned_until")}
        assert len(hosting.events("shoutout.shown")) == 1


async def test_hosts_alone_listen_to_the_hosts_channel(server: RealServer) -> None:
    room = fresh("room")
    for role in ("host", "moderator"):
        async with viewer(server.url, server.sign(fresh("host"), roles={"*": role}), room) as wire:
            await wire.done(subscribe={"channel": f"host:{room}"})
    async with viewer(server.url, server.sign(fresh("ada"), roles={fresh("room"): "host"}), room) as wire:
        with pytest.raises(Refusal) as refused:
            await wire.done(subscribe={"channel": f"host:{room}"})
        assert refused.value.code == 103


# --- checking in


async def test_a_check_in_from_another_device_gets_the_same_receipt(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room) as phone:
        async with viewer(server.url, server.sign(user), room, protobuf=True) as desk:
            taps = [one.rpc("checkin.mark", room=room, key=f"k{n}") for n in range(4) for one in (phone, desk)]
            receipts = await together(*taps)
        assert sorted(one["replayed"] for one in receipts) == [False] + [True] * 7
        assert len({str(sorted({**one, "replayed": True}.items())) for one in receipts}) == 1
        await phone.event("checkin.burst", today=1)
        [earned] = phone.events("membership.points_earned", channel="#")
        assert (earned["points"], earned["balance"]) == (receipts[0]["points"], receipts[0]["balance"])


async def test_calendar_card_and_snapshot_agree_with_the_receipt(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room) as ada:
        receipt = await ada.rpc("checkin.mark", room=room)
        assert receipt["durability"] == "local"
        calendar = await ada.rpc("checkin.calendar", room=room, month=receipt["day"][:7])
        assert calendar["days"][-1] == {"date": receipt["day"], "kind": "done"}
        assert calendar["next"] == receipt["next"]
        card = await ada.rpc("membership.card", room=room)
        assert card["streak"] == {"current": 1, "best": 1, "total": 1, "done_today": True}
        assert card["points"] == receipt["balance"]
    async with viewer(server.url, server.sign(user), None) as again:
        data = (await again.join(room))["data"]
        assert data["me"] == card
        assert (data["checkin"]["done"], data["checkin"]["current"]) == (True, 1)
        assert data["checkin"]["month"] == calendar


async def test_of_others_one_sees_the_public_part_of_their_card(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(user), room) as ada, viewer(server.url, server.sign("bob"), room) as bob:
        await ada.rpc("checkin.mark", room=room)
        seen = await bob.rpc("membership.card", room=room, user=user)
        assert seen["streak"]["current"] == 1
        assert {"user", "tier", "medals"} <= seen.keys()
        assert not {"points", "qualifying", "entitlements", "settings"} & seen.keys()
        await ada.rpc("effects.settings", room=room, hide_streak=True)
        assert "streak" not in await bob.rpc("membership.card", room=room, user=user)
