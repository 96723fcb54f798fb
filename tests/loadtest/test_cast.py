import re
from itertools import pairwise

from loadtest.cast import CAST_SIZE, Cast

CAST = Cast(seed=7, run="abc")


def test_a_member_is_the_same_for_seed_run_and_number() -> None:
    assert CAST.member(17) == Cast(seed=7, run="abc").member(17)
    assert CAST.member(17).name != Cast(seed=8, run="abc").member(18).name


def test_another_run_has_other_members() -> None:
    assert not {CAST.member(n).user for n in range(50)} & {Cast(seed=7, run="abd").member(n).user for n in range(50)}


def test_the_cast_goes_round() -> None:
    assert CAST.member(CAST_SIZE + 3) == CAST.member(3)


def test_ids_are_allowed_and_differ() -> None:
    users = [CAST.member(number).user for number in range(200)]
    assert len(set(users)) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_.|:@-]{1,128}", user) for user in users)


def test_of_two_newcomers_one_makes_an_entrance() -> None:
    assert all(one.tier or other.tier for one, other in pairwise(map(CAST.member, range(500))))


def test_both_languages_and_all_tiers_are_there() -> None:
    members = [CAST.member(number) for number in range(60)]
    assert {member.language for member in members} == {"zh", "en"}
    assert {member.tier for member in members} == set(range(7))


def test_some_are_regulars_who_come_back_and_some_reach_a_hundred() -> None:
    first = [CAST.member(number) for number in range(30)]
    assert sum(7 <= member.days < 90 and member.away >= 2 for member in first) >= 3
    assert [(member.days, member.away) for member in first if member.days == 99] == [(99, 1)]
    assert sum(member.days == 0 for member in first) > 20


def test_only_the_host_has_a_role() -> None:
    assert CAST.host("demo").role == "host"
    assert CAST.host("demo") == Cast(seed=8, run="abd").host("demo")
    assert all(CAST.member(number).role is None for number in range(20))
