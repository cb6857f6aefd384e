"""Does the log say why a code, a client or an address was refused? The answer must not: whoever asks could be anybody."""

from collections.abc import Callable

import pytest

from api.world import ClientOfTests, World
from hosted.log_lines import line_of
from oauth.hosted import (
    CHALLENGE,
    NAME,
    Answer,
    basic,
    code_client,
    code_for,
    exchange,
    post,
    refresh,
    tokens_for,
    user_info,
)
from pages.walking import walk_in
from poolkeeper.clock import MINUTE


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make an app client, and `ada`."""
    pool = world.pool()
    pool.user(NAME)
    return code_client(pool)


def other_client(client: ClientOfTests) -> ClientOfTests:
    return code_client(client.pool)


def spent(client: ClientOfTests) -> Answer:
    code = code_for(client)
    assert exchange(client, code).status == 200
    return exchange(client, code)


def too_old(client: ClientOfTests) -> Answer:
    code = code_for(client)
    client.world.clock.advance(6 * MINUTE)
    return exchange(client, code)


def unreadable(client: ClientOfTests) -> Answer:
    half = code_client(client.pool, ReadAttributes=["email", "name"])
    return exchange(half, code_for(half, scope="openid email"))


def by_wrong_secret(client: ClientOfTests) -> Answer:
    with_secret = code_client(client.pool, GenerateSecret=True)
    fields = {"grant_type": "refresh_token", "refresh_token": "x"}
    return post(client.world, "/oauth2/token", fields, basic(with_secret.client_id, "wrong"))


OF_GRANTS: dict[str, Callable[[ClientOfTests], Answer]] = {
    "no such code": lambda client: exchange(client, "never-made"),
    "the code of another client": lambda client: exchange(other_client(client), code_for(client)),
    "the code was spent": spent,
    "the code is too old": too_old,
    "not the verifier of the code's challenge": lambda client: exchange(
        client, code_for(client, code_challenge=CHALLENGE, code_challenge_method="S256"), code_verifier="a" * 43
    ),
    "a scope tells attributes that the client may no longer read": unreadable,
    "NotAuthorizedException": lambda client: refresh(client, "junk"),
    "a scope that the session does not have": lambda client: refresh(
        client, tokens_for(client, scope="openid")["refresh_token"], scope="openid email"
    ),
}
OF_CLIENTS: dict[str, Callable[[ClientOfTests], Answer]] = {
    "no such client": lambda client: post(
        client.world, "/oauth2/token", {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "a" * 26}
    ),
    "another scheme than Basic": lambda client: post(
        client.world,
        "/oauth2/token",
        {"grant_type": "refresh_token", "client_id": client.client_id},
        {"authorization": "Digest x"},
    ),
    "client-secret": by_wrong_secret,
}


@pytest.mark.parametrize("reason", OF_GRANTS)
def test_the_log_says_why_a_grant_was_refused(world: World, client: ClientOfTests, reason: str) -> None:
    """The answer is the same for all, with no word more (RFC 6749 5.2)."""
    answer = OF_GRANTS[reason](client)
    assert answer.status == 400
    assert set(answer.body) == {"error"}
    assert line_of(world, answer.headers)["detail"].startswith(reason)


@pytest.mark.parametrize("reason", OF_CLIENTS)
def test_the_log_says_why_a_client_was_refused(world: World, client: ClientOfTests, reason: str) -> None:
    """An unknown client, a wrong secret and another scheme are one error to whoever asks."""
    answer = OF_CLIENTS[reason](client)
    assert answer.body == {"error": "invalid_client"}
    assert line_of(world, answer.headers)["detail"].startswith(reason)


def test_the_log_has_the_address_that_is_not_registered(world: World, client: ClientOfTests) -> None:
    """As far as its query, which may hold somebody's code."""
    page = walk_in(client.pool).authorize(redirect_uri="https://b.example/c?code=1")
    assert line_of(world, page.headers)["detail"] == "'https://b.example/c'"


def test_the_log_says_why_a_token_told_nothing(world: World) -> None:
    """UserInfo answers one sentence for all of them."""
    assert line_of(world, user_info(world, "junk").headers)["detail"]
