"""How does an identity provider answer? A small one of the tests, which signs and encrypts, and can misbehave."""

import os
import textwrap
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from lxml import etree

from federation.saml import keys
from federation.saml.signing import Manner, signature_of
from poolkeeper.federation.saml.responses import Trust
from poolkeeper.federation.saml.statements import Assertion, Expected, NameId

Element = etree._Element

NOW = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()) * 1_000
SECOND = 1_000
MINUTE = 60 * SECOND
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"

ISSUER = "https://idp.example.com/entity"
AUDIENCE = "urn:amazon:cognito:sp:eu-central-1_Example12"
ACS = "https://auth.example.org/saml2/idpresponse"
REQUEST = "_request-0123456789abcdef"
EXPECTED = Expected(issuer=ISSUER, audiences=[AUDIENCE], addresses=[ACS], request_id=REQUEST, now=NOW, skew=MINUTE)


def trust(**changes: Any) -> Trust:
    """Return trust in the identity provider's RSA key, and a key of ours to decrypt by."""
    held: dict[str, Any] = {"certificates": [keys.certificate(keys.rsa_key())], "decryption_keys": [keys.rsa_key("sp")]}
    return Trust(**(held | changes))


def instant(seconds: int = 0) -> str:
    """Return the time so many seconds after NOW, as SAML writes it."""
    return datetime.fromtimestamp(NOW // 1_000 + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a response says; tests replace what they are about."""

    id: str = "_assertion-1"
    issuer: str = ISSUER
    response_issuer: str = f"<saml:Issuer>{ISSUER}</saml:Issuer>"
    destination: str = f'Destination="{ACS}"'
    response_answers: str = f'InResponseTo="{REQUEST}"'
    status: str = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'
    issued: str = instant()
    name_id: str = '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ada</saml:NameID>'
    method: str = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    confirmation: str = f'Recipient="{ACS}" InResponseTo="{REQUEST}" NotOnOrAfter="{instant(300)}"'
    conditions: str = f'NotBefore="{instant()}" NotOnOrAfter="{instant(300)}"'
    audience: str = f"<saml:AudienceRestriction><saml:Audience>{AUDIENCE}</saml:Audience></saml:AudienceRestriction>"
    statement: str = f'<saml:AuthnStatement AuthnInstant="{instant(-30)}" SessionIndex="_session-1"/>'
    attributes: str = (
        '<saml:Attribute Name="email"><saml:AttributeValue>ada@example.com</saml:AttributeValue></saml:Attribute>'
        '<saml:Attribute Name="groups"><saml:AttributeValue>staff</saml:AttributeValue>'
        "<saml:AttributeValue>admins</saml:AttributeValue></saml:Attribute>"
    )

    def assertion(self) -> str:
        """Return the assertion alone."""
        return (
            '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
            'xmlns:xs="http://www.w3.org/2001/XMLSchema" '
            f'ID="{self.id}" Version="2.0" IssueInstant="{self.issued}">'
            f"<saml:Issuer>{self.issuer}</saml:Issuer>"
            f'<saml:Subject>{self.name_id}<saml:SubjectConfirmation Method="{self.method}">'
            f"<saml:SubjectConfirmationData {self.confirmation}/></saml:SubjectConfirmation></saml:Subject>"
            f"<saml:Conditions {self.conditions}>{self.audience}</saml:Conditions>"
            f"{self.statement}<saml:AttributeStatement>{self.attributes}</saml:AttributeStatement></saml:Assertion>"
        )

    def response(self, *assertions: str) -> str:
        """Return the response around its assertion, or around others."""
        return (
            '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
            'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
            f'ID="_response-1" Version="2.0" IssueInstant="{self.issued}" {self.destination} {self.response_answers}>'
            f"{self.response_issuer}<samlp:Status>{self.status}</samlp:Status>"
            f"{''.join(assertions or [self.assertion()])}</samlp:Response>"
        )


GOOD = Story()
# What is believed of it.
SAID = Assertion(
    id="_assertion-1",
    issuer=ISSUER,
    recipient=ACS,
    name_id=NameId(value="ada", format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"),
    attributes={"email": ("ada@example.com",), "groups": ("staff", "admins")},
    session_index="_session-1",
    session_expires=None,
    authenticated_at=NOW - 30 * SECOND,
    expires=NOW + 6 * MINUTE,
)


def sign(element: Element, **how: Any) -> Element:
    """Return a copy of a message or an assertion with its signature behind its Issuer; `how` is of signing.Manner."""
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    copy.insert(1, signature_of(copy, Manner(**how)))
    return copy


def signed(story: Story = GOOD, *, response: bool = False, assertion: bool = True, **how: Any) -> Element:
    """Return a response in which the assertion is signed, or the response, or both, the assertion first."""
    root = etree.fromstring(story.response())
    if assertion:
        (plain,) = root.findall(f"{SAML}Assertion")
        root.replace(plain, sign(plain, **how))
    return sign(root, **how) if response else root


def message(element: Element) -> bytes:
    """Return an element as it is sent."""
    return etree.tostring(element)


def encrypt(
    plain: bytes,
    *,
    to: RSAPublicKey | None = None,
    bits: int = 256,
    mode: str = "gcm",
    transport: str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    digest: HashAlgorithm | None = None,
    mask: HashAlgorithm | None = None,
) -> str:
    """Return what is `plain` as an EncryptedAssertion, its content key within."""
    content_key = os.urandom(bits // 8)
    sealed = _gcm(content_key, plain) if mode == "gcm" else _cbc(content_key, plain)
    hashes = (digest or SHA1(), mask or SHA1())
    public = to or keys.rsa_key("sp").public_key()
    scheme: padding.AsymmetricPadding = padding.OAEP(padding.MGF1(hashes[1]), hashes[0], None)
    if transport.endswith("rsa-1_5"):
        scheme = padding.PKCS1v15()
    wrapped = public.encrypt(content_key, scheme)
    namespace = "http://www.w3.org/2009/xmlenc11#" if mode == "gcm" else "http://www.w3.org/2001/04/xmlenc#"
    return (
        '<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">'
        '<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" '
        'Type="http://www.w3.org/2001/04/xmlenc#Element">'
        f'<xenc:EncryptionMethod Algorithm="{namespace}aes{bits}-{mode}"/>'
        '<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>'
        f'<xenc:EncryptionMethod Algorithm="{transport}">{_parameters(digest, mask)}</xenc:EncryptionMethod>'
        f"<xenc:CipherData><xenc:CipherValue>{_base64(wrapped)}</xenc:CipherValue></xenc:CipherData>"
        "</xenc:EncryptedKey></ds:KeyInfo>"
        f"<xenc:CipherData><xenc:CipherValue>{_base64(sealed)}</xenc:CipherValue></xenc:CipherData>"
        "</xenc:EncryptedData></saml:EncryptedAssertion>"
    )


def _base64(raw: bytes) -> str:
    """Return base64 in lines, as most write it."""
    return "\n".join(textwrap.wrap(b64encode(raw).decode(), 76))


def _parameters(digest: HashAlgorithm | None, mask: HashAlgorithm | None) -> str:
    text = ""
    if digest is not None:
        name = "http://www.w3.org/2001/04/xmlenc#sha256" if isinstance(digest, SHA256) else f"{DS[1:-1]}sha1"
        text += f'<ds:DigestMethod Algorithm="{name}"/>'
    if mask is not None:
        name = f"http://www.w3.org/2009/xmlenc11#mgf1{mask.name}"
        text += f'<xenc11:MGF xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" Algorithm="{name}"/>'
    return text


def _gcm(key: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def _cbc(key: bytes, plain: bytes) -> bytes:
    start = os.urandom(16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor()
    return start + encryptor.update(padded(plain)) + encryptor.finalize()


def padded(plain: bytes) -> bytes:
    """Return blocks of 16 bytes, of which the last byte says how many are none of the text (XML encryption 5.2.1)."""
    length = 16 - len(plain) % 16
    return plain + bytes(length - 1) + bytes([length])
