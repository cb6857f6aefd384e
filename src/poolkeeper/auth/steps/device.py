"""How does a remembered device prove itself? DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER (userpools.md 3.9).

    the first factor --> DEVICE_SRP_AUTH --> DEVICE_PASSWORD_VERIFIER --> the gate

A device never stands for the first factor: the Session of its challenge seals what was proved, and the block of the
exchange carries that on. Two clients do not send that Session back. pycognito sends none: it begins the device's exchange
with the public value by which it proved the password just before. amazon-cognito-identity-js sends the Session of the
second factor that it gave before. So the Session is kept in a sealed row under either of these: whoever has one of them is
the one who proved what the Session says, and without the device's secret it opens nothing.
"""

import hmac
from dataclasses import replace

import msgspec

from poolkeeper.accounts import devices
from poolkeeper.auth import pause, sealed_session, watching
from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.challenge import Because, Challenge, DeviceAsked
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.steps import srp, srp_exchange
from poolkeeper.crypto import base64url
from poolkeeper.errors import InvalidParameterException, ResourceNotFoundException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.factors import DEVICE
from poolkeeper.model.second_factor import decide
from poolkeeper.store import device_sessions
from poolkeeper.store.db import Transaction

STEP = "DEVICE_SRP_AUTH"
VERIFIER_STEP = "DEVICE_PASSWORD_VERIFIER"
# Where a client that names an unknown device can begin anew: at the start, and when it proves the password.
_BEGINNINGS = frozenset({"", srp.STEP})


async def ask_for_second_factor(proven: Proven) -> Challenge | Proven | None:
    """Ask a remembered device to prove itself where a second factor is due and the pool takes the device for it.

    An unknown device is refused here already, while the client can begin anew without it.
    """
    policy, user = proven.attempt.pool.mfa, proven.user
    if decide(policy, user.mfa, user.attributes, proven.factors) is None:
        return None
    return await _recognise(proven, ask=policy.device_is_second)


async def ask_last(proven: Proven) -> Challenge | Proven | None:
    """Ask a remembered device to prove itself when everything else is proved."""
    return await _recognise(proven, ask=True)


async def begin(sign_in: SignIn) -> Challenge:
    """Answer a device's SRP_A; the Session is spent, and the block of the exchange takes its place.

    Raises ResourceNotFoundException for a device that was forgotten meanwhile.
    """
    proven = pause.require_proven(sign_in)
    attempt, user = proven.attempt, proven.user
    call, pool, device_key = attempt.call, attempt.pool, attempt.require("DEVICE_KEY")
    if device_key != proven.journey.device_key:
        raise refused(Reason.SESSION_OF_ANOTHER_STEP)
    device = await devices.require(call, pool, user.sub, device_key, only_remembered=True)

    facts = srp_exchange.begin(
        proven,
        devices.party(call, pool, user.sub, device),
        public=srp_exchange.client_public(attempt.require("SRP_A")),
        username=user.username,
        device_key=device_key,
    )

    async def body(tx: Transaction) -> None:
        await sealed_session.spend(tx, pool_id=pool.pool_id, spends=proven.spends)

    await call.db.write(body)
    return Challenge(name=VERIFIER_STEP, reason=Because.DEVICE, facts=facts, session=None)


async def answer(sign_in: SignIn) -> Proven:
    """Check a device's proof, and count it if it is wrong (attacks.md 49).

    The block says what was proved before; a block without proofs is a password's. Raises NotAuthorizedException,
    ResourceNotFoundException for a device that is not remembered any more.
    """
    attempt, subject, user = sign_in.attempt, sign_in.subject, sign_in.user
    call, pool = attempt.call, attempt.pool
    exchange_answer = srp_exchange.read(attempt)
    block = exchange_answer.block
    if not block.factors or attempt.require("DEVICE_KEY") != block.user_id_for_srp or user is None:
        raise refused(Reason.DEVICE_OUT_OF_PLACE)
    if not pause.same_person(subject, subject_id=block.subject_id, shown=""):
        raise refused(Reason.DEVICE_OUT_OF_PLACE)
    await sealed_session.require_unspent(call, pool_id=pool.pool_id, nonce=block.nonce)

    proof = await devices.prove(
        call, pool, subject, user, exchange_answer.claim, credential_version=block.credential_version
    )
    begun = replace(sign_in, journey=block.journey, spends=(block.nonce, block.expires_at))
    return watching.answered(begun.carrying(block.factors).proved(proof))


async def session_of(attempt: Attempt) -> str:
    """Return the Session of a device's challenge: the one that was sent, or the one kept under what was sent instead.

    Raises InvalidParameterException where none was sent and none is kept.
    """
    given_session, device_key = attempt.given_session, attempt.require("DEVICE_KEY")
    public = srp_exchange.client_public(attempt.require("SRP_A"))
    if not given_session:
        kept_session = await _kept_session(attempt, device_key, srp_exchange.public_bytes(public))
        if kept_session is None:
            raise InvalidParameterException("Missing required parameter Session")
        return kept_session
    claimed = sealed_session.open_alone(attempt.call, given_session)
    if claimed.step == STEP:
        return given_session
    return await _kept_session(attempt, device_key, claimed.nonce.encode()) or given_session


async def _recognise(proven: Proven, *, ask: bool) -> Challenge | Proven | None:
    """Look up the device that a sign-in names, and ask it to prove itself where it is remembered.

    A device that is not remembered passes without a challenge. Raises ResourceNotFoundException for an unknown one, upon
    which clients forget it and begin anew. It is ignored instead where only an earlier request named it, and where this
    request has spent a code or the like.
    """
    attempt = proven.attempt
    named = attempt.given.get("DEVICE_KEY")
    device_key = named or proven.journey.device_key
    if attempt.pool.devices is None or not device_key or DEVICE in proven.factors:
        return None
    device = await devices.find(attempt.call, attempt.pool, proven.user.sub, device_key)
    if device is None and named and attempt.answered in _BEGINNINGS:
        raise ResourceNotFoundException(devices.UNKNOWN)
    known_key = "" if device is None else device_key
    if known_key != proven.journey.device_key:
        return proven.on(msgspec.structs.replace(proven.journey, device_key=known_key))
    if device is None or not device.remembered or not ask:
        return None
    return await _ask(proven)


async def _ask(proven: Proven) -> Challenge:
    device_key = proven.journey.device_key
    facts = DeviceAsked(device_key=device_key, username=proven.user.username)
    challenge = await pause.ask(proven, step=STEP, reason=Because.DEVICE, facts=facts)
    assert challenge.session is not None
    if (sign := _sign_of_answer(proven.attempt)) is not None:
        await _keep_session(proven.attempt, _kept_id(proven.attempt, device_key, sign), challenge.session)
    return challenge


def _sign_of_answer(attempt: Attempt) -> bytes | None:
    """Return what a client may send to a device's challenge instead of its Session, None where it must send that."""
    if attempt.answered == srp.STEP:
        claimed = attempt.require("PASSWORD_CLAIM_SECRET_BLOCK")
        block = sealed_session.open_srp(attempt.call, claimed, client=attempt.client)
        assert block is not None, "its proof was right"
        return block.client_public
    if attempt.answered and attempt.given_session:
        return sealed_session.open_alone(attempt.call, attempt.given_session).nonce.encode()
    return None


async def _keep_session(attempt: Attempt, kept_id: str, session: str) -> None:
    """Keep the Session of a device's challenge for a client that does not send it back."""
    call, pool_id, user_id = attempt.call, attempt.pool.pool_id, attempt.subject.subject_id
    document = call.house.sealer.seal_column(session.encode(), **_column(pool_id, user_id, kept_id))

    async def body(tx: Transaction) -> None:
        await device_sessions.put(
            tx,
            pool_id=pool_id,
            user_id=user_id,
            kept_id=kept_id,
            document=document,
            expires_at=call.now + attempt.client.challenge_validity,
        )

    await call.db.write(body)


async def _kept_session(attempt: Attempt, device_key: str, sign: bytes) -> str | None:
    call, pool_id, user_id = attempt.call, attempt.pool.pool_id, attempt.subject.subject_id
    kept_id = _kept_id(attempt, device_key, sign)
    row = await device_sessions.find(call.db, pool_id=pool_id, user_id=user_id, kept_id=kept_id)
    if row is None:
        return None
    return call.house.sealer.open_column(row.document, **_column(pool_id, user_id, kept_id)).decode()


def _kept_id(attempt: Attempt, device_key: str, sign: bytes) -> str:
    names = f"device\x00{attempt.client.client_id}\x00{attempt.subject.subject_id}\x00{device_key}\x00"
    return base64url.encode(hmac.digest(attempt.pool.secret, names.encode() + sign, "sha256"))


def _column(pool_id: str, user_id: str, kept_id: str) -> dict[str, str]:
    return {"table": "device_sessions", "key": f"{pool_id}/{user_id}/{kept_id}", "column": "document"}
