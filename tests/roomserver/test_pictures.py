"""What a room hears of its pictures, and what its rules do to them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from media import rtcp
from media.backend import Answer, Quality, Redirect
from moderation.messages import Ban
from room.message import Event
from room.people import Actor, Role
from roomserver.coming_pictures import GRACE_SECONDS
from roomserver.http.platform import OPERATOR
from roomserver.open_room import ITSELF, OpenRoom
from roomserver.picture_sessions import EACH, RETRY_SECONDS, Session
from roomserver.revocations import EVERYBODY
from settings.messages import FollowPicture, SetLive
from stage.feature import Hall
from stage.messages import Accept, Invite, MuteSeat, PutDown, QualityChanged
from tests.media.client import Client, client, picture
from tests.media.in_process import InProcess
from tests.media.pictures import offer
from tests.patience import PATIENCE, until
from tests.roomserver.http.test_media import Media, media, sending_elsewhere, token

HOST = Actor(id="lin", name="Lin", role=Role.HOST)


async def opened(room: Media) -> OpenRoom:
    return await room.on.server.rooms.open("demo")


async def test_the_room_is_live_once_the_picture_comes_in_and_over_when_it_stays_away() -> None:
    async with media() as room, client() as host:
        demo = await opened(room)
        path = await room.live(host)
        await until(lambda: demo.state.settings.live)
        assert demo.state.settings.live_by == "picture"
        await until(lambda: demo.state.state(Hall).slots == ("main",))
        await room.say("DELETE", path)
        await until(lambda: demo.state.state(Hall).slots == ())
        over = asyncio.get_running_loop().time() + GRACE_SECONDS
        assert demo.state.settings.live, "he may come back"
        await until(lambda: "demo" in room.on.pictures.coming.missing)
        [*due] = room.on.pictures.due(over + 1)
        assert [type(command).__name__ for command in due] == ["FollowPicture"]


async def test_a_host_who_comes_back_in_time_goes_on() -> None:
    async with media() as room, client() as host, client() as again:
        demo = await opened(room)
        path = await room.live(host)
        await until(lambda: demo.state.settings.live)
        since = demo.state.settings.live_since
        await room.say("DELETE", path)
        await until(lambda: "demo" in room.on.pictures.coming.missing)
        await room.live(again)
        await until(lambda: "demo" not in room.on.pictures.coming.missing)
        assert demo.state.settings.live_since == since


async def test_what_the_platform_has_begun_it_ends_itself() -> None:
    async with media() as room, client() as host:
        demo = await opened(room)
        await room.on.server.command(OPERATOR, SetLive(room="demo", live=True))
        path = await room.live(host)
        await room.say("DELETE", path)
        await until(lambda: not room.on.pictures.coming.shown("demo"))
        await until(lambda: demo.state.state(Hall).slots == ())
        for later in (1000, 2000):
            assert [*room.on.pictures.due(asyncio.get_running_loop().time() + later)] == []
        assert demo.state.settings.live


async def test_a_server_that_carries_no_pictures_ends_no_stream_of_another() -> None:
    async with media(sending_elsewhere()) as room:
        demo = await opened(room)
        await room.on.server.command(ITSELF, FollowPicture(room="demo", live=True))
        assert (demo.state.settings.live, demo.state.settings.live_by) == (True, "picture")
        for later in (1000, 2000):
            assert [*room.on.pictures.due(asyncio.get_running_loop().time() + later)] == []


async def test_a_room_that_is_opened_later_learns_of_its_pictures() -> None:
    async with media() as room, client() as host:
        await room.live(host)
        demo = await opened(room)
        demo.state.state(Hall).slots = ()  # as it is when a room is opened anew
        await until(lambda: demo.state.state(Hall).slots == ("main",))


async def test_hosts_hear_of_a_picture_that_arrives_badly() -> None:
    async with media() as room:
        demo = await opened(room)
        heard: list[Event] = []
        room.on.server.shell.listeners.append(lambda _, stamped: heard.append(stamped.event))
        told = Quality(room="demo", member="lin", slot="main", level="poor", loss=0.25, bitrate=1)
        room.on.pictures._hear(told)
        await until(lambda: heard)
        [event] = heard
        assert isinstance(event, QualityChanged)
        assert (event.user.id, event.level, event.loss) == ("lin", "poor", 0.25)
        assert demo.id == "demo"


async def watching(room: Media, viewer: Client, user: str) -> None:
    taken = await room.say("POST", "/whep/demo", viewer.offer(["video"], "recvonly"), by=token(user))
    assert taken.status_code == 201
    await viewer.connect(taken.text)
    await viewer.until(3)


async def test_who_is_put_out_sees_no_more_and_comes_back_no_more() -> None:
    async with media() as room, client() as host, client() as viewer, client() as other:
        await room.live(host)
        await watching(room, viewer, "vera")
        await watching(room, other, "otto")
        await room.on.server.command(OPERATOR, Ban(room="demo", user="vera", key="1"))
        async with asyncio.timeout(PATIENCE):
            await viewer.ended.wait()
        assert not other.ended.is_set()
        refused = await room.say("POST", "/whep/demo", viewer.offer(["video"], "recvonly"), by=token("vera"))
        assert refused.status_code == 403


async def test_pictures_end_with_the_tokens_that_are_taken_back() -> None:
    async with media() as room, client() as host, client() as viewer:
        await room.live(host)
        await watching(room, viewer, "vera")
        await room.on.server.revocations.revoke("lin")
        async with asyncio.timeout(PATIENCE):
            await host.ended.wait()
        assert not viewer.ended.is_set()
        await room.on.server.revocations.revoke(EVERYBODY)
        async with asyncio.timeout(PATIENCE):
            await viewer.ended.wait()


async def test_a_picture_goes_with_its_seat() -> None:
    async with media() as room, client() as host, client() as guest:
        demo = await opened(room)
        await room.live(host)
        vera = Actor(id="vera", name="Vera")
        demo.state.admit(vera)
        refused = await room.say("POST", "/whip/demo", guest.offer(["video"], "sendonly"), by=token("vera"))
        assert refused.status_code == 403
        await room.on.server.command(HOST, Invite(room="demo", user="vera"))
        await room.on.server.command(vera, Accept(room="demo"))
        taken = await room.say("POST", "/whip/demo", guest.offer(["video"], "sendonly"), by=token("vera"))
        assert taken.status_code == 201
        await guest.connect(taken.text)
        picture(guest, ssrc=5)
        await until(lambda: room.on.pictures.coming.shown("demo") == ("main", "guest1"))
        await room.on.server.command(HOST, PutDown(room="demo", user="vera"))
        async with asyncio.timeout(PATIENCE):
            await guest.ended.wait()
        await until(lambda: room.on.pictures.coming.shown("demo") == ("main",))


class Held(InProcess):
    """A backend in which calls of one kind wait until they are let; ``muted`` is what it was told, call by call."""

    def __init__(self) -> None:
        super().__init__()
        self.held = ""
        self.asked = asyncio.Event()
        self.let = asyncio.Event()
        self.muted: list[list[str]] = []

    async def _come(self, call: str) -> None:
        if call == self.held:
            self.asked.set()
            await self.let.wait()

    async def play(self, room: str, member: str, slots: Sequence[str], offer: str) -> Answer | Redirect:
        answer = await super().play(room, member, slots, offer)
        await self._come("play")
        return answer

    async def close(self, session: str, reason: str) -> None:
        await self._come("close")
        await super().close(session, reason)

    async def stage(self, room: str, slots: Mapping[str, str | None], muted: Collection[str] = ()) -> None:
        self.muted.append(list(muted))
        await self._come("stage")
        await super().stage(room, slots, muted)


async def test_who_is_put_out_while_his_session_is_made_has_none() -> None:
    slow = Held()
    async with slow.running(), media(slow) as room, client() as host:
        await room.live(host)
        slow.held = "play"
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(room.say("POST", "/whep/demo", offer(direction="recvonly"), by=token("vera")))
            await slow.asked.wait()
            await room.on.server.command(OPERATOR, Ban(room="demo", user="vera", key="1"))
            slow.let.set()
        assert asking.result().status_code == 403
        assert slow.counts()["viewers"] == 0


async def seated(room: Media, *users: str) -> None:
    """Let some members come on stage."""
    demo = await opened(room)
    for user in users:
        member = Actor(id=user, name=user.title())
        demo.state.admit(member)
        await room.on.server.command(HOST, Invite(room="demo", user=user))
        await room.on.server.command(member, Accept(room="demo"))


async def test_who_is_put_down_while_his_picture_is_asked_for_has_none() -> None:
    slow = Held()
    async with slow.running(), media(slow) as room:
        await seated(room, "vera")
        slow.held = "stage"
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(room.say("POST", "/whip/demo", offer(["video"]), by=token("vera")))
            await slow.asked.wait()
            await room.on.server.command(HOST, PutDown(room="demo", user="vera"))
            slow.let.set()
        assert asking.result().status_code == 403
        assert slow.counts()["publishers"] == 0


async def test_seats_reach_the_backend_in_their_order_whatever_has_to_end_before() -> None:
    slow = Held()
    async with slow.running(), media(slow) as room:
        await seated(room, "vera", "wen")
        taken = await room.say("POST", "/whip/demo", offer(["video"]), by=token("vera"))
        assert taken.status_code == 201
        slow.held = "close"
        await room.on.server.command(HOST, PutDown(room="demo", user="vera"))
        await slow.asked.wait()
        await room.on.server.command(HOST, MuteSeat(room="demo", user="wen"))
        await until(lambda: slow.muted[-1] == ["wen"])
        slow.let.set()
        await until(lambda: len(room.on.pictures.sessions) == 0)
        assert slow.muted[-1] == ["wen"], "nobody is heard again because somebody else has left"


async def test_a_server_ends_no_stream_whose_picture_comes_in_at_another() -> None:
    async with media() as room:
        demo = await opened(room)
        await room.on.server.command(ITSELF, FollowPicture(room="demo", live=True, server="elsewhere:8000"))
        assert (demo.state.settings.live, demo.state.settings.picture_at) == (True, "elsewhere:8000")
        for later in (1000, 2000):
            assert [*room.on.pictures.due(asyncio.get_running_loop().time() + later)] == []


async def test_one_caller_has_so_many_sessions() -> None:
    async with media() as room, client() as host:
        await room.live(host)
        limits = room.on.server.door.gate.limits
        most = EACH * limits.per_user
        for name in range(most):
            with room.on.pictures.sessions.making(
                Session(room="demo", user="vera", member="vera", caller="vera")
            ) as one:
                room.on.pictures.sessions.made(str(name), one)
        refused = await room.say("POST", "/whep/demo", offer(direction="recvonly"), by=token("vera"))
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == str(RETRY_SECONDS)
        taken = await room.say("POST", "/whep/demo", offer(direction="recvonly"), by=token("bob"))
        assert taken.status_code == 201


async def test_a_host_who_checks_his_line_is_not_live() -> None:
    async with media() as room, client() as checking, client() as host:
        demo = await opened(room)
        taken = await room.say("POST", "/whip/demo?check", checking.offer(["video"], "sendonly"))
        assert taken.status_code == 201
        await checking.connect(taken.text)
        picture(checking)
        await checking.until_told(rtcp.Received)
        await room.live(host)
        assert (await room.say("DELETE", taken.headers["location"])).status_code == 200
        async with asyncio.timeout(PATIENCE):
            await checking.ended.wait()
        assert room.on.pictures.coming.shown("demo") == ("main",)
        await until(lambda: demo.state.settings.live)
