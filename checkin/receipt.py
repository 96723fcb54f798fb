"""The receipt of a check-in: the same for every retry and device."""

from __future__ import annotations

from collections.abc import Mapping

from checkin.messages import Marked, Restored, Rewarded
from checkin.progress import Progress
from room.feature import Turn


def receipt(turn: Turn, marked: Marked, progress: Progress) -> Mapping[str, object]:
    """All of it but points, balance and medals, which are nothing until somebody who keeps them says more.

    ``restored`` is there only when the check-in found the streak whole again: the days that were excused afterwards;
    ``stream`` only when it is for one: the platform's id of it, or its number in the room.
    """
    rewarded = [stamped.event for stamped in turn.events if isinstance(stamped.event, Rewarded)]
    restored = [stamped.event for stamped in turn.events if isinstance(stamped.event, Restored)]
    said: dict[str, object] = {"restored": list(restored[0].days)} if restored else {}
    if marked.stream is not None:
        said["stream"] = progress.settings.stream or str(marked.stream)
    return {
        "id": turn.context.id,
        "day": marked.day,
        "streak": marked.length,
        "best": marked.best,
        "total": marked.total,
        "replayed": False,
        "points": 0,
        "balance": 0,
        "rewards": [{"id": one.reward.id, "kind": one.reward.kind, "title": one.reward.title} for one in rewarded],
        "medals": [],
        "next": progress.next(marked.length),
        "expires_at": progress.expires_at,
        "at": turn.context.now,
        "durability": turn.context.room.durability,
        **said,
    }
