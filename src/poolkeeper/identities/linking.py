"""Which identity is it, by its logins? Found, made, linked or merged in one transaction (identity-security.md 1.3).

A login leads to one identity, and an identity has one login at each provider. Two identities become one where a request
proves a login of each; nobody is linked to an identity, or merged into it, of which they prove nothing (attacks.md 138).
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
    """Make a guest, a new one at every call.

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
    """Return a guest by the id that they hold: an identity without logins that was never anything else.

    Raises NotAuthorizedException, ResourceNotFoundException.
    """
    found = await require_identity(call.db, pool, identity_id)
    if not found.guest or found.disabled:
        raise forbidden(identity_id)
    if not pool.allows_guests:
        raise refused(Reason.NO_GUESTS)
    await note_use(call, pool, found)
    return found


async def identify(
    call: Call,
    pool: IdentityPool,
    logins: Sequence[VerifiedLogin],
    *,
    identity_id: str | None = None,
    linked: Identity | None = None,
) -> str:
    """Return the id of the identity that verified logins lead to; `identity_id` is the one that the client holds.

    `linked` is the identity of the only login where it was read already. What is returned may be another: the one that the client's was merged into. Raises NotAuthorizedException where the
    logins do not prove the client's identity, ResourceConflictException for a second user of one provider.
    """
    known = linked or await _found(call, pool, logins)
    if known is not None and identity_id in (None, known.identity_id):
        await note_use(call, pool, known)
        return known.identity_id

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
    """Return the id of the identity that a back end's user is, with logins that it verified beside its own.

    Raises DeveloperUserAlreadyRegisteredException where the user is another identity than the one that is named,
    ResourceConflictException, ResourceNotFoundException.
    """

    async def body(tx: Transaction) -> str:
        return await _Linking(tx, call, pool).settled_by_back_end(logins, developer, identity_id)

    return await call.db.write(body)


async def note_use(call: Call, pool: IdentityPool, identity: Identity) -> None:
    """Note that an identity is used, once a day."""
    if identity.used_at <= call.now - DAY:
        place = {"identity_pool_id": pool.identity_pool_id, "identity_id": identity.identity_id}
        await identities.note_use(call.db, **place, now=call.now)


def forbidden(identity_id: str) -> ServiceError:
    """Return what is raised for an identity that the caller has not proved to be theirs."""
    return refused(Reason.NOT_THEIR_IDENTITY, identity_id=identity_id)


async def _found(call: Call, pool: IdentityPool, logins: Sequence[VerifiedLogin]) -> Identity | None:
    """Return the one identity that all the logins are linked to, None where there is anything to write."""
    found: dict[str, Identity] = {}
    for login in logins:
        identity = await identities.of_login(
            call.db, identity_pool_id=pool.identity_pool_id, provider=login.provider, subject=login.subject
        )
        if identity is None:
            return None
        found[identity.identity_id] = identity
    return next(iter(found.values())) if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class _Found:
    """What leads where: the identities that a request's logins are linked to, and what is linked to none yet."""

    owners: dict[str, Identity]
    unknown: list[VerifiedLogin]
    unknown_developer: str | None


class _Linking:
    """One transaction's work: it may run again, and goes by what it reads itself."""

    def __init__(self, tx: Transaction, call: Call, pool: IdentityPool) -> None:
        self._tx, self._now = tx, call.now
        self._pool_id = pool.identity_pool_id
        self._call, self._pool = call, pool

    async def settled(self, logins: Sequence[VerifiedLogin], identity_id: str | None) -> str:
        """Bring the logins together in one identity and return its id."""
        found = await self._found(logins, None)
        given = None if identity_id is None else await self._proved(identity_id, found.owners)
        return await self._together(found, given)

    async def settled_by_back_end(
        self, logins: Sequence[VerifiedLogin], developer: str, identity_id: str | None
    ) -> str:
        """Bring a back end's user and logins together in one identity, which it may name without a proof."""
        found = await self._found(logins, developer)
        given = None if identity_id is None else await require_identity(self._tx, self._pool, identity_id)
        if given is not None and given.disabled:
            raise forbidden(given.identity_id)
        if given is not None and found.unknown_developer is None and await self._of_developer(developer) != given:
            # UNVERIFIED: the words; such a request against AWS would settle them.
            raise DeveloperUserAlreadyRegisteredException("The developer user is registered with another identity.")
        return await self._together(found, given)

    async def _together(self, found: _Found, given: Identity | None) -> str:
        owners = found.owners
        if given is not None and not given.guest:
            owner = given
        elif owners:
            # UNVERIFIED: which of several AWS keeps; here the oldest, and never a guest.
            owner = min(owners.values(), key=lambda one: (one.created_at, one.identity_id))
        else:
            owner = given or await self._made()
        merged = {one.identity_id: one for one in (*owners.values(), *([given] if given else []))}
        merged.pop(owner.identity_id, None)
        if merged or found.unknown or found.unknown_developer is not None:
            await self._join(owner, list(merged.values()), found)
        return owner.identity_id

    async def _proved(self, identity_id: str, owners: dict[str, Identity]) -> Identity | None:
        """Return the identity that the client holds, which the logins prove unless it is a guest's."""
        given = await require_identity(self._tx, self._pool, identity_id)
        while given.merged_into is not None and identity_id not in owners:
            identity_id = given.merged_into
            given = await require_identity(self._tx, self._pool, identity_id)
        if given.disabled or (not given.guest and identity_id not in owners):
            raise refused(Reason.NOT_ITS_LOGIN)
        return given

    async def _found(self, logins: Sequence[VerifiedLogin], developer: str | None) -> _Found:
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
            return _Found({**owners, of_developer.identity_id: of_developer}, unknown, None)
        return _Found(owners, unknown, developer)

    async def _of_developer(self, developer: str) -> Identity | None:
        return await identities.of_developer(
            self._tx, identity_pool_id=self._pool_id, developer_user_identifier=developer
        )

    async def _made(self) -> Identity:
        identity_id = new_identity_id(self._pool_id, self._call.entropy.uuid())
        place = {"identity_pool_id": self._pool_id, "identity_id": identity_id}
        await identities.insert(self._tx, **place, guest=False, now=self._now)
        made = await identities.find(self._tx, **place)
        assert made is not None, "it was just made"
        return made

    async def _join(self, owner: Identity, merged: Sequence[Identity], found: _Found) -> None:
        """Give the owner what leads to the others, and what is new; at each provider it has one login."""
        for one in merged:
            await merge(self._tx, identity_pool_id=self._pool_id, source=one, destination=owner, now=self._now)
        place = {"identity_pool_id": self._pool_id, "identity_id": owner.identity_id}
        subjects = {login.provider: login.subject for login in await identities.logins_of(self._tx, **place)}
        for login in found.unknown:
            _require_one(subjects, login.provider, login.subject)
            if not await identities.link(
                self._tx, **place, provider=login.provider, subject=login.subject, now=self._now
            ):
                raise Conflict
        developer = found.unknown_developer
        if developer is not None and not await identities.link_developer(
            self._tx, **place, developer_user_identifier=developer, now=self._now
        ):
            raise Conflict
        await require_few_developer_links(self._tx, **place)
        if not await identities.note_change(self._tx, identity_pool_id=self._pool_id, seen=owner, now=self._now):
            raise Conflict


async def merge(tx: Transaction, *, identity_pool_id: str, source: Identity, destination: Identity, now: int) -> None:
    """Give one identity everything that leads to another, which is disabled.

    Raises ResourceConflictException where both have a login of one provider, Conflict where the other has changed.
    """
    ids = {"source": source.identity_id, "destination": destination.identity_id}
    held = [await identities.logins_of(tx, identity_pool_id=identity_pool_id, identity_id=one) for one in ids.values()]
    subjects = dict[str, str]()
    for login in (*held[0], *held[1]):
        _require_one(subjects, login.provider, login.subject)
    await identities.move_logins(tx, identity_pool_id=identity_pool_id, **ids)
    await identities.move_developer_links(tx, identity_pool_id=identity_pool_id, **ids)
    if not await identities.disable(
        tx, identity_pool_id=identity_pool_id, seen=source, merged_into=destination.identity_id, now=now
    ):
        raise Conflict


async def require_few_developer_links(tx: Transaction, *, identity_pool_id: str, identity_id: str) -> None:
    """Raise ResourceConflictException where a back end has more names for one identity than it may."""
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
    """Note a login of an identity, which has one at each provider; raises ResourceConflictException."""
    if subjects.setdefault(provider, subject) != subject:
        raise ResourceConflictException(SECOND_SUBJECT)
