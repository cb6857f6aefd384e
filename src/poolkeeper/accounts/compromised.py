"""May somebody use a password that is known from breaches? Asked where one is chosen, and where one has just been proved.

A new password waits for the list, the file and, 300 ms at the most, the service of ranges. A sign-in waits for no service: it is
asked behind the answer, and what it says counts at the next sign-in. Nothing is looked at or asked for a password that was wrong.
How each of them is looked through stands in risk/compromised/.
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
# For how long what the service said of a password counts before it is asked again.
_FRESH = 7 * DAY


def compromised_action(pool: Pool, client: Client | None, event: str) -> Action | None:
    """Return what is done about a compromised password; `client` is None where an administrator sets one.

    `event` is a word of the EventFilter. None: nothing is looked at and nothing paid, in a pool without threat protection, and
    for an event that the EventFilter leaves out. NO_ACTION: it is looked at and recorded, and nothing else comes of it, as
    always in a pool that only audits.
    """
    protection = protection_of(pool, client)
    if protection is None:
        return None
    # UNVERIFIED: what a pool in ENFORCED does that has no configuration. AWS says of the full-function mode that it includes
    # automatic reactions to compromised passwords; a SignUp with Password123! in such a pool would settle it.
    chosen = protection.configuration.get("CompromisedCredentialsRiskConfiguration") or {}
    if event not in (chosen.get("EventFilter") or (SIGN_UP, PASSWORD_CHANGE, SIGN_IN)):
        return None
    blocks = chosen.get("Actions", {}).get("EventAction", "BLOCK") == "BLOCK"
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
    """Look whether a new password is known, and leave what came of it in the trace.

    `ask_outside` is False for somebody who may make us ask for anything: a service is asked for whoever has shown something.
    Raises InvalidPasswordException where it is known and that blocks, TooManyRequestsException when too many wait for the threads.
    """
    action = compromised_action(pool, client, event)
    if action is None:
        return
    known = call.house.known_passwords
    finding = await call.house.heavy.run(call.asker, known.look, password)
    if finding is not Finding.COMPROMISED and known.ranges is not None:
        asked = Finding.UNCHECKED
        if ask_outside:
            asked = await known.ranges.ask(digest_of(password), seconds=_PATIENCE_SECONDS)
        finding = together(finding, asked)
    blocks = finding is Finding.COMPROMISED and action == "BLOCK"
    _record(call, pool, user_id, finding, event=event, blocked=blocks)
    if blocks:
        raise InvalidPasswordException(_BLOCKED)


async def at_sign_in(call: Call, pool: Pool, client: Client, proof: Proof, password: str) -> None:
    """Look whether a password that was right just now is known, and leave what came of it in the trace.

    Where that blocks, a confirmed user has to choose another from now on, by a code: all sessions end. Raises
    PasswordResetRequiredException then. Whoever is not confirmed gets in by no password, or chooses another anyway.
    """
    action = compromised_action(pool, client, SIGN_IN)
    if action is None:
        return
    user = proof.user
    try:
        finding = await call.house.heavy.run(call.asker, call.house.known_passwords.look, password)
    except TooManyRequestsException:  # the hash had its turn, and the next sign-in looks again
        finding = Finding.UNCHECKED
    if finding is not Finding.COMPROMISED:
        finding = together(finding, await _said_outside(call, pool, user, password))
    known = finding is Finding.COMPROMISED
    blocks = known and action == "BLOCK" and user.enabled and await _require_reset(call, pool, user)
    _record(call, pool, user.sub, finding, event=SIGN_IN, blocked=blocks)
    if blocks:
        raise refused(Reason.PASSWORD_KNOWN)


async def _said_outside(call: Call, pool: Pool, user: User, password: str) -> Finding:
    """Return what the service said of a password at an earlier sign-in; it is asked for the next one where that is long ago.

    Without a service nothing is read: what one said once counts as long as there is one.
    """
    known, house = call.house.known_passwords, call.house
    if known.ranges is None:
        return Finding.CLEAN
    said = await password_findings.find(call.db, pool_id=pool.pool_id, user_id=user.sub)
    current = said is not None and said.credential_version == user.credential_version
    if said is not None and current and said.compromised:
        return Finding.COMPROMISED
    if said is not None and current and said.asked_at > call.now - _FRESH:
        return Finding.CLEAN

    async def keep(finding: Finding) -> None:
        await _keep(house, user, finding)

    known.ask_behind(f"{pool.pool_id}/{user.sub}/{user.credential_version}", password, keep)
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
    """Make a confirmed user choose another password; False for one who is not, or has another by now."""

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
