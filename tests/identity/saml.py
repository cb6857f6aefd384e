"""How does a test come with a SAML response? A provider of IAM's with the tests' key, and responses of now."""

from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from api.iam import unique
from api.principals import ACCOUNT
from api.world import World
from federation.saml import keys
from federation.saml.identity_provider import GOOD, Story, message, signed
from poolkeeper.clock import SECOND
from poolkeeper.federation.saml import names

AWS = "https://signin.aws.amazon.com/saml"
ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/"


def metadata(entity_id: str, *, end: str = "") -> str:
    """Return the metadata of an identity provider with the key that `sent` signs by."""
    certificate = b64encode(keys.certificate(keys.rsa_key()).public_bytes(Encoding.DER)).decode()
    described = (
        '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
    until = f' validUntil="{end}"' if end else ""
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}"{until}>'
        f'<md:IDPSSODescriptor protocolSupportEnumeration="{names.PROTOCOL}">{described}'
        f'<md:SingleSignOnService Binding="{names.HTTP_REDIRECT}" Location="https://idp.example/sso"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )


def attribute(name: str, *values: str) -> str:
    """Return an attribute of an assertion."""
    told = "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
    return f'<saml:Attribute Name="{name}">{told}</saml:Attribute>'


def of_aws(name: str, *values: str) -> str:
    """Return one of AWS's own attributes."""
    return attribute(f"{ATTRIBUTE}{name}", *values)


@dataclass(frozen=True)
class ProviderOfTests:
    """A SAML provider of IAM, and whoever signs for it."""

    world: World
    name: str
    arn: str
    entity_id: str

    def instant(self, seconds: int = 0) -> str:
        """Return the time so many seconds after the world's, as SAML writes it."""
        moment = datetime.fromtimestamp(self.world.clock.now() // SECOND + seconds, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def story(self, *attributes: str, audience: str = "urn:amazon:webservices", to: str = AWS, **changes: Any) -> Story:
        """Return what a good response of now says, with changes."""
        told = f"<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>"
        good = replace(
            GOOD,
            issuer=self.entity_id,
            response_issuer=f"<saml:Issuer>{self.entity_id}</saml:Issuer>",
            destination=f'Destination="{to}"',
            response_answers="",
            issued=self.instant(),
            confirmation=f'Recipient="{to}" NotOnOrAfter="{self.instant(300)}"',
            conditions=f'NotBefore="{self.instant()}" NotOnOrAfter="{self.instant(300)}"',
            audience=told,
            statement=f'<saml:AuthnStatement AuthnInstant="{self.instant()}"/>',
            attributes="".join(attributes) or attribute("email", "ada@example.com"),
        )
        return replace(good, **changes)

    def response(self, *attributes: str, **changes: Any) -> str:
        """Return a response of now in base64, signed as a whole."""
        return sent(self.story(*attributes, **changes))

    def role(self, arn: str) -> str:
        """Return a value of the attribute Role."""
        return f"{arn},{self.arn}"


def sent(story: Story, **how: Any) -> str:
    """Return a response in base64, signed as a whole; `how` is of signing.Manner."""
    return b64encode(message(signed(story, **({"response": True, "assertion": False} | how)))).decode()


def saml_provider(world: World, *, end: str = "") -> ProviderOfTests:
    """Make a SAML provider of IAM whose responses `sent` signs, valid until `end`."""
    name = unique("saml")
    entity_id = f"https://{name}.example/entity"
    document = metadata(entity_id, end=end).ljust(1000)
    world.client("iam").create_saml_provider(Name=name, SAMLMetadataDocument=document)
    return ProviderOfTests(world, name, f"arn:aws:iam::{ACCOUNT}:saml-provider/{name}", entity_id)
