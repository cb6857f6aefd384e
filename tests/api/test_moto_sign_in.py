"""What do moto's own tests ask of signing in, of tokens and of signing out, and is it answered so here? By moto's names.

Source: getmoto/moto, tests/test_cognitoidp (commit 0af643a, August 2026). Where AWS's
contract says otherwise this server keeps to the contract, and the case says what is answered instead (emulators.md 1).
"""

import json
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from pycognito.aws_srp import AWSSRP

from api.forge import claims_of
from api.people import held, update
from api.signing_in import SOME_A, begin, respond, srp_proof, srp_sign_in
from api.world import PASSWORD, ClientOfTests, PoolOfTests, World, refused

SECOND = "P2$Sword2"
ADMIN_FLOWS = ["ADMIN_NO_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH"]
LEGACY = {"ExplicitAuthFlows": ["ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH"]}
EMAIL = "test@moto.com"
SCHEMA = [{"Name": "myattr", "AttributeDataType": "String"}]


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool with somebody who has a password for good."""
    made = world.pool(Schema=SCHEMA)
    made.user("ada", given_name="Ada", custom_myattr="some val")
    return made


def hashed(client: ClientOfTests, name: str) -> str:
    """Return the secret hash of a name."""
    return str(AWSSRP.get_secret_hash(name, client.client_id, client.secret))


def first_password(client: ClientOfTests, flow: str, name: str = "ada") -> dict[str, Any]:
    """Sign in with a temporary password and choose one for good; return the tokens."""
    asked = begin(client, flow, admin=True, USERNAME=name, PASSWORD=PASSWORD)
    assert (asked["ChallengeName"], bool(asked["Session"])) == ("NEW_PASSWORD_REQUIRED", True)
    given = {"USERNAME": name, "NEW_PASSWORD": SECOND}
    answer = respond(client, "NEW_PASSWORD_REQUIRED", asked["Session"], admin=True, **given)
    tokens: dict[str, Any] = answer["AuthenticationResult"]
    return tokens


def refresh(client: ClientOfTests, tokens: dict[str, Any], *, admin: bool = False, **more: str) -> dict[str, Any]:
    """Sign in by a refresh token."""
    answer = begin(client, "REFRESH_TOKEN_AUTH", admin=admin, REFRESH_TOKEN=tokens["RefreshToken"], **more)
    result: dict[str, Any] = answer["AuthenticationResult"]
    return result


@pytest.mark.parametrize("door", ["SRP", "password"])
def test_a_temporary_password_is_replaced(world: World, door: str) -> None:
    """Stand for two of moto's cases.

    authorize_user_with_force_password_change_status,
    initiate_auth_USER_PASSWORD_AUTH_with_FORCE_CHANGE_PASSWORD_status.

    Otherwise: a client allows USER_PASSWORD_AUTH before it is used, and one that has a secret wants its hash.
    """
    pool = world.pool()
    client = pool.client()
    pool.user("ada", permanent=False)
    asked = srp_sign_in(client, "ada") if door == "SRP" else client.sign_in("ada")
    assert (asked["ChallengeName"], asked["ChallengeParameters"]["USER_ID_FOR_SRP"]) == ("NEW_PASSWORD_REQUIRED", "ada")
    assert "AuthenticationResult" not in asked
    answer = client.respond("NEW_PASSWORD_REQUIRED", asked["Session"], USERNAME="ada", NEW_PASSWORD=SECOND)
    tokens = answer["AuthenticationResult"]
    assert (tokens["TokenType"], {"AccessToken", "IdToken", "RefreshToken"} <= tokens.keys()) == ("Bearer", True)
    closed = pool.client(ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])
    sentence = "USER_PASSWORD_AUTH flow not enabled for this client"
    assert refused(partial(closed.sign_in, "ada")) == ("InvalidParameterException", sentence)


@pytest.mark.parametrize("flow", ADMIN_FLOWS)
def test_an_administrator_signs_in_for_somebody(world: World, flow: str) -> None:
    """Stand for eight of moto's cases.

    authentication_flow, group_in_access_token, scope_in_access_token, other_attributes_in_id_token, token_legitimacy,
    idtoken_contains_kid_header, get_user, update_user_attributes.

    Otherwise: ReadAttributes names what the schema has; a key of the pool's own signs, and the issuer is this server.
    """
    pool = world.pool(Schema=SCHEMA)
    shown = {"given_name": "Ada", "custom:myattr": "some val"}
    client = pool.client(ReadAttributes=list(shown))
    unknown = partial(pool.client, ReadAttributes=["no-such-attribute"])
    assert refused(unknown)[1] == "Invalid read attributes specified while creating a client"
    pool.user("ada", permanent=False, given_name="Ada", custom_myattr="some val")
    world.signed.create_group(UserPoolId=pool.pool_id, GroupName="swimmers")
    pool.admin("admin_add_user_to_group", "ada", GroupName="swimmers")
    tokens = first_password(client, flow)

    keys = KeySet.import_key_set(json.loads(world.get(f"/{pool.pool_id}/.well-known/jwks.json")[2]))
    access, identity = (
        jwt.decode(tokens[one], keys, algorithms=["RS256"]).claims for one in ("AccessToken", "IdToken")
    )
    for claims, use in ((access, "access"), (identity, "id")):
        assert (claims["iss"], claims["token_use"]) == (f"{world.url}/{pool.pool_id}", use)
        assert claims["cognito:groups"] == ["swimmers"]
        assert {"exp", "iat", "jti", "origin_jti"} <= claims.keys()
    assert (access["client_id"], access["username"]) == (client.client_id, "ada")
    assert access["scope"] == "aws.cognito.signin.user.admin"
    assert (identity["aud"], identity["cognito:username"]) == (client.client_id, "ada")
    assert {name: identity[name] for name in shown} == shown
    user = world.unsigned.get_user(AccessToken=tokens["AccessToken"])
    assert (user["Username"], {one["Name"] for one in user["UserAttributes"]}) == ("ada", {"sub", *shown})
    changed = {"family_name": "Doe", "given_name": "Jane"}
    update(world, tokens["AccessToken"], changed)
    assert {name: held(pool, "ada")[name] for name in changed} == changed


def test_each_door_has_its_flows(pool: PoolOfTests) -> None:
    """Stand for four of moto's cases.

    authentication_flow_invalid_flow, authentication_flow_invalid_user_flow, initiate_auth_invalid_auth_flow,
    initiate_auth_invalid_admin_auth_flow.

    Otherwise: AWS's list of flows is longer and is not written as Python writes one; a full stop ends the other
    sentence.
    """
    client = pool.client()
    given = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    for admin in (True, False):
        code, sentence = refused(partial(begin, client, "NO_SUCH_FLOW", admin=admin, **given))
        assert (
            code,
            sentence.startswith("1 validation error detected: Value 'NO_SUCH_FLOW' at 'authFlow' failed"),
        ) == (
            "InvalidParameterException",
            True,
        )
        assert "USER_AUTH" in sentence.partition("[")[2].rstrip("]").split(", ")
        flow = "USER_PASSWORD_AUTH" if admin else "ADMIN_USER_PASSWORD_AUTH"
        wrong = ("InvalidParameterException", "Initiate Auth method not supported.")
        assert refused(partial(begin, client, flow, admin=admin, **given)) == wrong


def test_tokens_of_one_sign_in_have_one_origin(pool: PoolOfTests) -> None:
    """jti_in_tokens, initiate_auth_REFRESH_TOKEN."""
    client = pool.client(GenerateSecret=True)
    tokens = srp_sign_in(client, "ada")["AuthenticationResult"]
    again = refresh(client, tokens, SECRET_HASH=hashed(client, "ada"))
    other = srp_sign_in(client, "ada")["AuthenticationResult"]
    claims = [claims_of(one[name]) for one in (tokens, again, other) for name in ("AccessToken", "IdToken")]
    assert all(UUID(one[name]) for one in claims for name in ("jti", "origin_jti"))
    assert len({one["jti"] for one in claims}) == 6
    origins = [one["origin_jti"] for one in claims]
    assert (len(set(origins[:4])), len(set(origins[4:])), origins[0] == origins[4]) == (1, 1, False)
    assert (claims[2]["username"], claims[2]["client_id"]) == ("ada", client.client_id)
    assert (claims[3]["sub"], claims[3]["cognito:username"], claims[3]["aud"]) == (
        claims[2]["sub"],
        "ada",
        client.client_id,
    )


def test_a_password_brings_tokens_without_addresses(pool: PoolOfTests) -> None:
    """initiate_auth_USER_PASSWORD_AUTH."""
    client = pool.client(GenerateSecret=True, **LEGACY)
    off = {"Enabled": False, "PreferredMfa": False}
    pool.admin("admin_set_user_mfa_preference", "ada", SoftwareTokenMfaSettings=off)
    seen = pool.admin("admin_get_user", "ada")
    assert not {"UserMFASettingList", "PreferredMfaSetting"} & seen.keys()
    tokens = client.sign_in("ada", SECRET_HASH=hashed(client, "ada"))["AuthenticationResult"]
    assert (tokens["TokenType"], bool(tokens["RefreshToken"])) == ("Bearer", True)
    for name in ("AccessToken", "IdToken"):
        assert "email" not in claims_of(tokens[name])


def test_who_is_named_by_an_address_is_a_sub_in_tokens(world: World) -> None:
    """initiate_auth_USER_PASSWORD_AUTH_with_email."""
    client = world.pool(UsernameAttributes=["email"]).client(GenerateSecret=True, **LEGACY)
    secret = {"SecretHash": hashed(client, EMAIL)}
    world.unsigned.sign_up(ClientId=client.client_id, Username=EMAIL, Password=PASSWORD, **secret)
    client.pool.admin("admin_confirm_sign_up", EMAIL)
    tokens = client.sign_in(EMAIL, SECRET_HASH=secret["SecretHash"])["AuthenticationResult"]
    access, identity = claims_of(tokens["AccessToken"]), claims_of(tokens["IdToken"])
    assert access["username"] == access["sub"] == identity["sub"] == identity["cognito:username"]
    assert ("email" in access, identity["email"]) == (False, EMAIL)


@pytest.mark.parametrize(("settings", "name"), [({}, "ada"), ({"UsernameAttributes": ["email"]}, EMAIL)])
def test_srp_begins_with_a_public_value(world: World, settings: dict[str, Any], name: str) -> None:
    """initiate_auth_USER_SRP_AUTH, initiate_auth_USER_SRP_AUTH_with_username_attributes.

    Otherwise: moto takes 32 digits for SRP_A; this is the group's, and who is named by an address is their sub in it.
    """
    pool = world.pool(**settings)
    client = pool.client(GenerateSecret=True)
    sub = pool.user(name)
    asked = client.initiate("USER_SRP_AUTH", USERNAME=name, SRP_A=SOME_A, SECRET_HASH=hashed(client, name))
    assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
    assert asked["ChallengeParameters"]["USER_ID_FOR_SRP"] == (sub if settings else name)
    assert asked["ChallengeParameters"]["USERNAME"] == (sub if settings else name)


def test_who_is_none_and_who_is_wrong(pool: PoolOfTests) -> None:
    """Stand for three of moto's cases.

    initiate_auth_USER_PASSWORD_AUTH_user_not_found, initiate_auth_USER_PASSWORD_AUTH_user_incorrect_password,
    initiate_auth_with_invalid_user_pool.
    """
    honest = pool.client(PreventUserExistenceErrors="LEGACY")
    assert refused(partial(honest.sign_in, "INVALIDUSER"))[0] == "UserNotFoundException"
    for client in (honest, pool.client()):
        assert refused(partial(client.sign_in, "ada", "NotAuthorizedException"))[0] == "NotAuthorizedException"
    nobody = ClientOfTests(pool.world, pool, "unknown", None)
    assert refused(partial(nobody.sign_in, "ada"))[0] == "ResourceNotFoundException"


def test_who_is_not_confirmed_does_not_sign_in(world: World) -> None:
    """initiate_auth_USER_PASSWORD_AUTH_unconfirmed_user, initiate_auth_for_unconfirmed_user, get_user_unconfirmed.

    Otherwise: SRP tells it to whoever proves the password, not before; and moto makes somebody with a token unconfirmed by
    hand, which no call does: who is unconfirmed has no token.
    """
    client = world.pool().client()
    client.sign_up("ada")
    assert refused(partial(client.sign_in, "ada"))[0] == "UserNotConfirmedException"
    assert refused(partial(srp_sign_in, client, "ada"))[0] == "UserNotConfirmedException"
    assert srp_proof(client, "ada")["PASSWORD_CLAIM_SIGNATURE"]


def test_a_secrets_hash_is_right(pool: PoolOfTests) -> None:
    """initiate_auth_with_invalid_secret_hash."""
    client = pool.client(GenerateSecret=True)
    ask = partial(client.initiate, "USER_SRP_AUTH", USERNAME="ada", SRP_A=SOME_A, SECRET_HASH="bm90LXRoZS1oYXNo")
    sentence = f"Unable to verify secret hash for client {client.client_id}"
    assert refused(ask) == ("NotAuthorizedException", sentence)


def test_who_is_disabled_does_not_sign_in(pool: PoolOfTests) -> None:
    """login_denied_if_account_disabled."""
    pool.admin("admin_disable_user", "ada")
    client = pool.client()
    disabled = ("NotAuthorizedException", "User is disabled.")
    assert refused(partial(client.sign_in, "ada")) == disabled
    asked = partial(begin, client, "ADMIN_USER_PASSWORD_AUTH", admin=True, USERNAME="ada", PASSWORD=PASSWORD)
    assert refused(asked) == disabled


@pytest.mark.parametrize("times", [1, 2])
def test_an_administrator_signs_somebody_out(pool: PoolOfTests, times: int) -> None:
    """admin_user_global_sign_out, admin_user_global_sign_out_twice, authenticate_with_signed_out_user."""
    client = pool.client()
    tokens = client.tokens("ada")
    for _ in range(times):
        pool.admin("admin_user_global_sign_out", "ada")
    for admin in (False, True):
        revoked = ("NotAuthorizedException", "Refresh Token has been revoked")
        assert refused(partial(refresh, client, tokens, admin=admin)) == revoked


def test_nobody_is_signed_out_who_is_none(pool: PoolOfTests) -> None:
    """admin_user_global_sign_out_unknown_userpool, admin_user_global_sign_out_unknown_user. Otherwise: `n/a` is no pool's id."""
    missing = ("UserNotFoundException", "User does not exist.")
    assert refused(partial(pool.admin, "admin_user_global_sign_out", "n/a")) == missing
    sign_out = partial(pool.world.signed.admin_user_global_sign_out, Username="ada")
    assert refused(partial(sign_out, UserPoolId="us-east-1_FooBar123"))[0] == "ResourceNotFoundException"
    code, sentence = refused(partial(sign_out, UserPoolId="n/a"))
    assert (code, "'n/a' at 'userPoolId'" in sentence) == ("InvalidParameterException", True)


@pytest.mark.parametrize("refreshed", [False, True])
def test_somebody_signs_out_everywhere(pool: PoolOfTests, *, refreshed: bool) -> None:
    """global_sign_out, admin_initiate_auth__use_access_token."""
    client, world = pool.client(), pool.world
    tokens = client.tokens("ada")
    token = (refresh(client, tokens, admin=True) if refreshed else tokens)["AccessToken"]
    assert world.unsigned.get_user(AccessToken=token)["Username"] == "ada"
    world.unsigned.global_sign_out(AccessToken=token)
    assert refused(partial(refresh, client, tokens)) == ("NotAuthorizedException", "Refresh Token has been revoked")
    assert refused(partial(world.unsigned.get_user, AccessToken=token))[0] == "NotAuthorizedException"


@pytest.mark.parametrize("operation", ["get_user", "global_sign_out", "update_user_attributes"])
def test_what_is_no_token_is_none(world: World, operation: str) -> None:
    """get_user_unknown_accesstoken, global_sign_out_unknown_accesstoken, update_user_attributes_unknown_accesstoken.

    Otherwise: moto's `n/a` has a sign that no token has, which the model refuses before anybody looks at it.
    """
    given = {"UserAttributes": [{"Name": "a", "Value": "b"}]} if operation == "update_user_attributes" else {}
    ask = partial(getattr(world.unsigned, operation), **given)
    assert refused(partial(ask, AccessToken="unknown")) == ("NotAuthorizedException", "Invalid Access Token")
    code, sentence = refused(partial(ask, AccessToken="n/a"))
    assert (code, "at 'accessToken'" in sentence) == ("InvalidParameterException", True)
    assert "n/a" not in sentence
