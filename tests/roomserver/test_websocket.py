"""A connection, spoken to by a WebSocket client that is joined to it by bytes; these themselves are in test_wire.py."""

from __future__ import annotations

import gc
import weakref

import pytest

from roomserver.addresses import Proxies
from roomserver.centrifuge import codes
from roomserver.limits import Limits
from roomserver.load import Step
from roomserver.pace import PATIENCE_BURST
from roomserver.websocket import CALLS, WebSocket
from tests.roomserver.hall import DROP, JOIN, SHOUT, Json, code, hall
from tests.roomserver.hand_time import later, play, settle

# --- how many, and how fast


def test_who_asks_for_more_than_his_share_is_told_and_has_more_later() -> None:
    async def dialogue() -> None:
        async with hall(Limits(calls=2, burst=4)) as made:
            client = await made.client().connect()
            first = client.send(*[{"ping": {}}] * 6)
            answers = [code(one) if "error" in one else 0 for one in map(client.reply, first)]
            assert answers == [0, 0, 0, 0, 111, 111]
            assert made.metrics.refusals.labels(111)._value.get() == 2
            await later(1)
            second = client.send(*[{"ping": {}}] * 3)
            assert ["error" in one for one in map(client.reply, second)] == [False, False, True]
            assert client.closed is None

    play(dialogue)


def test_the_share_is_a_users_over_all_his_connections_and_a_guests_over_one() -> None:
    async def dialogue() -> None:
        async with hall(Limits(calls=1, burst=4)) as made:
            here, there, guest = (made.client() for _ in range(3))
            await here.connect("ada")
            await there.connect("ada")
            await guest.connect("guest")
            here.send({"ping": {}}, {"ping": {}})
            answers = [there.reply(one) for one in there.send(*[{"ping": {}}] * 3)]
            assert ["error" in one for one in answers] == [False, False, True]
            assert not any("error" in one for one in map(guest.reply, guest.send({"ping": {}}, {"ping": {}})))

    play(dialogue)


def test_hosts_have_five_times_the_share() -> None:
    async def dialogue() -> None:
        async with hall(Limits(calls=1, burst=2)) as made:
            host = await made.client().connect("host")
            answers = [host.reply(one) for one in host.send(*[{"ping": {}}] * 11)]
            assert ["error" in one for one in answers] == [False] * 10 + [True]

    play(dialogue)


@pytest.mark.parametrize("how", ["commands", "pings"])
def test_a_flood_closes_with_3013(how: str) -> None:
    async def dialogue() -> None:
        async with hall(Limits(calls=1, burst=4)) as made:
            client = await made.client().enter()
            for _ in range(4 + PATIENCE_BURST):
                client.ws.send_ping(b"") if how == "pings" else client.send_raw(b'{"id": 9, "ping": {}}')
            assert client.closed == 3013
            assert made.metrics.closes.labels(3013)._value.get() == 1
            await settle()
            assert (made.public, client.pipe.reading) == (0, False)  # what he goes on sending is nobody's work
            await later(2.5)
            assert len(made.door.connections) == 0

    play(dialogue)


def test_one_connection_of_a_user_too_many_is_closed_with_3504_and_the_others_stay() -> None:
    async def dialogue() -> None:
        async with hall(Limits(per_user=2)) as made:
            first, second = await made.client().enter("ada"), await made.client().enter("ada")
            third = made.client()
            third.send({"connect": {"token": "ada"}})
            assert (first.closed, second.closed, third.closed) == (None, None, 3504)
            first.pipe.abort()
            await settle()
            assert (await made.client().enter("ada")).closed is None
            guests = [await made.client().enter("guest") for _ in range(3)]
            assert [one.closed for one in guests] == [None] * 3

    play(dialogue)


def test_a_full_server_answers_503_says_when_to_come_back_and_counts_it() -> None:
    async def dialogue() -> None:
        async with hall(Limits(connections=1)) as made:
            inside = await made.client().enter()
            refused = made.client()
            await settle()
            assert (refused.status, inside.closed) == (503, None)
            assert 1 <= int(refused.headers["Retry-After"]) <= 5
            assert made.metrics.turned_away.labels("full")._value.get() == 1
            inside.pipe.abort()
            await settle()
            assert (await made.client().enter("bob")).closed is None

    play(dialogue)


def test_a_strained_server_puts_newcomers_off_and_lets_in_who_recovers_or_hosts() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            inside = await made.client().enter("ada")
            made.shell.load.step = Step.STRAINED
            newcomer = await made.client().connect("bob")
            told = await newcomer.ask(JOIN)
            assert (code(told), told["error"]["temporary"]) == (1010, True)
            assert "; retry in " in told["error"]["message"]
            host = await made.client().connect("host")
            assert "subscribe" in await host.ask(JOIN)
            back = {"subscribe": {"channel": "room:demo", "recover": True, "offset": 0, "epoch": "gone"}}
            assert "subscribe" in await (await made.client().connect("cem")).ask(back)
            assert inside.closed is None

    play(dialogue)


# --- tokens and time


def test_no_token_and_a_bad_one_close_for_good_and_an_expired_one_is_an_error() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            for token in ("", "bad"):
                client = made.client()
                client.send({"connect": {"token": token}})
                assert client.closed == 3500
            client = made.client()
            assert code(await client.ask({"connect": {"token": "expired"}})) == 109
            assert client.closed is None

    play(dialogue)


def test_who_does_not_connect_in_time_is_stale() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            silent, refused, good = made.client(), made.client(), made.client()
            await refused.ask({"connect": {"token": "expired"}})
            await good.connect()
            await later(4.9)
            assert (silent.closed, refused.closed) == (None, None)
            await later(1.2)
            assert (silent.closed, refused.closed, good.closed) == (3502, 3502, None)

    play(dialogue)


def test_a_ping_that_nothing_follows_closes_with_3012() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            silent, lively = await made.client().connect(), await made.client().connect("bob")
            for _ in range(60):
                await later(1)
                lively._hear()
                if lively.pings and not bytes(lively.frames[-1].data).strip(b"{}\n"):
                    lively.send_raw(b"{}")
                if silent.closed is not None:
                    break
            assert (silent.pings, silent.closed, lively.closed) == (1, 3012, None)

    play(dialogue)


def test_an_expired_token_that_is_not_renewed_closes_with_3005() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            lapsed, renewed = await made.client().enter("ada 30"), await made.client().enter("bob 30")
            for second in range(90):
                await later(1)
                for client in (lapsed, renewed):
                    if client.closed is None:
                        client.send_raw(b"{}")
                if second == 20:
                    assert (await renewed.ask({"refresh": {"token": "bob 3600"}}))["refresh"]["expires"]
                if lapsed.closed is not None:
                    break
            assert 50 <= second <= 60
            assert (lapsed.closed, renewed.closed) == (3005, None)
            other = await renewed.ask({"refresh": {"token": "expired"}})
            assert code(other) == 109
            renewed.send({"refresh": {"token": "cyd"}})
            assert renewed.closed == 3500

    play(dialogue)


def test_from_where_only_bad_tokens_come_nobody_is_heard_for_a_while() -> None:
    async def dialogue() -> None:
        async with hall(Limits(per_address=3)) as made:
            made.door.gate.proxies = Proxies(())
            for token in ("bad", "ada", "bad", "bad", "ada", "bad"):
                client = made.client()
                client.send({"connect": {"token": token}})
                assert (client.status, client.closed) == (101, 3500 if token == "bad" else None)
                client.pipe.abort()
                await settle()
            assert made.client().status == 503
            assert made.metrics.turned_away.labels("failures")._value.get() == 1
            await later(2)
            client = await made.client().connect()
            assert client.status == 101

    play(dialogue)


# --- replies and calls


def test_the_replies_of_one_turn_are_one_frame() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            await later(1)
            client.exchange()
            client.frames.clear()
            client.send(*[{"ping": {}}] * 5)
            assert len(client.frames) == 1
            numbers = client.send(*[{"rpc": {"method": "jar.shout", "data": {"room": "demo"}}}] * 5)
            await settle()
            client._hear()
            assert len(client.frames) == 3  # the batch, and all replies
            assert [one["id"] for one in client.said if one.get("id") in numbers] == numbers

    play(dialogue)


def test_calls_that_are_refused_are_answered_by_name_and_close_nothing() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            calls: dict[int, Json] = {
                104: {"rpc": {"method": "no.such", "data": {"room": "demo"}}},
                107: {"rpc": {"method": "jar.drop", "data": {"room": "demo", "coins": "1"}}},
                1002: {"rpc": {"method": "jar.drop", "data": {"room": "other"}}},
                103: {"rpc": {"method": "jar.paint", "data": {"room": "demo"}}},
                100: {"rpc": {"method": "jar.cry", "data": {"room": "demo"}}},
                102: {"subscribe": {"channel": "nonsense"}},
                105: JOIN,
            }
            for expected, call in calls.items():
                reply = await client.ask(call)
                assert code(reply) == expected, reply
                assert reply["error"]["message"]
            assert client.closed is None

    play(dialogue)


def test_presence_and_history_are_answered() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter()
            await later(1)
            stats = (await client.ask({"presence_stats": {"channel": "room:demo"}}))["presence_stats"]
            assert (stats["num_users"], stats["num_clients"]) == (1, 1)
            members = (await client.ask({"presence": {"channel": "room:demo"}}))["presence"]["presence"]
            assert [one["user"] for one in members.values()] == ["ada"]
            history = (await client.ask({"history": {"channel": "room:demo", "limit": 1}}))["history"]
            assert len(history["publications"]) == 1
            since = {"offset": 99, "epoch": "other"}
            assert code(await client.ask({"history": {"channel": "room:demo", "limit": 1, "since": since}})) == 112

    play(dialogue)


def test_calls_under_way_are_bounded_and_each_is_answered_once() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter("host")
            made.store.gate.clear()
            numbers = [number for _ in range(CALLS + 5) for number in client.send(SHOUT)]
            busy = [one for one in client.said if one.get("id") in numbers]
            assert [code(one) for one in busy] == [111] * 5
            await later(1)
            client._hear()
            assert sorted(one["id"] for one in client.said if one.get("id") in numbers) == numbers
            assert client.server._calls == 0

    play(dialogue)


# --- the end


def test_a_connection_lost_during_its_join_leaves_nothing() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            other = await made.client().enter("bob")
            made.store.reads.clear()
            client = await made.client().connect()
            client.send(JOIN)
            await settle()
            client.pipe.abort()
            await settle()
            made.store.reads.set()
            await later(1)
            room = made.rooms.get("demo")
            assert room is not None
            assert (made.public, room.state.online, list(room.state.actors)) == (1, 1, ["bob"])
            assert made.shell.people.tell("ada", b"{}") == 0
            assert other.closed is None
            assert made.door.connections == {other.server}

    play(dialogue)


def test_a_connection_that_closes_hears_nothing_after_its_close() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client, other = await made.client().enter(), await made.client().enter("bob")
            client.pipe.stuck = True
            client.ws.send_close(1000)
            client.exchange()
            assert made.public == 1
            assert made.metrics.closes.labels(1000)._value.get() == 0  # he did it
            assert made.shell.people.tell("ada", b"{}") == 0
            written = len(client.pipe.writes)
            other.send(SHOUT)
            await later(1)
            assert len(client.pipe.writes) == written
            await later(6)  # it never reads the answer
            assert client.pipe.lost
            assert made.door.connections == {other.server}

    play(dialogue)


def test_a_server_that_closes_says_so_last() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client, other = await made.client().enter(), await made.client().enter("bob")
            client.server.close(codes.FORCED)
            assert client.closed == 3503
            other.send(SHOUT)
            await later(1)
            assert client.pipe.lost
            assert made.public == 1
            client.server.close(codes.FORCED)

    play(dialogue)


def test_a_drain_closes_when_everything_is_answered() -> None:
    async def dialogue() -> None:
        async with hall() as made:
            client, idle = await made.client().enter(), await made.client().enter("bob")
            made.store.gate.clear()
            [number] = client.send(DROP)
            await settle()
            for one in (client, idle):
                one.server.close_when_answered(codes.SHUTDOWN)
            await settle()
            assert (client.closed, idle.closed) == (None, 3001)
            made.store.gate.set()
            await settle()
            assert client.reply(number)["rpc"]["data"] == {"coins": 1}
            assert client.closed == 3001
            await settle()
            assert made.door.empty.is_set()

    play(dialogue)


def test_a_lost_connection_is_nobodys_any_more_and_leaves_no_garbage() -> None:
    """Its token lasts for an hour, and its wheel's entries are few: soon nothing holds it."""

    async def dialogue() -> None:
        async with hall() as made:
            client = await made.client().enter("ada 3600")
            await client.ask(DROP)
            gone = client.server.client
            inner = weakref.ref(client.server._frames._ws)
            gc.collect()
            gc.disable()
            try:
                client.pipe.abort()
                await settle()
                del client
                await later(40)
                await (await made.client().enter("cyd")).ask(DROP)  # the committer's last batch is another's now
                assert gone not in {one.client for one in gc.get_objects() if type(one) is WebSocket}
                assert inner() is None
            finally:
                gc.enable()

    play(dialogue)
