"""How does a test sign in at a SAML provider through a pool? A browser that goes there, and a response as the test wants it."""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from api.federating import metadata
from api.world import ClientOfTests, PoolOfTests, World
from federation.saml.identity_provider import GOOD, Story, encrypt, message, sign, signed
from oauth.browsing import CALLBACK, Browser, Page, app_client, request_of
from poolkeeper.clock import SECOND
from poolkeeper.federation.saml import bindings

NAME = "Corporate"
ENTITY = "https://idp.example.com/entity"
RESPONSE = "/saml2/idpresponse"
_number = count(2)


def add_saml(
    pool: PoolOfTests, name: str = NAME, *, entity_id: str = ENTITY, document: str = "", **details: str
) -> None:
    """Create a SAML provider of a pool, as an administrator does; e-mail addresses are mapped."""
    pool.world.signed.create_identity_provider(
        UserPoolId=pool.pool_id,
        ProviderName=name,
        ProviderType="SAML",
        ProviderDetails={"MetadataFile": document or metadata(entity_id), **details},
        AttributeMapping={"email": "email"},
    )


@dataclass(frozen=True)
class Asked:
    """A request as the provider gets it."""

    destination: str
    fields: dict[str, str]
    element: etree._Element

    @property
    def id(self) -> str:
        return self.element.get("ID", "")

    @property
    def relay_state(self) -> str:
        return self.fields["RelayState"]


def asked_by(page: Page) -> Asked:
    """Read the AuthnRequest or LogoutRequest of a redirect."""
    assert page.status == 303, (page.status, page.body[:500])
    parts = urlsplit(page.location)
    fields = dict(parse_qsl(parts.query))
    element = etree.fromstring(bindings.inflate(b64decode(fields["SAMLRequest"])))
    return Asked(f"{parts.scheme}://{parts.netloc}{parts.path}", fields, element)


class _Form(HTMLParser):
    """The one form of a page: where it goes, and its hidden fields."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.actions: list[str] = []
        self.fields: dict[str, str] = {}
        self.feed(page.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert given["method"] == "post"
            self.actions.append(given["action"])
        if tag == "input":
            assert given["type"] == "hidden"
            self.fields[given["name"]] = given["value"]


def posted_by(page: Page, field: str = "SAMLRequest") -> Asked:
    """Read the message of a page that has the browser post it."""
    assert (page.status, page.location) == (200, ""), (page.status, page.body[:500])
    form = _Form(page)
    (destination,) = form.actions
    return Asked(destination, form.fields, etree.fromstring(b64decode(form.fields[field])))


def by_form_alone(document: str) -> str:
    """Return metadata whose every place is one for forms."""
    return document.replace("bindings:HTTP-Redirect", "bindings:HTTP-POST")


@dataclass
class SamlJourney:
    """One browser on its way to one app, by way of a SAML provider."""

    browser: Browser
    client: ClientOfTests
    name: str = NAME
    entity_id: str = ENTITY
    more: dict[str, str] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.client.world

    @property
    def acs(self) -> str:
        return f"{self.world.url}{RESPONSE}"

    @property
    def audience(self) -> str:
        return f"urn:amazon:cognito:sp:{self.client.pool.pool_id}"

    def instant(self, seconds: int = 0) -> str:
        """Return the time so many seconds after the world's, as SAML writes it."""
        moment = datetime.fromtimestamp(self.world.clock.now() // SECOND + seconds, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def leave(self, **more: str) -> Asked:
        """Come from the app, which names the provider; return what the provider is asked."""
        given = request_of(self.client, **{"identity_provider": self.name, **self.more, **more})
        return asked_by(self.browser.get("/oauth2/authorize", given))

    def story(self, request_id: str = "", **changes: Any) -> Story:
        """Return what a good response of now says, to a request or to none, with changes."""
        answers = f'InResponseTo="{request_id}"' if request_id else ""
        good = replace(
            GOOD,
            id=f"_assertion-{next(_number)}",
            issuer=self.entity_id,
            response_issuer=f"<saml:Issuer>{self.entity_id}</saml:Issuer>",
            destination=f'Destination="{self.acs}"',
            response_answers=answers,
            issued=self.instant(),
            confirmation=f'Recipient="{self.acs}" {answers} NotOnOrAfter="{self.instant(300)}"',
            conditions=f'NotBefore="{self.instant()}" NotOnOrAfter="{self.instant(300)}"',
            audience=f"<saml:AudienceRestriction><saml:Audience>{self.audience}</saml:Audience></saml:AudienceRestriction>",
            statement=f'<saml:AuthnStatement AuthnInstant="{self.instant()}" SessionIndex="_session-1"/>',
        )
        return replace(good, **changes)

    def post(self, response: bytes | str, relay_state: str) -> Page:
        """Have the provider's page post a response."""
        text = response if isinstance(response, str) else b64encode(response).decode()
        return self.browser.post(RESPONSE, {"SAMLResponse": text, "RelayState": relay_state})

    def answer(self, asked: Asked, **changes: Any) -> Page:
        """Post a response to a request that is signed as a whole."""
        return self.post(message(signed(self.story(asked.id, **changes), response=True)), asked.relay_state)

    def sign_in(self, **changes: Any) -> Page:
        """Sign in from the app to the app."""
        return self.answer(self.leave(), **changes)

    def relay_state(self, **more: str) -> str:
        """Return the RelayState of a sign-in that begins at the provider."""
        known = {
            "identity_provider": self.name,
            "client_id": self.client.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid email",
            "state": "state-of-the-app",
            **more,
        }
        return urlencode({name: value for name, value in known.items() if value})


def saml_journey(world: World, *, pool: PoolOfTests | None = None, only: bool = False, **details: str) -> SamlJourney:
    """Open a browser at a pool with a SAML provider; `only`: the app has no other way to sign in."""
    pool = pool or world.pool()
    add_saml(pool, **details)
    client = app_client(pool, SupportedIdentityProviders=[NAME] if only else ["COGNITO", NAME])
    return SamlJourney(Browser(pool), client)


def encrypted(walk: SamlJourney, asked: Asked) -> bytes:
    """Return a good response whose assertion is encrypted for the pool."""
    public = x509.load_der_x509_certificate(certificate_of(walk)).public_key()
    assert isinstance(public, RSAPublicKey)
    story = walk.story(asked.id)
    assertion = etree.tostring(sign(etree.fromstring(story.assertion())))
    return message(sign(etree.fromstring(story.response(encrypt(assertion, to=public)))))


def certificate_of(walk: SamlJourney) -> bytes:
    """Return the certificate for which a provider encrypts, in DER."""
    described = walk.world.signed.describe_identity_provider(UserPoolId=walk.client.pool.pool_id, ProviderName=NAME)[
        "IdentityProvider"
    ]
    return b64decode(described["ProviderDetails"]["ActiveEncryptionCertificate"])


def status_of(code: str) -> str:
    """Return a status of SAML's."""
    return f'<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{code}"/>'
