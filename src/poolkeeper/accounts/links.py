"""Whose is an identity at a provider? Links are made and dropped here alone, the `identities` attribute beside them.

A link is a row that names (provider, attribute, value); nothing else leads from a provider to a user: neither an address
nor a user name that happens to be the same (attacks.md 100).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from poolkeeper.accounts import names
from poolkeeper.accounts.identity_providers import providers_of
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.federation.identity_provider import SUBJECT, IdentityProvider
from poolkeeper.lookup import user_of
from poolkeeper.model import identities
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.identities import Identity
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store import provider_links
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.provider_links import Link

# What somebody can call themselves by, and be found by at once; an address is theirs when they have proved it.
_NAMES = frozenset({"username", "preferred_username"})


@dataclass(frozen=True, slots=True)
class Found:
    """A link, and whose it is: None where that user is gone."""

    link: Link
    owner: User | None


async def find(
    reader: Reader, pool: Pool, provider: IdentityProvider, subject: str, said: Mapping[str, str]
) -> Found | None:
    """Return the link of somebody who comes from a provider: by the id there, else by what an operator linked.

    `said` are mapped attributes by their names in the pool. An address that the provider says is not verified leads to
    nobody: anybody can claim it there.
    """
    found = await _find(reader, pool, provider, SUBJECT, subject)
    if found is not None:
        return found
    place = {"pool_id": pool.pool_id, "provider": provider.name}
    attribute = ""
    while (another := await provider_links.next_attribute(reader, **place, after=attribute)) is not None:
        attribute = another
        if (
            attribute == SUBJECT
            or not (value := said.get(attribute))
            or said.get(VERIFIED.get(attribute, "")) == "false"
        ):
            continue
        found = await _find(reader, pool, provider, attribute, value)
        if found is not None:
            return found
    return None


async def _find(reader: Reader, pool: Pool, provider: IdentityProvider, attribute: str, value: str) -> Found | None:
    place = {"pool_id": pool.pool_id, "provider": provider.name}
    row = await provider_links.find_with_owner(reader, **place, attribute=attribute, value=value)
    if row is None:
        return None
    link, owner = row
    return Found(link, None if owner is None else user_of(pool.pool_id, owner))


async def settle(tx: Transaction, pool: Pool, link: Link, subject: str, *, now: int) -> None:
    """Let a link that was made by an attribute be one of the id from now on: its person has come (oauth-federation.md 7.3).

    Where the link is there no more nothing is done: whether another request settled it or it was taken away, `require` says.
    Raises NotAuthorizedException where an administrator has linked the id meanwhile; the next sign-in finds that.
    """
    place = {"pool_id": pool.pool_id, "provider": link.provider, "user_id": link.user_id}
    if await provider_links.delete(tx, **place, attribute=link.attribute, value=link.value) != 1:
        return
    if not await provider_links.insert(tx, **place, attribute=SUBJECT, value=subject, now=link.linked_at):
        raise refused(Reason.LINKED_USER_GONE)
    user = await names.fresh(tx, pool, link.user_id)
    held = identities.of_attributes(user.attributes)
    settled = [
        msgspec.structs.replace(one, user_id=subject)
        if (one.provider_name, one.user_id) == (link.provider, link.value)
        else one
        for one in held
    ]
    await write(tx, pool, user, identities.distinct(settled), now=now)


async def require(reader: Reader, pool: Pool, provider: IdentityProvider, link: Link, subject: str) -> None:
    """Raise NotAuthorizedException where a link was taken away since it was found."""
    place = {"pool_id": pool.pool_id, "provider": provider.name}
    found = await provider_links.find(reader, **place, attribute=SUBJECT, value=subject)
    if found is None or found.user_id != link.user_id:
        raise refused(Reason.LINKED_USER_GONE)


async def write(tx: Transaction, pool: Pool, user: User, held: Sequence[Identity], *, now: int) -> None:
    """Write the identities of a user that was read in the same transaction."""
    await names.write(tx, pool, user, {identities.ATTRIBUTE: identities.text(held)}, now=now)


async def require_nobodys(call: Call, pool: Pool, given: Mapping[str, str]) -> None:
    """Refuse names, by attribute, that people of the pool's providers get, to whoever calls themselves so (attacks.md 100).

    Of the attributes those count that are sign-in names. An administrator may give such a name. Raises
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
    """Return what the `identities` attribute says of somebody who is `user_id` at a provider."""
    return Identity(
        user_id=user_id,
        provider_name=provider.name,
        provider_type=provider.type,
        issuer=provider.issuer,
        primary=primary,
        date_created=now,
    )


def username_of(pool: Pool, provider: IdentityProvider, subject: str) -> str:
    """Return the user name of somebody who comes from a provider: the whole in lower case where the pool folds names."""
    username = f"{provider.name}_{subject}"
    return username if pool.case_sensitive else username.lower()
