"""Whether every signed operation is judged: refused to a key without a policy, let through with exactly its action."""

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from api.matrix_permissions import CLIENTS, DENIED, asked
from api.principals import ACCOUNT, allow, person, pool_arn
from api.service_authorization import ACTIONS
from api.stage import made_up
from api.world import MODELS, World
from poolkeeper.aws.operation import About, Operation, Service, Who
from poolkeeper.operations.iam_table import IAM_SERVICE
from poolkeeper.operations.tables import SERVICES

# STS API Reference: "no permissions are required" of both; a denial does not stop the first either.
FREE = {"sts:GetCallerIdentity", "sts:GetSessionToken"}
# They hand on a role that the model requires, or makes up: that is a second action.
PASSING = {"cognito-idp:CreateUserImportJob", "cognito-identity:SetIdentityPoolRoles"}
# What policies of iam can name of what a row is about; of lists the path, where AWS has no resource.
KINDS = {
    About.ALL: {""},
    About.USERS: {""},
    About.GROUPS: {""},
    About.ROLES: {""},
    About.USER: {"user"},
    About.NEW_USER: {"user"},
    About.KEY_OWNER: {"user"},
    About.GROUP: {"group"},
    About.NEW_GROUP: {"group"},
    About.ROLE: {"role"},
    About.NEW_ROLE: {"role"},
    About.POLICY_SOURCE: {"user", "group", "role"},
    About.POLICY: {"policy"},
    About.PROVIDER: {"oidc-provider", "saml-provider"},
}
# Judged by the role's trust policy as well: test_assume_role.py.
BY_TRUST = {"sts:AssumeRole"}


# Members that say what a request is about, and its ARN ends with them; a real ARN where the smallest value is none.
NAMING = ("UserPoolId", "IdentityPoolId", "ResourceArn", "GroupName", "UserName", "RoleName", "PolicyArn")
REAL = {
    "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/nobodys",
    "PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:user/nobody",
    "OpenIDConnectProviderArn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/nobodys.example",
    "SAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/nobodys",
}
TAGGED = {
    "cognito-idp": pool_arn("us-east-1_Nobodys00"),
    "cognito-identity": f"arn:aws:cognito-identity:us-east-1:{ACCOUNT}:identitypool/us-east-1:nobodys",
}


def signed(service: Service) -> Iterator[Operation]:
    """Return the operations of a service that ask for a signature, or take one."""
    return (one for one in service.operations.values() if one.who in {Who.IAM, Who.IAM_OR_SECRET})


@functools.cache
def model_of(service: str) -> ServiceModel:
    return ServiceModel(
        Loader(extra_search_paths=[str(MODELS)]).load_service_model(CLIENTS.get(service, service), "service-2"), service
    )


def request_of(operation: Operation) -> dict[str, Any]:
    """Return what the model requires."""
    shape = model_of(operation.model.name).operation_model(operation.name).input_shape
    given: dict[str, Any] = {} if shape is None else made_up(shape)
    real = REAL | {"ResourceArn": TAGGED.get(operation.model.name, "")}
    if operation.action == "sts:AssumeRole":  # What is no ARN is told before anybody is judged.
        real |= {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/nobody"}
    return {name: real.get(name, value) for name, value in given.items()}


def resource_in(told: str) -> str:
    """Return the ARN that a refusal is about; users, groups and roles are called by their names there."""
    called = told.partition(" on resource: ")[2].partition(" because ")[0]
    kind, space, name = called.partition(" ")
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}" if space else called


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.model.name)
def test_every_signed_operation_is_judged(world: World, service: Service) -> None:
    """Built or not: refused by its own name without a policy; let through with exactly its action on exactly its resource."""
    ada = person(world)
    for operation in signed(service):
        given = request_of(operation)
        name, told = asked(ada, operation, given)
        if operation.action in FREE:
            assert name not in DENIED, operation.action
            continue
        assert name in DENIED, (operation.action, name, told)
        assert f" is not authorized to perform: {operation.action} on resource: " in told
        if operation.action in BY_TRUST:
            continue
        resource = resource_in(told)
        naming = next((given[member] for member in NAMING if member in given), None)
        if operation.run is not None and naming is not None:
            assert resource.endswith(naming), (operation.action, resource)
        passing = [allow("iam:PassRole")] if operation.action in PASSING else []
        ada.put(allow(operation.action, resource=resource), *passing)
        name, told = asked(ada, operation, given)
        assert name not in DENIED, (operation.action, told)
        ada.put()


def test_actions_of_iam_are_about_what_aws_says() -> None:
    """No row is judged on everything that AWS judges on the user, group, role, policy or provider."""
    built = [one for one in IAM_SERVICE.operations.values() if one.run is not None]
    assert {name for names in ACTIONS.values() for name in names} == {one.name for one in built}
    for operation in built:
        expected = {kind for kind, names in ACTIONS.items() if operation.name in names}
        assert KINDS[operation.about] & expected, operation.name


def test_free_is_what_is_about_the_caller_alone() -> None:
    """The table has no other row that is not judged."""
    free = {one.action for service in SERVICES for one in signed(service) if one.about is About.CALLER}
    assert free == FREE
    by_trust = {one.action for service in SERVICES for one in signed(service) if one.about is About.ROLE_TO_ASSUME}
    assert by_trust == BY_TRUST
