"""What does an identity provider say of itself? What its metadata hold, a stranger's text (SAML metadata 2; attacks.md 134).

A signature of metadata is ignored: they are trusted because an administrator named their address or uploaded them, and
`pinned` makes sure that the address later gives metadata of the same provider.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import Certificate

from poolkeeper import xml_reader
from poolkeeper.federation.saml import algorithms, instants, names, tree
from poolkeeper.federation.saml.bindings import from_base64
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.names import ds, md
from poolkeeper.xml_reader import Element

MOST_BYTES = 1024 * 1024
_LONGEST_ENTITY_ID = 1_024  # SAML metadata 2.2.1
_LONGEST_CERTIFICATE = 4_096
_MOST_CERTIFICATES = 20
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:[/?][!-\"$-~]*)?", re.ASCII)
_LONGEST_ADDRESS = 2_048
_BOOLEANS = {None: False, "true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Place:
    """Where messages of one kind go: a request to `location`, an answer to `response_location`."""

    location: str
    response_location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An identity provider as its metadata describe it.

    `sign_in` and `logout` by binding (names.HTTP_REDIRECT, names.HTTP_POST); `sign_in` is never empty. `certificates` are
    all that it may sign with, in order, and never empty. `valid_until` is in milliseconds since the epoch, None where the
    metadata have no end.
    """

    entity_id: str
    sign_in: Mapping[str, Place]
    logout: Mapping[str, Place]
    certificates: tuple[Certificate, ...]
    wants_signed_requests: bool
    name_id_formats: tuple[str, ...]
    valid_until: int | None


def read(text: bytes, *, now: int, pinned: str | None = None) -> Provider:
    """Return the only identity provider that metadata describe; `pinned` is the entity id that it must have.

    `now` is in milliseconds since the epoch. Raises BadMessage: XML for more than 1 MiB, a document type and a text that is
    not well-formed, TIME for metadata that have expired, NO_PROVIDER and SEVERAL_PROVIDERS, ISSUER for another entity id
    than `pinned`, NO_CERTIFICATE, NO_ADDRESS, STRUCTURE for every other fault.
    """
    try:
        root = xml_reader.read(text, most_bytes=MOST_BYTES)
    except xml_reader.BadXml as fault:
        raise BadMessage(Fault.XML, str(fault)) from None
    entity, role = _one_provider(root)
    valid_until = _require_valid(root, entity, role, now=now)
    entity_id = tree.require_attribute(entity, "entityID")
    if len(entity_id) > _LONGEST_ENTITY_ID:
        raise BadMessage(Fault.STRUCTURE, f"an entityID of more than {_LONGEST_ENTITY_ID} characters")
    if pinned is not None and entity_id != pinned:
        raise BadMessage(Fault.ISSUER, f"the metadata of {entity_id[:200]!r} and not of {pinned[:200]!r}")

    sign_in = _places(role, "SingleSignOnService")
    if not sign_in:
        raise BadMessage(Fault.NO_ADDRESS, "no SingleSignOnService by redirect or POST")
    wants_signed = tree.attribute(role, "WantAuthnRequestsSigned")
    if wants_signed not in _BOOLEANS:
        raise BadMessage(Fault.STRUCTURE, f"WantAuthnRequestsSigned is {(wants_signed or '')[:40]!r}")
    return Provider(
        entity_id=entity_id,
        sign_in=sign_in,
        logout=_places(role, "SingleLogoutService"),
        certificates=_certificates(role),
        wants_signed_requests=_BOOLEANS[wants_signed],
        name_id_formats=tuple(tree.word_of(element) for element in tree.children(role, md("NameIDFormat"))),
        valid_until=valid_until,
    )


def chosen(places: Mapping[str, Place]) -> tuple[str, Place] | None:
    """Return the binding for messages to a provider, with its place: the redirect if the provider has one, as at AWS."""
    for binding in (names.HTTP_REDIRECT, names.HTTP_POST):
        if binding in places:
            return binding, places[binding]
    return None


def _one_provider(root: Element) -> tuple[Element, Element]:
    """Return the only entity that is an identity provider of SAML 2.0, and the element of that role."""
    if root.tag not in {md("EntityDescriptor"), md("EntitiesDescriptor")}:
        raise BadMessage(Fault.NO_PROVIDER, f"a {tree.name(root)[:80]} and no EntityDescriptor")
    roles = [
        (entity, role)
        for entity in root.iter(md("EntityDescriptor"))
        for role in tree.children(entity, md("IDPSSODescriptor"))
        if names.PROTOCOL in (tree.attribute(role, "protocolSupportEnumeration") or "").split()
    ]
    if not roles:
        raise BadMessage(Fault.NO_PROVIDER, "no IDPSSODescriptor for SAML 2.0")
    if len(roles) > 1:
        raise BadMessage(Fault.SEVERAL_PROVIDERS, f"{len(roles)} identity providers")
    return roles[0]


def _require_valid(*elements: Element, now: int) -> int | None:
    """Return the time until which all of the elements are valid, None for no end."""
    ends = [tree.attribute(element, "validUntil") for element in elements]
    moments = [instants.read(end) for end in ends if end is not None]
    if moments and min(moments) <= now:
        raise BadMessage(Fault.TIME, f"metadata that were valid until {instants.write(min(moments))}")
    return min(moments, default=None)


def _places(role: Element, name: str) -> dict[str, Place]:
    """Return the first place of each binding that we know."""
    places: dict[str, Place] = {}
    for element in tree.children(role, md(name)):
        binding = tree.require_attribute(element, "Binding")
        if binding in {names.HTTP_REDIRECT, names.HTTP_POST} and binding not in places:
            location = _address(tree.require_attribute(element, "Location"))
            response_location = tree.attribute(element, "ResponseLocation")
            places[binding] = Place(location, location if response_location is None else _address(response_location))
    return places


def _address(text: str) -> str:
    """Return an address that we may send a browser to: http or https, without a user or a fragment."""
    if len(text) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(text):
        raise BadMessage(Fault.NO_ADDRESS, f"no address: {text[:200]!r}")
    return text


def _certificates(role: Element) -> tuple[Certificate, ...]:
    """Return all certificates for signing whose keys are accepted (`algorithms.may_sign`), each once."""
    texts = [
        "".join(tree.text_of(element).split())
        for descriptor in tree.children(role, md("KeyDescriptor"))
        if tree.attribute(descriptor, "use") in {None, "signing"}
        for element in descriptor.iter(ds("X509Certificate"))
    ]
    if len(texts) > _MOST_CERTIFICATES or any(len(text) > _LONGEST_CERTIFICATE for text in texts):
        raise BadMessage(
            Fault.NO_CERTIFICATE, f"more than {_MOST_CERTIFICATES} certificates, or {_LONGEST_CERTIFICATE} characters"
        )
    certificates = tuple(
        certificate for text in dict.fromkeys(texts) if (certificate := _certificate(text)) is not None
    )
    if not certificates:
        raise BadMessage(Fault.NO_CERTIFICATE, f"none of {len(texts)} certificates is one that signs")
    return certificates


def _certificate(text: str) -> Certificate | None:
    """Return a certificate, None where its key is too weak or of another kind."""
    try:
        certificate = x509.load_der_x509_certificate(from_base64(text))
        return certificate if algorithms.may_sign(certificate) else None
    except (BadMessage, ValueError) as fault:
        raise BadMessage(Fault.NO_CERTIFICATE, f"no certificate: {str(fault)[:200]}") from None
    except UnsupportedAlgorithm:
        return None
