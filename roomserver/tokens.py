"""Tokens: JSON Web Tokens (RFC 7519) checked by rules that only the configuration sets; the only door to their library.

A token proves who someone is if, and only if, all of this holds:

    header   an algorithm the configuration names, no key of its own (jwk, jku, x5c, x5u), nothing critical, type JWT,
             a `kid` that names a known key; with a shared secret no `kid` at all
    claims   `exp` in the future and not absurdly far; `nbf` and `iat` not in the future; `aud` and `iss` as configured
    content  `sub`, `info` and `roles` as claims.py says

Everything else is an InvalidToken, whose text goes into the log and never to the client (RFC 8725 names most attacks).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
import msgspec
from msgspec import Struct

from roomserver.claims import identity, shaped
from roomserver.clock import wall_ms
from roomserver.identity import ExpiredToken, Identity, InvalidToken

SECRET_BYTES = 32
"""The shortest secret for HS256: as long as its hash (RFC 7518, 3.2)."""

ASYMMETRIC = ("RS256", "ES256", "EdDSA")
"""Algorithms whose public keys come as a JSON Web Key Set."""

KEY_TYPES: Mapping[str, tuple[str, str | None]] = {
    "RS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""The `kty` and `crv` of the keys that fit an algorithm."""

FORBIDDEN_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64", "zip", "enc"})
"""Header fields that name a key, or change how the token is read: none is needed, each was an attack."""

KID = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*", re.ASCII)

SKEW_SECONDS = 60
"""How far an issuer's clock may be ahead; it never prolongs a token."""

LONGEST_LIFE = 10 * 366 * 86_400
"""Seconds; a token that lives longer is a mistake, whatever is configured."""

# ``Any`` below: keys are objects of the library's own, claims and key sets are JSON before it is checked.


class UnfitKeys(Exception):
    """A secret or a key set that must not be used; one sentence for whoever runs the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a token must say: ``life`` is the longest time that it lives, in seconds; ``guests`` may have none.

    One that does not say when it was issued may live so long from now on.
    """

    audience: str | None = None
    issuer: str | None = None
    life: int = LONGEST_LIFE
    guests: bool = True


class Secrets:
    """Shared secrets for HS256, the newest first; two during a rotation.

    Raises UnfitKeys for one shorter than 32 bytes.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets or any(len(one.encode()) < SECRET_BYTES for one in secrets):
            raise UnfitKeys(f"a token secret needs at least {SECRET_BYTES} bytes")
        self._secrets = tuple(secrets)
        self.version = 0

    def keys(self, kid: str | None) -> Sequence[tuple[Any, str]]:
        """What may have signed a token, with its algorithm."""
        if kid is not None:
            raise InvalidToken("a shared secret has no kid")
        return [(secret, "HS256") for secret in self._secrets]


class KeySet:
    """Public keys by their `kid`, as a JSON Web Key Set (RFC 7517) names them; replaced whole when it is read again."""

    def __init__(self, algorithms: Sequence[str], document: bytes) -> None:
        self._algorithms = tuple(algorithms)
        self._keys: dict[str | None, tuple[Any, str]] = {}
        self._document = b""
        self.version = 0
        self.take(document)

    def take(self, document: bytes) -> None:
        """Use the keys of this set from now on.

        Raises UnfitKeys when it holds none that fits; the old ones stay then.
        """
        try:
            entries = msgspec.json.decode(document, type=_Set).keys
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise UnfitKeys(f"this is no JSON Web Key Set: {error}") from None
        found = [key for entry in entries if (key := self._fitting(entry)) is not None]
        keys = {kid: (key, algorithm) for kid, key, algorithm in found}
        if not keys or len(keys) < len(found):
            raise UnfitKeys(f"the key set needs keys for {', '.join(self._algorithms)}, each with a kid of its own")
        self._keys = keys
        self.version += document != self._document
        self._document = document

    def keys(self, kid: str | None) -> Sequence[tuple[Any, str]]:
        """What may have signed a token, with its algorithm."""
        if kid is None and len(self._keys) == 1:
            return list(self._keys.values())
        if kid not in self._keys:
            raise InvalidToken("unknown kid")
        return [self._keys[kid]]

    def _fitting(self, entry: dict[str, Any]) -> tuple[str | None, Any, str] | None:
        algorithm = next((one for one in self._algorithms if _fits(entry, one)), None)
        if algorithm is None or entry.get("use", "sig") != "sig":
            return None
        try:
            key = jwt.PyJWK(entry, algorithm).key
        except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
            raise UnfitKeys(f"a key of the set cannot be read: {type(error).__name__}") from None
        if getattr(key, "key_size", 2048) < 2048 and algorithm == "RS256":
            raise UnfitKeys("an RSA key of the set is shorter than 2048 bits")
        kid = entry.get("kid")
        return (kid if isinstance(kid, str) else None), key, algorithm


class _Set(Struct):
    keys: list[dict[str, Any]]


def _fits(entry: Mapping[str, Any], algorithm: str) -> bool:
    kind, curve = KEY_TYPES[algorithm]
    return (
        entry.get("kty") == kind
        and entry.get("alg", algorithm) == algorithm
        and (curve is None or entry.get("crv") == curve)
        and "d" not in entry  # a private key that was published signs nothing here
    )


class TokenChecks:
    """Checks tokens against keys and rules; ``now`` is the wall clock in ms, since an issuer knows no other."""

    def __init__(self, keys: Secrets | KeySet, rules: Rules, *, now: Callable[[], int] = wall_ms) -> None:
        self._keys = keys
        self._rules = rules
        self._now = now

    def verify(self, token: str) -> Identity:
        """The identity that a token proves.

        Raises InvalidToken, ExpiredToken.
        """
        claims = shaped(self._signed(token))
        now = self._now() // 1000
        if claims.exp <= now:
            raise ExpiredToken
        if max(claims.nbf or 0, claims.iat or 0) > now + SKEW_SECONDS:
            raise InvalidToken("not valid yet")
        life = min(self._rules.life, LONGEST_LIFE)
        if claims.exp > now + life or (claims.iat is not None and claims.exp > claims.iat + life + SKEW_SECONDS):
            raise InvalidToken("lives longer than allowed")
        if not claims.sub and not self._rules.guests:
            raise InvalidToken("guests are not allowed")
        return identity(claims)

    def _signed(self, token: str) -> dict[str, Any]:
        """The claims, once signature, times, audience and issuer are checked."""
        kid = _kid(token)
        problem = "no key"
        for key, algorithm in self._keys.keys(kid):
            try:
                return self._decoded(token, key, algorithm)
            except jwt.InvalidSignatureError:
                problem = "wrong signature"
            except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError) as error:
                raise InvalidToken(f"{type(error).__name__}: {error}"[:200]) from None
        raise InvalidToken(problem)

    def _decoded(self, token: str, key: Any, algorithm: str) -> dict[str, Any]:
        rules = self._rules
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=rules.audience,
            issuer=rules.issuer,
            options={
                "require": ["exp", "sub", *(["aud"] if rules.audience else []), *(["iss"] if rules.issuer else [])],
                "verify_exp": False,  # instants are judged by our own clock
                "verify_nbf": False,
                "verify_iat": False,
                "verify_aud": rules.audience is not None,
                "verify_iss": rules.issuer is not None,
            },
        )
        return claims


def _kid(token: str) -> str | None:
    """The key that a header names.

    Raises InvalidToken for a header that says more than it may.
    """
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise InvalidToken(f"{type(error).__name__}: {error}"[:200]) from None
    if forbidden := FORBIDDEN_HEADERS & header.keys():
        raise InvalidToken(f"header {min(forbidden)}")
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise InvalidToken("header typ")
    kid = header.get("kid")
    if kid is not None and not (isinstance(kid, str) and len(kid) <= 128 and KID.fullmatch(kid)):
        raise InvalidToken("header kid")
    return kid


def issue(
    secret: str,
    *,
    user: str,
    expires: int,
    name: str = "",
    zone: str | None = None,
    roles: Mapping[str, str] | None = None,
    rules: Rules | None = None,
) -> str:
    """A token signed with a shared secret; ``expires`` in seconds since 1970, ``roles`` by room or ``*``.

    Raises ValueError for what this server would not accept.
    """
    rules = rules or Rules()
    info = {key: value for key, value in (("name", name), ("zone", zone)) if value}
    claims: dict[str, Any] = {"sub": user, "exp": expires, "iat": wall_ms() // 1000, "info": info}
    claims |= {"roles": dict(roles)} if roles else {}
    claims |= {"aud": rules.audience} if rules.audience else {}
    claims |= {"iss": rules.issuer} if rules.issuer else {}
    try:
        identity(shaped(claims))
    except InvalidToken as error:
        raise ValueError(str(error)) from None
    return jwt.encode(claims, secret, algorithm="HS256")
