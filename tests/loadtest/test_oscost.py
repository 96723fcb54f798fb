import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from loadtest.oscost import Cost, children_of, cost_of, listener_of, private_of


def proc(folder: Path) -> Path:
    """A made-up /proc with one process of two threads."""
    for thread, line in (("7", "1500000000 20 3"), ("8", "500000000 1 1")):
        (folder / "7" / "task" / thread).mkdir(parents=True)
        (folder / "7" / "task" / thread / "schedstat").write_text(line)
        (folder / "7" / "task" / thread / "children").write_text("9 " if thread == "7" else "")
    (folder / "7" / "io").write_text("rchar: 1\nsyscr: 11\nsyscw: 12\n")
    (folder / "7" / "stat").write_text("7 (a ) name) S 1 7 7 0 -1 4194304 9 0 0 0 150 50 0 0 20 0 2 0 99")
    (folder / "7" / "status").write_text("Name:\tx\nVmRSS:\t  4096 kB\n")
    (folder / "7" / "smaps_rollup").write_text("Rss: 4096 kB\nPrivate_Clean: 100 kB\nPrivate_Dirty: 2000 kB\n")
    return folder


def test_all_threads_are_counted(tmp_path: Path) -> None:
    assert cost_of(7, proc(tmp_path)) == Cost(cpu=2.0, kernel=0.5, reads=11, writes=12, rss=4096)
    assert children_of(7, tmp_path) == [9]
    assert private_of(7, tmp_path) == 2100


def test_nothing_is_made_up(tmp_path: Path) -> None:
    assert cost_of(7, tmp_path) is None
    assert children_of(7, tmp_path) == []
    assert private_of(7, tmp_path) is None


def test_a_difference_is_what_was_spent() -> None:
    earlier, later = Cost(cpu=1.0, reads=1, writes=2, rss=10), Cost(cpu=3.5, reads=5, writes=2, rss=30)
    assert later.since(earlier) == Cost(cpu=2.5, reads=4, writes=0, rss=20)


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_a_process_that_works_costs_cpu() -> None:
    before = cost_of(os.getpid())
    sum(range(2_000_000))
    after = cost_of(os.getpid())
    assert before is not None
    assert after is not None
    assert after.since(before).cpu > 0.001
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in children_of(os.getpid())
        child.communicate(b"\n")


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_who_listens_is_found_by_his_port() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        assert listener_of(listener.getsockname()[1]) is None
        listener.listen()
        assert listener_of(listener.getsockname()[1]) == os.getpid()
