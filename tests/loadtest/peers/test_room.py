import json

from msgspec import Raw

from loadtest.peers.room import PeerRoom
from loadtest.protocol import decode, decode_batch


def test_a_peer_speaks_what_the_viewers_understand() -> None:
    room = PeerRoom()
    lines = ({"id": 1, "connect": {}}, {"id": 2, "subscribe": {}}, {"id": 3, "rpc": {"data": {"text": "hi"}}})
    answers = room.receive("\n".join(map(json.dumps, lines)))
    connected, joined, said = (decode(answer.reply)[0] for answer in answers)
    assert connected.connect is not None
    assert joined.subscribe is not None
    assert (joined.subscribe.epoch, joined.subscribe.offset, room.online) == ("peer", 0, 1)
    assert said.rpc is not None
    assert answers[0].event is None
    assert answers[2].event is not None


def test_batches_have_growing_offsets_and_what_was_said() -> None:
    room = PeerRoom()
    [answer] = room.receive(b'{"id":3,"rpc":{"data":{"text":"hi"}}}')
    assert answer.event is not None
    [first], [second] = decode(room.batch([answer.event])), decode(room.batch([answer.event, answer.event]))
    assert first.push is not None
    assert first.push.pub is not None
    assert second.push is not None
    assert second.push.pub is not None
    assert (first.push.pub.offset, second.push.pub.offset) == (1, 2)
    told = json.loads(answer.reply)["rpc"]["data"]["id"]
    assert decode_batch(Raw(first.push.pub.data)).ids == (told,)
