"""What does a client read where a function fails, or there is too much to do? An error of OAuth, never a 500."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.own_code import OwnCode, own_code
from api.world import World
from oauth.hosted import NAME, code_client, refresh, tokens_for
from poolkeeper.auth import gate
from poolkeeper.errors import TooManyRequestsException


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pool."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


@pytest.mark.parametrize("line", ["raise ValueError('Not today')", "event['response'] = 5"])
def test_a_function_that_fails_at_a_refresh_is_told(world: World, code: OwnCode, line: str) -> None:
    """The session stays: the next refresh may go well. The sources are those of the pages (userpools.md 4.1)."""
    arn = code.function("PreTokenGeneration", "pass")
    pool = world.pool(LambdaConfig={"PreTokenGeneration": arn})
    pool.user(NAME)
    client = code_client(pool)
    token = tokens_for(client, scope="openid")["refresh_token"]
    code.function("PreTokenGeneration", line)
    answer = refresh(client, token)
    assert answer.error == (400, "invalid_request")
    assert answer.headers["cache-control"] == "no-store"
    code.function("PreTokenGeneration", "pass")
    assert refresh(client, token).status == 200
    sources = [event["triggerSource"] for event in code.told("PreTokenGeneration")]
    assert sources == ["TokenGeneration_HostedAuth", "TokenGeneration_RefreshTokens", "TokenGeneration_RefreshTokens"]


def test_too_much_to_do_is_said_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP 429."""
    pool = world.pool()
    pool.user(NAME)
    client = code_client(pool)
    token = tokens_for(client)["refresh_token"]

    async def busy(*_: Any, **__: Any) -> None:
        raise TooManyRequestsException("Too many requests")

    monkeypatch.setattr(gate, "readmit", busy)
    assert refresh(client, token).error == (429, "temporarily_unavailable")
