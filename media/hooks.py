"""What other servers ask when a client comes to them, and when he goes: one question, whoever puts it.

    MediaMTX   authHTTPAddress   {"action": "publish" | "read", "path", "query", "token", "id", …}   2xx: let him in
    SRS        http_hooks        {"action": "on_publish" | "on_unpublish" | "on_play" | "on_stop", "stream", "param",
                                  "client_id", …}                                       200 and {"code": 0}: let him in

MediaMTX tells by commands who has gone: ``runOnUnavailable`` (before 1.19.3 ``runOnNotReady``) and ``runOnUnread``
post what SRS would. From 1.18.1 on their ``MTX_QUERY`` is URL-encoded as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, unquote_plus

import msgspec

TICKET = "token"
"""The name of the ticket in addresses; MediaMTX takes it for its own token, too."""

_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A client begins or ends, publishes or watches; ``session`` is the other server's name for it, if it says one."""

    publishes: bool
    begins: bool
    room: str
    ticket: str
    session: str | None


class _Said(msgspec.Struct):
    action: str
    path: str = ""
    stream: str = ""
    query: str = ""
    param: str = ""
    token: str = ""
    id: str | None = None
    client_id: str | int | None = None


_ACTIONS = {
    "publish": (True, True),
    "read": (False, True),
    "on_publish": (True, True),
    "on_unpublish": (True, False),
    "on_play": (False, True),
    "on_stop": (False, False),
}


def read(body: bytes) -> Asked:
    """What is asked.

    Raises ValueError.
    """
    try:
        said = msgspec.json.decode(body, type=_Said)
    except RecursionError:
        raise ValueError("lists within one another without end") from None
    if said.action not in _ACTIONS:
        raise ValueError("not an action of a picture")
    publishes, begins = _ACTIONS[said.action]
    query = parse_qs(_plain((said.query or said.param).removeprefix("?")), max_num_fields=32)
    session = str(said.id or said.client_id or "")
    return Asked(
        publishes=publishes,
        begins=begins,
        room=unquote((said.path or said.stream).rpartition("/")[2]),
        ticket=next(iter(query.get(TICKET, ())), said.token),
        session=session if _SESSION.fullmatch(session) else None,
    )


def _plain(query: str) -> str:
    """A query as it was in the address, though it was encoded as a whole: then it has no ``=`` of its own."""
    return query if "=" in query else unquote_plus(query)
