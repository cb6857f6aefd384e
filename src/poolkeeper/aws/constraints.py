"""Does a request keep to the limits of the service model? If not, an error lists every violation in a sentence, as AWS does.

The sentences are those of public error reports: a violated minimum comes before the pattern and a violated maximum after
it; a list of scalars, the keys and the values of a map are judged as a whole, with all limits of a member in brackets.
Several violations come in the model's order; AWS has no fixed order (measured.md 6).

A megabyte can hold more violations than anybody reads. So the error is bounded, and the work of writing it: the number of
sentences, and the length of a value in them. A list without a limit in the model has one of ours, and beyond it no member is
judged.
UNVERIFIED: where AWS stops (a request with a thousand violations, and one with a list of a million, would settle it).
"""

import contextlib
import functools
import importlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import regex

from poolkeeper.aws.shape import Document, Limit, Member, Shape
from poolkeeper.errors import SerializationException, ServiceError

Walk = Callable[[Any, str, list[str]], None]
"""Judge a value at a path, and append a sentence for every violation."""

MOST_VIOLATIONS = 50
MOST_MEMBERS = 1_000
MOST_SHOWN = 1_000
"""Characters of a value, or of a key in a path, that a sentence repeats."""

_BOUNDS = {"integer": 2**31, "long": 2**63}
# One class of ASCII characters, once or more: the pattern of tokens and ids.
_CLASS = re.compile(r"\[[^\]\\^]+\]\+")
_JAVA_SPACE = r"\t\n\x0b\f\r "


class _Enough(Exception):  # noqa: N818 - ends the walk, is no error
    """Raised at MOST_VIOLATIONS violations; further ones are not listed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one service: named shapes, members of structures, and the error for a violation."""

    shapes: Mapping[str, Limit]
    structures: Mapping[str, tuple[Member, ...]]
    fault: type[ServiceError]


def check(struct: Shape) -> None:
    """Refuse a request that breaks a limit of its model.

    Raises the service's own error (InvalidParameterException, ValidationException) with every violation, up to
    MOST_VIOLATIONS, in one sentence; SerializationException for a number that AWS's integers cannot hold.
    """
    faults: list[str] = []
    try:
        _structure(type(struct), hidden=False)(struct, "", faults)
    except _Enough:
        raise _fault(type(struct), faults) from None
    if faults:
        raise _fault(type(struct), faults)


def check_list(structs: Sequence[Shape], *, path: str) -> None:
    """Refuse structures of one kind as members of a list at `path`, though the request sent them in another form.

    Raises as `check` does.
    """
    faults: list[str] = []
    with contextlib.suppress(_Enough):
        for position, struct in enumerate(structs, 1):
            _structure(type(struct), hidden=False)(struct, f"{path}.{position}.member.", faults)
    if faults:
        raise _fault(type(structs[0]), faults)


def _fault(kind: type[Shape], faults: Sequence[str]) -> ServiceError:
    noun = "error" if len(faults) == 1 else "errors"
    return limits_of(kind).fault(f"{len(faults)} validation {noun} detected: {'; '.join(faults)}")


@functools.cache
def limits_of(kind: type[Shape]) -> Limits:
    """Return the limits that were generated beside the module of this shape (its name plus `_limits`)."""
    module = importlib.import_module(f"{kind.__module__}_limits")
    return Limits(module.LIMITS, module.STRUCTURES, module.FAULT)


@functools.cache
def matcher(pattern: str) -> Callable[[str], Any]:
    r"""Return a function that says whether a whole text matches one of the model's patterns, which are Java's.

    In Java \w, \s and \d are ASCII and \p{L} is Unicode, which only regex knows; its ASCII flag would make both ASCII,
    so in patterns with \p the only other class that they use, \s, is spelt out.
    """
    if r"\p{" in pattern:
        return regex.compile(pattern.replace(r"\s", _JAVA_SPACE)).fullmatch
    if _CLASS.fullmatch(pattern):
        return _only_of(bytes(code for code in range(128) if re.fullmatch(pattern, chr(code), re.ASCII)))
    return re.compile(pattern, re.ASCII).fullmatch  # six times as fast as regex on a token of 1 KB


def _only_of(allowed: bytes) -> Callable[[str], bool]:
    """Return a function that says whether a text has only these characters, at memory speed: a token may be a megabyte."""
    return lambda text: text != "" and text.isascii() and not text.encode().translate(None, allowed)


@functools.cache
def _structure(kind: type[Shape], *, hidden: bool) -> Walk:
    limits = limits_of(kind)
    steps = tuple(
        (
            member.attribute,
            member.wire[0].lower() + member.wire[1:],
            member.required,
            _null_document
            if member.required and _is_document(limits, member)
            else _walk(limits, member.shape, hidden=hidden),
        )
        for member in limits.structures[kind.__name__]
    )

    def walk(struct: Shape, prefix: str, faults: list[str]) -> None:
        for attribute, name, required, judge in steps:
            value = getattr(struct, attribute)
            if value is None:
                if required:
                    _add(
                        faults, f"Value null at '{prefix}{name}' failed to satisfy constraint: Member must not be null"
                    )
            elif judge is not None:
                judge(value, prefix + name, faults)

    return walk


def _is_document(limits: Limits, member: Member) -> bool:
    return member.shape in limits.shapes and limits.shapes[member.shape].kind == "document"


def _null_document(value: Document, path: str, faults: list[str]) -> None:
    if bytes(value) == b"null":
        _add(faults, f"Value null at '{path}' failed to satisfy constraint: Member must not be null")


def _walk(limits: Limits, shape: str, *, hidden: bool) -> Walk | None:
    """Return a function that judges values of a named shape, or None where nothing can be wrong with them."""
    if shape in limits.structures:
        return functools.partial(_into, hidden)
    limit = limits.shapes[shape]
    hidden = hidden or limit.sensitive
    if limit.kind == "list":
        return _list(limits, limit, hidden=hidden)
    if limit.kind == "map":
        return _map(limits, limit, hidden=hidden)
    return _scalar(limit, hidden=hidden)


def _into(hidden: bool, value: Shape, path: str, faults: list[str]) -> None:  # noqa: FBT001 - bound by partial
    _structure(type(value), hidden=hidden)(value, f"{path}.", faults)


def _scalar(limit: Limit, *, hidden: bool) -> Walk | None:
    violations = _violations(limit)
    if violations is None:
        return None
    hidden = hidden or limit.kind == "blob"

    def walk(value: Any, path: str, faults: list[str]) -> None:
        _add_all(faults, violations(value), value, path, hidden=hidden)

    return walk


def _list(limits: Limits, limit: Limit, *, hidden: bool) -> Walk | None:
    assert limit.item is not None
    size = _size_violations(_bounded(limit))
    inner = limits.shapes.get(limit.item)
    scalar = _violations(inner) if inner is not None else None
    deeper = _walk(limits, limit.item, hidden=hidden) if inner is None or inner.kind in {"list", "map"} else None
    hidden = hidden or inner is None or inner.sensitive

    def walk(values: list[Any], path: str, faults: list[str]) -> None:
        sentences = size(len(values))
        if len(values) > MOST_MEMBERS:
            _add_all(faults, sentences, values, path, hidden=hidden)
            return
        if scalar is not None and any(scalar(value) for value in values):
            assert inner is not None
            sentences = (*sentences, f"Member must satisfy constraint: [{', '.join(_limit_sentences(inner))}]")
        _add_all(faults, sentences, values, path, hidden=hidden)
        if deeper is not None:
            for position, value in enumerate(values, 1):
                deeper(value, f"{path}.{position}.member", faults)

    return walk


def _map(limits: Limits, limit: Limit, *, hidden: bool) -> Walk | None:
    assert limit.key is not None
    assert limit.item is not None
    size = _size_violations(_bounded(limit))
    key = limits.shapes[limit.key]
    inner = limits.shapes.get(limit.item)
    bad_key = _violations(key)
    bad_value = _violations(inner) if inner is not None else None
    deeper = _walk(limits, limit.item, hidden=hidden) if inner is None or inner.kind in {"list", "map"} else None
    hidden = hidden or inner is None or inner.sensitive

    def walk(values: dict[str, Any], path: str, faults: list[str]) -> None:
        sentences = size(len(values))
        if len(values) > MOST_MEMBERS:
            _add_all(faults, sentences, values, path, hidden=hidden)
            return
        if bad_key is not None and any(bad_key(name) for name in values):
            sentences = (*sentences, f"Map keys must satisfy constraint: [{', '.join(_limit_sentences(key))}]")
        if bad_value is not None and any(bad_value(value) for value in values.values()):
            assert inner is not None
            sentences = (*sentences, f"Map value must satisfy constraint: [{', '.join(_limit_sentences(inner))}]")
        _add_all(faults, sentences, values, path, hidden=hidden)
        if deeper is not None:
            for name, value in values.items():
                deeper(value, f"{path}.{_cut(name)}.member", faults)

    return walk


def _violations(limit: Limit) -> Callable[[Any], tuple[str, ...]] | None:
    """Return a function that lists the limits that a scalar violates, as sentences; None for a shape without limits."""
    if limit.kind in _BOUNDS:
        return _number_violations(limit)
    if limit.kind == "blob":
        size = _size_violations(limit)
        return lambda value: size(len(value))
    if limit.kind == "string" and (limit.minimum or limit.maximum is not None or limit.pattern or limit.enum):
        return _text_violations(limit)
    return None


def _text_violations(limit: Limit) -> Callable[[str], tuple[str, ...]]:
    minimum, maximum = limit.minimum or 0, limit.maximum
    matches = matcher(limit.check or limit.pattern) if limit.pattern else None
    allowed = frozenset(limit.enum)

    def violations(value: str) -> tuple[str, ...]:
        length = len(value)
        short = length < minimum
        strange = matches is not None and not matches(value)
        long = maximum is not None and length > maximum
        unlisted = bool(allowed) and value not in allowed
        if not (short or strange or long or unlisted):
            return ()
        rows = (
            (short, _at_least(limit)),
            (strange, _pattern(limit)),
            (long, _at_most(limit)),
            (unlisted, _enum(limit)),
        )
        return tuple(sentence for broken, sentence in rows if broken)

    return violations


def _number_violations(limit: Limit) -> Callable[[int], tuple[str, ...]]:
    bound = _BOUNDS[limit.kind]
    minimum = -bound if limit.minimum is None else limit.minimum
    maximum = bound - 1 if limit.maximum is None else limit.maximum

    def violations(value: int) -> tuple[str, ...]:
        if not -bound <= value < bound:
            raise SerializationException("A number in the request is out of range.")
        if value < minimum:
            return (_at_least(limit),)
        return (_at_most(limit),) if value > maximum else ()

    return violations


def _bounded(limit: Limit) -> Limit:
    """Return the limit of a list or map, ours where the model has no maximum."""
    return replace(limit, maximum=MOST_MEMBERS) if limit.maximum is None else limit


def _size_violations(limit: Limit) -> Callable[[int], tuple[str, ...]]:
    minimum = limit.minimum or 0
    maximum = limit.maximum

    def violations(length: int) -> tuple[str, ...]:
        if length < minimum:
            return (_at_least(limit),)
        return (_at_most(limit),) if maximum is not None and length > maximum else ()

    return violations


def _limit_sentences(limit: Limit) -> list[str]:
    """List all limits of a member, in the order of AWS's brackets."""
    sentences = (
        (limit.maximum is not None, _at_most(limit)),
        (limit.minimum is not None, _at_least(limit)),
        (limit.pattern is not None, _pattern(limit)),
        (bool(limit.enum), _enum(limit)),
    )
    return [sentence for exists, sentence in sentences if exists]


def _at_least(limit: Limit) -> str:
    return f"Member must have {_measure(limit)} greater than or equal to {limit.minimum}"


def _at_most(limit: Limit) -> str:
    return f"Member must have {_measure(limit)} less than or equal to {limit.maximum}"


def _measure(limit: Limit) -> str:
    return "value" if limit.kind in _BOUNDS else "length"


def _pattern(limit: Limit) -> str:
    return f"Member must satisfy regular expression pattern: {limit.pattern}"


def _enum(limit: Limit) -> str:
    return f"Member must satisfy enum value set: [{', '.join(limit.enum)}]"


def _add_all(faults: list[str], sentences: Iterable[str], value: Any, path: str, *, hidden: bool) -> None:
    for sentence in sentences:
        subject = f"Value at '{path}'" if hidden else f"Value '{_cut(_printed(value))}' at '{path}'"
        _add(faults, f"{subject} failed to satisfy constraint: {sentence}")


def _add(faults: list[str], sentence: str) -> None:
    faults.append(sentence)
    if len(faults) == MOST_VIOLATIONS:
        raise _Enough


def _printed(value: Any) -> str:
    """Return a value as AWS prints it: lists `[a, b]`, maps `{a=b}`; a long value only until it exceeds MOST_SHOWN."""
    if isinstance(value, list):
        return f"[{_joined(map(_printed, value))}]"
    if isinstance(value, dict):
        return f"{{{_joined(f'{_cut(name)}={_printed(inner)}' for name, inner in value.items())}}}"
    return _cut(str(value))


def _joined(pieces: Iterable[str]) -> str:
    shown: list[str] = []
    length = 0
    for piece in pieces:
        shown.append(piece)
        length += len(piece) + 2
        if length > MOST_SHOWN:
            break
    return ", ".join(shown)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
