"""The real-time protocol's own questions to a room."""

from __future__ import annotations

import orjson
import pytest

from room.people import Role
from room.refusal import UnrecoverablePosition
from roomserver.centrifuge import acts
from roomserver.centrifuge.commands import Position
from roomserver.centrifuge.replies import HistoryResult, PresenceResult, PresenceStatsResult
from tests.roomserver.hand_time import play
from tests.roomserver.stage import Viewer, on_stage


def test_users_are_counted_apart_from_their_connections_and_guests_are_not_listed() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            for viewer in (Viewer("ada"), Viewer("ada", "ada-2"), Viewer("guest-1", "g", role=Role.GUEST)):
                stage.join(viewer)
            await stage.quiet()
            stats = stage.room.looked_up(acts.Stats(id=1, room="demo"))
            assert stats == PresenceStatsResult(num_clients=3, num_users=2)
            found = stage.room.looked_up(acts.ListPresence(id=2, room="demo"))
            assert isinstance(found, PresenceResult)
            assert {client: one.user for client, one in found.presence.items()} == {"ada-1": "ada", "ada-2": "ada"}
            assert orjson.loads(found.presence["ada-1"].conn_info) == {"name": "Ada", "tier": 0}

    play(dialogue)


def test_history_is_what_the_log_has_after_a_position() -> None:
    async def dialogue() -> None:
        async with on_stage() as stage:
            ada = stage.join(Viewer("ada"))
            await stage.quiet()
            start = stage.room.publisher.ring.offset
            epoch = stage.room.publisher.ring.epoch
            for text in ("one", "two"):
                stage.shout(ada, text)
                await stage.quiet()
            read = acts.ReadHistory(
                id=1, room="demo", limit=-1, since=Position(epoch=epoch, offset=start), reverse=True
            )
            found = stage.room.looked_up(read)
            assert isinstance(found, HistoryResult)
            assert [one.offset for one in found.publications] == [start + 2, start + 1]
            with pytest.raises(UnrecoverablePosition):
                stage.room.looked_up(
                    acts.ReadHistory(id=1, room="demo", limit=1, since=Position(epoch="x", offset=start), reverse=False)
                )

    play(dialogue)
