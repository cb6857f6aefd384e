"""How is XML signed, well or badly? An enveloped signature in any form that somebody may send, without the library."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import new as new_hash
from hmac import digest as hmac

from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA1, SHA224, SHA256, SHA384, SHA512, HashAlgorithm
from lxml import etree

from federation.saml import keys

Element = etree._Element

DSIG = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DSIG}enveloped-signature"
_HASHES: dict[str, Callable[[], HashAlgorithm]] = {
    "sha1": SHA1,
    "sha224": SHA224,
    "sha256": SHA256,
    "sha384": SHA384,
    "sha512": SHA512,
}
_DIGESTS = {
    "md5": f"{MORE}md5",
    "sha1": f"{DSIG}sha1",
    "sha224": f"{MORE}sha224",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": f"{MORE}sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """By which key, and in what form. `method` is rsa, ecdsa, hmac or none, and a hash; a key in bytes is one of HMAC."""

    key: keys.PrivateKey | bytes | None = None
    method: str = "rsa-sha256"
    digest: str = "sha256"
    transforms: Sequence[str] = (ENVELOPED, EXCLUSIVE)
    canonicalisation: str = EXCLUSIVE
    prefixes: Sequence[str] = ()
    key_info: str = ""
    uri: str | None = None


def signature_of(element: Element, how: Manner) -> Element:
    """Return the signature of an element that has none yet, to be made its child."""
    inclusive = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{" ".join(how.prefixes)}"/>'
    transforms = "".join(
        f'<ds:Transform Algorithm="{one}">{inclusive * bool(one == EXCLUSIVE and how.prefixes)}</ds:Transform>'
        for one in how.transforms
    )
    hashed = b64encode(new_hash(how.digest, canonical(element, how.transforms[-1:], how.prefixes)).digest()).decode()
    family = DSIG if how.method in {"rsa-sha1", "hmac-sha1", "none"} else MORE
    uri = f"#{element.get('ID')}" if how.uri is None else how.uri
    signature = etree.fromstring(
        f'<ds:Signature xmlns:ds="{DSIG}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{how.canonicalisation}"/>'
        f'<ds:SignatureMethod Algorithm="{family}{how.method}"/>'
        f'<ds:Reference URI="{uri}"><ds:Transforms>{transforms}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{_DIGESTS[how.digest]}"/><ds:DigestValue>{hashed}</ds:DigestValue>'
        f"</ds:Reference></ds:SignedInfo><ds:SignatureValue/>{how.key_info}</ds:Signature>"
    )
    value = _signed(canonical(signature[0], [how.canonicalisation]), how)
    signature[1].text = b64encode(value).decode()
    return signature


def canonical(element: Element, algorithm: Sequence[str], prefixes: Sequence[str] = ()) -> bytes:
    """Return an element in the form that is hashed."""
    (named,) = algorithm
    exclusive = named.startswith(EXCLUSIVE)
    return etree.tostring(
        element,
        method="c14n",
        exclusive=exclusive,
        with_comments=named.endswith("WithComments"),
        inclusive_ns_prefixes=list(prefixes) if exclusive and prefixes else None,
    )


def _signed(data: bytes, how: Manner) -> bytes:
    kind, _, name = how.method.partition("-")
    key = keys.rsa_key() if how.key is None else how.key
    if kind == "none":
        return b"nothing"
    if isinstance(key, bytes):
        return hmac(key, data, name)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(_HASHES[name]())))
        return r.to_bytes(32) + s.to_bytes(32)
    return key.sign(data, padding.PKCS1v15(), _HASHES[name]())
