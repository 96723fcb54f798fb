from dataclasses import replace

import pytest

from checkin.ladder import LADDER, Ladder, Medal, MedalDef, Reward, RewardDef, StepDef

COUPON = RewardDef(id="coupon", kind="coupon", title="A coupon")
GIFT = StepDef(day=5, reward=RewardDef(id="gift", kind="gift", title="A gift"), stock=2, substitute=COUPON)


def test_the_ladder_of_a_room_that_sets_nothing() -> None:
    steps = [(step.day, step.reward.kind, step.reward.points, step.reward.medal) for step in LADDER]
    assert [(day, kind, points, medal.id if medal else None) for day, kind, points, medal in steps] == [
        (3, "medal", 0, "three"),
        (7, "coupon", 50, "week"),
        (30, "gift", 300, "month"),
    ]


def test_the_next_step_is_the_first_above() -> None:
    ladder = Ladder(LADDER)
    ahead = [ladder.next(length) for length in (0, 2, 3, 29, 30)]
    assert [step and step.day for step in ahead] == [3, 3, 7, 30, None]


def test_steps_are_reached_up_to_a_length_each_once() -> None:
    ladder = Ladder(LADDER)
    assert [step.day for step in ladder.reached(2, ())] == []
    assert [step.day for step in ladder.reached(7, (3,))] == [7]
    assert [step.day for step in ladder.reached(8, (3, 7))] == []
    assert [step.day for step in ladder.reached(8, (7,))] == [3]  # put in below the length he has


def test_a_limited_reward_has_a_substitute_when_it_is_gone() -> None:
    assert GIFT.given("daily", ()) is GIFT.reward
    assert GIFT.given("daily", {"checkin.daily.gift"}) is COUPON
    assert GIFT.given("other", {"checkin.daily.gift"}) is GIFT.reward
    assert GIFT.claim("daily") == "checkin.daily.gift"


def test_an_unlimited_reward_is_never_gone() -> None:
    assert LADDER[0].given("daily", {LADDER[0].claim("daily")}) is LADDER[0].reward


def test_a_reward_is_shown_without_what_goes_with_it() -> None:
    reward = replace(COUPON, points=5, medal=MedalDef(id="m", title="M"))
    assert reward.shown("en") == Reward(id="coupon", kind="coupon", title="A coupon")


def test_rewards_and_medals_are_said_in_the_rooms_language() -> None:
    week = LADDER[1].reward
    assert week.medal is not None
    assert [week.shown("en").title, week.shown("zh").title] == ["Coupon for a whole week", "一周优惠券"]
    assert week.medal.shown("zh") == Medal(id="week", title="整整一周")


@pytest.mark.parametrize("change", [{"points": -1}, {"id": ""}, {"id": "two words"}, {"id": "x\n"}])
def test_a_reward_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="reward"):
        RewardDef(**{"id": "r", "kind": "coupon", "title": "R", **change})  # type: ignore[arg-type]  # wrong on purpose


def test_a_step_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="day must be"):
        StepDef(day=0, reward=COUPON)
    with pytest.raises(ValueError, match="together"):
        StepDef(day=1, reward=COUPON, stock=1)
    with pytest.raises(ValueError, match="together"):
        StepDef(day=1, reward=COUPON, substitute=GIFT.reward)
    with pytest.raises(ValueError, match="stock"):
        replace(GIFT, stock=-1)
    with pytest.raises(ValueError, match="id of its own"):
        replace(GIFT, substitute=GIFT.reward)


def test_steps_that_are_no_ladder_are_refused() -> None:
    with pytest.raises(ValueError, match="must be above"):
        Ladder((GIFT, replace(GIFT, reward=replace(COUPON, id="other"))))
    with pytest.raises(ValueError, match="two rewards"):
        Ladder((GIFT, replace(GIFT, day=6)))
    with pytest.raises(ValueError, match="two rewards"):
        Ladder((StepDef(day=1, reward=COUPON), GIFT))


def test_a_ladder_may_have_no_steps() -> None:
    assert Ladder(()).next(0) is None
