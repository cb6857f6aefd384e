"""Client secrets: two at a time, so that a running application can change from one to the other."""

import base64
import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import MINUTE

OWN = "a-secret-of-my-own-is-not-matched".replace("-", "_")


def confidential(world: World) -> ClientOfTests:
    """Return a client with one secret, and the user `ula` in its pool."""
    pool = world.pool()
    pool.user("ula")
    return pool.client(GenerateSecret=True)


def call(client: ClientOfTests, operation: str, **more: Any) -> dict[str, Any]:
    ids = {"UserPoolId": client.pool.pool_id, "ClientId": client.client_id}
    answer: dict[str, Any] = getattr(client.world.signed, f"{operation}_user_pool_client_secret")(**ids, **more)
    return answer


def ids(client: ClientOfTests) -> list[str]:
    answer = client.world.signed.list_user_pool_client_secrets(
        UserPoolId=client.pool.pool_id, ClientId=client.client_id
    )
    return [one["ClientSecretId"] for one in answer["ClientSecrets"]]


def signs_in(client: ClientOfTests, secret: str) -> bool:
    digest = hmac.digest(secret.encode(), f"ula{client.client_id}".encode(), hashlib.sha256)
    sign_in = partial(client.sign_in, "ula", PASSWORD, SECRET_HASH=base64.b64encode(digest).decode())
    try:
        return "AuthenticationResult" in sign_in()
    except ClientError as fault:
        told = (fault.response["Error"]["Code"], fault.response["Error"]["Message"])
    refusal = ("NotAuthorizedException", f"Unable to verify secret hash for client {client.client_id}")
    if told != refusal:
        raise AssertionError(told)
    return False


def test_either_of_two_secrets_is_good_until_it_is_deleted(world: World) -> None:
    """The rotation as it is meant: add, change the application, delete the old one."""
    client = confidential(world)
    old = str(client.secret)
    world.clock.advance(MINUTE)
    added = call(client, "add")["ClientSecretDescriptor"]
    new = added["ClientSecretValue"]

    assert (len(new), new != old) == (51, True)
    assert added["ClientSecretId"] == f"{client.client_id}--{world.clock.now() // 1000}"
    assert added["ClientSecretCreateDate"].timestamp() == world.clock.now() / 1000
    assert (signs_in(client, old), signs_in(client, new), signs_in(client, OWN)) == (True, True, False)

    first, second = ids(client)
    assert second == added["ClientSecretId"]
    call(client, "delete", ClientSecretId=first)
    assert (signs_in(client, old), signs_in(client, new)) == (False, True)
    assert ids(client) == [second]
    described = world.signed.describe_user_pool_client(UserPoolId=client.pool.pool_id, ClientId=client.client_id)
    assert described["UserPoolClient"]["ClientSecret"] == new


def test_a_secret_of_ones_own_is_not_told_again(world: World) -> None:
    """Given at creation or added later it works, and AddUserPoolClientSecret does not repeat it; lists never tell."""
    client = confidential(world)
    added = call(client, "add", ClientSecret=OWN)["ClientSecretDescriptor"]
    assert set(added) == {"ClientSecretId", "ClientSecretCreateDate"}
    assert signs_in(client, OWN)
    listed = world.signed.list_user_pool_client_secrets(UserPoolId=client.pool.pool_id, ClientId=client.client_id)
    assert "NextToken" not in listed
    assert [set(one) for one in listed["ClientSecrets"]] == [{"ClientSecretId", "ClientSecretCreateDate"}] * 2

    assert client.pool.client(ClientSecret=OWN).secret == OWN


def test_the_third_secret_and_the_last_deletion_are_refused(world: World) -> None:
    """There are one or two, never none or three; a client without a secret stays one."""
    client = confidential(world)
    only = ids(client)[0]
    assert refused(partial(call, client, "delete", ClientSecretId=only)) == (
        "InvalidParameterException",
        f"The last secret of client {client.client_id} cannot be deleted.",
    )
    assert refused(partial(call, client, "delete", ClientSecretId=f"{only}0")) == (
        "ResourceNotFoundException",
        f"Client secret {only}0 does not exist.",
    )
    assert refused(partial(call, client, "add", ClientSecret=str(client.secret)))[0] == "InvalidParameterException"
    call(client, "add")
    assert refused(partial(call, client, "add")) == (
        "LimitExceededException",
        f"Client {client.client_id} has 2 secrets, which is the limit.",
    )

    public = client.pool.client()
    assert ids(public) == []
    assert refused(partial(call, public, "add"))[0] == "InvalidParameterException"
    assert ids(public) == []


def test_ids_are_never_given_twice_at_one_moment(world: World) -> None:
    """Made in one second, the ids differ all the same, and that of a deleted secret does not come back."""
    client = confidential(world)
    first = ids(client)[0]
    second = call(client, "add")["ClientSecretDescriptor"]["ClientSecretId"]
    call(client, "delete", ClientSecretId=first)
    third = call(client, "add")["ClientSecretDescriptor"]["ClientSecretId"]
    assert len({first, second, third}) == 3
    assert ids(client) == [second, third]


def test_an_update_does_not_touch_secrets(world: World) -> None:
    """UpdateUserPoolClient has no member for them: both are good afterwards."""
    client = confidential(world)
    call(client, "add", ClientSecret=OWN)
    world.signed.update_user_pool_client(
        UserPoolId=client.pool.pool_id, ClientId=client.client_id, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )
    assert (signs_in(client, str(client.secret)), signs_in(client, OWN)) == (True, True)


def test_of_secrets_added_at_once_one_stands(world: World) -> None:
    """The limit holds under a race, on either engine."""
    client = confidential(world)

    def attempt(_: int) -> str:
        try:
            return str(call(client, "add")["ClientSecretDescriptor"]["ClientSecretValue"])
        except ClientError as fault:
            return str(fault.response["Error"]["Code"])

    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(attempt, range(6)))
    assert outcomes.count("LimitExceededException") == 5
    (value,) = (one for one in outcomes if one != "LimitExceededException")
    assert signs_in(client, value)


def test_secrets_are_of_one_client_of_one_pool(world: World) -> None:
    """A client of another pool is not found, whatever is done to its secrets."""
    client = confidential(world)
    other = ClientOfTests(world, world.pool(), client.client_id, client.secret)
    missing = ("ResourceNotFoundException", f"User pool client {client.client_id} does not exist.")
    works = (
        partial(call, other, "add"),
        partial(call, other, "delete", ClientSecretId=ids(client)[0]),
        partial(ids, other),
    )
    for work in works:
        assert refused(work) == missing
    assert len(ids(client)) == 1
