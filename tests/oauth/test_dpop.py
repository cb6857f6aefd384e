"""Are tokens bound to the key that a DPoP proof shows, and of use to nobody else? At every endpoint that gives or takes them (RFC 9449)."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.forge import claims_of
from api.own_code import own_code
from api.world import ClientOfTests, World, refused
from oauth.browsing import Browser, app_client, request_of
from oauth.documents import metadata
from oauth.hosted import (
    CALLBACK,
    NAME,
    Answer,
    code_client,
    code_for,
    exchange,
    of_client,
    post,
    refresh,
    tokens_for,
    user_info,
)
from oauth.introspecting import introspect
from oauth.machines import CREDENTIALS, READ
from oauth.proving import (
    PAR,
    TOKEN,
    USER_INFO,
    Holder,
    ada,
    challenge_of,
    client,
    exchange_with,
    holder,
    refresh_with,
    user_info_with,
)
from oauth.relying_party import relying_party
from poolkeeper.clock import MINUTE
from poolkeeper.crypto.dpop import ALGORITHMS, MAX_PROOF, MOST_RSA_BITS
from poolkeeper.oauth.dpop import AHEAD, BEHIND
from poolkeeper.server.upkeep import set_preferences
from poolkeeper.tokens.dpop import SLOT

__all__ = ["ada", "client"]

NO_TOKEN = ("NotAuthorizedException", "Invalid Access Token")
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


@pytest.fixture
def thief(world: World) -> Holder:
    """Make somebody who holds another key."""
    return holder(world)


def bound(client: ClientOfTests, held: Holder, **given: str) -> dict[str, Any]:
    """Sign in and exchange the code with a proof; return the tokens."""
    answer = exchange_with(client, code_for(client, **given), held.header())
    assert answer.status == 200, answer
    return dict(answer.body)


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512", "PS256", "RS256"])
def test_every_algorithm_binds_by_the_thumbprint_of_its_key(
    world: World, client: ClientOfTests, algorithm: str
) -> None:
    """RFC 9449 5, 6.1, 7.1: from the code to userInfo; the ID token is bound to nothing."""
    held = holder(world, algorithm)
    tokens = bound(client, held, scope="openid")
    assert tokens["token_type"] == "DPoP"
    assert claims_of(tokens["access_token"])["cnf"] == {"jkt": held.jkt}
    assert "cnf" not in claims_of(tokens["id_token"])
    assert user_info_with(held, tokens["access_token"]).body["username"] == NAME


def test_a_bound_token_is_no_bearer_token_anywhere(world: World, client: ClientOfTests, ada: Holder) -> None:
    """RFC 9449 7.2: userInfo in each way, and operations that take an access token."""
    token = bound(client, ada)["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    for answer in (
        user_info(world, token),
        post(world, USER_INFO, {"access_token": token}),
        post(world, USER_INFO, b"", {**header, **ada.header(USER_INFO, token=token)}),
    ):
        assert answer.error == (401, "invalid_token")
        assert challenge_of(answer).startswith('DPoP error="invalid_token"')
        assert 'algs="ES256 ES384 ES512 PS256 RS256"' in challenge_of(answer)
    for call in (
        lambda: world.unsigned.get_user(AccessToken=token),
        lambda: world.unsigned.global_sign_out(AccessToken=token),
        lambda: world.unsigned.associate_software_token(AccessToken=token),
    ):
        assert refused(call) == NO_TOKEN
    assert world.unsigned.get_user(AccessToken=tokens_for(client)["access_token"])["Username"] == NAME


def test_a_token_that_is_bound_to_nothing_is_not_shown_with_a_key(client: ClientOfTests, ada: Holder) -> None:
    """RFC 9449 7.1: the key must be that of the token."""
    answer = user_info_with(ada, tokens_for(client)["access_token"])
    assert answer.error == (401, "invalid_token")


def test_a_proof_beside_a_bearer_token_is_passed_over(world: World, client: ClientOfTests, ada: Holder) -> None:
    """The scheme says what is shown."""
    token = tokens_for(client)["access_token"]
    headers = {"Authorization": f"Bearer {token}", "DPoP": "nothing"}
    assert world.get(USER_INFO, headers)[0] == 200


def test_the_refresh_token_of_a_public_client_serves_its_key_alone(
    world: World, client: ClientOfTests, ada: Holder, thief: Holder
) -> None:
    """RFC 9449 5: at the token endpoint with the key; by the API, where no key can be shown, not at all."""
    token = bound(client, ada)["refresh_token"]
    assert refresh(client, token).error == (400, "invalid_dpop_proof")
    assert refresh_with(client, token, thief.header()).error == (400, "invalid_grant")
    by_flow = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": token}}
    for call in (
        lambda: world.unsigned.initiate_auth(ClientId=client.client_id, **by_flow),
        lambda: world.unsigned.get_tokens_from_refresh_token(ClientId=client.client_id, RefreshToken=token),
    ):
        assert refused(call)[0] == "NotAuthorizedException"
    again = refresh_with(client, token, ada.header())
    assert (again.status, again.body["token_type"]) == (200, "DPoP")
    assert claims_of(again.body["access_token"])["cnf"] == {"jkt": ada.jkt}


def test_what_a_rotation_brings_is_bound_too(world: World, ada: Holder, thief: Holder) -> None:
    """Also within the grace, where the same token comes again."""
    pool = world.pool()
    pool.user(NAME)
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30}
    client = code_client(pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], RefreshTokenRotation=rotation)
    first = bound(client, ada)["refresh_token"]
    seconds = {refresh_with(client, first, ada.header()).body["refresh_token"] for _ in range(2)}
    (second,) = seconds
    assert second != first
    for token in (first, second):
        assert refresh_with(client, token, thief.header()).error == (400, "invalid_grant")
        assert refresh(client, token).error == (400, "invalid_dpop_proof")
    assert refresh_with(client, second, ada.header()).status == 200


def test_a_refresh_token_of_before_gets_bound_tokens_where_a_key_is_shown(client: ClientOfTests, ada: Holder) -> None:
    """It goes on as it is; the access token is bound from then on."""
    held = tokens_for(client)
    again = refresh_with(client, held["refresh_token"], ada.header())
    assert claims_of(again.body["access_token"])["cnf"] == {"jkt": ada.jkt}
    assert refresh(client, held["refresh_token"]).body["token_type"] == "Bearer"


def test_a_session_that_became_bound_stays_it_within_the_grace(world: World, ada: Holder, thief: Holder) -> None:
    """The token from before gets the bound successor, but only with its key: otherwise a thief would get one that anybody can use."""
    pool = world.pool()
    pool.user(NAME)
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30}
    client = code_client(pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], RefreshTokenRotation=rotation)
    before = tokens_for(client)["refresh_token"]
    second = refresh(client, before).body["refresh_token"]
    assert refresh(client, before).body["refresh_token"] == second  # bound to nobody yet
    bound_by = refresh_with(client, second, ada.header()).body["refresh_token"]
    assert refresh_with(client, second, ada.header()).body["refresh_token"] == bound_by
    assert refresh(client, second).error == (400, "invalid_dpop_proof")
    assert refresh_with(client, second, thief.header()).error == (400, "invalid_grant")
    by_api = partial(world.unsigned.get_tokens_from_refresh_token, ClientId=client.client_id, RefreshToken=second)
    assert refused(by_api)[0] == "NotAuthorizedException"
    assert refresh_with(client, bound_by, ada.header()).status == 200


def test_of_two_refreshes_at_once_none_undoes_the_binding(world: World, ada: Holder) -> None:
    """If a refresh with a key comes first, one without a key gets nothing unbound."""
    pool = world.pool()
    pool.user(NAME)
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30}
    client = code_client(pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], RefreshTokenRotation=rotation)
    for _ in range(5):
        token = tokens_for(client)["refresh_token"]
        with ThreadPoolExecutor(2) as both:
            with_key = both.submit(refresh_with, client, token, ada.header())
            without = both.submit(refresh, client, token)
        session_id = claims_of(with_key.result().body["access_token"])["origin_jti"]
        ((jkt,),) = world.rows("SELECT jkt FROM sessions WHERE session_id = $1", session_id)
        refused_without = without.result().error == (400, "invalid_dpop_proof")
        assert refused_without is (jkt == ada.jkt), without.result()


def test_a_client_with_a_secret_goes_on_by_it(client: ClientOfTests, ada: Holder, thief: Holder) -> None:
    """RFC 9449 5: its refresh tokens are bound to the client already, and its keys may change."""
    confidential = code_client(client.pool, GenerateSecret=True)
    token = bound(confidential, ada)["refresh_token"]
    answer = refresh_with(confidential, token, thief.header())
    assert claims_of(answer.body["access_token"])["cnf"] == {"jkt": thief.jkt}


def test_a_bound_refresh_token_is_revoked_without_its_key(client: ClientOfTests, ada: Holder) -> None:
    """RFC 7009: who finds one may end it, and gets nothing by it."""
    tokens = bound(client, ada)
    fields = {"token": tokens["refresh_token"], **of_client(client)}
    assert post(client.world, "/oauth2/revoke", fields).status == 200
    assert refresh_with(client, tokens["refresh_token"], ada.header()).error == (400, "invalid_grant")
    assert user_info_with(ada, tokens["access_token"]).error == (401, "invalid_token")


def test_a_machine_s_token_is_bound(client: ClientOfTests, ada: Holder) -> None:
    """Client credentials."""
    machine = client.pool.client(**CREDENTIALS)
    fields = {"grant_type": "client_credentials", "scope": READ, **of_client(machine)}
    answer = post(client.world, TOKEN, fields, ada.header())
    assert (answer.status, answer.body["token_type"]) == (200, "DPoP")
    assert claims_of(answer.body["access_token"])["cnf"] == {"jkt": ada.jkt}
    told = introspect(code_client(client.pool, GenerateSecret=True), answer.body["access_token"]).body
    assert (told["active"], told["cnf"], told["token_type"]) == (True, {"jkt": ada.jkt}, "DPoP")


def test_an_api_learns_the_key_of_what_it_was_shown(client: ClientOfTests, ada: Holder) -> None:
    """RFC 9449 6.2; the API itself asks for the proof. A bound refresh token tells its key to its own client."""
    api = code_client(client.pool, GenerateSecret=True)
    told = introspect(api, bound(client, ada)["access_token"]).body
    assert (told["active"], told["cnf"], told["token_type"]) == (True, {"jkt": ada.jkt}, "DPoP")
    assert introspect(api, tokens_for(client)["access_token"]).body["token_type"] == "Bearer"
    assert "cnf" not in introspect(api, bound(api, ada)["refresh_token"]).body


def test_a_code_is_bound_where_the_request_says_so(client: ClientOfTests, ada: Holder, thief: Holder) -> None:
    """RFC 9449 10: whoever stole it does not have the key, and its owner can still use it."""
    code = code_for(client, dpop_jkt=ada.jkt)
    assert exchange(client, code).error == (400, "invalid_dpop_proof")
    assert exchange_with(client, code, thief.header()).error == (400, "invalid_grant")
    assert exchange_with(client, code, ada.header()).status == 200


@pytest.mark.parametrize("wrong", ["", "short", "A" * 44, "A" * 42 + "!"])
def test_what_is_no_thumbprint_is_refused(world: World, wrong: str) -> None:
    """At the authorization endpoint, to the app's address."""
    party = relying_party(world)
    request = party.request(dpop_jkt=wrong)
    assert party.refused(party.ask(request), request) == "invalid_request"


def test_a_token_in_an_address_is_bound_to_nothing_and_does_not_pretend_it(world: World, ada: Holder) -> None:
    """RFC 9449 10 is for codes: whoever asks for a binding gets no bearer token instead."""
    pool = world.pool()
    implicit = app_client(pool, AllowedOAuthFlows=["implicit"])
    asked = request_of(implicit, response_type="token", dpop_jkt=ada.jkt)
    answer = Browser(pool).get("/oauth2/authorize", asked)
    assert answer.location.startswith(f"{CALLBACK}#")
    assert answer.told["error"] == "invalid_request"
    assert answer.told["error_description"].startswith("dpop_jkt is for codes")


def test_a_pushed_request_is_bound_by_a_proof_or_by_name(world: World, ada: Holder, thief: Holder) -> None:
    """RFC 9449 10.1: through the pages to the code; of both ways at once the key must be one."""
    party = relying_party(world)
    url = str(party.provider["pushed_authorization_request_endpoint"])
    path = party.path("pushed_authorization_request_endpoint")
    fields = {**party.request(), **of_client(party.client)}
    host = {"Host": party.browser.host}

    def push(held: Holder, **more: str) -> Answer:
        return post(world, path, {**fields, **more}, {**host, **held.header(htu=url)})

    assert push(ada, dpop_jkt=thief.jkt).error == (400, "invalid_request")
    assert push(ada, dpop_jkt=ada.jkt).status == 201
    uri = push(ada).body["request_uri"]
    page = party.ask({"client_id": party.client.client_id, "request_uri": uri})
    code = party.sign_in(page).told["code"]
    token_url = str(party.provider["token_endpoint"])
    brought = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **of_client(party.client)}
    for held, status in ((thief, 400), (ada, 200)):
        assert post(world, TOKEN, brought, {**host, **held.header(htu=token_url)}).status == status
    assert post(world, PAR, fields, {**host, "DPoP": "nothing"}).error == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("suppressed", ["['cnf']", "[]"])
def test_no_function_says_to_which_key_a_token_is_bound(
    world: World, ada: Holder, suppressed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PreTokenGeneration neither changes `cnf`, nor takes it away, nor adds one."""
    lines = (
        "added = {'cnf': {'jkt': 'mine'}, 'ours': 'yes'}",
        f"access = {{'claimsToAddOrOverride': added, 'claimsToSuppress': {suppressed}}}",
        "event['response']['claimsAndScopeOverrideDetails'] = {'accessTokenGeneration': access}",
    )
    with own_code(world, tmp_path, monkeypatch) as code:
        arn = code.function("PreTokenGeneration", "\n    ".join(lines))
        config = {"PreTokenGenerationConfig": {"LambdaArn": arn, "LambdaVersion": "V2_0"}}
        pool = world.pool(LambdaConfig=config)
        pool.user(NAME)
        client = code_client(pool)
        with_key, without = bound(client, ada)["access_token"], tokens_for(client)["access_token"]
    assert claims_of(with_key)["cnf"] == {"jkt": ada.jkt}
    assert (claims_of(with_key)["ours"], claims_of(without)["ours"]) == ("yes", "yes")
    assert "cnf" not in claims_of(without)


def test_an_exchanged_token_is_bound_to_who_exchanges(client: ClientOfTests, ada: Holder, thief: Holder) -> None:
    """A client with a secret takes what it was shown; one without exchanges none, else a thief would get a bearer token."""
    token = bound(client, ada)["access_token"]
    flows = {"ExplicitAuthFlows": ["ALLOW_TOKEN_EXCHANGE_IMPERSONATION"]}
    api, public = (code_client(client.pool, GenerateSecret=secret, **flows) for secret in (True, False))
    fields = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN}

    def ask(by: ClientOfTests, **headers: str) -> Answer:
        return post(client.world, TOKEN, {**fields, **of_client(by)}, headers)

    used = thief.header()
    answer = ask(api, **used)
    assert ask(api, **used).error == (400, "invalid_dpop_proof")
    assert (answer.status, answer.body["token_type"]) == (200, "DPoP")
    assert claims_of(answer.body["access_token"])["cnf"] == {"jkt": thief.jkt}
    assert ask(api).body["token_type"] == "Bearer"
    assert ask(public, **ada.header()).error == (400, "unauthorized_client")
    derive = {"ClientId": public.client_id, "SubjectToken": token, "SubjectTokenType": "ACCESS_TOKEN"}
    assert refused(lambda: client.world.signed.get_derived_token(**derive)) == NO_TOKEN


def test_whether_nonces_are_demanded_is_the_pools_word_at_this_moment(
    world: World, client: ClientOfTests, ada: Holder
) -> None:
    """A process that remembers the pool as it was uses it as it is; blanks around a proof do not belong to it."""
    bound(client, ada)
    for said, error in (("on", (400, "use_dpop_nonce")), ("off", None)):
        code = code_for(client)
        world.run(partial(set_preferences, world.house, client.pool.pool_id, [f"dpop_nonces={said}"]))
        answer = exchange_with(client, code, {"DPoP": f" {ada.proof()} \t"})
        assert (answer.error if answer.status != 200 else None) == error


def test_the_metadata_and_the_headers_of_cors_say_it(world: World, client: ClientOfTests, ada: Holder) -> None:
    """RFC 9449 5.1; a script of any site sends the proof and reads the nonce."""
    assert metadata(client.pool)["dpop_signing_alg_values_supported"] == ["ES256", "ES384", "ES512", "PS256", "RS256"]
    for path in (TOKEN, USER_INFO, PAR):
        asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        preflight = world.http("OPTIONS", path, headers=asked)[1]
        assert "DPoP" in preflight["access-control-allow-headers"].split(", ")
        told = post(world, path, {"client_id": client.client_id}, ada.header(path)).headers
        assert "DPoP-Nonce" in told["access-control-expose-headers"].split(", ")


def test_the_page_about_dpop_says_what_is_taken() -> None:
    """docs/dpop.md."""
    page = (Path(__file__).parents[2] / "docs" / "dpop.md").read_text()
    for said in (
        ", ".join(ALGORITHMS),
        f"not more than {BEHIND // MINUTE} minutes old, nor {AHEAD // MINUTE} minute ahead",
        f"one, of {MAX_PROOF // 1024} KB at the most",
        f"RSA of 2,048 to {MOST_RSA_BITS:,} bits",
        "`invalid_dpop_proof`",
        "`use_dpop_nonce`",
        "two to four minutes" if SLOT == 2 * MINUTE else "another number",
    ):
        assert said in page, said


def test_a_request_without_a_key_leaves_no_row(world: World, client: ClientOfTests) -> None:
    """Whoever does not ask for proofs pays nothing for them."""
    before = world.rows("SELECT COUNT(*) FROM nonces")
    refresh(client, tokens_for(client)["refresh_token"])
    assert world.rows("SELECT COUNT(*) FROM nonces") == before
