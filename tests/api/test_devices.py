"""Whether devices are confirmed, remembered, listed and forgotten as Cognito's clients expect it."""

import re
from base64 import b64decode, b64encode
from functools import partial
from typing import Any

import pytest

from api.devices import (
    ALWAYS,
    INSTEAD_OF_MFA,
    NO_DEVICE,
    ON_PROMPT,
    attributes_of,
    confirm,
    keys,
    new_device,
    refused_all,
    sign_in,
    tracked,
    verifier_of,
)
from api.forge import claims_of
from api.world import World, refused
from poolkeeper.clock import SECOND
from poolkeeper.crypto import srp

UNTRACKED = ("InvalidUserPoolConfigurationException", "Device tracking is not enabled for the user pool.")
INVALID_KEY = ("InvalidParameterException", "Invalid device key given.")
INVALID_NUMBERS = ("InvalidParameterException", "Invalid device secret verifier given.")


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


def test_the_group_of_a_pools_devices_is_eight_letters_and_digits(world: World) -> None:
    """Behind a hyphen, as AWS's are; another pool has another."""
    groups = []
    for _ in range(4):
        client = tracked(world).client()
        client.pool.user("ada")
        groups.append(client.tokens("ada")["NewDeviceMetadata"]["DeviceGroupKey"])
    assert all(re.fullmatch("-[A-Za-z0-9]{8}", group) for group in groups)
    assert len(set(groups)) == len(groups)


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
    """Where the pool does not wait for a word of the user; what begins with `dev:` is for administrators alone."""
    client = tracked(world).client()
    client.pool.user("ada")
    tokens = client.tokens("ada")
    device = confirm(world, tokens, DeviceName="Ada's phone")

    shown = world.unsigned.get_device(AccessToken=tokens["AccessToken"], DeviceKey=device.key)["Device"]
    own = {"device_status": "valid", "device_name": "Ada's phone", "last_ip_used": "127.0.0.1"}
    assert attributes_of(shown) == own
    (listed,) = world.unsigned.list_devices(AccessToken=tokens["AccessToken"])["Devices"]
    assert listed == shown
    now = world.clock.datetime(remove_tzinfo=False)
    assert shown["DeviceKey"] == device.key
    assert (shown["DeviceCreateDate"], shown["DeviceLastModifiedDate"]) == (now, now)
    assert shown["DeviceLastAuthenticatedDate"] == now.replace(microsecond=0)

    told = client.pool.admin("admin_get_device", "ada", DeviceKey=device.key)["Device"]
    owner = f"ada.{client.pool.pool_id}"
    assert [(one["Name"], one["Value"]) for one in told.pop("DeviceAttributes")] == [
        ("device_status", "valid"),
        ("device_name", "Ada's phone"),
        ("dev:device_arn", f"arn:aws:cognito-idp:us-east-1:000000000000:owner/{owner}/device/{device.key}"),
        ("dev:device_owner", owner),
        ("last_ip_used", "127.0.0.1"),
        ("dev:device_remembered_status", "remembered"),
        ("dev:device_sdk", "aws-sdk"),
    ]
    assert told.items() <= shown.items()


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
