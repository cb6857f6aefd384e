"""Which flow gives tokens to a user in which state? Every flow by every state, in one table (userpools.md 3.2).

A flow that is built later adds a column here, a state a row. Each cell gives the right password, or whatever the flow
proves by: the state alone decides.
"""

from collections.abc import Callable, Mapping

import pytest
from botocore.exceptions import ClientError

from api.matrix_people import FLOWS, Flow, Person
from api.signing_in import (
    age_password,
    count_of_sessions,
    drop_password,
    lock,
)
from api.world import ClientOfTests, World
from poolkeeper.auth.flow import ANSWERS, STARTS, Entrance
from poolkeeper.auth.refresh import FLOWS as REFRESH_FLOWS

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
