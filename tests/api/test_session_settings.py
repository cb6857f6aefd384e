"""Whether a pool tracks sessions, and for how long a client goes on from one: what is set, kept and refused."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.round_trip import sent_back, settled
from api.session_tracking import bare, track
from api.stage import Wire
from api.world import ClientOfTests, PoolOfTests, World, refused

ENABLED = {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 7}}
DISABLED = {"UserSessionTracking": "DISABLED", "TokenSession": {"MaxPerUser": 20}}
NOT_TRACKED = ("OperationNotEnabledException", "Session tracking is not enabled for this user pool.")


def tracked(pool: PoolOfTests) -> dict[str, Any]:
    return bare(pool.world.signed.get_user_pool_session_configuration(UserPoolId=pool.pool_id))


def reuse(client: ClientOfTests, minutes: int) -> dict[str, Any]:
    """Call SetUserPoolClientSessionConfiguration; return what it answers."""
    ids = {"UserPoolId": client.pool.pool_id, "ClientId": client.client_id}
    setting = {"MaxValidityMinutes": minutes}
    return bare(client.world.signed.set_user_pool_client_session_configuration(**ids, SSOSession=setting))


def reused(client: ClientOfTests) -> int:
    """Return the minutes that GetUserPoolClientSessionConfiguration answers."""
    ids = {"UserPoolId": client.pool.pool_id, "ClientId": client.client_id}
    answer = bare(client.world.signed.get_user_pool_client_session_configuration(**ids))
    assert set(answer) == {"UserPoolId", "ClientId", "SSOSession"}
    assert (answer["UserPoolId"], answer["ClientId"]) == (client.pool.pool_id, client.client_id)
    return int(answer["SSOSession"]["MaxValidityMinutes"])


def test_a_new_pool_tracks_no_sessions(world: World) -> None:
    """The defaults are answered for a pool whose configuration was never set."""
    pool = world.pool()
    assert tracked(pool) == {"UserPoolId": pool.pool_id, **DISABLED}


def test_what_is_set_is_answered_and_replaced_as_a_whole(world: World) -> None:
    """Set and Get answer alike; the next call leaves nothing of the one before."""
    pool = world.pool()
    assert track(pool, ENABLED) == tracked(pool) == {"UserPoolId": pool.pool_id, **ENABLED}
    off = {"UserSessionTracking": "DISABLED", "TokenSession": {"MaxPerUser": 1}}
    assert track(pool, off) == tracked(pool) == {"UserPoolId": pool.pool_id, **off}


def test_a_description_of_the_pool_does_not_tell(world: World) -> None:
    """DescribeUserPool has no member for it, and an update of the pool from a description keeps it."""
    pool = world.pool()
    before = world.signed.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]
    track(pool, ENABLED)
    described = world.signed.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]
    assert settled(described) == settled(before)

    world.signed.update_user_pool(UserPoolId=pool.pool_id, **sent_back(described, "UpdateUserPoolRequest"))
    assert tracked(pool) == {"UserPoolId": pool.pool_id, **ENABLED}
    world.signed.update_user_pool(UserPoolId=pool.pool_id)
    world.signed.set_user_pool_mfa_config(UserPoolId=pool.pool_id)
    assert tracked(pool) == {"UserPoolId": pool.pool_id, **ENABLED}


@pytest.mark.parametrize(
    "settings",
    [
        {**ENABLED, "TokenSession": {"MaxPerUser": 0}},
        {**ENABLED, "TokenSession": {"MaxPerUser": 101}},
        {**ENABLED, "TokenSession": {}},
        {**ENABLED, "UserSessionTracking": "SOMETIMES"},
        {"UserSessionTracking": "ENABLED"},
        {"TokenSession": {"MaxPerUser": 7}},
    ],
    ids=["none", "too many", "no limit", "no such word", "no TokenSession", "no UserSessionTracking"],
)
def test_what_is_out_of_bounds_or_missing_changes_nothing(world: World, wire: Wire, settings: dict[str, Any]) -> None:
    """Every member is required, with 1 to 100 sessions a user."""
    pool = world.pool()
    track(pool, ENABLED)
    answer = wire.call("SetUserPoolSessionConfiguration", {"UserPoolId": pool.pool_id, **settings})
    assert answer.error == "InvalidParameterException"
    assert tracked(pool) == {"UserPoolId": pool.pool_id, **ENABLED}


def test_the_bounds_themselves_are_taken(world: World) -> None:
    """One session a user, and a hundred."""
    pool = world.pool()
    for most in (1, 100):
        settings = {**ENABLED, "TokenSession": {"MaxPerUser": most}}
        assert track(pool, settings) == {"UserPoolId": pool.pool_id, **settings}


def test_changes_of_a_pool_at_once_all_stand(world: World) -> None:
    """Neither the setting nor a tag is lost where both are written at the same time."""
    pool = world.pool()
    arn = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool.pool_id}"
    with ThreadPoolExecutor(8) as threads:
        done = [threads.submit(track, pool, ENABLED)]
        done += [
            threads.submit(world.signed.tag_resource, ResourceArn=arn, Tags={f"tag-{number}": "on"})
            for number in range(7)
        ]
        for one in done:
            one.result()
    assert tracked(pool) == {"UserPoolId": pool.pool_id, **ENABLED}
    assert len(world.signed.list_tags_for_resource(ResourceArn=arn)["Tags"]) == 7


def test_an_app_client_has_an_hour_by_default(world: World) -> None:
    """Also in a pool that does not track sessions."""
    assert reused(world.pool().client()) == 60


@pytest.mark.parametrize("minutes", [0, 1, 129_600])
def test_the_minutes_of_a_client_are_set(world: World, minutes: int) -> None:
    """Nothing to ninety days; other clients of the pool are not touched, and a description does not tell."""
    pool = world.pool()
    track(pool, ENABLED)
    client, other = pool.client(), pool.client()
    ids = {"UserPoolId": pool.pool_id, "ClientId": client.client_id}
    before = world.signed.describe_user_pool_client(**ids)["UserPoolClient"]
    assert reuse(client, minutes) == {**ids, "SSOSession": {"MaxValidityMinutes": minutes}}
    assert (reused(client), reused(other)) == (minutes, 60)
    assert settled(world.signed.describe_user_pool_client(**ids)["UserPoolClient"]) == settled(before)


@pytest.mark.parametrize("minutes", [-1, 129_601])
def test_minutes_out_of_bounds_are_refused(world: World, wire: Wire, minutes: int) -> None:
    """The bounds of the model."""
    client = world.pool().client()
    track(client.pool, ENABLED)
    ids = {"UserPoolId": client.pool.pool_id, "ClientId": client.client_id}
    request = {**ids, "SSOSession": {"MaxValidityMinutes": minutes}}
    assert wire.call("SetUserPoolClientSessionConfiguration", request).error == "InvalidParameterException"
    assert reused(client) == 60


def test_a_client_needs_a_pool_that_tracks_sessions(world: World) -> None:
    """What was set before is kept while tracking is off, and counts again afterwards."""
    client = world.pool().client()
    assert refused(lambda: reuse(client, 5)) == NOT_TRACKED
    track(client.pool, ENABLED)
    reuse(client, 5)
    track(client.pool, DISABLED)
    assert refused(lambda: reuse(client, 6)) == NOT_TRACKED
    assert reused(client) == 5
    track(client.pool, ENABLED)
    assert reused(client) == 5


def test_an_update_of_the_client_keeps_its_minutes(world: World) -> None:
    """No update names them; all else that it leaves out goes back to its default."""
    client = world.pool().client()
    track(client.pool, ENABLED)
    reuse(client, 5)
    world.signed.update_user_pool_client(UserPoolId=client.pool.pool_id, ClientId=client.client_id)
    assert reused(client) == 5


def test_a_client_of_another_pool_is_not_found(world: World) -> None:
    """attacks.md 34: neither read nor set through a pool that is not its own."""
    pool, stranger = world.pool(), world.pool().client()
    track(pool, ENABLED)
    mixed = ClientOfTests(world, pool, stranger.client_id, None)
    expected = ("ResourceNotFoundException", f"User pool client {stranger.client_id} does not exist.")
    assert refused(lambda: reuse(mixed, 5)) == expected
    assert refused(lambda: reused(mixed)) == expected
