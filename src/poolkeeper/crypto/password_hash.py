"""How is a password kept? As an Argon2id hash (RFC 9106) of its UTF-8 bytes, whole, never trimmed, never normalised."""

from argon2 import Parameters
from argon2.exceptions import VerificationError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION, Type, hash_secret, verify_secret

_LANES = 1
_LENGTH = 32
_SALT = 16


class Argon2:
    """Argon2id at one cost: `memory_kib` KiB of memory, `passes` over it, one lane."""

    __slots__ = ("_parameters", "decoy")

    def __init__(self, memory_kib: int, passes: int) -> None:
        self._parameters = Parameters(
            type=Type.ID,
            version=ARGON2_VERSION,
            salt_len=_SALT,
            hash_len=_LENGTH,
            time_cost=passes,
            memory_cost=memory_kib,
            parallelism=_LANES,
        )
        # Checking against it costs what a user's hash costs. No password has this digest (it would be a preimage of
        # zeros), so code that forgets that the user does not exist still lets nobody in.
        cost = f"m={memory_kib},t={passes},p={_LANES}"
        self.decoy = f"$argon2id$v={ARGON2_VERSION}${cost}${'A' * 22}${'A' * 43}"

    def hash(self, password: str, *, salt: bytes) -> str:
        """Return the hash in PHC form (`$argon2id$v=19$m=...`); `salt` is 16 random bytes, used once.

        Raises ValueError for a password that is no UTF-8 (a lone surrogate) or a salt of another length.
        """
        if len(salt) != _SALT:
            raise ValueError("a salt has 16 bytes")
        made_with = self._parameters
        return hash_secret(
            password.encode(),
            salt,
            time_cost=made_with.time_cost,
            memory_cost=made_with.memory_cost,
            parallelism=made_with.parallelism,
            hash_len=made_with.hash_len,
            type=made_with.type,
        ).decode()

    def verify(self, encoded: str, password: str) -> bool:
        """Say whether `encoded`, of whatever cost, is the hash of `password`; a lone surrogate is in no password.

        Raises ValueError where `encoded` cannot be checked: the row is broken (or memory is short), not the password.
        """
        if not encoded.startswith("$argon2id$"):
            raise ValueError("not an Argon2id hash")
        try:
            return verify_secret(encoded.encode(), _bytes_of(password), Type.ID)
        except VerifyMismatchError:
            return False
        except VerificationError as fault:
            raise ValueError(f"not an Argon2id hash that can be checked: {fault}") from None


def _bytes_of(password: str) -> bytes:
    """Encode a password; one with a lone surrogate becomes bytes that no password has, so it costs the same work."""
    try:
        return password.encode()
    except UnicodeEncodeError:
        return b"\xff"
