"""By which algorithms may a message be signed? RSA and ECDSA with SHA-256 or better, by their addresses (RFC 9231)."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.x509 import Certificate

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_SMALLEST, _LARGEST = 2048, 8192
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)

RSA_SHA256 = f"{_MORE}rsa-sha256"
SIGNATURES: dict[str, tuple[type[RSAPublicKey] | type[ec.EllipticCurvePublicKey], Callable[[], HashAlgorithm]]] = {
    RSA_SHA256: (RSAPublicKey, SHA256),
    f"{_MORE}rsa-sha384": (RSAPublicKey, SHA384),
    f"{_MORE}rsa-sha512": (RSAPublicKey, SHA512),
    f"{_MORE}ecdsa-sha256": (ec.EllipticCurvePublicKey, SHA256),
    f"{_MORE}ecdsa-sha384": (ec.EllipticCurvePublicKey, SHA384),
    f"{_MORE}ecdsa-sha512": (ec.EllipticCurvePublicKey, SHA512),
}
DIGESTS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        f"{_MORE}sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)


def may_sign(certificate: Certificate) -> bool:
    """Say whether signatures by a certificate's key are accepted: RSA of 2048 to 8192 bits, or a NIST curve."""
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        return _SMALLEST <= key.key_size <= _LARGEST
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)
