"""When does access end? At once, for whoever is disabled, deleted, signed out or has another password: in every process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from botocore.client import BaseClient

from api.signing_in import put
from api.world import FLOWS, PASSWORD, ClientOfTests, World, refused, running, settings_for

REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
REFRESH_REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")
DISABLED = ("NotAuthorizedException", "User is disabled.")
Ending = Callable[[ClientOfTests, str], Any]

ENDINGS: dict[str, tuple[Ending, tuple[str, str], tuple[str, str]]] = {
    "deleted": (lambda client, sub: client.pool.admin("admin_delete_user", "ada"), REVOKED, REFRESH_REVOKED),
    "signed out": (
        lambda client, sub: client.pool.admin("admin_user_global_sign_out", "ada"),
        REVOKED,
        REFRESH_REVOKED,
    ),
    "another password": (
        lambda client, sub: client.pool.admin(
            "admin_set_user_password", "ada", Password="Dive-in-3-lakes", Permanent=True
        ),
        REVOKED,
        REFRESH_REVOKED,
    ),
    "disabled": (lambda client, sub: client.pool.admin("admin_disable_user", "ada"), REVOKED, REFRESH_REVOKED),
    "marked as disabled": (lambda client, sub: put(client.pool, sub, enabled=0), DISABLED, DISABLED),
}


@contextmanager
def _every_process(world: World) -> Iterator[list[BaseClient]]:
    """Yield an unsigned client of each process over the database; SQLite is served by one."""
    if world.engine != "postgresql":
        yield [world.unsigned]
        return
    own = world.house.settings
    settings = settings_for(own.data, database=own.database, former_base_urls=(world.url,))
    with running(settings, engine=world.engine, started_at=world.clock.now()) as other:
        yield [world.unsigned, other.unsigned]


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_token_is_refused_from_the_moment_on(world: World, ending: str) -> None:
    """GetUser, ChangePassword and both ways to refresh fail at the very next call, wherever it arrives."""
    client = world.pool().client()
    sub = client.pool.user("ada")
    tokens = client.tokens("ada")
    end, access_told, refresh_told = ENDINGS[ending]

    with _every_process(world) as processes:
        for process in processes:
            assert process.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"
        end(client, sub)
        for process in processes:
            for use, told in _uses(process, client.client_id, tokens, access_told, refresh_told):
                assert refused(use) == told


def _uses(
    process: BaseClient,
    client_id: str,
    tokens: dict[str, Any],
    access_told: tuple[str, str],
    refresh_told: tuple[str, str],
) -> list[tuple[Callable[[], Any], tuple[str, str]]]:
    """Return every use of the tokens of a sign-in, each with how it is to be refused."""
    access, refresh = tokens["AccessToken"], tokens["RefreshToken"]
    change = {"PreviousPassword": PASSWORD, "ProposedPassword": "Yet-another-4"}
    return [
        (partial(process.get_user, AccessToken=access), access_told),
        (partial(process.change_password, AccessToken=access, **change), access_told),
        (partial(process.global_sign_out, AccessToken=access), access_told),
        (
            partial(
                process.initiate_auth,
                ClientId=client_id,
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters={"REFRESH_TOKEN": refresh},
            ),
            refresh_told,
        ),
        (partial(process.get_tokens_from_refresh_token, ClientId=client_id, RefreshToken=refresh), refresh_told),
    ]


def test_the_next_user_of_the_name_inherits_no_session(world: World) -> None:
    """A name that was given up and taken again is another user: old tokens stay dead."""
    client = world.pool().client()
    first = client.pool.user("ada")
    tokens = client.tokens("ada")
    client.pool.admin("admin_delete_user", "ada")
    second = client.pool.user("ada")

    assert first != second
    assert refused(lambda: world.unsigned.get_user(AccessToken=tokens["AccessToken"])) == REVOKED
    refresh = partial(client.initiate, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])
    assert refused(refresh) == REFRESH_REVOKED
    assert client.tokens("ada")


def test_turning_revocation_off_ends_no_session(world: World) -> None:
    """Tokens name their session otherwise from then on; those of before go on, and so does what is refreshed."""
    client = world.pool().client()
    client.pool.user("ada")
    before = client.tokens("ada")
    place = {"UserPoolId": client.pool.pool_id, "ClientId": client.client_id}
    world.signed.update_user_pool_client(**place, ExplicitAuthFlows=FLOWS, EnableTokenRevocation=False)
    later = client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=before["RefreshToken"])["AuthenticationResult"]
    for token in (before["AccessToken"], later["AccessToken"], client.tokens("ada")["AccessToken"]):
        assert world.unsigned.get_user(AccessToken=token)["Username"] == "ada"
    client.pool.admin("admin_user_global_sign_out", "ada")
    assert refused(lambda: world.unsigned.get_user(AccessToken=later["AccessToken"])) == REVOKED


def test_the_tokens_of_a_deleted_client_and_of_a_deleted_pool_end(world: World) -> None:
    """What a token hangs on is read with it."""
    pool = world.pool()
    client, other = pool.client(), pool.client()
    pool.user("ada")
    tokens, kept = client.tokens("ada"), other.tokens("ada")

    world.signed.delete_user_pool_client(UserPoolId=pool.pool_id, ClientId=client.client_id)
    assert refused(lambda: world.unsigned.get_user(AccessToken=tokens["AccessToken"])) == REVOKED
    assert world.unsigned.get_user(AccessToken=kept["AccessToken"])
    world.signed.delete_user_pool(UserPoolId=pool.pool_id)
    assert refused(lambda: world.unsigned.get_user(AccessToken=kept["AccessToken"])) in (
        REVOKED,
        ("NotAuthorizedException", "Invalid Access Token"),
    )
