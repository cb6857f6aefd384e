"""Who gets tokens by a pool's own challenges? CUSTOM_AUTH: what the triggers see, what they decide, and what they cannot."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from api.devices import INSTEAD_OF_MFA, helper, new_device, tracked
from api.devices import begun as prove_device
from api.forge import claims_of
from api.own_code import own_code
from api.pools_code import ASK, RIGHT, SRP, TOKENS, TRIGGERS, Code, answer, ask, prove_password, running_code
from api.second_factors import PHONE, SMS_MFA, TOTP, demand, enrol, give, pool_with
from api.signing_in import (
    INCORRECT,
    INVALID_SESSION,
    LOCKED,
    SOME_A,
    Raw,
    at_once,
    begin,
    count_of_sessions,
    error_of,
    failures,
    lock,
    put,
    raw,
)
from api.stage import dump
from api.world import FLOWS, PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import MINUTE

USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
EXPIRED = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
DISABLED = ("NotAuthorizedException", "User is disabled.")
ALLOWED = [*FLOWS, "ALLOW_CUSTOM_AUTH"]


@pytest.fixture
def code(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Code]:
    """Set a riddle."""
    with running_code(world, monkeypatch, Code()) as made:
        yield made


def _client(world: World, **settings: Any) -> ClientOfTests:
    """Make a pool with one user, and a client that allows CUSTOM_AUTH."""
    client = world.pool(LambdaConfig=TRIGGERS).client(ExplicitAuthFlows=ALLOWED, **settings)
    client.pool.user("ada", email="ada@x.example")
    return client


@pytest.mark.parametrize("admin", [False, True])
def test_a_right_answer_gives_tokens(world: World, code: Code, admin: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """Define, Create, then Verify and Define again; the challenge shows what is public and the name."""
    client = _client(world)
    begun = begin(client, "CUSTOM_AUTH", admin=admin, USERNAME="ada")
    assert begun["ChallengeName"] == ASK
    assert begun["ChallengeParameters"] == {"riddle": "?", "USERNAME": "ada"}

    assert "AccessToken" in answer(client, begun["Session"], admin=admin)["AuthenticationResult"]
    asked = ["PreAuthentication", "DefineAuthChallenge", "CreateAuthChallenge"]
    assert code.sources() == [*asked, "VerifyAuthChallengeResponse", "DefineAuthChallenge"]
    assert code.told("Verify")[0]["privateChallengeParameters"] == {"answer": RIGHT}
    assert code.histories() == [[], [(ASK, True)]]
    assert code.told("Define")[1]["session"][0]["challengeMetadata"] == "riddle 0"


def test_a_wrong_answer_leads_to_the_next_challenge_until_the_code_has_enough(world: World, code: Code) -> None:
    """Each answer gives a new Session, and Define sees every one of them; its refusal is that of a wrong password."""
    client = _client(world)
    first = ask(client)
    second = answer(client, first, "wrong")
    assert second["ChallengeName"] == ASK
    third = answer(client, second["Session"], "wrong")

    assert refused(lambda: answer(client, third["Session"], "wrong")) == INCORRECT
    assert code.histories()[-1] == [(ASK, False)] * 3
    assert count_of_sessions(client.pool) == 0


def test_an_answer_spends_its_session_right_or_wrong(world: World, code: Code) -> None:
    """Old Sessions cannot be replayed with new guesses, so no guess is hidden from Define."""
    client = _client(world)
    session = ask(client)
    following = answer(client, session, "wrong")["Session"]

    for given in ("wrong", RIGHT):
        assert refused(partial(answer, client, session, given)) == USED
    assert len(code.told("Verify")) == 1
    assert answer(client, following)["AuthenticationResult"]
    assert refused(lambda: answer(client, following)) == USED
    assert count_of_sessions(client.pool) == 1


@pytest.mark.parametrize("given", ["wrong", RIGHT])
def test_of_twenty_answers_at_once_one_is_judged(world: World, code: Code, given: str) -> None:
    """Guesses in parallel with one Session are one guess: Verify runs once."""
    client = _client(world)
    session = ask(client)

    outcomes = at_once([partial(_raw_answer, client, session, given)] * 20)
    assert Counter(status for status, _, _ in outcomes) == {200: 1, 400: 19}
    assert {error_of(one) for one in outcomes if one[0] == 400} == {USED}
    assert len(code.told("Verify")) == 1
    assert count_of_sessions(client.pool) == (given == RIGHT)


def _raw_answer(client: ClientOfTests, session: str, given: str, name: str = "ada") -> Raw:
    body = {
        "ClientId": client.client_id,
        "ChallengeName": ASK,
        "Session": session,
        "ChallengeResponses": {"USERNAME": name, "ANSWER": given},
    }
    return raw(client.world, "RespondToAuthChallenge", body)


def test_the_password_comes_first_where_the_client_says_so(world: World, code: Code) -> None:
    """SRP_A, PASSWORD_VERIFIER, then the riddle: all in the history, and none of them alone gives tokens."""
    client = _client(world)
    asked = prove_password(client)
    assert asked["ChallengeName"] == ASK
    assert count_of_sessions(client.pool) == 0

    assert answer(client, asked["Session"])["AuthenticationResult"]
    assert code.histories() == [
        [("SRP_A", True)],
        [("SRP_A", True), (SRP, True)],
        [("SRP_A", True), (SRP, True), (ASK, True)],
    ]


@pytest.mark.parametrize("kept", [True, False])
def test_the_exchange_has_a_session_that_may_come_back(world: World, code: Code, kept: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """Clients that send PASSWORD_VERIFIER's Session back and clients that do not are both taken (measured.md 12)."""
    client = _client(world)
    user = AWSSRP("ada", PASSWORD, client.pool.pool_id, client.client_id, client=world.unsigned)
    given = user.get_auth_params()
    verifier = client.initiate("CUSTOM_AUTH", CHALLENGE_NAME="SRP_A", **given)
    proof = user.process_challenge(verifier["ChallengeParameters"], given)
    asked = client.respond(SRP, verifier["Session"] if kept else None, **proof)
    assert answer(client, asked["Session"])["AuthenticationResult"]


def test_the_password_may_come_after_a_challenge(world: World, code: Code) -> None:
    """SRP_A waits in the sealed conversation until Define asks for the password; then it is used up."""
    code.define = lambda history: [ASK, SRP, ASK, SRP, TOKENS][len(history) - 1]
    client = _client(world)
    session = ask(client, CHALLENGE_NAME="SRP_A", SRP_A=SOME_A)
    verifier = answer(client, session)
    assert verifier["ChallengeName"] == SRP
    assert {"SALT", "SRP_B", "SECRET_BLOCK", "USER_ID_FOR_SRP"} <= set(verifier["ChallengeParameters"])


def test_a_wrong_password_ends_it(world: World, code: Code) -> None:
    """PASSWORD_VERIFIER failed is the end, and counts towards the lock; Define is not asked again."""
    client = _client(world)
    for _ in range(5):
        assert refused(lambda: prove_password(client, password="Wrong-password-0")) == INCORRECT
    assert failures(client.pool)[0][0] == 5
    assert len(code.told("Define")) == 5
    assert refused(lambda: prove_password(client)) == LOCKED


@pytest.mark.parametrize("value", ["0", "-1", "", "zz", "f" * 2000])
def test_a_public_value_that_proves_everything_is_refused(world: World, code: Code, value: str) -> None:
    """attacks.md 7 and 8 by this door: no exchange is begun with it, now or later in the conversation."""
    client = _client(world)
    for rule in (lambda _: SRP, lambda _: ASK):
        code.define = rule
        refusal = refused(partial(client.initiate, "CUSTOM_AUTH", USERNAME="ada", CHALLENGE_NAME="SRP_A", SRP_A=value))
        assert refusal[0] == "InvalidParameterException"


def test_an_exchange_cannot_be_asked_for_without_its_value(world: World, code: Code) -> None:
    """Define may not ask for a password that the client did not offer to prove, nor for what there is not."""
    client = _client(world)
    for said in (SRP, "SMS_MFA", ""):
        code.define = lambda _, said=said: said  # type: ignore[misc]  # bound at once
        refusal = refused(partial(client.initiate, "CUSTOM_AUTH", USERNAME="ada"))
        assert refusal == ("InvalidLambdaResponseException", "Unrecognizable lambda output")


def test_what_there_is_not_is_not_begun_with(world: World, code: Code) -> None:
    """CHALLENGE_NAME is one of two; and after SRP_A too Define may ask for what there is alone."""
    client = _client(world)
    begin = partial(client.initiate, "CUSTOM_AUTH", USERNAME="ada")
    for name in ("NONSENSE", "PASSWORD_VERIFIER"):
        refusal = refused(partial(begin, CHALLENGE_NAME=name, SRP_A="a1" * 384))
        assert refusal == ("InvalidParameterException", "Challenge name is not supported")
    code.define = lambda _: "SMS_MFA"
    refusal = refused(partial(begin, CHALLENGE_NAME="SRP_A", SRP_A="a1" * 384))
    assert refusal == ("InvalidLambdaResponseException", "Unrecognizable lambda output")


@pytest.mark.parametrize("change", ["DELETE FROM conversations", "UPDATE conversations SET expires_at = $2"])
def test_a_conversation_that_is_over_has_no_answer(world: World, code: Code, change: str) -> None:
    """Its row is gone, or its time is up, though the Session is good for longer."""
    client = _client(world)
    session = ask(client)
    more = (world.clock.now(),) if "$2" in change else ()
    world.run(partial(world.house.db.execute, f"{change} WHERE pool_id = $1", client.pool.pool_id, *more))
    assert refused(partial(answer, client, session)) == EXPIRED
    assert code.told("Verify") == []


def test_consent_at_once_gives_tokens_to_a_user_and_never_to_nobody(world: World, code: Code) -> None:
    """Its consent is believed of a user alone: a ghost is refused as after a wrong password."""
    code.define = lambda _: TOKENS
    client = _client(world)

    assert client.initiate("CUSTOM_AUTH", USERNAME="ada")["AuthenticationResult"]
    assert refused(lambda: client.initiate("CUSTOM_AUTH", USERNAME="nobody")) == INCORRECT
    assert count_of_sessions(client.pool) == 1
    code.define = lambda history: TOKENS if history else ASK
    session = ask(client, "nobody")
    assert refused(lambda: answer(client, session, name="nobody")) == INCORRECT
    assert count_of_sessions(client.pool) == 1


def test_nobody_is_answered_like_a_user_to_the_byte(world: World, code: Code) -> None:
    """At the first, the fifth and the twentieth wrong answer: the same forms, lengths, errors, and calls of the triggers."""
    client = _client(world)
    for attempt in range(1, 21):
        told = [_walk(client, name, wrong=attempt % 4) for name in ("ada", "eve")]
        assert told[0] == told[1], f"attempt {attempt}"
    assert {request["userNotFound"] for request in code.told("Create")} == {False, True}


def _walk(client: ClientOfTests, name: str, *, wrong: int) -> list[Any]:
    """Begin and give wrong answers; return each answer with its Session (random) by length and the name replaced."""
    body = {"ClientId": client.client_id, "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {"USERNAME": name}}
    told, session = [], _said(raw(client.world, "InitiateAuth", body), name)
    told.append(session[:-1])
    for _ in range(wrong):
        session = _said(_raw_answer(client, session[-1], "wrong", name), name)
        told.append(session[:-1])
    return told


def _said(answered: Raw, name: str) -> tuple[int, Any, str, str]:
    status, headers, body = answered
    document = json.loads(body)
    session = document.pop("Session", "")
    return status, headers, f"{len(session)} {document}".replace(name, "..."), session


@pytest.mark.parametrize("with_password", [False, True])
def test_a_temporary_password_is_changed_only_where_it_was_proved(
    world: World,
    code: Code,
    with_password: bool,  # noqa: FBT001 - a parameter of pytest's
) -> None:
    """Without SRP the challenges alone let somebody in; with it NEW_PASSWORD_REQUIRED comes first, then the riddle."""
    client = world.pool(LambdaConfig=TRIGGERS).client(ExplicitAuthFlows=ALLOWED)
    client.pool.user("new", permanent=False)
    if not with_password:
        tokens = answer(client, ask(client, "new"), name="new")["AuthenticationResult"]
        assert client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])["AuthenticationResult"]
        assert client.pool.admin("admin_get_user", "new")["UserStatus"] == "FORCE_CHANGE_PASSWORD"
        return

    asked = prove_password(client, "new")
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    given = {"USERNAME": "new", "NEW_PASSWORD": "Dive-in-3-lakes"}
    riddle = client.respond("NEW_PASSWORD_REQUIRED", asked["Session"], **given)
    assert riddle["ChallengeName"] == ASK
    assert code.told("Create")[0]["userAttributes"]["cognito:user_status"] == "CONFIRMED"
    assert count_of_sessions(client.pool) == 0
    assert answer(client, riddle["Session"], name="new")["AuthenticationResult"]


def test_wrong_answers_lock_nobody_and_a_locked_user_gets_nothing(world: World, code: Code) -> None:
    """The pool's code counts its own wrong answers; the lock of wrong passwords holds for its tokens too."""
    client = _client(world)
    session = ask(client)
    for _ in range(2):
        session = answer(client, session, "wrong")["Session"]
    assert failures(client.pool) == []

    lock(client, "ada")
    assert refused(lambda: answer(client, session)) == LOCKED
    assert count_of_sessions(client.pool) == 0


@pytest.mark.parametrize("when", ["before", "between"])
def test_a_disabled_user_gets_nothing(world: World, code: Code, when: str) -> None:
    """Disabled before the first call or between the calls: the right answer is refused."""
    client = world.pool(LambdaConfig=TRIGGERS).client(ExplicitAuthFlows=ALLOWED)
    sub = client.pool.user("ada")
    if when == "before":
        put(client.pool, sub, enabled=0)
    session = ask(client)
    put(client.pool, sub, enabled=0)
    assert refused(lambda: answer(client, session)) == DISABLED
    assert count_of_sessions(client.pool) == 0


def test_a_session_serves_whom_it_was_begun_for(world: World, code: Code) -> None:
    """Another user, another client, another pool, another step, after its time: refused, and Verify is not asked."""
    client = _client(world)
    other, foreign = client.pool.client(ExplicitAuthFlows=ALLOWED), _client(world)
    client.pool.user("bob")
    client.pool.user("new", permanent=False)
    session = ask(client)
    of_step = client.sign_in("new")["Session"]

    for where, wrong in {
        "another user": partial(answer, client, session, name="bob"),
        "nobody": partial(answer, client, session, name="nobody"),
        "another client": partial(answer, other, session),
        "another pool": partial(answer, foreign, session),
        "another step": partial(answer, client, of_step, name="new"),
        "to another step": partial(
            client.respond, "NEW_PASSWORD_REQUIRED", session, USERNAME="ada", NEW_PASSWORD=PASSWORD
        ),
    }.items():
        assert refused(wrong) == INVALID_SESSION, where
    world.clock.advance(3 * MINUTE)
    assert refused(lambda: answer(client, session)) == EXPIRED
    assert code.told("Verify") == []
    assert count_of_sessions(client.pool) == 0


def test_a_new_password_ends_what_was_begun_before_it(world: World, code: Code) -> None:
    """Who has set another password goes on with nothing of before."""
    client = _client(world)
    session = ask(client)
    client.pool.admin("admin_set_user_password", "ada", Password="Other-water-9", Permanent=True)
    assert refused(lambda: answer(client, session)) == INVALID_SESSION


def test_private_parameters_stay_in_the_house_and_sealed(world: World, code: Code) -> None:
    """Neither an answer nor the database shows them."""
    client = _client(world)
    begun = client.initiate("CUSTOM_AUTH", USERNAME="ada")
    assert RIGHT not in json.dumps(begun, default=str)
    assert RIGHT.encode() not in dump(world)
    assert RIGHT.encode() not in b"".join(world.log)


def test_private_parameters_may_be_longer_than_a_session(world: World, code: Code) -> None:
    """A Session holds 4,096 characters; the conversation is a row that it names."""
    code.solution = "z" * 20_000
    client = _client(world)
    session = ask(client)
    assert len(session) <= 4096
    assert answer(client, session, code.solution)["AuthenticationResult"]


def test_metadata_of_the_answers_alone_reaches_the_challenges(world: World, code: Code) -> None:
    """ClientMetadata of InitiateAuth is not given to Define and Create; that of RespondToAuthChallenge is, to all three."""
    client = _client(world)
    begun = world.unsigned.initiate_auth(
        ClientId=client.client_id,
        AuthFlow="CUSTOM_AUTH",
        AuthParameters={"USERNAME": "ada"},
        ClientMetadata={"from": "InitiateAuth"},
    )
    world.unsigned.respond_to_auth_challenge(
        ClientId=client.client_id,
        ChallengeName=ASK,
        Session=begun["Session"],
        ChallengeResponses={"USERNAME": "ada", "ANSWER": "wrong"},
        ClientMetadata={"from": "Respond"},
    )
    told = [event["request"].get("clientMetadata") for event in code.events]
    assert told == [None, None, None, *[{"from": "Respond"}] * 3]
    assert code.told("PreAuthentication")[0]["validationData"] == {"from": "InitiateAuth"}


def test_a_client_must_allow_the_flow(world: World, code: Code) -> None:
    """CUSTOM_AUTH needs ALLOW_CUSTOM_AUTH, and an unknown name is told where the client hides nobody."""
    pool = world.pool(LambdaConfig=TRIGGERS)
    without, plain = pool.client(), pool.client(ExplicitAuthFlows=ALLOWED, PreventUserExistenceErrors="LEGACY")
    assert refused(lambda: ask(without)) == (
        "InvalidParameterException",
        "CUSTOM_AUTH is not enabled for the client.",
    )
    assert refused(lambda: ask(plain, "nobody")) == ("UserNotFoundException", "User does not exist.")
    assert code.events == []


def test_a_pool_without_triggers_has_no_challenges(world: World) -> None:
    """The flow is allowed and nobody is there to ask."""
    client = world.pool().client(ExplicitAuthFlows=ALLOWED)
    client.pool.user("ada")
    assert refused(lambda: ask(client)) == (
        "InvalidParameterException",
        "Custom auth lambda trigger is not configured for the user pool.",
    )


def test_second_factors_come_between_the_password_and_the_next_question(world: World, code: Code) -> None:
    """MFA is asked for after SRP, Define sees its result, and what was proved is not asked for again after consent."""
    pool = pool_with(world, SMS_MFA, LambdaConfig=TRIGGERS)
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    pool.user("ada", phone_number=PHONE)
    asked = prove_password(client)
    assert asked["ChallengeName"] == SMS_MFA
    riddle = give(client, SMS_MFA, asked["Session"], world.code(PHONE))
    assert riddle["ChallengeName"] == ASK
    assert answer(client, riddle["Session"])["AuthenticationResult"]
    assert code.histories()[-1] == [("SRP_A", True), (SRP, True), (SMS_MFA, True), (ASK, True)]


def test_second_factors_follow_on_the_consent_where_no_password_came_first(world: World, code: Code) -> None:
    """A pool that requires MFA requires it of custom challenges too, once Define has let somebody in."""
    pool = pool_with(world, SMS_MFA, LambdaConfig=TRIGGERS)
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    pool.user("ada", phone_number=PHONE)
    asked = answer(client, ask(client))
    assert asked["ChallengeName"] == SMS_MFA
    assert count_of_sessions(pool) == 0
    assert give(client, SMS_MFA, asked["Session"], world.code(PHONE))["AuthenticationResult"]
    assert len(code.told("Define")) == 2


def test_a_conversation_outlives_the_steps_between(world: World, code: Code) -> None:
    """Each step has its own minutes: a slow second factor does not lose what was said before it."""
    pool = pool_with(world, SMS_MFA, LambdaConfig=TRIGGERS)
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    pool.user("ada", phone_number=PHONE)
    asked = prove_password(client)
    world.clock.advance(3 * MINUTE - 1)
    riddle = give(client, SMS_MFA, asked["Session"], world.code(PHONE))
    world.clock.advance(3 * MINUTE - 1)
    assert answer(client, riddle["Session"])["AuthenticationResult"]


def test_an_answer_stays_spent_where_the_code_fails_after_it(world: World, code: Code) -> None:
    """Define says nonsense: the client reads that, and begins again; the answer cannot be given twice."""
    client = _client(world)
    session = ask(client)
    code.define = lambda _: "nonsense"
    assert refused(lambda: answer(client, session, "wrong"))[0] == "InvalidLambdaResponseException"
    assert refused(lambda: answer(client, session)) == USED


def test_an_answer_may_name_its_device(world: World, code: Code) -> None:
    """Named with one answer it is remembered to the end: the device is asked last, once Define has given its consent."""
    pool = tracked(world, LambdaConfig={name: arn for name, arn in TRIGGERS.items() if name != "PreAuthentication"})
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    pool.user("ada")
    device = new_device(client, "ada")
    given = {"USERNAME": "ada", "ANSWER": "wrong", "DEVICE_KEY": device.key}
    riddle = client.respond(ASK, ask(client), **given)
    asked = answer(client, riddle["Session"])
    assert (asked["ChallengeName"], asked["ChallengeParameters"]["DEVICE_KEY"]) == ("DEVICE_SRP_AUTH", device.key)
    assert len(code.told("Define")) == 3


def test_a_device_that_has_proved_itself_is_not_exchanged_for_another(world: World, code: Code) -> None:
    """attacks.md 49: an answer after that may name what it likes, the tokens are those of the device that was asked."""
    pool = tracked(world, INSTEAD_OF_MFA, LambdaConfig={name: TRIGGERS[name] for name in TRIGGERS if name[:3] != "Pre"})
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    pool.user("ada")
    device = new_device(client, "ada")
    demand(pool, TOTP, mode="OPTIONAL")
    enrol(client, "ada")
    user = helper(client, "ada", device)
    given = user.get_auth_params()
    begun = begin(client, "CUSTOM_AUTH", CHALLENGE_NAME="SRP_A", **given)
    asked = client.respond(SRP, **user.process_challenge(begun["ChallengeParameters"], given))
    assert asked["ChallengeName"] == "DEVICE_SRP_AUTH"
    riddle = client.respond("DEVICE_PASSWORD_VERIFIER", **prove_device(client, "ada", device, asked))

    another = {"USERNAME": "ada", "ANSWER": RIGHT, "DEVICE_KEY": f"{device.key[:-1]}x"}
    tokens = client.respond(ASK, riddle["Session"], **another)["AuthenticationResult"]
    assert claims_of(tokens["AccessToken"])["device_key"] == device.key
    assert code.told("Define")


def test_the_challenges_may_be_real_programs(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three functions of an operator's, each in a process of its own, lead one sign-in."""
    with own_code(world, tmp_path, monkeypatch) as made:
        define = made.function(
            "define",
            "right = any(turn['challengeResult'] for turn in request['session'])",
            "response.update(issueTokens=right, failAuthentication=False, challengeName='CUSTOM_CHALLENGE')",
        )
        create = made.function(
            "create",
            "response.update(publicChallengeParameters={'sum': '6 x 7'}, privateChallengeParameters={'is': 42})",
        )
        verify = made.function(
            "verify",
            "response['answerCorrect'] = request['challengeAnswer'] == request['privateChallengeParameters']['is']",
        )
        triggers = dict(zip(list(TRIGGERS)[:3], (define, create, verify), strict=True))
        client = world.pool(LambdaConfig=triggers).client(ExplicitAuthFlows=ALLOWED)
        client.pool.user("ada")
        asked = client.initiate("CUSTOM_AUTH", USERNAME="ada")
        assert asked["ChallengeParameters"] == {"sum": "6 x 7", "USERNAME": "ada"}
        again = answer(client, asked["Session"], "41")
        assert answer(client, again["Session"], "42")["AuthenticationResult"]
        assert [len(event["request"]["session"]) for event in made.told("define")] == [0, 1, 2]


def test_of_twenty_right_passwords_at_once_one_goes_on(world: World, code: Code) -> None:
    """One exchange leads to one question, whoever sends its proof how often at the same moment."""
    client = _client(world)
    user = AWSSRP("ada", PASSWORD, client.pool.pool_id, client.client_id, client=world.unsigned)
    given = user.get_auth_params()
    begun = client.initiate("CUSTOM_AUTH", CHALLENGE_NAME="SRP_A", **given)
    proof = user.process_challenge(begun["ChallengeParameters"], given)
    body = {"ClientId": client.client_id, "ChallengeName": SRP, "ChallengeResponses": proof}
    outcomes = at_once([partial(raw, world, "RespondToAuthChallenge", body)] * 20)
    assert [status for status, _, _ in outcomes].count(200) == 1
    assert {error_of(one) for one in outcomes if one[0] == 400} == {USED}
    assert count_of_sessions(client.pool) == 0
