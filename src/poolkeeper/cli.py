"""What can one type? The commands of `poolkeeper`: each puts settings together, calls one function and says what came of it."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from poolkeeper import __version__, terminal
from poolkeeper.settings import HELP, NAMES, TYPES, Settings, SettingsError, load, shown

if TYPE_CHECKING:
    from poolkeeper.call import House

T = TypeVar("T")
Command = Callable[..., Any]

# What every command that opens the database needs to know.
_STORAGE = ("data", "database", "config", "sealing_key_file", "account_id")
_NOT_FLAGS = ("root_secret_access_key", "smtp_password", "debug", "functions")


def _flags(*names: str) -> Callable[[Command], Command]:
    """Give a command the settings `names` as flags, with their own words of help; secrets are no flags."""

    def decorate(command: Command) -> Command:
        for name in reversed(names):
            flag = "--" + name.replace("_", "-")
            if TYPES[name] is bool:
                command = click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=HELP[name])(command)
            else:
                command = click.option(flag, name, default=None, help=HELP[name])(command)
        return command

    return decorate


def _settings(flags: dict[str, Any]) -> Settings:
    try:
        return load(flags, os.environ)[0]
    except SettingsError as fault:
        _refuse(terminal.cannot_start("the settings do not work", *str(fault).split("\n")))


def _refuse(lines: list[str], status: int = 2) -> NoReturn:
    click.echo("\n".join(lines), err=True)
    sys.exit(status)


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work; what an operator can mend is said in his words, without a traceback."""
    from poolkeeper.start import CannotStart
    from poolkeeper.store.migrate import SchemaError

    try:
        return asyncio.run(work)
    except CannotStart as fault:
        _refuse(terminal.cannot_start(fault.what, *fault.remedy), fault.status)
    except SchemaError as fault:
        _refuse(terminal.cannot_start(str(fault)), 3)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="poolkeeper")
def main() -> None:
    """User pools and identity pools on machines of your own, spoken to as Amazon Cognito is."""


@main.command()
@_flags(*(name for name in NAMES if name not in _NOT_FLAGS))
@click.option("--debug/--no-debug", default=None, help=HELP["debug"])
def serve(**flags: Any) -> None:
    """Answer requests until SIGTERM or Ctrl+C."""
    begun = time.monotonic()
    settings = _settings(flags)
    from poolkeeper.launch import launch
    from poolkeeper.start import CannotStart

    try:
        launch(settings, begun=begun)
    except CannotStart as fault:
        if settings.debug:
            raise
        _refuse(terminal.cannot_start(fault.what, *fault.remedy), fault.status)


@main.command()
@_flags(*_STORAGE)
def migrate(**flags: Any) -> None:
    """Bring the database to the version that this Poolkeeper wants; run it as often as you like."""
    from poolkeeper.clock import SystemClock
    from poolkeeper.entropy import Entropy
    from poolkeeper.store import migrate as migrations
    from poolkeeper.store.open import open_database

    settings = _settings(flags)

    async def work() -> list[int]:
        database = await open_database(settings, Entropy(), exclusive=True)
        try:
            return await migrations.migrate(database, SystemClock())
        finally:
            await database.close()

    done = _run(work())
    if done:
        click.echo(
            f"Applied: {', '.join(str(version) for version in done)}. The database is at version {migrations.LATEST}."
        )
    else:
        click.echo(f"Nothing to do: the database is at version {migrations.LATEST}.")


@main.command()
@_flags(*(name for name in NAMES if name not in _NOT_FLAGS))
def settings(**flags: Any) -> None:
    """Print every setting, its value and where it came from; secrets are hidden."""
    try:
        values, sources = load(flags, os.environ)
    except SettingsError as fault:
        _refuse([str(fault)])
    width = max(len(name) for name in NAMES)
    for name in NAMES:
        click.echo(f"{name.ljust(width)}  {shown(values, name) or '(empty)'}  [{sources[name]}]")


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
@_flags(*_STORAGE)
def doctor(**flags: Any) -> None:
    """Look whether the installation is sound: database, sealing keys, functions, messages that wait. Exit 1 where not."""
    from poolkeeper.upkeep import examine

    findings = _with_house(flags, examine)
    for finding in findings:
        click.echo(f"{'ok  ' if finding.sound else 'BAD '} {finding.text}")
    if not all(finding.sound for finding in findings):
        sys.exit(1)


@main.group()
def keys() -> None:
    """Access keys, with which administration is signed, and the keys that seal the database."""


@keys.command("create")
@_flags(*_STORAGE)
@click.option("--name", default="administrator", show_default=True, help="Whom the key is for.")
def keys_create(name: str, **flags: Any) -> None:
    """Make an access key with all rights; its secret is printed once."""
    from poolkeeper import access_keys

    async def work(house: "House") -> None:
        key = access_keys.make(house, name=name)
        await access_keys.keep(house, key, name=name)
        click.echo(f"AWS_ACCESS_KEY_ID={key.access_key_id}\nAWS_SECRET_ACCESS_KEY={key.secret.reveal()}")

    _with_house(flags, work)


@keys.command("list")
@_flags(*_STORAGE)
def keys_list(**flags: Any) -> None:
    """List access keys; their secrets cannot be shown again."""
    from poolkeeper.store import access_keys

    async def work(house: "House") -> None:
        for key in await access_keys.every(house.db):
            state = "enabled" if key.enabled else "disabled"
            click.echo(f"{key.access_key_id}  {state:8}  {'root' if key.root else key.name}")

    _with_house(flags, work)


@keys.command("disable")
@_flags(*_STORAGE)
@click.argument("access_key_id")
def keys_disable(access_key_id: str, **flags: Any) -> None:
    """Switch an access key off; it stays in the list."""
    _change_key(flags, access_key_id, "disabled")


@keys.command("enable")
@_flags(*_STORAGE)
@click.argument("access_key_id")
def keys_enable(access_key_id: str, **flags: Any) -> None:
    """Switch an access key on again."""
    _change_key(flags, access_key_id, "enabled")


@keys.command("delete")
@_flags(*_STORAGE)
@click.argument("access_key_id")
def keys_delete(access_key_id: str, **flags: Any) -> None:
    """Remove an access key for good."""
    _change_key(flags, access_key_id, "deleted")


@keys.command("rotate-sealing")
@_flags(*_STORAGE)
def keys_rotate_sealing(**flags: Any) -> None:
    """Add a sealing key and seal everything anew under it; running servers follow, and nobody's session is lost."""
    from poolkeeper.upkeep import reseal

    async def work(house: "House") -> None:
        house.sealer.ring.add(house.entropy)
        house.sealer.refresh()
        click.echo(f"New sealing key {house.sealer.writing_key_id}. Sealing anew:")
        resealed = await reseal(house, progress=lambda table, count: click.echo(f"  {table}: {count}"))
        # Once more, for what was being written when the key came.
        resealed += await reseal(house, progress=lambda *_: None)
        click.echo(f"{resealed} values. `poolkeeper doctor` says when the old key may go.")

    _with_house(flags, work)


@keys.command("retire-sealing")
@_flags(*_STORAGE)
@click.argument("key_id")
def keys_retire_sealing(key_id: str, **flags: Any) -> None:
    """Take an old sealing key out of the ring, once nothing is sealed under it any more."""
    from poolkeeper.crypto.keyring import KeyRingError
    from poolkeeper.upkeep import still_sealed_under

    async def work(house: "House") -> str | None:
        if left := await still_sealed_under(house, key_id):
            return f"{left} values are still sealed under {key_id}: poolkeeper keys rotate-sealing"
        try:
            house.sealer.ring.retire(key_id)
        except KeyRingError as fault:
            return str(fault)
        return None

    if (fault := _with_house(flags, work)) is not None:
        _refuse([fault])
    click.echo(f"{key_id} is gone.")


@main.group()
def pool() -> None:
    """Change what AWS's API has no word for: Poolkeeper's own settings of a user pool."""


@pool.command("set")
@_flags(*_STORAGE)
@click.argument("pool_id")
@click.argument("assignments", nargs=-1, required=True, metavar="NAME=VALUE...")
def pool_set(pool_id: str, assignments: tuple[str, ...], **flags: Any) -> None:
    """Set `issuer` (own, aws, or default: the server's) and `srp` (on or off) of a pool."""
    from poolkeeper.upkeep import UpkeepError, set_preferences

    async def work(house: "House") -> str | None:
        try:
            await set_preferences(house, pool_id, assignments)
        except UpkeepError as fault:
            return str(fault)
        return None

    if (fault := _with_house(flags, work)) is not None:
        _refuse([fault])
    click.echo(f"{pool_id}: {', '.join(assignments)}")


def _change_key(flags: dict[str, Any], access_key_id: str, change: str) -> None:
    from poolkeeper.store import access_keys

    async def work(house: "House") -> int:
        if change == "deleted":
            return await access_keys.delete(house.db, access_key_id)
        return await access_keys.set_enabled(house.db, access_key_id, enabled=change == "enabled")

    if _with_house(flags, work) != 1:
        _refuse([f"There is no access key {access_key_id}."])
    click.echo(f"{access_key_id} is {change}.")


def _with_house(flags: dict[str, Any], work: Callable[["House"], Coroutine[Any, Any, T]]) -> T:
    """Run `work` on the database beside whatever server runs on it."""
    from poolkeeper.clock import SystemClock
    from poolkeeper.entropy import Entropy
    from poolkeeper.start import open_house

    settings = _settings(flags)

    async def opened() -> T:
        house = await open_house(settings, SystemClock(), Entropy(), exclusive=False)
        try:
            return await work(house)
        finally:
            house.heavy.close()
            await house.db.close()

    return _run(opened())
