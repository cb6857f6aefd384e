"""Which headers protect a page? The policies of every page in one place, and the refusal of requests from other sites."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from poolkeeper.own_machine import OwnNames, foreign_host

Endpoint = Callable[[Request], Awaitable[Response]]

_NOT_OURS = "Development mode answers under localhost and the names that the setting dev_hosts has.\n"

_SCRIPTED = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'"
_COMMON = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
_ALONE = {**_COMMON, "cross-origin-opener-policy": "same-origin"}

# Chromium checks form-action along the whole redirect chain of a form, so sign-in pages, which end in a redirect to an
# app, carry none; console and inbox, whose forms end where they begin, do. An app may open its sign-in in a window of its
# own and wait for it (oidc-client-ts: signinPopup): under Cross-Origin-Opener-Policy that window would lose its opener.
SIGN_IN_PAGE: Mapping[str, str] = {
    **_COMMON,
    "content-security-policy": f"{_SCRIPTED}; base-uri 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
}
CONSOLE_PAGE: Mapping[str, str] = {
    **_ALONE,
    "content-security-policy": (
        f"{_SCRIPTED}; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
}
# A captured mail is a stranger's HTML: no script, no form, no request leaves it, and its origin is nobody's.
CAPTURED_MAIL: Mapping[str, str] = {
    **_ALONE,
    "content-security-policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    ),
    "x-frame-options": "SAMEORIGIN",
}
DATA: Mapping[str, str] = {
    **_ALONE,
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
}
# The address of an asset changes with its content.
ASSET: Mapping[str, str] = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}

# What pages of applications load, wherever they are; at an address that stays when the content changes.
SHARED_SCRIPT: Mapping[str, str] = {
    "cache-control": "public, max-age=3600",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
}


def same_site_only(endpoint: Endpoint) -> Endpoint:
    """Wrap an endpoint that changes or keeps something, so that a form or script of another site gets 403 and no more."""

    async def guarded(request: Request) -> Response:
        if _comes_from_elsewhere(request):
            return PlainTextResponse("This request comes from another site.\n", status_code=403, headers=DATA)
        return await endpoint(request)

    return guarded


def known_host_only(endpoint: Endpoint, names: OwnNames, *, address: str) -> Endpoint:
    """Wrap an endpoint that shows what no other site may see, so that it answers under names of this server alone.

    Answered are `names`, bare addresses, and the host of `address`.
    """
    shown_names = replace(names, hosts=(*names.hosts, urlsplit(address).hostname or ""), any_address=True)
    return _under(shown_names, endpoint)


def own_machine_only(endpoint: Endpoint, names: OwnNames) -> Endpoint:
    """Wrap an endpoint that changes what development mode keeps: for whoever uses `names`, and for no page of another site."""
    return _under(names, same_site_only(endpoint))


def _under(names: OwnNames, endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        if foreign_host(request.headers.items(), names) is None:
            return await endpoint(request)
        return PlainTextResponse(_NOT_OURS, status_code=421, headers=DATA)

    return guarded


def _comes_from_elsewhere(request: Request) -> bool:
    """Judge by Sec-Fetch-Site, else by Origin; a request with neither comes from no browser.

    Our own forms say `Origin: null`, as Referrer-Policy `no-referrer` makes them (Fetch standard, "append a request
    `Origin` header"), so Origin decides only where the browser does not say Sec-Fetch-Site.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")
