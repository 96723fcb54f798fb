"""Everything that is stored of one member in one room, as JSON."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import orjson

from checkin.attendance import Attendance
from room.refusal import RowDamaged
from room.row import member
from roomserver.rows import RowCodec, UnreadableRow, unpacked
from roomserver.server import RoomServer
from roomserver.store import StoredRow

log = logging.getLogger(__name__)


async def exported(server: RoomServer, room: str, user: str) -> bytes:
    """His row as it is stored, his logs whole, and the days of each streak as an import takes them.

    ``{room, user, version, sections: {name: {schema, stored}}, results, logs: {name: […]}, days: {streak: […]}}``;
    of somebody of whom nothing is stored version 0 and nothing. Raises StoreUnavailable, RowDamaged.
    """
    subject, features = member(user), server.shell.house.features
    [stored] = await server.store.load(room, [subject])
    logs = {
        name: [orjson.Fragment(entry) for entry in await server.store.log(room, subject, name)]
        for feature in features
        for name in feature.logs
    }
    days = _days(RowCodec(server.shell.house), subject, stored)  # also finds out whether the row can be read
    said: dict[str, object] = {
        "room": room,
        "user": user,
        "version": 0 if stored is None else stored.version,
        **_row(stored),
        "logs": logs,
        "days": days,
    }
    return orjson.dumps(said)


def _row(stored: StoredRow | None) -> Mapping[str, object]:
    """Sections and the last results; those of features that this server does not know, too."""
    body: dict[str, Any] = {} if stored is None else orjson.loads(unpacked(stored.body))
    sections = {name: {"schema": schema, "stored": section} for name, (schema, section) in body.get("s", {}).items()}
    return {"sections": sections, "results": body.get("r", [])}


def _days(codec: RowCodec, subject: str, stored: StoredRow | None) -> Mapping[str, list[str]]:
    try:
        attendance = codec.decode(subject, stored).of(Attendance)
    except UnreadableRow as error:
        log.error("unreadable row", extra={"subject": subject, "why": str(error)})
        raise RowDamaged from None
    return {name: [day.isoformat() for day in record.days.done] for name, record in attendance.streaks.items()}
