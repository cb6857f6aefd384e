"""May a user have a password that is known from breaches? Checked where they choose one, and where they have proved one.

A new password is checked against the list, the file and, for at most 300 ms, the service of ranges. A sign-in waits for no
service: the service is asked after the answer, and its result counts at the next sign-in. A wrong password is never checked.
risk/compromised/ searches the list, the file and the service.
"""

from typing import Literal

from poolkeeper import events
from poolkeeper.accounts import names, status
from poolkeeper.call import Call, House
from poolkeeper.clock import DAY
from poolkeeper.errors import InvalidPasswordException, TooManyRequestsException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.client import Client
from poolkeeper.model.event import Kind
from poolkeeper.model.finding import Finding, together
from poolkeeper.model.pool import Pool
from poolkeeper.model.proof import Proof
from poolkeeper.model.protection import ENFORCED, mode_of, protection_of
from poolkeeper.model.user import CONFIRMED, RESET_REQUIRED, User
from poolkeeper.risk.compromised.known_passwords import digest_of
from poolkeeper.store import password_findings, sessions
from poolkeeper.store.db import Transaction

Action = Literal["BLOCK", "NO_ACTION"]
# The words of an EventFilter.
SIGN_UP, PASSWORD_CHANGE, SIGN_IN = "SIGN_UP", "PASSWORD_CHANGE", "SIGN_IN"

_BLOCKED = "Provided password cannot be used for security reasons."
_PATIENCE_SECONDS = 0.3
# How long the service's result for a password counts before it is asked again.
_FRESH = 7 * DAY


class CompromisedPassword(InvalidPasswordException):
    """Raised for a new password that is known from breaches, where that blocks."""


def compromised_action(pool: Pool, client: Client | None, event: str) -> Action | None:
    """Return what is done about a compromised password; `client` is None where an administrator sets one.

    `event` is a word of the EventFilter. None: the password is not checked, in a pool without threat protection, and for an
    event that the EventFilter leaves out. NO_ACTION: it is checked and the finding recorded, and nothing else happens, as
    always in a pool that only audits.
    """
    protection = protection_of(pool, client)
    if protection is None:
        return None
    # UNVERIFIED: what a pool in ENFORCED does that has no configuration. AWS says of the full-function mode that it includes
    # automatic reactions to compromised passwords; a SignUp with Password123! in such a pool would settle it.
    configuration = protection.configuration.get("CompromisedCredentialsRiskConfiguration") or {}
    if event not in (configuration.get("EventFilter") or (SIGN_UP, PASSWORD_CHANGE, SIGN_IN)):
        return None
    blocks = configuration.get("Actions", {}).get("EventAction", "BLOCK") == "BLOCK"
    return "BLOCK" if blocks and protection.mode == ENFORCED else "NO_ACTION"


def asks_outside(call: Call, pool: Pool) -> bool:
    """Say whether a service may be asked for a new password of this pool."""
    return call.house.known_passwords.ranges is not None and bool(mode_of(pool))


async def screen(
    call: Call,
    pool: Pool,
    client: Client | None,
    password: str,
    *,
    event: str,
    user_id: str = "",
    ask_outside: bool = True,
) -> None:
    """Check whether a new password is known, and leave the finding in the trace.

    `ask_outside` is False for callers who have proved nothing: strangers must not make us ask the service at will.
    Raises CompromisedPassword where it is known and that blocks, TooManyRequestsException when too many wait for the threads.
    """
    action = compromised_action(pool, client, event)
    if action is None:
        return
    known_passwords = call.house.known_passwords
    finding = await call.house.heavy.run(call.asker, known_passwords.look, password)
    if finding is not Finding.COMPROMISED and known_passwords.ranges is not None:
        outside_finding = Finding.UNCHECKED
        if ask_outside:
            outside_finding = await known_passwords.ranges.ask(digest_of(password), seconds=_PATIENCE_SECONDS)
        finding = together(finding, outside_finding)
    blocks = finding is Finding.COMPROMISED and action == "BLOCK"
    _record(call, pool, user_id, finding, event=event, blocked=blocks)
    if blocks:
        raise CompromisedPassword(_BLOCKED)


async def at_sign_in(call: Call, pool: Pool, client: Client, proof: Proof, password: str) -> None:
    """Check whether a password that was just proved is known, and leave the finding in the trace.

    Where that blocks, a confirmed user must choose another password, by a code, and all their sessions end. Raises
    PasswordResetRequiredException then. A user in another status cannot sign in with it, or must choose another anyway.
    """
    action = compromised_action(pool, client, SIGN_IN)
    if action is None:
        return
    user = proof.user
    try:
        finding = await call.house.heavy.run(call.asker, call.house.known_passwords.look, password)
    except TooManyRequestsException:  # the password is proved already, and the next sign-in checks again
        finding = Finding.UNCHECKED
    if finding is not Finding.COMPROMISED:
        finding = together(finding, await _said_outside(call, pool, user, password))
    compromised = finding is Finding.COMPROMISED
    blocks = compromised and action == "BLOCK" and user.enabled and await _require_reset(call, pool, user)
    _record(call, pool, user.sub, finding, event=SIGN_IN, blocked=blocks)
    if blocks:
        raise refused(Reason.PASSWORD_KNOWN)


async def _said_outside(call: Call, pool: Pool, user: User, password: str) -> Finding:
    """Return the service's finding from an earlier sign-in; where that is old, ask the service for the next sign-in.

    Without a service nothing is read: stored findings count only as long as there is a service.
    """
    known_passwords, house = call.house.known_passwords, call.house
    if known_passwords.ranges is None:
        return Finding.CLEAN
    stored_finding = await password_findings.find(call.db, pool_id=pool.pool_id, user_id=user.sub)
    current = stored_finding is not None and stored_finding.credential_version == user.credential_version
    if stored_finding is not None and current and stored_finding.compromised:
        return Finding.COMPROMISED
    if stored_finding is not None and current and stored_finding.asked_at > call.now - _FRESH:
        return Finding.CLEAN

    async def keep(finding: Finding) -> None:
        await _keep(house, user, finding)

    known_passwords.ask_behind(f"{pool.pool_id}/{user.sub}/{user.credential_version}", password, keep)
    return Finding.UNCHECKED


async def _keep(house: House, user: User, finding: Finding) -> None:
    if finding is not Finding.UNCHECKED:
        await password_findings.keep(
            house.db,
            pool_id=user.pool_id,
            user_id=user.sub,
            credential_version=user.credential_version,
            compromised=finding is Finding.COMPROMISED,
            asked_at=house.clock.now(),
        )


async def _require_reset(call: Call, pool: Pool, user: User) -> bool:
    """Make a confirmed user choose another password; False where they are not confirmed or have changed it meanwhile."""

    async def body(tx: Transaction) -> bool:
        fresh = await names.fresh(tx, pool, user.sub)
        if fresh.status != CONFIRMED or fresh.credential_version != user.credential_version:
            return False
        await status.move(tx, fresh, to=RESET_REQUIRED, now=call.now, outdates_credential=True)
        await sessions.revoke_all(tx, pool_id=pool.pool_id, user_id=user.sub, now=call.now)
        return True

    return await call.db.write(body)


def _record(call: Call, pool: Pool, user_id: str, finding: Finding, *, event: str, blocked: bool) -> None:
    call.trace.finding = finding
    if finding is Finding.COMPROMISED:
        about = {"at": event, "blocked": "yes" if blocked else "no"}
        events.record(call, Kind.COMPROMISED_PASSWORD, pool_id=pool.pool_id, user_id=user_id, **about)
