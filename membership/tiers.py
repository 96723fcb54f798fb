"""Tiers: ranks won by qualifying score, each with what its members are entitled to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from room.people import Entitlements, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class TierDef:
    """A tier that is held from the qualifying score ``at`` on, with all that it entitles to.

    ``styles``, ``emotes`` and ``effect`` are ids that others know how to show; ``modes`` are ways in which a danmaku
    is shown; ``weight`` counts where places are few; ``badge`` and ``perks`` are ids for pages and platforms.
    """

    level: int
    name: str
    badge: str
    at: int
    styles: tuple[str, ...] = ("white",)
    modes: tuple[int, ...] = (1,)
    effect: str | None = None
    emotes: tuple[str, ...] = ()
    perks: tuple[str, ...] = ()
    weight: int = 1

    @property
    def standing(self) -> Standing:
        """What this tier makes of its members."""
        return Standing(
            tier=self.level,
            name=self.name,
            badge=self.badge,
            entitlements=Entitlements(
                styles=self.styles,
                modes=self.modes,
                effect=self.effect,
                emotes=self.emotes,
                perks=self.perks,
                weight=self.weight,
            ),
        )


_STYLES = ("white", "mint", "sky", "lilac", "pink", "amber", "gold")
_PACKS = ("hello", "cheer", "fan", "patron")

TIERS = (
    TierDef(level=0, name="Newcomer", badge="newcomer", at=0, styles=_STYLES[:1], emotes=_PACKS[:1]),
    TierDef(
        level=1,
        name="Friend",
        badge="friend",
        at=100,
        styles=_STYLES[:2],
        effect="breeze",
        emotes=_PACKS[:2],
        weight=2,
    ),
    TierDef(
        level=2,
        name="Regular",
        badge="regular",
        at=300,
        styles=_STYLES[:3],
        emotes=_PACKS[:2],
        effect="breeze",
        perks=("member_price",),
        weight=3,
    ),
    TierDef(
        level=3,
        name="Fan",
        badge="fan",
        at=1_000,
        styles=_STYLES[:4],
        emotes=_PACKS[:3],
        modes=(1, 4),
        effect="glow",
        perks=("member_price",),
        weight=4,
    ),
    TierDef(
        level=4,
        name="Devotee",
        badge="devotee",
        at=3_000,
        styles=_STYLES[:5],
        emotes=_PACKS[:3],
        modes=(1, 4),
        effect="glow",
        perks=("member_price", "early_access"),
        weight=5,
    ),
    TierDef(
        level=5,
        name="Patron",
        badge="patron",
        at=8_000,
        styles=_STYLES[:6],
        emotes=_PACKS[:4],
        modes=(1, 4, 5),
        effect="comet",
        perks=("member_price", "early_access"),
        weight=6,
    ),
    TierDef(
        level=6,
        name="Legend",
        badge="legend",
        at=20_000,
        styles=_STYLES,
        emotes=_PACKS,
        modes=(1, 4, 5),
        effect="crown",
        perks=("member_price", "early_access", "direct_line"),
        weight=8,
    ),
)
"""The tiers of a room; each about three times as far as the one before, so that early steps are quick."""


class Tiers:
    """A set of tiers, the lowest first, with the standing of each made beforehand.

    Raises ValueError when the first is not held by everybody, or when levels, thresholds or names do not rise or
    are given twice.
    """

    def __init__(self, definitions: Sequence[TierDef] = TIERS):
        _check(definitions)
        self._definitions = tuple(definitions)
        self._thresholds = [one.at for one in definitions]
        self._levels = [one.level for one in definitions]
        self._ladder = [one.standing for one in definitions]
        self._standings = dict(zip(self._levels, self._ladder, strict=True))
        self._paths = {level: [_on_path(one, level) for one in definitions] for level in self._levels}

    def __iter__(self) -> Iterator[TierDef]:
        return iter(self._definitions)

    def reached(self, qualifying: int) -> TierDef:
        """The highest tier that a qualifying score reaches."""
        return self._definitions[bisect_right(self._thresholds, qualifying) - 1]

    def standing_at(self, qualifying: int) -> Standing:
        """What a qualifying score makes of a member; the same object each time."""
        return self._ladder[bisect_right(self._thresholds, qualifying) - 1]

    def at_level(self, level: int) -> TierDef:
        """The tier of a level; where there is none of it any more, the one below it, or the lowest."""
        return self._definitions[max(bisect_right(self._levels, level) - 1, 0)]

    def standing(self, tier: TierDef) -> Standing:
        """What one of these tiers makes of its members; the same object each time."""
        return self._standings[tier.level]

    def path(self, tier: TierDef) -> list[Mapping[str, object]]:
        """All tiers with what they ask for, as who holds this one sees them; the same object each time."""
        return self._paths[tier.level]

    def next(self, tier: TierDef) -> TierDef | None:
        """The tier after this one; None at the top."""
        place = bisect_right(self._levels, tier.level)
        return self._definitions[place] if place < len(self._definitions) else None


def _on_path(tier: TierDef, held: int) -> Mapping[str, object]:
    return {"level": tier.level, "name": tier.name, "at": tier.at, "reached": tier.level <= held}


def _check(definitions: Sequence[TierDef]) -> None:
    if not definitions or definitions[0].at != 0:
        raise ValueError("the first tier must be held from a qualifying score of 0")
    if definitions[0].level < 0:
        raise ValueError("the level of a tier must not be negative")
    for lower, higher in pairwise(definitions):
        if higher.level <= lower.level or higher.at <= lower.at:
            raise ValueError(f"tier {higher.name!r}: level and at must be above those of {lower.name!r}")
    names = [one.name for one in definitions]
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        raise ValueError(f"two tiers of the same name: {', '.join(doubles)}")
