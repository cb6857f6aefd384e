"""ForgotPassword, ConfirmForgotPassword, ChangePassword, AdminSetUserPassword: how a password becomes another."""

from collections.abc import Mapping

from poolkeeper import triggers
from poolkeeper.auth import codes, hourly, migration, names, passwords
from poolkeeper.auth.secret_hash import require_secret_hash
from poolkeeper.aws.generated.cognito_idp import (
    AdminSetUserPasswordRequest,
    AdminSetUserPasswordResponse,
    ChangePasswordRequest,
    ChangePasswordResponse,
    ConfirmForgotPasswordRequest,
    ConfirmForgotPasswordResponse,
    ForgotPasswordRequest,
    ForgotPasswordResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import (
    InvalidParameterException,
    NotAuthorizedException,
    ServiceError,
    UserNotFoundException,
)
from poolkeeper.lookup import Bearer, Subject, require_client_and_subject, require_pool_and_subject
from poolkeeper.messaging.compose import require_way
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, EXTERNAL_PROVIDER, FORCE_CHANGE_PASSWORD, User
from poolkeeper.operations.cognito_idp.outgoing import Outgoing, outgoing, send
from poolkeeper.operations.cognito_idp.recipients import (
    ghost_recipient,
    recovery_order,
    recovery_recipient,
    require_room,
)
from poolkeeper.operations.cognito_idp.sign_up import UNKNOWN
from poolkeeper.operations.shapes import simulated_details
from poolkeeper.store.db import Transaction

PURPOSE = "ForgotPassword"
_CHANGES = "change:password"
_CONFIRMED = "PostConfirmation_ConfirmForgotPassword"
# A temporary password is renewed by an administrator; a federated user has none.
_NOT_RESET = frozenset({FORCE_CHANGE_PASSWORD, EXTERNAL_PROVIDER})


async def forgot_password(call: Call, req: ForgotPasswordRequest) -> ForgotPasswordResponse:
    """Send the code with which a user chooses a new password; the old one works until then.

    Where existence is hidden, whoever cannot be sent a code is answered as if he had been: unknown, disabled, without a
    verified address (contract, user pools 7.4). Triggers: UserMigration (unknown user), CustomMessage.
    """
    pool, client, subject = await require_client_and_subject(call, req.client_id, req.username)
    require_secret_hash(client, given=req.secret_hash, username=req.username, subject=subject)
    if not recovery_order(pool):
        raise NotAuthorizedException("Contact administrator to reset password.")
    if subject.user is None:
        subject = await migration.for_recovery(call, pool, client, subject, metadata=req.client_metadata or {})
    recipient = _recipient(pool, client, subject)

    user = subject.user
    attribute, destination = recipient or ghost_recipient(pool, subject)
    code = codes.new_code(call, purpose=PURPOSE, attribute=attribute, destination=destination)
    one = None
    if user is None or recipient is None:
        require_way(call.settings, pool, attribute=attribute, kind=PURPOSE)
    else:
        one = await reset_code(call, pool, client, user, recipient, metadata=req.client_metadata)

    async def body(tx: Transaction) -> None:
        if one is not None:
            await send(call, tx, pool, subject.subject_id, one)
        else:
            await codes.issue(tx, pool, subject.subject_id, code, now=call.now)
            await require_room(tx, call, pool, subject, kind=PURPOSE)

    await call.db.write(body)
    return ForgotPasswordResponse(code_delivery_details=simulated_details(destination, attribute))


async def confirm_forgot_password(call: Call, req: ConfirmForgotPasswordRequest) -> ConfirmForgotPasswordResponse:
    """Set a new password on the evidence of the code: one transaction, keyed by the code's row (attacks.md 43).

    All sessions end. Triggers: PostConfirmation, after the commit.
    """
    pool, client, subject = await require_client_and_subject(call, req.client_id, req.username)
    require_secret_hash(client, given=req.secret_hash, username=req.username, subject=subject)
    if subject.user is None and not client.hides_existence:
        raise UserNotFoundException(UNKNOWN)
    passwords.check_policy(pool, req.password)
    user = subject.user
    name, sub = (user.username, user.sub) if user is not None else (subject.name, subject.subject_id)
    # What passwords somebody had before is told to nobody but whoever has the code in hand.
    known = pool.password_policy.history == 0 or await codes.fits(
        call, pool, subject.subject_id, purpose=PURPOSE, given=req.confirmation_code
    )
    credential = await passwords.enrol(
        call, pool, sub=sub, username=name, password=req.password, after=user if known else None
    )

    async def reset(tx: Transaction) -> User | codes.Refusal:
        redeemed = await codes.redeem(
            tx, pool, subject.subject_id, purpose=PURPOSE, given=req.confirmation_code, now=call.now
        )
        if isinstance(redeemed, codes.Redeemed) and known and user is not None and _may_reset(user):
            await passwords.store(tx, pool, user, credential, status=CONFIRMED, now=call.now)
            return await names.fresh(tx, pool, user.sub)
        return redeemed if isinstance(redeemed, codes.Refusal) else codes.Refusal.MISMATCH

    outcome = await call.db.write(reset)
    if isinstance(outcome, codes.Refusal):
        raise type(outcome.value)(outcome.value.message)
    await triggers.post_confirmation(
        call, pool, client, source=_CONFIRMED, user=outcome, metadata=req.client_metadata or {}
    )
    return ConfirmForgotPasswordResponse()


async def change_password(call: Call, req: ChangePasswordRequest, found: Bearer) -> ChangePasswordResponse:
    """Change the bearer's password on the evidence of the one before; all sessions but the caller's end.

    A wrong one counts towards the lockout as at sign-in (attacks.md 31).
    """
    user, pool = found.user, found.pool
    if req.previous_password is None:
        # UNVERIFIED: the words; only users without a password may leave it out.
        raise InvalidParameterException("Missing required parameter PreviousPassword")
    passwords.check_policy(pool, req.proposed_password)
    changes = {"pool_id": pool.pool_id, "subject_id": user.sub, "purpose": _CHANGES}
    await hourly.require_room(call.db, **changes, limit=hourly.PASSWORD_CHANGES, now=call.now)
    subject = Subject(name=user.username, subject_id=user.sub, user=user)
    proven = await passwords.prove(call, pool, subject, req.previous_password)
    credential = await passwords.enrol(
        call, pool, sub=user.sub, username=user.username, password=req.proposed_password, after=proven.user
    )

    async def change(tx: Transaction) -> None:
        await hourly.count_if_room(tx, **changes, limit=hourly.PASSWORD_CHANGES, now=call.now)
        await passwords.store(
            tx,
            pool,
            proven.user,
            credential,
            status=user.status,
            now=call.now,
            but_session=found.session.session_id,
            proved=True,
        )

    await call.db.write(change)
    return ChangePasswordResponse()


async def admin_set_user_password(call: Call, req: AdminSetUserPasswordRequest) -> AdminSetUserPasswordResponse:
    """Set a user's password: for good (CONFIRMED), or until its first use (FORCE_CHANGE_PASSWORD). All sessions end."""
    pool, subject = await require_pool_and_subject(call, req.user_pool_id, req.username)
    if subject.user is None:
        raise UserNotFoundException("User does not exist.")
    user = subject.user
    status = CONFIRMED if req.permanent else FORCE_CHANGE_PASSWORD
    credential = await passwords.enrol(
        call, pool, sub=user.sub, username=user.username, password=req.password, after=user
    )

    async def set_password(tx: Transaction) -> None:
        await passwords.store(tx, pool, user, credential, status=status, now=call.now)

    await call.db.write(set_password)
    return AdminSetUserPasswordResponse()


def _recipient(pool: Pool, client: Client, subject: Subject) -> tuple[str, str] | None:
    """Return where the code goes, None where it goes nowhere and that is to be hidden.

    Raises what a client that does not hide existence is told.
    """
    user = subject.user
    fault = recovery_fault(pool, user)
    if fault is None and user is not None:
        return recovery_recipient(pool, user)
    if not client.hides_existence and fault is not None:
        raise fault
    return None


def recovery_fault(pool: Pool, user: User | None) -> ServiceError | None:
    """Return why a user cannot be sent a code to reset the password with, None where nothing stands against it."""
    if user is None:
        return UserNotFoundException(UNKNOWN)
    if not user.enabled:
        return NotAuthorizedException("User is disabled.")
    if user.status in _NOT_RESET:
        return NotAuthorizedException("User password cannot be reset in the current state.")
    if recovery_recipient(pool, user) is None:
        return InvalidParameterException(
            "Cannot reset password for the user as there is no registered/verified email or phone_number"
        )
    return None


def _may_reset(user: User) -> bool:
    return user.enabled and user.status not in _NOT_RESET


async def reset_code(
    call: Call,
    pool: Pool,
    client: Client | None,
    user: User,
    recipient: tuple[str, str],
    *,
    metadata: Mapping[str, str] | None,
) -> Outgoing:
    """Return the code of a reset and its message, whoever asked for it; `recipient` is (attribute, address).

    Triggers: CustomMessage.
    """
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
