"""What is measured? One row an operation: its requests, the cryptography that it cannot avoid, and its target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from typing import Any

import authorization
import federated
import federated_saml
import flows
import identities
import limited
import listings
import openid_peer
import own_code
import srp_client
from calls import Refused, answers, cycled, get, post
from receiver import NODE, PYTHON, WEBHOOK
from servers import KINDS, OURS
from world import PASSWORD, World, password_sign_in, sign_in

Requests = Callable[[World, int], list[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: `requests(world, n)` makes n of its requests, `bare` counts the primitives of bare.py.

    `ours`: of the servers that speak Cognito it is measured on Poolkeeper alone; `of_openid` makes the like for a server
    that speaks OpenID Connect. `status` is that of a good answer.
    The target is the CPU of a request, in S: `target`, and Argon2 beside it where `and_argon2` says so; None: it
    has none.
    """

    name: str
    requests: Requests
    count: int
    bare: Mapping[str, int] = field(default_factory=dict)
    target: float | None = None
    and_argon2: bool = False
    concurrency: int = 8
    background: bool = True
    ours: bool = False
    of_openid: Requests | None = None
    status: int = 200

    def made_for(self, world: World, count: int) -> list[bytes]:
        """Make requests for the world's server. Raises Refused."""
        if KINDS[world.server.kind].cognito:
            return self.requests(world, count)
        assert self.of_openid is not None, "a row that such a server has"
        return self.of_openid(world, count)

    def is_for(self, kind: str) -> bool:
        """Say whether it is measured on a kind of server."""
        if not KINDS[kind].cognito:
            return self.of_openid is not None
        return kind in OURS or not self.ours

    def limit(self, argon2: float) -> float | None:
        """Return the target in S, where one Argon2 hash costs `argon2` S in this run."""
        if self.target is None:
            return None
        return self.target + (argon2 if self.and_argon2 else 0.0)


def create_user_pool(world: World, count: int) -> list[bytes]:
    port = world.server.port
    return [post(port, "CreateUserPool", {"PoolName": world.fresh_name()}, signed=True) for _ in range(count)]


def sign_up(world: World, count: int) -> list[bytes]:
    def request(name: str) -> dict[str, Any]:
        email = {"Name": "email", "Value": name}
        return {"ClientId": world.client_id, "Username": name, "Password": PASSWORD, "UserAttributes": [email]}

    return [post(world.server.port, "SignUp", request(world.fresh_name())) for _ in range(count)]


def password_sign_ins(world: World, count: int) -> list[bytes]:
    port, client_id = world.server.port, world.client_id
    return cycled((post(port, "InitiateAuth", password_sign_in(client_id, user.name)) for user in world.users), count)


def srp_starts(world: World, count: int) -> list[bytes]:
    def request(name: str) -> dict[str, Any]:
        parameters = {"USERNAME": name, "SRP_A": f"{srp_client.PUBLIC:x}"}
        return {"AuthFlow": "USER_SRP_AUTH", "ClientId": world.client_id, "AuthParameters": parameters}

    return cycled((post(world.server.port, "InitiateAuth", request(user.name)) for user in world.users), count)


def srp_answers(world: World, count: int, *, password: str = PASSWORD) -> list[bytes]:
    """Start `count` SRP sign-ins and return the requests that finish them, each good once."""
    port, timestamp = world.server.port, srp_client.timestamp()

    def finish(started: dict[str, Any]) -> dict[str, Any]:
        challenge = started["ChallengeParameters"]
        group, name = world.pool_id.partition("_")[2], challenge["USER_ID_FOR_SRP"]
        return {
            "ClientId": world.client_id,
            "ChallengeName": "PASSWORD_VERIFIER",
            **({"Session": started["Session"]} if "Session" in started else {}),
            "ChallengeResponses": srp_client.proof(
                challenge, group=group, name=name, password=password, timestamp=timestamp
            ),
        }

    started = answers(port, srp_starts(world, count))
    return [post(port, "RespondToAuthChallenge", finish(one)) for one in started]


def refreshes(world: World, count: int) -> list[bytes]:
    def request(token: str) -> dict[str, Any]:
        return {
            "AuthFlow": "REFRESH_TOKEN_AUTH",
            "ClientId": world.client_id,
            "AuthParameters": {"REFRESH_TOKEN": token},
        }

    port = world.server.port
    return cycled((post(port, "InitiateAuth", request(user.refresh_token)) for user in world.users), count)


def rotations(world: World, count: int) -> list[bytes]:
    """Sign in `count` times and return the requests that spend those refresh tokens."""
    if not world.rotating_client_id:
        raise Refused("CreateUserPoolClient: no RefreshTokenRotation")
    port, client_id = world.server.port, world.rotating_client_id
    names = islice(cycle(user.name for user in world.users), count)
    tokens = [sign_in(port, client_id, name)["RefreshToken"] for name in names]
    return [post(port, "GetTokensFromRefreshToken", {"ClientId": client_id, "RefreshToken": token}) for token in tokens]


def get_users(world: World, count: int) -> list[bytes]:
    port = world.server.port
    return cycled((post(port, "GetUser", {"AccessToken": user.access_token}) for user in world.users), count)


def admin_get_users(world: World, count: int) -> list[bytes]:
    def request(name: str) -> dict[str, Any]:
        return {"UserPoolId": world.pool_id, "Username": name}

    port = world.server.port
    return cycled((post(port, "AdminGetUser", request(user.name), signed=True) for user in world.users), count)


def admin_create_users(world: World, count: int) -> list[bytes]:
    def request(name: str) -> dict[str, Any]:
        email = {"Name": "email", "Value": name}
        return {
            "UserPoolId": world.pool_id,
            "Username": name,
            "UserAttributes": [email],
            "TemporaryPassword": PASSWORD,
            "MessageAction": "SUPPRESS",
        }

    return [post(world.server.port, "AdminCreateUser", request(world.fresh_name()), signed=True) for _ in range(count)]


def key_sets(world: World, count: int) -> list[bytes]:
    return cycled([get(world.server.port, f"/{world.pool_id}/.well-known/jwks.json")], count)


_BASIC: tuple[Operation, ...] = (
    # The keys of a new pool come from stock: making the next ones is the worker's time, not the request's.
    Operation(name="CreateUserPool", requests=create_user_pool, count=8, concurrency=1, background=False),
    Operation(
        name="SignUp",
        requests=sign_up,
        count=200,
        bare={"Argon2": 1, "SRP verifier": 1},
        target=12,
        and_argon2=True,
    ),
    Operation(
        name="InitiateAuth USER_PASSWORD_AUTH",
        requests=password_sign_ins,
        count=200,
        bare={"Argon2": 1, "signature": 2},
        target=8,
        and_argon2=True,
    ),
    Operation(
        name="InitiateAuth USER_SRP_AUTH (SRP start)", requests=srp_starts, count=600, bare={"SRP B": 1}, target=1.3
    ),
    Operation(
        name="RespondToAuthChallenge PASSWORD_VERIFIER (SRP answer)",
        requests=srp_answers,
        count=400,
        bare={"SRP key": 1, "signature": 2},
        target=13,
    ),
    Operation(
        name="InitiateAuth REFRESH_TOKEN_AUTH", requests=refreshes, count=1500, bare={"signature": 2}, target=3.1
    ),
    Operation(
        name="GetTokensFromRefreshToken (rotation)", requests=rotations, count=200, bare={"signature": 2}, target=3.9
    ),
    Operation(name="GetUser", requests=get_users, count=3000, bare={"verification": 1}, target=0.8),
    Operation(name="AdminGetUser (SigV4)", requests=admin_get_users, count=2000),
    Operation(name="AdminGetUser (a limited key)", requests=limited.by_a_limited_key, count=2000, ours=True),
    Operation(name="AdminGetUser (a role's session)", requests=limited.by_a_session, count=2000, ours=True),
    Operation(
        name="AdminCreateUser",
        requests=admin_create_users,
        count=200,
        bare={"Argon2": 1, "SRP verifier": 1},
    ),
    Operation(name="ListUsers (a page)", requests=listings.user_pages, count=400),
    Operation(name="ListUsers (email =)", requests=listings.users_by_email, count=1000),
    Operation(name="ListUsers (email ^=)", requests=listings.users_by_prefix, count=1000),
    Operation(name="ListGroups (20 groups)", requests=listings.group_pages, count=1000),
    Operation(name="ListUsersInGroup (a page)", requests=listings.group_members, count=400),
    Operation(name="JWKS", requests=key_sets, count=2000),
)
_ALONE: dict[str, Any] = {"concurrency": 1, "ours": True}
_FLOWS: tuple[Operation, ...] = (
    Operation(name="VerifySoftwareToken", requests=flows.verifications, count=100, bare={"verification": 1}, ours=True),
    Operation(
        name="RespondToAuthChallenge SOFTWARE_TOKEN_MFA",
        requests=flows.totp_answers,
        count=100,
        bare={"signature": 2},
        ours=True,
    ),
    Operation(name="InitiateAuth USER_AUTH (SELECT_CHALLENGE)", requests=flows.choices, count=600, ours=True),
    Operation(name="InitiateAuth USER_AUTH (EMAIL_OTP start)", requests=flows.email_starts, count=400, ours=True),
    Operation(
        name="RespondToAuthChallenge EMAIL_OTP",
        requests=flows.email_answers,
        count=200,
        bare={"signature": 2},
        ours=True,
    ),
    Operation(name="InitiateAuth USER_AUTH (passkey options)", requests=flows.passkey_options, count=600, ours=True),
    Operation(
        name="RespondToAuthChallenge WEB_AUTHN",
        requests=flows.assertions,
        count=300,
        bare={"P-256 verification": 1, "signature": 2},
        ours=True,
    ),
    Operation(name="ConfirmDevice", requests=flows.confirmations, count=100, bare={"verification": 1}, ours=True),
    Operation(
        name="RespondToAuthChallenge DEVICE_SRP_AUTH",
        requests=flows.device_starts,
        count=100,
        bare={"SRP B": 1},
        ours=True,
    ),
    Operation(
        name="RespondToAuthChallenge DEVICE_PASSWORD_VERIFIER",
        requests=flows.device_answers,
        count=100,
        bare={"SRP key": 1, "signature": 2},
        ours=True,
    ),
    Operation(
        name="ListUserSessions (4 sessions)",
        requests=flows.session_lists,
        count=1000,
        bare={"verification": 1},
        ours=True,
    ),
    Operation(
        name="InitiateAuth USER_PASSWORD_AUTH (sessions tracked)",
        requests=flows.tracked_sign_ins,
        count=200,
        bare={"Argon2": 1, "signature": 2},
        ours=True,
    ),
    Operation(name="KMS Decrypt (SigV4)", requests=own_code.decrypts, count=1000, ours=True),
)
# The target is the cryptography and one S more.
_IDENTITIES: tuple[Operation, ...] = (
    Operation(name="GetId", requests=identities.ids, count=2000, bare={"verification": 1}, target=1.04, ours=True),
    Operation(
        name="GetOpenIdToken",
        requests=identities.open_id_tokens,
        count=1000,
        bare={"verification": 1, "signature": 1},
        target=2.04,
        ours=True,
    ),
    Operation(
        name="GetCredentialsForIdentity",
        requests=identities.credentials,
        count=1000,
        bare={"verification": 1},
        target=1.04,
        ours=True,
    ),
)
# One request at a time, so that the median says how long a call of a function takes: beside the first of these rows.
_TRIGGERS: tuple[Operation, ...] = (
    Operation(
        name="REFRESH_TOKEN_AUTH alone, no trigger",
        requests=partial(own_code.refreshes, function=None),
        count=400,
        bare={"signature": 2},
        **_ALONE,
    ),
    *(
        Operation(
            name=f"REFRESH_TOKEN_AUTH alone, PreTokenGeneration V2 in {language}",
            requests=partial(own_code.refreshes, function=function),
            count=400,
            bare={"signature": 2, f"echo in {language}": 1},
            **_ALONE,
        )
        for language, function in (("Python", PYTHON), ("Node", NODE))
    ),
    Operation(
        name="REFRESH_TOKEN_AUTH alone, PreTokenGeneration V2 by webhook",
        requests=partial(own_code.refreshes, function=WEBHOOK),
        count=400,
        bare={"signature": 2},
        **_ALONE,
    ),
    *(
        operation
        for language, function in (("Python", PYTHON), ("Node", NODE))
        for operation in (
            Operation(
                name=f"InitiateAuth CUSTOM_AUTH ({language})",
                requests=partial(own_code.custom_starts, function=function),
                count=400,
                bare={f"echo in {language}": 2},
                ours=True,
            ),
            Operation(
                name=f"RespondToAuthChallenge CUSTOM_CHALLENGE ({language})",
                requests=partial(own_code.custom_answers, function=function),
                count=300,
                bare={f"echo in {language}": 2, "signature": 2},
                ours=True,
            ),
        )
    ),
)
_OAUTH: tuple[Operation, ...] = (
    Operation(name="/login (the sign-in page)", requests=authorization.sign_in_pages, count=2000, ours=True),
    Operation(name="/login (the sign-in page, branded)", requests=authorization.branded_pages, count=2000, ours=True),
    Operation(
        name="/login (sign-in by form)",
        requests=authorization.form_sign_ins,
        count=200,
        bare={"Argon2": 1},
        ours=True,
        status=303,
    ),
    Operation(
        name="/oauth2/token client_credentials",
        requests=authorization.machines,
        count=2000,
        bare={"signature": 1},
        target=1.5,
        ours=True,
        of_openid=openid_peer.machines,
    ),
    Operation(
        name="/oauth2/authorize (live browser session)",
        requests=authorization.authorize_requests,
        count=600,
        ours=True,
        status=303,
    ),
    Operation(
        name="/oauth2/token authorization_code",
        requests=authorization.exchanges,
        count=300,
        bare={"signature": 2},
        ours=True,
        of_openid=openid_peer.exchanges,
    ),
    Operation(
        name="/oauth2/token refresh_token",
        requests=authorization.refreshes,
        count=1000,
        bare={"signature": 2},
        ours=True,
        of_openid=openid_peer.refreshes,
    ),
    Operation(
        name="/oauth2/idpresponse (OIDC)",
        requests=federated.callbacks,
        count=300,
        bare={"verification": 1},
        ours=True,
        status=303,
    ),
    Operation(
        name="/saml2/idpresponse (SAML)",
        requests=federated_saml.callbacks,
        count=300,
        bare={"verification": 1},
        ours=True,
        status=303,
    ),
)
OPERATIONS: tuple[Operation, ...] = (*_BASIC, *_FLOWS, *_IDENTITIES, *_OAUTH, *_TRIGGERS)
