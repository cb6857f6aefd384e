"""Does a pool pass two plans of the OpenID conformance suite, of its configuration and of RP-initiated logout? As below.

Each test has its module's name (oauth-federation.md 10).
"""

import base64
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from api.forge import by_secret, jwt
from api.world import World
from hosted.conftest import behind_tls, production
from oauth.browsing import SIGNED_OUT, Page
from oauth.relying_party import RelyingParty, relying_party
from poolkeeper.clock import SECOND

__all__ = ["behind_tls", "production"]
STATE = "s" * 128
# What is registered of provider metadata (OpenID Connect Discovery 3, RFC 8414 2 and their registry) and may be ours one day.
REGISTERED = frozenset(
    [
        "acr_values_supported",
        "authorization_endpoint",
        "authorization_response_iss_parameter_supported",
        "backchannel_logout_session_supported",
        "backchannel_logout_supported",
        "claims_parameter_supported",
        "claims_supported",
        "client_id_metadata_document_supported",
        "code_challenge_methods_supported",
        "dpop_signing_alg_values_supported",
        "end_session_endpoint",
        "grant_types_supported",
        "id_token_signing_alg_values_supported",
        "introspection_endpoint",
        "introspection_endpoint_auth_methods_supported",
        "issuer",
        "jwks_uri",
        "prompt_values_supported",
        "pushed_authorization_request_endpoint",
        "registration_endpoint",
        "request_parameter_supported",
        "request_uri_parameter_supported",
        "require_pushed_authorization_requests",
        "response_modes_supported",
        "response_types_supported",
        "revocation_endpoint",
        "revocation_endpoint_auth_methods_supported",
        "scopes_supported",
        "subject_types_supported",
        "token_endpoint",
        "token_endpoint_auth_methods_supported",
        "ui_locales_supported",
        "userinfo_endpoint",
    ]
)


def discovered(world: World) -> dict[str, Any]:
    """Make a pool with a domain at a server of the open internet; return its metadata."""
    pool = world.pool()
    world.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=f"rp-{pool.pool_id[-9:].lower()}")
    status, headers, body = world.get(f"/{pool.pool_id}/.well-known/openid-configuration")
    assert status == 200
    assert headers["content-type"].startswith("application/json")
    found: dict[str, Any] = json.loads(body)
    assert found["issuer"] == f"https://id.example.com/{pool.pool_id}"
    return found


def test_oidcc_discovery_endpoint_verification(behind_tls: World) -> None:
    """oidcc-discovery-endpoint-verification: every address https, nothing unregistered, lists that are lists."""
    found = discovered(behind_tls)
    addresses = [name for name in found if name.endswith(("_endpoint", "_uri")) or name == "issuer"]
    assert {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"} <= set(addresses)
    assert all(urlsplit(found[name]).scheme == "https" and urlsplit(found[name]).hostname for name in addresses)
    assert not urlsplit(found["issuer"]).query + urlsplit(found["issuer"]).fragment
    assert found.keys() <= REGISTERED
    lists = [name for name in found if name.endswith("s_supported") and not isinstance(found[name], bool)]
    assert all(isinstance(found[name], list) and found[name] for name in lists)
    assert "code" in found["response_types_supported"]
    assert set(found["subject_types_supported"]) <= {"public", "pairwise"}
    assert "RS256" in found["id_token_signing_alg_values_supported"]
    assert "openid" in found["scopes_supported"]
    assert all(isinstance(one, str) and one for one in found["claims_supported"])
    assert {"authorization_code"} <= set(found["grant_types_supported"])
    jwks = json.loads(behind_tls.get(urlsplit(found["jwks_uri"]).path)[2])
    assert all(one["kty"] == "RSA" and one["use"] == "sig" and one["kid"] for one in jwks["keys"])


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(behind_tls: World) -> None:
    """oidcc-rp-initiated-logout-discovery-endpoint-verification: `end_session_endpoint`, https."""
    assert urlsplit(discovered(behind_tls)["end_session_endpoint"]).scheme == "https"


@pytest.fixture
def party(world: World) -> RelyingParty:
    """Make a relying party."""
    return relying_party(world)


def _not_back(party: RelyingParty, page: Page) -> None:
    """Fail if the browser went to the app, or was signed out without a word: an error page, or one that asks."""
    assert page.location.startswith(("/error?", "/logout/confirm?")), page
    assert party.shown(page).page.status in {200, 400}
    assert party.is_signed_in()


def test_oidcc_rp_initiated_logout(party: RelyingParty) -> None:
    """oidcc-rp-initiated-logout: by the hint alone, back to the app with the `state`, and nobody is signed in."""
    hint = party.signed_in()["id_token"]
    page = party.sign_out(id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT, state=STATE)
    assert page.location == f"{SIGNED_OUT}?state={STATE}"
    assert not party.is_signed_in()


def test_oidcc_rp_initiated_logout_no_state(party: RelyingParty) -> None:
    """oidcc-rp-initiated-logout-no-state: back to the app without one."""
    hint = party.signed_in()["id_token"]
    assert party.sign_out(id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT).location == SIGNED_OUT
    assert not party.is_signed_in()


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(party: RelyingParty) -> None:
    """oidcc-rp-initiated-logout-bad-post-logout-redirect-uri: an error page, whatever the hint is worth."""
    hint = party.signed_in()["id_token"]
    uri = "https://app.example/bye1x2y3z"
    _not_back(party, party.sign_out(id_token_hint=hint, post_logout_redirect_uri=uri, state=STATE))


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(party: RelyingParty) -> None:
    """oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri: an error page."""
    hint = party.signed_in()["id_token"]
    uri = f"{SIGNED_OUT}?foo=bar"
    _not_back(party, party.sign_out(id_token_hint=hint, post_logout_redirect_uri=uri, state=STATE))


def test_oidcc_rp_initiated_logout_modified_id_token_hint(party: RelyingParty) -> None:
    """oidcc-rp-initiated-logout-modified-id-token-hint: `none` in place of the signature, with and without the client."""
    payload = party.signed_in()["id_token"].split(".")[1]
    none = base64.urlsafe_b64encode(b'{"alg": "none"}').rstrip(b"=").decode()
    for client_id in (None, party.client.client_id):
        given = {"id_token_hint": f"{none}.{payload}.", "client_id": client_id}
        _not_back(party, party.sign_out(**given, post_logout_redirect_uri=SIGNED_OUT, state=STATE))


def test_oidcc_rp_initiated_logout_bad_id_token_hint(party: RelyingParty) -> None:
    """oidcc-rp-initiated-logout-bad-id-token-hint: signed by somebody else."""
    claims = {
        "iss": party.provider["issuer"],
        "aud": party.client.client_id,
        "sub": "somebody",
        "token_use": "id",
        "exp": party.world.clock.now() // SECOND + 300,
        "iat": party.world.clock.now() // SECOND,
    }
    party.signed_in()
    hint = jwt({"alg": "HS256", "kid": "a"}, claims, by_secret(str(party.client.secret).encode()))
    for client_id in (None, party.client.client_id):
        given = {"id_token_hint": hint, "client_id": client_id}
        _not_back(party, party.sign_out(**given, post_logout_redirect_uri=SIGNED_OUT, state=STATE))


def test_oidcc_rp_initiated_logout_no_id_token_hint(party: RelyingParty) -> None:
    """oidcc-rp-initiated-logout-no-id-token-hint: the suite names no client, so that nobody vouches for the address."""
    party.signed_in()
    _not_back(party, party.sign_out(post_logout_redirect_uri=SIGNED_OUT, state=STATE))


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(party: RelyingParty) -> None:
    """oidcc-rp-initiated-logout-no-post-logout-redirect-uri: signed out, and a page that says so."""
    hint = party.signed_in()["id_token"]
    page = party.sign_out(id_token_hint=hint, state=STATE)
    assert page.location.startswith("/logout/done")
    assert party.shown(page).page.status == 200
    assert not party.is_signed_in()


def _signed_out_by_the_person(party: RelyingParty, **given: str) -> None:
    """Sign in and out, and fail if the person is not asked, or if no page says that it is done."""
    party.signed_in()
    page = party.sign_out(**given)
    assert page.location.startswith("/logout/confirm")
    done = party.press(page, "/logout/confirm")
    assert done.location.startswith("/logout/done")
    assert party.shown(done).page.status == 200
    assert not party.is_signed_in()


def test_oidcc_rp_initiated_logout_no_params(party: RelyingParty) -> None:
    """oidcc-rp-initiated-logout-no-params: the person confirms, and a page says that it is done."""
    _signed_out_by_the_person(party)


def test_oidcc_rp_initiated_logout_only_state(party: RelyingParty) -> None:
    """oidcc-rp-initiated-logout-only-state: the same."""
    _signed_out_by_the_person(party, state=STATE)
