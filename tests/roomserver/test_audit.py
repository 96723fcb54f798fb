"""The audit log: what is written down of whom, and what never is."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from effects.shoutout import SendShoutout
from membership.messages import AddScore, Card
from moderation.messages import Kick
from room.message import Command, Query
from room.people import Actor
from room.refusal import PermissionDenied, Refused
from roomserver.audit import DONE_AT_ONCE, DONE_MS, REFUSED_AT_ONCE, REFUSED_MS, Audit
from roomserver.audit_trail import Trail, verified
from roomserver.metrics import Metrics
from roomserver.passing_keys import Answer
from tests.dialogue import ADA, GUEST, HOST, MODERATOR, OPERATOR, START
from tests.settings.talk import Say

KICK = Kick(room="demo", user="ada", reason="my words", key="k")


def written(actor: Actor, message: Command | Query, result: bytes | Refused, log: pytest.LogCaptureFixture) -> object:
    """What was written down; the answer is passed on as it is."""
    log.set_level("INFO", "roomserver.audit")
    told: list[bytes | Refused] = []
    answer: Answer = told.append
    Audit(Metrics(), lambda: START).audited(actor, message, answer)(result)
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


class Log:
    """An audit log with a clock of the test's."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("INFO", "roomserver.audit")
        self.now = START
        self.metrics = Metrics()
        self.audit = Audit(self.metrics, lambda: self.now)
        self._caplog = caplog

    def note(self, actor: Actor, times: int, code: int | None = 103) -> int:
        """How many lines are written when somebody does a thing so many times."""
        before = len(self._caplog.records)
        for _ in range(times):
            self.audit.note(actor, "moderation.kick", room="demo", code=code)
        return len(self._caplog.records) - before


@pytest.mark.parametrize(
    ("actor", "code", "most", "each"),
    [
        (ADA, 103, REFUSED_AT_ONCE, REFUSED_MS),
        (HOST, 103, REFUSED_AT_ONCE, REFUSED_MS),
        (HOST, None, DONE_AT_ONCE, DONE_MS),
    ],
)
def test_nobody_fills_the_log(
    actor: Actor, code: int | None, most: int, each: int, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log(caplog)
    assert log.note(actor, 1000, code) == most
    log.now += each - 1
    assert log.note(actor, 5, code) == 0
    log.now += 1
    assert log.note(actor, 5, code) == 1
    assert log.note(MODERATOR, 1, code) == 1


def test_what_was_not_written_is_counted_and_the_next_line_says_so(caplog: pytest.LogCaptureFixture) -> None:
    log = Log(caplog)
    log.note(ADA, REFUSED_AT_ONCE + 7)
    log.note(HOST, 2)
    assert [vars(record).get("unwritten") for record in caplog.records[-2:]] == [7, None]
    assert "roomserver_audit_unwritten_total 7.0" in log.metrics.page().decode()


def test_guests_are_as_one_and_the_platform_is_always_written_down(caplog: pytest.LogCaptureFixture) -> None:
    log = Log(caplog)
    assert sum(log.note(replace(GUEST, id=f"guest-{number}"), 1) for number in range(50)) == REFUSED_AT_ONCE
    assert log.note(OPERATOR, 1000, None) == 1000
    assert log.note(OPERATOR, 1000) == 1000


def test_what_is_written_down_is_a_line_of_the_chain_too(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    log = Log(caplog)
    log.audit.trail = Trail(tmp_path / "audit.jsonl")
    log.note(HOST, 2)
    log.audit.trail.close()
    [(_, whole)] = verified([tmp_path / "audit.jsonl"])
    assert [vars(record)["hash"] for record in caplog.records][-1] == whole.hash
    first, _ = (tmp_path / "audit.jsonl").read_bytes().splitlines()
    assert {"at": START, "who": "host", "result": "refused", "code": 103}.items() <= orjson.loads(first).items()


def test_a_file_that_cannot_be_written_keeps_nobody_from_his_work(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    log = Log(caplog)
    path = tmp_path / "folder" / "audit.jsonl"
    path.parent.mkdir()
    log.audit.trail = Trail(path)
    log.note(HOST, 1)
    path.rename(tmp_path / "aside")
    path.parent.rmdir()
    assert log.note(HOST, 1) == 2, "the act, and that the file was not written"
    assert "roomserver_audit_unwritten_total 1.0" in log.metrics.page().decode()
    path.parent.mkdir()
    log.note(HOST, 1)
    log.audit.trail.close()
    assert [whole.lines for _, whole in verified([tmp_path / "aside", path])] == [1, 1]
