"""Who changes a password? The bearer of a living access token who knows the password before, and nobody else."""

import json
from functools import partial

from api.forge import claims_of
from api.signing_in import INCORRECT, LOCKED, count_of_sessions, failures
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import HOUR
from poolkeeper.crypto import jws
from poolkeeper.tokens import keys

NEW_PASSWORD = "Dive-in-3-lakes"
REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
INVALID = ("NotAuthorizedException", "Invalid Access Token")
TOO_MANY = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")


def _change(client: ClientOfTests, token: str, previous: str = PASSWORD, proposed: str = NEW_PASSWORD) -> object:
    return client.world.unsigned.change_password(
        AccessToken=token, PreviousPassword=previous, ProposedPassword=proposed
    )


def test_the_bearer_who_knows_the_password_changes_it(world: World) -> None:
    """The new one signs in, the old one does not, and every other session of the user ends."""
    client = world.pool().client()
    client.pool.user("ada")
    here, elsewhere = client.tokens("ada"), client.tokens("ada")

    _change(client, here["AccessToken"])
    assert client.tokens("ada", NEW_PASSWORD)
    assert refused(lambda: client.sign_in("ada", PASSWORD)) == INCORRECT
    assert client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=here["RefreshToken"])
    refusal = refused(lambda: client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=elsewhere["RefreshToken"]))
    assert refusal == ("NotAuthorizedException", "Refresh Token has been revoked")
    assert refused(lambda: _change(client, elsewhere["AccessToken"], NEW_PASSWORD)) == REVOKED


def test_no_other_token_changes_a_password(world: World) -> None:
    """An ID token, a refresh token, one that was revoked, one that has expired, one of nobody: with the right password."""
    client = world.pool().client()
    client.pool.user("ada")
    tokens, ended = client.tokens("ada"), client.tokens("ada")
    world.unsigned.revoke_token(ClientId=client.client_id, Token=ended["RefreshToken"])

    for what, token, told in (
        ("an ID token", tokens["IdToken"], INVALID),
        ("a refresh token", tokens["RefreshToken"], INVALID),
        ("a revoked one", ended["AccessToken"], REVOKED),
        ("without its signature", tokens["AccessToken"].rpartition(".")[0] + ".", INVALID),
        ("an invented one", "e30.e30.e30", INVALID),
    ):
        assert refused(partial(_change, client, token)) == told, what
    world.clock.advance(HOUR)
    expired = ("NotAuthorizedException", "Access Token has expired")
    assert refused(lambda: _change(client, tokens["AccessToken"])) == expired
    assert client.tokens("ada", PASSWORD)


def test_a_token_of_another_pool_changes_nothing_here(world: World) -> None:
    """The same name and password in another pool: its token is for itself, however its claims are rewritten."""
    here, there = world.pool().client(), world.pool().client()
    for client in (here, there):
        client.pool.user("ada")
    token, foreign = here.tokens("ada")["AccessToken"], there.tokens("ada")["AccessToken"]
    claims = claims_of(token)
    there_keys = world.run(partial(keys.of_pool, world.house, there.pool.pool_id))
    here_keys = world.run(partial(keys.of_pool, world.house, here.pool.pool_id))
    assert there_keys is not None
    assert here_keys is not None

    payload = json.dumps(claims).encode()
    private = there_keys.access.private
    for forged in (
        jws.sign(payload, kid=there_keys.access.kid, key=private),
        jws.sign(payload, kid=here_keys.access.kid, key=private),
    ):
        assert refused(partial(_change, here, forged)) == INVALID
    _change(there, foreign)
    assert here.tokens("ada", PASSWORD)
    assert refused(lambda: there.sign_in("ada", PASSWORD)) == INCORRECT


def test_wrong_previous_passwords_lock_as_at_sign_in(world: World) -> None:
    """A stolen token is no way to try passwords: each costs a hash and counts, and there is no sixth within the hour."""
    client = world.pool().client()
    client.pool.user("ada")
    token = client.tokens("ada")["AccessToken"]

    for count in range(1, 6):
        hashes = world.hashes()
        assert refused(lambda: _change(client, token, "Wrong-password-0")) == INCORRECT
        assert world.hashes() == hashes + 1
        assert failures(client.pool)[0][0] == count
    hashes = world.hashes()
    assert refused(lambda: _change(client, token)) == TOO_MANY
    assert world.hashes() == hashes
    assert refused(lambda: client.sign_in("ada")) == LOCKED
    world.clock.advance(1000)
    assert refused(lambda: _change(client, client.tokens("ada")["AccessToken"])) == TOO_MANY
    world.clock.advance(HOUR)
    assert _change(client, client.tokens("ada")["AccessToken"])


def test_a_lock_that_a_sign_in_set_is_told_as_at_sign_in(world: World) -> None:
    """Who tries passwords elsewhere locks this way too, and uses up none of its calls."""
    client = world.pool().client()
    client.pool.user("ada")
    token = client.tokens("ada")["AccessToken"]
    for _ in range(5):
        assert refused(lambda: client.sign_in("ada", "Wrong-password-0")) == INCORRECT
    for _ in range(6):
        assert refused(lambda: _change(client, token)) == LOCKED
    world.clock.advance(1000)
    assert _change(client, token)


def test_a_call_without_the_previous_password_changes_nothing(world: World) -> None:
    """Leaving it out is not knowing it."""
    client = world.pool().client()
    client.pool.user("ada")
    token = client.tokens("ada")["AccessToken"]
    call = partial(world.unsigned.change_password, AccessToken=token, ProposedPassword=NEW_PASSWORD)

    assert refused(call)[0] == "InvalidParameterException"
    assert client.tokens("ada", PASSWORD)
    assert count_of_sessions(client.pool) == 2
