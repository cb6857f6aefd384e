"""Is an app client or a pool that is made anew under a chosen id another one? To tokens, codes, Sessions and to what is remembered."""

import json
from typing import Any

import pytest

from api.world import PASSWORD, REGION, World
from oauth.hosted import NAME, code_client, code_for, exchange, refresh, tokens_for
from oauth.machines import CREDENTIALS, ask
from poolkeeper.model.registration import REGISTER_SCOPE

FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH"]
SRP_A = "a1" * 384


@pytest.fixture
def pool_id(world: World) -> str:
    """Make a pool with `ada`."""
    pool = world.pool()
    pool.user(NAME)
    return pool.pool_id


def made(world: World, pool_id: str, flows: list[str] = FLOWS, **more: Any) -> dict[str, Any]:
    """Make the app client whose id is chosen, a moment after whatever was before."""
    world.clock.advance(1000)
    answer = world.signed.create_user_pool_client(
        UserPoolId=pool_id, ClientName=f"_custom_id_:web{pool_id.rpartition('_')[2]}", ExplicitAuthFlows=flows, **more
    )
    return dict(answer["UserPoolClient"])


def deleted(world: World, client: dict[str, Any]) -> None:
    world.signed.delete_user_pool_client(UserPoolId=client["UserPoolId"], ClientId=client["ClientId"])


def by_password(world: World, client: dict[str, Any]) -> dict[str, Any]:
    parameters = {"USERNAME": NAME, "PASSWORD": PASSWORD}
    return dict(
        world.unsigned.initiate_auth(
            ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )
    )


def test_tokens_of_the_client_before_are_worth_nothing(world: World, pool_id: str) -> None:
    """Whoever deletes an app client cuts off its people, and giving its id again lets none of them back in."""
    client = made(world, pool_id)
    held = by_password(world, client)["AuthenticationResult"]
    deleted(world, client)
    again = made(world, pool_id)
    assert again["ClientId"] == client["ClientId"]
    refused = world.unsigned.exceptions.NotAuthorizedException
    with pytest.raises(refused):
        world.unsigned.get_tokens_from_refresh_token(ClientId=client["ClientId"], RefreshToken=held["RefreshToken"])
    with pytest.raises(refused):
        world.unsigned.get_user(AccessToken=held["AccessToken"])
    assert "AccessToken" in by_password(world, again)["AuthenticationResult"]


def test_half_a_sign_in_with_the_client_before_is_over(world: World, pool_id: str) -> None:
    """A Session and a SECRET_BLOCK are of the client that they were given to."""
    client = made(world, pool_id)
    parameters = {"USERNAME": NAME, "SRP_A": SRP_A}
    block = world.unsigned.initiate_auth(
        ClientId=client["ClientId"], AuthFlow="USER_SRP_AUTH", AuthParameters=parameters
    )["ChallengeParameters"]["SECRET_BLOCK"]
    session = world.unsigned.initiate_auth(
        ClientId=client["ClientId"], AuthFlow="USER_AUTH", AuthParameters={"USERNAME": NAME}
    )["Session"]
    deleted(world, client)
    made(world, pool_id)
    refused = world.unsigned.exceptions.NotAuthorizedException
    with pytest.raises(refused, match="session is expired"):
        world.unsigned.respond_to_auth_challenge(
            ClientId=client["ClientId"],
            ChallengeName="SELECT_CHALLENGE",
            Session=session,
            ChallengeResponses={"USERNAME": NAME, "ANSWER": "PASSWORD", "PASSWORD": PASSWORD},
        )
    with pytest.raises(refused, match="session is expired"):
        world.unsigned.respond_to_auth_challenge(
            ClientId=client["ClientId"],
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses={
                "USERNAME": NAME,
                "PASSWORD_CLAIM_SECRET_BLOCK": block,
                "TIMESTAMP": "Tue Nov 24 09:00:00 UTC 2026",
                "PASSWORD_CLAIM_SIGNATURE": "A" * 43 + "=",
            },
        )


def test_what_is_remembered_of_the_client_before_is_not_the_new_one(world: World, pool_id: str) -> None:
    """Its flows and its secret are those that it was made with."""
    client = made(world, pool_id, GenerateSecret=True)
    world.signed.describe_user_pool_client(UserPoolId=pool_id, ClientId=client["ClientId"])
    deleted(world, client)
    made(world, pool_id, ["ALLOW_USER_SRP_AUTH"])
    now = world.signed.describe_user_pool_client(UserPoolId=pool_id, ClientId=client["ClientId"])["UserPoolClient"]
    assert now["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH"]
    assert "ClientSecret" not in now
    with pytest.raises(world.unsigned.exceptions.InvalidParameterException):
        by_password(world, client)


def test_a_code_of_the_client_before_gives_nothing(world: World, pool_id: str) -> None:
    """Nor does it where the person still has it in the address."""
    pool = world.pool()
    pool.user(NAME)
    name = f"_custom_id_:code{pool.pool_id.rpartition('_')[2]}"
    client = code_client(pool, ClientName=name)
    code, held = code_for(client), tokens_for(client)
    deleted(world, {"UserPoolId": pool.pool_id, "ClientId": client.client_id})
    world.clock.advance(1000)
    again = code_client(pool, ClientName=name)
    assert again.client_id == client.client_id
    assert exchange(again, code).error == (400, "invalid_grant")
    assert refresh(again, held["refresh_token"]).error == (400, "invalid_grant")


def test_a_token_of_the_machine_before_registers_nothing(world: World) -> None:
    """What a program got that was cut off is worth nothing to whoever has its id now, either."""
    pool = world.pool(DcrConfiguration={"EnableStatus": "Enabled"})
    settings = {**CREDENTIALS, "ClientName": f"_custom_id_:robot{pool.pool_id.rpartition('_')[2]}"}
    client = pool.client(**{**settings, "AllowedOAuthScopes": [REGISTER_SCOPE]})
    said = json.dumps({"redirect_uris": ["https://app.example/cb"]}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {ask(client).body['access_token']}"}
    path = f"/oauth2/register?user_pool_id={pool.pool_id}"
    assert world.http("POST", path, body=said, headers=headers)[0] == 201
    deleted(world, {"UserPoolId": pool.pool_id, "ClientId": client.client_id})
    world.clock.advance(1000)
    assert pool.client(**{**settings, "AllowedOAuthScopes": [REGISTER_SCOPE]}).client_id == client.client_id
    assert world.http("POST", path, body=said, headers=headers)[0] == 401


def test_keys_of_the_pool_before_sign_nothing(world: World) -> None:
    """Another process remembers them: here the rows go by themselves, as a deletion at another process looks from here."""
    chosen = f"{REGION}_again"
    tags = {"_custom_id_": chosen}
    world.signed.create_user_pool(PoolName="first", UserPoolTags=tags)
    client = made(world, chosen)
    first = world.get(f"/{chosen}/.well-known/jwks.json")[2]

    async def gone() -> None:
        for table in ("pools", "clients", "signing_keys", "directory"):
            await world.house.db.execute(f"DELETE FROM {table} WHERE pool_id = $1", chosen)

    world.run(gone)
    world.clock.advance(1000)
    world.signed.create_user_pool(PoolName="second", UserPoolTags=tags)
    again = made(world, chosen)
    assert again["ClientId"] == client["ClientId"]
    world.signed.admin_create_user(UserPoolId=chosen, Username=NAME, MessageAction="SUPPRESS")
    world.signed.admin_set_user_password(UserPoolId=chosen, Username=NAME, Password=PASSWORD, Permanent=True)
    token = by_password(world, again)["AuthenticationResult"]["AccessToken"]
    second = world.get(f"/{chosen}/.well-known/jwks.json")[2]
    assert first != second
    assert world.unsigned.get_user(AccessToken=token)["Username"] == NAME
    (described,) = [world.signed.describe_user_pool(UserPoolId=chosen)["UserPool"]["Name"]]
    assert described == "second"
