"""What can a newcomer try at once? The demo pool of a first start in development, made through the API's own functions."""

from dataclasses import dataclass

from poolkeeper.aws.generated.cognito_idp import CreateUserPoolClientRequest, CreateUserPoolRequest
from poolkeeper.call import Call, House
from poolkeeper.operations.cognito_idp.clients import create_user_pool_client
from poolkeeper.operations.cognito_idp.pools import create_user_pool


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo pool and its app client, which has no secret."""

    pool_id: str
    client_id: str


async def make_demo_pool(house: House) -> Demo:
    """Create a pool where people sign in by e-mail address, and an app client that allows every usual flow."""
    call = Call(
        house=house,
        caller=None,
        region=house.settings.region,
        client_address="",
        user_agent="",
        request_id=house.entropy.uuid(),
        now=house.clock.now(),
    )
    pool = await create_user_pool(
        call,
        CreateUserPoolRequest(pool_name="demo", username_attributes=["email"], auto_verified_attributes=["email"]),
    )
    assert pool.user_pool is not None
    assert pool.user_pool.id is not None
    client = await create_user_pool_client(
        call,
        CreateUserPoolClientRequest(
            user_pool_id=pool.user_pool.id,
            client_name="demo",
            explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ),
    )
    assert client.user_pool_client is not None
    assert client.user_pool_client.client_id is not None
    return Demo(pool.user_pool.id, client.user_pool_client.client_id)
