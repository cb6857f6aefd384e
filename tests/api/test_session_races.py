"""Does anybody slip past a change of a user that is not committed yet? Whoever ends sessions ends those that it finds."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from api.signing_in import INCORRECT, count_of_sessions
from api.waiting_tokens import REFUSED, TAKEN, second_waits
from api.world import PASSWORD, ClientOfTests, World, refused

Change = Callable[[ClientOfTests], object]


def deleted(client: ClientOfTests) -> object:
    return client.pool.admin("admin_delete_user", "ada")


def another_password(client: ClientOfTests) -> object:
    return client.pool.admin("admin_set_user_password", "ada", Password=f"{PASSWORD}-2", Permanent=True)


def disabled(client: ClientOfTests) -> object:
    return client.pool.admin("admin_disable_user", "ada")


def reset(client: ClientOfTests) -> object:
    return client.pool.admin("admin_reset_user_password", "ada")


def signed_out(client: ClientOfTests) -> object:
    return client.pool.admin("admin_user_global_sign_out", "ada")


@pytest.mark.parametrize("change", [another_password, disabled, deleted])
def test_a_sign_in_waits_for_a_change_of_its_user(
    world: World, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    """attacks.md 25, 32: the change is held at its COMMIT while the old password signs in; no session is left by it."""
    if world.engine == "sqlite":
        pytest.skip("SQLite has one writer: nothing is written while a change is not committed")
    client = world.pool().client()
    client.pool.user("ada")
    assert second_waits(world, monkeypatch, partial(change, client), partial(client.tokens, "ada"))[1] == REFUSED
    live = "SELECT session_id FROM sessions WHERE pool_id = $1 AND revoked_at IS NULL"
    assert world.rows(live, client.pool.pool_id) == []


@pytest.mark.parametrize("change", [another_password, disabled, deleted, reset, signed_out])
def test_who_writes_by_a_token_waits_for_a_change_of_its_user(
    world: World, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    """The change is held at its COMMIT while the token's bearer renames himself; he is judged by what is committed."""
    if world.engine == "sqlite":
        pytest.skip("SQLite has one writer: nothing is written while a change is not committed")
    client, rename = bearing(world)
    assert second_waits(world, monkeypatch, partial(change, client), rename)[1] == REFUSED


@pytest.mark.parametrize("change", [another_password, disabled, deleted, reset, signed_out])
def test_whoever_ends_sessions_waits_for_who_writes_by_one(
    world: World, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    """The other way about: what a token's bearer writes stands before the session ends, and neither is lost."""
    if world.engine == "sqlite":
        pytest.skip("SQLite has one writer: nothing is written while a change is not committed")
    client, rename = bearing(world)
    assert second_waits(world, monkeypatch, rename, partial(change, client)) == [TAKEN, TAKEN]
    live = "SELECT session_id FROM sessions WHERE pool_id = $1 AND revoked_at IS NULL"
    assert world.rows(live, client.pool.pool_id) == []


def test_whoever_is_disabled_while_the_password_is_judged_gets_no_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """attacks.md 25: nothing reads the user again before the session is opened, which looks itself."""
    client = world.pool().client()
    client.pool.user("ada")
    judge = world.house.heavy.run

    async def disabled_first(*work: Any) -> Any:
        await asyncio.to_thread(disabled, client)
        return await judge(*work)

    with monkeypatch.context() as patched:
        patched.setattr(world.house.heavy, "run", disabled_first)
        assert refused(partial(client.sign_in, "ada")) == ("NotAuthorizedException", "User is disabled.")
    assert count_of_sessions(client.pool) == 0


def another_temporary_one(client: ClientOfTests) -> object:
    return client.pool.admin("admin_set_user_password", "ada", Password=f"{PASSWORD}-2", Permanent=False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (another_temporary_one, INCORRECT),
        (another_password, INCORRECT),
        (disabled, ("NotAuthorizedException", "User is disabled.")),
        (deleted, ("UserNotFoundException", "User does not exist.")),
    ],
)
def test_a_temporary_password_of_before_sets_no_new_one(
    world: World, monkeypatch: pytest.MonkeyPatch, change: Change, told: tuple[str, str]
) -> None:
    """attacks.md 25: what an administrator does while the new password is hashed stands."""
    client = world.pool().client()
    client.pool.user("ada", permanent=False)
    session = client.sign_in("ada")["Session"]
    work, done = world.house.heavy.run, list[object]()

    async def changed_first(*given: Any) -> Any:
        if not done:
            done.append(change)
            await asyncio.to_thread(change, client)
        return await work(*given)

    def answer() -> object:
        return client.respond("NEW_PASSWORD_REQUIRED", session, USERNAME="ada", NEW_PASSWORD=f"{PASSWORD}-3")

    with monkeypatch.context() as patched:
        patched.setattr(world.house.heavy, "run", changed_first)
        assert refused(answer) == told
    assert refused(partial(client.sign_in, "ada", f"{PASSWORD}-3"))[0] == "NotAuthorizedException"
    assert count_of_sessions(client.pool) == 0


def bearing(world: World) -> tuple[ClientOfTests, Callable[[], object]]:
    """Sign a user in; return the client, and the writing of an attribute by the token."""
    client = world.pool(AutoVerifiedAttributes=["email"]).client()
    client.pool.user("ada", email="ada@x.example", email_verified="true")
    token, renamed = client.tokens("ada")["AccessToken"], [{"Name": "nickname", "Value": "Countess"}]
    return client, partial(world.unsigned.update_user_attributes, AccessToken=token, UserAttributes=renamed)
