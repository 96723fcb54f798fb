from datetime import time

import pytest

from checkin.definition import STREAKS, StreakDef, crossed
from checkin.ladder import LADDER, MedalDef, RewardDef, StepDef
from room.day import DayRule
from room.live import SETTINGS, Room
from room.row import Row
from room.settings import Settings


def room(settings: Settings) -> Room:
    return Room(id="demo", rows={SETTINGS: Row(subject=SETTINGS).having(settings)})


BERLIN = room(Settings(zone="Europe/Berlin", boundary=90))


def test_the_streak_of_a_room_that_sets_nothing() -> None:
    (daily,) = STREAKS
    assert (daily.name, daily.zone, daily.points, daily.qualifying) == ("daily", "room", 10, 10)
    assert (daily.ladder, daily.lengths, daily.totals) == (LADDER, (7, 30, 100, 365), (100, 365, 1000))


def test_a_room_streak_has_the_days_of_the_room_wherever_one_is() -> None:
    rule = StreakDef(name="daily").rule(BERLIN, "Asia/Tokyo")
    assert rule == DayRule("Europe/Berlin", time(1, 30))


def test_a_users_streak_has_the_days_of_his_zone() -> None:
    own = StreakDef(name="daily", zone="user")
    assert own.rule(BERLIN, "Asia/Tokyo") == DayRule("Asia/Tokyo", time(1, 30))


@pytest.mark.parametrize("zone", [None, "", "Mars/Olympus", "posix/Asia/Tokyo", "../etc/passwd", "A" * 5000, "\0"])
def test_a_zone_that_is_none_leaves_the_days_of_the_room(zone: str | None) -> None:
    assert StreakDef(name="daily", zone="user").rule(BERLIN, zone).zone == "Europe/Berlin"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "Daily Streak"},
        {"name": "a#b"},
        {"zone": "nowhere"},
        {"points": -1},
        {"qualifying": -1},
        {"lengths": (0,)},
        {"totals": (-5,)},
    ],
)
def test_a_streak_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="streak"):
        StreakDef(**{"name": "daily", **wrong})  # type: ignore[arg-type]  # wrong on purpose


def test_a_ladder_out_of_order_is_refused() -> None:
    with pytest.raises(ValueError, match="must be above"):
        StreakDef(name="daily", ladder=(LADDER[1], StepDef(day=1, reward=LADDER[0].reward)))


def test_marks_are_crossed_on_the_way_up_only() -> None:
    assert crossed((7, 30, 100), 6, 7) == [7]
    assert crossed((7, 30, 100), 7, 8) == []
    assert crossed((100, 7, 30), 0, 40) == [7, 30]
    assert crossed((7,), 9, 6) == []


def test_medals_shine_the_highest_first_and_those_of_the_streak_before_those_in_all() -> None:
    tens = RewardDef(id="ten", kind="medal", title=".", medal=MedalDef(id="ten_in_all", title="."))
    streak = StreakDef(name="daily", total_ladder=(StepDef(day=10, reward=tens),))
    assert streak.medals((3, 30), (10,)) == ["month", "three", "ten_in_all"]
    assert streak.medals((), (10,)) == ["ten_in_all"]
    assert streak.medals((3, 5), ()) == ["three"]  # a step that is no more has none
