"""Whether devices are confirmed, remembered, listed, proved and forgotten as Cognito's clients expect it."""

import dataclasses
from base64 import b64decode, b64encode
from functools import partial
from typing import Any

import pytest

from api.devices import (
    ALWAYS,
    INSTEAD_OF_MFA,
    NO_DEVICE,
    ON_PROMPT,
    asked,
    attributes_of,
    begun,
    confirm,
    helper,
    keys,
    new_device,
    refused_all,
    sign_in,
    tracked,
    verifier_of,
)
from api.forge import claims_of
from api.signing_in import begin, respond, srp_sign_in
from api.world import PASSWORD, World, refused
from poolkeeper.clock import HOUR, SECOND
from poolkeeper.crypto import srp

UNTRACKED = ("InvalidUserPoolConfigurationException", "Device tracking is not enabled for the user pool.")
INVALID_KEY = ("InvalidParameterException", "Invalid device key given.")
INVALID_NUMBERS = ("InvalidParameterException", "Invalid device secret verifier given.")
INVALID_REFRESH = ("NotAuthorizedException", "Invalid Refresh Token")


def test_a_sign_in_without_a_device_is_given_a_key(world: World) -> None:
    """NewDeviceMetadata has a key of the pool's region and the pool's group, and the access token has the same key."""
    client = tracked(world).client()
    client.pool.user("ada")

    first, second = client.tokens("ada"), client.tokens("ada")
    metadata = first["NewDeviceMetadata"]
    assert metadata["DeviceKey"].startswith("us-east-1_")
    assert claims_of(first["AccessToken"])["device_key"] == metadata["DeviceKey"]
    assert "device_key" not in claims_of(first["IdToken"])
    assert second["NewDeviceMetadata"]["DeviceKey"] != metadata["DeviceKey"]
    assert second["NewDeviceMetadata"]["DeviceGroupKey"] == metadata["DeviceGroupKey"]


def test_a_pool_that_tracks_nothing_knows_no_devices(world: World) -> None:
    """There is no metadata and no claim; a DEVICE_KEY is passed over, and each operation says why it cannot."""
    client = world.pool().client()
    client.pool.user("ada")
    tokens = client.tokens("ada")
    token, key = tokens["AccessToken"], "us-east-1_0a"

    assert "NewDeviceMetadata" not in tokens
    assert "device_key" not in claims_of(token)
    assert "AuthenticationResult" in client.sign_in("ada", DEVICE_KEY=key)
    own = world.unsigned
    assert refused_all(
        partial(own.confirm_device, AccessToken=token, DeviceKey=key),
        partial(own.get_device, AccessToken=token, DeviceKey=key),
        partial(own.list_devices, AccessToken=token),
        partial(own.update_device_status, AccessToken=token, DeviceKey=key),
        partial(own.forget_device, AccessToken=token, DeviceKey=key),
        partial(client.pool.admin, "admin_get_device", "ada", DeviceKey=key),
        partial(client.pool.admin, "admin_list_devices", "ada"),
        partial(client.pool.admin, "admin_update_device_status", "ada", DeviceKey=key),
        partial(client.pool.admin, "admin_forget_device", "ada", DeviceKey=key),
    ) == {UNTRACKED}


def test_a_confirmed_device_is_remembered_at_once(world: World) -> None:
    """Where the pool does not wait for a word of the user: it is shown to the user and to administrators alike."""
    client = tracked(world).client()
    client.pool.user("ada")
    tokens = client.tokens("ada")
    device = confirm(world, tokens, DeviceName="Ada's phone")

    shown = world.unsigned.get_device(AccessToken=tokens["AccessToken"], DeviceKey=device.key)["Device"]
    assert attributes_of(shown) == {
        "device_status": "valid",
        "device_name": "Ada's phone",
        "dev:device_arn": (
            f"arn:aws:cognito-idp:us-east-1:000000000000:owner/ada.{client.pool.pool_id}/device/{device.key}"
        ),
        "dev:device_owner": f"ada.{client.pool.pool_id}",
        "last_ip_used": "127.0.0.1",
        "dev:device_remembered_status": "remembered",
    }
    now = world.clock.datetime(remove_tzinfo=False)
    assert shown["DeviceKey"] == device.key
    assert (shown["DeviceCreateDate"], shown["DeviceLastModifiedDate"]) == (now, now)
    assert shown["DeviceLastAuthenticatedDate"] == now.replace(microsecond=0)
    assert client.pool.admin("admin_get_device", "ada", DeviceKey=device.key)["Device"] == shown


def test_confirming_says_whether_the_user_has_to_be_asked(world: World) -> None:
    """UserConfirmationNecessary is the pool's DeviceOnlyRememberedOnUserPrompt."""
    for configuration, necessary in ((ALWAYS, False), (ON_PROMPT, True)):
        client = tracked(world, configuration).client()
        client.pool.user("ada")
        tokens = client.tokens("ada")
        answer = world.unsigned.confirm_device(
            AccessToken=tokens["AccessToken"],
            DeviceKey=tokens["NewDeviceMetadata"]["DeviceKey"],
            DeviceSecretVerifierConfig=verifier_of(tokens["NewDeviceMetadata"])[1],
        )
        assert answer["UserConfirmationNecessary"] is necessary


def test_a_device_is_confirmed_once(world: World) -> None:
    """A second time says that the key is there, and the first secret stays."""
    client = tracked(world).client()
    client.pool.user("ada")
    tokens = client.tokens("ada")
    device = confirm(world, tokens)

    assert refused(lambda: confirm(world, tokens)) == ("DeviceKeyExistsException", "Device key already exists.")
    assert sign_in(client, "ada", device)


def test_a_token_confirms_the_device_of_its_own_sign_in_alone(world: World) -> None:
    """Neither the key of another sign-in nor one that the client made up."""
    client = tracked(world).client()
    client.pool.user("ada")
    first, second = client.tokens("ada"), client.tokens("ada")
    for key in (second["NewDeviceMetadata"]["DeviceKey"], "us-east-1_0a"):
        mixed = {**first, "NewDeviceMetadata": {**first["NewDeviceMetadata"], "DeviceKey": key}}
        assert refused(partial(confirm, world, mixed)) == INVALID_KEY


def _encoded(number: int, length: int = 385) -> str:
    return b64encode(number.to_bytes(length)).decode()


@pytest.mark.parametrize(
    ("verifier", "salt"),
    [
        (_encoded(0), _encoded(1, 17)),
        (_encoded(srp.N), _encoded(1, 17)),
        (_encoded(srp.N + 1), _encoded(1, 17)),
        (_encoded(1, 386), _encoded(1, 17)),
        ("", _encoded(1, 17)),
        ("no base64!", _encoded(1, 17)),
        (_encoded(2), _encoded(1, 18)),
        (_encoded(2), _encoded(2**130, 17)),
        (_encoded(2), ""),
    ],
    ids=["zero", "N", "N+1", "long", "empty", "text", "long-salt", "large-salt", "empty-salt"],
)
def test_numbers_that_no_client_computes_are_refused(world: World, verifier: str, salt: str) -> None:
    """A verifier lies between 0 and N: outside of it the exchange could be won without the secret."""
    client = tracked(world).client()
    client.pool.user("ada")
    tokens = client.tokens("ada")
    key = tokens["NewDeviceMetadata"]["DeviceKey"]

    body = {"AccessToken": tokens["AccessToken"], "DeviceKey": key}
    config = {"PasswordVerifier": verifier, "Salt": salt}
    assert refused(lambda: world.unsigned.confirm_device(**body, DeviceSecretVerifierConfig=config)) == INVALID_NUMBERS
    assert keys(client.pool.admin("admin_list_devices", "ada")) == []


def test_a_device_without_its_secret_is_not_confirmed(world: World) -> None:
    """The model requires neither the verifier nor the salt; a device without them could prove nothing."""
    client = tracked(world).client()
    client.pool.user("ada")
    tokens = client.tokens("ada")
    body = {"AccessToken": tokens["AccessToken"], "DeviceKey": tokens["NewDeviceMetadata"]["DeviceKey"]}
    half = {"Salt": _encoded(1, 17)}
    for more in ({}, {"DeviceSecretVerifierConfig": half}):
        assert refused(partial(world.unsigned.confirm_device, **body, **more))[0] == "InvalidParameterException"


def test_a_device_that_waits_for_a_word_is_seen_by_administrators_alone(world: World) -> None:
    """To its user it does not exist before it is remembered, and no more after it is not."""
    client = tracked(world, ON_PROMPT).client()
    client.pool.user("ada")
    tokens = client.tokens("ada")
    device = confirm(world, tokens)
    own = {"AccessToken": tokens["AccessToken"]}
    this = {**own, "DeviceKey": device.key}

    for status, listed in (("not_remembered", []), ("remembered", [device.key]), ("not_remembered", [])):
        world.clock.advance(SECOND)
        world.unsigned.update_device_status(**this, DeviceRememberedStatus=status)
        assert keys(world.unsigned.list_devices(**own)) == listed
        assert keys(client.pool.admin("admin_list_devices", "ada")) == [device.key]
        seen = client.pool.admin("admin_get_device", "ada", DeviceKey=device.key)["Device"]
        assert attributes_of(seen)["dev:device_remembered_status"] == status
        assert seen["DeviceLastModifiedDate"] == world.clock.datetime(remove_tzinfo=False)
    assert refused(lambda: world.unsigned.get_device(**this)) == NO_DEVICE


def test_an_administrator_remembers_and_forgets_a_device(world: World) -> None:
    """The twins do what the user's own operations do."""
    client = tracked(world, ON_PROMPT).client()
    client.pool.user("ada")
    device = new_device(client, "ada")
    pool, this = client.pool, {"DeviceKey": device.key}

    pool.admin("admin_update_device_status", "ada", **this, DeviceRememberedStatus="remembered")
    assert sign_in(client, "ada", device)
    pool.admin("admin_update_device_status", "ada", **this)
    assert sign_in(client, "ada", device)
    pool.admin("admin_forget_device", "ada", **this)
    assert keys(pool.admin("admin_list_devices", "ada")) == []
    assert refused_all(
        partial(pool.admin, "admin_get_device", "ada", **this),
        partial(pool.admin, "admin_forget_device", "ada", **this),
        partial(pool.admin, "admin_update_device_status", "ada", **this),
        partial(pool.admin, "admin_update_device_status", "ada", **this, DeviceRememberedStatus="remembered"),
    ) == {NO_DEVICE}


def test_an_administrator_is_told_of_an_unknown_user(world: World) -> None:
    """Nobody is hidden from administrators."""
    pool = tracked(world)
    this = {"DeviceKey": "us-east-1_0a"}
    assert refused_all(
        partial(pool.admin, "admin_get_device", "nobody", **this),
        partial(pool.admin, "admin_list_devices", "nobody"),
        partial(pool.admin, "admin_update_device_status", "nobody", **this),
        partial(pool.admin, "admin_forget_device", "nobody", **this),
    ) == {("UserNotFoundException", "User does not exist.")}


def test_devices_are_listed_in_pages(world: World) -> None:
    """Each device once, in pages of the given size; a token holds for its own user and operation."""
    client = tracked(world).client()
    for name in ("ada", "bob"):
        client.pool.user(name)
    expected = sorted(new_device(client, "ada").key for _ in range(5))
    token = client.tokens("ada")["AccessToken"]

    found: list[str] = []
    more: dict[str, Any] = {}
    for size in (2, 2, 1):
        page = world.unsigned.list_devices(AccessToken=token, Limit=2, **more)
        assert len(page["Devices"]) == size
        found += keys(page)
        more = {"PaginationToken": page["PaginationToken"]} if "PaginationToken" in page else {}
    assert (found, more) == (expected, {})

    first = world.unsigned.list_devices(AccessToken=token, Limit=2)["PaginationToken"]
    other = client.tokens("bob")["AccessToken"]
    assert keys(world.unsigned.list_devices(AccessToken=token, Limit=0)) == expected
    assert {
        refused(lambda: world.unsigned.list_devices(AccessToken=other, Limit=2, PaginationToken=first))[0],
        refused(lambda: client.pool.admin("admin_list_devices", "ada", PaginationToken=first))[0],
    } == {"InvalidParameterException"}


def test_a_device_of_somebody_else_does_not_exist(world: World) -> None:
    """Whoever knows another user's key can neither look at the device nor change it."""
    client = tracked(world).client()
    client.pool.user("ada")
    client.pool.user("mallory")
    device = new_device(client, "ada")
    this = {"AccessToken": client.tokens("mallory")["AccessToken"], "DeviceKey": device.key}

    assert refused_all(
        partial(world.unsigned.get_device, **this),
        partial(world.unsigned.update_device_status, **this, DeviceRememberedStatus="not_remembered"),
        partial(world.unsigned.forget_device, **this),
    ) == {NO_DEVICE}
    assert refused(lambda: confirm(world, {**this, "NewDeviceMetadata": {**_metadata(device)}})) == INVALID_KEY
    assert sign_in(client, "ada", device)


def _metadata(device: Any) -> dict[str, str]:
    return {"DeviceKey": device.key, "DeviceGroupKey": device.group}


def test_an_operation_without_a_token_is_refused(world: World) -> None:
    """The model does not require AccessToken of GetDevice and ForgetDevice; nobody is meant without it."""
    for operation in ("GetDevice", "ForgetDevice"):
        status, answer = world.call(operation, {"DeviceKey": "us-east-1_0a"})
        assert (status, answer["__type"]) == (400, "NotAuthorizedException")


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
    user = helper(client, "ada", dataclasses.replace(device))
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


def test_a_user_who_comes_back_has_no_devices(world: World) -> None:
    """Devices are the user's, not the name's (attacks.md 33)."""
    client = tracked(world).client()
    client.pool.user("ada")
    device = new_device(client, "ada")
    client.pool.admin("admin_delete_user", "ada")
    client.pool.user("ada")

    assert keys(client.pool.admin("admin_list_devices", "ada")) == []
    assert refused(lambda: client.sign_in("ada", DEVICE_KEY=device.key)) == NO_DEVICE


@pytest.mark.parametrize("configuration", [INSTEAD_OF_MFA, ON_PROMPT], ids=["always", "on-prompt"])
def test_secrets_of_devices_lie_sealed(world: World, configuration: dict[str, bool]) -> None:
    """The verifier that ConfirmDevice brings is nowhere in the database as it came."""
    client = tracked(world, configuration).client()
    client.pool.user("ada")
    tokens = client.tokens("ada")
    _, config = verifier_of(tokens["NewDeviceMetadata"])
    world.unsigned.confirm_device(
        AccessToken=tokens["AccessToken"],
        DeviceKey=tokens["NewDeviceMetadata"]["DeviceKey"],
        DeviceSecretVerifierConfig=config,
    )
    (kept,) = world.rows("SELECT verifier FROM devices WHERE pool_id = $1", client.pool.pool_id)
    raw = bytes(kept[0])
    assert len(raw) > 384
    # The middle of the number, which no sealing leaves as it is.
    assert b64decode(config["PasswordVerifier"])[10:40] not in raw
