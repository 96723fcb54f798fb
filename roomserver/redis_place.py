"""Where the store is: at an address, or wherever Sentinels say that its primary is at the moment.

``redis+sentinel://[user:password@]host[:26379],host[:26379]/name[/database]``: user and password are the store's,
``?password=`` is the Sentinels' own. Each new connection asks them anew, so a failover is followed by connecting again.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff

SCHEME = "redis+sentinel"
PORT = 26379

# ``Any`` in this module: options of a client whose types they are not told.


class Place:
    """Makes connections to the store; ``timeout`` is of one that is made, in seconds.

    Raises ValueError for a URL that is none.
    """

    def __init__(self, url: str, timeout: float, **options: Any) -> None:
        options |= {
            "socket_timeout": None,  # a line watches the time itself: theirs makes a task for whatever is sent, which
            "socket_connect_timeout": timeout,  # then leaves, and is read on, a round of the loop later each
            "retry": Retry(NoBackoff(), 0),
        }
        self._sentinel: Sentinel | None = None
        if url.startswith(f"{SCHEME}://"):
            split = _parts(url)
            self._sentinel = _sentinel(split, timeout)
            self._connections: ConnectionPool = _followed(split, self._sentinel, options)
        else:
            self._connections = ConnectionPool.from_url(url, **options)

    @property
    def moves(self) -> bool:
        """Whether another connection may lead to another server."""
        return self._sentinel is not None

    def connection(self) -> AbstractConnection:
        """A new connection, not open yet."""
        connection: AbstractConnection = self._connections.make_connection()  # type: ignore[no-untyped-call]  # theirs
        return connection

    async def close(self) -> None:
        """Ask nobody any more."""
        if self._sentinel is not None:
            await self._sentinel.aclose()


class _Followed(SentinelConnectionPool):
    """Connections to whoever is the primary, and one sentence where nobody is: theirs tells every option there is."""

    async def get_master_address(self) -> tuple[str, int]:
        try:
            host, port = await super().get_master_address()  # type: ignore[no-untyped-call]  # theirs
        except MasterNotFoundError:
            raise MasterNotFoundError(
                f"no Sentinel that answers knows a primary called {self.service_name!r}"
            ) from None
        return host, port


def _parts(url: str) -> SplitResult:
    """Of a URL that names several hosts; the standard library takes no address in brackets behind another host."""
    authority, slash, rest = url.removeprefix(f"{SCHEME}://").partition("/")
    path, _, query = f"{slash}{rest}".partition("?")
    return SplitResult(SCHEME, authority, path, query, "")


def _sentinel(split: SplitResult, timeout: float) -> Sentinel:
    """All Sentinels of a URL; each has so little time that the next one is asked too before the store is away."""
    hosts = [_address(one) for one in split.netloc.rpartition("@")[2].split(",")]
    [password] = parse_qs(split.query, strict_parsing=True).get("password", [None]) if split.query else [None]
    each = timeout / (2 * len(hosts))
    options = {"socket_timeout": each, "socket_connect_timeout": each, "retry": Retry(NoBackoff(), 0)}
    return Sentinel(hosts, sentinel_kwargs={**options, "password": password})  # type: ignore[no-untyped-call]  # theirs


def _followed(split: SplitResult, sentinel: Sentinel, options: dict[str, Any]) -> ConnectionPool:
    name, _, database = split.path.strip("/").partition("/")
    if not name:
        raise ValueError(f"say which primary: {SCHEME}://HOST:{PORT}/NAME")
    user, _, password = split.netloc.rpartition("@")[0].partition(":")
    secrets = {"username": unquote(user) or None, "password": unquote(password) or None}
    return _Followed(name, sentinel, db=int(database or 0), **secrets, **options)  # type: ignore[no-untyped-call]  # theirs


def _address(text: str) -> tuple[str, int]:
    split = urlsplit(f"//{text}")
    if not split.hostname:
        raise ValueError(f"no address of a Sentinel: {text!r}")
    return split.hostname, split.port or PORT
