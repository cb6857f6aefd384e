"""Which devices does a user have, and how does one come and go? Each has a key from us, and the verifier of its own secret.

Source: userpools.md 3.9, identity-security.md 5.1. A device that is not remembered is tracked all the same: its user
signs in as if it were unknown, and only administrators see it (aws-sdk-android,
AWSMobileClientTest.testRememberDevice, which runs against AWS).
"""

from base64 import b64decode
from collections.abc import Sequence

from poolkeeper.accounts import mfa_guard
from poolkeeper.call import Call
from poolkeeper.clock import DAY
from poolkeeper.crypto import srp
from poolkeeper.defences import lockout
from poolkeeper.errors import (
    DeviceKeyExistsException,
    InvalidParameterException,
    InvalidUserPoolConfigurationException,
    ResourceNotFoundException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer, Subject
from poolkeeper.model.device import Device, DevicePolicy
from poolkeeper.model.factors import DEVICE
from poolkeeper.model.pool import Pool
from poolkeeper.model.proof import Proof
from poolkeeper.model.session import LONGEST_USER_AGENT
from poolkeeper.model.user import User
from poolkeeper.store import devices, used_device_keys
from poolkeeper.store.db import Transaction
from poolkeeper.tokens.verify import require_still

UNKNOWN = "Device does not exist."
# AWS's error message for a key that is not this sign-in's: measured.md 7.
_INVALID_KEY = "Invalid device key given."
_LONGEST_SESSION = 10 * 366 * DAY  # AWS: RefreshTokenValidity
# A number below N takes so many bytes, and one more for its sign.
_LONGEST_VERIFIER, _LONGEST_SALT = srp.GROUP_BYTES + 1, srp.SALT_BYTES + 1


def require_tracking(pool: Pool) -> DevicePolicy:
    """Return the pool's policy for devices.

    Raises InvalidUserPoolConfigurationException where it has none.
    """
    if pool.devices is None:
        # UNVERIFIED: the words; GetDevice in a pool without DeviceConfiguration would settle them.
        raise InvalidUserPoolConfigurationException("Device tracking is not enabled for the user pool.")
    return pool.devices


async def confirm(call: Call, bearer: Bearer, *, device_key: str, name: str, salt: str, verifier: str) -> DevicePolicy:
    """Confirm the device that the bearer's tokens were issued for: remembered at once, or once its user says so.

    `salt` and `verifier` are what the client sent, big-endian bytes in base64. A key is confirmed once: the holder of an
    old token must not bring back a device that its user forgot (attacks.md 49). Raises InvalidParameterException for the
    key of another sign-in or for numbers that no honest client sends, DeviceKeyExistsException for a second time.
    """
    pool, user = bearer.pool, bearer.user
    policy = require_tracking(pool)
    if device_key != bearer.session.device_key:
        raise InvalidParameterException(_INVALID_KEY)
    salt_bytes = _number(salt, longest=_LONGEST_SALT).to_bytes(srp.SALT_BYTES)
    sealed = call.house.sealer.seal_column(
        _verifier(verifier).to_bytes(srp.GROUP_BYTES), **_verifier_column(pool, user.sub, device_key)
    )

    async def body(tx: Transaction) -> bool:
        _require_proof(call, bearer, await require_still(tx, bearer), remembered=True)
        return await _used_up(tx, call, pool, device_key) and await devices.insert(
            tx,
            pool_id=pool.pool_id,
            user_id=user.sub,
            device_key=device_key,
            name=name,
            salt=salt_bytes,
            verifier=sealed,
            remembered=not policy.on_prompt,
            address=call.client_address,
            user_agent=call.user_agent[:LONGEST_USER_AGENT],
            now=call.now,
        )

    if not await call.db.write(body):
        # UNVERIFIED: the words; ConfirmDevice twice against AWS would settle them.
        raise DeviceKeyExistsException("Device key already exists.")
    return policy


async def find(call: Call, pool: Pool, user_id: str, device_key: str) -> Device | None:
    """Return a device of a user, None where there is none of that key."""
    row = await devices.find(call.db, pool_id=pool.pool_id, user_id=user_id, device_key=device_key)
    return None if row is None else _device_of(row)


async def require(call: Call, pool: Pool, user_id: str, device_key: str, *, only_remembered: bool = False) -> Device:
    """Return a device of a user.

    Raises ResourceNotFoundException with the error message upon which clients forget the device.
    """
    device = await find(call, pool, user_id, device_key)
    if device is None or (only_remembered and not device.remembered):
        raise ResourceNotFoundException(UNKNOWN)
    return device


async def page(
    call: Call, pool: Pool, user_id: str, *, after: str, only_remembered: bool, limit: int
) -> Sequence[Device]:
    """Return up to `limit` devices of a user in the order of their keys, from behind `after`."""
    rows = await devices.page(
        call.db, pool_id=pool.pool_id, user_id=user_id, after=after, only_remembered=only_remembered, limit=limit
    )
    return [_device_of(row) for row in rows]


async def set_remembered(
    call: Call, pool: Pool, user_id: str, device_key: str, *, remembered: bool, bearer: Bearer | None = None
) -> None:
    """Set whether a device is remembered; `bearer` is its user by token, None for an administrator.

    Raises ResourceNotFoundException.
    """

    async def body(tx: Transaction) -> int:
        if bearer is not None:
            _require_proof(call, bearer, await require_still(tx, bearer), remembered=remembered)
        row_key = {"pool_id": pool.pool_id, "user_id": user_id, "device_key": device_key}
        return await devices.set_remembered(tx, **row_key, remembered=remembered, now=call.now)

    if await call.db.write(body) != 1:
        raise ResourceNotFoundException(UNKNOWN)


async def forget(call: Call, pool: Pool, user_id: str, device_key: str, *, bearer: Bearer | None = None) -> None:
    """Forget a device: its secret proves nothing any more. Its sessions go on.

    `bearer` is its user by token, None for an administrator. A key is recorded as used up where there was such a device, or
    where the bearer's own sign-in could still confirm it: made-up keys are not recorded. Raises ResourceNotFoundException.
    """

    async def body(tx: Transaction) -> int:
        if bearer is not None:
            await require_still(tx, bearer)
        deleted = await devices.delete(tx, pool_id=pool.pool_id, user_id=user_id, device_key=device_key)
        if deleted or (bearer is not None and device_key == bearer.session.device_key):
            await _used_up(tx, call, pool, device_key)
        return deleted

    # UNVERIFIED: whether the refresh tokens of a forgotten device go on; a refresh after ForgetDevice would settle it.
    if await call.db.write(body) != 1:
        raise ResourceNotFoundException(UNKNOWN)


def _require_proof(call: Call, bearer: Bearer, user: User, *, remembered: bool) -> None:
    """Raise NotAuthorizedException as mfa_guard does, where a remembered device would be a second factor."""
    if remembered and bearer.pool.mfa.device_is_second:
        mfa_guard.require_proof_for_factor(call, bearer, user)


async def _used_up(tx: Transaction, call: Call, pool: Pool, device_key: str) -> bool:
    """Record that a device key is used up, for longer than any session has it; False where that was recorded before."""
    ends_at = call.now + _LONGEST_SESSION
    return await used_device_keys.keep(tx, pool_id=pool.pool_id, device_key=device_key, expires_at=ends_at)


async def note_proof(call: Call, pool: Pool, user_id: str, device_key: str) -> None:
    """Record that a device has proved itself just now, if it is still remembered.

    Raises ResourceNotFoundException for one that was forgotten meanwhile.
    """
    noted = await devices.note_proof(
        call.db,
        pool_id=pool.pool_id,
        user_id=user_id,
        device_key=device_key,
        address=call.client_address,
        user_agent=call.user_agent[:LONGEST_USER_AGENT],
        now=call.now,
    )
    if noted != 1:
        raise ResourceNotFoundException(UNKNOWN)


async def prove(
    call: Call, pool: Pool, subject: Subject, user: User, claim: srp.Claim, *, credential_version: int
) -> Proof:
    """Return the proof that a claim comes from a remembered device, and record the time.

    Raises NotAuthorizedException, with the wrong proof counted; ResourceNotFoundException for a device that is not
    remembered any more; TooManyRequestsException when too many wait for the threads that do such work.
    """
    async with lockout.trial(call, pool, subject) as trial:
        device = await require(call, pool, user.sub, claim.user_id, only_remembered=True)
        right = await call.house.heavy.run(call.asker, srp.holds, claim, party(call, pool, user.sub, device))
        if not right or user.credential_version != credential_version:
            await trial.failed()
            raise refused(Reason.WRONG_DEVICE)

    await note_proof(call, pool, user.sub, device.device_key)
    if trial.failures:
        await lockout.clear(call, pool, subject)
    return Proof(user=user, factor=DEVICE)


def party(call: Call, pool: Pool, user_id: str, device: Device) -> srp.Party:
    """Return the server's party of a device's exchange; the pool's device group and the device's key are its names."""
    opened = call.house.sealer.open_column(device.verifier, **_verifier_column(pool, user_id, device.device_key))
    return srp.Party(
        group=pool.device_group_key, name=device.device_key, salt=device.salt, verifier=int.from_bytes(opened)
    )


def _verifier(text: str) -> int:
    """Read a verifier, 0 < v < N: with zero anybody could win the exchange without the secret."""
    value = _number(text, longest=_LONGEST_VERIFIER)
    if not 0 < value < srp.N:
        raise InvalidParameterException("Invalid device secret verifier given.")
    return value


def _number(text: str, *, longest: int) -> int:
    """Read a number in base64. No client of Cognito sends a salt of more than 16 bytes."""
    # UNVERIFIED: the words of each refusal here; ConfirmDevice with a verifier that is no base64 would settle them.
    try:
        decoded = b64decode(text, validate=True)
    except ValueError:
        decoded = b""
    if not 0 < len(decoded) <= longest or (len(decoded) == longest and decoded[0] != 0):
        raise InvalidParameterException("Invalid device secret verifier given.")
    return int.from_bytes(decoded)


def _verifier_column(pool: Pool, user_id: str, device_key: str) -> dict[str, str]:
    return {"table": "devices", "key": f"{pool.pool_id}/{user_id}/{device_key}", "column": "verifier"}


def _device_of(row: devices.DeviceRow) -> Device:
    return Device(
        device_key=row.device_key,
        name=row.name,
        salt=row.salt,
        verifier=row.verifier,
        remembered=bool(row.remembered),
        address=row.address,
        user_agent=row.user_agent,
        created_at=row.created_at,
        updated_at=row.updated_at,
        authenticated_at=row.authenticated_at,
    )
