"""Whether text of any kind, in any member of any operation, is anything but text (attacks.md 154)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import pytest

from api.stage import BUILT, NAME, Stage, Wire, request_for, rows_of_pools, set_stage, tables, text_paths, with_text
from api.world import World
from poolkeeper.aws.operation import Operation
from poolkeeper.crypto import jws

INJECTIONS = (
    "x'OR'1'='1",
    "' OR '1'='1' --",
    "';DROP/**/TABLE/**/users;--",
    "'; DELETE FROM sessions; --",
    "')/**/UNION/**/SELECT/**/password_hash/**/FROM/**/users--",
    '"OR""="',
    "x'||(SELECT/**/secret/**/FROM/**/pools)||'",
    "$1",
    "?1",
    ":1",
    "%",
    "_",
    "%27",
    "\\",
    "\\'",
    "''",
    "bob'--",
    "1;COMMIT",
    "E'\\x41'",
    "{{7*7}}",
    "${jndi:x}",
    "\u02bc",
    "\uff07OR\uff071",
    "x" * 129,
)


@pytest.fixture
def bystander(world: World) -> Stage:
    """Make a pool that no request of these tests is about."""
    return set_stage(world, "bystander")


def attempts(operation: Operation, stage: Stage) -> list[tuple[Sequence[str | int], str, Mapping[str, Any]]]:
    """Return texts for every place: all of them in requests of few places, in turns in others, one where a list rules."""
    request, places = request_for(operation, stage), text_paths(operation)
    step = 1 if len(places) < 5 else 4
    return [
        (path, text, with_text(operation, request, path, text))
        for number, (path, shape) in enumerate(places)
        for text in (INJECTIONS[:1] if shape.enum else INJECTIONS[number % step :: step])
    ]


@pytest.fixture(autouse=True)
def one_key_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many pools are made here, and their keys are not what is looked at: making one takes longer than all the rest."""
    key = jws.generate()
    monkeypatch.setattr(jws, "generate", lambda: key)


@pytest.mark.parametrize("operation", BUILT, ids=lambda one: one.name)
def test_no_text_is_sql(world: World, wire: Wire, bystander: Stage, operation: Operation) -> None:
    """attacks.md 154: never an accident, and not a row of anybody else's is told or changed."""
    stage = set_stage(world, "victim")
    known = tables(world)
    before = rows_of_pools(world, known, bystander.pool.pool_id)
    for path, text, request in attempts(operation, stage):
        answer = wire.call(operation.name, request)
        assert answer.status in {200, 400, 501}, (path, text, answer)
        assert bystander.email not in answer.body, (path, text)
        assert "$argon2" not in answer.body, (path, text)

    assert rows_of_pools(world, known, bystander.pool.pool_id) == before
    assert tables(world) == known
    assert world.rows("SELECT 1 FROM pools WHERE pool_id = $1", stage.pool.pool_id)


@pytest.mark.parametrize("name", [one for one in INJECTIONS if " " not in one and len(one) < 129])
def test_a_name_that_looks_like_sql_is_a_name(world: World, name: str) -> None:
    """attacks.md 154: such a user is created, found, signed in and deleted as any other, and nobody else is meant."""
    client = world.pool().client()
    client.pool.user(NAME)
    sub = client.pool.user(name)
    assert client.pool.admin("admin_get_user", name)["Username"] == name
    assert client.tokens(name)["AccessToken"]
    client.pool.admin("admin_delete_user", name)
    left = world.rows("SELECT username FROM users WHERE pool_id = $1", client.pool.pool_id)
    assert [row[0] for row in left] == [NAME]
    assert sub not in repr(world.rows("SELECT user_id FROM aliases WHERE pool_id = $1", client.pool.pool_id))


@pytest.mark.parametrize("text", [*INJECTIONS, "a\x00b", "..", "%00", "us-east-1_' OR '1'='1", "us-east-1_%"])
def test_no_address_is_sql(world: World, text: str) -> None:
    """attacks.md 154: the path of a pool's documents is looked up as it is, or not at all."""
    for document in ("jwks.json", "openid-configuration"):
        status, _, body = world.get(f"/{quote(text, safe='')}/.well-known/{document}")
        assert status == 404, (text, body)


def test_every_place_for_text_was_found() -> None:
    """The walk reaches nested members: those of a pool's templates, of attributes and of sign-in parameters."""
    paths = {one.name: {json.dumps(path) for path, _ in text_paths(one)} for one in BUILT}
    assert '["VerificationMessageTemplate", "EmailSubject"]' in paths["CreateUserPool"]
    assert '["Schema", 0, "Name"]' in paths["CreateUserPool"]
    assert '["UserAttributes", 0, "Value"]' in paths["SignUp"]
    assert '["AuthParameters", "a"]' in paths["InitiateAuth"]
