from __future__ import annotations

import asyncio

import pytest

from media.dtls import FLIGHTS, LARGEST, Channel, Secured, Unsound, fingerprint, make_certificate
from tests.patience import PATIENCE

CERTIFICATE = make_certificate()
OWN = [("sha-256", fingerprint(CERTIFICATE))]
SPEECH = b"\x80\x60" + bytes(10) + b"hello"


class Pair:
    """Two ends joined by nothing but bytes; the server expects a certificate of these fingerprints."""

    def __init__(self, expected: list[tuple[str, str]]) -> None:
        self.server = Secured(CERTIFICATE, self._to_client, role="server", fingerprints=expected)
        self.client = Secured(CERTIFICATE, self._to_server, role="client", fingerprints=OWN)

    def _to_client(self, data: bytes) -> None:
        self.client.channel.put(data)

    def _to_server(self, data: bytes) -> None:
        self.server.channel.put(data)

    async def shake(self) -> tuple[bool, bool]:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
            server, client = tasks.create_task(self.server.handshake()), tasks.create_task(self.client.handshake())
        return server.result(), client.result()

    async def close(self) -> None:
        await self.client.close()
        await self.server.close()


async def test_what_one_end_protects_the_other_opens_once() -> None:
    pair = Pair(OWN)
    assert await pair.shake() == (True, True)
    sent = pair.server.protect_rtp(SPEECH)
    assert pair.client.open_rtp(sent) == SPEECH
    with pytest.raises(Unsound):
        pair.client.open_rtp(sent)
    with pytest.raises(Unsound):
        pair.server.open_rtp(sent)
    await pair.close()


async def test_the_same_packet_may_be_protected_again_and_is_the_same() -> None:
    pair = Pair(OWN)
    await pair.shake()
    assert pair.server.protect_rtp(SPEECH) == pair.server.protect_rtp(SPEECH)
    await pair.close()


async def test_nobody_gets_in_with_another_certificate() -> None:
    pair = Pair([("sha-256", ":".join(["AB"] * 32))])
    server, _ = await pair.shake()
    assert not server
    assert not pair.server.open
    await pair.close()


async def test_the_end_is_told() -> None:
    pair = Pair(OWN)
    await pair.shake()
    over = asyncio.Event()
    pair.server.on_end(over.set)
    await pair.client.close()
    async with asyncio.timeout(PATIENCE):
        await over.wait()
    await pair.close()


async def test_before_and_after_there_are_no_keys() -> None:
    pair = Pair(OWN)
    with pytest.raises(Unsound):
        pair.server.protect_rtp(SPEECH)
    await pair.shake()
    with pytest.raises(Unsound):
        pair.server.protect_rtp(SPEECH + bytes(LARGEST))
    await pair.close()
    with pytest.raises(Unsound):
        pair.server.protect_rtp(SPEECH)


def test_a_channel_takes_so_much_and_no_more() -> None:
    channel = Channel(lambda _: None)
    assert not channel.put(b"")
    assert [channel.put(b"x") for _ in range(FLIGHTS + 1)] == [True] * FLIGHTS + [False]


async def test_who_waits_at_a_closed_channel_is_told() -> None:
    channel = Channel(lambda _: None)
    waiting = asyncio.create_task(channel._recv())
    await asyncio.sleep(0)
    channel.close()
    with pytest.raises(ConnectionError):
        await waiting
