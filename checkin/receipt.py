"""The receipt of a check-in: the same for every retry and device."""

from __future__ import annotations

from collections.abc import Mapping

from checkin.definition import StreakDef
from checkin.messages import Marked, Restored, Rewarded
from room.feature import Turn


def receipt(turn: Turn, marked: Marked, streak: StreakDef) -> Mapping[str, object]:
    """All of it but points, balance and medals, which are nothing until somebody who keeps them says more.

    ``restored`` is there only when the check-in found the streak whole again: the days that were excused afterwards;
    ``stream`` only when it is for one: the platform's id of it, or its number in the room.
    """
    rewards: list[object] = []
    said: dict[str, object] = {}
    for stamped in turn.events:
        match stamped.event:
            case Rewarded(reward=reward):
                rewards.append({"id": reward.id, "kind": reward.kind, "title": reward.title})
            case Restored(days=days):
                said["restored"] = list(days)
    if marked.stream is not None:
        said["stream"] = turn.context.room.settings.stream or str(marked.stream)
    return {
        "id": turn.context.id,
        "day": marked.day,
        "streak": marked.length,
        "best": marked.best,
        "total": marked.total,
        "replayed": False,
        "points": 0,
        "balance": 0,
        "rewards": rewards,
        "medals": [],
        "next": streak.next(marked.length, turn.context.room.settings.language),
        "expires_at": marked.expires_at,
        "at": turn.context.now,
        "durability": turn.context.room.durability,
        **said,
    }
