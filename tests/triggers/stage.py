"""Who hears and answers in the tests of triggers? A function of the test's own, and one pool, client and user to tell of."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

from poolkeeper import triggers
from poolkeeper.call import Call, House
from poolkeeper.lookup import Subject
from poolkeeper.model.attributes import standard_schema
from poolkeeper.model.client import Client
from poolkeeper.model.group import Membership
from poolkeeper.model.message import Medium
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import Mfa
from poolkeeper.model.user import CONFIRMED, Credential, User

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
PASSWORD, CODE_CIPHERTEXT = "Swim-in-2-pools", b"ciphertext"
SUB = "a1b2c3d4-5678-40ab-8cde-0123456789ab"
METADATA = {"tenant": "blue"}
VALIDATION = {"captcha": "seven"}
WITHOUT_VERSION = (
    "PreSignUp",
    "PostConfirmation",
    "PreAuthentication",
    "PostAuthentication",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
    "UserMigration",
    "CustomMessage",
    "PreTokenGeneration",
)
WITH_VERSION = ("CustomEmailSender", "CustomSMSSender", "InboundFederation")
# What a function may answer that lets everything go on: the event as it came.
ECHO: Any = object()


@dataclass
class Function:
    """A function that keeps what it hears and answers what a test wants: ECHO, a value, an exception to raise."""

    answer: Any = ECHO
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def invoke(self, arn: str, event: Mapping[str, Any], *, pool_id: str) -> Any:
        assert pool_id == event["userPoolId"]
        self.heard.append((arn, dict(event)))
        if isinstance(self.answer, Exception):
            raise self.answer
        return event if self.answer is ECHO else self.answer

    @property
    def event(self) -> dict[str, Any]:
        """The one event that was heard."""
        assert len(self.heard) == 1
        return self.heard[0][1]


def responding(response: Any) -> Function:
    """Return a function that answers with this `response`."""
    return Function({"response": response})


def call_to(function: Function, user_agent: str = "aws-sdk-js/3.1169.0 ua/2.1") -> Call:
    """Return a call in a house that has nothing but the function."""
    house = cast("House", SimpleNamespace(functions=function))
    return Call(
        house=house,
        caller=None,
        region="us-east-1",
        client_address="127.0.0.1",
        user_agent=user_agent,
        request_id="request",
        now=0,
    )


def pool_with(*, version: str = "V1_0", triggers: bool = True, **document: Any) -> Pool:
    """Return a pool with every trigger set, PreTokenGeneration in `version`."""
    config: dict[str, Any] = {name: ARN + name for name in WITHOUT_VERSION}
    config |= {name: {"LambdaVersion": "V1_0", "LambdaArn": ARN + name} for name in WITH_VERSION}
    config["PreTokenGenerationConfig"] = {"LambdaVersion": version, "LambdaArn": ARN + "PreTokenGeneration"}
    known = {
        "Name": "tests",
        "SchemaAttributes": standard_schema(),
        "Policies": {"PasswordPolicy": {}, "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}},
        "AliasAttributes": ["email"],
        "LambdaConfig": config if triggers else {},
    }
    return Pool.of(
        pool_id="us-east-1_TestPool1",
        region="us-east-1",
        version=1,
        created_at=0,
        updated_at=0,
        document=known | document,
        preferences={},
        secret=b"s" * 32,
    )


def client_with(*, hides_existence: bool = True) -> Client:
    """Return an app client."""
    document = {
        "ClientName": "tests",
        "PreventUserExistenceErrors": "ENABLED" if hides_existence else "LEGACY",
    }
    return Client.of(
        client_id="1example23456789",
        pool_id="us-east-1_TestPool1",
        version=1,
        created_at=0,
        updated_at=0,
        document=document,
        secrets=(),
    )


USER = User(
    pool_id="us-east-1_TestPool1",
    sub=SUB,
    username="ada",
    status=CONFIRMED,
    enabled=True,
    attributes={"sub": SUB, "email": "ada@example.com", "email_verified": "true", "custom:team": "engines"},
    credential=Credential(password_hash="$argon2id$secret", srp_salt=b"salt", srp_verifier=b"verifier", set_at=0),
    credential_version=1,
    version=1,
    created_at=0,
    updated_at=0,
    mfa=Mfa.of(None),
)
KNOWN = Subject(name="ada@example.com", subject_id=SUB, user=USER)
GHOST = Subject(name="nobody", subject_id="ghost", user=None)
MEMBERSHIPS = (Membership("engines", 1, "arn:aws:iam::000000000000:role/engines"), Membership("readers", None, None))
HISTORY = ({"challengeName": "SRP_A", "challengeResult": True, "challengeMetadata": None},)

Asking = Callable[[Call, Pool, Client], Awaitable[Any]]


def _pre_sign_up(source: str, *, by_client: bool) -> Asking:
    return lambda call, pool, client: triggers.pre_sign_up(
        call,
        pool,
        client if by_client else None,
        source=source,
        username="ada",
        attributes={"email": "ada@example.com"},
        validation_data=VALIDATION,
        metadata=METADATA,
    )


def _post_confirmation(source: str) -> Asking:
    return lambda call, pool, client: triggers.post_confirmation(
        call, pool, client, source=source, user=USER, metadata=METADATA
    )


def _token_generation(source: str) -> Asking:
    return lambda call, pool, client: triggers.pre_token_generation(
        call,
        pool,
        client,
        source=source,
        user=USER,
        memberships=MEMBERSHIPS,
        scopes=("aws.cognito.signin.user.admin",),
        metadata=METADATA,
    )


def _migration(source: str, password: str | None) -> Asking:
    return lambda call, pool, client: triggers.user_migration(
        call,
        pool,
        client,
        source=source,
        username="nobody",
        password=password,
        validation_data=VALIDATION if password else None,
        metadata={} if password else METADATA,
    )


def message(source: str, medium: Medium = "EMAIL") -> Asking:
    """Return what asks CustomMessage for the words of a message that goes by `medium`."""
    return lambda call, pool, client: triggers.custom_message(
        call, pool, client, source=source, medium=medium, user=USER, metadata=METADATA
    )


def _sender(medium: Any, source: str) -> Asking:
    return lambda call, pool, client: triggers.custom_sender(
        call.house,
        pool,
        medium=medium,
        source=source,
        username="ada",
        attributes=triggers.told_attributes(pool, USER),
        client_id=client.client_id,
        metadata=METADATA,
        code_ciphertext=CODE_CIPHERTEXT,
    )


def pre_authentication(call: Call, pool: Pool, client: Client, subject: Subject = KNOWN) -> Awaitable[Any]:
    """Ask PreAuthentication."""
    return triggers.pre_authentication(call, pool, client, subject=subject, validation_data=VALIDATION)


def define(call: Call, pool: Pool, client: Client, subject: Subject = KNOWN) -> Awaitable[Any]:
    """Ask DefineAuthChallenge."""
    return triggers.define_auth_challenge(call, pool, client, subject=subject, session=HISTORY, metadata=METADATA)


def create(call: Call, pool: Pool, client: Client, subject: Subject = KNOWN) -> Awaitable[Any]:
    """Ask CreateAuthChallenge."""
    return triggers.create_auth_challenge(
        call,
        pool,
        client,
        subject=subject,
        challenge_name="CUSTOM_CHALLENGE",
        session=HISTORY,
        metadata=METADATA,
    )


def verify(call: Call, pool: Pool, client: Client, subject: Subject = KNOWN) -> Awaitable[Any]:
    """Ask VerifyAuthChallengeResponse."""
    return triggers.verify_auth_challenge(
        call, pool, client, subject=subject, private={"answer": "5"}, answer="4", metadata=METADATA
    )


def _inbound(call: Call, pool: Pool, client: Client) -> Awaitable[Any]:
    return triggers.inbound_federation(
        call,
        pool,
        client,
        username="Corporate_12345",
        provider_name="Corporate",
        provider_type="SAML",
        attributes=lambda: {"samlResponse": {"mail": "ada@example.com"}},
    )


def _machine(call: Call, pool: Pool, client: Client) -> Awaitable[Any]:
    return triggers.machine_token_generation(call, pool, client, scopes=("api/read",), metadata=METADATA)


KINDS = (
    "SignUp",
    "AdminCreateUser",
    "ResendCode",
    "ForgotPassword",
    "UpdateUserAttribute",
    "VerifyUserAttribute",
    "Authentication",
)
GENERATIONS = ("HostedAuth", "Authentication", "NewPasswordChallenge", "AuthenticateDevice", "RefreshTokens")


@dataclass(frozen=True)
class Source:
    """One trigger source: how it is asked, and in which version of the pool's PreTokenGeneration."""

    name: str
    ask: Asking
    version: str = "V1_0"

    @property
    def trigger_source(self) -> str:
        """The source without what the name adds to tell cases of one source apart."""
        return self.name.partition("-")[0]

    def event(self) -> dict[str, Any]:
        """Return the event that it sends."""
        function = Function()
        asyncio.run(_run(self.ask(call_to(function), pool_with(version=self.version), client_with())))
        return function.event


SOURCES = (
    Source("PreSignUp_SignUp", _pre_sign_up("PreSignUp_SignUp", by_client=True)),
    Source("PreSignUp_AdminCreateUser", _pre_sign_up("PreSignUp_AdminCreateUser", by_client=False)),
    Source("PreSignUp_ExternalProvider", _pre_sign_up("PreSignUp_ExternalProvider", by_client=True)),
    Source("PostConfirmation_ConfirmSignUp", _post_confirmation("PostConfirmation_ConfirmSignUp")),
    Source("PostConfirmation_ConfirmForgotPassword", _post_confirmation("PostConfirmation_ConfirmForgotPassword")),
    Source("PreAuthentication_Authentication", pre_authentication),
    Source(
        "PreAuthentication_Authentication-ghost",
        lambda call, pool, client: pre_authentication(call, pool, client, GHOST),
    ),
    Source(
        "PostAuthentication_Authentication",
        lambda call, pool, client: triggers.post_authentication(
            call, pool, client, user=USER, new_device=True, metadata=METADATA
        ),
    ),
    Source("DefineAuthChallenge_Authentication", define),
    Source("DefineAuthChallenge_Authentication-ghost", lambda call, pool, client: define(call, pool, client, GHOST)),
    Source("CreateAuthChallenge_Authentication", create),
    Source("VerifyAuthChallengeResponse_Authentication", verify),
    *(
        Source(f"TokenGeneration_{one}{suffix}", _token_generation(f"TokenGeneration_{one}"), version)
        for one in GENERATIONS
        for suffix, version in (("", "V1_0"), ("-V2", "V2_0"), ("-V3", "V3_0"))
    ),
    Source("TokenGeneration_ClientCredentials-V3", _machine, "V3_0"),
    Source("UserMigration_Authentication", _migration("UserMigration_Authentication", PASSWORD)),
    Source("UserMigration_ForgotPassword", _migration("UserMigration_ForgotPassword", None)),
    *(Source(f"CustomMessage_{kind}", message(f"CustomMessage_{kind}")) for kind in KINDS),
    *(Source(f"CustomEmailSender_{kind}", _sender("EMAIL", f"CustomEmailSender_{kind}")) for kind in KINDS),
    *(Source(f"CustomSMSSender_{kind}", _sender("SMS", f"CustomSMSSender_{kind}")) for kind in KINDS),
    Source("InboundFederation_ExternalProvider", _inbound),
)


def run(
    ask: Asking,
    function: Function,
    *,
    pool: Pool | None = None,
    client: Client | None = None,
) -> Any:
    """Return what asking comes to."""
    return asyncio.run(_run(ask(call_to(function), pool or pool_with(), client or client_with())))


def source(name: str) -> Asking:
    """Return how a trigger source is asked."""
    return next(one.ask for one in SOURCES if one.name == name)


def without_triggers(pool: Pool) -> Pool:
    """Return the pool with no trigger set."""
    return replace(pool, triggers={})


async def _run(asked: Awaitable[Any]) -> Any:
    return await asked
