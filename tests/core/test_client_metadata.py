"""Which addresses name an app, which patterns mean them, and which documents are believed: the pure rules, one by one."""

import json
import time
from typing import Any

import pytest

from poolkeeper.clock import SECOND
from poolkeeper.model.client_metadata import (
    DEFAULT_CACHE,
    LONGEST_CACHE,
    BadDocument,
    allows,
    host_of,
    is_client_url,
    kept_for,
    read_document,
    require_client_url,
)

URL = "https://app.example.com/client.json"
GOOD: dict[str, Any] = {"client_id": URL, "redirect_uris": ["https://app.example.com/cb"]}
# What a browser could take for another address than people are shown.
ODD_ADDRESSES = [
    "https://shop.example@evil.example/cb",
    "https://evil.example\\@shop.example/cb",
    "https:///evil.example/cb",
    "https://shop%2eexample/cb",
    "https://sh\u043ep.example/cb",
    "https://[::1/cb",
    "https://[2001:db8::1].example/cb",
    "https://app.example:99999/cb",
    "https://app.example:x/cb",
    "https://app.example/<b>",
]
LOOPBACK = ["http://127.0.0.1/cb", "http://localhost:33418/", "http://[::1]:1/x", "com.example.app:/cb"]


@pytest.mark.parametrize(
    "url",
    [URL, "https://a.io/x", "https://app.example.com:8443/a/b?x=1", "https://app.example.com/", "https://a.io/a..b"],
)
def test_addresses_that_name_an_app(url: str) -> None:
    """https, a host, a path; a port and a query may be there."""
    assert is_client_url(url)
    assert require_client_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com",
        "https://app.example.com?x=/",
        "https:///client.json",
        "https://user@app.example.com/c",
        "https://user:secret@app.example.com/c",
        "https://@app.example.com/c",
        "https://app.example.com/c#fragment",
        "https://app.example.com/c#",
        "https://app.example.com/a/../c",
        "https://app.example.com/./c",
        "https://app.example.com/..",
        "https://app.example.com/a/%2e%2E/c",
        "https://app.example.com/a/.%2e",
        "https://app.example.com/%2e/c",
        "https://app.example.com/a/..%2fc",
        "https://app.example.com/a/%2e%2E%2Fc",
        "https://app.example.com/a%2f..",
        "https://app.example.com/a/..%5cc",
        "https://app.example.com\\@evil.example/c",
        "https://app.example.com:99999/c",
        "https://app.example.com:0/c",
        "https://app.example.com:x/c",
        "https://[::1/c",
        "https://[2001:db8::1].example.com/c",
        "https://app.example.com[2001:db8::1]/c",
        "https://[v1.a].example.com/c",
        "https://app%2eexample.com/c",
        "https://app.example.com/a b",
        "https://app.example.com/\t",
        "https://app.example.com/ü",
        "https://app.example.com/\x00",
        f"https://app.example.com/{'a' * 256}",
        "http://app.example.com/c",
    ],
)
def test_addresses_that_name_nobody(url: str) -> None:
    """What has no path, or could be read in two ways."""
    with pytest.raises(BadDocument):
        require_client_url(url)


MATCHING = [
    ("https://app.example.com/client.json", URL),
    ("https://app.example.com/*", URL),
    ("https://*.example.com/*", URL),
    ("https://*.example.com/*", "https://a.b.example.com/x/y/z"),
    ("https://*/client.json", URL),
    ("https://app.*.com/*.json", URL),
    ("https://app.example.com:*/*", "https://app.example.com:8443/x"),
    ("https://app.example.com/*/c*t.json", "https://app.example.com/a/b/client.json"),
    ("https://a.example.com/**", "https://a.example.com/x"),
    ("https://app.example.com/a.c*", "https://app.example.com/a.cx"),
]
FOREIGN = [
    ("https://app.example.com/client.json", "https://app.example.com/client.json2"),
    ("https://app.example.com/client.json", "https://app.example.com/clientXjson"),
    ("https://*.example.com/*", "https://example.com/x"),
    ("https://*.example.com/*", "https://evil.test/.example.com/x"),
    ("https://*.example.com/*", "https://evil.test/x.example.com/x"),
    ("https://*.example.com/*", "https://evil.test?.example.com/x"),
    ("https://*.example.com/*", "https://evil.test#.example.com/x"),
    ("https://*.example.com/*", "https://evil@a.example.com/x"),
    ("https://*example.com", "https://evil.test/example.com"),
    ("https://app.example.com*", "https://app.example.com/x"),
    ("https://app.example.com*", "https://app.example.com.evil.test/x"),
    ("https://app.example.com/*", "https://app.example.com/x?y"),
    ("https://app.example.com/*", "https://app.example.com/x#y"),
    ("https://app.example.com/*", "https://app.example.com/@x"),
    ("https://app.example.com/*", "https://APP.example.com/x"),
    ("https://app.example.com/*", "https://app.example.com:8443/x"),
    ("https://app.example.com/a.c", "https://app.example.com/abc"),
    ("https://app.example.com/*", "http://app.example.com/x"),
]


def test_many_patterns_cost_nobody_a_moment() -> None:
    """Whoever names an address has all policies of a pool judged, and where none is named those of all pools."""
    url = f"https://x.example.org/{'a' * 200}"
    patterns = [f"https://*.org/{number}{'*a' * 60}" for number in range(2_500)]
    began = time.perf_counter()
    assert not allows(patterns, url)
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize(("pattern", "url"), MATCHING)
def test_patterns_that_mean_an_address(pattern: str, url: str) -> None:
    """Every sign to the letter, `*` for some in the host or some in the path."""
    assert allows([pattern], url)
    assert allows(["https://other.test/*", pattern], url)


@pytest.mark.parametrize(("pattern", "url"), FOREIGN)
def test_patterns_that_do_not(pattern: str, url: str) -> None:
    """No wildcard leaves the host by a slash, and none stands for `@`, `?` or `#`."""
    assert not allows([pattern], url)


def test_many_wildcards_end() -> None:
    """A pattern of nothing but wildcards is judged in one way: in all of them it would outlast the test."""
    pattern = "https://*a*a*a*a*a*a*a*a*a*a*a/" + "*b" * 100 + "c"
    assert not allows([pattern], "https://" + "a" * 100 + "/" + "b" * 130)


@pytest.mark.parametrize("address", LOOPBACK)
def test_redirect_addresses_of_an_app_client(address: str) -> None:
    """What CreateUserPoolClient takes is taken here."""
    assert read_document(json.dumps({**GOOD, "redirect_uris": [address]}).encode(), URL).redirect_uris == (address,)


def test_what_a_document_says() -> None:
    """Codes by default, refresh tokens where they are asked for, a name without what turns its direction."""
    said = read_document(json.dumps(GOOD).encode(), URL)
    assert (said.name, said.codes, said.refreshes) == ("", True, False)
    more = {**GOOD, "grant_types": ["authorization_code", "refresh_token"], "client_name": "A\u202eB\n" + "x" * 200}
    said = read_document(json.dumps(more).encode(), URL)
    assert (said.codes, said.refreshes, said.name[:2], len(said.name)) == (True, True, "AB", 80)
    posing = {**GOOD, "client_name": 'Tool”. Approved by «Bank», 「Bank」 and "Bank"; our app “'}
    said = read_document(json.dumps(posing).encode(), URL)
    assert said.name == "Tool'. Approved by 'Bank', 'Bank' and 'Bank'; our app '"
    said = read_document(json.dumps({**GOOD, "grant_types": ["client_credentials"]}).encode(), URL)
    assert (said.codes, said.refreshes) == (False, False)
    assert not read_document(json.dumps({**GOOD, "response_types": ["token"]}).encode(), URL).codes


@pytest.mark.parametrize(
    "said",
    [
        {"client_id": "https://app.example.com/other.json"},
        {"client_id": URL + "/"},
        {"client_id": URL.upper()},
        {"client_id": None},
        {"client_id": 7},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": None},
        {"client_secret": "s"},
        {"client_secret": ""},
        {"client_secret_expires_at": 0},
        {"dpop_bound_access_tokens": "true"},
        {"dpop_bound_access_tokens": None},
        {"redirect_uris": []},
        {"redirect_uris": None},
        {"redirect_uris": "https://app.example.com/cb"},
        {"redirect_uris": [7]},
        {"redirect_uris": ["https://app.example.com/cb"] * 101},
        {"redirect_uris": ["https://app.example.com/" + "x" * 1_024]},
        {"redirect_uris": ["http://app.example.com/cb"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        *({"redirect_uris": [one]} for one in ODD_ADDRESSES),
        {"redirect_uris": ["https://app.example.com/cb#f"]},
        {"redirect_uris": ["https://app.example.com/a b"]},
        {"redirect_uris": ["https://app.example.com/\u0000"]},
        {"redirect_uris": [""]},
        {"grant_types": "authorization_code"},
        {"response_types": {}},
    ],
)
def test_documents_that_are_not_believed(said: dict[str, Any]) -> None:
    """Another's, one with a secret, or one that leads where no app client may."""
    with pytest.raises(BadDocument):
        read_document(json.dumps({**GOOD, **said}).encode(), URL)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b"{", b"\xff\xfe", b"[" * 30_000, b'{"client_id":' + b"{" * 20_000, b"<html>"]
)
def test_bodies_that_are_no_documents(body: bytes) -> None:
    """No JSON object, or one too deep."""
    with pytest.raises(BadDocument):
        read_document(body, URL)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 90_000),
        ("max-age=86400", 86_400),
        ("public, max-age=604800", 604_800),
        ('Max-Age="604800"', 604_800),
        ("max-age=86399", 90_000),
        ("max-age=0", 90_000),
        (f"max-age={LONGEST_CACHE + 1}", 90_000),
        ("max-age=99999999999999", 90_000),
        ("max-age=604800, no-store", 90_000),
        ("no-cache", 90_000),
        ("s-maxage=604800", 90_000),
    ],
)
def test_how_long_a_document_is_kept(header: str, seconds: int) -> None:
    """Its own word between a day and a year, else the policy's."""
    assert kept_for(header, 90_000) == seconds * SECOND
    assert DEFAULT_CACHE == 86_400


def test_the_host_of_an_address_has_its_port() -> None:
    """Two apps of one host and two ports are two."""
    assert (host_of(URL), host_of("https://a.io:8443/x")) == ("app.example.com", "a.io:8443")
