"""Do policies allow a request? All policies that count are asked, in AWS's order.

Source: IAM User Guide, "Policy evaluation logic" and "Cross-account policy evaluation logic" (identity-security.md 3.3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from poolkeeper.policy.budget import TooCostly
from poolkeeper.policy.policies import Policy, Statement
from poolkeeper.policy.principals import Naming
from poolkeeper.policy.requests import PrincipalKind, Request


class Source(Enum):
    """Which kind of policy decided. The value is its name in AWS's sentences, after `no` and after `in`."""

    IDENTITY = ("identity-based policy", "an identity-based policy")
    BOUNDARY = ("permissions boundary", "a permissions boundary")
    SESSION = ("session policy", "a session policy")
    RESOURCE = ("resource-based policy", "a resource-based policy")
    TRUST = ("role trust policy", "the role trust policy")
    # The root user of the account, whom no policy of an identity limits.
    ROOT = ("", "")


class Match(NamedTuple):
    """A statement that applies, and its policy."""

    policy: Policy
    statement: Statement


class Verdict(NamedTuple):
    """What the policies of one kind say: the first denial; else the first permission that names the caller most directly."""

    deny: Match | None
    allow: Match | None
    naming: Naming | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision, and the policy that made it.

    `by` is the kind of policy that allowed, denied, or did not allow. `policy` is the name of the policy whose statement
    decided, with its `sid` and its `index` from 0; without such a statement they are empty and None. `naming` is how directly
    the policy of a resource that allows names the caller. `too_costly` says that nothing was decided, so nothing is allowed.
    """

    allowed: bool
    explicit_deny: bool
    by: Source
    policy: str = ""
    sid: str = ""
    index: int | None = None
    naming: Naming | None = None
    too_costly: bool = False


# The kinds that must allow within one account, by how the resource's own policy names the caller; in the order in which a
# decision names them.
_OWN: Final = (Source.IDENTITY, Source.BOUNDARY, Source.SESSION)
_REQUIRED: Final[dict[Naming | None, tuple[Source, ...]]] = {
    None: _OWN,
    Naming.ACCOUNT: _OWN,
    Naming.BEHIND: (Source.BOUNDARY, Source.SESSION),
    Naming.DIRECT: (),
}
_NOTHING: Final = Verdict(None, None)


def decide(
    request: Request,
    *,
    identity: Sequence[Policy],
    boundary: Policy | None = None,
    session: Sequence[Policy] | None = None,
    resource: Policy | None = None,
    same_account: bool = True,
) -> Decision:
    """Judge a request by the policies of the caller, and by the resource's own policy if there is one.

    The root user of an account may do everything in it: only the resource's own policy is asked. `session` is None where no
    session policies were passed; an empty sequence allows nothing. For another account's resource both sides must allow.
    """
    if request.principal.kind is PrincipalKind.ROOT:
        identity, boundary, session = (), None, None
    try:
        verdicts = _verdicts(request, identity, boundary, session, resource)
    except TooCostly:
        return Decision(allowed=False, explicit_deny=False, by=Source.IDENTITY, too_costly=True)
    return _concluded(request, verdicts, same_account=same_account)


def _verdicts(
    request: Request,
    identity: Sequence[Policy],
    boundary: Policy | None,
    session: Sequence[Policy] | None,
    resource: Policy | None,
) -> dict[Source, Verdict]:
    verdicts = {Source.IDENTITY: judged(identity, request)}
    if boundary is not None:
        verdicts[Source.BOUNDARY] = judged((boundary,), request)
    # A session of GetFederationToken may do only what its policies allow, so nothing without policies.
    if session is not None or request.principal.kind is PrincipalKind.FEDERATED_USER:
        verdicts[Source.SESSION] = judged(session or (), request)
    verdicts[Source.RESOURCE] = _NOTHING if resource is None else judged((resource,), request)
    return verdicts


def trusts(policy: Policy, request: Request) -> Decision:
    """Judge a request (sts:AssumeRole and its like) only by the trust policy of the role.

    Where `naming` is ACCOUNT, or the role is another account's, the caller's own policies must allow too (`decide`).
    """
    try:
        verdict = judged((policy,), request)
    except TooCostly:
        return Decision(allowed=False, explicit_deny=False, by=Source.TRUST, too_costly=True)
    if verdict.deny:
        return _decided(Source.TRUST, verdict.deny, allowed=False)
    if verdict.allow:
        return _decided(Source.TRUST, verdict.allow, allowed=True, naming=verdict.naming)
    return Decision(allowed=False, explicit_deny=False, by=Source.TRUST)


def denial(request: Request, decision: Decision, *, resource: str = "") -> str:
    """Return AWS's sentence for a request that was refused (identity-security.md 3.2).

    A managed policy that denies is named by its ARN, an inline policy is not named. `resource` is the resource's name in the
    sentence, where that is not its ARN.
    """
    named_resource = resource or request.resource
    refusal = (
        f"User: {request.principal.arn} is not authorized to perform: {request.action} on resource: {named_resource}"
    )
    kind, a_kind = decision.by.value
    if decision.explicit_deny:
        which = f": {decision.policy}" if decision.policy.startswith("arn:") else ""
        return f"{refusal} with an explicit deny in {a_kind}{which}"
    return f"{refusal} because no {kind} allows the {request.action} action"


def judged(policies: Iterable[Policy], request: Request) -> Verdict:
    """Return what policies of one kind say together. A permission that cannot change the verdict is skipped."""
    allow: Match | None = None
    best: Naming | None = None
    for policy in policies:
        for statement in policy.statements:
            settled = allow is not None and best in (None, Naming.DIRECT)
            if (statement.allows and settled) or not statement.applies(request):
                continue
            if not statement.allows:
                return Verdict(Match(policy, statement), None)
            naming = statement.naming(request)
            if allow is None or (naming or 0) > (best or 0):
                allow, best = Match(policy, statement), naming
    return Verdict(None, allow, best)


def _concluded(request: Request, verdicts: dict[Source, Verdict], *, same_account: bool) -> Decision:
    # UNVERIFIED: which of several kinds that deny AWS tells; a user whom a policy and the boundary deny would settle it.
    for source, verdict in verdicts.items():
        if verdict.deny:
            return _decided(source, verdict.deny, allowed=False)

    of_resource = verdicts[Source.RESOURCE]
    if request.principal.kind is PrincipalKind.ROOT:
        required: tuple[Source, ...] = ()
    else:
        required = _REQUIRED[of_resource.naming] if same_account else _OWN
    for source in (*required, *(() if same_account else (Source.RESOURCE,))):
        if source in verdicts and verdicts[source].allow is None:
            return Decision(allowed=False, explicit_deny=False, by=source)

    own = verdicts[Source.IDENTITY].allow
    if Source.IDENTITY in required and own is not None:
        return _decided(Source.IDENTITY, own, allowed=True)
    if of_resource.allow is not None:
        return _decided(Source.RESOURCE, of_resource.allow, allowed=True, naming=of_resource.naming)
    return Decision(allowed=True, explicit_deny=False, by=Source.ROOT)


def _decided(source: Source, match: Match, *, allowed: bool, naming: Naming | None = None) -> Decision:
    policy, statement = match
    return Decision(
        allowed=allowed,
        explicit_deny=not allowed,
        by=source,
        policy=policy.name,
        sid=statement.sid,
        index=statement.index,
        naming=naming,
    )
