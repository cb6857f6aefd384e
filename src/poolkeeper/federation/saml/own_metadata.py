"""What do we tell an identity provider of ourselves? The metadata of a service provider (SAML metadata 2.4.4)."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from lxml import etree

from poolkeeper.federation.saml import names
from poolkeeper.federation.saml.names import ds, md
from poolkeeper.xml_reader import Element

_PREFIXES = {"md": names.METADATA, "ds": names.SIGNATURE}
_ENCRYPTION_METHODS = (
    f"{names.ENCRYPTION_11}aes256-gcm",
    f"{names.ENCRYPTION_11}aes128-gcm",
    f"{names.ENCRYPTION}rsa-oaep-mgf1p",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProvider:
    """A pool as identity providers see it. `acs` is its address for responses (by form), `logout` for logout (both bindings)."""

    entity_id: str
    acs: str
    logout: str
    signing: Sequence[Certificate]
    encryption: Sequence[Certificate]
    signs_requests: bool


def write(provider: ServiceProvider) -> bytes:
    """Return the EntityDescriptor of a service provider, as a document in UTF-8."""
    root = etree.Element(md("EntityDescriptor"), {"entityID": provider.entity_id}, _PREFIXES)
    role = etree.SubElement(
        root,
        md("SPSSODescriptor"),
        {
            "AuthnRequestsSigned": "true" if provider.signs_requests else "false",
            "WantAssertionsSigned": "true",
            "protocolSupportEnumeration": names.PROTOCOL,
        },
    )
    for use, certificates in (("signing", provider.signing), ("encryption", provider.encryption)):
        for certificate in certificates:
            _add_key(role, use, certificate)
    for binding in (names.HTTP_REDIRECT, names.HTTP_POST):
        etree.SubElement(role, md("SingleLogoutService"), {"Binding": binding, "Location": provider.logout})
    etree.SubElement(role, md("NameIDFormat")).text = names.UNSPECIFIED
    acs = {"Binding": names.HTTP_POST, "Location": provider.acs, "index": "0", "isDefault": "true"}
    etree.SubElement(role, md("AssertionConsumerService"), acs)
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return document


def _add_key(role: Element, use: str, certificate: Certificate) -> None:
    descriptor = etree.SubElement(role, md("KeyDescriptor"), {"use": use})
    data = etree.SubElement(etree.SubElement(descriptor, ds("KeyInfo")), ds("X509Data"))
    der = certificate.public_bytes(Encoding.DER)
    etree.SubElement(data, ds("X509Certificate")).text = b64encode(der).decode()
    if use == "encryption":
        for method in _ENCRYPTION_METHODS:
            etree.SubElement(descriptor, md("EncryptionMethod"), {"Algorithm": method})
