"""Whether a header can say where the server is: issuer, addresses and messages come from settings alone (attacks.md 95)."""

import http.client
import json
from collections.abc import Iterator
from itertools import product
from urllib.parse import urlencode, urlsplit

from api.forge import claims_of
from api.stage import NAME, Answer, Wire, set_stage
from api.world import World
from oauth.browsing import CALLBACK, app_client, request_of
from poolkeeper.clock import SECOND

EVIL = "evil.example"
NAMES = (
    "Host",
    "X-Forwarded-Host",
    "X_Forwarded_Host",
    "X-Forwarded-Server",
    "X-Forwarded-Proto",
    "X-Forwarded-Scheme",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-For",
    "X-Original-Host",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Host",
    "X-HTTP-Host-Override",
    "X-Real-IP",
    "X-ProxyUser-Ip",
    "Forwarded",
    "Front-End-Https",
    "Base-Url",
    "Origin",
    "Referer",
)
HOSTS = (EVIL, f"{EVIL}:443")
VALUES = (
    *HOSTS,
    f"https://{EVIL}",
    f"host={EVIL};proto=https",
    f"localhost, {EVIL}",
    f"localhost@{EVIL}",
    "",
)


def variants() -> Iterator[dict[str, str]]:
    """Return every header under every value that it may have, and all of them at once."""
    for value in VALUES:
        yield from ({name: value} for name in named(value))
    yield dict.fromkeys(NAMES, EVIL)


def named(value: str) -> tuple[str, ...]:
    """Return the headers that may have a value: where Host is no host, the request is refused as a whole."""
    return tuple(name for name in NAMES if name != "Host" or value in HOSTS)


def test_a_host_that_is_none_is_refused(world: World) -> None:
    """Before anything is made of it; the answer does not repeat it."""
    for value in set(VALUES) - set(HOSTS):
        status, headers, body = world.get("/health", {"Host": value})
        assert (status, body) == (400, b"Bad Request"), value
        assert EVIL not in repr(headers)


def test_no_header_moves_the_published_documents(world: World) -> None:
    """Issuer, key address and keys are the same bytes under every header; no answer names another place."""
    pool_id = world.pool().pool_id
    paths = (f"/{pool_id}/.well-known/openid-configuration", f"/{pool_id}/.well-known/jwks.json")
    expected = {path: world.get(path)[2] for path in paths}
    document = json.loads(expected[paths[0]])
    assert document["issuer"] == f"{world.url}/{pool_id}"
    assert document["jwks_uri"] == f"{world.url}/{pool_id}/.well-known/jwks.json"

    for headers, path in product(variants(), paths):
        status, answered, body = world.get(path, headers)
        assert (status, body) == (200, expected[path]), headers
        assert EVIL not in repr(answered), headers


def test_no_header_moves_the_issuer_of_a_token(world: World, wire: Wire) -> None:
    """Tokens of a sign-in have the issuer of the settings, whatever the request said of its host."""
    stage = set_stage(world, "headers")
    request = {
        "ClientId": stage.client.client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": NAME, "PASSWORD": stage.password},
    }
    for headers in variants():
        answer = wire.call("InitiateAuth", request, headers=headers)
        assert EVIL not in answer.body
        result = json.loads(answer.body)["AuthenticationResult"]
        for kind in ("AccessToken", "IdToken"):
            assert claims_of(result[kind])["iss"] == f"{world.url}/{stage.pool.pool_id}", headers


def sent(world: World, wire: Wire, client_id: str, name: str, headers: dict[str, str]) -> tuple[Answer, str, str]:
    """Sign up under some headers; return the answer, and the message without what differs by nature."""
    world.clock.advance(SECOND)
    address = f"{name}@example.com"
    request = {
        "ClientId": client_id,
        "Username": name,
        "Password": "Swim-in-2-pools",
        "UserAttributes": [{"Name": "email", "Value": address}],
    }
    answer = wire.call("SignUp", request, headers=headers)
    message = world.outbox(address)[-1]
    return answer, str(message["subject"]), str(message["body"]).replace(str(message["code"]), "{code}")


def test_no_header_gets_into_a_message(world: World, wire: Wire) -> None:
    """What is mailed is the same text under every header."""
    client_id = world.pool(AutoVerifiedAttributes=["email"]).client().client_id
    _, subject, body = sent(world, wire, client_id, "plain", {})
    for number, headers in enumerate(dict.fromkeys(named(value), value) for value in VALUES):
        answer, other_subject, other_body = sent(world, wire, client_id, f"user{number}", headers)
        assert answer.status == 200
        assert (other_subject, other_body) == (subject, body), headers


def test_no_header_sends_anybody_elsewhere(world: World) -> None:
    """Nothing answers with a redirect to a place that the request named."""
    for headers, path in product(
        variants(), ("/", "/health", "/health/", "/_dev/outbox", "/nowhere", "//evil.example", "/.well-known")
    ):
        _, answered, body = world.get(path, headers)
        assert EVIL not in answered.get("location", ""), headers
        # The page at / shows developers what was asked before, the outbox what was sent.
        assert path in {"/", "/_dev/outbox"} or EVIL.encode() not in body, headers


def test_no_header_moves_where_the_authorization_server_leads(world: World) -> None:
    """Redirects between pages are relative, addresses in the metadata are the settings', cookies are for one host."""
    pool = world.pool()
    client = app_client(pool)
    query = urlencode(request_of(client))
    expected = world.get(f"/{pool.pool_id}/.well-known/openid-configuration")[2]
    for headers in variants():
        if "Host" in headers:
            continue  # another host is another place: tests/hosted/test_forms.py
        status, answered, _ = asked(world, f"/oauth2/authorize?{query}", headers)
        assert (status, answered["location"].partition("?")[0]) == (303, "/login"), headers
        status, answered, _ = asked(world, f"/oauth2/authorize?{query}&prompt=none", headers)
        assert answered["location"].startswith(f"{CALLBACK}?error=login_required"), headers
        assert world.get(f"/.well-known/openid-configuration/{pool.pool_id}", headers)[2] == expected


def asked(world: World, target: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    """GET a path and follow no redirect."""
    connection = http.client.HTTPConnection(urlsplit(world.url).netloc, timeout=30)
    connection.request("GET", target, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.headers.items()}, body
