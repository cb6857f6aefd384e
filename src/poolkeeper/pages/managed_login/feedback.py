"""/feedback: what the links in the notice of a risky sign-in lead to. A person presses a button: programs follow links, too.

Nothing changes by GET. What the link names is sealed in it: the pool, the user and the event (accounts/feedback.py).
"""

from dataclasses import replace
from urllib.parse import urlencode

from starlette.responses import Response

from poolkeeper.accounts import auth_events, feedback
from poolkeeper.errors import ServiceError
from poolkeeper.forms import Form
from poolkeeper.hosted import language
from poolkeeper.hosted.outcomes import Fault
from poolkeeper.lookup import user_by_id
from poolkeeper.model.auth_event import INVALID, VALID
from poolkeeper.pages.managed_login import views
from poolkeeper.pages.managed_login.sitting import Sitting

# UNVERIFIED: what AWS calls whoever followed the link of a notice.
_PROVIDER = "User"


async def show(s: Sitting) -> Response:
    """GET /feedback: ask whether the feedback is to be given."""
    carried = _carried(s.visit.query)
    if carried is None:
        return s.fault(Fault.PARAMETERS_MISSING)
    # A browser that keeps no cookies is told in the language of the link, too.
    s = replace(s, query=urlencode(language.carried(s.visit.query)))
    if _named(s, carried) is None:
        return s.show(views.FeedbackResult(worked=False))
    return s.show(views.Feedback(carried=carried, valid=carried["value"] == VALID))


async def answer(s: Sitting) -> Response:
    """POST /feedback: the feedback is given, as UpdateAuthEventFeedback would give it."""
    carried = _carried(s.form)
    if carried is None:
        return s.fault(Fault.PARAMETERS_MISSING)
    named = _named(s, carried)
    user = None if named is None else await user_by_id(s.call, s.pool.pool_id, named[0])
    if named is None or user is None:
        return s.show(views.FeedbackResult(worked=False))
    try:
        answer = {"event_id": named[1], "value": carried["value"], "provider": _PROVIDER}
        await auth_events.say(s.call, s.pool, user, **answer)
    except ServiceError as fault:
        s.call.trace.refuse(fault.name, fault.detail)
        return s.show(views.FeedbackResult(worked=False))
    return s.show(views.FeedbackResult(worked=True))


def _named(s: Sitting, carried: dict[str, str]) -> tuple[str, str] | None:
    """Return the user and the event of a link, None for one that is too old or invalid."""
    pool_id, _, token = carried["state"].partition(".")
    return feedback.named(s.call, token, pool_id=s.pool.pool_id) if pool_id == s.pool.pool_id else None


def _carried(given: Form) -> dict[str, str] | None:
    carried = {name: given.get(name, "") for name in ("state", "value")}
    return carried if carried["state"] and carried["value"] in {VALID, INVALID} else None
