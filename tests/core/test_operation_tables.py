"""Does the table of operations say what each call is about? As the members of its input do."""

import pytest

from poolkeeper.aws.operation import About, Operation
from poolkeeper.operations.tables import COGNITO_IDENTITY, COGNITO_IDP, POOLKEEPER, SERVICES

OF_POOLS = {"UserPoolId", "ClientId", "AccessToken", "ResourceArn", "Session"}
OF_IDENTITY_POOLS = {"IdentityPoolId", "IdentityId", "ResourceArn"}


def members(operation: Operation) -> set[str]:
    """Return the names that the operation's input has on the wire."""
    return set(operation.input.__struct_encode_fields__)


@pytest.mark.parametrize("operation", COGNITO_IDP.operations.values(), ids=lambda one: one.name)
def test_what_names_a_pool_is_about_it(operation: Operation) -> None:
    """Every operation that is about a pool names one, and none that names one is about everything."""
    names_one = bool(members(operation) & OF_POOLS)
    assert (operation.about is About.POOL) == names_one


@pytest.mark.parametrize("operation", COGNITO_IDENTITY.operations.values(), ids=lambda one: one.name)
def test_what_names_an_identity_pool_is_about_it(operation: Operation) -> None:
    """Every operation that is about an identity pool names one, by itself or by an identity of it."""
    names_one = bool(members(operation) & OF_IDENTITY_POOLS)
    assert (operation.about is About.IDENTITY_POOL) == names_one


def test_every_operation_says_it() -> None:
    """No service has an operation that is about a thing of another service."""
    for service in SERVICES:
        kinds = {operation.about for operation in service.operations.values()}
        assert (About.POOL in kinds) == (service in (COGNITO_IDP, POOLKEEPER))
        assert (About.IDENTITY_POOL in kinds) == (service is COGNITO_IDENTITY)
