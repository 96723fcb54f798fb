import pytest

from membership.limits import POINTS, Given, PointsRule, PointsRules, RuleName, Today

HOUR = 3_600_000
WATCHING = PointsRule(rule="watching", points=1, qualifying=1, daily=10)


def test_beyond_the_cap_what_is_left_is_given() -> None:
    rules, today = PointsRules([WATCHING]), Today(day=7).after("watching", 8, 3, HOUR)
    assert rules.left(WATCHING, today, HOUR, (5, 5)) == (2, 5)
    assert rules.left(WATCHING, today.after("watching", 4, 4, HOUR), HOUR, (5, 5)) == (0, 3)


def test_a_rule_gives_as_often_as_a_day_has_room_for() -> None:
    rules, instants = PointsRules([WATCHING]), [HOUR * n for n in range(1, 16)]
    assert rules.given(WATCHING, Today(day=7), instants) == instants[:10]
    assert rules.given(WATCHING, Today(day=7).after("watching", 8, 8, 0), instants) == instants[:2]
    assert rules.given(WATCHING, Today(day=7).after("watching", 10, 10, 0), instants) == []


def test_the_next_day_begins_with_nothing_given_but_remembers_when() -> None:
    today = Today(day=7).after("watching", 8, 3, HOUR)
    assert today.on(7) is today.on(6) is today
    assert today.on(8) == Today(day=8, given={"watching": Given(at=HOUR)})


def test_a_cooldown_gives_nothing_until_it_is_over() -> None:
    rule = PointsRule(rule="checkin", cooldown=60)
    rules, today = PointsRules([rule]), Today(day=7).after("checkin", 5, 5, HOUR)
    assert rules.left(rule, today, HOUR + 59_999, (5, 5)) == (0, 0)
    assert rules.left(rule, today, HOUR + 60_000, (5, 5)) == (5, 5)
    assert rules.left(rule, today.on(8), HOUR + 59_999, (5, 5)) == (0, 0)
    assert rules.left(rule, Today(), 1, (5, 5)) == (5, 5)


def test_a_rule_without_limits_is_not_counted() -> None:
    rules = PointsRules([PointsRule(rule="checkin"), PointsRule(rule="reward", cooldown=1), WATCHING])
    assert [rules.limited(name) for name in ("checkin", "nothing", None)] == [None] * 3
    assert rules.limited("watching") is WATCHING
    assert rules.limited("reward") is not None


def test_the_card_shows_what_the_day_gave_out_of_what() -> None:
    today = Today(day=7).after("watching", 8, 3, HOUR)
    shown = PointsRules([WATCHING, PointsRule(rule="reward", cooldown=1)]).card(today)
    assert shown == [{"rule": "watching", "points": 8, "daily": 10}]


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("sleeping", {}),
        ("watching", {"points": 1}),
        ("watching", {"points": -1, "daily": 5}),
        ("chatting", {"daily": -1}),
        ("chatting", {"daily": 10**7}),
        ("checkin", {"points": 1}),
        ("reward", {"qualifying": 1}),
        ("checkin", {"cooldown": -1}),
    ],
)
def test_a_rule_that_is_none_is_refused(rule: RuleName, facts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"must|said with|needs"):
        PointsRule(rule=rule, **facts)


def test_a_rule_is_given_once() -> None:
    with pytest.raises(ValueError, match="same rule"):
        PointsRules([WATCHING, WATCHING])
    assert [rule.rule for rule in POINTS] == ["watching", "chatting"]
