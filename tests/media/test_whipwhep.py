from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from media.backend import Gone, MediaEvent, Playing, Published, PublishLimits, Redirect, Rejected, Unpublished
from media.hooks import Asked
from media.news import EVENTS
from media.tickets import LIFE_SECONDS, Tickets
from media.whipwhep import EACH, WhipWhep
from tests.patience import PATIENCE


class Elsewhere:
    """The backend, a clock, and what the other server is told."""

    def __init__(self) -> None:
        self.now = 1000
        self.kicked: list[str] = []
        self.backend = WhipWhep(
            "https://media.example/{room}/whip?token={ticket}",
            "https://media.example/play/?stream={room}&by={member}&token={ticket}",
            tickets=Tickets(b"secret", lambda: self.now),
            kick=self._kick,
        )

    async def _kick(self, session: str) -> None:
        self.kicked.append(session)

    async def sent(self, room: str = "tea", member: str = "lin", *, publishes: bool = True) -> str:
        """The ticket of a client who is sent there."""
        if publishes:
            redirect = await self.backend.publish(room, member, "main", "", PublishLimits())
        else:
            redirect = await self.backend.play(room, member, ["main"], "")
        assert isinstance(redirect, Redirect)
        [ticket] = parse_qs(urlsplit(redirect.url).query)["token"]
        return ticket

    def ask(
        self, ticket: str, *, publishes: bool = True, begins: bool = True, room: str = "tea", session: str = "s1"
    ) -> bool:
        """What the other server is answered."""
        asked = Asked(publishes=publishes, begins=begins, room=room, ticket=ticket, session=session)
        judged = self.backend.judge(asked)
        if judged is not None:
            self.backend.note(asked, judged)
        return judged is not None

    async def told(self) -> MediaEvent:
        async with asyncio.timeout(PATIENCE):
            return await anext(aiter(self.backend.events()))


async def test_clients_are_sent_to_the_address_of_their_room() -> None:
    elsewhere = Elsewhere()
    sent = await elsewhere.backend.publish("tea", "host", "main", "", PublishLimits())
    assert isinstance(sent, Redirect)
    assert (sent.protocol, sent.url.partition("?")[0]) == ("whip", "https://media.example/tea/whip")
    sent = await elsewhere.backend.play("tea", "a|b@c", ["main"], "")
    assert isinstance(sent, Redirect)
    assert sent.url.startswith("https://media.example/play/?stream=tea&by=a%7Cb%40c&token=")


async def test_there_is_one_picture_in_a_room() -> None:
    elsewhere = Elsewhere()
    with pytest.raises(Rejected):
        await elsewhere.backend.publish("tea", "guest", "guest1", "", PublishLimits())
    with pytest.raises(Rejected):
        await elsewhere.backend.play("tea", "guest", ["main", "guest1"], "")


async def test_who_was_sent_is_let_in_and_the_room_hears_of_it() -> None:
    elsewhere = Elsewhere()
    assert elsewhere.ask(await elsewhere.sent())
    assert await elsewhere.told() == Published(room="tea", member="lin", slot="main", session="s1")
    assert elsewhere.ask(await elsewhere.sent(member="vera", publishes=False), publishes=False, session="s2")
    assert await elsewhere.told() == Playing(room="tea", member="vera", session="s2")
    assert elsewhere.backend.counts() == {
        "publishers": 1, "viewers": 1, "hooks_refused_total": 0, "events_dropped_total": 0
    }  # fmt: skip


async def test_nobody_else_is_let_in() -> None:
    elsewhere = Elsewhere()
    watching, sending = await elsewhere.sent(publishes=False), await elsewhere.sent()
    assert not elsewhere.ask("")
    assert not elsewhere.ask(watching)
    assert not elsewhere.ask(sending, publishes=False)
    assert not elsewhere.ask(sending, room="other")
    elsewhere.now += LIFE_SECONDS + 1
    assert not elsewhere.ask(sending)
    assert elsewhere.backend.counts()["hooks_refused_total"] == 5


async def test_asked_twice_he_has_come_once() -> None:
    elsewhere = Elsewhere()
    ticket = await elsewhere.sent()
    assert elsewhere.ask(ticket)
    assert elsewhere.ask(ticket)
    assert elsewhere.backend.counts()["publishers"] == 1


async def test_who_has_gone_has_gone_however_old_his_ticket_is() -> None:
    elsewhere = Elsewhere()
    ticket = await elsewhere.sent()
    elsewhere.ask(ticket)
    await elsewhere.told()
    elsewhere.now += 7200
    assert elsewhere.ask(ticket, begins=False)
    assert await elsewhere.told() == Unpublished(room="tea", member="lin", slot="main", session="s1", reason="closed")
    assert elsewhere.ask(ticket, begins=False), "told twice"


async def test_with_ones_own_ticket_one_ends_nobody_elses_session() -> None:
    elsewhere = Elsewhere()
    elsewhere.ask(await elsewhere.sent())
    other = await elsewhere.sent(member="mia")
    elsewhere.ask(other, begins=False)
    assert elsewhere.backend.counts()["publishers"] == 1


async def test_who_is_put_out_is_put_out_there() -> None:
    elsewhere = Elsewhere()
    elsewhere.ask(await elsewhere.sent(publishes=False), publishes=False)
    await elsewhere.told()
    await elsewhere.backend.close("s1", "put out")
    await elsewhere.backend.close("s1", "put out")
    await elsewhere.backend.close("../../config", "put out")
    assert elsewhere.kicked == ["s1"]
    assert await elsewhere.told() == Gone(room="tea", member="lin", session="s1", reason="put out")


async def test_events_that_nobody_takes_are_dropped_and_counted() -> None:
    elsewhere = Elsewhere()
    for number in range(EVENTS + 3):
        elsewhere.ask(await elsewhere.sent(member=str(number)), session=str(number))
    assert elsewhere.backend.counts()["events_dropped_total"] == 3


async def test_a_ticket_is_good_for_a_few_sessions_and_for_another_when_one_is_over() -> None:
    elsewhere = Elsewhere()
    ticket = await elsewhere.sent(member="vera", publishes=False)

    def watches(session: str, *, begins: bool = True) -> bool:
        return elsewhere.ask(ticket, publishes=False, begins=begins, session=session)

    assert [watches(f"s{number}") for number in range(EACH + 1)] == [True] * EACH + [False]
    assert watches("s0")  # asked about once more
    assert watches("s0", begins=False)
    assert watches("s9")
    assert elsewhere.backend.counts()["viewers"] == EACH
