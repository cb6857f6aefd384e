"""Which message may have its signature verified? One that all readers read alike (attacks.md 111-118, 120, 123, 124).

The library checks that the content was signed to which a signature refers. This file checks that it is the signature of
this message, that it can refer to nothing else in the message, and that its form is one of the few in use.
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
    """Pass a message without comments and processing instructions, in which no id comes twice.

    An id is any attribute that some reader takes for an id: ID, Id, id and xml:id. Raises BadMessage.
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
    """Pass a message whose signatures are children of `parents`, at most one of each.

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

    Raises BadMessage where it is missing or is no name (xs:ID).
    """
    element_id = tree.require_attribute(element, "ID")
    if not _ID.fullmatch(element_id):
        raise BadMessage(Fault.STRUCTURE, f"an ID that is no name: {element_id[:80]!r}")
    return element_id


def own_signature(parent: Element) -> Element | None:
    """Return the signature of a message or an assertion in the only form that is accepted, None where there is none.

    SignedInfo, SignatureValue and perhaps a KeyInfo, which nobody reads; one reference, to the parent; enveloped
    signature and exclusive canonicalisation; RSA or ECDSA with SHA-256 or better. Raises BadMessage for another form.
    """
    # UNVERIFIED: whether AWS takes signatures by SHA-1 or in inclusive forms; a response with each would settle it.
    signature = tree.child(parent, ds("Signature"))
    if signature is None:
        return None
    info, value = _parts(signature, ("SignedInfo", "SignatureValue"), beside="KeyInfo")
    canonicalisation, method, reference = _parts(info, ("CanonicalizationMethod", "SignatureMethod", "Reference"))
    transforms, digest_method, digest_value = _parts(reference, ("Transforms", "DigestMethod", "DigestValue"))
    enveloped, exclusive = _parts(transforms, ("Transform", "Transform"))

    if tree.attribute(reference, "URI") != f"#{message_id(parent)}":
        raise BadMessage(Fault.SIGNATURE_FORM, "a reference to something else than the signature's parent")
    _require_algorithm(canonicalisation, _C14N)
    _require_algorithm(method, algorithms.SIGNATURES)
    _require_algorithm(digest_method, algorithms.DIGESTS)
    for transform, allowed in zip((enveloped, exclusive), _TRANSFORMS, strict=True):
        _require_algorithm(transform, allowed)
    for bare in (method, digest_method, enveloped):
        _require_no_parameters(bare)
    for canonical in (canonicalisation, exclusive):
        _require_prefixes(canonical)
    for encoded in (value, digest_value):
        from_base64(tree.text_of(encoded))
    return signature


def _parts(element: Element, expected: tuple[str, ...], *, beside: str = "") -> list[Element]:
    """Return the children, which must be the `expected` ones in that order; `beside` names one more that may follow."""
    children = list(element)
    tags = [child.tag for child in children]
    expected_tags = [ds(name) for name in expected]
    if tags != expected_tags and not (beside and tags == [*expected_tags, ds(beside)]):
        raise BadMessage(Fault.SIGNATURE_FORM, f"{tree.name(element)} holds other elements than it may")
    return children[: len(expected_tags)]


def _require_algorithm(element: Element, allowed: Collection[str]) -> None:
    algorithm = tree.attribute(element, "Algorithm")
    if algorithm not in allowed:
        raise BadMessage(Fault.SIGNATURE_FORM, f"{tree.name(element)} is {(algorithm or 'missing')[:120]}")


def _require_no_parameters(element: Element) -> None:
    if len(element) or (element.text or "").strip():
        raise BadMessage(Fault.SIGNATURE_FORM, f"{tree.name(element)} has parameters")


def _require_prefixes(element: Element) -> None:
    """Pass a canonicalisation without parameters, or with one list of prefixes that are kept."""
    if (element.text or "").strip() or [child.tag for child in element] not in ([], [_INCLUSIVE]):
        raise BadMessage(Fault.SIGNATURE_FORM, "a canonicalisation with other parameters than prefixes")
    for inclusive in element:
        _require_no_parameters(inclusive)
        if not _PREFIXES.fullmatch(tree.attribute(inclusive, "PrefixList") or ""):
            raise BadMessage(Fault.SIGNATURE_FORM, "a list of prefixes that is none")
