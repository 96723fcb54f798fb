"""Whole sessions over a real socket: what publishers send, what viewers get, what both may ask."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from media import rtcp
from media.backend import Gone, Playing, Published, PublishLimits, Quality, Reason, Rejected, Unpublished
from media.connection import Connection
from media.dtls import Secured
from media.publication import Publication
from media.sfu import CHECK_SECONDS, PUBLISHERS, SESSIONS
from media.viewing import Viewing
from tests.media.client import Client, client, picture
from tests.media.conftest import Unit
from tests.media.pictures import H264_DELTA, H264_KEY, offer, packet
from tests.patience import PATIENCE


async def started(unit: Unit, host: Client) -> str:
    """A host whose picture is live."""
    session = await unit.publishing(host)
    picture(host)
    await unit.until(Published)
    return session


async def test_what_is_sent_is_seen(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await started(unit, host)
        await unit.playing(viewer)
        seen = await viewer.until(3)
        assert [one.payload for one in seen] == [H264_KEY, b"\x411", b"\x412"]
        assert len({one.ssrc for one in seen}) == 1
        assert [one.sequence - seen[0].sequence for one in seen] == [0, 1, 2]
        assert [one.timestamp - seen[0].timestamp for one in seen] == [0, 3000, 6000]
        picture(host, 3)
        assert (await viewer.until(6))[5].payload == b"\x412"


@pytest.mark.parametrize("setup", ["active", "passive"])
async def test_either_side_may_begin_the_handshake(unit: Unit, setup: str) -> None:
    async with client() as host:
        await unit.publishing(host, setup=setup)
        picture(host)
        await unit.until(Published)


async def test_nobody_can_watch_before_there_is_a_picture(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        with pytest.raises(Rejected) as refused:
            await unit.playing(viewer)
        assert (refused.value.reason, refused.value.retry_after) == (Reason.NOT_LIVE, 2)
        await unit.publishing(host)
        with pytest.raises(Rejected):
            await unit.playing(viewer)


async def test_all_viewers_are_sent_the_same_stream(unit: Unit) -> None:
    async with client() as host, client() as ada, client() as bob:
        await started(unit, host)
        await unit.playing(ada)
        await unit.playing(bob)
        assert await ada.until(3) == await bob.until(3)


async def test_a_viewer_who_lost_a_packet_is_sent_it_again(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await started(unit, host)
        await unit.playing(viewer)
        seen = list(await viewer.until(3))
        viewer.losing.append(96)
        picture(host, 3, 2)
        await viewer.until(4)
        assert viewer.packets[3].payload == b"\x411", "the key frame before it is lost"
        viewer.report(rtcp.again(seen[0].ssrc, [(seen[2].sequence + 1) & 0xFFFF, (seen[2].sequence + 900) & 0xFFFF]))
        assert (await viewer.until(5))[4].payload == H264_KEY
        assert unit.sfu.counts()["not_sent_again_total"] == 1


async def test_a_publisher_is_asked_for_what_did_not_arrive(unit: Unit) -> None:
    async with client() as host:
        await started(unit, host)
        host.send(packet(5, 9000))
        lost = await host.until_told(rtcp.Lost)
        assert lost == rtcp.Lost(77, (3, 4))


async def test_what_a_publisher_sends_again_in_another_stream_is_seen_in_its_place(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        rtx = ["a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"]
        sdp = host.offer(["video"], "sendonly", more=rtx).replace("SAVPF 96\r\n", "SAVPF 96 97\r\n")
        await host.connect(unit.sfu.publish("room", "host", "main", sdp, PublishLimits()).sdp)
        picture(host)
        await unit.until(Published)
        await unit.playing(viewer)
        await viewer.until(3)
        host.send(packet(4, 12_000, b"\x41after"))
        host.send(packet(900, 9000, (3).to_bytes(2) + b"\x41lost", number=97, ssrc=78))
        seen = await viewer.until(5)
        assert [one.payload for one in seen[3:]] == [b"\x41after", b"\x41lost"]
        assert seen[4].sequence == (seen[3].sequence - 1) & 0xFFFF


async def test_a_viewers_wish_for_a_key_frame_reaches_the_publisher(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await started(unit, host)
        await unit.playing(viewer)
        seen = await viewer.until(3)
        viewer.report(rtcp.key_request(seen[0].ssrc))
        assert await host.until_told(rtcp.KeyWanted) == rtcp.KeyWanted(77)


async def test_a_publisher_is_told_how_it_arrives_and_what_it_may_send(unit: Unit) -> None:
    async with client() as host:
        await started(unit, host)
        assert isinstance(await host.until_told(rtcp.Received), rtcp.Received)


async def test_instants_reach_viewers_with_the_timestamps_that_they_see(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await started(unit, host)
        await unit.playing(viewer)
        seen = await viewer.until(3)
        host.report(rtcp.sender_report(77, 1 << 60, 6000, 3, 9))
        told = await viewer.until_told(rtcp.Clocked)
        assert told == rtcp.Clocked(seen[0].ssrc, 1 << 60, seen[2].timestamp)


async def test_a_host_who_comes_back_is_seen_in_the_same_stream(unit: Unit) -> None:
    async with client() as host, client() as again, client() as viewer:
        first = await started(unit, host)
        await unit.playing(viewer)
        before = (await viewer.until(3))[-1]
        await unit.publishing(again)
        again.send(packet(900, 7, H264_DELTA, ssrc=5))
        picture(again, 901, ssrc=5)
        after = (await viewer.until(6))[3]
        assert (after.payload, after.ssrc) == (H264_KEY, before.ssrc)
        assert after.sequence == (before.sequence + 1) & 0xFFFF
        ended = await unit.until(Unpublished)
        assert isinstance(ended, Unpublished)
        assert (ended.session, ended.reason) == (first, "replaced")


async def test_viewers_stay_while_the_host_is_away(unit: Unit) -> None:
    async with client() as host, client() as again, client() as viewer:
        session = await started(unit, host)
        await unit.playing(viewer)
        await viewer.until(3)
        unit.sfu.close(session, "closed")
        await unit.publishing(again)
        picture(again, ssrc=5)
        assert (await viewer.until(6))[3].payload == H264_KEY
        assert unit.sfu.counts()["viewers"] == 1


async def test_a_guest_is_brought_on_stage_without_a_new_session(unit: Unit) -> None:
    async with client() as host, client() as guest, client() as viewer:
        await started(unit, host)
        await unit.playing(viewer)
        before = (await viewer.until(3))[-1]
        datagrams = [data for data in viewer.raw if data[0] < 64]
        await unit.publishing(guest, "guest", "guest1")
        picture(guest, ssrc=5)
        await unit.until(Published, 2)
        unit.sfu.stage("room", {"main": "guest"})
        assert await guest.until_told(rtcp.KeyWanted) == rtcp.KeyWanted(5)
        picture(host, 3)
        picture(guest, 100, ssrc=5)
        seen = await viewer.until(9)
        assert [one.payload for one in seen[-3:]] == [H264_KEY, b"\x411", b"\x412"]
        assert {one.ssrc for one in seen} == {before.ssrc}
        assert [(one.sequence - seen[0].sequence) & 0xFFFF for one in seen] == list(range(len(seen)))
        assert [data for data in viewer.raw if data[0] < 64] == datagrams, "no check and no handshake"


async def test_the_host_is_seen_while_whoever_is_in_his_place_has_no_picture(unit: Unit) -> None:
    async with client() as host, client() as guest, client() as viewer:
        unit.sfu.stage("room", {"main": "guest", "guest1": "guest"})
        await started(unit, host)
        await unit.playing(viewer)
        await viewer.until(3)
        session = await unit.publishing(guest, "guest", "guest1")
        guest.send(packet(1, 0, H264_KEY + b" of the guest", ssrc=5))
        assert (await viewer.until(4))[3].payload == H264_KEY + b" of the guest"
        unit.sfu.close(session, "closed")
        host.send(packet(3, 9000, H264_KEY + b" of the host"))
        assert (await viewer.until(5))[4].payload == H264_KEY + b" of the host"


async def test_several_slots_are_seen_at_once(unit: Unit) -> None:
    async with client() as host, client() as guest, client() as viewer:
        await started(unit, host)
        await unit.playing(viewer, "main", "guest1")
        await viewer.until(3)
        await unit.publishing(guest, "guest", "guest1")
        picture(guest, ssrc=5)
        seen = await viewer.until(6)
        assert len({one.ssrc for one in seen}) == 2


async def test_a_slot_belongs_to_whose_picture_is_in_it(unit: Unit) -> None:
    async with client() as host, client() as other:
        await started(unit, host)
        with pytest.raises(Rejected) as refused:
            await unit.publishing(other, "other")
        assert refused.value.reason is Reason.OCCUPIED


async def test_nobody_on_stage_keeps_the_host_away_with_sessions_that_he_does_not_use(unit: Unit) -> None:
    sdp = offer(["video"])
    for _ in range(PUBLISHERS):
        unit.sfu.publish("room", "guest", "guest1", sdp, PublishLimits())
    with pytest.raises(Rejected) as refused:
        unit.sfu.publish("room", "guest", "guest1", sdp, PublishLimits())
    assert refused.value.reason is Reason.FULL
    unit.sfu.publish("room", "host", "main", sdp, PublishLimits())


async def test_a_host_comes_back_to_a_full_house(unit: Unit) -> None:
    async with client() as host:
        await started(unit, host)
        [session] = unit.sfu._sessions.values()
        crowd = {f"viewer {number}": session for number in range(SESSIONS)}
        unit.sfu._sessions |= crowd
        with pytest.raises(Rejected) as refused:
            unit.sfu.play("room", "late", ["main"], offer(["video"], direction="recvonly"))
        assert refused.value.reason is Reason.FULL
        unit.sfu.publish("room2", "other", "main", offer(["video"]), PublishLimits())
        for name in crowd:
            del unit.sfu._sessions[name]


async def test_a_session_that_is_closed_says_good_bye(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await started(unit, host)
        session = await unit.playing(viewer)
        await unit.until(Playing)
        unit.sfu.close(session, "kicked")
        async with asyncio.timeout(PATIENCE):
            await viewer.ended.wait()
        gone = await unit.until(Gone)
        assert isinstance(gone, Gone)
        assert gone.reason == "kicked"
        unit.sfu.close(session, "again")


async def test_a_client_that_leaves_is_noticed(unit: Unit) -> None:
    async with client() as host:
        await started(unit, host)
    gone = await unit.until(Unpublished)
    assert isinstance(gone, Unpublished)
    assert gone.reason == "closed"


async def test_who_left_leaves_nothing_behind(unit: Unit) -> None:
    async with client() as host:
        await started(unit, host)
        for _ in range(10):
            async with client() as viewer:
                await unit.playing(viewer)
                await viewer.until(3)
        await unit.until(Gone, 10)
        async with asyncio.timeout(PATIENCE):
            while len(unit.port._addresses) > 1:  # noqa: ASYNC110  # a good-bye is told to nobody
                await asyncio.sleep(0)
        await asyncio.sleep(0)
        gc.collect()
        left = [one for one in gc.get_objects() if isinstance(one, Viewing | Connection)]
        assert len(left) <= 3, "the host, and the last of ten, whom a task that is just done still knows"
        assert len(unit.port._peers) == len(unit.port._fragments) == 1


async def test_who_left_is_let_go_of_at_once(unit: Unit) -> None:
    """His keys and buffers are 20 kB that Python's collector does not see: it would let them pile up."""
    async with client() as host:
        await started(unit, host)
        gc.collect()
        gc.disable()
        try:
            left = [await passing(unit) for _ in range(5)]
            async with asyncio.timeout(PATIENCE):
                for one in left[:-1]:  # the last is known to a task that is just done
                    await one.freed.wait()
        finally:
            gc.enable()


class Watched:
    """What a session's keys were in, and whether it is there no more."""

    def __init__(self, secured: Secured) -> None:
        self.freed = asyncio.Event()
        self._seen = weakref.ref(secured, lambda _: self.freed.set())


async def passing(unit: Unit) -> Watched:
    """Somebody who comes, sees and leaves."""
    async with client() as viewer:
        session = await unit.playing(viewer)
        await viewer.until(3)
        return Watched(unit.sfu._sessions[session].connection._secured)


async def test_ice_is_restarted_and_nothing_else(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await started(unit, host)
        session = await unit.playing(viewer)
        await viewer.until(3)
        patched = unit.sfu.patch(session, "a=ice-ufrag:new\r\na=ice-pwd:newer\r\n", "*")
        assert patched.fragment is not None
        names = dict(line[2:].split(":") for line in patched.fragment.split() if ":" in line)
        viewer.names = (names["ice-ufrag"], names["ice-pwd"])
        viewer.checked.clear()
        viewer.stay()
        async with asyncio.timeout(PATIENCE):
            await viewer.checked.wait()
        picture(host, 3)
        await viewer.until(6)


async def test_a_patch_needs_the_tag_of_its_session(unit: Unit) -> None:
    async with client() as host:
        answer = unit.sfu.publish("room", "host", "main", host.offer(["video"], "sendonly"), PublishLimits())
        fragment = "a=ice-ufrag:mine\r\na=ice-pwd:secret\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
        assert unit.sfu.patch(answer.session, fragment, answer.etag).fragment is None
        reasons = []
        for session, text, tag in (
            (answer.session, fragment, None),
            (answer.session, fragment, '"old"'),
            (answer.session, "nonsense", "*"),
            ("nobody", fragment, "*"),
        ):
            with pytest.raises(Rejected) as refused:
                unit.sfu.patch(session, text, tag)
            reasons.append(refused.value.reason)
        assert reasons == [Reason.NO_TAG, Reason.STALE_TAG, Reason.MALFORMED, Reason.NO_SESSION]


async def test_a_refused_offer_leaves_nothing_behind(unit: Unit) -> None:
    for sdp in ("", offer(direction="recvonly"), offer(["audio", "audio"])):
        with pytest.raises(Rejected):
            unit.sfu.publish("room", "host", "main", sdp, PublishLimits())
    assert unit.sfu.counts()["publishers"] == 0


async def test_viewers_of_one_codec_are_spared_the_other(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await started(unit, host)
        answer = unit.sfu.play("room", "v", ["main"], viewer.offer(["video"], "recvonly", codecs="VP8"))
        await viewer.connect(answer.sdp)
        await unit.until(Playing)
        picture(host, 3)
        host.report(rtcp.sender_report(77, 1 << 60, 6000, 3, 9))
        await viewer.until_told(rtcp.Clocked)
        assert viewer.packets == []


async def test_who_comes_late_catches_up_in_order_while_it_goes_on(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await started(unit, host)
        for step in range(3, 300):
            host.send(packet(step, 3000 * step, b"\x41" + bytes(900)))
        await unit.playing(viewer)
        for step in range(300, 310):
            host.send(packet(step, 3000 * step, b"\x41" + bytes(900)))
        seen = await viewer.until(310)
        assert [(one.sequence - seen[0].sequence) & 0xFFFF for one in seen] == list(range(310))
        assert seen[0].payload == H264_KEY


async def test_packets_that_are_lost_around_a_wrap_deafen_nobody(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        unit.sfu.stage("room", {"main": "host"})
        unit.sfu._rooms["room"].outlet("main", "video").feed.last = 0xFFFD
        await started(unit, host)
        viewer.losing += [96, 96]
        await unit.playing(viewer)
        assert [one.payload for one in await viewer.until(1)] == [b"\x412"]
        picture(host, 3)
        assert len(await viewer.until(4)) == 4


async def test_somebody_is_seen_and_not_heard(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await started(unit, host)
        host.send(packet(1, 0, b"sound", number=111, ssrc=78))
        await unit.playing(viewer)
        unit.sfu.stage("room", {"main": "host"}, ["host"])
        host.send(packet(2, 960, b"unheard", number=111, ssrc=78))
        picture(host, 3)
        seen = await viewer.until(6)
        assert b"unheard" not in [one.payload for one in seen]
        unit.sfu.stage("room", {"main": "host"})
        host.send(packet(3, 1920, b"heard", number=111, ssrc=78))
        assert (await viewer.until(7))[6].payload == b"heard"


async def test_nobody_is_sent_more_again_than_one_may_ask_for(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await started(unit, host)
        await unit.playing(viewer)
        seen = list(await viewer.until(3))
        for _ in range(300):
            viewer.report(rtcp.again(seen[0].ssrc, [one.sequence for one in seen]))
        async with asyncio.timeout(PATIENCE):
            while not unit.sfu.counts()["not_sent_again_total"]:  # noqa: ASYNC110  # what is counted tells nobody
                await asyncio.sleep(0)


async def test_of_two_hosts_who_ask_at_once_the_first_to_send_has_the_slot(unit: Unit) -> None:
    async with client() as first, client() as second:
        await unit.publishing(first, "lin")
        await unit.publishing(second, "mia")
        picture(second)
        await unit.until(Published)
        picture(first)
        ended = await unit.until(Unpublished)
        assert isinstance(ended, Unpublished)
        assert (ended.member, ended.reason) == ("lin", "occupied")
        async with asyncio.timeout(PATIENCE):
            await first.ended.wait()
        assert not second.ended.is_set()


async def test_a_room_whose_stage_is_empty_again_leaves_nothing_behind(unit: Unit) -> None:
    async with client() as host:
        await started(unit, host)
        unit.sfu.stage("room", {"main": None, "guest1": "ada"})
        unit.sfu.stage("room", {"main": None, "guest1": None})
        assert host.secured is not None
        await host.secured.close()
        await unit.until(Unpublished)
        assert unit.sfu._rooms == {}


class Broken:
    """A session with a fault in it."""

    room = "room"

    def __init__(self) -> None:
        self.given_up = asyncio.Event()

    @property
    def connection(self) -> Connection:
        raise RuntimeError("planted")

    def over(self, reason: str) -> None:
        assert reason == "fault"
        self.given_up.set()


async def test_a_fault_in_one_session_is_not_everybodys(unit: Unit, caplog: pytest.LogCaptureFixture) -> None:
    broken = Broken()
    unit.sfu._sessions["broken"] = broken  # type: ignore[assignment]  # as far as it gets
    async with asyncio.timeout(PATIENCE):
        await broken.given_up.wait()
    del unit.sfu._sessions["broken"]
    async with client() as host:
        await started(unit, host)
    assert unit.sfu.counts()["faults_total"] >= 1
    assert "a session is given up" in caplog.text


async def test_a_check_of_a_line_is_seen_by_nobody_and_puts_nobody_out(unit: Unit) -> None:
    async with client() as host, client() as viewer, client() as checking:
        await unit.publishing(checking, slot="check")
        picture(checking)
        await checking.until_told(rtcp.Received)
        with pytest.raises(Rejected):
            await unit.playing(viewer)
        await started(unit, host)
        await unit.playing(viewer)
        await viewer.until(3)
        picture(checking, 3)
        picture(host, 3)
        await viewer.until(6)
        assert not host.ended.is_set()
        assert [type(one) for one in unit.events if not isinstance(one, Quality)] == [Published, Playing]


async def test_a_check_ends_by_itself(unit: Unit) -> None:
    async with client() as checking:
        session = await unit.publishing(checking, slot="check")
        found = unit.sfu._sessions[session]
        assert isinstance(found, Publication)
        now = asyncio.get_running_loop().time()
        unit.sfu._tend(found, now + CHECK_SECONDS - 1)
        assert unit.events == []
        unit.sfu._tend(found, now + CHECK_SECONDS + 1)
        ended = await unit.until(Unpublished)
        assert isinstance(ended, Unpublished)
        assert ended.reason == "checked"


async def test_nothing_is_ever_coded(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: object) -> None:
        raise AssertionError("a codec was made")

    monkeypatch.setattr("aiortc.rtcrtpreceiver.get_decoder", never)
    monkeypatch.setattr("aiortc.rtcrtpsender.get_encoder", never)
    async with client() as host, client() as viewer:
        await started(unit, host)
        await unit.playing(viewer)
        assert len(await viewer.until(3)) == 3
