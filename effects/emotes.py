"""The catalogue of emotes, by packs: what may be sent in place of a text, and what is read where it is not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from effects.styles import OFFERS
from room.people import Entitlements


@dataclass(frozen=True, slots=True, kw_only=True)
class EmoteDef:
    """An emote on offer: ``size`` is its height in pixels, ``tier`` where its ``pack`` is usually won.

    ``alt`` and ``alt_zh`` are what is read in its place, in English and in Chinese. Raises ValueError when one of
    them is empty: an emote that cannot be read says nothing to who cannot see it.
    """

    id: str
    pack: str
    alt: str
    alt_zh: str
    tier: int
    size: int = 48

    def __post_init__(self) -> None:
        if not self.alt.strip() or not self.alt_zh.strip():
            raise ValueError(f"emote {self.id!r}: alt and alt_zh must not be empty")
        if not 16 <= self.size <= 128:
            raise ValueError(f"emote {self.id!r}: size must be from 16 to 128")

    def said(self, language: str) -> str:
        """What it says in a room of that language."""
        return self.alt_zh if language == "zh" else self.alt


EMOTES = (
    EmoteDef(id="hello", pack="hello", alt="[waves]", alt_zh="[挥手]", tier=0),
    EmoteDef(id="clap", pack="hello", alt="[claps]", alt_zh="[鼓掌]", tier=0),
    EmoteDef(id="heart", pack="hello", alt="[heart]", alt_zh="[爱心]", tier=0),
    EmoteDef(id="cheer", pack="cheer", alt="[cheers]", alt_zh="[欢呼]", tier=1),
    EmoteDef(id="laugh", pack="cheer", alt="[laughs]", alt_zh="[大笑]", tier=1),
    EmoteDef(id="checked_in", pack="cheer", alt="[checked in]", alt_zh="[打卡]", tier=1),
    EmoteDef(id="want_it", pack="fan", alt="[wants it]", alt_zh="[想要]", tier=3),
    EmoteDef(id="bought_it", pack="fan", alt="[bought it]", alt_zh="[买了]", tier=3),
    EmoteDef(id="rocket", pack="patron", alt="[rocket]", alt_zh="[火箭]", tier=5, size=64),
    EmoteDef(id="crown", pack="patron", alt="[crown]", alt_zh="[皇冠]", tier=5, size=64),
)
"""The emotes of a room."""


class Emotes:
    """A catalogue of emotes by their ids; who holds a pack holds all that is in it.

    Raises ValueError when an id is given twice.
    """

    def __init__(self, definitions: tuple[EmoteDef, ...] = EMOTES):
        self._by_id = {definition.id: definition for definition in definitions}
        if len(self._by_id) < len(definitions):
            raise ValueError("two emotes of the same id")
        self._offers = lru_cache(OFFERS)(self._offered_to)

    def held(self, held: Entitlements, emote: str) -> EmoteDef | None:
        """The emote, if there is one and it, or its pack, is held."""
        definition = self._by_id.get(emote)
        return definition if definition is not None and _holds(held, definition) else None

    def offer(self, held: Entitlements) -> list[Mapping[str, object]]:
        """The catalogue for one person; ``locked`` says how to get an emote he does not hold."""
        return list(self._offers(held))

    def _offered_to(self, held: Entitlements) -> tuple[Mapping[str, object], ...]:
        return tuple([_offered(definition, held) for definition in self._by_id.values()])


def _holds(held: Entitlements, definition: EmoteDef) -> bool:
    return definition.id in held.emotes or definition.pack in held.emotes


def _offered(definition: EmoteDef, held: Entitlements) -> Mapping[str, object]:
    offered: dict[str, object] = {
        "id": definition.id,
        "pack": definition.pack,
        "alt": definition.alt,
        "alt_zh": definition.alt_zh,
        "size": definition.size,
    }
    return offered if _holds(held, definition) else {**offered, "locked": {"tier": definition.tier}}
