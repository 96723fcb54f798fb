"""Texts of a configuration in the language of a room."""

import pytest

from room.wording import Wording, said


def test_a_text_is_said_in_the_language_of_the_room_or_in_english() -> None:
    tea = Wording(en="tea", zh="茶")
    assert [said(tea, language) for language in ("zh", "en", "fr")] == ["茶", "tea", "tea"]


def test_a_text_in_no_language_is_the_same_in_all() -> None:
    assert [said("tea 茶", language) for language in ("zh", "en")] == ["tea 茶", "tea 茶"]


@pytest.mark.parametrize("texts", [("", "茶"), ("tea", " ")])
def test_a_language_without_words_is_refused(texts: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        Wording(en=texts[0], zh=texts[1])
