"""Whether a device has its turn when its user signs in, and is named when a session goes on."""

import dataclasses
from functools import partial
from typing import Any

import pytest

from api.devices import (
    NO_DEVICE,
    ON_PROMPT,
    asked,
    begun,
    helper,
    new_device,
    refused_all,
    sign_in,
    tracked,
)
from api.forge import claims_of
from api.signing_in import begin, respond, srp_sign_in
from api.world import PASSWORD, World, refused
from poolkeeper.clock import HOUR

INVALID_REFRESH = ("NotAuthorizedException", "Invalid Refresh Token.")


def test_a_remembered_device_is_asked_last(world: World) -> None:
    """The password alone gives a challenge; the device's proof gives tokens of the same device, and no new one."""
    client = tracked(world).client()
    client.pool.user("ada")
    device = new_device(client, "ada")

    challenge = asked(client, "ada", device)
    assert challenge["ChallengeParameters"] == {"DEVICE_KEY": device.key, "USERNAME": "ada"}
    tokens = sign_in(client, "ada", device)
    assert "NewDeviceMetadata" not in tokens
    assert claims_of(tokens["AccessToken"])["device_key"] == device.key


@pytest.mark.parametrize("admin", [False, True], ids=["public", "admin"])
def test_a_device_named_with_the_proof_of_the_password_is_asked(world: World, *, admin: bool) -> None:
    """Amplify names the device in the answer to PASSWORD_VERIFIER alone, and sends the Session along."""
    client = tracked(world).client()
    client.pool.user("ada")
    device = new_device(client, "ada")
    user = helper(client, "ada", device)
    given = {name: value for name, value in user.get_auth_params().items() if name != "DEVICE_KEY"}

    first = begin(client, "USER_SRP_AUTH", admin=admin, **given)
    proof = user.process_challenge(first["ChallengeParameters"], given)
    challenge = respond(client, "PASSWORD_VERIFIER", admin=admin, **proof)
    assert challenge["ChallengeName"] == "DEVICE_SRP_AUTH"
    answer = respond(
        client, "DEVICE_PASSWORD_VERIFIER", admin=admin, **begun(client, "ada", device, challenge, admin=admin)
    )
    assert claims_of(answer["AuthenticationResult"]["AccessToken"])["device_key"] == device.key


def test_pycognito_proves_a_device_without_a_session(world: World) -> None:
    """It takes up what was proved by the public value of its first exchange."""
    client = tracked(world).client()
    client.pool.user("ada")
    device = new_device(client, "ada")

    for user in (helper(client, "ada", device), helper(client, "ada", device)):
        for _ in range(2):
            tokens = user.authenticate_user()["AuthenticationResult"]
            assert claims_of(tokens["AccessToken"])["device_key"] == device.key


def test_a_device_that_is_not_remembered_signs_in_as_itself(world: World) -> None:
    """There is no challenge and no new key: the token carries the one that was named."""
    client = tracked(world, ON_PROMPT).client()
    client.pool.user("ada")
    device = new_device(client, "ada")

    tokens = client.sign_in("ada", DEVICE_KEY=device.key)["AuthenticationResult"]
    assert "NewDeviceMetadata" not in tokens
    assert claims_of(tokens["AccessToken"])["device_key"] == device.key
    assert claims_of(srp_sign_in_on(client, "ada", device)["AccessToken"])["device_key"] == device.key


def srp_sign_in_on(client: Any, name: str, device: Any) -> dict[str, Any]:
    """Sign in by SRP with a device that is not asked anything."""
    result: dict[str, Any] = helper(client, name, device).authenticate_user()["AuthenticationResult"]
    return result


def test_an_unknown_device_is_told_about_after_the_password(world: World) -> None:
    """Amplify forgets what it knows of the device at this sentence and begins anew; a wrong password does not hear it."""
    client = tracked(world).client()
    client.pool.user("ada")
    device = new_device(client, "ada")
    client.pool.admin("admin_forget_device", "ada", DeviceKey=device.key)

    assert refused(lambda: client.sign_in("ada", DEVICE_KEY=device.key)) == NO_DEVICE
    assert refused(lambda: client.sign_in("ada", "Wrong-password-0", DEVICE_KEY=device.key))[1].startswith("Incorrect")
    assert refused(lambda: client.sign_in("nobody", DEVICE_KEY=device.key))[1].startswith("Incorrect")
    assert "NewDeviceMetadata" in client.tokens("ada")


@pytest.mark.parametrize("as_null", [False, True], ids=["left out", "null"])
@pytest.mark.parametrize("named_at_first", [False, True], ids=["named late", "named twice"])
def test_a_proof_that_names_an_unknown_device_is_good_without_it(
    world: World, *, named_at_first: bool, as_null: bool
) -> None:
    """Amplify sends the same proof again without the device, amazon-cognito-identity-js with null in its place."""
    client = tracked(world).client()
    client.pool.user("ada")
    device = new_device(client, "ada")
    client.pool.admin("admin_forget_device", "ada", DeviceKey=device.key)
    user = helper(client, "ada", device)
    given = {name: value for name, value in user.get_auth_params().items() if named_at_first or name != "DEVICE_KEY"}
    proof = user.process_challenge(client.initiate("USER_SRP_AUTH", **given)["ChallengeParameters"], given)

    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **proof)) == NO_DEVICE
    body = {"ClientId": client.client_id, "ChallengeName": "PASSWORD_VERIFIER"}
    without: dict[str, str | None] = {**proof, "DEVICE_KEY": None}
    if not as_null:
        del without["DEVICE_KEY"]
    status, answer = world.call("RespondToAuthChallenge", {**body, "ChallengeResponses": without})
    assert status == 200
    assert answer["AuthenticationResult"]["NewDeviceMetadata"]["DeviceKey"] != device.key


def test_a_proof_is_kept_as_the_last_use_of_a_device(world: World) -> None:
    """DeviceLastAuthenticatedDate moves with it and DeviceLastModifiedDate does not; a wrong proof moves neither."""
    client = tracked(world).client()
    client.pool.user("ada")
    device = new_device(client, "ada")
    made = world.clock.datetime(remove_tzinfo=False)
    world.clock.advance(HOUR)
    other = dataclasses.replace(device, password="another secret")

    wrong = begun(client, "ada", other, asked(client, "ada", device))
    assert refused(lambda: client.respond("DEVICE_PASSWORD_VERIFIER", **wrong))[1].startswith("Incorrect")
    assert _dates(client, device)[1] == made.replace(microsecond=0)
    sign_in(client, "ada", device)
    assert _dates(client, device) == (made, world.clock.datetime(remove_tzinfo=False).replace(microsecond=0))


def _dates(client: Any, device: Any) -> tuple[Any, Any]:
    shown = client.pool.admin("admin_get_device", "ada", DeviceKey=device.key)["Device"]
    return shown["DeviceLastModifiedDate"], shown["DeviceLastAuthenticatedDate"]


def test_a_refresh_names_the_device_of_its_session(world: World) -> None:
    """REFRESH_TOKEN_AUTH and GetTokensFromRefreshToken: neither without a device nor with another one."""
    client = tracked(world).client()
    client.pool.user("ada")
    tokens = client.tokens("ada")
    key, token = tokens["NewDeviceMetadata"]["DeviceKey"], tokens["RefreshToken"]
    exchange = partial(world.unsigned.get_tokens_from_refresh_token, ClientId=client.client_id, RefreshToken=token)
    refresh = partial(client.initiate, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)

    assert refused_all(
        refresh,
        partial(refresh, DEVICE_KEY=new_device(client, "ada").key),
        partial(refresh, DEVICE_KEY="é"),
        exchange,
        partial(exchange, DeviceKey="us-east-1_0a"),
    ) == {INVALID_REFRESH}
    for answer in (refresh(DEVICE_KEY=key), exchange(DeviceKey=key)):
        assert claims_of(answer["AuthenticationResult"]["AccessToken"])["device_key"] == key


def test_a_refresh_is_told_of_a_wrong_secret_before_the_device(world: World) -> None:
    """Whoever does not know the client's secret hears nothing of devices."""
    client = tracked(world).client(GenerateSecret=True)
    client.pool.user("ada")
    tokens = srp_sign_in(client, "ada")["AuthenticationResult"]
    given = {"REFRESH_TOKEN": tokens["RefreshToken"], "SECRET_HASH": "wrong"}
    assert refused(lambda: client.initiate("REFRESH_TOKEN_AUTH", **given))[1].startswith("SecretHash does not match")


def test_a_session_from_before_tracking_goes_on_without_a_device(world: World) -> None:
    """What was begun without a device is refreshed without one; a session with a device goes on after tracking ends."""
    client = world.pool().client()
    client.pool.user("ada")
    before = client.tokens("ada")["RefreshToken"]
    world.signed.update_user_pool(UserPoolId=client.pool.pool_id, DeviceConfiguration=ON_PROMPT)
    during = client.tokens("ada")["RefreshToken"]

    assert client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=before)["AuthenticationResult"]
    assert refused(lambda: client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=during)) == INVALID_REFRESH
    world.signed.update_user_pool(UserPoolId=client.pool.pool_id)
    assert client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=during)["AuthenticationResult"]


def test_forgetting_a_device_ends_nothing_else(world: World) -> None:
    """Its sessions are refreshed as before, and its user signs in anew without it."""
    client = tracked(world).client()
    client.pool.user("ada")
    device = new_device(client, "ada")
    tokens = sign_in(client, "ada", device)
    world.unsigned.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=device.key)

    given = {"REFRESH_TOKEN": tokens["RefreshToken"], "DEVICE_KEY": device.key}
    assert client.initiate("REFRESH_TOKEN_AUTH", **given)["AuthenticationResult"]
    assert world.unsigned.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"
    assert "NewDeviceMetadata" in client.tokens("ada")


def test_a_temporary_password_is_changed_before_the_device_is_asked(world: World) -> None:
    """The device is named with the password, the password is replaced, and then the device has its turn."""
    client = tracked(world).client()
    client.pool.user("ada")
    device = new_device(client, "ada")
    client.pool.admin("admin_set_user_password", "ada", Password=PASSWORD, Permanent=False)

    first = client.sign_in("ada", DEVICE_KEY=device.key)
    assert first["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    challenge = client.respond(
        "NEW_PASSWORD_REQUIRED", first["Session"], USERNAME="ada", NEW_PASSWORD="Dive-in-3-lakes"
    )
    assert challenge["ChallengeName"] == "DEVICE_SRP_AUTH"
    proof = begun(client, "ada", device, challenge)
    assert "AuthenticationResult" in client.respond("DEVICE_PASSWORD_VERIFIER", **proof)
