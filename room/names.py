"""Names that look alike: who is called like a host, and is none, must not be taken for one.

Two names look alike when their skeletons are the same, in the manner of Unicode's UTS 39 with a small table of its
own: compatibility forms, case, accents, spaces, signs and what is unseen do not count, and letters of other alphabets
that are drawn as Latin ones are those.
"""

from __future__ import annotations

import unicodedata

_DRAWN_ALIKE = str.maketrans(
    {
        **dict(zip("авеёзкмнорстухіјѕԁһԛԝ", "abee3kmhopctyxijsdhqw", strict=True)),  # Cyrillic
        **dict(zip("αβγεηικνορτυχω", "abyenikvoptuxw", strict=True)),  # Greek
        **dict(zip("0157", "oist", strict=True)),
        "l": "i",
        "|": "i",
        "!": "i",
        "ı": "i",
        "ӏ": "i",
        "@": "a",
        "$": "s",
    }
)


def skeleton(name: str) -> str:
    """What is left of a name when all is taken away in which names that look alike may differ."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    drawn = unicodedata.normalize("NFKD", folded.translate(_DRAWN_ALIKE))
    return "".join(one for one in drawn if one.isalnum()) or name


def marked(name: str, user: str) -> str:
    """A name with the end of the id of him who bears it."""
    return f"{name} #{user[-6:]}"
