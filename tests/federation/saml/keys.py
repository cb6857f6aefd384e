"""Whose keys do the tests use? An identity provider's (RSA and EC), a stranger's, and ours; each is made once."""

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate
from cryptography.x509.oid import NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(owner: str = "idp", bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the RSA key of somebody."""
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(owner: str = "idp") -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key of somebody."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def certificate(key: PrivateKey, *, years: tuple[int, int] = (2020, 2040)) -> Certificate:
    """Return a certificate that a key gave itself, from the first of `years` to the second."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    start, end = (datetime(year, 1, 1, tzinfo=UTC) for year in years)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, end)
    return builder.sign(key, SHA256())
