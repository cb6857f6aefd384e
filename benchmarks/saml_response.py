"""What does an identity provider send? One response of the usual size, its assertion signed by RSA, or both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from lxml import etree

from poolkeeper import xml_reader
from poolkeeper.federation.saml.signatures import Signer, sign
from poolkeeper.federation.saml.statements import Expected

NOW = 1_700_000_000_000
EXPECTED = Expected(issuer="idp", audiences=["sp"], addresses=["https://sp/acs"], request_id="_r", now=NOW, skew=60_000)
STARTS, ENDS = "2023-11-14T22:13:20Z", "2023-11-14T22:18:20Z"
_ATTRIBUTE = '<a:Attribute Name="claim-{0}"><a:AttributeValue>value of claim {0}</a:AttributeValue></a:Attribute>'
_ASSERTION = f"""<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0" IssueInstant="{STARTS}">
<a:Issuer>idp</a:Issuer><a:Subject><a:NameID>ada</a:NameID>
<a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<a:SubjectConfirmationData Recipient="https://sp/acs" InResponseTo="_r" NotOnOrAfter="{ENDS}"/></a:SubjectConfirmation></a:Subject>
<a:Conditions NotBefore="{STARTS}" NotOnOrAfter="{ENDS}">
<a:AudienceRestriction><a:Audience>sp</a:Audience></a:AudienceRestriction></a:Conditions>
<a:AuthnStatement AuthnInstant="{STARTS}" SessionIndex="_s"/>
<a:AttributeStatement>{"".join(map(_ATTRIBUTE.format, range(12)))}</a:AttributeStatement></a:Assertion>"""
_RESPONSE = f"""<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_p" Version="2.0" IssueInstant="{STARTS}"
 Destination="https://sp/acs" InResponseTo="_r"><a:Issuer xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion">idp</a:Issuer>
<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status></p:Response>"""


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """A provider with one key of 2048 bits."""

    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))

    def certificate(self) -> x509.Certificate:
        """Return the certificate of its key."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
        start, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
        return x509.CertificateBuilder(name, name, self.key.public_key(), 1, start, end).sign(self.key, SHA256())

    def response(self, *, both: bool, changes: Mapping[str, str] | None = None) -> bytes:
        """Return a response with twelve attributes whose assertion is signed, or which is signed too.

        `changes` are texts in it, and what stands there instead.
        """
        signer = Signer(self.key, self.certificate())
        root = xml_reader.read(_changed(_RESPONSE, changes or {}))
        root.append(sign(xml_reader.read(_changed(_ASSERTION, changes or {})), signer))
        return etree.tostring(sign(root, signer) if both else root)


def _changed(text: str, changes: Mapping[str, str]) -> bytes:
    for before, after in changes.items():
        text = text.replace(before, after)
    return text.encode()
