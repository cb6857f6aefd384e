"""How does a development server speak TLS? With a certificate for localhost, signed by a small CA of its own.

A client that is told to trust `ca.pem` needs nothing else. The CA can vouch for names below localhost and for loopback
addresses only, so that a stolen `ca.key` opens no other door. Nothing here is meant for production.
"""

import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from poolkeeper.entropy import Entropy

CA_DAYS = 3650
# Apple's platforms refuse certificates of more than 398 days ("About upcoming limits on trusted certificates").
LEAF_DAYS = 397
RENEW_DAYS = 30

# OpenSSL and browsers match no wildcard directly below localhost; `*.auth.localhost`, for prefix domains, they do match.
_NAMES = x509.SubjectAlternativeName(
    [
        x509.DNSName("localhost"),
        x509.DNSName("*.localhost"),
        x509.DNSName("*.auth.localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]
)
_PERMITTED = x509.NameConstraints(
    permitted_subtrees=[
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_network("127.0.0.0/8")),
        x509.IPAddress(ipaddress.ip_network("::1/128")),
    ],
    excluded_subtrees=None,
)
# The order of the group P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3).
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class DevTls:
    """The files that a TLS listener and its clients need."""

    ca_file: Path
    cert_file: Path
    key_file: Path


@dataclass(frozen=True, slots=True)
class _Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def fits(self) -> bool:
        return self.certificate.public_key() == self.key.public_key()


def ensure(folder: Path, *, now: int, entropy: Entropy) -> DevTls:
    """Return certificate files in `folder` that are good for 30 days or more, making what is missing, broken or old.

    `now` is in milliseconds since the epoch. The CA stays while it can, so that a browser that trusts it goes on doing so.
    Keys are EC P-256 in files of mode 600. Raises OSError when `folder` cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    moment = datetime.fromtimestamp(now // 1000, UTC)

    authority = _load(folder, "ca")
    if authority is None or not authority.fits or _near_end(authority.certificate, moment):
        authority = _make_authority(moment, entropy)
        _save(folder, "ca", authority)

    leaf = _load(folder, "localhost")
    if leaf is None or not _usable(leaf, authority, moment):
        leaf = _make_leaf(authority, moment, entropy)
        _save(folder, "localhost", leaf)

    return DevTls(folder / "ca.pem", folder / "localhost.pem", folder / "localhost.key")


def _usable(leaf: _Pair, authority: _Pair, moment: datetime) -> bool:
    if not leaf.fits or _near_end(leaf.certificate, moment):
        return False
    try:
        leaf.certificate.verify_directly_issued_by(authority.certificate)
        return leaf.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value == _NAMES
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False


def _near_end(certificate: x509.Certificate, moment: datetime) -> bool:
    too_early = certificate.not_valid_before_utc > moment  # The clock was set back, or was wrong when it was made.
    return too_early or certificate.not_valid_after_utc - moment < timedelta(days=RENEW_DAYS)


def _make_authority(moment: datetime, entropy: Entropy) -> _Pair:
    key = _make_key(entropy)
    # The suffix keeps the CAs of two data folders apart in one trust store.
    name = _name(f"Poolkeeper development CA {entropy.bytes(4).hex()}")
    builder = (
        _builder(key, subject=name, issuer=name, moment=moment, days=CA_DAYS, entropy=entropy)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_PERMITTED, critical=True)
    )
    return _Pair(builder.sign(key, hashes.SHA256()), key)


def _make_leaf(authority: _Pair, moment: datetime, entropy: Entropy) -> _Pair:
    key = _make_key(entropy)
    issuer = authority.certificate
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _builder(key, subject=_name("localhost"), issuer=issuer.subject, moment=moment, days=LEAF_DAYS, entropy=entropy)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_NAMES, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
    )
    return _Pair(builder.sign(authority.key, hashes.SHA256()), key)


def _builder(
    key: ec.EllipticCurvePrivateKey,
    *,
    subject: x509.Name,
    issuer: x509.Name,
    moment: datetime,
    days: int,
    entropy: Entropy,
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(1 + entropy.below(2**127))
        .not_valid_before(moment - timedelta(hours=1))  # Containers and their hosts disagree about the time.
        .not_valid_after(moment + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _make_key(entropy: Entropy) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(1 + entropy.below(_P256_ORDER - 1), ec.SECP256R1())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _load(folder: Path, name: str) -> _Pair | None:
    """Return what the two files hold, None where one is missing or holds something else."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), password=None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return _Pair(certificate, key) if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _save(folder: Path, name: str, pair: _Pair) -> None:
    key = pair.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _replace(folder / f"{name}.key", key, mode=0o600)
    _replace(folder / f"{name}.pem", pair.certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _replace(file: Path, content: bytes, *, mode: int) -> None:
    """Write a whole file or none: a key is never readable by others, not even for a moment."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(content)
    fresh.replace(file)
