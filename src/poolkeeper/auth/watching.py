"""How risky is a sign-in, and what is done about it? Assessed when it begins, when its network changes, and at the gate.

    begun -----> assessed: NO_ACTION, MFA_IF_CONFIGURED, MFA_REQUIRED, BLOCK; in a pool that only watches always NO_ACTION
    answered --> assessed anew where another network answers; the higher of two levels stays
    at the gate: assessed once more where a remembered device was proved; refused where a demanded factor is missing

BLOCK keeps out whoever proves no more than a stranger could: a remembered device or a passkey gets in, or else anybody could
shut a user out by guessing at their password. Right, wrong and unknown get the same answer, and each counts as a wrong proof.
A federated sign-in is not assessed. Source: identity-security.md 4; AWS: Advanced security with threat protection.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from poolkeeper.accounts import auth_events, event_export
from poolkeeper.accounts.auth_events import Taught
from poolkeeper.auth import noticing
from poolkeeper.auth.attempt import Watched
from poolkeeper.auth.challenge import Challenge, Step
from poolkeeper.auth.noticing import Notice
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.defences import ghosts
from poolkeeper.errors import ServiceError
from poolkeeper.errors.refusals import CLOSED, TOO_RISKY, Reason, refused
from poolkeeper.lookup import Subject
from poolkeeper.messaging.notices import Mail
from poolkeeper.model import factors
from poolkeeper.model.auth_event import (
    BLOCKED,
    FAIL,
    IN_PROGRESS,
    NO_RISK,
    PASS,
    SIGN_IN,
    TAKEOVER,
    Assessment,
    Facts,
    Risk,
)
from poolkeeper.model.pool import Pool
from poolkeeper.model.protection import (
    BLOCK,
    MFA_IF_CONFIGURED,
    MFA_REQUIRED,
    NO_ACTION,
    Action,
    Protection,
    protection_of,
)
from poolkeeper.model.second_factor import ATTRIBUTES, Demand, decide_at_risk, held, two_at_risk
from poolkeeper.risk import profile as profiles
from poolkeeper.risk.judge import Judgement
from poolkeeper.risk.networks import lists_of
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.profile import Profile
from poolkeeper.store.auth_history import EventRow
from poolkeeper.store.db import Transaction

S = TypeVar("S", bound=SignIn)
_RISING = ("", "LOW", "MEDIUM", "HIGH")
_MFA = frozenset({MFA_IF_CONFIGURED, MFA_REQUIRED})
_PASSKEYS = frozenset({factors.PASSKEY, factors.VERIFIED_PASSKEY})
# What a kept-out sign-in may still answer: challenges whose judge reports the block itself, those of a device or passkey, and
# the choice, which proves nothing.
_OPEN_TO_ALL = frozenset(
    {
        *("PASSWORD_VERIFIER", "PASSWORD", "PASSWORD_SRP", "SELECT_CHALLENGE", "WEB_AUTHN"),
        *("DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"),
    }
)
_REFUSED = frozenset({"NotAuthorizedException", "CodeMismatchException", "ExpiredCodeException"})
_FAILED = frozenset({"UserNotConfirmedException", "PasswordResetRequiredException", "UserLambdaValidationException"})
_CODES = frozenset({"EMAIL_OTP", "SMS_OTP"})
_CUSTOM = "CUSTOM_AUTH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What is written with the session of a user who is let in: the event, and what it taught."""

    proven: Proven
    row: EventRow
    taught: Taught
    observation: Observation
    notice: Notice | None

    async def write(self, tx: Transaction) -> None:
        """Write both, in the transaction that opens the session."""
        attempt, user = self.proven.attempt, self.proven.user
        await auth_events.put_taught(tx, attempt.call, attempt.pool, user, self.row, self.taught)
        if self.notice is not None:
            await noticing.tell(tx, self.proven, self.notice)

    def tell(self) -> None:
        """Count the sign-in in the population, and send it to the pool's log, once the session is open."""
        attempt = self.proven.attempt
        event_export.tell(attempt.call, attempt.pool, self.proven.subject, self.row)
        watch, address = attempt.call.house.watch, self.observation.address
        watch.population.note(self.observation, watch.places.find(address) if address else None)


async def begun(sign_in: SignIn, run: Step) -> tuple[SignIn, Challenge | Proven]:
    """Assess a sign-in and run its first step; return the assessed sign-in and the step's result.

    Raises as `run` does, and NotAuthorizedException where the sign-in is kept out.
    """
    sign_in = _assessed(sign_in)
    return sign_in, await attempted(sign_in, run)


def answered(sign_in: S) -> S:
    """Return a sign-in that is taken up again, assessed anew where the answer comes from another network."""
    before = sign_in.journey.assessed
    if before is None or before.network == sign_in.attempt.call.network:
        return sign_in
    return _assessed(sign_in)


async def attempted(sign_in: SignIn, run: Step) -> Challenge | Proven:
    """Run a step of an assessed sign-in, and record a refusal."""
    if sign_in.journey.assessed is None:
        return await run(sign_in)
    try:
        _require_open(sign_in)
        return await run(sign_in)
    except ServiceError as fault:
        await note_refused(sign_in, fault)
        raise


def keeps_out(sign_in: SignIn) -> bool:
    """Say whether a password alone is kept out; a sign-in that names a remembered device must prove that later."""
    assessed = sign_in.journey.assessed
    if assessed is None or assessed.action != BLOCK:
        return False
    return assessed.listed or not sign_in.subject.bucket


def demand(proven: Proven) -> Demand | None:
    """Return the second factor that a risky sign-in must prove, None where nothing is missing or the user has none.

    A named remembered device is asked first: after its proof less may be demanded.
    """
    assessed = proven.journey.assessed
    if assessed is None or assessed.action not in _MFA:
        return None
    if proven.journey.device_key and proven.subject.bucket and factors.DEVICE not in proven.factors:
        return None
    return _missing(proven)


def _missing(proven: Proven) -> Demand | None:
    pool, user = proven.attempt.pool, proven.user
    return decide_at_risk(pool.mfa, user.mfa, user.attributes, proven.factors)


async def ask_again(proven: Proven) -> Proven | None:
    """Assess a risky sign-in once more when it has proved a remembered device; None where that changes nothing."""
    assessed, watched = proven.journey.assessed, proven.attempt.watched
    if assessed is None or assessed.action == NO_ACTION or factors.DEVICE not in proven.factors:
        return None
    if watched is not None and watched.observation.known_device:
        return None
    return _assessed(proven)


def settled(proven: Proven) -> Proven:
    """Return a sign-in at the gate, assessed however it began; refuse it where it lacks what its risk demands.

    Raises NotAuthorizedException.
    """
    if factors.FEDERATED in proven.factors or protection_of(proven.attempt.pool, proven.attempt.client) is None:
        return proven
    if proven.journey.assessed is None:  # it began before the pool had threat protection, or not as a sign-in
        proven = _assessed(proven)
    assessed = proven.journey.assessed
    assert assessed is not None, "its pool is watched"
    own = factors.DEVICE in proven.factors or _PASSKEYS.intersection(proven.factors)
    if assessed.action == BLOCK and (assessed.listed or not own):
        raise refused(Reason.KEPT_OUT)
    pool = proven.attempt.pool
    if assessed.action in _MFA and _missing(proven) is not None:  # for a named device that was forgotten since, too
        raise refused(Reason.FACTOR_MISSING)
    if assessed.action == MFA_REQUIRED and not own and not two_at_risk(pool.mfa, proven.factors):
        raise refused(Reason.KEPT_OUT)
    return proven


def lesson(proven: Proven) -> Lesson | None:
    """Return what to write with the session of a user who is let in, None where threat protection is off."""
    assessed = proven.journey.assessed
    if assessed is None:
        return None
    watched = proven.attempt.watched or _seen(proven)
    place = proven.attempt.call.house.watch.places.find(watched.seen.address) if watched.seen.address else None
    two = bool(factors.SECOND.intersection(proven.factors) or _PASSKEYS.intersection(proven.factors))

    def learn(stored: bytes | None) -> bytes:
        return profiles.encode(profiles.learned(profiles.decode(stored), watched.observation, place, proved=two))

    profile = proven.attempt.subject.profile
    taught = Taught(profile=learn(profile), learnt_from=profile, learn=learn)
    row = _row(proven, assessed, outcome=PASS, challenges=_proofs(proven.factors))
    mail = Mail.MFA if assessed.action in _MFA else Mail.NO_ACTION
    notice = Notice(mail=mail, assessed=assessed, seen=watched.seen, theirs=True) if assessed.notify else None
    return Lesson(proven=proven, row=row, taught=taught, observation=watched.observation, notice=notice)


async def note_asked(sign_in: SignIn) -> None:
    """Record that a sign-in goes on with a challenge."""
    assessed = sign_in.journey.assessed
    if assessed is not None:
        await _put(sign_in, _row(sign_in, assessed, outcome=IN_PROGRESS, challenges=_proofs(sign_in.factors)))


async def note_refused(sign_in: SignIn, fault: ServiceError) -> None:
    """Record that a sign-in was refused, and count it for its network and its name where a proof was refused."""
    assessed = sign_in.journey.assessed
    if assessed is None or fault.name not in _REFUSED | _FAILED:
        return
    if fault.reason in CLOSED:
        return  # nothing was tried
    call, pool, of_proof = sign_in.attempt.call, sign_in.attempt.pool, fault.name in _REFUSED
    if of_proof:
        call.house.memory.refusals.note(assessed.network, _name(pool, sign_in.subject), now=call.now)
    kept_out = fault.reason in TOO_RISKY
    failed = [("Mfa" if sign_in.factors else "Password", "Failure")] if of_proof and not kept_out else []
    row = _row(sign_in, assessed, outcome=FAIL, challenges=(*_proofs(sign_in.factors), *failed))
    if not kept_out or not assessed.notify:
        await _put(sign_in, row)
        event_export.tell(call, pool, sign_in.subject, row)
        return
    theirs = isinstance(sign_in, Proven) or fault.reason is Reason.KEPT_OUT_RIGHT
    watched = sign_in.attempt.watched or _seen(sign_in)
    notice = Notice(mail=Mail.BLOCK, assessed=assessed, seen=watched.seen, theirs=theirs)

    async def body(tx: Transaction) -> None:
        await auth_events.put(tx, call, pool, sign_in.subject, row)
        await noticing.tell(tx, sign_in, notice)

    await call.db.write(body)
    event_export.tell(call, pool, sign_in.subject, row)


async def _put(sign_in: SignIn, row: EventRow) -> None:
    call = sign_in.attempt.call
    await auth_events.put(call.db, call, sign_in.attempt.pool, sign_in.subject, row)


def _row(sign_in: SignIn, assessed: Assessment, *, outcome: str, challenges: tuple[tuple[str, str], ...]) -> EventRow:
    watched = sign_in.attempt.watched
    return auth_events.row_of(
        sign_in.attempt.call,
        at=assessed.at,
        event_id=assessed.event_id,
        kind=SIGN_IN,
        outcome=outcome,
        challenges=challenges,
        facts=None if watched is None else watched.facts,
    )


def _proofs(proved: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return what was proved, by the two names that events use."""
    first = [("Password", "Success")] if factors.PASSWORD in proved else []
    return (*first, *([("Mfa", "Success")] if factors.SECOND.intersection(proved) else []))


def _require_open(sign_in: SignIn) -> None:
    """Refuse a kept-out sign-in by anything but password, device or passkey, before anything is sent or tried.

    Raises NotAuthorizedException.
    """
    if not keeps_out(sign_in):
        return
    attempt = sign_in.attempt
    answers_other = attempt.answered not in _OPEN_TO_ALL and bool(attempt.answered)
    chosen = {attempt.given.get("PREFERRED_CHALLENGE"), attempt.given.get("ANSWER")}
    if answers_other or sign_in.journey.flow == _CUSTOM or _CODES.intersection(filter(None, chosen)):
        raise refused(Reason.KEPT_OUT)


def _assessed(sign_in: S) -> S:
    """Return a sign-in with its risk by all that is known now; unchanged where threat protection is off."""
    attempt, before = sign_in.attempt, sign_in.journey.assessed
    call, pool = attempt.call, attempt.pool
    protection = protection_of(pool, attempt.client)
    if protection is None:
        return sign_in
    watched, watch = _seen(sign_in), call.house.watch
    profile, _ = _history(sign_in)
    judgement = watch.judge(watched.observation, profile, watch.population, lists_of(*protection.ranges), watch.places)
    known = watched.observation.known_device
    level = _level(judgement) if known or before is None else max(before.level, _level(judgement), key=_RISING.index)
    action = _action(protection, sign_in, level, listed=judgement.listed)
    assessed = Assessment(
        event_id=call.entropy.uuid() if before is None else before.event_id,
        at=call.now if before is None else before.at,
        network=call.network,
        level=level,
        action=action.event_action,
        notify=action.notify,
        listed=judgement.listed == "blocked",
    )
    # UNVERIFIED: whether AWS says Block of a sign-in that an action kept out too; one such event would settle it.
    risk = Risk(
        decision=BLOCKED if judgement.listed == "blocked" else TAKEOVER if level else NO_RISK,
        level=level,
        score=judgement.score,
        parts=tuple((part.name, part.weight, part.words) for part in judgement.parts),
    )
    watched = replace(watched, facts=Facts(seen=watched.seen, risk=risk))
    journey = msgspec.structs.replace(sign_in.journey, assessed=assessed)
    return replace(sign_in, attempt=replace(attempt, watched=watched), journey=journey)


def _level(judgement: Judgement) -> str:
    name = judgement.level.name
    return "" if judgement.listed or name == "NONE" else name


def _action(protection: Protection, sign_in: SignIn, level: str, *, listed: str) -> Action:
    """Return the action at a level; where a second factor is required and the user has none, the sign-in is kept out."""
    if not protection.enforced_for(sign_in.journey.flow):
        return Action()
    if listed == "blocked":
        return Action(BLOCK)
    action = protection.action_at(level)
    if action.event_action == MFA_REQUIRED and not _has_second_factor(sign_in.attempt.pool, sign_in.subject):
        return Action(BLOCK, notify=action.notify)
    return action


def _has_second_factor(pool: Pool, subject: Subject) -> bool:
    """Say whether a subject could prove a second factor; for a ghost this is a guess, like all that a ghost has."""
    user = subject.user
    if user is not None:
        return bool(held(pool.mfa, user.mfa, user.attributes))
    means = ghosts.means(pool, subject)
    by_message = {"phone_number": means.phone, "email": means.email}
    reachable = any(by_message[attribute] for name, attribute in ATTRIBUTES.items() if name in pool.mfa.methods)
    return pool.mfa.mode != "OFF" and (means.totp or reachable)


def _seen(sign_in: SignIn) -> Watched:
    """Return what a request reveals about a sign-in."""
    attempt = sign_in.attempt
    call, pool, subject = attempt.call, attempt.pool, sign_in.subject
    sight = auth_events.sight(call, pool, attempt.client, subject, attempt.context)
    refusals, network = call.house.memory.refusals, call.network
    failures, names = refusals.of_network(network, now=call.now) if network else (0, 0)
    observation = Observation(
        at_ms=call.now,
        address=sight.seen.address or None,
        user_agent=sight.seen.user_agent,
        device=sight.device,
        time_zone=sight.time_zone,
        account_age_ms=_history(sign_in)[1],
        known_device=factors.DEVICE in sign_in.factors,
        failures=refusals.of_name(_name(pool, subject), now=call.now),
        network_failures=failures,
        spray_names=names,
        bad_signature=sight.forged,
    )
    return Watched(observation=observation, seen=sight.seen)


def _history(sign_in: SignIn) -> tuple[Profile, int]:
    """Return the profile of a subject's sign-ins, and the age of the account; for a ghost both are made up."""
    call, pool, subject = sign_in.attempt.call, sign_in.attempt.pool, sign_in.attempt.subject
    user = sign_in.user
    if user is None:
        taught, age = ghosts.history(pool, sign_in.subject, now=call.now)
        return profiles.decode(taught), age
    return profiles.decode(subject.profile), max(0, call.now - user.created_at)


def _name(pool: Pool, subject: Subject) -> str:
    return f"{pool.pool_id}/{subject.subject_id}"
