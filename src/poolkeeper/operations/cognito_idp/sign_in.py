"""InitiateAuth, RespondToAuthChallenge and their administrator's twins: signing in, by auth/flow.py's table."""

from typing import TypeVar

from poolkeeper.auth import flow
from poolkeeper.auth.attempt import Challenge, Outcome
from poolkeeper.aws.generated.cognito_idp import (
    AdminInitiateAuthRequest,
    AdminInitiateAuthResponse,
    AdminRespondToAuthChallengeRequest,
    AdminRespondToAuthChallengeResponse,
    InitiateAuthRequest,
    InitiateAuthResponse,
    RespondToAuthChallengeRequest,
    RespondToAuthChallengeResponse,
)
from poolkeeper.call import Call
from poolkeeper.operations.shapes import authentication_result

_Answer = TypeVar(
    "_Answer",
    InitiateAuthResponse,
    RespondToAuthChallengeResponse,
    AdminInitiateAuthResponse,
    AdminRespondToAuthChallengeResponse,
)


async def initiate_auth(call: Call, req: InitiateAuthRequest) -> InitiateAuthResponse:
    """Begin signing in with a flow that the app client allows.

    Triggers, in order: UserMigration (unknown user, password flow), PreAuthentication, PostAuthentication,
    PreTokenGeneration.
    """
    outcome = await flow.begin(
        call,
        flow=req.auth_flow,
        client_id=req.client_id,
        given=req.auth_parameters or {},
        metadata=req.client_metadata or {},
        session=req.session,
    )
    return _told(InitiateAuthResponse(), outcome)


async def respond_to_auth_challenge(call: Call, req: RespondToAuthChallengeRequest) -> RespondToAuthChallengeResponse:
    """Answer a challenge: tokens, or the next challenge."""
    outcome = await flow.respond(
        call,
        challenge=req.challenge_name,
        client_id=req.client_id,
        given=req.challenge_responses or {},
        session=req.session,
        metadata=req.client_metadata or {},
    )
    return _told(RespondToAuthChallengeResponse(), outcome)


async def admin_initiate_auth(call: Call, req: AdminInitiateAuthRequest) -> AdminInitiateAuthResponse:
    """Begin signing a user in on an administrator's authority: the flows of InitiateAuth and ADMIN_USER_PASSWORD_AUTH."""
    outcome = await flow.begin(
        call,
        flow=req.auth_flow,
        client_id=req.client_id,
        given=req.auth_parameters or {},
        metadata=req.client_metadata or {},
        session=req.session,
        pool_id=req.user_pool_id,
    )
    return _told(AdminInitiateAuthResponse(), outcome)


async def admin_respond_to_auth_challenge(
    call: Call, req: AdminRespondToAuthChallengeRequest
) -> AdminRespondToAuthChallengeResponse:
    """Answer a challenge on an administrator's authority."""
    outcome = await flow.respond(
        call,
        challenge=req.challenge_name,
        client_id=req.client_id,
        given=req.challenge_responses or {},
        session=req.session,
        metadata=req.client_metadata or {},
        pool_id=req.user_pool_id,
    )
    return _told(AdminRespondToAuthChallengeResponse(), outcome)


def _told(answer: _Answer, outcome: Outcome) -> _Answer:
    """Fill in what the four answers have in common; `ChallengeParameters` is there even when it is empty."""
    if isinstance(outcome, Challenge):
        answer.challenge_name = outcome.name
        answer.challenge_parameters = dict(outcome.parameters)
        answer.session = outcome.session
        if outcome.available is not None:
            answer.available_challenges = list(outcome.available)
    else:
        answer.challenge_parameters = {}
        answer.authentication_result = authentication_result(outcome)
    return answer
