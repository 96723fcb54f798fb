"""The audit log: what is written down of whom, and what never is."""

import pytest

from effects.shoutout import SendShoutout
from membership.messages import AddScore, Card
from moderation.messages import Kick
from room.message import Command, Query
from room.people import Actor
from room.refusal import PermissionDenied, Refused
from roomserver.audit import audited
from roomserver.passing_keys import Answer
from tests.dialogue import ADA, HOST, MODERATOR, OPERATOR
from tests.settings.talk import Say

KICK = Kick(room="demo", user="ada", reason="my words", key="k")


def written(actor: Actor, message: Command | Query, result: bytes | Refused, log: pytest.LogCaptureFixture) -> object:
    """What was written down; the answer is passed on as it is."""
    log.set_level("INFO", "roomserver.audit")
    told: list[bytes | Refused] = []
    answer: Answer = told.append
    audited(actor, message, answer)(result)
    assert told == [result]
    names = ("who", "role", "what", "whom", "room", "result", "code")
    return [tuple(vars(record)[name] for name in names) for record in log.records]


@pytest.mark.parametrize(
    ("actor", "message", "whom"),
    [
        (MODERATOR, KICK, "ada"),
        (HOST, SendShoutout(room="demo", to="bob", text="my words", key="k"), "bob"),
        (OPERATOR, AddScore(room="demo", user="ada", amount=1, reason="my words", key="k"), "ada"),
    ],
)
def test_what_was_done_is_written_down_by_ids(
    actor: Actor, message: Command, whom: str, caplog: pytest.LogCaptureFixture
) -> None:
    role = actor.role.name.lower()
    assert written(actor, message, b"{}", caplog) == [(actor.id, role, message.kind, whom, "demo", "done", None)]
    assert "my words" not in str([vars(record) for record in caplog.records])


def test_what_was_tried_is_written_down_too(caplog: pytest.LogCaptureFixture) -> None:
    expected = [("ada", "member", "moderation.kick", "ada", "demo", "refused", 103)]
    assert written(ADA, KICK, PermissionDenied(), caplog) == expected


@pytest.mark.parametrize("message", [Say(room="demo"), Card(room="demo", user="bob")])
def test_what_anybody_may_is_not(message: Command | Query, caplog: pytest.LogCaptureFixture) -> None:
    assert written(HOST, message, b"{}", caplog) == []
