"""What a process has cost, as the operating system counts it; nothing here is a server's own word.

CPU is the time that its threads ran (`/proc/PID/task/*/schedstat`, nanoseconds), calls are read- and write-like system
calls (`/proc/PID/io`; it does not count `send()` and `recv()`), memory is what it holds itself (`/proc/PID/status`).
Elsewhere than on Linux nothing is known, and nothing is made up.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU in seconds, the kernel's part of it by its own sampling, system calls, memory in KiB."""

    cpu: float
    kernel: float = 0.0
    reads: int = 0
    writes: int = 0
    rss: int = 0

    def since(self, earlier: Cost) -> Cost:
        """What was spent after `earlier`; memory is what it has grown by."""
        return Cost(
            cpu=self.cpu - earlier.cpu,
            kernel=self.kernel - earlier.kernel,
            reads=self.reads - earlier.reads,
            writes=self.writes - earlier.writes,
            rss=self.rss - earlier.rss,
        )


def cost_of(pid: int, proc: Path = _PROC) -> Cost | None:
    """The cost of a process so far, children apart; None when nobody can say."""
    here = proc / str(pid)
    try:
        threads = [(task / "schedstat").read_text() for task in (here / "task").iterdir()]
        calls = _fields((here / "io").read_text())
        status = _fields((here / "status").read_text())
        user, system = _split((here / "stat").read_text())
    except OSError:
        return None
    cpu = sum(int(text.split()[0]) for text in threads) / 1e9
    kernel = cpu * system / max(1, user + system)
    return Cost(
        cpu=cpu, kernel=kernel, reads=calls.get("syscr", 0), writes=calls.get("syscw", 0), rss=status.get("VmRSS", 0)
    )


def private_of(pid: int, proc: Path = _PROC) -> int | None:
    """KiB that a process has for itself alone (proc_pid_smaps(5): `smaps_rollup`); None when nobody can say."""
    try:
        held = _fields((proc / str(pid) / "smaps_rollup").read_text())
    except OSError:
        return None
    return held.get("Private_Clean", 0) + held.get("Private_Dirty", 0)


def _split(stat: str) -> tuple[int, int]:
    """Ticks in user and in kernel mode (proc_pid_stat(5): fields 14 and 15; the name before them may hold anything)."""
    fields = stat.rpartition(")")[2].split()
    return int(fields[11]), int(fields[12])


def children_of(pid: int, proc: Path = _PROC) -> list[int]:
    """The processes that a process has started and that still live."""
    found: list[int] = []
    try:
        for task in (proc / str(pid) / "task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return sorted(found)


def listener_of(port: int, proc: Path = _PROC) -> int | None:
    """The process that listens on a TCP port of this machine; None when it is not ours to see."""
    wanted = _listening_sockets(port, proc)
    for process in proc.iterdir() if wanted else ():
        if process.name.isdigit() and wanted & _sockets(process):
            return int(process.name)
    return None


def _listening_sockets(port: int, proc: Path) -> set[str]:
    """The inodes of the sockets that listen on a port (proc_net_tcp(5): address, state 0A, inode)."""
    found: set[str] = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        rows = (line.split() for line in lines)
        found |= {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}
    return found


def _sockets(process: Path) -> set[str]:
    """Where a process' descriptors lead to, as far as they can be seen."""
    found: set[str] = set()
    with suppress(OSError):
        for one in (process / "fd").iterdir():
            with suppress(OSError):  # closed in the meantime
                found.add(str(one.readlink()))
    return found


def _fields(text: str) -> dict[str, int]:
    """The numbers of lines like `name: number unit`."""
    fields: dict[str, int] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        number = rest.split()[:1]
        if number and number[0].isdigit():
            fields[name] = int(number[0])
    return fields
