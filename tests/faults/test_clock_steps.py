"""What does a clock that is set wrong, or set right, change? Five minutes off, an hour back: nothing opens by it (attacks.md F13)."""

import pytest

from api.forge import claims_of
from api.signing_in import LOCKED, failures, lock
from api.world import World, refused
from poolkeeper.clock import HOUR, MINUTE, SECOND

WRONG = "Wrong-password-0"
STEPS = {"five minutes forward": 5 * MINUTE, "five minutes back": -5 * MINUTE, "an hour back": -HOUR}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_tokens_live_as_long_as_their_client_says_whenever_they_are_issued(world: World, step: int) -> None:
    """Before and after the step `exp` is an hour after the `iat` of the same token, and a refresh moves no end."""
    client = world.pool().client()
    client.pool.user("ada")
    before = client.tokens("ada")
    world.clock.advance(step)
    after = client.tokens("ada")
    refreshed = client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=before["RefreshToken"])["AuthenticationResult"]

    for tokens in (before, after, refreshed):
        claims = claims_of(tokens["AccessToken"])
        assert claims["exp"] - claims["iat"] == 3600
    ends = world.rows("SELECT auth_time, expires_at FROM sessions WHERE pool_id = $1", client.pool.pool_id)
    assert [end - begin for begin, end in ends] == [30 * 24 * HOUR] * 2


def test_a_step_back_does_not_open_a_lock_and_begins_no_count_anew(world: World) -> None:
    """Who is locked out stays so, and the next wrong password is the sixth."""
    client = world.pool().client()
    client.pool.user("ada")
    lock(client, "ada")

    world.clock.advance(-HOUR)
    assert refused(lambda: client.sign_in("ada")) == LOCKED
    world.clock.advance(HOUR + SECOND)
    refused(lambda: client.sign_in("ada", WRONG))
    assert failures(client.pool) == [(6, 2 * SECOND)]


def test_a_step_back_gives_no_more_mail(world: World) -> None:
    """The five sends of an hour that is now in the future still count."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    client = pool.client()
    client.sign_up("ada", email="ada@clocks.example")
    for _ in range(5):
        world.unsigned.resend_confirmation_code(ClientId=client.client_id, Username="ada")

    world.clock.advance(-HOUR)
    again = refused(lambda: world.unsigned.resend_confirmation_code(ClientId=client.client_id, Username="ada"))
    assert again[0] == "LimitExceededException"


def test_a_step_back_makes_no_spent_code_or_session_good_again(world: World) -> None:
    """What was spent is spent by a row, not by the time."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    client = pool.client()
    client.sign_up("ada", email="spent@clocks.example")
    given = {"ClientId": client.client_id, "Username": "ada", "ConfirmationCode": world.code("spent@clocks.example")}
    world.unsigned.confirm_sign_up(**given)
    pool.user("bob", permanent=False)
    asked = client.sign_in("bob")
    answer = {"USERNAME": "bob", "NEW_PASSWORD": "Another-word-4-pools"}
    client.respond("NEW_PASSWORD_REQUIRED", asked["Session"], **answer)

    world.clock.advance(-HOUR)
    assert refused(lambda: world.unsigned.confirm_sign_up(**given))[0] == "NotAuthorizedException"
    again = refused(lambda: client.respond("NEW_PASSWORD_REQUIRED", asked["Session"], **answer))
    assert again == ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


def test_no_id_is_given_twice_within_one_moment(world: World) -> None:
    """A clock that stands still, or goes back, gives no two tokens one `jti` and no two sessions one row."""
    client = world.pool().client()
    client.pool.user("ada")
    issued = []
    for step in (0, 0, -HOUR, 0, HOUR):
        world.clock.advance(step)
        tokens = client.tokens("ada")
        issued += [claims_of(tokens["AccessToken"])["jti"], claims_of(tokens["IdToken"])["jti"]]
    assert len(set(issued)) == len(issued)
