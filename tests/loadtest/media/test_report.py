from __future__ import annotations

import json
from dataclasses import replace

import pytest

from loadtest.media.report import Disturbed, Handed, MediaReport, Rushed

HERE = Handed(viewers=20, seconds=4, base=0.1, cpu=0.26, packets=17_000, gaps=0, join_cpu=0.06, key_requests=1)
THERE = Handed(viewers=3, seconds=4, base=1.2, cpu=3.6, packets=1900, gaps=0, join_cpu=0.03)


def report(here: Handed = HERE, there: Handed = THERE) -> MediaReport:
    return MediaReport(machine="m", picture="p", forwarded=[here], relayed=[there])


def test_a_viewer_costs_what_is_beyond_the_base() -> None:
    assert HERE.percent_per_viewer == pytest.approx(0.2)
    assert THERE.percent_per_viewer == pytest.approx(20)
    assert report().ratio == pytest.approx(100)


def test_a_packet_costs_its_share_of_everything() -> None:
    assert HERE.micros_per_packet == pytest.approx(1e6 * 0.26 / 17_000)
    assert HERE.join_ms == pytest.approx(3)


def test_all_that_is_asked_is_met() -> None:
    assert all(met for _, _, met in report().goals())


@pytest.mark.parametrize(
    "worse",
    [
        replace(HERE, cpu=0.6),
        replace(HERE, packets=12_000),
        replace(HERE, gaps=1),
        replace(HERE, join_cpu=0.2),
        replace(HERE, key_requests=3),
    ],
)
def test_each_goal_can_be_missed(worse: Handed) -> None:
    assert not all(met for _, _, met in report(worse).goals())


def test_it_is_one_json_object() -> None:
    said = json.loads(report().to_json())
    assert said["ratio"] == 100
    assert said["forwarded"][0]["percent_per_viewer"] == 0.2
    assert {"goal", "measured", "met"} == said["goals"][0].keys()


def test_talk_and_picture_are_held_to_leave_each_other_alone() -> None:
    pair = Disturbed(viewers=100, alone_p99_ms=10.0, beside_p99_ms=11.0, packets=9000, gaps=0, unsent=0)
    assert all(met for _, _, met in replace(report(), beside=[pair]).goals())
    slower = replace(pair, beside_p99_ms=20.0)
    assert all(met for _, _, met in replace(report(), beside=[pair, slower, pair]).goals()), "the median counts"
    for worse in (slower, replace(pair, unsent=1)):
        assert not all(met for _, _, met in replace(report(), beside=[worse]).goals())


def test_a_rush_leaves_the_publisher_in_peace_and_costs_little() -> None:
    rush = Rushed(viewers=100, took=2.0, cpu=0.5, shown=0.2, key_requests=4)
    assert rush.join_ms == pytest.approx(4)
    assert rush.keys_a_second == 2
    assert all(met for _, _, met in replace(report(), rushed=[rush]).goals())
    for worse in (replace(rush, took=0.5, key_requests=3), replace(rush, cpu=0.7)):
        assert not all(met for _, _, met in replace(report(), rushed=[worse]).goals())
