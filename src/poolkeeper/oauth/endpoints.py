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
_ACCIDENTS = {500: outcomes.SERVER_ERROR, 503: outcomes.UNAVAILABLE}


def refuse(status: int, sentence: str, _request_id: str, _language: str) -> Response:
    """Answer what cannot be read, and accidents, with an error of RFC 6749 sections 5.2 and 4.1.2.1."""
    error = _ACCIDENTS.get(status, outcomes.INVALID_REQUEST)
    return JSONResponse({"error": error, "error_description": sentence}, status, headers=NOT_KEPT)


# path -> what answers GET, what answers POST. People come to the first with a browser, programs call the others.
OF_PEOPLE: Mapping[str, tuple[Handler, Handler]] = {
    "/oauth2/authorize": (authorization, authorization),
    "/authorize": (authorization, authorization),
    "/logout": (sign_out, sign_out),
    paths.IDP_RESPONSE: (idp_response, idp_response),
}
# People come with what their SAML provider posts; the provider itself asks for the metadata.
OF_SAML: Mapping[str, tuple[Handler | None, Handler | None]] = {
    paths.SAML_RESPONSE: (None, saml_response),
    paths.SAML_LOGOUT: (saml_logout, saml_logout),
    paths.SAML_METADATA: (saml_metadata, None),
}
OF_SCRIPTS: Mapping[str, tuple[Handler | None, Handler]] = {
    "/oauth2/token": (None, answering(token)),
    "/oauth2/userInfo": (answering(user_info), answering(user_info)),
    "/oauth2/userinfo": (answering(user_info), answering(user_info)),
    "/oauth2/revoke": (None, answering(revoke)),
    "/oauth2/par": (None, answering(push)),
    REGISTER: (None, answering(registration)),
    "/oauth2/introspect": (None, answering(introspect)),
}
_TAKE_JSON = frozenset({REGISTER})
# They read the pool with the client, and go on with that.
_READ_POOL = frozenset({"/oauth2/authorize", "/authorize", paths.IDP_RESPONSE, paths.SAML_RESPONSE})
PATHS = (*OF_PEOPLE, *OF_SAML, *OF_SCRIPTS)


def make_endpoints(page: Endpoint) -> Mapping[str, Endpoint]:
    """Return the endpoints by path; `page` shows people what was refused, and has them bring a provider what we say.

    What scripts call is read when they ask for the client or the token: of its place it needs the pool's id and secret.
    """
    of_people = {
        path: Endpoint(
            service=outcomes.OAUTH,
            refuse=page.refuse,
            get=get,
            post=post,
            reads_pool=path in _READ_POOL,
            hand_over=page.hand_over,
        )
        for path, (get, post) in OF_PEOPLE.items()
    }
    of_saml = {
        path: Endpoint(
            service=outcomes.OAUTH,
            refuse=page.refuse,
            get=get,
            post=post,
            most_form=MOST_SAML_BYTES,
            reads_pool=path in _READ_POOL,
            hand_over=page.hand_over,
        )
        for path, (get, post) in OF_SAML.items()
    }
    of_scripts = {
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
        for path, (get, post) in OF_SCRIPTS.items()
    }
    return {**of_people, **of_saml, **of_scripts}
