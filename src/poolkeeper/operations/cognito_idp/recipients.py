"""Where does a code go? To the address that the pool verifies or recovers by, and for a ghost to where one might be."""

import hashlib
import hmac
from collections.abc import Mapping

from poolkeeper.lookup import Subject
from poolkeeper.model.names import looks_like_email, looks_like_phone
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User

_RECOVERY = {"verified_email": "email", "verified_phone_number": "phone_number"}


def verification_recipient(pool: Pool, attributes: Mapping[str, str]) -> tuple[str, str] | None:
    """Return (attribute, address) that a new user's code goes to: the phone where both are to be verified."""
    for attribute in ("phone_number", "email"):
        if attribute in pool.auto_verified and attributes.get(attribute):
            return attribute, attributes[attribute]
    return None


def recovery_recipient(pool: Pool, user: User) -> tuple[str, str] | None:
    """Return (attribute, address) by which a user recovers: the first verified one in the pool's order of preference."""
    for attribute in recovery_order(pool):
        if user.verified(attribute):
            return attribute, user.attributes[attribute]
    return None


def recovery_order(pool: Pool) -> list[str]:
    """Return the attributes that a pool recovers by, best first; none where only administrators may reset."""
    mechanisms = pool.document.get("AccountRecoverySetting", {}).get("RecoveryMechanisms", ())
    ordered = sorted(mechanisms, key=lambda one: one["Priority"])
    return [_RECOVERY[one["Name"]] for one in ordered if one["Name"] in _RECOVERY]


def ghost_recipient(pool: Pool, subject: Subject) -> tuple[str, str]:
    """Return (attribute, address) that nobody's code pretends to go to, the same at every call (contract 7.4).

    A name that is an address is its own destination, as a real user's would be in a pool that signs in by address.
    """
    if looks_like_email(subject.name):
        return "email", subject.name
    if looks_like_phone(subject.name):
        return "phone_number", subject.name
    letters = hmac.digest(pool.secret, b"recipient\x00" + subject.subject_id.encode(), hashlib.sha256)
    if "email" in pool.auto_verified or "phone_number" not in pool.auto_verified:
        local, domain = (chr(ord("a") + byte % 26) for byte in letters[:2])
        return "email", f"{local}@{domain}"
    return "phone_number", "+1555" + "".join(str(byte % 10) for byte in letters[:7])
