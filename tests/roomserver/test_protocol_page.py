"""The protocol page says what is served."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from checkin.messages import Calendar, Mark
from effects.danmaku import SendDanmaku
from effects.privacy import ChangePrivacy
from effects.removal import RemoveDanmaku
from effects.shoutout import SendShoutout
from like.feature import SendLike
from membership.account import Account
from membership.messages import Card
from moderation.messages import Ban, Kick, Mute, Unban, Unmute
from moderation.sanctions import Sanction, Sanctions
from presence.feature import Roster
from room.message import Command, Query
from room.row import Row, member
from roomserver.centrifuge import codes
from roomserver.features import make_house
from roomserver.protocol_page import REPLIES, SNAPSHOT, page
from roomserver.schema import encode
from settings.messages import ChangeSettings
from tests.dialogue import HOST, given

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == page(make_house()), "stale: run `make docs`"


def test_every_command_on_the_wire_is_on_the_page() -> None:
    house = make_house()
    text = page(house)
    kinds = [kind.kind for kind in house.commands if kind.on_wire] + [
        kind.kind for kind in house.queries if kind.on_wire
    ]
    assert [kind for kind in kinds if f"### `{kind}`" not in text] == []


def test_every_standard_error_is_on_the_page_once() -> None:
    text = page(make_house())
    assert [text.count(f"\n| {error.code} |") for error in codes.ERRORS] == [1] * len(codes.ERRORS)


def test_what_only_the_server_commands_is_not() -> None:
    assert "presence.join`" not in page(make_house())


# --- replies: what the page says of them, against what the rules say

HOUSE = make_house()
MUTED = Sanctions(mute=Sanction(rank=2, reason="spam"))
MEMBER = Row(subject=member("ada"), version=1).having(Account(qualifying=100)).having(MUTED)
WANTED = [
    ChangeSettings(room="demo"),
    Roster(room="demo"),
    SendDanmaku(room="demo", text="hi", style="gold"),
    SendShoutout(room="demo", to="ada", text="hi", key="k"),
    ChangePrivacy(room="demo"),
    RemoveDanmaku(room="demo", id="1"),
    SendLike(room="demo", count=2),
    Mute(room="demo", user="ada", key="k"),
    Unmute(room="demo", user="ada", key="k"),
    Kick(room="demo", user="ada", key="k"),
    Ban(room="demo", user="ada", key="k"),
    Unban(room="demo", user="ada", key="k"),
    Mark(room="demo"),
    Calendar(room="demo", month="2023-11"),
    Card(room="demo"),
    Card(room="demo", user="bob"),
]


def fields_of(said: str) -> dict[str, Any]:
    """``{a, b?, c: {d}, e: [{f}]}`` as a tree: a name with ``?`` may be absent."""
    quoted = re.sub(r"([a-z_]+\??)(?=[,}])", r'"\1": null', re.sub(r"([a-z_]+\??):", r'"\1":', said))
    tree: dict[str, Any] = json.loads(quoted)
    return tree


def deviations(said: Any, found: Any, at: str = "") -> list[str]:
    """Fields that are only on the page, or only in the reply."""
    if said is None or found is None:
        return []
    if isinstance(said, list):
        return [one for entry in found for one in deviations(said[0], entry, f"{at}[]")]
    known = {name.rstrip("?"): form for name, form in said.items()}
    missing = [f"{at}.{name} is missing" for name in said if not name.endswith("?") and name not in found]
    unknown = [f"{at}.{name} is not on the page" for name in found if name not in known]
    deeper = [deviations(known[name], value, f"{at}.{name}") for name, value in found.items() if name in known]
    return missing + unknown + [one for some in deeper for one in some]


@pytest.mark.parametrize("message", WANTED, ids=lambda message: str(message.kind))
def test_a_reply_is_what_the_page_says(message: Command | Query) -> None:
    reply = json.loads(encode(given(HOUSE, MEMBER).when(message, actor=HOST).reply))
    assert deviations(fields_of(REPLIES[message.kind]), reply) == []


def test_the_snapshot_is_what_the_page_says() -> None:
    room = given(HOUSE, MEMBER).when(SendShoutout(room="demo", to="ada", text="hi", key="k"), actor=HOST)
    snapshot = json.loads(encode(room.snapshot()))
    assert deviations(fields_of(SNAPSHOT), snapshot) == []
    assert None not in (snapshot["pinned"], snapshot["effects"]["entrance"])


def test_a_deviation_would_be_found() -> None:
    said = fields_of("{a, b?, c: [{d}]}")
    assert deviations(said, {"a": 1, "c": [{"d": 1}]}) == []
    found = deviations(said, {"b": 1, "c": [{"e": 1}]})
    assert found == [".a is missing", ".c[].d is missing", ".c[].e is not on the page"]
