"""A house of effects alone, in which a row's Rank says what its member may use."""

from dataclasses import dataclass, field

from effects.feature import Effects
from room.house import House
from room.people import Entitlements, Standing
from room.row import Row, member


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    tier: int = 0
    entitlements: Entitlements = field(default_factory=Entitlements)


def standing(row: Row) -> Standing:
    rank = row.of(Rank)
    return Standing(tier=rank.tier, entitlements=rank.entitlements)


HOUSE = House([Effects()], standing=standing)

NOTHING = Entitlements()
SKY = Entitlements(styles=("white", "mint", "sky"), modes=(1, 4))


def ranked(user: str, entitlements: Entitlements, tier: int = 2) -> Row:
    return Row(subject=member(user), version=1).having(Rank(tier=tier, entitlements=entitlements))
