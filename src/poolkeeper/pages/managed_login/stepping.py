"""How does a page outlive reload and Back? A form leads to the address of the next question, which holds its sealed state.

    a form --303--> the page's own path ? authorize request & step=<sealed Kept> --GET, without side effect--> the page

So the browser has nothing to send again, and two tabs have two addresses. Whoever gets hold of an address has nothing:
what it carries is good in the browser that it was made for alone, as the hidden field is (kept.py).
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.responses import Response

from poolkeeper.auth import sealed_session
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.hosted import paths
from poolkeeper.hosted.redirects import redirect
from poolkeeper.pages.managed_login import asking
from poolkeeper.pages.managed_login.asking import NOTHING, Said, view_of
from poolkeeper.pages.managed_login.found_again import LONGEST, STEP
from poolkeeper.pages.managed_login.kept import Kept, TooOld
from poolkeeper.pages.managed_login.sitting import AtClient

# Which page has which address: the one that its form is sent to.
PATHS: Mapping[str, str] = {
    asking.CHOOSE: paths.LOGIN_CHOOSE,
    asking.CHOOSE_SECOND: paths.LOGIN_CHOOSE,
    asking.PASSWORD: paths.LOGIN_PASSWORD,
    asking.PASSKEY: paths.LOGIN_PASSKEY,
    **dict.fromkeys(asking.CODES, paths.CODE),
    asking.APP: paths.CODE,
    asking.NEW_PASSWORD: paths.NEW_PASSWORD,
    asking.SET_UP: paths.SET_UP_CHOOSE,
    asking.SET_UP_APP: paths.SET_UP_APP,
    asking.SET_UP_ADDRESS: paths.SET_UP_ADDRESS,
    asking.CONFIRM: paths.CONFIRM,
    asking.AWAIT: paths.CONFIRM,
    asking.OFFER: paths.ADD_PASSKEY,
}


async def lead_to(s: AtClient, kept: Kept, said: Said = NOTHING) -> Response:
    """Answer a form with the page of the next question: by a redirect to it, or at once where its address is too long.

    What is wrong stands in no address: a page that says it is shown at once.
    """
    address = s.address(PATHS[kept.page], notice=said.notice)
    address = f"{address}&{urlencode({STEP: s.sealed(kept)})}"
    if said.problems or len(address) > LONGEST:
        return s.show(await view_of(s, kept, said))
    return redirect(address)


async def draw(s: AtClient) -> Response:
    """GET of an address that holds a page: show it; what its form is good for still, is said when that is sent.

    Raises TooOld for one of another page, browser or app, and where the time of its question is over.
    """
    kept = s.taken_up(s.visit.query.get(STEP, ""), *(page for page, path in PATHS.items() if path == s.visit.path))
    _require_in_time(s, kept)
    return s.show(await view_of(s, kept, Said(notice=s.notice)))


def _require_in_time(s: AtClient, kept: Kept) -> None:
    """Raise TooOld where nobody may answer any more; the Session of a sign-up ends long before its code does."""
    if not kept.session or kept.page == asking.CONFIRM:
        return
    try:
        expires_at = sealed_session.open_alone(s.call, kept.session).expires_at
    except NotAuthorizedException as fault:
        raise TooOld from fault
    if expires_at <= s.call.now:
        raise TooOld
