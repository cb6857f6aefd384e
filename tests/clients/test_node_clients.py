"""Do the JavaScript clients work, unmodified? Each tells its story in a node program; what it got is checked here."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from clients.serving import (
    ACCESS_KEY_ID,
    REGION,
    SECRET_ACCESS_KEY,
    USER_FLOWS,
    Server,
    new_client,
    new_pool,
    new_user,
    published_keys,
    service,
    serving,
    verified_claims,
)
from clients.telling import Tell
from server import program


def email_pool(server: Server) -> dict[str, Any]:
    """Make a pool where people sign in with an e-mail address, an app client, and a guest with a temporary password."""
    pool_id = new_pool(server, UsernameAttributes=["email"])
    guest = {"email": "guest@example.com", "password": "Temporary-Pass-1"}
    new_user(server, pool_id, guest["email"], guest["password"], permanent=False)
    return {"poolId": pool_id, "clientId": new_client(server, pool_id)["ClientId"], "invited": guest}


def assert_revoked(server: Server, client_id: str, tokens: dict[str, str]) -> None:
    """Check that neither the access token nor the refresh token of a session that has ended is worth anything."""
    idp = service(server)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Access Token has been revoked"):
        idp.get_user(AccessToken=tokens["AccessToken"])
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Refresh Token has been revoked"):
        idp.get_tokens_from_refresh_token(ClientId=client_id, RefreshToken=tokens["RefreshToken"])


def assert_same_session(server: Server, pool_id: str, first: dict[str, str], later: dict[str, str]) -> None:
    """Check that a refresh gave new tokens of the same sign-in: `auth_time` and `origin_jti` stay."""
    for name in ("IdToken", "AccessToken"):
        before, after = (verified_claims(server, pool_id, tokens[name]) for tokens in (first, later))
        assert before["jti"] != after["jti"]
        assert [before[claim] for claim in ("sub", "auth_time", "origin_jti")] == [
            after[claim] for claim in ("sub", "auth_time", "origin_jti")
        ]


def test_the_aws_sdk_for_javascript_tells_its_story(server: Server, tell: Tell) -> None:
    """The AWS SDK for JavaScript signs up, recovers, administers, lists, and knows our errors as its classes."""
    plan = {"Name": "plan", "AttributeDataType": "String", "Mutable": True}
    pool_id = new_pool(server, Schema=[plan])
    flows = [*USER_FLOWS, "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    client_id = new_client(
        server,
        pool_id,
        ExplicitAuthFlows=flows,
        ReadAttributes=["email", "email_verified", "nickname", "custom:plan"],
        WriteAttributes=["email", "nickname", "custom:plan"],
    )["ClientId"]
    confidential = new_client(server, pool_id, GenerateSecret=True)

    told = tell(
        "aws_sdk.mjs",
        server,
        poolId=pool_id,
        clientId=client_id,
        secretClientId=confidential["ClientId"],
        clientSecret=confidential["ClientSecret"],
        accessKeyId=ACCESS_KEY_ID,
        secretAccessKey=SECRET_ACCESS_KEY,
    )

    identity = verified_claims(server, pool_id, told["recovered"]["IdToken"])
    assert identity["sub"] == told["sub"]
    assert identity["aud"] == client_id
    assert identity["cognito:username"] == "ada"
    assert identity["custom:plan"] == "gold"
    assert identity["email_verified"] is True
    assert (
        verified_claims(server, pool_id, told["confidential"]["AccessToken"])["client_id"] == confidential["ClientId"]
    )
    assert verified_claims(server, pool_id, told["administered"]["AccessToken"])["username"] == "grace"
    assert_same_session(server, pool_id, told["tokens"], told["refreshed"])


def test_amazon_cognito_identity_js_tells_its_story(server: Server, tell: Tell) -> None:
    """amazon-cognito-identity-js signs up, in by SRP with an e-mail address, refreshes, recovers, and signs out."""
    facts = email_pool(server)
    pool_id = facts["poolId"]

    told = tell("identity_js.mjs", server, **facts)

    identity = verified_claims(server, pool_id, told["signedIn"]["IdToken"])
    assert (identity["sub"], identity["cognito:username"]) == (told["sub"], told["sub"])
    assert identity["email"] == "niklas@example.com"
    access = verified_claims(server, pool_id, told["signedIn"]["AccessToken"])
    assert (access["token_use"], access["scope"]) == ("access", "aws.cognito.signin.user.admin")
    assert verified_claims(server, pool_id, told["refreshed"]["IdToken"])["nickname"] == "Niklas"
    assert verified_claims(server, pool_id, told["invited"]["IdToken"])["nickname"] == "Guest"
    assert_same_session(server, pool_id, told["signedIn"], told["refreshed"])
    assert_revoked(server, facts["clientId"], told["signedOut"])


def test_amplify_tells_its_story(server: Server, tell: Tell) -> None:
    """Amplify signs up, in by SRP, refreshes by GetTokensFromRefreshToken, recovers, and its sign-outs revoke."""
    facts = email_pool(server)
    pool_id, idp = facts["poolId"], service(server)

    told = tell("amplify.mjs", server, **facts)

    identity = verified_claims(server, pool_id, told["automatic"]["IdToken"])
    assert (identity["sub"], identity["email"]) == (told["sub"], "amelie@example.com")
    assert verified_claims(server, pool_id, told["refreshed"]["IdToken"])["nickname"] == "Amélie"
    assert_same_session(server, pool_id, told["automatic"], told["refreshed"])
    assert_revoked(server, facts["clientId"], told["recovered"])
    assert verified_claims(server, pool_id, told["invited"]["IdToken"])["email"] == "guest@example.com"
    with pytest.raises(idp.exceptions.UserNotFoundException):
        idp.admin_get_user(UserPoolId=pool_id, Username="guest@example.com")


def signed_in(server: Server, pool_id: str, client_id: str) -> dict[str, str]:
    """Make a user, sign in, and return the tokens."""
    new_user(server, pool_id, "vera", "Verify-My-Tokens-1")
    answer = service(server).initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "vera", "PASSWORD": "Verify-My-Tokens-1"},
    )
    tokens: dict[str, str] = answer["AuthenticationResult"]
    return tokens


def test_aws_jwt_verify_fetches_our_keys_over_the_development_tls_listener(server: Server, tell: Tell) -> None:
    """The generic verifier of aws-jwt-verify takes our issuer, and the keys over https, which it insists on."""
    pool_id = new_pool(server)
    client_id = new_client(server, pool_id)["ClientId"]

    told = tell(
        "jwt_verify.mjs",
        server,
        verifier="generic",
        poolId=pool_id,
        clientId=client_id,
        tokens=signed_in(server, pool_id, client_id),
        issuer=f"{server.endpoint}/{pool_id}",
        jwksUri=f"{server.tls_endpoint}/{pool_id}/.well-known/jwks.json",
    )

    assert told["id"]["cognito:username"] == "vera"
    assert told["access"]["username"] == "vera"


def test_cognito_jwt_verifier_accepts_tokens_of_a_pool_with_the_aws_issuer(server: Server, tell: Tell) -> None:
    """CognitoJwtVerifier, which knows no issuer but AWS's, accepts tokens in that form with the keys handed over."""
    pool_id = new_pool(server)
    client_id = new_client(server, pool_id)["ClientId"]
    program.told(server.place, "pool", "set", pool_id, "issuer=aws")

    told = tell(
        "jwt_verify.mjs",
        server,
        verifier="cognito",
        poolId=pool_id,
        clientId=client_id,
        tokens=signed_in(server, pool_id, client_id),
        jwks=published_keys(server, pool_id),
    )

    assert told["id"]["iss"] == f"https://cognito-idp.{REGION}.amazonaws.com/{pool_id}"
    assert told["access"]["iss"] == told["id"]["iss"]


def test_the_aws_issuer_can_be_every_pools(tmp_path: Path) -> None:
    """The server's own setting presents AWS's form for pools that say nothing else."""
    with serving(tmp_path, issuer="aws") as server:
        pool_id = new_pool(server)
        discovery = httpx.get(f"{server.endpoint}/{pool_id}/.well-known/openid-configuration", trust_env=False).json()

    assert discovery["issuer"] == f"https://cognito-idp.{REGION}.amazonaws.com/{pool_id}"
