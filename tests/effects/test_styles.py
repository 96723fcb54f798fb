import pytest

from effects.styles import STYLES, Style, StyleDef, Styles
from room.people import Entitlements

ALL = Styles()
NOTHING = Entitlements()
SKY = Entitlements(styles=("white", "mint", "sky"), modes=(1, 4))
WHITE = Style(id="white", color=0xFFFFFF, mode=1, size=25)


def test_without_a_wish_the_best_style_one_holds_is_used() -> None:
    assert ALL.resolve(SKY, None, None) == Style(id="sky", color=0x7FD1FF, mode=1, size=25)
    assert ALL.resolve(NOTHING, None, None) == WHITE


def test_a_lesser_style_and_a_mode_one_holds_may_be_chosen() -> None:
    assert ALL.resolve(SKY, "mint", 4) == Style(id="mint", color=0x7CF5C4, mode=4, size=25)
    assert ALL.resolve(SKY, "white", 4) == Style(id="white", color=0xFFFFFF, mode=4, size=25)


@pytest.mark.parametrize(
    ("style", "mode"),
    [("gold", None), ("#FF0000", 1), ("", None), ("sky", 5), (None, 5), ("sky", 7), (None, -1), ("gold", 4)],
)
def test_what_one_does_not_hold_becomes_white_and_scrolls(style: str | None, mode: int | None) -> None:
    assert ALL.resolve(SKY, style, mode) == WHITE


def test_a_style_held_that_no_catalogue_knows_is_passed_over() -> None:
    newer = Entitlements(styles=("white", "mint", "aurora"))
    assert ALL.resolve(newer, None, None).id == "mint"
    assert ALL.resolve(newer, "aurora", None) == WHITE
    assert ALL.resolve(Entitlements(styles=()), None, None) == WHITE


def test_the_offer_says_which_modes_may_be_used_and_how_to_get_the_rest() -> None:
    offer = {str(one["id"]): one for one in ALL.offer(SKY)}
    assert offer["sky"] == {"id": "sky", "name": "Sky", "color": 8376831, "modes": (1, 4)}
    assert offer["lilac"] == {
        "id": "lilac",
        "name": "Lilac",
        "color": 13219583,
        "modes": (1, 4, 5),
        "locked": {"tier": 3},
    }
    assert list(offer) == [style.id for style in STYLES]


def test_a_colour_that_cannot_be_read_is_no_style() -> None:
    with pytest.raises(ValueError, match="'blood': #FF0000 has a contrast below 7"):
        StyleDef(id="blood", name="Blood", color=0xFF0000, tier=1)
