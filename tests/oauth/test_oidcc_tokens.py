"""Does a pool pass the basic plan of the OpenID conformance suite? Its modules of responses, ID tokens, userInfo and scopes.

Each test has its module's name (oauth-federation.md 10). `conformance.json` beside this file is the suite's configuration for
a run by hand (docs/conformance.md).
"""

import base64
import json
from typing import Any

import pytest

from api.world import World
from oauth.relying_party import NAME, OF_SCOPES, PERSON, RelyingParty, another, pkce, relying_party
from poolkeeper.clock import SECOND

ALL_CLAIMS = frozenset[str]().union(*OF_SCOPES.values())


@pytest.fixture
def party(world: World) -> RelyingParty:
    """Make a relying party."""
    return relying_party(world)


def test_oidcc_server(party: RelyingParty) -> None:
    """oidcc-server: the code flow with Basic, for two clients; the ID token holds nothing that was not asked for but AWS's own."""
    for one in (party, another(party)):
        request = one.request(scope="openid email")
        held = one.tokens(one.sign_in(one.ask(request)), request)
        claims = one.verified(held, nonce=request["nonce"])
        # The suite warns of claims that it does not know: these are AWS's, and clients read them.
        extra = {"token_use", "cognito:username", "origin_jti", "event_id", "jti"}
        asked_for = {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash"} | OF_SCOPES[
            "email"
        ]
        assert claims.keys() - asked_for <= extra
        assert one.user_info(held["access_token"])["sub"] == claims["sub"]


def test_oidcc_response_type_missing(party: RelyingParty) -> None:
    """oidcc-response-type-missing: told to the app, in the query."""
    request = party.request(response_type=None)
    assert party.refused(party.ask(request), request) in {"invalid_request", "unsupported_response_type"}


def test_oidcc_idtoken_signature(party: RelyingParty) -> None:
    """oidcc-idtoken-signature: RS256, and a `kid` always."""
    header = json.loads(base64.urlsafe_b64decode(party.signed_in()["id_token"].split(".")[0] + "=="))
    assert header["alg"] == "RS256"
    assert header["kid"]


def test_oidcc_idtoken_unsigned(party: RelyingParty) -> None:
    """oidcc-idtoken-unsigned: skipped by the suite, since `none` is not offered."""
    assert "none" not in party.provider["id_token_signing_alg_values_supported"]


def _told_who(party: RelyingParty, way: str) -> None:
    """Sign in, and fail if userInfo does not tell of the person of the ID token."""
    request = party.request()
    held = party.tokens(party.sign_in(party.ask(request)), request)
    assert party.user_info(held["access_token"], way)["sub"] == party.verified(held, nonce=request["nonce"])["sub"]


def test_oidcc_userinfo_get(party: RelyingParty) -> None:
    """oidcc-userinfo-get: the token in the header."""
    _told_who(party, "get")


def test_oidcc_userinfo_post_header(party: RelyingParty) -> None:
    """oidcc-userinfo-post-header: by POST."""
    _told_who(party, "header")


def test_oidcc_userinfo_post_body(party: RelyingParty) -> None:
    """oidcc-userinfo-post-body: the token in the form."""
    _told_who(party, "body")


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(party: RelyingParty) -> None:
    """oidcc-ensure-request-without-nonce-succeeds-for-code-flow: and no nonce appears from elsewhere."""
    assert "nonce" not in party.verified(party.signed_in(nonce=None))


def _lets_through(party: RelyingParty, scope: str) -> None:
    """Sign in with a scope, and fail if userInfo tells other claims than those that it stands for."""
    told = party.user_info(party.signed_in(scope=f"openid {scope}")["access_token"])
    assert told.keys() >= OF_SCOPES[scope]
    assert not told.keys() & (ALL_CLAIMS - OF_SCOPES[scope])


def test_oidcc_scope_profile(party: RelyingParty) -> None:
    """oidcc-scope-profile: fourteen claims."""
    _lets_through(party, "profile")


def test_oidcc_scope_email(party: RelyingParty) -> None:
    """oidcc-scope-email: the address, and whether it is proved."""
    _lets_through(party, "email")


def test_oidcc_scope_phone(party: RelyingParty) -> None:
    """oidcc-scope-phone: the number, and whether it is proved."""
    _lets_through(party, "phone")


def test_oidcc_scope_address(party: RelyingParty) -> None:
    """oidcc-scope-address: skipped by the suite, since Cognito has no such scope and none is offered; a request is told so."""
    assert "address" not in party.provider["scopes_supported"]
    request = party.request(scope="openid address")
    assert party.refused(party.ask(request), request) == "invalid_scope"


def test_oidcc_scope_all(party: RelyingParty) -> None:
    """oidcc-scope-all: skipped by the suite for want of `address`; all that are offered work at once."""
    told = party.user_info(party.signed_in(scope=" ".join(party.provider["scopes_supported"]))["access_token"])
    assert told.keys() >= ALL_CLAIMS
    assert told["updated_at"] == 1_700_000_000


def test_oidcc_ensure_other_scope_order_succeeds(party: RelyingParty) -> None:
    """oidcc-ensure-other-scope-order-succeeds: `openid` need not come first."""
    told = party.user_info(party.signed_in(scope="email openid")["access_token"])
    assert told.keys() >= OF_SCOPES["email"]


def test_oidcc_server_client_secret_post(party: RelyingParty) -> None:
    """oidcc-server-client-secret-post: the secret in the form."""
    party.by_post = True
    assert {"client_secret_basic", "client_secret_post"} <= set(party.provider["token_endpoint_auth_methods_supported"])
    assert party.user_info(party.signed_in()["access_token"])["sub"]


def test_oidcc_claims_essential(party: RelyingParty) -> None:
    """oidcc-claims-essential: `claims` is not offered and does no harm; `openid` alone lets the name through, as at AWS."""
    assert party.provider["claims_parameter_supported"] is False
    held = party.signed_in(claims='{"userinfo":{"name":{"essential":true}}}')
    assert party.user_info(held["access_token"])["name"] == PERSON["name"]


def _spent_once(party: RelyingParty, seconds: int) -> None:
    """Use a code twice, and fail if the second use does anything but end what the first gave."""
    world, request = party.world, party.request()
    code = party.code(party.sign_in(party.ask(request)), request)
    held = party.exchange(code).body
    assert party.user_info(held["access_token"])["username"] == NAME
    world.clock.advance(seconds * SECOND)
    assert party.exchange(code).error == (400, "invalid_grant")
    bearer = {"Host": party.browser.host, "Authorization": f"Bearer {held['access_token']}"}
    assert world.get(party.path("userinfo_endpoint"), bearer)[0] == 401


def test_oidcc_codereuse(party: RelyingParty) -> None:
    """oidcc-codereuse: at once."""
    _spent_once(party, 0)


def test_oidcc_codereuse_30seconds(party: RelyingParty) -> None:
    """oidcc-codereuse-30seconds: later."""
    _spent_once(party, 30)


def test_oidcc_refresh_token(world: World, party: RelyingParty) -> None:
    """oidcc-refresh-token: the next tokens are of the same person and sign-in, and another client gets none for it."""
    held: dict[str, Any] = {}
    theirs = held
    for one in (party, another(party)):
        theirs = held
        request = one.request()
        held = one.tokens(one.sign_in(one.ask(request)), request)
        before = one.verified(held, nonce=request["nonce"])
        world.clock.advance(SECOND)
        answer = one.token(grant_type="refresh_token", refresh_token=held["refresh_token"])
        assert answer.status == 200, answer
        after = one.verified(answer.body, nonce=None if "nonce" not in _claims(answer.body) else request["nonce"])
        assert {name: before[name] for name in ("iss", "sub", "aud", "auth_time")} == {
            name: after[name] for name in ("iss", "sub", "aud", "auth_time")
        }
        assert after["iat"] > before["iat"]
        assert one.user_info(answer.body["access_token"])["sub"] == before["sub"]
    assert another(party).token(grant_type="refresh_token", refresh_token=theirs["refresh_token"]).error == (
        400,
        "invalid_grant",
    )
    assert party.token(grant_type="refresh_token", refresh_token=held["refresh_token"]).error == (400, "invalid_grant")


def test_oidcc_ensure_request_with_valid_pkce_succeeds(party: RelyingParty) -> None:
    """oidcc-ensure-request-with-valid-pkce-succeeds: for a confidential client too."""
    request = party.request(**pkce("v" * 43))
    party.tokens(party.sign_in(party.ask(request)), request, code_verifier="v" * 43)


def _claims(held: object) -> dict[str, object]:
    assert isinstance(held, dict)
    payload = held["id_token"].split(".")[1]
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
