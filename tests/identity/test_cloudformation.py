"""Does each resource of Cognito's live through CloudFormation's handlers? Made, read, changed, read, listed, deleted, and not there.

The calls are those that the public schemas let the handlers make (infrastructure.md 8), by an unmodified boto3.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.client import BaseClient

from api.world import World, refused
from identity.handlers import LOGS, Ids, Resource, Step, stage
from identity.handlers_of_identity_pools import OF_IDENTITY_POOLS
from identity.handlers_of_pools import OF_POOLS
from poolkeeper.log_delivery_settings import LogDestination, LogTransport

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cognito" / "infrastructure.md").read_text()
RESOURCES = OF_POOLS | OF_IDENTITY_POOLS
HANDLERS = ("create", "read", "update", "delete", "list")


@pytest.fixture
def destination(world: World) -> Iterator[None]:
    """Let the log group that a configuration names mean something here, as the operator does."""
    known = (LogDestination(arn=LOGS, transport=LogTransport(), pools=None),)
    object.__setattr__(world.house.settings, "log_delivery", known)
    yield
    object.__setattr__(world.house.settings, "log_delivery", ())


def made(client: BaseClient, steps: list[Step], ids: Ids, resource: Resource | None = None) -> list[dict[str, Any]]:
    """Make the calls of a handler, in their order; the first answer of a creation tells what the others need."""
    answers: list[dict[str, Any]] = []
    for operation, given in steps:
        answers.append(getattr(client, operation)(**given(ids)))
        if resource is not None and len(answers) == 1:
            ids |= resource.keep(answers[0])
    return answers


@pytest.mark.usefixtures("destination")
@pytest.mark.parametrize("name", RESOURCES)
def test_the_life_of_a_resource(world: World, name: str) -> None:
    """Create, read twice, update, read, list, delete, read: gone, or as if it had never been."""
    resource, ids = RESOURCES[name], stage(world, of=name)
    client = world.client(resource.service, region=resource.region)
    made(client, resource.create, ids, resource)
    for _ in range(2):
        assert resource.told(made(client, resource.read, ids)) == resource.first
    if resource.update:
        made(client, resource.update, ids)
        assert resource.told(made(client, resource.read, ids)) == resource.second
    for answer in made(client, resource.listing, ids):
        assert resource.listed(answer, ids)
    made(client, resource.delete, ids)
    if resource.gone:
        assert refused(partial(made, client, resource.read, ids))[0] == resource.gone
        again = [step for step in resource.delete if "delete" in step[0]]
        assert refused(partial(made, client, again, ids))[0] == resource.gone
    else:
        assert resource.told(made(client, resource.read, ids)) == resource.nothing


@pytest.mark.parametrize("name", [name for name in RESOURCES if name not in {"UserPool", "IdentityPool"}])
def test_what_hangs_at_a_pool_is_not_found_without_it(world: World, name: str) -> None:
    """A stack whose root somebody deleted is told one error, by which a handler knows that the resource is gone."""
    resource, ids = RESOURCES[name], stage(world, of=name)
    client = world.client(resource.service)
    if resource.service == "cognito-identity":
        client.delete_identity_pool(IdentityPoolId=ids["identity pool"])
    else:
        for replica in client.list_user_pool_replicas(UserPoolId=ids["pool"])["UserPoolReplicas"][1:]:
            client.delete_user_pool_replica(UserPoolId=ids["pool"], RegionName=replica["RegionName"])
        if "Domain" in client.describe_user_pool(UserPoolId=ids["pool"])["UserPool"]:
            client.delete_user_pool_domain(UserPoolId=ids["pool"], Domain=ids["Domain"])
        client.delete_user_pool(UserPoolId=ids["pool"])
    assert refused(partial(made, client, resource.create, ids))[0] == "ResourceNotFoundException"


def permitted(name: str) -> dict[str, set[str]]:
    """Return the calls that the page lets each handler of a resource make, in boto3's names."""
    row = re.search(rf"^\| {name} \|(.*)\|$", PAGE, re.MULTILINE)
    assert row, name
    cells = row[1].split("|")
    return {
        handler: {xform_name(one) for one in re.findall(r"[A-Z]\w+", cell)}
        for handler, cell in zip(HANDLERS, cells, strict=False)
    }


@pytest.mark.parametrize("name", RESOURCES)
def test_the_handlers_make_the_calls_that_the_page_lists(name: str) -> None:
    """All of them, and no others."""
    resource = RESOURCES[name]
    steps = (resource.create, resource.read, resource.update, resource.delete, resource.listing)
    assert {
        handler: {operation for operation, _ in calls} for handler, calls in zip(HANDLERS, steps, strict=True)
    } == permitted(name)
