"""AdminCreateUser, AdminGetUser, AdminDeleteUser: users in an administrator's hands."""

from collections.abc import Mapping

from poolkeeper import triggers
from poolkeeper.auth import names, new_users, passwords
from poolkeeper.aws.generated.cognito_idp import (
    AdminCreateUserRequest,
    AdminCreateUserResponse,
    AdminDeleteUserRequest,
    AdminGetUserRequest,
    AdminGetUserResponse,
)
from poolkeeper.call import Call
from poolkeeper.entropy import Entropy
from poolkeeper.errors import UnsupportedUserStateException, UserNotFoundException
from poolkeeper.lookup import require_pool, require_pool_and_user, user_by_id
from poolkeeper.messaging.compose import queue
from poolkeeper.messaging.invitations import invitations
from poolkeeper.model.attributes import VERIFIED, refuse_system
from poolkeeper.model.message import Message
from poolkeeper.model.password_policy import PasswordPolicy
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, FORCE_CHANGE_PASSWORD, User
from poolkeeper.operations.cognito_idp import mfa
from poolkeeper.operations.shapes import attribute_dict, attribute_list, mfa_options, seconds, user_type
from poolkeeper.store.db import Transaction

_TAKEN = "User account already exists"


async def admin_create_user(call: Call, req: AdminCreateUserRequest) -> AdminCreateUserResponse:
    """Create a user with a temporary password and invite it, unless MessageAction says SUPPRESS.

    Where users can do without a password and none is given, the user is CONFIRMED at once. RESEND renews the temporary
    password of a user that was invited already. Triggers, in order: PreSignUp, CustomMessage.
    """
    if req.message_action == "RESEND":
        return await _resend(call, req)
    pool = await require_pool(call, req.user_pool_id)
    given = attribute_dict(req.user_attributes)
    refuse_system(given)
    names.require_forms(pool, given)
    new = new_users.new_user(call, pool, req.username, given)
    pool.schema.check_values(new.submitted)
    password = _first_password(call, pool, req.temporary_password, new.submitted)
    await _ask_pre_sign_up(call, pool, new, req)
    force = frozenset(VERIFIED) if req.force_alias_creation else frozenset[str]()
    await new_users.refuse_taken(call, pool, new, taken=_TAKEN, force=force)
    user = new.in_pool(pool, status=CONFIRMED if password is None else FORCE_CHANGE_PASSWORD, now=call.now)
    messages = await _invitations(call, pool, user, password, req)
    credential = await passwords.enrol_if_any(call, pool, sub=new.sub, username=new.username, password=password)

    async def create(tx: Transaction) -> list[names.Taken]:
        taken = await new_users.insert(
            tx,
            call,
            pool,
            new,
            status=user.status,
            credential=credential,
            force=force,
            taken=_TAKEN,
        )
        for message in messages:
            await queue(call, tx, message)
        return taken

    names.tell(call, pool, await call.db.write(create))
    return AdminCreateUserResponse(user=user_type(await _require_user(call, pool, user.sub)))


async def admin_get_user(call: Call, req: AdminGetUserRequest) -> AdminGetUserResponse:
    """Return everything about a user, whatever its app clients may read."""
    _, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    return AdminGetUserResponse(
        username=user.username,
        user_attributes=attribute_list(user.attributes),
        user_create_date=seconds(user.created_at),
        user_last_modified_date=seconds(user.updated_at),
        enabled=user.enabled,
        user_status=user.status,
        mfa_options=mfa_options(user.mfa),
        preferred_mfa_setting=user.mfa.preferred,
        user_mfa_setting_list=mfa.setting_list(user.mfa),
    )


async def admin_delete_user(call: Call, req: AdminDeleteUserRequest) -> None:
    """Remove a user with everything that is keyed by its sub; its names are free at once."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)

    async def delete(tx: Transaction) -> bool:
        return await new_users.delete(tx, pool, user.sub)

    if not await call.db.write(delete):
        raise UserNotFoundException("User does not exist.")


async def _resend(call: Call, req: AdminCreateUserRequest) -> AdminCreateUserResponse:
    """Renew the temporary password of an invited user and send it again."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    if user.status != FORCE_CHANGE_PASSWORD:
        raise UnsupportedUserStateException("Resend not possible. User is not in FORCE_CHANGE_PASSWORD state")
    password = _temporary_password(call, pool, req.temporary_password)
    messages = await _invitations(call, pool, user, password, req)
    credential = await passwords.enrol(call, pool, sub=user.sub, username=user.username, password=password)

    async def renew(tx: Transaction) -> None:
        await passwords.store(tx, pool, user, credential, status=FORCE_CHANGE_PASSWORD, now=call.now)
        for message in messages:
            await queue(call, tx, message)

    await call.db.write(renew)
    return AdminCreateUserResponse(user=user_type(await _require_user(call, pool, user.sub)))


async def _ask_pre_sign_up(call: Call, pool: Pool, new: new_users.NewUser, req: AdminCreateUserRequest) -> None:
    """Let PreSignUp refuse the user; what it decides of one who signs up is an administrator's to say here."""
    await triggers.pre_sign_up(
        call,
        pool,
        None,
        source="PreSignUp_AdminCreateUser",
        username=new.username,
        attributes=new.submitted,
        validation_data=None if req.validation_data is None else attribute_dict(req.validation_data),
        metadata=req.client_metadata or {},
    )


async def _invitations(
    call: Call, pool: Pool, user: User, password: str | None, req: AdminCreateUserRequest
) -> list[Message]:
    """Return the invitations that the call asks for."""
    # UNVERIFIED: whether AWS invites a user without a password, whose invitation would have none to tell.
    if req.message_action == "SUPPRESS" or password is None:
        return []
    return await invitations(
        call,
        pool,
        None,
        user,
        password=password,
        mediums=req.desired_delivery_mediums or (),
        metadata=req.client_metadata or {},
    )


def _first_password(call: Call, pool: Pool, given: str | None, attributes: Mapping[str, str]) -> str | None:
    """Return the temporary password of a new user, None where it has none and the pool can do without."""
    if not given and passwords.may_be_left_out(pool):
        new_users.require_address(attributes)
        return None
    return _temporary_password(call, pool, given)


def _temporary_password(call: Call, pool: Pool, given: str | None) -> str:
    if given:
        passwords.check_policy(pool, given)
        return given
    return make_password(call.entropy, pool.password_policy)


def make_password(entropy: Entropy, policy: PasswordPolicy) -> str:
    """Return a random password that satisfies a policy: one character of each class, the rest from all, shuffled."""
    classes = ("abcdefghijkmnopqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "!@#$%^*-_+=")
    characters = [entropy.text(one, 1) for one in classes]
    length = max(policy.minimum_length, 12)
    characters += list(entropy.text("".join(classes), length - len(characters)))
    shuffled = []
    while characters:
        shuffled.append(characters.pop(entropy.below(len(characters))))
    return "".join(shuffled)


async def _require_user(call: Call, pool: Pool, sub: str) -> User:
    user = await user_by_id(call, pool.pool_id, sub)
    if user is None:
        raise UserNotFoundException("User does not exist.")
    return user
