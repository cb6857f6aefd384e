"""How do secrets lie in the database, and state in the hands of clients? Sealed (AES-256-GCM) under derived keys.

A sealed value is `version, key id (4 bytes), [day (3 bytes)], nonce (12 bytes), ciphertext and tag`. Columns (version 1)
are bound to table, row key and column; blobs (version 2) to a purpose, under a key of their own for each purpose and
day, so that random nonces stay far from their bound (NIST SP 800-38D section 8.3: 2^32 values under a key).
"""

import hashlib
import hmac
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from poolkeeper.clock import DAY
from poolkeeper.crypto.keyring import KeyRing, KeyRingError
from poolkeeper.entropy import Entropy

_COLUMN = 1
_BLOB = 2
_NONCE = 12
_TAG = 16
_BODY = {_COLUMN: 5, _BLOB: 8}


class SealError(Exception):
    """A sealed value that was altered, cut, moved to another place, or that never was one."""


class UnknownSealingKey(SealError):  # noqa: N818 - a state of the ring; the base says that it is an error
    """A sealed value whose key is not in the ring; `key_id` names it."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"sealed under key {key_id}, which the ring of sealing keys does not hold")
        self.key_id = key_id


def key_id_of(sealed: bytes) -> str:
    """Return the id of the ring's key under which a value says that it is sealed.

    Raises SealError where the value is no sealed one.
    """
    head = _BODY.get(sealed[0]) if sealed else None
    if head is None or len(sealed) < head + _NONCE + _TAG:
        raise SealError("not a sealed value")
    return sealed[1:5].hex()


class Sealer:
    """Seals under the first key of a ring's file and opens under any.

    The file is read again when it changed, before a seal (one `stat`: after a rotation nobody writes under the old key),
    and when an unknown id is met.
    """

    def __init__(self, ring: KeyRing | Path, entropy: Entropy) -> None:
        self._ring = KeyRing.load(ring) if isinstance(ring, Path) else ring
        self._entropy = entropy
        self._cipher = lru_cache(maxsize=1024)(_cipher)

    @property
    def ring(self) -> KeyRing:
        return self._ring

    @property
    def writing_key_id(self) -> str:
        return self._ring.writing_key_id

    def refresh(self) -> bool:
        """Read the ring's file again if it changed, and say whether it did.

        A file that cannot be used (gone, open to others, half a key) leaves the ring that was read before.
        """
        try:
            fresh = self._ring.reloaded()
        except (KeyRingError, OSError):
            return False
        changed = fresh is not self._ring
        self._ring = fresh
        return changed

    def seal_column(self, plaintext: bytes, *, table: str, key: str, column: str) -> bytes:
        """Seal what is to stand in one column of the row `key` of `table`."""
        self.refresh()
        key_id = self._ring.writing_key_id
        cipher = self._cipher(self._ring.keys[key_id], _name("column", table, column))
        head = bytes((_COLUMN,)) + bytes.fromhex(key_id)
        return self._seal(cipher, head, plaintext, _info(key))

    def open_column(self, sealed: bytes, *, table: str, key: str, column: str) -> bytes:
        """Return what was sealed for exactly this place.

        Raises SealError for an altered or a foreign value, UnknownSealingKey where the ring lacks its key.
        """
        cipher = self._cipher(self._key_of(sealed, _COLUMN), _name("column", table, column))
        return _open(cipher, sealed, _info(key))

    def seal_blob(self, plaintext: bytes, *, purpose: str, now: int) -> bytes:
        """Seal state that leaves the house; `now` (milliseconds) gives the day of its key, not an expiry."""
        self.refresh()
        key_id = self._ring.writing_key_id
        day = (now // DAY).to_bytes(3)
        cipher = self._cipher(self._ring.keys[key_id], _name("blob", purpose, day.hex()))
        return self._seal(cipher, bytes((_BLOB,)) + bytes.fromhex(key_id) + day, plaintext, b"")

    def open_blob(self, sealed: bytes, *, purpose: str) -> bytes:
        """Return what was sealed for exactly this purpose, on whatever day; an expiry belongs in the plaintext.

        Raises SealError for an altered or a foreign value, UnknownSealingKey where the ring lacks its key.
        """
        key = self._key_of(sealed, _BLOB)
        return _open(self._cipher(key, _name("blob", purpose, sealed[5:8].hex())), sealed, b"")

    def derive(self, name: str, *, purpose: str, key_id: str) -> bytes:
        """Return 32 bytes that a key of the ring gives a name, the same each time, and nobody else can tell.

        Raises UnknownSealingKey where the ring lacks the key.
        """
        return _derive(self._ring_key(key_id), _info("derived", purpose, name))

    def _key_of(self, sealed: bytes, version: int) -> bytes:
        key_id = key_id_of(sealed)
        if sealed[0] != version:
            raise SealError("sealed as another kind of value")
        return self._ring_key(key_id)

    def _ring_key(self, key_id: str) -> bytes:
        key = self._ring.keys.get(key_id)
        if key is None and self.refresh():
            key = self._ring.keys.get(key_id)
        if key is None:
            raise UnknownSealingKey(key_id)
        return key

    def _seal(self, cipher: AESGCM, head: bytes, plaintext: bytes, context: bytes) -> bytes:
        nonce = self._entropy.bytes(_NONCE)
        return head + nonce + cipher.encrypt(nonce, plaintext, head + context)


def _open(cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
    start = _BODY[sealed[0]]
    nonce, body = sealed[start : start + _NONCE], sealed[start + _NONCE :]
    try:
        return cipher.decrypt(nonce, body, sealed[:start] + context)
    except InvalidTag:
        raise SealError("altered, or sealed for another place or purpose") from None


def _cipher(key: bytes, info: bytes) -> AESGCM:
    return AESGCM(_derive(key, info))


def _derive(key: bytes, info: bytes) -> bytes:
    """Derive 32 bytes by HKDF-SHA256 without salt (RFC 5869 section 2; the ring's keys are uniformly random)."""
    pseudorandom_key = hmac.digest(bytes(hashlib.sha256().digest_size), key, "sha256")
    return hmac.digest(pseudorandom_key, info + b"\x01", "sha256")


def _info(*parts: str) -> bytes:
    """Join names so that no two lists give the same bytes: each behind its length."""
    encoded = [part.encode() for part in parts]
    return b"".join([len(part).to_bytes(4) + part for part in encoded])


_name = lru_cache(maxsize=1024)(_info)
"""What is sealed for: as `_info`, of names that are few."""
