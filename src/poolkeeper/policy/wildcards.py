"""Does a text match a pattern with `*` and `?`? A compiled pattern says so without backtracking, for every text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from itertools import groupby
from typing import Final

Matcher = Callable[[str], bool]

# How many characters can be searched, copied or folded in the time that one character takes in an automaton.
CHARACTERS_IN_A_STEP: Final = 16
# How many elements of a pattern an automaton may have before its steps take twice as long.
_ELEMENTS_IN_A_STEP = 512


class Wild(Enum):
    """The wildcards of a pattern."""

    STAR = "*"
    ONE = "?"


# A pattern is a sequence of these: literal text (a `*` in it is an asterisk), and wildcards.
Piece = str | Wild
ANYTHING: Final[tuple[Piece, ...]] = (Wild.STAR,)


@dataclass(frozen=True, slots=True)
class Patterns:
    """Several patterns that are matched together, sorted by cost: most of a policy's are exact or end in their only `*`."""

    exact: frozenset[str]
    prefixes: tuple[str, ...]
    others: tuple[Matcher, ...]
    # The steps for every text, and the sixteenths of a step for each of its characters.
    base: int
    weight: int

    @classmethod
    def of(cls, patterns: Iterable[Sequence[Piece]], *, more: Sequence[tuple[Matcher, int]] = ()) -> "Patterns":
        """Compile patterns, equal ones once; `more` are matchers that were compiled elsewhere, with their weights."""
        exact: list[str] = []
        prefixes: list[str] = []
        others = [matches for matches, _ in more]
        weights = [other_weight for _, other_weight in more]
        base = 1
        for pieces in dict.fromkeys(merged(pattern) for pattern in patterns):
            base += len(pieces)
            if literal := _literal(pieces):
                exact.append(literal)
            elif pieces and pieces[-1] is Wild.STAR and (len(pieces) == 1 or _literal(pieces[:-1])):
                prefixes.append(_literal(pieces[:-1]))
            else:
                others.append(compiled(pieces))
                weights.append(weight(pieces))
        base += 12 * len(more)
        return cls(frozenset(exact), tuple(prefixes), tuple(others), base, 1 + sum(weights))

    def steps(self, text: str) -> int:
        """Return the most steps that it takes to match a text."""
        return self.base + self.weight * len(text) // CHARACTERS_IN_A_STEP

    def match(self, text: str) -> bool:
        """Say whether one of the patterns matches the whole text."""
        return text in self.exact or text.startswith(self.prefixes) or any(matches(text) for matches in self.others)


def merged(pattern: Iterable[Piece]) -> tuple[Piece, ...]:
    """Return the same pattern with neighbouring literals joined and runs of `*` made one."""
    pieces: list[Piece] = []
    for literal, run in groupby(pattern, key=lambda piece: isinstance(piece, str)):
        if literal:
            pieces.append("".join(piece for piece in run if isinstance(piece, str)))
            if not pieces[-1]:
                pieces.pop()
            continue
        for piece in run:
            if piece is not Wild.STAR or not pieces or pieces[-1] is not Wild.STAR:
                pieces.append(piece)
    return tuple(pieces)


def weight(pieces: Sequence[Piece]) -> int:
    """Return the sixteenths of a step that a pattern costs for each character of a text."""
    if Wild.ONE not in pieces:
        return 1
    return CHARACTERS_IN_A_STEP * (1 + _elements(pieces) // _ELEMENTS_IN_A_STEP)


def steps_at_once(pieces: Sequence[Piece], text: str) -> int:
    """Return the most steps that it takes to compile a pattern and to match one text."""
    return len(pieces) + weight(pieces) * (_elements(pieces) + len(text)) // CHARACTERS_IN_A_STEP


def _elements(pieces: Sequence[Piece]) -> int:
    return sum(len(piece) if isinstance(piece, str) else 1 for piece in pieces)


def compiled(pattern: Iterable[Piece]) -> Matcher:
    """Compile a pattern into a function that says whether a whole text matches.

    Without `?` each literal is searched once, from the left, which is right because a `*` takes any text between. With `?` an
    automaton takes a step for each character of the text.
    """
    pieces = merged(pattern)
    if Wild.ONE in pieces:
        return _automaton(pieces)
    runs = [""]
    for piece in pieces:
        if isinstance(piece, str):
            runs[-1] += piece
        else:
            runs.append("")
    if len(runs) == 1:
        return partial(_equals, runs[0])
    return partial(_has_runs, runs[0], tuple(runs[1:-1]), runs[-1])


def _literal(pieces: Sequence[Piece]) -> str:
    return pieces[0] if len(pieces) == 1 and isinstance(pieces[0], str) else ""


def _equals(literal: str, text: str) -> bool:
    return text == literal


def _has_runs(head: str, middle: tuple[str, ...], tail: str, text: str) -> bool:
    end = len(text) - len(tail)
    if end < len(head) or not text.startswith(head) or not text.endswith(tail):
        return False
    at = len(head)
    for run in middle:
        at = text.find(run, at, end)
        if at < 0:
            return False
        at += len(run)
    return True


def _automaton(pieces: Sequence[Piece]) -> Matcher:
    """Compile a pattern into masks: bit i of a state means that i elements are consumed; in a `*` a state may stay."""
    takes: dict[str, int] = {}
    takes_any = stays = size = 0
    for piece in pieces:
        if piece is Wild.STAR:
            stays |= 1 << size
        elif piece is Wild.ONE:
            takes_any |= 1 << size
            size += 1
        else:
            for character in piece.value if isinstance(piece, Wild) else piece:
                takes[character] = takes.get(character, 0) | 1 << size
                size += 1
    return partial(_runs_through, takes, takes_any, stays, 1 << size)


def _runs_through(takes: Mapping[str, int], takes_any: int, stays: int, end: int, text: str) -> bool:
    state = 1
    for character in text:
        state = (state & (takes.get(character, 0) | takes_any)) << 1 | state & stays
        if not state:
            return False
    return bool(state & end)
