"""The zone that a member's days are counted in: his own, which he cannot change back and forth to win days (T10).

A new zone counts from the day after the last one credited; he may change it once in 24 hours and three times in 30
days, and stays in the zone he had where he changes it more often. After a change, two days are not credited within
eight hours.
"""

from __future__ import annotations

from checkin.attendance import MOVES, Record
from checkin.definition import StreakDef
from room.day import DayRule
from room.live import Room

HOUR = 3_600_000
BETWEEN_MOVES = 24 * HOUR
MONTH = 30 * 24 * HOUR
BETWEEN_DAYS = 8 * HOUR


def rule_for(streak: StreakDef, room: Room, zone: str | None, record: Record, now: int) -> DayRule:
    """The days of a member who is in a zone now, as far as he told it."""
    wanted = streak.rule(room, zone)
    if streak.zone == "room" or record.zone in ("", wanted.zone):
        return wanted
    had = streak.rule(room, record.zone)
    return wanted if _may_move(record, had, now) else had


def too_soon(streak: StreakDef, record: Record, zone: str, now: int) -> int:
    """Milliseconds that must pass before the next day is credited in a zone."""
    if streak.zone == "room" or record.zone in ("", zone):
        return 0
    return max(0, record.at + BETWEEN_DAYS - now)


def _may_move(record: Record, had: DayRule, now: int) -> bool:
    last = record.days.last
    if last is not None and now < had.window(last).end_ms:
        return False
    lately = [at for at in record.moves if now - at < MONTH]
    return len(lately) < MOVES and all(now - at >= BETWEEN_MOVES for at in lately)
