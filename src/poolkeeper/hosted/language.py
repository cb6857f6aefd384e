"""In which language does somebody read? `lang` of the address, the cookie of the last one, what the browser prefers, English.

Source: oauth-federation.md 2.1 and 5.
"""

from starlette.responses import Response

from poolkeeper.forms import Form
from poolkeeper.hosted import browser
from poolkeeper.hosted.visit import Visit
from poolkeeper.model import languages

LANG, UI_LOCALES = "lang", "ui_locales"
_COOKIE = "lang"
# Until it is changed, or as long as a browser keeps any cookie (RFC 6265bis 5.5: 400 days).
_SECONDS = 400 * 24 * 3_600


def asked(given: Form) -> str:
    """Return the language that a request asks for by name; empty where it names none that we speak.

    `ui_locales` is OpenID's word for it (OpenID Connect Core 3.1.2.1).
    """
    # UNVERIFIED: that AWS passes over a `lang` that it does not know; the page of lang=tlh would settle it.
    return languages.known(given.get(LANG, "")) or languages.first_known(given.get(UI_LOCALES, ""))


def of(visit: Visit) -> str:
    """Return the language of the page that answers a request."""
    # UNVERIFIED: AWS's pages are English unless `lang` was said once; that they do not look at Accept-Language is read
    # from its guide, which names no such thing.
    return (
        asked(visit.query)
        or languages.known(visit.cookies.get(browser.cookie_name(visit.place, _COOKIE), ""))
        or languages.accepted(visit.headers.get("accept-language", ""))
        or languages.FALLBACK
    )


def keep(visit: Visit, response: Response) -> None:
    """Let the browser remember the language that a request asks for, unless it does already."""
    tag = asked(visit.query)
    if tag and visit.cookies.get(browser.cookie_name(visit.place, _COOKIE)) != tag:
        browser.set_cookie(response, visit.place, _COOKIE, tag, seconds=_SECONDS)


def carried(given: Form) -> list[tuple[str, str]]:
    """Return what hands a language on to a page whose address holds nothing else of a request."""
    tag = asked(given)
    return [(LANG, tag)] if tag else []
