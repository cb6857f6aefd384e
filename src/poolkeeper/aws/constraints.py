"""Does a request keep to the limits of the service model? AWS tells every violation in one sentence, and so do we.

The sentences are those of public error reports: a violated minimum comes before the pattern and a violated maximum after
it; a list of scalars, the keys and the values of a map are judged as a whole, with all that the model asks of a member in
brackets. UNVERIFIED: the order of several violations (a recorded answer with three of them would settle it).
"""

import functools
import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import regex

from poolkeeper.aws.shape import Limit, Member, Shape
from poolkeeper.errors import SerializationException, ServiceError

Walk = Callable[[Any, str, list[str]], None]
"""Judge a value at a path and append a sentence for every violation."""

_BOUNDS = {"integer": 2**31, "long": 2**63}
# One class of ASCII characters, once or more: the form of tokens and ids.
_CLASS = re.compile(r"\[[^\]\\^]+\]\+")
_JAVA_SPACE = r"\t\n\x0b\f\r "


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one service: named shapes, members of structures, and the error that tells of a violation."""

    shapes: Mapping[str, Limit]
    structures: Mapping[str, tuple[Member, ...]]
    fault: type[ServiceError]


def check(struct: Shape) -> None:
    """Refuse a request that breaks a limit of its model.

    Raises the service's own error (InvalidParameterException, ValidationException) with every violation in one
    sentence; SerializationException for a number that AWS's integers cannot hold.
    """
    faults: list[str] = []
    _structure(type(struct), hidden=False)(struct, "", faults)
    if faults:
        noun = "error" if len(faults) == 1 else "errors"
        fault = limits_of(type(struct)).fault
        raise fault(f"{len(faults)} validation {noun} detected: {'; '.join(faults)}")


@functools.cache
def limits_of(kind: type[Shape]) -> Limits:
    """Return the limits that were generated beside the module of this shape (its name plus `_limits`)."""
    module = importlib.import_module(f"{kind.__module__}_limits")
    return Limits(module.LIMITS, module.STRUCTURES, module.FAULT)


@functools.cache
def matcher(pattern: str) -> Callable[[str], Any]:
    r"""Return what tells whether a whole text matches one of the model's patterns, which are Java's.

    In Java \w, \s and \d are ASCII and \p{L} is Unicode, which only regex knows; its ASCII flag would make both ASCII,
    so in patterns with \p the one other class that they use, \s, is spelt out.
    """
    if r"\p{" in pattern:
        return regex.compile(pattern.replace(r"\s", _JAVA_SPACE)).fullmatch
    if _CLASS.fullmatch(pattern):
        return _made_of(bytes(code for code in range(128) if re.fullmatch(pattern, chr(code), re.ASCII)))
    return re.compile(pattern, re.ASCII).fullmatch  # six times as fast as regex on a token of 1 KB


def _made_of(allowed: bytes) -> Callable[[str], bool]:
    """Return what tells whether a text is made of these characters alone, at memory speed: a token may be a megabyte."""
    return lambda text: text != "" and text.isascii() and not text.encode().translate(None, allowed)


@functools.cache
def _structure(kind: type[Shape], *, hidden: bool) -> Walk:
    limits = limits_of(kind)
    steps = tuple(
        (
            member.attribute,
            member.wire[0].lower() + member.wire[1:],
            member.required,
            _walk(limits, member.shape, hidden=hidden),
        )
        for member in limits.structures[kind.__name__]
    )

    def walk(struct: Shape, prefix: str, faults: list[str]) -> None:
        for attribute, name, required, judge in steps:
            value = getattr(struct, attribute)
            if value is None:
                if required:
                    faults.append(
                        f"Value null at '{prefix}{name}' failed to satisfy constraint: Member must not be null"
                    )
            elif judge is not None:
                judge(value, prefix + name, faults)

    return walk


def _walk(limits: Limits, shape: str, *, hidden: bool) -> Walk | None:
    """Return what judges values of one named shape, or None where nothing can be wrong with them."""
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
        _tell(faults, violations(value), value, path, hidden=hidden)

    return walk


def _list(limits: Limits, limit: Limit, *, hidden: bool) -> Walk | None:
    assert limit.item is not None
    size = _size_violations(limit)
    inner = limits.shapes.get(limit.item)
    scalar = _violations(inner) if inner is not None else None
    deeper = _walk(limits, limit.item, hidden=hidden) if inner is None or inner.kind in {"list", "map"} else None
    hidden = hidden or inner is None or inner.sensitive

    def walk(values: list[Any], path: str, faults: list[str]) -> None:
        sentences = size(len(values))
        if scalar is not None and any(scalar(value) for value in values):
            assert inner is not None
            sentences = (*sentences, f"Member must satisfy constraint: [{', '.join(_said(inner))}]")
        _tell(faults, sentences, values, path, hidden=hidden)
        if deeper is not None:
            for position, value in enumerate(values, 1):
                deeper(value, f"{path}.{position}.member", faults)

    return walk


def _map(limits: Limits, limit: Limit, *, hidden: bool) -> Walk | None:
    assert limit.key is not None
    assert limit.item is not None
    size = _size_violations(limit)
    key = limits.shapes[limit.key]
    inner = limits.shapes.get(limit.item)
    bad_key = _violations(key)
    bad_value = _violations(inner) if inner is not None else None
    deeper = _walk(limits, limit.item, hidden=hidden) if inner is None or inner.kind in {"list", "map"} else None
    hidden = hidden or inner is None or inner.sensitive

    def walk(values: dict[str, Any], path: str, faults: list[str]) -> None:
        sentences = size(len(values))
        if bad_key is not None and any(bad_key(name) for name in values):
            sentences = (*sentences, f"Map keys must satisfy constraint: [{', '.join(_said(key))}]")
        if bad_value is not None and any(bad_value(value) for value in values.values()):
            assert inner is not None
            sentences = (*sentences, f"Map value must satisfy constraint: [{', '.join(_said(inner))}]")
        _tell(faults, sentences, values, path, hidden=hidden)
        if deeper is not None:
            for name, value in values.items():
                deeper(value, f"{path}.{name}.member", faults)

    return walk


def _violations(limit: Limit) -> Callable[[Any], tuple[str, ...]] | None:
    """Return what lists the sentences that a scalar violates; an empty tuple where all is well."""
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
        found = (
            (short, _at_least(limit)),
            (strange, _pattern(limit)),
            (long, _at_most(limit)),
            (unlisted, _enum(limit)),
        )
        return tuple(sentence for broken, sentence in found if broken)

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


def _size_violations(limit: Limit) -> Callable[[int], tuple[str, ...]]:
    minimum = limit.minimum or 0
    maximum = limit.maximum

    def violations(length: int) -> tuple[str, ...]:
        if length < minimum:
            return (_at_least(limit),)
        return (_at_most(limit),) if maximum is not None and length > maximum else ()

    return violations


def _said(limit: Limit) -> list[str]:
    """List all that the model asks of a member, in the order of AWS's brackets."""
    sentences = (
        (limit.maximum is not None, _at_most(limit)),
        (limit.minimum is not None, _at_least(limit)),
        (limit.pattern is not None, _pattern(limit)),
        (bool(limit.enum), _enum(limit)),
    )
    return [sentence for asked, sentence in sentences if asked]


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


def _tell(faults: list[str], sentences: Iterable[str], value: Any, path: str, *, hidden: bool) -> None:
    for sentence in sentences:
        where = f"Value at '{path}'" if hidden else f"Value '{_printed(value)}' at '{path}'"
        faults.append(f"{where} failed to satisfy constraint: {sentence}")


def _printed(value: Any) -> str:
    """Return a value as AWS prints it: lists `[a, b]`, maps `{a=b}`."""
    if isinstance(value, list):
        return f"[{', '.join(map(_printed, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}={_printed(inner)}" for name, inner in value.items()) + "}"
    return str(value)
