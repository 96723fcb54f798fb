from __future__ import annotations

from media.backend import Published, PublishLimits
from media.connection import CONSENT_SECONDS, HANDSHAKE_SECONDS
from media.publication import Publication
from media.viewing import Viewing
from tests.media.client import client, picture
from tests.media.conftest import Unit


def only(unit: Unit, kind: type[Publication] | type[Viewing]) -> Publication | Viewing:
    [found] = [one for one in unit.sfu._sessions.values() if isinstance(one, kind)]
    return found


async def test_who_never_shakes_hands_is_given_up(unit: Unit) -> None:
    async with client() as host:
        unit.sfu.publish("room", "host", "main", host.offer(["video"], "sendonly"), PublishLimits())
        connection = only(unit, Publication).connection
        now = connection.heard_at
        assert connection.expired(now + HANDSHAKE_SECONDS - 1) is None
        assert connection.expired(now + HANDSHAKE_SECONDS + 1) == "never"


async def test_a_viewer_who_consents_no_more_is_sent_no_more(unit: Unit) -> None:
    async with client() as host, client() as viewer:
        await unit.publishing(host)
        picture(host)
        await unit.until(Published)
        await unit.playing(viewer)
        await viewer.until(3)
        connection = only(unit, Viewing).connection
        heard = connection.heard_at
        assert connection.expired(heard + CONSENT_SECONDS - 1) is None
        assert connection.expired(heard + CONSENT_SECONDS + 1) == "lost"
        viewer.checked.clear()
        viewer.stay()
        await viewer.checked.wait()
        assert connection.heard_at > heard, "a check is consent"


async def test_packets_of_a_publisher_are_a_sign_of_life(unit: Unit) -> None:
    async with client() as host:
        await unit.publishing(host)
        connection = only(unit, Publication).connection
        heard = connection.heard_at
        picture(host)
        await unit.until(Published)
        assert connection.heard_at > heard


async def test_what_comes_before_the_keys_is_kept_for_them(unit: Unit) -> None:
    async with client() as host:
        await unit.publishing(host)
        picture(host, count=1)  # perhaps before the server has finished its part
        await unit.until(Published)
