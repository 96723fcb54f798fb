"""Evenings in a room to check in on: a house with points and medals, and instants as people write them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from checkin.attendance import Attendance, Record
from checkin.definition import STREAKS, StreakDef
from checkin.feature import Checkin
from checkin.messages import Mark, Marked, Rewarded
from membership.feature import Membership
from membership.messages import Award, GrantMedal, Medal
from room.context import Context
from room.house import House, Reaction
from room.message import Command, Event
from room.people import Actor
from room.row import Row, member
from room.settings import Settings
from tests.dialogue import ADA, Dialogue

ROOM = "demo"
MARK = Mark(room=ROOM)
HOUR = 3_600_000
DAY = 24 * HOUR
SHANGHAI = Settings(zone="Asia/Shanghai")


def credit(event: Event, context: Context) -> Iterable[Command]:
    assert isinstance(event, Marked)
    yield Award(room=context.room.id, points=event.points, qualifying=event.qualifying, reason="check-in")


def reward(event: Event, context: Context) -> Iterable[Command]:
    assert isinstance(event, Rewarded)
    if event.points:
        yield Award(room=context.room.id, points=event.points, qualifying=0, reason=event.reward.id)
    if event.medal is not None:
        yield GrantMedal(room=context.room.id, medal=Medal(id=event.medal.id, title=event.medal.title))


def house(*streaks: StreakDef) -> House:
    membership = Membership()
    return House(
        [Checkin(streaks or STREAKS), membership],
        reactions=[Reaction(on=Marked, make=credit), Reaction(on=Rewarded, make=reward)],
        standing=membership.standing,
    )


HOUSE = house()
USERS_OWN = house(StreakDef(name="daily", zone="user"))


def at(text: str, zone: str = "UTC", fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def in_zone(zone: str | None, actor: Actor = ADA) -> Actor:
    return replace(actor, zone=zone)


def check_in(evening: Dialogue, *days: str, zone: str = "UTC", actor: Actor = ADA) -> Dialogue:
    """Check in at eight in the evening of each of these days."""
    for day in days:
        evening.when(MARK, at=at(f"{day}T20:00", zone), actor=actor)
    return evening


def row_of(evening: Dialogue, user: str = "ada") -> Row:
    return evening.room.row(member(user))


def record_of(evening: Dialogue, user: str = "ada", streak: str = "daily") -> Record:
    return row_of(evening, user).of(Attendance).of(streak)


def happened(evening: Dialogue) -> list[str]:
    """The names of what happened in the last step."""
    return [type(stamped.event).kind for stamped in evening.events]
