"""How does a provider sign a person out of a pool? By a signed request to one of its addresses."""

import secrets
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from api.world import World
from federation.saml.signing import Manner, signature_of
from federation.saml_partner import NAME, SamlJourney, add_saml
from oauth.browsing import Browser, Page, app_client, request_of

LOGOUT = "/saml2/logout"


def at_a_domain(world: World, **details: str) -> SamlJourney:
    """Open a browser at a prefix host: nothing in a provider's request names a pool, but its host does."""
    pool = world.pool()
    prefix = f"saml{secrets.token_hex(6)}"
    world.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=prefix)
    add_saml(pool, **{"IDPSignout": "true", **details})
    client = app_client(pool, SupportedIdentityProviders=["COGNITO", NAME])
    return _AtDomain(Browser(pool, host=f"{prefix}.{world.house.settings.domain_host}"), client)


class _AtDomain(SamlJourney):
    """A journey whose addresses are those of a prefix host."""

    @property
    def acs(self) -> str:
        return f"{self.origin}/saml2/idpresponse"

    @property
    def origin(self) -> str:
        port = urlsplit(self.world.url).port
        return f"http://{self.browser.host}:{port}"


def request(
    walk: SamlJourney, *, session: str = "_session-1", name: str = "ada", key: Any = None, to: str = ""
) -> bytes:
    """Return a LogoutRequest, signed; without a session it names all of its person's."""
    index = f"<samlp:SessionIndex>{session}</samlp:SessionIndex>" if session else ""
    root = etree.fromstring(
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
        f'ID="_{secrets.token_hex(16)}" Version="2.0" IssueInstant="{walk.instant()}" '
        f'Destination="{to or walk.acs.replace("idpresponse", "logout")}"><saml:Issuer>{walk.entity_id}</saml:Issuer>'
        f"<saml:NameID>{name}</saml:NameID>{index}</samlp:LogoutRequest>"
    )
    if key != "":
        root.insert(1, signature_of(root, Manner(key=key)))
    return etree.tostring(root)


def post(walk: SamlJourney, message: bytes) -> Page:
    """Post a LogoutRequest as the provider's page does."""
    stranger = Browser(walk.client.pool, host=walk.browser.host)
    return stranger.post(LOGOUT, {"SAMLRequest": b64encode(message).decode(), "RelayState": "theirs"})


def signed_in(walk: SamlJourney) -> bool:
    """Say whether the browser is still signed in."""
    page = walk.browser.get("/oauth2/authorize", request_of(walk.client, prompt="none"))
    return "code" in page.told
