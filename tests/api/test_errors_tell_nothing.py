"""Whether an accident, in whatever layer, tells its caller the id of the request and nothing more (attacks.md 156)."""

import json
import re
from typing import Any

import pytest

from api.stage import NAME, Stage, set_stage
from api.world import World
from poolkeeper.accounts import passwords
from poolkeeper.aws import constraints, json_1_1
from poolkeeper.cache import Cache
from poolkeeper.crypto import jws
from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.crypto.seal import Sealer
from poolkeeper.defences import lockout
from poolkeeper.heavy import HeavyPool
from poolkeeper.model.pool import Pool
from poolkeeper.operations.cognito_idp import sign_in
from poolkeeper.store import beginnings, callers, pools, sessions
from poolkeeper.store.db import Database
from poolkeeper.store.postgres import PostgresDatabase
from poolkeeper.store.sqlite import SqliteDatabase
from poolkeeper.tokens import claims, issue

MARK = "hunter2-in-the-traceback"
LAYERS: dict[str, tuple[Any, str]] = {
    "the wire, reading": (json_1_1, "decode"),
    "the wire, writing": (json_1_1, "encode"),
    "the limits": (constraints, "check"),
    "the operation": (sign_in, "_filled"),
    "the rules of signing in": (passwords, "prove"),
    "the lockout": (lockout, "trial"),
    "the model": (Pool, "named"),
    "the tokens": (issue, "issue"),
    "the claims": (claims, "access_claims"),
    "the signature": (jws, "sign"),
    "the threads": (HeavyPool, "run"),
    "the password hash": (Argon2, "verify"),
    "a statement": (beginnings, "by_client_and_name"),
    "a change": (sessions, "open_if_allowed"),
    "the database": (Database, "fetch"),
}
DRIVERS = {"sqlite": SqliteDatabase, "postgresql": PostgresDatabase}


def broken(*_args: object, **_kwargs: object) -> Any:
    raise RuntimeError(f"SELECT password FROM users -- {MARK}")


@pytest.fixture
def stage(world: World) -> Stage:
    return set_stage(world, "accidents")


def assert_tells_only_its_id(status: int, headers: dict[str, str], body: bytes) -> str:
    """See that an answer is the one sentence for accidents; return the id in it."""
    request_id = headers["x-amzn-requestid"]
    message = f"Something went wrong here. The log tells more of request {request_id}."
    assert status == 500
    assert json.loads(body) == {"__type": "InternalErrorException", "message": message}
    assert MARK not in repr(headers)
    return request_id


@pytest.mark.parametrize("layer", LAYERS)
def test_an_accident_in_any_layer_tells_the_request_id_alone(
    world: World, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, layer: str
) -> None:
    """attacks.md 156: no text of the exception, no SQL, no traceback; those are in the log, under the id."""
    place, name = LAYERS[layer]
    place = DRIVERS[world.engine] if place is Database else place
    body = {
        "ClientId": stage.client.client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": NAME, "PASSWORD": stage.password},
    }
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
    }
    monkeypatch.setattr(place, name, broken)
    answer = world.http("POST", "/", body=json.dumps(body).encode(), headers=headers)
    monkeypatch.undo()

    request_id = assert_tells_only_its_id(*answer)
    assert MARK in caplog.text
    assert f"request {request_id} failed" in caplog.text


@pytest.mark.parametrize(("place", "name"), [(callers, "by_key"), (Sealer, "open_column")])
def test_an_accident_while_the_caller_is_looked_for(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: Any, name: str
) -> None:
    """attacks.md 156: the same before anybody is let in, and a caller who cannot be verified is not let in by it."""
    monkeypatch.setattr(world.app._endpoint._find_signer, "_opened", Cache(1))
    client = world.client()
    monkeypatch.setattr(place, name, broken)
    with pytest.raises(client.exceptions.InternalErrorException) as fault:
        client.list_user_pools(MaxResults=1)
    assert MARK not in str(fault.value)
    assert MARK in caplog.text


@pytest.mark.parametrize(
    "path", ["/health", "/{pool}/.well-known/jwks.json", "/{pool}/.well-known/openid-configuration"]
)
def test_an_accident_outside_of_the_api(
    world: World, stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """attacks.md 156: what is served by address answers the same: 500, an id, and the rest in the log."""
    for name in ("ids", "version"):
        monkeypatch.setattr(pools, name, broken)
    status, headers, body = world.get(path.format(pool=stage.pool.pool_id))
    monkeypatch.undo()

    assert status == 500
    text = json.loads(body)["message"] if path.startswith("/{pool}") else body.decode().removesuffix("\n")
    assert re.fullmatch(r"Something went wrong here\. The log tells more of request [0-9a-f-]{36}\.", text)
    assert MARK not in repr(headers)
    assert MARK in caplog.text + b"".join(world.log).decode()
