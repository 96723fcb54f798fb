"""Who is let in at the moment, on values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from room.people import Role
from roomserver.addresses import Proxies
from roomserver.gate import Gate, TurnedAway
from roomserver.limits import ARRIVALS_AT_ONCE, Limits
from roomserver.load import Load, Step


def gate(limits: Limits | None = None, *, proxies: Proxies | None = None, step: Step = Step.CALM) -> Gate:
    load = Load()
    load.step = step
    return Gate(limits=limits or Limits(), load=load, proxies=proxies)


def reason(away: TurnedAway | None) -> str | None:
    if away is None:
        return None
    assert away.status == 503
    assert away.after is not None
    assert 1 <= away.after <= 5
    return away.reason


def test_as_many_as_the_server_holds() -> None:
    made = gate(Limits(connections=2))
    assert [reason(made.admit("", inside, 0)) for inside in range(4)] == [None, None, "full", "full"]


def test_arrivals_have_a_rate_and_a_crowd_at_the_start() -> None:
    made = gate(Limits(arrivals=10))
    crowd = [reason(made.admit("", 0, 0)) for _ in range(10 * ARRIVALS_AT_ONCE + 1)]
    assert crowd == [None] * 10 * ARRIVALS_AT_ONCE + ["arrivals"]
    assert [reason(made.admit("", 0, 0.1)) for _ in range(2)] == [None, "arrivals"]


def test_without_a_rate_all_may_come_at_once() -> None:
    made = gate(Limits(arrivals=None))
    assert {reason(made.admit("", 0, 0)) for _ in range(5000)} == {None}


def test_an_address_has_its_share_and_gets_it_back() -> None:
    made = gate(Limits(per_address=2), proxies=Proxies([]))
    assert [reason(made.admit("a", 0, 0)) for _ in range(3)] == [None, None, "address"]
    assert reason(made.admit("b", 0, 0)) is None
    made.leave("a")
    assert [reason(made.admit("a", 0, 0)) for _ in range(2)] == [None, "address"]


def test_who_is_turned_away_takes_no_share() -> None:
    made = gate(Limits(per_address=1, connections=5), proxies=Proxies([]))
    assert [reason(made.admit("a", 5, 0)), reason(made.admit("a", 0, 0))] == ["full", None]


def test_addresses_are_not_counted_until_proxies_are_configured() -> None:
    made = gate(Limits(per_address=1))
    address = made.address("203.0.113.7", "198.51.100.1")
    assert address == ""
    assert {reason(made.admit(address, 0, 0)) for _ in range(10)} == {None}
    assert gate(proxies=Proxies([])).address("203.0.113.7", "198.51.100.1") == "203.0.113.7"


@pytest.mark.parametrize("step", Step)
def test_handshakes_are_put_off_by_an_overloaded_server_only(step: Step) -> None:
    assert reason(gate(step=step).admit("", 0, 0)) == ("overloaded" if step is Step.OVERLOADED else None)


def test_where_any_number_may_arrive_nobody_is_put_off() -> None:
    made = gate(Limits(arrivals=None), step=Step.OVERLOADED)
    assert reason(made.admit("", 0, 0)) is None
    assert made.puts_off(Role.MEMBER, recovers=False) is None


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("recovers", [True, False])
def test_newcomers_are_put_off_by_a_strained_server(step: Step, role: Role, recovers: bool) -> None:
    why = gate(step=step).puts_off(role, recovers=recovers)
    comes_in = step < Step.STRAINED or recovers or role >= Role.MODERATOR
    assert (why is None) == comes_in
    if why is not None:
        assert why.temporary
        assert why.retry_in is not None
        assert 1000 <= why.retry_in <= 5000


# Failures of an address -----------------------------------------------------------------------------------------------


def wary() -> Gate:
    return gate(Limits(per_address=3, arrivals=1), proxies=Proxies([]))


def test_an_address_may_fail_so_often_at_once_and_then_once_a_second() -> None:
    made = wary()
    waits = []
    for _ in range(6):
        made.failed("a", 100)
        waits.append(made.wait_after_failures("a", 100))
    assert waits == [0, 0, 0, 1, 1, 1], "and no more is held against it than a second"
    assert made.wait_after_failures("b", 100) == 0
    assert made.wait_after_failures("a", 101) == 0
    made.failed("a", 101)
    assert made.wait_after_failures("a", 101) == 1
    assert made.wait_after_failures("a", 110) == 0


def test_who_is_put_off_for_failures_takes_nobodys_place_among_those_who_arrive() -> None:
    made = wary()
    for _ in range(4):
        made.failed("a", 100)
    assert {reason(made.admit("a", 0, 100)) for _ in range(100)} == {"failures"}
    assert [reason(made.admit("b", 0, 100)) for _ in range(3)] == [None] * 3


def test_failures_of_nobody_are_not_counted() -> None:
    made = gate(Limits(per_address=1))
    for _ in range(100):
        made.failed("", 100)
    assert made.wait_after_failures("", 100) == 0
    assert reason(made.admit("", 0, 100)) is None


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 5)), max_size=60))
def test_nobody_waits_longer_than_a_second_after_his_last_failure(said: list[tuple[str, float]]) -> None:
    made, at = wary(), 0.0
    for address, pause in said:
        at += pause
        made.failed(address, at)
        assert made.wait_after_failures(address, at) <= 1
        assert made.wait_after_failures(address, at + 1.001) == 0
