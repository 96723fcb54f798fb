"""One server, from its configuration to its end: store, keys, rooms, HTTP, in this order, and back."""

from __future__ import annotations

import asyncio
import errno
import logging
import zoneinfo
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from socket import gethostname, socket

from media.process import CannotCarry
from media.tickets import Tickets
from room.house import House
from roomserver.addresses import Proxies
from roomserver.admission import Admission, Listed, Local
from roomserver.audit_trail import BrokenTrail, Trail
from roomserver.clock import secret_text, wall_ms
from roomserver.config import Config, RoomsSection, ServerSection, forbidden
from roomserver.embedded import Embedded
from roomserver.environment import Credentials, bare_environment, webhook_secrets
from roomserver.features import make_house
from roomserver.hook_config import made
from roomserver.http.app import Access, make_app, make_platform_app
from roomserver.key_set import followed, read_key_set
from roomserver.limits import Limits
from roomserver.media_config import HERE, MediaSection, carrying, elsewhere, publishing
from roomserver.pictures import Pictures, carried
from roomserver.prepublish import Hook, prepublishing
from roomserver.readings import asking, lagging, readings
from roomserver.redis_store import RedisStore
from roomserver.remembered_tokens import RememberedTokens
from roomserver.server import Options, RoomServer
from roomserver.serving import listen, serve
from roomserver.tokens import KeySet, Rules, Secrets, TokenChecks, UnfitKeys, issue
from roomserver.webhook_config import endpoint
from roomserver.webhook_delivery import Endpoint
from roomserver.webhooks import delivering

DEV_TOKEN_SECONDS = 12 * 3600

log = logging.getLogger(__name__)


class CannotStart(Exception):
    """Why there is no server; one sentence for whoever started it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """What is to be started; ``dev`` opens it to everybody on this machine, ``ahead`` shifts the domain's clock, ms."""

    config: Config
    credentials: Credentials
    dev: bool = False
    ahead: int = 0

    @property
    def admission(self) -> Admission:
        """Who may knock."""
        server = self.config.server
        return Local() if self.dev else Listed.of(server.origins, server.hosts)

    @property
    def limits(self) -> Limits:
        """How many may be here; in development they may come as fast as they like."""
        limits = self.config.limits
        return replace(limits, arrivals=None) if self.dev else limits

    @property
    def proxies(self) -> Proxies | None:
        """Whose word about addresses is taken; None where addresses are not counted."""
        networks = self.config.server.proxies
        return None if self.dev or networks is None else Proxies(networks)

    @property
    def media(self) -> MediaSection:
        """Who carries pictures: as configured, for development this machine, else nobody."""
        return self.config.media or (HERE if self.dev else MediaSection())


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that listens, at an address like ``127.0.0.1:8000``; ``operator`` is that of the platform's listener."""

    server: RoomServer
    address: str
    operator: str | None = None


def version() -> str:
    """This package's version; a checkout that is not installed has none."""
    try:
        return metadata.version("roomserver")
    except metadata.PackageNotFoundError:
        return "0+checkout"


def for_development(credentials: Credentials) -> Credentials:
    """These secrets, those that are missing made up."""
    return Credentials(
        tokens=credentials.tokens or (secret_text(32),), operator=credentials.operator or (secret_text(32),)
    )


def ahead_of(now: datetime) -> int:
    """How far an instant is ahead of this machine's clock, in ms."""
    return int(now.timestamp() * 1000) - wall_ms()


async def launch(startup: Startup, *, on_ready: Callable[[Running], None]) -> None:
    """Serve until the process is asked to stop.

    Raises CannotStart, WrongConfig, StoreRefused, StoreUnavailable, UnfitKeys.
    """
    zoneinfo.reset_tzpath(to=())  # the tzdata package decides, so that a day is the same on all machines
    _warn_of_unsteady_days(startup.config.rooms)
    endpoints, hook = _endpoints(startup), _hook(startup)
    async with AsyncExitStack() as stack:
        listener, apart = _listeners(startup.config.server, stack)
        url = await _store_url(startup.config, stack)
        server = RoomServer(_options(startup, url, await _checks(startup, stack)))
        server.metrics.gather(partial(readings, server))
        server.shell.audit.trail = _trail(startup.config.server.audit, stack)
        await stack.enter_async_context(server.running())
        if hook is not None:
            server.shell.prepublish = await stack.enter_async_context(prepublishing(hook, server.metrics))
            server.metrics.gather(partial(asking, server.shell.prepublish))
        pictures = await _pictures(startup, server, stack, name=_name(startup.config, listener))
        if endpoints:
            webhooks = delivering(server.rooms, server.store, endpoints, server.metrics)
            server.metrics.gather(partial(lagging, await stack.enter_async_context(webhooks)))
        access = _access(startup)
        app = make_app(server, access, version=version(), pictures=pictures)
        platform = None if apart is None else (make_platform_app(server, access, version=version()), apart)
        operator = None if apart is None else _address(apart)
        running = Running(server=server, address=_address(listener), operator=operator)
        await serve(server, app, listener, platform=platform, on_ready=partial(on_ready, running))


def _options(startup: Startup, url: str, checks: RememberedTokens) -> Options:
    """What the room server is made with."""
    config = startup.config
    return Options(
        house=_house(config, startup.media),
        store=RedisStore(url, accept=config.server.durability, replicas=config.server.replicas),
        checks=checks,
        version=f"roomserver {version()}",
        admits=startup.admission,
        limits=startup.limits,
        proxies=startup.proxies,
        ahead=startup.ahead,
        make_rooms=startup.dev,
        zone=config.rooms.zone,
        boundary=config.rooms.minutes,
        deflates=config.server.compression,
        tombstones=_tombstones(config),
        token_life=config.tokens.life,
    )


def _house(config: Config, media: MediaSection) -> House:
    """The features as they are configured."""
    return make_house(
        tiers=config.tiers,
        keep=config.keep_level,
        points=config.points,
        items=config.items,
        streaks=config.streaks,
        words=forbidden(config.rooms),
        thank_again_ms=config.rooms.thank_again_seconds * 1000,
        pictures=media.backend != "none",
        seats=media.backend != "whipwhep",
    )


def _warn_of_unsteady_days(rooms: RoomsSection) -> None:
    """Say on which dates of this year a room's day begins at an instant that surprises people."""
    dates = rooms.unsteady(datetime.fromtimestamp(wall_ms() / 1000, UTC).year)
    if dates:
        facts = {"zone": rooms.zone, "boundary": rooms.boundary, "dates": [day.isoformat() for day in dates]}
        log.warning("the clock shows the boundary of days twice or never", extra=facts)


def _endpoints(startup: Startup) -> list[Endpoint]:
    """Where durable events are posted, with their secrets from the environment."""
    sections = startup.config.webhooks
    if not startup.dev and any(section.is_here for section in sections):
        raise CannotStart("a webhook goes to http on this machine, which is for development: it needs https, or --dev")
    pairs = zip(sections, webhook_secrets(sections), strict=True)
    return [endpoint(section, secrets, dev=startup.dev) for section, secrets in pairs]


def _hook(startup: Startup) -> Hook | None:
    """Whom to ask before words are shown, with the secrets from the environment."""
    section = startup.config.danmaku.hook
    if section is None:
        return None
    if not startup.dev and section.is_here:
        raise CannotStart("the hook is http on this machine, which is for development: it needs https, or --dev")
    [secrets] = webhook_secrets([section])
    return made(section, secrets, dev=startup.dev)


def _listeners(section: ServerSection, stack: AsyncExitStack) -> tuple[socket, socket | None]:
    """The viewers' socket and the platform's own, until the end.

    Raises CannotStart.
    """
    listener = stack.enter_context(_listening(section.host, section.port))
    if section.operator_port is None:
        return listener, None
    names = ("operator_host", "operator_port")
    return listener, stack.enter_context(_listening(section.operator_host, section.operator_port, *names))


def _listening(host: str, port: int, host_name: str = "--host", port_name: str = "--port") -> socket:
    try:
        return listen(host, port)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0].lower()
        remedy = f"name an address of this machine with {host_name}"
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            why = "another program uses it" if error.errno == errno.EADDRINUSE else why
            remedy = f"choose another one with {port_name}"
        raise CannotStart(f"cannot listen on {host} port {port}: {why}; {remedy}") from None


def _address(listener: socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _store_url(config: Config, stack: AsyncExitStack) -> str:
    """The store's address; our own is started on the data folder when none is named."""
    if config.server.redis is not None:
        return config.server.redis
    if config.server.data is None:
        raise CannotStart("say where to keep what must last: --data DIR for a store of its own, or --redis URL")
    try:
        return (await stack.enter_async_context(Embedded(Path(config.server.data)))).url
    except OSError as error:
        raise CannotStart(f"the data folder {config.server.data} cannot be used: {error.strerror or error}") from None


def _trail(path: str | None, stack: AsyncExitStack) -> Trail | None:
    """The file of the audit log, until the end.

    Raises CannotStart.
    """
    if path is None:
        return None
    try:
        return stack.enter_context(closing(Trail(Path(path))))
    except OSError as error:
        raise CannotStart(f"the audit file {path} cannot be used: {error.strerror or error}") from None
    except BrokenTrail as error:
        raise CannotStart(f"the end of the audit file is broken, so put it aside: {error}") from None


def _tombstones(config: Config) -> Path | None:
    """Where erasures are written down: as configured, else beside the store that is our own."""
    server = config.server
    if server.tombstones is not None:
        return Path(server.tombstones)
    return None if server.data is None or server.redis is not None else Path(server.data) / "erased.jsonl"


async def _checks(startup: Startup, stack: AsyncExitStack) -> RememberedTokens:
    tokens = startup.config.tokens
    rules = Rules(audience=tokens.audience, issuer=tokens.issuer, life=tokens.life, guests=tokens.guests)
    if tokens.jwks is None:
        return _remembering(Secrets(startup.credentials.tokens), rules)
    try:
        keys = KeySet(tokens.algorithms, await asyncio.to_thread(read_key_set, tokens.jwks))
    except (OSError, ValueError) as error:
        raise CannotStart(f"the key set {tokens.jwks} cannot be read: {error}") from None
    except UnfitKeys as error:
        raise CannotStart(f"{tokens.jwks}: {error}") from None
    await stack.enter_async_context(followed(keys, tokens.jwks))
    return _remembering(keys, rules)


def _remembering(keys: Secrets | KeySet, rules: Rules) -> RememberedTokens:
    return RememberedTokens(TokenChecks(keys, rules), version=lambda: keys.version)


def _name(config: Config, listener: socket) -> str:
    """What tells this server from others on its store, after it has been started anew too; "" on a store of its own."""
    return "" if config.server.redis is None else f"{gethostname()}:{listener.getsockname()[1]}"


async def _pictures(startup: Startup, server: RoomServer, stack: AsyncExitStack, *, name: str) -> Pictures:
    """What carries pictures, at work until the end.

    Raises CannotStart.
    """
    secret = (startup.credentials.tokens or (secret_text(32),))[0]
    tickets = Tickets(secret.encode(), lambda: wall_ms() // 1000)
    works = carrying(startup.media, bare_environment(), lazily=startup.config.media is None, tickets=tickets)
    try:
        carrier = await stack.enter_async_context(works)
    except CannotCarry as error:
        raise CannotStart(str(error)) from None
    server.metrics.gather(partial(carried, carrier))
    pictures = Pictures(server, carrier, publishing(startup.media), name=name)
    return await stack.enter_async_context(pictures.following())


def _access(startup: Startup) -> Access:
    opens = startup.dev and startup.config.tokens.jwks is None
    return Access(
        admission=startup.admission,
        operator=startup.credentials.operator,
        issue=partial(_given, startup) if opens else None,
        elsewhere=elsewhere(startup.media),
        apart=startup.config.server.operator_port is not None,
    )


def _given(startup: Startup, *, user: str, name: str, roles: Mapping[str, str]) -> str:
    """A token of the development door."""
    tokens = startup.config.tokens
    return issue(
        startup.credentials.tokens[0],
        user=user,
        name=name,
        roles=roles,
        expires=wall_ms() // 1000 + min(DEV_TOKEN_SECONDS, tokens.life),
        rules=Rules(audience=tokens.audience, issuer=tokens.issuer),
    )
