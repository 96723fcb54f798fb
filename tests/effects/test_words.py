import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.words import Forbidden

WORDS = ("Damn", "hello", "сор", "ass", "赌博", "free money", "...")


def refused(text: str, words: tuple[str, ...]) -> bool:
    return Forbidden(words).forbids(text)


@pytest.mark.parametrize(
    "text",
    [
        "damn", "DAMN!", "oh, Damn it", "ｄａｍｎ", "d a m n", "d.a.m.n", "d4mn", "D@MN", "da\u200bmn", "@damn",
        "damn$",
        "a$$", "kiss my a s s", "来赌博吧", "来赌 博吧", "来赌*博吧", "FREE   MONEY", "freemoney", "fr33 m0ney",
        "ａｓｓ", "dаmn", "DАMN", "dαmn", "he11o", "he||0", "heｌ1o",
    ],
)  # fmt: skip
def test_a_word_is_found_however_it_is_written(text: str) -> None:
    assert refused(text, WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "class",
        "was sold",
        "pass",
        "as sassy",
        "damned",
        "goddamn",
        "赌 气 博 学",
        "free the money",
        "...",
        "",
        "👍",
        "cop",
        "cор",
        "heiio",
    ],
)
def test_what_only_holds_its_letters_is_let_through(text: str) -> None:
    assert not refused(text, WORDS)


@pytest.mark.parametrize(
    "text", ["dàmn", "dáḿn", "d\u0336a\u0336m\u0336n\u0336", "DÄMN", "ｄàmn", "hèllo", "hęłłø", "fréé mönèy"]
)
def test_accents_and_strokes_make_no_other_word(text: str) -> None:
    assert refused(text, WORDS)


@pytest.mark.parametrize("word", ["enculé", "encule", "ENCULÉ"])
@pytest.mark.parametrize("text", ["enculé", "encule", "encule\u0301"])
def test_a_word_may_be_given_with_its_accents_or_without(word: str, text: str) -> None:
    assert refused(text, (word,))


@pytest.mark.parametrize(("text", "word"), [("feliz año", "ano"), ("мой", "мои"), ("が", "か"), ("한국", "하")])
def test_a_letter_of_its_own_is_no_accent(text: str, word: str) -> None:
    assert not refused(text, (word,))


def test_the_words_of_all_rooms_and_of_this_one_are_forbidden() -> None:
    forbidden = Forbidden(("damn",))
    assert forbidden.forbids("damn", ("hell",))
    assert forbidden.forbids("hell", ("hell",))
    assert not forbidden.forbids("hell")


@pytest.mark.parametrize("word", ["賺錢", "赚钱", "赚錢"])
@pytest.mark.parametrize("text", ["加我 賺錢", "加我赚钱", "賺-钱"])
def test_variants_of_a_character_are_one(word: str, text: str) -> None:
    forbidden = Forbidden((word,), {ord("賺"): "赚", ord("錢"): "钱"})
    assert forbidden.forbids(text)
    assert forbidden.forbids(text, (word,))
    assert not forbidden.forbids("钱赚")


def test_where_no_word_is_forbidden_all_may_be_said() -> None:
    assert not refused("damn", ())


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_word_by_itself_is_always_found_and_nothing_fails(before: str, after: str) -> None:
    assert refused(f"{before} damn {after}", WORDS)
    refused(before + after, WORDS)
    refused(before, (after,))
