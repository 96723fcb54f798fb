from loadtest.audit import ViewerAudit
from loadtest.haul import Haul, report_of
from loadtest.oscost import Cost
from loadtest.protocol import Position, Reply
from loadtest.recording import Recording
from loadtest.report import Spent


def haul(*ids: str, now: float, own: float | None = None) -> Haul:
    """What a process brings home whose one viewer got one batch."""
    recording = Recording()
    audit = ViewerAudit(recording.log)
    audit.joined(Position("e", 0))
    if own is not None:
        recording.log.expect(ids[0], own, own)
    audit.heard(1, ids, now)
    audit.settle()
    recording.tally.add(audit.tally)
    recording.joined(now)
    return recording.haul()


def test_the_last_viewer_of_all_is_found_among_the_processes() -> None:
    report = report_of("storm", 2, 1.0, [haul("a", now=1.0, own=0.5), haul("a", now=3.5)])
    assert (report.to_first.longest, report.to_last.longest) == (0.5, 3.0)
    assert (report.audit.batches, report.batches, report.unseen) == (2, 1, 0)
    assert report.replies["join"].accepted.count == 2
    assert report.passed


def test_processes_that_were_told_different_things_are_a_fault() -> None:
    report = report_of("storm", 2, 1.0, [haul("a", "b", now=1.0), haul("a", now=1.0)])
    assert report.audit.lost == 1
    assert not report.passed


def test_own_messages_of_one_process_may_be_seen_in_another() -> None:
    blind = Recording()
    blind.log.expect("a", 0.5, 0.5)
    assert report_of("storm", 2, 1.0, [blind.haul(), haul("a", now=1.0)]).unseen == 0


def test_costs_are_one_process_business_and_deliveries_everybodys() -> None:
    one, other = haul("a", now=1.0), haul("a", now=1.0)
    one.spent = Spent(cost=Cost(cpu=1.0), deliveries=1, copies=1)
    report = report_of("storm", 2, 1.0, [one, other])
    assert report.spent is not None
    assert (report.spent.cost.cpu, report.spent.deliveries) == (1.0, 2)


def test_nothing_audited_is_a_fault() -> None:
    assert report_of("storm", 1, 1.0, [Recording().haul()]).faults == (
        "No viewer got any batch, so nothing was audited.",
    )


def test_replies_add_up() -> None:
    one, other = Recording(), Recording()
    one.joined(0.1)
    other.joined(0.3)
    other._replies["join"].add(Reply(), 0.2)
    joined = report_of("storm", 1, 1.0, [one.haul(), other.haul()]).replies["join"]
    assert (joined.accepted.count, joined.accepted.longest, joined.outcomes["ok"]) == (3, 0.3, 3)
