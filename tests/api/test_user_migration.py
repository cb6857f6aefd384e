"""Users who come over from an older directory: at the first sign-in with its password, or where it was forgotten."""

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import botocore.auth
import pytest

from api.own_code import OwnCode, own_code
from api.people import enlist, held
from api.second_factors import SMS_MFA, pool_with
from api.signing_in import INCORRECT, LOCKED, at_once, begin, srp_proof
from api.world import PASSWORD, ClientOfTests, World, refused, round_to_second, running, settings_for
from poolkeeper.accounts import passwords
from poolkeeper.errors import TooManyRequestsException

WEAK = "old"
MAIL, PHONE = "ada@lovelace.example", "+15550104444"
KNOWN = (
    "if event['userName'] == 'ada' and request.get('password', 'old') == 'old':",
    "    response['userAttributes'] = {'email': 'ada@lovelace.example', 'email_verified': 'true'}",
    "    response['finalUserStatus'] = 'CONFIRMED'",
    "    response['messageAction'] = 'SUPPRESS'",
)
STRICT = (*KNOWN, "else:", "    raise Exception('Bad password')")


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pool."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def migrating(world: World, code: OwnCode, *lines: str, hides: bool = True, **settings: object) -> ClientOfTests:
    """Return a client of a pool whose UserMigration is made of `lines`."""
    triggers = {"UserMigration": code.function("migrate", *lines)}
    pool = world.pool(LambdaConfig=triggers, **settings)
    return pool.client(PreventUserExistenceErrors="ENABLED" if hides else "LEGACY")


def sub_of(client: ClientOfTests, name: str = "ada") -> str:
    answer = client.pool.admin("admin_get_user", name)
    return next(str(one["Value"]) for one in answer["UserAttributes"] if one["Name"] == "sub")


@pytest.mark.parametrize("hides", [True, False])
@pytest.mark.parametrize("admin", [False, True])
def test_a_first_sign_in_brings_a_user_over(world: World, code: OwnCode, *, admin: bool, hides: bool) -> None:
    """He keeps his password, whatever the policy says, and is asked for no more; the next sign-in asks nobody."""
    client = migrating(world, code, *KNOWN, hides=hides)
    flow = "ADMIN_USER_PASSWORD_AUTH" if admin else "USER_PASSWORD_AUTH"
    sign_in = partial(begin, client, flow, admin=admin, USERNAME="ada", PASSWORD=WEAK)
    assert sign_in()["AuthenticationResult"]["AccessToken"]

    assert client.pool.admin("admin_get_user", "ada")["UserStatus"] == "CONFIRMED"
    assert held(client.pool, "ada") == {"email": MAIL, "email_verified": "true"}
    assert sign_in()["AuthenticationResult"]["AccessToken"]
    (event,) = code.told("migrate")
    assert event["triggerSource"] == "UserMigration_Authentication"
    assert event["userName"] == "ada"
    assert event["request"]["password"] == WEAK
    assert [one for one in world.outbox(MAIL) if one["pool_id"] == client.pool.pool_id] == []
    proof = srp_proof(client, "ada", WEAK)
    assert client.respond("PASSWORD_VERIFIER", **proof)["AuthenticationResult"]["AccessToken"]


@pytest.mark.parametrize("hides", [True, False])
def test_a_blocked_range_asks_no_older_directory(world: World, code: OwnCode, *, hides: bool) -> None:
    """A right password is told as a wrong one is, and brings nobody over (threat protection)."""
    client = migrating(world, code, *STRICT, hides=hides, UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"})
    world.signed.set_risk_configuration(
        UserPoolId=client.pool.pool_id, RiskExceptionConfiguration={"BlockedIPRangeList": ["127.0.0.0/8"]}
    )
    right, wrong = (refused(partial(client.sign_in, "ada", password)) for password in (WEAK, "another"))
    assert right == wrong
    assert code.told("migrate") == []


def test_migration_comes_before_pre_authentication(world: World, code: OwnCode) -> None:
    """PreAuthentication hears of a user who is there; both hear InitiateAuth's metadata as validation data."""
    triggers = {"UserMigration": code.function("migrate", *KNOWN), "PreAuthentication": code.function("pre")}
    client = world.pool(LambdaConfig=triggers).client()
    world.unsigned.initiate_auth(
        ClientId=client.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": WEAK},
        ClientMetadata={"shop": "4"},
    )
    (asked,), (told,) = code.told("migrate"), code.told("pre")
    assert asked["request"]["validationData"] == told["request"]["validationData"] == {"shop": "4"}
    assert told["request"]["userAttributes"]["sub"] == sub_of(client)


def test_without_a_final_status_the_password_must_be_another(world: World, code: OwnCode) -> None:
    """RESET_REQUIRED: told to whoever knows the old password, who then recovers by his verified address."""
    client = migrating(world, code, *KNOWN, "response['finalUserStatus'] = None")
    reset = ("PasswordResetRequiredException", "Password reset required for the user")
    assert refused(lambda: client.sign_in("ada", WEAK)) == reset
    assert refused(lambda: client.sign_in("ada", WEAK)) == reset
    assert refused(lambda: client.sign_in("ada", "wrong")) == INCORRECT
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    world.unsigned.confirm_forgot_password(
        ClientId=client.client_id, Username="ada", ConfirmationCode=world.code(MAIL), Password=PASSWORD
    )
    assert client.tokens("ada")["AccessToken"]


@pytest.mark.parametrize("lines", [STRICT, KNOWN])
def test_whom_nobody_knows_is_answered_as_ever(world: World, code: OwnCode, lines: tuple[str, ...]) -> None:
    """A hidden one costs a hash and is counted and locked like a user, whether the function raised or said nothing."""
    client = migrating(world, code, *lines)
    for name in ("ada", "nobody"):
        attempts = [refused(partial(client.sign_in, name, "wrong")) for _ in range(5)]
        assert attempts == [INCORRECT] * 5
        assert refused(partial(client.sign_in, name, WEAK)) == LOCKED
    assert len(code.told("migrate")) == 10
    assert world.rows("SELECT user_id FROM users WHERE pool_id = $1", client.pool.pool_id) == []


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        (KNOWN, ("UserNotFoundException", "User does not exist.")),
        (STRICT, ("UserNotFoundException", "Exception migrating user in app client {}")),
    ],
)
def test_a_client_that_hides_nobody_lets_nobody_guess(
    world: World, code: OwnCode, lines: tuple[str, ...], refusal: tuple[str, str]
) -> None:
    """Guesses at the older directory's passwords are counted: after five the function is not asked any more."""
    client = migrating(world, code, *lines, hides=False)
    expected = (refusal[0], refusal[1].format(client.client_id))
    for _ in range(5):
        assert refused(lambda: client.sign_in("ada", "wrong")) == expected
    assert refused(lambda: client.sign_in("ada", WEAK)) == LOCKED
    assert len(code.told("migrate")) == 5


def test_two_sign_ins_at_once_make_one_user(world: World, code: OwnCode) -> None:
    """All of them get their tokens, for the same sub."""
    client = migrating(world, code, *KNOWN)
    answers = at_once([partial(client.sign_in, "ada", WEAK)] * 8)
    assert all(answer["AuthenticationResult"]["AccessToken"] for answer in answers)
    assert len(world.rows("SELECT user_id FROM users WHERE pool_id = $1", client.pool.pool_id)) == 1
    assert len(code.told("migrate")) == 1


def test_a_user_whom_another_process_made_meanwhile_is_taken(
    world: World, code: OwnCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The insertion decides: whoever comes second goes on with the user that is there, and with that user's password."""
    client = migrating(world, code, *KNOWN)
    asked = world.house.functions.invoke

    async def overtaken(arn: str, event: dict[str, object], *, pool_id: str) -> object:
        answer = await asked(arn, event, pool_id=pool_id)
        await asyncio.to_thread(client.pool.user, "ada", password=PASSWORD)
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(world.house.functions, "invoke", overtaken)
        assert refused(lambda: client.sign_in("ada", WEAK)) == INCORRECT
    assert client.tokens("ada")["AccessToken"]
    assert len(world.rows("SELECT user_id FROM users WHERE pool_id = $1", client.pool.pool_id)) == 1


def test_only_documented_fields_are_obeyed(world: World, code: OwnCode) -> None:
    """Row 143: a status, a sub or groups of the function's own invention change nothing."""
    client = migrating(
        world,
        code,
        *KNOWN,
        "response['userAttributes'].update({'sub': 'mine', 'cognito:user_status': 'CONFIRMED', 'name': 'Ada'})",
        "response.update({'enabled': False, 'groups': ['admins'], 'userStatus': 'ARCHIVED', 'version': 7})",
    )
    assert client.tokens("ada", WEAK)["AccessToken"]
    user = client.pool.admin("admin_get_user", "ada")
    assert (user["Enabled"], user["UserStatus"]) == (True, "CONFIRMED")
    assert held(client.pool, "ada") == {"email": MAIL, "email_verified": "true", "name": "Ada"}
    assert len(sub_of(client)) == 36
    assert client.pool.admin("admin_list_groups_for_user", "ada")["Groups"] == []


@pytest.mark.parametrize(
    "line",
    [
        "response['userAttributes']['custom:unknown'] = 'x'",
        "response['userAttributes']['email'] = 'no address'",
        "response['enableSMSMFA'] = True",
    ],
)
def test_what_cannot_be_stored_makes_no_user(world: World, code: OwnCode, line: str) -> None:
    """Attributes outside the schema, or a phone that SMS MFA would need and that is not there."""
    for hides, refusal in ((True, INCORRECT), (False, None)):
        client = migrating(world, code, *KNOWN, line, hides=hides)
        expected = refusal or ("UserNotFoundException", f"Exception migrating user in app client {client.client_id}")
        assert refused(partial(client.sign_in, "ada", WEAK)) == expected
        assert world.rows("SELECT user_id FROM users WHERE pool_id = $1", client.pool.pool_id) == []


def test_an_alias_is_taken_only_by_force(world: World, code: OwnCode) -> None:
    """By force (forceAliasCreation) the address moves to the user who came over; without it there is none."""
    client = migrating(world, code, *KNOWN, AliasAttributes=["email"])
    client.pool.user("grace", email=MAIL, email_verified="true")
    assert refused(lambda: client.sign_in("ada", WEAK)) == INCORRECT

    forcing = migrating(world, code, *KNOWN, "response['forceAliasCreation'] = True", AliasAttributes=["email"])
    forcing.pool.user("grace", email=MAIL, email_verified="true")
    assert forcing.tokens("ada", WEAK)["AccessToken"]
    assert held(forcing.pool, "grace")["email_verified"] == "false"
    assert forcing.tokens(MAIL, WEAK)["AccessToken"]


def test_one_who_signs_in_by_address_gets_a_uuid_for_a_name(world: World, code: OwnCode) -> None:
    """The typed address is the user's, also where the function does not repeat it."""
    lines = (
        "response['userAttributes'] = {'name': 'Ada', 'username': 'ignored'}",
        "response['finalUserStatus'] = 'CONFIRMED'",
        "response['messageAction'] = 'SUPPRESS'",
    )
    client = migrating(world, code, *lines, UsernameAttributes=["email"])
    assert client.tokens(MAIL, WEAK)["AccessToken"]
    user = client.pool.admin("admin_get_user", MAIL)
    assert user["Username"] == sub_of(client, MAIL)
    assert held(client.pool, MAIL) == {"name": "Ada", "email": MAIL}


@pytest.mark.parametrize("name", ["two words", "x" * 129, "a\u202eb", " ", "line\nbreak"])
def test_a_name_that_nobody_could_sign_up_with_comes_not_over(world: World, code: OwnCode, name: str) -> None:
    """Whether the function gives it or it was typed: AuthParameters, unlike Username, takes any text."""
    client = migrating(world, code, *KNOWN, f"response['userAttributes']['username'] = {name!r}")
    assert refused(lambda: client.sign_in("ada", WEAK)) == INCORRECT
    everybody = migrating(world, code, "response['userAttributes'] = {'email': 'ada@lovelace.example'}")
    assert refused(lambda: everybody.sign_in(name, WEAK)) == INCORRECT
    pools = (client.pool.pool_id, everybody.pool.pool_id)
    assert world.rows("SELECT username FROM users WHERE pool_id IN ($1, $2)", *pools) == []


@pytest.mark.parametrize("alias", ["a" + "\u0301" * 31, "a" * 129, "eve@x.example"])
def test_an_alias_that_nobody_could_take_comes_not_over(world: World, code: OwnCode, alias: str) -> None:
    """A preferred_username that is no name, or could pass for an address, makes no user (attacks.md 8, 22)."""
    lines = (*KNOWN, f"    response['userAttributes']['preferred_username'] = {alias!r}")
    client = migrating(world, code, *lines, AliasAttributes=["email", "preferred_username"])
    assert refused(lambda: client.sign_in("ada", WEAK))[0] == "NotAuthorizedException"
    assert refused(lambda: client.pool.admin("admin_get_user", "ada"))[0] == "UserNotFoundException"


def test_one_who_came_over_may_have_to_prove_his_phone(world: World, code: OwnCode) -> None:
    """SMS MFA is turned on (enableSMSMFA), so that tokens wait for the code already at this sign-in."""
    lines = (
        *KNOWN,
        "response['userAttributes'].update({'phone_number': '+15550104444', 'phone_number_verified': 'true'})",
        "response['enableSMSMFA'] = True",
    )
    triggers = {"UserMigration": code.function("migrate", *lines)}
    client = pool_with(world, SMS_MFA, mode="OPTIONAL", LambdaConfig=triggers).client()
    asked = client.sign_in("ada", WEAK)
    assert asked["ChallengeName"] == SMS_MFA
    answer = client.respond(SMS_MFA, asked["Session"], USERNAME="ada", SMS_MFA_CODE=world.code(PHONE))
    assert answer["AuthenticationResult"]["AccessToken"]
    assert client.pool.admin("admin_get_user", "ada")["PreferredMfaSetting"] == SMS_MFA


def test_a_welcome_tells_no_password(world: World, code: OwnCode) -> None:
    """Without SUPPRESS an invitation goes by the mediums that are wanted; the user's own password is not in it."""
    client = migrating(
        world, code, *KNOWN, "response['messageAction'] = None", "response['desiredDeliveryMediums'] = ['EMAIL']"
    )
    assert client.tokens("ada", WEAK)["AccessToken"]
    (message,) = [one for one in world.outbox(MAIL) if one["pool_id"] == client.pool.pool_id]
    assert message["kind"] == "AdminCreateUser"
    assert message["body"] == "Your username is ada and temporary password is ********."


@pytest.mark.parametrize("hides", [True, False])
def test_a_welcome_that_cannot_be_written_keeps_nobody_out(world: World, code: OwnCode, *, hides: bool) -> None:
    """A right password and a wrong one are answered as ever, whatever becomes of the message."""
    wanted = ("response['messageAction'] = None", "response['desiredDeliveryMediums'] = ['EMAIL']")
    triggers = {
        "UserMigration": code.function("migrate", *KNOWN, *wanted),
        "CustomMessage": code.function("words", "raise Exception('no words')"),
    }
    masking = "ENABLED" if hides else "LEGACY"
    client = world.pool(LambdaConfig=triggers).client(PreventUserExistenceErrors=masking)
    assert client.tokens("ada", WEAK)["AccessToken"]
    assert [one for one in world.outbox(MAIL) if one["pool_id"] == client.pool.pool_id] == []
    assert code.sources("words") == ["CustomMessage_AdminCreateUser"]


@pytest.mark.parametrize("hides", [True, False])
@pytest.mark.parametrize(
    "settings",
    [{"dev": False, "local_functions": True}, {"sms_prefixes": ("+49",)}],
    ids=["no way to send", "over budget"],
)
def test_a_welcome_that_cannot_be_sent_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], *, hides: bool
) -> None:
    """A welcome goes by SMS unless the function says otherwise, which not every pool can send."""
    known = settings_for(tmp_path / "data", **settings)
    with running(known, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        with own_code(world, tmp_path, monkeypatch) as code:
            phone = "response['userAttributes']['phone_number'] = '+15550104444'"
            client = migrating(world, code, *KNOWN, phone, "response['messageAction'] = None", hides=hides)
            assert client.tokens("ada", WEAK)["AccessToken"]
            assert refused(lambda: client.sign_in("ada", "wrong")) == INCORRECT
            assert held(client.pool, "ada")["phone_number"] == PHONE
            assert world.rows("SELECT job_id FROM due WHERE kind = 'message'") == []


@pytest.mark.parametrize("hides", [True, False])
def test_what_keeps_a_user_from_being_made_is_no_sign_of_one(
    world: World, code: OwnCode, monkeypatch: pytest.MonkeyPatch, *, hides: bool
) -> None:
    """Whatever it is: hidden, whoever asked is answered as nobody; else he is told, and may come again."""
    client = migrating(world, code, *KNOWN, hides=hides)

    async def full(*_: object, **__: object) -> NoReturn:
        raise TooManyRequestsException("Too many requests")

    with monkeypatch.context() as patched:
        patched.setattr(passwords, "enrol", full)
        expected = INCORRECT if hides else ("TooManyRequestsException", "Too many requests")
        assert refused(lambda: client.sign_in("ada", WEAK)) == expected
    assert client.tokens("ada", WEAK)["AccessToken"]


def test_a_function_that_cannot_be_called_makes_no_guess(world: World, code: OwnCode) -> None:
    """It said nothing of the password: it may fail as often as it will, and nobody is locked out for it."""
    arn = "arn:aws:lambda:us-east-1:000000000000:function:migrate"
    client = world.pool(LambdaConfig={"UserMigration": arn}).client(PreventUserExistenceErrors="LEGACY")
    for _ in range(6):
        assert refused(lambda: client.sign_in("ada", WEAK))[0] == "UnexpectedLambdaException"
    assert code.function("migrate", *KNOWN) == arn
    assert client.tokens("ada", WEAK)["AccessToken"]


def test_an_answer_that_is_none_is_a_guess_too(world: World, code: OwnCode) -> None:
    """A function that returns nothing for a wrong password: the client hides nobody, and the guesses are counted."""
    client = migrating(world, code, *KNOWN, "else:", "    return None", hides=False)
    for _ in range(5):
        assert refused(lambda: client.sign_in("ada", "wrong"))[0] == "InvalidLambdaResponseException"
    assert refused(lambda: client.sign_in("ada", WEAK)) == LOCKED
    assert len(code.told("migrate")) == 5


def test_an_address_comes_over_as_the_older_directory_spells_it(world: World, code: OwnCode) -> None:
    """Capitals tell nobody apart in a pool that folds them: the address that was typed is the one that came back."""
    client = migrating(
        world,
        code,
        "response['userAttributes'] = {'email': 'Ada@Lovelace.example', 'email_verified': 'true'}",
        "response['finalUserStatus'] = 'CONFIRMED'",
        "response['messageAction'] = 'SUPPRESS'",
        UsernameAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
    )
    assert client.tokens(MAIL, WEAK)["AccessToken"]
    assert held(client.pool, MAIL)["email"] == "Ada@Lovelace.example"


def test_capitals_tell_addresses_apart_where_the_pool_says_so(world: World, code: OwnCode) -> None:
    """In a case-sensitive pool another spelling is another address: the function gave a user whom nobody asked for."""
    line = "response['userAttributes'] = {'email': 'Ada@Lovelace.example'}"
    sensitive = {"CaseSensitive": True}
    client = migrating(world, code, line, UsernameAttributes=["email"], UsernameConfiguration=sensitive)
    assert refused(lambda: client.sign_in(MAIL, WEAK)) == INCORRECT
    assert world.rows("SELECT user_id FROM users WHERE pool_id = $1", client.pool.pool_id) == []


@pytest.mark.parametrize("hides", [True, False])
def test_the_function_is_asked_for_a_forgotten_name_five_times_an_hour(
    world: World, code: OwnCode, *, hides: bool
) -> None:
    """As often as a user may be sent a code; then it is not asked any more."""
    client = migrating(world, code, *STRICT, hides=hides)
    forgot = partial(world.unsigned.forgot_password, ClientId=client.client_id, Username="nobody")
    for _ in range(5):
        assert forgot() if hides else refused(forgot)[0] == "UserNotFoundException"
    assert refused(forgot)[0] == "LimitExceededException"
    assert len(code.told("migrate")) == 5


def test_where_nothing_can_be_sent_the_function_is_asked_no_more_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is hidden is refused as a user is, each time alike; what was refused counts as an asking all the same."""
    known = settings_for(tmp_path / "data", dev=False, local_functions=True)
    with running(known, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        with own_code(world, tmp_path, monkeypatch) as code:
            client = migrating(world, code, *STRICT)
            enlist(client.pool, "grace", {"email": MAIL, "email_verified": "true"})
            for name in ("grace", "nobody"):
                forgot = partial(world.unsigned.forgot_password, ClientId=client.client_id, Username=name)
                assert [refused(forgot)[0] for _ in range(7)] == ["CodeDeliveryFailureException"] * 7
            assert len(code.told("migrate")) == 5


def test_a_forgotten_password_brings_a_user_over_too(world: World, code: OwnCode) -> None:
    """UserMigration_ForgotPassword brings no password: the user has none until the code came back."""
    client = migrating(world, code, *KNOWN)
    request = {"ClientId": client.client_id, "Username": "ada"}
    details = world.unsigned.forgot_password(**request, ClientMetadata={"shop": "4"})["CodeDeliveryDetails"]
    assert details["Destination"] == "a***@l***"
    (event,) = code.told("migrate")
    assert event["triggerSource"] == "UserMigration_ForgotPassword"
    assert "password" not in event["request"]
    assert event["request"]["clientMetadata"] == {"shop": "4"}
    assert client.pool.admin("admin_get_user", "ada")["UserStatus"] == "RESET_REQUIRED"
    assert refused(lambda: client.sign_in("ada", WEAK)) == INCORRECT

    world.unsigned.confirm_forgot_password(**request, ConfirmationCode=world.code(MAIL), Password=PASSWORD)
    assert client.tokens("ada")["AccessToken"]


@pytest.mark.parametrize(
    "lines", [STRICT, KNOWN, ("raise Exception('down')",), (*KNOWN, "response['userAttributes']['sex'] = 'x'")]
)
def test_a_forgotten_password_of_nobody_tells_nothing(world: World, code: OwnCode, lines: tuple[str, ...]) -> None:
    """Who is unknown to both sides, and whom the function fails on, is answered as if a code were on its way."""
    client = migrating(world, code, *lines)
    answer = world.unsigned.forgot_password(ClientId=client.client_id, Username="nobody")
    assert answer["CodeDeliveryDetails"]["DeliveryMedium"] == "EMAIL"
    assert world.rows("SELECT user_id FROM users WHERE pool_id = $1 AND username = 'nobody'", client.pool.pool_id) == []


def test_no_other_flow_asks(world: World, code: OwnCode) -> None:
    """SRP brings no password that the other side could check."""
    client = migrating(world, code, *KNOWN)
    proof = srp_proof(client, "ada", WEAK)
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **proof)) == INCORRECT
    assert code.told("migrate") == []
