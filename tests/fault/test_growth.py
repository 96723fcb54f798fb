"""What counts as growth: not what a process takes while it warms up, nor what it gives back."""

import gc
import os
from pathlib import Path

from tests.fault.growth import MIB, Sample, growth, sample


def test_a_mebibyte_a_second_is_sixty_a_minute_and_a_file_a_second_is_one_more_for_each() -> None:
    slope, files = growth([Sample(float(second), second * MIB, second) for second in range(90)])
    assert round(slope, 6) == 60
    assert files == 22


def test_what_warms_up_or_comes_and_goes_is_none() -> None:
    warming = [Sample(float(second), min(second, 30) * MIB, 10 + second % 7) for second in range(90)]
    slope, files = growth(warming)
    assert (round(slope, 6), files) == (0, 0)


def test_a_process_is_as_large_as_it_is() -> None:
    gc.collect()  # so that nothing that other tests have left is closed between the two looks
    here = sample(os.getpid())
    assert here.resident > 10 * MIB
    with Path(os.devnull).open():
        assert sample(os.getpid()).files == here.files + 1
