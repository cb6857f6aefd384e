"""What an operator's code decides about new users: PreSignUp before anything is written, PostConfirmation after it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.own_code import OwnCode, own_code
from api.people import held, listed
from api.world import PASSWORD, ClientOfTests, PoolOfTests, World, refused

ADDRESS = "ada@lovelace.example"


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pool."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def sign_up(client: ClientOfTests, name: str = "ada", **more: Any) -> dict[str, Any]:
    """Call SignUp with an e-mail address and whatever else is given."""
    request = {
        "ClientId": client.client_id,
        "Username": name,
        "Password": PASSWORD,
        "UserAttributes": listed({"email": ADDRESS}),
        **more,
    }
    answer: dict[str, Any] = client.world.unsigned.sign_up(**request)
    return answer


def status(pool: PoolOfTests, name: str = "ada") -> str:
    return str(pool.admin("admin_get_user", name)["UserStatus"])


def test_pre_sign_up_hears_what_was_submitted(world: World, code: OwnCode) -> None:
    """The attributes of the request alone, its validation data and its metadata; the user has no sub yet to tell of."""
    pool = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig={"PreSignUp": code.function("pre")})
    client = pool.client()
    sign_up(client, ValidationData=listed({"captcha": "7"}), ClientMetadata={"from": "shop"})

    (event,) = code.told("pre")
    assert event["triggerSource"] == "PreSignUp_SignUp"
    assert event["userName"] == "ada"
    assert event["callerContext"]["clientId"] == client.client_id
    assert event["request"] == {
        "userAttributes": {"email": ADDRESS},
        "validationData": {"captcha": "7"},
        "clientMetadata": {"from": "shop"},
    }
    assert status(pool) == "UNCONFIRMED"
    assert world.code(ADDRESS)


def test_pre_sign_up_confirms_and_vouches(world: World, code: OwnCode) -> None:
    """The user is confirmed at once, his address verified; no code is sent, and PostConfirmation hears of it."""
    pre = code.function("pre", 'response["autoConfirmUser"] = True', 'response["autoVerifyEmail"] = True')
    triggers = {"PreSignUp": pre, "PostConfirmation": code.function("post")}
    pool = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig=triggers)
    client = pool.client()
    sent = world.outbox(ADDRESS)

    answer = sign_up(client, ClientMetadata={"from": "shop"})
    assert answer["UserConfirmed"] is True
    assert "CodeDeliveryDetails" not in answer
    assert not world.sent_since(sent, ADDRESS)
    assert held(pool, "ada") == {"email": ADDRESS, "email_verified": "true"}
    (event,) = code.told("post")
    assert event["triggerSource"] == "PostConfirmation_ConfirmSignUp"
    assert event["request"] == {
        "userAttributes": {
            "sub": answer["UserSub"],
            "email": ADDRESS,
            "email_verified": "true",
            "cognito:user_status": "CONFIRMED",
        },
        "clientMetadata": {"from": "shop"},
    }
    assert client.tokens("ada")["AccessToken"]


def test_what_pre_sign_up_refuses_is_not_written(world: World, code: OwnCode) -> None:
    """The function's words are the answer; there is neither user nor code, no hash was made and the name is free."""
    pre = code.function("pre", "if event['userName'] == 'ada': raise Exception('not here')")
    pool = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig={"PreSignUp": pre})
    client = pool.client()
    sent, hashes = world.outbox(ADDRESS), world.hashes()

    assert refused(lambda: sign_up(client)) == (
        "UserLambdaValidationException",
        "PreSignUp failed with error not here.",
    )
    assert world.hashes() == hashes
    assert not world.sent_since(sent, ADDRESS)
    assert world.rows("SELECT user_id FROM users WHERE pool_id = $1", pool.pool_id) == []
    assert world.rows("SELECT user_id FROM aliases WHERE pool_id = $1", pool.pool_id) == []
    assert sign_up(client, "grace")["UserSub"]


def test_an_alias_goes_to_whom_pre_sign_up_vouches_for(world: World, code: OwnCode) -> None:
    """As AWS documents it: the one before keeps the address, which is no longer proved to be his."""
    pre = code.function("pre", 'response["autoConfirmUser"] = response["autoVerifyEmail"] = True')
    pool = world.pool(AliasAttributes=["email"], LambdaConfig={"PreSignUp": pre})
    client = pool.client()
    sign_up(client, "ada")
    sub = sign_up(client, "impostor")["UserSub"]

    assert held(pool, "ada")["email_verified"] == "false"
    answer = world.unsigned.get_user(AccessToken=client.tokens(ADDRESS)["AccessToken"])
    assert next(one["Value"] for one in answer["UserAttributes"] if one["Name"] == "sub") == sub


def test_without_an_address_there_is_nothing_to_vouch_for(world: World, code: OwnCode) -> None:
    """A verdict about an address that is not there makes no user."""
    pre = code.function("pre", 'response["autoVerifyPhone"] = True')
    pool = world.pool(LambdaConfig={"PreSignUp": pre})
    assert refused(lambda: sign_up(pool.client()))[0] == "InvalidLambdaResponseException"
    assert world.rows("SELECT user_id FROM users WHERE pool_id = $1", pool.pool_id) == []


def test_an_administrators_user_can_be_refused_and_nothing_else(world: World, code: OwnCode) -> None:
    """PreSignUp_AdminCreateUser: its verdict about confirmation is not looked at (AWS: Pre sign-up Lambda trigger)."""
    pre = code.function(
        "pre",
        'response["autoConfirmUser"] = True',
        "if event['userName'] == 'eve': raise Exception('no')",
    )
    pool = world.pool(LambdaConfig={"PreSignUp": pre})
    create = partial(
        world.signed.admin_create_user,
        UserPoolId=pool.pool_id,
        UserAttributes=listed({"email": ADDRESS}),
        ValidationData=listed({"ticket": "9"}),
        MessageAction="SUPPRESS",
    )
    assert create(Username="ada")["User"]["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    (event,) = code.told("pre")
    assert event["triggerSource"] == "PreSignUp_AdminCreateUser"
    assert event["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"
    assert event["request"]["validationData"] == {"ticket": "9"}

    assert refused(lambda: create(Username="eve"))[0] == "UserLambdaValidationException"
    assert world.rows("SELECT user_id FROM users WHERE pool_id = $1 AND username = 'eve'", pool.pool_id) == []


def test_whoever_is_confirmed_stays_so_whatever_the_function_says(world: World, code: OwnCode) -> None:
    """ConfirmSignUp answers with PostConfirmation's error, after the commit."""
    post = code.function("post", "raise Exception('mailing list is full')")
    pool = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig={"PostConfirmation": post})
    client = pool.client()
    sign_up(client)
    confirm = partial(
        world.unsigned.confirm_sign_up,
        ClientId=client.client_id,
        Username="ada",
        ConfirmationCode=world.code(ADDRESS),
        ClientMetadata={"step": "2"},
    )
    assert refused(confirm) == (
        "UserLambdaValidationException",
        "PostConfirmation failed with error mailing list is full.",
    )
    assert status(pool) == "CONFIRMED"
    assert client.tokens("ada")["AccessToken"]
    (event,) = code.told("post")
    assert event["request"]["clientMetadata"] == {"step": "2"}
    assert event["request"]["userAttributes"]["email_verified"] == "true"


def test_a_wrong_code_is_told_to_nobody(world: World, code: OwnCode) -> None:
    """PostConfirmation hears of confirmations alone."""
    pool = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig={"PostConfirmation": code.function("post")})
    client = pool.client()
    sign_up(client)
    for name in ("ada", "nobody"):
        confirm = partial(world.unsigned.confirm_sign_up, ClientId=client.client_id, Username=name)
        assert refused(partial(confirm, ConfirmationCode="not-it"))[0] == "CodeMismatchException"
    assert code.told("post") == []


def test_every_way_to_be_confirmed_is_told(world: World, code: OwnCode) -> None:
    """AdminConfirmSignUp and ConfirmForgotPassword, by their own sources, with the user as he is by then."""
    pool = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig={"PostConfirmation": code.function("post")})
    client = pool.client()
    sign_up(client)
    pool.admin("admin_confirm_sign_up", "ada", ClientMetadata={"by": "hand"})
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed({"email_verified": "true"}))
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    world.unsigned.confirm_forgot_password(
        ClientId=client.client_id, Username="ada", ConfirmationCode=world.code(ADDRESS), Password=f"{PASSWORD}-2"
    )

    by_hand, by_code = code.told("post")
    assert (by_hand["triggerSource"], by_hand["callerContext"]["clientId"], by_hand["request"]["clientMetadata"]) == (
        "PostConfirmation_ConfirmSignUp",
        "CLIENT_ID_NOT_APPLICABLE",
        {"by": "hand"},
    )
    assert (by_code["triggerSource"], by_code["callerContext"]["clientId"]) == (
        "PostConfirmation_ConfirmForgotPassword",
        client.client_id,
    )
    for event in (by_hand, by_code):
        assert event["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"


def test_a_function_that_nobody_set_up_makes_no_user(world: World) -> None:
    """The log says which setting is missing, the answer does not, and nothing is written."""
    arn = "arn:aws:lambda:us-east-1:000000000000:function:nowhere"
    pool = world.pool(LambdaConfig={"PreSignUp": arn})
    before = len(world.log)
    assert refused(lambda: sign_up(pool.client())) == (
        "UnexpectedLambdaException",
        "PreSignUp invocation failed due to error the function is not set up.",
    )
    assert f"PreSignUp: no function is set up for {arn}; name it under".encode() in b"".join(world.log[before:])
    assert world.rows("SELECT user_id FROM users WHERE pool_id = $1", pool.pool_id) == []
