"""Which ways to sign in does the matrix go through? Each as a person's steps, up to the answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api import devices
from api.choosing import WAYS, Begin, Finish, nobody_with_a_password, opened
from api.second_factors import half_way
from api.signing_in import (
    SOME_A,
    begin,
    put,
    respond,
    srp_proof,
    srp_sign_in,
)
from api.world import PASSWORD, ClientOfTests

NEW_PASSWORD = "Dive-in-3-lakes"


@dataclass(frozen=True)
class Person:
    """Somebody in one state. `held` is what was obtained before: a Session, a refresh token, or nothing."""

    client: ClientOfTests
    name: str
    sub: str
    held: str = ""

    def put(self, **columns: object) -> None:
        put(self.client.pool, self.sub, **columns)


@dataclass(frozen=True)
class Flow:
    """One way to tokens: what is obtained while all is well, and what is sent once the state has changed.

    `nobody` is a name that may go it although nobody has it.
    """

    prepare: Callable[[Person], str]
    run: Callable[[Person], dict[str, Any]]
    nobody: Callable[[ClientOfTests], str] = lambda _: "nobody"


def _password(flow: str, *, admin: bool) -> Flow:
    return Flow(
        prepare=lambda _: "",
        run=lambda person: begin(person.client, flow, admin=admin, USERNAME=person.name, PASSWORD=PASSWORD),
    )


def _srp(*, admin: bool) -> Flow:
    return Flow(prepare=lambda _: "", run=lambda person: srp_sign_in(person.client, person.name, admin=admin))


def _srp_begun(person: Person) -> str:
    proof = srp_proof(person.client, person.name)
    signature = proof.pop("PASSWORD_CLAIM_SIGNATURE")
    return f"{json.dumps({**proof, 'USERNAME': ''})}\n{signature}"


def _srp_proved(person: Person) -> dict[str, Any]:
    proof, _, signature = person.held.partition("\n")
    given = {**json.loads(proof), "USERNAME": person.name, "PASSWORD_CLAIM_SIGNATURE": signature}
    return respond(person.client, "PASSWORD_VERIFIER", **given)


def _session(person: Person) -> str:
    person.put(status="FORCE_CHANGE_PASSWORD")
    return str(person.client.sign_in(person.name)["Session"])


def _new_password(*, admin: bool) -> Flow:
    def answer(person: Person) -> dict[str, Any]:
        given = {"USERNAME": person.name, "NEW_PASSWORD": NEW_PASSWORD}
        return respond(person.client, "NEW_PASSWORD_REQUIRED", person.held, admin=admin, **given)

    return Flow(prepare=_session, run=answer)


def _refresh_token(person: Person) -> str:
    return str(person.client.tokens(person.name)["RefreshToken"])


def _refresh(*, admin: bool) -> Flow:
    return Flow(
        prepare=_refresh_token,
        run=lambda person: begin(person.client, "REFRESH_TOKEN_AUTH", admin=admin, REFRESH_TOKEN=person.held),
    )


def _exchange(person: Person) -> dict[str, Any]:
    answer: dict[str, Any] = person.client.world.unsigned.get_tokens_from_refresh_token(
        ClientId=person.client.client_id, RefreshToken=person.held
    )
    return answer


def _second(challenge: str, *, admin: bool = False, **answer: str) -> Flow:
    """Answer a challenge of the second factor, by its code where it has one."""

    def prepare(person: Person) -> str:
        return " ".join(half_way(person.client, person.name, challenge))

    def run(person: Person) -> dict[str, Any]:
        session, _, code = person.held.partition(" ")
        given = {**({f"{challenge}_CODE": code} if code else {}), **answer}
        return respond(person.client, challenge, session, admin=admin, USERNAME=person.name, **given)

    return Flow(prepare=prepare, run=run)


def _device_asked(person: Person) -> str:
    """Confirm a device in a pool that tracks them, and sign in on it as far as its challenge."""
    world, pool_id = person.client.world, person.client.pool.pool_id
    world.signed.update_user_pool(UserPoolId=pool_id, DeviceConfiguration=devices.ALWAYS)
    device = devices.new_device(person.client, person.name)
    challenge = devices.asked(person.client, person.name, device)
    return " ".join((device.key, device.group, device.password, challenge["Session"]))


def _device_named(person: Person) -> dict[str, Any]:
    key, _, _, session = person.held.split(" ")
    given = {"USERNAME": person.name, "DEVICE_KEY": key, "SRP_A": SOME_A}
    return person.client.respond("DEVICE_SRP_AUTH", session, **given)


def _device_begun(person: Person) -> str:
    key, group, password, session = _device_asked(person).split(" ")
    device = devices.DeviceOfTests(key, group, password)
    proof = devices.begun(person.client, person.name, device, {"Session": session})
    signature = proof.pop("PASSWORD_CLAIM_SIGNATURE")
    return f"{json.dumps(proof)}\n{signature}"


def _device_proved(person: Person) -> dict[str, Any]:
    proof, _, signature = person.held.partition("\n")
    given = {**json.loads(proof), "USERNAME": person.name, "PASSWORD_CLAIM_SIGNATURE": signature}
    return person.client.respond("DEVICE_PASSWORD_VERIFIER", **given)


def _way(start: Begin, finish: Finish) -> Flow:
    """Sign in by choice or by the pool's own challenges, in a pool that is set to have both."""
    return Flow(
        prepare=lambda person: start(opened(person.client), person.name),
        run=lambda person: finish(person.client, person.name, person.held),
        nobody=nobody_with_a_password,
    )


FLOWS: Mapping[str, Flow] = {
    "USER_PASSWORD_AUTH": _password("USER_PASSWORD_AUTH", admin=False),
    "ADMIN_USER_PASSWORD_AUTH": _password("ADMIN_USER_PASSWORD_AUTH", admin=True),
    "ADMIN_NO_SRP_AUTH": _password("ADMIN_NO_SRP_AUTH", admin=True),
    "USER_SRP_AUTH": _srp(admin=False),
    "USER_SRP_AUTH, admin": _srp(admin=True),
    "PASSWORD_VERIFIER": Flow(prepare=_srp_begun, run=_srp_proved),
    "NEW_PASSWORD_REQUIRED": _new_password(admin=False),
    "NEW_PASSWORD_REQUIRED, admin": _new_password(admin=True),
    "REFRESH_TOKEN_AUTH": _refresh(admin=False),
    "REFRESH_TOKEN_AUTH, admin": _refresh(admin=True),
    "GetTokensFromRefreshToken": Flow(prepare=_refresh_token, run=_exchange),
    "SMS_MFA": _second("SMS_MFA"),
    "EMAIL_OTP, second": _second("EMAIL_OTP"),
    "SOFTWARE_TOKEN_MFA": _second("SOFTWARE_TOKEN_MFA"),
    "SOFTWARE_TOKEN_MFA, admin": _second("SOFTWARE_TOKEN_MFA", admin=True),
    "SELECT_MFA_TYPE": _second("SELECT_MFA_TYPE", ANSWER="SMS_MFA"),
    "MFA_SETUP": _second("MFA_SETUP"),
    "DEVICE_SRP_AUTH": Flow(prepare=_device_asked, run=_device_named),
    "DEVICE_PASSWORD_VERIFIER": Flow(prepare=_device_begun, run=_device_proved),
    **{way: _way(*both) for way, both in WAYS.items()},
}
