"""Kicked and banned, with the unmodified SDKs: they do not come back by themselves."""

import pytest

from tests.sdk.sdks import Build
from tests.server import RealServer
from tests.story.wire import fresh, viewer

pytestmark = [pytest.mark.sdk, pytest.mark.store]


async def test_who_is_kicked_hears_why_and_does_not_reconnect(server: RealServer, build: Build) -> None:
    room, user = fresh("room"), fresh("ada")
    host = server.sign(fresh("host"), roles={room: "host"})
    async with build.at(server.url) as ada, viewer(server.url, host, room) as hosting:
        await ada.enter(server.sign(user), room)
        await hosting.rpc("moderation.kick", room=room, user=user, key="k", reason="enough")
        [told] = (await ada.told("told", channel=f"#{user}"))["data"]["events"]
        assert (told["type"], told["kind"], told["reason"]) == ("moderation.changed", "kick", "enough")
        assert (await ada.told("disconnected"))["code"] == 3503
        assert sum(one["on"] == "connecting" for one in ada.heard.all) == 1


async def test_who_is_banned_for_good_is_refused_once(server: RealServer, build: Build) -> None:
    room, user = fresh("room"), fresh("ada")
    host = server.sign(fresh("host"), roles={room: "host"})
    async with build.at(server.url) as ada, viewer(server.url, host, room) as hosting:
        await hosting.rpc("moderation.ban", room=room, user=user, key="k")
        await ada.connect(server.sign(user))
        await ada.subscribe(f"room:{room}")
        assert (await ada.told("unsubscribed", channel=f"room:{room}"))["code"] == 1603
