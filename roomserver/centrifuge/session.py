"""One connection's state machine: commands and outcomes in, acts out; no I/O and no clock.

    state            connect          other commands    outcomes
    FRESH            AUTHENTICATING   close 3501        stale: close 3502
    AUTHENTICATING   waits            wait              authenticated: CONNECTED; refused: REFUSED, or a close
    REFUSED          –                –                 stale: close 3502 (an SDK goes away by itself)
    CONNECTED        close 3501       are carried out   expired: close 3005
    CLOSED           –                –                 none, but a join that finishes now is undone by a Leave

SDKs send subscribes in the frame of the connect, before they know how that ends: they wait with it, and after a refusal
they are ignored, because a final close would end the SDK's next try, with a new token, before it begins.

In CONNECTED every channel is out, joining or joined. While a channel of a room is joining, further commands for that
room wait in their order, because SDKs send a subscribe and what builds on it in one frame.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, assert_never

from roomserver.centrifuge import acts, codes, commands, replies
from roomserver.centrifuge.acts import Act
from roomserver.centrifuge.address import room_of
from roomserver.centrifuge.channels import Channel, Kind
from roomserver.centrifuge.codes import Disconnect, Error

PING_SECONDS: Final = 25
CHANNEL_LIMIT: Final = 128  # of one connection, as in Centrifugo; beyond it error 106
WAITING_LIMIT: Final = 64  # commands of one connection that wait for a token or a join; beyond it error 111

ChannelRequest = commands.Subscribe | commands.Publish | commands.Presence | commands.PresenceStats | commands.History


class State(Enum):
    """Where a connection stands; the table on top of this module says what that means."""

    FRESH = auto()
    AUTHENTICATING = auto()
    REFUSED = auto()
    CONNECTED = auto()
    CLOSED = auto()


class Session:
    """One client's connection.

    The shell feeds it every command it decodes and the outcome of every act that asks for one, and carries out the acts
    it gets back, in order and before it feeds the next. What comes after the end has no acts, so nothing need be
    cancelled in time.
    """

    __slots__ = (
        "_joined",
        "_joining",
        "_publishes",
        "_publishing",
        "_version",
        "_waiting",
        "client",
        "state",
        "user",
    )

    def __init__(self, *, client: str, version: str, publishes: str) -> None:
        """Begin with a client id that nobody else has and the server's version; the client is told both.

        ``publishes`` is the method that a publish to a room's channel calls.
        """
        self.client: Final = client
        self.user: str | None = None  # whose connection it is, once connected; "" is a guest
        self.state = State.FRESH
        self._version = version
        self._publishes = publishes
        self._joined: list[Channel] = []  # lists where a few are: an empty set or deque costs each connection more
        self._joining: dict[Channel, int] = {}  # the id of each subscribe that is under way
        self._waiting: list[commands.Command] = []
        self._publishing: list[int] = []  # the ids of calls that were a publish

    # --- what the client sends

    def receive(self, command: commands.Command) -> list[Act]:
        """Take the client's next command."""
        match self.state, command.request:
            case ((State.CLOSED | State.REFUSED), _):
                return []
            case State.FRESH, commands.Connect(token=token):
                return self._connect(command.id, token)
            case State.FRESH, _:
                return self.close(codes.BAD_REQUEST)
            case _ if (self._joining or self.state is State.AUTHENTICATING) and self._must_wait(command.request):
                return self._wait(command)
            case _:
                return self._carry_out(command.id, command.request)

    def _connect(self, command_id: int, token: str) -> list[Act]:
        if not token:
            return self.close(codes.INVALID_TOKEN)
        self.state = State.AUTHENTICATING
        return [acts.Authenticate(id=command_id, token=token)]

    def _carry_out(self, command_id: int, request: commands.Request) -> list[Act]:
        match request:
            case commands.Connect():
                return self.close(codes.BAD_REQUEST)
            case commands.Rpc(method=method, data=data):
                return [acts.Call(id=command_id, method=method, data=bytes(data))]
            case commands.Refresh(token=token):
                return self._refresh(command_id, token)
            case commands.Ping():
                return [acts.Reply(id=command_id, result=replies.PingResult())]
            case commands.Unsubscribe(channel=name):
                return self._unsubscribe(command_id, name)
            case commands.SubRefresh():
                return [acts.Reply(id=command_id, result=codes.NOT_AVAILABLE)]
            case commands.Send() | commands.Pong():
                return []
            case _:
                return self._carry_out_in_channel(command_id, request)

    def _refresh(self, command_id: int, token: str) -> list[Act]:
        if not token:
            return self.close(codes.BAD_REQUEST)
        return [acts.Authenticate(id=command_id, token=token)]

    def _unsubscribe(self, command_id: int, name: str) -> list[Act]:
        """Leave, or just say so: SDKs take an error for a broken connection and reconnect."""
        reply = acts.Reply(id=command_id, result=replies.UnsubscribeResult())
        channel = Channel.parse(name)
        if channel not in self._joined:
            return [reply]
        self._joined.remove(channel)
        return [acts.Leave(channel=channel), reply]

    def _carry_out_in_channel(self, command_id: int, request: ChannelRequest) -> list[Act]:
        channel = Channel.parse(request.channel)
        if channel is None:
            return [acts.Reply(id=command_id, result=codes.UNKNOWN_CHANNEL)]
        if isinstance(request, commands.Subscribe):
            return self._subscribe(command_id, channel, request)
        if channel.kind is not Kind.ROOM or channel not in self._joined:
            return [acts.Reply(id=command_id, result=codes.PERMISSION_DENIED)]
        return [self._ask(command_id, channel.id, request)]

    def _subscribe(self, command_id: int, channel: Channel, request: commands.Subscribe) -> list[Act]:
        if (error := self._subscribe_refusal(channel)) is not None:
            return [acts.Reply(id=command_id, result=error)]
        self._joining[channel] = command_id
        recover = commands.Position(offset=request.offset, epoch=request.epoch) if request.recover else None
        return [acts.Join(channel=channel, recover=recover)]

    def _subscribe_refusal(self, channel: Channel) -> Error | None:
        if channel.kind is Kind.USER:  # the server has subscribed him to his own
            return codes.ALREADY_SUBSCRIBED if channel.id == self.user else codes.PERMISSION_DENIED
        if channel in self._joined:
            return codes.ALREADY_SUBSCRIBED
        if len(self._joined) + len(self._joining) >= CHANNEL_LIMIT:
            return codes.LIMIT_EXCEEDED
        return None

    def _ask(
        self,
        command_id: int,
        room: str,
        request: commands.Publish | commands.Presence | commands.PresenceStats | commands.History,
    ) -> Act:
        match request:
            case commands.Publish(data=data):
                self._publishing.append(command_id)
                return acts.Call(id=command_id, method=self._publishes, data=bytes(data), room=room)
            case commands.PresenceStats():
                return acts.Stats(id=command_id, room=room)
            case commands.Presence():
                return acts.ListPresence(id=command_id, room=room)
            case commands.History(limit=limit, since=since, reverse=reverse):
                return acts.ReadHistory(id=command_id, room=room, limit=limit, since=since, reverse=reverse)
            case _:
                assert_never(request)

    # --- waiting

    def _must_wait(self, request: commands.Request) -> bool:
        if self.state is State.AUTHENTICATING:
            return not isinstance(request, commands.Send | commands.Pong)
        return room_of(request) in {channel.id for channel in self._joining}

    def _wait(self, command: commands.Command) -> list[Act]:
        if len(self._waiting) >= WAITING_LIMIT:
            return [acts.Reply(id=command.id, result=codes.TOO_MANY_REQUESTS)]
        self._waiting.append(command)
        return []

    def _resume(self) -> list[Act]:
        """Take the waiting commands once more; those that must wait on keep their order."""
        waiting, self._waiting = self._waiting, []
        return [act for command in waiting for act in self.receive(command)]

    # --- what became of an act

    def authenticated(self, command_id: int, *, user: str, ttl: int | None) -> list[Act]:
        """A token is good: the user it names ("" is a guest) and the seconds it still lasts (None: for ever)."""
        match self.state:
            case State.AUTHENTICATING:
                return self._connected(command_id, user, ttl)
            case State.CONNECTED if user == self.user:
                refreshed = replies.RefreshResult(client=self.client, version=self._version, ttl=ttl)
                return [acts.Reply(id=command_id, result=refreshed)]
            case State.CONNECTED:
                return self.close(codes.INVALID_TOKEN)
            case _:
                return []

    def _connected(self, command_id: int, user: str, ttl: int | None) -> list[Act]:
        self.state, self.user = State.CONNECTED, user
        subs = {Channel(Kind.USER, user).name: replies.SubscribeResult()} if user else {}
        result = replies.ConnectResult(client=self.client, version=self._version, ping=PING_SECONDS, ttl=ttl, subs=subs)
        return [acts.Reply(id=command_id, result=result), *self._resume()]

    def refused(self, command_id: int, why: Error | Disconnect) -> list[Act]:
        """A token is not good: `codes.TOKEN_EXPIRED` lets an SDK fetch another, `codes.INVALID_TOKEN` ends it all."""
        if isinstance(why, Disconnect):
            return self.close(why)
        if self.state is State.AUTHENTICATING:
            self.state = State.REFUSED
        return self.failed(command_id, why)

    def joined(self, channel: Channel, result: replies.SubscribeResult) -> list[Act]:
        """A join is finished; batches may follow the reply, not precede it."""
        if self.state is State.CLOSED:
            return [acts.Leave(channel=channel)]
        command_id = self._joining.pop(channel)
        self._joined.append(channel)
        return [acts.Reply(id=command_id, result=result), *self._resume()]

    def join_refused(self, channel: Channel, error: Error) -> list[Act]:
        """A join was refused and has left nothing behind."""
        if self.state is State.CLOSED:
            return []
        return [acts.Reply(id=self._joining.pop(channel), result=error), *self._resume()]

    def rpc_done(self, command_id: int, data: bytes) -> list[Act]:
        """A Call has its reply, as JSON; one that was a publish is answered without it."""
        if command_id in self._publishing:
            self._publishing.remove(command_id)
            return self.answered(command_id, replies.PublishResult())
        return self.answered(command_id, replies.RpcResult(data=data))

    def answered(self, command_id: int, result: replies.Result) -> list[Act]:
        """Any other act has its result."""
        return [] if self.state is State.CLOSED else [acts.Reply(id=command_id, result=result)]

    def failed(self, command_id: int, error: Error) -> list[Act]:
        """An act was refused, a Call among them."""
        if command_id in self._publishing:
            self._publishing.remove(command_id)
        return self.answered(command_id, error)

    # --- what else happens

    def lagged(self, channel: Channel) -> list[Act]:
        """Batches of this channel will not reach the client any more; an SDK subscribes again and recovers them."""
        if channel not in self._joined:
            return []
        self._joined.remove(channel)
        unsubscribed = replies.Unsubscribed(channel=channel.name, why=codes.INSUFFICIENT_STATE)
        return [acts.Leave(channel=channel), acts.Push(push=unsubscribed)]

    def stale(self) -> list[Act]:
        """The time to authenticate (5 s) is over."""
        return [] if self.state is State.CONNECTED else self.close(codes.STALE)

    def expired(self) -> list[Act]:
        """The token's time is over, and no refresh came."""
        return self.close(codes.CONNECTION_EXPIRED)

    def close(self, why: Disconnect) -> list[Act]:
        """The server ends the connection."""
        return [] if self.state is State.CLOSED else [*self.disconnected(), acts.Close(why=why)]

    def disconnected(self) -> list[Act]:
        """The connection is gone."""
        left = sorted(self._joined, key=lambda channel: channel.name)
        self.state = State.CLOSED
        self._joined.clear()
        return [acts.Leave(channel=channel) for channel in left]
