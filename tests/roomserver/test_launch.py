"""How a server is put together from its configuration."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roomserver.admission import Listed, Local
from roomserver.clock import wall_ms
from roomserver.config import Config, ServerSection
from roomserver.environment import Credentials
from roomserver.launch import CannotStart, Running, Startup, ahead_of, for_development, launch


def test_development_is_open_to_this_machine_and_production_to_what_is_listed() -> None:
    config = Config(server=ServerSection(origins=("https://shop.example",), hosts=("live.shop.example",)))
    assert Startup(config=config, credentials=Credentials(), dev=True).admission == Local()
    listed = Listed.of(["https://shop.example"], ["live.shop.example"])
    assert Startup(config=config, credentials=Credentials()).admission == listed


def test_development_makes_up_the_secrets_that_are_missing_and_keeps_the_others() -> None:
    made = for_development(Credentials(tokens=("s" * 32,)))
    assert made.tokens == ("s" * 32,)
    assert len(made.operator[0].encode()) >= 32
    assert for_development(Credentials()) != for_development(Credentials())


def test_the_domains_clock_is_shifted_by_how_far_an_instant_is_ahead() -> None:
    there = datetime.fromtimestamp(wall_ms() / 1000 + 3600, UTC)
    assert abs(ahead_of(there) - 3_600_000) < 1000


def never(_: Running) -> None:
    raise AssertionError("it must not start")


async def test_a_server_without_a_place_for_what_must_last_does_not_start() -> None:
    startup = Startup(config=Config(server=ServerSection(port=0)), credentials=for_development(Credentials()))
    with pytest.raises(CannotStart, match="--data DIR"):
        await launch(startup, on_ready=never)


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = ServerSection(port=port, data=str(tmp_path))
        startup = Startup(config=Config(server=server), credentials=for_development(Credentials()))
        with pytest.raises(CannotStart, match=f"port {port}: another program uses it"):
            await launch(startup, on_ready=never)


async def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    server = ServerSection(port=0, data=str(tmp_path / "file" / "data"))
    startup = Startup(config=Config(server=server), credentials=for_development(Credentials()))
    with pytest.raises(CannotStart, match="cannot be used"):
        await launch(startup, on_ready=never)
