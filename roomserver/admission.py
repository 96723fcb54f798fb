"""Who may knock: the Origin and Host headers of a request, judged the same for HTTP and WebSocket.

Browsers say with `Origin` which site a script belongs to; native clients say nothing. `Host` is checked where a page of
another site could reach this machine under a name of its own (DNS rebinding).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_LOCAL = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Production: an origin must be the server's own or on the list, and a host on its list where hosts are listed.

    A listed host without port is known on any port. The server's own origin is that of the host which the request goes
    to: behind a proxy nobody here knows whether that was http or https. Where no hosts are listed, a page that has
    pointed its own name at this server passes for the server's own; it brings no token, and no cookie is looked at.
    """

    origins: frozenset[str]
    hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, origins: Iterable[str], hosts: Iterable[str]) -> Listed:
        """From what is configured."""
        return cls(origins=frozenset(origins), hosts=frozenset(hosts))

    def knows_host(self, host: str) -> bool:
        """Whether this server is reached under that name; whoever says none, or two, reaches it under neither."""
        host = host.lower()
        if not host or "," in host:
            return False
        return not self.hosts or host in self.hosts or re.sub(r":[0-9]{1,5}$", "", host) in self.hosts

    def knows_origin(self, origin: str | None, host: str) -> bool:
        """Whether scripts of that site may come in; ``host`` is the request's own."""
        return origin is None or origin in self.origins or origin in (f"http://{host}", f"https://{host}")

    def __call__(self, origin: str | None, host: str) -> bool:
        return self.knows_host(host) and self.knows_origin(origin, host)


@dataclass(frozen=True, slots=True)
class Local:
    """Development: only names of this machine, and only pages that this server gave itself."""

    def knows_host(self, host: str) -> bool:
        """Whether the name is one of this machine's."""
        return _LOCAL.fullmatch(host) is not None

    def knows_origin(self, origin: str | None, host: str) -> bool:
        """Whether the page came from the host that the request goes to."""
        return origin is None or origin in (f"http://{host}", f"https://{host}")

    def __call__(self, origin: str | None, host: str) -> bool:
        return self.knows_host(host) and self.knows_origin(origin, host)


Admission = Listed | Local
