"""The command line; what goes wrong is one sentence on standard error and an exit code that is not 0."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import re
import resource
from collections.abc import Coroutine, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from roomserver import logs
from roomserver.audit_trail import BrokenTrail, verified
from roomserver.clock import wall_ms
from roomserver.config import Config, load
from roomserver.demo import run_demo
from roomserver.environment import OPERATOR_TOKEN, STORE, TOKEN_SECRET, Credentials, credentials, data_home, store_url
from roomserver.launch import CannotStart, Running, Startup, ahead_of, for_development, launch, version
from roomserver.store import StoreRefused, StoreUnavailable
from roomserver.tables import WrongConfig
from roomserver.tokens import Rules, UnfitKeys, issue

OPEN_FILES = 1 << 20
"""Each viewer is one open file, and a shell's usual limit of 1,024 would turn the others away without a word."""

YEARS = range(1970, 2201)
"""Of ``--now``: those that calendars show."""

PASSWORD = re.compile(r"://[^/?@]*:[^/?@]+@|[?&]password=.")
"""Of a store's URL."""

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The real-time room behind an e-commerce live stream.",
)
log = logging.getLogger(__name__)

PortOption = Annotated[int | None, typer.Option(min=0, max=65535, help="The port, else 8000; 0 takes a free one.")]


def _not_empty(text: str | None) -> str | None:
    if text == "":
        raise typer.BadParameter("it is empty: leave it out, or say which")
    return text


ConfigOption = Annotated[Path | None, typer.Option("--config", help="A configuration in TOML.", dir_okay=False)]


def main() -> None:
    """Run the command line."""
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"roomserver {version()}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def demo(
    viewers: Annotated[int, typer.Option(min=0, max=10_000, help="Simulated viewers; 0 for none.")] = 60,
    port: PortOption = 8000,
    data: Annotated[
        str | None, typer.Option(help="Where to keep the demo's data.", metavar="DIR", callback=_not_empty)
    ] = None,
) -> None:
    """A live room on this machine, with simulated viewers; nothing to configure."""
    folder = data_home() / "roomserver" / "demo" if data is None else Path(data)
    with _sentences():
        # What goes well is in the page: the links must not scroll away under a line for every act of the crowd.
        _run(run_demo(port=8000 if port is None else port, viewers=viewers, data=folder), level=logging.WARNING)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on, else 127.0.0.1.")] = None,
    port: PortOption = None,
    data: Annotated[
        str | None, typer.Option(help="A folder for a store of its own.", metavar="DIR", callback=_not_empty)
    ] = None,
    redis: Annotated[
        str | None,
        typer.Option(
            help="A Redis or Valkey instead, perhaps behind Sentinels; wins over --data. Or set ROOMSERVER_REDIS.",
            callback=_not_empty,
        ),
    ] = None,
    config: ConfigOption = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the port.")] = 1,
    dev: Annotated[bool, typer.Option("--dev", help="Open to everybody on this machine, rooms made at will.")] = False,
    now: Annotated[str | None, typer.Option(help="With --dev: where the domain's clock starts, ISO 8601.")] = None,
) -> None:
    """Serve rooms until SIGTERM or SIGINT."""
    with _sentences():
        if workers > 1:
            raise CannotStart("--workers above 1 is not built yet: start one server with 1 worker")
        given = {"host": host, "port": port, "data": data, "redis": redis or store_url()}
        startup = _startup(_configured(config, given), dev=dev, now=now)
        _run(launch(startup, on_ready=partial(_say_ready, exposed=PASSWORD.search(redis or "") is not None)))


@app.command()
def token(
    user: Annotated[str, typer.Option(help="The user's id; empty for a guest.")],
    name: Annotated[str, typer.Option(help="The name that others see.")] = "",
    room: Annotated[str | None, typer.Option(help="The room where the role holds; all rooms without.")] = None,
    role: Annotated[str | None, typer.Option(help="host or moderator.")] = None,
    expires: Annotated[int, typer.Option(min=1, help="Seconds until it expires.")] = 3600,
    config: ConfigOption = None,
) -> None:
    """Print a token, signed with the secret in ROOMSERVER_TOKEN_SECRET."""
    with _sentences():
        settings, secrets = _configured(config, {}), credentials()
        if settings.tokens.jwks is not None or not secrets.tokens:
            raise CannotStart(f"only a server with a shared secret has tokens to print: set {TOKEN_SECRET}")
        rules = Rules(audience=settings.tokens.audience, issuer=settings.tokens.issuer)
        if expires > settings.tokens.life:
            raise CannotStart(f"--expires {expires} is longer than tokens may live: at most {settings.tokens.life} s")
        roles = {room or "*": role} if role else {}
        at = wall_ms() // 1000 + expires
        try:
            typer.echo(issue(secrets.tokens[0], user=user, name=name, roles=roles, expires=at, rules=rules))
        except ValueError as error:
            raise CannotStart(f"this would be no good token: {error}") from None


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A configuration in TOML.")]) -> None:
    """Say what is wrong with a configuration, and where."""
    with _sentences():
        load(file)
    typer.echo(f"{file}: nothing is wrong")


@app.command()
def audit(files: Annotated[list[Path], typer.Argument(help="Files of the audit log, the oldest first.")]) -> None:
    """Say whether an audit log is as it was written, and where it is not."""
    with _sentences():
        try:
            for path, whole in verified(files):
                after = whole.after or "nothing"
                typer.echo(f"{path}: {whole.lines} lines, after {after}, up to {whole.hash or 'nothing'}")
        except BrokenTrail as error:
            raise CannotStart(str(error)) from None
        except OSError as error:
            raise CannotStart(f"{error.filename}: {error.strerror}") from None


def _configured(file: Path | None, given: dict[str, Any]) -> Config:
    """The file's configuration, with what the command line says put above it."""
    config = Config() if file is None else load(file)
    said = {key: value for key, value in given.items() if value is not None}
    return dataclasses.replace(config, server=dataclasses.replace(config.server, **said))


def _startup(config: Config, *, dev: bool, now: str | None) -> Startup:
    if not dev:
        if now is not None:
            raise CannotStart("--now is for development: it needs --dev")
        return Startup(config=config, credentials=_complete(credentials(), config))
    for host in (config.server.host, config.server.operator_host):
        if host not in LOCAL_HOSTS:
            raise CannotStart(f"--dev is open to everybody, so it listens on 127.0.0.1 only, not on {host}")
    if config.server.data is None and config.server.redis is None:
        folder = str(data_home() / "roomserver" / "dev")
        config = dataclasses.replace(config, server=dataclasses.replace(config.server, data=folder))
    ahead = 0 if now is None else ahead_of(_instant(now))
    return Startup(config=config, credentials=for_development(credentials()), dev=True, ahead=ahead)


def _complete(found: Credentials, config: Config) -> Credentials:
    """These secrets, when none is missing.

    Raises CannotStart.
    """
    missing = [] if found.operator else [OPERATOR_TOKEN]
    if not found.tokens and config.tokens.jwks is None:
        missing.insert(0, TOKEN_SECRET)
    if missing:
        raise CannotStart(f"set {' and '.join(missing)} to secrets of at least 32 bytes, or start with --dev")
    return found


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise CannotStart(f"--now {text!r} is no instant: write it as 2026-11-21T20:00:00+08:00") from None
    if instant.tzinfo is None:
        raise CannotStart(f"--now {text!r} needs its distance from UTC, as 2026-11-21T20:00:00+08:00")
    if instant.year not in YEARS:
        raise CannotStart(f"--now {text!r} is out of range: from {YEARS[0]} to {YEARS[-1]}")
    return instant


def _say_ready(running: Running, *, exposed: bool) -> None:
    if exposed:
        log.warning("everybody on this machine can read the password in --redis", extra={"instead": STORE})
    facts = {"address": running.address, "durability": running.server.durability.value, "version": version()}
    if running.operator is not None:
        facts["operator"] = running.operator
    log.info("ready", extra=facts)


def _run(work: Coroutine[Any, Any, None], *, level: int = logging.INFO) -> None:
    logs.configure(level=level)
    _allow_open_files()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def _allow_open_files() -> None:
    """Raise the soft limit of open files as far as the hard one allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):  # some systems allow less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """Turn what somebody can put right into a sentence; what nobody foresaw keeps its trace."""
    try:
        yield
    except WrongConfig as error:
        for line in error.lines():
            typer.echo(line, err=True)
        raise typer.Exit(1) from None
    except StoreUnavailable as error:
        why = str(error).rstrip(".")
        typer.echo(f"roomserver: the store cannot be reached: {why}; is it running, and is its URL right?", err=True)
        raise typer.Exit(1) from None
    except (CannotStart, StoreRefused, UnfitKeys) as error:
        typer.echo(f"roomserver: {error}", err=True)
        raise typer.Exit(1) from None
