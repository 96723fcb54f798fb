from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from room.row import KEYED_RESULTS, OTHERS_RESULTS, USED_KEYS, Result, Row, member, part, user_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    coins: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hat:
    colour: str = "none"


ROW = Row(subject=member("ada"))


def result(n: int, natural: str | None = None, *keys: str) -> Result:
    return Result(id=f"c{n}", natural=natural, keys=keys, reply={"n": n})


def remembering(*results: Result) -> Row:
    row = ROW
    for one in results:
        row = row.remembering(one)
    return row


def replies(row: Row) -> list[object]:
    return [one.reply["n"] for one in row.results]


def test_subjects_name_a_member_or_a_part_of_the_room() -> None:
    assert user_of(member("m:odd|id")) == "m:odd|id"
    assert user_of(part("settings")) is None


def test_a_section_that_is_not_there_is_empty() -> None:
    assert ROW.of(Purse) == Purse()


def test_a_section_takes_the_place_of_the_one_of_its_kind_and_of_no_other() -> None:
    row = ROW.having(Purse(coins=3)).having(Hat(colour="red")).having(Purse(coins=4))
    assert (row.of(Purse), row.of(Hat)) == (Purse(coins=4), Hat(colour="red"))
    assert ROW.sections == {}


def test_what_a_newer_worker_stored_survives() -> None:
    row = replace(ROW, foreign={"lottery": b"{}"}).having(Purse(coins=1)).remembering(result(1, "day#1"))
    assert row.foreign == {"lottery": b"{}"}


def test_a_result_is_known_by_its_key_before_its_nature() -> None:
    row = remembering(result(1, None, "ada#redeem#k"), result(2, "mark#monday", "ada#mark#k"))
    assert row.known(natural="mark#monday", key="ada#redeem#k") == result(1, None, "ada#redeem#k")
    assert row.known(natural="mark#monday", key="ada#mark#new") == result(2, "mark#monday", "ada#mark#k")
    assert row.known(natural=None, key=None) is None
    assert row.known(natural="mark#tuesday", key="bob#redeem#k") is None


def test_a_change_proves_itself_by_its_result() -> None:
    row = remembering(result(1, "mark#monday"))
    assert row.written_by("c1") == result(1, "mark#monday")
    assert row.written_by("c2") is None


def test_the_newest_of_each_natural_command_is_kept() -> None:
    row = remembering(result(1, "mark#monday"), result(2, "join#x"), result(3, "mark#tuesday"))
    assert replies(row) == [3, 2]


def test_an_older_day_stays_known_by_its_key_only() -> None:
    row = remembering(result(1, "mark#monday", "ada#mark#k1"), result(2, "mark#tuesday", "ada#mark#k2"))
    assert row.known(natural="mark#monday", key=None) is None
    assert row.known(natural=None, key="ada#mark#k1") == result(1, None, "ada#mark#k1")


def test_a_row_knows_the_last_keys_that_were_used() -> None:
    row = ROW
    for n in range(USED_KEYS + 1):
        row = row.using(f"ada#gift#{n}")
    assert [row.has_used(f"ada#gift#{n}") for n in (0, 1, USED_KEYS, USED_KEYS + 1)] == [False, True, True, False]
    assert len(row.used) == 8 * USED_KEYS
    assert row.having(Purse(coins=1)).remembering(result(1, "day#1")).next("c").used == row.used


def test_four_keys_of_each_caller_are_kept() -> None:
    row = remembering(result(0, None, "bob#gift#k"), *(result(n, None, f"ada#gift#k{n}") for n in range(1, 7)))
    assert replies(row) == [6, 5, 4, 3, 0]


def test_however_many_act_on_one_person_his_row_keeps_his_own_results_and_the_newest_few_of_theirs() -> None:
    own = [result(n, None, f"ada#gift#k{n}") for n in range(4)]
    row = remembering(*own, *(result(n, None, f"mod{n}#mute#k") for n in range(4, 104)))
    assert replies(row) == [*range(103, 103 - OTHERS_RESULTS, -1), 3, 2, 1, 0]


def test_a_room_s_own_row_keeps_the_newest_few_of_all() -> None:
    row = Row(subject="p:effects")
    for n in range(100):
        row = row.remembering(result(n, None, f"mod{n % 7}#thank#k{n}"))
    assert replies(row) == list(range(99, 99 - OTHERS_RESULTS, -1))


def test_a_deed_known_under_many_keys_keeps_the_newest_four() -> None:
    keys = tuple(f"ada#mark#k{n}" for n in range(6))
    assert remembering(result(1, "mark#monday", *keys)).results[0].keys == keys[:4]


def test_remembering_a_result_again_moves_it_to_the_front() -> None:
    first = result(1, "mark#monday", "ada#mark#k1")
    row = remembering(first, result(2, None, "ada#gift#k2"), replace(first, keys=("ada#mark#k3", *first.keys)))
    assert replies(row) == [1, 2]


callers = st.sampled_from(["ada", "bob", "cyd", "dan", "eve"])
deeds = st.tuples(callers, st.sampled_from(["mark", "gift"]), st.integers(0, 30), st.booleans(), st.booleans())


@given(st.lists(deeds))
def test_a_row_remembers_a_bounded_number_of_results_and_always_the_last(
    done: list[tuple[str, str, int, bool, bool]],
) -> None:
    row = ROW
    for n, (who, what, day, is_natural, has_key) in enumerate(done):
        natural = f"{what}#{day}" if is_natural else None
        keys = (f"{who}#{what}#{n}",) if has_key else ()
        row = row.remembering(result(n, natural, *keys))
        if natural or keys:
            assert row.results[0] == result(n, natural, *keys)
    known = [key for one in row.results for key in one.keys]
    assert sum(not key.startswith("ada#") for key in known) <= OTHERS_RESULTS
    for who in ("ada", "bob"):
        assert sum(key.startswith(f"{who}#") for one in row.results for key in one.keys) <= KEYED_RESULTS
    naturals = [one.natural for one in row.results if one.natural]
    assert len({natural.partition("#")[0] for natural in naturals}) == len(naturals)


def kept_naively(results: list[Result]) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """What a row of ada's remembers of these, the newest first: each natural deed once, the newest keys of each."""
    told: list[tuple[str, str | None, tuple[str, ...]]] = []
    seen: list[str] = []
    for one in results:
        deed = (one.natural or "").partition("#")[0]
        natural = None if any((n or "").startswith(f"{deed}#") for _, n, _ in told) else one.natural
        keys = []
        for key in one.keys:
            who = key.partition("#")[0]
            own, others = (sum(is_his == who for is_his in seen), sum(is_his != "ada" for is_his in seen))
            seen.append(who)
            if own < KEYED_RESULTS and (who == "ada" or others < OTHERS_RESULTS):
                keys.append(key)
        if natural or keys:
            told.append((one.id, natural, tuple(keys)))
    return told


own_deeds = st.tuples(
    st.sampled_from(["ada", "ada", "ada", "bob"]), st.sampled_from(["mark", "gift"]), st.integers(0, 9)
)


@given(st.lists(own_deeds, max_size=9))
def test_what_a_row_remembers_after_each_deed_is_what_it_would_of_all_of_them(done: list[tuple[str, str, int]]) -> None:
    row, all_of_them = ROW, list[Result]()
    for n, (who, what, day) in enumerate(done):
        made = result(n, f"{what}#{day}" if what == "mark" else None, f"{who}#{what}#{n}")
        row, all_of_them = row.remembering(made), [made, *all_of_them]
        assert [(one.id, one.natural, one.keys) for one in row.results] == kept_naively(all_of_them)


def test_a_row_without_somebody_is_empty_where_it_is_his_and_else_has_what_others_were_answered() -> None:
    seats = Row(subject=part("stage"), version=3, results=(result(1, None, "ada#x#1"), result(2, "x#day", "ada#x#2")))
    seats = seats.remembering(result(3, None, "bob#x#1"))
    assert seats.has_answered("ada")
    left = seats.without("ada")
    assert not left.has_answered("ada")
    assert left.results == (result(3, None, "bob#x#1"), result(2, "x#day"))
    assert (left.version, left.without("ad")) == (3, left)
    assert remembering(result(1, None, "ada#x#1")).having(Purse(coins=1)).without("ada") == ROW
