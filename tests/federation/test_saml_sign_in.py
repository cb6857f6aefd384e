"""Signing in at a SAML provider: there with a request, back with a response, or begun there; and out again at both."""

from base64 import b64encode

import pytest
from lxml import etree

from api.forge import claims_of
from api.world import World
from federation.saml import keys
from federation.saml.identity_provider import message, signed
from federation.saml.signing import Manner, signature_of
from federation.saml_partner import NAME, Asked, SamlJourney, asked_by, encrypted, saml_journey, status_of
from hosted.log_lines import line_of
from oauth.browsing import CALLBACK, SIGNED_OUT, Browser, app_client, request_of
from oauth.documents import PKCE, Host, document, host, policy, url_of
from oauth.hosted import exchange
from pages.walking import arrived
from poolkeeper.federation.saml import names

__all__ = ["host"]

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"


def test_a_person_signs_in_at_a_saml_provider(world: World) -> None:
    """Their user has the provider's name, what it says of them, and what the app gets says so."""
    walk = saml_journey(world)
    asked = walk.leave()
    request = asked.element
    assert asked.destination == "https://idp.example.com/sso"
    assert dict(request.attrib) == {
        "ID": asked.id,
        "Version": "2.0",
        "IssueInstant": walk.instant(),
        "Destination": asked.destination,
        "ProtocolBinding": names.HTTP_POST,
        "AssertionConsumerServiceURL": walk.acs,
    }
    assert request.findtext(f"{SAML}Issuer") == walk.audience
    assert "Signature" not in asked.fields

    claims = claims_of(exchange(walk.client, arrived(walk.answer(asked))).body["id_token"])
    assert claims["cognito:username"].lower() == f"{NAME}_ada".lower()
    assert claims["email"] == "ada@example.com"
    assert claims["identities"][0]["providerType"] == "SAML"
    assert claims["identities"][0]["issuer"] == walk.entity_id

    walk.browser.cookies.clear()
    again = claims_of(exchange(walk.client, arrived(walk.sign_in())).body["id_token"])
    assert again["sub"] == claims["sub"]


@pytest.mark.parametrize("given", [{"max_age": "0"}, {"max_age": "600"}, {"prompt": "login"}], ids=str)
def test_an_app_that_wants_its_person_fresh_gets_them_fresh(world: World, given: dict[str, str]) -> None:
    """The provider is asked for it, and held to it: whoever sits at the browser can take the wish away."""
    walk = saml_journey(world)
    asked = walk.leave(**given)
    assert asked.element.get("ForceAuthn") == "true"
    old = f'<saml:AuthnStatement AuthnInstant="{walk.instant(-8 * 3600)}" SessionIndex="_s"/>'
    assert walk.answer(asked, statement=old).told["error"] == "login_required"
    arrived(walk.answer(walk.leave(**given)))


def test_requests_are_signed_where_the_provider_asks(world: World) -> None:
    """By the key whose certificate GetSigningCertificate shows."""
    walk = saml_journey(world, RequestSigningAlgorithm="rsa-sha256")
    asked = walk.leave()
    assert asked.fields["SigAlg"] == "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    assert asked.fields["Signature"]
    arrived(walk.answer(asked))


def test_an_app_that_wants_a_fresh_sign_in_says_so_to_the_provider(world: World) -> None:
    """prompt=login is ForceAuthn."""
    walk = saml_journey(world)
    assert walk.leave(prompt="login").element.get("ForceAuthn") == "true"


@pytest.mark.parametrize("places", [{"response": True, "assertion": False}, {"assertion": True}, {"response": True}])
def test_one_signature_is_enough(world: World, places: dict[str, bool]) -> None:
    """Of the response or of the assertion."""
    walk = saml_journey(world)
    asked = walk.leave()
    arrived(walk.post(message(signed(walk.story(asked.id), **places)), asked.relay_state))


def test_an_encrypted_assertion_is_read_and_may_be_asked_for(world: World) -> None:
    """By the provider's own key; where EncryptedResponses is set one in clear is refused."""
    walk = saml_journey(world, EncryptedResponses="true")
    asked = walk.leave()
    refused = walk.answer(asked)
    assert "NOT_ENCRYPTED" in line_of(world, refused.headers)["detail"]
    asked = walk.leave()
    arrived(walk.post(encrypted(walk, asked), asked.relay_state))


def test_a_provider_that_says_no_is_told_to_the_app(world: World) -> None:
    """As what the person did, or may not do."""
    walk = saml_journey(world)
    told = walk.sign_in(status=status_of("Responder")).told
    assert (told["error"], told["state"]) == ("access_denied", "state-of-the-app")


def test_a_sign_in_may_begin_at_the_provider(world: World) -> None:
    """Where IDPInit says so and the app has SAML providers alone (oauth-federation.md 7.4)."""
    walk = saml_journey(world, only=True, IDPInit="true")
    arrived(walk.post(message(signed(walk.story(), response=True)), walk.relay_state()))


@pytest.mark.parametrize("why", ["not set", "other providers", "answers", "old", "another provider", "another address"])
def test_a_sign_in_begins_there_where_everything_says_so_alone(world: World, why: str) -> None:
    """Else there is a page, and no app is told anything (attacks.md 129, 131)."""
    walk = saml_journey(world, only=why != "other providers", IDPInit="false" if why == "not set" else "true")
    story = walk.story("_somebodys" if why == "answers" else "")
    relay_state = walk.relay_state()
    if why == "old":
        story = walk.story(issued=walk.instant(-360))
    if why == "another provider":
        relay_state = walk.relay_state(identity_provider="Another")
    if why == "another address":
        relay_state = walk.relay_state(redirect_uri="https://thief.example/")
    page = walk.post(message(signed(story, response=True)), relay_state)
    assert page.location.startswith("/error?"), page.location
    assert "thief" not in page.location
    assert not [name for name in walk.browser.cookies if name.startswith("session-")]


def test_none_begins_there_for_an_app_whose_person_has_not_seen_it(world: World, host: Host) -> None:
    """Whoever can say where a provider's response leads sends nobody to an app that no one registered."""
    walk = saml_journey(world, only=True, IDPInit="true")
    url = url_of(walk.client)
    host.put(url, document(url, redirect_uris=[CALLBACK]))
    policy(walk.client)
    page = walk.post(message(signed(walk.story(), response=True)), walk.relay_state(client_id=url, **PKCE))
    assert page.location.startswith("/error?"), page.location
    arrived(walk.post(message(signed(walk.story(), response=True)), walk.relay_state()))


def test_a_pool_says_who_it_is_to_providers(world: World) -> None:
    """Entity id, addresses in the form in which it was asked, and its certificates."""
    walk = saml_journey(world, RequestSigningAlgorithm="rsa-sha256")
    page = walk.browser.get("/saml2/metadata", {"client_id": walk.client.client_id, "identity_provider": NAME})
    assert page.status == 200
    root = etree.fromstring(page.body)
    assert root.get("entityID") == walk.audience
    assert [one.get("Location") for one in root.iter(f"{MD}AssertionConsumerService")] == [walk.acs]
    assert {one.get("Location") for one in root.iter(f"{MD}SingleLogoutService")} == {f"{world.url}/saml2/logout"}
    assert [one.get("use") for one in root.iter(f"{MD}KeyDescriptor")] == ["signing", "encryption"]
    bare = world.pool()
    client = app_client(bare)
    assert Browser(bare).get("/saml2/metadata", {"client_id": client.client_id}).status == 404


def _logout_response(walk: SamlJourney, asked: Asked, *, key: str = "", status: str = "Success") -> str:
    root = etree.fromstring(
        '<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
        f'ID="_out" Version="2.0" IssueInstant="{walk.instant()}" Destination="{walk.world.url}/saml2/logout" '
        f'InResponseTo="{asked.id}"><saml:Issuer>{walk.entity_id}</saml:Issuer>'
        f"<samlp:Status>{status_of(status)}</samlp:Status></samlp:LogoutResponse>"
    )
    root.insert(1, signature_of(root, Manner(key=keys.rsa_key(key) if key else None)))
    return b64encode(etree.tostring(root)).decode()


def test_a_logout_ends_the_providers_session_too(world: World) -> None:
    """Where IDPSignout says so: a signed request with its NameID and session, and back to the app (attacks.md 133)."""
    walk = saml_journey(world, IDPSignout="true")
    arrived(walk.sign_in())
    leaving = {"client_id": walk.client.client_id, "logout_uri": SIGNED_OUT}
    page = walk.browser.get("/logout", leaving)
    asked = asked_by(page)
    assert asked.destination == "https://idp.example.com/slo"
    assert asked.fields["Signature"]
    assert asked.element.findtext(f"{SAML}NameID") == "ada"
    assert asked.element.findtext("{urn:oasis:names:tc:SAML:2.0:protocol}SessionIndex") == "_session-1"
    # The browser is signed out already.
    left = walk.browser.get("/oauth2/authorize", request_of(walk.client, prompt="none"))
    assert left.told["error"] == "login_required"

    for response, relay_state in (
        (_logout_response(walk, asked, key="stranger"), asked.relay_state),
        (_logout_response(walk, asked), asked.relay_state[:-3] + "AAA"),
        ("", asked.relay_state),
        (_logout_response(walk, asked), ""),
    ):
        refused = walk.browser.post("/saml2/logout", {"SAMLResponse": response, "RelayState": relay_state})
        assert refused.status == 400 or refused.location.startswith("/error?"), refused
    for status in ("Success", "Responder"):
        response = _logout_response(walk, asked, status=status)
        gone = walk.browser.post("/saml2/logout", {"SAMLResponse": response, "RelayState": asked.relay_state})
        assert gone.location == SIGNED_OUT


def test_a_logout_is_told_to_a_provider_that_wants_it_alone(world: World) -> None:
    """Else the browser goes where the app wants it."""
    walk = saml_journey(world)
    arrived(walk.sign_in())
    page = walk.browser.get("/logout", {"client_id": walk.client.client_id, "logout_uri": SIGNED_OUT})
    assert page.location == SIGNED_OUT


def test_two_pools_are_two_audiences(world: World) -> None:
    """A response for one lets nobody into the other, though both trust the provider."""
    walk, other = saml_journey(world), saml_journey(world)
    asked = other.leave()
    page = other.answer(asked, audience=walk.story().audience)
    assert "AUDIENCE" in line_of(world, page.headers)["detail"]
