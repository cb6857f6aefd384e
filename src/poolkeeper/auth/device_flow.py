"""How does a remembered device prove itself? DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER (contract, user pools 3.9).

    the first factor --> DEVICE_SRP_AUTH --> DEVICE_PASSWORD_VERIFIER --> the gate

A device never stands for the first factor: the challenge is asked with what was proved sealed in its Session, and the
block of the exchange carries that on. Two clients do not send that Session back. pycognito sends none: it begins the
device's exchange with the public value by which it proved the password just before. amazon-cognito-identity-js sends the
Session of the second factor that it gave before. So the Session is kept under either, in a sealed row: whoever has the one
or the other is who proved what it says, and without the device's secret it opens nothing.
"""

import hmac
from dataclasses import replace

import msgspec

from poolkeeper.auth import devices, gate, lockout, passwords, srp_exchange, srp_flow, state, steps
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.crypto import base64url
from poolkeeper.errors import InvalidParameterException, NotAuthorizedException, ResourceNotFoundException
from poolkeeper.model.factors import DEVICE
from poolkeeper.model.second_factor import decide
from poolkeeper.store import conversations
from poolkeeper.store.db import Transaction

STEP = "DEVICE_SRP_AUTH"
VERIFIER_STEP = "DEVICE_PASSWORD_VERIFIER"
# Where a client that names a device nobody knows can begin anew: at the start, and when it proves the password.
_BEGINNINGS = frozenset({"", srp_flow.STEP})


async def ask_for_second_factor(attempt: Attempt, proven: Proven) -> Challenge | Proven | None:
    """Ask a remembered device where a second factor is due and the pool takes the device for it.

    A device that is named and unknown is told about here already, while the client can begin anew without it.
    """
    policy, user = attempt.pool.mfa, proven.user
    if decide(policy, user.mfa, user.attributes, proven.factors) is None:
        return None
    return await _recognise(attempt, proven, ask=policy.device_is_second)


async def ask_last(attempt: Attempt, proven: Proven) -> Challenge | Proven | None:
    """Ask a remembered device when everything else is proved."""
    return await _recognise(attempt, proven, ask=True)


async def begin(attempt: Attempt) -> Challenge:
    """Answer a device's SRP_A; the Session is spent, and its place is taken by the block of the exchange.

    Raises ResourceNotFoundException for a device that was forgotten meanwhile.
    """
    call, pool, device_key = attempt.call, attempt.pool, attempt.require("DEVICE_KEY")
    public = srp_exchange.client_public(attempt)
    session = await _session(attempt, device_key, public)
    resumed = await steps.resume(replace(attempt, given_session=session), step=STEP)
    user = resumed.subject.user
    if user is None or device_key != resumed.sealed.journey.device_key:
        raise NotAuthorizedException(state.INVALID)
    lockout.require_unlocked_then(call, resumed.subject)
    gate.require_good_standing(user)
    device = await devices.require(call, pool, user.sub, device_key, only_remembered=True)

    begun = srp_exchange.begin(
        attempt,
        devices.party(call, pool, user.sub, device),
        public=public,
        subject=resumed.subject,
        journey=resumed.sealed.journey,
        factors=resumed.sealed.factors,
    )

    async def body(tx: Transaction) -> None:
        await state.spend(tx, pool_id=pool.pool_id, spends=resumed.spends)

    await call.db.write(body)
    names = {"DEVICE_KEY": device_key, "USERNAME": user.username}
    return Challenge(name=VERIFIER_STEP, parameters={**begun, **names}, session=None)


async def answer(attempt: Attempt) -> Proven:
    """Check a device's proof, and count it if it is wrong (attacks.md 49).

    The block says what was proved before; one in which nothing was is a password's. Raises NotAuthorizedException,
    ResourceNotFoundException for a device that is not remembered any more.
    """
    call, pool, subject = attempt.call, attempt.pool, attempt.subject
    claimed = srp_exchange.claim(attempt)
    block, user = claimed.block, subject.user
    if not block.factors or attempt.require("DEVICE_KEY") != block.user_id_for_srp or user is None:
        raise NotAuthorizedException(passwords.INCORRECT)
    if not steps.same_person(pool, subject, subject_id=block.subject_id, shown=""):
        raise NotAuthorizedException(passwords.INCORRECT)
    await state.require_unspent(call, pool_id=pool.pool_id, nonce=block.nonce)

    async with lockout.trial(call, pool, subject) as trial:
        device = await devices.require(call, pool, user.sub, block.user_id_for_srp, only_remembered=True)
        right = await srp_exchange.is_right(call, devices.party(call, pool, user.sub, device), claimed)
        if not right or user.credential_version != block.credential_version:
            await trial.failed()
            raise NotAuthorizedException(passwords.INCORRECT)

    await devices.note_proof(call, pool, user.sub, device.device_key)
    if trial.failures:
        await lockout.clear(call, pool, subject)
    return Proven(
        user=user,
        factors=(*block.factors, DEVICE),
        memberships=subject.memberships,
        spends=(block.nonce, block.expires_at),
        journey=block.journey,
    )


async def _recognise(attempt: Attempt, proven: Proven, *, ask: bool) -> Challenge | Proven | None:
    """Look up the device that a sign-in names, and ask it where it is remembered.

    One that is not remembered passes without a challenge. Raises ResourceNotFoundException for one that is unknown,
    by which clients forget it and begin anew; where an earlier request named it and this one does not any more, and
    where a code or the like was spent by this request, it is as if none had been named.
    """
    named = attempt.given.get("DEVICE_KEY")
    device_key = named or proven.journey.device_key
    if attempt.pool.devices is None or not device_key or DEVICE in proven.factors:
        return None
    device = await devices.find(attempt.call, attempt.pool, proven.user.sub, device_key)
    if device is None and named and attempt.answered in _BEGINNINGS:
        raise ResourceNotFoundException(devices.UNKNOWN)
    known_key = "" if device is None else device_key
    if known_key != proven.journey.device_key:
        return replace(proven, journey=msgspec.structs.replace(proven.journey, device_key=known_key))
    if device is None or not device.remembered or not ask:
        return None
    return await _ask(attempt, proven)


async def _ask(attempt: Attempt, proven: Proven) -> Challenge:
    names = {"DEVICE_KEY": proven.journey.device_key, "USERNAME": proven.user.username}
    challenge = await steps.ask(attempt, step=STEP, parameters=names, so_far=proven)
    assert challenge.session is not None
    if (sign := _sign_of_answer(attempt)) is not None:
        await _keep_session(attempt, _kept_id(attempt, proven.journey.device_key, sign), challenge.session)
    return challenge


def _sign_of_answer(attempt: Attempt) -> bytes | None:
    """Return by what a client may answer a device's challenge in place of its Session, None where it must send it."""
    if attempt.answered == srp_flow.STEP:
        block = state.open_srp(attempt.call, attempt.require("PASSWORD_CLAIM_SECRET_BLOCK"), client=attempt.client)
        assert block is not None, "its proof was right"
        return block.client_public
    if attempt.answered and attempt.given_session:
        return state.open_alone(attempt.call, attempt.given_session).nonce.encode()
    return None


async def _keep_session(attempt: Attempt, kept_id: str, session: str) -> None:
    """Keep the Session of a device's challenge for a client that does not send it back."""
    call, pool_id = attempt.call, attempt.pool.pool_id
    document = call.house.sealer.seal_column(session.encode(), **_place(pool_id, kept_id))

    async def body(tx: Transaction) -> None:
        await conversations.put(
            tx,
            pool_id=pool_id,
            conversation_id=kept_id,
            subject_id=attempt.subject.subject_id,
            document=document,
            expires_at=call.now + attempt.client.challenge_validity,
        )

    await call.db.write(body)


async def _session(attempt: Attempt, device_key: str, public: int) -> str:
    """Return the Session of a device's challenge: what was sent, or what was kept under what was sent in its place.

    Raises InvalidParameterException where none was sent and none is kept.
    """
    given = attempt.given_session
    if not given:
        kept = await _kept_session(attempt, device_key, srp_exchange.public_bytes(public))
        if kept is None:
            raise InvalidParameterException("Missing required parameter Session")
        return kept
    claimed = state.open_alone(attempt.call, given)
    if claimed.step == STEP:
        return given
    return await _kept_session(attempt, device_key, claimed.nonce.encode()) or given


async def _kept_session(attempt: Attempt, device_key: str, sign: bytes) -> str | None:
    call, pool_id, subject_id = attempt.call, attempt.pool.pool_id, attempt.subject.subject_id
    kept_id = _kept_id(attempt, device_key, sign)
    row = await conversations.find(call.db, pool_id=pool_id, conversation_id=kept_id, subject_id=subject_id)
    return None if row is None else call.house.sealer.open_column(bytes(row[0]), **_place(pool_id, kept_id)).decode()


def _kept_id(attempt: Attempt, device_key: str, sign: bytes) -> str:
    names = f"device\x00{attempt.client.client_id}\x00{attempt.subject.subject_id}\x00{device_key}\x00"
    return base64url.encode(hmac.digest(attempt.pool.secret, names.encode() + sign, "sha256"))


def _place(pool_id: str, kept_id: str) -> dict[str, str]:
    return {"table": "conversations", "key": f"{pool_id}/{kept_id}", "column": "document"}
