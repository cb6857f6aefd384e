"""How does a person become a user by themselves? They sign up, are sent a code, and confirm with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from poolkeeper import triggers
from poolkeeper.accounts import auth_events, codes, links, names, own_word, passwords, status, users
from poolkeeper.accounts.compromised import SIGN_UP
from poolkeeper.accounts.outgoing import Outgoing, outgoing, send, send_or_pretend
from poolkeeper.accounts.recipients import ghost_verification_recipient, require_known, verification_recipient
from poolkeeper.call import Call
from poolkeeper.client_address import client_network
from poolkeeper.defences.blocked_ranges import is_blocked
from poolkeeper.errors import (
    InvalidParameterException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Subject
from poolkeeper.model import auth_event
from poolkeeper.model.attributes import VERIFIED, require_writable
from poolkeeper.model.changes import merged
from poolkeeper.model.client import Client
from poolkeeper.model.client_context import NO_CONTEXT, ClientContext
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, UNCONFIRMED, User
from poolkeeper.store.db import Transaction

PURPOSE = "SignUp"
_AGAIN = "ResendCode"
_CONFIRMED_NOW = "PostConfirmation_ConfirmSignUp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a person signs up with: the name as typed, no password where the pool can do without, the attributes.

    `validation_data` is for PreSignUp, None where none came, `metadata` for every function; `context` is what the client
    says of the device.
    """

    name: str
    password: str | None
    attributes: Mapping[str, str]
    validation_data: Mapping[str, str] | None
    metadata: Mapping[str, str]
    context: ClientContext = NO_CONTEXT


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """A confirmed user, and the aliases that were taken from others for them."""

    user: User
    taken: Sequence[names.Taken]


async def sign_up(call: Call, pool: Pool, client: Client, form: Form) -> tuple[User, Outgoing | None]:
    """Create a user; return them with the code that is to confirm them, None where no code goes out.

    Triggers, in order: PreSignUp, CustomMessage; PostConfirmation instead if PreSignUp confirmed. Where PreSignUp vouches
    for an address, this user gets the alias, whoever had it (AWS: Pre sign-up Lambda trigger).
    """
    _require_room(call)
    if pool.admin_only_sign_up:
        raise refused(Reason.SIGN_UP_CLOSED)
    if is_blocked(call, pool, client):
        # UNVERIFIED: error and words; SignUp from an address on a BlockedIPRangeList would settle them.
        raise refused(Reason.KEPT_OUT)
    requested = _requested_user(call, pool, client, form)
    await links.require_nobodys(call, pool, {"username": form.name})
    chosen = None
    if form.password is not None:
        chosen = await passwords.choose(call, pool, client, form.password, event=SIGN_UP)
    verdict = await triggers.pre_sign_up(
        call,
        pool,
        client,
        source="PreSignUp_SignUp",
        username=requested.username,
        attributes=requested.submitted,
        validation_data=form.validation_data,
        metadata=form.metadata,
    )
    new = users.marked(pool, requested, vouched_for=verdict.verified)
    await users.refuse_taken(call, pool, new, taken=users.TAKEN, force=verdict.verified)
    user = new.in_pool(pool, status=CONFIRMED if verdict.confirm else UNCONFIRMED, now=call.now)
    first_code = None if user.confirmed else await _first_code(call, pool, client, user, metadata=form.metadata)
    credential = await passwords.enrol_if_any(call, pool, sub=new.sub, username=new.username, chosen=chosen)

    async def create(tx: Transaction) -> list[names.Taken]:
        taken = await users.insert(
            tx,
            call,
            pool,
            new,
            status=user.status,
            credential=credential,
            force=verdict.verified,
            by_own_word=own_word.of_sign_up(new.attributes, confirmed=verdict.confirm),
        )
        if first_code is not None:
            await send(call, tx, pool, new.sub, first_code, counted=False)
        return taken

    names.tell(call, pool, await call.db.write(create))
    if user.confirmed:
        await triggers.post_confirmation(call, pool, client, source=_CONFIRMED_NOW, user=user, metadata=form.metadata)
    subject = Subject(name=form.name, subject_id=user.sub, user=user)
    await auth_events.happened(call, pool, client, subject, kind=auth_event.SIGN_UP, context=form.context)
    return user, first_code


async def confirm(
    call: Call,
    pool: Pool,
    client: Client,
    subject: Subject,
    *,
    code: str,
    force: bool,
    metadata: Mapping[str, str],
) -> None:
    """Confirm a user, and the address that the code went to, by that code.

    `force` takes the alias from its holder, where the code proved that very address. Triggers: PostConfirmation, after the
    commit: the user stays confirmed whatever it says. Raises CodeMismatchException, ExpiredCodeException,
    NotAuthorizedException, AliasExistsException, and UserNotFoundException where existence is not hidden.
    """
    require_known(client, subject)
    await _refuse_confirmed(call, pool, client, subject, code)

    async def body(tx: Transaction) -> _Confirmed | codes.Refusal:
        redeemed = await codes.redeem(
            tx,
            call,
            pool,
            subject.subject_id,
            purpose=PURPOSE,
            given=code,
            without_code=_without_code(pool, client, subject),
            nobodys=subject.user is None,
        )
        if isinstance(redeemed, codes.Refusal):
            return redeemed
        return await _confirm(tx, call, pool, subject.subject_id, redeemed, force=force)

    confirmed = codes.accepted(await call.db.write(body))
    names.tell(call, pool, confirmed.taken)
    await triggers.post_confirmation(call, pool, client, source=_CONFIRMED_NOW, user=confirmed.user, metadata=metadata)


async def confirm_by_administrator(call: Call, pool: Pool, user: User, *, metadata: Mapping[str, str]) -> None:
    """Confirm a user without a code; their addresses stay as they are, and the administrator vouches for them.

    Triggers: PostConfirmation, after the commit.
    """

    async def body(tx: Transaction) -> _Confirmed:
        await own_word.vouch(tx, pool.pool_id, user.sub)
        return await _set_confirmed(tx, pool, await names.fresh(tx, pool, user.sub), {}, now=call.now)

    confirmed = await call.db.write(body)
    await triggers.post_confirmation(call, pool, None, source=_CONFIRMED_NOW, user=confirmed.user, metadata=metadata)


async def resend(
    call: Call,
    pool: Pool,
    client: Client,
    subject: Subject,
    *,
    metadata: Mapping[str, str] | None,
    context: ClientContext = NO_CONTEXT,
) -> tuple[str, str]:
    """Send a new code to a user who is not confirmed; the former code becomes worthless.

    Returns (attribute, address) of where the client sees it go. Triggers: CustomMessage. Raises as `send_or_pretend` does.
    """
    require_known(client, subject)
    user = subject.user
    if user is not None and user.status != UNCONFIRMED and not client.hides_existence:
        raise InvalidParameterException("User is already confirmed.")
    recipient = verification_recipient(pool, user.attributes) if user and user.status == UNCONFIRMED else None
    if recipient is None and not client.hides_existence:
        raise InvalidParameterException("Cannot resend codes. Auto verification not turned on.")
    went_to = await send_or_pretend(
        call,
        pool,
        client,
        subject,
        purpose=PURPOSE,
        kind=_AGAIN,
        recipient=recipient,
        pretended=ghost_verification_recipient(pool, subject),  # for a user too, since it takes time
        proved=False,
        metadata=metadata,
    )
    await auth_events.happened(call, pool, client, subject, kind=auth_event.RESEND_CODE, context=context)
    return went_to


def _require_room(call: Call) -> None:
    """Limit the sign-ups of a network in a minute, where the operator wants that: an IPv4 address, or the /64 of an IPv6 one.

    Confidential clients are back ends that sign up for their users from one address: they have no limit, unless they are
    trusted to say for whom they ask, or at the pages, where every user comes alone (attacks.md 12).
    """
    address = call.address
    if address and not call.house.sign_ups.passes(client_network(address), now=call.now):
        raise refused(Reason.TOO_MANY_SIGN_UPS)


def _requested_user(call: Call, pool: Pool, client: Client, form: Form) -> users.NewUser:
    """Return the user that a form asks for, if the pool accepts them from this client."""
    pool.schema.require_known(form.attributes)
    require_writable(form.attributes, client.writable, pool.schema)
    requested = users.new_user(call, pool, form.name, form.attributes)
    if form.attributes.get("preferred_username") and "preferred_username" in pool.alias_attributes:
        raise InvalidParameterException("User cannot set preferred_username alias before confirmation")
    pool.schema.accept(requested.submitted)
    _check_password(pool, form.password, requested.submitted)
    return requested


def _check_password(pool: Pool, password: str | None, attributes: Mapping[str, str]) -> None:
    """Refuse a password that the pool does not accept, or a missing one that the pool demands or without any address."""
    if password is not None:
        passwords.check_policy(pool, password)
    elif not passwords.may_be_left_out(pool):
        # UNVERIFIED: the words; SignUp without Password on a pool without passwordless sign-in would settle them.
        raise InvalidParameterException("Password is required for this user pool")
    else:
        users.require_address(attributes)


async def _first_code(
    call: Call, pool: Pool, client: Client, user: User, *, metadata: Mapping[str, str]
) -> Outgoing | None:
    """Return the code and message of a sign-up, None where the pool verifies nothing that the user has."""
    recipient = verification_recipient(pool, user.attributes)
    if recipient is None:
        return None
    attribute, destination = recipient
    return await outgoing(
        call,
        pool,
        client,
        user,
        purpose=PURPOSE,
        kind=PURPOSE,
        attribute=attribute,
        destination=destination,
        metadata=metadata,
    )


def _without_code(pool: Pool, client: Client, subject: Subject) -> codes.Refusal:
    """Return the refusal of a code where none is awaited.

    Where existence is hidden it is the same as for a user who has just signed up and mistyped the code, even after a day
    (userpools.md 7.4).
    """
    pending = not client.hides_existence and subject.user is not None and subject.user.status == UNCONFIRMED
    return codes.Refusal.EXPIRED if pending or not pool.auto_verified else codes.Refusal.MISMATCH


async def _refuse_confirmed(call: Call, pool: Pool, client: Client, subject: Subject, given: str) -> None:
    """Refuse a confirmed user by saying so; where existence is hidden only to a caller who knows the spent code."""
    user = subject.user
    if user is None or user.status == UNCONFIRMED:
        return
    if client.hides_existence and not await codes.was_redeemed(
        call, pool, subject.subject_id, purpose=PURPOSE, given=given
    ):
        return
    raise refused(Reason.NOT_CONFIRMABLE, status=user.status)


async def _confirm(
    tx: Transaction, call: Call, pool: Pool, user_id: str, redeemed: codes.Redeemed, *, force: bool
) -> _Confirmed | codes.Refusal:
    """Confirm the user of a code, and the address that it went to, if that is still the user's (attacks.md 20)."""
    # UNVERIFIED: whether AWS takes a code whose address an administrator has corrected; a SignUp, AdminUpdateUserAttributes
    # and then the code of before would settle it.
    user = await names.fresh(tx, pool, user_id)
    attribute = redeemed.attribute
    if user.attributes.get(attribute) != redeemed.destination:
        return codes.Refusal.EXPIRED
    forced = frozenset({attribute}) if force else frozenset[str]()
    return await _set_confirmed(tx, pool, user, {VERIFIED[attribute]: "true"}, now=call.now, force=forced)


async def _set_confirmed(
    tx: Transaction,
    pool: Pool,
    user: User,
    gained: Mapping[str, str],
    *,
    now: int,
    force: frozenset[str] = frozenset(),
) -> _Confirmed:
    """Confirm a user who was read in the same transaction; an alias in `force` may be taken from its holder."""
    if user.status != UNCONFIRMED:
        raise refused(Reason.NOT_CONFIRMABLE, status=user.status)
    attributes = merged(user.attributes, gained)
    taken = await names.follow(tx, pool, user.sub, before=user.attributes, after=attributes, now=now, force=force)
    return _Confirmed(await status.move(tx, user, to=CONFIRMED, now=now, attributes=attributes), taken)
