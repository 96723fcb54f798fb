"""Names that look alike: who is called like a host, and is none, must not be taken for one.

Two names look alike when their skeletons are the same, in the manner of Unicode's UTS 39 with a small table of its
own: compatibility forms, case, accents, spaces, signs and what is unseen do not count, letters of other alphabets that
are drawn as Latin ones are those, and so are two letters that together look like one.
"""

from __future__ import annotations

import unicodedata

DRAWN_AS_LATIN = str.maketrans(
    {
        **dict(zip("авеёзкмнорстухіјѕԁһԛԝ", "abee3kmhopctyxijsdhqw", strict=True)),  # Cyrillic
        **dict(zip("αβγεηικνορτυχω", "abyenikvoptuxw", strict=True)),  # Greek
    }
)
"""Small letters of other alphabets, and the Latin ones as which they are drawn."""

_DRAWN_ALIKE = DRAWN_AS_LATIN | str.maketrans(
    {
        **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡɩ", "abcdefghijkimnoprstuvwyzagi", strict=True)),  # small capitals
        **dict(zip("ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᎽᏃ", "abcdeghijkimprstvwyz", strict=True)),  # Cherokee
        **dict(zip("օսհոց", "ouhng", strict=True)),  # Armenian
        **dict(zip("ロカエタトハニヘー", "口力工夕卜八二へ一", strict=True)),  # Katakana as characters
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
    bones = "".join(one for one in drawn if one.isalnum())
    return bones.replace("rn", "m").replace("vv", "w") or name


def marked(name: str, user: str) -> str:
    """A name with the end of the id of him who bears it."""
    return f"{name} #{user[-6:]}"
