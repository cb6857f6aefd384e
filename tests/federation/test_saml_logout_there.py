"""A provider ends somebody's session: by a request that it signed, and by no other; its person is signed out here too."""

from base64 import b64encode
from threading import current_thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import etree

from api.provider_links import link
from api.world import World
from federation.saml import keys
from federation.saml_logout import LOGOUT, _AtDomain, at_a_domain, post, request, signed_in
from federation.saml_partner import NAME, add_saml, asked_by
from oauth.browsing import Browser, request_of
from pages.walking import arrived
from poolkeeper.errors import TooManyRequestsException
from poolkeeper.federation.saml import bindings, logout, responses
from poolkeeper.federation.saml.faults import BadMessage, Fault


def test_a_provider_signs_its_person_out(world: World) -> None:
    """The session that it names, and it is told so by a signed answer."""
    walk = at_a_domain(world)
    arrived(walk.sign_in())
    other = _AtDomain(Browser(walk.client.pool, host=walk.browser.host), walk.client)
    arrived(other.sign_in(statement=walk.story().statement.replace("_session-1", "_session-2")))
    message = request(walk)
    page = post(walk, message)
    assert page.location.startswith("https://idp.example.com/slo?SAMLResponse="), page
    fields = dict(parse_qsl(urlsplit(page.location).query))
    assert (fields["RelayState"], "Signature" in fields) == ("theirs", True)
    assert (signed_in(walk), signed_in(other)) == (False, True)
    assert post(walk, message).location.startswith("/error?")  # which came before


def test_a_request_of_one_identity_leaves_the_sessions_of_another(world: World) -> None:
    """A user may have two at one provider: each ends by its own name, also where the request names no session."""
    walk = at_a_domain(world)
    pool = walk.client.pool
    pool.user("native")
    for name in ("ada", "lovelace"):
        link(pool, name, provider=NAME)
    other = _AtDomain(Browser(pool, host=walk.browser.host), walk.client)
    arrived(walk.sign_in())
    arrived(other.sign_in(name_id="<saml:NameID>lovelace</saml:NameID>"))
    message = request(walk, session="")
    assert post(walk, message).location.startswith("https://idp.example.com/slo?SAMLResponse=")
    assert (signed_in(walk), signed_in(other)) == (False, True)


def test_no_other_request_signs_anybody_out(world: World) -> None:
    """Not signed, by a stranger, of another session or person, to another address, or where nobody wants it (attacks.md 133)."""
    walk = at_a_domain(world)
    arrived(walk.sign_in())
    for message in (
        request(walk, key=""),
        request(walk, key=keys.rsa_key("stranger")),
        request(walk, to="https://elsewhere.example/saml2/logout"),
        b"<x/>",
        b"<!DOCTYPE x>" + request(walk),
    ):
        assert post(walk, message).location.startswith("/error?"), message
    for message in (request(walk, session="_another"), request(walk, name="bob")):
        assert post(walk, message).location.startswith("https://idp.example.com/slo?")
    unsigned = b64encode(bindings.deflate(request(walk, key=""))).decode()
    assert walk.browser.get(LOGOUT, {"SAMLRequest": unsigned}).location.startswith("/error?")
    assert signed_in(walk)

    deaf = at_a_domain(world, IDPSignout="false")
    arrived(deaf.sign_in())
    assert post(deaf, request(deaf)).location.startswith("/error?")
    assert signed_in(deaf)


def test_a_request_goes_out_in_the_form_in_which_the_person_came(world: World) -> None:
    """At a domain the answer comes back to that domain."""
    walk = at_a_domain(world)
    page = walk.browser.get("/oauth2/authorize", request_of(walk.client, identity_provider=NAME))
    assert asked_by(page).element.get("AssertionConsumerServiceURL") == walk.acs
    metadata = etree.fromstring(walk.browser.get("/saml2/metadata").body)
    assert [
        one.get("Location") for one in metadata.iter("{urn:oasis:names:tc:SAML:2.0:metadata}AssertionConsumerService")
    ] == [walk.acs]


def test_few_providers_of_one_name_are_tried(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that nobody signed costs no more where a pool has many providers of its sender's (attacks.md 130)."""
    walk = at_a_domain(world)
    for number in range(6):
        add_saml(walk.client.pool, f"Same{number}", IDPSignout="true")
    tried: list[str] = []

    def refusing(*_given: object) -> None:
        tried.append(current_thread().name)
        raise BadMessage(Fault.SIGNATURE, "as the test says")

    monkeypatch.setattr(logout, "request_from_post", refusing)
    assert post(walk, request(walk)).location.startswith("/error?")
    assert len(tried) == 4
    assert all(name.startswith("heavy") for name in tried)


def test_messages_are_read_beside_the_answers_to_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the threads for what costs much, by turns, with a bound on who waits; whom it turns away is told (attacks.md 130)."""
    walk = at_a_domain(world)
    names: list[str] = []
    for module, function in ((responses, "accept"), (logout, "claimed_issuer"), (logout, "request_from_post")):
        real = getattr(module, function)

        def noting(*given: Any, real: Any = real) -> Any:
            names.append(current_thread().name.partition("_")[0])
            return real(*given)

        monkeypatch.setattr(module, function, noting)
    arrived(walk.sign_in())
    assert post(walk, request(walk)).status == 303
    assert names == ["heavy"] * 3

    async def full(*_given: object, **_more: object) -> None:
        raise TooManyRequestsException("Too many requests")

    monkeypatch.setattr(world.house.heavy, "run", full)
    assert post(walk, request(walk)).status == 429
