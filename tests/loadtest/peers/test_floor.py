from loadtest.frames import FrameReader
from loadtest.peers.floor import frames
from loadtest.peers.room import PeerRoom
from loadtest.protocol import decode, decode_batch


def test_the_program_is_given_whole_frames_in_order() -> None:
    content = frames(PeerRoom(), count=3, events=2)
    offsets, texts, reader = [], [], FrameReader()
    while content:
        size = int.from_bytes(content[:4], "little")
        [message] = reader.feed(content[4 : 4 + size])
        content = content[4 + size :]
        [reply] = decode(message.payload)
        assert reply.push is not None
        assert reply.push.pub is not None
        offsets.append(reply.push.pub.offset)
        texts.append(len(decode_batch(reply.push.pub.data).ids))
    assert (offsets, texts) == ([1, 2, 3], [2, 2, 2])
