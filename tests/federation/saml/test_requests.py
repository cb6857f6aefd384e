"""How do we ask an identity provider? By an address or a form, signed where it is asked for, as it is written in the standard."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from federation.saml import keys
from federation.saml.identity_provider import ACS, AUDIENCE, DS, NOW, SAML, SAMLP
from poolkeeper.federation.saml import bindings, messages, requests, signatures
from poolkeeper.federation.saml.requests import AuthnRequest
from poolkeeper.federation.saml.signatures import Signer

DESTINATION = "https://idp.example.com/sso"
REQUEST = AuthnRequest(id="_0123abcd", issued=NOW, issuer=AUDIENCE, destination=DESTINATION, acs=ACS)
SIGNER = Signer(keys.rsa_key("sp"), keys.certificate(keys.rsa_key("sp")))


def sent(request: AuthnRequest) -> etree._Element:
    """Return what arrives at the identity provider by redirect."""
    address = requests.to_redirect(request, relay_state="state")
    fields = parse_qs(urlsplit(address).query, strict_parsing=True)
    assert fields["RelayState"] == ["state"]
    return etree.fromstring(bindings.inflate(bindings.from_base64(fields["SAMLRequest"][0])))


def test_a_request_says_who_asks_whom_and_where_the_answer_goes() -> None:
    """Its attributes, then Issuer and NameIDPolicy, in the order of the schema."""
    root = sent(REQUEST)
    assert root.tag == f"{SAMLP}AuthnRequest"
    assert dict(root.attrib) == {
        "ID": "_0123abcd",
        "Version": "2.0",
        "IssueInstant": "2026-03-01T12:00:00Z",
        "Destination": DESTINATION,
        "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        "AssertionConsumerServiceURL": ACS,
    }
    assert [(one.tag, one.text, dict(one.attrib)) for one in root] == [
        (f"{SAML}Issuer", AUDIENCE, {}),
        (
            f"{SAMLP}NameIDPolicy",
            None,
            {"Format": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified", "AllowCreate": "true"},
        ),
    ]


def test_a_fresh_proof_and_a_format_of_the_name_can_be_asked_for() -> None:
    """ForceAuthn and NameIDPolicy; never a RequestedAuthnContext."""
    root = sent(replace(REQUEST, force_authn=True, name_id_format="urn:x & <y>"))
    assert root.get("ForceAuthn") == "true"
    assert root[1].get("Format") == "urn:x & <y>"
    assert len(root) == 2


def test_a_redirect_is_signed_over_its_query() -> None:
    """Whoever has our certificate verifies it; an unsigned one has no such fields."""
    query = urlsplit(requests.to_redirect(REQUEST, relay_state="a b", signer=SIGNER)).query
    read = bindings.from_redirect(query.encode(), bindings.REQUEST, [SIGNER.certificate])
    assert read.relay_state == "a b"
    assert etree.fromstring(read.message).get("ID") == REQUEST.id
    assert parse_qs(query)["SigAlg"] == ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"]
    assert set(parse_qs(urlsplit(requests.to_redirect(REQUEST, relay_state=None)).query)) == {"SAMLRequest"}


def test_a_form_bears_its_signature_behind_the_issuer() -> None:
    """Where the schema has it, with our certificate in it; unsigned, the same message is there without."""
    root = etree.fromstring(bindings.from_post(requests.to_post(REQUEST, signer=SIGNER)))
    assert [one.tag for one in root] == [f"{SAML}Issuer", f"{DS}Signature", f"{SAMLP}NameIDPolicy"]
    signed = signatures.verified(root, [SIGNER.certificate])
    assert signed is not None
    plain = etree.fromstring(bindings.from_post(requests.to_post(REQUEST)))
    assert etree.tostring(signed, method="c14n", exclusive=True) == etree.tostring(plain, method="c14n", exclusive=True)


def test_an_id_is_a_name_of_enough_randomness() -> None:
    """xs:ID begins with no digit; 16 bytes at least (SAML core 1.3.4)."""
    assert messages.new_id(b"\x01" * 16) == "_" + "01" * 16
    with pytest.raises(ValueError, match="16 bytes"):
        messages.new_id(b"\x01" * 15)
