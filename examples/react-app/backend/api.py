"""Which calls does the backend answer? Those with an access token that the pool issued to our application."""

import os
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

ISSUER = os.environ["POOL_ISSUER"]
CLIENT_ID = os.environ["POOL_CLIENT_ID"]

app = FastAPI()
keys = jwt.PyJWKClient(f"{ISSUER}/.well-known/jwks.json")


def claims_of(shown: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> dict[str, Any]:
    """Return the claims of the access token that the caller shows, once nothing is wrong with it.

    Raises HTTPException: 401 for what is no such token, 503 while the pool's keys cannot be fetched.
    """
    try:
        key = keys.get_signing_key_from_jwt(shown.credentials)
        claims: dict[str, Any] = jwt.decode(
            shown.credentials,
            key,
            algorithms=["RS256"],
            issuer=ISSUER,
            options={"require": ["exp", "iss", "sub", "token_use", "client_id"]},
        )
    except jwt.PyJWKClientConnectionError as fault:
        raise HTTPException(503, "The keys of the user pool cannot be fetched.") from fault
    except jwt.PyJWTError as fault:
        raise _unauthorized(str(fault)) from fault
    # An ID token is for the application that signs a person in, never for an API.
    if claims["token_use"] != "access":  # noqa: S105 - what a token is for
        raise _unauthorized("This is not an access token.")
    # Access tokens of Cognito name the app client here; they have no audience.
    if claims["client_id"] != CLIENT_ID:
        raise _unauthorized("This token was issued to another application.")
    return claims


@app.get("/api/me")
def me(claims: Annotated[dict[str, Any], Depends(claims_of)]) -> dict[str, str]:
    """Tell the caller who they are."""
    return {"sub": claims["sub"], "username": claims["username"], "scope": claims["scope"]}


def _unauthorized(sentence: str) -> HTTPException:
    return HTTPException(401, sentence, headers={"WWW-Authenticate": "Bearer"})
