"""Can a path be spelled so that a page is kept by a cache, or found past a rule in front? One spelling is served (attacks.md 99)."""

import http.client
from itertools import product

import pytest

from api.world import World
from hosted.places_of_tests import Estate, estate
from oauth.browsing import request_of
from poolkeeper.oauth.discovery import WELL_KNOWN
from poolkeeper.oauth.endpoints import BROWSER_HANDLERS, PATHS

SUFFIXES = (
    ";.css",
    ";x=.js",
    "/.css",
    "%00.css",
    "%2f.css",
    "%3f.css",
    "%23.css",
    "/",
    "//",
    "/.",
    "%20",
    "/x.css",
    "\\x.css",
)
BEFORE = (
    "/",
    "/.",
    "/./",
    "/x/..",
    "/%2e",
    "/%2e%2e",
    "/x/%2e%2e",
    "/_static/..",
    "/_static/x/%2e%2e/%2e%2e",
    "/\\",
)


@pytest.fixture
def juniper(world: World) -> Estate:
    """Make a pool at the development server."""
    return estate(world)


def spellings(path: str) -> list[str]:
    """Return other ways to write a path, as a browser, a proxy or a cache may read it."""
    first, rest = path[1], path[2:]
    found = [
        *(path + suffix for suffix in SUFFIXES),
        *(before + path for before in BEFORE),
        path.upper(),
        f"/{first.upper()}{rest}",
        f"/%{ord(first):02x}{rest}",
        f"/%25{ord(first):02x}{rest}",
        f"/{first}%{ord(rest[0]):02X}{rest[1:]}",
        path.replace("/", "%2f"),
        path.replace("/", "%2F")[3:],
        f"/%c0%af{path[1:]}",
    ]
    return [one for one in found if one != path]


def sent(one: Estate, host: str, target: str) -> tuple[int, dict[str, str], bytes]:
    """Send a target as it is, through the server's own reading of it."""
    connection = http.client.HTTPConnection("127.0.0.1", one.world.house.settings.port, timeout=20)
    connection.putrequest("GET", target, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", host)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.headers.items()}, body


def test_another_spelling_is_not_found_and_not_kept(juniper: Estate) -> None:
    """Of every endpoint, in every form; nothing answers with a redirect to the right one."""
    query = f"?client_id={juniper.client.client_id}"
    for path, (host, mount) in product((*PATHS, *WELL_KNOWN), juniper.forms.values()):
        for spelling in spellings(path):
            status, headers, body = sent(juniper, host, mount + spelling + query)
            assert status in {400, 404}, (host, mount + spelling)
            assert "location" not in headers, spelling
            assert headers.get("cache-control") == "no-store" or status == 400, (host, mount + spelling)
            assert juniper.pool.pool_id.encode() not in body


def test_the_right_spelling_is_served(juniper: Estate) -> None:
    """The other test would say nothing without this one."""
    query = "&".join(f"{name}={value}" for name, value in request_of(juniper.client, scope="openid").items())
    for host, mount in juniper.forms.values():
        status, headers, _ = sent(juniper, host, f"{mount}/oauth2/authorize?{query}")
        assert (status, headers["location"].partition("?")[0]) == (303, f"{mount}/login")


def test_no_page_is_served_under_headers_that_let_it_be_kept(juniper: Estate) -> None:
    """Whatever comes back of what browsers are led to, well formed or not, is `no-store`."""
    queries = ("", "?client_id=nobodys", f"?client_id={juniper.client.client_id}", "?a=1&a=2", "?a=%00", "?a=%ff")
    assert "/oauth2/authorize" in BROWSER_HANDLERS
    for path, query, (host, mount) in product(BROWSER_HANDLERS, queries, juniper.forms.values()):
        status, headers, _ = sent(juniper, host, mount + path + query)
        assert status < 500
        assert "no-store" in headers["cache-control"], (host, mount + path + query)


def test_no_slash_is_mended_by_an_address_of_the_hosts_making(world: World) -> None:
    """A router would redirect to `http://<Host>/health` (attacks.md 95)."""
    for path in ("/health/", "/_dev/outbox/", "/us-east-1_AbCdEfGhI/.well-known/jwks.json/"):
        status, headers, _ = world.get(path, {"Host": "evil.example"})
        assert (status, headers.get("location"), headers["cache-control"]) == (404, None, "no-store")
