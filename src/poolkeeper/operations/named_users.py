"""Whom does a client name? The pool, the client by its SECRET_HASH, and the user or ghost: how four operations begin."""

from poolkeeper.aws.generated.cognito_idp import (
    ConfirmForgotPasswordRequest,
    ConfirmSignUpRequest,
    ForgotPasswordRequest,
    ResendConfirmationCodeRequest,
)
from poolkeeper.call import Call
from poolkeeper.defences import ghosts
from poolkeeper.defences.client_proof import require_secret_hash
from poolkeeper.lookup import Subject, require_client_and_subject
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool

Named = ConfirmForgotPasswordRequest | ConfirmSignUpRequest | ForgotPasswordRequest | ResendConfirmationCodeRequest


async def require_client_and_name(call: Call, req: Named) -> tuple[Pool, Client, Subject]:
    """Return the pool, the client that proved itself, and the user or ghost of its Username.

    Raises ResourceNotFoundException, NotAuthorizedException.
    """
    pool, client, subject = await require_client_and_subject(call, req.client_id, req.username)
    shown = ghosts.shown_name(pool, subject)
    require_secret_hash(client, given=req.secret_hash, username=req.username, shown=shown)
    return pool, client, subject
