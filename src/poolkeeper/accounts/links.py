"""Whose is an identity at a provider? Links are made and dropped here alone, the `identities` attribute beside them.

A link is a row that names (provider, attribute, value); nothing else leads from a provider to a user: neither an address
nor a user name that happens to be the same (attacks.md 100).
"""

from collections.abc import Mapping, Sequence

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
from poolkeeper.store import provider_links, users
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.provider_links import Link

# What somebody can call themselves by, and be found by at once; an address is theirs when they have proved it.
_NAMES = frozenset({"username", "preferred_username"})


async def find(
    reader: Reader, pool: Pool, provider: IdentityProvider, subject: str, said: Mapping[str, str]
) -> Link | None:
    """Return the link of somebody who comes from a provider: by the id there, else by what an operator linked.

    `said` are mapped attributes by their names in the pool. An address that the provider says is not verified leads to
    nobody: anybody can claim it there.
    """
    place = {"pool_id": pool.pool_id, "provider": provider.name}
    link = await provider_links.find(reader, **place, attribute=SUBJECT, value=subject)
    if link is not None:
        return link
    attribute = ""
    while (found := await provider_links.next_attribute(reader, **place, after=attribute)) is not None:
        attribute = found
        if (
            attribute == SUBJECT
            or not (value := said.get(attribute))
            or said.get(VERIFIED.get(attribute, "")) == "false"
        ):
            continue
        link = await provider_links.find(reader, **place, attribute=attribute, value=value)
        if link is not None:
            return link
    return None


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


async def owner(reader: Reader, pool: Pool, link: Link) -> User | None:
    """Return the user of a link."""
    row = await users.by_id(reader, pool.pool_id, link.user_id)
    return None if row is None else user_of(pool.pool_id, row)


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
