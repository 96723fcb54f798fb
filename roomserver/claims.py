"""What a token says: the shapes of its claims, and whom they name; whether to believe them is for tokens.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from effects.text import clean
from room.day import DayRule, UnknownZoneError
from room.people import GUEST_ID, PLATFORM_ID, ROOM_ID, STEPS, USER_ID, Role
from room.refusal import Refused
from roomserver.identity import ROLES, Identity, InvalidToken

NAME_CHARACTERS = 64
AVATAR_CHARACTERS = 512

_SUB, _ROOM = re.compile(USER_ID), re.compile(ROOM_ID)
_AVATAR = re.compile(r"https://[^\s\"'<>\\\x00-\x1f\x7f]+")


class Info(Struct):
    """What an issuer says of a person; what is not fit to be shown is left out."""

    name: str = ""
    avatar: str | None = None
    zone: str | None = None


_Instant = Annotated[int, Meta(gt=0)] | Annotated[float, Meta(gt=0)]


class Claims(Struct):
    """The claims that count here; instants are seconds since 1970, ``roles`` are by room or ``*``."""

    sub: str
    exp: _Instant
    nbf: _Instant | None = None
    iat: _Instant | None = None
    info: Info | None = None
    roles: dict[str, str] | None = None


def shaped(claims: dict[str, Any]) -> Claims:
    """Claims that have the right types.

    Raises InvalidToken.
    """
    try:
        return msgspec.convert(claims, Claims)
    except msgspec.ValidationError as error:
        raise InvalidToken(str(error)[:200]) from None


def identity(claims: Claims) -> Identity:
    """Who it is that well-signed claims name.

    Raises InvalidToken.
    """
    user = claims.sub
    if user in STEPS or (user and not _SUB.fullmatch(user)):
        raise InvalidToken("sub is no user id")
    if user.startswith(GUEST_ID):
        raise InvalidToken("sub is reserved for guests")
    if user == PLATFORM_ID:
        raise InvalidToken("sub is reserved for the platform")
    info = claims.info or Info()
    return Identity(
        user=user,
        name=_name(info.name) or user,
        expires=int(claims.exp),
        avatar=_avatar(info.avatar),
        zone=_zone(info.zone),
        roles=_roles(claims.roles or {}),
        issued=None if claims.iat is None else int(claims.iat),
    )


def _name(name: str) -> str:
    try:
        return clean(name[:NAME_CHARACTERS])[:NAME_CHARACTERS].strip()
    except Refused:
        return ""


def _avatar(avatar: str | None) -> str | None:
    fits = avatar is not None and len(avatar) <= AVATAR_CHARACTERS and _AVATAR.fullmatch(avatar)
    return avatar if fits else None


def _zone(zone: str | None) -> str | None:
    if zone is None:
        return None
    try:
        return DayRule(zone).zone
    except UnknownZoneError:
        return None


def _roles(roles: Mapping[str, str]) -> dict[str, Role]:
    given: dict[str, Role] = {}
    for room, role in roles.items():
        if room != "*" and not _ROOM.fullmatch(room):
            raise InvalidToken("roles: no room id")
        if role not in ROLES:
            raise InvalidToken("roles: unknown role")
        given[room] = ROLES[role]
    return given
