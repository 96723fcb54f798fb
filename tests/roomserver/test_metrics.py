"""What the server counts, in the text format of Prometheus."""

from __future__ import annotations

from roomserver.metrics import Metrics, counter, gauge, histogram


def page(metrics: Metrics) -> list[str]:
    """The lines of the page that are no comments."""
    return [line for line in metrics.page().decode().splitlines() if not line.startswith("#")]


def test_what_was_counted_is_on_the_page() -> None:
    metrics = Metrics()
    metrics.conflicts.inc()
    metrics.refusals.labels(1200).inc(2)
    for _ in range(3):
        metrics.asked("jar.drop")
    metrics.joined("whole")
    lines = page(metrics)
    assert 'roomserver_commands_total{kind="jar.drop"} 3.0' in lines
    assert 'roomserver_joins_total{recovery="whole"} 1.0' in lines
    assert "roomserver_commit_conflicts_total 1.0" in lines
    assert 'roomserver_refusals_total{code="1200"} 2.0' in lines


def test_two_servers_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.conflicts.inc()
    assert "roomserver_commit_conflicts_total 0.0" in page(other)


def test_gathered_families_are_read_anew_each_time() -> None:
    metrics, now = Metrics(), [1]
    metrics.gather(lambda: [gauge("rooms", "Open rooms.", now[0]), counter("frames", "Frames.", 7)])
    assert "roomserver_rooms 1.0" in page(metrics)
    now[0] = 2
    assert "roomserver_rooms 2.0" in page(metrics)
    assert "roomserver_frames_total 7.0" in page(metrics)


def test_a_gauge_may_have_a_value_for_each_label() -> None:
    metrics = Metrics()
    metrics.gather(lambda: [gauge("members", "Members.", {"0": 2, "3": 1}, label="tier")])
    assert page(metrics)[-2:] == ['roomserver_members{tier="0"} 2.0', 'roomserver_members{tier="3"} 1.0']


def test_a_histogram_has_cumulative_buckets_for_each_label() -> None:
    metrics = Metrics()
    metrics.gather(lambda: [histogram("delay", "Delay.", [0.1, 1.0], {"3": ([2, 1, 4], 9.5)}, label="tier")])
    assert page(metrics)[-5:] == [
        'roomserver_delay_bucket{le="0.1",tier="3"} 2.0',
        'roomserver_delay_bucket{le="1.0",tier="3"} 3.0',
        'roomserver_delay_bucket{le="+Inf",tier="3"} 7.0',
        'roomserver_delay_count{tier="3"} 7.0',
        'roomserver_delay_sum{tier="3"} 9.5',
    ]
