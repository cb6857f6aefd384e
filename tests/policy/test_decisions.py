"""Whether all that have a say in a request are heard in AWS's order, and a refusal says who of them refused."""

import json
from typing import Any

import pytest

from policy.people import ACCOUNT, PEOPLE, POOL, ROLE, policy, statement
from poolkeeper.policy import Decision, Kind, Naming, Policy, Request, Source, decide, denial, trusts

ALL = policy(statement(), name="all")
NOTHING = policy(statement(Action="nobody:Nothing"), name="nothing")
DENY = policy(statement(Sid="No", Effect="Deny"), name="deny")
ACTION = "cognito-idp:AdminGetUser"


def ask(who: str, action: str = ACTION, resource: str = POOL, **keys: str) -> Request:
    """Return what somebody of people.py asks."""
    return Request(PEOPLE[who], action, resource, keys)


def naming(principal: Any, effect: str = "Allow") -> Policy:
    """Return the policy of a resource that names somebody."""
    return policy(statement(effect, Principal=principal), kind=Kind.RESOURCE, name="of the resource")


# IAM User Guide, "Resource-based policies and implicit denies in other policy types (same account)": nobody else allows.
@pytest.mark.parametrize(
    ("who", "principal", "boundary", "session", "allowed"),
    [
        ("bob", PEOPLE["bob"].arn, NOTHING, None, True),
        ("bob", "AIDAAAAAAAAAAAAAAAAAA", NOTHING, None, True),
        ("bob", ACCOUNT, ALL, None, False),
        ("bob", f"arn:aws:iam::{ACCOUNT}:root", None, None, False),
        ("bob", PEOPLE["carlos"].arn, None, None, False),
        ("bob", "*", NOTHING, None, True),
        ("session", ROLE, None, None, True),
        ("session", "AROAAAAAAAAAAAAAAAAAA", ALL, (ALL,), True),
        ("session", ROLE, NOTHING, None, False),
        ("session", ROLE, None, (NOTHING,), False),
        ("session", ROLE, None, (), False),
        ("session", PEOPLE["session"].arn, NOTHING, (NOTHING,), True),
        ("session", f"arn:aws:sts::{ACCOUNT}:assumed-role/examplerole/two", None, None, False),
        ("federated", PEOPLE["bob"].arn, None, (NOTHING,), False),
        ("federated", PEOPLE["bob"].arn, None, (ALL,), True),
        ("federated", PEOPLE["federated"].arn, None, (NOTHING,), True),
        ("federated", PEOPLE["bob"].arn, None, None, False),
        ("stranger", ACCOUNT, None, None, False),
        ("anonymous", "*", None, None, True),
        ("anonymous", ACCOUNT, None, None, False),
    ],
)
def test_a_resource_may_let_in_whom_nothing_else_does(
    who: str,
    principal: str,
    boundary: Policy | None,
    session: tuple[Policy, ...] | None,
    allowed: bool,  # noqa: FBT001 - a column of a table
) -> None:
    """How directly its policy names somebody says what else limits that; an explicit deny always does."""
    resource = naming({"AWS": principal})
    policies: dict[str, Any] = {"boundary": boundary, "session": session, "resource": resource}
    assert decide(ask(who), identity=(), **policies).allowed is allowed
    assert decide(ask(who), identity=[NOTHING, DENY], **policies).explicit_deny


@pytest.mark.parametrize(
    ("identity", "boundary", "session", "resource", "by", "sentence"),
    [
        ([ALL], None, None, None, Source.IDENTITY, None),
        ([], None, None, None, Source.IDENTITY, "because no identity-based policy allows the {action} action"),
        ([NOTHING], ALL, (ALL,), None, Source.IDENTITY, "because no identity-based policy allows the {action} action"),
        ([ALL], NOTHING, (ALL,), None, Source.BOUNDARY, "because no permissions boundary allows the {action} action"),
        ([ALL], ALL, (NOTHING,), None, Source.SESSION, "because no session policy allows the {action} action"),
        ([ALL], ALL, (), None, Source.SESSION, "because no session policy allows the {action} action"),
        ([ALL], ALL, (NOTHING, ALL), None, Source.IDENTITY, None),
        ([ALL, DENY], ALL, (ALL,), None, Source.IDENTITY, "with an explicit deny in an identity-based policy"),
        ([ALL], DENY, (ALL,), None, Source.BOUNDARY, "with an explicit deny in a permissions boundary"),
        ([ALL], ALL, (ALL, DENY), None, Source.SESSION, "with an explicit deny in a session policy"),
        ([ALL], ALL, None, naming("*", "Deny"), Source.RESOURCE, "with an explicit deny in a resource-based policy"),
        ([NOTHING], None, None, naming("*"), Source.RESOURCE, None),
    ],
)
def test_a_decision_names_the_kind_of_policy(
    identity: list[Policy],
    boundary: Policy | None,
    session: tuple[Policy, ...] | None,
    resource: Policy | None,
    by: Source,
    sentence: str | None,
) -> None:
    """A refusal is in AWS's words: who, what, on what, and which kind of policy it was."""
    request = ask("session")
    decision = decide(request, identity=identity, boundary=boundary, session=session, resource=resource)
    assert decision.by is by
    assert decision.allowed is (sentence is None)
    if sentence is not None:
        assert denial(request, decision) == (
            f"User: arn:aws:sts::{ACCOUNT}:assumed-role/examplerole/one is not authorized to perform: {ACTION} on "
            f"resource: {POOL} {sentence.format(action=ACTION)}"
        )


def test_a_decision_names_the_statement() -> None:
    """The first that decides, with the name of its policy; where nothing decided there is none."""
    two = policy(statement(Action="nobody:Nothing"), statement(Sid="Two"), name="two")
    assert decide(ask("bob"), identity=[NOTHING, two, ALL]) == Decision(
        allowed=True, explicit_deny=False, by=Source.IDENTITY, policy="two", sid="Two", index=1
    )
    assert decide(ask("bob"), identity=[ALL, DENY]) == Decision(
        allowed=False, explicit_deny=True, by=Source.IDENTITY, policy="deny", sid="No", index=0
    )
    assert decide(ask("bob"), identity=[NOTHING]) == Decision(allowed=False, explicit_deny=False, by=Source.IDENTITY)


def test_a_managed_policy_that_denies_is_named() -> None:
    """AWS adds the ARN of the policy, which an inline one has not."""
    request = ask("bob")
    decision = decide(request, identity=[DENY.named(f"arn:aws:iam::{ACCOUNT}:policy/enforce-mfa")])
    assert denial(request, decision).endswith(
        f"with an explicit deny in an identity-based policy: arn:aws:iam::{ACCOUNT}:policy/enforce-mfa"
    )


def test_root_is_not_judged() -> None:
    """No policy of an identity limits the root user; the policy of a resource may."""
    allowed = decide(ask("root"), identity=[DENY], boundary=DENY, session=(DENY,))
    assert (allowed.allowed, allowed.by) == (True, Source.ROOT)
    assert decide(ask("root"), identity=(), resource=naming("*", "Deny")).explicit_deny
    assert not decide(ask("root"), identity=(), same_account=False).allowed
    assert decide(ask("root"), identity=(), resource=naming({"AWS": ACCOUNT}), same_account=False).allowed


def test_both_accounts_must_allow() -> None:
    """What one account allows is not enough where the resource is another's."""
    to_the_account = naming({"AWS": ACCOUNT})
    others: list[tuple[dict[str, Any], Source]] = [
        ({"identity": [ALL]}, Source.RESOURCE),
        ({"identity": [ALL], "resource": naming({"AWS": "999999999999"})}, Source.RESOURCE),
        ({"identity": [], "resource": naming("*")}, Source.IDENTITY),
        ({"identity": [ALL], "boundary": NOTHING, "resource": to_the_account}, Source.BOUNDARY),
        ({"identity": [ALL], "session": (NOTHING,), "resource": to_the_account}, Source.SESSION),
    ]
    for policies, by in others:
        decision = decide(ask("session"), same_account=False, **policies)
        assert (decision.allowed, decision.by) == (False, by)
    assert decide(ask("session"), identity=[ALL], resource=to_the_account, same_account=False).allowed


def trust(effect: str = "Allow", **members: Any) -> Policy:
    """Return a trust policy of one statement."""
    return policy(statement(effect, Resource=None, **members), kind=Kind.TRUST, name="trust")


@pytest.mark.parametrize(
    ("who", "principal", "named"),
    [
        ("bob", {"AWS": PEOPLE["bob"].arn}, Naming.DIRECT),
        ("bob", {"AWS": "AIDAAAAAAAAAAAAAAAAAA"}, Naming.DIRECT),
        ("bob", {"AWS": ACCOUNT}, Naming.ACCOUNT),
        ("bob", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Naming.ACCOUNT),
        ("bob", {"AWS": [ACCOUNT, PEOPLE["bob"].arn]}, Naming.DIRECT),
        ("bob", {"AWS": f"arn:aws:iam::{ACCOUNT}:user/Bob"}, None),
        ("bob", {"AWS": "999999999999"}, None),
        ("bob", {"AWS": "*"}, Naming.DIRECT),
        ("bob", "*", Naming.DIRECT),
        ("bob", {"Service": "lambda.amazonaws.com"}, None),
        ("stranger", {"AWS": ACCOUNT}, None),
        ("stranger", {"AWS": "999999999999"}, Naming.ACCOUNT),
        ("session", {"AWS": ROLE}, Naming.BEHIND),
        ("session", {"AWS": PEOPLE["session"].arn}, Naming.DIRECT),
        ("session", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/examplerole"}, None),
        ("web identity", {"Federated": "cognito-identity.amazonaws.com"}, Naming.DIRECT),
        (
            "web identity",
            {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/auth.example.com/eu-west-1_AbCdEfGhI"},
            Naming.DIRECT,
        ),
        ("web identity", {"Federated": "accounts.google.com"}, None),
        ("web identity", {"AWS": "*"}, None),
        ("lambda", {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}, Naming.DIRECT),
        ("lambda", {"AWS": "*"}, None),
        ("lambda", {"Service": "ec2.amazonaws.com"}, None),
    ],
)
def test_a_role_trusts_whom_it_names(who: str, principal: Any, named: Naming | None) -> None:
    """Users, sessions, accounts, providers and services are named by names of their own, and by no part of them."""
    keys = {"cognito-identity.amazonaws.com:aud": "pool"}
    condition = {"StringEquals": {"cognito-identity.amazonaws.com:aud": "pool"}}
    decision = trusts(
        trust(Action="sts:*", Principal=principal, Condition=condition),
        Request(PEOPLE[who], "sts:AssumeRole", ROLE, keys),
    )
    assert decision.naming is named
    assert decision.allowed is (named is not None)


def test_a_role_of_an_identity_pool() -> None:
    """It trusts tokens of one pool, of one kind of identity, and lets them bring tags only where it says so."""
    cognito = trust(
        Principal={"Federated": "cognito-identity.amazonaws.com"},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={
            "StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:1111"},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
        },
    )

    def allows(action: str = "sts:AssumeRoleWithWebIdentity", **claims: str | tuple[str, ...]) -> bool:
        keys = {f"cognito-identity.amazonaws.com:{name}": value for name, value in claims.items()}
        return trusts(cognito, Request(PEOPLE["web identity"], action, ROLE, keys)).allowed

    member = ("authenticated", "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI")
    assert allows(aud="eu-west-1:1111", amr=member)
    assert not allows(aud="eu-west-1:2222", amr=member)
    assert not allows(aud="eu-west-1:1111", amr=("unauthenticated",))
    assert not allows(aud="eu-west-1:1111", amr=())
    assert not allows(aud="eu-west-1:1111")
    assert not allows("sts:TagSession", aud="eu-west-1:1111", amr=member)
    assert not allows("sts:AssumeRole", aud="eu-west-1:1111", amr=member)


def test_a_role_asks_for_an_external_id() -> None:
    """Whoever does not bring it, or brings another, is not trusted."""
    confused = trust(
        Action="sts:AssumeRole",
        Principal={"AWS": "999999999999"},
        Condition={"StringEquals": {"sts:ExternalId": "12345"}},
    )
    assert trusts(confused, ask("stranger", "sts:AssumeRole", ROLE, **{"sts:ExternalId": "12345"})).allowed
    assert not trusts(confused, ask("stranger", "sts:AssumeRole", ROLE, **{"sts:ExternalId": "1234"})).allowed
    assert not trusts(confused, ask("stranger", "sts:AssumeRole", ROLE)).allowed


def test_a_role_says_why_it_is_not_assumed() -> None:
    """Its trust policy is named as such, whether it denies or does not allow."""
    request = ask("bob", "sts:AssumeRole", ROLE)
    asked = f"User: arn:aws:iam::{ACCOUNT}:user/bob is not authorized to perform: sts:AssumeRole on resource: {ROLE} "
    silent = trusts(trust(Action="sts:AssumeRole", Principal={"AWS": "999999999999"}), request)
    denying = policy(
        statement(Resource=None, Action="sts:AssumeRole", Principal={"AWS": PEOPLE["bob"].arn}),
        statement("Deny", Resource=None, Action="sts:AssumeRole", Principal={"AWS": ACCOUNT}),
        kind=Kind.TRUST,
    )
    assert denial(request, silent) == asked + "because no role trust policy allows the sts:AssumeRole action"
    assert denial(request, trusts(denying, request)) == asked + "with an explicit deny in the role trust policy"


@pytest.mark.parametrize(
    ("who", "excluded", "denied"),
    [
        ("bob", {"AWS": [PEOPLE["bob"].arn, f"arn:aws:iam::{ACCOUNT}:root"]}, False),
        ("carlos", {"AWS": [PEOPLE["bob"].arn]}, True),
        ("stranger", {"AWS": [PEOPLE["bob"].arn, f"arn:aws:iam::{ACCOUNT}:root"]}, True),
        ("session", {"AWS": [PEOPLE["session"].arn, ROLE, f"arn:aws:iam::{ACCOUNT}:root"]}, False),
        ("lambda", {"AWS": "*"}, True),
    ],
)
def test_all_but_some(who: str, excluded: Any, denied: bool) -> None:  # noqa: FBT001 - a column of a table
    """NotPrincipal is about everybody whom it does not name."""
    resource = policy(statement("Deny", NotPrincipal=excluded), kind=Kind.RESOURCE)
    assert decide(ask(who), identity=[ALL], resource=resource).explicit_deny is denied


def test_the_most_direct_name_counts() -> None:
    """A policy that names the account and then the user names the user, in whatever order."""
    to_account, to_bob = (statement(Principal={"AWS": name}) for name in (ACCOUNT, PEOPLE["bob"].arn))
    for statements in ((to_account, to_bob), (to_bob, to_account)):
        decision = decide(ask("bob"), identity=(), resource=policy(*statements, kind=Kind.RESOURCE))
        assert decision.allowed
        assert decision.naming is Naming.DIRECT


def test_the_canonical_user_is_nobody() -> None:
    """A policy may name one, and lets nobody in by it."""
    assert not decide(ask("bob"), identity=(), resource=naming({"CanonicalUser": json.dumps(ACCOUNT)})).allowed
