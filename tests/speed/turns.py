"""What a turn costs: CPU of the rules alone, without sockets and store.

    python -m tests.speed.turns [members]

Members have half a year of check-ins behind them, read from their stored rows. Figures are microseconds of CPU for
each turn, the best of five rounds with garbage collection off; compare only what was run in alternation.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from time import process_time
from zoneinfo import ZoneInfo

from checkin.messages import Mark
from effects.danmaku import SendDanmaku
from room.change import Change
from room.context import Context
from room.live import SETTINGS, Room
from room.message import Command
from room.people import Actor
from room.row import Row, member
from room.settings import Settings
from room.turn import Outcome, run
from roomserver.committer import written_form
from roomserver.features import make_house
from roomserver.rows import RowCodec
from roomserver.store import StoredRow

ZONE = "Asia/Shanghai"
TONIGHT = datetime(2026, 11, 20, 20, tzinfo=ZoneInfo(ZONE))
DAYS = 180
FAITHFUL = (0.3, 0.7, 0.95, 1.0)
ROUNDS = 5

HOUSE = make_house()
CODEC = RowCodec(HOUSE)
MARK = Mark(room="demo", key="tonight")
AGAIN = Mark(room="demo")
SAY = SendDanmaku(room="demo", text="what a lovely evening")

Figures = dict[str, float]


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def empty() -> Room:
    room = Room(id="demo")
    room.rows[SETTINGS] = Row(subject=SETTINGS, version=1).having(Settings(zone=ZONE))
    return room


def turn(room: Room, actor: Actor, command: Command, now: int) -> Outcome:
    row = room.row(member(actor.id))
    return run(HOUSE, command, Context(room=room, actor=actor, row=row, now=now, id=f"{now:x}", house=HOUSE))


def lived(faithful: float) -> StoredRow:
    """The stored row of somebody who came on this share of the days, and yesterday."""
    random, room, actor = Random(faithful), empty(), Actor(id="u", name="Somebody")
    for ago in range(DAYS, 0, -1):
        if ago == 1 or random.random() < faithful:
            mark = Mark(room="demo", key=str(ago))
            change = turn(room, actor, mark, ms(TONIGHT - timedelta(days=ago))).change
            assert change is not None
            room.rows[change.row.subject] = change.row
    row = room.row("m:u")
    return StoredRow(version=row.version, change=row.change, body=CODEC.encode(row))


def seated(members: int, rows: list[StoredRow]) -> tuple[Room, list[Actor]]:
    room, actors = empty(), [Actor(id=f"user{n}", name=f"User {n}") for n in range(members)]
    for n, actor in enumerate(actors):
        room.actors[actor.id] = actor
        room.rows[member(actor.id)] = CODEC.decode(member(actor.id), rows[n % len(rows)])
    return room, actors


def measured(work: Iterator[object], times: int) -> float:
    """Microseconds of CPU for each."""
    begun = process_time()
    for _ in work:
        pass
    return (process_time() - begun) / times * 1e6


def once(members: int, rows: list[StoredRow]) -> Figures:
    """Everybody checks in, once more under another key's name, says something; and what is stored is put into bytes."""
    room, actors = seated(members, rows)
    changes: list[Change] = []

    def check_in(actor: Actor) -> None:
        change = turn(room, actor, MARK, ms(TONIGHT)).change
        assert change is not None
        changes.append(change)

    steps: Mapping[str, Callable[[Actor], object]] = {
        "check-in": check_in,
        "the same key again": lambda actor: turn(room, actor, MARK, ms(TONIGHT)),
        "the same day again": lambda actor: turn(room, actor, AGAIN, ms(TONIGHT)),
        "danmaku": lambda actor: turn(room, actor, SAY, ms(TONIGHT)),
    }
    figures: Figures = {}
    for name, step in steps.items():
        figures[name] = measured(map(step, actors), members)
        room.rows.update({change.row.subject: change.row for change in changes})
    figures["a check-in in bytes"] = measured((written_form(change, CODEC) for change in changes), members)
    return figures


def main(members: int) -> None:
    rows = [lived(faithful) for faithful in FAITHFUL]
    rounds: list[Figures] = []
    for _ in range(ROUNDS):
        gc.collect()
        gc.disable()
        rounds.append(once(members, rows))
        gc.enable()
    for name in rounds[0]:
        print(f"{min(one[name] for one in rounds):8.1f} us  {name}")  # noqa: T201 - it is a program


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
