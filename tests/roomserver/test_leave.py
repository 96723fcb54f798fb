"""What is said waits for the platform's leave: passing words, and durable ones within their time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import orjson

from room.refusal import NotAllowed, NotJoined, PlatformAway
from roomserver.durable import ANSWER_SECONDS
from roomserver.prepublish import PACE, Hook, Prepublish
from tests.roomserver.hand_time import later, play
from tests.roomserver.jars import Drop, Engrave
from tests.roomserver.stage import Stage, Viewer, on_stage


class Platform:
    """Answers when the test says so."""

    def __init__(self) -> None:
        self.questions: list[asyncio.Future[bytes]] = []

    async def asked(self, body: bytes, headers: Mapping[str, str], *, most: int) -> bytes:
        self.questions.append(asyncio.get_running_loop().create_future())
        return await self.questions[-1]

    async def answer(self, *, allow: bool) -> None:
        self.questions.pop(0).set_result(orjson.dumps({"answers": [{"allow": allow}]}))
        await later(PACE)


@asynccontextmanager
async def moderated() -> AsyncIterator[tuple[Stage, Platform]]:
    async with on_stage() as stage:
        platform = Platform()
        hook = Hook(url="https://shop.example/", secrets=(b"x" * 32,), deadline=3.0)
        stage.shell.prepublish = Prepublish(hook, platform, stage.metrics)
        yield stage, platform
        await stage.shell.prepublish.close()


def test_words_are_shown_when_the_platform_allows_them_and_not_before() -> None:
    async def dialogue() -> None:
        async with moderated() as (stage, platform):
            ada, bob = stage.join(Viewer("ada")), stage.join(Viewer("bob"))
            await stage.quiet()
            first, second = stage.shout(ada, "first"), stage.shout(ada, "second")
            await later(PACE)
            assert (first, bob.events("jar.shouted")) == ([], [])
            await platform.answer(allow=True)
            assert [event["text"] for event in bob.events("jar.shouted")] == ["first"]
            assert len(first) == 1
            await platform.answer(allow=False)
            await stage.quiet()
            [refusal] = second
            assert isinstance(refusal, NotAllowed)
            assert [event["text"] for event in bob.events("jar.shouted")] == ["first"]

    play(dialogue)


def test_while_the_platform_is_asked_what_is_durable_goes_on() -> None:
    async def dialogue() -> None:
        async with moderated() as (stage, _):
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            shouted, dropped = stage.shout(ada), stage.ask(Drop(room="demo", coins=2), ada)
            await later(PACE)
            assert (shouted, len(dropped)) == ([], 1)

    play(dialogue)


def test_words_of_who_has_gone_in_the_meantime_are_not_shown() -> None:
    async def dialogue() -> None:
        async with moderated() as (stage, _):
            ada, bob = stage.join(Viewer("ada")), stage.join(Viewer("bob"))
            await stage.quiet()
            shouted = [stage.shout(ada, str(n)) for n in range(4)]
            ada.gone = True
            stage.room.arrivals.leave(ada)
            await later(13)  # nobody answers for 3 s each, and the grace is 10 s
            assert [event["text"] for event in bob.events("jar.shouted")] == ["0", "1", "2"]
            assert isinstance(shouted[3][0], NotJoined)

    play(dialogue)


def test_a_retry_waits_for_the_answer_that_the_first_one_waits_for() -> None:
    async def dialogue() -> None:
        async with moderated() as (stage, platform):
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            first, again = stage.shout(ada, key="k"), stage.shout(ada, key="k")
            await later(PACE)
            assert len(platform.questions) == 1
            await platform.answer(allow=True)
            assert first == again
            assert len(ada.events("jar.shouted")) == 1

    play(dialogue)


def test_what_is_durable_is_stored_when_the_platform_allows_its_words_and_not_before() -> None:
    async def dialogue() -> None:
        async with moderated() as (stage, platform):
            ada, bob = stage.join(Viewer("ada")), stage.join(Viewer("bob"))
            await stage.quiet()
            told = [stage.ask(Engrave(room="demo", text=text, key=text), ada) for text in ("first", "second")]
            await later(PACE)
            assert (told, stage.store.batches) == ([[], []], [])
            await platform.answer(allow=True)
            await stage.quiet()
            assert [event["text"] for event in bob.events("jar.engraved")] == ["first"]
            await platform.answer(allow=False)
            await stage.quiet()
            assert isinstance(told[1][0], NotAllowed)
            assert len(stage.store.batches) == 1

    play(dialogue)


def test_a_retry_of_what_is_stored_is_told_what_was_told_and_nobody_is_asked_again() -> None:
    async def dialogue() -> None:
        async with moderated() as (stage, platform):
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            first = stage.ask(Engrave(room="demo", key="k"), ada)
            await later(PACE)
            await platform.answer(allow=True)
            await stage.quiet()
            again = stage.ask(Engrave(room="demo", key="k"), ada)
            await stage.quiet()
            assert (again, platform.questions) == (first, [])
            assert len(ada.events("jar.engraved")) == 1

    play(dialogue)


def test_what_is_durable_is_answered_within_its_time_and_done_when_it_is_allowed_later() -> None:
    async def dialogue() -> None:
        async with moderated() as (stage, platform):
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            stage.shout(ada)
            await later(1)
            engraved = stage.ask(Engrave(room="demo", key="k"), ada)  # behind what nobody allows or refuses for 3 s
            await later(ANSWER_SECONDS)
            [refusal] = engraved
            assert isinstance(refusal, PlatformAway)
            platform.questions.pop(0)
            await platform.answer(allow=True)
            await stage.quiet()
            assert len(ada.events("jar.engraved")) == len(engraved) == 1

    play(dialogue)
