"""SignUp, ConfirmSignUp, ResendConfirmationCode: becoming a user by one's own hand."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from poolkeeper import triggers
from poolkeeper.auth import codes, names, passwords
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
from poolkeeper.lookup import Subject, require_client, require_client_and_subject, require_pool_and_subject
from poolkeeper.messaging.compose import compose, queue
from poolkeeper.model.attributes import VERIFIED, require_writable
from poolkeeper.model.changes import merged
from poolkeeper.model.client import Client
from poolkeeper.model.message import Message
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, UNCONFIRMED, User
from poolkeeper.operations.cognito_idp import new_users
from poolkeeper.operations.cognito_idp.recipients import ghost_recipient, verification_recipient
from poolkeeper.operations.shapes import attribute_dict, delivery_details, simulated_details
from poolkeeper.store import users
from poolkeeper.store.db import Conflict, Transaction

PURPOSE = "SignUp"
UNKNOWN = "Username/client id combination not found."


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """A fresh code and the message that carries it."""

    code: codes.Code
    message: Message


async def sign_up(call: Call, req: SignUpRequest) -> SignUpResponse:
    """Create an UNCONFIRMED user and send the code that confirms it.

    Triggers, in order: PreSignUp, CustomMessage; PostConfirmation instead if PreSignUp confirmed.
    """
    pool, client = await require_client(call, req.client_id)
    require_secret_hash(client, given=req.secret_hash, username=req.username)
    _require_room(call, client)
    if pool.admin_only_sign_up:
        raise NotAuthorizedException("SignUp is not permitted for this user pool")
    given = attribute_dict(req.user_attributes)
    require_writable(given, client.writable, pool.schema)
    user = new_users.new_user(call, pool, req.username, given)
    if given.get("preferred_username") and "preferred_username" in pool.alias_attributes:
        raise InvalidParameterException("User cannot set preferred_username alias before confirmation")
    pool.schema.accept({name: value for name, value in user.attributes.items() if name != "sub"})
    password = _password(pool, req.password)
    triggers.refuse_configured(pool, "PreSignUp")

    await new_users.refuse_taken(call, pool, user, taken="User already exists")
    outgoing = _outgoing(call, pool, user.username, user.attributes, kind="SignUp")
    credential = await passwords.enrol(call, pool, sub=user.sub, username=user.username, password=password)

    async def create(tx: Transaction) -> None:
        await new_users.insert(tx, call, pool, user, status=UNCONFIRMED, credential=credential)
        if outgoing is not None:
            await codes.issue(tx, pool, user.sub, outgoing.code, now=call.now, unasked=True)
            await queue(call, tx, outgoing.message)

    await call.db.write(create)
    details = None if outgoing is None else delivery_details(outgoing.message, outgoing.code.attribute)
    return SignUpResponse(user_confirmed=False, user_sub=user.sub, code_delivery_details=details)


async def confirm_sign_up(call: Call, req: ConfirmSignUpRequest) -> ConfirmSignUpResponse:
    """Confirm a user by the code that was sent, and the address that it was sent to with it.

    Triggers: PostConfirmation. An alias goes to this user only where the code proved that very address.
    """
    pool, client, subject = await require_client_and_subject(call, req.client_id, req.username)
    require_secret_hash(client, given=req.secret_hash, username=req.username, user=subject.user)
    _require_known(client, subject)
    triggers.refuse_configured(pool, "PostConfirmation")
    await _refuse_confirmed(call, pool, client, subject, req.confirmation_code)
    force = bool(req.force_alias_creation)

    async def confirm(tx: Transaction) -> codes.Redeemed | codes.Refusal:
        redeemed = await codes.redeem(
            tx,
            pool,
            subject.subject_id,
            purpose=PURPOSE,
            given=req.confirmation_code,
            now=call.now,
            without_code=_without_code(pool, subject),
        )
        if isinstance(redeemed, codes.Redeemed):
            await _confirm(tx, call, pool, subject.subject_id, redeemed, force=force)
        return redeemed

    outcome = await call.db.write(confirm)
    if isinstance(outcome, codes.Refusal):
        raise type(outcome.value)(outcome.value.message)
    return ConfirmSignUpResponse()


async def resend_confirmation_code(call: Call, req: ResendConfirmationCodeRequest) -> ResendConfirmationCodeResponse:
    """Send a new code to a user who is not confirmed; the code before it is worth nothing from then on.

    Triggers: CustomMessage.
    """
    pool, client, subject = await require_client_and_subject(call, req.client_id, req.username)
    require_secret_hash(client, given=req.secret_hash, username=req.username, user=subject.user)
    _require_known(client, subject)
    user = subject.user
    if user is not None and user.status != UNCONFIRMED and not client.hides_existence:
        raise InvalidParameterException("User is already confirmed.")
    outgoing = None
    if user is not None and user.status == UNCONFIRMED:
        outgoing = _outgoing(call, pool, user.username, user.attributes, kind="ResendCode")
        if outgoing is None and not client.hides_existence:
            raise InvalidParameterException("Auto verification not turned on.")

    attribute, destination = ghost_recipient(pool, subject)
    code = (
        outgoing.code
        if outgoing
        else codes.new_code(call, purpose=PURPOSE, attribute=attribute, destination=destination)
    )

    async def renew(tx: Transaction) -> None:
        await codes.issue(tx, pool, subject.subject_id, code, now=call.now)
        if outgoing is not None:
            await queue(call, tx, outgoing.message)

    await call.db.write(renew)
    details = (
        simulated_details(destination, attribute)
        if outgoing is None
        else delivery_details(outgoing.message, code.attribute)
    )
    return ResendConfirmationCodeResponse(code_delivery_details=details)


async def admin_confirm_sign_up(call: Call, req: AdminConfirmSignUpRequest) -> AdminConfirmSignUpResponse:
    """Confirm a user without a code; its addresses stay as they are.

    Triggers: PostConfirmation.
    """
    pool, subject = await require_pool_and_subject(call, req.user_pool_id, req.username)
    if subject.user is None:
        raise UserNotFoundException("User does not exist.")
    triggers.refuse_configured(pool, "PostConfirmation")
    user_id = subject.user.sub

    async def confirm(tx: Transaction) -> None:
        await _set_confirmed(tx, pool, await names.fresh(tx, pool, user_id), {}, now=call.now)

    await call.db.write(confirm)
    return AdminConfirmSignUpResponse()


def _require_room(call: Call, client: Client) -> None:
    """Refuse one address too many sign-ups a minute, where the operator set a limit.

    Confidential clients are back ends that sign up for their users from one address: they have none (attacks.md 12).
    """
    if not client.confidential and not call.house.sign_ups.passes(call.client_address, now=call.now):
        raise TooManyRequestsException("Too many requests")


def _password(pool: Pool, given: str | None) -> str:
    if given is None:
        # UNVERIFIED: the words; SignUp without Password on a pool without passwordless sign-in would settle them.
        raise InvalidParameterException("Password is required for this user pool")
    passwords.check_policy(pool, given)
    return given


def _outgoing(call: Call, pool: Pool, username: str, attributes: Mapping[str, str], *, kind: str) -> _Outgoing | None:
    """Return the code and message of a sign-up, None where the pool verifies nothing that the user has."""
    recipient = verification_recipient(pool, attributes)
    if recipient is None:
        return None
    attribute, destination = recipient
    code = codes.new_code(call, purpose=PURPOSE, attribute=attribute, destination=destination)
    message = compose(
        call,
        pool,
        kind=kind,
        attribute=attribute,
        destination=destination,
        username=username,
        code=code.value,
        valid_until=code.expires_at,
    )
    return _Outgoing(code, message)


def _require_known(client: Client, subject: Subject) -> None:
    if subject.user is None and not client.hides_existence:
        raise UserNotFoundException(UNKNOWN)


def _without_code(pool: Pool, subject: Subject) -> codes.Refusal:
    """Return what a code is answered with where none is waited for.

    Nobody, and whoever is confirmed, is answered like somebody who has just signed up and mistyped: contract, user
    pools 7.4.
    """
    pending = subject.user is not None and subject.user.status == UNCONFIRMED
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
) -> None:
    """Confirm whoever held the code, and the address if it is still the one that the code went to."""
    user = await names.fresh(tx, pool, user_id)
    attribute = redeemed.attribute
    proved = user.attributes.get(attribute) == redeemed.destination
    gained = {VERIFIED[attribute]: "true"} if proved else {}
    await _set_confirmed(tx, pool, user, gained, now=call.now, force=frozenset({attribute}) if force else frozenset())


async def _set_confirmed(
    tx: Transaction,
    pool: Pool,
    user: User,
    gained: Mapping[str, str],
    *,
    now: int,
    force: frozenset[str] = frozenset(),
) -> None:
    """Confirm a user that was read in the same transaction; an alias in `force` may be taken from its holder."""
    if user.status != UNCONFIRMED:
        raise NotAuthorizedException(f"User cannot be confirmed. Current status is {user.status}")
    attributes = merged(user.attributes, gained)
    await names.follow(tx, pool, user.sub, before=user.attributes, after=attributes, now=now, force=force)
    changed = await users.set_status(
        tx,
        pool_id=pool.pool_id,
        user_id=user.sub,
        expected=UNCONFIRMED,
        status=CONFIRMED,
        attributes=msgspec.json.encode(attributes).decode(),
        version=user.version,
        now=now,
    )
    if changed != 1:
        raise Conflict
