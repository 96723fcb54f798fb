import pytest

from effects.catalogue import EFFECTS, EffectDef


def test_an_effect_takes_time() -> None:
    with pytest.raises(ValueError, match="'blink': duration_ms"):
        EffectDef(id="blink", priority=1, duration_ms=0, reduced="line")


def test_effects_have_ids_of_their_own_and_fit_on_a_page() -> None:
    assert len({effect.id for effect in EFFECTS}) == len(EFFECTS)
    assert all(effect.duration_ms <= 3_000 for effect in EFFECTS)
