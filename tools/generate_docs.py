"""Which pages of docs/ are written from the code? Settings, operations, commands, events, refusals, what tests share, and what is unknown.

`python tools/generate_docs.py` writes them; with `--check` it writes nothing and ends with 1 where a page is not what it
would write.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

import list_test_helpers
import list_unverified
from poolkeeper.aws.operation import Service
from poolkeeper.cli import main as commands
from poolkeeper.errors.refusals import Reason
from poolkeeper.model.event import MEANINGS
from poolkeeper.operations.tables import SERVICES
from poolkeeper.settings import DEFAULTS, HELP, NAMES, PREFIX, TYPES, Settings, shown

DOCS = Path(__file__).parent.parent / "docs"
_NOTE = "<!-- Written by tools/generate_docs.py: change the code, then `make shapes`. -->\n"


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` compare them; return the exit code."""
    stale = [page for page, render in PAGES.items() if not _is(page, render())]
    if "--check" in arguments:
        for page in stale:
            print(f"docs/{page} is not what the code says: make shapes")
        return 1 if stale else 0
    for page in stale:
        (DOCS / page).write_text(PAGES[page](), encoding="utf-8")
        print(f"docs/{page}")
    return 0


def settings() -> str:
    """Return the page of all settings."""
    rows = [_setting_row(name) for name in NAMES]
    return f"""# Settings

{_NOTE}
A setting has one name everywhere: `--smtp-host` as a flag of `poolkeeper serve`, `{PREFIX}SMTP_HOST` in the environment,
`smtp_host` in `poolkeeper.toml`. A flag beats the environment, which beats the file, which beats the default. A list is
written with commas, in the file as a list. `poolkeeper settings` prints each value and where it came from, secrets hidden.
Secrets are not flags: the list of processes would show them, and `--database` takes no password. Each of them, and `database`,
may be in a file that a variable `{PREFIX}<NAME>_FILE` names; one that is empty is refused. A variable that misses a name by a slip of
the hand is refused at the start; of any other unknown one a warning tells.

| name | default | what it is |
| --- | --- | --- |
{_lines(rows)}
"""


def operations() -> str:
    """Return the page of all operations: who may call each, and whether it is built."""
    return f"""# Operations

{_NOTE}
One table a service. An operation that is not built checks who calls, as the table says, and then answers
`NotImplementedException` (HTTP 501); it never pretends. `poolkeeper operations` prints the same of the version that runs.

| service | operations | built |
| --- | --- | --- |
{_lines(f"| `{one.model.name}` | {len(one.operations)} | {_built(one)} |" for one in SERVICES)}

{_lines(_operations_of(one) for one in SERVICES)}
"""


def cli() -> str:
    """Return the page of all commands."""
    return f"""# Commands

{_NOTE}
Each command takes `--help`. Flags that are settings are described in [settings.md](settings.md); a setting may as well
come from the environment or from `poolkeeper.toml`. Exit codes: 0 done; 1 `doctor` found something; 2 it cannot be done
as it was asked for; 3 the database is of another version.

{_lines(_commands_under("poolkeeper", commands))}
"""


def events() -> str:
    """Return the page of all events."""
    return f"""# Events

{_NOTE}
What an operator may want to hear of, each a line of the log once it has come to stand. The name is in `event`; `pool`, `user`
(the sub), `client` (the address) and `request_id` (that of the request's own line) are beside it, and `about` says the rest:
never a name, an address or a code. Users are told by mail of what weakens their own MFA or moves their address: `account_notices` in
[settings.md](settings.md), and `mfa_change_seconds` asks for a proof before.

| event | what happened |
| --- | --- |
{_lines(f"| `{kind}` | {_cell(meaning)} |" for kind, meaning in MEANINGS.items())}
"""


def refusals() -> str:
    """Return the page of all reasons for which a caller is refused."""
    return f"""# Refusals

{_NOTE}
Many refusals answer with one sentence on purpose: whoever guesses learns nothing from it. The line of the request in the log
tells them apart: its `detail` begins with one of these words (`grep '"detail":"wrong-password'`). No answer and no label of a
metric has them.

| in the log | error | sentence |
| --- | --- | --- |
{_lines(f"| `{one.word}` | `{one.error.name}` | {_cell(one.sentence)} |" for one in Reason)}
"""


PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings,
    "operations.md": operations,
    "cli.md": cli,
    "events.md": events,
    "refusals.md": refusals,
    "unverified.md": list_unverified.render,
    "test-helpers.md": list_test_helpers.render,
}


def _is(page: str, wanted: str) -> bool:
    file = DOCS / page
    return file.is_file() and file.read_text(encoding="utf-8") == wanted


def _lines(parts: "Iterator[str] | list[str]") -> str:
    return "\n".join(parts).rstrip("\n")


def _setting_row(name: str) -> str:
    default = shown(Settings(), name)
    if TYPES[name] is bool:
        default = "on" if DEFAULTS[name] else "off"
    return f"| `{name}` | {f'`{default}`' if default else ''} | {_cell(HELP[name])} |"


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")


def _built(service: Service) -> int:
    return sum(1 for operation in service.operations.values() if operation.run is not None)


def _operations_of(service: Service) -> str:
    rows = [
        f"| `{one.name}` | {one.who.value} | {'yes' if one.run is not None else ''} |"
        for one in service.operations.values()
    ]
    return f"## {service.model.name}\n\n| operation | who may call | built |\n| --- | --- | --- |\n{_lines(rows)}\n"


def _commands_under(name: str, command: click.Command) -> Iterator[str]:
    """Yield the section of each command below a group, in the order in which the groups list them."""
    context = click.Context(command, info_name=name)
    if not isinstance(command, click.Group):
        yield _command(name, command, context)
        return
    for child in command.list_commands(context):
        found = command.get_command(context, child)
        assert found is not None
        yield from _commands_under(f"{name} {child}", found)


def _default(option: click.Option) -> str:
    """Return what holds where an option is not given; a mere flag is off then."""
    return "" if option.is_flag else f" Default: `{option.default}`."


def _command(name: str, command: click.Command, context: click.Context) -> str:
    arguments = [one.make_metavar(context) for one in command.params if isinstance(one, click.Argument)]
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    from_settings = [one for one in options if one.name in NAMES]
    own = [f"- `{one.opts[0]}`: {one.help}{_default(one)}" for one in options if one not in from_settings]
    flags = ", ".join(f"`{one.opts[0]}`" for one in from_settings)

    parts = [f"## {name}", f"```\n{' '.join([name, '[OPTIONS]', *arguments])}\n```", str(command.help)]
    parts += ["\n".join(own)] if own else []
    parts += [f"Settings: {flags}."] if flags else []
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
