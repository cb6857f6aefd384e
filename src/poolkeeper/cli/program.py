"""What can one type? The commands of `poolkeeper`: each puts settings together, calls one function and says what came of it."""

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from poolkeeper import __version__
from poolkeeper.cli.copies import after_restore, backup, restore
from poolkeeper.cli.grouped import GroupedCommand
from poolkeeper.cli.keys import keys
from poolkeeper.cli.passwords import passwords
from poolkeeper.cli.risk import risk
from poolkeeper.cli.shared import (
    NOT_FLAGS,
    STORAGE,
    refuse,
    refuse_start,
    run,
    settings_of,
    unavailable,
    with_flags,
    with_house,
)
from poolkeeper.cli.status import status
from poolkeeper.server import terminal
from poolkeeper.settings import HELP, NAMES, SettingsError, load, shown
from poolkeeper.settings.computed import computed

if TYPE_CHECKING:
    from poolkeeper.call import House


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="poolkeeper")
def main() -> None:
    """User pools and identity pools on machines of your own, spoken to as Amazon Cognito is."""


@main.command(cls=GroupedCommand)
@with_flags(*(name for name in NAMES if name not in NOT_FLAGS))
@click.option("--debug/--no-debug", default=None, help=HELP["debug"])
def serve(**flags: Any) -> None:
    """Answer requests until SIGTERM or Ctrl+C; SIGHUP changes nothing, except that on a terminal it ends the server."""
    begun = time.monotonic()
    settings = settings_of(flags, at_start=True)
    from poolkeeper.server.launch import launch
    from poolkeeper.server.start import CannotStart
    from poolkeeper.store.db import Unavailable

    try:
        launch(settings, begun=begun)
    except CannotStart as fault:
        if settings.debug:
            raise
        refuse_start(settings, terminal.cannot_start(fault.what, *fault.remedy), fault.status)
    except Unavailable as fault:
        if settings.debug:
            raise
        refuse_start(settings, unavailable(settings, fault))


@main.command()
@with_flags(*STORAGE)
def migrate(**flags: Any) -> None:
    """Bring the database to the version that this Poolkeeper wants; run it as often as you like."""
    from poolkeeper.clock import SystemClock
    from poolkeeper.entropy import Entropy
    from poolkeeper.server.start import reach
    from poolkeeper.store import migrate as migrations

    settings = settings_of(flags)

    async def work() -> list[int]:
        database = await reach(settings, Entropy(), exclusive=True)
        try:
            return await migrations.migrate(database, SystemClock())
        finally:
            await database.close()

    done = run(work(), settings)
    if done:
        click.echo(
            f"Applied: {', '.join(str(version) for version in done)}. The database is at version {migrations.LATEST}."
        )
    else:
        click.echo(f"Nothing to do: the database is at version {migrations.LATEST}.")


@main.command()
@with_flags(*(name for name in NAMES if name not in NOT_FLAGS))
def settings(**flags: Any) -> None:
    """Print every setting, its value, what stands in for one that is left empty, and where it came from; secrets are hidden."""
    try:
        values, sources = load(flags, os.environ)
    except SettingsError as fault:
        refuse([str(fault)])
    width = max(len(name) for name in NAMES)
    for name in NAMES:
        stands_in = computed(values, name)
        value = " ".join(part for part in (shown(values, name) or "(empty)", stands_in and f"(= {stands_in})") if part)
        click.echo(f"{name.ljust(width)}  {value}  [{sources[name]}]")


@main.command()
def operations() -> None:
    """Print every operation of the services: who may call it, and whether it is built."""
    from poolkeeper.operations.tables import SERVICES

    for service in SERVICES:
        built = sum(1 for operation in service.operations.values() if operation.run is not None)
        click.echo(f"{service.model.name}: {built} of {len(service.operations)} operations are built")
        for operation in service.operations.values():
            mark = "built" if operation.run is not None else "-"
            click.echo(f"  {operation.name:42}{mark:8}{operation.who.value}")


@main.command()
@with_flags(*STORAGE)
def doctor(**flags: Any) -> None:
    """Look whether the installation is sound: database, sealing keys, functions, senders, identity providers, messages that wait. Exit 1 where not."""
    from poolkeeper.server.upkeep import examine

    findings = with_house(flags, examine)
    for finding in findings:
        word = "note" if finding.note else "ok  " if finding.sound else "BAD "
        click.echo(f"{word} {finding.text}")
    if not all(finding.sound for finding in findings):
        sys.exit(1)


@main.command("mail-test")
@with_flags(*STORAGE)
@click.option("--pool", "pool_id", default="", help="Send as a message of this user pool goes, with its sender's name.")
@click.option("--sender", "name", default="", help="Send by this table of [senders], whatever pools it is for.")
@click.argument("address")
def mail_test(address: str, pool_id: str, name: str, **flags: Any) -> None:
    """Send one message to ADDRESS now, a text message to a number (+...), and say what its sender answered. Exit 1 where not."""
    from poolkeeper.lookup import find_pool
    from poolkeeper.server.post import NoWay, try_one

    async def work(house: "House") -> tuple[bool, str]:
        user_pool = await find_pool(house, pool_id) if pool_id else None
        if pool_id and user_pool is None:
            raise NoWay(f"there is no user pool {pool_id}")
        answer = await try_one(house, address=address, pool=user_pool, name=name)
        return answer.sound, f"{answer.name}: {answer.text}"

    try:
        sound, text = with_house(flags, work)
    except NoWay as fault:
        refuse([str(fault)])
    click.echo(text)
    if not sound:
        sys.exit(1)


@main.group()
def pool() -> None:
    """Change what AWS's API has no word for: Poolkeeper's own settings of a user pool."""


@pool.command("set")
@with_flags(*STORAGE)
@click.argument("pool_id")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE...")
def pool_set(pool_id: str, assignments: tuple[str, ...], **flags: Any) -> None:
    """Set a pool's `issuer` (own, aws, or default), or on or off: `srp`, `localhost_any_port`, `user_info_booleans`, `pushed_requests_only`, `dpop_nonces`.

    `dpop_required_clients` is all, none, or ids of app clients with commas between them.
    """
    from poolkeeper.server.resealing import UpkeepError
    from poolkeeper.server.upkeep import set_preferences

    async def work(house: "House") -> str | None:
        try:
            await set_preferences(house, pool_id, assignments)
        except UpkeepError as fault:
            return str(fault)
        return None

    if (fault := with_house(flags, work)) is not None:
        refuse([fault])
    click.echo(f"{pool_id}: {', '.join(assignments)}")


for _command in (keys, passwords, status, risk, backup, restore, after_restore):
    main.add_command(_command)
