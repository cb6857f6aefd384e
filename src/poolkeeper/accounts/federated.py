"""Which user does an identity provider vouch for? The one who is linked, or one made just now; never one who looks alike.

InboundFederation --> the mapping --> the link, or
    none: PreSignUp --> the link, which that function may have made --> a new user --> PostConfirmation
    one:  PreAuthentication --> its attributes as the provider says them now

Whoever is known by a token that an app shows has to be there already, and nothing of them changes: it may be an old one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper import triggers
from poolkeeper.accounts import links, mapping, names
from poolkeeper.accounts import users as new_users
from poolkeeper.accounts.account_changes import Watch
from poolkeeper.accounts.links import Linked
from poolkeeper.accounts.users import NewUser
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, UsernameExistsException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.federation import statement
from poolkeeper.federation.identity_provider import SUBJECT, IdentityProvider
from poolkeeper.federation.saml.statements import Assertion
from poolkeeper.federation.statement import Statement
from poolkeeper.federation.upstream import Profile
from poolkeeper.lookup import Subject
from poolkeeper.model import identities
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.client import Client
from poolkeeper.model.factors import FEDERATED
from poolkeeper.model.group import GROUPS_OF_A_POOL
from poolkeeper.model.names import fits_username
from poolkeeper.model.pool import Pool
from poolkeeper.model.proof import Proof
from poolkeeper.model.user import EXTERNAL_PROVIDER, User
from poolkeeper.store import groups, provider_links
from poolkeeper.store.db import Transaction

PROVIDER = "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Federated:
    """A user who came from a provider: their proof, and whether this very sign-in made them.

    `group` is the provider's group where the caller must still check that the user is in it: `join` puts them there.
    """

    proof: Proof
    provisioned: bool
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coming:
    """A user on the way in: what the provider states, and which of it the app client may write."""

    call: Call
    pool: Pool
    client: Client
    provider: IdentityProvider
    stated: Statement
    claimed: Mapping[str, str]
    writable: Mapping[str, str]
    metadata: Mapping[str, str]

    @property
    def username(self) -> str:
        return links.username_of(self.pool, self.provider, self.stated.subject)


async def sign_in(
    call: Call,
    pool: Pool,
    client: Client,
    provider: IdentityProvider,
    provider_answer: Profile | Assertion,
    *,
    metadata: Mapping[str, str] | None = None,
    by_token: bool = False,
) -> Federated:
    """Return the user whom a provider's verified statement is about, made here where nobody is linked yet.

    `by_token`: they did not come, an app shows a token of theirs. Then nobody is made (UserNotFoundException), and no
    attribute changes. Triggers: InboundFederation; then PreSignUp and PostConfirmation where the user is new, PreAuthentication where not.
    Raises NotAuthorizedException for a disabled user and a provider that the app client does not serve,
    InvalidParameterException for attributes that are missing, unfit or not to be changed, AliasExistsException,
    UsernameExistsException, and what triggers raise.
    """
    if not client.serves(provider.name):
        raise refused(Reason.PROVIDER_NOT_SERVED, detail="SupportedIdentityProviders", provider=provider.name)
    stated = statement.of(provider_answer)
    claims = await triggers.inbound_federation(
        call,
        pool,
        client,
        username=links.username_of(pool, provider, stated.subject),
        provider_name=provider.name,
        provider_type=provider.type,
        attributes=stated.told,
    )
    claimed = mapping.claimed(provider, stated.claims if claims is None else claims)
    if by_token:  # userInfo, which is not asked, may say of an address that nobody proved it
        claimed = {**mapping.unproved(provider), **claimed}
    coming = _Coming(
        call=call,
        pool=pool,
        client=client,
        provider=provider,
        stated=stated,
        claimed=claimed,
        writable={} if by_token else mapping.writable(call, pool, client, provider, claimed),
        metadata=metadata or {},
    )
    linked = await links.find(call.db, pool, provider, stated.subject, coming.claimed)
    if linked is not None:
        return await _returning(coming, linked)
    if by_token:
        raise refused(Reason.PERSON_UNKNOWN, detail=provider.name)
    return await _first_time(coming)


async def join(call: Call, pool: Pool, provider: IdentityProvider, user_id: str) -> None:
    """Put a user into the group of a provider, which is made where there is none."""
    await call.db.write(lambda tx: _join(tx, call, pool, provider, user_id))


async def _first_time(coming: _Coming) -> Federated:
    """Make a user, unless PreSignUp linked the identity to one who is there."""
    call, pool, provider, subject = coming.call, coming.pool, coming.provider, coming.stated.subject
    if not fits_username(coming.username):
        # UNVERIFIED: the words; a provider whose ids are longer than a user name would tell.
        raise InvalidParameterException(f"The id that {provider.name} has for the user cannot be part of a user name.")
    attributes = mapping.of_new_user(pool, coming.writable)
    verdict = await triggers.pre_sign_up(
        call,
        pool,
        coming.client,
        source="PreSignUp_ExternalProvider",
        username=coming.username,
        attributes=attributes,
        validation_data=None,
        metadata=coming.metadata,
    )
    linked = await links.find(call.db, pool, provider, subject, coming.claimed)
    if linked is not None:  # AWS ends the first attempt here, and clients try again (oauth-federation.md 7.3)
        return await _returning(coming, linked)
    attributes |= {VERIFIED[name]: "true" for name in verdict.verified}
    try:
        user = await _make(coming, attributes)
    except UsernameExistsException:
        linked = await links.find(call.db, pool, provider, subject, coming.claimed)
        if linked is None:
            raise
        return await _returning(coming, linked)  # another request of the same person was faster
    await triggers.post_confirmation(
        call,
        pool,
        coming.client,
        source="PostConfirmation_ConfirmSignUp",
        user=user,
        metadata=coming.metadata,
    )
    return Federated(proof=Proof(user=user, factor=FEDERATED), provisioned=True)


async def _make(coming: _Coming, attributes: Mapping[str, str]) -> User:
    """Write a user with their identity; they sign in by user name and sub, never by an address (attacks.md 100)."""
    call, pool, provider, subject = coming.call, coming.pool, coming.provider, coming.stated.subject
    sub = call.entropy.uuid()
    own = links.identity_of(provider, subject, primary=True, now=call.now)
    new = NewUser(
        sub=sub,
        username=coming.username,
        attributes={"sub": sub, **attributes, identities.ATTRIBUTE: identities.text([own])},
        claims=(("sub", sub), ("username", pool.named(coming.username).key)),
    )
    unproved = [name for name, mark in VERIFIED.items() if attributes.get(name) and attributes.get(mark) != "true"]

    async def create(tx: Transaction) -> None:
        await new_users.insert(
            tx,
            call,
            pool,
            new,
            status=EXTERNAL_PROVIDER,
            credential=None,
            taken=f"Already found an entry for username {coming.username}",
            by_own_word=unproved,
        )
        link_row = {"pool_id": pool.pool_id, "provider": provider.name, "attribute": SUBJECT, "value": subject}
        if not await provider_links.insert(tx, **link_row, user_id=sub, now=call.now):
            raise UsernameExistsException(f"Already found an entry for username {coming.username}")
        await _join(tx, call, pool, provider, sub)

    await call.db.write(create)
    return new.in_pool(pool, status=EXTERNAL_PROVIDER, now=call.now)


async def _returning(coming: _Coming, linked: Linked) -> Federated:
    """Let in the owner of an identity, with the attributes that the provider states now.

    Most users have these attributes already, so nothing is written for them; where no function ran since the link was
    read, it is not read again.
    """
    call, pool, provider, subject = coming.call, coming.pool, coming.provider, coming.stated.subject
    link, owner = linked.link, linked.owner
    if owner is None:
        raise refused(Reason.LINKED_USER_GONE)
    if not owner.enabled:
        raise refused(Reason.USER_DISABLED)
    invocations = call.trace.invocations
    await triggers.pre_authentication(
        call,
        pool,
        coming.client,
        subject=Subject(name=owner.username, subject_id=owner.sub, user=owner),
        validation_data={},
    )
    settled = link.attribute == SUBJECT and call.trace.invocations == invocations
    if settled and not mapping.of_user(pool, owner.attributes, coming.writable):
        group = _group_of(pool, provider) if identities.came_from_outside(owner.attributes) else None
        return Federated(proof=Proof(user=owner, factor=FEDERATED), provisioned=False, group=group)
    watch = Watch(call, pool, owner.sub, by=PROVIDER)

    async def update(tx: Transaction) -> User:
        if link.attribute != SUBJECT:
            await links.settle(tx, pool, link, subject, now=call.now)
        await links.require(tx, pool, provider, link, subject)
        fresh = await names.fresh(tx, pool, owner.sub)
        writes = mapping.of_user(pool, fresh.attributes, coming.writable)
        if writes:
            await watch.saw(tx, fresh, writes=writes)
            await names.write(tx, pool, fresh, writes, now=call.now, by_itself=True)
        if identities.came_from_outside(fresh.attributes):
            await _join(tx, call, pool, provider, owner.sub)
        return await names.fresh(tx, pool, owner.sub)

    user = await call.db.write(update)
    watch.tell()
    return Federated(proof=Proof(user=user, factor=FEDERATED), provisioned=False)


async def _join(tx: Transaction, call: Call, pool: Pool, provider: IdentityProvider, user_id: str) -> None:
    name, group_name = provider.name, _group_of(pool, provider)
    row = await groups.find(tx, pool.pool_id, group_name)
    if row is None:
        if await groups.count(tx, pool.pool_id) >= GROUPS_OF_A_POOL:
            return
        await groups.insert(
            tx,
            pool_id=pool.pool_id,
            group_name=group_name,
            group_id=call.entropy.uuid(),
            description=f"Autogenerated group for users who sign in using {name}",
            role_arn=None,
            precedence=None,
            now=call.now,
        )
        row = await groups.find(tx, pool.pool_id, group_name)
    if row is not None:
        await groups.add_member(tx, pool_id=pool.pool_id, user_id=user_id, group_id=row.group_id)


def _group_of(pool: Pool, provider: IdentityProvider) -> str:
    return f"{pool.pool_id}_{provider.name}"
