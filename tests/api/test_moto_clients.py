"""What do moto's own tests ask of clients, providers and resource servers, and is it answered so here? By moto's names.

Source: getmoto/moto, tests/test_cognitoidp (commit 0af643a, August 2026). Where AWS's
contract says otherwise this server keeps to the contract, and the case says what is answered instead (emulators.md 1).
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from api.world import World, refused

CALLBACK = "https://app.example/in"
FACEBOOK: dict[str, Any] = {
    "ProviderType": "Facebook",
    "ProviderDetails": {"client_id": "app", "client_secret": "secret", "authorize_scopes": "email"},
}
SCOPES = [
    {"ScopeName": "app:write", "ScopeDescription": "write scope"},
    {"ScopeName": "app:read", "ScopeDescription": "read scope"},
]
BY_NAME = SCOPES[::-1]


@pytest.fixture
def pool_id(world: World) -> str:
    """Make a pool and return its id."""
    return world.pool().pool_id


@pytest.mark.parametrize("secret", [False, True])
def test_a_client_is_told_and_changed_whole(world: World, pool_id: str, *, secret: bool) -> None:
    """Stand for five of moto's cases.

    create_user_pool_client_default_id_strategy, create_user_pool_client_returns_secret, describe_user_pool_client,
    update_user_pool_client, update_user_pool_client_returns_secret.

    Otherwise: moto takes any text for a callback.
    """
    client = world.signed
    create = partial(client.create_user_pool_client, UserPoolId=pool_id, ClientName="first", GenerateSecret=secret)
    assert refused(partial(create, CallbackURLs=["some-text"]))[0] == "InvalidParameterException"
    made = create(CallbackURLs=[CALLBACK])["UserPoolClient"]
    assert (made["UserPoolId"], made["ClientName"], made["CallbackURLs"]) == (pool_id, "first", [CALLBACK])
    assert re.fullmatch("[0-9a-z]{26}", made["ClientId"])
    assert bool(made.get("ClientSecret")) is secret
    named = {"UserPoolId": pool_id, "ClientId": made["ClientId"]}
    assert client.describe_user_pool_client(**named)["UserPoolClient"] == made
    changed = client.update_user_pool_client(**named, ClientName="second", CallbackURLs=[f"{CALLBACK}/2"])
    told = changed["UserPoolClient"]
    assert (told["ClientName"], told["CallbackURLs"]) == ("second", [f"{CALLBACK}/2"])
    assert told.get("ClientSecret") == made.get("ClientSecret")


def test_clients_of_one_name_are_two(world: World, pool_id: str) -> None:
    """Stand for two of moto's cases.

    create_user_pool_client_hash_id_strategy_with_equal_args,
    create_user_pool_client_hash_id_strategy_with_different_args.

    Otherwise: a variable lets moto make ids of what a client is made with; AWS's are random.
    """
    create = partial(world.signed.create_user_pool_client, UserPoolId=pool_id)
    assert len({create(ClientName=name)["UserPoolClient"]["ClientId"] for name in ("equal", "equal", "other")}) == 3


def test_a_deleted_client_is_not_found(world: World, pool_id: str) -> None:
    """delete_user_pool_client."""
    made = world.signed.create_user_pool_client(UserPoolId=pool_id, ClientName="short-lived")["UserPoolClient"]
    named = {"UserPoolId": pool_id, "ClientId": made["ClientId"]}
    world.signed.delete_user_pool_client(**named)
    assert refused(partial(world.signed.describe_user_pool_client, **named))[0] == "ResourceNotFoundException"


def test_a_provider_is_told_changed_and_deleted(world: World, pool_id: str) -> None:
    """create_identity_provider, describe_identity_providers, update_identity_provider, delete_identity_providers.

    Otherwise: a name has 32 signs at the most, and a provider's type says which details it must have; moto takes any.
    """
    client, named = world.signed, {"UserPoolId": pool_id, "ProviderName": "Facebook"}
    nothing = partial(client.create_identity_provider, **named, ProviderType="Facebook", ProviderDetails={"thing": "x"})
    assert refused(nothing) == (
        "InvalidParameterException",
        "clientId, clientSecret and authorizeScopes are all required idp details.",
    )
    long = partial(client.create_identity_provider, UserPoolId=pool_id, ProviderName="n" * 36, **FACEBOOK)
    assert refused(long)[1].endswith("Member must have length less than or equal to 32")

    made = client.create_identity_provider(**named, **FACEBOOK)["IdentityProvider"]
    assert (made["UserPoolId"], made["ProviderName"], made["ProviderType"]) == (pool_id, "Facebook", "Facebook")
    assert made["ProviderDetails"]["client_id"] == "app"
    assert client.describe_identity_provider(**named)["IdentityProvider"] == made
    mapping = {"email": "email", "username": "sub"}
    details = {**FACEBOOK["ProviderDetails"], "client_id": "other"}
    told = client.update_identity_provider(**named, ProviderDetails=details, AttributeMapping=mapping)[
        "IdentityProvider"
    ]
    assert (told["ProviderDetails"]["client_id"], told["AttributeMapping"]) == ("other", mapping)
    client.delete_identity_provider(**named)
    assert refused(partial(client.describe_identity_provider, **named))[0] == "ResourceNotFoundException"


def test_a_provider_that_is_none_is_not_changed(world: World, pool_id: str) -> None:
    """update_identity_provider_no_user_pool, update_identity_provider_no_identity_provider.

    Otherwise: moto's `foo` is of no pool id's form, and so no pool is looked for.
    """
    change = partial(world.signed.update_identity_provider, ProviderName="foo", ProviderDetails={"thing": "x"})
    assert refused(partial(change, UserPoolId=pool_id))[0] == "ResourceNotFoundException"
    assert refused(partial(change, UserPoolId="us-east-1_FooBar123"))[0] == "ResourceNotFoundException"
    code, sentence = refused(partial(change, UserPoolId="foo"))
    assert (code, "'foo' at 'userPoolId'" in sentence) == ("InvalidParameterException", True)


def test_a_resource_server_is_told(world: World, pool_id: str) -> None:
    """create_resource_server, create_resource_server_with_no_scopes, describe_resource_server.

    Otherwise: scopes come back by name (measured.md 4.1), and where there are none as an empty list.
    """
    client, address = world.signed, "http://localhost.localdomain"
    create = partial(client.create_resource_server, UserPoolId=pool_id, Identifier=address, Name="local server")
    expected = {"UserPoolId": pool_id, "Identifier": address, "Name": "local server", "Scopes": BY_NAME}
    assert create(Scopes=SCOPES)["ResourceServer"] == expected
    describe = partial(client.describe_resource_server, UserPoolId=pool_id)
    assert describe(Identifier=address)["ResourceServer"] == expected
    taken = f"{address} already exists in user pool {pool_id}."
    assert refused(partial(create, Scopes=SCOPES)) == ("InvalidParameterException", taken)
    missing = ("ResourceNotFoundException", "Resource server non_existent_server does not exist.")
    assert refused(partial(describe, Identifier="non_existent_server")) == missing
    without = client.create_resource_server(UserPoolId=pool_id, Identifier="my_server", Name="no scopes")[
        "ResourceServer"
    ]
    assert without["Scopes"] == []


@pytest.mark.parametrize("servers", [0, 12])
def test_resource_servers_come_in_their_order(world: World, pool_id: str, servers: int) -> None:
    """list_resource_servers_empty_set, list_resource_servers_single_page, list_resource_servers_multi_page.

    Otherwise: moto's names have braces, which the model refuses; a pool has 25 servers at the most unless that is raised, so
    that there is no second page of fifty.
    """
    create = partial(world.signed.create_resource_server, UserPoolId=pool_id)
    made = [
        create(Identifier=f"server{number:02}", Name=f"Server {number}", Scopes=SCOPES)["ResourceServer"]
        for number in range(servers)
    ]
    ask = partial(world.signed.list_resource_servers, UserPoolId=pool_id)
    whole = ask(MaxResults=50)
    assert (whole["ResourceServers"], "NextToken" in whole) == (made, False)
    if not servers:
        return
    first = ask(MaxResults=8)
    second = ask(MaxResults=8, NextToken=first["NextToken"])
    assert first["ResourceServers"] + second["ResourceServers"] == made
    assert "NextToken" not in second
    braces = partial(create, Identifier="braces", Name="server{number}")
    assert "'server{number}' at 'name'" in refused(braces)[1]


def in_singapore(world: World, _pool_id: str, number: int) -> None:
    world.client(region="ap-northeast-3").create_user_pool(PoolName=f"pool{number}")


def a_client(world: World, pool_id: str, number: int) -> None:
    world.signed.create_user_pool_client(UserPoolId=pool_id, ClientName=f"client{number}")


def a_provider(world: World, pool_id: str, number: int) -> None:
    details = {
        "client_id": f"app{number}", "client_secret": "secret", "authorize_scopes": "openid", "attributes_request_method": "GET",
        "oidc_issuer": "https://login.example", "authorize_url": "https://login.example/a", "token_url": "https://login.example/t",
        "attributes_url": "https://login.example/u", "jwks_uri": "https://login.example/j",
    }  # fmt: skip
    world.signed.create_identity_provider(
        UserPoolId=pool_id, ProviderName=f"provider{number}", ProviderType="OIDC", ProviderDetails=details
    )


@pytest.mark.parametrize(
    ("make", "listing", "member"),
    [
        (in_singapore, "list_user_pools", "UserPools"),
        (a_client, "list_user_pool_clients", "UserPoolClients"),
        (a_provider, "list_identity_providers", "Providers"),
    ],
    ids=["pools", "clients", "providers"],
)
def test_lists_come_in_pages(
    world: World, pool_id: str, make: Callable[[World, str, int], None], listing: str, member: str
) -> None:
    """Stand for eleven of moto's cases.

    list_user_pools_returns_max_items, list_user_pools_returns_next_tokens,
    list_user_pools_when_max_items_more_than_total_items; list_user_pool_clients,
    list_user_pool_clients_returns_max_items, list_user_pool_clients_returns_next_tokens,
    list_user_pool_clients_when_max_items_more_than_total_items; list_identity_providers,
    list_identity_providers_returns_max_items, list_identity_providers_returns_next_tokens,
    list_identity_providers_when_max_items_more_than_total_items.

    Otherwise: providers must be of a type that may be there more than once; moto makes ten of Facebook's.
    """
    for number in range(10):
        make(world, pool_id, number)
    region = "ap-northeast-3" if listing == "list_user_pools" else "us-east-1"
    named = {} if listing == "list_user_pools" else {"UserPoolId": pool_id}
    ask = partial(getattr(world.client(region=region), listing), **named)
    first = ask(MaxResults=5)
    second = ask(MaxResults=5, NextToken=first["NextToken"])
    assert (len(first[member]), len(second[member]), "NextToken" in second) == (5, 5, False)
    whole = ask(MaxResults=15)
    assert (first[member] + second[member], "NextToken" in whole) == (whole[member], False)
