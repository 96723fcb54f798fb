import pytest

from effects.contrast import contrast
from effects.styles import OUTLINE


@pytest.mark.parametrize(
    ("color", "ratio"), [(0xFFFFFF, 17.99), (0x7CF5C4, 13.46), (0xC9B6FF, 9.95), (0xFF0000, 4.50), (0x0000FF, 2.09)]
)
def test_contrast_is_that_of_the_guidelines(color: int, ratio: float) -> None:
    assert contrast(color, OUTLINE) == pytest.approx(ratio, abs=0.01)
