"""/logout/confirm, /logout/done: the question whether to sign out, and that it is done. /logout itself is of OAuth.

Both lead back to the app where one is known by its id, and has one address that can be meant.
"""

from dataclasses import replace
from urllib.parse import urlencode

from starlette.responses import Response

from poolkeeper.hosted import logout
from poolkeeper.hosted.answers import leave
from poolkeeper.hosted.logout import CARRIED_AT_LOGOUT
from poolkeeper.pages.managed_login import views
from poolkeeper.pages.managed_login.returning import to_app
from poolkeeper.pages.managed_login.sitting import Sitting


async def ask(s: Sitting) -> Response:
    """GET /logout/confirm: nobody has vouched for the sign-out, so the person is asked (attacks.md 94)."""
    given = s.visit.query
    carried = [(name, given[name]) for name in CARRIED_AT_LOGOUT if name in given]
    return replace(s, query=urlencode(carried)).show(views.SignOut(stay=await to_app(s)))


async def answer(s: Sitting) -> Response:
    """POST /logout/confirm: the person wants it."""
    return await leave(s.visit, await logout.read(s.visit, s.visit.query))


async def done(s: Sitting) -> Response:
    """GET /logout/done."""
    query = await to_app(s)
    return replace(s, query=query).show(views.SignedOut(sign_in=bool(query)))
