"""How does a test call every operation that is built? Requests made from the service model, and pools to point them at.

Operations that are built later join by being in the table: what they ask for is found by the names of their members, or
made up from the limits of the model.
"""

import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import Shape

from api.world import KEY_ID, KEY_SECRET, REGION, ClientOfTests, PoolOfTests, World
from poolkeeper.aws.operation import Operation, Who
from poolkeeper.operations.tables import COGNITO_IDP

MODEL = botocore.session.get_session().get_service_model("cognito-idp")
BUILT = tuple(one for one in COGNITO_IDP.operations.values() if one.run is not None)
BY_TOKEN = tuple(one for one in BUILT if one.who is Who.TOKEN)
SIGNED = frozenset(one.name for one in COGNITO_IDP.operations.values() if one.who is Who.IAM)
NAME = "bob"
# Of the form that keys have. Nobody has this device.
DEVICE_KEY = f"{REGION}_00000000-0000-4000-8000-000000000000"
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `error` is the name of the error, empty for a success."""

    status: int
    error: str
    body: str


@dataclass
class Wire:
    """One connection to a server: requests as they are given, signed by the first access key where that is needed."""

    world: World
    _connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(self.world.url).netloc, timeout=30)

    def call(self, operation: str, request: Mapping[str, Any], *, headers: Mapping[str, str] | None = None) -> Answer:
        """Call an operation of cognito-idp; `headers` are further ones, not signed."""
        body = json.dumps(request).encode()
        target = f"AWSCognitoIdentityProviderService.{operation}"
        known = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        if operation in SIGNED:
            known = self.signed(known, body)
        return self.send(body, {**known, **(headers or {})})

    def signed(self, headers: Mapping[str, str], body: bytes, *, service: str = "cognito-idp") -> dict[str, str]:
        """Return the headers of a request with the signature of the first access key, by the clock of the test."""
        request = AWSRequest("POST", f"{self.world.url}/", dict(headers), body)
        botocore.auth.SigV4Auth(Credentials(KEY_ID, KEY_SECRET), service, REGION).add_auth(request)
        return dict(request.headers.items())

    def send(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one request to `POST /` as it is."""
        self._connection.request("POST", "/", body, dict(headers))
        answer = self._connection.getresponse()
        text = answer.read().decode()
        error = json.loads(text)["__type"] if answer.status >= 400 else ""
        return Answer(answer.status, error, text)

    def close(self) -> None:
        self._connection.close()


@dataclass(frozen=True)
class Stage:
    """A pool with a client, a confirmed user, tokens and a challenge under way: what requests can be pointed at."""

    pool: PoolOfTests
    client: ClientOfTests
    password: str
    sub: str
    tokens: Mapping[str, Any]
    session: str
    email: str

    def values(self) -> dict[str, Any]:
        """Return a value for each member that has one here, by its name in the model."""
        return {
            "UserPoolId": self.pool.pool_id,
            "ClientId": self.client.client_id,
            "Username": NAME,
            "AccessToken": self.tokens["AccessToken"],
            "RefreshToken": self.tokens["RefreshToken"],
            "Token": self.tokens["RefreshToken"],
            "Session": self.session,
            "Password": self.password,
            "PreviousPassword": self.password,
            "ProposedPassword": f"{self.password}-2",
            "AuthParameters": {"USERNAME": NAME, "PASSWORD": self.password},
            "ChallengeResponses": {"USERNAME": "newcomer", "NEW_PASSWORD": f"{self.password}-3"},
            "ConfirmationCode": "123456",
            "Code": "123456",
            "ResourceArn": f"arn:aws:cognito-idp:{REGION}:000000000000:userpool/{self.pool.pool_id}",
            "UserAttributes": [{"Name": "nickname", "Value": "Bobby"}],
            "UserAttributeNames": ["nickname"],
            "AttributeName": "email",
            "MaxResults": 5,
            "GroupName": "swimmers",
            "SessionId": f"tkn{0:025}",
            "DeviceKey": DEVICE_KEY,
        }


FLOWS_AND_CHALLENGES: Mapping[str, Mapping[str, str]] = {
    "InitiateAuth": {"AuthFlow": "USER_PASSWORD_AUTH"},
    "AdminInitiateAuth": {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH"},
    "RespondToAuthChallenge": {"ChallengeName": "NEW_PASSWORD_REQUIRED"},
    "AdminRespondToAuthChallenge": {"ChallengeName": "NEW_PASSWORD_REQUIRED"},
}


def set_stage(world: World, label: str, **settings: Any) -> Stage:
    """Make a pool with everything in it; `label` is in its secrets and addresses, so that they are told apart."""
    pool = world.pool(PoolName=f"pool-of-{label}", AutoVerifiedAttributes=["email"], **settings)
    client = pool.client(ClientName=f"client-of-{label}")
    password, email = f"Swim-in-{label}-9", f"{NAME}@{label}.example"
    sub = pool.user(NAME, password=password, email=email, email_verified="true")
    pool.user("newcomer", password=password, permanent=False)
    return Stage(
        pool=pool,
        client=client,
        password=password,
        sub=sub,
        tokens=client.tokens(NAME, password),
        session=client.sign_in("newcomer", password)["Session"],
        email=email,
    )


def request_for(operation: Operation, stage: Stage) -> dict[str, Any]:
    """Return a request that an operation takes: what the stage has, and made-up values for what else is required."""
    shape = MODEL.operation_model(operation.name).input_shape
    known = {**stage.values(), **FLOWS_AND_CHALLENGES.get(operation.name, {})}
    members = shape.members if shape is not None else {}
    required = shape.required_members if shape is not None else []
    return {
        name: known[name] if name in known else made_up(members[name])
        for name in members
        if name in known or name in required
    }


def made_up(shape: Shape) -> Any:
    """Return the smallest value that a shape takes, as far as the model tells."""
    value: Any = {"boolean": False, "timestamp": 1_700_000_000}.get(shape.type_name, "")
    match shape.type_name:
        case "structure":
            value = {name: made_up(shape.members[name]) for name in shape.required_members}
        case "list":
            value = [made_up(shape.member)]
        case "map":
            value = {made_up(shape.key): made_up(shape.value)}
        case "string":
            value = shape.enum[0] if shape.enum else "a" * max(1, int(shape.metadata.get("min", 1)))
        case "integer" | "long":
            value = int(shape.metadata.get("min", 1))
    return value


def text_paths(operation: Operation) -> list[tuple[Path, Shape]]:
    """Return where an operation takes text: the way to every string in its request, into lists and maps too."""
    shape = MODEL.operation_model(operation.name).input_shape
    return [] if shape is None else list(_texts(shape, ()))


def _texts(shape: Shape, path: Path) -> Iterator[tuple[Path, Shape]]:
    match shape.type_name:
        case "structure":
            for name, member in shape.members.items():
                yield from _texts(member, (*path, name))
        case "list":
            yield from _texts(shape.member, (*path, 0))
        case "map":
            yield from _texts(shape.value, (*path, made_up(shape.key)))
        case "string":
            yield path, shape


def with_text(operation: Operation, request: Mapping[str, Any], path: Path, text: str) -> dict[str, Any]:
    """Return a copy of a request with `text` at the end of a path; what stands around it is made up as needed."""
    changed: dict[str, Any] = json.loads(json.dumps(request))
    shape = MODEL.operation_model(operation.name).input_shape
    assert shape is not None
    _place(changed, shape, path, text)
    return changed


def _place(holder: Any, shape: Shape, path: Path, text: str) -> None:
    step, rest = path[0], path[1:]
    inner = (
        shape.members[step]
        if shape.type_name == "structure"
        else shape.member
        if shape.type_name == "list"
        else shape.value
    )
    if not rest:
        holder[step] = text
        return
    missing = step >= len(holder) if isinstance(step, int) else step not in holder
    if missing:
        made = made_up(inner) if inner.type_name != "map" else {}
        holder[step] = made
    _place(holder[step], inner, rest, text)


def tables(world: World) -> dict[str, list[str]]:
    """Return every table of the database with its columns."""
    if world.engine == "sqlite":
        found = world.rows(
            "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY c.cid"
        )
    else:
        found = world.rows(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "ORDER BY ordinal_position"
        )
    columns: dict[str, list[str]] = {}
    for table, column in found:
        columns.setdefault(table, []).append(column)
    return columns


def rows_of_pools(world: World, known: Mapping[str, Sequence[str]], *pool_ids: str) -> dict[str, list[str]]:
    """Return every row of some pools, by table. Messages on their way are left out: they move by themselves."""

    async def read() -> dict[str, list[str]]:
        held: dict[str, list[str]] = {}
        for table, columns in known.items():
            if "pool_id" in columns and table != "due":
                sql = f"SELECT {', '.join(columns)} FROM {table} WHERE pool_id = $1"
                rows = [row for pool_id in pool_ids for row in await world.house.db.fetch(sql, pool_id)]
                held[table] = sorted(repr([row[n] for n in range(len(columns))]) for row in rows)
        return held

    return world.run(read)


def dump(world: World) -> bytes:
    """Return the whole database as bytes: every column of every row, text and blobs as they lie there."""

    async def read() -> bytes:
        parts: list[bytes] = []
        for table, columns in known.items():
            for row in await world.house.db.fetch(f"SELECT {', '.join(columns)} FROM {table}"):
                parts += [_raw(row[n]) for n in range(len(columns))]
        return b"\n".join(parts)

    known = tables(world)
    return world.run(read)


def _raw(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
