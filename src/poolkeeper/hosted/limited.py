"""Which addresses of pages and OAuth count towards a category of requests? A table; what it raises is answered with 429."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from starlette.responses import Response

from poolkeeper.defences.request_limits import require_within
from poolkeeper.hosted import paths
from poolkeeper.hosted.visit import Endpoint, Handler, Visit
from poolkeeper.model.request_limits import (
    ANSWERS,
    CLIENT_AUTHENTICATION,
    USER_ACCOUNT_RECOVERY,
    USER_AUTHENTICATION,
    USER_CREATION,
    USER_FEDERATION,
    USER_RESOURCE_READ,
    USER_RESOURCE_UPDATE,
    USER_TOKEN,
)
from poolkeeper.settings import Settings

_REVOKE, _INTROSPECT = "/oauth2/revoke", "/oauth2/introspect"
# A code was paid for where somebody signed in.
_OF_GRANT = {
    "client_credentials": CLIENT_AUTHENTICATION,
    "refresh_token": USER_AUTHENTICATION,
    "urn:ietf:params:oauth:grant-type:token-exchange": USER_FEDERATION,
}

Of = Callable[[Visit], str | None]


def _by_grant(visit: Visit) -> str | None:
    return _OF_GRANT.get(visit.form.get("grant_type", ""))


def _by_link(visit: Visit) -> str | None:
    return USER_CREATION if visit.call.settings.confirm_links_at_once else None


def _always(category: str) -> Of:
    return lambda _visit: category


# path -> the category of what is posted there
POSTED: Mapping[str, Of] = {
    paths.TOKEN: _by_grant,
    _REVOKE: _always(USER_TOKEN),
    _INTROSPECT: _always(USER_TOKEN),
    paths.LOGIN: _always(USER_AUTHENTICATION),
    paths.LOGIN_PASSWORD: _always(ANSWERS),
    paths.LOGIN_CHOOSE: _always(ANSWERS),
    paths.LOGIN_ANOTHER_WAY: _always(ANSWERS),
    paths.LOGIN_PASSKEY: _always(ANSWERS),
    paths.CODE: _always(ANSWERS),
    paths.CODE_RESEND: _always(ANSWERS),
    paths.SET_UP_CHOOSE: _always(ANSWERS),
    paths.SET_UP_APP: _always(ANSWERS),
    paths.SET_UP_ADDRESS: _always(ANSWERS),
    paths.NEW_PASSWORD: _always(ANSWERS),
    paths.SIGN_UP: _always(USER_CREATION),
    paths.CONFIRM: _always(USER_CREATION),
    paths.CONFIRM_LINK: _always(USER_CREATION),
    f"{paths.CONFIRM_LINK}/": _always(USER_CREATION),
    paths.CONFIRM_RESEND: _always(USER_RESOURCE_READ),
    paths.FORGOT: _always(USER_ACCOUNT_RECOVERY),
    paths.RESET: _always(USER_ACCOUNT_RECOVERY),
    paths.ADD_PASSKEY: _always(USER_RESOURCE_UPDATE),
    paths.FEEDBACK: _always(USER_RESOURCE_UPDATE),
    paths.IDP_RESPONSE: _always(USER_FEDERATION),
    paths.SAML_RESPONSE: _always(USER_FEDERATION),
}
# Where forms are sent that are in no category: they lead to what is, go on with a sign-in that was counted, or end one.
UNLIMITED = frozenset(
    {
        *(paths.AUTHORIZE, "/authorize", "/oauth2/par", paths.LOGIN_CONTINUE, paths.LOGIN_PROVIDER),
        *("/logout", paths.LOGOUT_CONFIRM, paths.SAML_LOGOUT),
        *("/oauth2/userInfo", "/oauth2/userinfo"),
        "/oauth2/register",  # as many apps as an hour may have (accounts/registration.py)
    }
)
# path -> the category of what is asked for by its address
ASKED: Mapping[str, Of] = {
    paths.IDP_RESPONSE: _always(USER_FEDERATION),
    paths.CONFIRM_LINK: _by_link,
    f"{paths.CONFIRM_LINK}/": _by_link,
}


def limited(settings: Settings, endpoints: Mapping[str, Endpoint]) -> Mapping[str, Endpoint]:
    """Return endpoints that hold what comes to them to the rate of its category; where no limits are asked for, as they are."""
    if not settings.request_limits:
        return endpoints
    return {
        path: replace(
            endpoint, get=_limited(endpoint.get, ASKED.get(path)), post=_limited(endpoint.post, POSTED.get(path))
        )
        for path, endpoint in endpoints.items()
    }


def _limited(handler: Handler | None, of: Of | None) -> Handler | None:
    if handler is None or of is None:
        return handler

    async def handle(visit: Visit) -> Response:
        category = of(visit)
        if category is not None:
            await require_within(visit.call.house, category, now=visit.call.now)
        return await handler(visit)

    return handle
