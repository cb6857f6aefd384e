"""What do all commands share? Settings as flags, refusals in words, and a house that is opened and closed around the work."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from poolkeeper.server import terminal
from poolkeeper.settings import FORMER, HELP, TYPES, Settings, SettingsError, doubts, load, refuse_misspelt, renamed

if TYPE_CHECKING:
    from poolkeeper.call import House
    from poolkeeper.store.db import Unavailable

T = TypeVar("T")
Command = Callable[..., Any]

# What every command that opens the database needs to know.
STORAGE = ("data", "database", "config", "sealing_key_file", "account_id")
NOT_FLAGS = (
    "root_secret_access_key",
    "smtp_password",
    "debug",
    "backchannel_logout",
    "brokers",
    "functions",
    "log_delivery",
    "senders",
    "verifiers",
)


def with_flags(*names: str) -> Callable[[Command], Command]:
    """Give a command the settings `names` as flags, with their own words of help; secrets are no flags."""

    def decorate(command: Command) -> Command:
        for name in reversed(names):
            flag = "--" + name.replace("_", "-")
            if TYPES[name] is bool:
                command = click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=HELP[name])(command)
            else:
                command = click.option(flag, name, default=None, help=HELP[name])(command)
        for former, name in FORMER.items():
            if name in names:
                flag = former.replace("_", "-")
                command = click.option(f"--{flag}/--no-{flag}", former, default=None, hidden=True)(command)
        return command

    return decorate


def settings_of(flags: dict[str, Any], *, at_start: bool = False) -> Settings:
    """Put the settings together; `at_start` of the server, names are told of that the next version will not know."""
    try:
        if at_start:
            refuse_misspelt(os.environ)
        settings, sources = load(flags, os.environ)
    except SettingsError as fault:
        refuse(terminal.cannot_start("the settings do not work", *str(fault).split("\n")))
    if at_start:
        _tell(settings, [*renamed(sources), *doubts(settings, sources, os.environ)])
    return settings


def _tell(settings: Settings, sentences: Iterable[str]) -> None:
    """Say sentences before there is a server, in the form that its log will have."""
    from poolkeeper.clock import SystemClock
    from poolkeeper.server.logs import RequestLog, is_readable

    log = RequestLog(
        lambda line: click.echo(line, nl=False, err=True), SystemClock(), readable=is_readable(settings, sys.stderr)
    )
    for sentence in sentences:
        log.event(sentence, level="warning")


def refuse(lines: list[str], status: int = 2) -> NoReturn:
    """Say why it cannot be done, and end with `status`."""
    click.echo("\n".join(lines), err=True)
    sys.exit(status)


def refuse_start(settings: Settings, lines: list[str], status: int = 2) -> NoReturn:
    """Say why the server does not start, as one line of its log where that was asked to be JSON, and end with `status`."""
    if settings.log_format != "json":
        refuse(lines, status)
    from poolkeeper.clock import SystemClock
    from poolkeeper.server.logs import RequestLog

    log = RequestLog(lambda line: click.echo(line, nl=False, err=True), SystemClock())
    log.event(" ".join(line.strip() for line in lines), level="error")
    sys.exit(status)


def run(work: Coroutine[Any, Any, T], settings: Settings) -> T:
    """Run a command's work; what an operator can mend is said in their words, without a traceback."""
    from poolkeeper.server.start import CannotStart
    from poolkeeper.store.db import Unavailable
    from poolkeeper.store.migrate import SchemaError

    try:
        return asyncio.run(work)
    except CannotStart as fault:
        refuse(terminal.cannot_start(fault.what, *fault.remedy), fault.status)
    except SchemaError as fault:
        refuse(terminal.cannot_start(str(fault)), 3)
    except Unavailable as fault:
        refuse(unavailable(settings, fault))
    except OSError as fault:
        refuse(terminal.cannot_start(f"{fault.filename or 'a file'} cannot be used ({fault.strerror})"))


def unavailable(settings: Settings, fault: "Unavailable") -> list[str]:
    """Return why a database cannot be used: it will not have us, or is not there."""
    from poolkeeper.server.database_name import database_name
    from poolkeeper.store.db import Refused

    state = "will not have us" if isinstance(fault, Refused) else "is away or in use"
    return terminal.cannot_start(f"the database {database_name(settings)} {state}: {fault}")


def with_house(flags: dict[str, Any], work: Callable[["House"], Coroutine[Any, Any, T]]) -> T:
    """Run `work` on the database beside whatever server runs on it."""
    from poolkeeper.clock import SystemClock
    from poolkeeper.entropy import Entropy
    from poolkeeper.server.start import open_house

    settings = settings_of(flags)

    async def opened() -> T:
        house = await open_house(settings, SystemClock(), Entropy(), exclusive=False)
        try:
            return await work(house)
        finally:
            house.heavy.close()
            await house.egress.close()
            await house.db.close()

    return run(opened(), settings)
