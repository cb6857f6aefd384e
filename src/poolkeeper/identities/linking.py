"""Which identity do logins lead to? One that is read, made, linked or merged in one transaction (identity-security.md 1.3).

A login leads to one identity, and an identity has one login at each provider. Two identities are merged where a request
proves a login of each; nobody is linked to an identity, or merged into it, without proof of it (attacks.md 138).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from poolkeeper.call import Call
from poolkeeper.clock import DAY
from poolkeeper.defences import guests
from poolkeeper.errors import DeveloperUserAlreadyRegisteredException, ResourceConflictException, ServiceError
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.identities.login import VerifiedLogin
from poolkeeper.identities.logins import SECOND_SUBJECT
from poolkeeper.identities.pools import require_identity
from poolkeeper.model.identity import Identity
from poolkeeper.model.identity_ids import new_identity_id
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.store import identities
from poolkeeper.store.db import Conflict, Transaction

MOST_DEVELOPER_LINKS = 20


async def make_guest(call: Call, pool: IdentityPool) -> str:
    """Make a new guest at every call.

    Raises NotAuthorizedException where the pool takes none, LimitExceededException for a network that made too many.
    """
    if not pool.allows_guests:
        raise refused(Reason.NO_GUESTS)
    guests.require_room(call, pool.identity_pool_id)
    identity_id = new_identity_id(pool.identity_pool_id, call.entropy.uuid())

    async def body(tx: Transaction) -> None:
        await identities.insert(
            tx, identity_pool_id=pool.identity_pool_id, identity_id=identity_id, guest=True, now=call.now
        )

    await call.db.write(body)
    return identity_id


async def require_guest(call: Call, pool: IdentityPool, identity_id: str) -> Identity:
    """Return a guest by the id that they hold: an identity that never had a login.

    Raises NotAuthorizedException, ResourceNotFoundException.
    """
    identity = await require_identity(call.db, pool, identity_id)
    if not identity.guest or identity.disabled:
        raise forbidden(identity_id)
    if not pool.allows_guests:
        raise refused(Reason.NO_GUESTS)
    await note_use(call, pool, identity)
    return identity


async def identify(
    call: Call,
    pool: IdentityPool,
    logins: Sequence[VerifiedLogin],
    *,
    identity_id: str | None = None,
    linked: Identity | None = None,
) -> str:
    """Return the id of the identity that verified logins lead to; `identity_id` is the client's own.

    `linked` is the identity of the only login if it was read already. The returned id may differ from the client's: that of
    the identity that the client's was merged into. Raises NotAuthorizedException where the logins do not prove the client's
    identity, ResourceConflictException for a second user of one provider.
    """
    identity = linked or await _linked_identity(call, pool, logins)
    if identity is not None and identity_id in (None, identity.identity_id):
        await note_use(call, pool, identity)
        return identity.identity_id

    async def body(tx: Transaction) -> str:
        return await _Linking(tx, call, pool).settled(logins, identity_id)

    return await call.db.write(body)


async def identify_by_back_end(
    call: Call,
    pool: IdentityPool,
    logins: Sequence[VerifiedLogin],
    *,
    developer: str,
    identity_id: str | None,
) -> str:
    """Return the id of the identity of a back end's user; `logins` are verified logins that the back end sends with them.

    Raises DeveloperUserAlreadyRegisteredException where the user has another identity than `identity_id`,
    ResourceConflictException, ResourceNotFoundException.
    """

    async def body(tx: Transaction) -> str:
        return await _Linking(tx, call, pool).settled_by_back_end(logins, developer, identity_id)

    return await call.db.write(body)


async def note_use(call: Call, pool: IdentityPool, identity: Identity) -> None:
    """Note once a day that an identity is used."""
    if identity.used_at <= call.now - DAY:
        identity_key = {"identity_pool_id": pool.identity_pool_id, "identity_id": identity.identity_id}
        await identities.note_use(call.db, **identity_key, now=call.now)


def forbidden(identity_id: str) -> ServiceError:
    """Return the error for an identity that the caller has not proved to be theirs."""
    return refused(Reason.NOT_THEIR_IDENTITY, identity_id=identity_id)


async def _linked_identity(call: Call, pool: IdentityPool, logins: Sequence[VerifiedLogin]) -> Identity | None:
    """Return the identity that all the logins are linked to, None where a row must be written."""
    linked: dict[str, Identity] = {}
    for login in logins:
        identity = await identities.of_login(
            call.db, identity_pool_id=pool.identity_pool_id, provider=login.provider, subject=login.subject
        )
        if identity is None:
            return None
        linked[identity.identity_id] = identity
    return next(iter(linked.values())) if len(linked) == 1 else None


@dataclass(frozen=True, slots=True)
class _Lookup:
    """The identities that a request's logins are linked to, by id, and the logins and the user that have none yet."""

    owners: dict[str, Identity]
    unknown: list[VerifiedLogin]
    unknown_developer: str | None


class _Linking:
    """The work of one transaction: it may run again, and relies only on rows that it reads itself."""

    def __init__(self, tx: Transaction, call: Call, pool: IdentityPool) -> None:
        self._tx, self._now = tx, call.now
        self._pool_id = pool.identity_pool_id
        self._call, self._pool = call, pool

    async def settled(self, logins: Sequence[VerifiedLogin], identity_id: str | None) -> str:
        """Bring the logins together in one identity and return its id."""
        lookup = await self._look_up(logins, None)
        client_identity = None if identity_id is None else await self._require_proved(identity_id, lookup.owners)
        return await self._bring_together(lookup, client_identity)

    async def settled_by_back_end(
        self, logins: Sequence[VerifiedLogin], developer: str, identity_id: str | None
    ) -> str:
        """Bring a back end's user and logins together in one identity, which the back end may name without a proof."""
        lookup = await self._look_up(logins, developer)
        named_identity = None if identity_id is None else await require_identity(self._tx, self._pool, identity_id)
        if named_identity is not None and named_identity.disabled:
            raise forbidden(named_identity.identity_id)
        if (
            named_identity is not None
            and lookup.unknown_developer is None
            and await self._of_developer(developer) != named_identity
        ):
            # UNVERIFIED: the words; such a request against AWS would settle them.
            raise DeveloperUserAlreadyRegisteredException("The developer user is registered with another identity.")
        return await self._bring_together(lookup, named_identity)

    async def _bring_together(self, lookup: _Lookup, client_identity: Identity | None) -> str:
        owners = lookup.owners
        if client_identity is not None and not client_identity.guest:
            owner = client_identity
        elif owners:
            # UNVERIFIED: which of several AWS keeps; here the oldest, and never a guest.
            owner = min(owners.values(), key=lambda identity: (identity.created_at, identity.identity_id))
        else:
            owner = client_identity or await self._make_identity()
        sources = {
            identity.identity_id: identity
            for identity in (*owners.values(), *([client_identity] if client_identity else []))
        }
        sources.pop(owner.identity_id, None)
        if sources or lookup.unknown or lookup.unknown_developer is not None:
            await self._join(owner, list(sources.values()), lookup)
        return owner.identity_id

    async def _require_proved(self, identity_id: str, owners: dict[str, Identity]) -> Identity | None:
        """Return the client's identity, which the logins must prove unless it is a guest."""
        client_identity = await require_identity(self._tx, self._pool, identity_id)
        while client_identity.merged_into is not None and identity_id not in owners:
            identity_id = client_identity.merged_into
            client_identity = await require_identity(self._tx, self._pool, identity_id)
        if client_identity.disabled or (not client_identity.guest and identity_id not in owners):
            raise refused(Reason.NOT_ITS_LOGIN)
        return client_identity

    async def _look_up(self, logins: Sequence[VerifiedLogin], developer: str | None) -> _Lookup:
        owners, unknown = dict[str, Identity](), list[VerifiedLogin]()
        for login in logins:
            owner = await identities.of_login(
                self._tx, identity_pool_id=self._pool_id, provider=login.provider, subject=login.subject
            )
            if owner is None:
                unknown.append(login)
            else:
                owners[owner.identity_id] = owner
        of_developer = None if developer is None else await self._of_developer(developer)
        if of_developer is not None:
            return _Lookup({**owners, of_developer.identity_id: of_developer}, unknown, None)
        return _Lookup(owners, unknown, developer)

    async def _of_developer(self, developer: str) -> Identity | None:
        return await identities.of_developer(
            self._tx, identity_pool_id=self._pool_id, developer_user_identifier=developer
        )

    async def _make_identity(self) -> Identity:
        identity_id = new_identity_id(self._pool_id, self._call.entropy.uuid())
        identity_key = {"identity_pool_id": self._pool_id, "identity_id": identity_id}
        await identities.insert(self._tx, **identity_key, guest=False, now=self._now)
        identity = await identities.find(self._tx, **identity_key)
        assert identity is not None, "it was just made"
        return identity

    async def _join(self, owner: Identity, sources: Sequence[Identity], lookup: _Lookup) -> None:
        """Give the owner the logins of the other identities, and the new ones; it has one login at each provider."""
        for source in sources:
            await merge(self._tx, identity_pool_id=self._pool_id, source=source, destination=owner, now=self._now)
        identity_key = {"identity_pool_id": self._pool_id, "identity_id": owner.identity_id}
        subjects = {login.provider: login.subject for login in await identities.logins_of(self._tx, **identity_key)}
        for login in lookup.unknown:
            _require_one(subjects, login.provider, login.subject)
            if not await identities.link(
                self._tx, **identity_key, provider=login.provider, subject=login.subject, now=self._now
            ):
                raise Conflict
        developer = lookup.unknown_developer
        if developer is not None and not await identities.link_developer(
            self._tx, **identity_key, developer_user_identifier=developer, now=self._now
        ):
            raise Conflict
        await require_few_developer_links(self._tx, **identity_key)
        if not await identities.note_change(self._tx, identity_pool_id=self._pool_id, seen=owner, now=self._now):
            raise Conflict


async def merge(tx: Transaction, *, identity_pool_id: str, source: Identity, destination: Identity, now: int) -> None:
    """Give all logins of the source to the destination, and disable the source.

    Raises ResourceConflictException where both have a login of one provider, Conflict where the source has changed.
    """
    ids = {"source": source.identity_id, "destination": destination.identity_id}
    logins = [
        login
        for identity_id in ids.values()
        for login in await identities.logins_of(tx, identity_pool_id=identity_pool_id, identity_id=identity_id)
    ]
    subjects = dict[str, str]()
    for login in logins:
        _require_one(subjects, login.provider, login.subject)
    await identities.move_logins(tx, identity_pool_id=identity_pool_id, **ids)
    await identities.move_developer_links(tx, identity_pool_id=identity_pool_id, **ids)
    if not await identities.disable(
        tx, identity_pool_id=identity_pool_id, seen=source, merged_into=destination.identity_id, now=now
    ):
        raise Conflict


async def require_few_developer_links(tx: Transaction, *, identity_pool_id: str, identity_id: str) -> None:
    """Raise ResourceConflictException where a back end has too many names for one identity."""
    links = await identities.developer_links_of(
        tx,
        identity_pool_id=identity_pool_id,
        identity_id=identity_id,
        after="",
        limit=MOST_DEVELOPER_LINKS + 1,
    )
    if len(links) > MOST_DEVELOPER_LINKS:
        # UNVERIFIED: name and words; a 21st user of a back end's for one identity against AWS would settle them.
        raise ResourceConflictException(
            f"An identity can have {MOST_DEVELOPER_LINKS} developer user identifiers at the most."
        )


def _require_one(subjects: dict[str, str], provider: str, subject: str) -> None:
    """Note a login of an identity in `subjects`; raises ResourceConflictException for a second one at a provider."""
    if subjects.setdefault(provider, subject) != subject:
        raise ResourceConflictException(SECOND_SUBJECT)
