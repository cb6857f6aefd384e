"""What must be so before a signature is looked at? One message that can be read in one way (attacks.md 111-118, 120, 123, 124).

The library checks that what a signature refers to is what was signed. That it is the signature of this message, that
nothing else of the message could be meant, and that its form is one of the few in use, is checked here.
"""

import re
from collections.abc import Collection

from poolkeeper.federation.saml import algorithms, tree
from poolkeeper.federation.saml.bindings import from_base64
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.names import ENVELOPED, EXCLUSIVE_C14N, ds
from poolkeeper.xml_reader import Element

_C14N = frozenset({EXCLUSIVE_C14N})
_TRANSFORMS = (frozenset({ENVELOPED}), _C14N)
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,255}")
_PREFIXES = re.compile(r"[A-Za-z0-9_.#-]+(?: [A-Za-z0-9_.#-]+)*")
_INCLUSIVE = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"


def require_one_reading(root: Element) -> None:
    """Pass a message without comments and processing instructions, in which no id stands twice.

    An id is any attribute that some reader takes for one: ID, Id, id and xml:id. Raises BadMessage.
    """
    seen: set[str] = set()
    for element in root.iter():
        if not isinstance(element.tag, str):
            raise BadMessage(Fault.COMMENT, "a comment or a processing instruction")
        for name, value in element.attrib.items():
            if str(name).rpartition("}")[2].lower() != "id":
                continue
            if value in seen:
                raise BadMessage(Fault.REPEATED_ID, f"the id {value[:80]!r} stands twice")
            seen.add(str(value))


def require_signatures_of(root: Element, parents: Collection[Element]) -> None:
    """Pass a message whose signatures are children of `parents`, one of each at most.

    Raises BadMessage.
    """
    for signature in root.iter(ds("Signature")):
        if not any(signature.getparent() is parent for parent in parents):
            raise BadMessage(Fault.SIGNATURE_PLACE, "a signature that is nobody's here")
    for parent in parents:
        if len(tree.children(parent, ds("Signature"))) > 1:
            raise BadMessage(Fault.SIGNATURE_PLACE, f"{tree.name(parent)} has two signatures")


def message_id(element: Element) -> str:
    """Return the ID of a message or an assertion.

    Raises BadMessage where it is missing or no name (xs:ID).
    """
    given = tree.require_attribute(element, "ID")
    if not _ID.fullmatch(given):
        raise BadMessage(Fault.STRUCTURE, f"an ID that is no name: {given[:80]!r}")
    return given


def own_signature(parent: Element) -> Element | None:
    """Return the signature of a message or an assertion in the one form that is taken, None where there is none.

    SignedInfo, SignatureValue and perhaps a KeyInfo that nobody looks at; one reference, to the parent; enveloped
    signature and exclusive canonicalisation; RSA or ECDSA with SHA-256 or better. Raises BadMessage for another form.
    """
    # UNVERIFIED: whether AWS takes signatures by SHA-1 or in inclusive forms; a response with each would settle it.
    signature = tree.child(parent, ds("Signature"))
    if signature is None:
        return None
    info, value = _parts(signature, ("SignedInfo", "SignatureValue"), beside="KeyInfo")
    canonicalisation, method, reference = _parts(info, ("CanonicalizationMethod", "SignatureMethod", "Reference"))
    transforms, digest_method, digest_value = _parts(reference, ("Transforms", "DigestMethod", "DigestValue"))
    first, second = _parts(transforms, ("Transform", "Transform"))

    if tree.attribute(reference, "URI") != f"#{message_id(parent)}":
        raise BadMessage(Fault.SIGNATURE_FORM, "a reference to something else than the signature's parent")
    _require_algorithm(canonicalisation, _C14N)
    _require_algorithm(method, algorithms.SIGNATURES)
    _require_algorithm(digest_method, algorithms.DIGESTS)
    for transform, allowed in zip((first, second), _TRANSFORMS, strict=True):
        _require_algorithm(transform, allowed)
    for bare in (method, digest_method, first):
        _require_no_parameters(bare)
    for canonical in (canonicalisation, second):
        _require_prefixes(canonical)
    for spelt in (value, digest_value):
        from_base64(tree.text_of(spelt))
    return signature


def _parts(element: Element, expected: tuple[str, ...], *, beside: str = "") -> list[Element]:
    """Return the children, which are those `expected`, in that order; one more may stand `beside` them, last."""
    held = list(element)
    tags = [one.tag for one in held]
    wanted = [ds(name) for name in expected]
    if tags != wanted and not (beside and tags == [*wanted, ds(beside)]):
        raise BadMessage(Fault.SIGNATURE_FORM, f"{tree.name(element)} holds other elements than it may")
    return held[: len(wanted)]


def _require_algorithm(element: Element, allowed: Collection[str]) -> None:
    named = tree.attribute(element, "Algorithm")
    if named not in allowed:
        raise BadMessage(Fault.SIGNATURE_FORM, f"{tree.name(element)} is {(named or 'missing')[:120]}")


def _require_no_parameters(element: Element) -> None:
    if len(element) or (element.text or "").strip():
        raise BadMessage(Fault.SIGNATURE_FORM, f"{tree.name(element)} has parameters")


def _require_prefixes(element: Element) -> None:
    """Pass a canonicalisation alone, or with one list of prefixes that are kept."""
    if (element.text or "").strip() or [one.tag for one in element] not in ([], [_INCLUSIVE]):
        raise BadMessage(Fault.SIGNATURE_FORM, "a canonicalisation with other parameters than prefixes")
    for inclusive in element:
        _require_no_parameters(inclusive)
        if not _PREFIXES.fullmatch(tree.attribute(inclusive, "PrefixList") or ""):
            raise BadMessage(Fault.SIGNATURE_FORM, "a list of prefixes that is none")
