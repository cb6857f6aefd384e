"""How far do apps register themselves? As far as their pool lets them; they sign people in by what they got."""

import pytest
from botocore.exceptions import ClientError

from api.forge import claims_of
from api.world import PASSWORD, ClientOfTests, PoolOfTests, World
from oauth.documents import metadata
from oauth.hosted import CALLBACK, NAME, VERIFIER, code_client, of_client, post
from oauth.proving import exchange_with, holder
from oauth.registering import OPEN, TOOL, exchanged, machine_token, pool_of, register, register_at, signed_in, walk
from poolkeeper.accounts import registration
from poolkeeper.model.registration import REGISTER_SCOPE


def test_a_tool_registers_itself_and_signs_people_in(world: World) -> None:
    """RFC 7591 3.2.1: 201, what it got, kept by nobody; then codes with PKCE, tokens and a refresh."""
    pool = pool_of(world)
    made = register(pool, {**TOOL, "logo_uri": "https://app.example/logo.png", "contacts": ["x"]})
    assert made.status == 201
    assert made.headers["cache-control"] == "no-store"
    assert made.headers["access-control-allow-origin"] == "*"
    client_id = made.body["client_id"]
    assert made.body == {
        **TOOL,
        "client_id": client_id,
        "client_id_issued_at": world.clock.now() // 1000,
        "scope": "openid email phone profile",
    }
    held = exchanged(pool, client_id, signed_in(pool, client_id, scope="openid email"))
    assert held.status == 200, held
    assert claims_of(held.body["id_token"])["aud"] == client_id
    again = {"grant_type": "refresh_token", "refresh_token": held.body["refresh_token"], "client_id": client_id}
    assert post(world, "/oauth2/token", again).status == 200


def test_it_is_an_app_client_of_its_own_type(world: World) -> None:
    """Listed as DCR, described with its type, also after an update; its secret stays as it is."""
    pool = pool_of(world)
    regular = code_client(pool)
    made = register(pool, {**TOOL, "token_endpoint_auth_method": "client_secret_basic"}).body
    assert made["client_secret_expires_at"] == 0
    ids = {"UserPoolId": pool.pool_id, "ClientId": made["client_id"]}

    def listed(**given: str) -> set[str]:
        answer = world.signed.list_user_pool_clients(UserPoolId=pool.pool_id, MaxResults=60, **given)
        return {one["ClientId"] for one in answer["UserPoolClients"]}

    assert listed(ClientType="DCR") == {made["client_id"]}
    assert listed(ClientType="REGULAR") == {regular.client_id}
    assert listed() == {made["client_id"], regular.client_id}
    found = world.signed.describe_user_pool_client(**ids)["UserPoolClient"]
    assert (found["ClientType"], found["ClientSecret"]) == ("DCR", made["client_secret"])
    assert found["AllowedOAuthFlows"] == ["code"]
    world.signed.update_user_pool_client(
        **ids,
        CallbackURLs=[CALLBACK],
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        AllowedOAuthFlowsUserPoolClient=True,
    )
    assert world.signed.describe_user_pool_client(**ids)["UserPoolClient"]["ClientType"] == "DCR"
    for operation, more in (
        ("add_user_pool_client_secret", {}),
        ("delete_user_pool_client_secret", {"ClientSecretId": f"{made['client_id']}--1"}),
    ):
        with pytest.raises(ClientError) as caught:
            getattr(world.signed, operation)(**ids, **more)
        assert caught.value.response["Error"]["Code"] == "InvalidParameterException"
    world.signed.delete_user_pool_client(**ids)
    assert listed(ClientType="DCR") == set()


def test_it_needs_pkce_and_has_any_port_of_this_machine(world: World) -> None:
    """Also with a secret; `localhost` counts as loopback for it, as it does for nobody who was registered by hand."""
    pool = pool_of(world)
    made = register(pool, {**TOOL, "token_endpoint_auth_method": "client_secret_post"}).body
    client_id = made["client_id"]
    told = walk(pool, client_id, code_challenge="", code_challenge_method="").authorize().told
    assert told["error"] == "invalid_request"
    there = "http://localhost:4711/cb"
    code = signed_in_at(pool, client_id, there)
    assert exchanged(pool, client_id, code, redirect_uri=there).error == (400, "invalid_client")
    assert exchanged(pool, client_id, code, redirect_uri=there, client_secret=made["client_secret"]).status == 200
    by_hand = code_client(pool, CallbackURLs=["http://localhost/cb"])
    page = walk(pool, by_hand.client_id, redirect_uri=there).authorize()
    assert page.location.startswith("/error?")


def signed_in_at(pool: PoolOfTests, client_id: str, address: str) -> str:
    """Sign in for an app at one of its addresses; return the code."""
    browser = walk(pool, client_id, redirect_uri=address, scope="openid")
    page = browser.send(browser.follow(browser.authorize()), "/login", username=NAME, password=PASSWORD)
    assert page.location.startswith(f"{address}?")
    return page.told["code"]


def test_an_app_may_want_bound_tokens_alone(world: World) -> None:
    """RFC 9449 5.2: without a proof it gets none, in no way, and its code stays; an update of other settings changes nothing."""
    pool, held = pool_of(world), holder(world)
    made = register(pool, {**TOOL, "dpop_bound_access_tokens": True}).body
    client_id = made["client_id"]
    assert made["dpop_bound_access_tokens"] is True
    for other in (False, None):
        answer = register(pool, {**TOOL, "dpop_bound_access_tokens": other})
        assert (answer.status, "dpop_bound_access_tokens" in answer.body) == (201, False)
    assert register(pool, {**TOOL, "dpop_bound_access_tokens": "yes"}).error == (400, "invalid_client_metadata")
    settings = {
        "CallbackURLs": TOOL["redirect_uris"],
        "AllowedOAuthFlows": ["code", "implicit"],
        "AllowedOAuthScopes": ["openid"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "SupportedIdentityProviders": ["COGNITO"],
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    }
    world.signed.update_user_pool_client(UserPoolId=pool.pool_id, ClientId=client_id, **settings)
    code = signed_in(pool, client_id, scope="openid")
    bare = exchanged(pool, client_id, code)
    assert (bare.error, bare.body["error_description"]) == ((400, "invalid_dpop_proof"), "A DPoP proof is missing")
    tokens = exchange_with(ClientOfTests(world, pool, client_id, None), code, held.header(), code_verifier=VERIFIER)
    assert (tokens.status, tokens.body["token_type"]) == (200, "DPoP")
    assert walk(pool, client_id, response_type="token").authorize().told["error"] == "unauthorized_client"
    parameters = {"USERNAME": NAME, "PASSWORD": PASSWORD}
    with pytest.raises(ClientError, match="A DPoP proof is missing"):
        world.unsigned.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)


def test_a_machine_registers_with_a_secret(world: World) -> None:
    """client_credentials alone, for scopes of resource servers that the pool lists."""
    server = {"Identifier": "shop", "Name": "shop", "Scopes": [{"ScopeName": "read", "ScopeDescription": "read"}]}
    pool = pool_of(world, AllowedScopes=["shop/read", "gone/x", REGISTER_SCOPE], OpenDcrGrantTypes=["code", "implicit"])
    world.signed.create_resource_server(UserPoolId=pool.pool_id, **server)
    machine = {"grant_types": ["client_credentials"], "client_name": "m"}
    assert register(pool, machine).error == (400, "invalid_client_metadata")
    token = machine_token(pool)
    assert (
        register(pool, {**machine, "token_endpoint_auth_method": "none"}, token).error[1] == "invalid_client_metadata"
    )
    assert register(pool, {**machine, "scope": REGISTER_SCOPE}, token).error[1] == "invalid_client_metadata"
    made = register(pool, machine, token)
    assert made.status == 201, made
    assert (made.body["scope"], made.body["token_endpoint_auth_method"]) == ("shop/read", "client_secret_basic")
    fields = {"grant_type": "client_credentials", "client_id": made.body["client_id"]}
    held = post(world, "/oauth2/token", {**fields, "client_secret": made.body["client_secret"]})
    assert claims_of(held.body["access_token"])["scope"] == "shop/read"
    by_key = pool.client(
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=[REGISTER_SCOPE],
    )
    of_key = {"grant_type": "client_credentials", **of_client(by_key)}
    stolen = post(world, "/oauth2/token", of_key, holder(world).header()).body["access_token"]
    assert register(pool, machine, stolen).error == (401, "invalid_token")
    user = register(pool, TOOL).body
    assert user["scope"] == "openid email phone profile shop/read"
    bound = register(pool, {**machine, "dpop_bound_access_tokens": True}, token).body
    of_bound = {"grant_type": "client_credentials", **{name: bound[name] for name in ("client_id", "client_secret")}}
    assert post(world, "/oauth2/token", of_bound).error == (400, "invalid_dpop_proof")
    assert post(world, "/oauth2/token", of_bound, holder(world).header()).body["token_type"] == "DPoP"


def test_without_open_registration_a_token_is_needed(world: World) -> None:
    """One of this pool, alive, with the scope that is for nothing else."""
    pool, other = pool_of(world, OpenDcrEnabled=False), pool_of(world)
    server = {"Identifier": "shop", "Name": "shop", "Scopes": [{"ScopeName": "read", "ScopeDescription": "read"}]}
    world.signed.create_resource_server(UserPoolId=pool.pool_id, **server)
    nothing = register(pool, TOOL)
    assert nothing.error == (401, "invalid_token")
    assert nothing.headers["www-authenticate"].startswith("Bearer ")
    for token in ("nonsense", machine_token(other), f"{machine_token(pool)}x", pool.client().tokens(NAME)["IdToken"]):
        assert register(pool, TOOL, token).error == (401, "invalid_token")
    assert register(pool, TOOL, machine_token(pool, "shop/read")).error == (403, "insufficient_scope")
    assert register(pool, TOOL, pool.client().tokens(NAME)["AccessToken"]).error == (403, "insufficient_scope")
    digest = register(pool, TOOL, Authorization="Digest x")
    assert digest.error == (401, "invalid_token")
    assert register(pool, TOOL, machine_token(pool)).status == 201


def test_a_user_may_hold_the_token(world: World) -> None:
    """By an app client that somebody made; no app that registered itself gets that scope."""
    pool = pool_of(world, OpenDcrEnabled=False)
    by_hand = code_client(pool, AllowedOAuthScopes=["openid", REGISTER_SCOPE])
    code = signed_in(pool, by_hand.client_id, scope=f"openid {REGISTER_SCOPE}")
    token = exchanged(pool, by_hand.client_id, code).body["access_token"]
    made = register(pool, {**TOOL, "scope": "openid"}, token).body
    assert register(pool, {**TOOL, "scope": f"openid {REGISTER_SCOPE}"}, token).error[1] == "invalid_client_metadata"
    world.signed.update_user_pool_client(
        UserPoolId=pool.pool_id,
        ClientId=made["client_id"],
        CallbackURLs=[CALLBACK],
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", REGISTER_SCOPE],
        AllowedOAuthFlowsUserPoolClient=True,
    )
    code = signed_in(pool, made["client_id"], scope="")
    assert claims_of(exchanged(pool, made["client_id"], code).body["access_token"])["scope"] == "openid"
    world.signed.admin_user_global_sign_out(UserPoolId=pool.pool_id, Username=NAME)
    assert register(pool, TOOL, token).error == (401, "invalid_token")


@pytest.mark.parametrize(
    ("redirect", "shown"),
    [
        ("https://tools.example.com/cb", "tools.example.com"),
        ("https://Tools.Example.com:8443?cb=1", "tools.example.com:8443"),
        ("http://localhost:3118/cb", "localhost:3118"),
        ("http://[::1]:3118/cb", "[::1]:3118"),
        ("com.example.tool:/cb", "com.example.tool:"),
        ("https://app.example/cb?next=https://shop.example", "app.example"),
    ],
)
def test_a_page_says_where_an_app_leads_that_registered_itself(world: World, redirect: str, shown: str) -> None:
    """Its address, since nobody vouches for its name; the name where it claims one, also to who is signed in already."""
    pool = pool_of(world)
    named, unnamed = (
        register(pool, {**TOOL, "client_name": name, "redirect_uris": [redirect]}).body["client_id"]
        for name in ("A tool", None)
    )
    browser = walk(pool, named, redirect_uri=redirect, scope="openid")
    page = browser.follow(browser.authorize())
    assert f"for an app at {shown} that calls itself “ A tool ”" in page.words
    assert browser.send(page, "/login", username=NAME, password=PASSWORD).told["code"]
    assert f"for an app at {shown} that calls itself “ A tool ”" in browser.follow(browser.authorize()).words

    other = walk(pool, unnamed, redirect_uri=redirect, scope="openid")
    assert f"for an app at {shown} ." in other.follow(other.authorize()).words


HERE = ("http://localhost:3118/cb", "http://127.0.0.1:3118/cb", "http://[::1]/cb")
ELSEWHERE = ("https://localhost.example.com/cb", "https://tools.example.com/localhost", "com.example.tool:/cb")


@pytest.mark.parametrize("redirect", [*HERE, *ELSEWHERE])
def test_a_page_warns_where_an_app_is_a_program_on_this_computer(world: World, redirect: str) -> None:
    """Whoever lured the person to the page may wait on that computer. In the language of the page, for apps that nobody registered."""
    pool, here = pool_of(world), redirect in HERE
    client_id = register(pool, {**TOOL, "redirect_uris": [redirect]}).body["client_id"]
    browser = walk(pool, client_id, redirect_uri=redirect, scope="openid")
    page = browser.follow(browser.authorize())
    assert ("The sign-in goes to a program on this computer." in page.words) is here
    german = walk(pool, client_id, redirect_uri=redirect, scope="openid", lang="de")
    assert ("an ein Programm auf diesem Computer" in german.follow(german.authorize()).words) is here
    by_hand = code_client(pool, CallbackURLs=[redirect])
    browser = walk(pool, by_hand.client_id, redirect_uri=redirect, scope="openid")
    assert "program on this computer" not in browser.follow(browser.authorize()).words


def test_a_pool_says_whether_apps_register(world: World) -> None:
    """Off by default, and off again; an empty list allows nothing."""
    pool = world.pool()
    assert "registration_endpoint" not in metadata(pool)
    path = f"/oauth2/register?user_pool_id={pool.pool_id}"
    assert register_at(pool, path, TOOL).error == (403, "access_denied")
    world.signed.update_user_pool(UserPoolId=pool.pool_id, DcrConfiguration={**OPEN, "OpenDcrGrantTypes": []})
    assert register_at(pool, path, TOOL).error == (403, "access_denied")
    assert register_at(pool, path, TOOL, machine_token(pool)).status == 201
    world.signed.update_user_pool(UserPoolId=pool.pool_id, DcrConfiguration={"EnableStatus": "Disabled"})
    assert register_at(pool, path, TOOL).error == (403, "access_denied")


def test_strangers_register_so_many_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an hour of one network, and in all of a pool, with a token too."""
    pool = pool_of(world)
    monkeypatch.setattr(registration, "MOST_OF_A_NETWORK", 2)
    assert [register(pool, TOOL).status for _ in range(3)] == [201, 201, 429]
    token = machine_token(pool)
    monkeypatch.setattr(registration, "MOST_REGISTERED", 3)
    assert [register(pool, TOOL, token).status for _ in range(2)] == [201, 429]
    monkeypatch.setattr(registration, "KEPT_FOR_TOKENS", 1)
    assert register(pool_of(world), TOOL).status == 201


def test_what_strangers_register_leaves_room_for_whoever_has_a_token(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They fill a pool except for the last places, which they do not get after an hour either."""
    pool = pool_of(world)
    monkeypatch.setattr(registration, "MOST_REGISTERED", 3)
    monkeypatch.setattr(registration, "KEPT_FOR_TOKENS", 1)
    assert [register(pool, TOOL).status for _ in range(3)] == [201, 201, 429]
    assert register(pool, TOOL, machine_token(pool)).status == 201


def test_it_is_told_of_its_own_tokens_alone(world: World) -> None:
    """Anybody gets a secret by a request here, and must not learn by it what somebody else's token is worth."""
    pool = pool_of(world)
    made = register(pool, {**TOOL, "token_endpoint_auth_method": "client_secret_post"}).body
    proof = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
    for token in (pool.client().tokens(NAME)["AccessToken"], machine_token(pool)):
        assert post(world, "/oauth2/introspect", {**proof, "token": token}).body == {"active": False}
    code = signed_in(pool, made["client_id"], scope="openid")
    own = exchanged(pool, made["client_id"], code, client_secret=made["client_secret"]).body["access_token"]
    assert post(world, "/oauth2/introspect", {**proof, "token": own}).body["active"] is True
