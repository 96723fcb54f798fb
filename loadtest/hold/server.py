"""The server under attack: as an operator starts it, with its own limits and no development door."""

from __future__ import annotations

import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from loadtest.compare.bench import Bench, Started
from loadtest.compare.contenders import ROOM, RoomServer
from loadtest.faults import PlatformRefused, ServerUnreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Production(RoomServer):
    """`roomserver serve` without `--dev`; its room is made as a platform would make it."""

    @asynccontextmanager
    async def running(self, bench: Bench, _rate: float) -> AsyncIterator[Started]:
        """With a store of its own on the other core."""
        command = [sys.executable, "-m", "roomserver", "serve", "--data", str(bench.fresh("data"))]
        known = {"ROOMSERVER_TOKEN_SECRET": bench.secret, "ROOMSERVER_OPERATOR_TOKEN": bench.operator}
        async with bench.running([*command, *self.options], known) as started:
            await _make_room(started, bench.operator)
            yield started


async def _make_room(started: Started, operator: str) -> None:
    headers = {"Authorization": f"Bearer {operator}", "Idempotency-Key": secrets.token_hex(8)}
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=10.0) as http:
            answer = await http.put(f"{started.http}/api/v1/rooms/{ROOM}", json={"title": "Load"}, headers=headers)
    except httpx.HTTPError as error:
        raise ServerUnreachable(f"The server under attack does not answer ({type(error).__name__}).") from error
    if not answer.is_success:
        raise PlatformRefused(f"No room was made: {answer.status_code} {answer.text[:200]}.")


PRODUCTION = Production()
