import asyncio
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec

import msgspec
import pytest

from loadtest.audit import Tally
from loadtest.compare.checkins import checkin_figures
from loadtest.histogram import Histogram
from loadtest.oscost import Cost
from loadtest.protocol import Reply
from loadtest.report import Replies, Report, Spent


def report(spent: Spent | None) -> Report:
    replies = Replies()
    for number in range(10):
        replies.add(Reply(), 0.1 if number < 9 else 0.4, "ok" if number < 8 else "replayed")
    return Report(
        name="tap",
        viewers=8,
        seconds=3.0,
        replies={"checkin.mark": replies},
        to_first=Histogram(),
        to_last=Histogram(),
        audit=Tally(batches=5),
        repeated=0,
        unseen=0,
        batches=5,
        bytes_per_viewer=1000.0,
        events={"checkin.burst": 3},
        paces={"checkin.burst": 4.0},
        silences={},
        shed={},
        spent=spent,
    )


def test_what_writing_batches_costs_is_told_apart() -> None:
    spent = Spent(cost=Cost(cpu=0.010), deliveries=24, copies=24, probe=0.0001)
    figures = checkin_figures(report(spent), 0.6)
    assert figures["cpu_us_per_checkin"] == pytest.approx((0.010 - 0.0024) * 1e6 / 8)
    assert figures["fan_out_cpu_ms"] == pytest.approx(2.4)
    assert figures["ack_p99_ms"] == pytest.approx(400.0)
    assert figures["bursts_per_second"] == 4.0
    assert figures["checkins_per_second"] == pytest.approx(10 / (0.4 + 0.6))


def test_without_the_systems_word_there_are_no_figures() -> None:
    assert checkin_figures(report(None), 1.0) == {}


@pytest.mark.slow
@pytest.mark.store
async def test_the_naive_server_credits_everybody_once() -> None:
    command = ("compare", "--quick", "--row", "tap", "--peer", "naive-flood", "--viewers", "10", "--json", "--quiet")
    process = await create_subprocess_exec(sys.executable, "-m", "loadtest", *command, stdout=PIPE)
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0
    [case] = msgspec.json.decode(out)["rows"][0]["cases"]
    assert case["medians"]["checkins"] == 60
