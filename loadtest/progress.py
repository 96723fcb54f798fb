"""How far a run is, told live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A run at this moment; `total` None means without end."""

    phase: str
    done: float
    total: float | None
    present: int = 0
    online: int = 0
    events: int = 0


Watch = Callable[[Glance], None]


def unwatched(_: Glance) -> None:
    """Nobody looks."""


@contextmanager
def progress_bar(console: Console) -> Iterator[Watch]:
    """A bar per phase on `console`, with who is there and what was said."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<9}"),
        BarColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        phases: dict[str, int] = {}

        def watch(glance: Glance) -> None:
            if glance.phase not in phases:
                phases[glance.phase] = bars.add_task(glance.phase, figures="")
            bars.update(
                bars.task_ids[phases[glance.phase]],
                completed=glance.done,
                total=glance.total,
                figures=f"{glance.present} viewers, {glance.online} online, {glance.events} events",
            )

        yield watch
