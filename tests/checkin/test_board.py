# ruff: noqa: N802 - the rows of the table are called T1, T2, ...
"""Who stands where: values that order by length and then by time, and boards that a broken streak leaves by itself."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from checkin.board import packed, scores, unpacked
from checkin.definition import StreakDef
from checkin.feature import Checkin
from checkin.messages import PART, Board, Excuse, Marked, Placed, Rank
from checkin.refusals import BoardNotKept
from room.board import Place, Window
from room.change import Score
from room.context import Context
from room.live import Room
from room.people import Actor
from room.row import Row, member
from room.settings import Privacy, Settings
from tests.checkin.evenings import HOUSE, MARK, ROOM, at, check_in, row_of
from tests.dialogue import ADA, BOB, GUEST, OPERATOR, Dialogue, given

BOARD = Board(room=ROOM, scope="room")
FEATURE = Checkin()

lengths = st.integers(0, 10_000)
instants = st.integers(1, 4_000_000_000_000)


@examples(lengths, instants, lengths, instants)
def test_a_longer_streak_comes_first_and_of_equal_ones_the_earlier(a: int, at: int, b: int, then: int) -> None:
    if (a, -(at // 1000)) < (b, -(then // 1000)):
        assert packed(a, at) < packed(b, then)
    assert unpacked(packed(a, at)) == a


def placed(evening: Dialogue) -> list[Score]:
    assert evening.change is not None
    return [part for part in evening.change.parts if isinstance(part, Score)]


def test_a_check_in_moves_its_member_from_one_day_to_the_next() -> None:
    evening = check_in(given(HOUSE), "2024-05-01")
    first = Score(board="checkin.daily.2024-05-01", value=packed(1, at("2024-05-01T20:00")))
    assert placed(evening) == [first]
    check_in(evening, "2024-05-02")
    second = Score(board="checkin.daily.2024-05-02", value=packed(2, at("2024-05-02T20:00")))
    assert placed(evening) == [replace(first, value=None), second]


def test_T34_who_hides_his_streak_is_on_no_board() -> None:
    hidden = Row(subject=member("ada")).having(Privacy(hide_streak=True))
    evening = check_in(given(HOUSE, hidden), "2024-05-01")
    assert {score.value for score in placed(evening)} == {None}
    evening.room.rows["m:ada"] = row_of(evening).having(Privacy())
    evening.when(Rank(room=ROOM)).then(Placed)
    value = packed(1, at("2024-05-01T20:00"))
    assert placed(evening) == [Score(board="checkin.daily.2024-05-01", value=value)]
    evening.room.rows["m:ada"] = row_of(evening).having(Privacy(hide_streak=True))
    assert placed(evening.when(Rank(room=ROOM))) == [Score(board="checkin.daily.2024-05-01", value=None)]
    assert evening.reply == {}


def test_who_never_checked_in_has_no_place_to_give_up() -> None:
    assert given(HOUSE).when(Rank(room=ROOM)).then().change is None


def windows(evening: Dialogue, actor: Actor = ADA, query: Board = BOARD, feature: Checkin = FEATURE) -> list[Window]:
    return list(feature.windows(query, evening.context(actor)))


def days(evening: Dialogue, feature: Checkin = FEATURE) -> list[str]:
    return [board.rpartition(".")[2] for board in windows(evening, feature=feature)[0].boards]


def test_streaks_are_alive_whose_last_day_is_today_or_the_day_before() -> None:
    evening = given(HOUSE, at=at("2024-05-04T03:59"))
    assert days(evening) == ["2024-05-03", "2024-05-02"]
    assert days(evening.later(60_000)) == ["2024-05-04", "2024-05-03"]


def test_T15_days_that_are_excused_bring_back_all_who_had_left_the_board() -> None:
    evening = given(HOUSE, at=at("2024-05-05T20:00"))
    evening.when(Excuse(room=ROOM, first="2024-05-03", last="2024-05-04", reason="outage"), actor=OPERATOR)
    assert days(evening) == ["2024-05-05", "2024-05-04", "2024-05-03", "2024-05-02"]


def test_T13_days_without_a_stream_leave_everybody_on_the_board() -> None:
    stream = at("2024-05-01T20:00")
    weekly = Settings(cadence="live_day", streams=((stream, stream + 3_600_000),))
    assert days(given(HOUSE, weekly, at=at("2024-05-04T20:00")))[-1] == "2024-05-01"


def test_the_board_of_a_room_that_rests_for_long_ends_somewhere() -> None:
    idle = Settings(cadence="live_day")
    assert len(days(given(HOUSE, idle, at=at("2024-05-04T20:00")))) == 40


def test_where_days_are_everybodys_own_all_zones_days_are_shown() -> None:
    own = Checkin([StreakDef(name="daily", zone="user")])
    assert days(given(HOUSE, at=at("2024-05-04T12:00")), own) == [f"2024-05-0{n}" for n in (4, 3, 2)]
    assert days(given(HOUSE, at=at("2024-05-04T15:00")), own) == [f"2024-05-0{n}" for n in (5, 4, 3, 2)]
    assert days(given(HOUSE, at=at("2024-05-04T20:00")), own) == [f"2024-05-0{n}" for n in (5, 4, 3)]


def test_a_guest_has_no_place_to_look_for() -> None:
    evening = given(HOUSE)
    assert [window.around for window in windows(evening, GUEST)] == [None]
    assert [(window.around, window.limit) for window in windows(evening)] == [(None, 20), ("m:ada", 1)]
    around = Board(room=ROOM, scope="room", around=True, limit=5)
    assert [(window.around, window.limit) for window in windows(evening, query=around)] == [(None, 5), ("m:ada", 5)]


@pytest.mark.parametrize("scope", ["platform", "friends"])
def test_boards_that_are_not_kept_here_are_refused_by_name(scope: str) -> None:
    with pytest.raises(BoardNotKept):
        windows(given(HOUSE), query=Board(room=ROOM, scope=scope))  # type: ignore[arg-type]  # from a parameter


def shown(evening: Dialogue, top: Sequence[Place], mine: Sequence[Place], *, around: bool = False) -> object:
    context = evening.context()
    query = replace(BOARD, around=around)
    read = dict(zip(FEATURE.windows(query, context), (top, mine), strict=True))
    return FEATURE.answer(query, replace(context, places=read))


def test_rows_have_the_name_of_the_last_check_in_where_nobody_else_knows_it() -> None:
    evening = check_in(given(HOUSE), "2024-05-01", actor=BOB)
    evening.room.actors.clear()
    check_in(evening, "2024-05-01")
    top = [Place(1, "m:bob", packed(1, 1)), Place(2, "m:ada", packed(1, 2))]
    bob = {"rank": 1, "user": replace(evening.context(BOB).user, name="Bob"), "length": 1, "total": 1}
    ada = {"rank": 2, "user": evening.context().user, "length": 1, "total": 1}
    mine = {"rank": 2, "length": 1, "total": 1}
    assert shown(evening, top, top[1:]) == {"rows": [bob, ada], "me": mine}
    assert shown(evening, top[:1], top[1:]) == {"rows": [bob], "me": mine}
    assert shown(evening, top[:1], top[1:], around=True) == {"rows": [ada], "me": mine}
    assert shown(evening, top[:1], [], around=True) == {"rows": [bob], "me": None}


def test_a_member_whose_row_has_no_name_is_shown_by_his_id() -> None:
    reply = shown(given(HOUSE), [Place(1, "m:eve", packed(3, 1))], [])
    assert isinstance(reply, dict)
    assert reply["rows"][0]["user"].name == "eve"


def test_scores_of_two_marks_of_one_day_leave_the_board_alone() -> None:
    """As after a clock that stepped back: the member must not be taken off the board that he is put on."""
    evening = given(HOUSE).when(MARK)
    marked = evening.events[0].event
    assert isinstance(marked, Marked)
    context: Context = evening.context()
    assert [score.value for score in scores(replace(marked, before=marked.day), context)] == [
        packed(1, marked.received)
    ]
    assert isinstance(evening.room, Room)
    assert evening.room.row(PART).version == 0
