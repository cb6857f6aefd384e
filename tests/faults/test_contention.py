"""Whether contention at three commits of ten changes anything that a client sees (attacks.md F22)."""

import random
from collections.abc import Iterator

import pytest

from api.forge import claims_of
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import SECOND
from store.broken_commits import break_commits

NEW = "Another-word-4-pools"


def story(world: World) -> Iterator[object]:
    """Tell the main story of the API: everything that a client sees and that does not differ by nature."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    client = pool.client()
    yield from signing_up(client)
    tokens = client.tokens("ada")
    yield sorted(tokens)
    yield claims_of(tokens["IdToken"])["email_verified"]
    yield sorted(client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])["AuthenticationResult"])
    yield refused(lambda: client.sign_in("ada", "wrong-Password-1"))

    world.unsigned.change_password(
        AccessToken=tokens["AccessToken"], PreviousPassword=PASSWORD, ProposedPassword=f"{NEW}-1"
    )
    yield refused(lambda: client.sign_in("ada", PASSWORD))
    yield from resetting(client)
    yield refused(lambda: world.unsigned.get_user(AccessToken=tokens["AccessToken"]))

    pool.user("temporary", permanent=False)
    challenge = client.sign_in("temporary")
    yield challenge["ChallengeName"]
    answers = {"USERNAME": "temporary", "NEW_PASSWORD": NEW}
    yield sorted(client.respond("NEW_PASSWORD_REQUIRED", challenge["Session"], **answers)["AuthenticationResult"])
    yield refused(lambda: client.respond("NEW_PASSWORD_REQUIRED", challenge["Session"], **answers))
    yield from rotating(client)

    pool.admin("admin_delete_user", "ada")
    yield refused(lambda: pool.admin("admin_get_user", "ada"))
    yield world.rows(
        "SELECT username, status, credential_version FROM users WHERE pool_id = $1 ORDER BY 1", pool.pool_id
    )
    yield world.rows("SELECT sum(users) FROM tallies WHERE pool_id = $1", pool.pool_id)
    yield world.rows("SELECT count(*) FROM aliases WHERE pool_id = $1", pool.pool_id)


def signing_up(client: ClientOfTests) -> Iterator[object]:
    world = client.world
    world.clock.advance(SECOND)
    yield client.sign_up("ada", email="ada@contention.example")["CodeDeliveryDetails"]
    yield refused(lambda: client.sign_up("ada", email="ada@contention.example"))
    code = world.code("ada@contention.example")
    confirm = world.unsigned.confirm_sign_up
    yield refused(
        lambda: confirm(ClientId=client.client_id, Username="ada", ConfirmationCode=f"{(int(code) + 1) % 10**6:06}")
    )
    confirm(ClientId=client.client_id, Username="ada", ConfirmationCode=code)
    yield refused(lambda: confirm(ClientId=client.client_id, Username="ada", ConfirmationCode=code))
    world.clock.advance(SECOND)


def resetting(client: ClientOfTests) -> Iterator[object]:
    world = client.world
    world.clock.advance(SECOND)
    yield world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")["CodeDeliveryDetails"]
    given = {"Username": "ada", "ConfirmationCode": world.code("ada@contention.example"), "Password": f"{NEW}-2"}
    world.unsigned.confirm_forgot_password(ClientId=client.client_id, **given)
    yield refused(lambda: world.unsigned.confirm_forgot_password(ClientId=client.client_id, **given))
    yield sorted(client.tokens("ada", f"{NEW}-2"))


def rotating(client: ClientOfTests) -> Iterator[object]:
    world = client.world
    other = client.pool.client(
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )
    first = other.tokens("temporary", NEW)["RefreshToken"]
    get = world.unsigned.get_tokens_from_refresh_token
    second = get(ClientId=other.client_id, RefreshToken=first)["AuthenticationResult"]["RefreshToken"]
    world.clock.advance(11 * SECOND)
    yield refused(lambda: get(ClientId=other.client_id, RefreshToken=first))
    yield refused(lambda: get(ClientId=other.client_id, RefreshToken=second))


def test_contention_changes_nothing_that_a_client_sees(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """attacks.md F22: the same story with and without faults gives the same answers, row for row; no attempt is counted twice."""
    expected = list(story(world))
    chance, tried, failed = random.Random(22), 0, 0

    def fails() -> bool:
        nonlocal tried, failed
        now = chance.random() < 0.3
        tried, failed = tried + 1, failed + now
        return now

    with monkeypatch.context() as patch:
        break_commits(world.house.db, fails, patch, alone=True)
        seen = list(story(world))

    assert failed > 5
    assert failed / tried > 0.15
    assert seen == expected
