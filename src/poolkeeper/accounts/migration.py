"""How does a user come over from an older directory? UserMigration says who has the name, and the user is made here.

UserMigration is called for an unknown name where a password is given, and where a password was forgotten; never in SRP and
passwordless flows, which bring no password that the other side could check (userpools.md 6.2).
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from poolkeeper import triggers
from poolkeeper.accounts import names, passwords
from poolkeeper.accounts import users as new_users
from poolkeeper.call import Call
from poolkeeper.defences import hourly
from poolkeeper.errors import (
    AliasExistsException,
    InvalidParameterException,
    LimitExceededException,
    ServiceError,
    UsernameExistsException,
    UserNotFoundException,
)
from poolkeeper.lookup import Subject, require_pool_and_subject
from poolkeeper.messaging.compose import queue
from poolkeeper.messaging.invitations import invitations
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.client import Client
from poolkeeper.model.factors import SMS_MFA
from poolkeeper.model.message import Message
from poolkeeper.model.names import fits_username
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import Mfa
from poolkeeper.model.user import CONFIRMED, RESET_REQUIRED, User
from poolkeeper.store import users
from poolkeeper.store.db import Conflict, Transaction
from poolkeeper.triggers import MigratedUser

TRIGGER = "UserMigration"
_ASKED = "ask:UserMigration"
# Replaces the temporary password in the invitation: a migrated user has their own password, which is never mailed.
_OWN_PASSWORD = "********"  # noqa: S105 - asterisks, in the place of one
_MFA = Mfa(enabled=(SMS_MFA,), preferred=SMS_MFA)

_log = logging.getLogger("poolkeeper.migration")


async def for_recovery(
    call: Call, pool: Pool, client: Client, subject: Subject, *, metadata: Mapping[str, str]
) -> Subject:
    """Return the user whom UserMigration knows by the name of a ghost, without a password yet; else the ghost.

    The function is called for a name as often within an hour as a code may be sent to it. Each call is counted before it
    is made, so it counts too where the request fails later because no message can be sent. Beyond that, where existence is
    hidden, the ghost is returned and refused like a user. Raises UserNotFoundException where the function failed and
    LimitExceededException, both where the client does not hide who exists.
    """
    if not pool.triggers.get(TRIGGER):
        return subject
    count_key = {"pool_id": pool.pool_id, "subject_id": subject.subject_id, "purpose": _ASKED}
    try:
        await call.db.write(
            lambda tx: hourly.count_if_room(tx, **count_key, limit=hourly.SENDS, now=call.now, by_name=call)
        )
    except LimitExceededException:
        if not client.hides_existence:
            raise
        return subject
    return await migrate(
        call,
        pool,
        client,
        subject,
        source="UserMigration_ForgotPassword",
        password=None,
        metadata=metadata,
    )


async def migrate(
    call: Call,
    pool: Pool,
    client: Client,
    subject: Subject,
    *,
    source: str,
    password: str | None,
    validation_data: Mapping[str, str] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Subject:
    """Ask UserMigration for the user of a ghost's name and make that user; return the ghost where it knows nobody.

    Raises UserNotFoundException where the function failed and the client does not hide who exists, and
    InvalidLambdaResponseException.
    """
    migrated_user = await triggers.user_migration(
        call,
        pool,
        client,
        source=source,
        username=subject.name,
        password=password,
        validation_data=validation_data or None,
        metadata=metadata or {},
    )
    if migrated_user is None:
        return subject
    try:
        await _make(call, pool, client, subject.name, migrated_user, password)
    except UsernameExistsException:
        pass  # another process was faster, and this one goes on with the user whom that made
    except ServiceError as fault:
        if client.hides_existence:
            # Only the log says so: the caller gets the answer for an unknown name (userpools.md 7.4).
            _log.warning("request %s: %s: %s", call.request_id, TRIGGER, fault.message)
            return subject
        if not isinstance(fault, InvalidParameterException | AliasExistsException):
            raise
        sentence = f"Exception migrating user in app client {client.client_id}"
        raise UserNotFoundException(sentence, detail=f"{TRIGGER}: {fault.message}") from None
    return (await require_pool_and_subject(call, pool.pool_id, subject.name))[1]


async def _make(
    call: Call, pool: Pool, client: Client, typed: str, migrated_user: MigratedUser, password: str | None
) -> None:
    """Write a user with what the older directory knows of them; the password policy does not apply (userpools.md 5.4)."""
    name = typed if pool.username_attributes else migrated_user.username or typed
    if not fits_username(name):
        raise InvalidParameterException("the username is none that a user may have")
    new = new_users.new_user(call, pool, name, migrated_user.attributes)
    pool.schema.check_values(new.submitted)
    names.require_forms(pool, new.submitted)
    if migrated_user.sms_mfa and not new.attributes.get("phone_number"):
        raise InvalidParameterException("enableSMSMFA wants a phone_number among the userAttributes")
    status = CONFIRMED if migrated_user.confirmed and password is not None else RESET_REQUIRED
    user = new.in_pool(pool, status=status, now=call.now)
    messages = await _invitations(call, pool, client, user, migrated_user)
    credential = None
    if password is not None:
        credential = await passwords.enrol(
            call, pool, sub=new.sub, username=new.username, chosen=passwords.held_elsewhere(password)
        )
    force = frozenset(VERIFIED) if migrated_user.force_alias else frozenset[str]()

    async def create(tx: Transaction) -> list[names.Taken]:
        taken = await new_users.insert(tx, call, pool, new, status=status, credential=credential, force=force)
        if migrated_user.sms_mfa:
            await _turn_on_sms(tx, user)
        for message in messages:
            with _left_out(call):
                await queue(call, tx, pool, message)
        return taken

    names.tell(call, pool, await call.db.write(create))


async def _invitations(
    call: Call, pool: Pool, client: Client, user: User, migrated_user: MigratedUser
) -> list[Message]:
    # UNVERIFIED: what stands for the temporary password in AWS's welcome to a migrated user; one migration without
    # messageAction SUPPRESS would settle it.
    if migrated_user.invite:
        with _left_out(call):
            return await invitations(
                call, pool, client, user, password=_OWN_PASSWORD, mediums=migrated_user.mediums, metadata={}
            )
    return []


@contextmanager
def _left_out(call: Call) -> Iterator[None]:
    """Go on without a welcome that cannot be written or sent: migrated users sign in by their own passwords."""
    # UNVERIFIED: whether AWS refuses the migration where its message cannot be sent; a pool without an SMS role would
    # settle it. Refusing would tell a name that the older directory knows from one that it does not.
    try:
        yield
    except ServiceError as fault:
        _log.warning("request %s: %s: no welcome: %s", call.request_id, TRIGGER, fault.message)


async def _turn_on_sms(tx: Transaction, user: User) -> None:
    changed = await users.set_mfa(
        tx, pool_id=user.pool_id, user_id=user.sub, mfa=_MFA.text, version=user.version, now=user.created_at
    )
    if changed != 1:
        raise Conflict
