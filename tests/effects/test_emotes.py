import pytest

from effects.emotes import EMOTES, EmoteDef, Emotes
from room.people import Entitlements


def test_e2_who_holds_a_pack_or_an_emote_may_send_it() -> None:
    emotes = Emotes()
    for held in ("fan", "want_it"):
        assert emotes.held(Entitlements(emotes=(held,)), "want_it") is not None
    assert emotes.held(Entitlements(emotes=("fan",)), "rocket") is None
    assert emotes.held(Entitlements(emotes=("fan", "unknown")), "unknown") is None


def test_e2_the_picker_shows_locked_and_open_packs() -> None:
    offered = Emotes().offer(Entitlements(emotes=("hello", "crown")))
    assert {one["id"] for one in offered if "locked" not in one} == {"hello", "clap", "heart", "crown"}
    assert {
        "id": "rocket",
        "pack": "patron",
        "alt": "[rocket]",
        "alt_zh": "[火箭]",
        "size": 64,
        "locked": {"tier": 5},
    } in offered


@pytest.mark.parametrize(
    ("alt", "alt_zh", "size"), [("", "好", 48), ("good", " ", 48), ("good", "好", 8), ("good", "好", 400)]
)
def test_an_emote_that_cannot_be_read_or_shown_is_refused(alt: str, alt_zh: str, size: int) -> None:
    with pytest.raises(ValueError, match="emote 'x'"):
        EmoteDef(id="x", pack="p", alt=alt, alt_zh=alt_zh, tier=0, size=size)


def test_no_two_emotes_have_one_id() -> None:
    with pytest.raises(ValueError, match="same id"):
        Emotes((EMOTES[0], EMOTES[0]))
