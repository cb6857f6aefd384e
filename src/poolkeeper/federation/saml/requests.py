"""How do we ask an identity provider who a person is? By an AuthnRequest, in an address or in a form (SAML core 3.4.1)."""

from dataclasses import dataclass

from lxml import etree

from poolkeeper.federation.saml import bindings, instants, names
from poolkeeper.federation.saml.names import saml, samlp
from poolkeeper.federation.saml.signatures import Signer, sign
from poolkeeper.xml_reader import Element

_PREFIXES = {"samlp": names.PROTOCOL, "saml": names.ASSERTION}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthnRequest:
    """Our request for a sign-in: from `issuer` (our entity id) to `destination`, to be answered at `acs` by a form.

    `id` comes from `messages.new_id`, `issued` is in milliseconds since the epoch. `force_authn` asks for a fresh proof
    by the user. No RequestedAuthnContext is sent: levels are for OpenID providers (model: AcrMapping).
    """

    id: str
    issued: int
    issuer: str
    destination: str
    acs: str
    name_id_format: str = names.UNSPECIFIED
    force_authn: bool = False


def to_redirect(request: AuthnRequest, *, relay_state: str | None, signer: Signer | None = None) -> str:
    """Return the address to send the browser to; with a signer, the query is signed (RSA-SHA256)."""
    message = etree.tostring(_element(request))
    key = None if signer is None else signer.key
    return bindings.to_redirect(request.destination, bindings.REQUEST, message, relay_state=relay_state, key=key)


def to_post(request: AuthnRequest, *, signer: Signer | None = None) -> str:
    """Return the value of a form's SAMLRequest; with a signer, the message holds its signature."""
    element = _element(request)
    return bindings.to_post(etree.tostring(element if signer is None else sign(element, signer)))


def _element(request: AuthnRequest) -> Element:
    # UNVERIFIED: which NameIDPolicy AWS sends, if any; a recorded AuthnRequest would settle it.
    attributes = {
        "ID": request.id,
        "Version": "2.0",
        "IssueInstant": instants.write(request.issued),
        "Destination": request.destination,
        "ProtocolBinding": names.HTTP_POST,
        "AssertionConsumerServiceURL": request.acs,
    }
    if request.force_authn:
        attributes["ForceAuthn"] = "true"
    root = etree.Element(samlp("AuthnRequest"), attributes, _PREFIXES)
    etree.SubElement(root, saml("Issuer")).text = request.issuer
    etree.SubElement(root, samlp("NameIDPolicy"), {"Format": request.name_id_format, "AllowCreate": "true"})
    return root
