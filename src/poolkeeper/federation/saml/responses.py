"""Whom does an identity provider let in? A Response taken apart, verified, judged: what is used is what was signed.

Read once; its form checked; every signature that it has verified; the assertion then taken out of the bytes that were
hashed, its own if it is signed, else those of the Response; judged (statements.py).
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
    """By whose keys a response is verified, and by which of ours it is decrypted.

    `certificates` are those of the identity provider's metadata. Where `only_encrypted` is set, an assertion that was
    not encrypted is refused.
    """

    certificates: Sequence[Certificate]
    decryption_keys: Sequence[RSAPrivateKey] = ()
    only_encrypted: bool = False


def accept(message: bytes, trust: Trust, expected: Expected) -> Assertion:
    """Return what a Response says of a user, verified by `trust` and judged by `expected`.

    `message` is what the binding carried (bindings.py). The caller holds what a pure function cannot: that the
    assertion's id was not seen before, and that the request was this browser's. Raises BadMessage.
    """
    return _accepted(messages.read_message(message, samlp("Response")), trust, expected)


def accept_shown(message: bytes, trust: Trust, expected: Expected) -> Assertion:
    """Return what an assertion says that somebody shows as a token: alone, as RFC 7522 3 has it, or in its Response.

    It is held to all that a Response is held to, as far as it is one. Raises BadMessage.
    """
    root = messages.read_message(message, samlp("Response"), saml("Assertion"))
    if root.tag == samlp("Response"):
        return _accepted(root, trust, expected)
    structure.require_signatures_of(root, [root])
    if any(one is not root for one in root.iter(saml("Assertion"), saml("EncryptedAssertion"))):
        raise BadMessage(Fault.ASSERTIONS, "an assertion in an assertion")
    _require_promising_assertion(root, expected)

    signed = signatures.verified(root, trust.certificates)
    if trust.only_encrypted:
        raise BadMessage(Fault.NOT_ENCRYPTED, "an assertion that is not encrypted")
    if signed is None:
        raise BadMessage(Fault.UNSIGNED, "the assertion is not signed")
    return statements.judged(signed, expected)


def issuer_of(message: bytes) -> str:
    """Return the issuer that a Response or an assertion claims: whose keys will tell. Raises BadMessage."""
    root = messages.read_message(message, samlp("Response"), saml("Assertion"))
    assertion = _require_one_assertion(root) if root.tag == samlp("Response") else root
    named = tree.child(assertion, saml("Issuer"))
    return tree.word_of(tree.require_child(root, saml("Issuer")) if named is None else named)


def _accepted(response: Element, trust: Trust, expected: Expected) -> Assertion:
    messages.require_status(response)  # first: where it says no, there is no assertion and often no signature
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
    """Say whether a message could hold an EncryptedAssertion: names of elements are written as they are, in UTF-8."""
    return b"EncryptedAssertion" in message


def _require_one_assertion(response: Element) -> Element:
    """Return the response's one assertion, encrypted or not; there is no other anywhere in the message."""
    kinds = {saml("Assertion"), saml("EncryptedAssertion")}
    held = [one for one in response.iter() if one.tag in kinds]
    if len(held) != 1 or held[0].getparent() is not response:
        raise BadMessage(Fault.ASSERTIONS, f"{len(held)} assertions, or one in another place")
    return held[0]


def _require_promising(response: Element, assertions: Sequence[Element], expected: Expected) -> None:
    """Pass what claims to be from the issuer, to us and of now: a signature costs more, and all is judged again behind it."""
    messages.require_addressed(response, expected.addresses, signed=False)
    _require_issued_by(response, expected.issuer, signed=False)
    for assertion in assertions:
        _require_promising_assertion(assertion, expected)


def _require_promising_assertion(assertion: Element, expected: Expected) -> None:
    messages.require_issuer(tree.require_child(assertion, saml("Issuer")), expected.issuer)
    messages.require_issued(assertion, now=expected.now, skew=expected.skew, most_age=expected.most_age)


def _require_issued_by(response: Element, issuer: str, *, signed: bool) -> None:
    """Pass a response that names its issuer; one that is not signed need not (SAML profiles 4.1.4.2)."""
    named = tree.child(response, saml("Issuer"))
    if named is not None:
        messages.require_issuer(named, issuer)
    elif signed:
        raise BadMessage(Fault.ISSUER, "a signed response without an issuer")


def _decrypted(source: Element, stood: Element, trust: Trust, *, signed: bool) -> Element | None:
    """Return the encrypted assertion of `source`: as it was signed, or as it is where the response was; else None.

    `stood` is the same in the message as it came: prefixes are declared there that a signed form need not have.
    """
    encrypted = tree.require_child(source, saml("EncryptedAssertion"))
    assertion = encryption.decrypted(encrypted, trust.decryption_keys, namespaces=stood.nsmap, signed=signed)
    within = [one for one in assertion.iter() if one.tag in {saml("Assertion"), saml("EncryptedAssertion")}]
    if assertion.tag != saml("Assertion") or len(within) != 1:
        raise BadMessage(Fault.ASSERTIONS, "what was encrypted is not one assertion")
    structure.require_one_reading(assertion)
    structure.require_signatures_of(assertion, [assertion])

    verified = signatures.verified(assertion, trust.certificates)
    return assertion if verified is None and signed else verified
