"""Whether AWS's own policies are there as AWS publishes them, and let through what they should."""

import pytest

from policy.people import PEOPLE, POOL
from poolkeeper.policy import Kind, Request, decide, parse
from poolkeeper.policy.instants import instant
from poolkeeper.policy.managed import MANAGED_POLICIES

NAMES = [
    "AdministratorAccess",
    "AmazonCognitoDeveloperAuthenticatedIdentities",
    "AmazonCognitoPowerUser",
    "AmazonCognitoReadOnly",
]


def test_the_four_are_there() -> None:
    """Under their ARNs, with dates that can be read and ids of managed policies."""
    assert list(MANAGED_POLICIES) == [f"arn:aws:iam::aws:policy/{name}" for name in NAMES]
    for policy in MANAGED_POLICIES.values():
        created, updated = instant(policy.created), instant(policy.updated)
        assert created is not None
        assert updated is not None
        assert created <= updated
        assert policy.id.startswith("ANPA")


#  action                                            Administrator, Developer, PowerUser, ReadOnly
@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("cognito-idp:AdminGetUser", "A-PR"),
        ("cognito-idp:AdminListGroupsForUser", "A-PR"),
        ("cognito-idp:DescribeUserPool", "A-PR"),
        ("cognito-idp:AdminCreateUser", "A-P-"),
        ("cognito-identity:GetId", "A-PR"),
        ("cognito-identity:LookupDeveloperIdentity", "ADP-"),
        ("cognito-identity:GetOpenIdTokenForDeveloperIdentity", "ADPR"),
        ("iam:ListRoles", "A-PR"),
        ("iam:GetRole", "A-P-"),
        ("iam:CreateUser", "A---"),
        ("sts:AssumeRole", "A---"),
    ],
)
def test_they_allow_what_they_should(action: str, allowed: str) -> None:
    """Each is a managed policy that can be read and judged by."""
    request = Request(PEOPLE["bob"], action, POOL)
    policies = [parse(policy.document, Kind.MANAGED, name=arn) for arn, policy in MANAGED_POLICIES.items()]
    assert (
        "".join(
            letter if decide(request, identity=[policy]).allowed else "-"
            for letter, policy in zip("ADPR", policies, strict=True)
        )
        == allowed
    )
