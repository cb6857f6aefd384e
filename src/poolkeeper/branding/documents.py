"""What may a style's settings say? A document like the default one, in part or whole: checked, and laid over what there is.

A member that the default document has must be of its kind: a colour, a length, a switch, one of a few words. What it does not
have is kept and told back, and means nothing here: AWS adds members, and whoever brings their document along loses none.
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
    given = _object(raw)
    for fault in _faults(given, DEFAULTS, ()):
        raise fault
    return given


def faults(raw: bytes) -> Iterator[InvalidParameterException]:
    """Yield all that `read` would refuse of a document, for whoever mends it as a whole."""
    try:
        given = _object(raw)
    except InvalidParameterException as fault:
        yield fault
        return
    yield from _faults(given, DEFAULTS, ())


def merged(below: Document, above: Document) -> dict[str, Any]:
    """Return a document with another laid over it: objects member by member, everything else as a whole."""
    whole = dict(below)
    for name, value in above.items():
        held = whole.get(name)
        if isinstance(held, Mapping) and isinstance(value, Mapping):
            whole[name] = merged(held, value)
        else:
            whole[name] = value
    return whole


def unknown(document: Document) -> Iterator[str]:
    """Yield the paths of what a document says and nothing here reads."""
    yield from _unknown(document, DEFAULTS, ())


def at(document: Document, *path: str) -> Any:
    """Return the value at a path, None where the document does not say."""
    held: Any = document
    for name in path:
        if not isinstance(held, Mapping) or name not in held:
            return None
        held = held[name]
    return held


def _unknown(given: Document, known: Any, path: tuple[str, ...]) -> Iterator[str]:
    for name, value in given.items():
        here = (*path, name)
        there = _known(known, path, name)
        if there is None:
            yield ".".join(here)
        elif isinstance(there, dict) and isinstance(value, Mapping):
            yield from _unknown(value, there, here)


def _known(known: Any, path: tuple[str, ...], name: str) -> Any:
    return at(DEFAULTS, *_BY_NAME[:2], "standard") if path == _BY_NAME else known.get(name)


def _object(raw: bytes) -> dict[str, Any]:
    # A small text can hold very many lists.
    if len(raw) > MOST_BYTES:
        raise _wrong("Settings", f"of at most {MOST_BYTES} bytes")
    try:
        given = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise _wrong("Settings", "a JSON object") from None
    if not isinstance(given, dict):
        raise _wrong("Settings", "a JSON object")
    _require_small(given)
    return given


def _faults(given: Document, known: Document, path: tuple[str, ...]) -> Iterator[InvalidParameterException]:
    for name, value in given.items():
        here = (*path, name)
        there = _known(known, path, name)
        if isinstance(there, dict) and isinstance(value, dict):
            yield from _faults(value, there, here)
        elif isinstance(there, dict):
            yield _wrong(".".join(here), "an object")
        elif there is not None and (wanted := _unmet(value, there, here)):
            yield _wrong(".".join(here), wanted)


def _unmet(value: Any, there: Any, path: tuple[str, ...]) -> str:
    """Return what a value must be, empty where it is of the kind that the default one is of."""
    words = _WORDS.get(path[-1]) or _WORDS.get(".".join(path[-2:]))
    if words is not None:
        fits, wanted = _is_of(value, there, words), f"of {', '.join(sorted(words))}"
    elif isinstance(there, bool):
        fits, wanted = isinstance(value, bool), "true or false"
    elif isinstance(there, float):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        fits, wanted = number and 0 <= value <= _LARGEST_LENGTH, f"a number from 0 to {_LARGEST_LENGTH}"
    elif isinstance(there, list):
        fits, wanted = isinstance(value, list), "a list"
    elif path[-1] == "color" or path[-1].endswith("Color"):
        fits, wanted = isinstance(value, str) and bool(_COLOR.fullmatch(value)), "a color of eight hexadecimal digits"
    else:
        fits, wanted = isinstance(value, str) and bool(_WORD.fullmatch(value)), "a word in capital letters"
    return "" if fits else wanted


def _is_of(value: Any, there: Any, words: frozenset[str]) -> bool:
    """Say whether a value is one of some words or, where the default one is a list, a list of them."""
    if isinstance(there, list):
        return isinstance(value, list) and all(isinstance(one, str) and one in words for one in value)
    return isinstance(value, str) and value in words


def _require_small(given: Any) -> None:
    """Pass for a document of some depth and size, without control characters (attacks.md 97).

    Raises InvalidParameterException.
    """
    count, level = 0, [given]
    for _ in range(MOST_DEPTH):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                for name in one:
                    _require_text(name)
                below += one.values()
            elif isinstance(one, list):
                below += one
            elif isinstance(one, str):
                _require_text(one)
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


def _wrong(path: str, wanted: str) -> InvalidParameterException:
    # UNVERIFIED: the words; CreateManagedLoginBranding with a color of seven digits would settle them.
    return InvalidParameterException(f"Invalid branding settings: {path} must be {wanted}.")
