"""What the triggers of a sign-in hear from real calls, in which order, and what their refusal leaves behind: nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.own_code import OwnCode, own_code
from api.signing_in import INCORRECT, LOCKED, begin, count_of_sessions, raw, srp_proof
from api.world import PASSWORD, ClientOfTests, World, refused

BEFORE, AFTER, TOKENS = "PreAuthentication", "PostAuthentication", "PreTokenGeneration"
UNRECOGNIZABLE = ("InvalidLambdaResponseException", "Unrecognizable lambda output")


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pool."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def client_of(world: World, code: OwnCode, **lines: str) -> ClientOfTests:
    """Make a pool with `ada` in it whose triggers run one function each: `lines` by their keys in LambdaConfig."""
    pool = world.pool(LambdaConfig={name: code.function(name, line) for name, line in lines.items()})
    pool.user("ada", email="ada@example.com")
    return pool.client()


def test_a_sign_in_is_told_in_order(world: World, code: OwnCode) -> None:
    """PreAuthentication before the proof, PostAuthentication after it, PreTokenGeneration last (userpools.md 6.2)."""
    path = code.folder / "order"
    note = f"with open({str(path)!r}, 'a') as file: file.write(event['triggerSource'] + ' ')"
    client = client_of(world, code, PreAuthentication=note, PostAuthentication=note, PreTokenGeneration=note)
    client.tokens("ada")
    assert path.read_text().split() == [
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
        "TokenGeneration_Authentication",
    ]


def test_an_event_of_a_sign_in_is_whole(world: World, code: OwnCode) -> None:
    """Every member of it, from a real call by an SDK that gives itself a name of its own."""
    client = client_of(world, code, PreAuthentication="pass")
    sub = next(
        one["Value"] for one in client.pool.admin("admin_get_user", "ada")["UserAttributes"] if one["Name"] == "sub"
    )
    world.unsigned.initiate_auth(
        ClientId=client.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
        ClientMetadata={"captcha": "seven"},
    )
    assert code.told(BEFORE) == [
        {
            "version": "1",
            "region": "us-east-1",
            "userPoolId": client.pool.pool_id,
            "userName": "ada",
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client.client_id},
            "triggerSource": "PreAuthentication_Authentication",
            "request": {
                "userAttributes": {"sub": sub, "email": "ada@example.com", "cognito:user_status": "CONFIRMED"},
                "validationData": {"captcha": "seven"},
                "userNotFound": False,
            },
            "response": {},
        }
    ]


def test_client_metadata_of_initiate_auth_goes_to_pre_authentication_alone(world: World, code: OwnCode) -> None:
    """As validationData; what comes with an answer to a challenge goes to the later triggers (userpools.md 6.2)."""
    client = client_of(world, code, PreAuthentication="pass", PostAuthentication="pass", PreTokenGeneration="pass")
    client.tokens("ada")
    assert code.told(BEFORE)[0]["request"]["validationData"] is None
    assert "clientMetadata" not in code.told(AFTER)[0]["request"]

    world.unsigned.respond_to_auth_challenge(
        ClientId=client.client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=srp_proof(client, "ada"),
        ClientMetadata={"step": "two"},
    )
    assert code.told(BEFORE)[1]["request"]["validationData"] is None
    for name in (AFTER, TOKENS):
        assert code.told(name)[1]["request"]["clientMetadata"] == {"step": "two"}


def test_an_administrators_sign_in_is_told_with_its_client(world: World, code: OwnCode) -> None:
    """AdminInitiateAuth names a client, so the event does."""
    client = client_of(world, code, PreAuthentication="pass")
    begin(client, "ADMIN_USER_PASSWORD_AUTH", admin=True, USERNAME="ada", PASSWORD=PASSWORD)
    assert code.told(BEFORE)[0]["callerContext"]["clientId"] == client.client_id


def test_pre_authentication_hears_of_ghosts_where_existence_is_hidden(world: World, code: OwnCode) -> None:
    """With userNotFound, by the name that was typed, and by SRP as by password."""
    client = client_of(world, code, PreAuthentication="pass")
    assert refused(lambda: client.sign_in("nobody")) == INCORRECT
    srp_proof(client, "nobody")
    for event in code.told(BEFORE):
        assert event["userName"] == "nobody"
        assert event["request"] == {"userAttributes": {}, "validationData": None, "userNotFound": True}
    assert len(code.told(BEFORE)) == 2


def test_pre_authentication_hears_of_no_ghost_elsewhere(world: World, code: OwnCode) -> None:
    """A LEGACY client is told that there is no such user before anybody is asked."""
    client = client_of(world, code, PreAuthentication="pass").pool.client(PreventUserExistenceErrors="LEGACY")
    assert refused(lambda: client.sign_in("nobody")) == ("UserNotFoundException", "User does not exist.")
    assert code.told(BEFORE) == []


def test_pre_authentication_refuses_before_the_proof(world: World, code: OwnCode) -> None:
    """Its words are the answer, no hash is made and no attempt counted."""
    client = client_of(world, code, PreAuthentication="raise Exception('not today')")
    hashes = world.hashes()
    for _ in range(6):
        assert refused(lambda: client.sign_in("ada", "Wrong-password-0")) == (
            "UserLambdaValidationException",
            "PreAuthentication failed with error not today.",
        )
    assert world.hashes() == hashes
    assert count_of_sessions(client.pool) == 0


@pytest.mark.parametrize("name", ["PostAuthentication", "PreTokenGeneration"])
def test_a_refusal_after_the_proof_leaves_neither_tokens_nor_a_session(world: World, code: OwnCode, name: str) -> None:
    """And says so in the function's words (userpools.md 6.2)."""
    client = client_of(world, code, **{name: "raise Exception('not today')"})
    assert refused(lambda: client.sign_in("ada")) == (
        "UserLambdaValidationException",
        f"{name} failed with error not today.",
    )
    assert count_of_sessions(client.pool) == 0


@pytest.mark.parametrize("line", ["event = {}", "event = [event]", "del event['response']"])
def test_a_handler_that_returns_no_event_is_told_so(world: World, code: OwnCode, line: str) -> None:
    """The commonest mistake of all."""
    client = client_of(world, code, PostAuthentication=line)
    assert refused(lambda: client.sign_in("ada")) == UNRECOGNIZABLE
    assert count_of_sessions(client.pool) == 0


def test_a_handler_that_returns_nothing_is_told_so(world: World, code: OwnCode) -> None:
    """In AWS's other sentence (measured.md 12)."""
    client = client_of(world, code, PostAuthentication="event = None")
    sentence = "Invalid lambda function output : Invalid JSON"
    assert refused(lambda: client.sign_in("ada")) == ("InvalidLambdaResponseException", sentence)
    assert count_of_sessions(client.pool) == 0


def test_an_arn_that_means_nothing_here_is_refused(world: World) -> None:
    """A pool may name any function; only the operator's settings give it a meaning, and the log says which one has none."""
    arn = "arn:aws:lambda:us-east-1:123456789012:function:elsewhere"
    pool = world.pool(LambdaConfig={"PreAuthentication": arn})
    pool.user("ada")
    name, sentence = refused(lambda: pool.client().sign_in("ada"))
    assert name == "UnexpectedLambdaException"
    assert sentence == "PreAuthentication invocation failed due to error the function is not set up."


def test_a_user_who_is_locked_out_is_no_secret_of_the_trigger(world: World, code: OwnCode) -> None:
    """Ghost and user are answered alike while PreAuthentication listens (userpools.md 7.4)."""
    client = client_of(world, code, PreAuthentication="pass")
    body = {"ClientId": client.client_id, "AuthFlow": "USER_PASSWORD_AUTH"}
    for number in range(7):
        known, unknown = (
            raw(
                world,
                "InitiateAuth",
                {**body, "AuthParameters": {"USERNAME": name, "PASSWORD": "Wrong-password-0"}},
            )
            for name in ("ada", "nobody")
        )
        assert known == unknown, number
    assert refused(lambda: client.sign_in("nobody")) == LOCKED


def test_a_user_who_is_disabled_by_the_trigger_gets_nothing(world: World, code: OwnCode) -> None:
    """The gate looks again after the last trigger: what the function did to the user counts (userpools.md 6.2)."""
    client = client_of(world, code, PreTokenGeneration="pass")
    functions = world.house.functions
    invoke = functions.invoke

    async def disabling(arn: str, event: dict[str, object], *, pool_id: str) -> object:
        await world.house.db.execute("UPDATE users SET enabled = 0 WHERE pool_id = $1", pool_id)
        return await invoke(arn, event, pool_id=pool_id)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(functions, "invoke", disabling)
        assert refused(lambda: client.sign_in("ada")) == ("NotAuthorizedException", "User is disabled.")
    assert count_of_sessions(client.pool) == 0
