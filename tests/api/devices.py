"""How do tests own a device? Confirmed with pycognito's arithmetic, and proved with it as applications do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pycognito.aws_srp import AWSSRP, generate_hash_device

from api.signing_in import respond
from api.world import PASSWORD, ClientOfTests, PoolOfTests, World, refused

ALWAYS = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}
INSTEAD_OF_MFA = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
ON_PROMPT = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": True}
NO_DEVICE = ("ResourceNotFoundException", "Device does not exist.")


@dataclass(frozen=True)
class DeviceOfTests:
    """What an application keeps of a device: its key, the pool's group key and the secret that nobody else knows."""

    key: str
    group: str
    password: str


def tracked(world: World, configuration: dict[str, bool] | None = None, **settings: Any) -> PoolOfTests:
    """Make a pool that tracks devices, and with nothing else said remembers each that is confirmed."""
    return world.pool(DeviceConfiguration=ALWAYS if configuration is None else configuration, **settings)


def verifier_of(metadata: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Make up the secret of a new device; return it and the DeviceSecretVerifierConfig that proves it later."""
    password, config = generate_hash_device(metadata["DeviceGroupKey"], metadata["DeviceKey"])
    return str(password), dict(config)


def confirm(world: World, tokens: dict[str, Any], **more: str) -> DeviceOfTests:
    """Confirm the device of a sign-in by its AuthenticationResult."""
    metadata = tokens["NewDeviceMetadata"]
    password, config = verifier_of(metadata)
    world.unsigned.confirm_device(
        AccessToken=tokens["AccessToken"],
        DeviceKey=metadata["DeviceKey"],
        DeviceSecretVerifierConfig=config,
        **more,
    )
    return DeviceOfTests(metadata["DeviceKey"], metadata["DeviceGroupKey"], password)


def new_device(client: ClientOfTests, name: str) -> DeviceOfTests:
    """Sign in by password from a new device and confirm it."""
    return confirm(client.world, client.tokens(name))


def helper(client: ClientOfTests, name: str, device: DeviceOfTests, password: str = PASSWORD) -> AWSSRP:
    """Return pycognito's exchange of a user on a device."""
    return AWSSRP(
        name,
        password,
        client.pool.pool_id,
        client.client_id,
        client=client.world.unsigned,
        client_secret=client.secret,
        device_key=device.key,
        device_group_key=device.group,
        device_password=device.password,
    )


def asked(client: ClientOfTests, name: str, device: DeviceOfTests) -> dict[str, Any]:
    """Sign in by password on a device; return the challenge that the device is asked."""
    answer = client.sign_in(name, DEVICE_KEY=device.key)
    assert answer["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert "AuthenticationResult" not in answer
    return answer


def begun(
    client: ClientOfTests, name: str, device: DeviceOfTests, challenge: dict[str, Any], *, admin: bool = False
) -> dict[str, str]:
    """Answer DEVICE_SRP_AUTH; return the ChallengeResponses that prove the device."""
    user = helper(client, name, device)
    given = {"USERNAME": name, "DEVICE_KEY": device.key, "SRP_A": f"{user.large_a_value:x}"}
    answer = respond(client, "DEVICE_SRP_AUTH", challenge["Session"], admin=admin, **given)
    assert answer["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"
    proof: dict[str, str] = user.process_device_challenge(answer["ChallengeParameters"])
    return proof


def sign_in(client: ClientOfTests, name: str, device: DeviceOfTests) -> dict[str, Any]:
    """Sign in by password and device; return the AuthenticationResult."""
    proof = begun(client, name, device, asked(client, name, device))
    result: dict[str, Any] = client.respond("DEVICE_PASSWORD_VERIFIER", **proof)["AuthenticationResult"]
    return result


def attributes_of(device: dict[str, Any]) -> dict[str, str]:
    """Return DeviceAttributes by name."""
    return {one["Name"]: one["Value"] for one in device["DeviceAttributes"]}


def keys(listed: dict[str, Any]) -> list[str]:
    """Return the keys of a list of devices."""
    return [one["DeviceKey"] for one in listed["Devices"]]


def refused_all(*work: Callable[[], Any]) -> set[tuple[str, str]]:
    """Return how calls are refused, each of which must be."""
    return {refused(one) for one in work}
