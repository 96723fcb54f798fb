"""The catalogue of entrance effects: what an entitlement names, and how it plays."""

from __future__ import annotations

from dataclasses import dataclass

from effects.flashes import check_flashes


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectDef:
    """An entrance effect on offer: the greater ``priority`` plays first, for ``duration_ms``.

    It starts within ``max_delay_ms`` of the arrival or not at all; ``reduced`` is the id of what is shown instead
    where less motion is wished for; it flashes ``flashes`` times a second. Raises ValueError when that is more than
    three times, or it takes no time.
    """

    id: str
    priority: int
    duration_ms: int
    reduced: str
    max_delay_ms: int = 7_000
    flashes: float = 0

    def __post_init__(self) -> None:
        if self.duration_ms <= 0:
            raise ValueError(f"effect {self.id!r}: duration_ms must be above 0")
        check_flashes(f"effect {self.id!r}", self.flashes)


EFFECTS = (
    EffectDef(id="breeze", priority=10, duration_ms=1_500, reduced="line"),
    EffectDef(id="glow", priority=20, duration_ms=2_000, reduced="line"),
    EffectDef(id="comet", priority=30, duration_ms=2_500, reduced="line"),
    EffectDef(id="crown", priority=40, duration_ms=3_000, reduced="line"),
)
"""The entrance effects of a room; pages clamp a duration to 3 s, so none is longer."""
