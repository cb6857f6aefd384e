"""What is answered while the database is away, or something breaks? An endpoint's own kind of answer, and the id under which the log tells more."""

import json
from typing import Any

import pytest

from api.world import World
from hosted.log_lines import line_of
from hosted.places_of_tests import Estate, estate
from poolkeeper.store import clients, domains, pools
from poolkeeper.store.db import Unavailable

MARK = "SELECT secret FROM pools"
OF_SCRIPTS = ("/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo", "/.well-known/openid-configuration")
OF_PEOPLE = ("/oauth2/authorize", "/logout", "/login", "/signup", "/forgotPassword")


@pytest.fixture
def juniper(world: World) -> Estate:
    """Make a pool at the development server."""
    return estate(world)


def break_down(juniper: Estate, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    """Let every look-up of a domain, a pool or a client fail."""

    def broken(*_args: Any, **_kwargs: Any) -> Any:
        raise fault

    for module, name in ((domains, "pool_of"), (pools, "version"), (clients, "pool_of"), (pools, "find")):
        monkeypatch.setattr(module, name, broken)
    memory = juniper.world.house.memory
    memory.pools.drop(juniper.pool.pool_id)
    memory.pool_of_client.drop(juniper.client.client_id)


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [(Unavailable(MARK), 503, "temporarily_unavailable"), (RuntimeError(MARK), 500, "server_error")],
)
def test_an_endpoint_answers_in_its_own_kind(
    juniper: Estate, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int, error: str
) -> None:
    """JSON that a script of any site reads, or a page; never kept, with an id that the log knows (attacks.md 156)."""
    world, client_id = juniper.world, juniper.client.client_id
    asked = {"client_id": client_id, "grant_type": "client_credentials", "token": "x"}
    break_down(juniper, monkeypatch, fault)
    for host, mount in (juniper.forms["prefix"], juniper.forms["path"], juniper.forms["bare"]):
        for path in (*OF_SCRIPTS, *OF_PEOPLE):
            posted = path in OF_SCRIPTS[:2]
            more: dict[str, Any] = {"data": asked} if posted else {"params": {"client_id": client_id}}
            if path == OF_SCRIPTS[2]:
                more["headers"] = {"Authorization": "Bearer x"}
            answer = juniper.ask(host, mount + path, method="POST" if posted else "GET", **more)
            where = (host, mount, path)
            if path == OF_SCRIPTS[2] and not mount and host == "localhost":
                continue  # a junk token names nobody: nothing is looked up
            assert answer.status_code == status, where
            assert answer.headers["cache-control"] == "no-store", where
            assert answer.headers.get("retry-after") == ("5" if status == 503 else None), where
            assert MARK not in answer.text
            request_id = answer.headers["x-amz-cognito-request-id"]
            line = line_of(world, dict(answer.headers))
            assert (line["status"], line["outcome"]) == (status, error)
            assert any(MARK in one.decode() for one in world.log if request_id.encode() in one)
            if path in OF_SCRIPTS:
                assert answer.headers["content-type"].startswith("application/json"), where
                assert answer.headers["access-control-allow-origin"] == "*"
                if path.startswith("/oauth2"):
                    assert json.loads(answer.text)["error"] == error
            else:
                assert answer.headers["content-type"].startswith("text/html"), where
                assert request_id in answer.text
                assert 'rel="stylesheet"' in answer.text, where
                assert "access-control-allow-origin" not in answer.headers


def test_documents_under_a_pools_id_are_refused_as_json(juniper: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script of any site that verifies tokens reads that it may try again."""
    break_down(juniper, monkeypatch, Unavailable(MARK))
    for path in ("/{}/.well-known/jwks.json", "/.well-known/openid-configuration/{}"):
        answer = juniper.ask("localhost", path.format(juniper.pool.pool_id))
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["retry-after"] == "5"
