"""Passwords of before: one policy at every door, and a history that is told to nobody without a proof (attacks.md 30)."""

from collections.abc import Callable
from functools import partial

import pytest

from api.world import PASSWORD, ClientOfTests, PoolOfTests, World, refused
from poolkeeper.clock import HOUR

REUSED = ("PasswordHistoryPolicyViolationException", "Password has previously been used")
SHORT = ("InvalidPasswordException", "Password did not conform with policy: Password not long enough")
MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
OTHERS = [f"Swim-in-{number}-more-pools" for number in range(3, 9)]


def pool_with_history(world: World, size: int) -> PoolOfTests:
    """Create a pool that remembers `size` passwords."""
    policy = {
        "MinimumLength": 8,
        "RequireLowercase": True,
        "RequireUppercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "PasswordHistorySize": size,
    }
    return world.pool(Policies={"PasswordPolicy": policy}, AutoVerifiedAttributes=["email"])


def enlist(pool: PoolOfTests, *, permanent: bool = True, **attributes: str) -> str:
    """Create ada, whose password is PASSWORD: a temporary one, or after another one that was."""
    sub = pool.user("ada", password="Temporary-pass-1" if permanent else PASSWORD, permanent=False, **attributes)
    if permanent:
        pool.admin("admin_set_user_password", "ada", Password=PASSWORD, Permanent=True)
    return sub


def change(world: World, client: ClientOfTests, old: str, new: str) -> None:
    """Change ada's password by ChangePassword."""
    token = client.tokens("ada", old)["AccessToken"]
    world.unsigned.change_password(AccessToken=token, PreviousPassword=old, ProposedPassword=new)


def by_change(world: World, client: ClientOfTests, password: str) -> None:
    change(world, client, PASSWORD, password)


def by_reset(world: World, client: ClientOfTests, password: str) -> None:
    world.clock.advance(1000)
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    world.unsigned.confirm_forgot_password(
        ClientId=client.client_id,
        Username="ada",
        ConfirmationCode=world.code("ada@history.example"),
        Password=password,
    )


def by_administrator(world: World, client: ClientOfTests, password: str) -> None:
    client.pool.admin("admin_set_user_password", "ada", Password=password, Permanent=True)


def by_challenge(world: World, client: ClientOfTests, password: str) -> None:
    session = client.sign_in("ada")["Session"]
    client.respond("NEW_PASSWORD_REQUIRED", session, USERNAME="ada", NEW_PASSWORD=password)


def by_sign_up(world: World, client: ClientOfTests, password: str) -> None:
    client.sign_up("eve", password=password)


DOORS: list[tuple[Callable[[World, ClientOfTests, str], None], bool]] = [
    (by_change, True),
    (by_reset, True),
    (by_administrator, True),
    (by_challenge, False),
]


@pytest.mark.parametrize(("door", "permanent"), DOORS)
def test_every_door_keeps_the_whole_policy(
    world: World,
    door: Callable[[World, ClientOfTests, str], None],
    permanent: bool,  # noqa: FBT001 - a column
) -> None:
    """Too short and used before are refused at each of them, and a new one is taken (attacks.md 30)."""
    pool = pool_with_history(world, 3)
    client = pool.client()
    enlist(pool, permanent=permanent, email="ada@history.example", email_verified="true")

    assert refused(lambda: door(world, client, "Ab1!")) == SHORT
    assert refused(lambda: door(world, client, PASSWORD)) == REUSED
    door(world, client, OTHERS[0])
    assert client.tokens("ada", OTHERS[0])["AccessToken"]


def test_sign_up_keeps_the_policy_and_has_no_history(world: World) -> None:
    """The fifth door: nothing was used before, all else holds."""
    client = pool_with_history(world, 3).client()
    assert refused(lambda: by_sign_up(world, client, "Ab1!")) == SHORT
    by_sign_up(world, client, PASSWORD)


def test_as_many_passwords_are_remembered_as_the_pool_says(world: World) -> None:
    """The present one and those before it, PasswordHistorySize in all; the one before these may come back."""
    pool = pool_with_history(world, 3)
    client = pool.client()
    sub = enlist(pool)
    for password in OTHERS[:3]:
        by_administrator(world, client, password)
    for password in reversed(OTHERS[:3]):
        assert refused(partial(by_administrator, world, client, password)) == REUSED
    by_administrator(world, client, PASSWORD)

    kept = world.rows("SELECT credential_version FROM password_history WHERE user_id = $1", sub)
    assert len(kept) == 2, "no more than can be asked for is kept"


def test_a_pool_without_history_takes_the_same_password_again(world: World) -> None:
    """A NEW_PASSWORD equal to the temporary one is accepted then (userpools.md 0.10), and nothing is kept."""
    pool = world.pool()
    client = pool.client()
    sub = enlist(pool, permanent=False)
    by_challenge(world, client, PASSWORD)
    change(world, client, PASSWORD, PASSWORD)
    assert client.tokens("ada")["AccessToken"]
    assert world.rows("SELECT credential_version FROM password_history WHERE user_id = $1", sub) == []


def test_old_passwords_cost_one_place_in_the_queue(world: World) -> None:
    """However many are compared, a change takes one turn of the threads, beside the one that proves the present one."""
    pool = pool_with_history(world, 24)
    client = pool.client()
    enlist(pool)
    for password in OTHERS:
        by_administrator(world, client, password)
    hashes = world.hashes()
    by_administrator(world, client, PASSWORD + "-again")
    assert world.hashes() == hashes + 1
    assert refused(lambda: by_administrator(world, client, PASSWORD)) == REUSED
    assert world.hashes() == hashes + 2


def test_history_is_told_to_nobody_without_the_code(world: World) -> None:
    """A stranger who guesses codes learns nothing of old passwords: before the code is right, the answer is about it."""
    pool = pool_with_history(world, 3)
    client = pool.client()
    enlist(pool, email="ada@stranger.example", email_verified="true")
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    right = world.code("ada@stranger.example")
    wrong = "000000" if right != "000000" else "111111"
    reset = partial(world.unsigned.confirm_forgot_password, ClientId=client.client_id, Username="ada")

    for password in (PASSWORD, OTHERS[0]):
        assert refused(partial(reset, ConfirmationCode=wrong, Password=password)) == MISMATCH
    assert refused(lambda: reset(ConfirmationCode=right, Password=PASSWORD)) == REUSED
    reset(ConfirmationCode=right, Password=OTHERS[0])
    assert client.tokens("ada", OTHERS[0])["AccessToken"]


def test_history_tells_no_right_code_from_a_wrong_one_after_the_last_guess(world: World) -> None:
    """With the attempts of the hour used up the old password is no oracle either (attacks.md 38)."""
    pool = pool_with_history(world, 3)
    client = pool.client()
    enlist(pool, email="ada@oracle.example", email_verified="true")
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    right = world.code("ada@oracle.example")
    wrong = "000000" if right != "000000" else "111111"
    reset = partial(world.unsigned.confirm_forgot_password, ClientId=client.client_id, Username="ada")
    for _ in range(10):
        assert refused(lambda: reset(ConfirmationCode=wrong, Password=OTHERS[0])) == MISMATCH
    limit = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
    assert refused(lambda: reset(ConfirmationCode=right, Password=PASSWORD)) == limit
    assert refused(lambda: reset(ConfirmationCode=wrong, Password=PASSWORD)) == limit
    world.clock.advance(HOUR)


def test_a_wrong_present_password_hides_the_history(world: World) -> None:
    """ChangePassword compares with old ones only after the present one was proved."""
    pool = pool_with_history(world, 3)
    client = pool.client()
    enlist(pool)
    token = client.tokens("ada")["AccessToken"]
    attempt = partial(world.unsigned.change_password, AccessToken=token, ProposedPassword=PASSWORD)
    assert refused(lambda: attempt(PreviousPassword="Not-the-one-7")) == (
        "NotAuthorizedException",
        "Incorrect username or password.",
    )
    assert refused(lambda: attempt(PreviousPassword=PASSWORD)) == REUSED
