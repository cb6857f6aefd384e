"""How does an operator end the credentials of one identity? By a deny for what was issued before, as with a role at AWS."""

from api.principals import allow, deny, document, role
from api.world import World, refused
from identity.stage import credentials, identity_pool, set_roles, trust_for
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
