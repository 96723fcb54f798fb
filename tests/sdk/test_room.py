"""The main job with the unmodified SDKs: connect, join, chat, check in, ask, leave."""

import pytest

from tests.sdk.sdks import Build
from tests.server import RealServer
from tests.story.wire import Refusal, fresh

pytestmark = [pytest.mark.sdk, pytest.mark.store]


async def test_a_viewer_joins_chats_and_checks_in(server: RealServer, build: Build) -> None:
    room, user = fresh("room"), fresh("ada")
    async with build.at(server.url) as ada:
        joined = await ada.enter(await server.token(user, name="Ada"), room)
        assert joined["data"]["me"]["user"] == {"id": user, "name": "Ada", "tier": 0}
        assert (joined["was_recovering"], joined["recovered"]) == (False, False)

        said = await ada.rpc("danmaku.send", room=room, text="你好")
        assert (said["status"], said["style"]) == ("accepted", "white")
        await ada.heard.until(lambda: ada.events("danmaku.said"))
        [shown] = ada.events("danmaku.said")
        assert (shown["id"], shown["text"], shown["user"]["id"]) == (said["id"], "你好", user)

        first = await ada.rpc("checkin.mark", room=room, key="a")
        again = await ada.rpc("checkin.mark", room=room, key="b")
        assert (first["streak"], first["replayed"], again) == (1, False, {**first, "replayed": True})
        await ada.heard.until(lambda: ada.events("checkin.burst"))
        assert ada.events("checkin.burst")[0]["today"] == 1
        personal = await ada.told("told", channel=f"#{user}")
        assert personal["data"]["events"][0]["type"] == "membership.points_earned"


async def test_a_plain_client_chats_by_publishing(server: RealServer, build: Build) -> None:
    room = fresh("room")
    async with build.at(server.url) as ada:
        await ada.enter(await server.token(fresh("ada")), room)
        await ada.ask("publish", channel=f"room:{room}", data={"text": "just published"})
        await ada.heard.until(lambda: ada.events("danmaku.said"))
        assert [event["text"] for event in ada.events("danmaku.said")] == ["just published"]


async def test_the_protocols_own_questions_are_answered(server: RealServer, build: Build) -> None:
    room, user = fresh("room"), fresh("ada")
    channel = f"room:{room}"
    async with build.at(server.url) as ada:
        await ada.enter(await server.token(user), room)
        for text in ("one", "two"):
            await ada.rpc("danmaku.send", room=room, text=text)
        await ada.heard.until(lambda: len(ada.events("danmaku.said")) == 2)
        assert await ada.ask("presence_stats", channel=channel) == {"users": 1, "clients": 1}
        client = (await ada.told("connected"))["client"]
        assert await ada.ask("presence", channel=channel) == {client: user}

        last = await ada.ask("history", channel=channel, limit=1, reverse=True)
        heard = ada.publications()
        assert [one["offset"] for one in last["publications"]] == [last["offset"]] == [heard[-1]["offset"]]
        since = {"epoch": last["epoch"], "offset": heard[-2]["offset"]}
        later = await ada.ask("history", channel=channel, limit=10, since=since)
        assert later["publications"] == [{"offset": heard[-1]["offset"], "data": heard[-1]["data"]}]


async def test_a_refusal_is_an_error_with_its_code(server: RealServer, build: Build) -> None:
    room = fresh("room")
    async with build.at(server.url) as ada:
        await ada.enter(await server.token(fresh("ada")), room)
        with pytest.raises(Refusal) as unknown:
            await ada.rpc("no.such", room=room)
        assert (unknown.value.code, unknown.value.temporary) == (104, False)
        for _ in range(5):
            await ada.rpc("danmaku.send", room=room, text="again and again")
        with pytest.raises(Refusal, match=r"; retry in \d+ ms$") as fast:
            await ada.rpc("danmaku.send", room=room, text="once too often")
        assert 1000 <= fast.value.code <= 1999
        assert fast.value.temporary


async def test_who_leaves_hears_no_more_and_may_come_back(server: RealServer, build: Build) -> None:
    room = fresh("room")
    async with build.at(server.url) as ada:
        await ada.enter(await server.token(fresh("ada")), room)
        channel = f"room:{room}"
        await ada.ask("unsubscribe", channel=channel)
        await ada.told("unsubscribed", channel=channel)
        with pytest.raises(Refusal) as left:
            await ada.rpc("danmaku.send", room=room, text="from outside")
        assert left.value.code == 1002
        seen = len(ada.heard.all)
        await ada.ask("resubscribe", channel=channel)
        await ada.told("subscribed", after=seen)
        assert (await ada.rpc("danmaku.send", room=room, text="from inside"))["status"] == "accepted"


async def test_a_channel_that_cannot_be_is_refused(server: RealServer, build: Build) -> None:
    async with build.at(server.url) as ada:
        await ada.connect(await server.token(fresh("ada")))
        await ada.told("connected")
        await ada.subscribe("nonsense")
        assert (await ada.told("unsubscribed", channel="nonsense"))["code"] == 102
