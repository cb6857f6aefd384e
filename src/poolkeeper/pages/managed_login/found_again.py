"""Where is a page found again? The address at which it comes in another language: for whoever changes that on the way.

What came by GET is where it was. What answers a form is at the address to which the form was sent; a step holds its state
there (stepping.py), and of what was typed nothing is in an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper.hosted import paths
from poolkeeper.hosted.language import LANG, UI_LOCALES
from poolkeeper.hosted.visit import Visit
from poolkeeper.pages.managed_login import views
from poolkeeper.pages.managed_login.views import Step, View

# The parameter of our own that holds a page (stepping.py); no authorize request has it, so it goes no further.
STEP = "step"
# Servers and proxies take eight kilobytes of head by default, of which an address is one line among others.
LONGEST = 6_000
_OF_LANGUAGE = frozenset({LANG, UI_LOCALES})

# The address of each step: the one that its own form is sent to.
PATHS: Mapping[type[Step], str] = {
    views.Password: paths.LOGIN_PASSWORD,
    views.ChooseWay: paths.LOGIN_CHOOSE,
    views.SentCode: paths.CODE,
    views.AppCode: paths.CODE,
    views.PasskeyPrompt: paths.LOGIN_PASSKEY,
    views.Confirm: paths.CONFIRM,
    views.AwaitLink: paths.CONFIRM,
    views.NewPassword: paths.NEW_PASSWORD,
    views.ChooseFactor: paths.SET_UP_CHOOSE,
    views.SetUpApp: paths.SET_UP_APP,
    views.SetUpAddress: paths.SET_UP_ADDRESS,
    views.OfferPasskey: paths.ADD_PASSKEY,
}


@dataclass(frozen=True, slots=True)
class Here:
    """Where a page is found again: its path within the place, and what the address holds but for the language.

    `path` is empty where it is found nowhere: its address would be longer than servers take.
    """

    path: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def here(visit: Visit, view: View) -> Here:
    """Return where the page that answers a request is found again."""
    path = visit.path
    fields = {name: value for name, value in visit.query.items() if name not in _OF_LANGUAGE}
    if visit.method == "POST" and isinstance(view, Step) and view.session:
        path, fields[STEP] = PATHS[type(view)], view.session
    if sum(len(name) + len(value) for name, value in fields.items()) > LONGEST:
        return Here()
    return Here(path, tuple(fields.items()))
