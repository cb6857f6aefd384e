"""Where does a code go? To the address that the pool verifies or recovers by, and for a ghost to where one might be."""

from collections.abc import Mapping

from poolkeeper.auth import ghosts
from poolkeeper.call import Call
from poolkeeper.lookup import Subject
from poolkeeper.messaging import budget
from poolkeeper.model.factors import PASSWORD
from poolkeeper.model.names import fold, looks_like_email, looks_like_phone
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import ATTRIBUTES, decide
from poolkeeper.model.user import User
from poolkeeper.store.db import Reader

_BEFORE = ({"Priority": 1, "Name": "verified_phone_number"}, {"Priority": 2, "Name": "verified_email"})
_RECOVERY = {"verified_email": "email", "verified_phone_number": "phone_number"}


def verification_recipient(pool: Pool, attributes: Mapping[str, str]) -> tuple[str, str] | None:
    """Return (attribute, address) that a new user's code goes to: the phone where both are to be verified."""
    for attribute in ("phone_number", "email"):
        if attribute in pool.auto_verified and attributes.get(attribute):
            return attribute, attributes[attribute]
    return None


def recovery_recipient(pool: Pool, user: User) -> tuple[str, str] | None:
    """Return (attribute, address) by which a user recovers: the first verified one in the pool's order of preference.

    Never the channel of the user's MFA, or one phone would be both factors (contract, user pools 5.4).
    """
    second = _mfa_channels(pool, user)
    for attribute in recovery_order(pool):
        if user.verified(attribute) and attribute not in second:
            return attribute, user.attributes[attribute]
    return None


def _mfa_channels(pool: Pool, user: User) -> set[str]:
    """Return the attributes to which a user's second factors are sent: what is turned on, and what would be asked for."""
    # UNVERIFIED: whether a channel that is on but not preferred recovers an account; a user with TOTP preferred and SMS
    # on, whose phone number alone is verified, would settle it.
    demand = decide(pool.mfa, user.mfa, user.attributes, {PASSWORD})
    if demand is None:
        return set()
    methods = {demand.challenge, *demand.choices, *user.mfa.enabled}
    return {attribute for method, attribute in ATTRIBUTES.items() if method in methods}


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
    name = fold(subject.name, case_sensitive=pool.case_sensitive)
    if looks_like_email(name):
        attribute = "email"
    elif looks_like_phone(name) or ("phone_number" in pool.auto_verified and "email" not in pool.auto_verified):
        attribute = "phone_number"
    else:
        attribute = "email"
    return attribute, ghosts.address(pool, subject, attribute)


async def require_room(reader: Reader, call: Call, pool: Pool, subject: Subject, *, kind: str) -> None:
    """Refuse nobody's code as a user's is refused when no text message may be sent any more (attacks.md 47)."""
    attribute, destination = ghost_recipient(pool, subject)
    if attribute == "phone_number":
        number = destination if looks_like_phone(subject.name) else None
        await budget.require_room(reader, call.settings, pool_id=pool.pool_id, number=number, kind=kind, now=call.now)
