"""How does an administrator create a user? With a temporary password or without any, and an invitation that says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from poolkeeper import triggers
from poolkeeper.accounts import names, passwords, users
from poolkeeper.call import Call
from poolkeeper.entropy import Entropy
from poolkeeper.errors import InvalidParameterException, UnsupportedUserStateException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import user_by_id
from poolkeeper.messaging.compose import queue
from poolkeeper.messaging.invitations import invitations
from poolkeeper.model.attributes import VERIFIED, refuse_system
from poolkeeper.model.message import Message
from poolkeeper.model.password_policy import PasswordPolicy
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, FORCE_CHANGE_PASSWORD, User
from poolkeeper.store.db import Transaction

_TAKEN = "User account already exists"
_NOT_TEMPORARY = "Resend not possible. User is not in FORCE_CHANGE_PASSWORD state"
_CLASSES = ("abcdefghijkmnopqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "!@#$%^*-_+=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """How to invite a user: `silent` for not at all, `mediums` EMAIL and SMS; without any it is SMS.

    `temporary_password` is the administrator's choice, if any; `metadata` is passed to functions.
    """

    temporary_password: str | None = field(repr=False)
    silent: bool
    mediums: tuple[str, ...]
    metadata: Mapping[str, str]


async def create(
    call: Call,
    pool: Pool,
    username: str,
    attributes: Mapping[str, str],
    invitation: Invitation,
    *,
    takes_aliases: bool,
    validation_data: Mapping[str, str] | None,
    sub: str | None = None,
) -> User:
    """Create a user with a temporary password, invite them, and return them; `sub` is set where the caller chooses it.

    Where users can do without a password and none is given, the user is CONFIRMED at once. A user who `takes_aliases` gets
    verified addresses even where another user signs in by them. Triggers, in order: PreSignUp, CustomMessage. Raises
    InvalidParameterException, InvalidPasswordException, UsernameExistsException, AliasExistsException.
    """
    refuse_system(attributes)
    names.require_forms(pool, attributes)
    new = users.new_user(call, pool, username, attributes, sub=sub)
    pool.schema.check_values(new.submitted)
    _require_reachable(invitation, new.submitted)
    password = _first_password(call, pool, invitation, new.submitted)
    await _ask_pre_sign_up(call, pool, new, invitation, validation_data)
    force = frozenset(VERIFIED) if takes_aliases else frozenset[str]()
    await users.refuse_taken(call, pool, new, taken=_TAKEN, force=force)
    user = new.in_pool(pool, status=CONFIRMED if password is None else FORCE_CHANGE_PASSWORD, now=call.now)
    messages = await _messages(call, pool, user, password, invitation)
    chosen = None if password is None else passwords.temporary(pool, password)
    credential = await passwords.enrol_if_any(call, pool, sub=new.sub, username=new.username, chosen=chosen)

    async def body(tx: Transaction) -> list[names.Taken]:
        taken = await users.insert(
            tx, call, pool, new, status=user.status, credential=credential, force=force, taken=_TAKEN
        )
        await _queue(tx, call, pool, messages)
        return taken

    names.tell(call, pool, await call.db.write(body))
    return await _as_it_is_now(call, user)


async def invite_again(call: Call, pool: Pool, user: User, invitation: Invitation) -> User:
    """Renew the temporary password of a user who was invited already, send it, and return the user.

    Triggers: CustomMessage. Raises UnsupportedUserStateException for a user who has no temporary password, and as `create`.
    """
    if user.status != FORCE_CHANGE_PASSWORD:
        raise UnsupportedUserStateException(_NOT_TEMPORARY)
    _require_reachable(invitation, user.attributes)
    password = _temporary_password(call, pool, invitation)
    messages = await _messages(call, pool, user, password, invitation)
    chosen = passwords.temporary(pool, password)
    credential = await passwords.enrol(call, pool, sub=user.sub, username=user.username, chosen=chosen)

    async def body(tx: Transaction) -> None:
        fresh = await names.fresh(tx, pool, user.sub)
        if fresh.status != FORCE_CHANGE_PASSWORD:
            raise UnsupportedUserStateException(_NOT_TEMPORARY)
        await passwords.store(tx, pool, fresh, credential, status=FORCE_CHANGE_PASSWORD, now=call.now)
        await _queue(tx, call, pool, messages)

    await call.db.write(body)
    return await _as_it_is_now(call, user)


async def _ask_pre_sign_up(
    call: Call, pool: Pool, new: users.NewUser, invitation: Invitation, validation_data: Mapping[str, str] | None
) -> None:
    """Let PreSignUp refuse the user; its other decisions are ignored, since the administrator makes them here."""
    await triggers.pre_sign_up(
        call,
        pool,
        None,
        source="PreSignUp_AdminCreateUser",
        username=new.username,
        attributes=new.submitted,
        validation_data=validation_data,
        metadata=invitation.metadata,
    )


async def _messages(call: Call, pool: Pool, user: User, password: str | None, invitation: Invitation) -> list[Message]:
    """Return the messages of an invitation."""
    # UNVERIFIED: whether AWS invites a user without a password, whose invitation would have none to tell.
    if invitation.silent or password is None:
        return []
    return await invitations(
        call, pool, None, user, password=password, mediums=invitation.mediums, metadata=invitation.metadata
    )


async def _queue(tx: Transaction, call: Call, pool: Pool, messages: list[Message]) -> None:
    for message in messages:
        await queue(call, tx, pool, message)


def _require_reachable(invitation: Invitation, attributes: Mapping[str, str]) -> None:
    """Refuse an invitation by mail or by text message to a user without such an address.

    Text messages are also the default; then an invitation without a number to go to is no error.
    """
    mediums = () if invitation.silent else invitation.mediums
    if "EMAIL" in mediums and not attributes.get("email"):
        raise InvalidParameterException("No email provided but desired delivery medium was Email")
    if set(mediums) == {"SMS"} and not attributes.get("phone_number"):
        # UNVERIFIED: that AWS refuses this too, the words, and whether it does beside an e-mail; one call for a user with
        # an e-mail address alone would settle all three.
        raise InvalidParameterException("No phone number provided but desired delivery medium was SMS")


def _first_password(call: Call, pool: Pool, invitation: Invitation, attributes: Mapping[str, str]) -> str | None:
    """Return the temporary password of a new user, None where it has none and the pool can do without."""
    if not invitation.temporary_password and passwords.may_be_left_out(pool):
        users.require_address(attributes)
        return None
    return _temporary_password(call, pool, invitation)


def _temporary_password(call: Call, pool: Pool, invitation: Invitation) -> str:
    if invitation.temporary_password:
        passwords.check_policy(pool, invitation.temporary_password)
        return invitation.temporary_password
    return _made_up(call.entropy, pool.password_policy)


def _made_up(entropy: Entropy, policy: PasswordPolicy) -> str:
    """Return a random password that satisfies a policy: one character of each class, the rest from all, shuffled."""
    characters = [entropy.text(alphabet, 1) for alphabet in _CLASSES]
    length = max(policy.minimum_length, 12)
    characters += list(entropy.text("".join(_CLASSES), length - len(characters)))
    shuffled = []
    while characters:
        shuffled.append(characters.pop(entropy.below(len(characters))))
    return "".join(shuffled)


async def _as_it_is_now(call: Call, user: User) -> User:
    current = await user_by_id(call, user.pool_id, user.sub)
    if current is None:
        raise refused(Reason.UNKNOWN_USER)
    return current
