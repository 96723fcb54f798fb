"""The audit log as a chain: what may be done with its files, and what is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from roomserver.audit_trail import BrokenTrail, Trail, Whole, verified
from tests.roomserver.full_disk import takes_only

LINES = 5


def written(path: Path, lines: int = LINES) -> str:
    """Let a server live that notes so many acts; the hash of the last one."""
    trail = Trail(path)
    said = [trail.append({"who": f"host-{number}", "what": "moderation.kick"}) for number in range(lines)]
    trail.close()
    return said[-1] if said else ""


def found(*paths: Path) -> list[Whole]:
    return [whole for _, whole in verified(paths)]


def broken_at(*paths: Path) -> tuple[str, int]:
    """The file and the line of which verification says that they do not hold."""
    with pytest.raises(BrokenTrail) as caught:
        found(*paths)
    return str(caught.value).partition(",")[0], caught.value.line


def test_servers_that_follow_one_another_write_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    first = written(path)
    assert found(path) == [Whole(LINES, "", first)]
    second = written(path, 2)
    assert found(path) == [Whole(LINES + 2, "", second)]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_put_aside_is_gone_on_from(tmp_path: Path) -> None:
    path, aside = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1"
    trail = Trail(path)
    first = trail.append({"who": "ann"})
    path.rename(aside)
    second = trail.append({"who": "bob"})
    trail.close()
    assert found(aside, path) == [Whole(1, "", first), Whole(1, first, second)]
    assert found(path) == [Whole(1, first, second)]
    assert broken_at(path, aside) == (str(aside), 1)


def test_nobody_else_writes_to_it_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    trail = Trail(path)
    with pytest.raises(OSError, match="another server"):
        Trail(path)
    trail.close()
    written(path)


@pytest.mark.parametrize("number", range(LINES))
def test_the_first_line_that_was_changed_is_named(tmp_path: Path, number: int) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    changed = lines[number].replace(b"host-%d" % number, b"host-9")
    path.write_bytes(b"".join([*lines[:number], changed, *lines[number + 1 :]]))
    assert broken_at(path) == (str(path), number + 1)


@pytest.mark.parametrize("number", range(LINES - 1))
def test_a_line_that_is_gone_or_comes_twice_or_late_is_missed(tmp_path: Path, number: int) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    twice = [*lines[: number + 1], *lines[number:]]
    late = [*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]]
    gone = [*lines[: number + 1], *lines[number + 2 :]]
    for wrong, place in ((twice, number + 2), (late, 0), (gone, number + 2)):
        path.write_bytes(b"".join(wrong))
        if wrong is gone and number == LINES - 2:
            assert found(path)[0].lines == LINES - 1, "of an end that is cut off only a later hash tells"
        else:
            assert broken_at(path)[1] == (place or max(2, number + 1))


def test_no_byte_can_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert broken_at(path)[1] == whole[:at].count(b"\n") + 1


def test_a_line_that_a_power_cut_has_torn_is_put_aside_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    written(path)
    path.write_bytes(path.read_bytes()[:-10])
    assert broken_at(path) == (str(path), LINES)
    with pytest.raises(BrokenTrail, match="the last line"):
        Trail(path)
    written(tmp_path / "another.jsonl")


@pytest.mark.parametrize(("more", "why"), [(0, "too large"), (20, "a part of a line")])
def test_a_line_that_a_full_disk_did_not_take_whole_breaks_no_chain(tmp_path: Path, more: int, why: str) -> None:
    path = tmp_path / "audit.jsonl"
    trail = Trail(path)
    trail.append({"who": "ann"})
    for _ in range(2):
        with takes_only(more, path), pytest.raises(OSError, match=why):
            trail.append({"who": "bob"})
    last = trail.append({"who": "cyd"})
    trail.close()
    assert found(path) == [Whole(2, "", last)]


def test_an_empty_file_is_a_beginning(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.touch()
    assert found(path) == [Whole(0, "", "")]
    written(path, 1)
    assert found(path)[0].lines == 1
