"""Who waits for the service that knows more passwords? New passwords for a moment, sign-ins never (attacks.md 30)."""

import time
from functools import partial
from typing import Any

import pytest

from api.happenings import happened
from api.known_passwords import ADA, LISTED, REFUSED, RESET, mode, protected, service_of, with_ada
from api.signing_in import INCORRECT
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.accounts import compromised
from poolkeeper.clock import DAY
from waiting import wait_for

# By the policy, on no list, and known to the service alone.
BREACHED = "Autumn-in-8-gardens"
NEW = "Walk-in-3-gardens"
MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")


def findings(world: World, client: ClientOfTests) -> list[tuple[Any, ...]]:
    """Return what is kept of what the service said of a pool's users."""
    return world.rows(
        "SELECT credential_version, compromised FROM password_findings WHERE pool_id = $1", client.pool.pool_id
    )


def kept(world: World, client: ClientOfTests, compromised: int) -> None:
    """Wait until what the service says has been kept."""
    wait_for(lambda: any(row[1] == compromised for row in findings(world, client)))


def test_a_new_password_that_the_service_knows_is_nobodys(world: World) -> None:
    """Where it is enforced; five digits of its hash were asked for, once."""
    with service_of(world) as service:
        service.known.add(BREACHED)
        client = protected(world).client()
        assert refused(lambda: client.sign_up("eve", password=BREACHED)) == REFUSED
        assert service.asked_for(BREACHED) == len(service.asked) == 1
        client.sign_up("eve", password=NEW)

        client.pool.user("ada")
        token = client.tokens("ada")["AccessToken"]
        change = partial(world.unsigned.change_password, AccessToken=token, PreviousPassword=PASSWORD)
        assert refused(lambda: change(ProposedPassword=BREACHED)) == REFUSED
        assert refused(lambda: client.pool.admin("admin_set_user_password", "ada", Password=BREACHED)) == REFUSED


def test_what_the_list_knows_is_asked_of_nobody_else(world: World) -> None:
    """Nor is anything asked in a pool without threat protection, nor for what the policy refuses."""
    with service_of(world) as service:
        client = protected(world).client()
        assert refused(lambda: client.sign_up("eve", password=LISTED)) == REFUSED
        assert refused(lambda: client.sign_up("eve", password="short"))[0] == "InvalidPasswordException"
        protected(world, "OFF").client().sign_up("eve", password=BREACHED)
        assert service.asked == []


def test_a_sign_up_does_not_wait_for_a_service_that_hangs(world: World) -> None:
    """It goes on unchecked: three tenths of a second, and what the machine takes."""
    with service_of(world, patience=compromised._PATIENCE_SECONDS) as service:
        service.known.add(BREACHED)
        service.hang()
        client = protected(world).client()
        begun = time.monotonic()
        assert client.sign_up("eve", password=BREACHED)["UserSub"]
        assert (time.monotonic() - begun < 5, compromised._PATIENCE_SECONDS) == (True, 0.3)
        assert happened(world, client.pool, "CompromisedPassword") == []


def test_a_sign_in_does_not_wait_and_the_answer_counts_at_the_next(world: World) -> None:
    """While the service hangs there are tokens; what it says then makes the next sign-in choose another password."""
    with service_of(world) as service:
        service.known.add(BREACHED)
        service.hang()
        client = with_ada(world, BREACHED)
        for _ in range(2):
            assert client.tokens("ada", BREACHED)
        wait_for(lambda: service.asked_for(BREACHED) == 1)
        assert findings(world, client) == []

        service.go_on.set()
        kept(world, client, 1)
        assert refused(lambda: client.sign_in("ada", BREACHED)) == RESET
        assert client.pool.admin("admin_get_user", "ada")["UserStatus"] == "RESET_REQUIRED"
        assert [one["about"]["at"] for one in happened(world, client.pool, "CompromisedPassword")] == ["SIGN_IN"]
        assert service.asked_for(BREACHED) == 1


def test_what_was_said_is_of_that_password_alone(world: World) -> None:
    """With another one the user is as before."""
    with service_of(world) as service:
        service.known.add(BREACHED)
        client = with_ada(world, BREACHED, "AUDIT")
        assert client.tokens("ada", BREACHED)
        kept(world, client, 1)
        client.pool.admin("admin_set_user_password", "ada", Password=NEW, Permanent=True)
        world.signed.update_user_pool(UserPoolId=client.pool.pool_id, **mode("ENFORCED"))
        assert client.tokens("ada", NEW)
        kept(world, client, 0)
        assert client.tokens("ada", NEW)


def test_a_password_is_asked_for_once_a_week(world: World) -> None:
    """And again then, since the service comes to know more."""
    with service_of(world) as service:
        client = with_ada(world, BREACHED)
        for _ in range(3):
            assert client.tokens("ada", BREACHED)
            kept(world, client, 0)
        assert service.asked_for(BREACHED) == 1
        service.known.add(BREACHED)
        world.clock.advance(7 * DAY)
        assert client.tokens("ada", BREACHED)
        kept(world, client, 1)
        assert service.asked_for(BREACHED) == 2
        assert refused(lambda: client.sign_in("ada", BREACHED)) == RESET


def test_a_wrong_password_is_asked_for_nowhere(world: World) -> None:
    """Of a user, of nobody, in a change and in a reset without the code."""
    with service_of(world) as service:
        client = with_ada(world, PASSWORD, "AUDIT")
        for name in ("ada", "nobody"):
            assert refused(partial(client.sign_in, name, BREACHED)) == INCORRECT
            world.unsigned.forgot_password(ClientId=client.client_id, Username=name)
            confirm = partial(
                world.unsigned.confirm_forgot_password, ClientId=client.client_id, Username=name, Password=BREACHED
            )
            assert refused(partial(confirm, ConfirmationCode="000000")) == MISMATCH
        assert service.asked == []

        code = world.code(ADA)
        world.unsigned.confirm_forgot_password(
            ClientId=client.client_id, Username="ada", Password=BREACHED, ConfirmationCode=code
        )
        assert service.asked_for(BREACHED) == 1


def test_a_reset_by_the_code_waits_for_the_service(world: World) -> None:
    """And the code stays good for another password."""
    with service_of(world) as service:
        service.known.add(BREACHED)
        client = with_ada(world, PASSWORD)
        world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
        confirm = partial(
            world.unsigned.confirm_forgot_password,
            ClientId=client.client_id,
            Username="ada",
            ConfirmationCode=world.code(ADA),
        )
        assert refused(lambda: confirm(Password=BREACHED)) == REFUSED
        confirm(Password=NEW)
        assert client.tokens("ada", NEW)


@pytest.mark.parametrize("gone", ["user", "pool"])
def test_what_was_said_goes_with_the_user(world: World, gone: str) -> None:
    """Nothing is left of either, and an answer that comes later is kept of nobody."""
    with service_of(world) as service:
        client = with_ada(world, BREACHED)
        assert client.tokens("ada", BREACHED)
        kept(world, client, 0)
        service.hang()
        world.clock.advance(8 * DAY)
        assert client.tokens("ada", BREACHED)
        wait_for(lambda: service.asked_for(BREACHED) == 2)
        if gone == "user":
            client.pool.admin("admin_delete_user", "ada")
        else:
            world.signed.delete_user_pool(UserPoolId=client.pool.pool_id)
        wait_for(lambda: findings(world, client) == [])
        service.go_on.set()
        world.run(world.house.known_passwords.close)
        assert findings(world, client) == []
