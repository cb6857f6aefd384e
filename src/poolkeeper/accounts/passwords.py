"""How is a password set and checked? By one policy at every door, and one hash for every answer."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from poolkeeper.accounts import compromised, imported_passwords, names
from poolkeeper.call import Call
from poolkeeper.clock import DAY
from poolkeeper.crypto import srp
from poolkeeper.defences import lockout
from poolkeeper.errors import (
    InvalidParameterException,
    InvalidPasswordException,
    PasswordHistoryPolicyViolationException,
    TooManyRequestsException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Subject
from poolkeeper.model.changes import merged
from poolkeeper.model.client import Client
from poolkeeper.model.factors import PASSWORD
from poolkeeper.model.password_policy import MAXIMUM_LENGTH
from poolkeeper.model.pool import Pool
from poolkeeper.model.proof import Proof
from poolkeeper.model.user import FORCE_CHANGE_PASSWORD, Credential, User
from poolkeeper.store import browser_sessions, codes, imported_users, password_history, sessions, users
from poolkeeper.store.db import Conflict, Transaction

_PASSWORDLESS = frozenset({"EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """A password that may become a credential. Only `choose`, `temporary` and `held_elsewhere` make one."""

    text: str = field(repr=False)


def check_policy(pool: Pool, password: str) -> None:
    """Raise InvalidPasswordException for a password that the pool does not accept, before any costly work."""
    if len(password) > MAXIMUM_LENGTH:
        # UNVERIFIED: the limits walk answers first wherever the model has a Password; a map of responses has none.
        raise InvalidParameterException("Invalid length for password")
    if password != password.strip():
        # UNVERIFIED: the words; the model's pattern refuses such a password wherever it is a member of its own.
        raise InvalidPasswordException(
            "Password did not conform with policy: Password must not begin or end with a blank"
        )
    pool.password_policy.check(password)


def may_be_left_out(pool: Pool) -> bool:
    """Say whether users of the pool can do without a password (userpools.md 5.4)."""
    return not pool.first_factors.isdisjoint(_PASSWORDLESS)


async def choose(
    call: Call,
    pool: Pool,
    client: Client | None,
    password: str,
    *,
    event: str,
    user_id: str = "",
    ask_outside: bool = True,
) -> Chosen:
    """Return a password that a user may have from now on, by the policy and by what is known from breaches.

    `client` is None where an administrator chooses; `event` is a word of the EventFilter, and `ask_outside` is as in
    `compromised.screen`. Raises InvalidPasswordException.
    """
    check_policy(pool, password)
    await compromised.screen(call, pool, client, password, event=event, user_id=user_id, ask_outside=ask_outside)
    return Chosen(password)


def temporary(pool: Pool, password: str) -> Chosen:
    """Return a password that its user must replace at the first sign-in, by the policy alone."""
    check_policy(pool, password)
    return Chosen(password)


def held_elsewhere(password: str) -> Chosen:
    """Return a password that its user had before migrating; no policy of ours applies to it."""
    return Chosen(password)


async def enrol_if_any(call: Call, pool: Pool, *, sub: str, username: str, chosen: Chosen | None) -> Credential | None:
    """Return the credential of a new user, None for one without a password. Raises as `enrol` does."""
    return None if chosen is None else await enrol(call, pool, sub=sub, username=username, chosen=chosen)


async def enrol(
    call: Call,
    pool: Pool,
    *,
    sub: str,
    username: str,
    chosen: Chosen,
    after: User | None = None,
) -> Credential:
    """Return the credential of a new password: its hash and, unless the pool's `srp` is off, its sealed verifier.

    No password becomes a credential without the whole policy (attacks.md 30): `after` is the user whose former passwords it
    must not repeat. `username` enters the verifier as USER_ID_FOR_SRP, so it never changes. Raises
    PasswordHistoryPolicyViolationException, and TooManyRequestsException when too many wait for the threads that do such work.
    """
    former = [] if after is None else await _former(call, pool, after)
    salts = call.entropy.bytes(16), call.entropy.bytes(srp.SALT_BYTES)
    password_hash, verifier = await call.house.heavy.run(
        call.asker, _derive, call, pool, username, chosen.text, salts, former
    )
    sealed = None if verifier is None else call.house.sealer.seal_column(verifier, **_verifier_column(pool, sub))
    return Credential(
        password_hash=password_hash,
        srp_salt=None if verifier is None else salts[1],
        srp_verifier=sealed,
        set_at=call.now,
    )


async def prove(call: Call, pool: Pool, subject: Subject, password: str, *, kept_out: bool = False) -> Proof:
    """Return the proof that this is the password of `subject`.

    An unknown user, one without a password, and a wrong password each cost one hash and raise NotAuthorizedException
    `Incorrect username or password.` (attacks.md 5, 10); an imported hash costs what its maker chose. While locked it is
    `Password attempts exceeded`, without a hash. A password that is too long is wrong without a hash and without being
    counted (attacks.md 27). A user without a verifier gets one (userpools.md 3.3), and an imported hash is replaced by our
    own. `kept_out` refuses any password, and a right one counts like a wrong one: the count does not show which it was.
    """
    if len(password) > MAXIMUM_LENGTH:
        raise refused(Reason.PASSWORD_TOO_LONG)
    async with lockout.trial(call, pool, subject) as trial:
        user = subject.user
        credential = None if user is None else user.credential
        stored_hash = call.house.hasher.decoy if credential is None else credential.password_hash
        matches = imported_passwords.matches
        right = await call.house.heavy.run(call.asker, matches, call.house.hasher, stored_hash, password)
        if kept_out or not right or user is None or credential is None:
            await trial.failed()
            raise refused(_why(user, kept_out=kept_out, right=right and credential is not None))
    if imported_passwords.awaits_password(user):
        await _take_over(call, pool, user, credential, password)
    elif pool.srp and credential.srp_verifier is None:
        await _keep_verifier(call, pool, user, password)
    return Proof(user=user, factor=PASSWORD, failures=trial.failures)


def _why(user: User | None, *, kept_out: bool, right: bool) -> Reason:
    """Return why a proof failed, for the log; the caller gets the same answer for all."""
    if kept_out:
        return Reason.KEPT_OUT_RIGHT if right else Reason.KEPT_OUT
    if user is None:
        return Reason.NO_SUCH_USER
    return Reason.NO_PASSWORD if user.credential is None else Reason.WRONG_PASSWORD


def party(call: Call, pool: Pool, subject: Subject, *, shown: str) -> srp.Party:
    """Return the server's party of an exchange; for a ghost or a user without a verifier it is made up, always the same.

    `shown` is the name that a ghost shows.
    """
    user = subject.user
    verifier = None if user is None else _open_verifier(call, pool, user)
    if user is not None and verifier is not None and user.credential is not None and user.credential.srp_salt:
        salt = bytes(user.credential.srp_salt)
        return srp.Party(group=pool.srp_name, name=user.username, salt=salt, verifier=verifier)
    seed = hmac.digest(pool.secret, b"srp\x00" + subject.subject_id.encode(), hashlib.sha256)
    made_up = int.from_bytes(hashlib.shake_256(seed).digest(srp.GROUP_BYTES)) % srp.N
    return srp.Party(group=pool.srp_name, name=shown, salt=seed[: srp.SALT_BYTES], verifier=made_up)


async def prove_exchange(
    call: Call,
    pool: Pool,
    subject: Subject,
    secret: srp.Party,
    claim: srp.Claim,
    *,
    credential_version: int,
    kept_out: bool = False,
) -> Proof:
    """Return the proof that `subject` knows the secret of an exchange that began with `credential_version`.

    `kept_out` is as in `prove`. Raises NotAuthorizedException, with the wrong proof counted, and TooManyRequestsException
    when too many wait for the threads that do such work. While a user's hash is an imported one no proof can be right, so
    none is counted: their own application would lock them out.
    """
    async with lockout.trial(call, pool, subject) as trial:
        user = subject.user
        right = await call.house.heavy.run(call.asker, srp.holds, claim, secret)
        right = right and user is not None and user.credential_version == credential_version
        if kept_out or not right or user is None:
            if not kept_out and imported_passwords.awaits_password(user):
                raise refused(Reason.HASH_IMPORTED, detail=imported_passwords.SIGN_IN_ONCE)
            await trial.failed()
            raise refused(_why(user, kept_out=kept_out, right=right))
    return Proof(user=user, factor=PASSWORD, failures=trial.failures)


def require_unexpired(pool: Pool, user: User, *, now: int) -> None:
    """Raise NotAuthorizedException for a temporary password that is older than the policy allows (attacks.md 29)."""
    if user.status != FORCE_CHANGE_PASSWORD or user.credential is None:
        return
    if now > user.credential.set_at + pool.password_policy.temporary_days * DAY:
        raise refused(Reason.PASSWORD_EXPIRED)


async def store(
    tx: Transaction,
    pool: Pool,
    user: User,
    credential: Credential,
    *,
    status: str,
    now: int,
    gained: Mapping[str, str] | None = None,
    but_session: str = "",
) -> None:
    """Store a new credential; the old one's codes go, and all sessions but `but_session` (attacks.md 41, 73).

    `user` must be read in the same transaction: what was read before the new password was hashed may be outdated.
    `gained` are attributes that the user writes together with it. Raises AliasExistsException for a name among them.
    """
    attributes = merged(user.attributes, gained or {})
    await names.follow(tx, pool, user.sub, before=user.attributes, after=attributes, now=now, by_itself=True)
    await _remember(tx, pool, user)
    stored = await users.set_credential(
        tx,
        pool_id=user.pool_id,
        user_id=user.sub,
        status=status,
        attributes=msgspec.json.encode(attributes).decode(),
        password_hash=credential.password_hash,
        srp_salt=credential.srp_salt,
        srp_verifier=credential.srp_verifier,
        version=user.version,
        now=now,
    )
    if stored != 1:
        raise Conflict
    await codes.drop_all(tx, pool_id=user.pool_id, subject_id=user.sub)
    await sessions.revoke_all(tx, pool_id=user.pool_id, user_id=user.sub, now=now, but=but_session)
    if (
        but_session
    ):  # browser sessions end with the version of the credential: the one that this session came from stays
        await browser_sessions.carry_over(tx, pool_id=user.pool_id, user_id=user.sub, token_session_id=but_session)


async def _former(call: Call, pool: Pool, user: User) -> list[str]:
    """Return the hashes that a new password must not match: the present one and former ones, newest first."""
    # UNVERIFIED: whether the present password is one of the PasswordHistorySize; a pool with size 1 would settle it.
    size = pool.password_policy.history
    if size == 0 or user.credential is None:
        return []
    older = await password_history.latest(call.db, pool_id=user.pool_id, user_id=user.sub, limit=size - 1)
    return [user.credential.password_hash, *older]


async def _remember(tx: Transaction, pool: Pool, fresh: User) -> None:
    """Add the present password to the history, where the pool remembers more than the present one."""
    size = pool.password_policy.history
    if size < 2 or fresh.credential is None:
        return
    user_key = {"pool_id": fresh.pool_id, "user_id": fresh.sub}
    version = fresh.credential_version
    await password_history.add(tx, **user_key, version=version, password_hash=fresh.credential.password_hash)
    await password_history.forget(tx, **user_key, up_to=version - size + 1)


def _derive(
    call: Call, pool: Pool, username: str, password: str, salts: tuple[bytes, bytes], former: Sequence[str]
) -> tuple[str, bytes | None]:
    """Do the costly half of `enrol`, in a thread."""
    if any(imported_passwords.matches(call.house.hasher, former_hash, password) for former_hash in former):
        # UNVERIFIED: the words; one reused password against AWS would settle them.
        raise PasswordHistoryPolicyViolationException("Password has previously been used")
    password_hash = call.house.hasher.hash(password, salt=salts[0])
    return password_hash, _verifier(pool, username, password, salts[1]) if pool.srp else None


async def _keep_verifier(call: Call, pool: Pool, user: User, password: str) -> None:
    """Store the verifier of a password that was just proved, unless the password has changed meanwhile.

    Where too many wait for a thread the next sign-in does it.
    """
    salt = call.entropy.bytes(srp.SALT_BYTES)
    try:
        verifier = await call.house.heavy.run(call.asker, _verifier, pool, user.username, password, salt)
    except TooManyRequestsException:
        return
    await users.set_verifier(
        call.db,
        pool_id=user.pool_id,
        user_id=user.sub,
        srp_salt=salt,
        srp_verifier=call.house.sealer.seal_column(verifier, **_verifier_column(pool, user.sub)),
        credential_version=user.credential_version,
    )


async def _take_over(call: Call, pool: Pool, user: User, imported: Credential, password: str) -> None:
    """Store our own hash and a verifier for a password that was just proved against an imported hash.

    Where too many wait for a thread the next sign-in does it.
    """
    try:
        own = await enrol(call, pool, sub=user.sub, username=user.username, chosen=held_elsewhere(password))
    except TooManyRequestsException:
        return
    await imported_users.take_over(
        call.db,
        pool_id=user.pool_id,
        user_id=user.sub,
        imported=imported.password_hash,
        password_hash=own.password_hash,
        srp_salt=own.srp_salt,
        srp_verifier=own.srp_verifier,
        credential_version=user.credential_version,
    )


def _verifier(pool: Pool, username: str, password: str, salt: bytes) -> bytes:
    verifier = srp.verifier(pool_name=pool.srp_name, user_id=username, password=password, salt=salt)
    return verifier.to_bytes(srp.GROUP_BYTES)


def _open_verifier(call: Call, pool: Pool, user: User) -> int | None:
    """Return a user's SRP verifier, None where none is stored."""
    credential = user.credential
    if credential is None or credential.srp_verifier is None:
        return None
    opened = call.house.sealer.open_column(bytes(credential.srp_verifier), **_verifier_column(pool, user.sub))
    return int.from_bytes(opened)


def _verifier_column(pool: Pool, sub: str) -> dict[str, str]:
    return {"table": "users", "key": f"{pool.pool_id}/{sub}", "column": "srp_verifier"}
