"""Is the second factor asked for and proved, by every method and at both doors, and by nothing else? (attacks.md 38-45)."""

import json
from collections import Counter
from functools import partial
from typing import Any

import pytest

from api.people import held
from api.second_factors import (
    EMAIL,
    EMAIL_OTP,
    PHONE,
    SMS_MFA,
    TOTP,
    asked,
    demand,
    enrol,
    give,
    next_codes,
    pool_with,
    prefer,
    shown,
    wrong,
)
from api.signing_in import INVALID_SESSION, LOCKED, at_once, count_of_sessions, error_of, failures, put, raw, respond
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import DAY, MINUTE, SECOND

WRONG_CODE = ("CodeMismatchException", "Invalid code or auth state for the user.")
WRONG_TOTP = ("CodeMismatchException", "Invalid code received for user")
USED_TOTP = ("ExpiredCodeException", "Your software token has already been used once.")
USED_SESSION = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
EXPIRED_SESSION = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
ADDRESSES: dict[str, tuple[str, Any]] = {SMS_MFA: ("phone_number", PHONE), EMAIL_OTP: ("email", EMAIL)}
BOTH_DOORS = pytest.mark.parametrize("admin", [False, True], ids=["public", "admin"])
BY_MESSAGE = pytest.mark.parametrize("method", [SMS_MFA, EMAIL_OTP])


def reachable(world: World, method: str, **settings: Any) -> ClientOfTests:
    """Make a pool that requires codes by one medium, and a user with an address that nobody has verified."""
    pool = pool_with(world, method, **settings)
    attribute, address = ADDRESSES[method]
    pool.user("ada", **{attribute: address})
    return pool.client()


def with_app(world: World) -> tuple[ClientOfTests, str]:
    """Make a user with an authenticator app, in a pool where MFA is optional; return the app's secret too."""
    pool = pool_with(world, TOTP, mode="OPTIONAL")
    pool.user("ada")
    client = pool.client()
    return client, enrol(client, "ada")


@BOTH_DOORS
@BY_MESSAGE
def test_a_code_is_sent_and_proves_the_address(world: World, method: str, admin: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """The challenge shows where the code went and no more; a right one gives tokens and verifies the address (userpools.md 3.8)."""
    client = reachable(world, method)
    attribute, address = ADDRESSES[method]
    challenge = asked(client, method, admin=admin)
    masked = {SMS_MFA: "+*******0123", EMAIL_OTP: "a***@l***"}[method]
    assert challenge["ChallengeParameters"] == {
        "CODE_DELIVERY_DELIVERY_MEDIUM": {SMS_MFA: "SMS", EMAIL_OTP: "EMAIL"}[method],
        "CODE_DELIVERY_DESTINATION": masked,
        "USER_ID_FOR_SRP": "ada",
    }
    sent = world.outbox(address)[-1]
    assert (sent["kind"], len(sent["code"])) == ("Authentication", {SMS_MFA: 6, EMAIL_OTP: 8}[method])
    assert sent["code"] in sent["body"]
    assert held(client.pool, "ada") == {attribute: address}

    answer = give(client, method, challenge["Session"], sent["code"], admin=admin)
    assert answer["AuthenticationResult"]["RefreshToken"]
    assert held(client.pool, "ada") == {attribute: address, f"{attribute}_verified": "true"}


@BOTH_DOORS
def test_an_app_proves_by_its_code(world: World, admin: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """TOTP at both doors; the session keeps what was proved."""
    client, secret = with_app(world)
    challenge = asked(client, TOTP, admin=admin)
    assert challenge["ChallengeParameters"] == {"USER_ID_FOR_SRP": "ada"}
    answer = give(client, TOTP, challenge["Session"], shown(world, secret), admin=admin)
    assert answer["AuthenticationResult"]["AccessToken"]
    factors = world.rows("SELECT factors FROM sessions WHERE pool_id = $1 ORDER BY auth_time", client.pool.pool_id)
    assert factors[-1] == ("pwd otp",)


def test_the_answer_by_mail_has_two_names(world: World) -> None:
    """AWS's pages call it EMAIL_OTP_CODE and EMAIL_MFA_CODE; without either it is missing."""
    client = reachable(world, EMAIL_OTP)
    session = asked(client, EMAIL_OTP)["Session"]
    assert refused(lambda: respond(client, EMAIL_OTP, session, USERNAME="ada")) == (
        "InvalidParameterException",
        "Missing required parameter EMAIL_OTP_CODE",
    )
    assert respond(client, EMAIL_OTP, session, USERNAME="ada", EMAIL_MFA_CODE=world.code(EMAIL))["AuthenticationResult"]


@BY_MESSAGE
def test_a_wrong_code_leaves_the_session_as_it_was(world: World, method: str) -> None:
    """The client tries again with the same Session; the right code spends it, and is spent itself."""
    client = reachable(world, method)
    session = asked(client, method)["Session"]
    code = world.code(ADDRESSES[method][1])
    assert refused(lambda: give(client, method, session, wrong(code))) == WRONG_CODE
    assert give(client, method, session, code)["AuthenticationResult"]
    assert refused(lambda: give(client, method, session, code)) == USED_SESSION
    assert failures(client.pool) == []


@pytest.mark.parametrize("later", [-2, -1, 0, 1, 2])
def test_an_app_may_be_one_step_off(world: World, later: int) -> None:
    """attacks.md 45: a code one step early or late is accepted, two steps are not (clients.md 18)."""
    client, secret = with_app(world)
    world.clock.advance(MINUTE)
    session = asked(client, TOTP)["Session"]
    answer = partial(give, client, TOTP, session, shown(world, secret, later=later))
    if abs(later) < 2:
        assert answer()["AuthenticationResult"]
    else:
        assert refused(answer) == WRONG_TOTP


def test_a_code_of_an_app_is_used_once(world: World) -> None:
    """attacks.md 45: not again in another sign-in, and no older one after it."""
    client, secret = with_app(world)
    session = asked(client, TOTP)["Session"]
    older, newest = shown(world, secret, later=-1), shown(world, secret)
    assert give(client, TOTP, session, newest)["AuthenticationResult"]
    session = asked(client, TOTP)["Session"]
    assert refused(lambda: give(client, TOTP, session, newest)) == USED_TOTP
    assert refused(lambda: give(client, TOTP, session, older)) == USED_TOTP
    next_codes(world)
    assert give(client, TOTP, session, shown(world, secret))["AuthenticationResult"]


@pytest.mark.parametrize("method", [SMS_MFA, EMAIL_OTP, TOTP])
def test_of_twenty_answers_at_once_one_signs_in(world: World, method: str) -> None:
    """attacks.md 40, 45: one code and twenty Sessions (TOTP) or one (messages): one success, one session."""
    if method == TOTP:
        client, secret = with_app(world)
        sessions = [asked(client, TOTP)["Session"] for _ in range(20)]
        code = shown(world, secret)
    else:
        client = reachable(world, method)
        sessions = [asked(client, method)["Session"]] * 20
        code = world.code(ADDRESSES[method][1])
    before = count_of_sessions(client.pool)

    bodies = [
        {
            "ClientId": client.client_id,
            "ChallengeName": method,
            "Session": session,
            "ChallengeResponses": {"USERNAME": "ada", f"{method}_CODE": code},
        }
        for session in sessions
    ]
    answers = at_once([partial(raw, world, "RespondToAuthChallenge", body) for body in bodies])
    assert [status for status, _, _ in answers].count(200) == 1
    losers = Counter(error_of(answer) for answer in answers if answer[0] != 200)
    assert set(losers) <= {USED_TOTP, LOCKED} if method == TOTP else set(losers) == {USED_SESSION}
    assert count_of_sessions(client.pool) == before + 1


@pytest.mark.parametrize("method", [SMS_MFA, EMAIL_OTP, TOTP])
def test_five_wrong_codes_lock(world: World, method: str) -> None:
    """attacks.md 25, 38: they count with wrong passwords along one curve, and the lock holds for the right code too."""
    if method == TOTP:
        client, secret = with_app(world)
        session, code, sentence = asked(client, TOTP)["Session"], shown(world, secret), WRONG_TOTP
    else:
        client = reachable(world, method)
        session = asked(client, method)["Session"]
        code, sentence = world.code(ADDRESSES[method][1]), WRONG_CODE

    for count in range(1, 6):
        assert refused(partial(give, client, method, session, wrong(code))) == sentence
        assert failures(client.pool) == [(count, SECOND if count == 5 else 0)]
    assert refused(lambda: give(client, method, session, code)) == LOCKED
    assert refused(lambda: client.sign_in("ada", PASSWORD)) == LOCKED
    world.clock.advance(SECOND)
    assert give(client, method, session, code)["AuthenticationResult"]
    assert failures(client.pool) == []


def test_another_code_gives_no_more_guesses(world: World) -> None:
    """attacks.md 38: wrong codes count over all sign-ins of a user, whichever code they were guesses at."""
    client = reachable(world, EMAIL_OTP)
    for count in range(1, 6):
        session = asked(client, EMAIL_OTP)["Session"]
        assert refused(partial(give, client, EMAIL_OTP, session, wrong(world.code(EMAIL)))) == WRONG_CODE
        assert failures(client.pool)[0][0] == count
    assert refused(lambda: client.sign_in("ada")) == LOCKED


def test_a_code_belongs_to_its_sign_in(world: World) -> None:
    """attacks.md 6, 39: not to another Session of the same user, nor to another user; and neither spoils the other."""
    client = reachable(world, EMAIL_OTP)
    client.pool.user("eve", email="eve@evil.example")
    first = asked(client, EMAIL_OTP)["Session"]
    code = world.code(EMAIL)
    second = asked(client, EMAIL_OTP)["Session"]
    hers = asked(client, EMAIL_OTP, "eve")["Session"]
    assert refused(lambda: give(client, EMAIL_OTP, second, code)) == WRONG_CODE
    assert refused(lambda: give(client, EMAIL_OTP, hers, code, name="eve")) == WRONG_CODE
    assert refused(lambda: give(client, EMAIL_OTP, first, code, name="eve")) == INVALID_SESSION
    assert give(client, EMAIL_OTP, first, code)["AuthenticationResult"]


def test_a_session_answers_its_own_challenge_alone(world: World) -> None:
    """attacks.md 6: the Session of one step opens no other, at no other client."""
    client, secret = with_app(world)
    code = shown(world, secret)
    session = asked(client, TOTP)["Session"]
    other = client.pool.client()
    assert refused(lambda: give(other, TOTP, session, code)) == INVALID_SESSION
    for challenge in (SMS_MFA, EMAIL_OTP, "SMS_OTP"):
        assert refused(partial(give, client, challenge, session, code)) == INVALID_SESSION
    for challenge in ("MFA_SETUP", "SELECT_MFA_TYPE"):
        work = partial(respond, client, challenge, session, USERNAME="ada", ANSWER=SMS_MFA)
        assert refused(work) == INVALID_SESSION
    assert refused(lambda: world.unsigned.associate_software_token(Session=session)) == INVALID_SESSION
    verify = partial(world.unsigned.verify_software_token, Session=session, UserCode=code)
    assert refused(verify) == INVALID_SESSION
    assert give(client, TOTP, session, code)["AuthenticationResult"]


def test_a_code_dies_with_its_session(world: World) -> None:
    """attacks.md 42: after AuthSessionValidity, three minutes here, neither is taken."""
    client = reachable(world, EMAIL_OTP)
    session = asked(client, EMAIL_OTP)["Session"]
    world.clock.advance(3 * MINUTE)
    assert refused(lambda: give(client, EMAIL_OTP, session, world.code(EMAIL))) == EXPIRED_SESSION


def test_a_code_to_a_former_address_proves_nothing(world: World) -> None:
    """attacks.md 20: whoever reads the old mailbox is not let in once the user has another."""
    client = reachable(world, EMAIL_OTP)
    session = asked(client, EMAIL_OTP)["Session"]
    code = world.code(EMAIL)
    change = [{"Name": "email", "Value": "ada@new.example"}]
    client.pool.admin("admin_update_user_attributes", "ada", UserAttributes=change)
    assert refused(lambda: give(client, EMAIL_OTP, session, code))[0] == "ExpiredCodeException"
    assert held(client.pool, "ada")["email"] == "ada@new.example"


def test_an_address_that_is_somebodys_alias_signs_nobody_else_in(world: World) -> None:
    """The mailbox is shared, the name is not: what would make it mine is refused, and nothing is spent."""
    client = reachable(world, EMAIL_OTP, AliasAttributes=["email"])
    session = asked(client, EMAIL_OTP)["Session"]
    code = world.code(EMAIL)
    client.pool.user("eve", email=EMAIL, email_verified="true")
    assert refused(lambda: give(client, EMAIL_OTP, session, code))[0] == "AliasExistsException"
    client.pool.admin("admin_delete_user", "eve")
    assert give(client, EMAIL_OTP, session, code)["AuthenticationResult"]


def test_twenty_codes_an_hour_are_sent_and_no_more(world: World) -> None:
    """userpools.md 7.3: whoever knows the password cannot fill the mailbox; the twenty-first is refused and writes nothing."""
    client = reachable(world, EMAIL_OTP)
    for _ in range(20):
        asked(client, EMAIL_OTP)
    sent = world.outbox(EMAIL)
    assert refused(lambda: client.sign_in("ada")) == (
        "TooManyRequestsException",
        "Attempt limit exceeded, please try after some time.",
    )
    assert not world.sent_since(sent, EMAIL)
    world.clock.advance(60 * MINUTE)
    asked(client, EMAIL_OTP)


def choosing(world: World) -> tuple[ClientOfTests, dict[str, Any]]:
    """Bring a user with a phone and a mailbox to the choice between them."""
    pool = pool_with(world, SMS_MFA, EMAIL_OTP)
    pool.user("ada", email=EMAIL, phone_number=PHONE)
    client = pool.client()
    return client, asked(client, "SELECT_MFA_TYPE")


@BOTH_DOORS
@pytest.mark.parametrize(("chosen", "method"), [(SMS_MFA, SMS_MFA), (EMAIL_OTP, EMAIL_OTP), ("EMAIL_MFA", EMAIL_OTP)])
def test_who_has_two_methods_chooses(world: World, chosen: str, method: str, admin: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """Nothing is sent before the choice; AWS's other name for mail is taken too."""
    client, choice = choosing(world)
    assert choice["ChallengeParameters"]["USER_ID_FOR_SRP"] == "ada"
    assert json.loads(choice["ChallengeParameters"]["MFAS_CAN_CHOOSE"]) == [SMS_MFA, EMAIL_OTP]
    before = world.outbox()
    challenge = respond(client, "SELECT_MFA_TYPE", choice["Session"], admin=admin, USERNAME="ada", ANSWER=chosen)
    assert challenge["ChallengeName"] == method
    assert len(world.sent_since(before)) == 1
    code = world.outbox()[-1]["code"]
    assert give(client, method, challenge["Session"], code, admin=admin)["AuthenticationResult"]


def test_what_was_not_offered_cannot_be_chosen(world: World) -> None:
    """attacks.md 6: a choice is one of those that the user has, and its Session is spent by it."""
    client, choice = choosing(world)
    choose = partial(respond, client, "SELECT_MFA_TYPE", choice["Session"], USERNAME="ada")
    for answer in (TOTP, "PASSWORD", "", "SMS_OTP"):
        assert refused(partial(choose, ANSWER=answer))[0] == "InvalidParameterException"
    choose(ANSWER=SMS_MFA)
    assert refused(partial(choose, ANSWER=EMAIL_OTP)) == USED_SESSION


def test_a_choice_is_no_way_around_a_preference(world: World) -> None:
    """Who prefers one method meanwhile is not asked by another through the older Session."""
    client, choice = choosing(world)
    prefer(client.pool, "ada", "SMSMfaSettings")
    choose = partial(respond, client, "SELECT_MFA_TYPE", choice["Session"], USERNAME="ada", ANSWER=EMAIL_OTP)
    assert refused(choose)[0] == "InvalidParameterException"


def test_a_factor_that_is_turned_on_between_password_and_code_is_asked_for(world: World) -> None:
    """attacks.md 4: what the gate finds when it opens the session decides, not what was true at the beginning."""
    pool = pool_with(world, TOTP, mode="OPTIONAL")
    sub = pool.user("ada", permanent=False)
    client = pool.client()
    session = client.sign_in("ada")["Session"]
    put(pool, sub, mfa=json.dumps({"enabled": [TOTP], "totp": True}))
    answer = respond(client, "NEW_PASSWORD_REQUIRED", session, USERNAME="ada", NEW_PASSWORD=f"{PASSWORD}-2")
    assert answer["ChallengeName"] == TOTP
    assert count_of_sessions(pool) == 0


def test_who_can_set_nothing_up_is_told_so(world: World) -> None:
    """attacks.md 4: a pool that demands what this user has no way to do gives no tokens, and an error that is modelled."""
    ways = [{"Name": "verified_phone_number", "Priority": 1}, {"Name": "verified_email", "Priority": 2}]
    pool = pool_with(world, SMS_MFA, EMAIL_OTP, AccountRecoverySetting={"RecoveryMechanisms": ways})
    demand(pool, SMS_MFA)
    pool.user("ada")
    client = pool.client()
    assert refused(lambda: client.sign_in("ada"))[0] == "InvalidUserPoolConfigurationException"
    assert count_of_sessions(pool) == 0


def test_a_reset_of_the_password_is_no_way_around_mfa(world: World) -> None:
    """attacks.md 44: the mailed code changes the password, and the next sign-in asks for the app."""
    pool = pool_with(
        world,
        TOTP,
        mode="OPTIONAL",
        AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
    )
    pool.user("ada", email=EMAIL, email_verified="true")
    client = pool.client()
    secret = enrol(client, "ada")
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    world.unsigned.confirm_forgot_password(
        ClientId=client.client_id, Username="ada", ConfirmationCode=world.code(EMAIL), Password=f"{PASSWORD}-2"
    )
    challenge = client.sign_in("ada", f"{PASSWORD}-2")
    assert challenge["ChallengeName"] == TOTP
    assert give(client, TOTP, challenge["Session"], shown(world, secret))["AuthenticationResult"]


def test_a_refresh_asks_for_no_second_factor(world: World) -> None:
    """The session proved it once, and its tokens are renewed for as long as it lives."""
    client, secret = with_app(world)
    tokens = give(client, TOTP, asked(client, TOTP)["Session"], shown(world, secret))["AuthenticationResult"]
    world.clock.advance(DAY)
    assert client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])["AuthenticationResult"]
