"""What does the library say of a signature? Which bytes one of the keys signed. Only this file knows the package `signxml`.

A certificate only carries a key here: metadata may name an expired certificate, and no chain is followed. KeyInfo is
never read: whoever forges a message writes that too (attacks.md 125).
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


def verify(message: bytes, certificates: Iterable[Certificate]) -> tuple[bytes | None, Element | None]:
    """Return the part of a message that one of `certificates` signed: the bytes that were hashed, and their tree.

    Raises BadMessage.
    """
    _keep_quiet()
    faults = []
    for certificate in certificates:
        try:
            result = XMLVerifier().verify(
                message,
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
        except Exception as fault:  # noqa: BLE001 - any exception means that the library has not accepted the signature
            faults.append(repr(fault)[:200])
            continue
        if isinstance(result, VerifyResult):
            return result.signed_data, result.signed_xml
    raise BadMessage(Fault.SIGNATURE, f"none of {len(faults)} keys signed it: {'; '.join(faults)}")


def sign(message: Element, key: RSAPrivateKey, certificate: Certificate) -> Element:
    """Return a copy of a message of ours with its signature (RSA-SHA256) after its Issuer, where the schema wants it."""
    _keep_quiet()
    placeholder = etree.Element(ds("Signature"), {"Id": "placeholder"}, {"ds": names.SIGNATURE})
    message.insert(1, placeholder)
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
    message.remove(placeholder)
    return signed


@cache
def _keep_quiet() -> None:
    """Keep the library from logging what it hashes: at DEBUG it would log everything about a user."""
    logging.getLogger("signxml").setLevel(logging.INFO)
