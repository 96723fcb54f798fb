"""The platform's side of a test: tokens for the simulated viewers, and their tiers, over HTTP."""

from __future__ import annotations

from datetime import date, timedelta
from types import TracebackType
from typing import Self

import httpx
import msgspec
from msgspec import Struct

from loadtest.cast import Member
from loadtest.faults import PlatformRefused, ServerUnreachable, TokenRefused
from loadtest.target import Target

_MOST_TIERS = 12  # a ladder longer than this is not climbed further


class _Token(Struct):
    token: str


class _NextTier(Struct):
    points: float = msgspec.field(name="in", default=0)


class _Card(Struct):
    next_tier: _NextTier | None = None


class Platform:
    """Calls what a platform's back end would call; use it as an async context manager."""

    def __init__(self, target: Target, room: str, run: str, operator_token: str | None) -> None:
        self._target = target
        self._room = room
        self._run = run
        headers = {"Authorization": f"Bearer {operator_token}"} if operator_token else {}
        self._http = httpx.AsyncClient(
            base_url=target.http,
            headers=headers,
            timeout=10.0,
            trust_env=False,  # a proxy from the environment has no business between two processes of one machine
            limits=httpx.Limits(max_connections=16),
        )
        self._ladder: list[int] = [0]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def token(self, member: Member) -> str:
        """A token for `member` in the room.

        Raises:
            ServerUnreachable: nobody answers.
            TokenRefused: the server gives no tokens to anybody (it does with `--dev` and in the demo).
        """
        body = {"user": member.user, "name": member.name, "room": self._room, "role": member.role}
        answer = await self._send("POST", "/dev/token", body)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise TokenRefused("The server has no POST /dev/token: start it with `roomserver serve --dev` or `demo`.")
        if not answer.is_success:
            raise TokenRefused(f"POST /dev/token answered {answer.status_code}: {answer.text[:200]}.")
        try:
            return msgspec.json.decode(answer.content, type=_Token).token
        except msgspec.DecodeError as error:
            raise TokenRefused(f"POST /dev/token answered no token: {error}.") from error

    async def learn_ladder(self, climber: Member) -> int:
        """Climb tier by tier with one member, so that later one call reaches any tier; gives the highest tier.

        Raises:
            PlatformRefused: the operator's key is missing or wrong, or the calls are not there.
        """
        path = f"/api/v1/rooms/{self._room}/members/{climber.user}"
        while len(self._ladder) <= _MOST_TIERS:
            card = self._read(await self._send("GET", path), path)
            if card.next_tier is None or card.next_tier.points <= 0:
                break
            step = int(-(-card.next_tier.points // 1))
            await self._score(climber, step)
            self._ladder.append(self._ladder[-1] + step)
        return len(self._ladder) - 1

    async def remember(self, member: Member, today: date) -> None:
        """Bring the days of a regular along; who is known here already keeps what he has.

        Raises:
            PlatformRefused: the operator's key is missing or wrong.
        """
        if not member.days:
            return
        last = today - timedelta(days=member.away)
        days = [(last - timedelta(days=ago)).isoformat() for ago in range(member.days)]
        path = f"/api/v1/rooms/{self._room}/members/{member.user}/import"
        key = f"{self._run}-{member.user}-days"
        answer = await self._send("PUT", path, {"days": days}, {"Idempotency-Key": key})
        if answer.status_code != httpx.codes.CONFLICT:
            self._accept(answer, path)

    async def promote(self, member: Member) -> None:
        """Give `member` what his tier needs, or the highest there is.

        Raises:
            PlatformRefused: as `learn_ladder`.
        """
        amount = self._ladder[min(member.tier, len(self._ladder) - 1)]
        if amount:
            await self._score(member, amount)

    async def _score(self, member: Member, amount: int) -> None:
        path = f"/api/v1/rooms/{self._room}/members/{member.user}/score"
        key = f"{self._run}-{member.user}-{amount}"
        body = {"amount": amount, "reason": "loadtest"}
        self._accept(await self._send("POST", path, body, {"Idempotency-Key": key}), path)

    def _read(self, answer: httpx.Response, path: str) -> _Card:
        self._accept(answer, path)
        try:
            return msgspec.json.decode(answer.content, type=_Card)
        except msgspec.DecodeError as error:
            raise PlatformRefused(f"GET {path} answered no member card: {error}.") from error

    def _accept(self, answer: httpx.Response, path: str) -> None:
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise PlatformRefused("The operator's key in ROOMSERVER_OPERATOR_TOKEN is missing or not the server's.")
        if not answer.is_success:
            raise PlatformRefused(f"{path} answered {answer.status_code}: {answer.text[:200]}.")

    async def _send(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        try:
            return await self._http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            kind = type(error).__name__
            raise ServerUnreachable(f"No server answers at {self._target.http} ({kind}).") from error
