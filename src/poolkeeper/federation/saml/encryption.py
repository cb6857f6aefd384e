"""What does an encrypted assertion hold? XML encryption, the few algorithms that are safe (attacks.md 132).

The content key comes by RSA-OAEP, the content by AES-GCM. AES-CBC, whose padding leaks the content to whoever may try
often, is accepted only where the identity provider signed the message around it. Every failure is the same fault, and
where the content key cannot be unwrapped, decryption goes on with another key that opens nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from poolkeeper import xml_reader
from poolkeeper.federation.saml import names, tree
from poolkeeper.federation.saml.bindings import from_base64
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.messages import MOST_ELEMENTS
from poolkeeper.federation.saml.names import ds, xenc, xenc11
from poolkeeper.xml_reader import Element

_MGF1P = f"{names.ENCRYPTION}rsa-oaep-mgf1p"
_OAEP = f"{names.ENCRYPTION_11}rsa-oaep"
_GCM_IV, _GCM_TAG = 12, 16
# The limit of attempts: wrapped keys, for several recipients, times our own keys, new and old.
_MOST_KEYS = 8

_DIGESTS: Mapping[str | None, Callable[[], HashAlgorithm]] = {None: SHA1, names.SHA1: SHA1, names.SHA256: SHA256}
_MASKS: Mapping[str | None, Callable[[], HashAlgorithm]] = {
    None: SHA1,
    f"{names.ENCRYPTION_11}mgf1sha1": SHA1,
    f"{names.ENCRYPTION_11}mgf1sha256": SHA256,
}
# By the address of the algorithm: the bytes of its key.
_GCM = {f"{names.ENCRYPTION_11}aes{bits}-gcm": bits // 8 for bits in (128, 192, 256)}
_CBC = {f"{names.ENCRYPTION}aes{bits}-cbc": bits // 8 for bits in (128, 192, 256)}


@dataclass(frozen=True, slots=True)
class _Wrapped:
    """A content key as it came, and how it was wrapped."""

    wrapped: bytes
    padding: OAEP


class _Undecryptable(Exception):  # noqa: N818 - becomes a BadMessage at the door
    """Any failure; the text is for the log."""


def decrypted(
    encrypted: Element, keys: Sequence[RSAPrivateKey], *, namespaces: Mapping[str | None, str], signed: bool
) -> Element:
    """Return the content of an EncryptedAssertion, as an element in its own tree, still to be judged.

    `namespaces` are those that its message declares, `signed` says that a verified signature covers it. Raises BadMessage,
    with the same fault and after the same work for every failure.
    """
    try:
        content = _content(encrypted, keys, signed=signed)
        return xml_reader.read_within(content, namespaces, most_elements=MOST_ELEMENTS)
    except (_Undecryptable, BadMessage, xml_reader.BadXml) as fault:
        raise BadMessage(Fault.DECRYPTION, str(fault)) from None


def _content(encrypted: Element, keys: Sequence[RSAPrivateKey], *, signed: bool) -> bytes:
    data = tree.require_child(encrypted, xenc("EncryptedData"))
    algorithm = tree.require_attribute(tree.require_child(data, xenc("EncryptionMethod")), "Algorithm")
    size = _GCM.get(algorithm) or (_CBC.get(algorithm) if signed else None)
    if size is None:
        raise _Undecryptable(f"content by {algorithm[:120]}, {'signed' if signed else 'not signed'}")
    sealed = _cipher_value(data)
    wrapped_keys = [_wrapped(element) for element in encrypted.iter(xenc("EncryptedKey"))]
    if not 1 <= len(wrapped_keys) * len(keys) <= _MOST_KEYS:
        raise _Undecryptable(f"{len(wrapped_keys)} wrapped keys for {len(keys)} of ours")

    open_content = _open_gcm if algorithm in _GCM else _open_cbc
    attempts = [open_content(sealed, *_content_key(key, wrapped, size)) for key in keys for wrapped in wrapped_keys]
    opened = [content for content in attempts if content is not None]
    if not opened:
        raise _Undecryptable("no key of ours opens it")
    return opened[0]


def _wrapped(element: Element) -> _Wrapped:
    method = tree.require_child(element, xenc("EncryptionMethod"))
    algorithm = tree.attribute(method, "Algorithm")
    digest, mask = _algorithm_of(method, ds("DigestMethod")), _algorithm_of(method, xenc11("MGF"))
    if algorithm not in {_MGF1P, _OAEP} or (algorithm == _MGF1P and mask is not None):
        raise _Undecryptable(f"a key wrapped by {(algorithm or 'nothing')[:120]}")
    if digest not in _DIGESTS or mask not in _MASKS or tree.child(method, xenc("OAEPparams")) is not None:
        raise _Undecryptable("OAEP with other parameters than are taken")
    return _Wrapped(_cipher_value(element), OAEP(MGF1(_MASKS[mask]()), _DIGESTS[digest](), None))


def _algorithm_of(method: Element, tag: str) -> str | None:
    parameter = tree.child(method, tag)
    return None if parameter is None else tree.require_attribute(parameter, "Algorithm")


def _cipher_value(element: Element) -> bytes:
    data = tree.require_child(element, xenc("CipherData"))
    return from_base64(tree.text_of(tree.require_child(data, xenc("CipherValue"))))


def _content_key(key: RSAPrivateKey, wrapped: _Wrapped, size: int) -> tuple[bytes, bool]:
    """Return the content key and True, or another key of that size and False where it cannot be unwrapped."""
    try:
        content_key = key.decrypt(wrapped.wrapped, wrapped.padding)
    except ValueError:
        return bytes(size), False
    return (content_key, True) if len(content_key) == size else (bytes(size), False)


def _open_gcm(sealed: bytes, key: bytes, unwrapped: bool) -> bytes | None:  # noqa: FBT001 - a pair handed on
    if len(sealed) < _GCM_IV + _GCM_TAG:
        return None
    try:
        content = AESGCM(key).decrypt(sealed[:_GCM_IV], sealed[_GCM_IV:], None)
    except InvalidTag:
        return None
    return content if unwrapped else None


def _open_cbc(sealed: bytes, key: bytes, unwrapped: bool) -> bytes | None:  # noqa: FBT001 - a pair handed on
    block = AES.block_size // 8
    if len(sealed) < 2 * block or len(sealed) % block:
        return None
    decryptor = Cipher(AES(key), CBC(sealed[:block])).decryptor()
    content = decryptor.update(sealed[block:]) + decryptor.finalize()
    padding = content[-1]
    return content[:-padding] if unwrapped and 1 <= padding <= block else None
