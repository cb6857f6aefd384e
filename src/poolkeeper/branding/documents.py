"""What may a style's settings say? A document like the default one, in part or whole: checked, and laid over what there is.

A member of the default document must be of its kind: a colour, a length, a switch, one of a few words. An unknown member is
kept and returned, and means nothing here: AWS adds members, and whoever brings their document along loses none.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from poolkeeper.branding.defaults import DEFAULTS
from poolkeeper.errors import InvalidParameterException

Document = Mapping[str, Any]

MOST_BYTES = 128 * 1024
MOST_DEPTH = 16
MOST_VALUES = 4_000
LONGEST_TEXT = 256
_LARGEST_LENGTH = 10_000
_COLOR = re.compile(r"[0-9a-fA-F]{8}")
_WORD = re.compile(r"[A-Z][A-Z_]{0,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PLACES = frozenset({"START", "CENTER", "END"})

# The last part of a member's path, or its last two -> the words that it may have.
_WORDS: Mapping[str, frozenset[str]] = {
    "colorSchemeMode": frozenset({"LIGHT", "DARK", "DYNAMIC"}),
    "spacingDensity": frozenset({"REGULAR", "COMPACT"}),
    "horizontal": _PLACES,
    "vertical": _PLACES,
    "logo.location": _PLACES,
    "formInclusion": frozenset({"IN", "OUT"}),
    "favicon.enabledTypes": frozenset({"ICO", "SVG"}),
}
# Below it stand names of identity providers, each with what `standard` beside it has.
_BY_NAME = ("components", "idpButton", "custom")


def read(raw: bytes) -> dict[str, Any]:
    """Return a document that was given as JSON, checked.

    Raises InvalidParameterException, which names the first member that is wrong.
    """
    document = _object(raw)
    for fault in _faults(document, DEFAULTS, ()):
        raise fault
    return document


def faults(raw: bytes) -> Iterator[InvalidParameterException]:
    """Yield every fault for which `read` would refuse a document, for whoever mends them all at once."""
    try:
        document = _object(raw)
    except InvalidParameterException as fault:
        yield fault
        return
    yield from _faults(document, DEFAULTS, ())


def merged(below: Document, above: Document) -> dict[str, Any]:
    """Return a document with another laid over it: objects member by member, everything else as a whole."""
    document = dict(below)
    for name, value in above.items():
        below_value = document.get(name)
        if isinstance(below_value, Mapping) and isinstance(value, Mapping):
            document[name] = merged(below_value, value)
        else:
            document[name] = value
    return document


def unknown(document: Document) -> Iterator[str]:
    """Yield the paths of the members of a document that nothing here reads."""
    yield from _unknown(document, DEFAULTS, ())


def at(document: Document, *path: str) -> Any:
    """Return the value at a path, None where the document has none."""
    value: Any = document
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def _unknown(document: Document, defaults: Any, path: tuple[str, ...]) -> Iterator[str]:
    for name, value in document.items():
        member_path = (*path, name)
        default = _known(defaults, path, name)
        if default is None:
            yield ".".join(member_path)
        elif isinstance(default, dict) and isinstance(value, Mapping):
            yield from _unknown(value, default, member_path)


def _known(defaults: Any, path: tuple[str, ...], name: str) -> Any:
    return at(DEFAULTS, *_BY_NAME[:2], "standard") if path == _BY_NAME else defaults.get(name)


def _object(raw: bytes) -> dict[str, Any]:
    # A small text can hold very many lists.
    if len(raw) > MOST_BYTES:
        raise _wrong("Settings", f"of at most {MOST_BYTES} bytes")
    try:
        document = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise _wrong("Settings", "a JSON object") from None
    if not isinstance(document, dict):
        raise _wrong("Settings", "a JSON object")
    _require_small(document)
    return document


def _faults(document: Document, defaults: Document, path: tuple[str, ...]) -> Iterator[InvalidParameterException]:
    for name, value in document.items():
        member_path = (*path, name)
        default = _known(defaults, path, name)
        if isinstance(default, dict) and isinstance(value, dict):
            yield from _faults(value, default, member_path)
        elif isinstance(default, dict):
            yield _wrong(".".join(member_path), "an object")
        elif default is not None and (requirement := _unmet(value, default, member_path)):
            yield _wrong(".".join(member_path), requirement)


def _unmet(value: Any, default: Any, path: tuple[str, ...]) -> str:
    """Return what a value must be, empty where it is of the same kind as the default."""
    words = _WORDS.get(path[-1]) or _WORDS.get(".".join(path[-2:]))
    if words is not None:
        fits, requirement = _is_of(value, default, words), f"of {', '.join(sorted(words))}"
    elif isinstance(default, bool):
        fits, requirement = isinstance(value, bool), "true or false"
    elif isinstance(default, float):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        fits, requirement = number and 0 <= value <= _LARGEST_LENGTH, f"a number from 0 to {_LARGEST_LENGTH}"
    elif isinstance(default, list):
        fits, requirement = isinstance(value, list), "a list"
    elif path[-1] == "color" or path[-1].endswith("Color"):
        fits, requirement = (
            isinstance(value, str) and bool(_COLOR.fullmatch(value)),
            "a color of eight hexadecimal digits",
        )
    else:
        fits, requirement = isinstance(value, str) and bool(_WORD.fullmatch(value)), "a word in capital letters"
    return "" if fits else requirement


def _is_of(value: Any, default: Any, words: frozenset[str]) -> bool:
    """Say whether a value is one of some words or, where the default is a list, a list of them."""
    if isinstance(default, list):
        return isinstance(value, list) and all(isinstance(element, str) and element in words for element in value)
    return isinstance(value, str) and value in words


def _require_small(document: Any) -> None:
    """Pass for a document of some depth and size, without control characters (attacks.md 97).

    Raises InvalidParameterException.
    """
    count, level = 0, [document]
    for _ in range(MOST_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                for name in value:
                    _require_text(name)
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str):
                _require_text(value)
        count += len(below)
        if count > MOST_VALUES:
            raise _wrong("Settings", f"of at most {MOST_VALUES} values")
        if not below:
            return
        level = below
    raise _wrong("Settings", f"of at most {MOST_DEPTH} levels")


def _require_text(text: str) -> None:
    if len(text) > LONGEST_TEXT or _CONTROL.search(text):
        raise _wrong("Settings", f"of texts of at most {LONGEST_TEXT} characters, without control characters")


def _wrong(path: str, requirement: str) -> InvalidParameterException:
    # UNVERIFIED: the words; CreateManagedLoginBranding with a color of seven digits would settle them.
    return InvalidParameterException(f"Invalid branding settings: {path} must be {requirement}.")
