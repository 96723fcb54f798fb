from __future__ import annotations

from media.room import Room
from media.tally import Tally


def test_all_numbers_are_there_from_the_beginning_and_only_grow() -> None:
    tally, room = Tally(), Room()
    counts = tally.counts({"junk": 3}, [room], [])
    assert counts == {
        "publishers": 0, "viewers": 0, "junk_total": 3,
        "key_requests_total": 0, "asked_again_total": 0, "sent_again_total": 0, "packets_sent_total": 0
    }  # fmt: skip
    outlet = room.outlet("main", "video")
    outlet.sent = 7
    tally.emptied(room)
    tally.fault()
    counts = tally.counts({}, [], [])
    assert (counts["packets_sent_total"], counts["faults_total"]) == (7, 1)
