"""What does a string of a policy mean? It has literal text, wildcards, and variables that a request fills in.

Source: IAM User Guide, "IAM policy elements: Variables and tags". A variable's value is always literal: it never acts as
a wildcard.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from poolkeeper.policy.budget import Budget
from poolkeeper.policy.wildcards import CHARACTERS_IN_A_STEP, Piece, Wild

_SPECIAL: Final = frozenset({"*", "?", "$"})
ARN_SEGMENTS = 6


class Keys(dict[str, str | tuple[str, ...]]):
    """The condition keys of a request, in lower case: a text, or a tuple where a key has several values.

    Whoever compares them takes their steps from `budget` first.
    """

    __slots__ = ("budget",)

    def __init__(self, context: Mapping[str, str | tuple[str, ...]], budget: Budget) -> None:
        super().__init__({name.lower(): value for name, value in context.items()})
        self.budget = budget


@dataclass(frozen=True, slots=True)
class Variable:
    """`${name}` or `${name, 'default'}`."""

    name: str
    default: str | None = None

    def value(self, keys: Keys) -> str | None:
        """Return its value; None where the key is missing, empty or multivalued and there is no default."""
        # UNVERIFIED: that a multivalued key takes the default as a missing one does; an access with one would settle it.
        value = keys.get(self.name.lower())
        return value if value and isinstance(value, str) else self.default


Token = Piece | Variable


def tokens(text: str, *, wildcards: bool, variables: bool) -> tuple[Token, ...]:
    """Take a string apart.

    Without `wildcards` a `*` is an asterisk (StringEquals); without `variables` a `${...}` is literal text (Version
    2008-10-17). A `${` that is never closed is literal text too.
    """
    if not (wildcards and ("*" in text or "?" in text)) and not (variables and "${" in text):
        return (text,)
    return tuple(_tokens(text, wildcards=wildcards, variables=variables))


def resolved(template: Sequence[Token], keys: Keys) -> tuple[Piece, ...] | None:
    """Return the template with its variables filled in, or None where a variable has no value; raises TooCostly."""
    keys.budget.spend(len(template))
    pieces: list[Piece] = []
    for token in template:
        if isinstance(token, Variable):
            value = token.value(keys)
            if value is None:
                return None
            keys.budget.spend(len(value) // CHARACTERS_IN_A_STEP)
            pieces.append(value)
        else:
            pieces.append(token)
    return tuple(pieces)


def segments(template: Sequence[Token]) -> tuple[tuple[Token, ...], ...]:
    """Split the template of an ARN at its first five colons; colons in the values of variables do not count."""
    parts: list[list[Token]] = [[]]
    for token in template:
        if isinstance(token, str):
            head, *tails = token.split(":", ARN_SEGMENTS - len(parts))
            parts[-1].append(head)
            parts.extend([tail] for tail in tails)
        else:
            parts[-1].append(token)
    return tuple(tuple(part) for part in parts)


def has_variable(template: Sequence[Token]) -> bool:
    """Say whether a template has a variable, which only a request can fill in."""
    return any(isinstance(token, Variable) for token in template)


def literals(template: Sequence[Token]) -> tuple[Piece, ...]:
    """Return a template without variables as a pattern."""
    return tuple(token for token in template if not isinstance(token, Variable))


def _tokens(text: str, *, wildcards: bool, variables: bool) -> Iterator[Token]:
    literal = at = 0
    delimiters = _Next(text, "}"), _Next(text, "'"), _Next(text, "'}")
    while at < len(text):
        if wildcards and text[at] in "*?":
            yield text[literal:at]
            yield Wild(text[at])
            literal = at = at + 1
        elif variables and text.startswith("${", at) and (end := _end(*delimiters, at + 2)) > 0:
            yield text[literal:at]
            yield _variable(text[at + 2 : end])
            literal = at = end + 1
        else:
            at += 1
    yield text[literal:]


class _Next:
    """The next index of a delimiter; callers ask in ascending order, so the text is searched only once."""

    __slots__ = ("_at", "_delimiter", "_text")

    def __init__(self, text: str, delimiter: str) -> None:
        self._text = text
        self._delimiter = delimiter
        self._at = text.find(delimiter)

    def after(self, begin: int) -> int:
        """Return the first index from `begin` on; -1 where there is none."""
        if 0 <= self._at < begin:
            self._at = self._text.find(self._delimiter, begin)
        return self._at


def _end(brace: _Next, quote: _Next, closing: _Next, begin: int) -> int:
    """Return the index of the `}` that ends a variable, whose quoted default may contain one; -1 where there is none."""
    end = brace.after(begin)
    quoted = quote.after(begin)
    if 0 <= quoted < end:
        last = closing.after(quoted + 1)
        return last + 1 if last > 0 else -1
    return end


def _variable(inside: str) -> Token:
    if inside in _SPECIAL:
        return inside
    name, comma, default = inside.partition(",")
    default = default.strip()
    quoted = comma and len(default) > 1 and default[0] == default[-1] == "'"
    return Variable(name.strip(), default[1:-1] if quoted else None)
