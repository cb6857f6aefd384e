"""Where does a seed file have its secrets from? They stand in it, in a file beside it, or in the environment.

password = "Swim-in-2-pools"
password = {file = "secrets/ada"}
password = {env = "PASSWORD_OF_ADA"}
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# What SAML metadata may have is the most that a text needs.
_LONGEST = 1_048_576
_EACH = ".*"
_SOURCES = ("file", "env")


class NoTextError(Exception):
    """What a seed file names has no text. The message says what, and never what was read."""


def with_texts(
    table: Mapping[str, Any], names: Sequence[str], *, folder: Path
) -> tuple[Mapping[str, Any], Sequence[str]]:
    """Return a table whose members `names` (`details.*`: each member of a table) are texts, and what could not be read.

    Files are relative to `folder`. A member that could not be read is left out.
    """
    texts, faults = dict(table), list[str]()
    for name in names:
        member, each = name.removesuffix(_EACH), name.endswith(_EACH)
        if member not in table:
            continue
        given = table[member] if each else {member: table[member]}
        if not isinstance(given, dict):
            continue  # Whoever checks the table says what it should be.
        read = _read_each(given, f"{member}." if each else "", faults, folder=folder)
        del texts[member]
        texts |= {member: read} if each else read
    return texts, faults


def _read_each(given: Mapping[str, Any], path: str, faults: list[str], *, folder: Path) -> dict[str, Any]:
    texts = {}
    for name, value in given.items():
        try:
            texts[name] = _text(value, folder=folder)
        except NoTextError as fault:
            faults.append(f"{path}{name}: {fault}")
    return texts


def _text(value: object, *, folder: Path) -> object:
    """Return what a value stands for; what names no source is left to others to judge."""
    if not isinstance(value, dict):
        return value
    source, name = next(iter(value.items()), ("", None))
    if len(value) != 1 or source not in _SOURCES or not isinstance(name, str) or not name.isprintable() or not name:
        raise NoTextError('is a text, {file = "..."} or {env = "..."}')
    return _of_file(folder / name) if source == "file" else _of_environment(name)


def _of_file(file: Path) -> str:
    """Return what a file holds, without the newline at its end, which editors put there."""
    try:
        with file.open("rb") as stream:
            content = stream.read(_LONGEST + 1)
    except OSError as fault:
        raise NoTextError(f"{file} cannot be read ({fault.strerror})") from None
    if len(content) > _LONGEST:
        raise NoTextError(f"{file} is larger than {_LONGEST} bytes")
    try:
        return content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise NoTextError(f"{file} is no text in UTF-8") from None


def _of_environment(name: str) -> str:
    if not (text := os.environ.get(name, "")):
        raise NoTextError(f"the environment has no {name}")
    return text
