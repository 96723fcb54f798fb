"""A target of coverage-guided fuzzing: any bytes as frames, decoded, through a session and the schema of the house.

python -m tests.fuzz.frames -runs=100000 [corpus folder]
"""

from __future__ import annotations

import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["roomserver", "room"], enable_loader_override=False):
    from room.message import Command, Query
    from room.refusal import Refused
    from roomserver.centrifuge import acts, commands
    from roomserver.centrifuge.codec import MalformedFrame
    from roomserver.centrifuge.json_codec import JsonCodec
    from roomserver.centrifuge.protobuf_codec import ProtobufCodec
    from roomserver.centrifuge.replies import SubscribeResult
    from roomserver.centrifuge.session import Session
    from roomserver.features import make_house
    from roomserver.frames import Frames
    from roomserver.schema import Schema

HOUSE = make_house(pictures=True)
KINDS: list[type[Command] | type[Query]] = [*HOUSE.commands, *HOUSE.queries]
SCHEMA = Schema(kind for kind in KINDS if kind.on_wire)
CODECS = (JsonCodec(), ProtobufCodec())


def target(data: bytes) -> None:
    """One connection's life: the first byte says in which encoding, whether these are frames, and packed ones."""
    if not data:
        return
    codec = CODECS[data[0] & 1]
    session = Session(client="c", version="v", publishes="danmaku.send")
    session.receive(commands.Command(id=1, request=commands.Connect(token="t")))
    session.authenticated(1, user="ann", ttl=60)
    messages = [data[1:]]
    if data[0] & 2:
        frames = Frames(deflates=bool(data[0] & 4), opened=True)
        frames.glimpse(data[1:])
        messages = [one for one in frames.receive(data[1:]) if isinstance(one, bytes)]
    for message in messages:
        try:
            said = codec.decode(message)
        except MalformedFrame:
            continue
        for command in said:
            for act in session.receive(command):
                _carry_out(session, act)


def _carry_out(session: Session, act: acts.Act) -> None:
    match act:
        case acts.Call(method=method, data=said):
            with suppress(Refused):
                SCHEMA.decode(method, said, room=act.room)
            session.rpc_done(act.id, b"{}")
        case acts.Join(channel=channel):
            session.joined(channel, SubscribeResult())
        case acts.Authenticate():
            session.authenticated(act.id, user="ann", ttl=60)
        case _:
            pass


if __name__ == "__main__":
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
