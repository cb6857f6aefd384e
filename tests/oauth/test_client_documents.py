"""How does an app that nobody registered sign people in? By the address of its document, and by nothing else."""

from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from api.forge import claims_of
from api.world import PASSWORD, ClientOfTests, World
from oauth.documents import (
    NOWHERE,
    Host,
    client,
    code_of,
    document,
    exchange,
    host,
    metadata,
    policy,
    refresh,
    url,
    url_of,
    walk,
)
from oauth.hosted import CALLBACK, CODE_CLIENT, NAME, VERIFIER, code_client, of_client, post, user_info
from oauth.proving import exchange_with, holder, refresh_with
from poolkeeper.clock import SECOND
from poolkeeper.egress import EgressRefused, Response

__all__ = ["client", "host", "url"]

_TOKEN_TYPE = "urn:ietf:params:oauth:token-type"


def test_an_address_signs_in_like_an_app_client(world: World, client: ClientOfTests, host: Host, url: str) -> None:
    """From a policy to refreshed tokens: the page names the host, and the tokens name the address."""
    browser = walk(client, url)
    page = browser.follow(browser.authorize())
    assert url.split("/")[2] in page.words
    assert "that calls itself “ The Tool ”" in page.words
    held = exchange(world, code_of(walk(client, url)), url)
    assert held.status == 200, held
    access, identity = claims_of(held.body["access_token"]), claims_of(held.body["id_token"])
    assert (access["client_id"], identity["aud"]) == (url, url)
    assert user_info(world, held.body["access_token"]).body["username"] == NAME
    again = refresh(world, held.body["refresh_token"], url)
    assert again.status == 200, again
    assert claims_of(again.body["access_token"])["client_id"] == url
    assert world.unsigned.get_user(AccessToken=again.body["access_token"])["Username"] == NAME
    assert host.asked == [url]
    assert host.most_bytes == 32 * 1024
    assert metadata(client.pool)["client_id_metadata_document_supported"] is True


def test_a_page_warns_of_an_app_on_this_computer(client: ClientOfTests, host: Host) -> None:
    """Any program there can name the same address: who sees its host must hear where the sign-in goes."""
    url, here = url_of(client), "http://localhost:3118/cb"
    host.put(url, document(url, redirect_uris=[CALLBACK, here]))
    policy(client)
    for redirect, warned in ((here, True), (CALLBACK, False)):
        browser = walk(client, url, redirect_uri=redirect)
        page = browser.follow(browser.authorize())
        assert ("The sign-in goes to a program on this computer." in page.words) is warned


def test_a_document_may_want_bound_tokens_alone(client: ClientOfTests, host: Host) -> None:
    """RFC 9449 5.2: an app that says so gets no other, and goes on with its key alone."""
    url, held = url_of(client), holder(client.world)
    host.put(url, document(url, dpop_bound_access_tokens=True))
    policy(client)
    app, code = ClientOfTests(client.world, client.pool, url, None), code_of(walk(client, url))
    assert exchange(client.world, code, url).error == (400, "invalid_dpop_proof")
    tokens = exchange_with(app, code, held.header(), code_verifier=VERIFIER).body
    assert (tokens["token_type"], claims_of(tokens["access_token"])["cnf"]) == ("DPoP", {"jkt": held.jkt})
    assert refresh(client.world, tokens["refresh_token"], url).error == (400, "invalid_dpop_proof")
    assert refresh_with(app, tokens["refresh_token"], held.header()).status == 200


def test_a_document_that_comes_to_want_bound_tokens_is_heeded_by_the_next_refresh(
    client: ClientOfTests, host: Host
) -> None:
    """A session from before goes on with a key alone, once the document that says so is kept; a refresh fetches none."""
    url, held = url_of(client), holder(client.world)
    host.put(url)
    policy_id = policy(client)
    app = ClientOfTests(client.world, client.pool, url, None)
    token = exchange(client.world, code_of(walk(client, url)), url).body["refresh_token"]
    host.put(url, document(url, dpop_bound_access_tokens=True))
    assert refresh(client.world, token, url).status == 200
    named = {"UserPoolId": client.pool.pool_id, "CIMDPolicyId": policy_id, "URL": url}
    client.world.signed.update_client_metadata_url_state(**named, Action="REFRESH")
    assert refresh(client.world, token, url).error == (400, "invalid_dpop_proof")
    again = refresh_with(app, token, held.header())
    assert claims_of(again.body["access_token"])["cnf"] == {"jkt": held.jkt}


def refused_at(client: ClientOfTests, url: str, **asked: str) -> str:
    """Ask to sign in; return the code of the error page, which leads to no app."""
    page = walk(client, url, **asked).authorize()
    assert page.status == 303
    assert page.location.startswith("/error?"), page.location
    return page.told["error"]


def told_at(client: ClientOfTests, url: str, **asked: str) -> str:
    """Ask to sign in; return the error that the app is told at its own address."""
    page = walk(client, url, **asked).authorize()
    assert page.location.startswith(f"{CALLBACK}?"), page.location
    return page.told["error"]


def test_an_address_that_no_policy_allows_is_never_fetched(client: ClientOfTests, host: Host, url: str) -> None:
    """Nor one that is no address of an app, whatever a pattern says."""
    policy(client, "https://*.example.com")
    for one in (
        url.replace("https", "http"),
        url.replace(".example.com", ".example.org"),
        url_of(client, ""),
        url_of(client, "/a/../client.json"),
        url_of(client, "/client.json?x=1"),
        url_of(client, "/client.json#x"),
        url.replace("https://", "https://ada@"),
        "https://",
        f"{url}{'a' * 256}",
    ):
        status, _, body = client.world.get(f"/oauth2/authorize?client_id={quote(one)}&response_type=code")
        assert status in {200, 400}, one
        assert host.asked == []
        assert body


@pytest.mark.parametrize(
    "answer",
    [
        Response(404, {}, b"{}"),
        Response(302, {"location": "https://evil.example/"}, b""),
        Response(201, {}, b"{}"),
        Response(200, {}, b"not json"),
        Response(200, {}, b" " * (32 * 1024 + 1)),
        Response(
            200,
            {},
            b'{"client_id":"https://evil.example/client.json","redirect_uris":["https://app.example/callback"]}',
        ),
        NOWHERE,
        EgressRefused("is at 10.0.0.1: not to be reached"),
    ],
)
def test_documents_of_another_kind_let_nobody_in(
    world: World, client: ClientOfTests, host: Host, answer: Response | Exception
) -> None:
    """A page says so, the log why; the fault is remembered for a minute, kept nowhere, and then asked for again."""
    url = url_of(client)
    policy_id = policy(client)
    host.answers[url] = answer
    assert refused_at(client, url) == "unknown_client"
    assert refused_at(client, url) == "unknown_client"
    assert host.asked == [url]
    kept = world.signed.list_client_metadata_urls(UserPoolId=client.pool.pool_id, CIMDPolicyId=policy_id)
    assert kept["ClientMetadataURLs"] == []
    host.put(url)
    world.clock.advance(61 * SECOND)
    assert code_of(walk(client, url))
    assert host.asked == [url, url]


@pytest.mark.parametrize("there", ["10.0.0.1", "169.254.169.254", "[fd00::1]", "[::ffff:192.168.0.1]", "100.64.0.1"])
def test_no_document_is_fetched_from_a_private_address(world: World, client: ClientOfTests, there: str) -> None:
    """By the way out as it is, which connects to nothing: the log says so, the page does not."""
    url = f"https://{there}/{client.pool.pool_id}.json"
    policy(client, f"https://{there}/*")
    before = len(world.log)
    assert refused_at(client, url) == "unknown_client"
    assert b"not to be reached" in b"".join(world.log[before:])


def test_only_public_clients_with_pkce(world: World, client: ClientOfTests, url: str) -> None:
    """Without a challenge there is no code; no secret is accepted, not even that of the app client behind; no flow but that of codes."""
    assert told_at(client, url, code_challenge="", code_challenge_method="") == "invalid_request"
    page = walk(client, url, response_type="token").authorize()
    assert page.told["error"] == "unauthorized_client"
    code = code_of(walk(client, url))
    assert client.secret is not None
    assert exchange(world, code, url, client_secret=client.secret).error == (400, "invalid_client")
    assert exchange(world, code, url, code_verifier="").error == (400, "invalid_grant")
    assert exchange(world, code, url, code_verifier="w" * 43).error == (400, "invalid_grant")
    assert exchange(world, code, url, grant_type="client_credentials", scope="a/b").error == (400, "invalid_client")
    assert exchange(world, code, url).status == 200


def test_what_one_app_got_is_no_others(world: World, client: ClientOfTests, host: Host, url: str) -> None:
    """Neither another address of the same policy nor the app client behind it can use codes and refresh tokens."""
    other = url_of(client, "/other.json")
    host.put(other)
    assert code_of(walk(client, other))
    code = code_of(walk(client, url))
    assert exchange(world, code, other).error == (400, "invalid_grant")
    assert client.secret is not None
    behind = {"client_id": client.client_id, "client_secret": client.secret}
    assert exchange(world, code, client.client_id, client_secret=client.secret).error == (400, "invalid_grant")
    held = exchange(world, code, url).body
    assert refresh(world, held["refresh_token"], other).error == (400, "invalid_grant")
    given = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"], **behind}
    assert post(world, "/oauth2/token", given).error == (400, "invalid_grant")
    with pytest.raises(ClientError) as caught:
        world.unsigned.get_tokens_from_refresh_token(
            ClientId=client.client_id, ClientSecret=client.secret, RefreshToken=held["refresh_token"]
        )
    assert caught.value.response["Error"]["Code"] == "NotAuthorizedException"
    revoked = {"token": held["refresh_token"], "client_id": other}
    assert post(world, "/oauth2/revoke", revoked).error == (400, "invalid_grant")
    assert post(world, "/oauth2/revoke", {**revoked, "client_id": url}).status == 200
    assert refresh(world, held["refresh_token"], url).error == (400, "invalid_grant")


def test_a_grant_needs_policy_app_client_and_document(
    world: World, client: ClientOfTests, host: Host, url: str
) -> None:
    """No refresh token without its grant, no code if the app client may have none, nothing once the policy is gone."""
    plain = url_of(client, "/plain.json")
    host.put(plain, document(plain, grant_types=None))
    held = exchange(world, code_of(walk(client, plain)), plain)
    assert "refresh_token" not in held.body
    none = url_of(client, "/none.json")
    host.put(none, document(none, grant_types=["client_credentials"]))
    assert told_at(client, none) == "unauthorized_client"

    code, tokens = code_of(walk(client, url)), exchange(world, code_of(walk(client, url)), url).body
    assert user_info(world, tokens["access_token"]).status == 200
    for one in world.signed.list_cimd_policies(UserPoolId=client.pool.pool_id)["CIMDPolicies"]:
        world.signed.delete_cimd_policy(UserPoolId=client.pool.pool_id, CIMDPolicyId=one["CIMDPolicyId"])
    assert exchange(world, code, url).error[1] == "invalid_client"
    assert refresh(world, tokens["refresh_token"], url).error[1] == "invalid_client"
    assert user_info(world, tokens["access_token"]).status == 401
    assert "client_id_metadata_document_supported" not in metadata(client.pool)
    other = world.signed.describe_user_pool_client(UserPoolId=client.pool.pool_id, ClientId=client.client_id)
    assert other["UserPoolClient"]["ClientName"] == "behind the policy"


def test_the_oldest_policy_that_allows_an_address_counts(world: World, client: ClientOfTests, host: Host) -> None:
    """Its app client gives the scopes, and a session begun under another one is over."""
    narrow = code_client(client.pool, AllowedOAuthScopes=["openid"])
    first = policy(narrow)
    world.clock.advance(SECOND)
    policy(client)
    url = url_of(client)
    host.put(url)
    assert told_at(client, url, scope="openid email") == "invalid_scope"
    held = exchange(world, code_of(walk(client, url, scope="openid")), url).body
    assert claims_of(held["access_token"])["scope"] == "openid"
    world.signed.delete_cimd_policy(UserPoolId=client.pool.pool_id, CIMDPolicyId=first)
    assert refresh(world, held["refresh_token"], url).error[1] == "invalid_client"
    assert user_info(world, held["access_token"]).status == 401
    assert code_of(walk(client, url, scope="openid email"))


def test_any_port_of_this_machine_is_the_tools_choice(client: ClientOfTests, host: Host) -> None:
    """Of addresses on loopback, `localhost` too; everything else to the letter."""
    url = url_of(client)
    policy(client)
    host.put(
        url, document(url, redirect_uris=["http://localhost/cb", "http://127.0.0.1:1/cb", "https://app.example/cb"])
    )
    for good in ("http://localhost:4711/cb", "http://127.0.0.1:4711/cb"):
        assert "/login" in walk(client, url, redirect_uri=good).authorize().location
    for bad in (
        "http://localhost:4711/other",
        "https://app.example:8443/cb",
        "http://localhost.evil.example/cb",
        CALLBACK,
    ):
        assert refused_at(client, url, redirect_uri=bad) == "redirect_mismatch"


def test_nobody_is_sent_to_an_app_without_having_seen_its_address(client: ClientOfTests, url: str) -> None:
    """Who is signed in at the browser already is asked first, and an app that may not ask is told so."""
    browser = walk(client, url)
    page = browser.follow(browser.authorize())
    assert browser.send(page, "/login", username=NAME, password=PASSWORD).told["code"]
    again = browser.authorize()
    assert again.location.startswith("/login?"), again.location
    asked = browser.follow(again)
    assert url.split("/")[2] in asked.words
    assert browser.send(asked, "/login/continue", account="current").told["code"]
    assert browser.authorize(prompt="none").told["error"] == "interaction_required"


def test_signing_out_by_an_address_leads_nowhere(world: World, client: ClientOfTests, url: str) -> None:
    """A document registers no address for it: who is signed in is signed out by their own token, and stays at our pages."""
    browser = walk(client, url)
    page = browser.send(browser.follow(browser.authorize()), "/login", username=NAME, password=PASSWORD)
    held = exchange(world, page.told["code"], url).body
    asked = {"client_id": url, "logout_uri": CALLBACK}
    assert browser.browser.get("/logout", asked).location.startswith("/error?error=parameters_missing")
    assert browser.browser.get("/logout", {"client_id": url}).location.startswith("/logout/confirm?")
    assert browser.authorize(prompt="none").told["error"] == "interaction_required"
    by_hint = browser.browser.get("/logout", {"client_id": url, "id_token_hint": held["id_token"]})
    assert by_hint.location.startswith("/logout/done"), by_hint.location
    assert browser.authorize(prompt="none").told["error"] == "login_required"


def test_nothing_of_it_stays_when_the_pool_goes(world: World, client: ClientOfTests, url: str) -> None:
    """Discovery tells of policies while there are some, and of another pool's never."""
    assert "client_id_metadata_document_supported" not in metadata(world.pool())
    assert metadata(client.pool)["client_id_metadata_document_supported"] is True
    assert "none" in metadata(client.pool)["token_endpoint_auth_methods_supported"]
    assert url


def test_an_address_exchanges_and_inspects_nothing(world: World, client: ClientOfTests, url: str) -> None:
    """Both want a secret or flows of the app client behind the policy, which nobody gave to an app that has an address."""
    flows = ["ALLOW_TOKEN_EXCHANGE_IMPERSONATION", "ALLOW_TOKEN_EXCHANGE_DELEGATION"]
    place = {"UserPoolId": client.pool.pool_id, "ClientId": client.client_id}
    world.signed.update_user_pool_client(**place, **{**CODE_CLIENT, "ExplicitAuthFlows": flows})
    held = exchange(world, code_of(walk(client, url)), url).body
    shown = {"subject_token": held["access_token"], "subject_token_type": f"{_TOKEN_TYPE}:access_token"}
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "client_id": url}
    assert post(world, "/oauth2/token", {**grant, **shown}).error == (400, "unauthorized_client")
    asked = post(world, "/oauth2/introspect", {"client_id": url, "token": held["access_token"]})
    assert asked.error == (400, "unauthorized_client")


def test_what_an_address_got_is_told_as_its_own(world: World, client: ClientOfTests, url: str) -> None:
    """The app client behind the policy may ask about an access token, and learns the address; a refresh token is not its."""
    held = exchange(world, code_of(walk(client, url)), url).body
    asked = {**of_client(client), "token": held["access_token"]}
    assert post(world, "/oauth2/introspect", asked).body["client_id"] == url
    asked["token"] = held["refresh_token"]
    assert post(world, "/oauth2/introspect", asked).body == {"active": False}
    given = {"Token": held["refresh_token"], "ClientId": client.client_id, "ClientSecret": client.secret}
    with pytest.raises(ClientError) as caught:
        world.unsigned.revoke_token(**given)
    assert caught.value.response["Error"]["Code"] == "UnauthorizedException"


def test_a_request_is_pushed_by_an_address(world: World, client: ClientOfTests, url: str) -> None:
    """Even before any browser brought that address; a person signs in by the request, which the app client behind the policy cannot use."""
    app = walk(client, url)
    pushed = post(world, "/oauth2/par", app.query)
    assert pushed.status == 201, pushed
    request = {"request_uri": str(pushed.body["request_uri"])}
    stolen = app.browser.get("/oauth2/authorize", {"client_id": client.client_id, **request})
    assert stolen.location.startswith("/error?"), stolen.location
    page = app.follow(app.browser.get("/oauth2/authorize", {"client_id": url, **request}))
    assert "The Tool" in page.words
    code = app.send(page, "/login", username=NAME, password=PASSWORD).told["code"]
    assert exchange(world, code, url).status == 200
