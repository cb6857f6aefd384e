"""A client of one endpoint, in process: a toy table over the real models, requests signed by botocore, our own clock."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from poolkeeper.aws.endpoint import Endpoint, Outcome
from poolkeeper.aws.generated import cognito_identity, cognito_idp, sts
from poolkeeper.aws.operation import About, Operation, Run, Who, service
from poolkeeper.aws.shape import Shape
from poolkeeper.call import Call, Signer, Trace
from poolkeeper.entropy import Entropy
from poolkeeper.errors import AccessDeniedException, UnrecognizedClientException, UsernameExistsException
from poolkeeper.model.principal import Kind, Principal
from poolkeeper.secret import Secret

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
POOL = "us-east-1_Abcdefghi"


class Away(Exception):  # noqa: N818 - stands for the store's Unavailable
    """A database that is not there."""


@dataclass
class TestClock:
    """A clock that stands where the last signature was made, or where a test puts it."""

    __test__ = False
    at: int = 1_700_000_000_000

    def now(self) -> int:
        return self.at


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return str(self.json["__type"])


@dataclass
class Api:
    """The endpoint under test, with what it was seen to do."""

    clock: TestClock = field(default_factory=TestClock)
    calls: list[tuple[Any, Any]] = field(default_factory=list)
    judged: list[Any] = field(default_factory=list)
    denies: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    enabled: bool = True
    public_host: str = ""

    def __post_init__(self) -> None:
        self.endpoint = Endpoint(
            services=(
                service(
                    cognito_idp.SERVICE,
                    (
                        "SignUp",
                        Who.PUBLIC,
                        About.ALL,
                        self._answer(cognito_idp.SignUpResponse(user_confirmed=False, user_sub="s")),
                    ),
                    ("ConfirmSignUp", Who.PUBLIC, About.ALL, self._answer(cognito_idp.ConfirmSignUpResponse())),
                    (
                        "GetUser",
                        Who.TOKEN,
                        About.ALL,
                        self._fail(UsernameExistsException("Uživatel\r\nexists", detail="private")),
                    ),
                    ("DeleteUser", Who.TOKEN, About.ALL, self._answer(None)),
                    ("GetClientToken", Who.IAM_OR_SECRET, About.ALL, self._answer(None)),
                    ("DescribeUserPool", Who.IAM, About.ALL, self._answer(cognito_idp.DescribeUserPoolResponse())),
                    ("ListUsers", Who.IAM, About.ALL, self._fail(ZeroDivisionError("SELECT secret"))),
                    ("ListGroups", Who.IAM, About.ALL, self._fail(Away("10.0.0.1:5432"))),
                    ("CreateManagedLoginBranding", Who.IAM, About.ALL, self._answer(None)),
                    ("CreateGroup", Who.IAM, About.ALL, self._answer(None)),
                ),
                service(cognito_identity.SERVICE, ("GetId", Who.PUBLIC, About.ALL, self._answer(None))),
                service(
                    sts.SERVICE,
                    (
                        "GetCallerIdentity",
                        Who.IAM,
                        About.ALL,
                        self._answer(sts.GetCallerIdentityResponse(user_id="A&B", account="1" * 12, arn="arn:<x>")),
                    ),
                    ("AssumeRole", Who.PUBLIC, About.ALL, self._answer(ROLE)),
                ),
            ),
            find_signer=self._find_signer,
            make_call=make_call,
            clock=self.clock,
            entropy=Entropy(),
            record=self.outcomes.append,
            permit=self._permit,
            unavailable=(Away,),
            public_host=self.public_host,
        )

    def send(
        self,
        body: bytes,
        headers: Iterable[tuple[str, str]] = (),
        *,
        method: str = "POST",
        path: str = "/",
        query: str = "",
    ) -> Answer:
        """Send one request as it stands."""
        return asyncio.run(_exchange(self.endpoint, body, headers, method, path, query))

    def ask(self, operation: str, body: bytes | Mapping[str, Any], **more: Any) -> Answer:
        """Send an unsigned request in the JSON protocol."""
        return self.send(encoded(body), json_headers(operation), **more)

    def ask_signed(self, operation: str, body: bytes | Mapping[str, Any]) -> Answer:
        """Send a request that botocore signed, at the time at which it signed."""
        return self.send(encoded(body), self.sign(json_headers(operation), encoded(body)))

    def sign(
        self,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        *,
        key_id: str = KEY_ID,
        name: str = "cognito-idp",
        region: str = "us-east-1",
    ) -> list[tuple[str, str]]:
        """Return the headers with botocore's signature, and set the clock to its time."""
        request = AWSRequest("POST", "http://localhost:7665/", headers=dict(headers), data=body)
        SigV4Auth(Credentials(key_id, SECRET), name, region).add_auth(request)
        signed = [(key.lower(), value) for key, value in request.headers.items()]
        self.clock.at = at(dict(signed)["x-amz-date"])
        return [("host", "localhost:7665"), *signed]

    async def _permit(self, call: Call, operation: Operation, given: Any) -> None:
        self.judged.append(given)
        if self.denies:
            raise AccessDeniedException("no")

    async def _find_signer(self, key_id: str, token: str | None, now: int) -> Signer:
        if key_id != KEY_ID or not self.enabled or token is not None:
            raise UnrecognizedClientException("The security token included in the request is invalid.")
        return Signer(KEY_ID, Secret(SECRET), SIGNED_BY)

    def _answer(self, answer: Shape | None) -> Run:
        async def run(call: Call, request: Any) -> Shape | None:
            self.calls.append((call, request))
            return answer

        return run

    def _fail(self, fault: Exception) -> Run:
        async def run(call: Call, request: Any) -> Shape | None:
            self.calls.append((call, request))
            raise fault

        return run


SIGNED_BY = Principal(
    kind=Kind.USER,
    account_id="1" * 12,
    arn="arn:aws:iam::1:user/root",
    unique_id="AIDA",
    owner_id="AIDA",
    owner_arn="arn:aws:iam::1:user/root",
)
ROLE = sts.AssumeRoleResponse(
    credentials=sts.Credentials(
        access_key_id="ASIA", secret_access_key="s", session_token="t", expiration=1_700_000_000.5
    ),
    packed_policy_size=6,
)


def make_call(**carried: Any) -> Any:
    return SimpleNamespace(trace=Trace(POOL), **carried)


def json_headers(operation: str) -> list[tuple[str, str]]:
    target = operation if "." in operation else f"AWSCognitoIdentityProviderService.{operation}"
    return [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)]


def encoded(body: bytes | Mapping[str, Any]) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def at(timestamp: str) -> int:
    return int(datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()) * 1000


async def _exchange(
    app: Callable[..., Awaitable[None]],
    body: bytes,
    headers: Iterable[tuple[str, str]],
    method: str,
    path: str,
    query: str,
) -> Answer:
    scope = {
        "type": "http",
        "method": method,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 1),
    }
    sent: list[MutableMapping[str, Any]] = []
    half = len(body) // 2
    arriving = [
        {"type": "http.request", "body": body[:half], "more_body": True},
        {"type": "http.request", "body": body[half:], "more_body": False},
    ]

    async def receive() -> MutableMapping[str, Any]:
        return arriving.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, content = sent
    named = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], named, content["body"])
