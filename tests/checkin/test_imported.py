"""A history that is taken over counts from then on as one's own, and earns nothing again."""

from datetime import date, timedelta

import pytest
from hypothesis import given as examples
from hypothesis import settings as effort
from hypothesis import strategies as st

from checkin.attendance import Attendance
from checkin.imported import DAYS, HistoryImported, ImportHistory
from checkin.ladder import LADDER
from checkin.messages import Calendar, Excuse, Marked, Milestone, Placed, Rewarded
from checkin.refusals import HistoryNotEmpty
from membership.account import Account
from membership.messages import AddScore, PointsEarned
from membership.refusals import AccountNotEmpty
from room.change import Append, Score
from room.refusal import BadRequest, PermissionDenied
from room.row import member
from roomserver.features import make_house
from tests.checkin.evenings import MARK, ROOM, at
from tests.dialogue import ADA, HOST, OPERATOR, Dialogue, given

HOUSE = make_house()
TODAY = date(2026, 11, 21)
NOW = at("2026-11-21T20:00", "UTC")


def back(*days: int) -> tuple[str, ...]:
    """Days so many days ago."""
    return tuple((TODAY - timedelta(days=ago)).isoformat() for ago in days)


def bring(
    days: tuple[str, ...] = (), score: int = 0, points: int = 0, key: str = "k", name: str | None = None
) -> ImportHistory:
    return ImportHistory(room=ROOM, user="ada", days=days, score=score, points=points, name=name, key=key)


def evening() -> Dialogue:
    return given(HOUSE, at=NOW)


def test_days_score_and_points_are_one_change_and_nothing_is_earned() -> None:
    dialogue = evening().when(bring(back(2, 1), score=350, points=70, name="Ada"), actor=OPERATOR)
    kinds = [type(stamped.event) for stamped in dialogue.events]
    assert kinds[:2] == [HistoryImported, PointsEarned]
    assert not {Marked, Rewarded, Milestone} & set(kinds)
    assert dialogue.reply["streak"] == {"current": 2, "best": 2, "total": 2, "last": "2026-11-20"}
    assert (dialogue.reply["points"], dialogue.reply["balance"]) == (70, 70)
    assert dialogue.change is not None
    row = dialogue.change.row
    assert (row.of(Account).balance, row.of(Account).qualifying) == (70, 350)
    assert row.of(Attendance).name == "Ada"
    logs = {part.log: part.entry for part in dialogue.change.parts if isinstance(part, Append)}
    assert logs["points"]["reason"] == "import"
    assert logs["checkin"]["imported"] == row.of(Attendance).of("daily").done.to_json()
    assert [s.event.length for s in dialogue.events if isinstance(s.event, Placed)] == [2]
    assert [part.value is not None for part in dialogue.change.parts if isinstance(part, Score)] == [True]


def test_the_next_check_in_goes_on_with_the_streak_and_earns_only_the_steps_ahead() -> None:
    dialogue = evening().when(bring(back(*range(1, 7))), actor=OPERATOR).when(MARK)
    marked = next(s.event for s in dialogue.events if isinstance(s.event, Marked))
    assert (marked.length, marked.best, marked.total) == (7, 7, 7)
    steps = [s.event.step for s in dialogue.events if isinstance(s.event, Rewarded)]
    assert steps == [step.day for step in LADDER if step.day == 7]


def test_steps_of_imported_runs_that_an_excuse_joins_are_not_granted_again() -> None:
    dialogue = evening().when(bring(back(*range(1, 6), *range(7, 17))), actor=OPERATOR)
    [gap] = back(6)
    dialogue.when(Excuse(room=ROOM, first=gap, last=gap, reason="outage"), actor=OPERATOR)
    dialogue.when(MARK).replies(streak=16, rewards=[])


def test_a_long_history_is_not_rewarded_afterwards_nor_celebrated() -> None:
    dialogue = evening().when(bring(back(*range(1, 1200))), actor=OPERATOR).when(MARK)
    assert not [s.event for s in dialogue.events if isinstance(s.event, Rewarded | Milestone)]
    assert dialogue.reply["total"] == 1200


def test_a_streak_that_was_broken_begins_anew_with_its_ladder() -> None:
    dialogue = evening().when(bring(back(*range(3, 40))), actor=OPERATOR)
    assert dialogue.reply["streak"] == {"current": 0, "best": 37, "total": 37, "last": back(3)[0]}
    dialogue.when(MARK).replies(streak=1)


def test_today_may_be_among_the_days_and_is_done_then() -> None:
    dialogue = evening().when(bring(back(0)), actor=OPERATOR)
    assert dialogue.reply["streak"] == {"current": 1, "best": 1, "total": 1, "last": "2026-11-21"}
    calendar = dialogue.when(Calendar(room=ROOM, month="2026-11")).reply
    assert calendar["days"] == [{"date": "2026-11-21", "kind": "done"}]


@effort(max_examples=30, deadline=None)
@examples(st.sets(st.integers(0, 100), max_size=40))
def test_the_calendar_shows_the_days_that_were_brought(ago: set[int]) -> None:
    days = back(*ago)
    dialogue = evening().when(bring(days), actor=OPERATOR)
    shown: list[str] = []
    for month in ("2026-08", "2026-09", "2026-10", "2026-11"):
        answer = dialogue.when(Calendar(room=ROOM, month=month)).reply["days"]
        assert isinstance(answer, list)
        shown += [one["date"] for one in answer if one["kind"] == "done"]
    assert shown == sorted(days)


def test_who_has_checked_in_keeps_what_he_has() -> None:
    dialogue = evening().when(MARK)
    dialogue.when(bring(back(1)), actor=OPERATOR).refuses(HistoryNotEmpty)


def test_who_has_earned_anything_keeps_what_he_has() -> None:
    score = AddScore(room=ROOM, user="ada", amount=5, reason="order", key="o")
    dialogue = evening().when(score, actor=OPERATOR)
    dialogue.when(bring(back(1)), actor=OPERATOR).refuses(AccountNotEmpty)


def test_a_second_import_is_refused_and_a_retry_gets_the_first_reply() -> None:
    dialogue = evening().when(bring(back(1), points=5), actor=OPERATOR)
    first = dict(dialogue.reply)
    dialogue.when(bring(back(1), points=5), actor=OPERATOR)
    assert (dict(dialogue.reply), dialogue.change) == (first, None)
    dialogue.when(bring(back(2), key="other"), actor=OPERATOR).refuses(HistoryNotEmpty)


def test_only_the_platform_imports_and_with_a_key() -> None:
    evening().when(bring(back(1)), actor=HOST).refuses(PermissionDenied)
    evening().when(ImportHistory(room=ROOM, user="ada"), actor=OPERATOR).refuses(BadRequest)


@pytest.mark.parametrize(
    "command",
    [
        bring(("2026-02-30",)),
        bring(("20260101",)),
        bring(("2026-W01-1",)),
        bring(("x",)),
        bring(("1969-12-31",)),
        bring(back(-1)),
        bring(("2026-01-01",) * (DAYS + 1)),
        bring(score=-1),
        bring(points=-1),
    ],
)
def test_what_is_no_history_is_refused(command: ImportHistory) -> None:
    evening().when(command, actor=OPERATOR).refuses(BadRequest)


def test_score_alone_may_come() -> None:
    dialogue = evening().when(bring(score=100), actor=OPERATOR)
    assert dialogue.reply["streak"] == {"current": 0, "best": 0, "total": 0, "last": None}
    assert dialogue.room.row(member(ADA.id)).of(Account).qualifying == 100
    dialogue.when(MARK).replies(streak=1)
