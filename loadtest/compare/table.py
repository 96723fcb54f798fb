"""The comparison as tables that a person reads."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from loadtest.compare.goals import Case, Goal, RowResult, Verdict
from loadtest.compare.run import Compared

_REACHED = {True: "[green]yes[/]", False: "[red]no[/]", None: "not measured"}


def print_comparison(compared: Compared, console: Console) -> None:
    """All rows, each with its figures and its goals."""
    plan = compared.plan
    console.print(f"{compared.machine}", highlight=False)
    console.print(f"{plan.viewers} viewers, {plan.rounds} alternating rounds of {plan.seconds:g} s, medians")
    for row in compared.rows:
        console.print()
        console.print(_figures(row))
        if row.goals:
            console.print(_goals(row))
        for case in row.cases:
            for fault in dict.fromkeys(case.faults):
                console.print(f"[red]audit of {case.label}: {fault}[/]")
    console.print(
        "[bold green]audits of this server passed[/]"
        if compared.sound
        else "[bold red]an audit of this server FAILED[/]"
    )


def _figures(row: RowResult) -> Table:
    table = Table(title=row.title, title_justify="left")
    table.add_column("who")
    for name in row.columns:
        table.add_column(name.replace("_", " "), justify="right")
    for case in row.cases:
        if case.skipped is not None:
            table.add_row(case.label, f"[dim]skipped: {case.skipped}[/]")
        else:
            table.add_row(case.label, *(_figure(case, name) for name in row.columns))
    return table


def _figure(case: Case, name: str) -> str:
    value = case.median(name)
    return "" if value is None else shown(value)


def shown(value: float) -> str:
    """Three figures that count."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _goals(row: RowResult) -> Table:
    table = Table(show_header=True)
    for name in ("goal", "bound", "median", "rounds", "reached"):
        table.add_column(name, justify="left" if name == "goal" else "right")
    for verdict in row.verdicts:
        table.add_row(verdict.goal.text, _bound(verdict.goal), *_outcome(verdict))
    return table


def _bound(goal: Goal) -> str:
    return f"{'≥' if goal.at_least else '≤'} {shown(goal.bound)}"


def _outcome(verdict: Verdict) -> tuple[str, str, str]:
    rounds = " ".join(shown(value) for value in verdict.values)
    return "" if verdict.median is None else shown(verdict.median), rounds, _REACHED[verdict.reached]
