"""Where the load goes: an address on this machine, and never any other."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from loadtest.faults import NotLoopback


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server on this machine."""

    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def http(self) -> str:
        """The same server's address for HTTP calls, without a slash at the end."""
        return f"http://{self.authority}"


def parse_target(url: str) -> Target:
    """Read a `ws://` address of this machine.

    Raises:
        NotLoopback: for any other host, scheme or shape; a load generator must not be pointed at strangers.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError as error:
        raise NotLoopback(f"{url!r} is not an address: {error}.") from error
    if parts.scheme != "ws" or not _is_loopback(host):
        raise NotLoopback(
            f"{url!r} is not on this machine: give ws://127.0.0.1:PORT/connection/websocket (or localhost, or [::1])."
        )
    path = parts.path if parts.path not in ("", "/") else "/connection/websocket"
    return Target(host=host, port=port, path=f"{path}?{parts.query}" if parts.query else path)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
