"""When the next stream is: the platform says it, the room tells it, and refusals say how long it is until then."""

import re

import pytest

from tests.server import RealServer
from tests.story.wire import Refusal, fresh, viewer

pytestmark = pytest.mark.store

HOUR = 3_600_000


@pytest.mark.parametrize(("cadence", "code"), [("live_day", 1404), ("per_stream", 1407)])
async def test_the_next_stream_is_shown_until_it_begins(server: RealServer, cadence: str, code: int) -> None:
    room = fresh("room")
    await server.platform("PUT", f"/rooms/{room}", {"cadence": cadence})
    async with viewer(server.url, server.sign(fresh("ada")), None) as ada:
        joined = (await ada.join(room))["data"]
        assert (joined["room"]["schedule"], joined["room"]["ended_at"]) == ({"next_at": None}, None)
        soon = joined["at"] + HOUR
        shown = await server.platform("PUT", f"/rooms/{room}", {"schedule": {"next_at": soon}})
        assert shown["schedule"] == {"next_at": soon}
        await ada.event("room.changed", schedule={"next_at": soon})

        with pytest.raises(Refusal) as refused:
            await ada.rpc("checkin.mark", room=room)
        wait = re.search(r"; retry in ([0-9]+) ms$", refused.value.message)
        assert (refused.value.code, refused.value.temporary) == (code, True)
        assert wait is not None
        assert HOUR - 60_000 < int(wait[1]) <= HOUR

        await server.platform("PUT", f"/rooms/{room}/live", {"live": True})  # earlier than planned: the plan stays
        assert "schedule" not in await ada.event("room.changed", live=True)
        assert (await ada.rpc("checkin.mark", room=room))["streak"] == 1
        plan = {"live": False, "schedule": {"next_at": soon + 24 * HOUR}}
        await server.platform("PUT", f"/rooms/{room}/live", plan)
        ended = await ada.event("room.changed", live=False)
        assert ended["schedule"] == {"next_at": soon + 24 * HOUR}

    async with viewer(server.url, server.sign(""), None) as guest:
        late = (await guest.join(room))["data"]["room"]
        assert late["schedule"] == {"next_at": soon + 24 * HOUR}
        assert late["ended_at"] == ended["ended_at"]
        await server.platform("PUT", f"/rooms/{room}", {"schedule": {"next_at": None}})
        await guest.event("room.changed", schedule={"next_at": None})
