"""Resource servers: made, changed, listed, deleted; and the scopes that clients may be given of them."""

from typing import Any

import pytest

from api.listing import pages
from api.world import PoolOfTests, World, refused

API = "https://api.example"
READ = {"ScopeName": "read", "ScopeDescription": "Look"}
WRITE = {"ScopeName": "write", "ScopeDescription": "Change"}


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool."""
    return world.pool()


def create(pool: PoolOfTests, identifier: str = API, **more: Any) -> dict[str, Any]:
    """Create a resource server and return it."""
    named = {"UserPoolId": pool.pool_id, "Identifier": identifier, "Name": "api", **more}
    made: dict[str, Any] = pool.world.signed.create_resource_server(**named)["ResourceServer"]
    return made


def describe(pool: PoolOfTests, identifier: str = API) -> dict[str, Any]:
    """Return a resource server."""
    found = pool.world.signed.describe_resource_server(UserPoolId=pool.pool_id, Identifier=identifier)
    server: dict[str, Any] = found["ResourceServer"]
    return server


def machine(pool: PoolOfTests, *scopes: str) -> dict[str, Any]:
    """Create a client for a program, with these scopes."""
    made: dict[str, Any] = pool.world.signed.create_user_pool_client(
        UserPoolId=pool.pool_id,
        ClientName="program",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=list(scopes),
    )["UserPoolClient"]
    return made


def test_a_resource_server_comes_back_as_it_was_made(pool: PoolOfTests) -> None:
    """Create, Describe and List answer the same, the scopes by name."""
    expected = {"UserPoolId": pool.pool_id, "Identifier": API, "Name": "api", "Scopes": [READ, WRITE]}
    assert create(pool, Scopes=[WRITE, READ]) == describe(pool) == expected
    listed = pool.world.signed.list_resource_servers(UserPoolId=pool.pool_id, MaxResults=50)
    assert listed["ResourceServers"] == [expected]


def test_an_update_replaces_name_and_scopes(pool: PoolOfTests) -> None:
    """What is left out of an update is gone."""
    create(pool, Scopes=[READ, WRITE])
    pool.world.signed.update_resource_server(UserPoolId=pool.pool_id, Identifier=API, Name="other", Scopes=[READ])
    assert describe(pool)["Scopes"] == [READ]
    pool.world.signed.update_resource_server(UserPoolId=pool.pool_id, Identifier=API, Name="other")
    assert describe(pool)["Name"] == "other"
    assert not describe(pool).get("Scopes")


def test_what_is_not_there_is_refused(pool: PoolOfTests) -> None:
    """Describe, Update and Delete name what they did not find; another pool's is not found either."""
    create(pool.world.pool())
    place = {"UserPoolId": pool.pool_id, "Identifier": API}
    unknown = ("ResourceNotFoundException", f"Resource server {API} does not exist.")
    assert refused(lambda: pool.world.signed.describe_resource_server(**place)) == unknown
    assert refused(lambda: pool.world.signed.update_resource_server(**place, Name="n")) == unknown
    assert refused(lambda: pool.world.signed.delete_resource_server(**place)) == unknown


def test_an_identifier_and_a_scope_are_there_once(pool: PoolOfTests) -> None:
    """A second server of one identifier, and a scope that is given twice, are refused and change nothing."""
    create(pool, Scopes=[READ])
    again = ("InvalidParameterException", f"{API} already exists in user pool {pool.pool_id}.")
    assert refused(lambda: create(pool, Scopes=[WRITE])) == again
    twice = ("InvalidParameterException", "Scope read is given more than once.")
    assert refused(lambda: create(pool, "other", Scopes=[READ, READ])) == twice
    assert describe(pool)["Scopes"] == [READ]


def test_a_pool_has_twenty_five(pool: PoolOfTests) -> None:
    """The listing goes page by page, and the limit is the quota of the guide."""
    names = [f"api-{number:02}" for number in range(25)]
    for name in names:
        create(pool, name)
    assert refused(lambda: create(pool, "one-more"))[0] == "LimitExceededException"
    listed = [
        one["Identifier"]
        for page in pages(pool.world.signed.list_resource_servers, "NextToken", UserPoolId=pool.pool_id, MaxResults=10)
        for one in page["ResourceServers"]
    ]
    assert listed == names


def test_a_client_is_given_scopes_that_are_there(pool: PoolOfTests) -> None:
    """A scope of a resource server may be set; one that no server has is refused; deletion leaves the client alone."""
    create(pool, Scopes=[READ])
    assert machine(pool, f"{API}/read")["AllowedOAuthScopes"] == [f"{API}/read"]
    unknown = ("ScopeDoesNotExistException", f"Invalid scope requested: {API}/write")
    assert refused(lambda: machine(pool, f"{API}/write")) == unknown
    made = machine(pool, f"{API}/read")
    pool.world.signed.delete_resource_server(UserPoolId=pool.pool_id, Identifier=API)
    kept = pool.world.signed.describe_user_pool_client(UserPoolId=pool.pool_id, ClientId=made["ClientId"])
    assert kept["UserPoolClient"]["AllowedOAuthScopes"] == [f"{API}/read"]
