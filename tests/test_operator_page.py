"""The operator's page is held to the server: whatever counts a loss has its row, and its words in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from room.refusal import Refused
from roomserver.centrifuge import codes
from roomserver.prepublish import Outcome
from roomserver.readings import readings
from tests.roomserver.http.serving import serving

ROOT = Path(__file__).parent.parent
OPS = ROOT / "web" / "src" / "ops"
WORDS = (OPS / "words.ts").read_text("utf-8")
LANGUAGES = 2

NO_LOSS = {
    "accepted_total": "what was taken",
    "bytes_written_total": "what was sent",
    "commands_replayed_total": "answered, once more",
    "commands_total": "what was asked",
    "commit_batches_total": "what was stored",
    "commit_conflicts_total": "tried again at once; who loses too often is refused (1004)",
    "commit_unknown_total": "looked for in the store afterwards: it was written, or it is written again",
    "commits_total": "what was decided",
    "entrances_merged_total": "shown in one line with others",
    "frames_encoded_total": "what was sent",
    "frames_written_total": "what was sent",
    "joins_total": "who came in",
    "media_asked_again_total": "packets that are asked for again",
    "media_key_requests_total": "pictures that begin",
    "media_packets_sent_total": "what was sent",
    "media_sent_again_total": "what was sent again",
    "media_starts_total": "how often the process of the pictures was started",
    "merged_total": "shown by another that says the same",
    "recoveries_encoded_total": "what was sent",
    "shown_total": "what was sent",
    "webhooks_delivered_total": "what was taken",
}
"""What is counted and tells of nothing that somebody did not get."""


def shown() -> set[str]:
    """The families that have a row on the page."""
    table = re.search(r"LOSSES[^=]*= \{(.*?)\n\};", (OPS / "losses.ts").read_text("utf-8"), re.DOTALL)
    never = re.search(r"NEVER = \[(.*?)\]", (OPS / "verdicts.ts").read_text("utf-8"), re.DOTALL)
    assert table is not None
    assert never is not None
    return {*re.findall(r"^  (\w+_total):", table[1], re.MULTILINE), *re.findall(r'"(\w+)"', never[1])}


async def counted() -> set[str]:
    """The families of the server that only grow, and those of its media backends, as they are written there."""
    async with serving() as on:
        on.server.metrics.gather(lambda: readings(on.server))
        lines = on.server.metrics.page().decode().splitlines()
    said = [line.split(" ") for line in lines if line.startswith("# TYPE")]
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "media").glob("*.py"))
    media = re.findall(r'"(\w+)_total"', sources) + re.findall(r'counted\["(\w+)"\] \+= 1', sources)
    ours = {name.removeprefix("roomserver_") for _, _, name, kind in said if kind == "counter"}
    return ours | {f"media_{name}_total" for name in media}


def without_row(counters: Iterable[str], rows: Iterable[str]) -> list[str]:
    """Counters that are neither on the page nor known to tell of no loss."""
    return sorted(set(counters) - set(rows) - NO_LOSS.keys())


def worded(family: str) -> list[set[str]]:
    """The values of a family's label that have words, for each language."""
    blocks = re.findall(rf"^ {{4}}{family}: \{{(.*?)\n {{4}}\}}", WORDS, re.DOTALL | re.MULTILINE)
    return [set(re.findall(r"^ +(\w+): \"", block, re.MULTILINE)) for block in blocks]


def reasons() -> set[str]:
    """The codes of all refusals."""
    found, classes = set(), [Refused]
    while classes:
        one = classes.pop()
        classes += one.__subclasses__()
        if hasattr(one, "code") and not one.__module__.startswith("tests."):
            found.add(str(one.code))
    return found | {str(one.code) for one in codes.ERRORS}


async def test_whatever_counts_a_loss_is_on_the_page() -> None:
    known = await counted()
    assert without_row(known, shown()) == []
    assert sorted((shown() | NO_LOSS.keys()) - known) == [], "there is no such counter"
    assert sorted(shown() & NO_LOSS.keys()) == [], "is it a loss, or is it none?"


def test_a_counter_without_a_row_is_found() -> None:
    assert without_row(["gifts_lost_total", "commands_total", "shed_total"], ["shed_total"]) == ["gifts_lost_total"]


@pytest.mark.parametrize("name", sorted(shown()))
def test_it_has_words_in_both_languages(name: str) -> None:
    assert len(re.findall(rf'^ {{4}}{name}: "', WORDS, re.MULTILINE)) == LANGUAGES


def test_every_refusal_and_close_has_words_or_the_part_of_the_server_whose_it_is() -> None:
    areas = [set(re.findall(r'(\d\d): "', block)) for block in re.findall(r"areas: \{(.*?)\}", WORDS, re.DOTALL)]
    for said, parts in zip(worded("refusals_total"), areas, strict=True):
        assert [code for code in sorted(reasons() - said) if len(code) < 4 or code[:2] not in parts] == []
    for said in worded("closes_total"):
        assert {str(one.code) for one in codes.DISCONNECTS} - said == set()
    assert len(areas) == len(worded("closes_total")) == LANGUAGES


def test_every_reason_that_is_a_word_of_the_code_has_words() -> None:
    sources = (ROOT / "roomserver").rglob("*.py")
    door = set(re.findall(r"(?:reason=|_later\(|turned_away\.labels\()\"(\w+)\"", "".join(map(_door, sources))))
    for family, words in {"turned_away_total": door, "prepublish_total": {*Outcome} - {Outcome.ALLOWED}}.items():
        assert [sorted(words - said) for said in worded(family)] == [[]] * LANGUAGES


def _door(source: Path) -> str:
    """A module of those who turn handshakes away, as text."""
    text = source.read_text("utf-8")
    return text if "TurnedAway(" in text or "turned_away.labels" in text else ""
