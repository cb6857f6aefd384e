"""Which flow gives tokens to a user in which state? Every flow by every state, in one table (userpools.md 3.2).

A flow that is built later adds a column here, a state a row. Each cell gives the right password, or whatever the flow
proves by: the state alone decides.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from api import devices
from api.choosing import WAYS, Begin, Finish, nobody_with_a_password, opened
from api.second_factors import half_way
from api.signing_in import (
    SOME_A,
    age_password,
    begin,
    count_of_sessions,
    drop_password,
    lock,
    put,
    respond,
    srp_proof,
    srp_sign_in,
)
from api.world import PASSWORD, ClientOfTests, World
from poolkeeper.auth.flow import ANSWERS, STARTS, Entrance
from poolkeeper.auth.refresh import FLOWS as REFRESH_FLOWS

NEW_PASSWORD = "Dive-in-3-lakes"

# What a cell may hold: tokens, the next challenge, or how it is refused.
TOKENS = "tokens"
ASKED = "NEW_PASSWORD_REQUIRED"
SENT = "SMS_MFA"
WRONG = "NotAuthorizedException: Incorrect username or password."
UNCONF = "UserNotConfirmedException: User is not confirmed."
RESET = "PasswordResetRequiredException: Password reset required for the user"
DISABLED = "NotAuthorizedException: User is disabled."
LOCKED = "NotAuthorizedException: Password attempts exceeded"
EXPIRED = "NotAuthorizedException: Temporary password has expired and must be reset by an administrator."
PROVE = "DEVICE_PASSWORD_VERIFIER"
SESSION = "NotAuthorizedException: Invalid session for the user."
REVOKED = "NotAuthorizedException: Refresh Token has been revoked"
INVALID = "NotAuthorizedException: Invalid Refresh Token."


@dataclass(frozen=True)
class Person:
    """Somebody in one state. `held` is what was obtained before: a Session, a refresh token, or nothing."""

    client: ClientOfTests
    name: str
    sub: str
    held: str = ""

    def put(self, **columns: object) -> None:
        put(self.client.pool, self.sub, **columns)


def _expire(person: Person) -> None:
    person.put(status="FORCE_CHANGE_PASSWORD")
    age_password(person.client.pool, person.sub, days=8)


def _delete(person: Person) -> None:
    person.client.pool.admin("admin_delete_user", person.name)


# How somebody who is CONFIRMED (or, with a Session in hand, in FORCE_CHANGE_PASSWORD) comes into a state.
STATES: Mapping[str, Callable[[Person], None]] = {
    "unknown": lambda _: None,
    "UNCONFIRMED": lambda person: person.put(status="UNCONFIRMED"),
    "CONFIRMED": lambda person: person.put(status="CONFIRMED"),
    "FORCE_CHANGE_PASSWORD": lambda person: person.put(status="FORCE_CHANGE_PASSWORD"),
    "temporary, expired": _expire,
    "RESET_REQUIRED": lambda person: person.put(status="RESET_REQUIRED"),
    "disabled": lambda person: person.put(enabled=0),
    "locked": lambda person: lock(person.client, person.name),
    "without password": lambda person: drop_password(person.client.pool, person.sub),
    "deleted": _delete,
}


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

# A lock answers guesses; a refresh token is no guess, and if the lock held it too, five wrong passwords from anywhere
# would sign a user out of every application (attacks.md 23). Nor does it hold a remembered device, which has its own.
# fmt: off
COLUMNS =                    ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "USER_SRP_AUTH", "USER_SRP_AUTH, admin", "PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED", "NEW_PASSWORD_REQUIRED, admin", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN_AUTH, admin", "GetTokensFromRefreshToken", "SMS_MFA", "EMAIL_OTP, second", "SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA, admin", "SELECT_MFA_TYPE", "MFA_SETUP", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER", "CUSTOM_AUTH", "CUSTOM_AUTH, password first", "CUSTOM_CHALLENGE", "USER_AUTH, PASSWORD", "USER_AUTH, PASSWORD_SRP", "SELECT_CHALLENGE", "PASSWORD", "PASSWORD_SRP", "EMAIL_OTP, first", "SMS_OTP", "WEB_AUTHN")
TABLE = {
    "unknown":               (WRONG,    WRONG,    WRONG,    WRONG,    WRONG,    WRONG,    SESSION,  SESSION,  INVALID,  INVALID,  INVALID,  SESSION,  SESSION,  SESSION,  SESSION,  SESSION,  SESSION,  SESSION,  WRONG,    WRONG,    WRONG,    SESSION,  WRONG,    WRONG,    SESSION,  SESSION,  SESSION,  SESSION,  SESSION,  SESSION),
    "UNCONFIRMED":           (UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   UNCONF,   TOKENS,   TOKENS,   UNCONF),
    "CONFIRMED":             (TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   SESSION,  SESSION,  TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   SENT,     TOKENS,   PROVE,    TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS),
    "FORCE_CHANGE_PASSWORD": (ASKED,    ASKED,    ASKED,    ASKED,    ASKED,    ASKED,    TOKENS,   TOKENS,   REVOKED,  REVOKED,  REVOKED,  ASKED,    ASKED,    ASKED,    ASKED,    SENT,     ASKED,    PROVE,    ASKED,    TOKENS,   ASKED,    TOKENS,   ASKED,    ASKED,    ASKED,    ASKED,    ASKED,    WRONG,    WRONG,    WRONG),
    "temporary, expired":    (EXPIRED,  EXPIRED,  EXPIRED,  EXPIRED,  EXPIRED,  EXPIRED,  EXPIRED,  EXPIRED,  REVOKED,  REVOKED,  REVOKED,  EXPIRED,  EXPIRED,  EXPIRED,  EXPIRED,  SENT,     EXPIRED,  PROVE,    EXPIRED,  TOKENS,   EXPIRED,  TOKENS,   EXPIRED,  EXPIRED,  EXPIRED,  EXPIRED,  EXPIRED,  WRONG,    WRONG,    WRONG),
    "RESET_REQUIRED":        (RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET,    RESET),
    "disabled":              (DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED),
    "locked":                (LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   TOKENS,   TOKENS,   TOKENS,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   PROVE,    TOKENS,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED,   LOCKED),
    "without password":      (WRONG,    WRONG,    WRONG,    WRONG,    WRONG,    WRONG,    TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   TOKENS,   SENT,     TOKENS,   PROVE,    TOKENS,   TOKENS,   WRONG,    TOKENS,   WRONG,    WRONG,    WRONG,    WRONG,    WRONG,    TOKENS,   TOKENS,   TOKENS),
    "deleted":               (WRONG,    WRONG,    WRONG,    WRONG,    WRONG,    WRONG,    SESSION,  SESSION,  REVOKED,  REVOKED,  REVOKED,  SESSION,  SESSION,  SESSION,  SESSION,  SESSION,  SESSION,  SESSION,  WRONG,    WRONG,    WRONG,    SESSION,  WRONG,    WRONG,    SESSION,  SESSION,  SESSION,  SESSION,  SESSION,  SESSION),
}
# fmt: on


@pytest.mark.parametrize("flow", COLUMNS)
def test_every_state_is_answered_as_the_table_says(world: World, flow: str) -> None:
    """One column: the state decides between tokens, the next challenge and a refusal that opens no session."""
    client = world.pool().client()
    expected = {state: TABLE[state][COLUMNS.index(flow)] for state in TABLE}
    assert {state: _outcome(client, FLOWS[flow], state) for state in TABLE} == expected


def test_the_table_has_a_cell_for_every_flow_and_every_state() -> None:
    """A flow that is added without its column, or a state without its row, is noticed."""
    assert tuple(FLOWS) == COLUMNS
    assert set(TABLE) == set(STATES)
    assert {len(row) for row in TABLE.values()} == {len(COLUMNS)}


def test_every_flow_and_every_challenge_has_a_column() -> None:
    """Whatever begins a sign-in or answers a step of it is in the table. REFRESH_TOKEN is another name of a flow.

    What begins at a page alone is tried at the pages (tests/pages/test_sign_in_first_proof.py).
    """
    programs = {name for name, start in STARTS.items() if start.entrances != {Entrance.PAGES}}
    assert {column.partition(",")[0] for column in COLUMNS} >= {*programs, *ANSWERS, *REFRESH_FLOWS} - {"REFRESH_TOKEN"}


def _outcome(client: ClientOfTests, flow: Flow, state: str) -> str:
    """Bring a new user into a state and go one way to tokens; a refusal must not have opened a session."""
    name = flow.nobody(client) if state == "deleted" else f"user-{state.replace(' ', '-').replace(',', '')}"
    person = Person(client, name, client.pool.user(name))
    held = flow.prepare(person)
    STATES[state](person)
    if state == "unknown":
        name, held = flow.nobody(client), held[:-1] + ("A" if held[-1:] != "A" else "B")
    sessions = count_of_sessions(client.pool)
    try:
        answer = flow.run(Person(client, name, person.sub, held))
    except ClientError as fault:
        assert count_of_sessions(client.pool) == sessions
        return "{Code}: {Message}".format(**fault.response["Error"])
    if "ChallengeName" in answer:
        assert count_of_sessions(client.pool) == sessions
        assert "AuthenticationResult" not in answer
        return str(answer["ChallengeName"])
    assert {"AccessToken", "IdToken", "ExpiresIn", "TokenType"} <= set(answer["AuthenticationResult"])
    return TOKENS
