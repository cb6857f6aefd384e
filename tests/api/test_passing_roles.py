"""Does every operation that hands a role on ask for iam:PassRole? One request for each row of the judge's table."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from api.matrix_permissions import DENIED, asked
from api.principals import ACCOUNT, allow, person
from api.world import World
from poolkeeper.operations.permits import PASSES
from poolkeeper.operations.tables import SERVICES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/mine"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"
POOL = {"UserPoolId": "us-east-1_Nobodys00"}
SMS = {"SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "x"}}
ANALYTICS = {"AnalyticsConfiguration": {"ApplicationId": "a" * 32, "RoleArn": ROLE, "ExternalId": "x"}}
IDENTITY_POOL = "us-east-1:00000000-0000-4000-8000-000000000000"
RULES = {"Rules": [{"Claim": "a", "MatchType": "Equals", "Value": "b", "RoleARN": ROLE}]}
POOLS, IDENTITIES = "cognito-idp.amazonaws.com", "cognito-identity.amazonaws.com"

# Of each row: the service that will take the role, and requests that hand it on, in each place that a request has for one.
CASES: Mapping[str, tuple[str, tuple[dict[str, Any], ...]]] = {
    "cognito-idp:CreateGroup": (IDENTITIES, ({**POOL, "GroupName": "a", "RoleArn": ROLE},)),
    "cognito-idp:UpdateGroup": (IDENTITIES, ({**POOL, "GroupName": "a", "RoleArn": ROLE},)),
    "cognito-idp:CreateUserPool": (POOLS, ({"PoolName": "a", **SMS},)),
    "cognito-idp:UpdateUserPool": (POOLS, ({**POOL, **SMS},)),
    "cognito-idp:SetUserPoolMfaConfig": (POOLS, ({**POOL, "SmsMfaConfiguration": SMS},)),
    "cognito-idp:CreateUserImportJob": (POOLS, ({**POOL, "JobName": "a", "CloudWatchLogsRoleArn": ROLE},)),
    "cognito-idp:CreateUserPoolClient": (POOLS, ({**POOL, "ClientName": "a", **ANALYTICS},)),
    "cognito-idp:UpdateUserPoolClient": (POOLS, ({**POOL, "ClientId": "a", **ANALYTICS},)),
    "cognito-identity:SetIdentityPoolRoles": (
        IDENTITIES,
        (
            {"IdentityPoolId": IDENTITY_POOL, "Roles": {"authenticated": ROLE}},
            {
                "IdentityPoolId": IDENTITY_POOL,
                "Roles": {},
                "RoleMappings": {"a": {"Type": "Rules", "RulesConfiguration": RULES}},
            },
        ),
    ),
}
OPERATIONS = {one.action: one for service in SERVICES for one in service.operations.values()}


def test_every_row_has_a_case() -> None:
    """None more, and none less."""
    assert CASES.keys() == PASSES.keys()


def test_the_page_of_permissions_names_them_all() -> None:
    """Its table has each operation once, with the service that takes the role."""
    rows = re.findall(r"^\| (`cognito-.*) \| .* \| `([a-z.-]+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    written = [(action, service) for actions, service in rows for action in re.findall(r"`([^`]+)`", actions)]
    assert sorted(written) == sorted((action, service) for action, (service, _) in PASSES.items())


@pytest.mark.parametrize("action", CASES)
def test_a_role_is_handed_on_by_who_may_pass_it(world: World, action: str) -> None:
    """Refused without iam:PassRole, with that of another role and to another service; let through with exactly it."""
    service, requests = CASES[action]
    ada = person(world)

    def passing(role_arn: str, to: str) -> Any:
        return allow("iam:PassRole", resource=role_arn, Condition={"StringEquals": {"iam:PassedToService": to}})

    for given in requests:
        for more in ((), (passing(OTHER, service),), (passing(ROLE, "lambda.amazonaws.com"),)):
            ada.put(allow(action), *more)
            name, told = asked(ada, OPERATIONS[action], given)
            assert name in DENIED, (action, name, told)
            assert f" is not authorized to perform: iam:PassRole on resource: {ROLE} because " in told
        ada.put(allow(action), passing(ROLE, service))
        name, told = asked(ada, OPERATIONS[action], given)
        assert name not in DENIED, (action, told)
