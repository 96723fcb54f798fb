from random import Random

import pytest

from loadtest.cast import Language
from loadtest.lines import LINES, SHOUT_OUTS, Mood, pick_line, pick_shout_out

ALL = [line for moods in LINES.values() for lines in moods.values() for line in lines]


def test_there_is_enough_to_say_and_nothing_twice() -> None:
    assert len(ALL) >= 120
    assert len(set(ALL)) == len(ALL)


def test_every_line_fits_a_danmaku() -> None:
    assert all(line == line.strip() and 1 <= len(line) <= 60 for line in ALL)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("mood", ["watching", "arrived", "checked_in", "thanked"])
def test_every_mood_has_words_in_both_languages(language: Language, mood: Mood) -> None:
    assert pick_line(Random(1), language, mood) in LINES[language][mood]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_shout_out_names_the_member(language: Language) -> None:
    assert "{name}" not in pick_shout_out(Random(1), language, "Mia")
    assert all("{name}" in text for text in SHOUT_OUTS[language])
    assert "Mia" in pick_shout_out(Random(1), language, "Mia")
