"""Words that may not be said, however they are written: case, width, spacing, accents, dots, digits for letters.

A text and a word are compared by their letters alone (NFKC, case folded, look-alike digits and signs as letters). In
scripts that part words by spaces a word must stand by itself, at whatever spacing of its own letters, so that a
place called Scunthorpe may be named; in others it is found anywhere. Which characters are variants of one another, as
traditional and simplified ones are, is an argument. Letters with and without an accent are one, but for those that are
letters of their own: an año is no ano.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from effects.text import in_one_alphabet

MOST_WORDS = 500
"""Of one room."""

LONGEST = 64
"""Characters of one word."""

_DIGITS = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"})
_SIGNS = str.maketrans({"@": "a", "$": "s", "€": "e"})

_ELLS = str.maketrans({"1": "l", "|": "l", "!": "i"})

_STROKED = str.maketrans({"ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ı": "i"})
"""Letters with a stroke, which is no mark of its own that could be taken off."""

_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_ACCENTED = re.compile(f"([nN]\u0303|[иИуУ]\u0306|[A-Za-z\u0370-\u03ff\u0400-\u04ff]){_MARK}*")
"""A letter, or ñ, й and ў, with the marks above, below and across it; of decomposed text."""

_SPACED = 0x0600  # below are Latin, Greek, Cyrillic, Armenian and Hebrew, whose words stand apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """The letters of a text; ``apart`` says of each, and of the end, whether something else stands before it."""

    letters: str
    apart: tuple[bool, ...]

    def has(self, word: str) -> bool:
        """Whether these letters are found, by themselves where their script parts words."""
        start = self.letters.find(word)
        while start >= 0:
            if self._stands(start, word):
                return True
            start = self.letters.find(word, start + 1)
        return False

    def _stands(self, start: int, word: str) -> bool:
        begins = self.apart[start] or ord(word[0]) >= _SPACED
        return begins and (self.apart[start + len(word)] or ord(word[-1]) >= _SPACED)


@dataclass(frozen=True, slots=True, eq=False)
class Forbidden:
    """The words of all rooms; ``variants`` are characters, by code point, with those that they are taken for."""

    words: tuple[str, ...] = ()
    variants: Mapping[int, str] = field(default_factory=dict)

    def forbids(self, text: str, more: tuple[str, ...] = ()) -> bool:
        """Whether a text has one of the words, or of these, in it, in any of its spellings."""
        wanted = (*_letters_of(self, self.words), *_letters_of(self, more))
        if not wanted:
            return False
        plain = self.plain(text)
        forms = {plain, plain.translate(_SIGNS), plain.translate(_ELLS)}  # mostly one
        return any(form.has(word) for form in map(_letters, forms) for word in wanted)

    def plain(self, text: str) -> str:
        """A text without what makes no difference to its characters."""
        return in_one_alphabet(_bare(unicodedata.normalize("NFKC", text))).translate(self.variants)


def _bare(text: str) -> str:
    """The text without accents."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text.translate(_STROKED))
    return unicodedata.normalize("NFC", _ACCENTED.sub(r"\1", decomposed))


@lru_cache(maxsize=256)  # the words of a room are the same for all that is said in it
def _letters_of(forbidden: Forbidden, words: tuple[str, ...]) -> tuple[str, ...]:
    folded = (_letters(forbidden.plain(word).translate(_SIGNS)).letters for word in words)
    return tuple(dict.fromkeys(word for word in folded if word))


def _letters(text: str) -> Letters:
    letters: list[str] = []
    apart: list[bool] = []
    gap = True
    for one in text.casefold().translate(_DIGITS):
        kind = unicodedata.category(one)
        if one.isalnum() or kind.startswith("M"):
            letters.append(one)
            apart.append(gap)
            gap = False
        elif kind != "Cf":  # what is unseen parts nothing
            gap = True
    return Letters(letters="".join(letters), apart=(*apart, True))
