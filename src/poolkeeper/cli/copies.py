"""How does one keep a copy, and go back to it? `poolkeeper backup`, `restore` and `after-restore`."""

from pathlib import Path
from typing import Any

import click

from poolkeeper.cli.shared import STORAGE, run, settings_of, with_flags

_AS_MOVED = "The copy was taken after the server had stopped: end nothing, leave all as it is."


@click.command()
@with_flags(*STORAGE)
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path, **flags: Any) -> None:
    """Back the database up to FILE, beside a running server; with PostgreSQL, say how it is done."""
    from poolkeeper.clock import SystemClock
    from poolkeeper.entropy import Entropy
    from poolkeeper.server import backups, recipes

    settings = settings_of(flags)
    backup_file = run(backups.back_up(settings, SystemClock(), Entropy(), file.absolute()), settings)
    click.echo("\n".join(recipes.after_backup(settings, backup_file)))


@click.command()
@with_flags(*STORAGE)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as-moved", is_flag=True, help=_AS_MOVED)
def restore(file: Path, *, as_moved: bool, **flags: Any) -> None:
    """Put the backup FILE in the place of the SQLite database, with the server stopped; all sessions and codes end."""
    from poolkeeper.clock import SystemClock
    from poolkeeper.entropy import Entropy
    from poolkeeper.server import backups, recipes

    settings = settings_of(flags)
    restored = run(backups.restore(settings, SystemClock(), Entropy(), file.absolute(), as_moved=as_moved), settings)
    click.echo("\n".join(recipes.after_restore(restored)))


@click.command("after-restore")
@with_flags(*STORAGE)
@click.option("--as-moved", is_flag=True, help=_AS_MOVED)
def after_restore(*, as_moved: bool, **flags: Any) -> None:
    """End all sessions and codes of a database that was restored by other means, with every server stopped."""
    from poolkeeper.clock import SystemClock
    from poolkeeper.entropy import Entropy
    from poolkeeper.server import backups, recipes

    settings = settings_of(flags)
    restored = run(backups.end_after_restore(settings, SystemClock(), Entropy(), as_moved=as_moved), settings)
    click.echo("\n".join(recipes.after_restore(restored)))
