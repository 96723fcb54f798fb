import unicodedata

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from effects import text as texts
from effects.refusals import TextEmpty, TextTooLong
from effects.text import MOST_BYTES, MOST_GRAPHEMES, MOST_RAW, clean, graphemes, in_one_alphabet

FAMILY = "👩\u200d👩\u200d👧\u200d👦"
RAINBOW = "🏳\ufe0f\u200d🌈"
SEARCHING = st.text(
    st.one_of(
        st.characters(),  # lone surrogates included
        st.sampled_from(
            "\u200c\u200d\u200b\u202e\u2066\ufeff\ufe0e\ufe0f\u0301\u0316\u034f\u3164\u2800\u3000\t\n\x00\x9b "
        ),
        st.sampled_from("👩🏽🌈🏳❤1#\u20e3eकम्षمनی\u180b\u1820葛\U000e0100\U000e0067\U000e007f\u1100\u1161\u11a8\u0600"),
    ),
    max_size=60,
)
FORBIDDEN = regex.compile(
    r"[\p{Cc}\p{Cs}\p{Bidi_Control}\u200b\u2060\ufeff\u00ad\p{Noncharacter_Code_Point}\U000E0000-\U000E007F]"
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("  hi \t there\r\nyou  ", "hi there you"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("\u1100\u200d\u1161", "가"),
        ("a\u202eb\u2066c\u200ed\u061ce", "abcde"),
        ("a\x00b\x1bc\x7fd\x9be", "abcde"),
        ("zero\u200bwidth\ufeff\u2060\u00ad", "zerowidth"),
        ("主播好！　今天", "主播好！ 今天"),
        ("\ud800x\udfff", "x"),
        ("\ufdd0x\uffff", "x"),
        ("\u0301 \u0301a", "a"),
        ("a\u200db\u200cc", "abc"),
        ("a\ufe0f", "a"),
        ("x\u3164y\u2800z", "xy z"),
        ("\u0600١٢", "\u0600١٢"),
    ],
)
def test_text_is_composed_put_on_one_line_and_rid_of_what_nobody_sees(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    "text",
    [
        FAMILY,
        RAINBOW,
        "❤\ufe0f\u200d🔥",
        "👍🏽",
        "1\ufe0f\u20e3",
        "🇨🇳",
        "می\u200cخواهم",
        "क्\u200dष",
        "葛\U000e0100",
        "ᠠ\u180b",
    ],
)
def test_joiners_stay_where_emoji_and_scripts_need_them(text: str) -> None:
    assert clean(f"a {text} z") == f"a {text} z"


def test_tags_are_stripped_so_a_flag_made_of_them_is_a_plain_flag() -> None:
    assert clean("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f") == "🏴"


def test_a_base_carries_at_most_four_marks() -> None:
    assert clean("x" + "\u0332" * 9 + "y") == "x" + "\u0332" * 4 + "y"
    assert clean("x" + "\u0332\u200d" * 9 + "y") == "x" + "\u0332" * 4 + "y"


@pytest.mark.parametrize(
    "text",
    ["", " \n ", "\u200b\u202e\x00", "\u3164\u115f\u1160\uffa0", "\u2800", "\u0301\u0302", "\ufe0f\u200d", "\ud800"],
)
def test_text_of_which_nothing_is_left_is_refused(text: str) -> None:
    with pytest.raises(TextEmpty):
        clean(text)


def test_a_hundred_characters_pass_and_one_more_does_not() -> None:
    assert clean("好" * 100) == "好" * 100
    with pytest.raises(TextTooLong, match="at most 100 characters and 400 bytes"):
        clean("好" * 101)


def test_few_characters_of_many_bytes_are_too_long() -> None:
    assert graphemes(FAMILY) == 1
    assert clean(FAMILY * 16) == FAMILY * 16
    with pytest.raises(TextTooLong):
        clean(FAMILY * 17)


def test_what_is_stripped_does_not_count_but_there_is_an_end_to_it() -> None:
    assert clean("hi" + "\u200b" * (MOST_RAW - 2)) == "hi"
    with pytest.raises(TextTooLong):
        clean("hi" + "\u200b" * (MOST_RAW - 1))


@settings(max_examples=500)
@given(SEARCHING)
@example("e\u200d\u0301")
@example("👩\u200d\u200d👩")
@example("👩\u200d\ufe0f\u200d\ufe0f\u200d\ufe0f👩")
@example("\u0dd9\u200d\u0dcf")
def test_any_text_is_refused_or_comes_out_clean_and_stays_as_it_is(raw: str) -> None:
    try:
        shown = clean(raw)
    except (TextEmpty, TextTooLong):
        return
    assert clean(shown) == shown
    assert 1 <= graphemes(shown) <= MOST_GRAPHEMES
    assert len(shown.encode()) <= MOST_BYTES
    assert unicodedata.is_normalized("NFC", shown)
    assert FORBIDDEN.search(shown) is None
    assert regex.search(r"[\p{M}]{5}|^\p{M}|\s\p{M}", shown) is None
    assert regex.search(r"\s\s|^\s|\s$|[^\S ]", shown) is None
    assert regex.search(r"(?:^|[\u200c\u200d ])[\u200c\u200d]|[\u200c\u200d](?:$| )", shown) is None


@given(st.text(st.sampled_from("abc 好，！é😀"), min_size=1, max_size=60))
def test_plain_text_loses_nothing_but_spare_spaces(raw: str) -> None:
    wanted = " ".join(raw.split())
    if wanted:
        assert clean(raw) == wanted


def test_words_of_two_alphabets_are_put_into_one_and_others_left_as_they_are() -> None:
    assert in_one_alphabet("Dаmn, сор cop 茶 αβγ café") == "damn, сор cop 茶 αβγ café"


PLAIN = st.text(
    st.one_of(
        st.characters(max_codepoint=0x7F), st.sampled_from("直播间的会员，今天打卡！（１２）【鿯】~"), st.characters()
    ),
    max_size=20,
)


@settings(max_examples=1000)
@given(PLAIN)
def test_plain_text_is_cleaned_as_any_other(raw: str) -> None:
    if texts._PLAIN.fullmatch(raw):
        assert texts._trimmed(raw) == texts._settled(raw)
        assert len(texts._trimmed(raw)) == graphemes(texts._settled(raw))


def test_every_plain_character_stands_for_itself_alone() -> None:
    plain = [chr(code) for code in range(0x10000) if texts._PLAIN.fullmatch(chr(code))]
    assert len(plain) > 20_000
    for one in plain:
        pair = one + one
        assert texts._settled(pair) == pair.strip()
        assert graphemes(pair) == 2
