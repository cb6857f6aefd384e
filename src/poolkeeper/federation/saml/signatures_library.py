"""What does the library say of a signature? The one place that knows the package `signxml`.

A certificate is a key with a name here; that its days are over does not make metadata say less, and no chain is
followed. KeyInfo is never looked at: whoever forges a message writes that too (attacks.md 125).
"""

import logging
from collections.abc import Iterable
from functools import cache

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from poolkeeper import xml_reader
from poolkeeper.federation.saml import algorithms, names, tree
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.names import ds
from poolkeeper.xml_reader import Element

_METHODS = frozenset(SignatureMethod(uri) for uri in algorithms.SIGNATURES)
_DIGESTS = frozenset(DigestAlgorithm(uri) for uri in algorithms.DIGESTS)


def verify(alone: bytes, certificates: Iterable[Certificate]) -> tuple[bytes | None, Element | None]:
    """Return what one of `certificates` signed of a message that stands alone: the bytes that were hashed, and their tree.

    Raises BadMessage.
    """
    _keep_quiet()
    faults = []
    for certificate in certificates:
        try:
            result = XMLVerifier().verify(
                alone,
                x509_cert=certificate,
                parser=xml_reader.parser(),
                id_attribute="ID",
                validate_schema=False,  # structure.own_signature is stricter, and a schema is a lot of code
                expect_config=SignatureConfiguration(
                    location="./",
                    expect_references=1,
                    signature_methods=_METHODS,
                    digest_algorithms=_DIGESTS,
                    ignore_ambiguous_key_info=True,
                    verification_time=certificate.not_valid_before_utc,
                    default_reference_c14n_method=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
                ),
            )
        except InvalidDigest:
            raise BadMessage(Fault.SIGNATURE, "the content is not what was signed") from None
        except Exception as fault:  # noqa: BLE001 - whatever it is, the library has not accepted the signature
            faults.append(repr(fault)[:200])
            continue
        if isinstance(result, VerifyResult):
            return result.signed_data, result.signed_xml
    raise BadMessage(Fault.SIGNATURE, f"none of {len(faults)} keys signed it: {'; '.join(faults)}")


def sign(message: Element, key: RSAPrivateKey, certificate: Certificate) -> Element:
    """Return a copy of a message of ours with its signature (RSA-SHA256) behind its Issuer, where the schema has it."""
    _keep_quiet()
    place = etree.Element(ds("Signature"), {"Id": "placeholder"}, {"ds": names.SIGNATURE})
    message.insert(1, place)
    signed: Element = XMLSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    ).sign(
        message,
        key=key,
        cert=[certificate],
        reference_uri=f"#{tree.require_attribute(message, 'ID')}",
        id_attribute="ID",
    )
    message.remove(place)
    return signed


@cache
def _keep_quiet() -> None:
    """Have the library not log what it hashes: at DEBUG that is all that is said of a user."""
    logging.getLogger("signxml").setLevel(logging.INFO)
