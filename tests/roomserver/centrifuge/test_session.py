"""Dialogues with one connection: what the client and the server's parts say, and what is done."""

from __future__ import annotations

import msgspec
import pytest

from roomserver.centrifuge import acts, codes, commands, replies
from roomserver.centrifuge.acts import Act
from roomserver.centrifuge.channels import Channel, Kind
from roomserver.centrifuge.codes import Error
from roomserver.centrifuge.commands import Command, Request
from roomserver.centrifuge.replies import Result
from roomserver.centrifuge.session import CHANNEL_LIMIT, WAITING_LIMIT, Session, State

DEMO = Channel(Kind.ROOM, "demo")
CUES = Channel(Kind.HOST, "demo")
OTHER = Channel(Kind.ROOM, "other")
SNAPSHOT = replies.SubscribeResult(recoverable=True, positioned=True, epoch="e", offset=7, data=b"{}")
IN_DEMO = msgspec.Raw(b'{"room":"demo"}')


def fresh() -> Session:
    return Session(client="c1", version="roomserver 1", publishes="wall.write")


def connected(user: str = "ann") -> Session:
    session = fresh()
    session.receive(Command(1, commands.Connect(token="t")))
    session.authenticated(1, user=user, ttl=3600)
    return session


def in_room(user: str = "ann") -> Session:
    session = connected(user)
    session.receive(Command(2, commands.Subscribe(channel="room:demo")))
    session.joined(DEMO, SNAPSHOT)
    return session


def has_joined(session: Session, room: str) -> bool:
    """Whether he may ask about a room, which only who has joined it may."""
    return session.receive(Command(99, commands.PresenceStats(channel=f"room:{room}"))) == [
        acts.Stats(id=99, room=room)
    ]


def reply(command_id: int, result: Result) -> Act:
    return acts.Reply(id=command_id, result=result)


def closed(why: codes.Disconnect) -> Act:
    return acts.Close(why=why)


# --- connecting


def test_a_token_is_checked_and_the_connection_described() -> None:
    session = fresh()
    assert session.receive(Command(1, commands.Connect(token="t"))) == [acts.Authenticate(id=1, token="t")]
    assert session.authenticated(1, user="ann", ttl=3600) == [
        reply(
            1,
            replies.ConnectResult(
                client="c1",
                version="roomserver 1",
                ping=25,
                pong=True,
                ttl=3600,
                subs={"#ann": replies.SubscribeResult()},
            ),
        )
    ]
    assert (session.state, session.user) == (State.CONNECTED, "ann")


def test_a_guest_has_no_personal_channel() -> None:
    session = fresh()
    session.receive(Command(1, commands.Connect(token="t")))
    [act] = session.authenticated(1, user="", ttl=60)
    assert isinstance(act, acts.Reply)
    assert isinstance(act.result, replies.ConnectResult)
    assert act.result.subs == {}


@pytest.mark.parametrize(
    "request_",
    [
        commands.Subscribe(channel="room:demo"),
        commands.Rpc(method="like.send"),
        commands.Ping(),
        commands.Send(),
        commands.Pong(),
        commands.Refresh(token="t"),
    ],
)
def test_anything_before_connect_is_a_bad_request(request_: Request) -> None:
    assert fresh().receive(Command(1, request_)) == [closed(codes.BAD_REQUEST)]


def test_no_token_is_an_invalid_token() -> None:
    assert fresh().receive(Command(1, commands.Connect())) == [closed(codes.INVALID_TOKEN)]


def test_an_invalid_token_closes() -> None:
    session = fresh()
    session.receive(Command(1, commands.Connect(token="forged")))
    assert session.refused(1, codes.INVALID_TOKEN) == [closed(codes.INVALID_TOKEN)]


def test_an_expired_token_is_told_and_what_was_sent_behind_it_is_ignored() -> None:
    session = fresh()
    session.receive(Command(1, commands.Connect(token="old")))
    session.receive(Command(2, commands.Subscribe(channel="room:demo")))
    assert session.refused(1, codes.TOKEN_EXPIRED) == [reply(1, codes.TOKEN_EXPIRED)]
    assert session.receive(Command(3, commands.Subscribe(channel="room:demo"))) == []
    assert session.receive(Command(4, commands.Connect(token="new"))) == []


def test_a_refused_connection_that_stays_is_stale() -> None:
    session = fresh()
    session.receive(Command(1, commands.Connect(token="old")))
    session.refused(1, codes.TOKEN_EXPIRED)
    assert session.stale() == [closed(codes.STALE)]


def test_a_second_connect_is_a_bad_request() -> None:
    assert connected().receive(Command(2, commands.Connect(token="t"))) == [closed(codes.BAD_REQUEST)]


def test_a_second_connect_while_the_first_is_checked_is_a_bad_request_too() -> None:
    session = fresh()
    session.receive(Command(1, commands.Connect(token="t")))
    assert session.receive(Command(2, commands.Connect(token="t"))) == []
    assert session.authenticated(1, user="ann", ttl=60)[1:] == [closed(codes.BAD_REQUEST)]


def test_who_does_not_connect_in_time_is_stale() -> None:
    assert fresh().stale() == [closed(codes.STALE)]


def test_who_is_connected_is_not_stale() -> None:
    assert connected().stale() == []


def test_commands_in_the_frame_of_the_connect_wait_for_it() -> None:
    session = fresh()
    session.receive(Command(1, commands.Connect(token="t")))
    assert session.receive(Command(2, commands.Subscribe(channel="room:demo"))) == []
    assert session.receive(Command(3, commands.Ping())) == []
    first, *rest = session.authenticated(1, user="ann", ttl=60)
    assert isinstance(first, acts.Reply)
    assert first.id == 1
    assert rest == [acts.Join(channel=DEMO, recover=None), reply(3, replies.PingResult())]


def test_too_many_commands_before_the_token_is_checked_are_refused_one_by_one() -> None:
    session = fresh()
    session.receive(Command(1, commands.Connect(token="t")))
    for number in range(WAITING_LIMIT):
        assert session.receive(Command(2 + number, commands.Ping())) == []
    assert session.receive(Command(99, commands.Ping())) == [reply(99, codes.TOO_MANY_REQUESTS)]
    assert session.receive(Command(0, commands.Send())) == []


# --- refreshing


def test_a_refresh_of_the_same_user_prolongs() -> None:
    session = connected("ann")
    assert session.receive(Command(2, commands.Refresh(token="new"))) == [acts.Authenticate(id=2, token="new")]
    assert session.authenticated(2, user="ann", ttl=60) == [
        reply(2, replies.RefreshResult(client="c1", version="roomserver 1", ttl=60))
    ]


def test_a_refresh_with_another_users_token_closes() -> None:
    session = connected("ann")
    session.receive(Command(2, commands.Refresh(token="bob's")))
    assert session.authenticated(2, user="bob", ttl=60) == [closed(codes.INVALID_TOKEN)]


def test_a_refresh_with_an_expired_token_is_an_error_and_the_connection_goes_on() -> None:
    session = connected()
    session.receive(Command(2, commands.Refresh(token="old")))
    assert session.refused(2, codes.TOKEN_EXPIRED) == [reply(2, codes.TOKEN_EXPIRED)]
    assert session.receive(Command(3, commands.Ping())) == [reply(3, replies.PingResult())]


def test_a_refresh_without_a_token_is_a_bad_request() -> None:
    assert connected().receive(Command(2, commands.Refresh())) == [closed(codes.BAD_REQUEST)]


def test_a_connection_that_was_not_refreshed_expires() -> None:
    assert in_room().expired() == [acts.Leave(channel=DEMO), closed(codes.CONNECTION_EXPIRED)]


# --- joining and leaving


def test_a_join_is_answered_with_its_snapshot() -> None:
    session = connected()
    subscribe = Command(2, commands.Subscribe(channel="room:demo"))
    assert session.receive(subscribe) == [acts.Join(channel=DEMO, recover=None)]
    assert session.joined(DEMO, SNAPSHOT) == [reply(2, SNAPSHOT)]
    assert has_joined(session, "demo")


def test_a_returning_client_says_where_he_was() -> None:
    subscribe = commands.Subscribe(channel="room:demo", recover=True, epoch="e", offset=5)
    assert connected().receive(Command(2, subscribe)) == [
        acts.Join(channel=DEMO, recover=commands.Position(offset=5, epoch="e"))
    ]


def test_a_position_without_recover_is_none() -> None:
    subscribe = commands.Subscribe(channel="room:demo", epoch="e", offset=5)
    assert connected().receive(Command(2, subscribe)) == [acts.Join(channel=DEMO, recover=None)]


def test_a_hosts_channel_is_joined_like_a_room() -> None:
    session = connected()
    assert session.receive(Command(2, commands.Subscribe(channel="host:demo"))) == [
        acts.Join(channel=CUES, recover=None)
    ]
    assert session.joined(CUES, replies.SubscribeResult()) == [reply(2, replies.SubscribeResult())]
    assert not has_joined(session, "demo")


def test_a_refused_join_may_be_tried_again() -> None:
    session = connected()
    session.receive(Command(2, commands.Subscribe(channel="host:demo")))
    assert session.join_refused(CUES, codes.PERMISSION_DENIED) == [reply(2, codes.PERMISSION_DENIED)]
    assert session.receive(Command(3, commands.Subscribe(channel="host:demo"))) == [
        acts.Join(channel=CUES, recover=None)
    ]


@pytest.mark.parametrize("name", ["", "demo", "room:", "room:a b", f"room:{'x' * 65}", "lobby:demo", "#", "#a b"])
def test_there_is_no_such_channel(name: str) -> None:
    session = connected()
    assert session.receive(Command(2, commands.Subscribe(channel=name))) == [reply(2, codes.UNKNOWN_CHANNEL)]


def test_ones_own_personal_channel_is_already_subscribed() -> None:
    assert connected("ann").receive(Command(2, commands.Subscribe(channel="#ann"))) == [
        reply(2, codes.ALREADY_SUBSCRIBED)
    ]


@pytest.mark.parametrize("user", ["bob", ""])
def test_nobody_elses_personal_channel_can_be_joined(user: str) -> None:
    assert connected(user).receive(Command(2, commands.Subscribe(channel="#ann"))) == [
        reply(2, codes.PERMISSION_DENIED)
    ]


def test_a_room_is_joined_once() -> None:
    assert in_room().receive(Command(3, commands.Subscribe(channel="room:demo"))) == [
        reply(3, codes.ALREADY_SUBSCRIBED)
    ]


def test_a_second_subscribe_while_the_first_is_under_way_is_told_after_it() -> None:
    session = connected()
    session.receive(Command(2, commands.Subscribe(channel="room:demo")))
    assert session.receive(Command(3, commands.Subscribe(channel="room:demo"))) == []
    assert session.joined(DEMO, SNAPSHOT) == [reply(2, SNAPSHOT), reply(3, codes.ALREADY_SUBSCRIBED)]


def test_a_connection_has_a_limit_of_channels() -> None:
    session = connected()
    for number in range(CHANNEL_LIMIT):
        assert session.receive(Command(2, commands.Subscribe(channel=f"room:{number}"))) != []
    assert session.receive(Command(3, commands.Subscribe(channel="room:one-more"))) == [reply(3, codes.LIMIT_EXCEEDED)]


def test_leaving_is_told_to_the_room_and_to_the_client() -> None:
    session = in_room()
    assert session.receive(Command(3, commands.Unsubscribe(channel="room:demo"))) == [
        acts.Leave(channel=DEMO),
        reply(3, replies.UnsubscribeResult()),
    ]
    assert not has_joined(session, "demo")


@pytest.mark.parametrize("name", ["room:other", "#ann", "nonsense", ""])
def test_leaving_where_one_is_not_is_no_error(name: str) -> None:
    assert in_room().receive(Command(3, commands.Unsubscribe(channel=name))) == [reply(3, replies.UnsubscribeResult())]


def test_leaving_while_joining_waits_for_the_join() -> None:
    session = connected()
    session.receive(Command(2, commands.Subscribe(channel="room:demo")))
    assert session.receive(Command(3, commands.Unsubscribe(channel="room:demo"))) == []
    assert session.receive(Command(4, commands.Subscribe(channel="room:demo"))) == []
    assert session.joined(DEMO, SNAPSHOT) == [
        reply(2, SNAPSHOT),
        acts.Leave(channel=DEMO),
        reply(3, replies.UnsubscribeResult()),
        acts.Join(channel=DEMO, recover=None),
    ]
    assert session.joined(DEMO, SNAPSHOT) == [reply(4, SNAPSHOT)]


def test_a_client_that_lags_is_told_to_come_back() -> None:
    session = in_room()
    assert session.lagged(DEMO) == [
        acts.Leave(channel=DEMO),
        acts.Push(push=replies.Unsubscribed(channel="room:demo", why=codes.INSUFFICIENT_STATE)),
    ]
    assert session.lagged(DEMO) == []
    assert session.receive(Command(3, commands.Subscribe(channel="room:demo", recover=True, offset=7))) == [
        acts.Join(channel=DEMO, recover=commands.Position(offset=7))
    ]


# --- order


def test_an_rpc_in_the_frame_of_its_subscribe_waits_for_the_join() -> None:
    session = connected()
    session.receive(Command(2, commands.Subscribe(channel="room:demo")))
    assert session.receive(Command(3, commands.Rpc(method="wall.write", data=IN_DEMO))) == []
    assert session.receive(Command(4, commands.Publish(channel="room:demo", data=msgspec.Raw(b"{}")))) == []
    assert session.joined(DEMO, SNAPSHOT) == [
        reply(2, SNAPSHOT),
        acts.Call(id=3, method="wall.write", data=b'{"room":"demo"}'),
        acts.Call(id=4, method="wall.write", data=b"{}", room="demo"),
    ]


def test_what_waited_for_a_join_that_was_refused_is_decided_without_it() -> None:
    session = connected()
    session.receive(Command(2, commands.Subscribe(channel="room:demo")))
    session.receive(Command(3, commands.Publish(channel="room:demo")))
    assert session.join_refused(DEMO, codes.UNKNOWN_CHANNEL) == [
        reply(2, codes.UNKNOWN_CHANNEL),
        reply(3, codes.PERMISSION_DENIED),
    ]


def test_another_rooms_commands_do_not_wait() -> None:
    session = in_room()
    session.receive(Command(3, commands.Subscribe(channel="room:other")))
    assert session.receive(Command(4, commands.Rpc(method="like.send", data=IN_DEMO))) == [
        acts.Call(id=4, method="like.send", data=b'{"room":"demo"}')
    ]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"room":7}', b'{"room":"\xff"}', b"[" * 100_000])
def test_data_that_names_no_room_does_not_wait(data: bytes) -> None:
    session = connected()
    session.receive(Command(2, commands.Subscribe(channel="room:demo")))
    assert session.receive(Command(3, commands.Rpc(method="x", data=msgspec.Raw(data)))) == [
        acts.Call(id=3, method="x", data=data)
    ]


def test_two_joins_of_one_room_are_one_after_the_other() -> None:
    session = connected()
    session.receive(Command(2, commands.Subscribe(channel="room:demo")))
    assert session.receive(Command(3, commands.Subscribe(channel="host:demo"))) == []
    assert session.receive(Command(4, commands.Rpc(method="x", data=IN_DEMO))) == []
    assert session.joined(DEMO, SNAPSHOT) == [reply(2, SNAPSHOT), acts.Join(channel=CUES, recover=None)]
    assert session.joined(CUES, SNAPSHOT) == [
        reply(3, SNAPSHOT),
        acts.Call(id=4, method="x", data=b'{"room":"demo"}'),
    ]


# --- commands in a room


def test_an_rpc_is_called_and_answered() -> None:
    session = in_room()
    session.receive(Command(3, commands.Rpc(method="checkin.mark", data=IN_DEMO)))
    assert session.rpc_done(3, b'{"streak":2}') == [reply(3, replies.RpcResult(data=b'{"streak":2}'))]


def test_an_rpc_that_is_refused_says_why_and_closes_nothing() -> None:
    session = in_room()
    session.receive(Command(3, commands.Rpc(method="wall.write", data=IN_DEMO)))
    refusal = Error(code=1002, message="muted")
    assert session.failed(3, refusal) == [reply(3, refusal)]


def test_a_publish_is_chat_and_its_reply_is_empty() -> None:
    session = in_room()
    assert session.receive(Command(3, commands.Publish(channel="room:demo", data=msgspec.Raw(b'{"text":"hi"}')))) == [
        acts.Call(id=3, method="wall.write", data=b'{"text":"hi"}', room="demo")
    ]
    assert session.rpc_done(3, b'{"status":"accepted"}') == [reply(3, replies.PublishResult())]
    session.receive(Command(3, commands.Rpc(method="x")))
    assert session.rpc_done(3, b"{}") == [reply(3, replies.RpcResult(data=b"{}"))]


def test_a_refused_publish_is_forgotten() -> None:
    session = in_room()
    session.receive(Command(3, commands.Publish(channel="room:demo")))
    assert session.failed(3, codes.BAD_DATA) == [reply(3, codes.BAD_DATA)]
    assert session.rpc_done(3, b"{}") == [reply(3, replies.RpcResult(data=b"{}"))]


def test_a_room_is_counted_listed_and_read() -> None:
    session = in_room()
    since = commands.Position(offset=3, epoch="e")
    history = commands.History(channel="room:demo", limit=10, since=since, reverse=True)
    assert session.receive(Command(3, commands.PresenceStats(channel="room:demo"))) == [acts.Stats(id=3, room="demo")]
    assert session.receive(Command(4, commands.Presence(channel="room:demo"))) == [acts.ListPresence(id=4, room="demo")]
    assert session.receive(Command(5, history)) == [
        acts.ReadHistory(id=5, room="demo", limit=10, since=since, reverse=True)
    ]
    stats = replies.PresenceStatsResult(num_clients=2, num_users=1)
    assert session.answered(3, stats) == [reply(3, stats)]


@pytest.mark.parametrize("name", ["room:other", "host:demo", "#ann"])
@pytest.mark.parametrize(
    "request_class", [commands.Publish, commands.Presence, commands.PresenceStats, commands.History]
)
def test_only_a_joined_room_can_be_spoken_to_or_read(
    request_class: type[commands.Publish | commands.Presence | commands.PresenceStats | commands.History], name: str
) -> None:
    assert in_room().receive(Command(3, request_class(channel=name))) == [reply(3, codes.PERMISSION_DENIED)]


def test_an_unknown_channel_is_told_from_a_forbidden_one() -> None:
    assert in_room().receive(Command(3, commands.History(channel="lobby"))) == [reply(3, codes.UNKNOWN_CHANNEL)]


def test_a_ping_is_answered() -> None:
    assert connected().receive(Command(2, commands.Ping())) == [reply(2, replies.PingResult())]


@pytest.mark.parametrize("request_", [commands.Send(data=IN_DEMO), commands.Pong()])
def test_messages_and_pongs_have_no_acts(request_: Request) -> None:
    assert connected().receive(Command(0, request_)) == []


def test_subscriptions_have_no_tokens_to_refresh() -> None:
    assert in_room().receive(Command(3, commands.SubRefresh(channel="room:demo", token="t"))) == [
        reply(3, codes.NOT_AVAILABLE)
    ]


# --- the end


def test_a_connection_that_is_lost_leaves_its_rooms() -> None:
    session = in_room()
    assert session.disconnected() == [acts.Leave(channel=DEMO)]
    assert session.disconnected() == []


def test_a_connection_lost_while_joining_leaves_nothing_behind() -> None:
    session = connected()
    session.receive(Command(2, commands.Subscribe(channel="room:demo")))
    session.receive(Command(3, commands.Rpc(method="x", data=IN_DEMO)))
    assert session.disconnected() == []
    assert session.joined(DEMO, SNAPSHOT) == [acts.Leave(channel=DEMO)]
    assert not has_joined(session, "demo")


def test_a_refused_join_of_a_lost_connection_needs_nothing() -> None:
    session = connected()
    session.receive(Command(2, commands.Subscribe(channel="room:demo")))
    session.disconnected()
    assert session.join_refused(DEMO, codes.INTERNAL) == []


def test_a_close_leaves_every_room_and_is_said_once() -> None:
    session = in_room()
    session.receive(Command(3, commands.Subscribe(channel="room:other")))
    session.joined(OTHER, SNAPSHOT)
    assert session.close(codes.FORCED) == [
        acts.Leave(channel=DEMO),
        acts.Leave(channel=OTHER),
        closed(codes.FORCED),
    ]
    assert session.close(codes.SHUTDOWN) == []


def test_after_the_end_nothing_is_answered() -> None:
    session = in_room()
    session.receive(Command(3, commands.Publish(channel="room:demo")))
    session.receive(Command(4, commands.Refresh(token="t")))
    session.close(codes.SLOW)
    late: list[list[Act]] = [
        session.receive(Command(5, commands.Ping())),
        session.rpc_done(3, b"{}"),
        session.failed(3, codes.INTERNAL),
        session.authenticated(4, user="ann", ttl=60),
        session.refused(4, codes.INVALID_TOKEN),
        session.lagged(DEMO),
        session.stale(),
        session.expired(),
        session.disconnected(),
    ]
    assert late == [[]] * 9


def test_a_token_checked_after_the_client_went_away_connects_nobody() -> None:
    session = fresh()
    session.receive(Command(1, commands.Connect(token="t")))
    session.disconnected()
    assert session.authenticated(1, user="ann", ttl=60) == []
    assert session.state is State.CLOSED
