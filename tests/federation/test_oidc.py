"""Is somebody who signs in at an OpenID provider who that provider says, in this very sign-in? attacks.md 105, oauth-federation.md 7."""

import pytest

from federation.misbehaviour import MISBEHAVIOUR, at_hash
from federation.provider import (
    ATTEMPT,
    SECRET,
    Provider,
    asked,
    hashed,
    parameters,
    refusal,
    sign_in,
    story,
    visit,
)
from poolkeeper import providers as fetching
from poolkeeper.federation import code_flow
from poolkeeper.federation.upstream import Hints
from poolkeeper.providers import Providers
from poolkeeper.secret import Secret
from tokens.issuer import CLIENT, DISCOVERY, NOW, key


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait two seconds for a provider instead of five."""
    monkeypatch.setattr(fetching, "_SECONDS", 2.0)


def test_a_sign_in_brings_the_claims_of_id_token_and_user_info() -> None:
    """The ID token wins where both speak; both, and the tokens, are there for InboundFederation."""

    async def told(provider: Provider, providers: Providers) -> None:
        provider.id_token = {"email": "id-token@example.com", "name": "One"}
        provider.user = {"sub": "user-1", "email": "user-info@example.com", "phone_number": "+15550100"}
        found = await sign_in(providers, provider.upstream())
        assert found.subject == "user-1"
        assert found.claims == {
            **provider.issuer.claims(nonce="a-nonce", name="One"),
            "email": "id-token@example.com",
            "phone_number": "+15550100",
        }
        assert found.user_info == provider.user
        assert found.id_token["email"] == "id-token@example.com"
        assert found.token_response["access_token"] == "an-access-token"

    story(told)


def test_the_browser_is_sent_with_state_nonce_and_pkce() -> None:
    """And with what the app asked for, where it asked."""

    async def told(provider: Provider, providers: Providers) -> None:
        url = await code_flow.begin(providers, "OIDC", provider.upstream(), ATTEMPT, now=NOW * 1000)
        assert url.startswith(f"{provider.issuer.url}/authorize?")
        plain = {
            "client_id": CLIENT,
            "redirect_uri": ATTEMPT.redirect_uri,
            "response_type": "code",
            "scope": "openid email",
            "state": "a-state",
            "nonce": "a-nonce",
            "code_challenge": hashed(ATTEMPT.code_verifier),
            "code_challenge_method": "S256",
        }
        assert asked(url) == plain
        hints = Hints(prompt="login", login_hint="user@example.com", acr_values="urn:two")
        url = await code_flow.begin(providers, "OIDC", provider.upstream(), ATTEMPT, now=NOW * 1000, hints=hints)
        assert asked(url) == {
            **plain,
            "prompt": "login",
            "login_hint": "user@example.com",
            "acr_values": "urn:two",
        }

    story(told)


def test_an_authorize_address_keeps_its_own_query() -> None:
    """As that of a policy of Azure AD B2C has one."""

    async def told(provider: Provider, providers: Providers) -> None:
        upstream = provider.given(authorize_url="https://login.example/authorize?p=B2C_1_in")
        url = await code_flow.begin(providers, "OIDC", upstream, ATTEMPT, now=NOW * 1000)
        assert url.startswith("https://login.example/authorize?p=B2C_1_in&client_id=")

    story(told)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_user_info_is_asked_by_the_method_that_was_set(method: str) -> None:
    """`attributes_request_method`; the access token is in the header either way."""

    async def told(provider: Provider, providers: Providers) -> None:
        await sign_in(providers, provider.upstream(attributes_by_post=method == "POST"))
        assert [one.method for one in provider.received] == ["POST", method]
        assert provider.received[1].path == "/userinfo"

    story(told)


@pytest.mark.parametrize(
    ("methods", "secret", "basic"),
    [
        (["client_secret_basic", "client_secret_post"], SECRET, False),
        (["client_secret_basic"], SECRET, True),
        (None, SECRET, True),
        (["none"], "", False),
        (None, "", False),
    ],
)
def test_the_secret_goes_where_the_provider_takes_it(methods: list[str] | None, secret: str, *, basic: bool) -> None:
    """In the form as at AWS where that is supported, else in the header; a public client has none."""

    async def told(provider: Provider, providers: Providers) -> None:
        provider.secret, provider.basic = secret, basic
        provider.issuer.said = {} if methods is None else {"token_endpoint_auth_methods_supported": methods}
        assert (await sign_in(providers, provider.upstream())).subject == "user-1"

    story(told)


def test_a_provider_that_takes_no_pkce_is_asked_without() -> None:
    """One that says which challenges it takes, and S256 is not among them."""

    async def told(provider: Provider, providers: Providers) -> None:
        provider.issuer.said["code_challenge_methods_supported"] = ["plain"]
        assert (await sign_in(providers, provider.upstream())).subject == "user-1"
        assert "code_verifier" not in parameters(provider.received[0].body.decode())

    story(told)


def test_what_a_document_leaves_out_may_be_null() -> None:
    """Some providers write all members that there are."""

    async def told(provider: Provider, providers: Providers) -> None:
        provider.basic = True
        provider.issuer.said = dict.fromkeys(
            (
                "userinfo_endpoint",
                "token_endpoint_auth_methods_supported",
                "code_challenge_methods_supported",
                "authorization_response_iss_parameter_supported",
            )
        )
        assert (await sign_in(providers, provider.upstream())).user_info == {}
        assert "code_verifier" in parameters(provider.received[0].body.decode())

    story(told)


def test_endpoints_that_are_given_need_no_discovery() -> None:
    """As for a provider that has none; without `attributes_url` the ID token alone speaks."""

    async def told(provider: Provider, providers: Providers) -> None:
        assert (await sign_in(providers, provider.given())).claims["email"] == "user@example.com"
        assert "email" not in (await sign_in(providers, provider.given(attributes_url=""))).claims
        assert DISCOVERY not in provider.issuer.asked

    story(told)


def test_what_an_id_token_says_beside_is_right_where_it_is_there() -> None:
    """`azp` and `at_hash` of ours, several audiences."""

    async def told(provider: Provider, providers: Providers) -> None:
        provider.id_token = {"azp": CLIENT, "aud": [CLIENT, "an-api"], "at_hash": at_hash("an-access-token")}
        assert (await sign_in(providers, provider.upstream())).subject == "user-1"

    story(told)


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_provider_that_misbehaves_signs_nobody_in(name: str, impatient: None) -> None:
    """Each for its reason, and nothing private is in the words for the log (attacks.md 105, 110)."""
    reason, misbehave = MISBEHAVIOUR[name]

    async def told(provider: Provider, providers: Providers) -> None:
        misbehave(provider)
        refused = await refusal(sign_in(providers, provider.upstream()))
        assert refused.reason == reason
        shown = f"{refused} {refused!r}"
        private = (SECRET, "code-1", "an-access-token", "a-nonce", ATTEMPT.code_verifier, "victim@example.com", "eyJ")
        assert not [one for one in private if one in shown]

    story(told)


def test_keys_that_change_between_two_sign_ins_are_found() -> None:
    """Rotation: a minute later at the latest."""

    async def told(provider: Provider, providers: Providers) -> None:
        assert (await sign_in(providers, provider.upstream())).subject == "user-1"
        provider.issuer.published = [key("two")]
        assert (await refusal(sign_in(providers, provider.upstream()))).reason == "id-token"
        later = (NOW + 60) * 1000
        upstream = provider.upstream()
        url = await code_flow.begin(providers, "OIDC", upstream, ATTEMPT, now=later)
        answer = await code_flow.read_answer(
            providers, "OIDC", upstream, ATTEMPT, await visit(providers, url), now=later
        )
        found = await code_flow.finish(providers, "OIDC", upstream, ATTEMPT, answer, wanted=(), now=later)
        assert found.subject == "user-1"

    story(told)


def test_what_is_kept_and_told_shows_nothing_private_when_it_is_printed() -> None:
    """Secrets, codes, nonces, tokens and claims (attacks.md 110)."""

    async def told(provider: Provider, providers: Providers) -> None:
        upstream = provider.upstream(private_key=Secret("the private key"))
        found = await sign_in(providers, upstream)
        shown = f"{upstream!r} {ATTEMPT!r} {found!r}"
        private = (SECRET, "the private key", "a-nonce", ATTEMPT.code_verifier, "an-access-token", "user@example.com")
        assert not [one for one in private if one in shown]

    story(told)
