from __future__ import annotations

import pytest

from media.backend import PublishLimits, Reason, Rejected
from media.null import Null


async def test_it_carries_nothing_and_says_so() -> None:
    null = Null()
    with pytest.raises(Rejected) as published:
        await null.publish("room", "lin", "main", "", PublishLimits())
    with pytest.raises(Rejected) as played:
        await null.play("room", "vera", ["main"], "")
    with pytest.raises(Rejected) as patched:
        await null.patch("nobody", "", None)
    reasons = [one.value.reason for one in (published, played, patched)]
    assert reasons == [Reason.NONE, Reason.NONE, Reason.NO_SESSION]
    assert (null.capabilities, null.counts()) == (frozenset(), {})
    await null.close("nobody", "closed")
    await null.stage("room", {"main": None})
