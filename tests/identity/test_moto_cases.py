"""What do moto's own tests ask of identity pools, and is it answered so here? Each of its cases once, by boto3.

Source: getmoto/moto, tests/test_cognitoidentity (commit 0af643a, August 2026). Where AWS's contract says otherwise this server
keeps to the contract, and the case says what is answered instead (identity-security.md 2.6).
"""

import json
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.credentials import Credentials

from api.world import KEY_ID, KEY_SECRET, World, refused
from identity.pool_answers import PLAIN, without_metadata
from identity.stage import ACCOUNT, identity_pool
from poolkeeper.clock import HOUR, SECOND

OREGON = "us-west-2"
# The ARNs are of no identity provider, and the user pool's name is of none: neither is looked at before somebody comes by them.
EVERYTHING: dict[str, Any] = {
    "IdentityPoolName": "TestPool",
    "AllowUnauthenticatedIdentities": False,
    "SupportedLoginProviders": {"graph.facebook.com": "123456789012345"},
    "DeveloperProviderName": "devname",
    "OpenIdConnectProviderARNs": [f"arn:aws:rds:eu-west-2:{ACCOUNT}:db:mysql-db"],
    "CognitoIdentityProviders": [
        {"ProviderName": "testprovider", "ClientId": "CLIENT12345", "ServerSideTokenCheck": True}
    ],
    "SamlProviderARNs": [f"arn:aws:rds:eu-west-2:{ACCOUNT}:db:mysql-db"],
}
STRANGE = {"someurl": "12345"}
NO_MATCH = "Logins don't match. Please include at least one valid login for this identity or identity pool."
NO_LOGIN = "Token is not from a supported provider of this identity pool."


def in_oregon(world: World, *, signed: bool = True) -> BaseClient:
    """Return a client of another region than that of the other tests."""
    return world.client("cognito-identity", region=OREGON, signed=signed)


def pool_of(client: BaseClient, **settings: Any) -> str:
    """Make an identity pool, which takes guests, and return its id."""
    given = {"IdentityPoolName": "test_identity_pool", "AllowUnauthenticatedIdentities": True, **settings}
    return str(client.create_identity_pool(**given)["IdentityPoolId"])


def unsatisfied(value: str, member: str, pattern: str) -> tuple[str, str]:
    """Return how AWS refuses a value that is not of its pattern."""
    return (
        "ValidationException",
        (
            f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {pattern}"
        ),
    )


@pytest.mark.parametrize("name", ["pool#name", "with!excl", "with?quest"])
def test_a_name_with_other_signs_is_refused(world: World, name: str) -> None:
    """create_identity_pool_invalid_name: one sentence, with the value, the member and the pattern."""
    client = in_oregon(world)
    asked = partial(client.create_identity_pool, IdentityPoolName=name, AllowUnauthenticatedIdentities=False)
    assert refused(asked) == unsatisfied(name, "identityPoolName", r"[\w\s+=,.@-]+")


@pytest.mark.parametrize("name", ["x", "pool-", "pool_name", "with space"])
def test_a_name_is_kept_as_it_is(world: World, name: str) -> None:
    """create_identity_pool_valid_name, and that it comes back."""
    client = in_oregon(world)
    pool_id = pool_of(client, IdentityPoolName=name)
    assert client.describe_identity_pool(IdentityPoolId=pool_id)["IdentityPoolName"] == name


def test_what_is_made_is_described(world: World) -> None:
    """create_identity_pool, describe_identity_pool: every setting at once, with an id of the region that was called."""
    client = in_oregon(world)
    made = without_metadata(client.create_identity_pool(**EVERYTHING))
    assert made == {**EVERYTHING, "IdentityPoolId": made["IdentityPoolId"]}
    assert without_metadata(client.describe_identity_pool(IdentityPoolId=made["IdentityPoolId"])) == made
    region, _, number = made["IdentityPoolId"].partition(":")
    assert (region, UUID(number).version) == (OREGON, 4)


@pytest.mark.parametrize(
    "later", [{"graph.facebook.com": "123456789012345", "graph.google.com": "00000000"}, {}], ids=["more", "none"]
)
def test_login_providers_are_replaced(world: World, later: dict[str, str]) -> None:
    """update_identity_pool: the answer and Describe say the same. An empty map is told as an empty one."""
    client = in_oregon(world)
    pool_id = pool_of(client, SupportedLoginProviders={"graph.facebook.com": "123456789012345"})
    changed = client.update_identity_pool(IdentityPoolId=pool_id, **PLAIN, SupportedLoginProviders=later)
    assert changed["SupportedLoginProviders"] == later
    assert client.describe_identity_pool(IdentityPoolId=pool_id)["SupportedLoginProviders"] == later


def test_a_developer_provider_is_not_renamed(world: World) -> None:
    """update_identity_pool, otherwise: its model says that the name cannot be changed once it is set."""
    client = in_oregon(world)
    pool_id = pool_of(client, DeveloperProviderName="dev1")
    renamed = partial(client.update_identity_pool, IdentityPoolId=pool_id, **PLAIN, DeveloperProviderName="dev2")
    assert refused(renamed)[0] == "InvalidParameterException"
    assert client.describe_identity_pool(IdentityPoolId=pool_id)["DeveloperProviderName"] == "dev1"


def test_what_is_no_pools_id_is_refused_before_it_is_looked_for(world: World) -> None:
    """describe_identity_pool_with_invalid_id, otherwise: the id is not of the model's form, so nothing is looked for."""
    client = in_oregon(world)
    asked = partial(client.describe_identity_pool, IdentityPoolId="us-west-2_non-existent")
    assert refused(asked) == unsatisfied("us-west-2_non-existent", "identityPoolId", r"[\w-]+:[0-9a-f-]+")
    asked = partial(client.describe_identity_pool, IdentityPoolId="us-west-2:12345")
    assert refused(asked) == ("ResourceNotFoundException", "IdentityPool 'us-west-2:12345' not found.")


def test_nobody_is_an_identity_by_a_provider_that_the_pool_does_not_name(world: World) -> None:
    """get_id, otherwise: the pool names no such provider, or none at all. It needs no signature, and an identity is of its pool's region."""
    signed, anybody = in_oregon(world), in_oregon(world, signed=False)
    pool_id = pool_of(signed)
    asked = partial(anybody.get_id, AccountId=ACCOUNT, IdentityPoolId=pool_id)
    assert refused(partial(asked, Logins=STRANGE)) == ("NotAuthorizedException", NO_MATCH)
    assert signed.list_identities(IdentityPoolId=pool_id, MaxResults=1)["Identities"] == []
    by_others = pool_of(signed, SupportedLoginProviders={"graph.facebook.com": "42"})
    asked_there = partial(anybody.get_id, IdentityPoolId=by_others, Logins=STRANGE)
    assert refused(asked_there) == ("NotAuthorizedException", NO_LOGIN)
    assert asked()["IdentityId"].startswith(f"{OREGON}:")
    # Whoever calls another region's endpoint means the same pool: the id says the region.
    assert (
        world.client("cognito-identity", signed=False).get_id(IdentityPoolId=pool_id)["IdentityId"].startswith(OREGON)
    )


def test_an_account_is_a_number(world: World) -> None:
    """get_id, otherwise: AccountId has digits alone in the model; moto is sent a word."""
    client = in_oregon(world, signed=False)
    asked = partial(client.get_id, AccountId="someaccount", IdentityPoolId=pool_of(in_oregon(world)))
    assert refused(asked) == unsatisfied("someaccount", "accountId", r"\d+")


def test_a_region_of_no_form_makes_no_pool(world: World) -> None:
    """get_id__unknown_region, otherwise: moto takes any word where a variable allows it."""
    client = world.client("cognito-identity", region="any-region")
    assert refused(partial(pool_of, client)) == (
        "InvalidParameterException",
        "any-region does not have the form of a region's name.",
    )


def test_nobody_has_credentials_for_what_is_no_identity(world: World) -> None:
    """get_credentials_for_identity, get_open_id_token, otherwise: no identity is there, and its id is of no id's form."""
    client = in_oregon(world, signed=False)
    malformed = unsatisfied("12345", "identityId", r"[\w-]+:[0-9a-f-]+")
    for ask in (client.get_credentials_for_identity, partial(client.get_open_id_token, Logins=STRANGE)):
        assert refused(partial(ask, IdentityId="12345")) == malformed
        missing = ("ResourceNotFoundException", "Identity 'us-west-2:12345' not found.")
        assert refused(partial(ask, IdentityId="us-west-2:12345")) == missing


def test_what_moto_asks_for_is_there_for_an_identity(world: World) -> None:
    """get_credentials_for_identity, get_open_id_token: the identity's id, a time in an hour, a token."""
    pool = identity_pool(world, users=("ada",))
    logins = pool.logins("ada")
    identity_id = pool.get_id(logins)
    role = f"arn:aws:iam::{ACCOUNT}:role/named-alone"
    pool.signed.set_identity_pool_roles(IdentityPoolId=pool.pool_id, Roles={"authenticated": role})
    world.clock.advance(1)  # the end is told in whole seconds, whenever that is
    made = pool.unsigned.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)
    assert made["IdentityId"] == identity_id
    assert made["Credentials"]["Expiration"].timestamp() * SECOND == world.clock.second() + HOUR
    assert pool.token(identity_id, logins)["IdentityId"] == identity_id


def test_a_back_end_vouches_for_its_own_users_alone(world: World) -> None:
    """get_open_id_token_for_developer_identity, otherwise: moto looks at neither pool, identity nor provider."""
    client = in_oregon(world)
    asked = partial(client.get_open_id_token_for_developer_identity, Logins=STRANGE, TokenDuration=123)
    missing = ("ResourceNotFoundException", "IdentityPool 'us-west-2:12345' not found.")
    assert refused(partial(asked, IdentityPoolId="us-west-2:12345")) == missing
    pool_id = pool_of(client, DeveloperProviderName="devname")
    assert refused(partial(asked, IdentityPoolId=pool_id))[0] == "InvalidParameterException"
    malformed = unsatisfied("12345", "identityId", r"[\w-]+:[0-9a-f-]+")
    assert refused(partial(asked, IdentityPoolId=pool_id, IdentityId="12345")) == malformed


def test_a_back_ends_user_has_an_identity_at_once(world: World) -> None:
    """get_open_id_token_for_developer_identity: the same identity whether its id is given or not."""
    client = in_oregon(world)
    known = {"IdentityPoolId": pool_of(client, DeveloperProviderName="devname"), "Logins": {"devname": "12345"}}
    first = client.get_open_id_token_for_developer_identity(**known, TokenDuration=123)
    again = client.get_open_id_token_for_developer_identity(**known, IdentityId=first["IdentityId"])
    assert first["Token"]
    assert again["IdentityId"] == first["IdentityId"]


def test_identities_are_listed_sixty_at_a_time(world: World) -> None:
    """list_identities: those of the pool. Otherwise: the model has sixty at the most, and the number is required."""
    client = in_oregon(world)
    pool_id = pool_of(client)
    made = client.get_id(AccountId=ACCOUNT, IdentityPoolId=pool_id)["IdentityId"]
    listed = client.list_identities(IdentityPoolId=pool_id, MaxResults=60)
    assert listed["IdentityPoolId"] == pool_id
    assert [one["IdentityId"] for one in listed["Identities"]] == [made]
    assert refused(partial(client.list_identities, IdentityPoolId=pool_id, MaxResults=123)) == (
        "ValidationException",
        (
            "1 validation error detected: Value '123' at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 60"
        ),
    )


def test_pools_are_listed_until_they_are_deleted(world: World) -> None:
    """list_identity_pools, delete_identity_pool: id and name; what is deleted is in no list."""
    client = world.client("cognito-identity", region="ap-southeast-1")
    pool_id = pool_of(client)
    assert client.list_identity_pools(MaxResults=10)["IdentityPools"] == [
        {"IdentityPoolId": pool_id, "IdentityPoolName": "test_identity_pool"}
    ]
    client.delete_identity_pool(IdentityPoolId=pool_id)
    assert client.list_identity_pools(MaxResults=10)["IdentityPools"] == []


def raw(world: World, operation: str, given: dict[str, Any], *, signed: bool) -> tuple[int, dict[str, Any]]:
    """Send a request without a client of AWS's; return (status, decoded body)."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSCognitoIdentityService.{operation}",
    }
    request = AWSRequest(method="POST", url=f"{world.url}/", data=json.dumps(given), headers=headers)
    if signed:
        SigV4Auth(Credentials(KEY_ID, KEY_SECRET), "cognito-identity", OREGON).add_auth(request)
    status, _, answer = world.http("POST", "/", body=json.dumps(given).encode(), headers=dict(request.headers.items()))
    return status, json.loads(answer)


def test_the_same_over_plain_http(world: World) -> None:
    """The cases of test_server: CreateIdentityPool, GetId, ListIdentities. Otherwise: the first and the last want a signature."""
    wanted = {"IdentityPoolName": "test", "AllowUnauthenticatedIdentities": True}
    status, told = raw(world, "CreateIdentityPool", wanted, signed=False)
    assert (status, told["__type"]) == (400, "MissingAuthenticationTokenException")
    status, made = raw(world, "CreateIdentityPool", wanted, signed=True)
    assert (status, made["IdentityPoolName"]) == (200, "test")
    pool = {"IdentityPoolId": made["IdentityPoolId"]}
    status, guest = raw(world, "GetId", pool, signed=False)
    assert (status, ":" in guest["IdentityId"]) == (200, True)
    status, told = raw(world, "ListIdentities", pool, signed=True)
    assert (status, told["message"]) == (
        400,
        "1 validation error detected: Value null at 'maxResults' failed to satisfy constraint: Member must not be null",
    )
    status, listed = raw(world, "ListIdentities", {**pool, "MaxResults": 60}, signed=True)
    assert [one["IdentityId"] for one in listed["Identities"]] == [guest["IdentityId"]]
