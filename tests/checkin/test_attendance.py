from dataclasses import replace
from datetime import date

from checkin.attendance import Attendance, Record
from checkin.dayset import DaySet
from checkin.ladder import Reward
from checkin.messages import Burst, Marked, Rewarded
from checkin.streak import Credited, StreakDays
from room.people import User

ADA = User(id="ada", name="Ada")


def marked(day: str, *, streak: str = "daily", best: int = 1, bridged: tuple[str, ...] | None = None) -> Marked:
    return Marked(
        user=ADA,
        streak=streak,
        day=day,
        length=1,
        best=best,
        total=1,
        bridged=bridged,
        received=5,
        zone="Asia/Shanghai",
        points=0,
        qualifying=0,
    )


def rewarded(step: int) -> Rewarded:
    reward = Reward(id="r", kind="medal", title="R")
    return Rewarded(user=ADA, streak="daily", day="2024-05-01", step=step, reward=reward, points=0)


def test_a_check_in_adds_its_day_and_its_evidence() -> None:
    record = Attendance().after(marked("2024-05-01", best=4)).of("daily")
    assert list(record.days.done) == [date(2024, 5, 1)]
    assert (record.best, record.epoch, record.granted) == (4, "2024-05-01", ())
    assert record.last == Credited(day=date(2024, 5, 1), at_ms=5, zone="Asia/Shanghai")


def test_days_bridged_are_kept_apart() -> None:
    first = Attendance().after(marked("2024-05-01"))
    record = first.after(marked("2024-05-03", bridged=("2024-05-02",))).of("daily")
    assert list(record.days.bridged) == [date(2024, 5, 2)]
    assert record.epoch == "2024-05-01"


def test_steps_granted_last_as_long_as_the_run() -> None:
    kept = Attendance().after(marked("2024-05-01")).after(rewarded(3))
    assert kept.of("daily").granted == (3,)
    assert kept.after(marked("2024-05-02")).of("daily").granted == (3,)
    assert kept.after(marked("2024-05-03")).of("daily").granted == ()


def test_a_step_is_not_granted_again_when_the_room_counts_streams_for_a_while() -> None:
    kept = Attendance().after(marked("2024-05-01")).after(rewarded(3))
    streamed = kept.after(replace(marked("2024-05-02"), stream=5, began="1000-01-06"))
    assert streamed.of("daily").granted == (3,)
    again = streamed.after(replace(marked("2024-05-03"), began="2024-05-01"))
    assert again.of("daily").granted == (3,)
    assert again.after(marked("2024-05-09")).of("daily").granted == ()


def test_streaks_do_not_mix() -> None:
    both = Attendance().after(marked("2024-05-01")).after(marked("2024-05-02", streak="yoga"))
    assert list(both.of("daily").days.done) == [date(2024, 5, 1)]
    assert list(both.of("yoga").days.done) == [date(2024, 5, 2)]
    assert both.of("other") == Record()


def test_what_concerns_no_record_leaves_the_same_section() -> None:
    section = Attendance().after(marked("2024-05-01"))
    assert section.after(Burst(delta=1, today=1, sample=())) is section


def test_nobody_checked_in_without_days() -> None:
    assert Record().last is None


def test_a_run_begins_after_the_last_day_missed() -> None:
    days = StreakDays(done=DaySet.of([date(2024, 5, 1), date(2024, 5, 3), date(2024, 5, 4)]))
    assert days.run(date(2024, 5, 4))[0] == date(2024, 5, 3)
    assert days.run(date(2024, 5, 1))[0] == date(2024, 5, 1)
