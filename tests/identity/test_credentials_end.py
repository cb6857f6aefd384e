"""How does an operator end the credentials of one identity? By a deny for what was issued before, as with a role at AWS."""

import pytest
from click.testing import CliRunner

from api.principals import allow, deny, document, role
from api.world import World, refused
from identity.stage import beside, credentials, identity_pool, provider_of, set_roles, trust_for
from poolkeeper.cli import keys
from poolkeeper.clock import HOUR, MINUTE

LIST = allow("cognito-idp:ListUserPools")


def test_credentials_of_one_identity_end_by_when_they_were_issued(world: World) -> None:
    """At the next call and for them alone: another identity of the role goes on, and so does a new sign-in."""
    pool = identity_pool(world, users=("ada", "alan"))
    arn = role(world, trust_for(pool), allows=(LIST,))
    set_roles(pool, arn)
    ada, alan = pool.logins("ada"), pool.logins("alan")
    stolen, others = (credentials(pool, pool.get_id(one), one) for one in (ada, alan))
    for held in (stolen, others):
        held.client().list_user_pools(MaxResults=1)

    world.clock.advance(MINUTE)
    revoked = deny(
        "*",
        Condition={
            "StringEquals": {"cognito-identity.amazonaws.com:sub": pool.get_id(ada)},
            "DateLessThan": {"aws:TokenIssueTime": f"{world.clock.datetime():%Y-%m-%dT%H:%M:%SZ}"},
        },
    )
    world.client("iam").put_role_policy(
        RoleName=arn.rpartition("/")[2], PolicyName="issued-before", PolicyDocument=document(revoked)
    )
    code, told = refused(lambda: stolen.client().list_user_pools(MaxResults=1))
    assert code == "AccessDeniedException"
    assert told.endswith("with an explicit deny in an identity-based policy")
    others.client().list_user_pools(MaxResults=1)
    world.clock.advance(MINUTE)
    again = credentials(pool, pool.get_id(ada), pool.logins("ada"))
    again.client().list_user_pools(MaxResults=1)
    world.clock.advance(HOUR)
    assert refused(lambda: stolen.client().list_user_pools(MaxResults=1))[0] == "ExpiredTokenException"


def test_credentials_of_two_logins_end_with_either_user(world: World) -> None:
    """Whichever of the two user pools disables its user: both vouched for whoever holds them."""
    pool, second = identity_pool(world), identity_pool(world)
    entries = [{"ProviderName": provider_of(one.client), "ClientId": one.client.client_id} for one in (pool, second)]
    both = beside(world, pool.client, CognitoIdentityProviders=entries)
    set_roles(both, role(world, trust_for(both), allows=(LIST,)))
    logins = {**both.logins("ada"), second.provider: second.client.tokens("ada")["IdToken"]}
    held = credentials(both, both.get_id(logins), logins)
    for users in (pool.client.pool, second.client.pool):
        held.client().list_user_pools(MaxResults=1)
        users.admin("admin_disable_user", "ada")
        assert refused(lambda: held.client().list_user_pools(MaxResults=1))[0] == "UnrecognizedClientException"
        users.admin("admin_enable_user", "ada")
    held.client().list_user_pools(MaxResults=1)


def test_the_command_ends_sessions_of_the_same_millisecond(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """`keys end-sessions` of a role and of an identity: what was begun by then has ended, and what begins later goes on."""
    monkeypatch.setattr(keys, "with_house", lambda _flags, work: world.run(lambda: work(world.house)))
    pool = identity_pool(world)
    arn = role(world, trust_for(pool), allows=(LIST,))
    set_roles(pool, arn)
    logins = pool.logins("ada")
    identity_id = pool.get_id(logins)
    for ended in (arn.rpartition("/")[2], identity_id):
        held = credentials(pool, identity_id, logins)
        held.client().list_user_pools(MaxResults=1)
        done = CliRunner().invoke(keys.keys, ["end-sessions", ended])
        assert (done.exit_code, "have ended" in done.output) == (0, True), done.output
        assert refused(lambda: held.client().list_user_pools(MaxResults=1))[0] == "UnrecognizedClientException"  # noqa: B023
        world.clock.advance(1)
        credentials(pool, identity_id, logins).client().list_user_pools(MaxResults=1)
