"""A connection that says more than there is time for: it waits, is heard in order, or is closed as a flood."""

from __future__ import annotations

import asyncio

import pytest
from websockets.frames import Frame, Opcode

from roomserver.intake import SLICE, TURN_SECONDS, UNHEARD
from roomserver.limits import Limits
from roomserver.liveness import TimeOver
from tests.roomserver.hall import Client, Hall, code, hall
from tests.roomserver.hand_time import HandTime, later, play, settle

UNKNOWN_METHOD, BUSY, FLOOD, STALE = 104, 1010, 3013, 3502


def keep_the_turn(made: Hall) -> None:
    """Somebody's words take all the time that a turn has for them."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, HandTime)
    assert made.door.intake.full is False
    loop.now += 1.1 * TURN_SECONDS


def say(client: Client, number: int) -> None:
    client.send({"rpc": {"method": "danmaku.send", "data": {"room": "demo", "text": f"line {number}"}}})


def test_who_comes_in_a_turn_that_is_full_is_heard_in_the_next_one_and_read_no_more_until_then() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            keep_the_turn(made)
            numbers = [client.send({"ping": {}})[0] for _ in range(3)]
            reading = [client.pipe.reading]
            assert client.unheard
            await settle()
            client.exchange()
            await settle()
            assert [*reading, client.pipe.reading] == [False, True]
            assert [client.reply(number) for number in numbers] == [{"id": number, "ping": {}} for number in numbers]
            assert client.closed is None

    play(dialogue)


def test_what_is_longer_than_a_slice_is_heard_in_order_and_at_once_while_there_is_time() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            before = client.next_id
            frames = [b'{"id": %d, "ping": {}}' % (before + 1 + number) for number in range(SLICE // 10)]
            for frame in frames:
                client.ws.send_text(frame)
            client.exchange()
            assert [one["id"] for one in client.said[-len(frames) :]] == [before + 1 + n for n in range(len(frames))]

    play(dialogue)


def test_who_says_more_than_may_wait_is_a_flood() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            keep_the_turn(made)
            for _ in range(UNHEARD // 125):
                client.ws.send_pong(b"p" * 125)
            client.exchange()
            assert client.closed == FLOOD
            assert made.metrics.closes.labels(FLOOD)._value.get() == 1
            assert made.metrics.refusals.labels(111)._value.get() == 0  # it was not even heard

    play(dialogue)


def test_who_waits_is_not_taken_for_silent() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            await later(20)
            keep_the_turn(made)
            client.send({"ping": {}})
            client.server._liveness.heard = 0.0
            assert client.server.hear_on()
            assert client.server._liveness.heard > 0.0

    play(dialogue)


def test_who_has_said_who_he_is_in_time_and_was_not_heard_is_not_stale() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client, silent = made.client(), made.client()
            await later(1)
            keep_the_turn(made)
            [number] = client.send({"connect": {"token": "ada"}})
            silent.ws.send_ping(b"nothing of mine")
            silent.exchange()
            for one in (client, silent):
                assert one.server.unheard
                one.server.on_time(TimeOver.AUTHENTICATE)
            await settle()
            assert (client.closed, silent.closed) == (None, None)
            assert "connect" in client.reply(number)
            await later(6)
            assert (client.closed, silent.closed) == (None, STALE)

    play(dialogue)


def test_who_reads_on_while_he_waits_stands_in_line_once() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            keep_the_turn(made)
            client.send({"ping": {}})
            for _ in range(3):
                client.server.pause_writing()
                client.server.resume_writing()
            line = made.door.intake
            assert len(line._line) + len(line._last) == 1
            await settle()
            assert not line.full
            assert client.pipe.reading

    play(dialogue)


def test_one_who_fails_while_he_is_heard_is_cut_off_and_not_left_waiting() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = made.client()
            keep_the_turn(made)
            client.send({"connect": {"token": "fault"}})
            await settle()
            assert client.pipe.lost
            assert not made.door.connections

    play(dialogue, faults=1)


def test_a_flooder_who_comes_back_goes_on_where_he_was() -> None:
    async def dialogue() -> None:
        async with hall(Limits(calls=1, burst=4)) as made:
            client = await made.client().enter()
            while client.closed is None:
                client.send(*[{"ping": {}}] * 50)
            await later(2.5)
            again = await made.client().connect()
            numbers = again.send(*[{"ping": {}}] * 300)
            assert again.closed == FLOOD  # a newcomer would have had patience for a thousand
            assert len(numbers) == 300
            await later(30)
            assert (await made.client().enter()).closed is None

    play(dialogue)


def test_while_many_wait_chatter_is_refused_but_one_a_second_and_what_is_durable_is_not() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            made.door.intake._late = 1.0
            assert made.door.intake.behind
            for number in range(3):
                say(client, number)
            await settle()
            said = [one for one in client.said if one.get("id", 0) > client.next_id - 3]
            assert sorted(code(one) for one in said if "error" in one) == [
                UNKNOWN_METHOD,
                BUSY,
                BUSY,
            ]  # this house has no danmaku: the first one came to it
            assert all(one["error"]["temporary"] for one in said if "error" in one and code(one) == BUSY)
            made.door.intake._late = 1.0
            daily = {"rpc": {"method": "jar.daily", "data": {"room": "demo"}}}
            assert "rpc" in await client.ask(daily)
            await later(2)
            made.door.intake._late = 1.0
            say(client, 4)
            assert code(client.reply(client.next_id)) == UNKNOWN_METHOD

    play(dialogue)


CHATTER = b'{"id":1,"rpc":{"method":"danmaku.send","data":{}}}'
DAILY = b'{"id":1,"rpc":{"method":"jar.daily","data":{}}}'


@pytest.mark.parametrize(
    ("said", "can_wait"),
    [
        ([CHATTER], True),
        ([b"\x0a\x0clike.send\x12"], True),
        ([CHATTER] * 3, True),
        ([DAILY], False),
        ([CHATTER + b"\n" + DAILY], False),
        ([CHATTER, DAILY], False),
        ([CHATTER] * (2 * SLICE // len(CHATTER)) + [DAILY], False),
        ([b'{"id":1,"rpc":{"method":"checkin.calendar"}}'], False),
        ([b"{}"], False),
    ],
)
def test_only_chatter_can_wait(said: list[bytes], can_wait: bool) -> None:
    """As clients say it: no byte of a name is to be seen behind the mask of a frame (RFC 6455, 5.3)."""

    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            for one in said:
                client.ws.send_binary(one)
            client.server._unheard = b"".join(client.ws.data_to_send())
            assert client.server.can_wait() is can_wait
            client.server._unheard = b""

    play(dialogue)


def test_chatter_waits_for_a_check_in_that_came_after_it() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            chatting, daily = await made.client().enter("ada"), await made.client().enter("bob")
            keep_the_turn(made)
            say(chatting, 1)
            daily.send({"rpc": {"method": "jar.daily", "data": {"room": "demo"}}})
            line = made.door.intake
            assert [one for _, one in line._line] == [daily.server]
            assert [one for _, one in line._last] == [chatting.server]
            await settle()
            assert not line.full

    play(dialogue)


def test_pings_in_pieces_are_answered_without_the_librarys_parser() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            library = client.server._frames._library
            client.ws.send_ping(b"once")
            whole = b"".join(client.ws.data_to_send())
            client.pipe.writes.clear()
            for at in range(len(whole)):
                client.server.data_received(whole[at : at + 1])
            assert b"".join(client.pipe.writes) == Frame(Opcode.PONG, b"once").serialize(mask=False)
            assert client.server._frames._library is library

    play(dialogue)
