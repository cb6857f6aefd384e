"""Which passwords does everybody know? `poolkeeper passwords build` makes a file of them that a server looks into."""

import sys
from pathlib import Path

import click

from poolkeeper.cli.shared import refuse

_PLAIN = "Take every line for a password, the first one too where it looks like a SHA-1 hash."


@click.group()
def passwords() -> None:
    """Files of passwords that are known from breaches."""


@passwords.command("build")
@click.option("--plain", is_flag=True, help=_PLAIN)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False), default=None, required=False)
def passwords_build(file: Path, source: Path | None, *, plain: bool) -> None:
    """Make FILE of a list: from SOURCE, or from standard input.

    A line is a password; or a SHA-1 hash, with or without a colon and a count behind it, as lists of breached passwords have
    them: the first line says which. In whatever order they are and however many, it takes disk, and little memory. A running
    server takes FILE up at once.
    """
    from poolkeeper.risk.compromised.building import UnusableList, build

    try:
        if source is None:
            count = build(sys.stdin.buffer, file, plain=plain, progress=_tell)
        else:
            with source.open("rb") as lines:
                count = build(lines, file, plain=plain, progress=_tell)
    except UnusableList as fault:
        refuse([f"{file} is not made: {fault}."])
    except OSError as fault:
        refuse([f"{file} is not made: {fault.filename or file} cannot be used ({fault.strerror})."])
    click.echo(f"{file.absolute()} holds {count:,} passwords. Name it to every server: compromised_passwords_file")


def _tell(text: str) -> None:
    click.echo(text, err=True)
