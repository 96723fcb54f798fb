"""The commands of `python -m loadtest`."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Annotated, TypeVar

import typer
import uvloop
from rich.console import Console

from loadtest.cast import Member
from loadtest.compare.checkins import MEMBERS
from loadtest.compare.rows import ROWS
from loadtest.compare.run import Compared, Comparison, compare
from loadtest.compare.table import print_comparison
from loadtest.crowd import CrowdPlan, run_crowd
from loadtest.faults import LoadtestFault, NotLoopback
from loadtest.hold.rows import ROWS as HOLDS
from loadtest.oscost import listener_of
from loadtest.page import comparison_page, run_page
from loadtest.plan import Around, Scenario, ScenarioPlan
from loadtest.processes import run_parts
from loadtest.progress import Watch, progress_bar, unwatched
from loadtest.report import Report
from loadtest.target import parse_target

app = typer.Typer(
    help="Simulated viewers over real sockets, on this machine only; audits what every one of them gets.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Found = TypeVar("Found")

_URL = "ws://127.0.0.1:8000/connection/websocket"
_MOST_VIEWERS = 10_000
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_FILES_BESIDE_SOCKETS = 200

Url = Annotated[str, typer.Option(help="The server's real-time address, on this machine.")]
Viewers = Annotated[int, typer.Option(min=1, max=_MOST_VIEWERS, help="How many viewers.")]
Seed = Annotated[int, typer.Option(help="Same seed, same names, lines and moments.")]
Run = Annotated[str | None, typer.Option(help="Part of all user ids; by default new for every run.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as one JSON object on standard output.")]
Page = Annotated[Path | None, typer.Option("--html", help="Write a page with charts into this file.", dir_okay=False)]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bar.")]


@app.command()
def crowd(
    *,
    url: Url = _URL,
    room: Annotated[str, typer.Option(help="The room to make live.")] = "demo",
    viewers: Viewers = 60,
    seed: Seed = 7,
    run: Run = None,
    seconds: Annotated[float, typer.Option(min=1, max=86_400, help="How long, unless --endless.")] = 60.0,
    endless: Annotated[
        bool, typer.Option("--endless", help="Until SIGINT or SIGTERM, or a minute without a server.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make a room live: viewers come, chat, check in and go, and a host thanks them.

    Tiers need the operator's key in ROOMSERVER_OPERATOR_TOKEN.
    """
    plan = CrowdPlan(
        url=url,
        room=room,
        viewers=viewers,
        seed=seed,
        run=run or _new_run(),
        seconds=None if endless else seconds,
        operator_token=os.environ.get("ROOMSERVER_OPERATOR_TOKEN"),
    )
    _allow_sockets(viewers)
    _finish(_perform(lambda stop, watch: run_crowd(plan, stop, watch), quiet=quiet), as_json=as_json)


@app.command()
def run(
    *,
    scenario: Annotated[Scenario, typer.Option(help="The kind of load.")],
    url: Url = _URL,
    room: Annotated[str | None, typer.Option(help="The room; by default a new one for every run.")] = None,
    viewers: Viewers = 200,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="How long to measure.")] = 10.0,
    rate: Annotated[float | None, typer.Option(min=0.01, max=100_000, help="Arrivals a second.")] = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Client processes that share the viewers.")] = 1,
    page: Page = None,
    seed: Seed = 7,
    run_id: Annotated[
        str | None, typer.Option("--run", help="Part of all user ids; by default new for every run.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Offer one kind of load at a stated rate and measure; exit code 1 when the audit finds a fault."""
    tag = run_id or _new_run()
    plan = ScenarioPlan(
        url=url,
        room=room or f"load-{tag}",
        run=tag,
        scenario=scenario,
        viewers=viewers,
        seconds=seconds,
        seed=seed,
        rate=rate,
    )
    _allow_sockets(viewers)
    around = Around(pid=_server_at(url))
    report = _perform(lambda stop, watch: run_parts(plan, processes, stop, watch, around), quiet=quiet)
    if page is not None:
        page.write_text(run_page(report), "utf-8")
    _finish(report, as_json=as_json)


@app.command("compare")
def compare_peers(
    *,
    rows: Annotated[list[str] | None, typer.Option("--row", help="A row; all without. May be repeated.")] = None,
    peers: Annotated[list[str] | None, typer.Option("--peer", help="Who takes part; all without.")] = None,
    viewers: Annotated[int, typer.Option(min=10, max=3000, help="How many viewers.")] = 1000,
    rounds: Annotated[int, typer.Option(min=1, max=99, help="Alternating rounds; medians are shown.")] = 5,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="How long each round measures.")] = 4.0,
    page: Page = None,
    quick: Annotated[bool, typer.Option("--quick", help="One round of 2 s: to see that it works.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure this server beside others: same machine, same viewers, same bytes, same reader."""
    if unknown := set(rows or ()) - set(ROWS):
        typer.echo(f"loadtest: no row is called {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}.", err=True)
        raise typer.Exit(2)
    chosen = [row for name, row in ROWS.items() if not rows or name in rows]
    plan = Comparison(
        rows=chosen,
        peers=frozenset(peers) if peers else None,
        rounds=1 if quick else rounds,
        viewers=viewers,
        seconds=2.0 if quick else seconds,
    )
    _allow_sockets(MEMBERS * viewers)
    compared = _perform(lambda stop, watch: compare(plan, stop, watch), quiet=quiet)
    _show(compared, page, as_json=as_json)
    if not compared.sound:
        raise typer.Exit(1)


@app.command()
def hold(
    *,
    rows: Annotated[list[str] | None, typer.Option("--row", help="A row; all without. May be repeated.")] = None,
    cases: Annotated[list[str] | None, typer.Option("--case", help="A case of a row; all without.")] = None,
    viewers: Annotated[int, typer.Option(min=10, max=1000, help="How many viewers; rows are multiples of it.")] = 1000,
    rounds: Annotated[int, typer.Option(min=1, max=99, help="Alternating rounds; medians are shown.")] = 3,
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="Rows last multiples of it.")] = 4.0,
    page: Page = None,
    quick: Annotated[bool, typer.Option("--quick", help="One round at half its length: to see that it works.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Attack and overload this server while an audited crowd is in the room; exit code 1 when a goal is missed."""
    if unknown := set(rows or ()) - set(HOLDS):
        typer.echo(f"loadtest: no row is called {', '.join(sorted(unknown))}; there are {', '.join(HOLDS)}.", err=True)
        raise typer.Exit(2)
    plan = Comparison(
        rows=[row for name, row in HOLDS.items() if not rows or name in rows],
        peers=frozenset(cases) if cases else None,
        rounds=1 if quick else rounds,
        viewers=viewers,
        seconds=seconds / 2 if quick else seconds,
    )
    _allow_sockets(12 * viewers)
    compared = _perform(lambda stop, watch: compare(plan, stop, watch), quiet=quiet)
    _show(compared, page, as_json=as_json)
    if compared.skipped is not None:
        typer.echo(f"loadtest: {compared.skipped}", err=True)
        raise typer.Exit(2)
    if compared.missed or not compared.sound:
        raise typer.Exit(1)
    if compared.unmeasured is not None:
        typer.echo(f"loadtest: could not be measured: {compared.unmeasured}", err=True)
        raise typer.Exit(2)


@app.command()
def media(
    *,
    viewers: Annotated[int, typer.Option(min=1, max=500, help="How many watch a forwarded picture.")] = 20,
    relayed: Annotated[int, typer.Option(min=1, max=20, help="How many watch one that is encoded for each.")] = 3,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="How long each part measures.")] = 5.0,
    rounds: Annotated[int, typer.Option(min=1, max=99, help="Alternating rounds; medians are shown.")] = 1,
    pairs: Annotated[int, typer.Option(min=0, max=99, help="Storms with and without 100 viewers, by turns.")] = 0,
    crowd: Annotated[int, typer.Option(min=2, max=5000, help="How many talk in these storms.")] = 100,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure what handing a picture on costs, beside aiortc's MediaRelay; exit code 1 when a goal is missed.

    Goals that need a browser are `make goals`.
    """
    from loadtest.media.beside import BesidePlan
    from loadtest.media.run import MediaPlan, measure

    beside = BesidePlan(viewers=5 * viewers, crowd=crowd, seconds=seconds, pairs=pairs) if pairs else None
    plan = MediaPlan(
        viewers=viewers, relayed=relayed, seconds=seconds, rounds=rounds, rushing=5 * viewers, beside=beside
    )
    found = _perform(lambda stop, watch: measure(plan, stop, watch), quiet=quiet)
    if as_json:
        sys.stdout.buffer.write(found.to_json() + b"\n")
    if not (as_json and quiet):
        found.print(Console(stderr=as_json))
    if not all(met for _, _, met in found.goals()):
        raise typer.Exit(1)


@app.command()
def picture(
    *,
    url: Url = _URL,
    room: Annotated[str, typer.Option(help="The room to send it to.")] = "demo",
    user: Annotated[str, typer.Option(help="The room's host, as whom it is sent.")] = "host-demo",
    name: Annotated[str, typer.Option(help="His name.")] = "Lin",
) -> None:
    """Publish a moving test picture with sound by WHIP until SIGINT or SIGTERM, or until another takes its place."""
    from loadtest.onair import on_air

    host = Member(user=user, name=name, tier=0, language="en", role="host")
    _perform(lambda stop, _: on_air(parse_target(url), room, host, stop), quiet=True)


def main() -> None:
    """Run the command line."""
    app()


def _show(compared: Compared, page: Path | None, *, as_json: bool) -> None:
    if page is not None:
        page.write_text(comparison_page(compared), "utf-8")
    if as_json:
        sys.stdout.buffer.write(compared.to_json() + b"\n")
    else:
        print_comparison(compared, Console())


def _perform(work: Callable[[asyncio.Event, Watch], Coroutine[None, None, Found]], *, quiet: bool) -> Found:
    """Run to the end, or until SIGINT or SIGTERM; a fault becomes one sentence and exit code 2."""

    async def until_stopped(watch: Watch) -> Found:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        return await work(stop, watch)

    bar: AbstractContextManager[Watch] = nullcontext(unwatched) if quiet else progress_bar(Console(stderr=True))
    try:
        with bar as watch, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(until_stopped(watch))
    except* LoadtestFault as faults:
        sentence = _first(faults)
    typer.echo(f"loadtest: {sentence}", err=True)
    raise typer.Exit(2)


def _first(faults: BaseExceptionGroup[LoadtestFault]) -> str:
    first: BaseException = faults
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return str(first)


def _server_at(url: str) -> int | None:
    """The server's process, for its costs; None where it is not ours to see, or the address is no good anyway."""
    with suppress(NotLoopback):
        return listener_of(parse_target(url).port)
    return None


def _finish(report: Report, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.buffer.write(report.to_json() + b"\n")
    else:
        report.print_to(Console())
    if not report.passed:
        raise typer.Exit(1)


def _new_run() -> str:
    """A tag no earlier run had: the seconds since 1970 in base 36."""
    number, digits = int(time.time()), ""
    while number:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
    return digits


def _allow_sockets(viewers: int) -> None:
    """Raise the limit of open files as far as allowed; each viewer is one.

    Raises:
        typer.Exit: when that is not far enough.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = viewers + _FILES_BESIDE_SOCKETS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            typer.echo(
                f"loadtest: {viewers} viewers need {wanted} open files, {hard} are allowed (ulimit -n).", err=True
            )
            raise typer.Exit(2)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
