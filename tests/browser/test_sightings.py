"""The longest wait is measured from every moment of the watch, its begin and its end included."""

from tests.browser.sightings import Sighting, longest_wait


def shouts(*times: float) -> list[Sighting]:
    return [Sighting(at, "shoutout", "thanks") for at in times]


def flights(**colours: float) -> list[Sighting]:
    return [Sighting(at, "danmaku", name.rstrip("0123456789")) for name, at in colours.items()]


def test_the_wait_between_two_sightings() -> None:
    assert longest_wait(shouts(2, 9, 12), "shoutout", begin=0, end=15) == 7


def test_the_wait_for_the_first_and_after_the_last() -> None:
    assert longest_wait(shouts(8, 9), "shoutout", begin=0, end=10) == 8
    assert longest_wait(shouts(1, 2), "shoutout", begin=0, end=10) == 8


def test_what_never_came_was_waited_for_all_the_time() -> None:
    assert longest_wait(shouts(3), "burst", begin=0, end=10) == 10


def test_sightings_outside_the_watch_do_not_count() -> None:
    assert longest_wait(shouts(1, 5, 30), "shoutout", begin=4, end=10) == 5


def test_the_wait_for_three_colours_is_not_shortened_by_one_that_comes_often() -> None:
    seen = flights(white1=1, white2=2, blue1=3, white3=4, gold1=6, white4=7, blue2=8, gold2=9)
    assert longest_wait(seen, "danmaku", begin=0, end=10, different=3) == 6
