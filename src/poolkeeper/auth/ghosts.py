"""What does nobody have? What a ghost would begin a sign-in with, and where its codes would go, the same at every call.

A guess for each ghost, by an HMAC, of what a user of that name in that pool might have (contract, user pools 7.4): what
every such user has the ghost has too.
"""

import hashlib
import hmac

from poolkeeper.lookup import Subject
from poolkeeper.model.first_factor import Means
from poolkeeper.model.names import fold, looks_like_email, looks_like_phone
from poolkeeper.model.pool import Pool


def means(pool: Pool, subject: Subject) -> Means:
    """Return what a ghost has: the addresses that everybody has or its name is, and a guess at the rest.

    A guess wherever a choice would tell otherwise that somebody is there: users with a second factor may not begin by
    what others may, and some have no password.
    """
    guesses = _drawn(pool, b"means", subject)
    named = pool.username_attributes | pool.alias_attributes
    required = pool.schema.required
    by_email = looks_like_email(subject.name) and "email" in named
    by_phone = looks_like_phone(subject.name) and "phone_number" in named
    email = by_email or "email" in required or guesses[0] % 2 == 0
    phone = by_phone or "phone_number" in required or guesses[1] % 4 == 0
    held = {"email": email, "phone_number": phone}
    return Means(
        password=guesses[5] % 4 != 0,
        email=email,
        phone=phone,
        passkey=guesses[2] % 4 == 0,
        totp=guesses[3] % 4 == 0,
        verified=frozenset(name for name, there in held.items() if there),
        two_factors=pool.mfa.mode == "ON" or (pool.mfa.mode == "OPTIONAL" and guesses[4] % 4 == 0),
        passkey_is_two=pool.mfa.passkey_is_two,
    )


def address(pool: Pool, subject: Subject, attribute: str) -> str:
    """Return the address that a ghost's code pretends to go to; a name that is one is its own destination."""
    name = fold(subject.name, case_sensitive=pool.case_sensitive)
    letters = _drawn(pool, b"recipient", subject)
    if attribute == "email":
        local, domain = (chr(ord("a") + byte % 26) for byte in letters[:2])
        return name if looks_like_email(name) else f"{local}@{domain}"
    return name if looks_like_phone(name) else "+1555" + "".join(str(byte % 10) for byte in letters[:7])


def _drawn(pool: Pool, purpose: bytes, subject: Subject) -> bytes:
    return hmac.digest(pool.secret, purpose + b"\x00" + subject.subject_id.encode(), hashlib.sha256)
