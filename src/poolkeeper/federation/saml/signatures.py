"""Did one of these keys sign a message, and which part? The library tells (signatures_library.py).

The returned element was read anew from the bytes that were hashed, so a caller cannot use anything that nobody signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate
from lxml import etree

from poolkeeper.federation.saml import structure
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.xml_reader import Element


@dataclass(frozen=True, slots=True)
class Signer:
    """Our key, and the certificate by which our metadata name it."""

    key: RSAPrivateKey
    certificate: Certificate


def verified(parent: Element, certificates: Sequence[Certificate]) -> Element | None:
    """Return a message or an assertion as one of `certificates` signed it, without its signature; None if unsigned.

    Raises BadMessage for a signature of another form than `structure.own_signature` accepts, for a signature by another key,
    and for content that differs from the signed content.
    """
    if structure.own_signature(parent) is None:
        return None
    from poolkeeper.federation.saml import signatures_library as library  # noqa: PLC0415 - only who has SAML pays for it

    hashed, signed = library.verify(etree.tostring(parent, with_tail=False), certificates)
    if not hashed or signed is None:
        raise BadMessage(Fault.SIGNATURE, "the signature of nothing")
    if signed.tag != parent.tag or signed.get("ID") != parent.get("ID"):
        raise BadMessage(Fault.SIGNATURE, "the signature of something else")
    return signed


def sign(message: Element, signer: Signer) -> Element:
    """Return a copy of a message of ours with its signature (RSA-SHA256) after its Issuer, where the schema wants it."""
    from poolkeeper.federation.saml import signatures_library as library  # noqa: PLC0415 - only who has SAML pays for it

    return library.sign(message, signer.key, signer.certificate)
