"""What does a web application of Authlib's do? As its guide has it: one `register`, and a line for each thing. Run as a program.

Its one argument is JSON: port, issuer, client_id, client_secret. One person uses it, so that one session is enough.
"""

import json
import sys
from typing import Any

import uvicorn
from authlib.integrations.starlette_client import OAuth, OAuthError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

FACTS = json.loads(sys.argv[1])
HOME = f"http://localhost:{FACTS['port']}/"
SESSION: dict[str, Any] = {}

oauth = OAuth()
oauth.register(
    "pool",
    client_id=FACTS["client_id"],
    client_secret=FACTS["client_secret"],
    server_metadata_url=f"{FACTS['issuer']}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid email", "code_challenge_method": "S256"},
)


async def sign_in(request: Request) -> Response:
    """Send the browser to the pool, with what the address says beside."""
    answer: Response = await oauth.pool.authorize_redirect(request, f"{HOME}callback", **request.query_params)
    return answer


async def callback(request: Request) -> Response:
    """Take the code; Authlib checks state, nonce, issuer, audience and signature."""
    try:
        token = await oauth.pool.authorize_access_token(request)
    except OAuthError as fault:
        return JSONResponse({"error": fault.error})
    SESSION["token"] = token
    return JSONResponse({"claims": token["userinfo"], "told": await oauth.pool.userinfo(token=token), "token": token})


async def refresh(_request: Request) -> Response:
    """Get new tokens by the refresh token."""
    held = SESSION["token"]["refresh_token"]
    try:
        token = await oauth.pool.fetch_access_token(grant_type="refresh_token", refresh_token=held)
    except OAuthError as fault:
        return JSONResponse({"error": fault.error})
    return JSONResponse({"token": token})


async def revoke(_request: Request) -> Response:
    """Take the refresh token back."""
    metadata = await oauth.pool.load_server_metadata()
    async with oauth.pool._get_oauth_client() as client:
        answer = await client.revoke_token(metadata["revocation_endpoint"], SESSION["token"]["refresh_token"])
    return JSONResponse({"status": answer.status_code})


async def sign_out(request: Request) -> Response:
    """Send the browser to the pool's sign-out, from where it comes home."""
    hint = SESSION["token"]["id_token"]
    answer: Response = await oauth.pool.logout_redirect(request, HOME, id_token_hint=hint, state="left")
    return answer


async def home(request: Request) -> Response:
    """Show what came back from a sign-out."""
    return JSONResponse({"left": await oauth.pool.validate_logout_response(request) if request.query_params else None})


def with_session(app: ASGIApp) -> ASGIApp:
    """Keep a session, as a middleware of the application would."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "session": SESSION}, receive, send)

    return handle


ROUTES = {
    "/": home,
    "/sign-in": sign_in,
    "/callback": callback,
    "/refresh": refresh,
    "/revoke": revoke,
    "/out": sign_out,
}

if __name__ == "__main__":
    application = Starlette(routes=[Route(path, answer) for path, answer in ROUTES.items()])
    uvicorn.run(with_session(application), host="127.0.0.1", port=FACTS["port"], lifespan="off", log_level="warning")
