import msgspec

from loadtest.decoder import SharedDecoder
from loadtest.protocol import Publication
from loadtest.wire import SOCKET_IO

PUSH = b'{"push":{"channel":"room:demo","pub":{"offset":4,"data":{"events":[]}}}}'
PERSONAL = b'{"push":{"channel":"#ann","pub":{"offset":4,"data":{"events":[]}}}}'


def test_what_all_get_is_decoded_once() -> None:
    decoder = SharedDecoder()
    (one,), (other,) = decoder.replies(PUSH), decoder.replies(bytes(bytearray(PUSH)))
    assert one is other
    assert one.push is not None
    assert one.push.pub is not None
    assert decoder.batch(one.push.pub) is decoder.batch(one.push.pub)


def test_what_was_shared_is_forgotten_in_time() -> None:
    decoder = SharedDecoder()
    for number in range(1000):
        data = msgspec.Raw(b'{"events":[{"type":"x","id":"%d"}]}' % number)
        decoder.replies(b'{"push":{"channel":"room:%d"}}' % number)
        assert decoder.batch(Publication(data)).ids == (str(number),)
    assert max(len(decoder._replies), len(decoder._batches)) <= 64


def test_a_piece_that_all_get_is_read_once() -> None:
    decoder = SharedDecoder()
    piece = b"\x81\x10" + PUSH
    assert decoder.pushes(piece) is None
    decoder.learn(piece, decoder.replies(PUSH))
    known = decoder.pushes(bytes(bytearray(piece)))
    assert known is not None
    assert [push.channel for push in known] == ["room:demo"]
    assert decoder.pushes(piece[:-1]) is None


def test_a_piece_with_a_reply_or_for_one_person_is_not_remembered() -> None:
    decoder = SharedDecoder()
    for payload in (PUSH + b'\n{"id":4}', PERSONAL):
        decoder.learn(payload, decoder.replies(payload))
        assert decoder.pushes(payload) is None


def test_only_the_last_pieces_are_remembered() -> None:
    decoder = SharedDecoder()
    replies = decoder.replies(PUSH)
    pieces = [b"%03d" % number + PUSH for number in range(20)]
    for piece in pieces:
        decoder.learn(piece, replies)
    assert [piece for piece in pieces if decoder.pushes(piece) is not None] == pieces[-8:]


def test_another_dialect_is_read_too() -> None:
    packet = b'42["push",{"channel":"room:demo","pub":{"offset":4,"data":{"events":[]}}}]'
    [reply] = SharedDecoder(SOCKET_IO).replies(packet)
    assert reply.push is not None
    assert reply.push.channel == "room:demo"
