"""What would policies decide, and why? A simulation says so, as SimulateCustomPolicy and SimulatePrincipalPolicy answer.

Source: IAM API Reference, EvaluationResult and ResourceSpecificResult, and recorded answers in public reports.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from poolkeeper.policy.budget import MOST_STEPS, Budget
from poolkeeper.policy.decisions import Decision, Source, decide
from poolkeeper.policy.policies import Policy, Statement
from poolkeeper.policy.requests import Request

# The steps that an outcome or a statement of an answer takes, and a key of it, so that answers are bounded too.
_TO_TELL, _TO_TELL_A_KEY = 200, 20
_REMEMBERED_TEXTS = 16
_BLANK = re.compile(r"[ \t\r\n]*")
# The simulator's names for the kind of a statement's policy; it does not answer the model's words (`user`, `none`, ...).
SOURCE_TYPES: Final[Mapping[Source, str]] = {
    Source.IDENTITY: "IAM Policy",
    # UNVERIFIED: the name for BOUNDARY; a simulation with a permissions boundary would settle it.
    Source.BOUNDARY: "Permissions Boundary Policy",
    # UNVERIFIED: the name for RESOURCE; a simulation with a resource's policy would settle it.
    Source.RESOURCE: "Resource Policy",
}


class Outcome(StrEnum):
    """PolicyEvaluationDecisionType, the least restrictive first."""

    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicitDeny"
    EXPLICIT_DENY = "explicitDeny"


class Position(NamedTuple):
    """A position in a document; both numbers count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class MatchedStatement:
    """A statement that the outcome rests on: `policy` is its policy's name, `end` the position after the statement."""

    policy: str
    source: Source
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Simulated:
    """The outcome of an action on one resource, or on several (`most_restrictive`).

    `missing` are keys that policies need and the request lacks. `boundary_allows` is None without a boundary, and `details`
    has the outcome of each kind of policy by itself where the resource is another account's.
    """

    outcome: Outcome
    matched: tuple[MatchedStatement, ...]
    missing: tuple[str, ...]
    boundary_allows: bool | None
    details: Mapping[Source, Outcome]


def simulate(
    request: Request,
    *,
    identity: Sequence[Policy],
    boundary: Policy | None = None,
    resource: Policy | None = None,
    same_account: bool = True,
) -> Simulated:
    """Judge a request as `decide` does, and return all statements that the outcome rests on.

    The request's budget is for the whole simulation; raises TooCostly. A single decision may cost what it may cost elsewhere:
    above that it is an implicit deny without statements.
    """
    single = replace(request, budget=Budget())
    decision = decide(single, identity=identity, boundary=boundary, resource=resource, same_account=same_account)
    request.budget.spend(MOST_STEPS - single.budget.left + _TO_TELL + len(request.resource) + len(request.keys))
    if decision.too_costly:
        return Simulated(Outcome.IMPLICIT_DENY, (), (), False if boundary is not None else None, {})
    groups: dict[Source, Sequence[Policy]] = {Source.IDENTITY: identity}
    if boundary is not None:
        groups[Source.BOUNDARY] = (boundary,)
    if resource is not None:
        groups[Source.RESOURCE] = (resource,)
    outcome = _outcome(decision)
    by_kind = {source: _of_kind(request, policies) for source, policies in groups.items()}
    return Simulated(
        outcome=outcome,
        matched=tuple(_matched(request, groups, outcome)),
        missing=_missing(request, [policy for policies in groups.values() for policy in policies]),
        boundary_allows=by_kind[Source.BOUNDARY] is Outcome.ALLOWED if boundary is not None else None,
        details={} if same_account else by_kind,
    )


def most_restrictive(results: Sequence[Simulated]) -> Simulated:
    """Return the outcome of one action on several resources (at least one)."""
    order = list(Outcome)
    outcome = max((result.outcome for result in results), key=order.index)
    boundaries = [result.boundary_allows for result in results if result.boundary_allows is not None]
    sources = dict.fromkeys(source for result in results for source in result.details)
    return Simulated(
        outcome=outcome,
        matched=tuple(
            dict.fromkeys(match for result in results if result.outcome is outcome for match in result.matched)
        ),
        missing=tuple(dict.fromkeys(key for result in results for key in result.missing)),
        boundary_allows=all(boundaries) if boundaries else None,
        details={
            source: max((result.details[source] for result in results if source in result.details), key=order.index)
            for source in sources
        },
    )


def context_keys(policies: Iterable[Policy]) -> tuple[str, ...]:
    """Return the condition keys that policies refer to, each once, in its first spelling (GetContextKeysForCustomPolicy)."""
    names: dict[str, str] = {}
    for policy in policies:
        for statement in policy.statements:
            for name in _names(statement):
                names.setdefault(name.lower(), name)
    return tuple(names.values())


@lru_cache(_REMEMBERED_TEXTS)
def positions(text: str) -> tuple[tuple[Position, Position], ...]:
    """Return where each statement of a readable policy begins and ends.

    As AWS counts: the first begins at its brace, each other at the end of the statement before it, comma included.
    """
    spans = list(_spans(text))
    starts = [spans[0][0], *(end for _, end in spans[:-1])]
    return tuple((_position(text, start), _position(text, end)) for start, (_, end) in zip(starts, spans, strict=True))


def _outcome(decision: Decision) -> Outcome:
    if decision.allowed:
        return Outcome.ALLOWED
    return Outcome.EXPLICIT_DENY if decision.explicit_deny else Outcome.IMPLICIT_DENY


def _of_kind(request: Request, policies: Sequence[Policy]) -> Outcome:
    effects = {statement.allows for policy in policies for statement in policy.statements if statement.applies(request)}
    if False in effects:
        return Outcome.EXPLICIT_DENY
    return Outcome.ALLOWED if effects else Outcome.IMPLICIT_DENY


def _matched(
    request: Request, groups: Mapping[Source, Sequence[Policy]], outcome: Outcome
) -> Iterator[MatchedStatement]:
    if outcome is Outcome.IMPLICIT_DENY:
        return
    for source, policies in groups.items():
        for policy in policies:
            applying = [
                statement.index
                for statement in policy.statements
                if statement.allows is (outcome is Outcome.ALLOWED) and statement.applies(request)
            ]
            spans = positions(policy.text) if applying else ()
            request.budget.spend(_TO_TELL * len(applying))
            for index in applying:
                yield MatchedStatement(policy.name, source, *spans[index])


def _missing(request: Request, policies: Iterable[Policy]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_missing_names(request, policies)))


def _missing_names(request: Request, policies: Iterable[Policy]) -> Iterator[str]:
    # UNVERIFIED: that statements about other actions ask for nothing; a simulation of two actions would settle it.
    for policy in policies:
        for statement in policy.statements:
            for name in _names(statement) if statement.has_action(request) else ():
                request.budget.spend(_TO_TELL_A_KEY + len(name))
                if name.lower() not in request.keys:
                    yield name


def _names(statement: Statement) -> Iterator[str]:
    yield from statement.variables
    for condition in statement.conditions:
        yield from condition.used


def _spans(text: str) -> Iterator[tuple[int, int]]:
    decoder = json.JSONDecoder()
    at = _after(text, "{", 0)
    key, at = decoder.raw_decode(text, at)
    while key != "Statement":
        _, at = decoder.raw_decode(text, _after(text, ":", at))
        key, at = decoder.raw_decode(text, _after(text, ",", at))
    at = _after(text, ":", at)
    listed = text[at] == "["
    at = _after(text, "[", at) if listed else at
    while True:
        _, end = decoder.raw_decode(text, at)
        yield at, end
        at = _blank(text, end)
        if not listed or text[at] == "]":
            return
        at = _after(text, ",", at)


def _after(text: str, sign: str, at: int) -> int:
    """Return where the next value begins, after a punctuation character of JSON."""
    return _blank(text, text.index(sign, at) + 1)


def _blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _position(text: str, offset: int) -> Position:
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
