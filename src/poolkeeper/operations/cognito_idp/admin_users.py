"""AdminCreateUser, AdminGetUser, AdminDeleteUser: users in an administrator's hands."""

from poolkeeper import triggers
from poolkeeper.auth import names, passwords
from poolkeeper.aws.generated.cognito_idp import (
    AdminCreateUserRequest,
    AdminCreateUserResponse,
    AdminDeleteUserRequest,
    AdminGetUserRequest,
    AdminGetUserResponse,
)
from poolkeeper.call import Call
from poolkeeper.clock import DAY
from poolkeeper.entropy import Entropy
from poolkeeper.errors import UnsupportedUserStateException, UserNotFoundException
from poolkeeper.lookup import require_pool, require_pool_and_user, user_by_id
from poolkeeper.messaging.compose import MEDIUMS, compose, queue
from poolkeeper.model.attributes import refuse_system
from poolkeeper.model.message import Message
from poolkeeper.model.password_policy import PasswordPolicy
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import FORCE_CHANGE_PASSWORD, User
from poolkeeper.operations.cognito_idp import new_users
from poolkeeper.operations.shapes import attribute_dict, attribute_list, seconds, user_type
from poolkeeper.store.db import Transaction

_KIND = "AdminCreateUser"
_ATTRIBUTES = {medium: attribute for attribute, medium in MEDIUMS.items()}


async def admin_create_user(call: Call, req: AdminCreateUserRequest) -> AdminCreateUserResponse:
    """Create a user with a temporary password and invite it, unless MessageAction says SUPPRESS.

    RESEND renews the temporary password of a user that was invited already. Triggers, in order: PreSignUp,
    CustomMessage.
    """
    if req.message_action == "RESEND":
        return await _resend(call, req)
    pool = await require_pool(call, req.user_pool_id)
    given = attribute_dict(req.user_attributes)
    refuse_system(given)
    names.require_forms(pool, given)
    user = new_users.new_user(call, pool, req.username, given)
    pool.schema.check_values({name: value for name, value in user.attributes.items() if name != "sub"})
    password = _temporary_password(call, pool, req.temporary_password)
    triggers.refuse_configured(pool, "PreSignUp")
    force = bool(req.force_alias_creation)
    await new_users.refuse_taken(call, pool, user, taken=_TAKEN, force_alias=force)
    messages = [] if req.message_action == "SUPPRESS" else _invitations(call, pool, user, password, req)
    credential = await passwords.enrol(call, pool, sub=user.sub, username=user.username, password=password)

    async def create(tx: Transaction) -> None:
        await new_users.insert(
            tx,
            call,
            pool,
            user,
            status=FORCE_CHANGE_PASSWORD,
            credential=credential,
            force_alias=force,
            taken=_TAKEN,
        )
        for message in messages:
            await queue(call, tx, message)

    await call.db.write(create)
    return AdminCreateUserResponse(user=user_type(await _require_user(call, pool, user.sub)))


_TAKEN = "User account already exists"


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
    invited = new_users.NewUser(sub=user.sub, username=user.username, attributes=user.attributes, claims=())
    messages = _invitations(call, pool, invited, password, req)
    credential = await passwords.enrol(call, pool, sub=user.sub, username=user.username, password=password)

    async def renew(tx: Transaction) -> None:
        await passwords.store(tx, pool, user, credential, status=FORCE_CHANGE_PASSWORD, now=call.now)
        for message in messages:
            await queue(call, tx, message)

    await call.db.write(renew)
    return AdminCreateUserResponse(user=user_type(await _require_user(call, pool, user.sub)))


def _invitations(
    call: Call, pool: Pool, user: new_users.NewUser, password: str, req: AdminCreateUserRequest
) -> list[Message]:
    """Return one invitation for each medium that is wanted and that the user can be reached by; SMS by default."""
    wanted = req.desired_delivery_mediums or ["SMS"]
    return [
        compose(
            call,
            pool,
            kind=_KIND,
            attribute=_ATTRIBUTES[medium],
            destination=user.attributes[_ATTRIBUTES[medium]],
            username=_shown_name(pool, user),
            code=password,
            valid_until=call.now + pool.password_policy.temporary_days * DAY,
        )
        for medium in _ATTRIBUTES
        if medium in wanted and user.attributes.get(_ATTRIBUTES[medium])
    ]


def _shown_name(pool: Pool, user: new_users.NewUser) -> str:
    """Return the name that a person signs in with: the address in pools where that is the name."""
    for attribute in sorted(pool.username_attributes):
        if user.attributes.get(attribute):
            return user.attributes[attribute]
    return user.username


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
