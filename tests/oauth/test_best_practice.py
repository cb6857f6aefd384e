"""Does the authorization server keep what RFC 9700 demands and no other test looks at? Small things, each with its section."""

import ast
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import poolkeeper
from api.world import PASSWORD, World
from oauth.browsing import app_client, request_of
from pages.walking import walk_in

SOURCE = Path(poolkeeper.__file__).parent


def test_what_was_typed_is_not_sent_on(world: World) -> None:
    """2.1, 4.12: a form with a password is answered by 303, which makes a GET of the next request, and never by 307."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)
    page = walk.sign_in("ada")
    assert page.status == 303
    assert PASSWORD not in page.location
    assert parse_qs(urlsplit(page.location).query).keys() == {"code", "state", "iss"}
    assert walk.authorize().status == 303


@pytest.mark.parametrize("path", ["/oauth2/authorize", "/login", "/logout"])
def test_no_script_reads_the_authorization_endpoint(world: World, path: str) -> None:
    """2.6: what people come to answers no other origin, also when it is asked first."""
    client = app_client(world.pool())
    query = "&".join(f"{name}={value}" for name, value in request_of(client).items()).replace(" ", "+")
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for method, headers in (("OPTIONS", asked), ("POST", {"Origin": "https://evil.example"})):
        told = world.http(method, f"{path}?{query}", body=b"" if method == "POST" else None, headers=headers)[1]
        assert not [name for name in told if name.startswith("access-control-")]


def test_nothing_is_drawn_from_what_can_be_foreseen(world: World) -> None:
    """ASVS 6.5.3, 6.5.4, 7.2.3: no module draws from `random`; a mailed code is six digits."""
    for path in SOURCE.rglob("*.py"):
        for one in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in one.names] if isinstance(one, ast.Import) else []
            module = one.module if isinstance(one, ast.ImportFrom) else ""
            assert "random" not in {*names, module}, path
    pool = world.pool(AutoVerifiedAttributes=["email"])
    app_client(pool, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]).sign_up("ada", email="drawn@example.com")
    assert re.fullmatch(r"[0-9]{6}", world.code("drawn@example.com"))
