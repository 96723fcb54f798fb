"""Rows go to the store and come back as they were."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import date
from random import Random
from zlib import compress

import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from checkin.attendance import Attendance, Record
from checkin.dayset import DaySet
from membership.account import HISTORY, Account
from membership.day_sums import DaySums
from membership.keep_rule import LONGEST
from membership.keeping import Keeping
from room.feature import Feature
from room.house import House
from room.people import User
from room.row import KEYED_RESULTS, USED_KEYS, Result, Row, member, part
from roomserver.features import make_house
from roomserver.rows import LONGEST as ROWS_LONGEST
from roomserver.rows import RowCodec, UnreadableRow
from roomserver.schema import encode
from roomserver.store import StoredRow
from tests.room.toys import HOUSE, Fame, Jar, standing

CODEC = RowCodec(HOUSE)
NOW = 1_795_000_000_000
DAYS = st.dates(date(1899, 12, 31), date(2100, 3, 1))  # no leap year at either end, though divisible by four
st.register_type_strategy(DaySet, st.sets(DAYS, max_size=9).map(DaySet.of))
SERVED = make_house()


def stored(body: bytes, version: int = 3) -> StoredRow:
    return StoredRow(version=version, change="c1", body=body)


def written(house: House, row: Row) -> Row:
    """The row after it was stored and read."""
    codec = RowCodec(house)
    return codec.decode(row.subject, StoredRow(version=row.version, change=row.change, body=codec.encode(row)))


KINDS = [
    (s, f, k) for s in (member("ada"), *(part(f.name) for f in SERVED.features)) for f, k in SERVED.sections(s).items()
]


@pytest.mark.parametrize(("subject", "feature", "kind"), KINDS, ids=[f"{s}-{f.name}" for s, f, _ in KINDS])
@settings(max_examples=30)
@given(data=st.data())
def test_every_section_that_is_served_comes_back_as_it_was(
    subject: str, feature: Feature, kind: type[object], data: st.DataObject
) -> None:
    row = Row(subject=subject, version=7, change="c7").having(data.draw(st.from_type(kind)))
    try:
        again = written(SERVED, row)
    except TypeError:  # a whole number of more than 64 bits, which no section holds
        reject()
    assert again == row


def results() -> st.SearchStrategy[Result]:
    json_value = st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    )
    return st.builds(
        Result,
        id=st.text(min_size=1),
        natural=st.none() | st.text(),
        keys=st.lists(st.text(), max_size=4).map(tuple),
        said=st.none() | st.text(min_size=1),
        reply=st.dictionaries(st.text(), json_value, max_size=4),
    )


@given(st.lists(results(), max_size=4), st.integers(0, 100), st.integers(0, 100))
def test_results_come_back_so_that_a_retry_gets_its_first_reply(kept: list[Result], coins: int, praised: int) -> None:
    row = Row(subject="m:ada", version=1, change="c1", results=tuple(kept))
    row = row.having(Jar(coins=coins)).having(Fame(praised=praised))
    assert written(HOUSE, row) == row


def test_a_reply_of_values_comes_back_as_the_same_json() -> None:
    reply = {"user": User(id="ada", name="Ada", tier=3), "replayed": False}
    row = Row(subject="m:ada", version=1, results=(Result(id="c1", keys=("ada#jar.drop#k",), reply=reply),))
    [result] = written(HOUSE, row).results
    assert result.reply == {"user": {"id": "ada", "name": "Ada", "tier": 3}, "replayed": False}
    assert encode(result.reply) == encode(reply)


def test_what_the_platform_said_with_a_key_is_read_from_older_rows_too() -> None:
    newer = Result(id="c1", keys=("operator#jar.drop#k",), said="q83vEjRW", reply={"coins": 1})
    assert b'"keys":["operator#jar.drop#k"],"said":"q83vEjRW"' in CODEC.encode(Row(subject="m:ada", results=(newer,)))
    older = b'{"r":[{"id":"c1","natural":null,"keys":["operator#jar.drop#k q83vEjRW"],"reply":{"coins":1}}]}'
    assert CODEC.decode("m:ada", stored(older)).results == (newer,)
    oldest = b'{"r":[{"id":"c1","natural":null,"keys":["operator#jar.drop#k"],"reply":{"coins":1}}]}'
    assert CODEC.decode("m:ada", stored(oldest)).results == (replace(newer, said=None),)


def test_a_persons_key_may_have_spaces() -> None:
    body = b'{"r":[{"id":"c1","natural":null,"keys":["ada#jar.drop#a b"],"reply":{}}]}'
    assert CODEC.decode("m:ada", stored(body)).results[0].keys == ("ada#jar.drop#a b",)


def test_what_is_not_stored_is_an_empty_row_of_version_0() -> None:
    assert CODEC.decode("m:ada", None) == Row(subject="m:ada")


def test_sections_of_features_that_are_not_known_survive_a_rewrite_byte_for_byte() -> None:
    theirs = b'{ "a" : [1.10, 1e2, "\\u00e9", 123456789012345678901234567890] }'
    body = b'{"s":{"jar":[1,{"coins":2}],"lottery":[12, ' + theirs + b']},"r":[]}'
    row = CODEC.decode("m:ada", stored(body)).having(Jar(coins=3))
    again = CODEC.encode(row)
    assert theirs in again
    assert b'"lottery":[12,' in again
    assert CODEC.decode("m:ada", stored(again)).foreign == row.foreign
    assert row.of(Jar) == Jar(coins=3)


def test_a_section_of_a_part_is_not_a_members() -> None:
    row = CODEC.decode("p:jar", stored(b'{"s":{"jar":[1,{"coins":2}]},"r":[]}'))
    assert row.sections == {}
    assert "jar" in row.foreign


@pytest.mark.parametrize("schema", [0, 2, -1, 2**70])
def test_a_section_of_another_schema_is_not_read_and_so_never_written_over(schema: int) -> None:
    with pytest.raises(UnreadableRow, match="jar"):
        CODEC.decode("m:ada", stored(b'{"s":{"jar":[%d,{"coins":2}]},"r":[]}' % schema))


def test_an_older_row_without_newer_fields_is_read_with_their_defaults() -> None:
    assert CODEC.decode("m:ada", stored(b'{"s":{"jar":[1,{}]}}')).of(Jar) == Jar()
    assert CODEC.decode("m:ada", stored(b"{}")) == Row(subject="m:ada", version=3, change="c1")


UNREADABLE = [
    b"",
    b"null",
    b"[]",
    b"{",
    b'{"s":[]}',
    b'{"s":{"jar":{}}}',
    b'{"s":{"jar":[1]}}',
    b'{"s":{"jar":[1,{"coins":"2"}]}}',
    b'{"s":{"jar":[1,null]}}',
    b'{"s":{"jar":[1,{"coins":%d}]}}' % 2**64,  # what could be read, but not written again
    b'{"s":{"jar":[1,{"coins":%d}]}}' % (-(2**63) - 1),
    b"z" + compress(b'{"s":{"jar":[1,{"coins":%d}]}}' % 10**30),
    b'{"s":{"jar\xff":[1,{}]}}',
    b'{"r":[{}]}',
    b'{"r":[{"id":"\xff","reply":{}}]}',
    b'{"r":[{"id":"a","reply":[]}]}',
    b'{"r":[{"id":"a","reply":{"a":"\xff"}}]}',
    b'{"r":[{"id":"a","reply":' + b"[" * 100_000,
    b'{"r":[{"id":"a","reply":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}]}",
]


@pytest.mark.parametrize("body", UNREADABLE)
def test_a_row_that_cannot_be_read_says_whose_it_is(body: bytes) -> None:
    codec = RowCodec(HOUSE)
    with pytest.raises(UnreadableRow, match="m:ada"):
        codec.decode("m:ada", stored(body))
    assert codec.unreadable == 1


@pytest.mark.parametrize("coins", [0, 2**64 - 1, -(2**63), 10**18])
def test_the_largest_numbers_come_back(coins: int) -> None:
    row = Row(subject="m:ada", version=1, change="c").having(Jar(coins=coins))
    assert written(HOUSE, row) == row


@pytest.mark.parametrize("days", [b"[]", b"5", b'{"2026":5}', b'{"x":"AQ"}', b'{"2026":"*"}'])
def test_a_section_whose_days_are_none_is_not_read(days: bytes) -> None:
    body = b'{"s":{"checkin":[1,{"streaks":{"daily":{"done":%b}}}]}}' % days
    with pytest.raises(UnreadableRow, match="m:ada"):
        RowCodec(SERVED).decode("m:ada", stored(body))


def ten_years(random: Random, points: int) -> Row:
    """A member with the longest id, keys, window and history, here every other day and excused on the others."""
    user, today = "u" * 128, date(2026, 11, 20).toordinal()
    done, excused = (DaySet.of(map(date.fromordinal, range(today - 3_652 + n, today, 2))) for n in (0, 1))
    record = Record(done=done, excused=excused, at=NOW, zone="America/Argentina/Buenos_Aires", length=1_826, best=1_826)
    keeping = Keeping(level=4, sums=DaySums.of(today, [random.randrange(2 * points) for _ in range(LONGEST)]))
    account = Account(
        balance=10**7, qualifying=10**7, keeping=keeping, history=tuple((NOW + n, 3, 4) for n in range(HISTORY))
    )
    row = Row(subject=member(user), version=7, change="c").having(Attendance(streaks={"daily": record})).having(account)
    for n in range(KEYED_RESULTS + USED_KEYS):
        receipt = {"id": f"{random.random()}", "day": "2026-11-20", "streak": n, "replayed": False, "expires_at": NOW}
        key = f"{user}#checkin.mark#{random.random():064}"
        row = row.using(key).remembering(Result(id=str(n), natural=f"m#{n}", keys=(key,), reply=receipt))
    return row


@pytest.mark.parametrize("points", [50, 5_000, 500_000])
def test_a_row_of_ten_years_is_not_above_4_kib_and_comes_back_whole(points: int) -> None:
    row = ten_years(Random(points), points)
    body = RowCodec(SERVED).encode(row)
    print(f"ten years with {points} points a day: {len(body)} bytes")  # noqa: T201 - wanted in reports (pytest -rP)
    assert len(body) <= 4_096
    assert written(SERVED, row) == row


@pytest.mark.parametrize("body", [b"z", b"zz", b"z" + compress(b"{}")[:-1], b"z" + compress(b" " * (ROWS_LONGEST + 1))])
def test_a_deflated_row_that_is_none_is_not_read(body: bytes) -> None:
    with pytest.raises(UnreadableRow, match="m:ada"):
        CODEC.decode("m:ada", stored(body))


ANY = st.recursive(st.none() | st.text() | st.integers(), lambda one: st.lists(one) | st.dictionaries(st.text(), one))
BODIES = st.fixed_dictionaries({}, optional={"s": ANY | st.fixed_dictionaries({"jar": ANY}), "r": ANY})


@given(st.binary() | BODIES.map(lambda one: json.dumps(one).encode()))
@example(b'{"s":{"jar":[1,{"coins":-9223372036854775809}]}}')
def test_nothing_but_a_row_that_can_be_written_or_unreadable_comes_of_any_bytes(body: bytes) -> None:
    with contextlib.suppress(UnreadableRow):
        CODEC.encode(CODEC.decode("m:ada", stored(body)))


def test_a_row_keeps_its_sections_when_only_its_version_goes_on() -> None:
    row = Row(subject="m:ada", version=1, change="c1").having(Jar(coins=1))
    assert written(House(HOUSE.features, standing=standing), replace(row, version=2, change="c2")) == replace(
        row, version=2, change="c2"
    )
