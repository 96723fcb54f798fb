"""The measurement itself, small: that it measures, and that forwarding costs far less than encoding anew."""

from __future__ import annotations

import asyncio

import pytest

from loadtest.media.run import MediaPlan, measure
from loadtest.progress import unwatched

pytestmark = [pytest.mark.media, pytest.mark.slow, pytest.mark.store, pytest.mark.timeout(150)]

GATE = 25
"""Of 40 that are asked: other tests run beside this one."""


async def test_forwarding_costs_far_less_than_encoding_for_each_viewer() -> None:
    plan = MediaPlan(viewers=10, relayed=2, seconds=2.0, rounds=1)
    found = await measure(plan, asyncio.Event(), unwatched)
    assert found.ratio >= GATE
    [forwarded] = found.forwarded
    assert forwarded.packets > 1000
    assert forwarded.gaps == 0
