"""What is a policy once it is read? A list of statements, which say whether they apply to a request."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum

from poolkeeper.policy import sentences
from poolkeeper.policy.arns import ArnPatterns
from poolkeeper.policy.conditions import Condition, conditions
from poolkeeper.policy.documents import VERSIONS, Written
from poolkeeper.policy.grammar import read
from poolkeeper.policy.operators import UnreadableValue
from poolkeeper.policy.principals import Naming, Principals
from poolkeeper.policy.requests import Request
from poolkeeper.policy.sentences import MalformedPolicy
from poolkeeper.policy.templates import Variable, literals, tokens
from poolkeeper.policy.trust_grammar import read_trust
from poolkeeper.policy.wildcards import Patterns

# Measured bounds (tests/policy/test_hostile.py): the bytes of a policy with hardly any text, and of each further character.
_OF_A_POLICY, _OF_A_CHARACTER = 4_096, 160


class Kind(Enum):
    """What a policy is attached to. The members that it must have and its error messages depend on this."""

    # An inline policy of a user, a group or a role.
    IDENTITY = "identity"
    # A policy with its own ARN, which users, groups and roles share. It must have the newest version.
    MANAGED = "managed"
    BOUNDARY = "boundary"
    SESSION = "session"
    RESOURCE = "resource"
    # Who may assume a role.
    TRUST = "trust"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, compiled. `index` counts from 0; a missing element excludes nothing."""

    index: int
    sid: str
    allows: bool
    actions: Patterns
    excludes_actions: bool
    resources: ArnPatterns | None
    excludes_resources: bool
    principals: Principals | None
    excludes_principals: bool
    conditions: tuple[Condition, ...]
    # The keys of variables in Resource and NotResource, spelt as in the policy.
    variables: tuple[str, ...]

    def has_action(self, request: Request) -> bool:
        """Say whether the statement is about the action. Raises TooCostly, like the methods below."""
        request.budget.spend(self.actions.steps(request.folded_action))
        return self.actions.match(request.folded_action) is not self.excludes_actions

    def covers(self, request: Request) -> bool:
        """Say whether the statement is about action, resource and principal, whatever its conditions say."""
        return (
            self.has_action(request)
            and (
                self.resources is None
                or self.resources.match(request.resource, request.keys) is not self.excludes_resources
            )
            and (self.principals is None or self.naming(request) is not None)
        )

    def applies(self, request: Request) -> bool:
        """Say whether the statement's effect applies to a request."""
        if not self.covers(request):
            return False
        keys = request.keys
        request.budget.spend(len(self.conditions))
        return all(condition.holds(keys) for condition in self.conditions)

    def naming(self, request: Request) -> Naming | None:
        """Return how directly the statement names the caller: NotPrincipal names all others as directly as `*` names everyone."""
        if self.principals is None:
            return None
        naming = self.principals.naming(request.principal)
        if self.excludes_principals:
            return Naming.DIRECT if naming is None else None
        return naming


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that was read. Two policies are equal if they have the same text, kind and name."""

    text: str
    kind: Kind
    # Its name in decisions: the name of an inline policy, the ARN of a managed policy.
    name: str = ""
    statements: tuple[Statement, ...] = field(default=(), compare=False, repr=False)

    def named(self, name: str) -> "Policy":
        """Return the same policy under another name."""
        return replace(self, name=name)


def bytes_held(text: str) -> int:
    """Return the most bytes that a policy of this text takes in memory, once it is read.

    Each character of a pattern with `?` takes an entry of some hundred bytes, and each different character a number with a
    bit for each character of the pattern (wildcards.py).
    """
    return _OF_A_POLICY + len(text) * (_OF_A_CHARACTER + len(set(text)) // 8)


def parse(text: str, kind: Kind, *, name: str = "") -> Policy:
    """Read a policy; raises MalformedPolicy, whose message is AWS's sentence.

    The cost of reading, and of every decision by the policy, grows with the length of the text. The caller bounds the length
    (IAM and STS quotas, by what the policy is attached to); here the only bound is the model's 131,072 characters.
    """
    # UNVERIFIED: STS's sentences for session policies, taken as IAM's; AssumeRole with such policies would settle them.
    if kind is Kind.TRUST:
        version, written = read_trust(text)
    else:
        newest = kind in (Kind.MANAGED, Kind.BOUNDARY)
        version, written = read(text, newest=newest, names_principals=kind is Kind.RESOURCE)
    # UNVERIFIED: AWS's sentence for a number, address or boolean that is none; that for dates was recorded.
    syntax = sentences.TRUST_SYNTAX if kind is Kind.TRUST else sentences.LEGACY
    try:
        statements = tuple(
            _statement(index, statement, variables=version == VERSIONS[-1]) for index, statement in enumerate(written)
        )
    except UnreadableValue as error:
        raise MalformedPolicy(syntax) from error
    return Policy(text, kind, name, statements)


def _statement(index: int, written: Written, *, variables: bool) -> Statement:
    actions = written.action or written.not_action or ()
    resources = written.resource or written.not_resource
    principals = written.principal if written.not_principal is None else written.not_principal
    return Statement(
        index=index,
        sid=written.sid or "",
        allows=written.effect == "Allow",
        actions=Patterns.of(literals(tokens(action.lower(), wildcards=True, variables=False)) for action in actions),
        excludes_actions=not written.action,
        resources=ArnPatterns(resources, variables=variables) if resources else None,
        excludes_resources=not written.resource,
        principals=None if principals is None else Principals.of(principals),
        excludes_principals=written.not_principal is not None,
        conditions=tuple(conditions(written.condition, variables=variables)),
        variables=tuple(_variables(resources or ())) if variables else (),
    )


def _variables(texts: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(
        token.name
        for text in texts
        for token in tokens(text, wildcards=True, variables=True)
        if isinstance(token, Variable)
    )
