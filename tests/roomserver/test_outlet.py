"""What one connection is sent: one frame per turn, and no more than it may owe."""

from __future__ import annotations

import asyncio

from roomserver.centrifuge import codes
from roomserver.frame_variants import DEFLATED_PROTOBUF, JSON
from roomserver.metrics import Metrics
from roomserver.outlet import HIGH_WATER, MOST_WAITING, Mailbag, Outlet
from tests.roomserver.hand_time import play, settle


class Transport(asyncio.Transport):
    """Keeps what is written; the other end reads nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.high: int | None = None
        self.ended = ""
        self.fails = False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.high = high

    def get_write_buffer_size(self) -> int:
        return sum(map(len, self.writes))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.fails:
            raise RuntimeError("write after end")
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.ended = "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def is_closing(self) -> bool:
        return bool(self.ended)


class Table:
    """An outlet, what is under it and what is counted."""

    def __init__(self) -> None:
        self.transport, self.metrics = Transport(), Metrics()
        self.mailbag = Mailbag(asyncio.get_running_loop())
        self.outlet = Outlet(self.transport, self.mailbag, self.metrics)


def test_the_parts_of_one_turn_are_one_frame_and_leave_by_themselves() -> None:
    async def dialogue() -> None:
        table = Table()
        assert table.transport.high == HIGH_WATER
        table.outlet.say(b"1")
        table.outlet.say(b"2")
        assert table.transport.writes == []
        await settle()
        table.outlet.say(b"3")
        await settle()
        assert table.transport.writes == [JSON.frame(b"1\n2"), JSON.frame(b"3")]

    play(dialogue)


def test_after_a_tick_all_that_is_said_leaves_at_once_and_only_once() -> None:
    async def dialogue() -> None:
        tables = [Table(), Table()]
        mailbag = tables[0].mailbag
        outlets = [Outlet(table.transport, mailbag, table.metrics) for table in tables]
        for outlet in outlets:
            outlet.say(b"1")
            outlet.say(b"2")
        mailbag.empty()
        expected = [[JSON.frame(b"1\n2")], [JSON.frame(b"1\n2")]]
        assert [table.transport.writes for table in tables] == expected
        await settle()
        assert [table.transport.writes for table in tables] == expected
        outlets[0].say(b"3")
        await settle()
        assert tables[0].transport.writes[1:] == [JSON.frame(b"3")]

    play(dialogue)


def test_one_broken_transport_costs_the_others_nothing() -> None:
    async def dialogue() -> None:
        broken, sound = Table(), Table()
        outlets = [Outlet(table.transport, sound.mailbag, table.metrics) for table in (broken, sound)]
        broken.transport.fails = True
        for outlet in outlets:
            outlet.say(b"1")
        await settle()
        assert sound.transport.writes == [JSON.frame(b"1")]

    play(dialogue)


def test_what_is_held_leaves_when_it_is_let_go() -> None:
    async def dialogue() -> None:
        table = Table()
        table.outlet.hold()
        table.outlet.say(b"1")
        await settle()
        table.outlet.say(b"2")
        assert table.transport.writes == []
        table.outlet.let_go()
        assert table.transport.writes == [JSON.frame(b"1\n2")]

    play(dialogue)


def test_it_speaks_the_connections_encoding_and_deflates_nothing_for_one_alone() -> None:
    async def dialogue() -> None:
        table = Table()
        table.outlet.variant = DEFLATED_PROTOBUF
        table.outlet.say(b"x" * 1000)
        table.outlet.ping()
        await settle()
        codec = DEFLATED_PROTOBUF.codec
        assert table.transport.writes == [DEFLATED_PROTOBUF.frame(codec.ping), DEFLATED_PROTOBUF.frame(b"x" * 1000)]

    play(dialogue)


def test_who_takes_nothing_of_what_is_said_to_him_is_cut_off_once_and_owes_no_more() -> None:
    async def dialogue() -> None:
        table = Table()
        for _ in range(200):
            table.outlet.say(b"x" * 1000)
            table.outlet.flush()
            table.outlet.pass_on([b"pong"])
            table.outlet.ping()
        assert table.transport.ended == "aborted"
        assert table.transport.get_write_buffer_size() <= MOST_WAITING + 1100
        assert table.metrics.closes.labels(codes.SLOW.code)._value.get() == 1

    play(dialogue)


def test_an_empty_frame_of_the_protocol_ends_the_connection() -> None:
    async def dialogue() -> None:
        table = Table()
        table.outlet.pass_on([b"close", b""])
        assert (table.transport.writes, table.transport.ended) == ([b"close"], "closed")

    play(dialogue)
