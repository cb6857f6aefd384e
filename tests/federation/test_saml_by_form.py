"""A provider that takes no redirects is asked by a form: to sign somebody in, to sign them out, and when it did so itself."""

import secrets
from base64 import b64encode
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from lxml import etree

from api.federating import metadata
from api.forge import claims_of
from api.world import World
from federation.saml import keys
from federation.saml.signing import Manner, signature_of
from federation.saml_logout import at_a_domain, post, request, signed_in
from federation.saml_partner import (
    ENTITY,
    NAME,
    SamlJourney,
    add_saml,
    asked_by,
    by_form_alone,
    posted_by,
    saml_journey,
    status_of,
)
from oauth.browsing import SIGNED_OUT, Page, request_of
from oauth.hosted import exchange
from pages.walking import arrived, walk_in
from poolkeeper.federation.saml import bindings, logout, messages, names, signatures
from poolkeeper.federation.saml.logout import Peer

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"


def by_form(world: World, **details: str) -> SamlJourney:
    """Open a browser at a pool whose provider names no place for redirects."""
    return saml_journey(world, pool=None, only=False, document=by_form_alone(metadata()), **details)


def left(walk: SamlJourney, **more: str) -> Page:
    """Come from the app, which names the provider."""
    return walk.browser.get("/oauth2/authorize", request_of(walk.client, identity_provider=NAME, **more))


def theirs(walk: SamlJourney) -> signatures.Signer:
    """Return the key that GetSigningCertificate shows, as somebody who verifies by it has it."""
    shown = walk.world.signed.get_signing_certificate(UserPoolId=walk.client.pool.pool_id)["Certificate"]
    return signatures.Signer(keys.rsa_key(), x509.load_der_x509_certificate(bindings.from_base64(shown)))


def test_a_person_signs_in_at_a_provider_that_is_asked_by_form(world: World) -> None:
    """The page brings the request and what the provider hands back, to the provider's address, and holds nothing else of ours."""
    walk = by_form(world)
    page = left(walk)
    asked = posted_by(page)
    assert asked.destination == "https://idp.example.com/sso"
    assert set(asked.fields) == {"SAMLRequest", "RelayState"}
    assert dict(asked.element.attrib) == {
        "ID": asked.id,
        "Version": "2.0",
        "IssueInstant": walk.instant(),
        "Destination": asked.destination,
        "ProtocolBinding": names.HTTP_POST,
        "AssertionConsumerServiceURL": walk.acs,
    }
    assert [one.tag for one in asked.element] == [f"{SAML}Issuer", "{urn:oasis:names:tc:SAML:2.0:protocol}NameIDPolicy"]
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")

    claims = claims_of(exchange(walk.client, arrived(walk.answer(asked))).body["id_token"])
    assert claims["identities"][0]["issuer"] == ENTITY
    assert posted_by(left(walk, prompt="login")).element.get("ForceAuthn") == "true"


def test_a_redirect_is_preferred(world: World) -> None:
    """Where a provider takes both it is asked as at AWS, whatever it names first."""
    post_first = (
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
        'Location="https://idp.example.com/by-form"/><md:SingleSignOnService'
    )
    walk = saml_journey(world, document=metadata().replace("<md:SingleSignOnService", post_first))
    assert asked_by(left(walk)).destination == "https://idp.example.com/sso"


def test_the_request_bears_its_signature_where_it_is_asked_for(world: World) -> None:
    """By the key whose certificate GetSigningCertificate shows; a field of a redirect's is not there."""
    walk = by_form(world, RequestSigningAlgorithm="rsa-sha256")
    asked = posted_by(left(walk))
    assert set(asked.fields) == {"SAMLRequest", "RelayState"}
    signed = signatures.verified(
        messages.read_message(bindings.from_post(asked.fields["SAMLRequest"]), names.samlp("AuthnRequest")),
        [theirs(walk).certificate],
    )
    assert signed is not None
    assert signed.get("ID") == asked.id
    arrived(walk.answer(asked))


def test_describe_shows_no_address_for_redirects(world: World) -> None:
    """There is none; one that neither takes forms is refused in AWS's words (tests/api/test_identity_providers.py)."""
    walk = by_form(world)
    described = world.signed.describe_identity_provider(UserPoolId=walk.client.pool.pool_id, ProviderName=NAME)
    details = described["IdentityProvider"]["ProviderDetails"]
    assert not {"SSORedirectBindingURI", "SLORedirectBindingURI"} & set(details)


def test_the_button_of_the_sign_in_page_leads_there(world: World) -> None:
    """As for every provider; the address of the page is that of the form before it."""
    pool = world.pool()
    add_saml(pool, document=by_form_alone(metadata()))
    walk = walk_in(pool, SupportedIdentityProviders=["COGNITO", NAME])
    page = walk.send(walk.begin(), "/login/federated", identity_provider=NAME)
    assert posted_by(page).destination == "https://idp.example.com/sso"


def test_the_address_stays_what_the_metadata_say(world: World) -> None:
    """Its query too; what could be markup is no address, and is refused when the provider is made."""
    document = by_form_alone(metadata()).replace("https://idp.example.com/sso", "{}")
    walk = saml_journey(world, document=document.format("https://idp.example.com/sso?a=1&amp;b=2"))
    assert posted_by(left(walk)).destination == "https://idp.example.com/sso?a=1&b=2"
    for odd in ("https://idp.example.com/&quot;&gt;&lt;script&gt;", "javascript:alert(1)", "//idp.example.com/sso"):
        with pytest.raises(ClientError, match=r"Invalid metadata|No SingleSignOn"):
            add_saml(walk.client.pool, "Another", document=document.format(odd))


@pytest.mark.parametrize("name", ["https://thief.example/", "//thief.example", "javascript:alert(1)", '"><script>x'])
def test_nothing_that_is_asked_for_leads_elsewhere(world: World, name: str) -> None:
    """No parameter of the request decides where the form goes, or becomes part of the page's elements."""
    walk = by_form(world)
    more = {"state": name, "login_hint": name, "nonce": name, "RelayState": name, "SAMLRequest": name}
    page = left(walk, **more)
    asked = posted_by(page)
    assert asked.destination == "https://idp.example.com/sso"
    assert "thief" not in page.body.decode()
    assert page.body.count(b"<script") == 1


def _answered(walk: SamlJourney, asked_id: str) -> str:
    root = etree.fromstring(
        '<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
        f'ID="_{secrets.token_hex(16)}" Version="2.0" IssueInstant="{walk.instant()}" '
        f'Destination="{walk.world.url}/saml2/logout" InResponseTo="{asked_id}"><saml:Issuer>{walk.entity_id}</saml:Issuer>'
        f"<samlp:Status>{status_of('Success')}</samlp:Status></samlp:LogoutResponse>"
    )
    root.insert(1, signature_of(root, Manner()))
    return b64encode(etree.tostring(root)).decode()


def test_a_logout_is_told_by_form(world: World) -> None:
    """Signed, with NameID and SessionIndex; the browser is where the app wants it once the provider has answered."""
    walk = by_form(world, IDPSignout="true")
    arrived(walk.answer(posted_by(left(walk))))
    asked = posted_by(walk.browser.get("/logout", {"client_id": walk.client.client_id, "logout_uri": SIGNED_OUT}))
    assert asked.destination == "https://idp.example.com/slo"
    ended = logout.request_from_post(
        asked.fields["SAMLRequest"],
        Peer(
            issuer=walk.audience,
            certificates=[theirs(walk).certificate],
            address=asked.destination,
            now=world.clock.now(),
            skew=0,
            most_age=60_000,
        ),
    )
    assert (ended.name_id.value, ended.sessions) == ("ada", ("_session-1",))
    assert not [name for name in walk.browser.cookies if name.startswith("session-")]
    back = walk.browser.post(
        "/saml2/logout", {"SAMLResponse": _answered(walk, asked.id), "RelayState": asked.relay_state}
    )
    assert back.location == SIGNED_OUT


def test_a_provider_that_signs_its_person_out_is_answered_by_form(world: World) -> None:
    """At the address for answers where its metadata have one, with the RelayState that it sent."""
    document = by_form_alone(metadata()).replace(
        'Location="https://idp.example.com/slo"',
        'Location="https://idp.example.com/slo" ResponseLocation="https://idp.example.com/slo-done"',
    )
    walk = at_a_domain(world, document=document)
    arrived(walk.answer(posted_by(left(walk))))
    page = post(walk, request(walk))
    told = posted_by(page, "SAMLResponse")
    assert told.destination == "https://idp.example.com/slo-done"
    assert told.fields["RelayState"] == "theirs"
    peer = Peer(
        issuer=walk.audience,
        certificates=[theirs(walk).certificate],
        address=told.destination,
        now=world.clock.now(),
        skew=0,
        most_age=60_000,
    )
    logout.accept_post(told.fields["SAMLResponse"], peer, request_id=told.element.get("InResponseTo", ""))
    assert not signed_in(walk)
    unasked = walk.browser.get("/saml2/logout", urlencode({"SAMLRequest": "eA=="}))
    assert unasked.location.startswith("/error?")
