"""Whether a page's token opens the next page of its own list and nothing else (attacks.md 152)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.stage import Wire, set_stage
from api.world import PoolOfTests, World, refused
from poolkeeper.clock import HOUR, SECOND

INVALID = "InvalidParameterException"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. '\""


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool with three clients, so that a page of one has a next."""
    made = world.pool()
    for _ in range(3):
        made.client()
    return made


def page(pool: PoolOfTests, token: str | None = None) -> tuple[list[str], str]:
    """Return the ids of one page of one client, and the token of the next."""
    more = {} if token is None else {"NextToken": token}
    answer = pool.world.signed.list_user_pool_clients(UserPoolId=pool.pool_id, MaxResults=1, **more)
    return [one["ClientId"] for one in answer["UserPoolClients"]], answer.get("NextToken", "")


def test_pages_follow_each_other_and_end(pool: PoolOfTests) -> None:
    """The tokens lead through the whole list, each row once, and a token can be used again."""
    first, token = page(pool)
    second, next_token = page(pool, token)
    third, last = page(pool, next_token)
    assert len({*first, *second, *third}) == 3
    assert last == ""
    assert page(pool, token)[0] == second


def test_no_byte_of_a_token_can_be_another(wire: Wire, pool: PoolOfTests) -> None:
    """attacks.md 152: a token with a character changed, taken out or put in opens nothing."""
    token = page(pool)[1]

    @settings(max_examples=150, deadline=None)
    @given(
        position=st.integers(0, len(token) - 1), character=st.sampled_from(ALPHABET), length=st.sampled_from([0, 1, 2])
    )
    def mutate(position: int, character: str, length: int) -> None:
        mutated = token[:position] + character + token[position + length :]
        if mutated == token:
            return
        request = {"UserPoolId": pool.pool_id, "MaxResults": 1, "NextToken": mutated}
        answer = wire.call("ListUserPoolClients", request)
        assert (answer.status, answer.error) == (400, INVALID), mutated

    mutate()


def test_a_token_is_of_one_list(world: World, pool: PoolOfTests) -> None:
    """attacks.md 152: not of another pool's, not of another operation's, and what else is sealed here is none at all."""
    token = page(pool)[1]
    assert refused(lambda: page(world.pool(), token))[0] == INVALID
    assert refused(lambda: world.signed.list_user_pools(MaxResults=1, NextToken=token))[0] == INVALID

    pools = world.signed.list_user_pools(MaxResults=1)["NextToken"]
    assert refused(lambda: page(pool, pools))[0] == INVALID
    elsewhere = world.client(region="eu-west-1")
    assert refused(lambda: elsewhere.list_user_pools(MaxResults=1, NextToken=pools))[0] == INVALID

    stage = set_stage(world, "paging")
    for other in (
        stage.session,
        stage.tokens["RefreshToken"],
        stage.tokens["AccessToken"],
        "1",
        "0",
        "' OR 1",
        "A" * 99,
    ):
        if " " not in other:
            assert refused(lambda: page(pool, other))[0] == INVALID, other  # noqa: B023 - called at once


def test_a_token_lives_for_an_hour(world: World, pool: PoolOfTests) -> None:
    """attacks.md 152: an old token is refused, by the server's clock."""
    token = page(pool)[1]
    world.clock.advance(HOUR - SECOND)
    assert page(pool, token)[0]
    world.clock.advance(SECOND)
    assert refused(lambda: page(pool, token))[0] == INVALID
