from roomserver.variants import simplified


def test_traditional_characters_have_simplified_ones() -> None:
    assert "賺錢發髮臺灣".translate(simplified()) == "赚钱发发台湾"


def test_what_is_simplified_or_common_to_both_stays_as_it_is() -> None:
    for text in ("赚钱发台湾", "天下一人", "abc 123", "かな"):
        assert text.translate(simplified()) == text


def test_a_character_becomes_one_character() -> None:
    assert {len(form) for form in simplified().values()} == {1}
    assert len(simplified()) > 3_000
