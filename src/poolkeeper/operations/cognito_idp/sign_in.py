"""InitiateAuth, RespondToAuthChallenge and their Admin twins: signing in, by auth/flow.py's table."""

from collections.abc import Mapping
from typing import TypeVar

from poolkeeper.auth import flow, gate, refresh
from poolkeeper.auth.challenge import Challenge
from poolkeeper.auth.flow import Entrance
from poolkeeper.auth.steps import new_password
from poolkeeper.aws import constraints
from poolkeeper.aws.generated.cognito_idp import (
    AdminInitiateAuthRequest,
    AdminInitiateAuthResponse,
    AdminRespondToAuthChallengeRequest,
    AdminRespondToAuthChallengeResponse,
    AttributeType,
    InitiateAuthRequest,
    InitiateAuthResponse,
    RespondToAuthChallengeRequest,
    RespondToAuthChallengeResponse,
)
from poolkeeper.call import Call
from poolkeeper.model.tokens import Tokens
from poolkeeper.operations import challenges
from poolkeeper.operations.client_contexts import admin_context, for_user_of, speaking_for, user_context
from poolkeeper.operations.shapes import authentication_result

_Answer = TypeVar(
    "_Answer",
    InitiateAuthResponse,
    RespondToAuthChallengeResponse,
    AdminInitiateAuthResponse,
    AdminRespondToAuthChallengeResponse,
)


async def initiate_auth(call: Call, req: InitiateAuthRequest) -> InitiateAuthResponse:
    """Begin signing in with a flow that the app client allows, or go on with a refresh token.

    Triggers, in order: UserMigration (unknown user, password flow), PreAuthentication, PostAuthentication,
    PreTokenGeneration.
    """
    parameters = req.auth_parameters or {}
    if req.auth_flow in refresh.FLOWS:
        return _filled(InitiateAuthResponse(), await refresh.begin(call, client_id=req.client_id, given=parameters))
    outcome = await flow.begin(
        for_user_of(call, req),
        gate.let_in,
        entrance=Entrance.API,
        flow=req.auth_flow,
        client_id=req.client_id,
        given=parameters,
        metadata=req.client_metadata or {},
        session=req.session,
        context=user_context(req.user_context_data),
    )
    return _filled(InitiateAuthResponse(), outcome)


async def respond_to_auth_challenge(call: Call, req: RespondToAuthChallengeRequest) -> RespondToAuthChallengeResponse:
    """Answer a challenge: tokens, or the next challenge."""
    outcome = await flow.respond(
        for_user_of(call, req),
        gate.let_in,
        entrance=Entrance.API,
        challenge=req.challenge_name,
        client_id=req.client_id,
        given=_within_limits(req.challenge_responses or {}),
        session=req.session,
        metadata=req.client_metadata or {},
        context=user_context(req.user_context_data),
    )
    return _filled(RespondToAuthChallengeResponse(), outcome)


async def admin_initiate_auth(call: Call, req: AdminInitiateAuthRequest) -> AdminInitiateAuthResponse:
    """Begin signing a user in with an administrator's rights: the flows of InitiateAuth and ADMIN_USER_PASSWORD_AUTH."""
    parameters, pool_id = req.auth_parameters or {}, req.user_pool_id
    if req.auth_flow in refresh.FLOWS:
        refreshed = await refresh.begin(call, client_id=req.client_id, given=parameters, pool_id=pool_id)
        return _filled(AdminInitiateAuthResponse(), refreshed)
    outcome = await flow.begin(
        speaking_for(call, req.context_data),
        gate.let_in,
        entrance=Entrance.ADMINISTRATOR,
        flow=req.auth_flow,
        client_id=req.client_id,
        given=parameters,
        metadata=req.client_metadata or {},
        session=req.session,
        pool_id=pool_id,
        context=admin_context(req.context_data),
    )
    return _filled(AdminInitiateAuthResponse(), outcome)


async def admin_respond_to_auth_challenge(
    call: Call, req: AdminRespondToAuthChallengeRequest
) -> AdminRespondToAuthChallengeResponse:
    """Answer a challenge with an administrator's rights."""
    outcome = await flow.respond(
        speaking_for(call, req.context_data),
        gate.let_in,
        entrance=Entrance.ADMINISTRATOR,
        challenge=req.challenge_name,
        client_id=req.client_id,
        given=_within_limits(req.challenge_responses or {}),
        session=req.session,
        metadata=req.client_metadata or {},
        pool_id=req.user_pool_id,
        context=admin_context(req.context_data),
    )
    return _filled(AdminRespondToAuthChallengeResponse(), outcome)


def _within_limits(responses: Mapping[str, str]) -> Mapping[str, str]:
    """Return the answer to a challenge, once its attributes keep to the model's limits as they must elsewhere.

    Raises InvalidParameterException, which names them `userAttributes.1.member` (measured.md 12).
    """
    attributes = new_password.attributes_in(responses)
    constraints.check_list(
        [AttributeType(name=name, value=value) for name, value in attributes.items()], path="userAttributes"
    )
    return responses


def _filled(answer: _Answer, outcome: Challenge | Tokens) -> _Answer:
    """Fill in the common members of the four answers; `ChallengeParameters` is present even when it is empty."""
    if isinstance(outcome, Challenge):
        answer.challenge_name = outcome.name
        answer.challenge_parameters = challenges.parameters(outcome)
        answer.session = outcome.session
        answer.available_challenges = challenges.available(outcome)
    else:
        answer.challenge_parameters = {}
        answer.authentication_result = authentication_result(outcome)
    return answer
