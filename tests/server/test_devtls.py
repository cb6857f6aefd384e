"""Does a client that trusts the development CA, and nothing else, reach a development server? Real handshakes tell."""

import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from poolkeeper.clock import DAY, SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.server import devtls
from poolkeeper.server.devtls import DevTls, ensure

NOW = SystemClock().now()


def _handshake(tls: DevTls, server_name: str, *, ca_file: Path | None = None) -> None:
    """Do one TLS handshake over a pair of sockets; raise what the client raises."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tls.cert_file, tls.key_file)
    client = ssl.create_default_context(cafile=str(ca_file or tls.ca_file))
    client.verify_flags |= ssl.VERIFY_X509_STRICT  # As Python 3.13 does by default.
    near, far = socket.socketpair()

    def serve() -> None:
        try:
            with server.wrap_socket(near, server_side=True) as stream:
                stream.recv(1)
        except (ssl.SSLError, OSError):
            return  # The client says why.

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(far, server_hostname=server_name) as stream:
            stream.sendall(b"x")
    finally:
        far.close()
        thread.join()
        near.close()


@pytest.mark.parametrize("name", ["localhost", "shop.auth.localhost", "127.0.0.1", "::1"])
def test_a_client_that_trusts_the_ca_completes_a_handshake(tmp_path: Path, name: str) -> None:
    """Name check and strict rules for certificates are on."""
    _handshake(ensure(tmp_path / "new" / "data", now=NOW, entropy=Entropy()), name)


@pytest.mark.parametrize("name", ["example.com", "192.0.2.1", "localhost.example.com"])
def test_the_certificate_is_for_no_other_name(tmp_path: Path, name: str) -> None:
    """The name check finds what the certificate does not hold."""
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        _handshake(ensure(tmp_path, now=NOW, entropy=Entropy()), name)


def test_a_client_that_trusts_another_ca_refuses(tmp_path: Path) -> None:
    """Every data folder has a CA of its own."""
    tls = ensure(tmp_path / "one", now=NOW, entropy=Entropy())
    other = ensure(tmp_path / "two", now=NOW, entropy=Entropy())

    with pytest.raises(ssl.SSLCertVerificationError):
        _handshake(tls, "localhost", ca_file=other.ca_file)


def test_a_stolen_ca_key_vouches_for_nothing_but_localhost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CA signs a certificate for another name, and clients refuse it for the CA's constraints."""
    monkeypatch.setattr(devtls, "_NAMES", x509.SubjectAlternativeName([x509.DNSName("bank.example")]))

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        _handshake(ensure(tmp_path, now=NOW, entropy=Entropy()), "bank.example")


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    """Both keys have mode 600, and nothing is left beside the four files."""
    ensure(tmp_path, now=NOW, entropy=Entropy())

    modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes["ca.key"] == modes["localhost.key"] == 0o600
    assert set(modes) == {"ca.pem", "ca.key", "localhost.pem", "localhost.key"}


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    """Files that are good stay as they are."""
    ensure(tmp_path, now=NOW, entropy=Entropy())
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    ensure(tmp_path, now=NOW + 300 * DAY, entropy=Entropy())

    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize(("days", "kept"), [(366, True), (368, False)])
def test_a_certificate_near_its_end_is_renewed_under_the_same_ca(tmp_path: Path, days: int, *, kept: bool) -> None:
    """Thirty days before its end a certificate is replaced; who trusts the CA notices nothing."""
    tls = ensure(tmp_path, now=NOW, entropy=Entropy())
    authority, leaf = tls.ca_file.read_bytes(), tls.cert_file.read_bytes()

    ensure(tmp_path, now=NOW + days * DAY, entropy=Entropy())

    assert tls.ca_file.read_bytes() == authority
    assert (tls.cert_file.read_bytes() == leaf) is kept


def test_a_ca_near_its_end_is_replaced(tmp_path: Path) -> None:
    """After nearly ten years there is a new CA, and a certificate of its own."""
    tls = ensure(tmp_path, now=NOW - 3630 * DAY, entropy=Entropy())
    authority = tls.ca_file.read_bytes()

    _handshake(ensure(tmp_path, now=NOW, entropy=Entropy()), "localhost")

    assert tls.ca_file.read_bytes() != authority


@pytest.mark.parametrize("name", ["ca.pem", "ca.key", "localhost.pem", "localhost.key"])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"])
def test_a_missing_or_broken_file_is_made_again(tmp_path: Path, name: str, content: bytes | None) -> None:
    """Whatever happened to one of the files, the next start mends it."""
    ensure(tmp_path, now=NOW, entropy=Entropy())
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)

    _handshake(ensure(tmp_path, now=NOW, entropy=Entropy()), "localhost")


def test_a_key_that_belongs_to_another_certificate_is_noticed(tmp_path: Path) -> None:
    """A half-copied folder is mended too."""
    ensure(tmp_path / "one", now=NOW, entropy=Entropy())
    ensure(tmp_path / "two", now=NOW, entropy=Entropy())
    (tmp_path / "one" / "localhost.key").write_bytes((tmp_path / "two" / "localhost.key").read_bytes())

    _handshake(ensure(tmp_path / "one", now=NOW, entropy=Entropy()), "localhost")


def test_the_certificate_is_short_enough_for_every_platform(tmp_path: Path) -> None:
    """No more than 398 days in all, and linked to its CA by key identifiers."""
    tls = ensure(tmp_path, now=NOW, entropy=Entropy())
    leaf = x509.load_pem_x509_certificate(tls.cert_file.read_bytes())
    authority = x509.load_pem_x509_certificate(tls.ca_file.read_bytes())

    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).total_seconds() <= 398 * 86_400
    assert (
        leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        == authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    )
    assert isinstance(leaf.signature_hash_algorithm, hashes.SHA256)


def test_keys_come_from_the_given_entropy(tmp_path: Path) -> None:
    """The same randomness makes the same key: nothing ambient is drawn."""

    class Counting(Entropy):
        def bytes(self, count: int) -> bytes:
            return b"\x07" * count

    one = ensure(tmp_path / "one", now=NOW, entropy=Counting())
    two = ensure(tmp_path / "two", now=NOW, entropy=Counting())

    assert one.key_file.read_bytes() == two.key_file.read_bytes()
    load_pem_private_key(one.key_file.read_bytes(), password=None)
