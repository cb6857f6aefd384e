"""What follows a temporary password? NEW_PASSWORD_REQUIRED: a password of one's own and the attributes still missing."""

from dataclasses import replace

import msgspec

from poolkeeper.auth import gate, lockout, names, passwords, state, steps
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.errors import InvalidParameterException, NotAuthorizedException
from poolkeeper.lookup import user_by_id
from poolkeeper.model.attributes import VERIFIED, readable, require_writable
from poolkeeper.model.changes import Change, plan
from poolkeeper.model.factors import PASSWORD
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, FORCE_CHANGE_PASSWORD, User
from poolkeeper.store.db import Transaction

STEP = "NEW_PASSWORD_REQUIRED"
_PREFIX = "userAttributes."


async def ask_if_temporary(attempt: Attempt, proven: Proven) -> Challenge | None:
    """Ask for a password of one's own where the one that was proved is temporary (contract, user pools 3.4)."""
    user = proven.user
    if user.status != FORCE_CHANGE_PASSWORD or PASSWORD not in proven.factors:
        return None
    passwords.require_unexpired(attempt.pool, user, now=attempt.call.now)
    missing = [f"{_PREFIX}{name}" for name in attempt.pool.schema.missing(user.attributes)]
    held = {name: value for name, value in readable(user.attributes, attempt.client.readable).items() if name != "sub"}
    return await steps.ask(
        attempt,
        step=STEP,
        parameters={
            "USER_ID_FOR_SRP": user.username,
            "requiredAttributes": msgspec.json.encode(missing).decode(),
            "userAttributes": msgspec.json.encode(held).decode(),
        },
        so_far=proven,
    )


async def answer(attempt: Attempt) -> Proven:
    """Take the new password and the attributes that come with it.

    A password that the policy refuses, or an attribute that may not be written, leaves the Session as it was; so does
    a lock, before the password changes (attacks.md 25).
    """
    call, pool = attempt.call, attempt.pool
    resumed = await steps.resume(attempt, step=STEP)
    user = resumed.subject.user
    if user is None:
        raise NotAuthorizedException(state.INVALID)
    await lockout.require_unlocked(call, pool, resumed.subject)
    gate.require_good_standing(user)
    if user.status != FORCE_CHANGE_PASSWORD:
        raise NotAuthorizedException(state.INVALID)
    passwords.require_unexpired(pool, user, now=call.now)

    gained = _attributes_given(attempt, user)
    password = attempt.require("NEW_PASSWORD")
    credential = await passwords.enrol(call, pool, sub=user.sub, username=user.username, password=password, after=user)

    async def body(tx: Transaction) -> None:
        await state.spend(tx, pool_id=pool.pool_id, spends=resumed.spends)
        await passwords.store(tx, pool, user, credential, status=CONFIRMED, now=call.now, gained=gained, proved=True)

    await call.db.write(body)
    return await _proven_anew(attempt, user, resumed)


def _attributes_given(attempt: Attempt, user: User) -> dict[str, str]:
    """Return what the attributes in the answer write; none that is required stays missing."""
    given = {name.removeprefix(_PREFIX): value for name, value in attempt.given.items() if name.startswith(_PREFIX)}
    schema = attempt.pool.schema
    require_writable(given, attempt.client.writable, schema)
    schema.check_values(given)
    for name, value in given.items():
        _require_changeable(attempt.pool, name, held=user.attributes.get(name), value=value)
    names.require_forms(attempt.pool, given)
    missing = schema.missing({**user.attributes, **given})
    if missing:
        sentences = " \n".join(f"{name}: The attribute is required" for name in missing)
        raise InvalidParameterException(f"Attributes did not conform to the schema: {sentences}")
    return _writes(plan(attempt.pool, user.attributes, given))


def _writes(change: Change) -> dict[str, str]:
    """Return what is written at once: also a first address that would wait for its code elsewhere, not verified."""
    writes = dict(change.writes)
    for attribute, value in change.pending:
        writes |= {attribute: value, VERIFIED[attribute]: "false"}
    return writes


def _require_changeable(pool: Pool, name: str, *, held: str | None, value: str) -> None:
    """Refuse another value for what a user signs in by, must have or must prove first, and any that creation alone sets."""
    fixed = name in pool.username_attributes or name in pool.verified_first
    if held and held != value and (name in pool.schema.required or fixed):
        raise NotAuthorizedException(f"Cannot modify an already provided {name}")
    fills_a_gap = not held and name in pool.schema.required
    if held != value and not fills_a_gap and not pool.schema.attributes[name].mutable:
        # UNVERIFIED: the words here; UpdateUserAttributes is reported to answer so.
        raise InvalidParameterException(f"user.{name}: Attribute cannot be updated.\n")


async def _proven_anew(attempt: Attempt, user: User, resumed: steps.Resumed) -> Proven:
    """Return the evidence so far, of the user with the credential that was just set; the Session is spent already."""
    fresh = await user_by_id(attempt.call, user.pool_id, user.sub)
    if fresh is None:
        raise NotAuthorizedException(state.INVALID)
    expected = replace(fresh, credential_version=user.credential_version + 1)
    return replace(resumed.proven(expected), spends=None)
