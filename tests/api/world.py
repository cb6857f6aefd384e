"""What do the tests of the API live in? One server in this process, and the clock, the mailbox and the clients of a test.

Tests speak as a client: boto3 over HTTP. The clock stands still until a test moves it, and botocore signs by it. Password
hashes are cheap here, and each one that runs is counted. Of signing keys a process makes so many and deals them out again,
under new names: two keys for each of thousands of pools would take longer than the tests themselves.
"""

import asyncio
import json
import os
import socket
import threading
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import boto3
import uvicorn
from botocore import UNSIGNED
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from poolkeeper.call import House
from poolkeeper.clock import SECOND
from poolkeeper.crypto import jws
from poolkeeper.entropy import Entropy
from poolkeeper.operations.tables import SIGNED_TARGETS
from poolkeeper.secret import Secret
from poolkeeper.server.app import App
from poolkeeper.server.http_protocol import limited_protocol
from poolkeeper.server.logs import RequestLog
from poolkeeper.server.start import open_house, prepare
from poolkeeper.settings import Settings
from ports import free_port

T = TypeVar("T")

# Where clients find the model of the service that is ours alone.
MODELS = Path(__file__).resolve().parents[2] / "models"
os.environ["AWS_DATA_PATH"] = str(MODELS)

REGION = "us-east-1"
KEY_ID, KEY_SECRET = "PKTESTSTESTSTESTSTES", "secret-of-the-tests"
PASSWORD = "Swim-in-2-pools"
# What a pool must have that sends text messages.
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "tests"}
FLOWS = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]


class TestClock:
    """A clock that stands still until somebody moves it."""

    __test__ = False

    def __init__(self, now: int) -> None:
        self.time = now

    def now(self) -> int:
        return self.time

    def second(self) -> int:
        """Return the time in milliseconds as IAM, STS and identity pools tell it: without the parts of a second."""
        return self.time // 1000 * 1000

    def advance(self, milliseconds: int) -> None:
        """Let time pass."""
        self.time += milliseconds

    def datetime(self, *, remove_tzinfo: bool = True) -> datetime:
        """Tell botocore the time, which it asks for by this signature."""
        moment = datetime.fromtimestamp(self.time / 1000, UTC)
        return moment.replace(tzinfo=None) if remove_tzinfo else moment


@dataclass
class World:
    """One running server, and everything a test may do to it."""

    url: str
    app: App
    clock: TestClock
    loop: asyncio.AbstractEventLoop
    log: list[bytes]
    engine: str
    signed: BaseClient = field(init=False)
    unsigned: BaseClient = field(init=False)

    def __post_init__(self) -> None:
        self.signed = self.client()
        self.unsigned = self.client(signed=False)

    @property
    def house(self) -> House:
        return self.app.house

    def client(self, service: str = "cognito-idp", *, region: str = REGION, signed: bool = True) -> BaseClient:
        """Make an unmodified boto3 client: with the access key, or without any credentials."""
        config = Config(retries={"max_attempts": 0}, **({} if signed else {"signature_version": UNSIGNED}))
        keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": KEY_SECRET} if signed else {}
        return boto3.client(service, region_name=region, endpoint_url=self.url, config=config, **keys)

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run something in the server's own loop: to look into its database."""

        async def inside() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(inside(), self.loop).result(30)

    def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        """Return rows of the database as tuples."""
        return [tuple(row[n] for n in range(len(row))) for row in self.run(lambda: self.house.db.fetch(sql, *args))]

    def hashes(self) -> int:
        """Return how many password hashes and SRP computations have been started."""
        return self.house.heavy.started

    def outbox(self, to: str | None = None) -> list[dict[str, Any]]:
        """Return the messages that were sent, newest last, to one address or to all."""
        with urllib.request.urlopen(f"{self.url}/_dev/outbox") as answer:
            sent: list[dict[str, Any]] = json.load(answer)
        return [one for one in sent if to is None or one["to"] == to]

    def sent_since(self, before: list[dict[str, Any]], to: str | None = None) -> list[dict[str, Any]]:
        """Return the messages that were sent after an earlier look, to one address or to all.

        Their number tells less, since old ones go. The time that a message shows is that of its sending once it was sent, and so no part of what it is.
        """
        seen = [{**message, "at": ""} for message in before]
        return [message for message in self.outbox(to) if {**message, "at": ""} not in seen]

    def code(self, to: str) -> str:
        """Return the newest code that went to an address."""
        return str(self.outbox(to)[-1]["code"])

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        """GET a path; return (status, headers by lower-case name, body)."""
        return self.http("GET", path, headers=headers)

    def http(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one plain HTTP request; return (status, headers by lower-case name, body)."""
        request = urllib.request.Request(self.url + path, data=body, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as fault:
            return fault.code, {k.lower(): v for k, v in fault.headers.items()}, fault.read()

    def call(self, operation: str, body: bytes | dict[str, Any], **headers: str) -> tuple[int, dict[str, Any]]:
        """Call an operation of cognito-idp unsigned and raw; return (status, decoded body)."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        target = f"AWSCognitoIdentityProviderService.{operation}"
        known = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target, **headers}
        status, _, answer = self.http("POST", "/", body=sent, headers=known)
        return status, json.loads(answer) if answer else {}

    def pool(self, **settings: Any) -> "PoolOfTests":
        """Create a pool."""
        made = self.signed.create_user_pool(**{"PoolName": "tests", **settings})["UserPool"]
        return PoolOfTests(self, made["Id"])


@dataclass(frozen=True)
class PoolOfTests:
    """One pool, with the shortest ways to what tests need of it."""

    world: World
    pool_id: str

    def client(self, **settings: Any) -> "ClientOfTests":
        """Create an app client; by default it allows every flow that is built and hides who exists."""
        known = {
            "ClientName": "tests",
            "ExplicitAuthFlows": FLOWS,
            "PreventUserExistenceErrors": "ENABLED",
            **settings,
        }
        made = self.world.signed.create_user_pool_client(UserPoolId=self.pool_id, **known)["UserPoolClient"]
        return ClientOfTests(self.world, self, made["ClientId"], made.get("ClientSecret"))

    def user(self, name: str, /, *, password: str = PASSWORD, permanent: bool = True, **attributes: str) -> str:
        """Create a user by an administrator's hand, CONFIRMED unless not permanent; return its sub."""
        listed = [{"Name": key.replace("custom_", "custom:"), "Value": value} for key, value in attributes.items()]
        made = self.world.signed.admin_create_user(
            UserPoolId=self.pool_id,
            Username=name,
            UserAttributes=listed,
            MessageAction="SUPPRESS",
            TemporaryPassword=password,
        )["User"]
        if permanent:
            self.world.signed.admin_set_user_password(
                UserPoolId=self.pool_id, Username=name, Password=password, Permanent=True
            )
        return next(str(one["Value"]) for one in made["Attributes"] if one["Name"] == "sub")

    def admin(self, operation: str, name: str, **more: Any) -> dict[str, Any]:
        """Call an Admin operation (`admin_get_user`) on a user."""
        result: dict[str, Any] = getattr(self.world.signed, operation)(UserPoolId=self.pool_id, Username=name, **more)
        return result


@dataclass(frozen=True)
class ClientOfTests:
    """One app client, signing in as applications do."""

    world: World
    pool: PoolOfTests
    client_id: str
    secret: str | None

    def sign_in(self, name: str, password: str = PASSWORD, **parameters: str) -> dict[str, Any]:
        """Sign in by USER_PASSWORD_AUTH; return the whole answer."""
        given = {"USERNAME": name, "PASSWORD": password, **parameters}
        return self.initiate("USER_PASSWORD_AUTH", **given)

    def tokens(self, name: str, password: str = PASSWORD) -> dict[str, Any]:
        """Sign in and return the AuthenticationResult."""
        result: dict[str, Any] = self.sign_in(name, password)["AuthenticationResult"]
        return result

    def initiate(self, flow: str, **parameters: str) -> dict[str, Any]:
        """Call InitiateAuth."""
        result: dict[str, Any] = self.world.unsigned.initiate_auth(
            ClientId=self.client_id, AuthFlow=flow, AuthParameters=parameters
        )
        return result

    def respond(self, challenge: str, session: str | None = None, **responses: str) -> dict[str, Any]:
        """Call RespondToAuthChallenge."""
        more = {} if session is None else {"Session": session}
        result: dict[str, Any] = self.world.unsigned.respond_to_auth_challenge(
            ClientId=self.client_id, ChallengeName=challenge, ChallengeResponses=responses, **more
        )
        return result

    def sign_up(self, name: str, /, *, password: str = PASSWORD, **attributes: str) -> dict[str, Any]:
        """Call SignUp."""
        listed = [{"Name": key.replace("custom_", "custom:"), "Value": value} for key, value in attributes.items()]
        result: dict[str, Any] = self.world.unsigned.sign_up(
            ClientId=self.client_id, Username=name, Password=password, UserAttributes=listed
        )
        return result


def refused(work: Callable[[], Any]) -> tuple[str, str]:
    """Return (name, sentence) of the error that a client meets; fail where there is none."""
    try:
        answer = work()
    except ClientError as fault:
        return fault.response["Error"]["Code"], fault.response["Error"]["Message"]
    raise AssertionError(f"this should have been refused: {answer}")


class RingOfKeys:
    """Makes a number of RSA keys, then deals them out again in the same order: neighbouring pools never share one."""

    def __init__(self, generate: Callable[[], RSAPrivateKey], size: int) -> None:
        self._generate, self._size = generate, size
        self._made: list[RSAPrivateKey] = []
        self._turn = count()
        self._lock = threading.Lock()

    def __call__(self) -> RSAPrivateKey:
        with self._lock:
            if len(self._made) < self._size:
                self._made.append(self._generate())
            return self._made[next(self._turn) % self._size]


_ring = RingOfKeys(jws.generate, size=32)


@contextmanager
def running(settings: Settings, *, engine: str, started_at: int) -> Iterator[World]:
    """Run a server in a thread of this process."""
    clock, log = TestClock(started_at), list[bytes]()
    up, found = threading.Event(), list[Any]()

    def serve() -> None:
        asyncio.run(_serve(settings, clock, log, up, found))

    jws.generate = _ring
    thread = threading.Thread(target=serve, name="server-of-tests")
    thread.start()
    up.wait(30)
    if len(found) < 3:
        thread.join(5)
        raise AssertionError("the server did not start; see above")
    app, loop, server = found[:3]
    try:
        yield World(url=settings.issuer_base, app=app, clock=clock, loop=loop, log=log, engine=engine)
    finally:
        loop.call_soon_threadsafe(setattr, server, "should_exit", True)  # noqa: FBT003 - uvicorn's flag
        thread.join(30)


async def _serve(settings: Settings, clock: TestClock, log: list[bytes], up: threading.Event, found: list[Any]) -> None:
    try:
        await prepare(settings, clock, Entropy())
        app = App(await open_house(settings, clock, Entropy()), RequestLog(log.append, clock))
        protocol = limited_protocol(settings, signed_targets=SIGNED_TARGETS)
        # As serving.py does; else uvicorn itself believes what X-Forwarded-Proto says.
        config = uvicorn.Config(
            app,
            http=protocol,
            lifespan="off",
            log_config=None,
            access_log=False,
            ws="none",
            proxy_headers=False,
        )
        server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", settings.port))
        # As uvloop does: head and body of an answer are two writes, and the second would wait 40 ms for the client.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        app.start_worker()
        found += [app, asyncio.get_running_loop(), server]
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn tells by a flag
            await asyncio.sleep(0.005)
        up.set()
        await task
        await app.close()
    finally:
        up.set()


def settings_for(folder: Path, *, database: str = "", **more: Any) -> Settings:
    """Return the settings of a server of tests, on a free port, with cheap hashes."""
    known = Settings(
        data=folder,
        database=database,
        port=free_port(),
        dev=True,
        root_access_key_id=KEY_ID,
        root_secret_access_key=Secret(KEY_SECRET),
        password_hash_memory=64,
        password_hash_passes=1,
        heavy_threads=2,
        heavy_queue=512,
        max_connections_per_address=2048,
    )
    return replace(known, **more)


def round_to_second(milliseconds: int) -> int:
    """Return a time without its fraction, so that expectations in seconds are exact."""
    return milliseconds // SECOND * SECOND
