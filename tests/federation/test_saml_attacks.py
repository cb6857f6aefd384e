"""Who comes with a response that nobody signed for this sign-in? Nobody gets in, the log says why, and the page does not.

attacks.md 84, 85, 101, 111 to 131.
"""

from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from api.federating import metadata
from api.world import World
from federation.saml import keys, wrapping
from federation.saml.identity_provider import DS, message, sign, signed
from federation.saml_partner import NAME, Asked, SamlJourney, add_saml, saml_journey
from hosted.log_lines import line_of
from oauth.browsing import Browser, Page, app_client, request_of
from pages.walking import arrived
from poolkeeper.clock import MINUTE, SECOND

FOREIGN, STRAY = "foreign_answer", "unknown_state"


def refused(walk: SamlJourney, page: Page, reason: str, *, outcome: str = FOREIGN) -> None:
    """Expect a page that leads to no app, whose reason is in the log alone, and that nobody is signed in."""
    line = line_of(walk.world, page.headers)
    assert (line["outcome"], reason in line["detail"]) == (outcome, True), line
    assert page.status == 303
    assert page.location.startswith("/error?"), page.location
    shown = walk.browser.get(page.location)
    assert shown.status == 400
    assert not reason or reason.encode() not in shown.body
    assert not [name for name in walk.browser.cookies if name.startswith("session-")]


WRONG: dict[str, tuple[str, Callable[[SamlJourney], dict[str, str]]]] = {
    "audience": (
        "AUDIENCE",
        lambda _: {
            "audience": "<saml:AudienceRestriction><saml:Audience>urn:x</saml:Audience></saml:AudienceRestriction>"
        },
    ),
    "issuer": ("ISSUER", lambda _: {"issuer": "https://elsewhere.example"}),
    "issuer of the response": (
        "ISSUER",
        lambda _: {"response_issuer": "<saml:Issuer>https://elsewhere.example</saml:Issuer>"},
    ),
    "recipient": (
        "CONFIRMATION",
        lambda walk: {"confirmation": f'Recipient="https://thief.example/" NotOnOrAfter="{walk.instant(300)}"'},
    ),
    "destination": ("DESTINATION", lambda _: {"destination": 'Destination="https://thief.example/"'}),
    "another request": ("IN_RESPONSE_TO", lambda _: {"response_answers": 'InResponseTo="_somebodys"'}),
    "no request": ("IN_RESPONSE_TO", lambda _: {"response_answers": ""}),
    "no request of the bearer": (
        "IN_RESPONSE_TO",
        lambda walk: {"confirmation": f'Recipient="{walk.acs}" NotOnOrAfter="{walk.instant(300)}"'},
    ),
    "too early": ("TIME", lambda walk: {"conditions": f'NotBefore="{walk.instant(61)}"'}),
    "too late": ("TIME", lambda walk: {"conditions": f'NotOnOrAfter="{walk.instant(-60)}"'}),
    "a comment": ("COMMENT", lambda _: {"name_id": "<saml:NameID>ada<!-- -->.evil</saml:NameID>"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_one_thing_wrong_lets_nobody_in(world: World, case: str) -> None:
    """Signed all the same (attacks.md 120, 128, 129)."""
    reason, change = WRONG[case]
    walk = saml_journey(world)
    refused(walk, walk.sign_in(**change(walk)), reason)


def _hmac(walk: SamlJourney, asked: Asked) -> bytes:
    public = keys.certificate(keys.rsa_key()).public_bytes(Encoding.PEM)
    return message(signed(walk.story(asked.id), response=True, key=public, method="hmac-sha256"))


def _unsigned(walk: SamlJourney, asked: Asked) -> bytes:
    return walk.story(asked.id).response().encode()


def _no_value(walk: SamlJourney, asked: Asked) -> bytes:
    root = signed(walk.story(asked.id), response=True, assertion=False)
    for value in root.iter(f"{DS}SignatureValue"):
        value.text = ""
    return message(root)


def _before(prologue: str) -> Callable[[SamlJourney, Asked], bytes]:
    return lambda walk, asked: prologue.encode() + message(signed(walk.story(asked.id), response=True))


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
FORGED: dict[str, tuple[str, Callable[[SamlJourney, Asked], bytes]]] = {
    "not signed": ("UNSIGNED", _unsigned),
    "a stranger's key": (
        "SIGNATURE",
        lambda walk, asked: message(signed(walk.story(asked.id), key=keys.rsa_key("stranger"))),
    ),
    "HMAC by the public key": ("SIGNATURE_FORM", _hmac),
    "SHA-1": (
        "SIGNATURE_FORM",
        lambda walk, asked: message(signed(walk.story(asked.id), method="rsa-sha1", digest="sha1")),
    ),
    "no algorithm": ("SIGNATURE_FORM", lambda walk, asked: message(signed(walk.story(asked.id), method="none"))),
    "an empty signature": ("ENCODING", _no_value),
    "a document type": ("XML", _before("<!DOCTYPE x>")),
    "a file": ("XML", _before('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')),
    "laughs": ("XML", _before(f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>')),
    "two roots": ("XML", lambda walk, asked: message(signed(walk.story(asked.id))) * 2),
    "no XML": ("XML", lambda _walk, _asked: b"nobody"),
    "deep": ("XML", lambda _walk, _asked: b"<x>" * 5_000 + b"</x>" * 5_000),
    "another message": ("STRUCTURE", lambda walk, asked: walk.story(asked.id).assertion().encode()),
}


@pytest.mark.parametrize("case", FORGED)
def test_what_the_provider_did_not_sign_lets_nobody_in(world: World, case: str) -> None:
    """attacks.md 121, 125, 126, 130."""
    reason, forge = FORGED[case]
    walk = saml_journey(world)
    asked = walk.leave()
    refused(walk, walk.post(forge(walk, asked), asked.relay_state), reason)


@pytest.mark.parametrize("way", range(1, 9))
def test_no_wrapping_lets_anybody_in(world: World, way: int) -> None:
    """XSW1 to XSW8, around the response and around the assertion (attacks.md 111-118)."""
    walk = saml_journey(world)
    tried = 0
    for how in ({"response": True, "assertion": False}, {"assertion": True}):
        for target in ("Response", "Assertion"):
            asked = walk.leave()
            for one in wrapping.all_ways(signed(walk.story(asked.id), **how), target, new_ids=True):
                if one.way.startswith(f"XSW{way} "):
                    refused(walk, walk.post(message(one.root), asked.relay_state), "")
                    tried += 1
                    break
    assert tried


def test_what_is_larger_than_a_response_is_turned_away(world: World) -> None:
    """By the door: forms to this path may have 256 KiB, others 64; and by the reader of responses (attacks.md 130, 147)."""
    walk = saml_journey(world)
    asked = walk.leave()
    refused(walk, walk.post("A" * 100_004, asked.relay_state), "ENCODING")
    assert walk.post("A" * 262_144, asked.relay_state).status == 413
    assert walk.browser.post("/oauth2/idpresponse", {"state": "A" * 65_536}).status == 413


def test_a_response_serves_once(world: World) -> None:
    """Again, by another request, unasked, and by four at once (attacks.md 102, 127)."""
    walk = saml_journey(world, only=True, IDPInit="true")
    asked = walk.leave()
    response = message(signed(walk.story(asked.id), response=True))
    cookies = dict(walk.browser.cookies)
    arrived(walk.post(response, asked.relay_state))
    walk.browser.cookies = dict(cookies)
    refused(walk, walk.post(response, asked.relay_state), "the state was used before", outcome=STRAY)

    unasked = message(signed(walk.story(), response=True))
    walk.browser.cookies.clear()

    def come(_: int) -> Page:
        return SamlJourney(Browser(walk.client.pool), walk.client).post(unasked, walk.relay_state())

    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(come, range(4)))
    assert sorted(page.location.startswith("/error?") for page in pages) == [False, True, True, True]
    refused(walk, walk.post(unasked, walk.relay_state()), "an assertion that was taken before")


def test_another_browser_is_not_taken_in(world: World) -> None:
    """Whoever is lured to post somebody else's response (attacks.md 85)."""
    walk = saml_journey(world)
    asked = walk.leave()
    victim = SamlJourney(Browser(walk.client.pool), walk.client)
    response = message(signed(walk.story(asked.id), response=True))
    refused(victim, victim.post(response, asked.relay_state), "the state of another browser", outcome=STRAY)
    victim.leave()
    refused(victim, victim.post(response, asked.relay_state), "the state of another browser", outcome=STRAY)
    arrived(walk.post(response, asked.relay_state))


def test_a_relay_state_that_is_not_ours_leads_nowhere(world: World) -> None:
    """Changed, none, an address, a script: a page, and never an app (attacks.md 78, 131)."""
    walk = saml_journey(world)
    asked = walk.leave()
    response = message(signed(walk.story(asked.id), response=True))
    pool_id = walk.client.pool.pool_id
    begun = urlencode({"client_id": walk.client.client_id, "redirect_uri": "https://thief.example/"})
    for relay_state in (
        asked.relay_state[:-4] + "AAAA",
        f"{pool_id}.https://thief.example/",
        f"{pool_id}.<script>alert(1)</script>",
        begun,
    ):
        page = walk.post(response, relay_state)
        assert page.location.startswith("/error?"), page.location
        assert b"thief" not in walk.browser.get(page.location).body
    for relay_state in ("", "https://thief.example/", "client_id=a&client_id=b"):
        page = walk.post(response, relay_state)  # on the bare host nothing names a pool
        assert (page.status, "location" in page.headers) == (400, False)


def test_one_provider_does_not_speak_for_another(world: World) -> None:
    """A response of one to the request that went to the other, of the same entity id or not (attacks.md 104)."""
    walk = saml_journey(world)
    pool = walk.client.pool
    document = metadata_of_another()
    add_saml(pool, "Second", document=document)
    client = app_client(pool, SupportedIdentityProviders=[NAME, "Second"])
    at_second = SamlJourney(Browser(pool), client, name="Second", entity_id="https://second.example/entity")
    asked = at_second.leave()
    first = SamlJourney(at_second.browser, client)
    refused(first, first.answer(asked), "ISSUER")
    asked = at_second.leave()
    by_first = message(signed(at_second.story(asked.id), response=True))
    refused(at_second, at_second.post(by_first, asked.relay_state), "SIGNATURE")
    asked = at_second.leave()
    by_second = sign(etree.fromstring(at_second.story(asked.id).response()), key=keys.rsa_key("second"))
    arrived(at_second.post(message(by_second), asked.relay_state))


def metadata_of_another() -> str:
    """Return the metadata of a provider with another name and key."""
    certificate = b64encode(keys.certificate(keys.rsa_key()).public_bytes(Encoding.DER)).decode()
    other = b64encode(keys.certificate(keys.rsa_key("second")).public_bytes(Encoding.DER)).decode()
    return metadata("https://second.example/entity", at="https://second.example").replace(certificate, other)


def test_a_provider_that_is_gone_or_another_lets_nobody_in(world: World) -> None:
    """Deleted, made anew, taken from the app, its metadata expired, or gone too long (attacks.md 101, 134)."""
    walk = saml_journey(world)
    pool, signed_client = walk.client.pool, world.signed
    asked = walk.leave()
    response = message(signed(walk.story(asked.id), response=True))
    world.clock.advance(SECOND)
    signed_client.delete_identity_provider(UserPoolId=pool.pool_id, ProviderName=NAME)
    add_saml(pool)
    assert walk.post(response, asked.relay_state).told["error"] == "invalid_request"

    asked = walk.leave()
    world.clock.advance(16 * MINUTE)
    refused(walk, walk.answer(asked), "", outcome=STRAY)


def test_who_was_signed_in_before_is_not_after(world: World) -> None:
    """The provider's form brings no cookie of the session before, which ends all the same (attacks.md 72)."""
    walk = saml_journey(world)
    arrived(walk.sign_in())
    asked = walk.leave(prompt="login")
    name, cookie = next((one, text) for one, text in walk.browser.cookies.items() if one.startswith("session-"))
    copied = Browser(walk.client.pool, cookies={name: cookie})
    silent = request_of(walk.client, prompt="none")
    assert "code" in copied.get("/oauth2/authorize", silent).told
    walk.browser.cookies.pop(name)
    arrived(walk.answer(asked, name_id="<saml:NameID>bob</saml:NameID>"))
    assert copied.get("/oauth2/authorize", silent).told["error"] == "login_required"
    assert "code" in walk.browser.get("/oauth2/authorize", silent).told


def test_nobody_ends_a_session_by_its_id(world: World) -> None:
    """Whoever leaves with a cookie of somebody else's id, and another secret, has no session that could end."""
    walk = saml_journey(world)
    arrived(walk.sign_in())
    name, cookie = next((one, text) for one, text in walk.browser.cookies.items() if one.startswith("session-"))
    other = SamlJourney(Browser(walk.client.pool, cookies={name: f"{cookie.partition('.')[0]}.guessed"}), walk.client)
    arrived(other.sign_in(name_id="<saml:NameID>bob</saml:NameID>"))
    assert "code" in walk.browser.get("/oauth2/authorize", request_of(walk.client, prompt="none")).told
