"""What does a sign-in walk walk with? People with everything that signs them in, pools' settings, answers right and wrong.

SRP is done with one small secret exponent: a walk proves passwords by the hundred, and nobody listens to it.
"""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from api.devices import ALWAYS, INSTEAD_OF_MFA
from api.pools_code import RIGHT, TRIGGERS
from api.second_factors import EMAIL_OTP, SMS_MFA, TOTP, demand, wrong
from api.software_authenticator import Authenticator
from api.world import PASSWORD, SMS, PoolOfTests
from poolkeeper.clock import MINUTE
from poolkeeper.crypto.modular import power
from poolkeeper.crypto.srp import G, K, N

STEP_LIFE = 3 * MINUTE
TIMESTAMP = "Mon Nov 2 08:42:08 UTC 2026"
_SECRET_A = 2**200 + 3**100
PUBLIC_A = f"{power(G, _SECRET_A, N):x}"


# Answers that fit one Session alone, even among those of one person, one client and one challenge.
OF_ONE_SESSION = {"SMS_MFA", "SMS_OTP", "EMAIL_OTP", "WEB_AUTHN", "PASSWORD_VERIFIER", "DEVICE_PASSWORD_VERIFIER"}


@dataclass(frozen=True)
class Rules:
    """How a pool is set for a while: its MFA, what a sign-in may begin by, and what it does about devices."""

    mode: str
    methods: tuple[str, ...]
    first: tuple[str, ...]
    devices: Mapping[str, bool] | None
    passkey_is_two: bool = False


# The pool's own challenges, without the trigger that passwords ask too.
CHALLENGES = {name: arn for name, arn in TRIGGERS.items() if name != "PreAuthentication"}
_CODES = ("EMAIL_OTP", "SMS_OTP")
EVERYTHING = Rules("OPTIONAL", (SMS_MFA, EMAIL_OTP, TOTP), ("PASSWORD", *_CODES, "WEB_AUTHN"), ALWAYS)
RULES = (
    Rules("OFF", (), ("PASSWORD", *_CODES, "WEB_AUTHN"), None),
    Rules("OFF", (), ("PASSWORD", "EMAIL_OTP"), ALWAYS),
    EVERYTHING,
    Rules("OPTIONAL", (SMS_MFA, TOTP), ("PASSWORD", "SMS_OTP", "WEB_AUTHN"), INSTEAD_OF_MFA, passkey_is_two=True),
    Rules("ON", (TOTP,), ("PASSWORD",), ALWAYS),
    Rules("ON", (SMS_MFA, EMAIL_OTP, TOTP), ("PASSWORD", "WEB_AUTHN"), INSTEAD_OF_MFA, passkey_is_two=True),
    Rules("ON", (EMAIL_OTP,), ("PASSWORD",), None),
)


BY_PHONE = {
    "RecoveryMechanisms": [
        {"Name": "verified_phone_number", "Priority": 1},
        {"Name": "verified_email", "Priority": 2},
    ]
}


def set_rules(pool: PoolOfTests, rules: Rules) -> None:
    """Set a pool."""
    devices = {} if rules.devices is None else {"DeviceConfiguration": rules.devices}
    pool.world.signed.update_user_pool(
        UserPoolId=pool.pool_id,
        LambdaConfig=CHALLENGES,
        AutoVerifiedAttributes=["email"],
        AccountRecoverySetting=BY_PHONE,
        SmsConfiguration=SMS,
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": list(rules.first)}},
        MfaConfiguration="OFF",
        **devices,
    )
    two = "MULTI_FACTOR_WITH_USER_VERIFICATION" if rules.passkey_is_two else "SINGLE_FACTOR"
    passkeys = {"RelyingPartyId": "localhost", "FactorConfiguration": two}
    demand(pool, *rules.methods, mode=rules.mode, WebAuthnConfiguration=passkeys)


@dataclass(frozen=True)
class Device:
    """A confirmed device and the secret that it proves."""

    key: str
    group: str
    password: str


@dataclass
class Person:
    """A user as the walk knows it. `version` grows with each credential, `changes` with whatever else the gate looks at."""

    name: str
    email: str
    phone: str
    sub: str = ""
    password: str = PASSWORD
    status: str = "CONFIRMED"
    enabled: bool = True
    exists: bool = True
    version: int = 0
    changes: int = 0
    on: set[str] = field(default_factory=set)
    totp: str = ""
    last_step: int = 0
    passkey: Authenticator | None = None
    device: Device | None = None

    def second_is_due(self, rules: Rules, proved: tuple[str, ...]) -> bool:
        """Say whether tokens would come too early, by AWS's rules alone (userpools.md 3.6, 3.8)."""
        usable = {
            method
            for method, there in ((TOTP, self.totp), (SMS_MFA, self.phone), (EMAIL_OTP, self.email))
            if method in self.on and there and (method == TOTP or method in rules.methods)
        }
        if rules.mode == "OFF" or (rules.mode == "OPTIONAL" and not usable):
            return False
        if "passkey" in proved and rules.passkey_is_two:
            return False
        second = {"sms", "email", "totp"} | ({"device"} if rules.devices == INSTEAD_OF_MFA else set())
        return not ({"password", "custom"} & set(proved) and second & set(proved))


@dataclass(frozen=True)
class Trail:
    """A sign-in under way: what is asked now, and what was proved before. `code` is the one that was sent for it."""

    person: Person
    client: str
    flow: str
    challenge: str
    asked: Mapping[str, str]
    session: str | None
    proved: tuple[str, ...]
    version: int
    changes: int
    rules: Rules
    ends_at: int
    code: str = ""
    device: str = ""
    available: tuple[str, ...] = ()

    def served_by(self, other: "Trail") -> bool:
        """Say whether the state of another sign-in may be as good for an answer as the one it was made for.

        A device is asked by what was answered before it too: clients send that again.
        """
        if other is self or other.session == self.session:
            return True
        same = (other.person is self.person, other.client) == (True, self.client)
        if self.challenge == "DEVICE_SRP_AUTH":
            return same or other.session is None
        return same and other.challenge == self.challenge and self.challenge not in OF_ONE_SESSION


def start_of(flow: str, person: Person, *, right: bool) -> dict[str, str]:
    """Return the AuthFlow's own parameters, the password right or wrong."""
    password = person.password if right else "Wrong-password-0"
    return {key: {"{password}": password, "{A}": PUBLIC_A}.get(value, value) for key, value in STARTS[flow].items()}


# What a walk begins with: an AuthFlow, and behind a comma what it says more than the name.
STARTS: Mapping[str, Mapping[str, str]] = {
    "USER_PASSWORD_AUTH": {"PASSWORD": "{password}"},
    "USER_SRP_AUTH": {"SRP_A": "{A}"},
    "CUSTOM_AUTH": {},
    "CUSTOM_AUTH, SRP_A": {"CHALLENGE_NAME": "SRP_A", "SRP_A": "{A}"},
    "USER_AUTH": {},
    "USER_AUTH, PASSWORD": {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "{password}"},
    "USER_AUTH, PASSWORD_SRP": {"PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": "{A}"},
    "USER_AUTH, EMAIL_OTP": {"PREFERRED_CHALLENGE": "EMAIL_OTP"},
    "USER_AUTH, SMS_OTP": {"PREFERRED_CHALLENGE": "SMS_OTP"},
    "USER_AUTH, WEB_AUTHN": {"PREFERRED_CHALLENGE": "WEB_AUTHN"},
}


@dataclass(frozen=True)
class Reply:
    """ChallengeResponses, and the factor that they prove if they are right."""

    given: dict[str, str]
    proves: str = ""


def _code(factor: str) -> Callable[[Trail, str], Reply]:
    def reply(trail: Trail, _: str) -> Reply:
        return Reply({f"{trail.challenge}_CODE": trail.code}, factor)

    return reply


def _password_proof(trail: Trail, group: str) -> Reply:
    name = trail.asked["USER_ID_FOR_SRP"]
    return Reply(_proof(trail, group=group, name=name, password=trail.person.password), "password")


def _device_proof(trail: Trail, _: str) -> Reply:
    device = trail.person.device or Device(trail.asked["DEVICE_KEY"], "-nobody", "forgotten")
    given = _proof(trail, group=device.group, name=trail.asked["DEVICE_KEY"], password=device.password)
    return Reply({**given, "DEVICE_KEY": trail.asked["DEVICE_KEY"]}, "device")


def _assertion(trail: Trail, _: str) -> Reply:
    key = trail.person.passkey or Authenticator()
    return Reply({"CREDENTIAL": key.text(json.loads(trail.asked["CREDENTIAL_REQUEST_OPTIONS"]))}, "passkey")


def _password(trail: Trail, _: str) -> Reply:
    return Reply({"PASSWORD": trail.person.password}, "password")


# The right answer to a challenge; what is drawn, computed or set up in more than one call is added by the walk itself.
ANSWERS: Mapping[str, Callable[[Trail, str], Reply]] = {
    "PASSWORD_VERIFIER": _password_proof,
    "SMS_MFA": _code("sms"),
    "SMS_OTP": _code("sms"),
    "EMAIL_OTP": _code("email"),
    "PASSWORD": _password,
    "PASSWORD_SRP": lambda _, __: Reply({"SRP_A": PUBLIC_A}),
    "WEB_AUTHN": _assertion,
    "CUSTOM_CHALLENGE": lambda _, __: Reply({"ANSWER": RIGHT}, "custom"),
    "DEVICE_SRP_AUTH": lambda trail, _: Reply({"SRP_A": PUBLIC_A, "DEVICE_KEY": trail.asked["DEVICE_KEY"]}),
    "DEVICE_PASSWORD_VERIFIER": _device_proof,
}
# How a right answer is made a wrong one, by what it is given as. An answer without any of these proves nothing.
_SPOILS: Mapping[str, Callable[[str], str]] = {
    "SMS_MFA_CODE": wrong,
    "SMS_OTP_CODE": wrong,
    "EMAIL_OTP_CODE": wrong,
    "SOFTWARE_TOKEN_MFA_CODE": wrong,
    "PASSWORD": lambda password: f"{password}-not",
    "PASSWORD_CLAIM_SIGNATURE": lambda text: b64encode(bytes([b64decode(text)[0] ^ 1]) + b64decode(text)[1:]).decode(),
    "CREDENTIAL": lambda text: text.replace('"signature": "', '"signature": "MEUC'),
    "ANSWER": lambda _: "something-else",
}


def spoilt(reply: Reply) -> Reply | None:
    """Return the answer with one thing in it wrong, None where there is nothing that proves."""
    for name, spoil in _SPOILS.items():
        if name in reply.given:
            return Reply({**reply.given, name: spoil(reply.given[name])})
    return None


def verifier_of(device: Device) -> dict[str, str]:
    """Return the DeviceSecretVerifierConfig of a device's secret."""
    salt = hashlib.sha256(device.key.encode()).digest()[:16]
    power_of_x = _verifier(device.group, device.key, device.password, int.from_bytes(salt))
    return {
        "Salt": b64encode(_pad(int.from_bytes(salt))).decode(),
        "PasswordVerifier": b64encode(_pad(power_of_x)).decode(),
    }


def _proof(trail: Trail, *, group: str, name: str, password: str) -> dict[str, str]:
    """Return ChallengeResponses that prove a secret (userpools.md 3.3)."""
    salt, public_b = int(trail.asked["SALT"], 16), int(trail.asked["SRP_B"], 16)
    x, u = _x(group, name, password, salt), _hashed(_pad(int(PUBLIC_A, 16)) + _pad(public_b))
    base = (public_b - K * _verifier(group, name, password, salt)) % N
    shared = power(base, _SECRET_A + u * x, N)
    pseudorandom_key = hmac.digest(_pad(u), _pad(shared), "sha256")
    key = hmac.digest(pseudorandom_key, b"Caldera Derived Key\x01", "sha256")[:16]
    block = trail.asked["SECRET_BLOCK"]
    message = f"{group}{name}".encode() + b64decode(block) + TIMESTAMP.encode()
    return {
        "PASSWORD_CLAIM_SECRET_BLOCK": block,
        "PASSWORD_CLAIM_SIGNATURE": b64encode(hmac.digest(key, message, "sha256")).decode(),
        "TIMESTAMP": TIMESTAMP,
    }


@cache
def _verifier(group: str, name: str, password: str, salt: int) -> int:
    return power(G, _x(group, name, password, salt), N)


def _x(group: str, name: str, password: str, salt: int) -> int:
    return _hashed(_pad(salt) + hashlib.sha256(f"{group}{name}:{password}".encode()).digest())


def _hashed(message: bytes) -> int:
    return int.from_bytes(hashlib.sha256(message).digest())


def _pad(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1)
