"""Who gets a token that stands for nobody but an app client? At /oauth2/token and by GetClientToken (attacks.md 92, 98)."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from api.forge import claims_of
from api.own_code import OwnCode, own_code
from api.stage import Wire
from api.world import ClientOfTests, PoolOfTests, World, refused
from oauth.hosted import ADMIN, basic, code_client, of_client, post, user_info
from oauth.machines import CREDENTIALS, READ, SERVER, WRITE, ask, pool_with_server

TOKEN_AUTH: dict[str, Any] = {
    "GenerateSecret": True,
    "ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH"],
    "AllowedOAuthScopes": [READ, WRITE],
}


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a client of the client credentials flow."""
    return pool_with_server(world).client(**CREDENTIALS)


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pool."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def by_api(client: ClientOfTests, **more: Any) -> dict[str, Any]:
    """Call GetClientToken."""
    answer = client.world.unsigned.get_client_token(ClientId=client.client_id, Secret=client.secret, **more)
    result: dict[str, Any] = answer["ClientAuthenticationResult"]
    return result


def test_a_client_gets_an_access_token_and_nothing_else(world: World, client: ClientOfTests) -> None:
    """userpools.md 4: its subject is the client, it belongs to no user and no session."""
    answer = ask(client)
    assert (answer.status, set(answer.body)) == (200, {"access_token", "token_type", "expires_in"})
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 3600)
    assert answer.headers["cache-control"] == "no-store"
    claims = claims_of(answer.body["access_token"])
    assert set(claims) == {
        *("sub", "iss", "client_id", "version", "token_use", "scope", "auth_time", "exp", "iat", "jti"),
    }
    assert (claims["sub"], claims["client_id"], claims["token_use"]) == (client.client_id, client.client_id, "access")
    assert (claims["scope"], claims["version"]) == (f"{READ} {WRITE}", 2)
    assert world.rows("SELECT 1 FROM sessions WHERE pool_id = $1", client.pool.pool_id) == []


def test_it_gets_the_scopes_that_it_asks_for(client: ClientOfTests) -> None:
    """In its own order, each once; by Basic as well."""
    answer = ask(client, scope=f"{WRITE} {READ} {WRITE}")
    assert claims_of(answer.body["access_token"])["scope"] == f"{WRITE} {READ}"
    fields = {"grant_type": "client_credentials", "scope": READ}
    answer = post(client.world, "/oauth2/token", fields, basic(client.client_id, client.secret or ""))
    assert claims_of(answer.body["access_token"])["scope"] == READ


@pytest.mark.parametrize("scope", ["openid", "email", ADMIN, f"{SERVER}/unused", f"{READ} openid", "read", "\u2603"])
def test_no_scope_of_users_and_none_that_it_does_not_have(client: ClientOfTests, scope: str) -> None:
    """attacks.md 92."""
    assert ask(client, scope=scope).error == (400, "invalid_scope")


def test_a_scope_that_its_server_has_no_more_is_left_out(world: World, client: ClientOfTests) -> None:
    """oauth-federation.md 2: without a word, and where none is left there is no token."""
    ids = {"UserPoolId": client.pool.pool_id, "Identifier": SERVER}
    world.signed.update_resource_server(**ids, Name="api", Scopes=[{"ScopeName": "read", "ScopeDescription": "read"}])
    assert claims_of(ask(client).body["access_token"])["scope"] == READ
    assert claims_of(ask(client, scope=f"{READ} {WRITE}").body["access_token"])["scope"] == READ
    assert ask(client, scope=WRITE).error == (400, "invalid_scope")
    world.signed.delete_resource_server(**ids)
    assert ask(client).error == (400, "invalid_scope")


def test_without_the_secret_there_is_no_token(client: ClientOfTests) -> None:
    """attacks.md 92: neither without nor with a wrong one."""
    fields = {"grant_type": "client_credentials", "client_id": client.client_id}
    assert post(client.world, "/oauth2/token", fields).error == (400, "invalid_client")
    assert ask(client, client_secret="x" * 51).error == (400, "invalid_client")
    answer = post(
        client.world, "/oauth2/token", {"grant_type": "client_credentials"}, basic(client.client_id, "x" * 51)
    )
    assert answer.error == (401, "invalid_client")
    assert ask(client, client_id="n0such").error == (400, "invalid_client")


def test_a_client_of_people_gets_none(world: World) -> None:
    """attacks.md 92: public or confidential, of codes or of the API alone."""
    pool = pool_with_server(world)
    for made in (
        code_client(pool),
        code_client(pool, GenerateSecret=True, AllowedOAuthScopes=["openid", READ]),
        pool.client(),
        pool.client(GenerateSecret=True),
        pool.client(**TOKEN_AUTH),
    ):
        assert ask(made).error == (400, "unauthorized_client")


def test_a_machine_s_token_opens_nothing_of_users(world: World, client: ClientOfTests, wire: Wire) -> None:
    """It has no session: the token API and userInfo refuse it."""
    token = ask(client).body["access_token"]
    assert refused(lambda: world.unsigned.get_user(AccessToken=token))[0] == "NotAuthorizedException"
    assert refused(lambda: world.unsigned.global_sign_out(AccessToken=token))[0] == "NotAuthorizedException"
    assert user_info(world, token).error == (401, "invalid_token")
    for kind in ("refresh_token", "authorization_code"):
        fields = {"grant_type": kind, kind.removeprefix("authorization_"): token, **of_client(client)}
        assert post(world, "/oauth2/token", fields).status == 400


def test_ten_thousand_scopes_are_refused_before_they_are_read(client: ClientOfTests) -> None:
    """attacks.md 98: by their number, in no time."""
    text = " ".join(f"a{number}" for number in range(10_000))[:60_000]
    started = perf_counter()
    assert ask(client, scope=text).error == (400, "invalid_scope")
    assert perf_counter() - started < 1
    assert ask(client, scope=" ".join(["a"] * 51)).error == (400, "invalid_scope")
    assert ask(client, scope="a" * 2_049).error == (400, "invalid_scope")


def with_trigger(world: World, code: OwnCode, *lines: str, version: str = "V3_0") -> PoolOfTests:
    """Make a pool whose PreTokenGeneration runs `lines`."""
    arn = code.function("PreTokenGeneration", *(lines or ("pass",)))
    return pool_with_server(
        world, LambdaConfig={"PreTokenGenerationConfig": {"LambdaVersion": version, "LambdaArn": arn}}
    )


def overriding(details: dict[str, Any]) -> str:
    return f"event['response'] = {{'claimsAndScopeOverrideDetails': {details!r}}}"


@pytest.mark.parametrize("door", [CREDENTIALS, TOKEN_AUTH], ids=["endpoint", "operation"])
def test_the_trigger_of_version_three_is_told_and_heard(world: World, code: OwnCode, door: dict[str, Any]) -> None:
    """userpools.md 4.1: it gets the metadata of the request, and has no groups to change."""
    details = {
        "accessTokenGeneration": {
            "claimsToAddOrOverride": {"tenant": {"id": 5}, "sub": "x", "username": "x"},
            "scopesToAdd": ["extra"],
        },
        "groupOverrideDetails": {"groupsToOverride": ["admins"]},
    }
    client = with_trigger(world, code, overriding(details)).client(**door)
    metadata = {"environment": "test"}
    if door is CREDENTIALS:
        token = ask(client, scope=READ, aws_client_metadata=json.dumps(metadata)).body["access_token"]
    else:
        token = by_api(client, Scopes=[READ], ClientMetadata=metadata)["AccessToken"]
    (event,) = code.told("PreTokenGeneration")
    assert (event["version"], event["triggerSource"]) == ("3", "TokenGeneration_ClientCredentials")
    assert (event["userName"], event["callerContext"]["clientId"]) == ("ClientCredentials", client.client_id)
    assert event["request"]["scopes"] == [READ]
    assert event["request"]["clientMetadata"] == metadata
    assert event["request"]["groupConfiguration"] is None
    claims = claims_of(token)
    assert (claims["tenant"], claims["scope"], claims["sub"]) == ({"id": 5}, f"{READ} extra", client.client_id)
    assert not {"username", "cognito:groups"} & set(claims)


def test_earlier_versions_are_not_asked(world: World, code: OwnCode) -> None:
    """userpools.md 4.1."""
    assert ask(with_trigger(world, code, "raise ValueError('no')", version="V2_0").client(**CREDENTIALS)).status == 200


@pytest.mark.parametrize(
    "line", ["raise ValueError('Not today')", "event['response'] = 5", "return None", "return 'text'"]
)
def test_a_function_that_fails_gives_no_token(world: World, code: OwnCode, line: str) -> None:
    """An error of OAuth, or one of the operation's model; never a 500."""
    pool = with_trigger(world, code, line)
    assert ask(pool.client(**CREDENTIALS)).error == (400, "invalid_request")
    assert refused(lambda: by_api(pool.client(**TOKEN_AUTH)))[0] == "InvalidParameterException"


def test_a_client_that_is_changed_meanwhile_is_judged_again(
    world: World, code: OwnCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a function, or somebody else, changes while the function runs counts."""
    client = with_trigger(world, code).client(**CREDENTIALS)
    functions = world.house.functions
    invoke = functions.invoke

    async def slow(*given: Any, **more: Any) -> Any:
        answer = await invoke(*given, **more)
        await world.house.db.execute("DELETE FROM resource_servers WHERE pool_id = $1", client.pool.pool_id)
        return answer

    monkeypatch.setattr(functions, "invoke", slow)
    assert ask(client).error == (400, "invalid_scope")


@pytest.mark.parametrize("text", ["{", "[]", '"a"', "5", '{"a": 5}', '{"a": {}}', "[" * 20_000])
def test_metadata_is_an_object_of_texts(client: ClientOfTests, text: str) -> None:
    """Whatever else it is, the request is wrong."""
    assert ask(client, aws_client_metadata=text).error == (400, "invalid_request")


def test_the_operation_gives_the_same_token(world: World) -> None:
    """GetClientToken: without a domain, signed or not, whoever signed it."""
    client = pool_with_server(world).client(**TOKEN_AUTH)
    result = by_api(client)
    assert (result["TokenType"], result["ExpiresIn"]) == ("Bearer", 3600)
    claims = claims_of(result["AccessToken"])
    assert (claims["sub"], claims["scope"]) == (client.client_id, f"{READ} {WRITE}")
    signed = world.signed.get_client_token(ClientId=client.client_id, Secret=client.secret, Scopes=[WRITE])
    assert claims_of(signed["ClientAuthenticationResult"]["AccessToken"])["scope"] == WRITE


def test_the_operation_refuses_as_the_endpoint_does(world: World) -> None:
    """attacks.md 92: another flow, another secret, another scope, nobody."""
    pool = pool_with_server(world)
    client = pool.client(**TOKEN_AUTH)
    asked: Callable[..., Any] = world.unsigned.get_client_token

    def error(**given: Any) -> str:
        return refused(lambda: asked(**given))[0]

    known = {"ClientId": client.client_id, "Secret": client.secret}
    assert error(**{**known, "Secret": "x" * 51}) == "NotAuthorizedException"
    assert error(**{**known, "ClientId": "nobody"}) == "ResourceNotFoundException"
    for scope in ("openid", ADMIN, f"{SERVER}/unused", "made/up"):
        assert error(**known, Scopes=[scope]) == "InvalidParameterException"
    for settings in (CREDENTIALS, {"GenerateSecret": True}):
        other = pool.client(**settings)
        assert error(ClientId=other.client_id, Secret=other.secret) == "OperationNotEnabledException"
    public = pool.client(ExplicitAuthFlows=["ALLOW_CLIENT_TOKEN_AUTH"])
    assert error(ClientId=public.client_id, Secret="x" * 51) == "NotAuthorizedException"
    both = pool.client(**{**TOKEN_AUTH, "ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]})
    assert error(ClientId=both.client_id, Secret=both.secret) == "OperationNotEnabledException"
