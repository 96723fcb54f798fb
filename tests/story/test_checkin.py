"""Days, streaks and boards over a real socket and store, also when the server was away and days have passed."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.server import Json, RealServer, running
from tests.story.wire import Refusal, Wire, fresh, viewer

pytestmark = pytest.mark.store


def on(day: str, time: str = "20:00") -> tuple[str, ...]:
    """A server whose day it is."""
    return ("--dev", "--now", f"{day}T{time}:00+00:00")


async def again(server: RealServer, day: str, time: str = "20:00") -> None:
    """The server ends, and comes back on another day."""
    await server.stop()
    server.options = on(day, time)
    await server.start()


async def mark(server: RealServer, room: str, *users: str) -> list[Json]:
    """Everybody checks in, one after the other."""
    receipts = []
    for user in users:
        async with viewer(server.url, server.sign(user, info={"name": user.title()}), room) as wire:
            receipts.append(await wire.rpc("checkin.mark", room=room))
    return receipts


async def board(wire: Wire, room: str, **asked: object) -> tuple[list[tuple[int, str, int, int]], Json | None]:
    shown = await wire.rpc("checkin.board", room=room, scope="room", **asked)
    rows = [(row["rank"], row["user"]["name"], row["length"], row["total"]) for row in shown["rows"]]
    return rows, shown["me"]


async def test_the_board_shows_streaks_that_are_alive_by_length_and_then_by_time(tmp_path: Path) -> None:
    async with running(tmp_path, on("2026-03-02")) as server:
        await mark(server, "demo", "ada", "bob", "cyd", "gone")
        await again(server, "2026-03-03")
        await mark(server, "demo", "bob", "ada")
        await again(server, "2026-03-04")  # cyd and gone have missed a day, and nobody has come back yet
        async with viewer(server.url, server.sign("eve"), "demo") as eve:
            assert await board(eve, "demo") == ([(1, "Bob", 2, 2), (2, "Ada", 2, 2)], None)
        await mark(server, "demo", "cyd")
        async with viewer(server.url, server.sign("cyd"), "demo") as cyd:
            mine = {"rank": 3, "length": 1, "total": 2}
            assert await board(cyd, "demo", limit=1) == ([(1, "Bob", 2, 2)], mine)
            assert await board(cyd, "demo", limit=2, around=True) == ([(2, "Ada", 2, 2), (3, "cyd", 1, 2)], mine)


async def test_a_hidden_streak_leaves_the_board_and_comes_back(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with AsyncExitStack() as stack:
        ada, guest = [
            await stack.enter_async_context(viewer(server.url, server.sign(one), room, protobuf=one == user))
            for one in (user, "")
        ]
        await ada.rpc("checkin.mark", room=room)
        mine = {"rank": 1, "length": 1, "total": 1}
        assert await board(guest, room) == ([(1, user, 1, 1)], None)
        await ada.rpc("effects.settings", room=room, hide_streak=True)
        assert await board(guest, room) == await board(ada, room) == ([], None)
        await ada.rpc("effects.settings", room=room, hide_streak=False)
        assert await board(ada, room, around=True) == ([(1, user, 1, 1)], mine)
        with pytest.raises(Refusal) as refused:
            await ada.rpc("checkin.board", room=room, scope="friends")
        assert refused.value.code == 1402


async def test_a_streak_that_broke_in_an_outage_is_whole_again(tmp_path: Path) -> None:
    async with running(tmp_path, on("2026-03-02")) as server:
        await mark(server, "demo", "ada")
        await again(server, "2026-03-04")
        async with viewer(server.url, server.sign("ada"), None) as ada:
            assert (await ada.join("demo"))["data"]["checkin"]["current"] == 0
            days = {"from": "2026-03-03", "to": "2026-03-03", "reason": "the store was away"}
            assert await server.platform("POST", "/rooms/demo/excuse", days) == days
            assert (await ada.event("checkin.excused"))["reason"] == "the store was away"
            assert (await board(ada, "demo"))[0] == [(1, "ada", 1, 1)]
            assert (await ada.rpc("membership.card", room="demo"))["streak"]["current"] == 1
            receipt = await ada.rpc("checkin.mark", room="demo")
            assert (receipt["streak"], receipt["restored"]) == (2, ["2026-03-03"])
            restored = await ada.event("checkin.restored", channel="#")
            assert (restored["length"], restored["days"]) == (2, ["2026-03-03"])
            calendar = await ada.rpc("checkin.calendar", room="demo", month="2026-03")
            assert [day["kind"] for day in calendar["days"]] == ["done", "excused", "done"]
        await again(server, "2026-03-05")
        [receipt] = await mark(server, "demo", "ada")
        assert (receipt["streak"], "restored" in receipt) == (3, False)


async def test_a_check_in_asks_for_some_time_in_the_room(server: RealServer) -> None:
    room = fresh("room")
    await server.platform("PUT", f"/rooms/{room}", {"dwell_seconds": 60})
    async with viewer(server.url, server.sign(fresh("ada")), None) as ada:
        wait = (await ada.join(room))["data"]["checkin"]["eligible_in"]
        assert 0 < wait <= 60_000
        with pytest.raises(Refusal, match="not long enough here; retry in ") as refused:
            await ada.rpc("checkin.mark", room=room)
        assert (refused.value.code, refused.value.temporary) == (1403, True)
        await server.platform("PUT", f"/rooms/{room}", {"dwell_seconds": 0})
        assert (await ada.rpc("checkin.mark", room=room))["streak"] == 1


async def test_a_day_without_a_stream_breaks_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, on("2026-03-02")) as server:
        await server.platform("PUT", "/rooms/demo", {"cadence": "live_day", "live_minutes": 1})
        with pytest.raises(Refusal) as refused:
            await mark(server, "demo", "ada")
        assert (refused.value.code, refused.value.message) == (1404, "no stream today yet")
        await server.platform("PUT", "/rooms/demo/live", {"live": True})
        assert [one["streak"] for one in await mark(server, "demo", "ada", "bob")] == [1, 1]
        await server.platform("PUT", "/rooms/demo/live", {"live": False})
        await again(server, "2026-03-07")  # four days without a stream
        await server.platform("PUT", "/rooms/demo/live", {"live": True})
        assert [one["streak"] for one in await mark(server, "demo", "ada")] == [2]
        async with viewer(server.url, server.sign("bob"), "demo") as bob:
            assert [row[1:3] for row in (await board(bob, "demo"))[0]] == [("Ada", 2), ("bob", 1)]
            calendar = await bob.rpc("checkin.calendar", room="demo", month="2026-03")
            assert [day["kind"] for day in calendar["days"]] == ["done", *["excused"] * 4, "open"]


async def test_each_stream_has_its_check_in(tmp_path: Path) -> None:
    async with running(tmp_path, on("2026-03-02")) as server:
        await server.platform("PUT", "/rooms/demo", {"cadence": "per_stream", "live_minutes": 1})
        with pytest.raises(Refusal) as refused:
            await mark(server, "demo", "ada")
        assert (refused.value.code, refused.value.message) == (1407, "no stream runs now")
        await server.platform("PUT", "/rooms/demo/live", {"live": True, "stream": "morning"})
        assert [one["stream"] for one in await mark(server, "demo", "ada", "bob", "ada")] == ["morning"] * 3
        await server.platform("PUT", "/rooms/demo/live", {"live": False})
        shown = await server.platform("PUT", "/rooms/demo/live", {"live": True, "stream": "morning"})  # it goes on
        assert shown["stream"] == "morning"
        [again] = await mark(server, "demo", "ada")
        assert (again["streak"], again["replayed"]) == (1, True)
        await server.platform("PUT", "/rooms/demo/live", {"live": True, "stream": "evening"})
        [receipt] = await mark(server, "demo", "ada")
        assert (receipt["streak"], receipt["total"], receipt["stream"]) == (2, 2, "evening")
        await again_live(server, "2026-03-05")
        async with viewer(server.url, server.sign("bob"), "demo") as bob:
            assert [row[1:3] for row in (await board(bob, "demo"))[0]] == [("Ada", 2)]
            calendar = await bob.rpc("checkin.calendar", room="demo", month="2026-03")
            assert [day["kind"] for day in calendar["days"]] == ["done", "excused", "excused", "open"]
            assert (await bob.rpc("checkin.mark", room="demo"))["streak"] == 1
            excused = {"from": "2026-03-02", "to": "2026-03-02", "reason": "the picture was gone"}
            await server.platform("POST", "/rooms/demo/excuse", excused)
            assert (await bob.rpc("membership.card", room="demo"))["streak"]["current"] == 2


async def again_live(server: RealServer, day: str) -> None:
    """The evening's stream ends days later, and another one begins."""
    await again(server, day)
    await server.platform("PUT", "/rooms/demo/live", {"live": False})
    await server.platform("PUT", "/rooms/demo/live", {"live": True, "stream": "later"})


async def test_check_ins_in_all_have_a_ladder_of_their_own(server: RealServer) -> None:
    room = fresh("room")
    async with viewer(server.url, server.sign(fresh("ada")), None) as ada:
        ladder = (await ada.join(room))["data"]["checkin"]["ladder"]
        assert [step["day"] for step in ladder if step.get("by") == "total"] == [10, 50, 100]
        assert (await ada.rpc("checkin.mark", room=room))["next"]["day"] == 3
