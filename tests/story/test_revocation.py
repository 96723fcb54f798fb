"""Tokens are taken back while people are here; what a refresh may do, and what it may not."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.server import RealServer, running
from tests.story.beside import beside
from tests.story.wire import Refusal, dialled, fresh, viewer

pytestmark = pytest.mark.store


def issued(server: RealServer, user: str) -> str:
    return server.sign(user, iat=int(time.time()))


async def second_over() -> None:
    """A token tells its second, no more."""
    await asyncio.sleep(1.05 - time.time() % 1)


async def is_refused(server: RealServer, token: str) -> bool:
    async with dialled(server.url) as wire:
        await wire.say({"id": 1, "connect": {"token": token}})
        return (await wire.ended())[0] == 3500


async def test_whose_tokens_are_revoked_is_out_on_every_server_and_stays_out(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        room, old, bobs = fresh("room"), issued(server, "ann"), issued(server, "bob")
        async with (
            beside(server, tmp_path / "other") as other,
            viewer(server.url, old, room) as here,
            viewer(other.url, old, room) as there,
            viewer(server.url, server.sign("ann"), room) as undated,
            viewer(server.url, bobs, room) as bob,
        ):
            assert await server.platform("POST", "/members/ann/revoke") == {"revoked": "ann", "closed": 2}
            assert [(await one.ended())[0] for one in (here, there, undated)] == [3500, 3500, 3500]
            assert await bob.rpc("membership.card", room=room)
            assert [await is_refused(each, old) for each in (server, other)] == [True, True]
        await server.kill()
        await server.start()
        assert await is_refused(server, old)
        await second_over()
        async with viewer(server.url, issued(server, "ann"), room) as again, viewer(server.url, bobs, room) as bob:
            assert (await server.platform("POST", "/revoke"))["closed"] == 2
            assert [(await one.ended())[0] for one in (again, bob)] == [3500, 3500]


async def test_a_refresh_does_not_promote_and_a_lower_role_holds_at_once(server: RealServer) -> None:
    room, user = fresh("room"), fresh("ann")
    host = server.sign(user, roles={room: "host"})
    async with viewer(server.url, server.sign(user), room) as ann:
        await ann.done(refresh={"token": host})
        with pytest.raises(Refusal) as refusal:
            await ann.rpc("room.settings", room=room, slow_seconds=5)
        assert refusal.value.code == 103
        with pytest.raises(Refusal):
            await ann.done(subscribe={"channel": f"host:{room}"})
    async with viewer(server.url, host, room) as ann:
        await ann.done(subscribe={"channel": f"host:{room}"})
        await ann.rpc("room.settings", room=room, slow_seconds=5)
        await ann.done(refresh={"token": server.sign(user)})
        with pytest.raises(Refusal) as refusal:
            await ann.rpc("room.settings", room=room, slow_seconds=0)
        assert refusal.value.code == 103
        with pytest.raises(Refusal) as refusal:
            await ann.done(subscribe={"channel": f"host:{room}"})
        assert refusal.value.code == 103


async def test_another_persons_token_refreshes_nothing(server: RealServer) -> None:
    room = fresh("room")
    async with viewer(server.url, server.sign("ann"), room) as ann:
        await ann.say({"id": 9, "refresh": {"token": server.sign("bob")}})
        assert (await ann.ended())[0] == 3500
