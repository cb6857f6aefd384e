"""Does boto3 work, unmodified? Signed and unsigned calls, its exception classes, paginators and dates."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from clients.factors import EMAIL_OTP, custom_pool, mfa_pool
from clients.serving import (
    USER_FLOWS,
    Server,
    code_for,
    new_client,
    new_pool,
    new_user,
    service,
    verified_claims,
)

PASSWORD = "Botocore-Pass-1"


def anybody(server: Server) -> Any:
    """Return a boto3 client without any keys."""
    return service(
        server,
        aws_access_key_id=None,
        aws_secret_access_key=None,
        config=Config(signature_version=UNSIGNED),
    )


def sign_in(server: Server, client_id: str, username: str, password: str) -> dict[str, Any]:
    """Sign in with a password and return the answer."""
    answer: dict[str, Any] = anybody(server).initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": username, "PASSWORD": password}
    )
    return answer


def test_somebody_without_keys_signs_up_and_in(server: Server) -> None:
    """The calls of users need no AWS keys, and the mailed code confirms."""
    pool_id = new_pool(server)
    client_id = new_client(server, pool_id)["ClientId"]
    idp = anybody(server)

    signed_up = idp.sign_up(
        ClientId=client_id,
        Username="bob",
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": "bob@example.com"}],
    )
    code = code_for(server, pool_id, "bob@example.com", "SignUp")
    idp.confirm_sign_up(ClientId=client_id, Username="bob", ConfirmationCode=code)
    tokens = sign_in(server, client_id, "bob", PASSWORD)["AuthenticationResult"]

    identity = verified_claims(server, pool_id, tokens["IdToken"])
    access = verified_claims(server, pool_id, tokens["AccessToken"])
    assert (identity["sub"], access["sub"]) == (signed_up["UserSub"], signed_up["UserSub"])
    assert (identity["token_use"], identity["aud"], identity["email_verified"]) == ("id", client_id, True)
    assert (access["token_use"], access["client_id"], access["username"]) == ("access", client_id, "bob")
    assert access["exp"] - access["iat"] == tokens["ExpiresIn"] == 3600
    assert idp.get_user(AccessToken=tokens["AccessToken"])["Username"] == "bob"


def test_a_temporary_password_must_be_changed(server: Server) -> None:
    """NEW_PASSWORD_REQUIRED comes with a session, and its answer gives tokens."""
    pool_id = new_pool(server)
    client_id = new_client(server, pool_id)["ClientId"]
    new_user(server, pool_id, "bob", "Temporary-Pass-1", permanent=False)

    challenge = sign_in(server, client_id, "bob", "Temporary-Pass-1")
    answer = anybody(server).respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName=challenge["ChallengeName"],
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": "bob", "NEW_PASSWORD": PASSWORD},
    )

    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert "AuthenticationResult" not in challenge
    assert verified_claims(server, pool_id, answer["AuthenticationResult"]["IdToken"])["cognito:username"] == "bob"


@pytest.mark.parametrize("flow", ["REFRESH_TOKEN_AUTH", "GetTokensFromRefreshToken"])
def test_a_refresh_token_gives_new_tokens_of_the_same_sign_in(server: Server, flow: str) -> None:
    """Both ways to refresh keep `auth_time` and `origin_jti` and give no new refresh token."""
    pool_id = new_pool(server)
    client_id = new_client(server, pool_id)["ClientId"]
    new_user(server, pool_id, "bob", PASSWORD)
    idp, tokens = anybody(server), sign_in(server, client_id, "bob", PASSWORD)["AuthenticationResult"]

    if flow == "REFRESH_TOKEN_AUTH":
        parameters = {"REFRESH_TOKEN": tokens["RefreshToken"]}
        answer = idp.initiate_auth(ClientId=client_id, AuthFlow=flow, AuthParameters=parameters)
    else:
        answer = idp.get_tokens_from_refresh_token(ClientId=client_id, RefreshToken=tokens["RefreshToken"])

    refreshed = answer["AuthenticationResult"]
    before, after = (verified_claims(server, pool_id, one["IdToken"]) for one in (tokens, refreshed))
    assert "RefreshToken" not in refreshed
    assert (before["auth_time"], before["origin_jti"]) == (after["auth_time"], after["origin_jti"])
    assert before["jti"] != after["jti"]


def test_errors_are_boto3s_own_exceptions(server: Server) -> None:
    """Error name, sentence, status and request id arrive where programs look for them."""
    pool_id = new_pool(server)
    client_id = new_client(server, pool_id)["ClientId"]
    new_user(server, pool_id, "bob", PASSWORD)
    idp = anybody(server)

    with pytest.raises(idp.exceptions.UsernameExistsException) as caught:
        idp.sign_up(ClientId=client_id, Username="bob", Password=PASSWORD)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match=r"Incorrect username or password\.$"):
        sign_in(server, client_id, "bob", "Wrong-Pass-1")
    with pytest.raises(idp.exceptions.UserNotFoundException, match=r"User does not exist\.$"):
        service(server).admin_get_user(UserPoolId=pool_id, Username="nobody")

    response = caught.value.response
    assert response["Error"] == {"Code": "UsernameExistsException", "Message": "User already exists"}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(response["ResponseMetadata"]["RequestId"]) == 36


def test_administration_needs_a_good_signature(server: Server) -> None:
    """No key, an unknown key and a wrong secret are three different refusals."""
    refusals = {
        "MissingAuthenticationTokenException": anybody(server),
        "UnrecognizedClientException": service(server, aws_access_key_id="AKIAUNKNOWNUNKNOWN00"),
        "InvalidSignatureException": service(server, aws_secret_access_key="not-the-secret"),
    }

    for name, idp in refusals.items():
        with pytest.raises(ClientError) as caught:
            idp.list_user_pools(MaxResults=1)
        assert caught.value.response["Error"]["Code"] == name


def test_a_pool_lives_in_the_region_of_the_signature(server: Server) -> None:
    """The region comes from the credential scope, so one endpoint serves them all, each with its own pools."""
    in_frankfurt, in_oregon = service(server), service(server, region="us-west-2")

    pool = in_oregon.create_user_pool(PoolName="far away")["UserPool"]
    listed = in_frankfurt.get_paginator("list_user_pools").paginate(MaxResults=60)

    assert pool["Id"].startswith("us-west-2_")
    assert pool["Arn"] == f"arn:aws:cognito-idp:us-west-2:000000000000:userpool/{pool['Id']}"
    assert pool["Id"] not in [one["Id"] for page in listed for one in page["UserPools"]]


def test_a_pool_reads_back_as_it_was_made(server: Server) -> None:
    """Describe gives what create was told, dates as dates, and an update with the description is accepted."""
    idp = service(server)
    policies = {"PasswordPolicy": {"MinimumLength": 12, "RequireSymbols": False}}
    pool_id = new_pool(server, PoolName="described", Policies=policies)

    pool = idp.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    idp.update_user_pool(UserPoolId=pool_id, Policies=pool["Policies"], AutoVerifiedAttributes=["email"])
    updated = idp.describe_user_pool(UserPoolId=pool_id)["UserPool"]

    assert (pool["Name"], pool["AutoVerifiedAttributes"]) == ("described", ["email"])
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert updated["Policies"] == pool["Policies"]
    assert updated["CreationDate"] == pool["CreationDate"]
    assert abs(datetime.now(UTC) - pool["CreationDate"]) < timedelta(hours=1)


def test_a_client_reads_back_and_is_updated_with_its_own_description(server: Server) -> None:
    """What describe_user_pool_client gives can be given back to update_user_pool_client: nothing is null or empty."""
    idp = service(server)
    pool_id = new_pool(server)
    client_id = new_client(server, pool_id, ClientName="round trip")["ClientId"]
    read_only = {"LastModifiedDate", "CreationDate", "ClientSecret"}

    described = idp.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"]
    idp.update_user_pool_client(**{name: value for name, value in described.items() if name not in read_only})
    again = idp.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"]

    assert sorted(described["ExplicitAuthFlows"]) == sorted(USER_FLOWS)
    assert again | {"LastModifiedDate": 0} == described | {"LastModifiedDate": 0}


def test_paginators_walk_all_users_once(server: Server) -> None:
    """The list_users paginator gives every user once, whatever the page size, and filters by attribute."""
    pool_id = new_pool(server)
    names = [f"user{number}" for number in range(5)]
    for name in names:
        new_user(server, pool_id, name, PASSWORD, permanent=False)
    paginator = service(server).get_paginator("list_users")

    pages = list(paginator.paginate(UserPoolId=pool_id, PaginationConfig={"PageSize": 2}))
    found = paginator.paginate(UserPoolId=pool_id, Filter='email = "user3@example.com"').build_full_result()["Users"]

    assert sorted(user["Username"] for page in pages for user in page["Users"]) == names
    assert len(pages) >= 3
    assert [user["Username"] for user in found] == ["user3"]
    assert found[0]["UserStatus"] == "FORCE_CHANGE_PASSWORD"


def test_paginators_walk_all_groups_once(server: Server) -> None:
    """The list_groups paginator gives every group once, whatever the page size."""
    pool_id, idp = new_pool(server), service(server)
    names = [f"group{number}" for number in range(5)]
    for name in names:
        idp.create_group(UserPoolId=pool_id, GroupName=name)

    pages = list(idp.get_paginator("list_groups").paginate(UserPoolId=pool_id, PaginationConfig={"PageSize": 2}))

    assert sorted(group["GroupName"] for page in pages for group in page["Groups"]) == names
    assert len(pages) >= 3


def test_a_forgotten_password_is_replaced_and_ends_old_sessions(server: Server) -> None:
    """The mailed code sets a new password, the old one is refused, and tokens from before are revoked."""
    pool_id = new_pool(server)
    client_id = new_client(server, pool_id)["ClientId"]
    new_user(server, pool_id, "bob", PASSWORD)
    idp, before = anybody(server), sign_in(server, client_id, "bob", PASSWORD)["AuthenticationResult"]

    delivery = idp.forgot_password(ClientId=client_id, Username="bob")["CodeDeliveryDetails"]
    code = code_for(server, pool_id, "bob@example.com", "ForgotPassword")
    idp.confirm_forgot_password(ClientId=client_id, Username="bob", ConfirmationCode=code, Password="Renewed-Pass-2")

    assert delivery == {"Destination": "b***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert "AuthenticationResult" in sign_in(server, client_id, "bob", "Renewed-Pass-2")
    with pytest.raises(idp.exceptions.NotAuthorizedException):
        sign_in(server, client_id, "bob", PASSWORD)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Access Token has been revoked"):
        idp.get_user(AccessToken=before["AccessToken"])


def test_a_pools_own_challenges_decide_who_gets_tokens(server: Server) -> None:
    """Handlers for Lambda ask, a wrong answer leads to the next question, and a Session is good for one answer."""
    pool = custom_pool(server, "riddle")
    new_user(server, pool["poolId"], "bob", PASSWORD)
    idp, client_id = anybody(server), pool["clientId"]

    def answer(challenge: dict[str, Any], given: str) -> Any:
        responses = {"USERNAME": "bob", "ANSWER": given}
        named = {"ChallengeName": challenge["ChallengeName"], "Session": challenge["Session"]}
        return idp.respond_to_auth_challenge(ClientId=client_id, ChallengeResponses=responses, **named)

    first = idp.initiate_auth(ClientId=client_id, AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": "bob"})
    second = answer(first, "red")
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="session can only be used once"):
        answer(first, "blue")
    tokens = answer(second, "cat")["AuthenticationResult"]

    assert first["ChallengeParameters"] == {"USERNAME": "bob", "riddle": "red or blue?"}
    assert second["ChallengeParameters"] == {"USERNAME": "bob", "riddle": "cat or dog?"}
    assert verified_claims(server, pool["poolId"], tokens["IdToken"])["cognito:username"] == "bob"


def test_a_mailed_code_is_the_second_factor(server: Server) -> None:
    """A pool that demands MFA sends a code to the address; a wrong one leaves the Session to try again."""
    pool = mfa_pool(server, EMAIL_OTP, mode="ON")
    new_user(server, pool["poolId"], "bob", PASSWORD)
    idp, client_id = anybody(server), pool["clientId"]

    asked = sign_in(server, client_id, "bob", PASSWORD)
    code = code_for(server, pool["poolId"], "bob@example.com", "Authentication")

    def answer(given: str) -> Any:
        responses = {"USERNAME": "bob", "EMAIL_OTP_CODE": given}
        named = {"ChallengeName": "EMAIL_OTP", "Session": asked["Session"]}
        return idp.respond_to_auth_challenge(ClientId=client_id, ChallengeResponses=responses, **named)

    with pytest.raises(idp.exceptions.CodeMismatchException):
        answer(f"{(int(code) + 1) % 10**8:08}")
    tokens = answer(code)["AuthenticationResult"]

    assert asked["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "b***@e***"
    assert verified_claims(server, pool["poolId"], tokens["AccessToken"])["username"] == "bob"


def test_sts_says_who_signs(server: Server) -> None:
    """GetCallerIdentity, the first call of many tools, answers at the same endpoint."""
    identity = service(server, "sts").get_caller_identity()

    assert identity["Account"] == "000000000000"
    assert identity["Arn"].startswith("arn:aws:iam::000000000000:")
    assert identity["UserId"]


def test_another_service_of_aws_is_refused_by_name(server: Server) -> None:
    """AWS_ENDPOINT_URL sends every service here: one that is not ours gets an error that names it."""
    with pytest.raises(ClientError) as caught:
        service(server, "dynamodb").list_tables()

    assert "dynamodb" in caught.value.response["Error"]["Message"].lower()
