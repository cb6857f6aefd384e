"""Whether a refresh token is ours, of this client, within its life, and used by one holder (attacks.md 63-65, 67)."""

import hmac
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.forge import claims_of, segment, unsegment
from api.stage import Stage, Wire, set_stage
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import HOUR, MINUTE, SECOND
from poolkeeper.crypto import secret_hash

INVALID = ("NotAuthorizedException", "Invalid Refresh Token.")
REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")
EXPIRED = ("NotAuthorizedException", "Refresh Token has expired")
REUSED = "RefreshTokenReuseException"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture
def stage(world: World) -> Stage:
    return set_stage(world, "refresh")


def refresh(client: ClientOfTests, token: str, **more: str) -> dict[str, Any]:
    """Refresh by InitiateAuth; return the AuthenticationResult."""
    result: dict[str, Any] = client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token, **more)["AuthenticationResult"]
    return result


def exchange(client: ClientOfTests, token: str, **more: str) -> dict[str, Any]:
    """Refresh by GetTokensFromRefreshToken; return the AuthenticationResult."""
    answer = client.world.unsigned.get_tokens_from_refresh_token(ClientId=client.client_id, RefreshToken=token, **more)
    result: dict[str, Any] = answer["AuthenticationResult"]
    return result


def rotating(world: World, *, grace: int) -> ClientOfTests:
    """Make a client whose refresh tokens are used once, and its user `ada`."""
    client = world.pool().client(
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": grace},
    )
    client.pool.user("ada")
    return client


def alive(world: World, access_token: str) -> bool:
    return world.call("GetUser", {"AccessToken": access_token})[0] == 200


def test_a_refresh_keeps_the_session_and_its_token(world: World, stage: Stage) -> None:
    """Without rotation: new tokens of the same session, no other refresh token, the same origin and sign-in time."""
    for result in (
        refresh(stage.client, stage.tokens["RefreshToken"]),
        exchange(stage.client, stage.tokens["RefreshToken"]),
    ):
        assert "RefreshToken" not in result
        before, after = claims_of(stage.tokens["AccessToken"]), claims_of(result["AccessToken"])
        assert [after[name] for name in ("origin_jti", "auth_time", "event_id")] == [
            before[name] for name in ("origin_jti", "auth_time", "event_id")
        ]
        assert after["jti"] != before["jti"]


def test_no_byte_of_a_refresh_token_can_be_another(wire: Wire, stage: Stage) -> None:
    """attacks.md 63: a token with one character changed, taken out or put in is none."""
    token = stage.tokens["RefreshToken"]

    @settings(max_examples=150, deadline=None)
    @given(
        position=st.integers(0, len(token) - 1),
        character=st.sampled_from(ALPHABET + "=."),
        length=st.sampled_from([0, 1, 2]),
    )
    def mutate(position: int, character: str, length: int) -> None:
        mutated = token[:position] + character + token[position + length :]
        if mutated == token:
            return
        request = {"ClientId": stage.client.client_id, "RefreshToken": mutated}
        answer = wire.call("GetTokensFromRefreshToken", request)
        assert (answer.status, answer.error) == (400, "NotAuthorizedException"), mutated

    mutate()
    assert refresh(stage.client, token)["AccessToken"]


def test_nothing_that_is_known_makes_a_refresh_token(world: World, stage: Stage) -> None:
    """attacks.md 63: the session id of an access token and everything in the database are not enough, garbage still less."""
    raw = unsegment(stage.tokens["RefreshToken"])
    session_id = uuid.UUID(claims_of(stage.tokens["AccessToken"])["origin_jti"])
    assert raw[1:17] == session_id.bytes
    public_keys = [b"", b"\x00" * 32, stage.pool.pool_id.encode(), stage.client.client_id.encode(), session_id.bytes]
    stored = [
        bytes(value)
        for row in world.rows("SELECT secret, document FROM pools")
        for value in row
        if not isinstance(value, str)
    ]
    crafted = [
        raw[:21] + b"\x00" * 16,
        raw[:21],
        raw[:21] + raw[21:36],
        raw + b"\x00",
        raw[:17] + (1).to_bytes(4) + raw[21:],
        raw[:1] + uuid.UUID(int=session_id.int ^ 1).bytes + raw[17:],
        b"\x02" + raw[1:],
        *(raw[:21] + hmac.digest(key, raw[:21], "sha256")[:16] for key in [*public_keys, *stored]),
        *(
            raw[:21] + hmac.digest(key, stage.pool.pool_id.encode() + b"\x00" + raw[:21], "sha256")[:16]
            for key in [*public_keys, *stored]
        ),
    ]
    texts = [*map(segment, crafted), str(session_id), "abc", "a.b.c.d.e", "=", "null", "0", "A" * 8_000]
    for text in texts:
        assert refused(lambda: refresh(stage.client, text)) == INVALID, text  # noqa: B023 - called at once
        assert refused(lambda: exchange(stage.client, text)) == INVALID, text  # noqa: B023 - called at once


def test_another_client_cannot_use_a_refresh_token(world: World, stage: Stage) -> None:
    """attacks.md 65: a token is its client's; another of the same pool, or of another pool, can neither refresh nor revoke it."""
    token = stage.tokens["RefreshToken"]
    sibling, stranger = stage.pool.client(), world.pool().client()
    for client in (sibling, stranger):
        assert refused(lambda: refresh(client, token)) == INVALID  # noqa: B023 - called at once
        assert refused(lambda: exchange(client, token)) == INVALID  # noqa: B023 - called at once
    revoke = world.unsigned.revoke_token
    assert refused(lambda: revoke(ClientId=sibling.client_id, Token=token))[0] == "UnauthorizedException"
    revoke(ClientId=stranger.client_id, Token=token)  # RFC 7009 2.2: a token that is none is revoked already.
    assert refresh(stage.client, token)["AccessToken"]


def test_a_confidential_client_must_show_its_secret(world: World) -> None:
    """attacks.md 65: a stolen refresh token of a client with a secret is worth nothing without the secret."""
    client = world.pool().client(GenerateSecret=True)
    client.pool.user("ada")
    assert client.secret is not None
    proof = {
        name: secret_hash.secret_hash(username=name, client_id=client.client_id, client_secret=client.secret)
        for name in ("ada", "eve")
    }
    token = client.sign_in("ada", SECRET_HASH=proof["ada"])["AuthenticationResult"]["RefreshToken"]

    missing = f"Client {client.client_id} is configured with secret but SECRET_HASH was not received"
    other = f"SecretHash does not match for the client: {client.client_id}"
    assert refused(lambda: refresh(client, token)) == ("NotAuthorizedException", missing)
    for wrong in (proof["eve"], "", "x"):
        assert refused(lambda: refresh(client, token, SECRET_HASH=wrong)) == ("NotAuthorizedException", other)  # noqa: B023
    assert refused(lambda: exchange(client, token))[0] == "NotAuthorizedException"
    assert refused(lambda: exchange(client, token, ClientSecret="x" * 24))[0] == "NotAuthorizedException"
    revoke = world.unsigned.revoke_token
    assert refused(lambda: revoke(ClientId=client.client_id, Token=token))[0] == "UnauthorizedException"

    assert refresh(client, token, SECRET_HASH=proof["ada"])["AccessToken"]
    assert exchange(client, token, ClientSecret=client.secret)["AccessToken"]


def test_refreshing_does_not_make_a_session_longer(world: World) -> None:
    """attacks.md 67: the end is counted from the sign-in, however often tokens were refreshed since."""
    client = world.pool().client(RefreshTokenValidity=1, TokenValidityUnits={"RefreshToken": "hours"})
    client.pool.user("ada")
    token = client.tokens("ada")["RefreshToken"]
    for _ in range(3):
        world.clock.advance(19 * MINUTE)
        assert refresh(client, token)["AccessToken"]
    world.clock.advance(3 * MINUTE)
    assert refused(lambda: refresh(client, token)) == EXPIRED
    assert refused(lambda: exchange(client, token)) == EXPIRED


def test_rotating_does_not_make_a_session_longer(world: World) -> None:
    """attacks.md 67: the newest token of a rotating client dies with the first one's session."""
    client = world.pool().client(
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenValidity=1,
        TokenValidityUnits={"RefreshToken": "hours"},
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )
    client.pool.user("ada")
    token = client.tokens("ada")["RefreshToken"]
    world.clock.advance(HOUR - MINUTE)
    token = exchange(client, token)["RefreshToken"]
    world.clock.advance(MINUTE)
    assert refused(lambda: exchange(client, token)) == EXPIRED


def test_a_token_that_was_rotated_out_gets_the_same_successor_for_a_while(world: World) -> None:
    """attacks.md 64: a client that lost the answer asks again and is given what it was given, within the grace."""
    client = rotating(world, grace=30)
    first = client.tokens("ada")["RefreshToken"]
    second = exchange(client, first)["RefreshToken"]
    world.clock.advance(30 * SECOND)
    assert {exchange(client, first)["RefreshToken"] for _ in range(2)} == {second}
    assert exchange(client, second)["RefreshToken"] not in {first, second}


def test_a_reused_refresh_token_ends_the_whole_family(world: World) -> None:
    """attacks.md 64: after the grace an old token is a theft: it is refused, and the newest one and its access tokens die."""
    client = rotating(world, grace=0)
    signed_in = client.tokens("ada")
    newest = exchange(client, signed_in["RefreshToken"])
    world.clock.advance(11 * SECOND)

    assert refused(lambda: exchange(client, signed_in["RefreshToken"]))[0] == REUSED
    assert refused(lambda: exchange(client, newest["RefreshToken"])) == REVOKED
    assert not alive(world, newest["AccessToken"])
    assert not alive(world, signed_in["AccessToken"])


def test_a_late_retry_does_not_end_the_family(world: World) -> None:
    """attacks.md 64: within ten seconds after the grace the second use is refused, but the session lives."""
    client = rotating(world, grace=0)
    first = client.tokens("ada")["RefreshToken"]
    newest = exchange(client, first)
    world.clock.advance(10 * SECOND)
    assert refused(lambda: exchange(client, first))[0] == REUSED
    assert alive(world, newest["AccessToken"])


def test_a_token_of_two_rotations_ago_does_not_end_the_family_either(world: World) -> None:
    """attacks.md 64: a client whose second answer was lost as well is refused and signs in again, by no theft."""
    client = rotating(world, grace=60)
    first = client.tokens("ada")["RefreshToken"]
    second = exchange(client, first)["RefreshToken"]
    newest = exchange(client, second)["RefreshToken"]
    assert refused(lambda: exchange(client, first))[0] == REUSED
    world.clock.advance(71 * SECOND)
    assert alive(world, exchange(client, newest)["AccessToken"])


def test_ten_refreshes_at_once_end_with_one_live_token(world: World) -> None:
    """attacks.md 64: of many that rotate the same token at once all get the same successor."""
    client = rotating(world, grace=10)
    token = client.tokens("ada", PASSWORD)["RefreshToken"]
    body = {"ClientId": client.client_id, "RefreshToken": token}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: world.call("GetTokensFromRefreshToken", body), range(10)))
    assert [status for status, _ in answers] == [200] * 10
    assert len({answer["AuthenticationResult"]["RefreshToken"] for _, answer in answers}) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("enabled = 0", ("NotAuthorizedException", "User is disabled.")),
        ("status = 'UNCONFIRMED'", ("UserNotConfirmedException", "User is not confirmed.")),
        ("status = 'RESET_REQUIRED'", ("PasswordResetRequiredException", "Password reset required for the user")),
        ("status = 'FORCE_CHANGE_PASSWORD'", REVOKED),
    ],
)
def test_a_session_whose_user_may_not_come_in_gives_no_tokens(world: World, change: str, told: tuple[str, str]) -> None:
    """Whoever changes users ends their sessions too; should one be left, its user is judged at each use."""
    stage = set_stage(world, "left")
    pool_id = stage.pool.pool_id
    world.run(lambda: world.house.db.execute(f"UPDATE users SET {change} WHERE pool_id = $1", pool_id))
    token = stage.tokens["RefreshToken"]
    for way in (refresh, exchange):
        assert refused(lambda: way(stage.client, token)) == told  # noqa: B023 - called at once
