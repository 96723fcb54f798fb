from __future__ import annotations

from media.reception import Reception


def test_what_was_lost_is_counted_in_all_and_lately() -> None:
    track = Reception(90_000)
    for sequence in (0xFFFE, 0xFFFF, 1, 2):
        track.take(sequence, 0, 100, 1.0)
    first = track.report(1.0)
    assert (first.lost, first.fraction, first.highest) == (1, 256 // 5, 0x10002)
    track.take(3, 0, 100, 1.1)
    second = track.report(2.0)
    assert (second.lost, second.fraction) == (1, 0)


def test_nothing_came_at_all() -> None:
    report = Reception(90_000).report(1.0)
    assert (report.fraction, report.lost, report.lsr, report.dlsr) == (0, 0, 0, 0)


def test_packets_at_even_distances_have_no_jitter() -> None:
    even, odd = Reception(90_000), Reception(90_000)
    for step in range(100):
        even.take(step, 3000 * step, 100, step / 30)
        odd.take(step, 3000 * step, 100, step / 30 + 0.01 * (step % 2))
    assert even.report(4.0).jitter == 0
    assert 700 < odd.report(4.0).jitter <= 900


def test_a_sender_is_told_how_long_ago_he_was_heard() -> None:
    track = Reception(90_000)
    track.heard(0x1234_5678_9ABC_DEF0, 10.0)
    report = track.report(10.5)
    assert (report.lsr, report.dlsr) == (0x5678_9ABC, 32768)


def test_bytes_are_told_once() -> None:
    track = Reception(90_000)
    track.take(0, 0, 100, 1.0)
    assert track.octets() == 100
    assert track.octets() == 0
