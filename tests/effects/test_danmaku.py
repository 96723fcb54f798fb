from typing import Literal

import pytest

from effects.danmaku import DanmakuSaid, SendDanmaku
from effects.feature import Effects
from effects.refusals import EmoteLocked, TextEmpty, TextTooLong, TooFast, WordRefused
from effects.shoutout import SendShoutout
from effects.styles import Style
from effects.words import Forbidden
from room.house import House
from room.message import Lane, ReplyAt
from room.people import Entitlements, User
from room.refusal import BadRequest
from room.settings import Settings
from tests.dialogue import ADA, GUEST, HOST, MODERATOR, given
from tests.effects.toys import HOUSE, NOTHING, SKY, ranked, standing

WHITE = Style(id="white", color=16777215, mode=1, size=25)
SKY_SCROLL = Style(id="sky", color=8376831, mode=1, size=25)
Mode = Literal[1, 4, 5]
AN_ADA = User(id="ada", name="Ada", tier=2)


def send(
    text: str | None = "hi", emote: str | None = None, style: str | None = None, mode: Mode | None = None
) -> SendDanmaku:
    return SendDanmaku(room="demo", text=text, emote=emote, style=style, mode=mode)


def test_a_member_speaks_in_his_best_colour() -> None:
    spoken = given(HOUSE, ranked("ada", SKY)).when(send("  hi  "))
    spoken.then(DanmakuSaid(user=AN_ADA, text="hi", style=SKY_SCROLL))
    spoken.replies({"id": spoken.events[0].id, "status": "accepted", "style": "sky"})


def test_a_guest_speaks_in_white() -> None:
    said = DanmakuSaid(user=User(id="guest-1", name="guest-1"), text="hi", style=WHITE)
    given(HOUSE).when(send(), actor=GUEST).then(said)


def test_a_style_one_does_not_hold_degrades_and_the_sender_is_told() -> None:
    spoken = given(HOUSE, ranked("ada", SKY)).when(send(style="gold"))
    spoken.then(DanmakuSaid(user=AN_ADA, text="hi", style=WHITE)).replies(style="white", degraded=True)


def test_a_mode_one_does_not_hold_degrades_and_the_sender_is_told() -> None:
    spoken = given(HOUSE, ranked("ada", SKY)).when(send(mode=5))
    spoken.then(DanmakuSaid(user=AN_ADA, text="hi", style=WHITE)).replies(style="white", degraded=True)


@pytest.mark.parametrize(("style", "mode"), [("sky", None), ("white", 1), (None, 4), ("mint", 4)])
def test_what_one_holds_is_not_degraded(style: str | None, mode: Mode | None) -> None:
    assert "degraded" not in given(HOUSE, ranked("ada", SKY)).when(send(style=style, mode=mode)).reply


def test_invariant_7_an_entitlement_that_is_taken_away_is_gone_at_the_very_next_message() -> None:
    spoken = given(HOUSE, ranked("ada", SKY)).when(send(style="sky"))
    spoken.then(DanmakuSaid(user=AN_ADA, text="hi", style=SKY_SCROLL))
    spoken.room.rows["m:ada"] = ranked("ada", NOTHING, tier=0)
    spoken.when(send(style="sky")).replies(style="white", degraded=True)
    spoken.when(send()).then(DanmakuSaid(user=User(id="ada", name="Ada"), text="hi", style=WHITE))


def test_a_member_who_is_raised_has_the_new_colour_on_his_next_message() -> None:
    spoken = given(HOUSE).when(send()).replies(style="white")
    spoken.room.rows["m:ada"] = ranked("ada", SKY)
    spoken.when(send()).then(DanmakuSaid(user=AN_ADA, text="hi", style=SKY_SCROLL))


@pytest.mark.parametrize(("text", "emote"), [(None, None), ("hi", "cheer")])
def test_it_is_either_a_text_or_an_emote(text: str | None, emote: str | None) -> None:
    given(HOUSE).when(send(text=text, emote=emote)).refuses(BadRequest)


def test_a_text_that_is_empty_or_too_long_is_refused() -> None:
    given(HOUSE).when(send("\u200b")).refuses(TextEmpty)
    given(HOUSE).when(send("x" * 101)).refuses(TextTooLong)


def test_an_emote_one_does_not_hold_is_refused_by_name() -> None:
    refused = given(HOUSE).when(send(text=None, emote="cheer"))
    assert refused.refusal is not None
    assert refused.refusal.message == "this emote is not yours: cheer"
    refused.refuses(EmoteLocked)


def test_an_emote_one_holds_is_said() -> None:
    said = DanmakuSaid(user=AN_ADA, text="[cheers]", emote="cheer", style=WHITE)
    given(HOUSE, ranked("ada", Entitlements(emotes=("cheer",)))).when(send(text=None, emote="cheer")).then(said)


def test_e2_who_holds_a_pack_sends_what_is_in_it_and_its_alt_text_is_said_in_the_rooms_language() -> None:
    row = ranked("ada", Entitlements(emotes=("cheer",)))
    said = DanmakuSaid(user=AN_ADA, text="[大笑]", emote="laugh", style=WHITE)
    spoken = given(HOUSE, row, Settings(language="zh")).when(send(text=None, emote="laugh")).then(said)
    spoken.when(send(text=None, emote="rocket")).refuses(EmoteLocked)
    spoken.when(send(text=None, emote="nothing")).refuses(EmoteLocked)


def test_e1_two_stand_on_top_and_the_third_within_four_seconds_scrolls_in_its_colour() -> None:
    row = ranked("ada", Entitlements(styles=("white", "sky"), modes=(1, 4, 5)))
    spoken = given(HOUSE, row)
    for _ in range(2):
        spoken.when(send(mode=5))
        assert "degraded" not in spoken.reply
    spoken.when(send(mode=5)).then(DanmakuSaid(user=AN_ADA, text="hi", style=SKY_SCROLL))
    spoken.replies(style="sky", degraded=True)
    assert "degraded" not in spoken.when(send(mode=4)).reply
    assert "degraded" not in spoken.later(4_000).when(send(mode=5)).reply


def test_the_sixth_at_once_has_to_wait_and_nobody_elses() -> None:
    spoken = given(HOUSE)
    for _ in range(5):
        spoken.when(send()).then(DanmakuSaid)
    spoken.when(send()).refuses(TooFast, retry_in=2_000)
    spoken.when(send(), actor=GUEST).then(DanmakuSaid)
    spoken.later(2_000).when(send()).then(DanmakuSaid)


def test_what_is_refused_costs_nothing() -> None:
    spoken = given(HOUSE)
    for _ in range(9):
        spoken.when(send("")).refuses(TextEmpty)
    spoken.when(send()).then(DanmakuSaid)


def test_a_moderator_may_send_five_times_as_many() -> None:
    spoken = given(HOUSE)
    for _ in range(25):
        spoken.when(send(), actor=MODERATOR).then(DanmakuSaid)
    spoken.when(send(), actor=MODERATOR).refuses(TooFast, retry_in=400)


def test_what_guards_and_lanes_go_by() -> None:
    assert (SendDanmaku.speaks, SendDanmaku.durable, SendDanmaku.reply_at) == (True, False, ReplyAt.TICK)
    assert DanmakuSaid.lane is Lane.DANMAKU
    assert ADA.id not in given(HOUSE).room.actors


@pytest.mark.parametrize("other", ["666 gg", "６６６ＧＧ", "666GG", "6 6 6 g g"])
def test_what_differs_in_case_width_and_spaces_alone_says_the_same(other: str) -> None:
    one, same = (DanmakuSaid(user=AN_ADA, text=text, style=WHITE) for text in ("666 GG", other))
    assert one.same_as == same.same_as
    assert one.standing_for(("b", "c")) == DanmakuSaid(
        user=AN_ADA, text="666 GG", style=WHITE, count=3, merged=("b", "c")
    )
    assert one.same_as != DanmakuSaid(user=AN_ADA, text="666 G", style=WHITE).same_as


def test_a_word_of_the_house_or_of_the_room_is_refused_to_everybody() -> None:
    house = House([Effects(forbidden=Forbidden(("damn",)))], standing=standing)
    spoken = given(house, Settings(words=("赌博",)))
    for text in ("D4MN", "来赌 博"):
        spoken.when(send(text)).refuses(WordRefused)
        spoken.when(send(text), actor=HOST).refuses(WordRefused)
        spoken.when(SendShoutout(room="demo", to="ada", text=text, key="k"), actor=HOST).refuses(WordRefused)
    spoken.when(send("hello")).then(DanmakuSaid)


def test_a_medal_is_beside_what_somebody_says_in_words_or_emotes() -> None:
    house = House([Effects(medal=lambda context: f"of {context.actor.id}")], standing=standing)
    for said in (send(), send(None, "hello")):
        room = given(house, ranked("ada", Entitlements(emotes=("hello",)))).when(said)
        assert [getattr(stamped.event, "medal", None) for stamped in room.events] == ["of ada"]
