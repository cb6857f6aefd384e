"""Where does a code go? To the address that the pool verifies or recovers by, and for a ghost to where one might be."""

import hashlib
import hmac
from collections.abc import Mapping

from poolkeeper.lookup import Subject
from poolkeeper.model.names import fold, looks_like_email, looks_like_phone
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User

_BEFORE = ({"Priority": 1, "Name": "verified_phone_number"}, {"Priority": 2, "Name": "verified_email"})
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
    """Return the attributes that a pool recovers by, best first; none where only administrators may reset.

    A setting without mechanisms is that of the pools from before there was one: phone, then mail (contract 1.4).
    """
    mechanisms = pool.document.get("AccountRecoverySetting", {}).get("RecoveryMechanisms") or _BEFORE
    ordered = sorted(mechanisms, key=lambda one: one["Priority"])
    return [_RECOVERY[one["Name"]] for one in ordered if one["Name"] in _RECOVERY]


def ghost_recipient(pool: Pool, subject: Subject) -> tuple[str, str]:
    """Return (attribute, address) that nobody's code pretends to go to, the same at every call (contract 7.4).

    A name that is an address is its own destination, as a real user's would be in a pool that signs in by address.
    """
    name = fold(
        subject.name, case_sensitive=pool.case_sensitive
    )  # as most addresses are stored, however this one was typed
    if looks_like_email(name):
        return "email", name
    if looks_like_phone(name):
        return "phone_number", name
    letters = hmac.digest(pool.secret, b"recipient\x00" + subject.subject_id.encode(), hashlib.sha256)
    if "email" in pool.auto_verified or "phone_number" not in pool.auto_verified:
        local, domain = (chr(ord("a") + byte % 26) for byte in letters[:2])
        return "email", f"{local}@{domain}"
    return "phone_number", "+1555" + "".join(str(byte % 10) for byte in letters[:7])
