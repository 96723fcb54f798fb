"""What a streak earns, step by step, over days that are done and one that is missed."""

from pathlib import Path

import pytest

from tests.server import Json, RealServer, running
from tests.story.wire import Wire, viewer

pytestmark = pytest.mark.store

STEPS = """
[[streaks]]
name = "daily"

[[streaks.ladder]]
day = 2
stock = 1
reward = { id = "cup", kind = "gift", title = "A cup", points = 50, medal = { id = "two", title = "Two days" } }
substitute = { id = "coupon", kind = "coupon", title = "A coupon", points = 50 }

[[streaks.total_ladder]]
day = 3
reward = { id = "thrice", kind = "coupon", title = "Three in all", points = 20 }
"""
CUP = {"id": "cup", "kind": "gift", "title": "A cup"}
COUPON = {"id": "coupon", "kind": "coupon", "title": "A coupon"}
THRICE = {"id": "thrice", "kind": "coupon", "title": "Three in all"}
TWO_DAYS = {"id": "two", "title": "Two days"}


async def on(server: RealServer, day: str) -> None:
    """The server comes back on another day."""
    await server.stop()
    server.options = (*server.options[:-1], f"{day}T20:00:00+00:00")
    await server.start()


async def mark(server: RealServer, user: str) -> Json:
    async with viewer(server.url, server.sign(user), "demo") as wire:
        receipt: Json = await wire.rpc("checkin.mark", room="demo")
        return receipt


async def medal_worn(wire: Wire, text: str = "hello") -> str | None:
    """The medal beside the name of who says something."""
    await wire.rpc("danmaku.send", room="demo", text=text)
    return (await wire.event("danmaku.said", text=text)).get("medal")


async def cups_left(wire: Wire) -> int:
    ladder = (await wire.join("demo"))["data"]["checkin"]["ladder"]
    return int(next(step["stock"] for step in ladder if step["title"] == "A cup"))


async def test_c2_c3_c4_c7_c8_c9_a_step_is_reached_once_in_a_streak_and_a_break_takes_no_total_and_no_medal(
    tmp_path: Path,
) -> None:
    steps = tmp_path / "steps.toml"
    steps.write_text(STEPS)
    async with running(tmp_path, ("--dev", "--config", str(steps), "--now", "2026-03-02T20:00:00+00:00")) as server:
        for user in ("ada", "bob"):
            first = await mark(server, user)
            assert (first["streak"], first["rewards"], first["medals"]) == (1, [], [])
            assert first["next"] == {"day": 2, "title": "A cup", "in": 1}

        await on(server, "2026-03-03")
        async with viewer(server.url, server.sign("ada"), None) as ada:
            assert await cups_left(ada) == 1
            second = await ada.rpc("checkin.mark", room="demo")
            assert (second["rewards"], second["medals"], second["points"]) == ([CUP], [TWO_DAYS], 60)
            assert (await ada.event("checkin.rewarded", channel="#"))["reward"] == CUP
            assert (await ada.event("membership.medal_earned", channel="#"))["medal"] == TWO_DAYS
            assert (await ada.rpc("membership.card", room="demo"))["medals"] == [TWO_DAYS]
            assert await medal_worn(ada) == "two"
        async with viewer(server.url, server.sign("bob"), None) as bob:
            assert await cups_left(bob) == 0
            assert (await bob.rpc("checkin.mark", room="demo"))["rewards"] == [COUPON]
            assert await medal_worn(bob) is None

        await on(server, "2026-03-05")  # the 4th was missed
        async with viewer(server.url, server.sign("ada"), "demo") as ada:
            assert await medal_worn(ada) is None  # dimmed with the streak
        third = await mark(server, "ada")
        assert [third[name] for name in ("streak", "best", "total")] == [1, 2, 3]
        assert third["rewards"] == [THRICE]

        await on(server, "2026-03-06")
        async with viewer(server.url, server.sign("ada"), "demo") as ada:
            fourth = await ada.rpc("checkin.mark", room="demo")
            assert (fourth["streak"], fourth["rewards"], fourth["medals"]) == (2, [COUPON], [])
            assert await medal_worn(ada) == "two"  # lit again
            await ada.rpc("effects.settings", room="demo", hide_streak=True)
            assert await medal_worn(ada, "hidden") is None
            shown = await ada.rpc("checkin.calendar", room="demo", month="2026-03")
            assert [day["kind"] for day in shown["days"]] == ["done", "done", "missed", "done", "done"]
            assert (shown["current"], shown["best"], shown["total"], shown["next"]) == (2, 2, 4, None)
            assert (await ada.rpc("membership.card", room="demo"))["medals"] == [TWO_DAYS]
