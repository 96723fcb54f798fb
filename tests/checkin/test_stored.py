# ruff: noqa: E501, N802 - rows as they lie in stores; the rows of the table are called T1, T2, ...
"""Rows as earlier versions stored them are read, and go on."""

from checkin.attendance import Attendance
from checkin.messages import Rewarded
from roomserver.rows import RowCodec
from roomserver.store import StoredRow
from tests.checkin.evenings import HOUSE, MARK, check_in, happened, row_of
from tests.dialogue import given

FIRST = b'{"s":{"checkin":[1,{"streaks":{"daily":{"done":{"2024":"AAAAAAAAAAAAAAAAAAAADg"},"bridged":{},"at":1714766400000,"zone":"UTC","best":3,"epoch":"2024-05-01","granted":[3]}}}],"membership":[1,{"balance":30,"qualifying":30,"medals":[{"id":"three","title":"Three days in a row"}]}]},"r":[{"id":"t3","natural":"checkin.mark:daily#2024-05-03","keys":[],"reply":{"id":"t3","day":"2024-05-03","streak":3,"best":3,"total":3,"replayed":false,"points":10,"balance":30,"rewards":[{"id":"three","kind":"medal","title":"Medal: three days in a row"}],"medals":[{"id":"three","title":"Three days in a row"}],"next":{"day":7,"title":"Coupon for a whole week","in":4},"expires_at":1714881600000,"at":1714766400000,"durability":"memory"}}]}'
"""Three check-ins, before there were boards, excuses and a ladder by check-ins in all."""


def test_a_row_of_the_first_version_is_read_and_its_streak_goes_on() -> None:
    row = RowCodec(HOUSE).decode("m:ada", StoredRow(version=3, change="t3", body=FIRST))
    evening = check_in(given(HOUSE, row), "2024-05-03").replies(streak=3, replayed=True)
    check_in(evening, "2024-05-04").replies(streak=4, best=4, total=4, rewards=[])
    record = row_of(evening).of(Attendance).of("daily")
    assert (record.epoch, record.granted, record.length) == ("2024-05-01", (3,), 4)


def test_T30_steps_granted_by_the_first_version_are_not_granted_again() -> None:
    row = RowCodec(HOUSE).decode("m:ada", StoredRow(version=3, change="t3", body=FIRST))
    days = [f"2024-05-{n:02}" for n in range(4, 11)]
    evening, steps = given(HOUSE, row), []
    for day in days:
        check_in(evening, day)
        steps += [(s.event.by, s.event.step) for s in evening.events if isinstance(s.event, Rewarded)]
    assert steps == [("streak", 7), ("total", 10)]
    assert happened(evening.when(MARK)) == []
