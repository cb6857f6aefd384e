"""Whether anything secret is found where somebody might read it: the log, the database, an error (attacks.md 69, 155)."""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import pytest
from botocore.model import Shape
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.forge import unsegment
from api.stage import BUILT, MODEL, NAME, Stage, Wire, dump, request_for, set_stage, text_paths, with_text
from api.world import KEY_SECRET, World
from poolkeeper.aws.operation import Operation
from poolkeeper.clock import SECOND
from poolkeeper.tokens import keys

# What the model marks sensitive and a directory of users holds in clear by its nature: names, attributes, addresses,
# the ids of clients. The log holds none of these either.
KEPT = frozenset({"UsernameType", "AttributeValueType", "ClientIdType"})
SENSITIVE = frozenset(
    name for name in MODEL.shape_names if MODEL._shape_resolver._shape_map[name].get("sensitive", False)
)
# The clients of these tests live in the same process and log what they send.
CLIENTS = ("boto", "urllib3")
_number = count(1)


def canary(shape: Shape, label: str) -> str:
    """Return a value that is found again wherever it goes, as much of the shape's form as one value can have."""
    mark = f"Canary{next(_number):05}{label}"
    return f"{mark}-9z" if shape.name == "PasswordType" else mark


def canaries(operation: Operation, stage: Stage) -> Iterator[tuple[str, bool, Mapping[str, Any]]]:
    """Return requests with a marker in each sensitive place: (marker, may it be kept in clear, request)."""
    request = request_for(operation, stage)
    input_shape = MODEL.operation_model(operation.name).input_shape
    assert input_shape is not None
    for path, shape in text_paths(operation):
        holders = [input_shape.members[str(path[0])].name, shape.name]
        if SENSITIVE & set(holders):
            mark = canary(shape, "x")
            yield mark, shape.name in KEPT, with_text(operation, request, path, mark)
    for member, value in (("AuthParameters", "PASSWORD"), ("ChallengeResponses", "NEW_PASSWORD")):
        if member in request:
            mark = canary(MODEL.shape_for("PasswordType"), "y")
            yield mark, False, {**request, member: {**request[member], value: mark}}


@pytest.fixture
def log(world: World, caplog: pytest.LogCaptureFixture) -> Iterator[Any]:
    """Return what reads everything that was logged since the test began, at DEBUG, by the server and its libraries."""
    caplog.set_level(logging.DEBUG)
    begun = len(world.log)

    def read() -> str:
        records = [one for one in caplog.records if not one.name.startswith(CLIENTS)]
        return "\n".join([*map(caplog.handler.format, records), b"".join(world.log[begun:]).decode()])

    yield read
    assert len(world.log) > begun


def assert_nowhere(secrets: Mapping[str, bytes], held: bytes) -> None:
    found = [name for name, secret in secrets.items() if secret in held]
    assert found == []


def test_the_model_marks_what_these_tests_are_about() -> None:
    """The list of sensitive shapes is the model's; those that may lie in clear are among them."""
    assert len(SENSITIVE) == 15
    assert KEPT < SENSITIVE


def test_no_marker_reaches_the_log_and_no_secret_one_the_database(world: World, wire: Wire, log: Any) -> None:
    """attacks.md 155: every sensitive member of every operation with a marker in it, answered or refused, at DEBUG."""
    stage = set_stage(world, "canaries")
    marks, kept, answered = list[str](), set[str](), set[int]()
    for operation in BUILT:
        fresh = stage if operation.name.startswith(("Describe", "List", "Get")) else set_stage(world, "canaries")
        for mark, may_be_kept, request in canaries(operation, fresh):
            answered.add(wire.call(operation.name, request).status)
            marks.append(mark)
            if may_be_kept:
                kept.add(mark)

    assert len(marks) > 40
    assert answered == {200, 400}
    written, held = log(), dump(world)
    assert [mark for mark in marks if mark in written] == []
    assert [mark for mark in marks if mark not in kept and mark.encode() in held] == []
    assert any(mark.encode() in held for mark in kept)


def test_what_the_server_gives_out_is_not_kept_in_clear(world: World, log: Any) -> None:
    """attacks.md 155: passwords, codes, tokens, sessions and client secrets of a whole story are not in database or log."""
    stage = set_stage(world, "story")
    confidential = stage.pool.client(GenerateSecret=True)
    world.clock.advance(SECOND)
    stage.client.sign_up("ada", password="Swim-in-story-77", email="ada@story.example")
    sign_up_code = world.code("ada@story.example")
    world.clock.advance(SECOND)
    world.unsigned.forgot_password(ClientId=stage.client.client_id, Username=NAME)
    reset_code = world.code(stage.email)
    assert confidential.secret is not None

    secrets = {
        "password": stage.password.encode(),
        "sign-up password": b"Swim-in-story-77",
        "client secret": confidential.secret.encode(),
        "access key": KEY_SECRET.encode(),
        "session": stage.session.encode(),
        **{name: str(stage.tokens[name]).encode() for name in ("AccessToken", "IdToken", "RefreshToken")},
        "MAC of the refresh token": unsegment(stage.tokens["RefreshToken"])[21:],
    }
    for function in ("md5", "sha1", "sha256", "sha512"):
        for name, secret in (("password", stage.password), ("sign-up code", sign_up_code), ("reset code", reset_code)):
            digest = hashlib.new(function, secret.encode())
            secrets[f"{function} of {name}"] = digest.digest()
            secrets[f"hex {function} of {name}"] = digest.hexdigest().encode()
    held = dump(world)
    assert_nowhere(secrets, held)
    assert_nowhere(
        {**secrets, "sign-up code": sign_up_code.encode(), "reset code": reset_code.encode()}, log().encode()
    )

    codes = world.rows("SELECT * FROM codes WHERE pool_id = $1", stage.pool.pool_id)
    for code in (sign_up_code, reset_code):
        assert not any(code in str(value) or code.encode() in _bytes(value) for row in codes for value in row)


def test_no_key_lies_in_the_database_or_the_log(world: World, log: Any) -> None:
    """attacks.md 69: no half of a signing key that is not public, no secret of a pool, no sealing key, in any form."""
    stage = set_stage(world, "keys")
    pool_keys = world.run(lambda: keys.of_pool(world.house, stage.pool.pool_id))
    assert pool_keys is not None
    secrets = {"pool secret": world.house.memory.pools.get(stage.pool.pool_id).secret}  # type: ignore[union-attr]  # it was used just now
    for name, key in (("id", pool_keys.id.private), ("access", pool_keys.access.private)):
        numbers = key.private_numbers()
        for part in ("d", "p", "q", "dmp1", "dmq1", "iqmp"):
            value = getattr(numbers, part)
            secrets[f"{name} {part}"] = value.to_bytes((value.bit_length() + 7) // 8)
            secrets[f"{name} {part} in figures"] = str(value).encode()
            secrets[f"{name} {part} in hex"] = f"{value:x}".encode()
        for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
            secrets[f"{name} {form}"] = key.private_bytes(Encoding.DER, form, NoEncryption())
    for line in world.house.settings.sealing_keys.read_text().split():
        secrets[f"sealing key {line[:4]}"] = line.split(":")[-1].encode()
    held = dump(world)
    assert_nowhere({**secrets, "PEM": b"PRIVATE KEY"}, held)
    assert_nowhere({**secrets, "PEM": b"PRIVATE KEY"}, log().encode())

    _, _, jwks = world.get(f"/{stage.pool.pool_id}/.well-known/jwks.json")
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & {name for one in json.loads(jwks)["keys"] for name in one}


def test_what_is_kept_of_a_password_is_slow_or_sealed(world: World) -> None:
    """attacks.md 155: what is kept of a password is a slow hash, and a verifier that is sealed."""
    stage = set_stage(world, "verifier")
    rows = world.rows(
        "SELECT password_hash, srp_verifier FROM users WHERE pool_id = $1 AND username = $2", stage.pool.pool_id, NAME
    )
    assert str(rows[0][0]).startswith("$argon2id$")
    verifier = _bytes(rows[0][1])
    again = set_stage(world, "verifier")
    others = world.rows("SELECT srp_verifier FROM users WHERE pool_id = $1", again.pool.pool_id)
    assert len(verifier) > 384
    assert verifier[-64:] not in [_bytes(row[0])[-64:] for row in others]


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else b""
