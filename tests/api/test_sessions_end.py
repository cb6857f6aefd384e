"""Whether what ends a session ends it for every token and every call, at once (attacks.md 32, 66, 73)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from api.forge import claims_of
from api.stage import BUILT, BY_TOKEN, NAME, Stage, Wire, request_for, set_stage
from api.world import World, refused
from poolkeeper.clock import HOUR, MINUTE, SECOND
from poolkeeper.jobs.expiry import clean_pool
from poolkeeper.jobs.pace import Pace
from poolkeeper.store.cleaning import Expired

REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
NEW = "Another-word-4-pools"
_BUILT = frozenset(one.name for one in BUILT)


def revoke_token(stage: Stage) -> None:
    token = stage.tokens["RefreshToken"]
    stage.pool.world.unsigned.revoke_token(ClientId=stage.client.client_id, Token=token)


def global_sign_out(stage: Stage) -> None:
    stage.pool.world.unsigned.global_sign_out(AccessToken=stage.tokens["AccessToken"])


def sign_out_elsewhere(stage: Stage) -> None:
    other = stage.client.tokens(NAME, stage.password)["AccessToken"]
    stage.pool.world.unsigned.global_sign_out(AccessToken=other)


def change_password_elsewhere(stage: Stage) -> None:
    other = stage.client.tokens(NAME, stage.password)["AccessToken"]
    stage.pool.world.unsigned.change_password(AccessToken=other, PreviousPassword=stage.password, ProposedPassword=NEW)


def reset_password(stage: Stage) -> None:
    world, client_id = stage.pool.world, stage.client.client_id
    world.clock.advance(SECOND)
    world.unsigned.forgot_password(ClientId=client_id, Username=NAME)
    world.unsigned.confirm_forgot_password(
        ClientId=client_id, Username=NAME, ConfirmationCode=world.code(stage.email), Password=NEW
    )


def delete_user(stage: Stage) -> None:
    other = stage.client.tokens(NAME, stage.password)["AccessToken"]
    stage.pool.world.unsigned.delete_user(AccessToken=other)


def delete_client(stage: Stage) -> None:
    ids = {"UserPoolId": stage.pool.pool_id, "ClientId": stage.client.client_id}
    stage.pool.world.signed.delete_user_pool_client(**ids)


def admin(operation: str, **more: Any) -> Callable[[Stage], None]:
    def call(stage: Stage) -> None:
        stage.pool.admin(operation, NAME, **more)

    call.__name__ = operation
    return call


ENDINGS = (
    ("RevokeToken", revoke_token),
    ("GlobalSignOut", global_sign_out),
    ("GlobalSignOut", sign_out_elsewhere),
    ("ChangePassword", change_password_elsewhere),
    ("ConfirmForgotPassword", reset_password),
    ("DeleteUser", delete_user),
    ("DeleteUserPoolClient", delete_client),
    ("AdminUserGlobalSignOut", admin("admin_user_global_sign_out")),
    ("AdminSetUserPassword", admin("admin_set_user_password", Password=NEW, Permanent=True)),
    ("AdminSetUserPassword", admin("admin_set_user_password", Password=NEW, Permanent=False)),
    ("AdminDeleteUser", admin("admin_delete_user")),
    ("AdminDisableUser", admin("admin_disable_user")),
    ("AdminResetUserPassword", admin("admin_reset_user_password")),
)


@pytest.fixture(params=[True, False], ids=["revocable", "not revocable"])
def stage(request: pytest.FixtureRequest, world: World) -> Stage:
    """Sign a user in, at a client whose tokens name their session by `origin_jti` and at one that has it off."""
    made = set_stage(world, "ending")
    if request.param:
        return made
    client = made.pool.client(EnableTokenRevocation=False)
    tokens = client.tokens(NAME, made.password)
    return Stage(made.pool, client, made.password, made.sub, tokens, made.session, made.email)


@pytest.mark.parametrize(
    "end", [end for name, end in ENDINGS if name in _BUILT], ids=lambda end: end.__name__.replace("_", " ")
)
def test_no_call_takes_a_token_whose_session_has_ended(
    world: World, wire: Wire, stage: Stage, end: Callable[[Stage], None]
) -> None:
    """attacks.md 32, 66, 73: after each ending no operation takes the access token, and nothing refreshes."""
    if end is revoke_token and "origin_jti" not in claims_of(stage.tokens["AccessToken"]):
        assert refused(lambda: end(stage))[0] == "UnsupportedOperationException"
        return
    end(stage)
    for operation in BY_TOKEN:
        answer = wire.call(operation.name, request_for(operation, stage))
        assert (answer.error, json.loads(answer.body)["message"]) == REVOKED, operation.name

    client, token = stage.client, stage.tokens["RefreshToken"]
    get = world.unsigned.get_tokens_from_refresh_token
    expected = "ResourceNotFoundException" if end is delete_client else "NotAuthorizedException"
    assert refused(lambda: client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token))[0] == expected
    assert refused(lambda: get(ClientId=client.client_id, RefreshToken=token))[0] == expected


def test_a_deleted_pool_takes_no_token(world: World, stage: Stage) -> None:
    """attacks.md 32: with the pool its keys are gone, so its tokens are nobody's."""
    world.signed.delete_user_pool(UserPoolId=stage.pool.pool_id)
    get_user = world.unsigned.get_user
    assert refused(lambda: get_user(AccessToken=stage.tokens["AccessToken"]))[0] == "NotAuthorizedException"


def test_signing_out_twice_is_refused(world: World, stage: Stage) -> None:
    """attacks.md 66: a sign-out is no stub: the second call with the same token is a stranger's."""
    global_sign_out(stage)
    assert refused(lambda: global_sign_out(stage)) == REVOKED


def test_a_change_of_password_spares_the_session_it_was_made_in(world: World, stage: Stage) -> None:
    """attacks.md 73: whoever changed the password stays signed in, everybody else is out."""
    other = stage.client.tokens(NAME, stage.password)
    world.unsigned.change_password(
        AccessToken=stage.tokens["AccessToken"], PreviousPassword=stage.password, ProposedPassword=NEW
    )
    assert world.unsigned.get_user(AccessToken=stage.tokens["AccessToken"])["Username"] == NAME
    assert refused(lambda: world.unsigned.get_user(AccessToken=other["AccessToken"])) == REVOKED
    assert refused(lambda: stage.client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=other["RefreshToken"])) == (
        "NotAuthorizedException",
        "Refresh Token has been revoked",
    )


def test_cleaning_up_ends_no_token_early(world: World) -> None:
    """An access token that was refreshed last outlives its session's refresh token, whose end is told as an end."""
    client = world.pool().client(RefreshTokenValidity=1, TokenValidityUnits={"RefreshToken": "hours"})
    client.pool.user("ada")
    refresh = {"REFRESH_TOKEN": client.tokens("ada")["RefreshToken"]}
    world.clock.advance(HOUR - MINUTE)
    token = client.initiate("REFRESH_TOKEN_AUTH", **refresh)["AuthenticationResult"]["AccessToken"]
    world.clock.advance(HOUR - MINUTE)
    world.run(lambda: clean_pool(world.house, Expired(client.pool.pool_id), Pace(one_writer=True)))

    assert world.unsigned.get_user(AccessToken=token)["Username"] == "ada"
    assert refused(lambda: client.initiate("REFRESH_TOKEN_AUTH", **refresh)) == (
        "NotAuthorizedException",
        "Refresh Token has expired",
    )


def test_the_sessions_of_others_go_on(world: World, stage: Stage) -> None:
    """attacks.md 66: signing one user out signs nobody else out, in the same pool or another."""
    stage.pool.user("eve", password=stage.password)
    eve = stage.client.tokens("eve", stage.password)["AccessToken"]
    elsewhere = set_stage(world, "elsewhere").tokens["AccessToken"]
    stage.pool.admin("admin_user_global_sign_out", NAME)
    assert world.unsigned.get_user(AccessToken=eve)["Username"] == "eve"
    assert world.unsigned.get_user(AccessToken=elsewhere)["Username"] == NAME
