"""Which command brings an operator back here? The program by its name, files as they are called from this folder."""

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from poolkeeper.settings import Settings

NAME = "poolkeeper"


def typed_again(arguments: Sequence[str], flag: str, value: int) -> str:
    """Return a command as it was typed, with another value of one flag, ready to be typed."""
    program, *typed = arguments
    called = Path(program)
    name = near_here(called) if called.is_relative_to(Path.cwd()) else called.name
    words, drop = [], False
    for word in typed:
        drop, dropped = word == flag, drop
        if not (drop or dropped or word.startswith(f"{flag}=")):
            words.append(word)
    return shlex.join([name, *words, flag, str(value)])


def program_as_called(called: str) -> str:
    """Return what to type for this program: its name where a shell finds it, else as it was called, seen from this folder."""
    file = Path(called)
    if file.name != NAME or shutil.which(NAME) is not None:
        return NAME
    return shlex.quote(near_here(file))


def near_here(file: Path) -> str:
    """Return a file as it is called from this folder."""
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)


def folder_flag(data: Path) -> str:
    """Return what to type behind a command that is about this data folder: nothing for the usual one."""
    called = near_here(data)
    return "" if called == str(Settings().data) else f" --data {shlex.quote(called)}"
