"""What the metrics page reads from a running server."""

from __future__ import annotations

from room.message import Lane
from roomserver.readings import readings
from tests.roomserver.http.serving import serving
from tests.roomserver.test_metrics import page


async def test_every_sum_of_conservation_is_on_the_page_from_the_start() -> None:
    async with serving() as on:
        on.server.metrics.gather(lambda: readings(on.server))
        kept = on.server.shell.conservation
        kept.accepted[Lane.DANMAKU] += 3
        kept.shed[Lane.DANMAKU] += 1
        kept.closed.owed += 7
        kept.closed.gaps += 2

        lines = page(on.server.metrics)

        assert 'roomserver_accepted_total{lane="danmaku"} 3.0' in lines
        assert 'roomserver_shed_total{lane="danmaku"} 1.0' in lines
        assert {f'roomserver_shown_total{{lane="{lane}"}} 0.0' for lane in Lane} <= set(lines)
        assert 'roomserver_deliveries_total{outcome="owed"} 7.0' in lines
        assert 'roomserver_deliveries_total{outcome="gaps"} 2.0' in lines
        assert "roomserver_deliveries_outstanding 0.0" in lines
        assert 'roomserver_conservation_violations_total{of="events"} 0.0' in lines
        assert 'roomserver_conservation_violations_total{of="deliveries"} 0.0' in lines


async def test_what_is_under_way_is_on_the_page() -> None:
    async with serving() as on:
        on.server.metrics.gather(lambda: readings(on.server))
        await on.server.rooms.open("demo", make=True)
        lines = page(on.server.metrics)
        assert "roomserver_rooms 1.0" in lines
        assert "roomserver_connections 0.0" in lines
        assert "roomserver_longest_tick_seconds 0.05" in lines
        assert "roomserver_recoveries_encoded_total 0.0" in lines
