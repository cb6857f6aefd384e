"""What becomes of a hash that another system made? It is checked once, by the password that is shown, and then the house's own.

Until then its user has no SRP verifier, which only the password gives: SRP cannot succeed, and is told as a wrong password.
"""

from poolkeeper.crypto import imported_hash
from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.model.user import User

SIGN_IN_ONCE = "imported with a hash, and signs in by USER_PASSWORD_AUTH or the pages once before SRP"


def matches(hasher: Argon2, kept: str, password: str) -> bool:
    """Say whether what is kept is the hash of `password`, the house's own or one that was imported: in a thread.

    Raises ValueError where it cannot be checked.
    """
    return (imported_hash.verify if imported_hash.is_imported(kept) else hasher.verify)(kept, password)


def awaits_password(user: User | None) -> bool:
    """Say whether a user came with a hash and has not shown the password yet."""
    return user is not None and user.credential is not None and imported_hash.is_imported(user.credential.password_hash)
