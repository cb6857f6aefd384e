"""Does the endpoint speak AWS JSON 1.1 as clients expect? Real ASGI calls against a toy table."""

import json
import logging

import pytest

from poolkeeper.aws.generated import cognito_idp
from poolkeeper.aws.operation import About, Who, service
from wire.wire_client import POOL, Api

SIGN_UP = {"ClientId": "abc", "Username": "alice", "Password": "Passw0rd!"}


def test_a_success() -> None:
    """200, the JSON content type, a request id, and a body without what is not set."""
    api = Api()
    answer = api.ask("SignUp", SIGN_UP)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert answer.json == {"UserConfirmed": False, "UserSub": "s"}
    assert len(answer.headers["x-amzn-requestid"]) == 36
    assert answer.headers["content-length"] == str(len(answer.body))


def test_the_operation_is_handed_what_was_sent() -> None:
    """The request is typed; the call carries the request id, the time, the address and no caller."""
    api = Api()
    answer = api.ask("SignUp", SIGN_UP | {"UserAttributes": [{"Name": "email", "Value": "a@b.example"}]})
    ((call, request),) = api.calls
    assert isinstance(request, cognito_idp.SignUpRequest)
    assert request.user_attributes == [cognito_idp.AttributeType(name="email", value="a@b.example")]
    assert call.request_id == answer.headers["x-amzn-requestid"]
    assert (call.caller, call.region, call.client_address, call.now) == (None, None, "127.0.0.1", api.clock.at)


def test_an_operation_without_output_answers_nothing() -> None:
    """DeleteUser has no output shape: an empty body."""
    answer = Api().ask("DeleteUser", {"AccessToken": "abc"})
    assert (answer.status, answer.body) == (200, b"")


def test_an_output_without_members_is_an_empty_object() -> None:
    """ConfirmSignUp has an output shape, of which nothing is set: `{}`."""
    body = {"ClientId": "abc", "Username": "alice", "ConfirmationCode": "123456"}
    assert Api().ask("ConfirmSignUp", body).body == b"{}"


def test_an_error() -> None:
    """400, the name in body and header, the sentence in the body whole and in the header as far as it is safe there."""
    answer = Api().ask("GetUser", {"AccessToken": "abc"})
    assert answer.status == 400
    assert answer.json == {"__type": "UsernameExistsException", "message": "Uživatel\r\nexists"}
    assert answer.headers["x-amzn-errortype"] == "UsernameExistsException:"
    assert answer.headers["x-amzn-errormessage"] == "U ivatel exists"
    assert b"private" not in answer.body


def test_limits_are_checked_before_the_operation_runs() -> None:
    """A violated limit is InvalidParameterException and the operation never hears of it."""
    api = Api()
    answer = api.ask("SignUp", {"Username": "alice"})
    assert answer.error == "InvalidParameterException"
    assert answer.json["message"].startswith("1 validation error detected: Value null at 'clientId'")
    assert api.calls == []


def test_an_accident_tells_nothing_but_the_request_id(caplog: pytest.LogCaptureFixture) -> None:
    """An exception of ours is 500 InternalErrorException; its words are in the log alone."""
    api = Api()
    answer = api.ask_signed("ListUsers", {"UserPoolId": POOL})
    assert (answer.status, answer.error) == (500, "InternalErrorException")
    assert "SELECT" not in answer.body.decode()
    assert answer.headers["x-amzn-requestid"] in answer.json["message"]
    assert "SELECT secret" in caplog.text


def test_a_database_that_is_away_is_worth_another_try(caplog: pytest.LogCaptureFixture) -> None:
    """500 InternalErrorException, on which every SDK tries again; no address, no traceback."""
    caplog.set_level(logging.DEBUG, logger="poolkeeper")
    api = Api()
    answer = api.ask_signed("ListGroups", {"UserPoolId": POOL})
    assert (answer.status, answer.error) == (500, "InternalErrorException")
    assert answer.json["message"] == "The service is not available for a moment. Try again."
    assert caplog.text == ""
    assert "10.0.0.1" in api.outcomes[0].detail


@pytest.mark.parametrize("target", ["AWSCognitoIdentityProviderService.Nothing", "AWSCognitoIdentityProviderService"])
def test_an_unknown_operation(target: str) -> None:
    """400 UnknownOperationException."""
    answer = Api().send(b"{}", [("x-amz-target", target)])
    assert (answer.status, answer.error) == (400, "UnknownOperationException")


def test_no_target_at_all() -> None:
    """A request that names no operation is told so."""
    answer = Api().send(b"{}", [])
    assert (answer.status, answer.error) == (400, "UnknownOperationException")


def test_another_service_is_named() -> None:
    """A client that sends all AWS services here learns which of them is not here."""
    answer = Api().ask("DynamoDB_20120810.ListTables", b"{}")
    assert answer.error == "UnknownOperationException"
    assert "does not serve DynamoDB_20120810" in answer.json["message"]


def test_what_is_not_built_says_so_after_authentication() -> None:
    """An operation of the model without a function: 501, but only to those who may ask."""
    api = Api()
    assert api.ask("CreateUserPool", {"PoolName": "p"}).error == "MissingAuthenticationTokenException"
    answer = api.ask_signed("CreateUserPool", {"PoolName": "p"})
    assert (answer.status, answer.error) == (501, "NotImplementedException")
    assert "CreateUserPool" in answer.json["message"]
    assert api.ask("ForgotPassword", b"{}").error == "NotImplementedException"


def test_an_empty_body_is_an_empty_object() -> None:
    """boto3 never sends one, others do."""
    assert "Value null at 'clientId'" in Api().ask("SignUp", b"").json["message"]


def test_nulls_count_as_absent() -> None:
    """At any depth, in members and in maps; a required one is missing then."""
    api = Api()
    body = SIGN_UP | {
        "SecretHash": None,
        "UserAttributes": [{"Name": "email", "Value": None}],
        "ClientMetadata": {"a": None, "b": "null"},
        "Unknown": None,
    }
    assert api.ask("SignUp", body).status == 200
    request = api.calls[0][1]
    assert request.secret_hash is None
    assert request.user_attributes == [cognito_idp.AttributeType(name="email")]
    assert request.client_metadata == {"b": "null"}
    assert "Value null at 'username'" in api.ask("SignUp", SIGN_UP | {"Username": None}).json["message"]


def test_nulls_in_documents_are_the_callers() -> None:
    """A document is stored as it came: its nulls mean something to whoever wrote them."""
    api = Api()
    body = {"UserPoolId": POOL, "ClientId": "abc", "Settings": {"components": {"form": None}}, "Assets": None}
    assert api.ask_signed("CreateManagedLoginBranding", body).status == 200
    assert json.loads(bytes(api.calls[0][1].settings)) == {"components": {"form": None}}


def test_unknown_members_are_ignored() -> None:
    """A newer SDK may send what this model does not know."""
    assert Api().ask("SignUp", SIGN_UP | {"Newest": {"deep": [1, 2]}}).status == 200


def test_the_preflight() -> None:
    """A browser may ask whether it may ask, with all headers that Amplify and the SDK send."""
    answer = Api().send(b"", [("origin", "https://app.example")], method="OPTIONS")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-max-age"] == "172800"
    allowed = answer.headers["access-control-allow-headers"].split(",")
    needed = "authorization content-type x-amz-target x-amz-user-agent x-amz-date x-amz-security-token"
    assert set(needed.split()) <= set(allowed)
    assert {"x-amz-content-sha256", "amz-sdk-invocation-id", "amz-sdk-request", "cache-control"} <= set(allowed)


@pytest.mark.parametrize("operation", ["SignUp", "GetUser", "Nothing", "ListUsers"])
def test_every_answer_may_be_read_by_a_browser(operation: str) -> None:
    """Success or error, known or not: the CORS headers are there."""
    answer = Api().ask(operation, SIGN_UP)
    assert answer.headers["access-control-allow-origin"] == "*"
    exposed = answer.headers["access-control-expose-headers"].lower()
    assert exposed == "x-amzn-requestid,x-amzn-errortype,x-amzn-errormessage,date"


def test_every_request_is_told_to_the_log_once() -> None:
    """Operation, service, pool, outcome and status; nothing of the content."""
    api = Api()
    api.ask("SignUp", SIGN_UP)
    api.ask_signed("ListUsers", {"UserPoolId": POOL})
    api.ask("Nothing", b"{}")
    told = [(told.service, told.operation, told.pool_id, told.outcome, told.status) for told in api.outcomes]
    assert told == [
        ("cognito-idp", "SignUp", POOL, "Success", 200),
        ("cognito-idp", "ListUsers", POOL, "InternalErrorException", 500),
        ("", "", "", "UnknownOperationException", 400),
    ]
    assert len({told.request_id for told in api.outcomes}) == 3
    assert all(told.microseconds >= 0 for told in api.outcomes)


def test_another_model_has_operations_of_its_own() -> None:
    """cognito-identity is served at the same door, by its own prefix and with its own name for violated limits."""
    api = Api()
    assert api.ask("AWSCognitoIdentityService.GetId", {"IdentityPoolId": "us-east-1:0"}).body == b"{}"
    answer = api.ask("AWSCognitoIdentityService.GetId", {"IdentityPoolId": POOL})
    assert answer.error == "ValidationException"


def test_a_table_refuses_what_the_model_does_not_have() -> None:
    """A misspelt or a repeated row is found at start."""
    with pytest.raises(ValueError, match="SignUpp"):
        service(cognito_idp.SERVICE, ("SignUpp", Who.PUBLIC, About.ALL, None))
    with pytest.raises(ValueError, match="SignUp"):
        service(cognito_idp.SERVICE, ("SignUp", Who.PUBLIC, About.ALL, None), ("SignUp", Who.IAM, About.ALL, None))


def test_a_table_denies_by_default() -> None:
    """What has no row needs a signature, unless the model says otherwise."""
    operations = service(cognito_idp.SERVICE).operations
    assert sum(operation.who is Who.IAM for operation in operations.values()) == 119
    assert all(operation.run is None for operation in operations.values())
