"""/logout ends the browser session and leads where the app wants; if nobody vouches for the call, the person is asked first."""

from starlette.responses import Response

from poolkeeper.hosted import logout, paths
from poolkeeper.hosted.answers import leave, to_error, to_page
from poolkeeper.hosted.authorize import Untrusted
from poolkeeper.hosted.logout import CARRIED_AT_LOGOUT
from poolkeeper.hosted.visit import Visit


async def sign_out(visit: Visit) -> Response:
    """Answer a call of /logout, by GET or as a form. Tokens stay valid (oauth-federation.md 3.4)."""
    given = visit.form if visit.method == "POST" else visit.query
    try:
        sign_out_request = await logout.read(visit, given)
    except Untrusted as fault:
        return to_error(visit, fault)
    if sign_out_request.ask:
        return to_page(
            visit, paths.LOGOUT_CONFIRM, [(name, given[name]) for name in CARRIED_AT_LOGOUT if name in given]
        )
    return await leave(visit, sign_out_request)
