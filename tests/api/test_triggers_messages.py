"""What an operator's code says in messages, who sends them, and how many text messages there may be."""

import json
import time
from base64 import b64decode
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import botocore.auth
import pytest
from aws_encryption_sdk import (  # type: ignore[import-untyped]  # the library ships no types
    CommitmentPolicy,
    EncryptionSDKClient,
    StrictAwsKmsMasterKeyProvider,
)

from api.happenings import happened
from api.listing import eventually
from api.own_code import KEY_ARN, OwnCode, own_code
from api.people import listed
from api.second_factors import EMAIL_OTP, SMS_MFA, pool_with, prefer
from api.world import (
    KEY_ID,
    KEY_SECRET,
    PASSWORD,
    SMS,
    ClientOfTests,
    World,
    refused,
    round_to_second,
    running,
    settings_for,
)
from poolkeeper.clock import HOUR, MINUTE, SECOND
from poolkeeper.settings import SettingsError, load

MAIL, PHONE = "ada@lovelace.example", "+15550101010"
WAITING = "SELECT job_id FROM due WHERE kind = 'message' AND pool_id = $1"
OVER = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
TOO_MANY = ("TooManyRequestsException", "Too many requests")
KINDS = [
    "SignUp",
    "ResendCode",
    "ForgotPassword",
    "UpdateUserAttribute",
    "VerifyUserAttribute",
    "AdminCreateUser",
]
WORDS = (
    'kind = event["triggerSource"]',
    'response["emailSubject"] = "about " + kind',
    'name = request["usernameParameter"] or event["userName"]',
    'response["emailMessage"] = "<p>" + name + ": " + request["codeParameter"] + "</p>"',
    'response["smsMessage"] = name + " " + request["codeParameter"]',
)


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pool."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def cause(client: ClientOfTests, kind: str, **more: Any) -> dict[str, Any]:
    """Do what makes a message of one kind go to MAIL, of a user who is there for it; return the message."""
    world, pool, name = client.world, client.pool, f"ada-{kind}"
    if kind in {"SignUp", "ResendCode"}:
        world.unsigned.sign_up(
            ClientId=client.client_id,
            Username=name,
            Password=PASSWORD,
            UserAttributes=listed({"email": MAIL}),
            **({} if kind == "ResendCode" else more),
        )
    elif kind != "AdminCreateUser":
        pool.user(name)
        if kind != "UpdateUserAttribute":
            enlisted = listed({"email": MAIL, "email_verified": "true"})
            pool.admin("admin_update_user_attributes", name, UserAttributes=enlisted)
    match kind:
        case "ResendCode":
            world.unsigned.resend_confirmation_code(ClientId=client.client_id, Username=name, **more)
        case "ForgotPassword":
            world.unsigned.forgot_password(ClientId=client.client_id, Username=name, **more)
        case "UpdateUserAttribute":
            token = client.tokens(name)["AccessToken"]
            world.unsigned.update_user_attributes(AccessToken=token, UserAttributes=listed({"email": MAIL}), **more)
        case "VerifyUserAttribute":
            token = client.tokens(name)["AccessToken"]
            world.unsigned.get_user_attribute_verification_code(AccessToken=token, AttributeName="email", **more)
        case "AdminCreateUser":
            world.signed.admin_create_user(
                UserPoolId=pool.pool_id,
                Username=name,
                UserAttributes=listed({"email": MAIL}),
                DesiredDeliveryMediums=["EMAIL"],
                **more,
            )
    return next(one for one in reversed(world.outbox(MAIL)) if one["pool_id"] == pool.pool_id)


@pytest.mark.parametrize("kind", KINDS)
def test_custom_message_writes_every_kind(world: World, code: OwnCode, kind: str) -> None:
    """It hears who and why, never the code; its words go out with the code put in."""
    triggers = {"CustomMessage": code.function("words", *WORDS)}
    client = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig=triggers).client()
    message = cause(client, kind, ClientMetadata={"shop": "4"})

    event = code.told("words")[-1]
    by_administrator = kind == "AdminCreateUser"
    assert event["triggerSource"] == f"CustomMessage_{kind}"
    assert event["callerContext"]["clientId"] == ("CLIENT_ID_NOT_APPLICABLE" if by_administrator else client.client_id)
    assert event["request"]["clientMetadata"] == {"shop": "4"}
    assert event["request"]["codeParameter"] == "{####}"
    assert event["request"]["usernameParameter"] == ("{username}" if by_administrator else None)
    assert event["request"]["userAttributes"]["sub"]
    assert event["request"]["userAttributes"]["cognito:user_status"] == {
        "SignUp": "UNCONFIRMED",
        "ResendCode": "UNCONFIRMED",
        "AdminCreateUser": "FORCE_CHANGE_PASSWORD",
    }.get(kind, "CONFIRMED")
    marks = {"SignUp": "false", "ResendCode": "false", "UpdateUserAttribute": "false", "AdminCreateUser": None}
    assert event["request"]["userAttributes"].get("email_verified") == marks.get(kind, "true")
    assert message["code"] not in json.dumps(event)
    assert message["kind"] == kind
    assert message["subject"] == f"about CustomMessage_{kind}"
    assert message["body"].startswith(f"<p>ada-{kind}: ")
    assert message["code"] in message["body"]


@pytest.mark.parametrize(("method", "to"), [(SMS_MFA, PHONE), (EMAIL_OTP, MAIL)])
def test_the_code_of_a_second_factor_has_its_own_words(world: World, code: OwnCode, method: str, to: str) -> None:
    """Those of AWS, those of the pool, those of its function: each goes before the one before it."""
    pool = pool_with(world, SMS_MFA, EMAIL_OTP)
    pool.user("ada")
    enlisted = {"email": MAIL, "phone_number": PHONE}
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed(enlisted))
    prefer(pool, "ada", {SMS_MFA: "SMSMfaSettings", EMAIL_OTP: "EmailMfaSettings"}[method])
    client = pool.client()

    def sent() -> tuple[str, str, str]:
        world.clock.advance(SECOND)
        assert client.sign_in("ada")["ChallengeName"] == method
        message = world.outbox(to)[-1]
        return message["kind"], message["subject"], message["body"].replace(message["code"], "******")

    by_mail = method == EMAIL_OTP
    default = "Your authentication code"
    assert sent() == ("Authentication", default if by_mail else "", f"{default} is ******")

    sms = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}
    world.signed.set_user_pool_mfa_config(
        UserPoolId=pool.pool_id,
        MfaConfiguration="ON",
        SmsMfaConfiguration={"SmsConfiguration": sms, "SmsAuthenticationMessage": "Swim in: {####}"},
        EmailMfaConfiguration={"Message": "<b>Swim in: {####}</b>", "Subject": "Swim"},
    )
    assert sent() == (
        ("Authentication", "Swim", "<b>Swim in: ******</b>") if by_mail else ("Authentication", "", "Swim in: ******")
    )

    triggers = {"CustomMessage": code.function("words", *WORDS)}
    world.signed.update_user_pool(
        UserPoolId=pool.pool_id, MfaConfiguration="ON", SmsConfiguration=sms, LambdaConfig=triggers
    )
    assert sent()[2] == ("<p>ada: ******</p>" if by_mail else "ada ******")
    assert code.sources("words") == ["CustomMessage_Authentication"]


def test_what_it_says_for_the_other_medium_does_not_matter(world: World, code: OwnCode) -> None:
    """Amplify's own template puts one long link into both members; the mail goes out (measured.md 12)."""
    words = code.function(
        "words",
        'response["emailMessage"] = "Code {####}"',
        'response["smsMessage"] = "https://pool.example/confirm?data=" + "x" * 140 + "&code={####}"',
    )
    client = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig={"CustomMessage": words}).client()
    message = cause(client, "SignUp")
    assert message["body"] == f"Code {message['code']}"


@pytest.mark.parametrize("own", [True, False], ids=["the pool's", "the function's"])
def test_a_name_is_put_into_invitations_alone(world: World, code: OwnCode, own: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """`{username}` in any other message goes out as it is written, subject and body."""
    said = {"EmailMessage": "Hello {username}, {####}", "EmailSubject": "For {username}"}
    function = code.function(
        "words",
        'response["emailMessage"] = "Hello {username}, {####}"',
        'response["emailSubject"] = "For {username}"',
    )
    template = {
        "VerificationMessageTemplate": said,
        "AdminCreateUserConfig": {"InviteMessageTemplate": said},
    }
    more: dict[str, Any] = template if own else {"LambdaConfig": {"CustomMessage": function}}
    client = world.pool(AutoVerifiedAttributes=["email"], **more).client()
    for kind in ("SignUp", "ResendCode", "ForgotPassword", "UpdateUserAttribute", "VerifyUserAttribute"):
        message = cause(client, kind)
        assert message["subject"] == "For {username}"
        assert message["body"] == f"Hello {{username}}, {message['code']}"
    invitation = cause(client, "AdminCreateUser")
    assert invitation["subject"] == "For ada-AdminCreateUser"
    assert invitation["body"].startswith("Hello ada-AdminCreateUser, ")


def test_what_it_leaves_out_stays_the_pools(world: World, code: OwnCode) -> None:
    """A subject alone leaves the body as it is."""
    triggers = {"CustomMessage": code.function("words", 'response["emailSubject"] = "Hello"')}
    client = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig=triggers).client()
    message = cause(client, "SignUp")
    assert (message["subject"], message["body"]) == ("Hello", f"Your confirmation code is {message['code']}")


def test_words_are_filled_in_once_and_escaped(world: World, code: OwnCode) -> None:
    """Row 144: a name with placeholders and HTML is a name; a subject is one line, whatever its function made of it."""
    words = code.function(
        "words",
        'response["emailSubject"] = "Hi {username}\\r\\nBcc: eve@evil.example"',
        'response["emailMessage"] = "{username} may begin with {####}"',
    )
    pool = world.pool(LambdaConfig={"CustomMessage": words})
    name = "{####}<img/src=x>"
    world.signed.admin_create_user(
        UserPoolId=pool.pool_id,
        Username=name,
        UserAttributes=listed({"email": MAIL}),
        TemporaryPassword="Temporary-{username}-1",
        DesiredDeliveryMediums=["EMAIL"],
    )
    message = world.outbox(MAIL)[-1]
    assert message["body"] == "{####}&lt;img/src=x&gt; may begin with Temporary-{username}-1"
    assert message["subject"] == f"Hi {name}  Bcc: eve@evil.example"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("raise Exception('no words')", "UserLambdaValidationException"),
        ('response["emailMessage"] = "no code in here"', "InvalidLambdaResponseException"),
    ],
)
def test_without_words_nothing_is_written(world: World, code: OwnCode, line: str, error: str) -> None:
    """It runs before the write: who cannot be written to is not there afterwards, and a code asked for before holds."""
    words = code.function("words", f"if event['userName'] != 'grace': {line}")
    pool = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig={"CustomMessage": words})
    client = pool.client()
    assert refused(lambda: client.sign_up("ada", email=MAIL))[0] == error
    assert world.rows("SELECT username FROM users WHERE pool_id = $1", pool.pool_id) == []

    client.sign_up("grace", email="grace@hopper.example")
    assert world.rows("SELECT username FROM users WHERE pool_id = $1", pool.pool_id) == [("grace",)]
    assert [one["username"] for one in world.outbox() if one["pool_id"] == pool.pool_id] == ["grace"]


def opened(world: World, monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[str, dict[str, str]]:
    """Return what a handler of AWS's guide reads in `request.code`, and the context that it was made with."""
    with monkeypatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", world.url)
        environment.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
        environment.setenv("AWS_SECRET_ACCESS_KEY", KEY_SECRET)
        client = EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
        keys = StrictAwsKmsMasterKeyProvider(key_ids=[KEY_ARN])
        plaintext, header = client.decrypt(source=b64decode(text), key_provider=keys)
    return plaintext.decode(), dict(header.encryption_context)


@pytest.mark.parametrize("kind", KINDS)
def test_a_custom_sender_is_handed_every_kind(
    world: World, code: OwnCode, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The code is encrypted for it, CustomMessage is not asked; in development the inbox shows the message too."""
    config = {
        "CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": code.function("sender", "return 'whatever'")},
        "CustomMessage": code.function("words"),
        "KMSKeyID": KEY_ARN,
    }
    client = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig=config).client()
    message = cause(client, kind, ClientMetadata={"shop": "4"})
    eventually(world, WAITING, client.pool.pool_id)

    (event,) = [one for one in code.told("sender") if one["triggerSource"] == f"CustomEmailSender_{kind}"]
    request = event["request"]
    assert event["version"] == "1"
    assert event["userName"] == f"ada-{kind}"
    assert request["type"] == "customEmailSenderRequestV1"
    assert request["clientMetadata"] == {"shop": "4"}
    assert request["userAttributes"]["cognito:user_status"]
    assert message["code"] not in json.dumps(event)
    secret, context = opened(world, monkeypatch, request["code"])
    assert secret == message["code"]
    assert context["userpool-id"] == client.pool.pool_id
    assert code.told("words") == []


def test_a_temporary_password_is_escaped_before_it_is_encrypted(
    world: World, code: OwnCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As AWS does: handlers put it into HTML as it is. A text message goes by its own sender."""
    sender = {"LambdaVersion": "V1_0", "LambdaArn": code.function("sender")}
    pool = world.pool(LambdaConfig={"CustomSMSSender": sender, "KMSKeyID": KEY_ARN})
    world.signed.admin_create_user(
        UserPoolId=pool.pool_id,
        Username="ada",
        UserAttributes=listed({"phone_number": PHONE}),
        TemporaryPassword='Less<&more>"1',
    )
    eventually(world, WAITING, pool.pool_id)
    (event,) = code.told("sender")
    assert event["triggerSource"] == "CustomSMSSender_AdminCreateUser"
    assert event["request"]["type"] == "customSMSSenderRequestV1"
    assert opened(world, monkeypatch, event["request"]["code"])[0] == "Less&lt;&amp;more&gt;&quot;1"


def test_a_sender_that_fails_by_itself_is_not_asked_again(
    world: World, code: OwnCode, caplog: pytest.LogCaptureFixture
) -> None:
    """What the function does is its own business: the sign-up stands, and the log has its words without the address."""
    sender = code.function("sender", "raise Exception('smtp is down for ' + request['userAttributes']['email'])")
    config = {"CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": sender}, "KMSKeyID": KEY_ARN}
    client = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig=config).client()
    assert client.sign_up("ada", email=MAIL)["UserConfirmed"] is False
    eventually(world, WAITING, client.pool.pool_id)
    assert len(code.told("sender")) == 1
    assert "was not delivered: CustomEmailSender failed with error smtp is down for ***" in caplog.text


def test_a_sender_that_cannot_be_called_is_asked_again(world: World, code: OwnCode) -> None:
    """The message waits on the worker's list until an operator has set the function up."""
    arn = "arn:aws:lambda:us-east-1:000000000000:function:sender"
    config = {"CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": arn}, "KMSKeyID": KEY_ARN}
    client = world.pool(AutoVerifiedAttributes=["email"], LambdaConfig=config).client()
    client.sign_up("ada", email=MAIL)
    not_tried = WAITING + " AND attempts = 0"
    eventually(world, not_tried, client.pool.pool_id)
    assert len(world.rows(WAITING, client.pool.pool_id)) == 1

    assert code.function("sender") == arn
    world.clock.advance(6 * SECOND)
    eventually(world, WAITING, client.pool.pool_id)
    assert code.sources("sender") == ["CustomEmailSender_SignUp"]


def test_a_custom_sender_needs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mail server, and outside development, a pool with a custom sender sends; one without cannot."""
    settings = settings_for(tmp_path / "data", dev=False, local_functions=True)
    with running(settings, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        with own_code(world, tmp_path, monkeypatch) as code:
            sender = {"LambdaVersion": "V1_0", "LambdaArn": code.function("sender")}
            config = {"CustomEmailSender": sender, "KMSKeyID": KEY_ARN}
            both = ["email", "phone_number"]
            pool = world.pool(AutoVerifiedAttributes=both, LambdaConfig=config, SmsConfiguration=SMS)
            client = pool.client()
            client.sign_up("ada", email=MAIL)
            eventually(world, WAITING, pool.pool_id)
            assert code.sources("sender") == ["CustomEmailSender_SignUp"]
            by_phone = partial(client.sign_up, "grace", phone_number=PHONE)
            assert refused(by_phone)[0] == "CodeDeliveryFailureException"


def test_one_number_gets_twenty_messages_an_hour(world: World) -> None:
    """Row 47: whoever asks, and by whatever user; the twenty-first is written nowhere. An hour later there is room."""
    pool = world.pool(AutoVerifiedAttributes=["phone_number"], SmsConfiguration=SMS)
    client = pool.client()
    for number in range(20):
        client.sign_up(f"user-{number}", phone_number=PHONE)
    assert refused(lambda: client.sign_up("user-20", phone_number=PHONE)) == OVER
    assert world.rows("SELECT user_id FROM users WHERE pool_id = $1 AND username = 'user-20'", pool.pool_id) == []
    assert len([one for one in world.outbox(PHONE) if one["pool_id"] == pool.pool_id]) == 20
    assert [one["about"] for one in happened(world, pool, "TextMessageRefused")] == [{"budget": "number"}]

    invite = partial(
        world.signed.admin_create_user,
        UserPoolId=pool.pool_id,
        Username="guest",
        UserAttributes=listed({"phone_number": PHONE}),
    )
    assert refused(invite) == TOO_MANY
    assert client.sign_up("other", phone_number="+15550101011")["UserSub"]
    world.clock.advance(HOUR + MINUTE)
    assert client.sign_up("user-20", phone_number=PHONE)["UserSub"]


def test_a_pool_has_a_budget_and_prefixes_where_the_operator_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three messages an hour, to two countries; nobody learns by it who exists, and mail is not counted."""
    settings = settings_for(tmp_path, sms_per_pool_per_hour=3, sms_prefixes=("+1", "+49"))
    with running(settings, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        pool = world.pool(
            AutoVerifiedAttributes=["phone_number"],
            SmsConfiguration=SMS,
            AccountRecoverySetting={"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_phone_number"}]},
        )
        client = pool.client()
        pool.user("ada", phone_number="+15550100001", phone_number_verified="true")
        assert refused(lambda: client.sign_up("eve", phone_number="+88212345678")) == OVER

        far_away = ("+88212345678", "+88287654321")
        by_number = world.pool(UsernameAttributes=["phone_number"]).client()
        by_number.pool.user(far_away[0], phone_number=far_away[0], phone_number_verified="true")
        for name in far_away:
            answer = world.call("ForgotPassword", {"ClientId": by_number.client_id, "Username": name})
            assert answer == (400, {"__type": OVER[0], "message": OVER[1]}), name

        for number in range(3):
            client.sign_up(f"user-{number}", phone_number=f"+4930000000{number}")
        assert refused(lambda: client.sign_up("user-3", phone_number="+49300000003")) == OVER
        for operation in ("ForgotPassword", "ResendConfirmationCode"):
            for name in ("ada", "user-0", "nobody"):
                answer = world.call(operation, {"ClientId": client.client_id, "Username": name})
                assert answer == (400, {"__type": OVER[0], "message": OVER[1]}), (operation, name)
        budgets = [one["about"]["budget"] for one in happened(world, pool, "TextMessageRefused")]
        assert (budgets[0], set(budgets[1:])) == ("prefix", {"pool"})

        by_mail = world.pool(AutoVerifiedAttributes=["email"]).client()
        for number in range(5):
            by_mail.sign_up(f"user-{number}", email=MAIL)
        world.clock.advance(HOUR + MINUTE)
        assert client.sign_up("user-3", phone_number="+49300000003")["UserSub"]


@pytest.mark.parametrize("prefixes", ["49", "+", "+49 30", "+x"])
def test_a_prefix_that_no_number_has_is_refused_at_start(prefixes: str) -> None:
    """It would keep every message from everybody, and nobody would know why."""
    with pytest.raises(SettingsError, match="sms_prefixes: how phone numbers begin"):
        load({"dev": True}, {"POOLKEEPER_SMS_PREFIXES": prefixes})
