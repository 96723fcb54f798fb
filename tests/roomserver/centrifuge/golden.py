"""Frames written by hand from the protocol's description, the same sentences in both encodings."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from roomserver.centrifuge import codes, commands, replies
from roomserver.centrifuge.codes import Error
from roomserver.centrifuge.commands import Command, Request
from roomserver.centrifuge.replies import Push, Result

ROOM = "0a06 726f6f6d3a61"  # field 1: "room:a"
PUBLICATION = "06 2202 7b7d 3006"  # data {}, offset 6


@dataclass(frozen=True)
class Golden:
    """One sentence: as JSON and as Protobuf, its length in front."""

    json: str
    protobuf: str

    @property
    def frames(self) -> dict[str, bytes]:
        return {"json": self.json.encode(), "protobuf": bytes.fromhex(self.protobuf)}


def command(command_id: int, request: Request, json: str, protobuf: str) -> tuple[Command, Golden]:
    return Command(command_id, request), Golden(json, protobuf)


EMPTY = msgspec.Raw(b"{}")
COMMANDS = [
    command(
        1,
        commands.Connect(token="t", name="js", version="5"),
        '{"id":1,"connect":{"token":"t","name":"js","version":"5"}}',
        "0e 0801 220a 0a0174 22026a73 2a0135",
    ),
    command(
        2,
        commands.Subscribe(channel="room:a", recover=True, epoch="e", offset=5),
        '{"id":2,"subscribe":{"channel":"room:a","recover":true,"epoch":"e","offset":5}}',
        f"13 0802 2a0f {ROOM} 1801 320165 3805",
    ),
    command(
        3,
        commands.Unsubscribe(channel="room:a"),
        '{"id":3,"unsubscribe":{"channel":"room:a"}}',
        f"0c 0803 3208 {ROOM}",
    ),
    command(
        4,
        commands.Publish(channel="room:a", data=EMPTY),
        '{"id":4,"publish":{"channel":"room:a","data":{}}}',
        f"10 0804 3a0c {ROOM} 1202 7b7d",
    ),
    command(5, commands.Presence(channel="room:a"), '{"id":5,"presence":{"channel":"room:a"}}', f"0c 0805 4208 {ROOM}"),
    command(
        6,
        commands.PresenceStats(channel="room:a"),
        '{"id":6,"presence_stats":{"channel":"room:a"}}',
        f"0c 0806 4a08 {ROOM}",
    ),
    command(
        7,
        commands.History(channel="room:a", limit=10, since=commands.Position(offset=3, epoch="e"), reverse=True),
        '{"id":7,"history":{"channel":"room:a","limit":10,"since":{"offset":3,"epoch":"e"},"reverse":true}}',
        f"17 0807 5213 {ROOM} 380a 4205 0803 120165 4801",
    ),
    command(8, commands.Ping(), '{"id":8,"ping":{}}', "04 0808 5a00"),
    command(0, commands.Send(data=EMPTY), '{"send":{"data":{}}}', "06 6204 0a02 7b7d"),
    command(
        9,
        commands.Rpc(method="m", data=EMPTY),
        '{"id":9,"rpc":{"method":"m","data":{}}}',
        "0b 0809 6a07 0a02 7b7d 12016d",
    ),
    command(10, commands.Refresh(token="t"), '{"id":10,"refresh":{"token":"t"}}', "07 080a 7203 0a0174"),
    command(
        11,
        commands.SubRefresh(channel="room:a", token="t"),
        '{"id":11,"sub_refresh":{"channel":"room:a","token":"t"}}',
        f"0f 080b 7a0b {ROOM} 120174",
    ),
    command(0, commands.Pong(), "{}", "00"),
]

ENTRY = replies.Publication(data=b"{}", offset=6)
RESULTS: list[tuple[int, Result, Golden]] = [
    (
        1,
        Error(code=109, message="x", temporary=True),
        Golden('{"id":1,"error":{"code":109,"message":"x","temporary":true}}', "0b 0801 1207 086d 120178 1801"),
    ),
    (
        2,
        replies.ConnectResult(client="c", version="v", ping=25, ttl=60, subs={"#u": replies.SubscribeResult()}),
        Golden(
            '{"id":2,"connect":{"client":"c","version":"v","expires":true,"ttl":60,"ping":25,"pong":true,"subs":'
            '{"#u":{"recoverable":false,"positioned":false,"epoch":"","offset":0,"was_recovering":false,'
            '"recovered":false,"publications":[]}}}}',
            "1a 0802 2a16 0a0163 120176 1801 203c 3206 0a022375 1200 3819 4001",
        ),
    ),
    (
        3,
        replies.SubscribeResult(
            recoverable=True,
            positioned=True,
            epoch="e",
            offset=7,
            was_recovering=True,
            recovered=True,
            missed=replies.Recovered((ENTRY,)),
            data=b"{}",
        ),
        Golden(
            '{"id":3,"subscribe":{"recoverable":true,"positioned":true,"epoch":"e","offset":7,"was_recovering":true,'
            '"recovered":true,"publications":[{"offset":6,"data":{}}],"data":{}}}',
            f"1d 0803 3219 1801 320165 3a{PUBLICATION} 4001 4807 5001 5a02 7b7d 6001",
        ),
    ),
    (4, replies.UnsubscribeResult(), Golden('{"id":4,"unsubscribe":{}}', "04 0804 3a00")),
    (5, replies.PublishResult(), Golden('{"id":5,"publish":{}}', "04 0805 4200")),
    (
        6,
        replies.PresenceResult(presence={"c": replies.ClientInfo(client="c", user="u", conn_info=b"{}")}),
        Golden(
            '{"id":6,"presence":{"presence":{"c":{"user":"u","client":"c","conn_info":{}}}}}',
            "15 0806 4a11 0a0f 0a0163 120a 0a0175 120163 1a02 7b7d",
        ),
    ),
    (
        7,
        replies.PresenceStatsResult(num_clients=2, num_users=1),
        Golden('{"id":7,"presence_stats":{"num_clients":2,"num_users":1}}', "08 0807 5204 0802 1001"),
    ),
    (
        8,
        replies.HistoryResult(publications=(ENTRY,), epoch="e", offset=7),
        Golden(
            '{"id":8,"history":{"publications":[{"offset":6,"data":{}}],"epoch":"e","offset":7}}',
            f"11 0808 5a0d 0a{PUBLICATION} 120165 1807",
        ),
    ),
    (9, replies.PingResult(), Golden('{"id":9,"ping":{}}', "04 0809 6200")),
    (10, replies.RpcResult(data=b"{}"), Golden('{"id":10,"rpc":{"data":{}}}', "08 080a 6a04 0a02 7b7d")),
    (
        11,
        replies.RefreshResult(client="c", version="v", ttl=60),
        Golden(
            '{"id":11,"refresh":{"client":"c","version":"v","expires":true,"ttl":60}}',
            "0e 080b 720a 0a0163 120176 1801 203c",
        ),
    ),
]

PUSHES: list[tuple[Push, Golden]] = [
    (
        replies.Published(channel="room:a", publication=ENTRY),
        Golden(
            '{"push":{"channel":"room:a","pub":{"offset":6,"data":{}}}}',
            f"12 2210 1206 726f6f6d3a61 22{PUBLICATION}",
        ),
    ),
    (
        replies.Unsubscribed(channel="room:a", why=codes.INSUFFICIENT_STATE),
        Golden(
            '{"push":{"channel":"room:a","unsubscribe":{"code":2500,"reason":"insufficient state"}}}',
            "23 2221 1206 726f6f6d3a61 3a17 10c413 1a12" + b"insufficient state".hex(),
        ),
    ),
]
