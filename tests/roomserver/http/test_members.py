"""A member's card, his score, a history that another system kept, and all that is stored of him."""

from datetime import date
from typing import Any

import httpx
import orjson
import pytest

from roomserver.http.guard import PLATFORM
from tests.roomserver.http.serving import HERE, is_problem, serving

ROOM = "/api/v1/rooms/demo"
ANN = f"{ROOM}/members/ann"
TEN = {"amount": 10, "reason": "order 1"}


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


IMPORT = f"{ANN}/import"
DAYS = ["2023-11-01", "2023-11-03", "2023-11-02"]


async def test_a_history_is_taken_over_once() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        history = {"days": DAYS, "score": 350, "points": 70, "name": "Ann"}
        first = await on.http.put(IMPORT, json=history, headers=key("1"))
        assert first.status_code == 200, first.text
        assert first.json()["streak"] == {"current": 0, "best": 3, "total": 3, "last": "2023-11-03"}
        assert first.json()["balance"] == 70
        again = await on.http.put(IMPORT, json=history, headers=key("1"))
        assert again.content == first.content
        refused = await on.http.put(IMPORT, json=history, headers=key("2"))
        assert is_problem(refused, 409)
        assert refused.json()["code"] == 1406
        card = (await on.http.get(ANN)).json()
    assert (card["points"], card["qualifying"], card["tier"]["level"]) == (70, 350, 2)
    assert card["streak"]["total"] == 3


async def test_who_has_earned_anything_keeps_it() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        await on.http.post(f"{ANN}/score", json=TEN, headers=key("1"))
        refused = await on.http.put(IMPORT, json={"days": DAYS, "score": 1, "points": 1}, headers=key("2"))
        assert is_problem(refused, 409)
        assert refused.json()["code"] == 1301
        card = (await on.http.get(ANN)).json()
    assert (card["points"], card["streak"]["total"]) == (10, 0)


@pytest.mark.parametrize(
    "body",
    [
        {"days": ["2023-02-30"]},
        {"days": ["20231101"]},
        {"days": ["2023-W01-1"]},
        {"days": ["9999-01-01"]},
        {"days": ["0001-01-01"]},
        {"days": ["2023-01-01"] * 4001},
        {"days": "2023-01-01"},
        {"score": -1},
        {"points": 1.5},
        {"points": 10**10},
        {"name": ""},
        {"name": " \u200b\u202e"},
        {"name": "x" * 65},
        {"level": 3},
    ],
)
async def test_a_history_that_is_none_changes_nothing(body: Any) -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        assert is_problem(await on.http.put(IMPORT, json=body, headers=key("1")), 422)
        assert (await on.http.get(f"{ANN}/export")).json()["version"] == 0


async def test_an_import_needs_a_key() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        assert is_problem(await on.http.put(IMPORT, json={"days": DAYS}), 400)


async def test_the_largest_history_is_taken_and_comes_out_as_it_went_in() -> None:
    days = [date.fromordinal(date(2023, 1, 1).toordinal() - 2 * number).isoformat() for number in range(4000)]
    async with serving() as on:
        await on.http.put(ROOM, json={})
        body = orjson.dumps({"days": days, "score": 5})
        reply = await on.http.put(IMPORT, content=body, headers=key("1") | {"Content-Type": "application/json"})
        assert reply.status_code == 200, reply.text
        said = (await on.http.get(f"{ANN}/export")).json()
        assert said["days"] == {"daily": sorted(days)}
        other = f"{ROOM}/members/bob"
        again = {"days": said["days"]["daily"], "score": 5}
        body = orjson.dumps(again)
        reply = await on.http.put(
            f"{other}/import", content=body, headers=key("2") | {"Content-Type": "application/json"}
        )
        assert reply.status_code == 200, reply.text
        assert (await on.http.get(f"{other}/export")).json()["days"] == said["days"]


async def test_an_export_is_written_down(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "roomserver.audit")
    async with serving() as on:
        await on.http.put(ROOM, json={})
        await on.http.get(f"{ANN}/export")
    facts = vars(caplog.records[-1])
    assert (facts["who"], facts["what"], facts["whom"], facts["room"]) == ("operator", "members.export", "ann", "demo")


async def test_everything_stored_of_a_member_is_exported() -> None:
    async with serving() as on:
        assert is_problem(await on.http.get(f"{ANN}/export"), 404)
        await on.http.put(ROOM, json={})
        nobody = (await on.http.get(f"{ANN}/export")).json()
        assert (nobody["version"], nobody["sections"], nobody["days"]) == (0, {}, {})
        await on.http.put(IMPORT, json={"days": DAYS, "points": 7}, headers=key("1"))
        await on.http.post(f"{ANN}/score", json=TEN, headers=key("2"))
        said = (await on.http.get(f"{ANN}/export")).json()
    assert said["version"] == 2
    assert said["sections"]["membership"]["stored"]["balance"] == 17
    assert [entry["delta"] for entry in said["logs"]["points"]] == [7, 10]
    assert [entry["streak"] for entry in said["logs"]["checkin"]] == ["daily"]
    assert len(said["results"]) == 2


@pytest.mark.parametrize("steps", ["%2e", "%2e%2e"])
async def test_a_step_in_a_path_is_nobody(steps: str) -> None:
    """By a client that tidies addresses a call about him would be another one: to revoke everybody's tokens."""
    async with serving() as on:
        await on.http.put(ROOM, json={})
        for call in (f"{ROOM}/members/", f"{PLATFORM}/members/"):
            answer = await on.http.get(httpx.URL(HERE, raw_path=f"{call}{steps}/export".encode()))
            assert is_problem(answer, 422)
            assert "no id" in answer.text


@pytest.mark.parametrize("call", ["", "/export"])
async def test_guests_are_no_members(call: str) -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        assert is_problem(await on.http.get(f"{ROOM}/members/guest-abc{call}"), 422)
        for path, body in (("score", TEN), ("import", {"days": DAYS})):
            method = "PUT" if path == "import" else "POST"
            asked = await on.http.request(method, f"{ROOM}/members/guest-abc/{path}", json=body, headers=key("1"))
            assert is_problem(asked, 422)
        assert not [subject for subject in on.store.stored["demo"].rows if subject.startswith("m:")]


async def test_a_score_raises_a_member_and_his_card_shows_it() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        before = (await on.http.get(ANN)).json()
        assert (before["points"], before["tier"]["level"]) == (0, 0)
        reply = await on.http.post(f"{ANN}/score", json={"amount": 300, "reason": "orders"}, headers=key("1"))
        assert reply.status_code == 200
        assert (reply.json()["balance"], reply.json()["tier"]) == (300, 2)
        after = (await on.http.get(ANN)).json()
    assert (after["points"], after["qualifying"], after["tier"]["level"]) == (300, 300, 2)
    assert "sky" in after["entitlements"]["styles"]


async def test_the_same_key_gives_the_same_reply_and_counts_once() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        first = await on.http.post(f"{ANN}/score", json=TEN, headers=key("order-1"))
        second = await on.http.post(f"{ANN}/score", json=TEN, headers=key("order-1"))
        third = await on.http.post(f"{ANN}/score", json=TEN, headers=key("order-2"))
    assert first.content == second.content
    assert (first.json()["balance"], third.json()["balance"]) == (10, 20)


async def test_a_score_without_a_key_is_refused() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        assert is_problem(await on.http.post(f"{ANN}/score", json=TEN), 400)
        assert (await on.http.get(ANN)).json()["points"] == 0


async def test_the_platform_is_no_member() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        refused = await on.http.post(f"{ROOM}/members/operator/score", json=TEN, headers=key("1"))
        assert is_problem(refused, 422)
        assert "operator is the platform" in refused.text


@pytest.mark.parametrize("user", ["a" * 129, "a%20b", "%E8%8C%B6", "a%0A"])
async def test_ids_of_users_are_checked(user: str) -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        assert is_problem(await on.http.get(f"{ROOM}/members/{user}"), 422)


async def test_a_tier_is_assigned_once_per_key_and_taken_back() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        gift = {"level": 3, "reason": "a gift"}
        first = await on.http.put(f"{ANN}/tier", json=gift, headers=key("1"))
        assert (first.status_code, first.json()) == (200, {"tier": 3, "assigned": {"level": 3, "until": None}})
        back = await on.http.put(f"{ANN}/tier", json={"level": None, "reason": "a mistake"}, headers=key("2"))
        assert back.json() == {"tier": 0, "assigned": None}
        again = await on.http.put(f"{ANN}/tier", json=gift, headers=key("1"))
        assert again.content == first.content
        assert (await on.http.get(ANN)).json()["tier"]["level"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"level": 3},
        {"reason": "x"},
        {"level": "3", "reason": "x"},
        {"level": -1, "reason": "x"},
        {"level": 1, "reason": "two\nlines"},
        {"level": 1, "reason": "x", "until": -1},
        {"level": 1, "reason": "x", "since": 1},
        {"level": 99, "reason": "no such tier"},
        {"level": 1, "reason": "over", "until": 1},
    ],
)
async def test_a_tier_that_cannot_be_changes_nothing(body: Any) -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        refused = await on.http.put(f"{ANN}/tier", json=body, headers=key("1"))
        assert is_problem(refused, 422) or is_problem(refused, 400)
        assert (await on.http.get(f"{ANN}/export")).json()["version"] == 0


async def test_a_tier_needs_a_key_and_is_written_down(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "roomserver.audit")
    async with serving() as on:
        await on.http.put(ROOM, json={})
        assert is_problem(await on.http.put(f"{ANN}/tier", json={"level": 1, "reason": "x"}), 400)
        await on.http.put(f"{ANN}/tier", json={"level": 1, "reason": "x"}, headers=key("1"))
    facts = vars(caplog.records[-1])
    assert (facts["what"], facts["whom"], facts["result"]) == ("membership.assign_tier", "ann", "done")


async def test_points_that_are_not_there_cannot_be_taken() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        response = await on.http.post(f"{ANN}/score", json={"amount": -5, "reason": "refund"}, headers=key("1"))
    assert is_problem(response, 409)
    assert response.json()["temporary"] is False


async def test_a_key_that_comes_again_with_another_body_is_refused_and_nothing_is_done() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        first = await on.http.post(f"{ANN}/score", json=TEN, headers=key("1"))
        for number in range(6):
            await on.http.post(f"{ANN}/score", json=TEN, headers=key(f"later {number}".replace(" ", "-")))
            if number in (0, 5):  # while the first reply is remembered, and when it is not
                refused = await on.http.post(f"{ANN}/score", json={**TEN, "amount": 11}, headers=key("1"))
                assert is_problem(refused, 422 if number == 0 else 409)
                assert refused.json()["code"] == (1012 if number == 0 else 1011)
        assert (await on.http.get(ANN)).json()["points"] == 70
        assert first.json()["balance"] == 10


async def test_what_is_shown_twice_under_one_key_is_refused_when_it_is_something_else() -> None:
    async with serving() as on:
        await on.http.put(ROOM, json={})
        shown = [{"type": "app.note", "data": {"title": title}} for title in ("a", "a", "b")]
        answers = [await on.http.post(f"{ROOM}/publish", json=one, headers=key("1")) for one in shown]
        assert answers[0].content == answers[1].content
        assert is_problem(answers[2], 422)
        assert answers[2].json()["code"] == 1012
