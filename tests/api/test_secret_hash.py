"""Can the secret of an app client be left out? Every call that carries SECRET_HASH, by every hash that is none."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from api.signing_in import SOME_A, begin, guessed_proof, respond, srp_sign_in
from api.world import PASSWORD, REGION, ClientOfTests, World, refused
from poolkeeper.clock import MINUTE
from poolkeeper.crypto.secret_hash import secret_hash

EMAIL = "ada@x.example"
CODE = {"ConfirmationCode": "000000"}
ANSWERED = "answered"
# What a call is told when its hash is not good enough; anything else means that the hash was.
_REFUSALS = re.compile(
    r"Client \w+ is configured with secret but SECRET_HASH was not received"
    r"|Unable to verify secret hash for client \w+|SecretHash does not match for the client: \w+"
    r"|2 validation errors detected: Value at 'secretHash' failed to satisfy constraint: .*"
)


@dataclass(frozen=True)
class Scene:
    """A client with two live secrets and one that is retired, in a pool where Ada is known by name, e-mail and sub."""

    client: ClientOfTests
    other: ClientOfTests
    sub: str
    live: tuple[str, str]
    retired: str
    refresh_token: str
    session: str
    block: str
    unchecked: BaseClient

    def hash(self, name: str, secret: str | None = None, client_id: str | None = None) -> str:
        """Return the hash of a name, by the client's first secret unless another is named."""
        return secret_hash(
            username=name,
            client_id=client_id or self.client.client_id,
            client_secret=secret or self.live[0],
        )


def _scene(world: World) -> Scene:
    pool = world.pool(AliasAttributes=["email"], AutoVerifiedAttributes=["email"])
    sub = pool.user("ada", email=EMAIL, email_verified="true")
    pool.user("bob")
    pool.user("new", permanent=False)
    client, other = pool.client(GenerateSecret=True), pool.client(GenerateSecret=True)
    live, retired = _secrets(client)

    def hashed(name: str) -> str:
        return secret_hash(username=name, client_id=client.client_id, client_secret=live[0])

    signed_in = client.sign_in("ada", SECRET_HASH=hashed("ada"))
    begun = begin(client, "USER_SRP_AUTH", USERNAME=EMAIL, SRP_A=SOME_A, SECRET_HASH=hashed(EMAIL))
    return Scene(
        client=client,
        other=other,
        sub=sub,
        live=live,
        retired=retired,
        refresh_token=signed_in["AuthenticationResult"]["RefreshToken"],
        session=client.sign_in("new", SECRET_HASH=hashed("new"))["Session"],
        block=begun["ChallengeParameters"]["SECRET_BLOCK"],
        unchecked=_unchecked(world),
    )


def _unchecked(world: World) -> BaseClient:
    """Return an unsigned client that sends what boto3 would not: an empty hash."""
    config = Config(signature_version=UNSIGNED, parameter_validation=False, retries={"max_attempts": 0})
    return boto3.client("cognito-idp", region_name=REGION, endpoint_url=world.url, config=config)


def _secrets(client: ClientOfTests) -> tuple[tuple[str, str], str]:
    """Give a client a second secret, retire the first, add a third; return the live two and the retired one."""
    ids = {"UserPoolId": client.pool.pool_id, "ClientId": client.client_id}
    signed, added = client.world.signed, list[str]()
    for _ in range(2):
        client.world.clock.advance(MINUTE)
        if added:
            first = signed.list_user_pool_client_secrets(**ids)["ClientSecrets"][0]["ClientSecretId"]
            signed.delete_user_pool_client_secret(**ids, ClientSecretId=first)
        made = signed.add_user_pool_client_secret(**ids)["ClientSecretDescriptor"]
        added.append(made["ClientSecretValue"])
    return (added[0], added[1]), str(client.secret)


Call = Callable[[Scene, dict[str, str]], Any]


def _member(operation: str, **more: Any) -> Call:
    """Return an operation whose hash is a member `SecretHash`, about Ada by her e-mail address."""

    def call(scene: Scene, given: dict[str, str]) -> Any:
        hashed = {"SecretHash": given["SECRET_HASH"]} if given else {}
        run = getattr(scene.unchecked, operation)
        return run(ClientId=scene.client.client_id, **{"Username": EMAIL, **more}, **hashed)

    return call


def _sign_up(scene: Scene, given: dict[str, str]) -> Any:
    """Sign up under a name of one's own; with a password that the policy refuses, so that nobody is made."""
    hashed = {"SecretHash": given["SECRET_HASH"]} if given else {}
    return scene.unchecked.sign_up(ClientId=scene.client.client_id, Username="eve", Password="no-good-one", **hashed)


def _start(flow: str, *, admin: bool = False, **more: str) -> Call:
    return lambda scene, given: begin(scene.client, flow, admin=admin, USERNAME=EMAIL, **more, **given)


def _refresh(*, admin: bool) -> Call:
    return lambda scene, given: begin(
        scene.client, "REFRESH_TOKEN_AUTH", admin=admin, REFRESH_TOKEN=scene.refresh_token, **given
    )


def _srp_answer(*, admin: bool) -> Call:
    return lambda scene, given: respond(
        scene.client, "PASSWORD_VERIFIER", admin=admin, **guessed_proof(EMAIL, scene.block), **given
    )


def _new_password(*, admin: bool) -> Call:
    """Answer with a password that the policy refuses, so that the Session serves again."""
    return lambda scene, given: respond(
        scene.client,
        "NEW_PASSWORD_REQUIRED",
        scene.session,
        admin=admin,
        USERNAME="new",
        NEW_PASSWORD="no-good-one",
        **given,
    )


@dataclass(frozen=True)
class Door:
    """One call that carries a hash: the name it types, the stored ones that do as well, and those that do not."""

    call: Call
    typed: str
    stored: tuple[str, ...]


DOORS: Mapping[str, Door] = {
    "SignUp": Door(_sign_up, "eve", ()),
    "ConfirmSignUp": Door(_member("confirm_sign_up", **CODE), EMAIL, ("ada",)),
    "ResendConfirmationCode": Door(_member("resend_confirmation_code"), EMAIL, ("ada",)),
    "ForgotPassword": Door(_member("forgot_password"), EMAIL, ("ada",)),
    "ConfirmForgotPassword": Door(_member("confirm_forgot_password", Password=PASSWORD, **CODE), EMAIL, ("ada",)),
    "USER_PASSWORD_AUTH": Door(_start("USER_PASSWORD_AUTH", PASSWORD=PASSWORD), EMAIL, ("ada",)),
    "USER_SRP_AUTH": Door(_start("USER_SRP_AUTH", SRP_A=SOME_A), EMAIL, ("ada",)),
    "ADMIN_USER_PASSWORD_AUTH": Door(
        _start("ADMIN_USER_PASSWORD_AUTH", admin=True, PASSWORD=PASSWORD), EMAIL, ("ada",)
    ),
    "REFRESH_TOKEN_AUTH": Door(_refresh(admin=False), "ada", ("{sub}",)),
    "REFRESH_TOKEN_AUTH, admin": Door(_refresh(admin=True), "ada", ("{sub}",)),
    "PASSWORD_VERIFIER": Door(_srp_answer(admin=False), EMAIL, ("ada",)),
    "PASSWORD_VERIFIER, admin": Door(_srp_answer(admin=True), EMAIL, ("ada",)),
    "NEW_PASSWORD_REQUIRED": Door(_new_password(admin=False), "new", ()),
    "NEW_PASSWORD_REQUIRED, admin": Door(_new_password(admin=True), "new", ()),
}


@pytest.mark.parametrize("name", DOORS)
def test_no_call_passes_without_a_hash_by_a_live_secret(world: World, name: str) -> None:
    """None, empty, invented, of another name, client or secret: each is refused before anything else is said."""
    scene, door = _scene(world), DOORS[name]
    client_id, refreshing = scene.client.client_id, name.startswith("REFRESH")
    wrong = "SecretHash does not match for the client: " if refreshing else "Unable to verify secret hash for client "
    missing = f"Client {client_id} is configured with secret but SECRET_HASH was not received"

    assert refused(lambda: door.call(scene, {})) == ("NotAuthorizedException", missing)
    for given in (
        "AAAA",
        scene.hash("bob"),
        scene.hash(door.typed + "x"),
        scene.hash(""),
        scene.hash(door.typed, client_id=scene.other.client_id),
        scene.hash(door.typed, secret=scene.other.secret),
        scene.hash(door.typed, secret=scene.retired),
        scene.hash(EMAIL if refreshing else scene.sub),
        scene.hash(door.typed).rstrip("="),
        scene.hash(door.typed).swapcase(),
        scene.live[0],
    ):
        refusal = refused(partial(door.call, scene, {"SECRET_HASH": given}))
        assert refusal == ("NotAuthorizedException", wrong + client_id)
    assert _REFUSALS.fullmatch(_told(door, scene, ""))


@pytest.mark.parametrize("name", DOORS)
def test_either_live_secret_over_either_name_passes(world: World, name: str) -> None:
    """The submitted name or the stored one (with a refresh token the username or the sub), by both secrets."""
    scene, door = _scene(world), DOORS[name]
    for valid in (door.typed, *(one.format(sub=scene.sub) for one in door.stored)):
        for secret in scene.live:
            told = _told(door, scene, scene.hash(valid, secret=secret))
            assert not _REFUSALS.fullmatch(told), valid


def _told(door: Door, scene: Scene, given: str) -> str:
    """Return the sentence that a call is refused with, or that it was answered."""
    try:
        door.call(scene, {"SECRET_HASH": given})
    except ClientError as fault:
        return str(fault.response["Error"]["Message"])
    return ANSWERED


def test_a_user_signs_in_by_srp_with_the_hash_that_clients_compute(world: World) -> None:
    """The name that was typed at first, then the one that came back: what pycognito and Amplify do."""
    client = world.pool(UsernameAttributes=["email"]).client(GenerateSecret=True)
    client.pool.user(EMAIL)
    assert srp_sign_in(client, EMAIL)["AuthenticationResult"]


def test_nobody_is_refused_by_the_hash_as_a_user_is(world: World) -> None:
    """With the secret left out an unknown name is told the same as a known one, whatever the client hides."""
    pool = world.pool()
    pool.user("ada")
    for masking in ("ENABLED", "LEGACY"):
        client = pool.client(GenerateSecret=True, PreventUserExistenceErrors=masking)
        told = {refused(partial(client.sign_in, name)) for name in ("ada", "nobody")}
        told |= {refused(partial(client.sign_in, name, SECRET_HASH="AAAA")) for name in ("ada", "nobody")}
        assert len(told) == 2


def test_a_hash_over_the_name_that_came_back_tells_nobody_from_a_user(world: World) -> None:
    """attacks.md 9: with the hash over USER_ID_FOR_SRP a wrong proof, and a reset, answer alike for both."""
    client = world.pool(UsernameAttributes=["email"]).client(GenerateSecret=True)
    client.pool.user(EMAIL, email=EMAIL, email_verified="true")
    by_secret = partial(secret_hash, client_id=client.client_id, client_secret=str(client.secret))
    told = set()
    for name in (EMAIL, "nobody@tests.example"):
        shown = client.initiate("USER_SRP_AUTH", USERNAME=name, SRP_A=SOME_A, SECRET_HASH=by_secret(username=name))
        given = by_secret(username=shown["ChallengeParameters"]["USER_ID_FOR_SRP"])
        proof = guessed_proof(name, shown["ChallengeParameters"]["SECRET_BLOCK"])
        reset = world.unsigned.forgot_password(ClientId=client.client_id, Username=name, SecretHash=given)
        assert reset["CodeDeliveryDetails"]
        told.add(refused(partial(client.respond, "PASSWORD_VERIFIER", **{**proof, "SECRET_HASH": given})))
    assert len(told) == 1


@pytest.mark.parametrize(
    ("operation", "member", "error"),
    [
        ("get_tokens_from_refresh_token", "RefreshToken", "NotAuthorizedException"),
        ("revoke_token", "Token", "UnauthorizedException"),
    ],
)
def test_the_secret_in_clear_is_not_left_out_either(world: World, operation: str, member: str, error: str) -> None:
    """GetTokensFromRefreshToken and RevokeToken carry the secret itself: none, another's, a retired one are refused."""
    scene = _scene(world)
    call = partial(getattr(world.unsigned, operation), ClientId=scene.client.client_id, **{member: scene.refresh_token})
    assert refused(call)[0] == error
    for secret in (scene.retired, str(scene.other.secret), "x" * 51, scene.live[0] + "x"):
        assert refused(partial(call, ClientSecret=secret))[0] == error
    for secret in scene.live:
        assert call(ClientSecret=secret)
