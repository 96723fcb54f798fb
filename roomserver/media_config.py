"""``[media]`` of the configuration, and the backend that it makes.

[media]  backend, host, port, addresses, bitrate, publish_at, play_at, kick
[[media.ice_servers]]  url, username, credential
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from media.backend import IceServer, MediaBackend, PublishLimits
from media.embedded import Embedded
from media.null import Null
from media.process import Place
from media.tickets import Tickets
from media.whipwhep import WhipWhep
from roomserver.media_kick import kicking
from roomserver.tables import Problem, shown

UdpPort = Annotated[int, Meta(ge=0, le=65535, description="a UDP port from 0 to 65535")]
Bitrate = Annotated[int, Meta(ge=100_000, le=50_000_000, description="bits a second, from 100000 to 50000000")]
Elsewhere = Annotated[
    str, Meta(pattern=r"^https?://[!-~]+$", description="a URL; {room}, {member} and {ticket} are filled in")
]
KickAt = Annotated[
    str,
    Meta(
        pattern=r"^(POST|DELETE) https?://[!-~]*\{session\}[!-~]*$",
        description="POST or DELETE, a URL with {session}",
    ),
]
ServerUrl = Annotated[
    str, Meta(pattern=r"^(stun|turn|turns):[A-Za-z0-9.:\[\]-]+(\?transport=(udp|tcp))?$", description="stun: or turn:")
]
Plain = Annotated[str, Meta(pattern=r'^[^"\\\x00-\x1f\x7f]{1,512}$', description="a text without quotes")]


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServerSection:
    """A STUN or TURN server that clients are told of."""

    url: ServerUrl
    username: Plain | None = None
    credential: Plain | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSection:
    """Who carries pictures: nobody, this machine on one UDP port, or a server to which clients are sent.

    ``addresses`` are those under which clients reach the port, ``bitrate`` is what a publisher is asked to keep to;
    ``kick`` is how the other server is told to put somebody out.
    """

    backend: Literal["none", "embedded", "whipwhep"] = "none"
    host: str = "0.0.0.0"  # noqa: S104  # the media port is what the world is to reach
    port: UdpPort = 8001
    addresses: tuple[str, ...] = ()
    bitrate: Bitrate = 2_500_000
    ice_servers: tuple[IceServerSection, ...] = ()
    publish_at: Elsewhere | None = None
    play_at: Elsewhere | None = None
    kick: KickAt | None = None


HERE = MediaSection(backend="embedded", host="127.0.0.1", port=0, addresses=("127.0.0.1",))
"""What a server for development has when nothing is configured: pictures on this machine, once somebody publishes."""


def elsewhere(section: MediaSection) -> tuple[str, ...]:
    """The origins to which clients are sent for pictures, for the pages' policy; none whose host is filled in."""
    if section.backend != "whipwhep":
        return ()
    places = [urlsplit(one) for one in (section.publish_at, section.play_at) if one is not None]
    origins = (f"{one.scheme}://{one.netloc}" for one in places if re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", one.netloc))
    return tuple(dict.fromkeys(origins))


def media_contradictions(section: MediaSection) -> Iterable[Problem]:
    """What does not fit together."""
    if section.backend == "embedded":
        yield from _about_addresses(section)
    elif section.backend == "whipwhep":
        for name in ("publish_at", "play_at"):
            if getattr(section, name) is None:
                yield Problem(key=f"media.{name}", found="nothing", expected="where clients are sent")


def _about_addresses(section: MediaSection) -> Iterable[Problem]:
    if not section.addresses:
        expected = "the addresses under which clients reach this machine, as 203.0.113.7"
        yield Problem(key="media.addresses", found="nothing", expected=expected)
    for place, address in enumerate((section.host, *section.addresses)):
        try:
            parsed = ip_address(address)
        except ValueError:
            parsed = None
        if parsed is None or (place > 0 and parsed.is_unspecified):
            key = f"media.addresses[{place - 1}]" if place else "media.host"
            yield Problem(key=key, found=shown(address), expected="an IP address")


@asynccontextmanager
async def carrying(
    section: MediaSection, environment: Mapping[str, str], *, lazily: bool, tickets: Tickets
) -> AsyncIterator[MediaBackend]:
    """The backend, at work while the block lasts; ``lazily``: a process is started when somebody publishes first.

    Raises CannotCarry.
    """
    match section.backend:
        case "embedded":
            servers = tuple(
                IceServer(url=one.url, username=one.username, credential=one.credential) for one in section.ice_servers
            )
            place = Place(host=section.host, port=section.port, addresses=section.addresses, ice_servers=servers)
            async with Embedded(place, environment).running(lazily=lazily) as embedded:
                yield embedded
        case "whipwhep":
            assert section.publish_at is not None
            assert section.play_at is not None
            async with kicking(section.kick) as kick:
                yield WhipWhep(section.publish_at, section.play_at, tickets=tickets, kick=kick)
        case "none":
            yield Null()


def publishing(section: MediaSection) -> PublishLimits:
    """What publishers are asked to keep to."""
    return PublishLimits(bitrate=section.bitrate)
