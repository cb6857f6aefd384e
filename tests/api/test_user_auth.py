"""Which first factor may one choose? USER_AUTH: what is offered to whom, every way through it, and what tells nothing."""

import json
from functools import partial
from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from api.choosing import by_srp, nobody_like
from api.devices import new_device, tracked
from api.people import listed
from api.second_factors import PHONE, SMS_MFA, pool_with
from api.signing_in import (
    INCORRECT,
    INVALID_SESSION,
    LOCKED,
    SOME_A,
    Raw,
    at_once,
    begin,
    count_of_sessions,
    drop_password,
    failures,
    guessed_proof,
    lock,
    put,
    raw,
    respond,
)
from api.world import FLOWS, PASSWORD, ClientOfTests, PoolOfTests, World, refused
from poolkeeper.clock import SECOND

ALLOWED = [*FLOWS, "ALLOW_USER_AUTH"]
FACTORS = ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "tests"}
WRONG = "Wrong-password-0"
MISMATCH = ("CodeMismatchException", "Invalid code or auth state for the user.")
USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
NOT_OFFERED = ("InvalidParameterException", "The selected challenge is not available")
# In a pool that signs in by address every user has one, and so has nobody.
ADA, EVE = "ada@x.example", "eve@x.example"


def _policy(*factors: str) -> dict[str, Any]:
    return {"SignInPolicy": {"AllowedFirstAuthFactors": list(factors or FACTORS)}}


def _pool(world: World, *factors: str, **settings: Any) -> PoolOfTests:
    return world.pool(Policies=_policy(*factors), SmsConfiguration=SMS, **settings)


def _client(world: World, *factors: str, **settings: Any) -> ClientOfTests:
    """Make a pool of usernames with one user who has both addresses, and a client that allows USER_AUTH."""
    client = _pool(world, *factors).client(ExplicitAuthFlows=ALLOWED, **settings)
    client.pool.user("ada", email=ADA, phone_number="+15550100")
    return client


def _choice(client: ClientOfTests, name: str = "ada", **more: str) -> tuple[list[str], str]:
    """Begin USER_AUTH; return what there is to choose from, and the Session."""
    begun = client.initiate("USER_AUTH", USERNAME=name, **more)
    assert begun["ChallengeName"] == "SELECT_CHALLENGE"
    assert begun["ChallengeParameters"] == {}
    return begun["AvailableChallenges"], begun["Session"]


def test_the_choice_is_what_pool_and_user_have_in_common(world: World) -> None:
    """Allowed by the pool and held by the user: a password, an e-mail address, a phone number."""
    pool = _pool(world)
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    pool.user("all", email=ADA, phone_number="+15550100")
    pool.user("mail", email=ADA)
    drop_password(pool, pool.user("passwordless", email=ADA))
    drop_password(pool, pool.user("nothing"))
    assert {name: _choice(client, name)[0] for name in ("all", "mail", "passwordless", "nothing")} == {
        "all": ["EMAIL_OTP", "SMS_OTP", "PASSWORD", "PASSWORD_SRP"],
        "mail": ["EMAIL_OTP", "PASSWORD", "PASSWORD_SRP"],
        "passwordless": ["EMAIL_OTP"],
        "nothing": ["PASSWORD", "PASSWORD_SRP"],
    }
    assert _choice(_client(world, "PASSWORD"))[0] == ["PASSWORD", "PASSWORD_SRP"]


def test_codes_are_no_first_factor_for_whoever_has_turned_a_second_one_on(world: World) -> None:
    """Where MFA is OPTIONAL the user decides; ON, a pool cannot have codes as first factors at all (userpools.md 3.6)."""
    client = _client(world)
    sub = client.pool.user("bob", email="bob@x.example", phone_number="+15550101")
    put(client.pool, sub, mfa=json.dumps({"enabled": ["SMS_MFA"], "preferred": "SMS_MFA"}))
    world.signed.set_user_pool_mfa_config(
        UserPoolId=client.pool.pool_id, SmsMfaConfiguration={"SmsConfiguration": SMS}, MfaConfiguration="OPTIONAL"
    )
    assert _choice(client, "bob")[0] == ["PASSWORD", "PASSWORD_SRP"]
    assert _choice(client, "ada")[0] == ["EMAIL_OTP", "SMS_OTP", "PASSWORD", "PASSWORD_SRP"]


@pytest.mark.parametrize("admin", [False, True])
def test_a_password_signs_in_by_every_way(world: World, admin: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """Preferred with it, preferred without it, chosen with it, chosen without it."""
    client = _client(world)
    preferred = partial(begin, client, "USER_AUTH", admin=admin, USERNAME="ada", PREFERRED_CHALLENGE="PASSWORD")
    answer = partial(respond, client, admin=admin, USERNAME="ada")
    assert preferred(PASSWORD=PASSWORD)["AuthenticationResult"]

    asked = preferred()
    assert (asked["ChallengeName"], asked["ChallengeParameters"]) == ("PASSWORD", {})
    assert answer("PASSWORD", asked["Session"], PASSWORD=PASSWORD)["AuthenticationResult"]

    _, session = _choice(client)
    assert answer("SELECT_CHALLENGE", session, ANSWER="PASSWORD", PASSWORD=PASSWORD)["AuthenticationResult"]
    _, session = _choice(client)
    asked = answer("SELECT_CHALLENGE", session, ANSWER="PASSWORD")
    assert asked["ChallengeName"] == "PASSWORD"
    assert answer("PASSWORD", asked["Session"], PASSWORD=PASSWORD)["AuthenticationResult"]
    assert count_of_sessions(client.pool) == 4


def test_srp_signs_in_by_every_way(world: World) -> None:
    """Preferred and chosen, with SRP_A or with PASSWORD_SRP asked for it: each ends in PASSWORD_VERIFIER."""
    client = _client(world)

    def proved(ask: Any) -> dict[str, Any]:
        user = AWSSRP("ada", PASSWORD, client.pool.pool_id, client.client_id, client=world.unsigned)
        given = user.get_auth_params()
        verifier = ask(given["SRP_A"])
        assert verifier["ChallengeName"] == "PASSWORD_VERIFIER"
        proof = user.process_challenge(verifier["ChallengeParameters"], given)
        result: dict[str, Any] = client.respond("PASSWORD_VERIFIER", **proof)["AuthenticationResult"]
        return result

    preferred = partial(client.initiate, "USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="PASSWORD_SRP")
    assert proved(lambda value: preferred(SRP_A=value))
    asked = preferred()
    assert asked["ChallengeName"] == "PASSWORD_SRP"
    assert proved(lambda value: client.respond("PASSWORD_SRP", asked["Session"], USERNAME="ada", SRP_A=value))
    _, session = _choice(client)
    select = partial(client.respond, "SELECT_CHALLENGE", session, USERNAME="ada", ANSWER="PASSWORD_SRP")
    assert proved(lambda value: select(SRP_A=value))
    assert refused(lambda: select(SRP_A=SOME_A)) == USED


def test_an_exchange_has_a_session_that_may_come_back(world: World) -> None:
    """PASSWORD_VERIFIER carries one here: an answer with it is taken, one with that of another exchange is not."""
    client = _client(world)

    def begun() -> tuple[str, dict[str, str]]:
        user = AWSSRP("ada", PASSWORD, client.pool.pool_id, client.client_id, client=world.unsigned)
        given = user.get_auth_params()
        asked = client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=given["SRP_A"])
        return asked["Session"], user.process_challenge(asked["ChallengeParameters"], given)

    (session, proof), (another, _) = begun(), begun()
    for foreign in (another, _choice(client)[1], "made-up" * 10):
        assert refused(partial(client.respond, "PASSWORD_VERIFIER", foreign, **proof)) == INVALID_SESSION
    answer = client.respond("PASSWORD_VERIFIER", session, **proof)
    assert answer["AuthenticationResult"]
    assert answer["ChallengeParameters"] == {}
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", session, **proof)) == USED


@pytest.mark.parametrize("challenge", ["EMAIL_OTP", "SMS_OTP"])
@pytest.mark.parametrize("chosen", [False, True])
def test_a_code_signs_in_and_verifies_its_address(world: World, challenge: str, chosen: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """Preferred or chosen: a message with the code, whose address is verified by it."""
    client = _client(world)
    if chosen:
        _, session = _choice(client)
        asked = client.respond("SELECT_CHALLENGE", session, USERNAME="ada", ANSWER=challenge)
        assert refused(lambda: client.respond("SELECT_CHALLENGE", session, USERNAME="ada", ANSWER=challenge)) == USED
    else:
        asked = client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE=challenge)
    assert asked["ChallengeName"] == challenge
    code = world.code(ADA if challenge == "EMAIL_OTP" else "+15550100")

    answer = partial(client.respond, challenge, asked["Session"], USERNAME="ada")
    assert refused(lambda: answer(**{f"{challenge}_CODE": "0" * len(code)})) == MISMATCH
    assert answer(**{f"{challenge}_CODE": code})["AuthenticationResult"]
    assert refused(lambda: answer(**{f"{challenge}_CODE": code})) == USED
    attribute = "email_verified" if challenge == "EMAIL_OTP" else "phone_number_verified"
    attributes = client.pool.admin("admin_get_user", "ada")["UserAttributes"]
    assert {"Name": attribute, "Value": "true"} in attributes


def test_a_code_confirms_who_has_signed_up(world: World) -> None:
    """UNCONFIRMED becomes CONFIRMED by a right code, as by that of SignUp; a right password does not do that."""
    client = _pool(world).client(ExplicitAuthFlows=ALLOWED)
    client.sign_up("ada", email=ADA)
    refusal = refused(
        lambda: client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    )
    assert refusal == ("UserNotConfirmedException", "User is not confirmed.")

    asked = client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="EMAIL_OTP")
    given = {"USERNAME": "ada", "EMAIL_OTP_CODE": world.code(ADA)}
    assert client.respond("EMAIL_OTP", asked["Session"], **given)["AuthenticationResult"]
    assert client.pool.admin("admin_get_user", "ada")["UserStatus"] == "CONFIRMED"


def test_what_is_not_offered_is_not_given(world: World) -> None:
    """A preference that is not available leads to the choice; an ANSWER that was not in it is refused and spends nothing."""
    client = _client(world, "PASSWORD")
    for preferred in ("EMAIL_OTP", "WEB_AUTHN", "NONSENSE", ""):
        assert _choice(client, PREFERRED_CHALLENGE=preferred)[0] == ["PASSWORD", "PASSWORD_SRP"]
    _, session = _choice(client)
    for answer in ("EMAIL_OTP", "SMS_OTP", "WEB_AUTHN", "NONSENSE", "PASSWORD PASSWORD_SRP", ""):
        refusal = refused(partial(client.respond, "SELECT_CHALLENGE", session, USERNAME="ada", ANSWER=answer))
        assert refusal == NOT_OFFERED
    given = {"USERNAME": "ada", "ANSWER": "PASSWORD", "PASSWORD": PASSWORD}
    assert client.respond("SELECT_CHALLENGE", session, **given)["AuthenticationResult"]
    assert world.outbox(ADA)[-1:] == [] or world.outbox(ADA)[-1]["pool_id"] != client.pool.pool_id


def test_what_is_chosen_must_have_been_offered_and_be_there_still(world: World) -> None:
    """What the pool has taken back since is not given, nor what the user has come by since: that is a choice of its own."""
    client = _client(world)
    client.pool.user("bob", email="bob@x.example")
    for name, addresses, allowed, answer in (
        ("ada", {"nickname": "A"}, ["PASSWORD", "SMS_OTP"], "EMAIL_OTP"),
        ("bob", {"phone_number": "+15550102"}, FACTORS, "SMS_OTP"),
    ):
        _, session = _choice(client, name)
        setting = partial(world.signed.update_user_pool, UserPoolId=client.pool.pool_id, SmsConfiguration=SMS)
        setting(Policies=_policy(*allowed))
        client.pool.admin("admin_update_user_attributes", name, UserAttributes=listed(addresses))
        chosen = partial(client.respond, "SELECT_CHALLENGE", session, USERNAME=name)
        assert refused(partial(chosen, ANSWER=answer)) == NOT_OFFERED
        setting(Policies=_policy())
        assert chosen(ANSWER="PASSWORD", PASSWORD=PASSWORD)["AuthenticationResult"]


def test_a_wrong_password_spends_no_session_and_counts(world: World) -> None:
    """A wrong one may be mended with the same Session until the lock; the right one spends it."""
    client = _client(world)
    _, session = _choice(client)
    select = partial(client.respond, "SELECT_CHALLENGE", session, USERNAME="ada", ANSWER="PASSWORD")
    for count in range(1, 6):
        assert refused(lambda: select(PASSWORD=WRONG)) == INCORRECT
        assert failures(client.pool)[0][0] == count
    assert refused(lambda: select(PASSWORD=PASSWORD)) == LOCKED
    assert refused(lambda: client.initiate("USER_AUTH", USERNAME="ada")) == LOCKED
    world.clock.advance(SECOND)
    assert select(PASSWORD=PASSWORD)["AuthenticationResult"]
    assert refused(lambda: select(PASSWORD=PASSWORD)) == USED


def test_no_code_is_sent_to_whoever_is_locked(world: World) -> None:
    """Locked after the choice was offered: the choice of a code is refused, and nothing is sent."""
    client = _client(world)
    _, session = _choice(client)
    lock(client, "ada")
    before = world.outbox()
    for answer in ("EMAIL_OTP", "SMS_OTP"):
        refusal = refused(partial(client.respond, "SELECT_CHALLENGE", session, USERNAME="ada", ANSWER=answer))
        assert refusal == LOCKED
    assert not world.sent_since(before)


@pytest.mark.parametrize("answer", [{"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}, {"ANSWER": "EMAIL_OTP"}])
def test_of_twenty_choices_at_once_one_goes_on(world: World, answer: dict[str, str]) -> None:
    """One Session, one sign-in or one code, however many answers come at the same moment."""
    client = _client(world)
    _, session = _choice(client)
    sent = world.outbox(ADA)
    body = {
        "ClientId": client.client_id,
        "ChallengeName": "SELECT_CHALLENGE",
        "Session": session,
        "ChallengeResponses": {"USERNAME": "ada", **answer},
    }
    outcomes = at_once([partial(raw, world, "RespondToAuthChallenge", body)] * 20)
    assert [status for status, _, _ in outcomes].count(200) == 1
    assert count_of_sessions(client.pool) == ("PASSWORD" in answer)
    assert len(world.sent_since(sent, ADA)) == ("PASSWORD" not in answer)


def test_a_session_serves_whom_it_was_begun_for(world: World) -> None:
    """Another user, another client, another pool, another step: refused with the right password too."""
    client = _client(world)
    other, foreign = client.pool.client(ExplicitAuthFlows=ALLOWED), _client(world)
    client.pool.user("bob")
    _, session = _choice(client)
    asked = client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="PASSWORD")["Session"]
    chosen = {"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}

    for where, wrong in {
        "another user": partial(client.respond, "SELECT_CHALLENGE", session, USERNAME="bob", **chosen),
        "nobody": partial(client.respond, "SELECT_CHALLENGE", session, USERNAME="nobody", **chosen),
        "another client": partial(other.respond, "SELECT_CHALLENGE", session, USERNAME="ada", **chosen),
        "another pool": partial(foreign.respond, "SELECT_CHALLENGE", session, USERNAME="ada", **chosen),
        "another step": partial(client.respond, "SELECT_CHALLENGE", asked, USERNAME="ada", **chosen),
        "another step's": partial(client.respond, "PASSWORD", session, USERNAME="ada", PASSWORD=PASSWORD),
        "a code's": partial(client.respond, "EMAIL_OTP", session, USERNAME="ada", EMAIL_OTP_CODE="00000000"),
        "begin with it": partial(
            world.unsigned.initiate_auth,
            ClientId=client.client_id,
            AuthFlow="USER_AUTH",
            AuthParameters={"USERNAME": "ada"},
            Session=session,
        ),
    }.items():
        assert refused(wrong) == INVALID_SESSION, where
    assert count_of_sessions(client.pool) == 0


def test_who_has_no_password_signs_in_with_none(world: World) -> None:
    """Null is no password: by every way of PASSWORD and of SRP it fails closed (attacks.md 5)."""
    client = _pool(world).client(ExplicitAuthFlows=ALLOWED)
    drop_password(client.pool, client.pool.user("ada"))
    for password in (PASSWORD, "", "None"):
        given = {"USERNAME": "ada", "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": password}
        assert refused(partial(client.initiate, "USER_AUTH", **given)) == INCORRECT
    begun = client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=SOME_A)
    proof = guessed_proof("ada", begun["ChallengeParameters"]["SECRET_BLOCK"])
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **proof)) == INCORRECT


def test_an_unknown_name_is_told_where_the_client_hides_nobody(world: World) -> None:
    """LEGACY: UserNotFoundException; and the flow must be allowed."""
    pool = _pool(world)
    plain = pool.client(ExplicitAuthFlows=ALLOWED, PreventUserExistenceErrors="LEGACY")
    assert refused(lambda: plain.initiate("USER_AUTH", USERNAME="nobody")) == (
        "UserNotFoundException",
        "User does not exist.",
    )
    assert refused(lambda: pool.client().initiate("USER_AUTH", USERNAME="nobody")) == (
        "InvalidParameterException",
        "USER_AUTH flow not enabled for this client",
    )


QUESTIONS: dict[str, dict[str, str]] = {
    "the choice": {},
    "a wrong password": {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": WRONG},
    "no password": {"PREFERRED_CHALLENGE": "PASSWORD"},
    "SRP without its value": {"PREFERRED_CHALLENGE": "PASSWORD_SRP"},
    "a code": {"PREFERRED_CHALLENGE": "EMAIL_OTP"},
    "a password longer than any": {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "x" * 257},
}
STATES = ["CONFIRMED", "UNCONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED", "disabled"]


@pytest.mark.parametrize("state", STATES)
def test_nobody_is_answered_like_a_user_to_the_byte(world: World, state: str) -> None:
    """Status, headers, body (a Session by its length) and work, at the first, the fifth and the twentieth attempt."""
    for question, given in QUESTIONS.items():
        client = _pool(world, "PASSWORD", "EMAIL_OTP", UsernameAttributes=["email"]).client(ExplicitAuthFlows=ALLOWED)
        sub = client.pool.user(ADA, permanent=state != "FORCE_CHANGE_PASSWORD")
        if state in {"UNCONFIRMED", "RESET_REQUIRED"}:
            put(client.pool, sub, status=state)
        if state == "disabled":
            put(client.pool, sub, enabled=0)
        nobody = nobody_like(client, ADA, *(f"e{n:02}@x.example" for n in range(30)))
        for attempt in range(1, 21 if state == "CONFIRMED" else 7):
            told = [_told(client, name, given) for name in (ADA, nobody)]
            assert told[0] == told[1], f"{question}, attempt {attempt}"
            if attempt % 7 == 0:
                world.clock.advance(3 * SECOND)


def _told(client: ClientOfTests, name: str, given: dict[str, str]) -> tuple[Any, ...]:
    """Return what a stranger sees of one call and of an answer to it that is wrong, with the work that both cost."""
    before = client.world.hashes()
    body: dict[str, Any] = {
        "ClientId": client.client_id,
        "AuthFlow": "USER_AUTH",
        "AuthParameters": {"USERNAME": name, **given},
    }
    first, session, challenge = _seen(raw(client.world, "InitiateAuth", body), name)
    if not session:
        return (*first, client.world.hashes() - before)
    wrong = {
        "SELECT_CHALLENGE": {"ANSWER": "PASSWORD", "PASSWORD": WRONG},
        "PASSWORD": {"PASSWORD": WRONG},
        "PASSWORD_SRP": {"SRP_A": "0"},
        "EMAIL_OTP": {"EMAIL_OTP_CODE": "00000000"},
    }[challenge]
    body = {
        "ClientId": client.client_id,
        "ChallengeName": challenge,
        "Session": session,
        "ChallengeResponses": {"USERNAME": name, **wrong},
    }
    second, _, _ = _seen(raw(client.world, "RespondToAuthChallenge", body), name)
    return (*first, *second, client.world.hashes() - before)


def _seen(answer: Raw, name: str) -> tuple[tuple[Any, ...], str, str]:
    """Return an answer with its Session by length and without what differs from name to name, then both apart."""
    status, headers, body = answer
    document = json.loads(body)
    session = str(document.pop("Session", ""))
    parameters = document.get("ChallengeParameters", {})
    if "USER_ID_FOR_SRP" in parameters:  # a UUID for both
        parameters["USER_ID_FOR_SRP"] = len(parameters["USER_ID_FOR_SRP"])
    text = json.dumps(document).replace(f"{name[0]}***@", "?***@")
    return (status, headers, len(session), text), session, document.get("ChallengeName", "")


def test_the_choice_of_nobody_is_always_the_same_and_one_that_a_user_has(world: World) -> None:
    """Twice the same, over many names every one of the pool's factors; never something that the pool does not allow."""
    client = _client(world)
    choices = {name: _choice(client, name)[0] for name in (f"nobody-{n}" for n in range(40))}
    assert all(_choice(client, name)[0] == choice for name, choice in list(choices.items())[:5])
    assert {"EMAIL_OTP", "SMS_OTP", "PASSWORD", "PASSWORD_SRP"} == {
        one for choice in choices.values() for one in choice
    }
    assert len({tuple(choice) for choice in choices.values()}) > 2


def test_nobody_is_sent_anything(world: World) -> None:
    """A ghost's code is a row like another, counted like it; its message is dropped."""
    client = _pool(world, UsernameAttributes=["email"]).client(ExplicitAuthFlows=ALLOWED)
    asked = client.initiate("USER_AUTH", USERNAME=EVE, PREFERRED_CHALLENGE="EMAIL_OTP")
    assert asked["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "e***@x***"
    assert [one for one in world.outbox(EVE) if one["pool_id"] == client.pool.pool_id] == []
    rows = world.rows("SELECT purpose FROM codes WHERE pool_id = $1", client.pool.pool_id)
    assert len(rows) == 1


def test_the_session_of_a_confirmed_sign_up_signs_in_once(world: World) -> None:
    """SignUp's Session, ConfirmSignUp's for it, then USER_AUTH with no further factor; what else is sent is ignored."""
    client = _pool(world, AutoVerifiedAttributes=["email"]).client(ExplicitAuthFlows=ALLOWED)
    signed_up = client.sign_up("ada", email=ADA)["Session"]
    confirmed = world.unsigned.confirm_sign_up(
        ClientId=client.client_id, Username="ada", ConfirmationCode=world.code(ADA), Session=signed_up
    )["Session"]

    def enter(session: str, name: str = "ada", **more: str) -> Any:
        given = {"USERNAME": name, **more}
        return world.unsigned.initiate_auth(
            ClientId=client.client_id, AuthFlow="USER_AUTH", AuthParameters=given, Session=session
        )

    assert refused(lambda: enter(signed_up)) == INVALID_SESSION
    client.pool.user("bob")
    assert refused(lambda: enter(confirmed, "bob")) == INVALID_SESSION
    assert refused(lambda: enter(confirmed, "nobody")) == INVALID_SESSION
    assert enter(confirmed, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=WRONG)["AuthenticationResult"]
    assert refused(lambda: enter(confirmed)) == USED


def test_an_answer_may_name_its_device(world: World) -> None:
    """Named with the choice it is remembered at the password that is asked for next."""
    pool = tracked(world)
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    pool.user("ada")
    device = new_device(client, "ada")
    _, session = _choice(client)
    named = {"USERNAME": "ada", "ANSWER": "PASSWORD", "DEVICE_KEY": device.key}
    asked = client.respond("SELECT_CHALLENGE", session, **named)
    asked = client.respond("PASSWORD", asked["Session"], USERNAME="ada", PASSWORD=PASSWORD)
    assert (asked["ChallengeName"], asked["ChallengeParameters"]["DEVICE_KEY"]) == ("DEVICE_SRP_AUTH", device.key)


def test_required_mfa_is_asked_for_whatever_was_chosen(world: World) -> None:
    """attacks.md 4 by this flow: preferred, chosen, by SRP or with the Session of a sign-up, no tokens before the code."""
    pool = pool_with(world, SMS_MFA, AutoVerifiedAttributes=["email"])
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    pool.user("ada", phone_number=PHONE)
    preferred = {"USERNAME": "ada", "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD}
    choices, session = _choice(client)
    chosen = {"USERNAME": "ada", "ANSWER": "PASSWORD", "PASSWORD": PASSWORD}
    assert choices == ["PASSWORD", "PASSWORD_SRP"]
    for asked in (
        client.initiate("USER_AUTH", **preferred),
        client.respond("SELECT_CHALLENGE", session, **chosen),
        by_srp(client, "ada"),
    ):
        assert asked["ChallengeName"] == SMS_MFA
    assert count_of_sessions(pool) == 0


def test_a_code_to_nobody_pretends_to_go_where_a_reset_would(world: World) -> None:
    """Two operations that make an address up make up the same one, or the difference would tell."""
    client = _client(world)
    names = [name for name in (f"nobody-{n}" for n in range(20)) if "EMAIL_OTP" in _choice(client, name)[0]]
    for name in names[:5]:
        asked = client.initiate("USER_AUTH", USERNAME=name, PREFERRED_CHALLENGE="EMAIL_OTP")
        reset = world.unsigned.forgot_password(ClientId=client.client_id, Username=name)["CodeDeliveryDetails"]
        assert asked["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == reset["Destination"]
