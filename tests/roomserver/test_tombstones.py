import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roomserver.clock import wall_ms
from roomserver.tombstones import AT_ONCE, LINE_BYTES, Tombs, Tombstones, _append
from tests.roomserver.full_disk import takes_only


async def all_of(path: Path | None) -> list[Tombs]:
    return [part async for part in Tombstones(path).read()]


async def test_the_last_erasure_of_each_is_read_back(tmp_path: Path) -> None:
    tombstones = Tombstones(tmp_path / "erased.jsonl")
    assert await all_of(tmp_path / "erased.jsonl") == []
    for room, user, version in (("a", "ann", 3), ("b", "ann", 1), ("a", "ann", 7), ("a", "bob", 2)):
        await tombstones.add(room, user, version)
    assert await all_of(tmp_path / "erased.jsonl") == [{"a": {"ann": 7, "bob": 2}, "b": {"ann": 1}}]


async def test_a_torn_line_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "erased.jsonl"
    tombstones = Tombstones(path)
    await tombstones.add("a", "ann", 3)
    path.write_bytes(path.read_bytes() + b'{"room": "a", "user": "b')
    await tombstones.add("a", "cyd", 4)
    assert await all_of(path) == [{"a": {"ann": 3, "cyd": 4}}]


@pytest.mark.parametrize(("more", "why"), [(0, "too large"), (20, "a part of a line")])
async def test_an_erasure_that_a_full_disk_did_not_take_whole_is_an_error(tmp_path: Path, more: int, why: str) -> None:
    path = tmp_path / "erased.jsonl"
    _append(path, "a", "ann", 3)
    with takes_only(more, path), pytest.raises(OSError, match=why):
        _append(path, "a", "bob", 4)
    _append(path, "a", "cyd", 5)
    assert await all_of(path) == [{"a": {"ann": 3, "cyd": 5}}]


async def test_it_is_nobodys_business(tmp_path: Path) -> None:
    path = tmp_path / "erased.jsonl"
    await Tombstones(path).add("a", "ann", 3)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_where_there_is_no_file_nothing_is_remembered() -> None:
    await Tombstones(None).add("a", "ann", 3)
    assert await all_of(None) == []


async def test_a_million_of_them_are_read_a_part_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "erased.jsonl"
    lines = [b'{"room": "a", "user": "u%d", "version": %d}' % (number, number) for number in range(5 * AT_ONCE)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    parts = await all_of(path)
    assert [len(part["a"]) for part in parts] == [AT_ONCE] * 5
    assert {user: version for part in parts for user, version in part["a"].items()} == {
        f"u{number}": number for number in range(5 * AT_ONCE)
    }


async def test_what_is_added_while_they_are_read_is_for_the_next_time(tmp_path: Path) -> None:
    tombstones = Tombstones(tmp_path / "erased.jsonl")
    await tombstones.add("a", "ann", 1)
    read = 0
    async for _ in tombstones.read():
        read += 1
        await tombstones.add("a", "ann", read + 1)
    assert read == 1


async def test_each_says_when(tmp_path: Path) -> None:
    before = wall_ms()
    await Tombstones(tmp_path / "erased.jsonl").add("a", "ann", 1)
    said = orjson.loads((tmp_path / "erased.jsonl").read_bytes())
    assert before <= said["at"] <= wall_ms()


@given(st.binary(max_size=300))
@example(b'{"room": 1, "user": "x", "version": 2}')
@example(b"[" * 200)
@example(b"x" * (2 * LINE_BYTES))
def test_any_bytes_are_tombstones_or_none(text: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "erased.jsonl"
        path.write_bytes(text)
        _append(path, "a", "ann", 3)
        parts = asyncio.run(all_of(path))
        assert parts[-1]["a"]["ann"] == 3
