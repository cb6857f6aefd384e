"""What do clients configure themselves by? The well-known documents of a pool, at every address that clients make of its issuer."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from api.world import World
from hosted.conftest import behind_tls, production
from hosted.places_of_tests import Estate, asked, estate
from poolkeeper.hosted.authorize import FLOWS, MODES, PROMPTS
from poolkeeper.lookup import find_pool
from poolkeeper.model.pool import Pool
from poolkeeper.oauth.discovery import metadata
from poolkeeper.oauth.endpoints import PATHS
from poolkeeper.oauth.token import GRANTS
from poolkeeper.settings import Settings

__all__ = ["behind_tls", "production"]
NAMES = ("openid-configuration", "oauth-authorization-server")
LED_TO = {
    "authorization_endpoint": "/oauth2/authorize",
    "token_endpoint": "/oauth2/token",
    "userinfo_endpoint": "/oauth2/userInfo",
    "pushed_authorization_request_endpoint": "/oauth2/par",
    "revocation_endpoint": "/oauth2/revoke",
    "end_session_endpoint": "/logout",
    "introspection_endpoint": "/oauth2/introspect",
}


@pytest.fixture
def juniper(world: World) -> Estate:
    """Make a pool with both domains at the development server."""
    return estate(world)


def document(one: Estate, host: str = "localhost") -> dict[str, Any]:
    """Return the metadata as a client reads it."""
    answer = one.ask(host, f"/{one.pool.pool_id}/.well-known/openid-configuration")
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def decoded(world: World, pool_id: str) -> Pool:
    """Return a pool as the server holds it."""
    pool = world.run(lambda: find_pool(world.house, pool_id))
    assert pool is not None
    return pool


def test_the_metadata_say_what_is_so(juniper: Estate) -> None:
    """The fields of Cognito's document, in its order, and those that its users miss."""
    host, pool_id = f"http://{juniper.custom}:{juniper.world.house.settings.port}", juniper.pool.pool_id
    found = document(juniper)
    assert list(found) == sorted(found)
    claims = found.pop("claims_supported")
    assert {"sub", "email", "email_verified", "cognito:username", "nonce", "acr", "amr"} <= set(claims)
    assert found == {
        **{name: host + path for name, path in LED_TO.items()},
        "acr_values_supported": [f"urn:cognito:loa:{level}" for level in (1, 2, 3, 4)],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_session_supported": True,
        "backchannel_logout_supported": True,
        "claims_parameter_supported": False,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": ["ES256", "ES384", "ES512", "PS256", "RS256"],
        "grant_types_supported": [
            "authorization_code",
            "implicit",
            "refresh_token",
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        "id_token_signing_alg_values_supported": ["RS256"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "issuer": f"{juniper.world.url}/{pool_id}",
        "jwks_uri": f"{juniper.world.url}/{pool_id}/.well-known/jwks.json",
        "prompt_values_supported": ["none", "login", "select_account"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_pushed_authorization_requests": False,
        "response_modes_supported": ["query", "fragment"],
        "response_types_supported": ["code", "token"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "ui_locales_supported": ["de", "en", "es", "fr", "id", "it", "ja", "ko", "nl", "pt-BR", "zh-CN", "zh-TW"],
    }


def test_what_the_metadata_name_is_what_the_endpoints_take(juniper: Estate) -> None:
    """Grants, prompts, modes and flows are those of the tables; a consent that is never asked for is not told."""
    found = document(juniper)
    assert set(found["grant_types_supported"]) == {*GRANTS, "implicit"}
    assert set(found["prompt_values_supported"]) == PROMPTS - {"consent"}
    assert set(found["response_modes_supported"]) == MODES
    assert set(found["response_types_supported"]) == set(FLOWS)


def test_a_pool_has_its_own_names_for_levels_and_keeps_its_attributes_to_itself(world: World) -> None:
    """`acr_values_supported` are the pool's; what its custom attributes are called is nobody's business."""
    pool = world.pool(
        AcrConfiguration={"Level2": {"AcrValue": "gold"}},
        Schema=[{"Name": "salary", "AttributeDataType": "String", "Mutable": True}],
    )
    text = world.get(f"/{pool.pool_id}/.well-known/openid-configuration")[2].decode()
    names = json.loads(text)["acr_values_supported"]
    assert names == ["urn:cognito:loa:1", "gold", "urn:cognito:loa:3", "urn:cognito:loa:4"]
    assert "salary" not in text


def test_a_document_is_the_same_at_every_address(juniper: Estate) -> None:
    """With the id before or behind under any host, and without it on the pool's own; to the byte, for OAuth and OpenID."""
    pool_id, world = juniper.pool.pool_id, juniper.world
    keys = {
        juniper.ask(host, f"/{pool_id}/.well-known/jwks.json").content for host in ("localhost", "any.example", "[::1]")
    }
    for host, mount in juniper.forms.values():
        keys.add(juniper.ask(host, f"{mount}/{pool_id}/.well-known/jwks.json").content)
        if host != "localhost" or mount:
            keys.add(juniper.ask(host, f"{mount}/.well-known/jwks.json").content)
    (only,) = keys
    assert json.loads(only)["keys"]

    found = set()
    hosts = [*juniper.forms.values(), ("any.example", "")]
    for name in NAMES:
        for host, mount in hosts:
            found.add(juniper.ask(host, f"{mount}/{pool_id}/.well-known/{name}").content)
            found.add(juniper.ask(host, f"{mount}/.well-known/{name}/{pool_id}").content)
        for form in ("prefix", "custom", "path"):
            host, mount = juniper.forms[form]
            found.add(juniper.ask(host, f"{mount}/.well-known/{name}").content)
    (text,) = found
    assert json.loads(text)["issuer"] == f"{world.url}/{pool_id}"


def test_spring_security_finds_it_at_each_address_that_it_makes_of_an_issuer(juniper: Estate) -> None:
    """It tries three in turn, and takes the first: each answers 200 with the very issuer that the addresses were made of."""
    issuer = document(juniper)["issuer"]
    base = urlsplit(issuer)
    for path in (
        f"{base.path}/.well-known/openid-configuration",
        f"/.well-known/openid-configuration{base.path}",
        f"/.well-known/oauth-authorization-server{base.path}",
    ):
        status, headers, body = juniper.world.get(path)
        assert (status, headers["content-type"]) == (200, "application/json"), path
        told = json.loads(body)
        assert told["issuer"] == issuer
        assert told["jwks_uri"] == f"{issuer}/.well-known/jwks.json"


def test_where_no_pool_is_there_is_no_document(juniper: Estate) -> None:
    """The bare host has one of the issuer of identity pools alone, and what cannot be an id is not looked for."""
    for name in ("oauth-authorization-server", "jwks.json"):
        assert juniper.ask("localhost", f"/.well-known/{name}").status_code == 400
        assert juniper.ask("any.example", f"/.well-known/{name}").status_code == 404
        for pool_id in ("us-east-1_NobodyHas", "%00", "a" * 60, "_", "x_%F0%9F%90%98"):
            answer = juniper.ask("localhost", f"/{pool_id}/.well-known/{name}")
            assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_scripts_of_any_site_may_read_them_also_with_a_token(juniper: Estate) -> None:
    """Some clients send Authorization along, and `*` does not stand for it (Fetch standard)."""
    pool_id = juniper.pool.pool_id
    prefix, _ = juniper.forms["prefix"]
    for host, path in (
        ("localhost", f"/{pool_id}/.well-known/jwks.json"),
        ("localhost", f"/.well-known/oauth-authorization-server/{pool_id}"),
        (prefix, "/.well-known/openid-configuration"),
    ):
        asking = {"Origin": "https://evil.example", "Access-Control-Request-Headers": "authorization"}
        preflight = juniper.ask(host, path, method="OPTIONS", headers=asking)
        assert preflight.status_code == 204
        assert "authorization" in preflight.headers["access-control-allow-headers"].lower().split(", ")
        answer = juniper.ask(host, path, headers={"Origin": "https://evil.example", "Authorization": "Bearer x"})
        for told in (preflight, answer):
            assert told.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in told.headers
        kept = 3600 if path.endswith("jwks.json") else 300  # it names another address once there is a domain
        assert answer.headers["cache-control"] == f"public, max-age={kept}"


def test_every_endpoint_that_is_named_is_the_address_of_one(juniper: Estate) -> None:
    """It answers where the document says, at a custom domain and at the bare host."""
    signed, pool_id = juniper.world.signed, juniper.pool.pool_id
    for domain in (juniper.custom, juniper.prefix, None):
        found = document(juniper)
        for name in LED_TO:
            parts = urlsplit(found[name])
            assert parts.path in PATHS
            query = {"client_id": juniper.client.client_id}
            assert juniper.ask(parts.netloc, parts.path, params=query).status_code in {303, 400, 405}, name
        if domain is not None:
            signed.delete_user_pool_domain(UserPoolId=pool_id, Domain=domain)


def test_a_pool_without_an_address_names_no_endpoint(behind_tls: World) -> None:
    """But keys and all else; once it has a domain, that is named."""
    pool = behind_tls.pool()
    path = f"/{pool.pool_id}/.well-known/openid-configuration"
    found = asked(behind_tls, "id.example.com", path).json()
    assert found["issuer"] == f"https://id.example.com/{pool.pool_id}"
    assert not LED_TO.keys() & found.keys()

    prefix = f"juniper-{pool.pool_id[-9:].lower()}"
    behind_tls.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=prefix)
    found = asked(behind_tls, "id.example.com", path).json()
    assert {found[name] for name in LED_TO} == {
        f"https://{prefix}.auth.id.example.com{path}" for path in LED_TO.values()
    }


@pytest.mark.parametrize(
    ("kind", "host"), [("ORIGINAL", "cognito-idp"), ("UPDATED", "issuer-cognito-idp"), (None, "cognito-idp")]
)
def test_in_awss_form_the_pool_picks_between_its_two_issuers(world: World, kind: str | None, host: str) -> None:
    """Ours is one, whatever IssuerConfiguration says; the keys are at our own address in either."""
    pool = world.pool(**({} if kind is None else {"IssuerConfiguration": {"Type": kind}}))
    held = decoded(world, pool.pool_id)
    own, aws = Settings(), Settings(issuer="aws")
    assert metadata(own, held)["issuer"] == f"http://localhost:7665/{pool.pool_id}"
    assert metadata(aws, held)["issuer"] == f"https://{host}.us-east-1.amazonaws.com/{pool.pool_id}"
    assert metadata(own, replace(held, issuer_form="aws"))["issuer"] == metadata(aws, held)["issuer"]
    assert metadata(aws, replace(held, issuer_form="own"))["issuer"] == metadata(own, held)["issuer"]
    assert metadata(aws, held)["jwks_uri"] == metadata(own, held)["jwks_uri"]
