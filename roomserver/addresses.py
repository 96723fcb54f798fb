"""Which address a connection comes from, when proxies stand before the server.

`X-Forwarded-For` is a list that every proxy adds to at its right end; whatever stands left of the last address that no
trusted proxy vouches for was written by the client himself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxies:
    """The networks whose word about addresses is taken."""

    def __init__(self, networks: Iterable[str]) -> None:
        """Raises ValueError for what is no network."""
        self._networks: Sequence[Network] = tuple(ipaddress.ip_network(one) for one in networks)

    def origin(self, peer: str, forwarded: str | None) -> str:
        """Whom to count a connection for: an IPv4 address, an IPv6 /64, or what the peer is called otherwise."""
        address = _address(peer)
        if address is None:
            return peer
        for hop in reversed((forwarded or "").split(",")):
            if not self._trusts(address) or (told := _address(hop.strip())) is None:
                break
            address = told
        return _counted(address)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks if network.version == address.version)


def _address(text: str) -> Address | None:
    """An address, without the port that some proxies add; mapped IPv4 is IPv4."""
    host = text[1:].partition("]")[0] if text.startswith("[") else text
    host = host.rpartition(":")[0] if host.count(":") == 1 else host
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _counted(address: Address) -> str:
    """One household has a whole /64 of IPv6."""
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
