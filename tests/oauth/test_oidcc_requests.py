"""Does a pool pass the basic plan of the OpenID conformance suite? Its modules of what an authorize request may hold.

Each test has its module's name (oauth-federation.md 10).
"""

import pytest

from api.world import World
from oauth.relying_party import RelyingParty, relying_party
from poolkeeper.clock import SECOND

ASKS_FOR_A_PAGE = {"login_required", "interaction_required", "account_selection_required", "consent_required"}


@pytest.fixture
def party(world: World) -> RelyingParty:
    """Make a relying party."""
    return relying_party(world)


def test_oidcc_display_page(party: RelyingParty) -> None:
    """oidcc-display-page: no error."""
    party.signed_in(display="page")


def test_oidcc_display_popup(party: RelyingParty) -> None:
    """oidcc-display-popup: no error."""
    party.signed_in(display="popup")


def test_oidcc_prompt_login(world: World, party: RelyingParty) -> None:
    """oidcc-prompt-login: the person signs in once more, and the ID token says when."""
    first = party.request()
    before = party.verified(party.tokens(party.sign_in(party.ask(first)), first), nonce=first["nonce"])
    world.clock.advance(SECOND)
    again = party.request(prompt="login")
    page = party.ask(again)
    assert page.location.startswith("/login?")
    after = party.verified(party.tokens(party.sign_in(page), again), nonce=again["nonce"])
    assert after["auth_time"] > before["auth_time"]


def test_oidcc_prompt_none_not_logged_in(party: RelyingParty) -> None:
    """oidcc-prompt-none-not-logged-in: told to the app, with a long `state` as it was."""
    request = party.request(prompt="none", state="s" * 128)
    assert party.refused(party.ask(request), request) in ASKS_FOR_A_PAGE


def _goes_straight_through(party: RelyingParty, first: dict[str, str], second: dict[str, str], *, hint: bool) -> None:
    """Sign in, ask again, and fail for a page, another person or another moment; `hint`: with the first ID token."""
    request = party.request(**first)
    held = party.tokens(party.sign_in(party.ask(request)), request)
    before = party.verified(held, nonce=request["nonce"])
    party.world.clock.advance(SECOND)
    again = party.request(**second, id_token_hint=held["id_token"] if hint else None)
    after = party.verified(party.tokens(party.ask(again), again), nonce=again["nonce"])
    assert (after["sub"], after["auth_time"]) == (before["sub"], before["auth_time"])


def test_oidcc_prompt_none_logged_in(party: RelyingParty) -> None:
    """oidcc-prompt-none-logged-in: no page."""
    _goes_straight_through(party, {}, {"prompt": "none"}, hint=False)


def test_oidcc_max_age_10000(party: RelyingParty) -> None:
    """oidcc-max-age-10000: young enough, no page."""
    _goes_straight_through(party, {"max_age": "15000"}, {"max_age": "10000"}, hint=False)


def test_oidcc_id_token_hint(party: RelyingParty) -> None:
    """oidcc-id-token-hint: whom the app means is signed in, no page."""
    _goes_straight_through(party, {}, {"prompt": "none"}, hint=True)


def test_oidcc_max_age_1(world: World, party: RelyingParty) -> None:
    """oidcc-max-age-1: after two seconds the person signs in once more."""
    request = party.request()
    before = party.verified(party.tokens(party.sign_in(party.ask(request)), request), nonce=request["nonce"])
    world.clock.advance(2 * SECOND)
    again = party.request(max_age="1")
    page = party.ask(again)
    assert page.location.startswith("/login?")
    after = party.verified(party.tokens(party.sign_in(page), again), nonce=again["nonce"])
    assert before["auth_time"] < after["auth_time"] == world.clock.now() // SECOND


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(party: RelyingParty) -> None:
    """oidcc-ensure-request-with-unknown-parameter-succeeds: passed over."""
    party.signed_in(extra="foobar")


def test_oidcc_login_hint(party: RelyingParty) -> None:
    """oidcc-login-hint: filled in, and whoever signs in may be another."""
    request = party.request(login_hint="buffy@login.example")
    page = party.ask(request)
    assert party.shown(page).form("/login").fields["username"] == "buffy@login.example"
    party.tokens(party.sign_in(page), request)


def test_oidcc_ui_locales(party: RelyingParty) -> None:
    """oidcc-ui-locales: a language that we have is spoken, and `se` is no error."""
    for locales, language in (("se", "en"), ("de fr", "de")):
        request = party.request(ui_locales=locales, prompt="login")
        page = party.ask(request)
        assert party.shown(page).language == language
        party.tokens(party.sign_in(page), request)


def test_oidcc_claims_locales(party: RelyingParty) -> None:
    """oidcc-claims-locales: no error."""
    party.signed_in(claims_locales="se")


def test_oidcc_ensure_request_with_acr_values_succeeds(party: RelyingParty) -> None:
    """oidcc-ensure-request-with-acr-values-succeeds: with all that are offered; the ID token has one of them."""
    offered = party.provider["acr_values_supported"]
    request = party.request(acr_values=" ".join(offered))
    claims = party.verified(party.tokens(party.sign_in(party.ask(request)), request), nonce=request["nonce"])
    assert claims["acr"] in offered


def test_oidcc_ensure_registered_redirect_uri(party: RelyingParty) -> None:
    """oidcc-ensure-registered-redirect-uri: an error page, and the browser goes to neither address."""
    for uri in (party.redirect_uri + "x1y2z3", party.redirect_uri + "?a=b", "https://evil.example/callback"):
        page = party.ask(party.request(redirect_uri=uri))
        assert page.location.startswith("/error?"), page
        assert party.shown(page).page.status == 400


def test_oidcc_ensure_post_request_succeeds(party: RelyingParty) -> None:
    """oidcc-ensure-post-request-succeeds: the request as a form."""
    request = party.request()
    party.tokens(party.sign_in(party.ask(request, by_form=True)), request)


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(party: RelyingParty) -> None:
    """oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported: rejected, as discovery says."""
    assert party.provider["request_uri_parameter_supported"] is False
    request = party.request(request_uri="https://suite.example/request_object.jwt#a")
    assert party.refused(party.ask(request), request) == "request_uri_not_supported"


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(party: RelyingParty) -> None:
    """oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported: rejected, as discovery says."""
    assert party.provider["request_parameter_supported"] is False
    request = party.request(request="eyJhbGciOiJub25lIn0.e30.")
    assert party.refused(party.ask(request), request) == "request_not_supported"


def test_oidcc_ensure_request_object_with_redirect_uri(party: RelyingParty) -> None:
    """oidcc-ensure-request-object-with-redirect-uri: the address beside the request object is not led to."""
    page = party.ask(party.request(redirect_uri="https://evil.example/cb", request="eyJhbGciOiJub25lIn0.e30."))
    assert page.location.startswith("/error?")
