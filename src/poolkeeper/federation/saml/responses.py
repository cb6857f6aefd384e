"""Whom does an identity provider let in? The user of its Response, of which only the signed part is used.

A Response is read once and its form is checked; then every signature in it is verified. The assertion is taken from the
bytes that were hashed: its own if it is signed, else the Response's. Last it is judged (statements.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import Certificate

from poolkeeper.federation.saml import encryption, messages, signatures, statements, structure, tree
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.names import saml, samlp
from poolkeeper.federation.saml.statements import Assertion, Expected
from poolkeeper.xml_reader import Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The provider's keys that verify a response, and our keys that decrypt it.

    `certificates` come from the identity provider's metadata. Where `only_encrypted` is set, an assertion that is not
    encrypted is refused.
    """

    certificates: Sequence[Certificate]
    decryption_keys: Sequence[RSAPrivateKey] = ()
    only_encrypted: bool = False


def accept(message: bytes, trust: Trust, expected: Expected) -> Assertion:
    """Return the assertion of a Response, verified by `trust` and judged by `expected`.

    `message` comes from the binding (bindings.py). The caller must check what a pure function cannot: that the
    assertion's id is new, and that this browser made the request. Raises BadMessage.
    """
    return _accepted(messages.read_message(message, samlp("Response")), trust, expected)


def accept_shown(message: bytes, trust: Trust, expected: Expected) -> Assertion:
    """Return the assertion that a client shows as a token: alone, as in RFC 7522 3, or in its Response.

    All checks of a Response apply, as far as an assertion alone has the parts. Raises BadMessage.
    """
    root = messages.read_message(message, samlp("Response"), saml("Assertion"))
    if root.tag == samlp("Response"):
        return _accepted(root, trust, expected)
    structure.require_signatures_of(root, [root])
    if any(element is not root for element in root.iter(saml("Assertion"), saml("EncryptedAssertion"))):
        raise BadMessage(Fault.ASSERTIONS, "an assertion in an assertion")
    _require_promising_assertion(root, expected)

    signed = signatures.verified(root, trust.certificates)
    if trust.only_encrypted:
        raise BadMessage(Fault.NOT_ENCRYPTED, "an assertion that is not encrypted")
    if signed is None:
        raise BadMessage(Fault.UNSIGNED, "the assertion is not signed")
    return statements.judged(signed, expected)


def issuer_of(message: bytes) -> str:
    """Return the issuer that a Response or an assertion claims; its keys will verify that. Raises BadMessage."""
    root = messages.read_message(message, samlp("Response"), saml("Assertion"))
    assertion = _require_one_assertion(root) if root.tag == samlp("Response") else root
    issuer = tree.child(assertion, saml("Issuer"))
    return tree.word_of(tree.require_child(root, saml("Issuer")) if issuer is None else issuer)


def _accepted(response: Element, trust: Trust, expected: Expected) -> Assertion:
    messages.require_status(response)  # first: a response without success has no assertion and often no signature
    own = _require_one_assertion(response)
    signed_assertions = [own] if own.tag == saml("Assertion") else []
    structure.require_signatures_of(response, [response, *signed_assertions])
    _require_promising(response, signed_assertions, expected)

    signed_response = signatures.verified(response, trust.certificates)
    signed_assertion = signatures.verified(own, trust.certificates) if signed_assertions else None
    source = response if signed_response is None else signed_response
    messages.require_addressed(source, expected.addresses, signed=signed_response is not None)
    statements.require_answer(source, expected)
    _require_issued_by(source, expected.issuer, signed=signed_response is not None)

    if not signed_assertions:
        signed_assertion = _decrypted(source, own, trust, signed=signed_response is not None)
    elif trust.only_encrypted:
        raise BadMessage(Fault.NOT_ENCRYPTED, "an assertion that is not encrypted")
    elif signed_assertion is None and signed_response is not None:
        signed_assertion = tree.require_child(signed_response, saml("Assertion"))
    if signed_assertion is None:
        raise BadMessage(Fault.UNSIGNED, "neither the response nor the assertion is signed")
    return statements.judged(signed_assertion, expected)


def may_be_encrypted(message: bytes) -> bool:
    """Say whether a message could hold an EncryptedAssertion, whose name is always written plainly, in UTF-8."""
    return b"EncryptedAssertion" in message


def _require_one_assertion(response: Element) -> Element:
    """Return the response's only assertion, encrypted or not; the whole message may hold no other."""
    kinds = {saml("Assertion"), saml("EncryptedAssertion")}
    assertions = [element for element in response.iter() if element.tag in kinds]
    if len(assertions) != 1 or assertions[0].getparent() is not response:
        raise BadMessage(Fault.ASSERTIONS, f"{len(assertions)} assertions, or one in another place")
    return assertions[0]


def _require_promising(response: Element, assertions: Sequence[Element], expected: Expected) -> None:
    """Pass a response that claims to be from the issuer, to us and of now: a cheap check before signatures; all is judged again."""
    messages.require_addressed(response, expected.addresses, signed=False)
    _require_issued_by(response, expected.issuer, signed=False)
    for assertion in assertions:
        _require_promising_assertion(assertion, expected)


def _require_promising_assertion(assertion: Element, expected: Expected) -> None:
    messages.require_issuer(tree.require_child(assertion, saml("Issuer")), expected.issuer)
    messages.require_issued(assertion, now=expected.now, skew=expected.skew, most_age=expected.most_age)


def _require_issued_by(response: Element, issuer: str, *, signed: bool) -> None:
    """Pass a response that names its issuer; an unsigned response need not (SAML profiles 4.1.4.2)."""
    issuer_element = tree.child(response, saml("Issuer"))
    if issuer_element is not None:
        messages.require_issuer(issuer_element, issuer)
    elif signed:
        raise BadMessage(Fault.ISSUER, "a signed response without an issuer")


def _decrypted(source: Element, received: Element, trust: Trust, *, signed: bool) -> Element | None:
    """Return the encrypted assertion of `source`: as it was signed, or as it is if the response was signed; else None.

    `received` is the same element in the received message, which declares prefixes that the signed form may lack.
    """
    encrypted = tree.require_child(source, saml("EncryptedAssertion"))
    assertion = encryption.decrypted(encrypted, trust.decryption_keys, namespaces=received.nsmap, signed=signed)
    kinds = {saml("Assertion"), saml("EncryptedAssertion")}
    assertions = [element for element in assertion.iter() if element.tag in kinds]
    if assertion.tag != saml("Assertion") or len(assertions) != 1:
        raise BadMessage(Fault.ASSERTIONS, "what was encrypted is not one assertion")
    structure.require_one_reading(assertion)
    structure.require_signatures_of(assertion, [assertion])

    verified = signatures.verified(assertion, trust.certificates)
    return assertion if verified is None and signed else verified
