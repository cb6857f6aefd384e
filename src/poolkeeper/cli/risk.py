"""How would a pool's own sign-ins be judged? `poolkeeper risk evaluate` replays an export of its events."""

import sys
from pathlib import Path

import click

from poolkeeper.cli.shared import refuse


@click.group()
def risk() -> None:
    """Try the judge of risk on what happened."""


@risk.command("evaluate")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--places",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A City or ASN file in MaxMind's format; without one, country and city are those of the events. May be repeated.",
)
@click.option("--worst", default=10, show_default=True, help="How many of the riskiest sign-ins are told.")
def evaluate(file: Path, places: tuple[Path, ...], worst: int) -> None:
    """Judge the sign-ins of FILE anew (- for standard input): JSON lines, each an answer of AdminListUserAuthEvents.

    Each line is an answer with a Username beside its AuthEvents, or one event with a Username. Nothing is stored, and no
    database is opened. docs/risk.md says how to make the file, and how to read what is printed.
    """
    from poolkeeper.risk.places import Places
    from poolkeeper.risk.replay import read, replayed
    from poolkeeper.risk.report import report

    finder = Places(places)
    if finder.faults:
        refuse([f"{path} cannot be read: {fault}" for path, fault in finder.faults.items()])
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        events = read(text.splitlines())
    except (OSError, ValueError) as fault:
        refuse([str(fault)])
    click.echo(report(list(replayed(events, finder if places else None)), worst))
