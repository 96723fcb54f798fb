from __future__ import annotations

import pytest

from media.backend import Gone, Playing, Published, Unpublished
from media.news import EVENTS, News, over

FACTS = {"room": "tea", "member": "lin", "session": "s1"}


async def test_events_come_in_their_order_and_the_oldest_are_dropped_and_counted() -> None:
    news = News()
    for number in range(EVENTS + 2):
        news.tell(Playing(room="tea", member="lin", session=str(number)))
    first = await anext(aiter(news.events()))
    assert isinstance(first, Playing)
    assert (first.session, news.dropped) == ("2", 2)


@pytest.mark.parametrize(
    ("begun", "ended"),
    [
        (Published(**FACTS, slot="main"), Unpublished(**FACTS, slot="main", reason="lost")),
        (Playing(**FACTS), Gone(**FACTS, reason="lost")),
    ],
)
def test_what_has_begun_ends_as_such(begun: Published | Playing, ended: Unpublished | Gone) -> None:
    assert over(begun, "lost") == ended
