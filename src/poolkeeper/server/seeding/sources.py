"""Where else may what a seed file says stand? Secrets in a file or in the environment, documents and pictures in files.

password = "Swim-in-2-pools"
password = {file = "secrets/ada"}
password = {env = "PASSWORD_OF_ADA"}
Settings = {file = "brand/settings.json"}
"""

import base64
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

# As large as SAML metadata may be, the longest of all texts; a picture may be smaller.
_LONGEST = 1_048_576
_EACH = "*"
_ABSENT = object()


class NoSourceError(Exception):
    """What a seed file names cannot be had. The message says what, and never what was read."""


# Takes a member and a folder; returns what the member stands for, and the folder to which files within that are
# relative.
Form = Callable[[Any, Path], tuple[Any, Path]]


def text(given: object, folder: Path) -> tuple[object, Path]:
    """Return the text of a member, from a file or from the environment, without the newline that editors put at the end."""
    if not isinstance(given, dict):
        return given, folder
    source, name = _source(given, ("file", "env"), 'is a text, {file = "..."} or {env = "..."}')
    return (_text_of(folder / name) if source == "file" else _of_environment(name)), folder


def document(given: object, folder: Path) -> tuple[object, Path]:
    """Return the document that a member is, or that is in a file as JSON."""
    if not isinstance(given, dict) or set(given) != {"file"}:
        return given, folder
    file = folder / _source(given, ("file",), 'is a document or {file = "..."}')[1]
    try:
        return msgspec.json.decode(_content_of(file)), file.parent
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NoSourceError(f"{file} is no JSON") from None


def content(given: object, folder: Path) -> tuple[object, Path]:
    """Return in base64, as AWS's requests have it, what a member is or what is in a file."""
    if not isinstance(given, dict):
        return given, folder
    _, name = _source(given, ("file",), 'is {file = "..."}, or its content in base64')
    return base64.b64encode(_content_of(folder / name)).decode(), folder


def with_sources(
    table: Mapping[str, Any], forms: Mapping[str, Form], *, folder: Path
) -> tuple[Mapping[str, Any], list[str]]:
    """Return a table whose members are replaced by what they stand for, and the faults of those that are left out.

    `forms` are by path; `details.*` is each member of a table or of a list. Files are relative to `folder`, and files
    that a document names to the folder of that document.
    """
    faults: list[str] = []
    return _inside(table, forms, folder, faults, path="", named_as=""), faults


def _inside(
    table: Mapping[str, Any], forms: Mapping[str, Form], folder: Path, faults: list[str], *, path: str, named_as: str
) -> dict[str, Any]:
    resolved = {}
    for name, value in table.items():
        here = next((pattern for pattern in (f"{path}{name}", f"{path}{_EACH}") if _leads(pattern, forms)), None)
        resolved_value = (
            value if here is None else _at(value, forms, folder, faults, path=here, named_as=f"{named_as}{name}")
        )
        if resolved_value is not _ABSENT:
            resolved[name] = resolved_value
    return resolved


def _at(value: Any, forms: Mapping[str, Form], folder: Path, faults: list[str], *, path: str, named_as: str) -> Any:
    if path in forms:
        try:
            value, folder = forms[path](value, folder)
        except NoSourceError as fault:
            faults.append(f"{named_as}: {fault}")
            return _ABSENT
    if isinstance(value, dict):
        return _inside(value, forms, folder, faults, path=f"{path}.", named_as=f"{named_as}.")
    if isinstance(value, list) and _leads(f"{path}.{_EACH}", forms):
        items = (
            _at(item, forms, folder, faults, path=f"{path}.{_EACH}", named_as=f"{named_as}[{index}]")
            for index, item in enumerate(value)
        )
        return [item for item in items if item is not _ABSENT]
    return value


def _leads(path: str, forms: Mapping[str, Form]) -> bool:
    return any(form_path == path or form_path.startswith(f"{path}.") for form_path in forms)


def _source(given: Mapping[str, Any], known: Sequence[str], advice: str) -> tuple[str, str]:
    """Return the source that a table names, and what in it. Raises NoSourceError for a table that does not name one."""
    source, name = next(iter(given.items()), ("", None))
    if len(given) != 1 or source not in known or not isinstance(name, str) or not name.isprintable() or not name:
        raise NoSourceError(advice)
    return source, name


def _text_of(file: Path) -> str:
    try:
        return _content_of(file).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise NoSourceError(f"{file} is no text in UTF-8") from None


def _content_of(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(_LONGEST + 1)
    except OSError as fault:
        raise NoSourceError(f"{file} cannot be read ({fault.strerror})") from None
    if len(content) > _LONGEST:
        raise NoSourceError(f"{file} is larger than {_LONGEST} bytes")
    return content


def _of_environment(name: str) -> str:
    if not (content := os.environ.get(name, "")):
        raise NoSourceError(f"the environment has no {name}")
    return content
