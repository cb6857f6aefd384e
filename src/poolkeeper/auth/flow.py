"""Which flow begins how, and which challenge is answered by what? The table of signing in, for the API and the pages.

    begin(flow) ---------> a challenge | a proof --> what is asked next, while anything is missing --> the gate --> tokens
    respond(challenge) --> a challenge | a proof --> ...

STARTS says how a flow begins, ANSWERS what judges the answer to a challenge, NEXT what is asked after a proof. Every path
to tokens ends in gate.admit or gate.readmit, which check everything again at that moment.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from poolkeeper.auth import (
    choice,
    custom,
    device_flow,
    gate,
    mfa_setup,
    migration,
    new_password,
    one_time_codes,
    passkeys,
    password_flow,
    second_factor,
    software_token,
    srp_flow,
    step_up,
    steps,
)
from poolkeeper.auth.attempt import Attempt, Challenge, Outcome, Proven, Step, require_given
from poolkeeper.auth.journeys import on_device
from poolkeeper.auth.refresh_flow import refresh_auth
from poolkeeper.auth.secret_hash import require_secret_hash
from poolkeeper.auth.state import Journey
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, UserNotFoundException
from poolkeeper.lookup import require_client_and_subject, require_client_of
from poolkeeper.model.client import Client
from poolkeeper.model.names import LONGEST_NAME

Next = Callable[[Attempt, Proven], Awaitable[Challenge | Proven | None]]


@dataclass(frozen=True, slots=True)
class Start:
    """One AuthFlow: what the client must allow, at which doors it is open, what it needs, how it begins."""

    allowed_by: str
    public: bool
    admin: bool
    needs: tuple[str, ...]
    run: Step


@dataclass(frozen=True, slots=True)
class Answer:
    """One challenge: what its answer must hold, and what judges it."""

    needs: tuple[str, ...]
    needs_session: bool
    run: Step


_PASSWORD = ("USERNAME", "PASSWORD")
_TOTP = ("USERNAME", "SOFTWARE_TOKEN_MFA_CODE")
_PROOF = ("USERNAME", "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP")

# fmt: off
STARTS: Mapping[str, Start] = {
    # flow                             allowed by                         public admin  needs                  begins with
    "USER_PASSWORD_AUTH":       Start("ALLOW_USER_PASSWORD_AUTH",       True,  False, _PASSWORD,             password_flow.start),
    "ADMIN_USER_PASSWORD_AUTH": Start("ALLOW_ADMIN_USER_PASSWORD_AUTH", False, True,  _PASSWORD,             password_flow.start),
    "ADMIN_NO_SRP_AUTH":        Start("ALLOW_ADMIN_USER_PASSWORD_AUTH", False, True,  _PASSWORD,             password_flow.start),
    "USER_SRP_AUTH":            Start("ALLOW_USER_SRP_AUTH",            True,  True,  ("USERNAME", "SRP_A"), srp_flow.start),
    "CUSTOM_AUTH":              Start("ALLOW_CUSTOM_AUTH",              True,  True,  ("USERNAME",),         custom.start),
    "USER_AUTH":                Start("ALLOW_USER_AUTH",                True,  True,  ("USERNAME",),         choice.start),
}
ANSWERS: Mapping[str, Answer] = {
    # challenge                        needs                               Session  judged by
    "PASSWORD_VERIFIER":        Answer(_PROOF,                             False,   srp_flow.answer),
    "NEW_PASSWORD_REQUIRED":    Answer(("USERNAME", "NEW_PASSWORD"),       True,    new_password.answer),
    "SMS_MFA":                  Answer(("USERNAME", "SMS_MFA_CODE"),       True,    one_time_codes.judge),
    "EMAIL_OTP":                Answer(("USERNAME",),                      True,    one_time_codes.judge),
    "SMS_OTP":                  Answer(("USERNAME", "SMS_OTP_CODE"),       True,    one_time_codes.judge),
    "SOFTWARE_TOKEN_MFA":       Answer(_TOTP,                              True,    software_token.answer),
    "SELECT_MFA_TYPE":          Answer(("USERNAME", "ANSWER"),             True,    second_factor.answer_choice),
    "MFA_SETUP":                Answer(("USERNAME",),                      True,    mfa_setup.answer),
    "SELECT_CHALLENGE":         Answer(("USERNAME", "ANSWER"),             True,    choice.select),
    "PASSWORD":                 Answer(_PASSWORD,                          True,    choice.answer_password),
    "PASSWORD_SRP":             Answer(("USERNAME", "SRP_A"),              True,    choice.answer_srp),
    "WEB_AUTHN":                Answer(("USERNAME", "CREDENTIAL"),         True,    passkeys.answer),
    "CUSTOM_CHALLENGE":         Answer(("USERNAME", "ANSWER"),             True,    custom.answer),
    "DEVICE_SRP_AUTH":          Answer(("USERNAME", "DEVICE_KEY", "SRP_A"), False,  device_flow.begin),
    "DEVICE_PASSWORD_VERIFIER": Answer((*_PROOF, "DEVICE_KEY"),            False,   device_flow.answer),
    "ADMIN_NO_SRP_AUTH":        Answer(_PASSWORD,                          True,    steps.never_asked),
}
# fmt: on
# What may be missing after a proof, in the order in which it is asked for. Each asks, proves something more by itself, or
# has nothing to ask (None).
NEXT: tuple[Next, ...] = (
    new_password.ask_if_temporary,
    step_up.ask_if_short,
    device_flow.ask_for_second_factor,
    second_factor.ask_if_demanded,
    custom.go_on,
    device_flow.ask_last,
)
REFRESH_FLOWS = frozenset({"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"})


async def begin(
    call: Call,
    *,
    flow: str,
    client_id: str,
    given: Mapping[str, str],
    metadata: Mapping[str, str],
    session: str | None = None,
    pool_id: str | None = None,
) -> Outcome:
    """Begin signing in. `pool_id` is given by administrators alone, whose flows are others.

    `session` is what ConfirmSignUp gave, if it gave one; USER_AUTH alone looks at it.

    Checks, in order: client, flow, secret hash, user or ghost, then the flow's own (contract, user pools 3.1).
    """
    if flow in REFRESH_FLOWS:
        return await _refresh(call, client_id, given, pool_id)
    start = STARTS.get(flow)
    if start is None or not (start.public if pool_id is None else start.admin):
        raise InvalidParameterException("Initiate Auth method not supported")
    for name in start.needs:
        require_given(given, name)

    attempt = replace(await _attempt(call, client_id, given, pool_id), validation_data=metadata, given_session=session)
    _require_allowed(attempt.client, start.allowed_by, flow)
    _require_secret_hash(attempt, given)
    if start.run is password_flow.start:  # no other flow brings a password that an older directory could check
        attempt = await migration.for_sign_in(attempt)
    _require_known(attempt)
    shown = steps.shown_name(attempt.pool, attempt.subject)
    attempt = replace(attempt, journey=on_device(Journey(flow=flow, shown=shown), given))
    return await _go_on(attempt, await start.run(attempt))


async def respond(
    call: Call,
    *,
    challenge: str,
    client_id: str,
    given: Mapping[str, str],
    session: str | None,
    metadata: Mapping[str, str],
    pool_id: str | None = None,
) -> Outcome:
    """Answer a challenge.

    Raises as the challenge does; NotAuthorizedException for a Session that does not belong here.
    """
    answer = ANSWERS.get(challenge)
    if answer is None:
        raise InvalidParameterException("Challenge name is not supported")
    for name in answer.needs:
        require_given(given, name)
    if answer.needs_session and not session:
        raise InvalidParameterException("Missing required parameter Session")

    attempt = replace(
        await _attempt(call, client_id, given, pool_id), answered=challenge, given_session=session, metadata=metadata
    )
    _require_secret_hash(attempt, given)
    return await _go_on(attempt, await answer.run(attempt))


async def _go_on(attempt: Attempt, step: Challenge | Proven) -> Outcome:
    """Ask for whatever is missing; when nothing is, go to the gate.

    The user's state is told after the first proof: it tells nothing to a stranger (contract, user pools 3.1, 3.2).
    Raises InvalidParameterException where the client does not allow the flow any more.
    """
    while isinstance(step, Proven):
        attempt, step = await gate.as_it_is_now(attempt, step)
        gate.require_good_standing(step.user)
        for ask in NEXT:
            asked = await ask(attempt, step)
            if asked is not None:
                step = asked
                break
        else:
            flow = step.journey.flow
            _require_allowed(attempt.client, STARTS[flow].allowed_by, flow)  # still, at this moment
            return await gate.admit(attempt, step)
    return step


async def _attempt(call: Call, client_id: str, given: Mapping[str, str], pool_id: str | None) -> Attempt:
    """Look up client and user; a name that nobody can have is refused before it is folded, which takes its time."""
    if len(given["USERNAME"]) > LONGEST_NAME:
        # UNVERIFIED: the error and the words; one call with a USERNAME of 3,000 characters would settle them.
        raise InvalidParameterException("Invalid length for USERNAME")
    pool, client, subject = await require_client_and_subject(
        call, client_id, given["USERNAME"], pool_id=pool_id, device_key=given.get("DEVICE_KEY", "")
    )
    return Attempt(call=call, pool=pool, client=client, subject=subject, given=given, journey=Journey())


def _require_allowed(client: Client, allowed_by: str, flow: str) -> None:
    if allowed_by in client.flows:
        return
    if flow == "USER_SRP_AUTH":
        raise InvalidParameterException("USER_SRP_AUTH is not enabled for the client.")
    if allowed_by == "ALLOW_ADMIN_USER_PASSWORD_AUTH":
        raise InvalidParameterException("Auth flow not enabled for this client")
    raise InvalidParameterException(f"{flow} flow not enabled for this client")


def _require_known(attempt: Attempt) -> None:
    """Answer an unknown name plainly where the client does not hide who exists."""
    if attempt.subject.user is None and not attempt.client.hides_existence:
        raise UserNotFoundException("User does not exist.")


def _require_secret_hash(attempt: Attempt, given: Mapping[str, str]) -> None:
    require_secret_hash(
        attempt.client,
        given=given.get("SECRET_HASH"),
        username=attempt.subject.name,
        subject=attempt.subject,
    )


async def _refresh(call: Call, client_id: str, given: Mapping[str, str], pool_id: str | None) -> Outcome:
    token = require_given(given, "REFRESH_TOKEN")
    if pool_id is not None:
        await require_client_of(call, pool_id, client_id)
    named = {"secret_hash": given.get("SECRET_HASH"), "device_key": given.get("DEVICE_KEY")}
    return await refresh_auth(call, client_id=client_id, token=token, **named)
