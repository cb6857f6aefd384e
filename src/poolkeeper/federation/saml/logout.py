"""How does a session end here and at the provider? By a LogoutRequest and its LogoutResponse (SAML core 3.7, profiles 4.4).

Every message that comes in must be signed: otherwise anybody could end anybody's session (attacks.md 133).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.x509 import Certificate
from lxml import etree

from poolkeeper.federation.saml import bindings, instants, messages, names, signatures, statements, structure, tree
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.names import saml, samlp
from poolkeeper.federation.saml.signatures import Signer
from poolkeeper.federation.saml.statements import NameId
from poolkeeper.xml_reader import Element

_PREFIXES = {"samlp": names.PROTOCOL, "saml": names.ASSERTION}
_MOST_SESSIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRequest:
    """Our request to end a user's session: from `issuer` (our entity id) to `destination`.

    `id` comes from `messages.new_id`; `issued` and `expires` are in milliseconds since the epoch.
    """

    id: str
    issued: int
    expires: int
    issuer: str
    destination: str
    name_id: NameId
    session_index: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutResponse:
    """Our answer to the LogoutRequest `request_id`; `status` is an address of SAML core 3.2.2.2."""

    id: str
    issued: int
    issuer: str
    destination: str
    request_id: str
    status: str = names.SUCCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Whom a message must come from, to which of our addresses, and when.

    `issuer` and `certificates` are of the identity provider's metadata; `now`, `skew` and `most_age` (since
    IssueInstant) in milliseconds.
    """

    issuer: str
    certificates: Sequence[Certificate]
    address: str
    now: int
    skew: int
    most_age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The identity provider's request to end a user's sessions, verified and judged.

    `sessions` are the SessionIndex of those that end, empty for all of the user's. `relay_state` is the value to send back
    that a redirect's signature covers; a form has it in a field of its own. `expires` as in statements.Assertion: remember
    `id` until then.
    """

    id: str
    name_id: NameId
    sessions: tuple[str, ...]
    relay_state: str | None
    expires: int


def to_redirect(message: LogoutRequest | LogoutResponse, *, relay_state: str | None, signer: Signer) -> str:
    """Return the address to send the browser to, its query signed (RSA-SHA256)."""
    field = bindings.REQUEST if isinstance(message, LogoutRequest) else bindings.RESPONSE
    text = etree.tostring(_element(message))
    return bindings.to_redirect(message.destination, field, text, relay_state=relay_state, key=signer.key)


def to_post(message: LogoutRequest | LogoutResponse, *, signer: Signer) -> str:
    """Return the value of a form's SAMLRequest or SAMLResponse; the message holds its signature."""
    return bindings.to_post(etree.tostring(signatures.sign(_element(message), signer)))


def claimed_issuer(message: bytes) -> str:
    """Return the issuer that a LogoutRequest claims, before it is verified.

    Raises BadMessage.
    """
    root = messages.read_message(message, samlp("LogoutRequest"))
    return tree.word_of(tree.require_child(root, saml("Issuer")))


def request_from_redirect(query: bytes, peer: Peer) -> Ended:
    """Return the request to end sessions in the query of a redirect.

    Raises BadMessage.
    """
    redirected = bindings.from_redirect(query, bindings.REQUEST, peer.certificates)
    return _ended(_bare(redirected.message, "LogoutRequest"), peer, redirected.relay_state)


def request_from_post(field: str, peer: Peer) -> Ended:
    """Return the request to end sessions in a form's SAMLRequest.

    Raises BadMessage.
    """
    return _ended(_signed(bindings.from_post(field), "LogoutRequest", peer), peer, None)


def accept_redirect(query: bytes, peer: Peer, *, request_id: str) -> None:
    """Pass the query of a redirect that answers our LogoutRequest of this ID with success.

    Raises BadMessage, with the fault STATUS for an answer without success.
    """
    redirected = bindings.from_redirect(query, bindings.RESPONSE, peer.certificates)
    _require_done(_bare(redirected.message, "LogoutResponse"), peer, request_id)


def accept_post(field: str, peer: Peer, *, request_id: str) -> None:
    """Pass a form's SAMLResponse that answers our LogoutRequest of this ID with success.

    Raises BadMessage, as `accept_redirect`.
    """
    _require_done(_signed(bindings.from_post(field), "LogoutResponse", peer), peer, request_id)


def _bare(message: bytes, name: str) -> Element:
    """Return a message that came by redirect: its query is signed, so it may hold no signature."""
    root = messages.read_message(message, samlp(name))
    structure.require_signatures_of(root, [])
    return root


def _signed(message: bytes, name: str, peer: Peer) -> Element:
    """Return a message that came by form, as it was signed.

    Its claimed issuer, address and time are checked before its signature, which costs more, and again by the caller.
    """
    root = messages.read_message(message, samlp(name))
    structure.require_signatures_of(root, [root])
    _require_from(root, peer)
    signed = signatures.verified(root, peer.certificates)
    if signed is None:
        raise BadMessage(Fault.UNSIGNED, f"a {name} without a signature")
    return signed


def _ended(request: Element, peer: Peer, relay_state: str | None) -> Ended:
    too_old = _require_from(request, peer)
    end = messages.require_within(request, now=peer.now, skew=peer.skew)
    sessions = tuple(tree.word_of(element) for element in tree.children(request, samlp("SessionIndex")))
    if len(sessions) > _MOST_SESSIONS:
        raise BadMessage(Fault.STRUCTURE, f"more than {_MOST_SESSIONS} sessions")
    return Ended(
        id=structure.message_id(request),
        name_id=statements.name_id_of(request),
        sessions=sessions,
        relay_state=relay_state,
        expires=(too_old if end is None else min(too_old, end)) + peer.skew,
    )


def _require_done(response: Element, peer: Peer, request_id: str) -> None:
    _require_from(response, peer)
    messages.require_answer(response, request_id)
    messages.require_status(response)


def _require_from(message: Element, peer: Peer) -> int:
    """Pass a signed message from the peer to us, and return the time when it will be too old."""
    messages.require_issuer(tree.require_child(message, saml("Issuer")), peer.issuer)
    messages.require_addressed(message, {peer.address}, signed=True)
    messages.require_issued(message, now=peer.now, skew=peer.skew, most_age=peer.most_age)
    return instants.read(tree.require_attribute(message, "IssueInstant")) + peer.most_age


def _element(message: LogoutRequest | LogoutResponse) -> Element:
    attributes = {
        "ID": message.id,
        "Version": "2.0",
        "IssueInstant": instants.write(message.issued),
        "Destination": message.destination,
    }
    if isinstance(message, LogoutRequest):
        attributes["NotOnOrAfter"] = instants.write(message.expires)
        root = _root("LogoutRequest", attributes, message.issuer)
        _add_name_id(root, message.name_id)
        if message.session_index is not None:
            etree.SubElement(root, samlp("SessionIndex")).text = message.session_index
        return root
    root = _root("LogoutResponse", attributes | {"InResponseTo": message.request_id}, message.issuer)
    status = etree.SubElement(root, samlp("Status"))
    etree.SubElement(status, samlp("StatusCode"), {"Value": message.status})
    return root


def _root(name: str, attributes: dict[str, str], issuer: str) -> Element:
    root = etree.Element(samlp(name), attributes, _PREFIXES)
    etree.SubElement(root, saml("Issuer")).text = issuer
    return root


def _add_name_id(root: Element, name_id: NameId) -> None:
    qualifiers = {"NameQualifier": name_id.name_qualifier, "SPNameQualifier": name_id.sp_name_qualifier}
    attributes = {"Format": name_id.format} | {name: text for name, text in qualifiers.items() if text is not None}
    etree.SubElement(root, saml("NameID"), attributes).text = name_id.value
