from datetime import time

import pytest

from room.day import DayRule
from room.settings import Settings


@pytest.mark.parametrize(("minutes", "wall"), [(0, time(0)), (240, time(4)), (1439, time(23, 59))])
def test_days_begin_at_the_boundary_in_minutes_after_midnight(minutes: int, wall: time) -> None:
    assert Settings(zone="Asia/Shanghai", boundary=minutes).day_rule == DayRule("Asia/Shanghai", wall)


@pytest.mark.parametrize("settings", [Settings(zone="Mars/Olympus"), Settings(boundary=-1), Settings(boundary=1440)])
def test_settings_that_make_no_days_say_so(settings: Settings) -> None:
    with pytest.raises(ValueError, match=r"zone|hour"):
        _ = settings.day_rule
