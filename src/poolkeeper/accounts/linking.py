"""By which identities may a user sign in? Linked by an administrator alone, before they are first used (oauth-federation.md 7.3)."""

from dataclasses import dataclass

from poolkeeper.accounts import identity_providers, links, names
from poolkeeper.call import Call
from poolkeeper.decoding import user_of
from poolkeeper.errors import (
    AliasExistsException,
    InvalidParameterException,
    LimitExceededException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.federation.identity_provider import SUBJECT, USERNAME, IdentityProvider
from poolkeeper.federation.provider_details import SOCIAL_NAMES
from poolkeeper.lookup import require_pool_and_user
from poolkeeper.model import identities
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store import aliases, authorization_codes, browser_sessions, provider_links, sessions, users
from poolkeeper.store.db import Conflict, Reader, Transaction

# What administrators call the pool itself.
OWN = "Cognito"
_MOST_ATTRIBUTES = 5
_LONGEST_VALUE = 1_024  # bytes: what an index takes on every engine
_LINKED = "SourceUser is already linked to DestinationUser"
_MERGING = "Merging is not currently supported, provide a SourceUser that has not been signed up in order to link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A user as an administrator names them: at a provider, by an attribute and its value."""

    provider: str
    attribute: str
    value: str


async def link(call: Call, pool: Pool, *, destination: Named, source: Named) -> None:
    """Link an identity that has not signed in yet to an existing user.

    Raises UserNotFoundException for an unknown destination, InvalidParameterException, AliasExistsException for another
    user's identity, LimitExceededException.
    """
    provider = await identity_providers.provider_by_name(call.house, pool, source.provider)
    if provider is None:
        # UNVERIFIED: error and words; a link from a provider that the pool lacks would settle them.
        raise InvalidParameterException(f"The provider {source.provider} does not exist for User Pool {pool.pool_id}.")
    attribute = _require_attribute(provider, source)
    user = await _destination(call, pool, destination)
    provider_key = {"pool_id": pool.pool_id, "provider": provider.name}

    async def body(tx: Transaction) -> None:
        fresh = await names.fresh(tx, pool, user.sub)
        linked = identities.of_attributes(fresh.attributes)
        await _require_new(tx, pool, provider, source.value, attribute, fresh)
        if any((identity.provider_name, identity.user_id) == (provider.name, source.value) for identity in linked):
            # UNVERIFIED: that AWS refuses this too: one value by two attributes, or by the one that led to an equal id.
            raise InvalidParameterException(_LINKED)
        if len(linked) >= identities.MOST:
            # UNVERIFIED: the words; a sixth link on AWS would settle them.
            raise LimitExceededException(f"A user can have at most {identities.MOST} linked identities.")
        if not await provider_links.insert(
            tx, **provider_key, attribute=attribute, value=source.value, user_id=fresh.sub, now=call.now
        ):
            raise Conflict
        await _require_few_attributes(tx, pool, provider)
        own = links.identity_of(provider, source.value, primary=False, now=call.now)
        await links.write(tx, pool, fresh, [*linked, own], now=call.now)

    await call.db.write(body)


async def disable(call: Call, pool: Pool, named: Named) -> None:
    """Take an identity from its user, or the password from a user of the pool itself; sessions that it opened end.

    A user whom the identity created keeps their profile and cannot sign in by the identity any more. Raises
    UserNotFoundException, InvalidParameterException.
    """
    if named.provider == OWN:
        await _disable_password(call, pool, named)
        return

    async def body(tx: Transaction) -> None:
        provider_key = {"pool_id": pool.pool_id, "provider": named.provider}
        attribute = named.attribute or SUBJECT
        former_link = await provider_links.find(tx, **provider_key, attribute=attribute, value=named.value)
        if former_link is None:
            # UNVERIFIED: the words; a user who was never linked would settle them.
            raise refused(Reason.UNKNOWN_USER)
        await provider_links.delete(
            tx, **provider_key, attribute=attribute, value=named.value, user_id=former_link.user_id
        )
        fresh = await names.fresh(tx, pool, former_link.user_id)
        remaining = [
            identity
            for identity in identities.of_attributes(fresh.attributes)
            if identity.primary or (identity.provider_name, identity.user_id) != (named.provider, named.value)
        ]
        await links.write(tx, pool, fresh, remaining, now=call.now)
        of_user = {"pool_id": pool.pool_id, "user_id": former_link.user_id}
        await sessions.revoke_federated(tx, **of_user, now=call.now)
        await browser_sessions.end_federated(tx, **of_user, now=call.now)
        await authorization_codes.drop_open(tx, **of_user)

    await call.db.write(body)


async def _disable_password(call: Call, pool: Pool, named: Named) -> None:
    # UNVERIFIED: the status of such a user, which is one of identity providers here, so that no code resets a password.
    user = await _own_user(call, pool, named.value)

    async def body(tx: Transaction) -> None:
        fresh = await names.fresh(tx, pool, user.sub)
        of_user = {"pool_id": pool.pool_id, "user_id": fresh.sub}
        if await users.leave_to_providers(tx, **of_user, version=fresh.version, now=call.now) != 1:
            raise Conflict
        await sessions.revoke_all(tx, **of_user, now=call.now)
        await browser_sessions.end_all(tx, **of_user, now=call.now)
        await authorization_codes.drop_open(tx, **of_user)

    await call.db.write(body)


async def _destination(call: Call, pool: Pool, named: Named) -> User:
    """Return the user who gets another identity, by user name or by an identity that they have."""
    if not named.value:
        raise InvalidParameterException("DestinationUser needs a ProviderAttributeValue.")
    if named.provider == OWN:
        return await _own_user(call, pool, named.value)
    link_row = await provider_links.find(
        call.db, pool_id=pool.pool_id, provider=named.provider, attribute=SUBJECT, value=named.value
    )
    row = None if link_row is None else await users.by_id(call.db, pool.pool_id, link_row.user_id)
    user = None if row is None else user_of(pool.pool_id, row)
    if user is None:
        raise refused(Reason.UNKNOWN_USER)
    return user


async def _own_user(call: Call, pool: Pool, username: str) -> User:
    """Return a user by user name or sub alone: an address may have become another user's."""
    _, user = await require_pool_and_user(call, pool.pool_id, username)
    if username != user.sub and pool.named(username).key != pool.named(user.username).key:
        raise refused(Reason.UNKNOWN_USER)
    return user


async def _require_new(
    tx: Transaction, pool: Pool, provider: IdentityProvider, value: str, attribute: str, destination: User
) -> None:
    """Pass for an identity that no user has yet."""
    provider_key = {"pool_id": pool.pool_id, "provider": provider.name}
    link_row = await provider_links.find(tx, **provider_key, attribute=attribute, value=value)
    if link_row is not None and link_row.user_id == destination.sub:
        raise InvalidParameterException(_LINKED)
    if await _has_signed_up(tx, pool, provider, value, attribute):
        raise InvalidParameterException(_MERGING)
    if link_row is not None:
        # UNVERIFIED: the words; an identity of another user would settle them.
        raise AliasExistsException("SourceUser is already linked to another user.")


async def _has_signed_up(reader: Reader, pool: Pool, provider: IdentityProvider, value: str, attribute: str) -> bool:
    """Say whether an identity created a user: that user must be deleted before the identity can be linked."""
    if attribute != SUBJECT:
        return False
    holder = await aliases.holder(reader, pool.pool_id, pool.named(links.username_of(pool, provider, value)).key)
    row = None if holder is None else await users.by_id(reader, pool.pool_id, holder.user_id)
    user = None if row is None else user_of(pool.pool_id, row)
    return user is not None and any(
        identity.primary and (identity.provider_name, identity.user_id) == (provider.name, value)
        for identity in identities.of_attributes(user.attributes)
    )


async def _require_few_attributes(tx: Transaction, pool: Pool, provider: IdentityProvider) -> None:
    attribute, count = "", 0
    while (
        next_attribute := await provider_links.next_attribute(
            tx, pool_id=pool.pool_id, provider=provider.name, after=attribute
        )
    ) is not None:
        attribute, count = next_attribute, count + 1
        if count > _MOST_ATTRIBUTES:
            # UNVERIFIED: the words; a sixth attribute to link by would settle them.
            raise LimitExceededException(
                f"Users of {provider.name} are linked by {_MOST_ATTRIBUTES} attributes already."
            )


def _require_attribute(provider: IdentityProvider, source: Named) -> str:
    """Return the attribute that names a source: its id, or for OIDC and SAML an attribute that the mapping brings."""
    if not source.value or len(source.value.encode()) > _LONGEST_VALUE:
        # UNVERIFIED: the words, and whether AWS bounds it.
        raise InvalidParameterException("SourceUser needs a ProviderAttributeValue of at most 1024 bytes.")
    attribute = source.attribute or SUBJECT
    mapped = provider.type not in SOCIAL_NAMES and attribute in provider.mapping and attribute != USERNAME
    if attribute != SUBJECT and not mapped:
        # UNVERIFIED: the words; a social identity named by its e-mail address would settle them.
        raise InvalidParameterException(f"ProviderAttributeName for {provider.name} must be {SUBJECT}.")
    return attribute
