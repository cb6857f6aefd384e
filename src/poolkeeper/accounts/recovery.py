"""How does a user recover who lost the password? By a code to an address that was proved, and a new password."""

from collections.abc import Mapping

from poolkeeper import triggers
from poolkeeper.accounts import auth_events, codes, compromised, migration, names, passwords, status
from poolkeeper.accounts.outgoing import outgoing, send, send_or_pretend
from poolkeeper.accounts.recipients import ghost_recovery_recipient, recovery_recipient, require_known
from poolkeeper.call import Call
from poolkeeper.errors import (
    InvalidParameterException,
    ServiceError,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Subject
from poolkeeper.model.account_recovery import recovery_order
from poolkeeper.model.auth_event import FORGOT_PASSWORD, IN_PROGRESS
from poolkeeper.model.client import Client
from poolkeeper.model.client_context import NO_CONTEXT, ClientContext
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, EXTERNAL_PROVIDER, FORCE_CHANGE_PASSWORD, RESET_REQUIRED, User
from poolkeeper.store import sessions
from poolkeeper.store.db import Transaction

PURPOSE = "ForgotPassword"
_CONFIRMED = "PostConfirmation_ConfirmForgotPassword"
# A temporary password is renewed by an administrator; a federated user has none.
_NOT_RESET = frozenset({FORCE_CHANGE_PASSWORD, EXTERNAL_PROVIDER})


async def forgot(
    call: Call,
    pool: Pool,
    client: Client,
    subject: Subject,
    *,
    metadata: Mapping[str, str] | None,
    context: ClientContext = NO_CONTEXT,
) -> tuple[str, str]:
    """Send the code with which a user chooses a new password; the old one works until then.

    Returns (attribute, address) of where the client sees it go. Where existence is hidden, a request for which no code can
    be sent is answered as if one had been: unknown, disabled, without a verified address (userpools.md 7.4).
    Triggers: UserMigration (unknown user), CustomMessage. Raises as `send_or_pretend` does, and the obstacle to a reset
    where the client does not hide it.
    """
    if not recovery_order(pool.document):
        raise refused(Reason.RESET_BY_ADMIN_ONLY)
    if subject.user is None:
        subject = await migration.for_recovery(call, pool, client, subject, metadata=metadata or {})
    went_to = await send_or_pretend(
        call,
        pool,
        client,
        subject,
        purpose=PURPOSE,
        kind=PURPOSE,
        recipient=_recipient(pool, client, subject),
        pretended=ghost_recovery_recipient(pool, subject),  # for a user too, since it takes time
        proved=True,
        metadata=metadata,
    )
    await auth_events.happened(call, pool, client, subject, kind=FORGOT_PASSWORD, outcome=IN_PROGRESS, context=context)
    return went_to


async def confirm(
    call: Call,
    pool: Pool,
    client: Client,
    subject: Subject,
    *,
    code: str,
    password: str,
    metadata: Mapping[str, str],
    context: ClientContext = NO_CONTEXT,
) -> None:
    """Set a new password by the code; all sessions end.

    Triggers: PostConfirmation, after the commit. Raises CodeMismatchException, ExpiredCodeException, and the refusals of
    new passwords.
    """
    async with auth_events.noted(call, pool, client, subject, kind=FORGOT_PASSWORD, context=context):
        await _confirm(call, pool, client, subject, code=code, password=password, metadata=metadata)


async def _confirm(
    call: Call,
    pool: Pool,
    client: Client,
    subject: Subject,
    *,
    code: str,
    password: str,
    metadata: Mapping[str, str],
) -> None:
    """Set the password, in one transaction that spends the code's row (attacks.md 43)."""
    require_known(client, subject)
    passwords.check_policy(pool, password)
    user = subject.user
    name, sub = (user.username, user.sub) if user is not None else (subject.name, subject.subject_id)
    # Only the holder of the code may learn about former passwords; only for them is a service asked.
    looks = pool.password_policy.history != 0 or compromised.asks_outside(call, pool)
    has_code = not looks or await _has_the_code(call, pool, subject, code)
    chosen = await passwords.choose(
        call,
        pool,
        client,
        password,
        event=compromised.PASSWORD_CHANGE,
        user_id=subject.subject_id if user is not None else "",
        ask_outside=has_code,
    )
    credential = await passwords.enrol(
        call, pool, sub=sub, username=name, chosen=chosen, after=user if has_code else None
    )

    async def reset(tx: Transaction) -> User | codes.Refusal:
        redeemed = await codes.redeem(tx, call, pool, subject.subject_id, purpose=PURPOSE, given=code)
        if isinstance(redeemed, codes.Redeemed) and user is not None:
            fresh = await names.fresh(tx, pool, user.sub)
            if not _still_reached(fresh, redeemed):
                return codes.Refusal.EXPIRED
            if has_code and fresh.enabled and fresh.status not in _NOT_RESET:
                await passwords.store(tx, pool, fresh, credential, status=CONFIRMED, now=call.now)
                return await names.fresh(tx, pool, user.sub)
        return redeemed if isinstance(redeemed, codes.Refusal) else codes.Refusal.MISMATCH

    user_after = codes.accepted(await call.db.write(reset))
    await triggers.post_confirmation(call, pool, client, source=_CONFIRMED, user=user_after, metadata=metadata)


async def reset_by_administrator(call: Call, pool: Pool, user: User, *, metadata: Mapping[str, str] | None) -> None:
    """Make a user choose another password before the next sign-in, with the code that is sent now; all sessions end.

    Triggers: CustomMessage. Raises NotAuthorizedException for a user who is disabled or has not chosen a password yet,
    InvalidParameterException where there is no verified address to recover by.
    """
    attribute, destination = _require_resettable(pool, user)
    outgoing_code = await outgoing(
        call,
        pool,
        None,
        user,
        purpose=PURPOSE,
        kind=PURPOSE,
        attribute=attribute,
        destination=destination,
        metadata=metadata,
    )

    async def body(tx: Transaction) -> None:
        fresh = await names.fresh(tx, pool, user.sub)
        _require_resettable(pool, fresh)
        await status.move(tx, fresh, to=RESET_REQUIRED, now=call.now, outdates_credential=True)
        await sessions.revoke_all(tx, pool_id=pool.pool_id, user_id=user.sub, now=call.now)
        await send(call, tx, pool, user.sub, outgoing_code)

    await call.db.write(body)


async def _has_the_code(call: Call, pool: Pool, subject: Subject, given: str) -> bool:
    fitting = await codes.fits(call, pool, subject.subject_id, purpose=PURPOSE, given=given)
    return fitting is not None and subject.user is not None and _still_reached(subject.user, fitting)


def _still_reached(user: User, redeemed: codes.Redeemed) -> bool:
    """Say whether the address that a code went to is still a proved one of the user's (attacks.md 20)."""
    return user.verified(redeemed.attribute) and user.attributes[redeemed.attribute] == redeemed.destination


def _recipient(pool: Pool, client: Client, subject: Subject) -> tuple[str, str] | None:
    """Return where the code goes, None where it goes nowhere and the client hides that.

    Raises the obstacle where the client does not hide who exists.
    """
    recipient = _reachable(pool, subject.user)
    if not isinstance(recipient, ServiceError):
        return recipient
    if not client.hides_existence:
        raise recipient
    return None


def _require_resettable(pool: Pool, user: User) -> tuple[str, str]:
    """Return (attribute, address) by which a user recovers whose password an administrator resets."""
    if user.enabled and user.status not in {CONFIRMED, RESET_REQUIRED}:
        raise refused(Reason.NOT_RESETTABLE)
    recipient = _reachable(pool, user)
    if isinstance(recipient, ServiceError):
        raise recipient
    return recipient


def _reachable(pool: Pool, user: User | None) -> tuple[str, str] | ServiceError:
    """Return (attribute, address) that a user's code goes to, or the obstacle to a reset."""
    if user is None:
        return refused(Reason.UNKNOWN_RECIPIENT)
    if not user.enabled:
        return refused(Reason.USER_DISABLED)
    if user.status in _NOT_RESET:
        return refused(Reason.NOT_RESETTABLE)
    return recovery_recipient(pool, user) or InvalidParameterException(
        "Cannot reset password for the user as there is no registered/verified email or phone_number"
    )
