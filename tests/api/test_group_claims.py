"""What tokens say of groups: names in both, roles in the ID token, as everything stands when a token is issued."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.quiet import round_trips, worker_at_rest
from api.world import PASSWORD, ClientOfTests, PoolOfTests, World
from poolkeeper.model.group import Membership, group_names, in_order, role_claims

ROLES = [f"arn:aws:iam::000000000000:role/role-{number}" for number in range(3)]
CLAIMS = ("cognito:groups", "cognito:roles", "cognito:preferred_role")


def claims(token: str) -> dict[str, Any]:
    """Return the claims of a token that speak of groups."""
    body = token.split(".")[1]
    decoded = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return {name: decoded[name] for name in CLAIMS if name in decoded}


def of_both(tokens: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the claims of the ID token and of the access token."""
    return claims(tokens["IdToken"]), claims(tokens["AccessToken"])


def join(pool: PoolOfTests, user: str, name: str, **settings: Any) -> None:
    """Create a group and put a user into it."""
    pool.world.signed.create_group(UserPoolId=pool.pool_id, GroupName=name, **settings)
    pool.admin("admin_add_user_to_group", user, GroupName=name)


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a pool with a user in no group, and an app client."""
    pool = world.pool()
    pool.user("ada")
    return pool.client()


def refreshed(client: ClientOfTests, tokens: dict[str, Any]) -> dict[str, Any]:
    """Return the tokens of a refresh."""
    result: dict[str, Any] = client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])[
        "AuthenticationResult"
    ]
    return result


def test_a_user_in_no_group_has_no_claim_of_groups(client: ClientOfTests) -> None:
    """The claims are absent, not empty."""
    assert of_both(client.tokens("ada")) == ({}, {})


def test_groups_are_in_both_tokens_and_roles_in_the_id_token(client: ClientOfTests) -> None:
    """A group without a role brings its name alone."""
    join(client.pool, "ada", "plain")
    assert of_both(client.tokens("ada")) == ({"cognito:groups": ["plain"]}, {"cognito:groups": ["plain"]})
    join(client.pool, "ada", "with-role", RoleArn=ROLES[0])
    identity, access = of_both(client.tokens("ada"))
    assert identity == {
        "cognito:groups": ["plain", "with-role"],
        "cognito:roles": [ROLES[0]],
        "cognito:preferred_role": ROLES[0],
    }
    assert access == {"cognito:groups": ["plain", "with-role"]}


def test_precedence_orders_groups_and_roles(client: ClientOfTests) -> None:
    """0 is best, none at all is last; the best group's role is preferred, and names decide where nothing else does."""
    join(client.pool, "ada", "a-none", RoleArn=ROLES[2])
    join(client.pool, "ada", "b-seven", Precedence=7, RoleArn=ROLES[1])
    join(client.pool, "ada", "c-zero", Precedence=0, RoleArn=ROLES[0])
    join(client.pool, "ada", "d-seven", Precedence=7, RoleArn=ROLES[0])
    identity, _ = of_both(client.tokens("ada"))
    assert identity == {
        "cognito:groups": ["c-zero", "b-seven", "d-seven", "a-none"],
        "cognito:roles": [ROLES[0], ROLES[1], ROLES[2]],
        "cognito:preferred_role": ROLES[0],
    }


def test_a_tie_between_roles_prefers_none(client: ClientOfTests) -> None:
    """Two different roles of the best precedence: both are listed, none is preferred; the same one twice is."""
    join(client.pool, "ada", "one", Precedence=1, RoleArn=ROLES[0])
    join(client.pool, "ada", "two", Precedence=1, RoleArn=ROLES[1])
    identity, _ = of_both(client.tokens("ada"))
    assert identity == {"cognito:groups": ["one", "two"], "cognito:roles": ROLES[:2]}
    client.world.signed.update_group(UserPoolId=client.pool.pool_id, GroupName="two", RoleArn=ROLES[0])
    identity, _ = of_both(client.tokens("ada"))
    assert identity == {
        "cognito:groups": ["one", "two"],
        "cognito:roles": [ROLES[0]],
        "cognito:preferred_role": ROLES[0],
    }


def test_a_refresh_tells_what_is_true_by_then(client: ClientOfTests) -> None:
    """Joined, changed, left, deleted: the next refresh says so (userpools.md 3.10)."""
    world, pool = client.world, client.pool
    tokens = client.tokens("ada")
    join(pool, "ada", "readers", RoleArn=ROLES[0])
    assert of_both(refreshed(client, tokens))[1] == {"cognito:groups": ["readers"]}
    world.signed.update_group(UserPoolId=pool.pool_id, GroupName="readers", RoleArn=ROLES[1])
    assert of_both(refreshed(client, tokens))[0]["cognito:preferred_role"] == ROLES[1]
    pool.admin("admin_remove_user_from_group", "ada", GroupName="readers")
    assert of_both(refreshed(client, tokens)) == ({}, {})
    pool.admin("admin_add_user_to_group", "ada", GroupName="readers")
    join(pool, "ada", "writers")
    world.signed.delete_group(UserPoolId=pool.pool_id, GroupName="readers")
    assert of_both(refreshed(client, tokens))[0] == {"cognito:groups": ["writers"]}
    world.signed.create_group(UserPoolId=pool.pool_id, GroupName="readers")
    assert of_both(refreshed(client, tokens))[0] == {"cognito:groups": ["writers"]}


def test_a_rotated_session_tells_of_groups_too(world: World) -> None:
    """GetTokensFromRefreshToken issues through the same gate."""
    pool = world.pool()
    pool.user("ada")
    client = pool.client(
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 10},
    )
    tokens = client.tokens("ada")
    join(pool, "ada", "readers")
    rotated = world.unsigned.get_tokens_from_refresh_token(
        ClientId=client.client_id, RefreshToken=tokens["RefreshToken"]
    )["AuthenticationResult"]
    assert of_both(rotated) == ({"cognito:groups": ["readers"]}, {"cognito:groups": ["readers"]})


def test_the_first_tokens_after_a_temporary_password_tell_of_groups(client: ClientOfTests) -> None:
    """The answer to NEW_PASSWORD_REQUIRED brings tokens like any sign-in."""
    client.pool.user("new", permanent=False)
    join(client.pool, "new", "readers", RoleArn=ROLES[0])
    session = client.sign_in("new")["Session"]
    answer = client.respond("NEW_PASSWORD_REQUIRED", session, USERNAME="new", NEW_PASSWORD=PASSWORD + "!")
    identity, access = of_both(answer["AuthenticationResult"])
    assert identity["cognito:preferred_role"] == ROLES[0]
    assert access == {"cognito:groups": ["readers"]}


def test_an_administrators_sign_in_tells_of_groups(client: ClientOfTests) -> None:
    """AdminInitiateAuth goes through the same gate."""
    join(client.pool, "ada", "readers")
    answer = client.world.signed.admin_initiate_auth(
        UserPoolId=client.pool.pool_id,
        ClientId=client.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )
    assert of_both(answer["AuthenticationResult"])[1] == {"cognito:groups": ["readers"]}


def test_a_hundred_groups_are_all_told(client: ClientOfTests) -> None:
    """As many as a user may be in, and the user is still found once."""
    for number in range(100):
        join(client.pool, "ada", f"group-{number:03}", Precedence=number % 10)
    identity, access = of_both(client.tokens("ada"))
    expected = sorted((f"group-{number:03}" for number in range(100)), key=lambda name: (int(name[-1]), name))
    assert identity["cognito:groups"] == access["cognito:groups"] == expected


def test_groups_cost_no_round_trip(client: ClientOfTests) -> None:
    """A refresh is one round trip and a sign-in by password at most three, with groups as without (PostgreSQL counts)."""
    world, tokens = client.world, client.tokens("ada")
    refreshed(client, tokens)
    if world.engine == "sqlite":
        pytest.skip("SQLite is called in the process: there are no round trips to count")

    def trips() -> tuple[int, int]:
        start = round_trips(world)
        refreshed(client, tokens)
        middle = round_trips(world)
        client.sign_in("ada")
        return middle - start, round_trips(world) - middle

    def fewest() -> tuple[int, int]:
        with worker_at_rest(world):
            found = [trips() for _ in range(3)]
        return min(one for one, _ in found), min(two for _, two in found)

    without = fewest()
    for name in ("readers", "writers"):
        join(client.pool, "ada", name, RoleArn=ROLES[0])
    assert fewest() == without
    assert without[0] <= 2
    assert without[1] <= 3


MEMBERSHIPS = st.lists(
    st.builds(
        Membership,
        st.text(min_size=1, max_size=5),
        st.none() | st.integers(min_value=0, max_value=3),
        st.none() | st.sampled_from(ROLES),
    ),
    max_size=6,
    unique_by=lambda one: one.group_name,
)


@given(MEMBERSHIPS)
def test_the_preferred_role_is_that_of_the_best_group_or_nobodys(memberships: list[Membership]) -> None:
    """Whatever the groups: every name once, every role once, one preferred exactly where the best agree on it."""
    ordered = in_order(memberships)
    names, roles = group_names(ordered), role_claims(ordered)
    assert sorted(names.get("cognito:groups", [])) == sorted(one.group_name for one in memberships)
    with_role = [one for one in memberships if one.role_arn]
    assert set(roles.get("cognito:roles", [])) == {one.role_arn for one in with_role}
    assert len(roles.get("cognito:roles", [])) == len({one.role_arn for one in with_role})
    best = min((one.rank for one in with_role), default=0)
    agreed = {one.role_arn for one in with_role if one.rank == best}
    assert roles.get("cognito:preferred_role") == (agreed.pop() if len(agreed) == 1 else None)
