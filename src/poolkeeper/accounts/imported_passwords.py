"""What becomes of a hash from another system? It is checked once, at the first right password, which then gets our own hash.

Until then its user has no SRP verifier, which only the password gives: SRP cannot succeed, and is refused as a wrong password.
"""

from poolkeeper.crypto import imported_hash
from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.model.user import User

SIGN_IN_ONCE = "imported with a hash, and signs in by USER_PASSWORD_AUTH or the pages once before SRP"


def matches(hasher: Argon2, stored_hash: str, password: str) -> bool:
    """Say whether `stored_hash` is of `password`, be it our own hash or an imported one. Call this in a thread.

    Raises ValueError where it cannot be checked.
    """
    return (imported_hash.verify if imported_hash.is_imported(stored_hash) else hasher.verify)(stored_hash, password)


def awaits_password(user: User | None) -> bool:
    """Say whether a user came with a hash and has not shown the password yet."""
    return user is not None and user.credential is not None and imported_hash.is_imported(user.credential.password_hash)
