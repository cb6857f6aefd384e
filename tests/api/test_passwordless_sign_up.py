"""Signing up without a password, and going straight on to tokens: the Session of SignUp and that of ConfirmSignUp."""

from functools import partial
from typing import Any

import pytest

from api.passwordless import go_on
from api.people import listed
from api.signing_in import INVALID_SESSION, at_once, raw
from api.world import FLOWS, PASSWORD, SMS, ClientOfTests, World, refused
from poolkeeper.clock import MINUTE

MAIL = "ada@lovelace.example"
PASSWORDLESS = {
    "AutoVerifiedAttributes": ["email"],
    "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}},
}


def choosing(world: World, *, flows: list[str] | None = None, **settings: Any) -> ClientOfTests:
    """Return a client that allows USER_AUTH, of a pool where mailed codes sign in."""
    pool = world.pool(**{**PASSWORDLESS, **settings})
    return pool.client(ExplicitAuthFlows=flows or [*FLOWS, "ALLOW_USER_AUTH"])


def sign_up(client: ClientOfTests, name: str = "ada", **more: Any) -> dict[str, Any]:
    """Sign up without a password, unless `more` has one."""
    request = {"ClientId": client.client_id, "Username": name, "UserAttributes": listed({"email": MAIL}), **more}
    answer: dict[str, Any] = client.world.unsigned.sign_up(**request)
    return answer


def confirm(client: ClientOfTests, name: str = "ada", **more: Any) -> dict[str, Any]:
    """Confirm by the newest code."""
    request = {"ClientId": client.client_id, "Username": name, "ConfirmationCode": client.world.code(MAIL), **more}
    answer: dict[str, Any] = client.world.unsigned.confirm_sign_up(**request)
    return answer


def test_one_signs_up_without_a_password_and_is_in(world: World) -> None:
    """SignUp, the code, and tokens: no password was ever there, and none lets anybody in."""
    client = choosing(world)
    hashes = world.hashes()
    signed_up = sign_up(client)
    confirmed = confirm(client, Session=signed_up["Session"])
    assert go_on(client, confirmed["Session"])["AuthenticationResult"]["AccessToken"]
    assert world.hashes() == hashes
    assert client.pool.admin("admin_get_user", "ada")["UserStatus"] == "CONFIRMED"
    assert world.rows("SELECT password_hash FROM users WHERE pool_id = $1", client.pool.pool_id) == [(None,)]
    assert refused(lambda: client.sign_in("ada", ""))[0] == "NotAuthorizedException"


@pytest.mark.parametrize("factor", ["EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"])
def test_any_passwordless_factor_lets_a_password_be_left_out(world: World, factor: str) -> None:
    """Also on a client without USER_AUTH, which gets no Session for it."""
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", factor]}}
    client = choosing(world, flows=FLOWS, Policies=policies, SmsConfiguration=SMS)
    assert "Session" not in sign_up(client)
    assert "Session" not in confirm(client)


def test_where_passwords_are_all_there_is_one_must_be_given(world: World) -> None:
    """And where there is none, somebody must be reachable."""
    with_passwords = world.pool().client()
    assert refused(lambda: sign_up(with_passwords))[0] == "InvalidParameterException"
    nobody_there = partial(sign_up, choosing(world), UserAttributes=[])
    assert refused(nobody_there)[0] == "InvalidParameterException"


def test_the_session_is_for_those_with_passwords_too(world: World) -> None:
    """A proved address a moment ago is enough to be signed in once, whatever else the user has."""
    client = choosing(world, Policies={}, AutoVerifiedAttributes=["email"])
    confirmed = confirm(client, Session=sign_up(client, Password=PASSWORD)["Session"])
    assert go_on(client, confirmed["Session"])["AuthenticationResult"]["AccessToken"]


def test_a_session_is_spent_once(world: World) -> None:
    """Of twenty sign-ins at once by one Session one succeeds."""
    client = choosing(world)
    session = confirm(client, Session=sign_up(client)["Session"])["Session"]
    body = {
        "ClientId": client.client_id,
        "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": "ada"},
        "Session": session,
    }
    answers = at_once([partial(world.call, "InitiateAuth", body)] * 20)
    assert [status for status, _ in answers].count(200) == 1


def test_each_session_is_good_for_its_own_step(world: World) -> None:
    """SignUp's opens nothing by itself, ConfirmSignUp's no other user, client or challenge, and neither after its time."""
    client = choosing(world)
    begun = sign_up(client)["Session"]
    assert refused(lambda: go_on(client, begun)) == INVALID_SESSION
    session = confirm(client, Session=begun)["Session"]

    other = client.pool.client(ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"])
    client.pool.user("grace", email="grace@hopper.example", email_verified="true")
    assert refused(lambda: go_on(other, session)) == INVALID_SESSION
    assert refused(lambda: go_on(client, session, name="grace")) == INVALID_SESSION
    answer = partial(client.respond, "NEW_PASSWORD_REQUIRED", session, USERNAME="ada", NEW_PASSWORD=PASSWORD)
    assert refused(answer) == INVALID_SESSION

    world.clock.advance(4 * MINUTE)
    assert refused(lambda: go_on(client, session))[0] == "NotAuthorizedException"


def test_a_session_that_does_not_fit_stops_no_confirmation(world: World) -> None:
    """Expired, another's, another client's or no Session at all: the user is confirmed, and gets none to go on with."""
    client = choosing(world)
    other = client.pool.client(ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"])
    foreign = sign_up(client, "grace")["Session"]
    of_other_client = sign_up(other, "linus")["Session"]
    for number, session in enumerate((foreign, of_other_client, "x" * 40)):
        sign_up(client, f"user-{number}")
        assert "Session" not in confirm(client, f"user-{number}", Session=session)
    expired = sign_up(client)["Session"]
    world.clock.advance(4 * MINUTE)
    assert "Session" not in confirm(client, Session=expired)


def test_a_password_that_was_set_meanwhile_ends_a_sign_up(world: World) -> None:
    """A Session of before an administrator's reset signs nobody in."""
    client = choosing(world)
    session = confirm(client, Session=sign_up(client)["Session"])["Session"]
    client.pool.admin("admin_set_user_password", "ada", Password=PASSWORD, Permanent=True)
    assert refused(lambda: go_on(client, session)) == INVALID_SESSION
    assert client.tokens("ada")["AccessToken"]


def test_a_wrong_code_tells_a_stranger_nothing_with_a_session(world: World) -> None:
    """Row 11: whether the Session fits or not, and whether there is such a user, a refusal is the same to the byte."""
    client = choosing(world)
    session = sign_up(client)["Session"]
    body = {"ClientId": client.client_id, "ConfirmationCode": "not-it"}
    answers = [
        raw(world, "ConfirmSignUp", {**body, "Username": name, **more})
        for name in ("ada", "nobody")
        for more in ({}, {"Session": session}, {"Session": "x" * 40})
    ]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 400


def test_an_administrators_user_without_a_password_is_confirmed(world: World) -> None:
    """userpools.md 5.4: nothing to invite with, and nothing to change at the first sign-in."""
    client = choosing(world)
    create = partial(world.signed.admin_create_user, UserPoolId=client.pool.pool_id)
    user = create(Username="ada", UserAttributes=listed({"email": MAIL}), DesiredDeliveryMediums=["EMAIL"])["User"]
    assert user["UserStatus"] == "CONFIRMED"
    assert [one for one in world.outbox(MAIL) if one["pool_id"] == client.pool.pool_id] == []
    assert refused(lambda: create(Username="grace"))[0] == "InvalidParameterException"
    temporary = create(Username="linus", TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")["User"]
    assert temporary["UserStatus"] == "FORCE_CHANGE_PASSWORD"
