"""The features that are served fit together."""

from __future__ import annotations

import sys
from collections import Counter

from effects.catalogue import EFFECTS
from effects.styles import STYLES
from membership.tiers import TIERS
from room.feature import Feature
from room.message import Event, Sign
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


def observed_by(feature: Feature) -> set[type[Event]]:
    """The classes of events that a feature's ``observe`` speaks of."""
    method = type(feature).observe
    known = vars(sys.modules[method.__module__])
    found = (known.get(name) for name in method.__code__.co_names)
    return {one for one in found if isinstance(one, type) and issubclass(one, Event)}


def test_a_feature_notices_every_event_that_it_observes() -> None:
    features = make_house().features
    assert sum(len(observed_by(feature)) for feature in features) > 10
    missed = [kind for feature in features for kind in observed_by(feature) if not feature.notices(kind)]
    assert not missed


def test_a_feature_notices_every_event_that_says_who_comes_goes_or_speaks() -> None:
    house = make_house()
    signs = {kind for feature in house.features for kind in feature.events if kind.sign is not None}
    by_name = {feature.name: feature for feature in house.features}
    assert {kind.sign for kind in signs} == set(Sign)
    assert all(by_name["membership"].notices(kind) for kind in signs)
    assert all(by_name["stage"].notices(kind) for kind in signs if kind.sign is not Sign.SPOKE)
