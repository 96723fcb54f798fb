"""The connection is lost for real, messages go on meanwhile, and nobody misses or repeats any of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from app.allowance import REFILL_MS
from tests.patience import PATIENCE
from tests.sdk.cable import laid
from tests.sdk.face import Sdk
from tests.sdk.sdks import Build
from tests.server import Json, RealServer, plain_http
from tests.story.wire import Wire, fresh, together, viewer

pytestmark = [pytest.mark.sdk, pytest.mark.store]

LOG_BYTES = 512 * 1024
"""What a room's log holds at most, where its batches are large."""

LARGE = "x" * 4000

BURST = 5
"""Danmaku that one user may send at once."""


@asynccontextmanager
async def crowd(server: RealServer, room: str, size: int) -> AsyncIterator[list[Wire]]:
    """Members of a room, each of whom may say five things at once."""
    async with AsyncExitStack() as stack:
        tokens = [server.sign(fresh("bob")) for _ in range(size)]
        yield [await stack.enter_async_context(viewer(server.url, token, room)) for token in tokens]


async def show(server: RealServer, room: str, times: int) -> list[str]:
    """The platform shows large things, as fast as the room takes them; their ids."""
    path, note = f"{server.http}/api/v1/rooms/{room}/publish", {"type": "app.note", "data": {"text": LARGE}}
    headers = {"Authorization": f"Bearer {server.operator}"}

    async def shown() -> str:
        while not (answer := await client.post(path, json=note, headers=headers)).is_success:
            assert answer.status_code == 429, answer.text  # a hundred at once, then twenty a second
            await asyncio.sleep(REFILL_MS / 1000)
        return str(answer.json()["id"])

    async with plain_http() as client, asyncio.timeout(PATIENCE):
        return list(await together(*(shown() for _ in range(times))))


async def say(speakers: list[Wire], room: str, times: int) -> list[str]:
    """Everybody speaks in turn, each as often as asked, a batch per message; the ids of what was said, in order."""
    said = [await one.rpc("danmaku.send", room=room, text="meanwhile") for _ in range(times) for one in speakers]
    assert {one["status"] for one in said} == {"accepted"}
    return [one["id"] for one in said]


def ids(sdk: Sdk) -> list[str]:
    return [event["id"] for event in sdk.events("danmaku.said")]


async def hears(sdk: Sdk, times: int) -> None:
    """Wait until it has been told so many danmaku in all."""
    await sdk.heard.until(lambda: len(ids(sdk)) >= times)


def dense(publications: list[Json], after: int) -> bool:
    """Whether every batch after an offset was told, once and in order."""
    offsets = [one["offset"] for one in publications]
    return offsets == list(range(after + 1, after + 1 + len(offsets)))


async def test_a_lost_connection_is_recovered_without_loss_or_repetition(server: RealServer, build: Build) -> None:
    room = fresh("room")
    async with laid(server.port) as cable, build.at(cable.url) as ada, crowd(server, room, 3) as speakers:
        joined = await ada.enter(server.sign(fresh("ada")), room)
        told = await say(speakers, room, 1)
        for _ in range(2):
            await hears(ada, len(told))
            seen = len(ada.heard.all)
            cable.cut()
            await ada.told("connecting", after=seen)
            told += await say(speakers, room, 1)
            cable.mend()
            back = await ada.told("subscribed", after=seen)
            assert (back["was_recovering"], back["recovered"]) == (True, True)
            told += await say(speakers, room, 1)
        await hears(ada, len(told))
        assert ids(ada) == told
        assert dense(ada.publications(), joined["offset"])
        assert len({event["id"] for event in ada.events()}) == len(ada.events())


async def test_a_cut_in_the_middle_of_a_burst_loses_nothing(server: RealServer, build: Build) -> None:
    room = fresh("room")
    async with laid(server.port) as cable, build.at(cable.url) as ada, crowd(server, room, 3) as speakers:
        joined = await ada.enter(server.sign(fresh("ada")), room)

        async def cut() -> None:
            """Right after a message arrived, while the next ones are on their way."""
            for times in (1, 5, 9):
                await hears(ada, times)
                cable.cut()
                cable.mend()

        told, _ = await together(say(speakers, room, BURST), cut())
        await hears(ada, len(told))
        assert ids(ada) == told
        assert dense(ada.publications(), joined["offset"])


async def test_who_is_back_within_his_grace_enters_no_second_time(server: RealServer, build: Build) -> None:
    room, user = fresh("room"), fresh("ada")
    seat = viewer(server.url, server.sign(fresh("bob")), room)
    async with seat as bob, laid(server.port) as cable, build.at(cable.url) as ada:
        await ada.enter(server.sign(user), room)
        await bob.heard.until(lambda: entered(bob, user))
        seen = len(ada.heard.all)
        cable.cut()
        cable.mend()
        await ada.told("subscribed", after=seen)
        said = await ada.rpc("danmaku.send", room=room, text="back again")
        await bob.event("danmaku.said", id=said["id"])
        assert len(entered(bob, user)) == 1


def entered(wire: Wire, user: str) -> list[Json]:
    samples = [event["sample"] for event in wire.events("presence.entered")]
    return [one for sample in samples for one in sample if one["id"] == user]


async def test_who_misses_more_than_the_log_holds_is_told_so(server: RealServer, builds: list[Build]) -> None:
    room = fresh("room")
    async with AsyncExitStack() as stack:
        cable = await stack.enter_async_context(laid(server.port))
        sdks = [await stack.enter_async_context(build.at(cable.url)) for build in builds]
        joined = await together(*(sdk.enter(server.sign(fresh("ada")), room) for sdk in sdks))
        cable.cut()
        missed = await show(server, room, LOG_BYTES // len(LARGE) + 1)
        seen = [len(sdk.heard.all) for sdk in sdks]
        cable.mend()
        for sdk, before, count in zip(sdks, joined, seen, strict=True):
            back = await sdk.told("subscribed", after=count)
            assert (back["was_recovering"], back["recovered"]) == (True, False)
            assert back["epoch"] == before["epoch"]
            assert back["offset"] > before["offset"]
            assert back["data"]["at"] > before["data"]["at"]
            said = await sdk.rpc("danmaku.send", room=room, text="here we go again")
            await hears(sdk, 1)
            assert said["id"] in ids(sdk)
            assert not {*missed} & {event["id"] for event in sdk.events("app.note")}
