import pytest

from effects.catalogue import EffectDef
from effects.flashes import check_flashes
from effects.styles import StyleDef


@pytest.mark.parametrize("flashes", [0, 0.5, 3])
def test_up_to_three_flashes_a_second_are_safe(flashes: float) -> None:
    check_flashes("it", flashes)


@pytest.mark.parametrize("flashes", [3.1, 10, -1, float("nan")])
def test_a_style_or_effect_that_flashes_more_is_refused(flashes: float) -> None:
    with pytest.raises(ValueError, match="flashes a second"):
        StyleDef(id="x", name="X", color=16777215, tier=0, flashes=flashes)
    with pytest.raises(ValueError, match="flashes a second"):
        EffectDef(id="x", priority=1, duration_ms=1, reduced="line", flashes=flashes)
