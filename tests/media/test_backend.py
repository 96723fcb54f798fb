"""One suite for everything that carries a picture, or says that it does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from media.backend import SLOTS, Answer, MediaBackend, PublishLimits, Reason, Redirect, Rejected
from media.embedded import Embedded
from media.null import Null
from media.process import Place
from media.tickets import Tickets
from media.whipwhep import WhipWhep
from tests.media.client import client
from tests.media.pictures import offer

KNOWN = {"slots", "trickle", "ice-restart", "stats"}


@pytest.fixture(params=["null", "whipwhep", "embedded"])
async def backend(request: pytest.FixtureRequest) -> AsyncIterator[MediaBackend]:
    if request.param == "null":
        yield Null()
        return
    if request.param == "whipwhep":
        yield WhipWhep(
            "https://media.example/{room}/whip",
            "https://media.example/{room}/whep?by={member}",
            tickets=Tickets(b"secret", lambda: 0),
        )
        return
    async with Embedded(Place()).running() as embedded:
        yield embedded


async def test_what_it_can_is_said_in_known_words(backend: MediaBackend) -> None:
    assert backend.capabilities <= KNOWN


async def test_a_picture_is_taken_or_sent_elsewhere_or_refused(backend: MediaBackend) -> None:
    async with client() as host:
        sdp = host.offer(["audio", "video"], "sendonly")
        try:
            answer: Answer | Redirect | Reason = await backend.publish("room", "host", SLOTS[0], sdp, PublishLimits())
        except Rejected as rejected:
            answer = rejected.reason
    if isinstance(answer, Answer):
        assert answer.sdp.startswith("v=0")
        assert answer.session
    elif isinstance(answer, Redirect):
        assert answer.url.startswith("http")
    else:
        assert answer is Reason.NONE


async def test_nobody_watches_an_empty_room_here(backend: MediaBackend) -> None:
    try:
        answer = await backend.play("empty", "viewer", SLOTS[:1], offer(direction="recvonly"))
    except Rejected as rejected:
        assert rejected.reason in (Reason.NOT_LIVE, Reason.NONE)  # noqa: PT017  # or it answers
    else:
        assert isinstance(answer, Redirect)


async def test_a_session_that_is_not_there_cannot_be_patched(backend: MediaBackend) -> None:
    with pytest.raises(Rejected) as refused:
        await backend.patch("nobody", "a=ice-ufrag:x\r\n", "*")
    assert refused.value.reason is Reason.NO_SESSION


async def test_what_is_not_there_can_be_ended(backend: MediaBackend) -> None:
    await backend.close("nobody", "closed")
    await backend.stage("nowhere", {"main": None})


async def test_numbers_are_numbers(backend: MediaBackend) -> None:
    assert all(isinstance(number, int | float) for number in backend.counts().values())


async def test_nothing_happens_by_itself(backend: MediaBackend) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await anext(aiter(backend.events()))
