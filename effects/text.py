"""Text of strangers made safe to show: what is left is visible, in NFC, on one line and of bounded size.

strip ─ NFC ─ marks ─ joiners ─ white space ─ again until nothing changes ─ limits

Removing a character can bring two others together that compose, or leave a joiner without its neighbours: hence
"again". Three rounds settle all but made-up text, which then loses its joiners altogether.
"""

import re
import unicodedata

import regex

from effects.refusals import TextEmpty, TextTooLong
from room.names import DRAWN_AS_LATIN

MOST_GRAPHEMES = 100
"""Characters as a reader counts them: extended grapheme clusters (UAX 29)."""

MOST_BYTES = 400
"""Bytes of UTF-8, since one grapheme can be of any length."""

MOST_RAW = 4096
"""Code points that are looked at at all: far above what 400 bytes can need, so cleaning has bounded work."""

_ROUNDS = 3

_JOINER = r"[\u200C\u200D]"

# Control, format (bidi, zero width, tags), surrogates, noncharacters and fillers that show nothing; but neither white
# space, nor what joins and varies characters (judged by its neighbours), nor the visible signs that enclose numbers.
_UNSEEN = regex.compile(
    r"[[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]"
    r"--[\s\u200C\u200D\p{Variation_Selector}\p{Prepended_Concatenation_Mark}]]+",
    regex.V1,
)
_SPACE = regex.compile(r"[\s\u2800]+")  # U+2800, the blank Braille cell, is no white space but looks like it
_BASELESS = regex.compile(rf"(?:^|(?<=[\s\u2800]))(?:\p{{M}}|{_JOINER})++")
_EXCESS = regex.compile(rf"(\p{{M}}(?:{_JOINER}*+\p{{M}}){{3}})(?:\p{{M}}|{_JOINER})++")

# Scripts in which a joiner changes what is read (RFC 5892 A.1 and A.2, simplified to "between two of its letters").
_CURSIVE = r"[[\p{scx=Arab}\p{scx=Syrc}\p{scx=Nkoo}\p{scx=Mong}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}"
_CURSIVE += r"\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}]"
_CURSIVE += r"&&[\p{L}\p{M}]]"
_EMOJI = r"\p{Extended_Pictographic}(?:[\uFE0E\uFE0F]|\p{Emoji_Modifier})?+"
_JOINED = regex.compile(
    rf"(?P<kept>{_EMOJI}(?:\u200D{_EMOJI})*+"
    r"|[0-9#*]\uFE0F(?=\u20E3)"  # keycaps
    r"|\p{Han}[\uFE00-\uFE02\U000E0100-\U000E01EF]"  # the forms of a Chinese character that names insist on
    r"|\p{Mongolian}[\u180B-\u180D\u180F]"
    rf"|(?<={_CURSIVE}){_JOINER}(?={_CURSIVE}))"
    rf"|{_JOINER}|\p{{Variation_Selector}}",
    regex.V1,
)
_JOINING = regex.compile(rf"{_JOINER}|\p{{Variation_Selector}}")
_GRAPHEME = regex.compile(r"\X")
_PLAIN = re.compile(r"[ -~\u4E00-\u9FEF\u3001-\u3003\u3008-\u3011\uFF01-\uFF5E]*+")
"""ASCII, common Chinese characters and their punctuation: each is one grapheme, and nothing but a space is to be done
about them. So nearly all that is said is spared five more searches, which are a third of what a danmaku costs; and the
standard library's matcher takes half the other's time for so plain a question."""
_MIXED = regex.compile(r"\b(?=\w*\p{Latin})(?=\w*[\p{Cyrillic}\p{Greek}])\w+")


def clean(text: str) -> str:
    """The text as a room shows it: 1–100 graphemes, at most 400 bytes; cleaning it again changes nothing.

    Raises TextEmpty, TextTooLong.
    """
    if len(text) > MOST_RAW:
        raise TextTooLong(_LIMITS)
    if _PLAIN.fullmatch(text):
        cleaned = _trimmed(text)
        shown = len(cleaned)
    else:
        cleaned = _settled(text)
        shown = graphemes(cleaned)
    if not cleaned:
        raise TextEmpty
    if len(cleaned.encode()) > MOST_BYTES or shown > MOST_GRAPHEMES:
        raise TextTooLong(_LIMITS)
    return cleaned


def graphemes(text: str) -> int:
    """How many characters a reader sees."""
    return len(_GRAPHEME.findall(text))


def in_one_alphabet(text: str) -> str:
    """The text with Latin letters for those that look like them, where both stand in one word: no language does so."""
    return _MIXED.sub(lambda mixed: mixed[0].casefold().translate(DRAWN_AS_LATIN), text)


_LIMITS = f"at most {MOST_GRAPHEMES} characters and {MOST_BYTES} bytes"


def _trimmed(text: str) -> str:
    """Plain text without the spaces that show nothing."""
    return " ".join(text.split())


def _settled(text: str) -> str:
    for _ in range(_ROUNDS):
        text, before = _round(text), text
        if text == before:
            return text
    return _round(_JOINING.sub("", text))


def _round(text: str) -> str:
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    text = _BASELESS.sub("", _EXCESS.sub(r"\1", text))
    if _JOINING.search(text):
        text = _JOINED.sub(r"\g<kept>", text)
    return _SPACE.sub(" ", text).strip()
