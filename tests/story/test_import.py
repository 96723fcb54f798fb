"""A member who comes from another system finds his streak, his days and his tier here."""

from datetime import date, timedelta

import pytest

from tests.server import Json, RealServer, plain_http
from tests.story.wire import fresh, viewer

pytestmark = pytest.mark.store


async def test_a_member_who_was_brought_along_goes_on_where_he_was(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    async with viewer(server.url, server.sign(fresh("host"), roles={room: "host"}), room) as host:
        today = date.fromisoformat((await host.rpc("checkin.mark", room=room))["day"])
        days = [(today - timedelta(days=ago)).isoformat() for ago in range(1, 31)]
        brought = {"days": days, "score": 1200, "points": 250, "name": "Ada"}
        reply = await server.platform("PUT", f"/rooms/{room}/members/{user}/import", brought)
        assert reply["streak"] == {"current": 30, "best": 30, "total": 30, "last": days[0]}

        board = await host.rpc("checkin.board", room=room, scope="room")
        assert [row["length"] for row in board["rows"]] == [30, 1]
        assert board["rows"][0]["user"]["name"] == "Ada"

        async with viewer(server.url, server.sign(user), room) as ada:
            card = await ada.rpc("membership.card", room=room)
            assert (card["points"], card["qualifying"], card["tier"]["level"]) == (250, 1200, 3)
            assert card["streak"] == {"current": 30, "best": 30, "total": 30, "done_today": False}
            for month in {day[:7] for day in days}:
                shown = (await ada.rpc("checkin.calendar", room=room, month=month))["days"]
                done = [one["date"] for one in shown if one["kind"] == "done"]
                assert done == sorted(day for day in days if day.startswith(month))

            receipt = await ada.rpc("checkin.mark", room=room)
            assert (receipt["streak"], receipt["best"], receipt["total"]) == (31, 31, 31)
            assert receipt["rewards"] == []
            assert receipt["balance"] == 250 + receipt["points"]

    said = await server.platform("GET", f"/rooms/{room}/members/{user}/export")
    assert said["days"] == {"daily": [*sorted(days), today.isoformat()]}
    assert sum(entry["delta"] for entry in said["logs"]["points"]) == receipt["balance"]
    assert [entry["day"] for entry in said["logs"]["checkin"][1:]] == [today.isoformat()]


async def test_nothing_that_was_won_here_is_overwritten_and_a_bad_history_changes_nothing(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ada")
    await server.platform("PUT", f"/rooms/{room}", {})
    member = f"/rooms/{room}/members/{user}"
    assert await bring(server, member, {"days": ["2024-02-30"]}) == (422, 107)
    assert await bring(server, member, {"days": ["2999-01-01"]}) == (422, 107)
    assert (await server.platform("GET", f"{member}/export"))["version"] == 0
    await server.platform("POST", f"{member}/score", {"amount": 20, "reason": "an order"})
    assert await bring(server, member, {"days": [], "points": 9}) == (409, 1301)
    async with viewer(server.url, server.sign(user), room) as ada:
        receipt = await ada.rpc("checkin.mark", room=room)
        assert await bring(server, member, {"days": ["2024-02-29"], "points": 9}) == (409, 1406)
        card = await ada.rpc("membership.card", room=room)
        assert (card["points"], card["streak"]["total"]) == (receipt["balance"], 1)


async def bring(server: RealServer, member: str, history: Json) -> tuple[int, int]:
    """The status and the code with which an import is refused."""
    headers = {"Authorization": f"Bearer {server.operator}", "Idempotency-Key": fresh("key")}
    async with plain_http() as client:
        answer = await client.put(f"{server.http}/api/v1{member}/import", json=history, headers=headers)
    return answer.status_code, answer.json()["code"]
