"""The catalogue of danmaku styles, and which of them a message gets: degraded where it must be, never refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from effects.contrast import contrast
from effects.flashes import check_flashes
from room.people import Entitlements

SCROLL, BOTTOM, TOP = 1, 4, 5
"""The ways in which a danmaku is shown, by their customary numbers."""

OUTLINE = 0x14171A
"""What is drawn around each character: over a moving picture a colour can only be judged against this."""

LEAST_CONTRAST = 7.0
"""WCAG 2.2, 1.4.6 (AAA) against the outline: pure red (4.5) and pure blue (2.1) cannot be read at a glance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleDef:
    """A style on offer: ``color`` is 24-bit RGB as one number, ``tier`` where it is usually won.

    Raises ValueError when the colour has too little contrast to its outline, or it flashes more than 3 times a second.
    """

    id: str
    name: str
    color: int
    tier: int
    modes: tuple[int, ...] = (SCROLL, BOTTOM, TOP)
    size: int = 25
    flashes: float = 0

    def __post_init__(self) -> None:
        if contrast(self.color, OUTLINE) < LEAST_CONTRAST:
            raise ValueError(
                f"style {self.id!r}: #{self.color:06X} has a contrast below {LEAST_CONTRAST} to its outline"
            )
        check_flashes(f"style {self.id!r}", self.flashes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How one danmaku is shown: the style's id, its colour as 24-bit RGB, the mode (1, 4, 5) and the font size."""

    id: str
    color: int
    mode: int
    size: int


STYLES = (
    StyleDef(id="white", name="White", color=16777215, tier=0),
    StyleDef(id="mint", name="Mint", color=8189380, tier=1),
    StyleDef(id="sky", name="Sky", color=8376831, tier=2),
    StyleDef(id="lilac", name="Lilac", color=13219583, tier=3),
    StyleDef(id="pink", name="Pink", color=16757713, tier=4),
    StyleDef(id="amber", name="Amber", color=16762967, tier=5),
    StyleDef(id="gold", name="Gold", color=16769126, tier=6),
)
"""The styles of a room; the first is everybody's and what others degrade to."""


OFFERS = 256
"""Catalogues that are remembered as they were offered: who holds the same is offered the same, and tiers are few."""


class Styles:
    """A catalogue of styles by their ids; the first one is everybody's."""

    def __init__(self, definitions: tuple[StyleDef, ...] = STYLES):
        self.definitions = definitions
        self._by_id = {definition.id: definition for definition in definitions}
        self._plain = definitions[0]
        self._offers = lru_cache(OFFERS)(self._offered_to)

    def resolve(self, held: Entitlements, style: str | None, mode: int | None) -> Style:
        """How a message is shown that asks for a style and a mode, or for the best the sender holds.

        What he does not hold, or nobody knows, becomes plain scrolling text.
        """
        wanted, way = self._best(held) if style is None else self._held(held, style), SCROLL if mode is None else mode
        if wanted is None or not (way in wanted.modes and (way == SCROLL or way in held.modes)):
            return _shown(self._plain, SCROLL)
        return _shown(wanted, way)

    def offer(self, held: Entitlements) -> list[Mapping[str, object]]:
        """The catalogue for one person: the modes he may use; ``locked`` says how to get a style he does not hold."""
        return list(self._offers(held))

    def _held(self, held: Entitlements, style: str) -> StyleDef | None:
        return self._by_id.get(style) if style in held.styles or style == self._plain.id else None

    def _best(self, held: Entitlements) -> StyleDef:
        for style in reversed(held.styles):
            if style in self._by_id:
                return self._by_id[style]
        return self._plain

    def _offered_to(self, held: Entitlements) -> tuple[Mapping[str, object], ...]:
        return tuple([self._offered(definition, held) for definition in self.definitions])

    def _offered(self, definition: StyleDef, held: Entitlements) -> Mapping[str, object]:
        offered: dict[str, object] = {"id": definition.id, "name": definition.name, "color": definition.color}
        if self._held(held, definition.id) is None:
            return {**offered, "modes": definition.modes, "locked": {"tier": definition.tier}}
        return {**offered, "modes": _modes(definition, held)}


def _modes(definition: StyleDef, held: Entitlements) -> tuple[int, ...]:
    return tuple(mode for mode in definition.modes if mode in held.modes or mode == SCROLL)


def _shown(definition: StyleDef, mode: int) -> Style:
    return Style(id=definition.id, color=definition.color, mode=mode, size=definition.size)
