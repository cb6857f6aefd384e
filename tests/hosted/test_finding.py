"""Which pool does a request on the bare host mean? What it names, in the order of what is surest, and never a guess."""

from base64 import b64encode, urlsafe_b64encode
from typing import Any

import msgspec
import pytest

from api.world import World
from hosted.places_of_tests import Estate, asked, estate
from poolkeeper.forms import Form
from poolkeeper.hosted.finding import basic_client_id, handle, pool_named


@pytest.fixture
def juniper(world: World) -> Estate:
    """Make a pool at the development server."""
    return estate(world)


def basic(text: str | bytes) -> dict[str, str]:
    """Return the header of Basic for what stands before it is encoded."""
    raw = text if isinstance(text, bytes) else text.encode()
    return {"authorization": f"Basic {b64encode(raw).decode()}"}


def jwt(issuer: Any) -> str:
    """Return what has the form of a JWT with an issuer; nobody signed it."""
    parts = ({"kid": b64encode(bytes(32)).decode(), "alg": "RS256"}, {"iss": issuer, "token_use": "id"})
    encoded = (urlsafe_b64encode(msgspec.json.encode(one)).rstrip(b"=").decode() for one in parts)
    return ".".join([*encoded, "A" * 342])


def named(
    world: World,
    query: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> str | None:
    """Return the pool that a request names."""

    async def find() -> str | None:
        call = world.app._call(
            region=None,
            caller=None,
            client_address="127.0.0.1",
            user_agent="",
            request_id="id",
            now=world.clock.now(),
        )
        return await pool_named(call, Form(query or {}), Form(form or {}), headers or {})

    return world.run(find)


def test_every_way_to_name_a_pool_does(juniper: Estate) -> None:
    """Client ids, tokens in either form of the issuer, and what our own `state` begins with."""
    world, client_id, pool_id = juniper.world, juniper.client.client_id, juniper.pool.pool_id
    own, aws = f"{world.url}/{pool_id}", f"https://cognito-idp.us-east-1.amazonaws.com/{pool_id}"
    ways: list[dict[str, dict[str, str]]] = [
        {"query": {"client_id": client_id}},
        {"form": {"client_id": client_id}},
        {"headers": basic(f"{client_id}:secret")},
        {"headers": basic(f"{client_id}:secret:with:colons")},
        {"headers": {"authorization": f"bAsIc  {b64encode(client_id.encode()).decode()}"}},
        {"headers": {"authorization": f"Bearer {jwt(own)}"}},
        {"headers": {"authorization": f"bearer {jwt(aws)}"}},
        {"headers": {"authorization": f"DPoP {jwt(own)}"}},
        {"form": {"access_token": jwt(own)}},
        {"form": {"token": jwt(own)}},
        {"form": {"id_token_hint": jwt(own)}},
        {"query": {"id_token_hint": jwt(aws)}},
        {"query": {"state": handle(pool_id, "secret")}},
        {"form": {"state": handle(pool_id, "secret")}},
        {"query": {"RelayState": handle(pool_id, "secret")}},
        {"form": {"RelayState": handle(pool_id, "secret.with.dots")}},
    ]
    for way in ways:
        assert named(world, **way) == pool_id, way


def test_nothing_else_names_a_pool(juniper: Estate) -> None:
    """Neither what cannot be read nor what a database would not take, in any of the places."""
    world, pool_id = juniper.world, juniper.pool.pool_id
    ways: list[dict[str, dict[str, str]]] = [
        {},
        {"query": {"token": jwt(f"{world.url}/{pool_id}")}},
        {"query": {"access_token": jwt(f"{world.url}/{pool_id}")}},
        {"query": {"state": pool_id}},
        {"query": {"state": "app's own"}},
        {"query": {"state": f" {pool_id}.x"}},
        {"query": {"client_id": "\x00"}},
        {"query": {"client_id": "a" * 129}},
        {"headers": {"authorization": "Basic"}},
        {"headers": {"authorization": "Basic %%%"}},
        {"headers": {"authorization": "Basic ÿ"}},
        {"headers": basic(b"\xff\xfe:x")},
        {"headers": basic("\x00:x")},
        {"headers": basic(":x")},
        {"headers": {"authorization": "Bearer"}},
        {"headers": {"authorization": "Bearer a.b.c"}},
        {"headers": {"authorization": f"Bearer {jwt('https://evil.example/a%00')}"}},
        {"headers": {"authorization": f"Bearer {jwt('x/' + 'a' * 60 + '_A')}"}},
        {"headers": {"authorization": f"Bearer {jwt(None)}"}},
        {"form": {"token": jwt(["x"])}},
    ]
    for way in ways:
        assert named(world, **way) is None, way


def test_the_first_client_that_is_named_decides(juniper: Estate) -> None:
    """A token of another pool does not help a client that is nobody's; a form comes before a query."""
    world, pool_id = juniper.world, juniper.pool.pool_id
    other = estate(world)
    assert named(world, {"client_id": other.client.client_id}, {"client_id": juniper.client.client_id}) == pool_id
    assert named(world, {"client_id": "nobodys", "state": handle(pool_id, "x")}) is None
    hint = jwt(f"{world.url}/{other.pool.pool_id}")
    assert named(world, {"client_id": juniper.client.client_id, "id_token_hint": hint}) == pool_id


def test_a_client_id_in_basic_is_read_or_not_there() -> None:
    """Whatever stands in the header, nothing is raised."""
    assert basic_client_id(basic("abc:secret")) == "abc"
    assert basic_client_id(basic("abc")) == "abc"
    for bad in ("", "Basic", "Basic =", "Basic a", "Digest YTpi", "Basic YTpi YTpi"):
        assert basic_client_id({"authorization": bad}) is None


@pytest.mark.parametrize("value", ["Basic AA==", "Basic AAA6YQ==", "Bearer " + jwt("x/\x00"), "Bearer \x80", "Basic"])
def test_garbage_in_the_authorization_header_is_no_accident(world: World, value: str) -> None:
    """NUL in a client id comes to no database (attacks.md 97)."""
    answer = asked(world, "localhost", "/oauth2/authorize", headers={"Authorization": value.encode("latin-1")})
    assert answer.status_code == 400
