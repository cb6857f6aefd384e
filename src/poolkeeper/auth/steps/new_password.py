"""What follows a temporary password? NEW_PASSWORD_REQUIRED: the user chooses one, and gives the missing attributes."""

from collections.abc import Mapping
from dataclasses import replace

from poolkeeper.accounts import compromised, links, names, passwords
from poolkeeper.accounts.account_changes import USER, Watch
from poolkeeper.auth import pause, sealed_session
from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.challenge import Because, Challenge, NewPassword
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.standing import require_good_standing
from poolkeeper.errors import InvalidParameterException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import user_by_id
from poolkeeper.model.attributes import VERIFIED, readable, refuse_system, require_writable
from poolkeeper.model.changes import Change, plan
from poolkeeper.model.factors import PASSWORD
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, FORCE_CHANGE_PASSWORD, User
from poolkeeper.store.db import Transaction

STEP = "NEW_PASSWORD_REQUIRED"
_PREFIX = "userAttributes."


async def ask_if_temporary(proven: Proven) -> Challenge | None:
    """Ask for a new password where the one that was proved is temporary (userpools.md 3.4)."""
    user, attempt = proven.user, proven.attempt
    if user.status != FORCE_CHANGE_PASSWORD or PASSWORD not in proven.factors:
        return None
    passwords.require_unexpired(attempt.pool, user, now=attempt.call.now)
    readable_values = {
        name: value for name, value in readable(user.attributes, attempt.client.readable).items() if name != "sub"
    }
    facts = NewPassword(
        missing=tuple(attempt.pool.schema.missing(user.attributes)), held=readable_values, shown=user.username
    )
    return await pause.ask(proven, step=STEP, reason=Because.TEMPORARY_PASSWORD, facts=facts)


async def answer(sign_in: SignIn) -> Proven:
    """Take the new password and the attributes that come with it.

    A password that the policy refuses, or an attribute that may not be written, leaves the Session as it was; so does
    a lock, before the password changes (attacks.md 25).
    """
    proven = pause.require_proven(sign_in)
    attempt, user = proven.attempt, proven.user
    call, pool = attempt.call, attempt.pool
    password = attempt.given.get("NEW_PASSWORD")
    if password is None:
        raise InvalidParameterException("Invalid attributes given, new password should be given with key NEW_PASSWORD")
    if user.status != FORCE_CHANGE_PASSWORD:
        raise refused(Reason.SESSION_NOT_ASKED)
    passwords.require_unexpired(pool, user, now=call.now)

    gained = _attributes_given(attempt, user)
    await links.require_nobodys(call, pool, gained)
    chosen = await passwords.choose(
        call, pool, attempt.client, password, event=compromised.PASSWORD_CHANGE, user_id=user.sub
    )
    credential = await passwords.enrol(call, pool, sub=user.sub, username=user.username, chosen=chosen, after=user)

    watch = Watch(call, pool, user.sub, by=USER)

    async def body(tx: Transaction) -> None:
        await sealed_session.spend(tx, pool_id=pool.pool_id, spends=proven.spends)
        fresh = await names.fresh(tx, pool, user.sub)
        if fresh.credential_version != user.credential_version:
            raise refused(Reason.CREDENTIAL_CHANGED)
        require_good_standing(fresh)
        if not gained.keys().isdisjoint(VERIFIED):
            await watch.saw(tx, fresh, writes=gained)
        await passwords.store(tx, pool, fresh, credential, status=CONFIRMED, now=call.now, gained=gained)

    await call.db.write(body)
    watch.tell()
    return await _with_the_new_one(proven)


def attributes_in(responses: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes in an answer, by name."""
    return {name.removeprefix(_PREFIX): value for name, value in responses.items() if name.startswith(_PREFIX)}


def _attributes_given(attempt: Attempt, user: User) -> dict[str, str]:
    """Return what the attributes in the answer write; afterwards no required attribute may be missing.

    The error messages are AWS's (measured.md 7, 12).
    """
    attributes = attributes_in(attempt.given)
    schema = attempt.pool.schema
    schema.require_known(attributes)
    refuse_system(attributes, marks=True)
    require_writable(attributes, attempt.client.writable, schema)
    schema.check_values(attributes)
    for name, value in attributes.items():
        _require_changeable(attempt.pool, name, held=user.attributes.get(name), value=value)
    names.require_forms(attempt.pool, attributes)
    missing = schema.missing({**user.attributes, **attributes})
    if missing:
        raise InvalidParameterException(f"Invalid attributes given, {missing[0]} is missing")
    return _writes(plan(attempt.pool, user.attributes, attributes))


def _writes(change: Change) -> dict[str, str]:
    """Return what is written at once: unverified addresses too, which elsewhere would wait for their codes."""
    writes = dict(change.writes)
    for attribute, value in change.pending:
        writes |= {attribute: value, VERIFIED[attribute]: "false"}
    return writes


def _require_changeable(pool: Pool, name: str, *, held: str | None, value: str) -> None:
    """Refuse any value for a required attribute that the user has, and another value for a fixed one.

    Fixed are sign-in names, addresses that must be proved first, and what only creation sets. AWS refuses a required
    attribute's own value too.
    """
    fixed = name in pool.username_attributes or name in pool.verified_first
    if held and (name in pool.schema.required or (fixed and held != value)):
        raise refused(Reason.ATTRIBUTE_GIVEN, name=name)
    fills_a_gap = not held and name in pool.schema.required
    if held != value and not fills_a_gap and not pool.schema.attributes[name].mutable:
        # UNVERIFIED: the words for an immutable attribute here; UpdateUserAttributes is reported to answer so.
        raise InvalidParameterException(f"user.{name}: Attribute cannot be updated.\n")


async def _with_the_new_one(proven: Proven) -> Proven:
    """Return the sign-in so far, with the user's new credential; its Session is spent already."""
    user = proven.user
    fresh = await user_by_id(proven.attempt.call, user.pool_id, user.sub)
    if fresh is None:
        raise refused(Reason.SESSION_OF_ANOTHER_USER)
    expected = replace(fresh, credential_version=user.credential_version + 1)
    return replace(proven, subject=replace(proven.subject, user=expected)).spent()
