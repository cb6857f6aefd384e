"""/confirmUser: what the link in a message leads to. Programs that look into mail follow links, so a person presses a button.

Cognito confirms at once, by GET, which a setting asks for. The link is Cognito's: client_id, user_name, confirmation_code.
What it did is said at an address of its own, so that a reload does not try a link again that has just been used.
"""

from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlencode

from starlette.responses import Response

from poolkeeper import lookup
from poolkeeper.accounts import sign_up as accounts
from poolkeeper.errors import ResourceNotFoundException, ServiceError
from poolkeeper.forms import Form
from poolkeeper.hosted import language, paths
from poolkeeper.hosted.outcomes import Fault
from poolkeeper.hosted.redirects import redirect
from poolkeeper.model.names import LONGEST_NAME
from poolkeeper.pages.managed_login import refusals, typed, views
from poolkeeper.pages.managed_login.found_again import STEP
from poolkeeper.pages.managed_login.kept import Kept, TooOld, seal, take_up
from poolkeeper.pages.managed_login.sitting import Sitting

_CARRIED = ("client_id", "user_name", "confirmation_code")
_WORKED, _OLD = "LINK_WORKED", "LINK_OLD"
_RESULTS = frozenset({_WORKED, _OLD})


async def show(s: Sitting) -> Response:
    """GET /confirmUser: nothing is confirmed yet, unless the operator wants it so; or what has come of it."""
    if STEP in s.visit.query:
        return _result(s)
    carried = _carried(s.visit.query)
    if carried is None:
        return s.fault(Fault.PARAMETERS_MISSING)
    if s.call.settings.confirm_links_at_once and s.visit.method == "GET":
        return await _confirm(s, carried)
    # A browser that keeps no cookies is told in the language of the link, too.
    language_query = urlencode(language.carried(s.visit.query))
    return replace(s, query=language_query).show(views.ConfirmByLink(carried=carried))


async def answer(s: Sitting) -> Response:
    """POST /confirmUser: the address is confirmed, if the link is good."""
    carried = _carried(s.form)
    if carried is None:
        return s.fault(Fault.PARAMETERS_MISSING)
    return await _confirm(s, carried)


async def _confirm(s: Sitting, carried: dict[str, str]) -> Response:
    username = carried["user_name"][:LONGEST_NAME]
    try:
        _, client, subject = await lookup.require_client_and_subject(
            s.call, carried["client_id"], username, pool_id=s.pool.pool_id
        )
        code = typed.code_of(carried["confirmation_code"])
        await accounts.confirm(s.call, s.pool, client.at_pages, subject, code=code, force=False, metadata={})
    except ResourceNotFoundException:
        return s.fault(Fault.UNKNOWN_CLIENT)
    except ServiceError as fault:
        s.call.trace.refuse(fault.name, fault.detail)
        with suppress(TooOld):
            refusals.problem_of(fault, s.pool)  # too many tries are told
        return _lead_to_result(s, carried["client_id"], _OLD)
    return _lead_to_result(s, carried["client_id"], _WORKED)


def _lead_to_result(s: Sitting, client_id: str, page: str) -> Response:
    """Redirect to what is said of a link; it is sealed, so that no link of a stranger's says that an address is confirmed."""
    result = Kept(client_id=client_id, page=page, session="", challenge="", username="")
    # The client names the pool where one host serves several.
    language_fields = dict(language.carried(s.visit.query))
    query = urlencode({"client_id": client_id, STEP: seal(s.call, result), **language_fields})
    return redirect(f"{s.visit.place.path(paths.CONFIRM_LINK)}?{query}")


def _result(s: Sitting) -> Response:
    """Say what a link did. Bound to no browser: a mail program that keeps no cookies shows it, too."""
    query = s.visit.query
    try:
        result = take_up(s.call, query.get(STEP, ""), client_id=query.get("client_id", ""), binding="", pages=_RESULTS)
    except TooOld:
        return s.show(views.TooOld(restart=False))
    return s.show(views.LinkResult(worked=result.page == _WORKED))


def _carried(given: Form) -> dict[str, str] | None:
    carried = {name: given.get(name, "") for name in _CARRIED}
    return carried if all(carried.values()) else None
