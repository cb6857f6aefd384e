"""What must be true of every message? It has version 2.0, comes from its issuer to us, is of now and answers our request.

SAML core 3.2. The same checks hold for a response, a LogoutRequest and a LogoutResponse.
"""

from collections.abc import Collection

from poolkeeper import xml_reader
from poolkeeper.federation.saml import instants, names, structure, tree
from poolkeeper.federation.saml.bindings import MOST_BASE64
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.names import samlp
from poolkeeper.xml_reader import Element

# Every canonical form takes time for all elements; the message of a person in a thousand groups has fewer.
MOST_ELEMENTS = 2_000
_STATUS_PARTS = 4
_ID_BYTES = 16


def new_id(random_bytes: bytes) -> str:
    """Return 16 random bytes or more as the ID of a message, which begins with no digit (xs:ID).

    Raises ValueError for fewer.
    """
    if len(random_bytes) < _ID_BYTES:
        raise ValueError("an ID is made of 16 bytes or more")
    return f"_{random_bytes.hex()}"


def read_message(message: bytes, *tags: str) -> Element:
    """Return the root, one of `tags`, of a message of version 2.0 that all readers read in the same way.

    It has at most 2,000 elements. Raises BadMessage.
    """
    try:
        root = xml_reader.read(message, most_bytes=MOST_BASE64, most_elements=MOST_ELEMENTS)
    except xml_reader.BadXml as fault:
        raise BadMessage(Fault.XML, str(fault)) from None
    if root.tag not in tags:
        wanted = " or ".join(tag.rpartition("}")[2] for tag in tags)
        raise BadMessage(Fault.STRUCTURE, f"a {tree.name(root)[:80]} and no {wanted}")
    structure.require_one_reading(root)
    structure.message_id(root)
    if tree.attribute(root, "Version") != "2.0":
        raise BadMessage(Fault.STRUCTURE, f"a {tree.name(root)} of another version than 2.0")
    return root


def require_addressed(message: Element, addresses: Collection[str], *, signed: bool) -> None:
    """Pass a message to one of `addresses`; an unsigned message need not name its destination (SAML bindings 3.5.5.2).

    Raises BadMessage.
    """
    destination = tree.attribute(message, "Destination")
    if destination not in addresses and (signed or destination is not None):
        raise BadMessage(Fault.DESTINATION, f"sent to {(destination or 'nobody')[:200]!r}")


def require_status(message: Element) -> None:
    """Pass an answer whose status is success.

    Raises BadMessage, whose text has the status's codes and its message.
    """
    status = tree.require_child(message, samlp("Status"))
    code = tree.require_child(status, samlp("StatusCode"))
    if tree.attribute(code, "Value") != names.SUCCESS:
        codes = [tree.attribute(element, "Value") or "" for element in status.iter(samlp("StatusCode"))]
        texts = [tree.text_of(element) for element in tree.children(status, samlp("StatusMessage"))]
        raise BadMessage(Fault.STATUS, " ".join(part[:200] for part in (codes + texts)[:_STATUS_PARTS]))


def require_issuer(element: Element, expected: str) -> None:
    """Pass an Issuer that is `expected`, an entity id.

    Raises BadMessage.
    """
    if tree.attribute(element, "Format") not in {None, names.ENTITY} or tree.word_of(element) != expected:
        raise BadMessage(Fault.ISSUER, f"issued by {tree.word_of(element)[:200]!r}")


def require_answer(element: Element, request_id: str | None) -> None:
    """Pass an element that answers the request of this ID; for None, one that answers no request.

    Raises BadMessage.
    """
    claimed = tree.attribute(element, "InResponseTo")
    if claimed != request_id:
        raise BadMessage(Fault.IN_RESPONSE_TO, f"{tree.name(element)} answers {(claimed or 'nobody')[:80]}")


def require_within(element: Element, *, now: int, skew: int) -> int | None:
    """Pass an element between its NotBefore and its NotOnOrAfter, within `skew`; return the latter if there is one.

    Raises BadMessage.
    """
    start, end = tree.attribute(element, "NotBefore"), tree.attribute(element, "NotOnOrAfter")
    if start is not None and now + skew < instants.read(start):
        raise BadMessage(Fault.TIME, f"{tree.name(element)} is not valid before {start[:40]}")
    if end is None:
        return None
    moment = instants.read(end)
    if now - skew >= moment:
        raise BadMessage(Fault.TIME, f"{tree.name(element)} was valid until {end[:40]}")
    return moment


def require_issued(element: Element, *, now: int, skew: int, most_age: int | None) -> int | None:
    """Pass an IssueInstant that is neither in the future nor older than `most_age`; return the time when it will be older.

    Raises BadMessage.
    """
    issued = instants.read(tree.require_attribute(element, "IssueInstant"))
    if issued > now + skew:
        raise BadMessage(Fault.TIME, f"{tree.name(element)} was issued in times to come")
    if most_age is None:
        return None
    if now - skew >= issued + most_age:
        raise BadMessage(Fault.TIME, f"{tree.name(element)} was issued too long ago")
    return issued + most_age
