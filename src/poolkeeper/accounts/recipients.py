"""Where does a code go? To the address that the pool verifies or recovers by, and for a ghost to one it might have."""

from collections.abc import Mapping, Sequence

from poolkeeper.defences import ghosts
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Subject
from poolkeeper.model.account_recovery import by_older_rule, recovery_order
from poolkeeper.model.client import Client
from poolkeeper.model.factors import PASSWORD
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import ATTRIBUTES, NOTHING, Mfa, decide
from poolkeeper.model.user import User

_VERIFIED_ORDER = ("phone_number", "email")


def verification_recipient(pool: Pool, attributes: Mapping[str, str]) -> tuple[str, str] | None:
    """Return (attribute, address) that a new user's code goes to: the phone where both are to be verified."""
    for attribute in _VERIFIED_ORDER:
        if attribute in pool.auto_verified and attributes.get(attribute):
            return attribute, attributes[attribute]
    return None


def recovery_recipient(pool: Pool, user: User) -> tuple[str, str] | None:
    """Return (attribute, address) by which a user recovers: the first verified one in the pool's order of preference.

    Never the channel of the user's MFA, or one phone would be both factors (userpools.md 5.4). Pools that recover by the
    older rule take the phone all the same (measured.md 12).
    """
    second = _mfa_channels(pool, user.mfa, user.attributes) - _taken_all_the_same(pool)
    for attribute in recovery_order(pool.document):
        if user.verified(attribute) and attribute not in second:
            return attribute, user.attributes[attribute]
    return None


def _mfa_channels(pool: Pool, mfa: Mfa, attributes: Mapping[str, str]) -> set[str]:
    """Return which of the `attributes` receive second factors: by the methods that are on, and those that would be asked for."""
    # UNVERIFIED: whether a channel that is on but not preferred recovers an account; a user with TOTP preferred and SMS
    # on, whose phone number alone is verified, would settle it.
    demand = decide(pool.mfa, mfa, attributes, {PASSWORD})
    if demand is None:
        return set()
    methods = {demand.challenge, *demand.choices, *mfa.enabled}
    return {attribute for method, attribute in ATTRIBUTES.items() if method in methods}


def _taken_all_the_same(pool: Pool) -> set[str]:
    """Return the channel of MFA that recovers accounts all the same: the phone, by the older rule."""
    return {"phone_number"} if by_older_rule(pool.document) else set()


def ghost_recovery_recipient(pool: Pool, subject: Subject) -> tuple[str, str]:
    """Return (attribute, address) that a ghost's reset code pretends to go to, the same at every call (userpools.md 7.4)."""
    certain_attributes = dict.fromkeys(ghosts.certain(pool, subject), "an address")
    always_second = _mfa_channels(pool, NOTHING, certain_attributes) - _taken_all_the_same(pool)
    order = recovery_order(pool.document)
    open_ways = [attribute for attribute in order if attribute not in always_second]
    return _pretended(pool, subject, open_ways or order)


def ghost_verification_recipient(pool: Pool, subject: Subject) -> tuple[str, str]:
    """Return (attribute, address) that a ghost's confirmation code pretends to go to, the same at every call."""
    verified = [attribute for attribute in _VERIFIED_ORDER if attribute in pool.auto_verified]
    return _pretended(pool, subject, verified or ["email"])


def _pretended(pool: Pool, subject: Subject, order: Sequence[str]) -> tuple[str, str]:
    """Return the first attribute of an order that every user of this name would have, and its address.

    Where users need none of them, it is an attribute that the pool verifies, drawn where it verifies both: some users have
    only one. A name that is an address is its own destination, like a real user's in a pool that signs in by address.
    """
    sure = [attribute for attribute in order if attribute in ghosts.certain(pool, subject)]
    likely = [attribute for attribute in order if attribute in pool.auto_verified] or order[:1]
    drawn = [attribute for attribute in likely if attribute in ghosts.means(pool, subject).verified]
    attribute = (sure or drawn or likely)[0]
    return attribute, ghosts.address(pool, subject, attribute)


def require_known(client: Client, subject: Subject) -> None:
    """Raise UserNotFoundException for a ghost, where the client does not hide who exists."""
    if subject.user is None and not client.hides_existence:
        raise refused(Reason.UNKNOWN_RECIPIENT)
