"""Clocks and chance."""

from __future__ import annotations

from roomserver.clock import Clock, Ids, jitter, secret_text, wall_ms


def test_the_domains_clock_follows_the_stores_and_a_rehearsals() -> None:
    plain, clock = Clock(), Clock(ahead=86_400_000)
    clock.adjust(-5_000)
    ahead = clock.now() - plain.now()
    assert abs(ahead - 86_395_000) < 1_000
    clock.adjust(0)
    assert abs(clock.now() - plain.now() - 86_400_000) < 1_000


def test_between_two_looks_at_the_stores_it_does_not_follow_a_machines_that_is_set() -> None:
    wall, running = [1_700_000_000_000], [5_000]
    clock = Clock(wall=lambda: wall[0] * 1_000_000, running=lambda: running[0] * 1_000_000)
    clock.adjust(-250)
    began = clock.now()
    for jump in (86_400_000, -172_800_000):
        wall[0] += jump
        running[0] += 30_000
        wall[0] += 30_000
    assert (began, clock.now() - began) == (1_700_000_000_000 - 250, 60_000)
    clock.adjust(86_400_000)  # as measured against the machine's as it goes now
    assert clock.now() - began == 60_000 + 250


def test_without_an_offset_it_is_the_machines() -> None:
    before = wall_ms()
    assert before <= Clock().now() <= wall_ms()


def test_no_id_is_given_twice_also_not_by_another_process() -> None:
    one, other = Ids(), Ids()
    given = [ids.next() for ids in (one, other) for _ in range(1000)]
    assert len(set(given)) == len(given)


def test_ids_are_names_that_a_store_can_keep() -> None:
    ids = Ids()
    assert all(name.isprintable() and " " not in name and len(name) < 40 for name in (ids.next() for _ in range(100)))


def test_secrets_differ_and_jitter_keeps_its_bounds() -> None:
    assert len({secret_text() for _ in range(100)}) == 100
    assert all(0.05 <= jitter(0.05, 0.15) <= 0.15 for _ in range(100))
