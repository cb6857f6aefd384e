"""How do sign-ins of more than one step begin and end? Pools and people of their own, and the requests that are measured.

Each step is measured alone: what comes before it is done beforehand, unmeasured. A request that spends something (a
Session, a code, a device's key) is made as often as it is sent.
"""

import json
import time
from base64 import b32decode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import srp_client
from calls import answers, call, cycled, fetch, post
from passkey import RELYING_PARTY, Authenticator
from world import PASSWORD, PASSWORD_FLOWS, World, add_client, password_sign_in

from poolkeeper.crypto import totp

PEOPLE = 16
# As many codes are sent to a user in an hour, for a client of one address.
CODES_EACH = 20
DEVICES = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}
DEVICE_PASSWORD = "a password of a device"
TRACKING = {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 20}}
FIRST_FACTORS = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]}}
FLOWS = [*PASSWORD_FLOWS, "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH"]


@dataclass(frozen=True, slots=True)
class Place:
    """A pool with one app client that allows every flow."""

    port: int
    pool_id: str
    client_id: str

    def admin(self, operation: str, **request: Any) -> bytes:
        """Return the bytes of a signed call about this pool."""
        return post(self.port, operation, {"UserPoolId": self.pool_id, **request}, signed=True)

    def begin(self, flow: str, **parameters: str) -> bytes:
        """Return the bytes of InitiateAuth."""
        body = {"AuthFlow": flow, "ClientId": self.client_id, "AuthParameters": parameters}
        return post(self.port, "InitiateAuth", body)

    def respond(self, challenge: str, session: str | None = None, **responses: str) -> bytes:
        """Return the bytes of RespondToAuthChallenge."""
        more = {} if session is None else {"Session": session}
        body = {"ClientId": self.client_id, "ChallengeName": challenge, "ChallengeResponses": responses, **more}
        return post(self.port, "RespondToAuthChallenge", body)


def a_place(world: World, **settings: Any) -> Place:
    """Make a pool. Raises Refused."""
    port = world.server.port
    pool_id = call(port, "CreateUserPool", {"PoolName": "flows", **settings}, signed=True)["UserPool"]["Id"]
    return Place(port, pool_id, add_client(port, pool_id, ExplicitAuthFlows=FLOWS))


def people(place: Place, count: int = PEOPLE, *, with_password: bool = True) -> list[str]:
    """Make confirmed users with an address and perhaps PASSWORD; return their names. Raises Refused."""
    names = [f"user-{number:04}@example.com" for number in range(count)]
    answers(place.port, [_creation(place, name) for name in names])
    if with_password:
        password = {"Password": PASSWORD, "Permanent": True}
        answers(place.port, [place.admin("AdminSetUserPassword", Username=name, **password) for name in names])
    return names


def _creation(place: Place, name: str) -> bytes:
    email = [{"Name": "email", "Value": name}, {"Name": "email_verified", "Value": "true"}]
    return place.admin("AdminCreateUser", Username=name, UserAttributes=email, MessageAction="SUPPRESS")


def passwords_given(place: Place, names: Sequence[str], **parameters: str) -> list[dict[str, Any]]:
    """Sign in by password and return what each was answered. Raises Refused."""
    return answers(
        place.port,
        [place.begin("USER_PASSWORD_AUTH", USERNAME=name, PASSWORD=PASSWORD, **parameters) for name in names],
    )


def tokens(place: Place, names: Sequence[str]) -> list[dict[str, Any]]:
    """Sign in by password and return the tokens. Raises Refused."""
    return [answer["AuthenticationResult"] for answer in passwords_given(place, names)]


def _with_apps(world: World, count: int) -> tuple[Place, list[str], list[bytes], list[bytes]]:
    """Return a pool, its people, the secrets of their apps, and the requests that let these count."""
    place = a_place(world)
    mfa = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
    answers(place.port, [place.admin("SetUserPoolMfaConfig", **mfa)])
    names = people(place, count)
    held = [{"AccessToken": one["AccessToken"]} for one in tokens(place, names)]
    drawn = answers(place.port, [post(place.port, "AssociateSoftwareToken", token) for token in held])
    secrets = [_untyped(one["SecretCode"]) for one in drawn]
    codes = [totp.code(secret, _time_step()) for secret in secrets]
    verified = [
        post(place.port, "VerifySoftwareToken", {**token, "UserCode": code})
        for token, code in zip(held, codes, strict=True)
    ]
    return place, names, secrets, verified


def _untyped(text: str) -> bytes:
    return b32decode(text + "=" * (-len(text) % 8))


def _time_step() -> int:
    return int(time.time() * 1000) // totp.STEP


def verifications(world: World, count: int) -> list[bytes]:
    """Ask for the first code of an authenticator app to be taken: VerifySoftwareToken."""
    return _with_apps(world, count)[3]


def totp_answers(world: World, count: int) -> list[bytes]:
    """Give the password, and return the requests that answer SOFTWARE_TOKEN_MFA."""
    place, names, secrets, verified = _with_apps(world, count)
    answers(place.port, verified)
    chosen = {"SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    answers(place.port, [place.admin("AdminSetUserMFAPreference", Username=name, **chosen) for name in names])
    asked = passwords_given(place, names)
    # The code of the step before was used up by the verification.
    step = _time_step() + 1
    return [
        place.respond(
            "SOFTWARE_TOKEN_MFA", one["Session"], USERNAME=name, SOFTWARE_TOKEN_MFA_CODE=totp.code(secret, step)
        )
        for one, name, secret in zip(asked, names, secrets, strict=True)
    ]


def _choosing(world: World, count: int, *, with_password: bool) -> tuple[Place, list[str]]:
    """Return a pool whose people choose their first factor."""
    place = a_place(world, Policies=FIRST_FACTORS)
    relying_party = {"RelyingPartyId": RELYING_PARTY, "UserVerification": "preferred"}
    answers(place.port, [place.admin("SetUserPoolMfaConfig", WebAuthnConfiguration=relying_party)])
    return place, people(place, count, with_password=with_password)


def choices(world: World, count: int) -> list[bytes]:
    """Begin USER_AUTH without a preference."""
    place, names = _choosing(world, PEOPLE, with_password=True)
    return cycled([place.begin("USER_AUTH", USERNAME=name) for name in names], count)


def email_starts(world: World, count: int) -> list[bytes]:
    """Begin USER_AUTH with a code by e-mail."""
    place, names = _choosing(world, PEOPLE + count // CODES_EACH, with_password=False)
    return cycled(_by_email(place, names), count)


def _by_email(place: Place, names: Sequence[str]) -> list[bytes]:
    return [place.begin("USER_AUTH", USERNAME=name, PREFERRED_CHALLENGE="EMAIL_OTP") for name in names]


def email_answers(world: World, count: int) -> list[bytes]:
    """Have one code sent to each user, and return the requests that answer EMAIL_OTP."""
    place, names = _choosing(world, count, with_password=False)
    sent = answers(place.port, _by_email(place, names))
    codes = {letter["to"]: letter["code"] for letter in fetch(place.port, "/_dev/outbox")}
    return [
        place.respond("EMAIL_OTP", one["Session"], USERNAME=name, EMAIL_OTP_CODE=codes[name])
        for one, name in zip(sent, names, strict=True)
    ]


def _with_passkeys(world: World) -> tuple[Place, dict[str, Authenticator]]:
    place, names = _choosing(world, PEOPLE, with_password=True)
    return place, register_passkeys(place, names)


def register_passkeys(place: Place, names: Sequence[str]) -> dict[str, Authenticator]:
    """Sign users in by password and register a passkey for each; return them by name. Raises Refused."""
    authenticators = [Authenticator(sha256(name.encode()).digest()) for name in names]
    held = [{"AccessToken": one["AccessToken"]} for one in tokens(place, names)]
    started = answers(place.port, [post(place.port, "StartWebAuthnRegistration", token) for token in held])
    registrations = [
        {**token, "Credential": authenticator.registration(one["CredentialCreationOptions"])}
        for token, authenticator, one in zip(held, authenticators, started, strict=True)
    ]
    answers(place.port, [post(place.port, "CompleteWebAuthnRegistration", one) for one in registrations])
    return dict(zip(names, authenticators, strict=True))


def passkey_options(world: World, count: int) -> list[bytes]:
    """Begin USER_AUTH with a passkey."""
    place, keys = _with_passkeys(world)
    return cycled(_by_passkey(place, list(keys)), count)


def _by_passkey(place: Place, names: Sequence[str]) -> list[bytes]:
    return [place.begin("USER_AUTH", USERNAME=name, PREFERRED_CHALLENGE="WEB_AUTHN") for name in names]


def assertions(world: World, count: int) -> list[bytes]:
    """Begin USER_AUTH with a passkey, and return the requests that answer WEB_AUTHN."""
    place, keys = _with_passkeys(world)
    names = [list(keys)[number % len(keys)] for number in range(count)]
    made = []
    for name, one in zip(names, answers(place.port, _by_passkey(place, names)), strict=True):
        options = json.loads(one["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        made.append(place.respond("WEB_AUTHN", one["Session"], USERNAME=name, CREDENTIAL=keys[name].assertion(options)))
    return made


@dataclass(frozen=True, slots=True)
class Device:
    """A device that a user has signed in from."""

    user: str
    key: str
    group: str
    access_token: str

    def confirmation(self, port: int) -> bytes:
        """Return the bytes of ConfirmDevice."""
        verifier = srp_client.device_verifier(group=self.group, name=self.key, password=DEVICE_PASSWORD)
        body = {"AccessToken": self.access_token, "DeviceKey": self.key, "DeviceSecretVerifierConfig": verifier}
        return post(port, "ConfirmDevice", body)


def _devices(world: World, count: int) -> tuple[Place, list[Device]]:
    """Return a pool, and as many devices of its people, not confirmed yet."""
    place = a_place(world, DeviceConfiguration=DEVICES)
    names = people(place, min(count, PEOPLE))
    signing_in = [names[number % len(names)] for number in range(count)]
    return place, [
        Device(
            name,
            one["NewDeviceMetadata"]["DeviceKey"],
            one["NewDeviceMetadata"]["DeviceGroupKey"],
            one["AccessToken"],
        )
        for name, one in zip(signing_in, tokens(place, signing_in), strict=True)
    ]


def confirmations(world: World, count: int) -> list[bytes]:
    """Sign in from as many new devices, and return the requests that confirm them."""
    place, devices = _devices(world, count)
    return [device.confirmation(place.port) for device in devices]


def device_starts(world: World, count: int) -> list[bytes]:
    """Give the password on remembered devices, and return the requests that begin their exchanges."""
    return [request for _, request in _device_starts(*_remembered(world), count)]


def _remembered(world: World) -> tuple[Place, list[Device]]:
    place, devices = _devices(world, PEOPLE)
    answers(place.port, [device.confirmation(place.port) for device in devices])
    return place, devices


def _device_starts(place: Place, devices: Sequence[Device], count: int) -> list[tuple[Device, bytes]]:
    using = [devices[number % len(devices)] for number in range(count)]
    passwords = [
        place.begin("USER_PASSWORD_AUTH", USERNAME=one.user, PASSWORD=PASSWORD, DEVICE_KEY=one.key) for one in using
    ]
    public = f"{srp_client.PUBLIC:x}"
    return [
        (one, place.respond("DEVICE_SRP_AUTH", asked["Session"], USERNAME=one.user, DEVICE_KEY=one.key, SRP_A=public))
        for one, asked in zip(using, answers(place.port, passwords), strict=True)
    ]


def device_answers(world: World, count: int) -> list[bytes]:
    """Begin the exchanges of remembered devices, and return the requests that finish them."""
    place, devices = _remembered(world)
    started = _device_starts(place, devices, count)
    timestamp = srp_client.timestamp()
    made = []
    for (device, _), one in zip(started, answers(place.port, [request for _, request in started]), strict=True):
        proof = srp_client.proof(
            one["ChallengeParameters"],
            group=device.group,
            name=device.key,
            password=DEVICE_PASSWORD,
            timestamp=timestamp,
        )
        made.append(place.respond("DEVICE_PASSWORD_VERIFIER", **proof, DEVICE_KEY=device.key))
    return made


def _tracked(world: World) -> tuple[Place, list[str]]:
    place = a_place(world)
    answers(place.port, [place.admin("SetUserPoolSessionConfiguration", **TRACKING)])
    return place, people(place)


def session_lists(world: World, count: int) -> list[bytes]:
    """Ask who is signed in where: ListUserSessions of people with four sessions each."""
    place, names = _tracked(world)
    held = tokens(place, names * 4)[-len(names) :]
    return cycled([post(place.port, "ListUserSessions", {"AccessToken": one["AccessToken"]}) for one in held], count)


def tracked_sign_ins(world: World, count: int) -> list[bytes]:
    """Sign in by password in a pool that tracks sessions: after the twentieth each one ends another."""
    place, names = _tracked(world)
    sign_in = [post(place.port, "InitiateAuth", password_sign_in(place.client_id, name)) for name in names]
    return cycled(sign_in, count)
