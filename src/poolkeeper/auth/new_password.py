"""What follows a temporary password? NEW_PASSWORD_REQUIRED: a password of one's own and the attributes still missing."""

from dataclasses import replace

import msgspec

from poolkeeper.auth import gate, lockout, names, passwords, state
from poolkeeper.auth.attempt import Attempt, Challenge, Outcome
from poolkeeper.auth.passwords import Proven
from poolkeeper.errors import InvalidParameterException, NotAuthorizedException
from poolkeeper.lookup import user_by_id
from poolkeeper.model.attributes import VERIFIED, readable, require_writable
from poolkeeper.model.changes import Change, plan
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, FORCE_CHANGE_PASSWORD, User
from poolkeeper.store.db import Transaction

STEP = "NEW_PASSWORD_REQUIRED"
_PREFIX = "userAttributes."


async def after_password(attempt: Attempt, proven: Proven) -> Outcome:
    """Go on after a right password: a temporary one leads to the challenge, any other to the gate."""
    user = proven.user
    gate.require_good_standing(user)
    if user.status != FORCE_CHANGE_PASSWORD:
        return await gate.admit(attempt.call, attempt.pool, attempt.client, proven)

    passwords.require_unexpired(attempt.pool, user, now=attempt.call.now)
    return await _ask(attempt, proven)


async def answer(attempt: Attempt) -> Outcome:
    """Take the new password and the attributes that come with it, then issue tokens.

    A password that the policy refuses, or an attribute that may not be written, leaves the Session as it was; so does
    a lock, before the password changes (attacks.md 25).
    """
    call, pool, client = attempt.call, attempt.pool, attempt.client
    sealed = state.open_challenge(call, attempt.given_session or "", client=client, step=STEP)
    await state.require_unspent(call, pool_id=pool.pool_id, nonce=sealed.nonce)
    user = attempt.subject.user
    if user is None or user.sub != sealed.subject_id or user.credential_version != sealed.credential_version:
        raise NotAuthorizedException(state.INVALID)
    await lockout.require_unlocked(call, pool, attempt.subject)
    gate.require_good_standing(user)
    if user.status != FORCE_CHANGE_PASSWORD:
        raise NotAuthorizedException(state.INVALID)
    passwords.require_unexpired(pool, user, now=call.now)
    gate.require_second_factor(pool)

    gained = _attributes_given(attempt, user)
    password = attempt.require("NEW_PASSWORD")
    credential = await passwords.enrol(call, pool, sub=user.sub, username=user.username, password=password, after=user)

    async def body(tx: Transaction) -> None:
        await state.spend(tx, pool_id=pool.pool_id, spends=(sealed.nonce, sealed.expires_at))
        await passwords.store(tx, pool, user, credential, status=CONFIRMED, now=call.now, gained=gained, proved=True)

    await call.db.write(body)
    return await gate.admit(call, pool, client, await _proven_anew(attempt, user, sealed))


async def _ask(attempt: Attempt, proven: Proven) -> Challenge:
    """Ask for the new password, with what the user has and what is missing (contract, user pools 3.4)."""
    call, user = attempt.call, proven.user
    challenge = state.ChallengeState(
        pool_id=attempt.pool.pool_id,
        client_id=attempt.client.client_id,
        name=attempt.subject.name,
        subject_id=user.sub,
        step=STEP,
        factors=proven.factors,
        failures=proven.failures,
        credential_version=user.credential_version,
        nonce=call.entropy.token(16),
        expires_at=call.now + attempt.client.challenge_validity,
    )
    if proven.spends is not None:

        async def body(tx: Transaction) -> None:
            await state.spend(tx, pool_id=attempt.pool.pool_id, spends=proven.spends)

        await call.db.write(body)
    missing = [f"{_PREFIX}{name}" for name in attempt.pool.schema.missing(user.attributes)]
    held = {name: value for name, value in readable(user.attributes, attempt.client.readable).items() if name != "sub"}
    return Challenge(
        name=STEP,
        parameters={
            "USER_ID_FOR_SRP": user.username,
            "requiredAttributes": msgspec.json.encode(missing).decode(),
            "userAttributes": msgspec.json.encode(held).decode(),
        },
        session=state.seal_challenge(call, challenge),
    )


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


async def _proven_anew(attempt: Attempt, user: User, sealed: state.ChallengeState) -> Proven:
    """Return the evidence for the gate: the user with the credential that was just set."""
    fresh = await user_by_id(attempt.call, user.pool_id, user.sub)
    if fresh is None:
        raise NotAuthorizedException(state.INVALID)
    expected = replace(fresh, credential_version=user.credential_version + 1)
    memberships = attempt.subject.memberships
    return Proven(user=expected, factors=sealed.factors, memberships=memberships, failures=sealed.failures)
