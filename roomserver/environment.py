"""The environment, which only this module reads: secrets, where data are kept, and what other programs get of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from roomserver.tables import Problem, WrongConfig
from roomserver.tokens import SECRET_BYTES
from roomserver.webhook_config import Destination, read_secrets

TOKEN_SECRET = "ROOMSERVER_TOKEN_SECRET"  # noqa: S105  # the name, not the secret
OPERATOR_TOKEN = "ROOMSERVER_OPERATOR_TOKEN"  # noqa: S105
STORE = "ROOMSERVER_REDIS"
"""A store's URL as ``--redis`` takes it: with a password in it, arguments are no place for it."""

PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Secrets from the environment: those that sign tokens, the newest first, and the operator's keys."""

    tokens: tuple[str, ...] = field(default=(), repr=False)
    operator: tuple[str, ...] = field(default=(), repr=False)


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


def store_url(environ: Mapping[str, str] | None = None) -> str | None:
    """Where the store is, if the environment says so."""
    return (os.environ if environ is None else environ).get(STORE) or None


def webhook_secrets(
    sections: Sequence[Destination], environ: Mapping[str, str] | None = None
) -> list[tuple[bytes, ...]]:
    """The secrets of each endpoint or hook, the newest first.

    Raises WrongConfig.
    """
    read = [read_secrets(section, os.environ if environ is None else environ) for section in sections]
    if problems := [problem for _, wrong in read for problem in wrong]:
        raise WrongConfig("environment", problems)
    return [secrets for secrets, _ in read]


def _secrets(environ: Mapping[str, str], name: str, problems: list[Problem]) -> tuple[str, ...]:
    found = tuple(one.strip() for one in environ.get(name, "").split(",") if one.strip())
    if any("\udc80" <= letter <= "\udcff" for letter in "".join(found)):  # how Python keeps what is no UTF-8
        problems.append(Problem(key=name, found="bytes that are no UTF-8", expected="UTF-8 text"))
        return ()
    short = [len(one.encode()) for one in found if len(one.encode()) < SECRET_BYTES]
    if short:
        problems.append(Problem(key=name, found=f"{short[0]} bytes", expected=f"at least {SECRET_BYTES} bytes"))
    if len(found) > 2:
        problems.append(Problem(key=name, found=f"{len(found)} secrets", expected="one, or two during a rotation"))
    return found


def child_environment(**more: str) -> dict[str, str]:
    """This process's environment with some variables set, for a program that it starts."""
    return {**os.environ, **more}


def bare_environment() -> dict[str, str]:
    """What a program needs that this process starts, and none of its secrets."""
    return {name: text for name, text in os.environ.items() if name in PASSED_ON or name.startswith("LC_")}


def data_home() -> Path:
    """Where a user's programs keep their data (XDG Base Directory)."""
    named = os.environ.get("XDG_DATA_HOME", "")
    return Path(named) if named.startswith("/") else Path.home() / ".local" / "share"
