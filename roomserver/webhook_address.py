"""Which addresses a webhook may go to: those of the public internet, and what the operator lists.

Whoever names an endpoint must not reach, through this server, what stands beside it: its own machine, its network,
the cloud's metadata. So a name is looked up here, all its addresses are checked, and the connection goes to the very
address that was checked: a second look-up could be answered otherwise.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SPECIAL_V4 = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # public by its number, a cloud's own service by its use
    )
)  # fmt: skip
"""IANA's registry of special-purpose addresses, and multicast."""

PUBLIC_V6 = IPv6Network("2000::/3")
"""All that is handed out: loopback, link-local, unique local, mapped, translated and multicast lie outside."""

SPECIAL_V6 = tuple(IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
"""Inside of it: protocol assignments and Teredo, documentation, 6to4, which carries any address of version 4."""

LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


LookUp = Callable[[str, int, Sequence[Network]], Awaitable[str]]
"""Finds the address to connect to, or raises."""


class ForbiddenAddress(Exception):
    """A name leads to an address that no webhook may go to."""


def may_go_to(address: Address, listed: Sequence[Network] = ()) -> bool:
    """Whether an address is public, or in one of the networks that are listed."""
    if any(address.version == network.version and address in network for network in listed):
        return True
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_V4)
    return address in PUBLIC_V6 and not any(address in network for network in SPECIAL_V6)


def read_network(text: str) -> Network:
    """A network, as ``10.1.0.0/16``, or a single address.

    Raises ValueError.
    """
    return ip_network(text)


class Remembered:
    """Looks names up as ``resolved`` does, and keeps for some seconds what it has found and checked."""

    def __init__(self, seconds: float, look_up: LookUp | None = None) -> None:
        self._seconds = seconds
        self._look_up = look_up or resolved
        self._known: dict[tuple[str, int], tuple[float, str]] = {}

    async def __call__(self, host: str, port: int, listed: Sequence[Network] = ()) -> str:
        """The address to connect to; raises as ``resolved``."""
        now = asyncio.get_running_loop().time()
        at, address = self._known.get((host, port), (now - self._seconds, ""))
        if now - at >= self._seconds:
            address = await self._look_up(host, port, listed)
            self._known[host, port] = now, address
        return address


async def resolved(host: str, port: int, listed: Sequence[Network] = ()) -> str:
    """The address to connect to, all those of the name being allowed.

    Raises OSError when there is none, ForbiddenAddress when one of them is not allowed.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
    forbidden = [one for one in addresses if not may_go_to(one, listed)]
    if forbidden:
        raise ForbiddenAddress(f"{host} is {forbidden[0]}")
    return str(addresses[0])
