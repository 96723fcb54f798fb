"""Members come on stage beside the host, and their pictures with them."""

from __future__ import annotations

import asyncio

import pytest

from media import rtcp
from tests.media.client import Client, client, picture
from tests.patience import PATIENCE
from tests.server import RealServer, plain_http
from tests.story.wire import Refusal, fresh, viewer

pytestmark = [pytest.mark.store, pytest.mark.slow]


async def post(server: RealServer, path: str, token: str, sdp: str) -> tuple[int, str]:
    """Offer a session; the status and the answer."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    async with plain_http() as http:
        response = await http.post(f"{server.http}{path}", content=sdp, headers=headers)
    return response.status_code, response.text


async def publish(server: RealServer, room: str, token: str, made: Client, ssrc: int) -> None:
    status, answer = await post(server, f"/whip/{room}", token, made.offer(["video"], "sendonly"))
    assert status == 201, answer
    await made.connect(answer)
    picture(made, ssrc=ssrc)


async def watch(server: RealServer, room: str, token: str, made: Client) -> None:
    status, answer = await post(server, f"/whep/{room}", token, made.offer(["video"], "recvonly"))
    assert status == 201, answer
    await made.connect(answer)


async def test_a_member_comes_on_stage_and_into_the_main_slot_and_nobody_joins_anew(server: RealServer) -> None:
    room = fresh("room")
    hosts, adas, veras = (
        server.sign(fresh(name), roles={room: role} if role else {})
        for name, role in (("host", "host"), ("ada", ""), ("vera", ""))
    )
    async with (
        viewer(server.url, hosts, room) as host,
        viewer(server.url, adas, room) as ada,
        viewer(server.url, veras, room) as vera,
        client() as hosts_picture,
        client() as adas_picture,
        client() as veras_player,
    ):
        await host.done(subscribe={"channel": f"host:{room}"})
        await publish(server, room, hosts, hosts_picture, 1)
        await vera.event("media.changed", slots=["main"])
        await vera.event("room.changed", live=True)
        await watch(server, room, veras, veras_player)
        first = list(await veras_player.until(3))

        assert (await post(server, f"/whip/{room}", adas, adas_picture.offer(["video"], "sendonly")))[0] == 403
        await ada.rpc("stage.raise", room=room)
        raised = await host.event("stage.raised", channel="host:")
        user = raised["user"]["id"]
        [candidate] = (await host.rpc("stage.candidates", room=room))["candidates"]
        assert candidate["user"]["id"] == user
        await host.rpc("stage.invite", room=room, user=user)
        await ada.event("stage.invited", channel="#")
        assert (await ada.rpc("stage.accept", room=room))["slot"] == "guest1"
        await publish(server, room, adas, adas_picture, 2)
        await vera.event("media.changed", slots=["main", "guest1"])

        await host.rpc("stage.spotlight", room=room, user=user)
        await vera.event("stage.changed", spotlight=user)
        await adas_picture.until_told(rtcp.KeyWanted)
        picture(adas_picture, 3, ssrc=2)
        await veras_player.until(6)
        assert {one.ssrc for one in veras_player.packets} == {first[0].ssrc}

        await host.rpc("stage.kick", room=room, user=user)
        async with asyncio.timeout(PATIENCE):
            await adas_picture.ended.wait()
        await vera.event("media.changed", slots=["main"])
        with pytest.raises(Refusal, match="1101"):
            await ada.rpc("stage.accept", room=room)


async def test_the_snapshot_says_where_pictures_are_and_who_is_on_stage(server: RealServer) -> None:
    room = fresh("room")
    host, ada = fresh("host"), fresh("ada")
    async with (
        viewer(server.url, server.sign(host, roles={room: "host"}), room) as one,
        viewer(server.url, server.sign(ada), room) as two,
    ):
        await one.rpc("stage.invite", room=room, user=ada)
        await two.rpc("stage.accept", room=room)
        async with viewer(server.url, server.sign(fresh("vera")), None) as three:
            snapshot = (await three.join(room))["data"]
        [seat] = snapshot["stage"]["seats"]
        assert (seat["slot"], seat["user"]["id"], seat["state"], seat["number"]) == ("guest1", ada, "on", 1)
        assert snapshot["media"] == {"whep": f"/whep/{room}", "whip": f"/whip/{room}", "slots": []}
