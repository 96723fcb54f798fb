from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from roomserver.tombstones import Tombstones, _append, _read


async def test_the_last_erasure_of_each_is_read_back(tmp_path: Path) -> None:
    tombstones = Tombstones(tmp_path / "erased.jsonl")
    assert await tombstones.read() == {}
    for room, user, version in (("a", "ann", 3), ("b", "ann", 1), ("a", "ann", 7), ("a", "bob", 2)):
        await tombstones.add(room, user, version)
    assert await Tombstones(tmp_path / "erased.jsonl").read() == {"a": {"ann": 7, "bob": 2}, "b": {"ann": 1}}


async def test_a_torn_line_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "erased.jsonl"
    tombstones = Tombstones(path)
    await tombstones.add("a", "ann", 3)
    path.write_bytes(path.read_bytes() + b'{"room": "a", "user": "b')
    await tombstones.add("a", "cyd", 4)
    assert await tombstones.read() == {"a": {"ann": 3, "cyd": 4}}


async def test_it_is_nobodys_business(tmp_path: Path) -> None:
    path = tmp_path / "erased.jsonl"
    await Tombstones(path).add("a", "ann", 3)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_where_there_is_no_file_nothing_is_remembered() -> None:
    await Tombstones(None).add("a", "ann", 3)
    assert await Tombstones(None).read() == {}


@given(st.binary(max_size=300))
@example(b'{"room": 1, "user": "x", "version": 2}')
@example(b"[" * 200)
def test_any_bytes_are_tombstones_or_none(text: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "erased.jsonl"
        path.write_bytes(text)
        _append(path, "a", "ann", 3)
        assert _read(path)["a"]["ann"] == 3
