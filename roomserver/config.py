"""Configuration: one TOML file, and secrets from the environment, which only this module reads.

    [server]   host, port, data, redis, durability, origins, hosts
    [tokens]   algorithms, jwks, audience, issuer, life, guests
    [rooms]    zone, boundary

All that is wrong is told at once, each with its place. A value is never repeated where it could be a secret.
"""

from __future__ import annotations

import dataclasses
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

from room.day import DayRule, UnknownZoneError
from roomserver.store import Durability
from roomserver.tokens import ASYMMETRIC, LONGEST_LIFE, SECRET_BYTES

TOKEN_SECRET = "ROOMSERVER_TOKEN_SECRET"  # noqa: S105  # the name, not the secret
OPERATOR_TOKEN = "ROOMSERVER_OPERATOR_TOKEN"  # noqa: S105

Port = Annotated[int, Meta(ge=0, le=65535)]
Origin = Annotated[str, Meta(pattern=r"^https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$")]
HostName = Annotated[str, Meta(pattern=r"^([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$")]
TimeOfDay = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSection:
    """Where the server listens, whom it lets in from other sites, and where it keeps what must last."""

    host: str = "127.0.0.1"
    port: Port = 8000
    data: str | None = None
    redis: str | None = None
    durability: Durability = Durability.LOCAL
    origins: tuple[Origin, ...] = ()
    hosts: tuple[HostName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensSection:
    """What a token must say; ``jwks`` is a file or an https URL, ``life`` seconds that a token may still live."""

    algorithms: tuple[Literal["HS256", "RS256", "ES256", "EdDSA"], ...] = ("HS256",)
    jwks: str | None = None
    audience: Annotated[str, Meta(min_length=1)] | None = None
    issuer: Annotated[str, Meta(min_length=1)] | None = None
    life: Annotated[int, Meta(ge=60, le=LONGEST_LIFE)] = LONGEST_LIFE
    guests: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomsSection:
    """What a new room has when nobody says otherwise: its zone, and when its days begin."""

    zone: str = "UTC"
    boundary: TimeOfDay = "04:00"

    @property
    def minutes(self) -> int:
        """The boundary in minutes after midnight."""
        return int(self.boundary[:2]) * 60 + int(self.boundary[3:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings; a field is a table of the file."""

    server: ServerSection = field(default_factory=ServerSection)
    tokens: TokensSection = field(default_factory=TokensSection)
    rooms: RoomsSection = field(default_factory=RoomsSection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Secrets from the environment: those that sign tokens, the newest first, and the operator's keys."""

    tokens: tuple[str, ...] = field(default=(), repr=False)
    operator: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: at a dotted key of the file, on a line (0 where there is none)."""

    key: str
    found: str
    expected: str
    line: int = 0


class WrongConfig(Exception):
    """A configuration that cannot be used, with all that is wrong with it."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """One sentence for each problem, with its place."""
        return [
            f"{self.source}{f':{one.line}' if one.line else ''}: {one.key}: found {one.found}, expected {one.expected}"
            for one in self.problems
        ]


def load(path: Path) -> Config:
    """The configuration in a file.

    Raises WrongConfig.
    """
    try:
        text = path.read_bytes().decode()
        return read(text, str(path))
    except OSError as error:
        raise WrongConfig(str(path), [Problem(key="file", found=_why(error), expected="a readable file")]) from None
    except UnicodeDecodeError:
        raise WrongConfig(str(path), [Problem(key="file", found="other bytes", expected="UTF-8 text")]) from None


def read(text: str, source: str = "configuration") -> Config:
    """The configuration that a text says.

    Raises WrongConfig.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongConfig(source, [Problem(key="file", found=str(error), expected="TOML")]) from None
    problems: list[Problem] = []
    config: Config = _section(Config, tables, "", problems)
    if not problems:
        problems += _contradictions(config)
    if problems:
        placed = [dataclasses.replace(one, line=_line(text, one.key)) for one in problems]
        raise WrongConfig(source, sorted(placed, key=lambda one: one.line))
    return config


def _section(kind: type[Any], table: Mapping[str, Any], at: str, problems: list[Problem]) -> Any:
    """An object of ``kind`` with what a table says; what is wrong is added to ``problems``."""
    hints = get_type_hints(kind, include_extras=True)
    known = [one.name for one in dataclasses.fields(kind)]
    values: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{at}{name}"
        if name not in known:
            problems.append(Problem(key=key, found="an unknown key", expected=_instead(name, known)))
        elif dataclasses.is_dataclass(hints[name]) and isinstance(hints[name], type):
            if isinstance(value, dict):
                values[name] = _section(hints[name], value, f"{key}.", problems)
            else:
                problems.append(Problem(key=key, found=_shown(value), expected="a table"))
        else:
            values |= _value(name, value, hints[name], key, problems)
    return kind(**values)


def _value(name: str, value: Any, hint: Any, key: str, problems: list[Problem]) -> dict[str, Any]:
    try:
        return {name: msgspec.convert(value, hint)}
    except msgspec.ValidationError as error:
        problems.append(Problem(key=key, found=_shown(value), expected=_wanted(str(error))))
        return {}


def _wanted(message: str) -> str:
    """What a validator asks for, without what it found."""
    return re.sub(r"^Expected |, got .*?(?= - at |$)| - at `\$(.*)`$", "", message).replace("`", "")


def _shown(value: Any) -> str:
    """A value as a message may repeat it: a password in an address is left out."""
    text = re.sub(r"(?<=://)[^/@\s]*@", "…@", repr(value))
    return text if len(text) <= 80 else f"{text[:80]}…"


def _instead(name: str, known: Sequence[str]) -> str:
    if re.search("secret|key|password|operator", name):
        return f"secrets in the environment: {TOKEN_SECRET}, {OPERATOR_TOKEN}"
    return f"one of {', '.join(known)}"


def _contradictions(config: Config) -> Iterable[Problem]:
    tokens, rooms = config.tokens, config.rooms
    asymmetric = [one for one in tokens.algorithms if one in ASYMMETRIC]
    if not tokens.algorithms or ("HS256" in tokens.algorithms and asymmetric):
        expected = f"HS256 alone, or some of {', '.join(ASYMMETRIC)}"
        yield Problem(key="tokens.algorithms", found=_shown(list(tokens.algorithms)), expected=expected)
    elif asymmetric and tokens.jwks is None:
        yield Problem(key="tokens.jwks", found="nothing", expected="a file or https URL with the public keys")
    elif tokens.jwks is not None and not asymmetric:
        expected = f"some of {', '.join(ASYMMETRIC)} beside tokens.jwks"
        yield Problem(key="tokens.algorithms", found=_shown(list(tokens.algorithms)), expected=expected)
    if tokens.jwks is not None and re.match(r"[a-z]+://", tokens.jwks) and not _safe_url(tokens.jwks):
        yield Problem(key="tokens.jwks", found=_shown(tokens.jwks), expected="a file, or a URL with https")
    try:
        DayRule(rooms.zone)
    except UnknownZoneError:
        yield Problem(key="rooms.zone", found=_shown(rooms.zone), expected="the name of a time zone, as Asia/Shanghai")


def _safe_url(url: str) -> bool:
    """Https, or http on this machine, where nobody is in between."""
    return re.match(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]", url) is not None


def _line(text: str, dotted: str) -> int:
    """The line where a dotted key stands, the line of its table, or 0; the parser itself tells no places."""
    table, _, name = dotted.rpartition(".")
    here, header = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            here = found[1].replace('"', "").replace(" ", "")
            header = number if here in (dotted, table) else header
        elif (written := re.match(r'\s*([\w."-]+?)"?\s*=', line)) is not None:
            key = written[1].replace('"', "")
            if dotted == (f"{here}.{key}" if here else key):
                return number
    found = re.search(r"\(at line (\d+)", name)
    return int(found[1]) if found else header


def credentials(environ: Mapping[str, str] | None = None) -> Credentials:
    """The secrets that the environment holds.

    Raises WrongConfig for one of fewer than 32 bytes, or more than two.
    """
    environ = os.environ if environ is None else environ
    problems: list[Problem] = []
    tokens = _secrets(environ, TOKEN_SECRET, problems)
    operator = _secrets(environ, OPERATOR_TOKEN, problems)
    if problems:
        raise WrongConfig("environment", problems)
    return Credentials(tokens=tokens, operator=operator)


def _secrets(environ: Mapping[str, str], name: str, problems: list[Problem]) -> tuple[str, ...]:
    found = tuple(one.strip() for one in environ.get(name, "").split(",") if one.strip())
    short = [len(one.encode()) for one in found if len(one.encode()) < SECRET_BYTES]
    if short:
        problems.append(Problem(key=name, found=f"{short[0]} bytes", expected=f"at least {SECRET_BYTES} bytes"))
    if len(found) > 2:
        problems.append(Problem(key=name, found=f"{len(found)} secrets", expected="one, or two during a rotation"))
    return found


def child_environment(**more: str) -> dict[str, str]:
    """This process's environment with some variables set, for a program that it starts."""
    return {**os.environ, **more}


def data_home() -> Path:
    """Where a user's programs keep their data (XDG Base Directory)."""
    named = os.environ.get("XDG_DATA_HOME", "")
    return Path(named) if named.startswith("/") else Path.home() / ".local" / "share"


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
