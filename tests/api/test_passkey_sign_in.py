"""Does a passkey sign its own user in, and nobody else? WEB_AUTHN as the first factor of USER_AUTH (attacks.md 51)."""

import json
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.passkeys import OTHER_PARTY, Owner, challenged, configure, owner, with_passkey
from api.signing_in import (
    INCORRECT,
    INVALID_SESSION,
    LOCKED,
    at_once,
    begin,
    count_of_sessions,
    lock,
    put,
    raw,
    respond,
)
from api.software_authenticator import ORIGIN, PRESENT, VERIFIED, Authenticator, b64, unb64
from api.world import ClientOfTests, World, refused

USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
TOTP = '{"enabled":["SOFTWARE_TOKEN_MFA"],"totp":true}'


@pytest.fixture
def ada(world: World) -> Owner:
    """Have a user with a key, of a pool for http://localhost."""
    return with_passkey(world)


def _factors(user: Owner) -> list[str]:
    """Return what the newest session of a user was opened with."""
    sql = "SELECT factors FROM sessions WHERE pool_id = $1 AND user_id = $2 ORDER BY auth_time, factors DESC"
    return [str(row[0]) for row in user.world.rows(sql, user.client.pool.pool_id, user.sub)]


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)], ids=["ES256", "RS256"]
)
def test_a_passkey_signs_its_user_in(world: World, key: Any) -> None:
    """The assertion gives tokens; the session says whether the authenticator verified its user."""
    ada = with_passkey(world, authenticator=Authenticator(key=key))

    access = ada.sign_in()["AuthenticationResult"]["AccessToken"]
    assert world.unsigned.get_user(AccessToken=access)["Username"] == "ada"
    assert "hwk" in _factors(ada)
    assert ada.sign_in(flags=PRESENT)["AuthenticationResult"]
    assert "swk" in _factors(ada)


def test_the_options_have_the_form_that_aws_shows(ada: Owner) -> None:
    """The keys of this user that serve, a fresh challenge, the pool's own terms, for as long as the Session lives."""
    other = ada.register(Authenticator())
    options, _ = ada.challenged()

    challenge = options.pop("challenge")
    assert len(unb64(challenge)) == 32
    assert challenge != ada.challenged()[0]["challenge"]
    listed = options.pop("allowCredentials")
    assert {one["id"] for one in listed} == {ada.authenticator.id, other.id}
    assert listed[0] | {"id": ""} == {"type": "public-key", "id": "", "transports": ["internal", "hybrid"]}
    assert options == {"timeout": 180_000, "rpId": "localhost", "userVerification": "preferred"}


@pytest.mark.parametrize("admin", [False, True], ids=["public", "admin"])
def test_both_doors_and_the_choice_lead_to_the_key(ada: Owner, admin: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """InitiateAuth and AdminInitiateAuth, by SELECT_CHALLENGE."""
    chosen = begin(ada.client, "USER_AUTH", admin=admin, USERNAME="ada")
    assert "WEB_AUTHN" in chosen["AvailableChallenges"]
    asked = respond(ada.client, "SELECT_CHALLENGE", chosen["Session"], admin=admin, USERNAME="ada", ANSWER="WEB_AUTHN")
    assert asked["ChallengeName"] == "WEB_AUTHN"
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    text = ada.authenticator.text(options)
    done = respond(ada.client, "WEB_AUTHN", asked["Session"], admin=admin, USERNAME="ada", CREDENTIAL=text)
    assert "AuthenticationResult" in done


@pytest.mark.parametrize(
    "otherwise",
    [
        {"challenge": b64(b"x" * 32)},
        {"type": "webauthn.create"},
        {"origin": "https://localhost.evil.example"},
        {"origin": f"https://{OTHER_PARTY}"},
        {"crossOrigin": True},
        {"rp_id": OTHER_PARTY},
        {"flags": VERIFIED},
        {"userHandle": b64(b"somebody else")},
        {"userHandle": ""},
    ],
    ids=json.dumps,
)
def test_an_assertion_that_is_wrong_in_one_thing_is_refused(ada: Owner, otherwise: dict[str, Any]) -> None:
    """Signed as it is by the right key: no tokens, and the Session still serves the right answer."""
    before = count_of_sessions(ada.client.pool)
    options, session = ada.challenged()

    assert refused(lambda: ada.answer(session, ada.authenticator.get(options, **otherwise))) == INCORRECT
    assert count_of_sessions(ada.client.pool) == before
    assert ada.answer(session, ada.authenticator.get(options))


def test_a_key_that_was_never_registered_signs_nobody_in(ada: Owner) -> None:
    """Neither under its own id nor under that of the user's key."""
    stranger = Authenticator()
    for key in (stranger, stranger.copy(credential_id=ada.authenticator.credential_id)):
        assert refused(partial(ada.sign_in, key)) == INCORRECT


def test_everybodys_private_key_signs_nobody_in(ada: Owner) -> None:
    """The key that the server tries in place of one that is not there: its private half is 1, and it serves no one."""
    everybodys = Authenticator(key=ec.derive_private_key(1, ec.SECP256R1()))
    assert refused(lambda: ada.sign_in(everybodys)) == INCORRECT
    options, session = challenged(ada.client, _nobody(ada.client))
    answer = partial(ada.client.respond, "WEB_AUTHN", session, USERNAME=_nobody(ada.client))
    assert refused(lambda: answer(CREDENTIAL=everybodys.text(options))) == INCORRECT


def test_the_key_of_one_user_does_not_sign_in_another(ada: Owner) -> None:
    """Bob's key in answer to ada's challenge, with and without his handle; ada's Session in bob's name."""
    bob = owner(ada.client, "bob")
    bob.register()
    for handle in (bob.authenticator.user_handle, None, ada.authenticator.user_handle):
        assert refused(partial(ada.sign_in, bob.authenticator, userHandle=handle)) == INCORRECT

    options, session = ada.challenged()
    assert refused(lambda: bob.answer(session, bob.authenticator.get(options))) == INVALID_SESSION
    assert refused(lambda: bob.answer(session, ada.authenticator.get(options))) == INVALID_SESSION


def test_a_key_serves_the_pool_that_it_was_registered_in(world: World, ada: Owner) -> None:
    """The same name and relying party in another pool: the key is not known there."""
    elsewhere = with_passkey(world)
    assert refused(lambda: elsewhere.sign_in(ada.authenticator)) == INCORRECT

    _, session = ada.challenged()
    options, _ = elsewhere.challenged()
    assert refused(lambda: elsewhere.answer(session, elsewhere.authenticator.get(options))) == INVALID_SESSION


def test_an_assertion_serves_once_and_its_own_session(ada: Owner) -> None:
    """Given again it is used; with another Session it answers another challenge."""
    options, session = ada.challenged()
    recorded = ada.authenticator.get(options)
    _, other = ada.challenged()

    assert refused(lambda: ada.answer(other, recorded)) == INCORRECT
    assert ada.answer(session, recorded)
    assert refused(lambda: ada.answer(session, recorded)) == USED
    assert refused(lambda: ada.answer(session, ada.authenticator.get(options))) == USED


def test_of_many_assertions_for_one_session_one_is_taken(ada: Owner) -> None:
    """Ten at the same moment, all of them right."""
    options, session = ada.challenged()
    before = count_of_sessions(ada.client.pool)
    texts = [ada.authenticator.text(options) for _ in range(10)]

    told = at_once([partial(_outcome, partial(ada.answer, session, text)) for text in texts])
    assert sorted(told) == sorted(["", *[USED[1]] * 9])
    assert count_of_sessions(ada.client.pool) == before + 1


def _outcome(work: Any) -> str:
    try:
        work()
    except ClientError as fault:
        return str(fault.response["Error"]["Message"])
    return ""


def test_a_count_that_does_not_grow_is_refused_and_logged(world: World) -> None:
    """A copied key is found out at the first use that lags behind; whoever counts must go on counting."""
    ada = with_passkey(world, authenticator=Authenticator(count=5))
    ada.sign_in()
    copied = ada.authenticator.copy()
    ada.sign_in()

    assert refused(lambda: ada.sign_in(copied)) == INCORRECT
    for count in (0, None, 7):
        assert refused(partial(ada.sign_in, ada.authenticator.copy(count=count))) == INCORRECT, count
    ada.sign_in(ada.authenticator.copy(count=2**32 - 1))
    of_pool = [line for line in world.log if ada.client.pool.pool_id.encode() in line]
    assert sum(b"the key may have been copied" in line for line in of_pool) == 4


def test_of_two_uses_with_one_count_one_is_taken(world: World) -> None:
    """Each for a Session of its own, at the same moment: the key and its copy."""
    ada = with_passkey(world, authenticator=Authenticator(count=1))
    texts = []
    for _ in range(6):
        options, session = ada.challenged()
        texts.append((session, ada.authenticator.copy(count=9).text(options)))

    told = at_once([partial(_outcome, partial(ada.answer, session, text)) for session, text in texts])
    assert sorted(told) == sorted(["", *[INCORRECT[1]] * 5])


def test_who_does_not_count_may_sign_in_again_and_again(world: World) -> None:
    """Synchronised passkeys say 0 each time; one that begins to count is held to it."""
    ada = with_passkey(world, authenticator=Authenticator(count=None))
    ada.sign_in()
    ada.sign_in()
    ada.sign_in(ada.authenticator.copy(count=1))
    assert refused(ada.sign_in) == INCORRECT


def test_where_the_pool_requires_it_the_user_is_verified(world: World) -> None:
    """Present is not enough there, and the browser is told so."""
    ada = with_passkey(world, verification="required")
    assert ada.challenged()[0]["userVerification"] == "required"
    assert refused(lambda: ada.sign_in(flags=PRESENT)) == INCORRECT
    assert ada.sign_in()


def test_where_mfa_is_on_a_passkey_is_two_factors_or_nothing(ada: Owner) -> None:
    """With verification it is two in one; without, no second factor can follow on it."""
    configure(ada.client.pool, two_factors=True, mfa="ON")
    options, session = ada.challenged()
    assert options["userVerification"] == "required"
    assert refused(lambda: ada.answer(session, ada.authenticator.get(options, flags=PRESENT))) == INCORRECT
    assert "AuthenticationResult" in ada.answer(session, ada.authenticator.get(options))


def test_who_has_a_second_factor_needs_a_verified_passkey(ada: Owner) -> None:
    """Where MFA is optional: not at all in a pool of single factors, verified in one that counts it as two."""
    configure(ada.client.pool, mfa="OPTIONAL")
    options, session = ada.challenged()
    put(ada.client.pool, ada.sub, mfa=TOTP)
    assert refused(lambda: ada.answer(session, ada.authenticator.get(options))) == INCORRECT
    assert "WEB_AUTHN" not in ada.client.initiate("USER_AUTH", USERNAME="ada")["AvailableChallenges"]

    configure(ada.client.pool, two_factors=True, mfa="OPTIONAL")
    assert refused(lambda: ada.sign_in(flags=PRESENT)) == INCORRECT
    assert "AuthenticationResult" in ada.sign_in()


def test_a_lock_holds_for_passkeys_and_wrong_passkeys_do_not_lock(ada: Owner) -> None:
    """Twenty wrong assertions lock nobody out; five wrong passwords do, until the lock is over."""
    for _ in range(20):
        assert refused(lambda: ada.sign_in(Authenticator())) == INCORRECT
    assert ada.client.tokens("ada")

    options, session = ada.challenged()
    lock(ada.client, "ada")
    assert refused(lambda: ada.answer(session, ada.authenticator.get(options))) == LOCKED
    ada.world.clock.advance(1000)
    assert ada.answer(session, ada.authenticator.get(options))


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"enabled": 0}, "NotAuthorizedException"),
        ({"status": "UNCONFIRMED"}, "UserNotConfirmedException"),
        ({"status": "RESET_REQUIRED"}, "PasswordResetRequiredException"),
        ({"status": "FORCE_CHANGE_PASSWORD"}, "NotAuthorizedException"),
        ({"status": "EXTERNAL_PROVIDER"}, "NotAuthorizedException"),
    ],
    ids=str,
)
def test_a_passkey_gets_nobody_past_a_state(ada: Owner, columns: dict[str, object], error: str) -> None:
    """The state is told after the proof, and there are no tokens."""
    options, session = ada.challenged()
    before = count_of_sessions(ada.client.pool)
    put(ada.client.pool, ada.sub, **columns)

    assert refused(lambda: ada.answer(session, ada.authenticator.get(options)))[0] == error
    assert count_of_sessions(ada.client.pool) == before


def test_what_is_taken_away_between_challenge_and_answer_does_not_serve(ada: Owner) -> None:
    """The key, the relying party, passkeys as a first factor, the user: each goes after the challenge was given."""
    pool, world = ada.client.pool, ada.world
    second = ada.register(Authenticator())
    options, session = ada.challenged()

    ada.delete(second.id)
    assert refused(lambda: ada.answer(session, second.get(options))) == INCORRECT
    configure(pool, relying_party=OTHER_PARTY)
    assert refused(lambda: ada.answer(session, ada.authenticator.get(options))) == INCORRECT
    configure(pool)
    passwords = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}
    world.signed.update_user_pool(UserPoolId=pool.pool_id, Policies=passwords)
    assert refused(lambda: ada.answer(session, ada.authenticator.get(options))) == INCORRECT
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    world.signed.update_user_pool(UserPoolId=pool.pool_id, Policies=factors)
    pool.admin("admin_delete_user", "ada")
    assert refused(lambda: ada.answer(session, ada.authenticator.get(options))) == INVALID_SESSION


def test_who_has_no_passkey_that_serves_is_not_asked_for_one(ada: Owner) -> None:
    """Nobody else's, none of another relying party, and none after the last was deleted: preferring it changes nothing."""
    bob = owner(ada.client, "bob")
    offers = partial(ada.client.initiate, "USER_AUTH", PREFERRED_CHALLENGE="WEB_AUTHN")
    assert offers(USERNAME="ada")["ChallengeName"] == "WEB_AUTHN"
    assert "WEB_AUTHN" not in offers(USERNAME=bob.name)["AvailableChallenges"]

    configure(ada.client.pool, relying_party=OTHER_PARTY)
    assert "WEB_AUTHN" not in offers(USERNAME="ada")["AvailableChallenges"]
    configure(ada.client.pool)
    ada.delete(ada.authenticator.id)
    assert "WEB_AUTHN" not in offers(USERNAME="ada")["AvailableChallenges"]


def _nobody(client: ClientOfTests) -> str:
    """Return a name that nobody has and that seems to have a passkey."""
    for number in range(100):
        asked = client.initiate("USER_AUTH", USERNAME=f"nobody{number}", PREFERRED_CHALLENGE="WEB_AUTHN")
        if asked["ChallengeName"] == "WEB_AUTHN":
            return f"nobody{number}"
    raise AssertionError("of a hundred names none seems to have a passkey")


def test_a_ghost_has_a_passkey_that_stays_the_same(ada: Owner) -> None:
    """What is asked of nobody looks like what is asked of ada, each time."""
    name = _nobody(ada.client)
    first, _ = challenged(ada.client, name)
    assert first | {"challenge": ""} == challenged(ada.client, name)[0] | {"challenge": ""}
    real = ada.challenged()[0]
    assert first.keys() == real.keys()
    assert {key: len(first[key]) for key in ("challenge", "allowCredentials")} == {
        "challenge": 43,
        "allowCredentials": 1,
    }
    assert first["allowCredentials"][0].keys() == real["allowCredentials"][0].keys()
    assert 16 <= len(unb64(first["allowCredentials"][0]["id"])) <= 32


def test_nobody_is_told_apart_by_wrong_assertions(ada: Owner) -> None:
    """Ada with a wrong key, and nobody: the same bytes at the first, the fifth and the twentieth attempt."""
    nobody = _nobody(ada.client)

    def attempt(name: str) -> object:
        options, session = challenged(ada.client, name)
        key = Authenticator(credential_id=unb64(options["allowCredentials"][0]["id"]), origin=ORIGIN)
        responses = {"USERNAME": name, "CREDENTIAL": key.text(options)}
        body = {
            "ClientId": ada.client.client_id,
            "ChallengeName": "WEB_AUTHN",
            "Session": session,
            "ChallengeResponses": responses,
        }
        return raw(ada.world, "RespondToAuthChallenge", body)

    for number in range(20):
        assert attempt("ada") == attempt(nobody), number
