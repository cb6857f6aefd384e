"""Which OAuth endpoints are there? The table, with AWS's addresses and the other spellings that clients use."""

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from poolkeeper.forms import MOST_SAML_BYTES
from poolkeeper.hosted import outcomes, paths
from poolkeeper.hosted.redirects import NOT_KEPT
from poolkeeper.hosted.visit import Endpoint, Handler
from poolkeeper.oauth.answers import answering
from poolkeeper.oauth.authorize import authorization
from poolkeeper.oauth.idp_response import idp_response
from poolkeeper.oauth.introspect import introspect
from poolkeeper.oauth.logout import sign_out
from poolkeeper.oauth.push import push
from poolkeeper.oauth.register import registration
from poolkeeper.oauth.revoke import revoke
from poolkeeper.oauth.saml_logout import saml_logout
from poolkeeper.oauth.saml_metadata import saml_metadata
from poolkeeper.oauth.saml_response import saml_response
from poolkeeper.oauth.token import token
from poolkeeper.oauth.user_info import user_info

REGISTER = "/oauth2/register"
_SERVER_ERRORS = {500: outcomes.SERVER_ERROR, 503: outcomes.UNAVAILABLE}


def refuse(status: int, sentence: str, _request_id: str, _language: str) -> Response:
    """Answer a request that cannot be read, or a fault of ours, with an error of RFC 6749 sections 5.2 and 4.1.2.1."""
    error = _SERVER_ERRORS.get(status, outcomes.INVALID_REQUEST)
    return JSONResponse({"error": error, "error_description": sentence}, status, headers=NOT_KEPT)


# path -> (handler of GET, handler of POST), None where the method is not for it. People come here with a browser.
BROWSER_HANDLERS: Mapping[str, tuple[Handler, Handler]] = {
    "/oauth2/authorize": (authorization, authorization),
    "/authorize": (authorization, authorization),
    "/logout": (sign_out, sign_out),
    paths.IDP_RESPONSE: (idp_response, idp_response),
}
# A browser brings what a SAML provider says; the provider itself asks for the metadata.
SAML_HANDLERS: Mapping[str, tuple[Handler | None, Handler | None]] = {
    paths.SAML_RESPONSE: (None, saml_response),
    paths.SAML_LOGOUT: (saml_logout, saml_logout),
    paths.SAML_METADATA: (saml_metadata, None),
}
# Programs call these.
PROGRAM_HANDLERS: Mapping[str, tuple[Handler | None, Handler]] = {
    "/oauth2/token": (None, answering(token)),
    "/oauth2/userInfo": (answering(user_info), answering(user_info)),
    "/oauth2/userinfo": (answering(user_info), answering(user_info)),
    "/oauth2/revoke": (None, answering(revoke)),
    "/oauth2/par": (None, answering(push)),
    REGISTER: (None, answering(registration)),
    "/oauth2/introspect": (None, answering(introspect)),
}
_TAKE_JSON = frozenset({REGISTER})
# Their handlers read the pool together with the client, and use that one.
_READ_POOL = frozenset({"/oauth2/authorize", "/authorize", paths.IDP_RESPONSE, paths.SAML_RESPONSE})
PATHS = (*BROWSER_HANDLERS, *SAML_HANDLERS, *PROGRAM_HANDLERS)


def make_endpoints(page: Endpoint) -> Mapping[str, Endpoint]:
    """Return the endpoints by path. `page` shows people what was refused, and makes their browser post to a provider.

    Handlers for programs read the pool with the client or the token: of the place's pool they use id and secret alone.
    """
    for_browsers = {
        path: Endpoint(
            service=outcomes.OAUTH,
            refuse=page.refuse,
            get=get,
            post=post,
            reads_pool=path in _READ_POOL,
            hand_over=page.hand_over,
        )
        for path, (get, post) in BROWSER_HANDLERS.items()
    }
    for_saml = {
        path: Endpoint(
            service=outcomes.OAUTH,
            refuse=page.refuse,
            get=get,
            post=post,
            most_form=MOST_SAML_BYTES,
            reads_pool=path in _READ_POOL,
            hand_over=page.hand_over,
        )
        for path, (get, post) in SAML_HANDLERS.items()
    }
    for_programs = {
        path: Endpoint(
            service=outcomes.OAUTH,
            refuse=refuse,
            get=get,
            post=post,
            cross_origin=True,
            reads_pool=True,
            refuses_itself=True,
            takes_json=path in _TAKE_JSON,
        )
        for path, (get, post) in PROGRAM_HANDLERS.items()
    }
    return {**for_browsers, **for_saml, **for_programs}
