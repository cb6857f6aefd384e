"""On what do the operations work? A pool, its app clients and signed-in users, made through the API of any server."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from calls import Refused, call
from receiver import Receiver
from servers import Server

USERS = 32
PASSWORD = "Bench-Passw0rd!"
GROUP = "everyone"
MORE_GROUPS = 19
PASSWORD_FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]


@dataclass(frozen=True, slots=True)
class User:
    """A confirmed user with what a sign-in by password gave it."""

    name: str
    access_token: str
    refresh_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the requests name. `rotating_client_id` is empty where the server knows no rotation of refresh tokens.

    `receiver` is there for servers that know triggers.
    """

    server: Server
    pool_id: str
    client_id: str
    rotating_client_id: str
    users: tuple[User, ...]
    numbers: Iterator[int]
    receiver: Receiver | None = None

    def fresh_name(self) -> str:
        """Return a name that nobody has yet; an address, since cognito-local takes no other."""
        return f"fresh-{next(self.numbers):06}@example.com"


def build(server: Server, *, users: int = USERS, receiver: Receiver | None = None) -> World:
    """Make a pool with two app clients and signed-in users. Raises Refused where the server cannot."""
    port = server.port
    pool = {"PoolName": "bench", "AutoVerifiedAttributes": ["email"]}
    pool_id = call(port, "CreateUserPool", pool, signed=True)["UserPool"]["Id"]
    client_id = add_client(port, pool_id, ExplicitAuthFlows=[*PASSWORD_FLOWS, "ALLOW_REFRESH_TOKEN_AUTH"])

    names = [f"user-{number:03}@example.com" for number in range(users)]
    for name in names:
        add_user(port, pool_id, name)
    _group(port, pool_id, names)
    return World(
        server=server,
        pool_id=pool_id,
        client_id=client_id,
        rotating_client_id=_rotating_client(port, pool_id),
        users=tuple(signed_in(port, client_id, name) for name in names),
        numbers=count(),
        receiver=receiver,
    )


def nobody(server: Server) -> World:
    """Return the world of a server that knows no pools: what it is asked for, it knows from its own start."""
    return World(server=server, pool_id="", client_id="", rotating_client_id="", users=(), numbers=count())


def add_client(port: int, pool_id: str, **settings: Any) -> str:
    """Make an app client and return its id. Raises Refused."""
    asked = {"UserPoolId": pool_id, "ClientName": "bench", **settings}
    made = call(port, "CreateUserPoolClient", asked, signed=True)["UserPoolClient"]
    if "RefreshTokenRotation" in settings and "RefreshTokenRotation" not in made:
        raise Refused("CreateUserPoolClient: RefreshTokenRotation was not taken")
    return str(made["ClientId"])


def _rotating_client(port: int, pool_id: str) -> str:
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10}
    with suppress(Refused):
        return add_client(port, pool_id, ExplicitAuthFlows=PASSWORD_FLOWS, RefreshTokenRotation=rotation)
    return ""


def add_user(port: int, pool_id: str, name: str) -> None:
    """Make a confirmed user with PASSWORD; `name` is an address. Raises Refused."""
    attributes = [
        {"Name": "email", "Value": name},
        {"Name": "email_verified", "Value": "true"},
    ]
    user = {"UserPoolId": pool_id, "Username": name}
    call(port, "AdminCreateUser", {**user, "UserAttributes": attributes, "MessageAction": "SUPPRESS"}, signed=True)
    call(port, "AdminSetUserPassword", {**user, "Password": PASSWORD, "Permanent": True}, signed=True)


def sign_in(port: int, client_id: str, name: str) -> dict[str, str]:
    """Sign a user in by password and return its tokens. Raises Refused, also for an answer without tokens."""
    answer = call(port, "InitiateAuth", password_sign_in(client_id, name))
    if "AuthenticationResult" not in answer:
        raise Refused(f"InitiateAuth: {answer.get('ChallengeName')} instead of tokens")
    tokens: dict[str, str] = answer["AuthenticationResult"]
    return tokens


def password_sign_in(client_id: str, name: str, *, password: str = PASSWORD) -> dict[str, Any]:
    """Return the payload of a sign-in by password."""
    return {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": client_id,
        "AuthParameters": {"USERNAME": name, "PASSWORD": password},
    }


def signed_in(port: int, client_id: str, name: str) -> User:
    """Sign a user in by password. Raises Refused."""
    tokens = sign_in(port, client_id, name)
    return User(name, tokens["AccessToken"], tokens["RefreshToken"])


def _group(port: int, pool_id: str, names: Sequence[str]) -> None:
    """Make a group of all users and some that nobody is in; a server that knows no groups is left as it is."""
    with suppress(Refused):
        for group in (GROUP, *(f"group-{number:02}" for number in range(MORE_GROUPS))):
            call(port, "CreateGroup", {"UserPoolId": pool_id, "GroupName": group}, signed=True)
        for name in names:
            member = {"UserPoolId": pool_id, "GroupName": GROUP, "Username": name}
            call(port, "AdminAddUserToGroup", member, signed=True)
