"""What does an app find at its address? Our parameters alone, each once, with the name of whoever wrote them (attacks.md 78, 82, 89)."""

import http.client
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from api.world import ClientOfTests, World
from oauth.hosted import CALLBACK, CHALLENGE, NAME, VERIFIER, arrive, code_client, code_for, exchange

USUAL = {"response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a public app client and `ada`."""
    pool = world.pool()
    pool.user(NAME)
    return code_client(pool)


def found(location: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(location).query, keep_blank_values=True)


def test_what_a_request_holds_beside_its_own_does_not_come_back(client: ClientOfTests) -> None:
    """attacks.md 78: code, iss, error and SAMLResponse of the request's own are not handed on; the state is, to the byte."""
    state = "a&code=evil#é/../%0d%0a"
    response = arrive(client, code="evil", iss="https://evil.example", error="x", SAMLResponse="x", state=state)
    told = found(response.headers["location"])
    assert sorted(name for name, _ in told) == ["code", "iss", "state"]
    assert dict(told)["state"] == state
    assert dict(told)["code"] != "evil"
    assert dict(told)["iss"] == f"{client.world.url}/{client.pool.pool_id}"


@pytest.mark.parametrize("name", ["state", "code", "client_id", "redirect_uri", "scope", "anything"])
def test_no_parameter_comes_twice(world: World, client: ClientOfTests, name: str) -> None:
    """attacks.md 78: two readers would understand two requests; there is no redirect."""
    fields = {"client_id": client.client_id, **USUAL, name: "a"}
    status, headers, _ = world.get(f"/oauth2/authorize?{urlencode(fields)}&{name}=b")
    assert status == 400
    assert "location" not in headers


def test_a_code_that_somebody_else_began_is_worth_nothing(client: ClientOfTests) -> None:
    """attacks.md 82: brought into a victim's app it meets another verifier, or a challenge that is missing."""
    client.pool.user("mallory")
    of_mallory = code_for(client, "mallory", code_challenge=CHALLENGE, code_challenge_method="S256")
    assert exchange(client, of_mallory, code_verifier="b" * 43).error == (400, "invalid_grant")
    without = code_for(client, "mallory")
    assert exchange(client, without, code_verifier=VERIFIER).error == (400, "invalid_grant")


def test_no_redirect_with_a_code_is_kept_or_refers(client: ClientOfTests) -> None:
    """attacks.md 89: 303, no-store, no-referrer."""
    response = arrive(client)
    assert response.status_code == 303
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"


def test_ten_thousand_scopes_are_refused_by_redirect(world: World, client: ClientOfTests) -> None:
    """attacks.md 98: at the authorization endpoint, by GET as far as an address goes and by POST."""
    scope = " ".join(f"s{number}" for number in range(7_000))
    answer = _posted(world, {"client_id": client.client_id, **USUAL, "scope": scope})
    assert "error=" in answer


def _posted(world: World, fields: dict[str, str]) -> str:
    connection = http.client.HTTPConnection(urlsplit(world.url).netloc, timeout=30)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/oauth2/authorize", urlencode(fields), kind)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return str(answer.headers["location"])
