"""Which flow begins how, and which challenge is answered by what? The table of signing in, for the API and the pages.

    begin(flow) ---------> a challenge | a proof --> what is asked next, while anything is missing --> a door --> tokens
    respond(challenge) --> a challenge | a proof --> ...

STARTS says how a flow begins, ANSWERS what judges the answer to a challenge, NEXT what is asked after a proof. A door
takes whoever has proved enough to the gate, which checks everything again at that moment: gate.let_in is the API's,
hosted/arrival.py the pages'. An entrance says who asks: which flows are open there, and how much an answer reveals.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import TypeVar

from poolkeeper.auth import pause, rereading, watching
from poolkeeper.auth.attempt import Attempt, require_given
from poolkeeper.auth.challenge import Challenge, Step
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.standing import require_good_standing
from poolkeeper.auth.steps import (
    choice,
    custom,
    device,
    mfa_setup,
    migration,
    new_password,
    one_time_code,
    passkey,
    password,
    second_factor,
    software_token,
    srp,
    step_up,
)
from poolkeeper.call import Call
from poolkeeper.defences import ghosts, lockout
from poolkeeper.defences.blocked_ranges import is_blocked
from poolkeeper.defences.client_proof import require_secret_hash
from poolkeeper.errors import (
    CodeMismatchException,
    ExpiredCodeException,
    InvalidParameterException,
    ServiceError,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import require_client_and_subject
from poolkeeper.model.client import COGNITO, Client
from poolkeeper.model.client_context import NO_CONTEXT, ClientContext
from poolkeeper.model.journey import Journey
from poolkeeper.model.names import LONGEST_NAME

T = TypeVar("T")
Door = Callable[[Proven], Awaitable[T]]
"""Takes a sign-in that has proved enough, and returns what it came for: tokens, or the answer of a page."""
Next = Callable[[Proven], Awaitable[Challenge | Proven | None]]


class Entrance(Enum):
    """Who asks.

    The pages ask for no secret hash, since they are nobody's program; they never reveal who exists; they remember no
    device but by the browser's session; and the state of a sign-in that began there is good at the pages alone.
    """

    API = "a program that speaks for a user"
    ADMINISTRATOR = "a program that signed its request"
    PAGES = "a person at a page of ours"


class Lock(Enum):
    """How the lock of a user or ghost is read before an answer is judged."""

    LATER = "the step looks at it itself, or the gate does"
    AS_FOUND = "as it was when the name was looked up: nothing is judged here that could be guessed"
    NOW = "read again at this moment"
    HELD = "read at this moment, and nobody else's proof of the same id is judged meanwhile"


@dataclass(frozen=True, slots=True)
class Start:
    """One AuthFlow: what the client must allow, at which entrances it is open, what it needs, how it begins."""

    allowed_by: str
    entrances: frozenset[Entrance]
    needs: tuple[str, ...]
    run: Step


@dataclass(frozen=True, slots=True)
class Answer:
    """One challenge: what its answer must hold, what is checked before it is judged, and what judges it.

    `session`: the answer takes up the sealed state of its question; without it, the step has its own state. `proven`: only
    a sign-in that has proved something gets this challenge. `wrong` are the refusals that count towards the lock.
    """

    needs: tuple[str, ...]
    session: bool
    proven: bool
    lock: Lock
    wrong: tuple[type[ServiceError], ...]
    run: Step
    session_of: Callable[[Attempt], Awaitable[str]] | None = None


_PASSWORD = ("USERNAME", "PASSWORD")
_TOTP = ("USERNAME", "SOFTWARE_TOKEN_MFA_CODE")
_CREDENTIAL = ("USERNAME", "CREDENTIAL")
_PROOF = ("USERNAME", "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP")
_ANSWER = ("USERNAME", "ANSWER")
_CODE = (CodeMismatchException,)
_USED = (CodeMismatchException, ExpiredCodeException)
_LATER, _AS_FOUND, _NOW, _HELD = Lock

_API, _ADMIN, _PAGES = (frozenset({entrance}) for entrance in Entrance)
_BOTH = _API | _ADMIN
PAGES_PASSWORD, PAGES_CHOICE, PAGES_PASSKEY = "PAGES_PASSWORD", "PAGES_CHOICE", "PAGES_PASSKEY"

# fmt: off
STARTS: Mapping[str, Start] = {
    # flow                             allowed by                         open to  needs                  begins with
    "USER_PASSWORD_AUTH":       Start("ALLOW_USER_PASSWORD_AUTH",       _API,    _PASSWORD,             password.start),
    "ADMIN_USER_PASSWORD_AUTH": Start("ALLOW_ADMIN_USER_PASSWORD_AUTH", _ADMIN,  _PASSWORD,             password.start),
    "ADMIN_NO_SRP_AUTH":        Start("ALLOW_ADMIN_USER_PASSWORD_AUTH", _ADMIN,  _PASSWORD,             password.start),
    "USER_SRP_AUTH":            Start("ALLOW_USER_SRP_AUTH",            _BOTH,   ("USERNAME", "SRP_A"), srp.start),
    "CUSTOM_AUTH":              Start("ALLOW_CUSTOM_AUTH",              _BOTH,   ("USERNAME",),         custom.start),
    "USER_AUTH":                Start("ALLOW_USER_AUTH",                _BOTH,   ("USERNAME",),         choice.start),
    # Our own flows: ExplicitAuthFlows is about programs, and only says at which of the two pages a person begins.
    PAGES_PASSWORD:             Start(COGNITO,                          _PAGES,  _PASSWORD,             password.start_at_pages),
    PAGES_CHOICE:               Start(COGNITO,                          _PAGES,  ("USERNAME",),         choice.start_at_pages),
    PAGES_PASSKEY:              Start(COGNITO,                          _PAGES,  _CREDENTIAL,           passkey.start_at_pages),
}
ANSWERS: Mapping[str, Answer] = {
    # challenge                        needs                               Session proven lock       wrong  judged by
    "PASSWORD_VERIFIER":        Answer(_PROOF,                             False,  False, _LATER,    (),    srp.answer),
    "NEW_PASSWORD_REQUIRED":    Answer(("USERNAME",),                      True,   True,  _NOW,      (),    new_password.answer),
    "SMS_MFA":                  Answer(("USERNAME", "SMS_MFA_CODE"),       True,   False, _HELD,     _CODE, one_time_code.judge),
    "EMAIL_OTP":                Answer(("USERNAME",),                      True,   False, _HELD,     _CODE, one_time_code.judge),
    "SMS_OTP":                  Answer(("USERNAME", "SMS_OTP_CODE"),       True,   False, _HELD,     _CODE, one_time_code.judge),
    "SOFTWARE_TOKEN_MFA":       Answer(_TOTP,                              True,   True,  _HELD,     _USED, software_token.answer),
    "SELECT_MFA_TYPE":          Answer(_ANSWER,                            True,   True,  _NOW,      (),    second_factor.answer_choice),
    "MFA_SETUP":                Answer(("USERNAME",),                      True,   True,  _NOW,      (),    mfa_setup.answer),
    "SELECT_CHALLENGE":         Answer(_ANSWER,                            True,   False, _LATER,    (),    choice.select),
    "PASSWORD":                 Answer(_PASSWORD,                          True,   False, _LATER,    (),    choice.answer_password),
    "PASSWORD_SRP":             Answer(("USERNAME", "SRP_A"),              True,   False, _LATER,    (),    choice.answer_srp),
    "WEB_AUTHN":                Answer(_CREDENTIAL,                        True,   False, _NOW,      (),    passkey.answer),
    "CUSTOM_CHALLENGE":         Answer(_ANSWER,                            True,   False, _LATER,    (),    custom.answer),
    "DEVICE_SRP_AUTH":          Answer(("USERNAME", "DEVICE_KEY", "SRP_A"), True,  True,  _AS_FOUND, (),    device.begin, device.session_of),
    "DEVICE_PASSWORD_VERIFIER": Answer((*_PROOF, "DEVICE_KEY"),            False,  False, _LATER,    (),    device.answer),
    "ADMIN_NO_SRP_AUTH":        Answer(_PASSWORD,                          True,   False, _LATER,    (),    password.never_asked),
}
# fmt: on
# What may be missing after a proof, in the order in which it is asked for. Each function returns a challenge, or a sign-in
# that has proved more, or None where nothing is missing.
NEXT: tuple[Next, ...] = (
    watching.ask_again,
    new_password.ask_if_temporary,
    step_up.ask_if_short,
    device.ask_for_second_factor,
    second_factor.ask_if_demanded,
    custom.go_on,
    device.ask_last,
)


async def begin(
    call: Call,
    door: Door[T],
    *,
    entrance: Entrance,
    flow: str,
    client_id: str,
    given: Mapping[str, str],
    metadata: Mapping[str, str],
    session: str | None = None,
    pool_id: str | None = None,
    context: ClientContext = NO_CONTEXT,
) -> Challenge | T:
    """Begin signing in. `pool_id` is given by administrators and pages, whose client must be of that pool.

    `session` is what ConfirmSignUp gave, if it gave one; flows that begin with a choice alone look at it.

    Checks, in order: client, flow, secret hash, user or ghost, then the flow's own (userpools.md 3.1).
    """
    start = STARTS.get(flow)
    if start is None or entrance not in start.entrances:
        raise InvalidParameterException("Initiate Auth method not supported.")
    for name in start.needs:
        require_given(given, name)

    attempt = replace(
        await _attempt(call, entrance, client_id, given, pool_id),
        validation_data=metadata,
        given_session=session,
        context=context,
    )
    _require_allowed(attempt.client, start.allowed_by, flow)
    if entrance is not Entrance.PAGES:
        _require_secret_hash(attempt, given)
    # Only these flows bring a password that an older directory could check; a blocked address is not looked up there either.
    if start.needs == _PASSWORD and not is_blocked(attempt.call, attempt.pool, attempt.client):
        attempt = await migration.for_sign_in(attempt)
    _require_known(attempt)
    journey = Journey(flow=flow, shown=ghosts.shown_name(attempt.pool, attempt.subject)).on_device(given)
    sign_in = SignIn(attempt=attempt, subject=attempt.subject, journey=journey)
    return await _go_on(door, entrance, *await watching.begun(sign_in, start.run))


async def respond(
    call: Call,
    door: Door[T],
    *,
    entrance: Entrance,
    challenge: str,
    client_id: str,
    given: Mapping[str, str],
    session: str | None,
    metadata: Mapping[str, str],
    pool_id: str | None = None,
    context: ClientContext = NO_CONTEXT,
) -> Challenge | T:
    """Answer a challenge.

    Raises as the challenge does; NotAuthorizedException for a Session that does not belong here.
    """
    answer = ANSWERS.get(challenge)
    if answer is None:
        raise InvalidParameterException("Challenge name is not supported")
    for name in answer.needs:
        require_given(given, name)
    if answer.session and answer.session_of is None and not session:
        raise InvalidParameterException("Missing required parameter Session")

    attempt = replace(
        await _attempt(call, entrance, client_id, given, pool_id),
        answered=challenge,
        given_session=session,
        metadata=metadata,
        context=context,
    )
    if entrance is not Entrance.PAGES:
        _require_secret_hash(attempt, given)
    return await _go_on(door, entrance, *await _judged(attempt, entrance, answer))


async def ask_anew(
    call: Call,
    door: Door[T],
    *,
    entrance: Entrance,
    challenge: str,
    client_id: str,
    username: str,
    session: str,
    pool_id: str,
) -> Challenge | T:
    """Ask a sign-in that has proved something for what is missing now; the question asked before is spent.

    So the client can get a second code, or choose another way. Raises as `respond` does; NotAuthorizedException where
    nothing was proved before the question: such a sign-in must begin anew.
    """
    attempt = replace(
        await _attempt(call, entrance, client_id, {"USERNAME": username}, pool_id),
        answered=challenge,
        given_session=session,
    )
    sign_in = await pause.resume(attempt, step=challenge)
    _require_same_side(entrance, sign_in)
    await lockout.require_unlocked(call, attempt.pool, sign_in.subject)
    return await _go_on(door, entrance, sign_in, pause.require_proven(watching.answered(sign_in)))


async def _judged(attempt: Attempt, entrance: Entrance, answer: Answer) -> tuple[SignIn, Challenge | Proven]:
    """Take up the question of an answer, check that it is unspent, not locked and in good standing, and judge the answer."""
    if not answer.session:
        sign_in = SignIn(attempt=attempt, subject=attempt.subject, journey=Journey())
        return sign_in, await answer.run(sign_in)
    if answer.session_of is not None:
        attempt = replace(attempt, given_session=await answer.session_of(attempt))
    sign_in = watching.answered(await pause.resume(attempt, step=attempt.answered))
    _require_same_side(entrance, sign_in)
    if answer.proven:
        pause.require_proven(sign_in)
    return sign_in, await watching.attempted(sign_in, partial(_in_its_turn, answer))


async def _in_its_turn(answer: Answer, sign_in: SignIn) -> Challenge | Proven:
    """Judge an answer under its lock."""
    attempt = sign_in.attempt
    if answer.lock is not Lock.HELD:
        failures = await _require_unlocked(answer.lock, sign_in)
        _require_standing(answer.lock, sign_in)
        return await answer.run(replace(sign_in, failures=max(failures, sign_in.failures)))

    async with lockout.trial(attempt.call, attempt.pool, sign_in.subject) as trial:
        _require_standing(answer.lock, sign_in)
        try:
            return await answer.run(replace(sign_in, failures=max(trial.failures, sign_in.failures)))
        except answer.wrong:
            await trial.failed()
            raise


async def _require_unlocked(lock: Lock, sign_in: SignIn) -> int:
    """Return how many wrong proofs count, where the lock is read now."""
    attempt = sign_in.attempt
    if lock is Lock.AS_FOUND:
        lockout.require_unlocked_then(attempt.call, sign_in.subject)
    return await lockout.require_unlocked(attempt.call, attempt.pool, sign_in.subject) if lock is Lock.NOW else 0


def _require_standing(lock: Lock, sign_in: SignIn) -> None:
    """Refuse a user in bad standing, once they have proved something: a stranger must not learn it."""
    if lock is not Lock.LATER and isinstance(sign_in, Proven):
        require_good_standing(sign_in.user)


def _require_same_side(entrance: Entrance, sign_in: SignIn) -> None:
    """Refuse at the pages what began at the API, and the other way round: each side has its own rules.

    Raises NotAuthorizedException.
    """
    start = STARTS.get(sign_in.journey.flow)
    begun_at_pages = start is not None and Entrance.PAGES in start.entrances
    if begun_at_pages is not (entrance is Entrance.PAGES):
        raise refused(Reason.SESSION_OF_ANOTHER_DOOR)


async def _go_on(door: Door[T], entrance: Entrance, sign_in: SignIn, step: Challenge | Proven) -> Challenge | T:
    """Ask for whatever is missing; when nothing is, open the door. `sign_in` is what led to the step.

    The user's state is revealed after the first proof, never to a stranger (userpools.md 3.1, 3.2). AWS reveals an
    unconfirmed user whatever the password is; that a wrong one stays NotAuthorized is our decision (measured.md 0).
    Raises InvalidParameterException where the client does not allow the flow any more.
    """
    try:
        while isinstance(step, Proven):
            sign_in = step
            _require_same_side(entrance, step)
            sign_in = step = await rereading.as_it_is_now(step)
            require_good_standing(step.user)
            for ask in NEXT:
                challenge_or_proof = await ask(step)
                if challenge_or_proof is not None:
                    step = challenge_or_proof
                    break
            else:
                flow = step.journey.flow
                _require_allowed(step.attempt.client, STARTS[flow].allowed_by, flow)  # still, at this moment
                return await door(step)
    except ServiceError as fault:
        await watching.note_refused(sign_in, fault)
        raise
    await watching.note_asked(sign_in)
    return step


async def _attempt(
    call: Call, entrance: Entrance, client_id: str, given: Mapping[str, str], pool_id: str | None
) -> Attempt:
    """Look up client and user; a name longer than any address is refused at once, since a Session would hold it."""
    if len(given["USERNAME"]) > LONGEST_NAME:
        # UNVERIFIED: the error and the words; one call with a USERNAME of 3,000 characters would settle them.
        raise InvalidParameterException("Invalid length for USERNAME")
    pool, client, subject = await require_client_and_subject(
        call, client_id, given["USERNAME"], pool_id=pool_id, device_key=given.get("DEVICE_KEY", "")
    )
    if entrance is Entrance.PAGES:
        client = client.at_pages
    return Attempt(call=call, pool=pool, client=client, subject=subject, given=given)


def _require_allowed(client: Client, allowed_by: str, flow: str) -> None:
    if client.serves_own_users if allowed_by == COGNITO else allowed_by in client.flows:
        return
    if flow in {"USER_SRP_AUTH", "CUSTOM_AUTH"}:
        raise InvalidParameterException(f"{flow} is not enabled for the client.")
    if allowed_by == "ALLOW_ADMIN_USER_PASSWORD_AUTH":
        raise InvalidParameterException("Auth flow not enabled for this client")
    raise InvalidParameterException(f"{flow} flow not enabled for this client")


def _require_known(attempt: Attempt) -> None:
    """Answer an unknown name plainly where the client does not hide who exists."""
    if attempt.subject.user is None and not attempt.client.hides_existence:
        raise refused(Reason.UNKNOWN_USER)


def _require_secret_hash(attempt: Attempt, given: Mapping[str, str]) -> None:
    require_secret_hash(
        attempt.client,
        given=given.get("SECRET_HASH"),
        username=attempt.subject.name,
        shown=ghosts.shown_name(attempt.pool, attempt.subject),
    )
