"""SignUp, ConfirmSignUp, ResendConfirmationCode: becoming a user by one's own hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from poolkeeper import triggers
from poolkeeper.auth import codes, names, new_users, passwords, sign_up_session, status
from poolkeeper.auth.secret_hash import require_secret_hash
from poolkeeper.aws.generated.cognito_idp import (
    AdminConfirmSignUpRequest,
    AdminConfirmSignUpResponse,
    ConfirmSignUpRequest,
    ConfirmSignUpResponse,
    ResendConfirmationCodeRequest,
    ResendConfirmationCodeResponse,
    SignUpRequest,
    SignUpResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import (
    InvalidParameterException,
    NotAuthorizedException,
    TooManyRequestsException,
    UserNotFoundException,
)
from poolkeeper.lookup import Subject, require_client, require_client_and_subject, require_pool_and_user
from poolkeeper.messaging.compose import require_way
from poolkeeper.model.attributes import VERIFIED, require_writable
from poolkeeper.model.changes import merged
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, UNCONFIRMED, User
from poolkeeper.operations.cognito_idp.outgoing import Outgoing, outgoing, send
from poolkeeper.operations.cognito_idp.recipients import ghost_recipient, require_room, verification_recipient
from poolkeeper.operations.shapes import attribute_dict, delivery_details, simulated_details
from poolkeeper.store.db import Transaction

PURPOSE = "SignUp"
_AGAIN = "ResendCode"
UNKNOWN = "Username/client id combination not found."
_CONFIRMED_NOW = "PostConfirmation_ConfirmSignUp"


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """A user who is confirmed, and whom the aliases that came with it were taken from."""

    user: User
    taken: Sequence[names.Taken]


async def sign_up(call: Call, req: SignUpRequest) -> SignUpResponse:
    """Create an UNCONFIRMED user and send the code that confirms it; without a password where the pool can do without.

    Triggers, in order: PreSignUp, CustomMessage; PostConfirmation instead if PreSignUp confirmed. An alias goes to this
    user where PreSignUp vouches for the address, whoever had it (AWS: Pre sign-up Lambda trigger).
    """
    pool, client = await require_client(call, req.client_id)
    require_secret_hash(client, given=req.secret_hash, username=req.username)
    _require_room(call, client)
    if pool.admin_only_sign_up:
        raise NotAuthorizedException("SignUp is not permitted for this user pool")
    given = attribute_dict(req.user_attributes)
    require_writable(given, client.writable, pool.schema)
    asked = new_users.new_user(call, pool, req.username, given)
    if given.get("preferred_username") and "preferred_username" in pool.alias_attributes:
        raise InvalidParameterException("User cannot set preferred_username alias before confirmation")
    pool.schema.accept(asked.submitted)
    _check_password(pool, req.password, asked.submitted)

    metadata = req.client_metadata or {}
    verdict = await _ask_pre_sign_up(call, pool, client, asked, req)
    new = new_users.vouched_for(pool, asked, verdict.verified)
    await new_users.refuse_taken(call, pool, new, taken=new_users.TAKEN, force=verdict.verified)
    user = new.in_pool(pool, status=CONFIRMED if verdict.confirm else UNCONFIRMED, now=call.now)
    one = None if user.confirmed else await _outgoing(call, pool, client, user, kind=PURPOSE, metadata=metadata)
    credential = await passwords.enrol_if_any(call, pool, sub=new.sub, username=new.username, password=req.password)

    async def create(tx: Transaction) -> list[names.Taken]:
        taken = await new_users.insert(
            tx, call, pool, new, status=user.status, credential=credential, force=verdict.verified
        )
        if one is not None:
            await send(call, tx, pool, new.sub, one, counted=False)
        return taken

    names.tell(call, pool, await call.db.write(create))
    if user.confirmed:
        await triggers.post_confirmation(call, pool, client, source=_CONFIRMED_NOW, user=user, metadata=metadata)
        return SignUpResponse(user_confirmed=True, user_sub=user.sub)
    return SignUpResponse(
        user_confirmed=False,
        user_sub=user.sub,
        code_delivery_details=None if one is None else delivery_details(one.message, one.code.attribute),
        session=sign_up_session.after_sign_up(call, client, user, name=req.username),
    )


async def confirm_sign_up(call: Call, req: ConfirmSignUpRequest) -> ConfirmSignUpResponse:
    """Confirm a user by the code that was sent, and the address that it was sent to with it.

    Triggers: PostConfirmation, after the commit: the user stays confirmed whatever it says. An alias goes to this user
    only where the code proved that very address.
    """
    pool, client, subject = await require_client_and_subject(call, req.client_id, req.username)
    require_secret_hash(client, given=req.secret_hash, username=req.username, subject=subject)
    _require_known(client, subject)
    await _refuse_confirmed(call, pool, client, subject, req.confirmation_code)
    force = bool(req.force_alias_creation)

    async def confirm(tx: Transaction) -> _Confirmed | codes.Refusal:
        redeemed = await codes.redeem(
            tx,
            pool,
            subject.subject_id,
            purpose=PURPOSE,
            given=req.confirmation_code,
            now=call.now,
            without_code=_without_code(pool, client, subject),
        )
        if isinstance(redeemed, codes.Refusal):
            return redeemed
        return await _confirm(tx, call, pool, subject.subject_id, redeemed, force=force)

    outcome = await call.db.write(confirm)
    if isinstance(outcome, codes.Refusal):
        raise type(outcome.value)(outcome.value.message)
    names.tell(call, pool, outcome.taken)
    await triggers.post_confirmation(
        call, pool, client, source=_CONFIRMED_NOW, user=outcome.user, metadata=req.client_metadata or {}
    )
    return ConfirmSignUpResponse(session=sign_up_session.after_confirmation(call, client, subject, req.session))


async def resend_confirmation_code(call: Call, req: ResendConfirmationCodeRequest) -> ResendConfirmationCodeResponse:
    """Send a new code to a user who is not confirmed; the code before it is worth nothing from then on.

    Triggers: CustomMessage.
    """
    pool, client, subject = await require_client_and_subject(call, req.client_id, req.username)
    require_secret_hash(client, given=req.secret_hash, username=req.username, subject=subject)
    _require_known(client, subject)
    user = subject.user
    if user is not None and user.status != UNCONFIRMED and not client.hides_existence:
        raise InvalidParameterException("User is already confirmed.")
    one = None
    if user is not None and user.status == UNCONFIRMED:
        one = await _outgoing(call, pool, client, user, kind=_AGAIN, metadata=req.client_metadata)
        if one is None and not client.hides_existence:
            raise InvalidParameterException("Auto verification not turned on.")

    attribute, destination = ghost_recipient(pool, subject)
    if one is None:
        require_way(call.settings, pool, attribute=attribute, kind=_AGAIN)
    code = codes.new_code(call, purpose=PURPOSE, attribute=attribute, destination=destination)

    async def renew(tx: Transaction) -> None:
        if one is not None:
            await send(call, tx, pool, subject.subject_id, one)
        else:
            await codes.issue(tx, pool, subject.subject_id, code, now=call.now)
            await require_room(tx, call, pool, subject, kind=_AGAIN)

    await call.db.write(renew)
    if one is None:
        return ResendConfirmationCodeResponse(code_delivery_details=simulated_details(destination, attribute))
    return ResendConfirmationCodeResponse(code_delivery_details=delivery_details(one.message, one.code.attribute))


async def admin_confirm_sign_up(call: Call, req: AdminConfirmSignUpRequest) -> AdminConfirmSignUpResponse:
    """Confirm a user without a code; its addresses stay as they are.

    Triggers: PostConfirmation, after the commit.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)

    async def confirm(tx: Transaction) -> _Confirmed:
        return await _set_confirmed(tx, pool, await names.fresh(tx, pool, user.sub), {}, now=call.now)

    confirmed = await call.db.write(confirm)
    await triggers.post_confirmation(
        call, pool, None, source=_CONFIRMED_NOW, user=confirmed.user, metadata=req.client_metadata or {}
    )
    return AdminConfirmSignUpResponse()


def _require_room(call: Call, client: Client) -> None:
    """Refuse one address too many sign-ups a minute, where the operator set a limit.

    Confidential clients are back ends that sign up for their users from one address: they have none (attacks.md 12).
    """
    if not client.confidential and not call.house.sign_ups.passes(call.client_address, now=call.now):
        raise TooManyRequestsException("Too many requests")


def _check_password(pool: Pool, given: str | None, attributes: Mapping[str, str]) -> None:
    """Refuse a password that the pool does not take, and none where it cannot do without or nobody could be reached."""
    if given is not None:
        passwords.check_policy(pool, given)
    elif not passwords.may_be_left_out(pool):
        # UNVERIFIED: the words; SignUp without Password on a pool without passwordless sign-in would settle them.
        raise InvalidParameterException("Password is required for this user pool")
    else:
        new_users.require_address(attributes)


async def _ask_pre_sign_up(
    call: Call, pool: Pool, client: Client, asked: new_users.NewUser, req: SignUpRequest
) -> triggers.SignUpVerdict:
    return await triggers.pre_sign_up(
        call,
        pool,
        client,
        source="PreSignUp_SignUp",
        username=asked.username,
        attributes=asked.submitted,
        validation_data=None if req.validation_data is None else attribute_dict(req.validation_data),
        metadata=req.client_metadata or {},
    )


async def _outgoing(
    call: Call, pool: Pool, client: Client, user: User, *, kind: str, metadata: Mapping[str, str] | None
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
        kind=kind,
        attribute=attribute,
        destination=destination,
        metadata=metadata,
    )


def _require_known(client: Client, subject: Subject) -> None:
    if subject.user is None and not client.hides_existence:
        raise UserNotFoundException(UNKNOWN)


def _without_code(pool: Pool, client: Client, subject: Subject) -> codes.Refusal:
    """Return what a code is answered with where none is waited for.

    Where existence is hidden everybody is answered like somebody who has just signed up and mistyped, whoever lets a day
    go by too (contract, user pools 7.4).
    """
    pending = not client.hides_existence and subject.user is not None and subject.user.status == UNCONFIRMED
    return codes.Refusal.EXPIRED if pending or not pool.auto_verified else codes.Refusal.MISMATCH


async def _refuse_confirmed(call: Call, pool: Pool, client: Client, subject: Subject, given: str) -> None:
    """Say that a user is confirmed already: to anybody, or where existence is hidden to whoever knows the spent code."""
    user = subject.user
    if user is None or user.status == UNCONFIRMED:
        return
    if client.hides_existence and not await codes.was_redeemed(
        call, pool, subject.subject_id, purpose=PURPOSE, given=given
    ):
        return
    raise NotAuthorizedException(f"User cannot be confirmed. Current status is {user.status}")


async def _confirm(
    tx: Transaction, call: Call, pool: Pool, user_id: str, redeemed: codes.Redeemed, *, force: bool
) -> _Confirmed:
    """Confirm whoever held the code, and the address if it is still the one that the code went to."""
    user = await names.fresh(tx, pool, user_id)
    attribute = redeemed.attribute
    proved = user.attributes.get(attribute) == redeemed.destination
    gained = {VERIFIED[attribute]: "true"} if proved else {}
    taken = frozenset({attribute}) if force else frozenset[str]()
    return await _set_confirmed(tx, pool, user, gained, now=call.now, force=taken)


async def _set_confirmed(
    tx: Transaction,
    pool: Pool,
    user: User,
    gained: Mapping[str, str],
    *,
    now: int,
    force: frozenset[str] = frozenset(),
) -> _Confirmed:
    """Confirm a user that was read in the same transaction; an alias in `force` may be taken from its holder."""
    if user.status != UNCONFIRMED:
        raise NotAuthorizedException(f"User cannot be confirmed. Current status is {user.status}")
    attributes = merged(user.attributes, gained)
    taken = await names.follow(tx, pool, user.sub, before=user.attributes, after=attributes, now=now, force=force)
    return _Confirmed(await status.move(tx, user, to=CONFIRMED, now=now, attributes=attributes), taken)
