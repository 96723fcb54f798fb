import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from loadtest.audit import Tally
from loadtest.histogram import Histogram
from loadtest.protocol import CONNECTION_LOST, Refusal, Reply
from loadtest.report import Replies, Report


def report() -> Report:
    replies = Replies()
    replies.add(Reply(), 0.002, "accepted")
    replies.add(Reply(error=Refusal(111)), 0.001)
    replies.add(Reply(error=Refusal(CONNECTION_LOST)), 0.5)
    return Report(
        name="storm",
        viewers=10,
        seconds=2.0,
        replies={"danmaku.send": replies},
        to_first=Histogram(),
        to_last=Histogram(),
        audit=Tally(batches=5),
        repeated=0,
        unseen=0,
        batches=5,
        bytes_per_viewer=1000.0,
        events={"danmaku.said": 1},
        silences={"danmaku.said": 1.5},
        shed={},
    )


def test_a_report_without_a_fault_passes() -> None:
    assert report().passed


@pytest.mark.parametrize("fault", [{"lost": 1}, {"doubled": 1}, {"reordered": 1}])
def test_any_fault_at_a_viewer_fails_it(fault: dict[str, int]) -> None:
    assert not replace(report(), audit=Tally(**fault)).passed


def test_a_repeated_id_or_another_fault_fails_it() -> None:
    assert not replace(report(), repeated=1).passed
    assert not replace(report(), faults=("x",)).passed


def test_an_unseen_message_fails_it_unless_a_gap_was_declared() -> None:
    assert not replace(report(), unseen=1).passed
    assert replace(report(), unseen=1, audit=Tally(gaps=1)).passed


def test_json_tells_latency_outcomes_and_bytes_per_second() -> None:
    told = json.loads(report().to_json())
    assert told["passed"] is True
    assert told["replies"]["danmaku.send"]["outcomes"] == {"accepted": 1, "refused 111": 1, "unanswered": 1}
    assert told["replies"]["danmaku.send"]["p50_ms"] == 2.0
    assert told["bytes_per_viewer_second"] == 500.0


def test_text_says_whether_it_passed() -> None:
    console = Console(file=io.StringIO(), width=120)
    replace(report(), warnings=("a [note]",), faults=("something broke",)).print_to(console)
    text = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO from above
    assert "audit FAILED" in text
    assert "something broke" in text
    assert "a [note]" in text
    assert "danmaku.send" in text
