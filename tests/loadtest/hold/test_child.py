from typing import cast

import pytest

from loadtest.compare.bench import Cores
from loadtest.faults import PartFailed
from loadtest.hold.child import READY, Hear, Say, beside


async def echo(plan: str, hear: Hear, say: Say) -> None:
    say(READY)
    say((plan, await hear()))


async def fail(_plan: str, hear: Hear, say: Say) -> None:
    say(READY)
    raise ValueError(await hear())


async def test_it_is_ready_hears_and_says() -> None:
    async with beside(echo, "a plan", Cores.of_this_machine().others) as child:
        child.tell("a word")
        assert cast(tuple[str, str], await child.hear(60)) == ("a plan", "a word")


async def test_its_failure_is_told() -> None:
    async with beside(fail, "a plan", Cores.of_this_machine().others) as child:
        child.tell("a reason")
        with pytest.raises(PartFailed, match="a reason"):
            await child.hear(60)
