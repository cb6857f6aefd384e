"""Whether a code that was mailed opens one door, once, for a while, and after few guesses none (attacks.md 38-42)."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from api.confirming import LIMIT, MISMATCH, confirm, wrong
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import DAY, HOUR, MINUTE, SECOND

EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
ADDRESS = "ada@lovelace.example"
NEW = "Another-word-4-pools"


def new_client(world: World, **settings: Any) -> ClientOfTests:
    return world.pool(AutoVerifiedAttributes=["email"]).client(**settings)


def tick(world: World) -> None:
    """Let a moment pass, so that the next message is newer than the last one."""
    world.clock.advance(SECOND)


def resend(client: ClientOfTests, name: str = "ada") -> None:
    tick(client.world)
    client.world.unsigned.resend_confirmation_code(ClientId=client.client_id, Username=name)


def forget(client: ClientOfTests, name: str = "ada") -> str:
    """Ask for a reset code and return it."""
    tick(client.world)
    client.world.unsigned.forgot_password(ClientId=client.client_id, Username=name)
    return client.world.code(ADDRESS)


def reset(client: ClientOfTests, code: str, *, name: str = "ada", password: str = NEW) -> Any:
    return client.world.unsigned.confirm_forgot_password(
        ClientId=client.client_id, Username=name, ConfirmationCode=code, Password=password
    )


def signed_up(client: ClientOfTests, name: str = "ada", address: str = ADDRESS) -> str:
    """Sign somebody up and return the code that was mailed."""
    tick(client.world)
    client.sign_up(name, email=address)
    return client.world.code(address)


def recoverable(client: ClientOfTests) -> None:
    """Make a user who can be sent a reset code."""
    client.pool.user("ada", email=ADDRESS, email_verified="true")


def test_the_right_sign_up_code_is_refused_after_fifteen_wrong_ones(world: World) -> None:
    """attacks.md 38: the sixteenth guess is not looked at, and another code does not give more tries."""
    client = new_client(world)
    code = signed_up(client)
    for _ in range(15):
        assert refused(lambda: confirm(client, wrong(code))) == MISMATCH

    assert refused(lambda: confirm(client, code)) == LIMIT
    resend(client)
    assert refused(lambda: confirm(client, world.code(ADDRESS))) == LIMIT

    world.clock.advance(HOUR + SECOND)
    confirm(client, world.code(ADDRESS))


def test_an_hour_s_count_slides_and_forgets(world: World) -> None:
    """Five resends stand within any hour, however they are spread; what is older takes no room, in the row neither."""
    client = new_client(world)
    signed_up(client)
    for _ in range(4):
        resend(client)
    world.clock.advance(HOUR // 2)
    resend(client)
    assert refused(lambda: resend(client)) == LIMIT
    world.clock.advance(HOUR // 2)
    for _ in range(4):  # the first four are over an hour old by now, the fifth is not
        resend(client)
    assert refused(lambda: resend(client)) == LIMIT

    world.clock.advance(HOUR // 2)
    for _ in range(60):
        world.clock.advance(20 * MINUTE)
        resend(client)
    kept = [
        json.loads(row[0]) for row in world.rows("SELECT times FROM hourly WHERE pool_id = $1", client.pool.pool_id)
    ]
    assert kept
    assert all(len(times) < 30 for times in kept)


def test_the_right_reset_code_is_refused_after_ten_wrong_ones(world: World) -> None:
    """attacks.md 38: counted over all codes of the purpose, the ones asked for in between included."""
    client = new_client(world)
    recoverable(client)
    for _ in range(2):
        code = forget(client)
        for _ in range(5):
            assert refused(lambda: reset(client, wrong(code))) == MISMATCH  # noqa: B023 - called at once

    assert refused(lambda: reset(client, code)) == LIMIT
    assert refused(lambda: reset(client, forget(client))) == LIMIT
    assert client.tokens("ada", PASSWORD)["AccessToken"]


def test_guesses_at_one_purpose_do_not_spend_those_of_another(world: World) -> None:
    """attacks.md 38: tries are counted for each purpose, so nobody shuts another door."""
    client = new_client(world)
    confirm(client, signed_up(client))
    code = forget(client)
    for _ in range(15):
        assert refused(lambda: confirm(client, "000000"))[0] in {"ExpiredCodeException", "CodeMismatchException"}
    reset(client, code)


def test_a_code_opens_no_door_but_its_own(world: World) -> None:
    """attacks.md 39: a sign-up code resets nothing, a reset code confirms nobody, and neither works for others."""
    client = new_client(world)
    recoverable(client)
    sql = "UPDATE users SET status = 'UNCONFIRMED' WHERE pool_id = $1"
    world.run(lambda: world.house.db.execute(sql, client.pool.pool_id))
    resend(client)
    sign_up_code = world.code(ADDRESS)
    reset_code = forget(client)
    other = client.pool.client()
    elsewhere = new_client(world)
    signed_up(client, "eve", "eve@example.com")
    signed_up(elsewhere)

    assert refused(lambda: reset(client, sign_up_code)) == MISMATCH
    assert refused(lambda: confirm(client, reset_code)) == MISMATCH
    assert refused(lambda: confirm(client, sign_up_code, "eve")) == MISMATCH
    assert refused(lambda: confirm(elsewhere, sign_up_code)) == MISMATCH
    assert refused(lambda: reset(elsewhere, reset_code)) == EXPIRED
    confirm(other, sign_up_code)
    reset(client, reset_code)


def test_of_twenty_confirmations_at_once_one_succeeds(world: World) -> None:
    """attacks.md 40: a sign-up code is spent once, by however many requests it comes."""
    client = new_client(world)
    body = {"ClientId": client.client_id, "Username": "ada", "ConfirmationCode": signed_up(client)}

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: world.call("ConfirmSignUp", body), range(20)))

    assert [status for status, _ in answers].count(200) == 1
    assert {answer["__type"] for status, answer in answers if status != 200} <= {
        "ExpiredCodeException",
        "NotAuthorizedException",
        "LimitExceededException",  # a code that is spent counts as a wrong one, and fifteen are the limit
    }


def test_of_twenty_resets_at_once_one_succeeds(world: World) -> None:
    """attacks.md 40: the password is the one of the request that was told so."""
    client = new_client(world)
    recoverable(client)
    code = forget(client)

    def attempt(number: int) -> tuple[int, int]:
        body = {"ClientId": client.client_id, "Username": "ada", "ConfirmationCode": code, "Password": f"{NEW}{number}"}
        return world.call("ConfirmForgotPassword", body)[0], number

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(attempt, range(20)))

    winners = [number for status, number in answers if status == 200]
    assert len(winners) == 1
    assert client.tokens("ada", f"{NEW}{winners[0]}")["AccessToken"]


def test_only_the_newest_code_counts(world: World) -> None:
    """attacks.md 41: asking again makes the code before it worth nothing."""
    client = new_client(world)
    first = signed_up(client)
    resend(client)
    second = world.code(ADDRESS)
    assert first == second or refused(lambda: confirm(client, first)) == MISMATCH
    confirm(client, second)

    first, second = forget(client), forget(client)
    assert first == second or refused(lambda: reset(client, first)) == MISMATCH
    reset(client, second)


def test_a_code_that_was_used_is_used_up(world: World) -> None:
    """attacks.md 40, 41: a reset code does not work a second time."""
    client = new_client(world)
    recoverable(client)
    code = forget(client)
    reset(client, code)
    assert refused(lambda: reset(client, code)) == EXPIRED


def by_the_user(client: ClientOfTests) -> None:
    client.world.unsigned.change_password(
        AccessToken=client.tokens("ada")["AccessToken"], PreviousPassword=PASSWORD, ProposedPassword=f"{NEW}-1"
    )


def by_an_administrator(client: ClientOfTests) -> None:
    client.pool.admin("admin_set_user_password", "ada", Password=f"{NEW}-1", Permanent=True)


@pytest.mark.parametrize("change", [by_the_user, by_an_administrator])
def test_a_reset_code_dies_with_the_password(world: World, change: Callable[[ClientOfTests], None]) -> None:
    """attacks.md 41: once the password is another, a code that was asked for before resets nothing."""
    client = new_client(world)
    recoverable(client)
    code = forget(client)
    change(client)
    assert refused(lambda: reset(client, code)) == EXPIRED
    assert client.tokens("ada", f"{NEW}-1")["AccessToken"]


@pytest.mark.parametrize("late", [False, True])
def test_a_sign_up_code_lives_for_a_day(world: World, late: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """attacks.md 42: good until the last second of its 24 hours, by the server's clock."""
    client = new_client(world)
    code = signed_up(client)
    world.clock.advance(DAY if late else DAY - SECOND)
    if late:
        assert refused(lambda: confirm(client, code)) == EXPIRED
    else:
        confirm(client, code)


@pytest.mark.parametrize("late", [False, True])
def test_a_reset_code_lives_for_an_hour(world: World, late: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """attacks.md 42: good until the last second of its hour."""
    client = new_client(world)
    recoverable(client)
    code = forget(client)
    world.clock.advance(HOUR if late else HOUR - SECOND)
    attempt = partial(reset, client, code)
    if late:
        assert refused(attempt) == EXPIRED
    else:
        attempt()


def test_a_reset_signs_nobody_in(world: World) -> None:
    """The answer to a reset holds no token: the next sign-in asks for everything."""
    client = new_client(world)
    recoverable(client)
    answer = reset(client, forget(client))
    assert set(answer) == {"ResponseMetadata"}
