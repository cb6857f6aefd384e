"""What is made of an answer? Verdicts as documented, three errors for everything else, and nothing that was not asked for."""

from typing import Any

import pytest

from poolkeeper.errors import (
    InvalidLambdaResponseException,
    ServiceError,
    UnexpectedLambdaException,
    UserLambdaValidationException,
    UserNotFoundException,
)
from poolkeeper.functions import CannotInvoke, FunctionFailed, NotJson
from poolkeeper.model.message import Medium
from poolkeeper.model.token_overrides import TokenOverrides
from poolkeeper.triggers import Created, CustomText, Definition, MigratedUser, SignUpVerdict
from triggers.stage import (
    ECHO,
    SOURCES,
    Function,
    Source,
    client_with,
    create,
    define,
    message,
    pool_with,
    responding,
    run,
    source,
    verify,
)

ASKED = [one for one in SOURCES if "Sender_" not in one.name and not one.name.endswith("-ghost")]
SIGN_UP, MIGRATION = source("PreSignUp_SignUp"), source("UserMigration_Authentication")
OPEN = client_with(hides_existence=False)


def refused(one: Source, function: Function) -> ServiceError:
    """Return the error that asking comes to, of a client that hides nothing."""
    with pytest.raises(ServiceError) as caught:
        run(one.ask, function, pool=pool_with(version=one.version), client=OPEN)
    return caught.value


def label(one: Source) -> str:
    """Return the key of LambdaConfig by which an error names a trigger."""
    beginning = one.name.partition("_")[0]
    return "PreTokenGeneration" if beginning == "TokenGeneration" else beginning


@pytest.mark.parametrize("one", ASKED, ids=lambda one: one.name)
def test_an_echo_lets_everything_go_on(one: Source) -> None:
    """The event as it came, its response filled in with nulls, decides nothing and fails nothing."""
    run(one.ask, Function(ECHO), pool=pool_with(version=one.version))


@pytest.mark.parametrize("one", ASKED, ids=lambda one: one.name)
def test_what_a_function_raised_is_told(one: Source) -> None:
    """By the name of the trigger; for a migration that is a user who is not found (userpools.md 1.3)."""
    fault = refused(one, Function(FunctionFailed("not you")))
    if label(one) == "UserMigration":
        assert isinstance(fault, UserNotFoundException)
        assert fault.message == "Exception migrating user in app client 1example23456789"
    else:
        assert isinstance(fault, UserLambdaValidationException)
        assert fault.message == f"{label(one)} failed with error not you."


@pytest.mark.parametrize("one", ASKED, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "reason", ["AccessDeniedException", "Socket timeout while invoking Lambda function."], ids=["name", "sentence"]
)
def test_a_function_that_gives_no_answer_is_told(one: Source, reason: str) -> None:
    """With one full stop, and with a detail for the log that names the trigger."""
    fault = refused(one, Function(CannotInvoke(reason, detail="functions")))
    assert isinstance(fault, UnexpectedLambdaException)
    assert fault.message == f"{label(one)} invocation failed due to error {reason.rstrip('.')}."
    assert fault.detail == f"{label(one)}: functions"


@pytest.mark.parametrize("one", ASKED, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "returned",
    [True, 5, "done", [], {}, {"response": None}, {"response": []}, {"response": "x"}],
    ids=repr,
)
def test_an_answer_that_is_no_event_is_refused(one: Source, returned: Any) -> None:
    """A handler that forgets to return the event gets AWS's sentence."""
    fault = refused(one, Function(returned))
    assert isinstance(fault, InvalidLambdaResponseException)
    assert fault.message == "Unrecognizable lambda output"


@pytest.mark.parametrize("one", ASKED, ids=lambda one: one.name)
@pytest.mark.parametrize("answer", [None, NotJson("no JSON")], ids=["nothing", "text"])
def test_a_function_that_returns_nothing_is_told(one: Source, answer: Any) -> None:
    """A handler that returns null, or something that is no JSON, gets another sentence of AWS's."""
    fault = refused(one, Function(answer))
    assert isinstance(fault, InvalidLambdaResponseException)
    assert fault.message == "Invalid lambda function output : Invalid JSON"
    assert fault.detail


# Per trigger source: responses of which one member has a wrong type, or a value that is none.
WRONG: dict[str, list[dict[str, Any]]] = {
    "PreSignUp_SignUp": [{"autoConfirmUser": "true"}, {"autoVerifyEmail": 1}, {"autoVerifyPhone": True}],
    "DefineAuthChallenge_Authentication": [{"issueTokens": "yes"}, {"failAuthentication": 0}, {"challengeName": []}],
    "CreateAuthChallenge_Authentication": [
        {"publicChallengeParameters": []},
        {"publicChallengeParameters": {"a": {}}},
        {"privateChallengeParameters": {"a": "\0"}},
        {"challengeMetadata": {}},
    ],
    "VerifyAuthChallengeResponse_Authentication": [{"answerCorrect": "true"}, {"answerCorrect": 1}],
    "UserMigration_Authentication": [
        {"userAttributes": "email"},
        {"userAttributes": {"email": []}},
        {"userAttributes": {"name": "a\0b"}},
        {"userAttributes": {"email": "a@b.c"}, "desiredDeliveryMediums": ["PIGEON"]},
        {"userAttributes": {"email": "a@b.c"}, "forceAliasCreation": "true"},
        {"userAttributes": {"email": "a@b.c"}, "finalUserStatus": True},
    ],
    "CustomMessage_SignUp": [
        {"emailMessage": 5},
        {"emailMessage": "no code"},
        {"emailMessage": "{####}" + "x" * 19_995},
        {"emailMessage": "{##Click Here##}"},
        {"emailSubject": "x" * 141},
    ],
    "CustomMessage_AdminCreateUser": [{"emailMessage": "{####}"}, {"emailMessage": "{username}"}],
    "TokenGeneration_Authentication": [
        {"claimsOverrideDetails": []},
        {"claimsOverrideDetails": {"claimsToAddOrOverride": {"team": 5}}},
        {"claimsOverrideDetails": {"claimsToAddOrOverride": {"team": {"a": "b"}}}},
        {"claimsOverrideDetails": {"claimsToSuppress": "email"}},
        {"claimsOverrideDetails": {"groupOverrideDetails": {"groupsToOverride": "engines"}}},
        {"claimsOverrideDetails": {"claimsToAddOrOverride": {f"c{n}": "x" for n in range(5_001)}}},
    ],
    "TokenGeneration_Authentication-V2": [
        {"claimsAndScopeOverrideDetails": []},
        {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": {"scopesToAdd": ["api/read api/write"]}}},
        {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": {"scopesToAdd": [""]}}},
        {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": {"scopesToAdd": "api/read"}}},
        {"claimsAndScopeOverrideDetails": {"idTokenGeneration": {"claimsToAddOrOverride": {"address": {"a": "b"}}}}},
        {"claimsAndScopeOverrideDetails": {"idTokenGeneration": {"claimsToAddOrOverride": {"email_verified": []}}}},
        {
            "claimsAndScopeOverrideDetails": {
                "idTokenGeneration": {"claimsToSuppress": [f"c{n}" for n in range(2_501)]},
                "accessTokenGeneration": {"scopesToSuppress": [f"s{n}" for n in range(2_500)]},
            }
        },
    ],
    "InboundFederation_ExternalProvider": [{"userAttributesToMap": {"email": ["a@b.c"]}}],
}


@pytest.mark.parametrize(
    ("name", "response"), [(name, response) for name, responses in WRONG.items() for response in responses]
)
def test_a_member_of_a_wrong_kind_is_refused(name: str, response: dict[str, Any]) -> None:
    """Row by row, in AWS's one sentence; the log is told which member it was."""
    one = next(one for one in SOURCES if one.name == name)
    fault = refused(one, responding(response))
    assert isinstance(fault, InvalidLambdaResponseException)
    assert fault.message == "Unrecognizable lambda output"
    assert fault.detail


def test_members_that_nobody_knows_are_passed_over() -> None:
    """A handler may add what it wants."""
    assert run(SIGN_UP, responding({"autoConfirmUser": True, "isAdmin": True})) == SignUpVerdict(confirm=True)


def test_pre_sign_up_confirms_and_verifies() -> None:
    """What is to be verified must be there (Developer guide, "Pre sign-up Lambda trigger")."""
    verdict = run(SIGN_UP, responding({"autoConfirmUser": True, "autoVerifyEmail": True}))
    assert verdict == SignUpVerdict(confirm=True, verified=frozenset({"email"}))


def test_pre_sign_up_decides_nothing_for_an_administrator() -> None:
    """AdminCreateUser asks it, and ignores the three answers (the same page)."""
    decided = responding({"autoConfirmUser": True, "autoVerifyEmail": True, "autoVerifyPhone": True})
    assert run(source("PreSignUp_AdminCreateUser"), decided) == SignUpVerdict()


def test_define_says_what_comes_next() -> None:
    """A challenge, tokens, or the end."""
    assert run(define, responding({"challengeName": "CUSTOM_CHALLENGE", "issueTokens": False})) == Definition(
        challenge_name="CUSTOM_CHALLENGE", issue_tokens=False, fail=False
    )
    assert run(define, responding({"issueTokens": True})).issue_tokens
    assert run(define, responding({"failAuthentication": True})).fail


def test_create_makes_texts() -> None:
    """Numbers and booleans become texts, what is null is left out."""
    answer = {
        "publicChallengeParameters": {"question": "2+2", "number": 5, "easy": True, "none": None},
        "privateChallengeParameters": {"answer": 4},
        "challengeMetadata": "SUM",
    }
    assert run(create, responding(answer)) == Created(
        public={"question": "2+2", "number": "5", "easy": "true"}, private={"answer": "4"}, metadata="SUM"
    )


@pytest.mark.parametrize(
    ("response", "right"),
    [({"answerCorrect": True}, True), ({"answerCorrect": False}, False), ({"answerCorrect": None}, False), ({}, False)],
)
def test_only_true_is_a_right_answer(response: dict[str, Any], right: bool) -> None:  # noqa: FBT001 - a column
    """Silence is none."""
    assert run(verify, responding(response)) is right


def test_a_migrated_user_is_what_is_documented_and_no_more() -> None:
    """Status, verification and identity come from documented members alone (attacks.md 143)."""
    answer = {
        "userAttributes": {
            "email": "a@example.com",
            "email_verified": True,
            "sub": "somebody-else",
            "username": "old-name",
            "identities": "[]",
            "cognito:user_status": "CONFIRMED",
            "cognito:mfa_enabled": "true",
            "nickname": None,
        },
        "userStatus": "CONFIRMED",
        "status": "CONFIRMED",
        "enabled": False,
        "groups": ["admins"],
    }
    assert run(MIGRATION, responding(answer)) == MigratedUser(
        attributes={"email": "a@example.com", "email_verified": "true"},
        confirmed=False,
        invite=True,
        mediums=("SMS",),
        force_alias=False,
        sms_mfa=False,
        username="old-name",
    )


def test_a_migration_is_told_what_to_do() -> None:
    """Every documented member, as the guide has it."""
    answer = {
        "userAttributes": {"email": "a@example.com"},
        "finalUserStatus": "CONFIRMED",
        "messageAction": "SUPPRESS",
        "desiredDeliveryMediums": ["EMAIL", "SMS"],
        "forceAliasCreation": True,
        "enableSMSMFA": True,
    }
    assert run(MIGRATION, responding(answer)) == MigratedUser(
        attributes={"email": "a@example.com"},
        confirmed=True,
        invite=False,
        mediums=("EMAIL", "SMS"),
        force_alias=True,
        sms_mfa=True,
    )


@pytest.mark.parametrize("status", ["RESET_REQUIRED", "UNCONFIRMED", "FORCE_CHANGE_PASSWORD", "ARCHIVED", None, ""])
def test_no_other_status_confirms(status: str | None) -> None:
    """CONFIRMED alone does (userpools.md 5.4)."""
    answer = {"userAttributes": {"email": "a@example.com"}, "finalUserStatus": status}
    assert not run(MIGRATION, responding(answer)).confirmed


@pytest.mark.parametrize("response", [{}, {"userAttributes": None}, {"userAttributes": {}}], ids=repr)
def test_an_empty_migration_knows_nobody(response: dict[str, Any]) -> None:
    """The user stays unknown."""
    assert run(MIGRATION, responding(response)) is None


@pytest.mark.parametrize(
    "answer",
    [FunctionFailed("Bad password"), CannotInvoke("AccessDeniedException", detail="functions"), {}, None],
    ids=["raised", "no answer", "no response", "null"],
)
def test_a_failed_migration_of_a_client_that_hides_who_exists_knows_nobody(
    answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The sign-in goes on as with any unknown name; the log alone tells (userpools.md 7.4)."""
    assert run(MIGRATION, Function(answer)) is None
    assert "UserMigration" in caplog.text or "Exception migrating user" in caplog.text


def test_a_message_is_what_the_function_wrote() -> None:
    """Placeholders as they are: they are filled in by whoever knows the code."""
    answer = {"emailSubject": "Hello", "emailMessage": "<b>{####}</b>", "smsMessage": "Use {####}"}
    assert run(source("CustomMessage_SignUp"), responding(answer)) == CustomText(
        email_subject="Hello", email_message="<b>{####}</b>", sms_message="Use {####}"
    )


def test_the_longest_messages_are_taken() -> None:
    """20,000 characters of mail, 140 of text message and of subject, whatever they take as bytes."""
    answer = {
        "emailSubject": "é" * 140,
        "emailMessage": "{####}" + "é" * 19_994,
        "smsMessage": "{####}" + "é" * 134,
    }
    assert run(source("CustomMessage_SignUp"), responding(answer)).sms_message == answer["smsMessage"]


LONG = "x" * 20_001


@pytest.mark.parametrize(
    ("medium", "judged", "other"),
    [
        ("EMAIL", {"emailMessage": "no code"}, {"smsMessage": "no code"}),
        ("EMAIL", {"emailMessage": "{####}" + LONG}, {"smsMessage": "{####}" + LONG}),
        ("SMS", {"smsMessage": "no code"}, {"emailMessage": "no code"}),
        ("SMS", {"smsMessage": "{####}" + "x" * 135}, {"emailMessage": "{####}" + LONG}),
        ("SMS", {"smsMessage": "{####}" + LONG}, {"emailSubject": "x" * 141}),
    ],
)
def test_a_message_is_judged_for_the_medium_in_use_alone(
    medium: Medium, judged: dict[str, str], other: dict[str, str]
) -> None:
    """Handlers in wide use put one long text into both members (measured.md 12)."""
    asking = message("CustomMessage_SignUp", medium)
    with pytest.raises(InvalidLambdaResponseException):
        run(asking, responding(judged))
    assert run(asking, responding(other))


def test_what_a_message_leaves_out_stays_the_pools() -> None:
    """None is not an empty text."""
    answer = {"emailSubject": "", "emailMessage": "", "smsMessage": None}
    assert run(source("CustomMessage_SignUp"), responding(answer)) == CustomText(
        email_subject=None, email_message=None, sms_message=None
    )


def test_a_subject_is_one_line() -> None:
    """Whatever a function puts into it (attacks.md 144)."""
    text = run(source("CustomMessage_SignUp"), responding({"emailSubject": "Hi\r\nBcc: a@b.c\x00\x85\u2028"}))
    assert text.email_subject == "Hi  Bcc: a@b.c   "


def test_a_link_takes_the_codes_place_where_the_pool_confirms_by_link() -> None:
    """In the mail of a sign-up alone."""
    pool = pool_with(VerificationMessageTemplate={"DefaultEmailOption": "CONFIRM_WITH_LINK"})
    linked = responding({"emailMessage": "Please {##Confirm##}"})
    assert run(source("CustomMessage_SignUp"), linked, pool=pool).email_message == "Please {##Confirm##}"
    with pytest.raises(InvalidLambdaResponseException):
        run(source("CustomMessage_ForgotPassword"), linked, pool=pool)


@pytest.mark.parametrize("answer", [None, "sent", {}, ECHO], ids=["null", "text", "empty", "echo"])
def test_what_a_sender_returns_is_not_looked_at(answer: Any) -> None:
    """It is told, not asked."""
    assert run(source("CustomEmailSender_SignUp"), Function(answer)) is None


@pytest.mark.parametrize("fault", [FunctionFailed("no"), CannotInvoke("no", detail="no")])
def test_a_sender_that_fails_is_told_as_it_is(fault: Exception) -> None:
    """Who sends decides what is tried again."""
    with pytest.raises(type(fault)):
        run(source("CustomSMSSender_SignUp"), Function(fault))


def test_an_empty_map_keeps_what_the_provider_said() -> None:
    """Anything else takes the place of all of it (Developer guide, "Inbound federation Lambda trigger")."""
    inbound = source("InboundFederation_ExternalProvider")
    assert run(inbound, responding({"userAttributesToMap": {}})) is None
    assert run(inbound, responding({"userAttributesToMap": {"email": "a@b.c", "level": 3}})) == {
        "email": "a@b.c",
        "level": "3",
    }


GROUPS = {"groupsToOverride": ["new"], "iamRolesToOverride": ["arn:role"], "preferredRole": "arn:role"}


def test_version_one_speaks_of_the_id_token_and_of_groups() -> None:
    """Claims are texts, and none of them reaches the access token (userpools.md 4.1)."""
    details = {
        "claimsToAddOrOverride": {"team": "engines", "gone": None},
        "claimsToSuppress": ["email"],
        "groupOverrideDetails": GROUPS,
    }
    assert run(
        source("TokenGeneration_Authentication"), responding({"claimsOverrideDetails": details})
    ) == TokenOverrides(
        id_claims={"team": "engines"},
        id_suppressed=frozenset({"email"}),
        groups=("new",),
        roles=("arn:role",),
        preferred_role="arn:role",
    )


@pytest.mark.parametrize("version", ["V2_0", "V3_0"])
def test_later_versions_speak_of_both_tokens(version: str) -> None:
    """Claims are JSON, but for attributes that have a form of their own in the ID token."""
    details = {
        "idTokenGeneration": {
            "claimsToAddOrOverride": {"levels": [1, 2.5, True, {"a": None}], "email_verified": True, "updated_at": 7},
            "claimsToSuppress": ["email"],
        },
        "accessTokenGeneration": {
            "claimsToAddOrOverride": {"tenant": {"id": 5}, "address": {"any": "form"}},
            "claimsToSuppress": ["cognito:groups"],
            "scopesToAdd": ["api/read"],
            "scopesToSuppress": ["aws.cognito.signin.user.admin"],
        },
    }
    asked = run(
        source("TokenGeneration_Authentication"),
        responding({"claimsAndScopeOverrideDetails": details}),
        pool=pool_with(version=version),
    )
    assert asked == TokenOverrides(
        id_claims={"levels": [1, 2.5, True, {"a": None}], "email_verified": "true", "updated_at": "7"},
        id_suppressed=frozenset({"email"}),
        access_claims={"tenant": {"id": 5}, "address": {"any": "form"}},
        access_suppressed=frozenset({"cognito:groups"}),
        scopes_added=("api/read",),
        scopes_suppressed=frozenset({"aws.cognito.signin.user.admin"}),
    )


@pytest.mark.parametrize(
    ("details", "groups"),
    [
        ({}, None),
        ({"groupOverrideDetails": None}, ()),
        ({"groupOverrideDetails": {}}, ()),
        ({"groupOverrideDetails": {"groupsToOverride": None}}, ()),
        ({"groupOverrideDetails": {"groupsToOverride": ["a", "b"]}}, ("a", "b")),
    ],
    ids=repr,
)
def test_groups_stay_where_nothing_is_said_and_go_where_nothing_is_given(
    details: dict[str, Any], groups: tuple[str, ...] | None
) -> None:
    """Empty or null suppresses them (userpools.md 4.1)."""
    asked = run(source("TokenGeneration_Authentication"), responding({"claimsOverrideDetails": details}))
    assert asked.groups == groups


def test_claims_that_no_token_could_hold_are_refused() -> None:
    """Nested as deeply as no encoder goes: an error of AWS's, not of ours."""
    nested: Any = []
    for _ in range(5_000):
        nested = [nested]
    details = {"accessTokenGeneration": {"claimsToAddOrOverride": {"deep": nested}}}
    one = next(one for one in SOURCES if one.name == "TokenGeneration_Authentication-V2")
    fault = refused(one, responding({"claimsAndScopeOverrideDetails": details}))
    assert isinstance(fault, InvalidLambdaResponseException)


@pytest.mark.parametrize(
    "details",
    [
        {"accessTokenGeneration": {"claimsToAddOrOverride": {"large": "x" * 70_000}}},
        {"accessTokenGeneration": {"scopesToAdd": ["x" * 35_000, "y" * 35_000]}},
        {"groupOverrideDetails": {"groupsToOverride": ["x" * 700] * 100}},
    ],
    ids=["claims", "scopes", "groups"],
)
def test_an_access_token_that_no_operation_would_take_is_refused(details: dict[str, Any]) -> None:
    """What is put into it is bounded, so that each token that is issued can be used; half of it is taken."""
    one = next(one for one in SOURCES if one.name == "TokenGeneration_Authentication-V2")
    fault = refused(one, responding({"claimsAndScopeOverrideDetails": details}))
    assert isinstance(fault, InvalidLambdaResponseException)
    half = {"accessTokenGeneration": {"claimsToAddOrOverride": {"large": "x" * 35_000}}}
    answer = responding({"claimsAndScopeOverrideDetails": half})
    assert len(run(one.ask, answer, pool=pool_with(version=one.version)).access_claims["large"]) == 35_000


def test_five_thousand_changes_are_taken() -> None:
    """One more is refused, above."""
    claims = {f"c{number}": "x" for number in range(5_000)}
    asked = run(
        source("TokenGeneration_Authentication"),
        responding({"claimsOverrideDetails": {"claimsToAddOrOverride": claims}}),
    )
    assert len(asked.id_claims) == 5_000
