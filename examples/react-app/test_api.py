"""Does the backend answer whoever signed in to the application, and nobody else? Asked with tokens of a user pool of its own."""

import importlib

import pytest
from fastapi.testclient import TestClient

from poolkeeper.testing import PoolkeeperServer


@pytest.fixture
def api(poolkeeper: PoolkeeperServer, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Load the backend with the pool of the tests."""
    monkeypatch.setenv("POOL_ISSUER", f"{poolkeeper.url}/us-east-1_Example")
    monkeypatch.setenv("POOL_CLIENT_ID", "reactapp")
    return TestClient(importlib.reload(importlib.import_module("backend.api")).app)


def tokens(poolkeeper: PoolkeeperServer, client_id: str = "reactapp") -> dict[str, str]:
    """Sign in and return all three tokens."""
    ada = {"USERNAME": "ada@lovelace.example", "PASSWORD": "Swim-in-2-pools"}
    asked = {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": ada}
    answered: dict[str, str] = poolkeeper.client().initiate_auth(**asked)["AuthenticationResult"]
    return answered


def asked(api: TestClient, token: str) -> tuple[int, str]:
    """Ask who we are, and return status and body."""
    answer = api.get("/api/me", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.text


def test_whoever_signed_in_is_told_who_they_are(api: TestClient, poolkeeper: PoolkeeperServer) -> None:
    (ada,) = poolkeeper.client().list_users(UserPoolId="us-east-1_Example")["Users"]
    status, body = asked(api, tokens(poolkeeper)["AccessToken"])
    assert (status, f'"username":"{ada["Username"]}"' in body) == (200, True)


def test_other_tokens_are_refused(api: TestClient, poolkeeper: PoolkeeperServer) -> None:
    assert asked(api, tokens(poolkeeper)["IdToken"])[0] == 401
    told = asked(api, tokens(poolkeeper, "another")["AccessToken"])
    assert told == (401, '{"detail":"This token was issued to another application."}')
    assert asked(api, "nonsense")[0] == 401
