"""``[[webhooks]]`` of the configuration, and the endpoints that it makes.

[[webhooks]]  url, secret (the name of an environment variable), events, rooms, networks
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Protocol
from urllib.parse import urlsplit

from msgspec import Meta

from room.people import ROOM_ID
from roomserver.tables import Problem, shown
from roomserver.webhook_address import LOOPBACK, read_network
from roomserver.webhook_delivery import Endpoint
from roomserver.webhook_signature import PREFIX, read_secret

_NAME = r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.?"
_HERE = r"http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?(/.*)?"

Url = Annotated[
    str,
    Meta(
        pattern=rf"^(https://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{{1,5}})?(/[!-~]*)?|{_HERE})$",
        max_length=2000,
        description="a URL with https, without user and password (with --dev also http on this machine)",
    ),
]
Variable = Annotated[
    str,
    Meta(pattern=r"^[A-Z][A-Z0-9_]{0,127}$", description="the name of an environment variable that holds the secret"),
]
Kind = Annotated[
    str, Meta(pattern=r"^(\*|[a-z_]+\.(\*|[a-z_]+))$", description="a kind of event, as checkin.marked, checkin.* or *")
]
RoomName = Annotated[str, Meta(pattern=f"^{ROOM_ID}$", description="a room's id")]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSection:
    """Where durable events are posted; ``networks`` are allowed though they are not public, as ``10.1.0.0/16``."""

    url: Url
    secret: Variable
    events: tuple[Kind, ...] = ("*",)
    rooms: tuple[RoomName, ...] = ()
    networks: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        """Whether it is plain http on this machine."""
        return is_here(self.url)


class Destination(Protocol):
    """What a section says about where something goes: signed with the secret that this variable holds."""

    @property
    def url(self) -> str:
        """Where."""

    @property
    def secret(self) -> str:
        """The name of the variable."""

    @property
    def networks(self) -> Sequence[str]:
        """What is allowed though it is not public."""


def is_here(url: str) -> bool:
    """Whether a URL is plain http on this machine."""
    return re.match(_HERE, url) is not None


def contradictions(sections: Sequence[WebhookSection]) -> Iterable[Problem]:
    """What no single value shows."""
    for place, section in enumerate(sections):
        if section.url in [one.url for one in sections[:place]]:
            yield Problem(key=f"webhooks[{place}].url", found="the URL of another one", expected="a URL of its own")
        yield from astray(section, f"webhooks[{place}]")


def astray(section: Destination, at: str) -> Iterable[Problem]:
    """Why a section leads nowhere."""
    if not _leads_somewhere(section.url):
        found, expected = "a host or a port that cannot be", "a host's name or address, and a port from 1 to 65535"
        yield Problem(key=f"{at}.url", found=found, expected=expected)
    for network in section.networks:
        try:
            read_network(network)
        except ValueError:
            yield Problem(key=f"{at}.networks", found=shown(network), expected="networks, as 10.1.0.0/16")


def _leads_somewhere(url: str) -> bool:
    """Whether the host could be looked up, and the port connected to."""
    try:
        parts = urlsplit(url)  # raises for brackets around what is no address
        host, port = parts.hostname or "", 443 if parts.port is None else parts.port
        if ":" in host:
            ip_address(host)
        return port > 0 and (":" in host or re.fullmatch(_NAME, host) is not None)
    except ValueError:
        return False


def read_secrets(section: Destination, environ: Mapping[str, str]) -> tuple[tuple[bytes, ...], list[Problem]]:
    """The secrets of an endpoint, the newest first, and what is wrong with them."""
    written = [one.strip() for one in environ.get(section.secret, "").split(",") if one.strip()]
    expected = f"{PREFIX} and base64 of 24 to 64 bytes, or two of them with a comma during a rotation"
    if not 1 <= len(written) <= 2:
        return (), [Problem(key=section.secret, found=f"{len(written)} secrets", expected=expected)]
    try:
        return tuple(read_secret(one) for one in written), []
    except ValueError:
        return (), [Problem(key=section.secret, found="something else", expected=expected)]


def endpoint(section: WebhookSection, secrets: tuple[bytes, ...], *, dev: bool) -> Endpoint:
    """The endpoint that a section describes; in development it may be on this machine."""
    listed = tuple(read_network(one) for one in section.networks)
    return Endpoint(
        url=section.url,
        secrets=secrets,
        events=section.events,
        rooms=section.rooms,
        listed=listed + (LOOPBACK if dev else ()),
    )
