"""Whether a header can say where the server is: issuer, addresses and messages come from settings alone (attack 95)."""

import json
from collections.abc import Iterator
from itertools import product

from api.forge import claims_of
from api.stage import NAME, Answer, Wire, set_stage
from api.world import World
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
VALUES = (
    EVIL,
    f"{EVIL}:443",
    f"https://{EVIL}",
    f"host={EVIL};proto=https",
    f"localhost, {EVIL}",
    f"localhost@{EVIL}",
    "",
)


def variants() -> Iterator[dict[str, str]]:
    """Return every header under every value, and all of them at once."""
    for name, value in product(NAMES, VALUES):
        yield {name: value}
    yield dict.fromkeys(NAMES, EVIL)


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
    for number, headers in enumerate({**dict.fromkeys(NAMES, value)} for value in VALUES):
        answer, other_subject, other_body = sent(world, wire, client_id, f"user{number}", headers)
        assert answer.status == 200
        assert (other_subject, other_body) == (subject, body), headers


def test_no_header_sends_anybody_elsewhere(world: World) -> None:
    """Nothing answers with a redirect to a place that the request named."""
    for headers, path in product(
        variants(), ("/", "/health", "/_dev/outbox", "/nowhere", "//evil.example", "/.well-known")
    ):
        _, answered, body = world.get(path, headers)
        assert EVIL not in answered.get("location", ""), headers
        assert path == "/_dev/outbox" or EVIL.encode() not in body, headers
