"""The features that are served fit together."""

from __future__ import annotations

from collections import Counter

from effects.catalogue import EFFECTS
from effects.styles import STYLES
from membership.tiers import TIERS
from roomserver.features import REACTIONS, make_house
from roomserver.protocol_page import refusals


def test_every_style_and_entrance_that_a_tier_entitles_to_is_in_the_catalogues() -> None:
    styles, effects = {style.id for style in STYLES}, {effect.id for effect in EFFECTS}
    for tier in TIERS:
        assert set(tier.styles) <= styles, tier.name
        assert tier.effect is None or tier.effect in effects, tier.name


def test_every_tier_but_the_lowest_makes_an_entrance() -> None:
    assert [tier.level for tier in TIERS if tier.effect is None] == [0]


def test_every_reaction_follows_an_event_that_a_feature_declares() -> None:
    declared = {kind for feature in make_house().features for kind in feature.events}
    assert {reaction.on for reaction in REACTIONS} <= declared


def test_a_code_is_that_of_one_refusal() -> None:
    shared = Counter(kind.code for kind in refusals(make_house()))
    assert [code for code, kinds in shared.items() if kinds > 1] == []
