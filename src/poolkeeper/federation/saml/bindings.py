"""How do messages travel? In a form (HTTP-POST) as base64, or in an address (HTTP-Redirect), deflated (SAML bindings 3.4, 3.5).

A redirect's signature covers the query as it was sent, so callers pass the query and not its fields.
"""

import re
import zlib
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate

from poolkeeper.federation.saml import algorithms
from poolkeeper.federation.saml.faults import BadMessage, Fault

# AssumeRoleWithSAML's limit for an assertion, in characters of base64.
MOST_BASE64 = 100_000
MOST_QUERY = 64 * 1024
MOST_INFLATED = 256 * 1024

REQUEST, RESPONSE = "SAMLRequest", "SAMLResponse"
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.ASCII)
_BLANKS = str.maketrans("", "", " \t\r\n")
_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Redirected:
    """A message that came by redirect with its signature verified, and the RelayState that was signed with it."""

    message: bytes
    relay_state: str | None


def from_base64(text: str) -> bytes:
    """Return the bytes of a base64 text; blanks and line breaks are ignored.

    Raises BadMessage for an empty text, for foreign characters, and for a wrong padding: lenient readers would read the
    same text in different ways.
    """
    compact = text.translate(_BLANKS)
    if not _BASE64.fullmatch(compact) or len(compact) % 4:
        raise BadMessage(Fault.ENCODING, "not base64")
    return a2b_base64(compact)


def from_post(field: str) -> bytes:
    """Return the message in a form's SAMLRequest or SAMLResponse, of at most 100,000 characters.

    Raises BadMessage.
    """
    if len(field) > MOST_BASE64:
        raise BadMessage(Fault.ENCODING, f"more than {MOST_BASE64} characters")
    return from_base64(field)


def from_token(text: str) -> bytes:
    """Return the message that somebody shows as a token: in base64url (RFC 7522 2.1) or in base64, its padding left out or not.

    Raises BadMessage, for the two alphabets mixed too.
    """
    if len(text) > MOST_BASE64:
        raise BadMessage(Fault.ENCODING, f"more than {MOST_BASE64} characters")
    spelt = text if "+" in text or "/" in text else text.translate(_URL_SAFE)
    return from_base64(spelt if spelt.endswith("=") else spelt + "=" * (-len(spelt) % 4))


def to_post(message: bytes) -> str:
    """Return a message as the value of a form's SAMLRequest or SAMLResponse."""
    return b64encode(message).decode()


def inflate(deflated: bytes) -> bytes:
    """Return the bytes that were deflated (RFC 1951), up to 256 KiB.

    Raises BadMessage for more, without inflating more, and for a stream that ends early or has bytes after its end.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        message = stream.decompress(deflated, MOST_INFLATED)
    except zlib.error as fault:
        raise BadMessage(Fault.ENCODING, f"not deflated: {fault}") from None
    if not stream.eof or stream.unused_data:
        raise BadMessage(Fault.ENCODING, f"more than {MOST_INFLATED} bytes, cut short, or with something behind it")
    return message


def deflate(message: bytes) -> bytes:
    """Return a message deflated, without a header (SAML bindings 3.4.4.1)."""
    stream = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
    return stream.compress(message) + stream.flush()


def to_redirect(
    location: str, field: str, message: bytes, *, relay_state: str | None, key: RSAPrivateKey | None
) -> str:
    """Return the address that takes a message to `location`, signed with `key` (RSA-SHA256) if there is a key.

    `field` is REQUEST or RESPONSE.
    """
    fields = [(field, b64encode(deflate(message)).decode())]
    if relay_state is not None:
        fields.append(("RelayState", relay_state))
    if key is not None:
        fields.append(("SigAlg", algorithms.RSA_SHA256))
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields)
    if key is not None:
        signature = key.sign(query.encode(), padding.PKCS1v15(), SHA256())
        query += f"&Signature={quote(b64encode(signature).decode(), safe='')}"
    return f"{location}{'&' if '?' in location else '?'}{query}"


def from_redirect(query: bytes, field: str, certificates: Sequence[Certificate]) -> Redirected:
    """Return the message of a redirect's query (without its question mark) that one of `certificates` signed.

    `field` is REQUEST or RESPONSE. Raises BadMessage where no certificate signed it, or by another algorithm than RSA or
    ECDSA with SHA-256 or better; where a field comes twice; and for more than 64 KiB.
    """
    raw = _fields(query, field)
    if "SigAlg" not in raw or "Signature" not in raw:
        raise BadMessage(Fault.UNSIGNED, "a redirect without a signature")
    signed = "&".join(f"{name}={raw[name]}" for name in (field, "RelayState", "SigAlg") if name in raw)

    signature = from_base64(_value(raw["Signature"]))
    algorithm = _value(raw["SigAlg"])
    if not any(_signed_by(certificate, algorithm, signature, signed.encode()) for certificate in certificates):
        raise BadMessage(Fault.SIGNATURE, f"none of {len(certificates)} keys signed it by {algorithm[:120]}")
    return Redirected(
        message=inflate(from_base64(_value(raw[field]))),
        relay_state=_value(raw["RelayState"]) if "RelayState" in raw else None,
    )


def _fields(query: bytes, field: str) -> dict[str, str]:
    """Return the fields of the binding as they were sent, still percent-encoded: the signature covers those bytes."""
    if len(query) > MOST_QUERY or not query.isascii():
        raise BadMessage(Fault.ENCODING, f"more than {MOST_QUERY} bytes, or no query")
    pairs = [piece.partition("=") for piece in query.decode("ascii").split("&")]
    ours = [(name, value) for name, _, value in pairs if name in {field, "RelayState", "SigAlg", "Signature"}]
    fields = dict(ours)
    if len(fields) != len(ours) or field not in fields:
        raise BadMessage(Fault.ENCODING, f"a field twice, or no {field}")
    return fields


def _value(raw: str) -> str:
    try:
        return unquote_to_bytes(raw.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError:
        raise BadMessage(Fault.ENCODING, "a field that is not UTF-8") from None


def _signed_by(certificate: Certificate, algorithm: str, signature: bytes, signed: bytes) -> bool:
    """Say whether a certificate's key signed; the key must be of the algorithm's own kind."""
    kind, digest = algorithms.SIGNATURES.get(algorithm, (None, SHA256))
    key = certificate.public_key()
    if kind is None or not isinstance(key, kind):
        return False
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), digest())
        else:
            key.verify(_der(signature, key.key_size), signed, ec.ECDSA(digest()))
    except InvalidSignature:
        return False
    return True


def _der(signature: bytes, bits: int) -> bytes:
    """Return an ECDSA signature in the library's form; XML signatures write its two numbers side by side."""
    half = (bits + 7) // 8
    if len(signature) != 2 * half:
        raise InvalidSignature
    return utils.encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
