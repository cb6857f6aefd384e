"""What PreTokenGeneration changes in tokens that clients get: claims, groups and scopes, by the version of its event."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.own_code import OwnCode, own_code
from api.signing_in import count_of_sessions
from api.world import PASSWORD, ClientOfTests, World, refused

NAME = "PreTokenGeneration"
ADMIN_SCOPE = "aws.cognito.signin.user.admin"
# fmt: off
RESERVED = [
    "sub", "iss", "exp", "iat", "nbf", "jti", "origin_jti", "token_use", "auth_time", "event_id", "aud", "client_id",
    "username", "cognito:username", "cognito:groups", "cognito:roles", "identities", "acr", "amr", "azp", "nonce",
    "at_hash", "device_key", "version", "scope", "dev:x",
]
# fmt: on


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pool."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def client_of(world: World, code: OwnCode, version: str, response: Any, **settings: Any) -> ClientOfTests:
    """Make a pool with `ada`, in group `readers`, whose PreTokenGeneration answers `response`."""
    arn = code.function(NAME, f"event['response'] = {response!r}" if response is not None else "pass")
    pool = world.pool(LambdaConfig={"PreTokenGenerationConfig": {"LambdaVersion": version, "LambdaArn": arn}})
    pool.user("ada", email="ada@example.com")
    world.signed.create_group(UserPoolId=pool.pool_id, GroupName="readers", RoleArn="arn:aws:iam::000000000000:role/r")
    pool.admin("admin_add_user_to_group", "ada", GroupName="readers")
    return pool.client(**settings)


def claims(token: str) -> dict[str, Any]:
    """Return the claims of a token."""
    body = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return decoded


def both(tokens: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the claims of the ID token and of the access token."""
    return claims(tokens["IdToken"]), claims(tokens["AccessToken"])


def test_version_one_changes_the_id_token(world: World, code: OwnCode) -> None:
    """Claims come, change and go there; the access token is left alone."""
    details = {"claimsToAddOrOverride": {"team": "engines", "email_verified": "true"}, "claimsToSuppress": ["email"]}
    client = client_of(world, code, "V1_0", {"claimsOverrideDetails": details})
    identity, access = both(client.tokens("ada"))
    assert (identity["team"], identity["email_verified"]) == ("engines", True)
    assert "email" not in identity
    assert "team" not in access
    assert access["cognito:groups"] == ["readers"]


def test_version_one_replaces_groups_in_both_tokens(world: World, code: OwnCode) -> None:
    """The one thing that it changes in the access token."""
    groups = {"groupsToOverride": ["a", "b"], "iamRolesToOverride": ["arn:a"], "preferredRole": "arn:a"}
    client = client_of(world, code, "V1_0", {"claimsOverrideDetails": {"groupOverrideDetails": groups}})
    identity, access = both(client.tokens("ada"))
    assert identity["cognito:groups"] == access["cognito:groups"] == ["a", "b"]
    assert (identity["cognito:roles"], identity["cognito:preferred_role"]) == (["arn:a"], "arn:a")
    assert "cognito:roles" not in access


def test_the_event_tells_of_groups_and_their_roles(world: World, code: OwnCode) -> None:
    """As the tokens would: names, roles, the preferred one (userpools.md 6.1)."""
    client = client_of(world, code, "V1_0", None)
    client.tokens("ada")
    (event,) = code.told(NAME)
    assert event["version"] == "1"
    role = "arn:aws:iam::000000000000:role/r"
    assert event["request"]["groupConfiguration"] == {
        "groupsToOverride": ["readers"],
        "iamRolesToOverride": [role],
        "preferredRole": role,
    }
    assert event["response"] == {"claimsOverrideDetails": None}
    assert "scopes" not in event["request"]


def test_the_event_of_a_user_without_groups_has_empty_ones(world: World, code: OwnCode) -> None:
    """Lists without anything in them, and null for the preferred role."""
    client = client_of(world, code, "V1_0", None)
    client.pool.user("loner")
    client.tokens("loner")
    assert code.told(NAME)[0]["request"]["groupConfiguration"] == {
        "groupsToOverride": [],
        "iamRolesToOverride": [],
        "preferredRole": None,
    }


@pytest.mark.parametrize(("version", "told"), [("V2_0", "2"), ("V3_0", "3")])
def test_later_versions_change_both_tokens(world: World, code: OwnCode, version: str, told: str) -> None:
    """Claims of any JSON, scopes, and the audience of the access token."""
    details = {
        "idTokenGeneration": {"claimsToAddOrOverride": {"levels": [1, 2.5, True], "nested": {"a": [None]}}},
        "accessTokenGeneration": {
            "claimsToAddOrOverride": {"tenant": {"id": 5}, "aud": "CLIENT"},
            "claimsToSuppress": ["cognito:groups"],
            "scopesToAdd": ["api/read", "openid"],
        },
    }
    client = client_of(world, code, version, {"claimsAndScopeOverrideDetails": details})
    identity, access = both(client.tokens("ada"))
    assert (identity["levels"], identity["nested"]) == ([1, 2.5, True], {"a": [None]})
    assert identity["cognito:groups"] == ["readers"]
    assert access["tenant"] == {"id": 5}
    assert access["scope"] == f"{ADMIN_SCOPE} api/read openid"
    assert "cognito:groups" not in access
    assert "aud" not in access
    (event,) = code.told(NAME)
    assert event["version"] == told
    assert event["request"]["scopes"] == [ADMIN_SCOPE]
    assert event["response"] == {"claimsAndScopeOverrideDetails": None}


def test_what_identifies_cannot_be_changed(world: World, code: OwnCode) -> None:
    """Every reserved claim in the answer is passed over, and the tokens are good for what they were good for (attacks.md 141)."""
    reserved = dict.fromkeys(RESERVED, "forged")
    generation = {"claimsToAddOrOverride": reserved, "claimsToSuppress": []}
    details = {"idTokenGeneration": generation, "accessTokenGeneration": generation}
    client = client_of(world, code, "V2_0", {"claimsAndScopeOverrideDetails": details})
    tokens = client.tokens("ada")
    identity, access = both(tokens)
    assert "forged" not in access.values()
    assert [name for name, value in identity.items() if value == "forged"] == ["scope"]
    assert world.unsigned.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"


def test_the_audience_of_an_access_token_may_be_its_client(world: World, code: OwnCode) -> None:
    """As the guide's sample sets it; the token is good for what it was good for."""
    arn = code.function(
        NAME,
        "claims = {'aud': event['callerContext']['clientId'], 'long': 9223372036854775807, 'longer': 10**40}",
        "generation = {'claimsToAddOrOverride': claims}",
        "response['claimsAndScopeOverrideDetails'] = {'accessTokenGeneration': generation}",
    )
    pool = world.pool(LambdaConfig={"PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": arn}})
    pool.user("ada")
    client = pool.client()
    token = client.tokens("ada")["AccessToken"]
    told = claims(token)
    assert (told["aud"], told["long"], told["longer"]) == (client.client_id, 9223372036854775807, 10**40)
    assert world.unsigned.get_user(AccessToken=token)["Username"] == "ada"


def test_what_identifies_cannot_be_suppressed(world: World, code: OwnCode) -> None:
    """A token without its `sub` or its end would be good for everything."""
    names = ["sub", "iss", "exp", "iat", "jti", "origin_jti", "token_use", "client_id", "username", "aud", "scope"]
    generation = {"claimsToSuppress": [*names, "cognito:username"]}
    details = {"idTokenGeneration": generation, "accessTokenGeneration": generation}
    client = client_of(world, code, "V2_0", {"claimsAndScopeOverrideDetails": details})
    tokens = client.tokens("ada")
    identity, access = both(tokens)
    assert set(names) - {"aud"} <= access.keys()
    assert {"sub", "iss", "exp", "iat", "jti", "origin_jti", "token_use", "aud", "cognito:username"} <= identity.keys()
    assert world.unsigned.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"


def test_without_the_scope_of_the_api_a_token_opens_nothing_in_it(world: World, code: OwnCode) -> None:
    """Suppressing aws.cognito.signin.user.admin is how a pool keeps its users from their own profile."""
    details = {"accessTokenGeneration": {"scopesToSuppress": [ADMIN_SCOPE]}}
    client = client_of(world, code, "V2_0", {"claimsAndScopeOverrideDetails": details})
    tokens = client.tokens("ada")
    assert "scope" not in claims(tokens["AccessToken"])
    assert refused(lambda: world.unsigned.get_user(AccessToken=tokens["AccessToken"])) == (
        "NotAuthorizedException",
        "Access Token does not have required scopes",
    )


def test_each_path_has_its_source(world: World, code: OwnCode) -> None:
    """A sign-in, a first password of one's own, both kinds of refresh (userpools.md 4.1)."""
    client = client_of(world, code, "V1_0", None)
    tokens = client.tokens("ada")
    client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])
    world.unsigned.get_tokens_from_refresh_token(
        ClientId=client.client_id, RefreshToken=tokens["RefreshToken"], ClientMetadata={"from": "shop"}
    )
    client.pool.user("new", permanent=False)
    session = client.sign_in("new")["Session"]
    client.respond("NEW_PASSWORD_REQUIRED", session, USERNAME="new", NEW_PASSWORD=PASSWORD + "!")
    assert code.sources(NAME) == [
        "TokenGeneration_Authentication",
        "TokenGeneration_RefreshTokens",
        "TokenGeneration_Authentication",
        "TokenGeneration_NewPasswordChallenge",
    ]
    assert [event["request"].get("clientMetadata") for event in code.told(NAME)] == [None, None, {"from": "shop"}, None]


def test_a_refresh_asks_again(world: World, code: OwnCode) -> None:
    """What the function says now is in the new tokens, and when it refuses there are none."""
    arn = code.function(
        NAME,
        "count = sum(1 for _ in open(__file__.replace('.py', '.jsonl')))",
        "if count > 2: raise Exception('enough')",
        "response['claimsOverrideDetails'] = {'claimsToAddOrOverride': {'count': str(count)}}",
    )
    pool = world.pool(LambdaConfig={NAME: arn})
    pool.user("ada")
    client = pool.client()
    tokens = client.tokens("ada")
    assert claims(tokens["IdToken"])["count"] == "1"
    again = client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])["AuthenticationResult"]
    assert claims(again["IdToken"])["count"] == "2"
    assert refused(lambda: client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])) == (
        "UserLambdaValidationException",
        "PreTokenGeneration failed with error enough.",
    )


def test_a_refused_refresh_spends_nothing(world: World, code: OwnCode) -> None:
    """With rotation too: the token of before is good once the function is well again."""
    arn = code.function(
        NAME,
        "count = sum(1 for _ in open(__file__.replace('.py', '.jsonl')))",
        "if count == 2: raise Exception('ill')",
    )
    pool = world.pool(LambdaConfig={NAME: arn})
    pool.user("ada")
    client = pool.client(
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )
    token = client.tokens("ada")["RefreshToken"]

    def rotate() -> str:
        answer = world.unsigned.get_tokens_from_refresh_token(ClientId=client.client_id, RefreshToken=token)
        return str(answer["AuthenticationResult"]["RefreshToken"])

    assert refused(rotate)[0] == "UserLambdaValidationException"
    assert rotate() != token


@pytest.mark.parametrize(
    ("version", "response"),
    [
        ("V1_0", {"claimsOverrideDetails": {"claimsToAddOrOverride": {"level": 5}}}),
        ("V2_0", {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": {"scopesToAdd": ["a b"]}}}),
        ("V2_0", {"claimsAndScopeOverrideDetails": {"idTokenGeneration": {"claimsToAddOrOverride": {"address": {}}}}}),
        ("V1_0", {"claimsOverrideDetails": {"claimsToSuppress": [f"c{number}" for number in range(5_001)]}}),
    ],
    ids=["no text", "two scopes", "an attribute that is no text", "too many"],
)
def test_an_answer_of_a_wrong_kind_gives_no_tokens(world: World, code: OwnCode, version: str, response: Any) -> None:
    """Nor a session."""
    client = client_of(world, code, version, response)
    assert refused(lambda: client.sign_in("ada")) == ("InvalidLambdaResponseException", "Unrecognizable lambda output")
    assert count_of_sessions(client.pool) == 0
