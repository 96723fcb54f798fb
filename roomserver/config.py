"""Configuration: one TOML file; secrets come from the environment (environment.py).

    [server]   host, port, operator_host, operator_port, data, redis, durability, replicas, origins, hosts, proxies,
               compression, tombstones, audit
    [limits]   connections, per_user, per_address, arrivals, calls, burst
    [tokens]   algorithms, jwks, audience, issuer, life, guests
    [rooms]    zone, boundary, words_file
    [keep_level]  window, days, grace, warn, downgrade: how long score makes a tier
    [[points]] rule, points, qualifying, daily, cooldown: what is earned besides check-ins, and within what limits
    [[items]]  id, kind, title, price, stock, per_member, tier: what points are spent on
    [[tiers]]  level, name, badge, at, styles, modes, effect, emotes, perks, weight
    [[streaks]], [[streaks.ladder]], [[streaks.total_ladder]]  what a check-in, a length of days and their number earn
    [danmaku.hook]  url, secret, deadline_ms, fail, networks: whom to ask before words are shown
    [media]    backend, host, port, addresses, bitrate, publish_at, play_at, kick; [[media.ice_servers]]: pictures
    [[webhooks]]  url, secret (the name of an environment variable), events, rooms, networks

All that is wrong is told at once, each with its place. A value is never repeated where it could be a secret. Paths in a
file (data, jwks, words_file) are beside that file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from checkin.definition import STREAKS, StreakDef
from effects.catalogue import EFFECTS
from effects.emotes import EMOTES
from effects.styles import STYLES
from effects.words import LONGEST, MOST_WORDS
from membership.keep_rule import KeepRule
from membership.limits import POINTS, PointsRule
from membership.redemption import ITEMS, ItemDef
from membership.tiers import TIERS, TierDef
from room.day import DayRule, UnknownZoneError
from roomserver.addresses import Proxies
from roomserver.features import make_house
from roomserver.hook_config import DanmakuSection
from roomserver.hook_config import contradictions as hook_contradictions
from roomserver.limits import Limits
from roomserver.media_config import MediaSection, media_contradictions
from roomserver.store import Durability
from roomserver.tables import Problem, WrongConfig, read_tables, shown
from roomserver.tokens import ASYMMETRIC, LONGEST_LIFE
from roomserver.webhook_config import WebhookSection, contradictions

_AUTHORITY = r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$"
Port = Annotated[int, Meta(ge=0, le=65535, description="a port from 0 to 65535")]
Origin = Annotated[str, Meta(pattern=f"^https?://{_AUTHORITY}", description="an origin, as https://shop.example")]
HostName = Annotated[str, Meta(pattern=f"^{_AUTHORITY}", description="a host, as live.shop.example, in small letters")]
TimeOfDay = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="a time of day, as 04:00, in quotes")
]
Seconds = Annotated[int, Meta(ge=60, le=LONGEST_LIFE, description="a number of seconds, at least 60")]
NotEmpty = Annotated[str, Meta(min_length=1, description="a text that is not empty")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSection:
    """Where the server listens, whom it lets in from other sites, and where it keeps what must last.

    ``replicas`` of the store must have what is acknowledged when ``durability`` is "replicated".
    ``proxies`` are the networks whose `X-Forwarded-For` is believed; while they are not given (an empty list is),
    connections are not counted by address. ``tombstones`` is the file in which erasures are written down, so that they
    can be done again when a backup of the store is restored: by default ``erased.jsonl`` in ``data``.
    With an ``operator_port`` the platform's API, the metrics and their page are there, on ``operator_host``, and at the
    viewers' port no more. ``audit`` is a file in which the audit log is kept as a chain, for ``roomserver audit``.
    """

    host: NotEmpty = "127.0.0.1"
    port: Port = 8000
    operator_host: NotEmpty = "127.0.0.1"
    operator_port: Port | None = None
    data: NotEmpty | None = None
    redis: NotEmpty | None = None
    durability: Durability = Durability.LOCAL
    replicas: Annotated[int, Meta(ge=1, le=9, description="1 to 9")] = 1
    origins: tuple[Origin, ...] = ()
    proxies: tuple[NotEmpty, ...] | None = None
    hosts: tuple[HostName, ...] = ()
    compression: bool = True
    tombstones: NotEmpty | None = None
    audit: NotEmpty | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensSection:
    """What a token must say; ``jwks`` is a file or an https URL, ``life`` seconds that a token lives at most."""

    algorithms: tuple[Literal["HS256", "RS256", "ES256", "EdDSA"], ...] = ("HS256",)
    jwks: NotEmpty | None = None
    audience: NotEmpty | None = None
    issuer: NotEmpty | None = None
    life: Seconds = LONGEST_LIFE
    guests: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomsSection:
    """What a new room has when nobody says otherwise: its zone, and when its days begin.

    ``thank_again_seconds`` is how long after a shout-out nobody thanks the same person again (0: at once).
    ``words_file`` has the words that may not be said in any room, one a line; what begins with ``#`` is a remark.
    """

    zone: str = "UTC"
    boundary: TimeOfDay = "04:00"
    thank_again_seconds: Annotated[int, Meta(ge=0, le=3600, description="0 to 3600")] = 60
    words_file: NotEmpty | None = None

    @property
    def minutes(self) -> int:
        """The boundary in minutes after midnight."""
        return int(self.boundary[:2]) * 60 + int(self.boundary[3:])

    def unsteady(self, year: int) -> list[date]:
        """The dates of a year on which the clock shows the boundary twice or never."""
        return DayRule(self.zone, time.fromisoformat(self.boundary)).unsteady(year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings; a field is a table of the file."""

    server: ServerSection = field(default_factory=ServerSection)
    tokens: TokensSection = field(default_factory=TokensSection)
    limits: Limits = field(default_factory=Limits)
    rooms: RoomsSection = field(default_factory=RoomsSection)
    keep_level: KeepRule = field(default_factory=KeepRule)
    points: tuple[PointsRule, ...] = POINTS
    items: tuple[ItemDef, ...] = ITEMS
    tiers: tuple[TierDef, ...] = TIERS
    streaks: tuple[StreakDef, ...] = STREAKS
    danmaku: DanmakuSection = field(default_factory=DanmakuSection)
    webhooks: tuple[WebhookSection, ...] = ()
    media: MediaSection | None = None


def load(path: Path) -> Config:
    """The configuration in a file.

    Raises WrongConfig.
    """
    try:
        text = path.read_bytes().decode()
        return read(text, str(path), folder=path.parent)
    except OSError as error:
        raise WrongConfig(str(path), [Problem(key="file", found=_why(error), expected="a readable file")]) from None
    except UnicodeDecodeError:
        raise WrongConfig(str(path), [Problem(key="file", found="other bytes", expected="UTF-8 text")]) from None


def read(text: str, source: str = "configuration", folder: Path = Path()) -> Config:
    """The configuration that a text says; its paths are beside it, in ``folder``.

    Raises WrongConfig.
    """
    made = read_tables(Config, text, source, lambda config: _contradictions(_beside(config, folder)))
    return _beside(made, folder)


def _beside(config: Config, folder: Path) -> Config:
    """The same, with paths that say where they begin."""

    def placed(path: str | None) -> str | None:
        return path if path is None or "://" in path else str(folder / path)

    return replace(
        config,
        server=replace(
            config.server,
            data=placed(config.server.data),
            tombstones=placed(config.server.tombstones),
            audit=placed(config.server.audit),
        ),
        tokens=replace(config.tokens, jwks=placed(config.tokens.jwks)),
        rooms=replace(config.rooms, words_file=placed(config.rooms.words_file)),
    )


def _contradictions(config: Config) -> Iterable[Problem]:
    if config.server.redis is not None and not re.match(r"(rediss?|unix|redis\+sentinel)://", config.server.redis):
        expected = "an address that begins with redis://, rediss://, unix:// or redis+sentinel://"
        yield Problem(key="server.redis", found=shown(config.server.redis), expected=expected)
    yield from _about_tokens(config.tokens)
    yield from _about_tiers(config.tiers)
    yield from _about_items(config.items, config.tiers)
    try:
        forbidden(config.rooms)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        expected = f"a readable UTF-8 file of at most {MOST_WORDS} words, one a line"
        yield Problem(key="rooms.words_file", found=str(error)[:200], expected=expected)
    yield from contradictions(config.webhooks)
    yield from hook_contradictions(config.danmaku)
    try:
        Proxies(config.server.proxies or ())
    except ValueError as error:
        expected = "networks, as 10.0.0.0/8"
        yield Problem(key="server.proxies", found=str(error)[:200], expected=expected)
    if config.media is not None:
        yield from media_contradictions(config.media)
    try:
        DayRule(config.rooms.zone)
    except UnknownZoneError:
        expected = "the name of a time zone, as Asia/Shanghai"
        yield Problem(key="rooms.zone", found=shown(config.rooms.zone), expected=expected)
    makes: Mapping[str, Callable[[], object]] = {
        "tiers": lambda: make_house(tiers=config.tiers),
        "points": lambda: make_house(points=config.points),
        "items": lambda: make_house(items=config.items),
        "streaks": lambda: make_house(streaks=config.streaks),
    }
    for key, make in makes.items():
        try:
            make()
        except ValueError as error:
            yield Problem(key=key, found="values that do not fit", expected=str(error))


def forbidden(rooms: RoomsSection) -> tuple[str, ...]:
    """The words that may not be said in any room.

    Raises OSError, UnicodeDecodeError, ValueError.
    """
    if rooms.words_file is None:
        return ()
    lines = (line.strip() for line in Path(rooms.words_file).read_text("utf-8").splitlines())
    words = tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if len(words) > MOST_WORDS or any(len(word) > LONGEST for word in words):
        raise ValueError(f"{len(words)} words")
    return words


def _about_tiers(tiers: Sequence[TierDef]) -> Iterable[Problem]:
    styles, effects = [one.id for one in STYLES], [one.id for one in EFFECTS]
    emotes = sorted({name for one in EMOTES for name in (one.id, one.pack)})
    for place, tier in enumerate(tiers):
        if foreign := [one for one in tier.styles if one not in styles]:
            expected = f"some of {', '.join(styles)}"
            yield Problem(key=f"tiers[{place}].styles", found=shown(foreign), expected=expected)
        if foreign := [one for one in tier.emotes if one not in emotes]:
            expected = f"some of {', '.join(emotes)}"
            yield Problem(key=f"tiers[{place}].emotes", found=shown(foreign), expected=expected)
        if tier.effect is not None and tier.effect not in effects:
            expected = f"one of {', '.join(effects)}"
            yield Problem(key=f"tiers[{place}].effect", found=shown(tier.effect), expected=expected)


def _about_items(items: Sequence[ItemDef], tiers: Sequence[TierDef]) -> Iterable[Problem]:
    """Nobody could ever take what is for a level that there is not; the samples are nobody's mistake."""
    highest = max((tier.level for tier in tiers), default=0)
    for place, item in enumerate(items if items is not ITEMS else ()):
        if not 0 <= item.tier <= highest:
            yield Problem(key=f"items[{place}].tier", found=shown(item.tier), expected=f"a level from 0 to {highest}")


def _about_tokens(tokens: TokensSection) -> Iterable[Problem]:
    asymmetric = [one for one in tokens.algorithms if one in ASYMMETRIC]
    if not tokens.algorithms or ("HS256" in tokens.algorithms and asymmetric):
        expected = f"HS256 alone, or some of {', '.join(ASYMMETRIC)}"
        yield Problem(key="tokens.algorithms", found=shown(list(tokens.algorithms)), expected=expected)
    elif asymmetric and tokens.jwks is None:
        yield Problem(key="tokens.jwks", found="nothing", expected="a file or https URL with the public keys")
    elif tokens.jwks is not None and not asymmetric:
        expected = f"some of {', '.join(ASYMMETRIC)} beside tokens.jwks"
        yield Problem(key="tokens.algorithms", found=shown(list(tokens.algorithms)), expected=expected)
    if tokens.jwks is not None and re.match(r"[a-z]+://", tokens.jwks) and not _safe_url(tokens.jwks):
        yield Problem(key="tokens.jwks", found=shown(tokens.jwks), expected="a file, or a URL with https")


def _safe_url(url: str) -> bool:
    """Https, or http on this machine, where nobody is in between."""
    return re.match(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]", url) is not None


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
