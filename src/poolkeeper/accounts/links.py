"""Which user has an identity at a provider? Only this file makes and drops links, together with the `identities` attribute.

A link is a row that names (provider, attribute, value); nothing else leads from a provider to a user: neither an address
nor a user name that happens to be the same (attacks.md 100).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from poolkeeper.accounts import names
from poolkeeper.accounts.identity_providers import providers_of
from poolkeeper.call import Call
from poolkeeper.decoding import user_of
from poolkeeper.errors import InvalidParameterException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.federation.identity_provider import SUBJECT, IdentityProvider
from poolkeeper.model import identities
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.identities import Identity
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store import provider_links
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.provider_links import Link

# The names that users choose freely and sign in by at once; an address must be proved first.
_NAMES = frozenset({"username", "preferred_username"})


@dataclass(frozen=True, slots=True)
class Linked:
    """A link and its user, None where that user is gone."""

    link: Link
    owner: User | None


async def find(
    reader: Reader, pool: Pool, provider: IdentityProvider, subject: str, mapped: Mapping[str, str]
) -> Linked | None:
    """Return the link of an identity at a provider: by the id there, else by an attribute that an operator linked.

    `mapped` are attributes by their names in the pool. An address that the provider calls unverified leads to no user:
    anybody can claim it there.
    """
    linked = await _find(reader, pool, provider, SUBJECT, subject)
    if linked is not None:
        return linked
    provider_key = {"pool_id": pool.pool_id, "provider": provider.name}
    attribute = ""
    while (another := await provider_links.next_attribute(reader, **provider_key, after=attribute)) is not None:
        attribute = another
        if (
            attribute == SUBJECT
            or not (value := mapped.get(attribute))
            or mapped.get(VERIFIED.get(attribute, "")) == "false"
        ):
            continue
        linked = await _find(reader, pool, provider, attribute, value)
        if linked is not None:
            return linked
    return None


async def _find(reader: Reader, pool: Pool, provider: IdentityProvider, attribute: str, value: str) -> Linked | None:
    provider_key = {"pool_id": pool.pool_id, "provider": provider.name}
    row = await provider_links.find_with_owner(reader, **provider_key, attribute=attribute, value=value)
    if row is None:
        return None
    link, owner = row
    return Linked(link, None if owner is None else user_of(pool.pool_id, owner))


async def settle(tx: Transaction, pool: Pool, link: Link, subject: str, *, now: int) -> None:
    """Replace a link by an attribute with one by the id: its person has come for the first time (oauth-federation.md 7.3).

    Where the link is gone nothing is done: another request has settled it, or it was removed; `require` tells these apart.
    Raises NotAuthorizedException where an administrator has linked the id meanwhile; the next sign-in uses that link.
    """
    link_key = {"pool_id": pool.pool_id, "provider": link.provider, "user_id": link.user_id}
    if await provider_links.delete(tx, **link_key, attribute=link.attribute, value=link.value) != 1:
        return
    if not await provider_links.insert(tx, **link_key, attribute=SUBJECT, value=subject, now=link.linked_at):
        raise refused(Reason.LINKED_USER_GONE)
    user = await names.fresh(tx, pool, link.user_id)
    identities_before = identities.of_attributes(user.attributes)
    settled = [
        msgspec.structs.replace(identity, user_id=subject)
        if (identity.provider_name, identity.user_id) == (link.provider, link.value)
        else identity
        for identity in identities_before
    ]
    await write(tx, pool, user, identities.distinct(settled), now=now)


async def require(reader: Reader, pool: Pool, provider: IdentityProvider, link: Link, subject: str) -> None:
    """Raise NotAuthorizedException where a link was removed since it was read."""
    provider_key = {"pool_id": pool.pool_id, "provider": provider.name}
    current = await provider_links.find(reader, **provider_key, attribute=SUBJECT, value=subject)
    if current is None or current.user_id != link.user_id:
        raise refused(Reason.LINKED_USER_GONE)


async def write(tx: Transaction, pool: Pool, user: User, linked_identities: Sequence[Identity], *, now: int) -> None:
    """Write the identities of a user that was read in the same transaction."""
    await names.write(tx, pool, user, {identities.ATTRIBUTE: identities.text(linked_identities)}, now=now)


async def require_nobodys(call: Call, pool: Pool, given: Mapping[str, str]) -> None:
    """Refuse names that users choose and that look like those of a provider's users (attacks.md 100).

    `given` is by attribute; only sign-in names count. An administrator may give such a name. Raises
    InvalidParameterException.
    """
    for name in _NAMES.intersection(given) & {"username", *pool.username_attributes, *pool.alias_attributes}:
        if "_" not in given[name]:
            continue
        key = pool.named(given[name]).key
        for provider in await providers_of(call.house, pool):
            if key.startswith(pool.named(f"{provider}_").key):
                # UNVERIFIED: whether AWS lets strangers have such a name, and the words; SignUp as Google_1 would tell.
                raise InvalidParameterException(
                    f"{name.capitalize()} cannot begin with {provider}_, since user pool is configured for that identity provider."
                )


def identity_of(provider: IdentityProvider, user_id: str, *, primary: bool, now: int) -> Identity:
    """Return the entry of the `identities` attribute for the user `user_id` of a provider."""
    return Identity(
        user_id=user_id,
        provider_name=provider.name,
        provider_type=provider.type,
        issuer=provider.issuer,
        primary=primary,
        date_created=now,
    )


def username_of(pool: Pool, provider: IdentityProvider, subject: str) -> str:
    """Return the user name of a provider's user, all in lower case where the pool folds names."""
    username = f"{provider.name}_{subject}"
    return username if pool.case_sensitive else username.lower()
