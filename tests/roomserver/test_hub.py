"""Fan-out: one frame for all."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from roomserver.centrifuge.codec import Codec
from roomserver.centrifuge.commands import Command
from roomserver.centrifuge.json_codec import JsonCodec
from roomserver.centrifuge.protobuf_codec import ProtobufCodec
from roomserver.centrifuge.replies import Push, Result
from roomserver.frame_variants import JSON, Variant
from roomserver.hub import Connection, Fanout, Listeners, People


class Counting:
    """An encoding that counts how often it is asked."""

    text = True
    ping = b"{}"

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.publications = 0
        self.joins = 0

    def decode(self, frame: bytes) -> list[Command]:
        return self._codec.decode(frame)

    def encode_reply(self, command_id: int, result: Result) -> bytes:
        return self._codec.encode_reply(command_id, result)

    def encode_push(self, push: Push) -> bytes:
        return self._codec.encode_push(push)

    def encode_publication(self, channel: str, offset: int, data: bytes) -> bytes:
        self.publications += 1
        return self._codec.encode_publication(channel, offset, data)

    def join(self, parts: Sequence[bytes]) -> bytes:
        self.joins += 1
        return self._codec.join(parts)


class Listener:
    """A connection that keeps what is written to it."""

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        self.frames: list[bytes] = []
        self.write = self.frames.append
        self.said: list[bytes] = []
        self.say = self.said.append


class Broken:
    """A connection whose transport fails."""

    def __init__(self, variant: Variant) -> None:
        self.variant = variant

    def write(self, _: bytes) -> None:
        raise RuntimeError("write after end")


@pytest.mark.parametrize("viewers", [1, 100, 1000])
def test_a_batch_is_made_once_and_the_same_bytes_go_to_all(viewers: int) -> None:
    json, proto = Counting(JsonCodec()), Counting(ProtobufCodec())
    room: Listeners[Connection] = Listeners("room:demo", Fanout())
    variants = [Variant(codec, deflates=deflates) for codec in (json, proto) for deflates in (False, True)]
    listeners = [Listener(variant) for variant in variants for _ in range(viewers)]
    for listener in listeners:
        room.add(listener)

    reached = room.publish(1, b'{"events":[%s]}' % (b" " * 500))

    assert reached == 4 * viewers
    assert (json.publications, proto.publications, json.joins, proto.joins) == (1, 1, 1, 1)
    for variant in variants:
        frames = [listener.frames for listener in listeners if listener.variant is variant]
        assert all(len(one) == 1 for one in frames)
        assert all(one[0] is frames[0][0] for one in frames)


def test_an_encoding_nobody_uses_is_not_made() -> None:
    json = Counting(JsonCodec())
    room: Listeners[Connection] = Listeners("room:demo", Fanout())
    listener = Listener(Variant(json))
    room.add(listener)
    room.remove(listener)
    assert room.publish(1, b"{}") == 0
    assert json.publications == 0


def test_one_broken_transport_costs_the_others_nothing() -> None:
    fanout = Fanout()
    room: Listeners[Connection] = Listeners("room:demo", fanout)
    listeners = [Listener(JSON), Listener(JSON)]
    room.add(listeners[0])
    room.add(Broken(JSON))
    room.add(listeners[1])

    assert room.publish(1, b"{}") == 2
    assert [len(listener.frames) for listener in listeners] == [1, 1]
    assert fanout.failed == 1


def test_who_left_hears_nothing_more() -> None:
    room: Listeners[Connection] = Listeners("room:demo", Fanout())
    stays, goes = Listener(JSON), Listener(JSON)
    room.add(stays)
    room.add(goes)
    room.publish(1, b"{}")
    room.remove(goes)
    room.publish(2, b"{}")
    assert (len(stays.frames), len(goes.frames)) == (2, 1)


def test_a_user_is_told_on_all_his_connections_and_forgotten_with_the_last() -> None:
    people = People(Fanout())
    tabs = [Listener(JSON), Listener(JSON)]
    for tab in tabs:
        people.add("ada", tab)
    assert people.tell("ada", b"{}") == 2
    assert [tab.said for tab in tabs] == [[b'{"push":{"channel":"#ada","pub":{"offset":0,"data":{}}}}']] * 2
    people.remove("ada", tabs[0])
    people.remove("ada", tabs[1])
    assert people.tell("ada", b"{}") == 0
    assert people.tell("bob", b"{}") == 0
