"""AssumeRoleWithWebIdentity: by tokens of identity pools, of user pools, and of other providers that IAM knows."""

import json

import pytest

from api.forge import claims_of, forger
from api.principals import ACCOUNT, allow, role, trust
from api.world import World, refused
from identity.stage import identity_pool, session_arn, set_roles, trust_for
from identity.web_identities import ACTION, LIST, assume, holder, open_id_token
from poolkeeper.clock import HOUR, SECOND

REFUSED = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")


def test_the_classic_flow_ends_in_a_session(world: World) -> None:
    """GetId, GetOpenIdToken, AssumeRoleWithWebIdentity; the answer says whom the token vouches for."""
    pool = identity_pool(world)
    arn = role(world, trust_for(pool), allows=(LIST,))
    identity_id, token = open_id_token(pool)
    answer = assume(world, arn, token)
    assert (answer["SubjectFromWebIdentityToken"], answer["Audience"], answer["Provider"]) == (
        identity_id,
        pool.pool_id,
        "cognito-identity.amazonaws.com",
    )
    held = holder(world, answer)
    assert held.client("sts").get_caller_identity()["Arn"] == held.arn == session_arn(arn, "web")
    held.client().list_user_pools(MaxResults=1)


def test_guests_are_not_narrowed_in_the_classic_flow(world: World) -> None:
    """AWS's list of services is for the enhanced flow alone (identity-security.md 1.4)."""
    pool = identity_pool(world, users=())
    arn = role(world, trust_for(pool, amr="unauthenticated"), allows=(allow("iam:ListUsers"),))
    token = pool.token(pool.get_id())["Token"]
    holder(world, assume(world, arn, token)).client("iam").list_users()


def test_session_policies_and_duration_are_bounds(world: World) -> None:
    """The policy narrows the role, and no session outlives what the role allows (attacks.md 139)."""
    pool = identity_pool(world)
    arn = role(world, trust_for(pool), allows=(LIST,), MaxSessionDuration=7_200)
    _, token = open_id_token(pool)
    narrow = json.dumps({"Version": "2012-10-17", "Statement": [allow("cognito-idp:DescribeUserPool")]})
    held = holder(world, assume(world, arn, token, Policy=narrow))
    assert refused(lambda: held.client().list_user_pools(MaxResults=1))[0] == "AccessDeniedException"
    answer = assume(world, arn, token, DurationSeconds=7_200)
    assert answer["Credentials"]["Expiration"].timestamp() * SECOND == world.clock.second() + 2 * HOUR
    assert refused(lambda: assume(world, arn, token, DurationSeconds=7_201))[0] == "ValidationError"
    assert refused(lambda: assume(world, arn, token, DurationSeconds=43_201))[0] == "ValidationError"


def test_a_role_that_does_not_trust_looks_like_one_that_is_not_there(world: World) -> None:
    """One sentence for both; the pool's own unknown role is another matter."""
    pool, other = identity_pool(world), identity_pool(world)
    _, token = open_id_token(pool)
    others, nobodys = role(world, trust_for(other)), f"arn:aws:iam::{ACCOUNT}:role/nobodys"
    for arn in (others, nobodys):
        assert refused(lambda: assume(world, arn, token)) == REFUSED  # noqa: B023 - run at once
    named, guests = (f"arn:aws:iam::{ACCOUNT}:role/{kind}-{pool.pool_id[-8:]}" for kind in ("named", "guests"))
    set_roles(pool, named, guests)
    held = holder(world, assume(world, named, token))
    assert held.client("sts").get_caller_identity()["Arn"] == session_arn(named, "web")
    assert refused(lambda: assume(world, guests, token)) == REFUSED


def test_a_guest_takes_no_role_of_a_group(world: World) -> None:
    """Of the roles that IAM does not hold a member may name a group's, whose groups the token does not say; a guest none."""
    pool = identity_pool(world)
    arn = f"arn:aws:iam::{ACCOUNT}:role/group-{pool.pool_id[-8:]}"
    world.signed.create_group(UserPoolId=pool.client.pool.pool_id, GroupName="a", RoleArn=arn, Precedence=1)
    _, member = open_id_token(pool)
    assert assume(world, arn, member)["AssumedRoleUser"]["Arn"] == session_arn(arn, "web")
    guest = str(pool.token(pool.get_id())["Token"])
    assert refused(lambda: assume(world, arn, guest)) == REFUSED


def test_what_is_no_token_of_ours_is_told(world: World) -> None:
    """In AWS's names and words, of which the first is what Amplify's users met (identity-security.md 2.1)."""
    pool = identity_pool(world)
    arn = role(world, trust_for(pool))
    _, token = open_id_token(pool)
    no_jwt = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
    assert refused(lambda: assume(world, arn, "not-a-jwt")) == ("InvalidIdentityToken", no_jwt)
    key = forger(world, pool.client.pool.pool_id)
    for forged in (token[:-6] + "AAAAAA", key.sign(claims_of(token)), key.sign(claims_of(token), alg="none")):
        assert refused(lambda: assume(world, arn, forged))[0] == "InvalidIdentityToken"  # noqa: B023
    stranger = key.sign({**claims_of(token), "iss": "https://stranger.example"})
    assert refused(lambda: assume(world, arn, stranger)) == (
        "InvalidIdentityToken",
        "No OpenIDConnect provider found in your account for https://stranger.example",
    )
    world.clock.advance(600 * SECOND)
    assert refused(lambda: assume(world, arn, token))[0] == "ExpiredTokenException"


@pytest.mark.parametrize("spelling", ["aws", "own"])
def test_a_user_pool_can_be_a_provider_of_iam(world: World, spelling: str) -> None:
    """Its ID tokens for a client id that the provider lists; roles trust the provider's ARN (identity-security.md 2.2)."""
    pool = world.pool()
    pool.user("ada")
    client, other = pool.client(), pool.client()
    host = {"aws": f"cognito-idp.us-east-1.amazonaws.com/{pool.pool_id}", "own": f"{world.url[7:]}/{pool.pool_id}"}[
        spelling
    ]
    iam = world.client("iam")
    provider = _provider(world, host, client.client_id)
    arn = role(
        world,
        trust({"Federated": provider}, ACTION, Condition={"StringEquals": {f"{host}:aud": client.client_id}}),
        allows=(LIST,),
    )
    tokens = client.tokens("ada")
    if spelling == "own":
        answer = assume(world, arn, tokens["IdToken"])
        assert (answer["Provider"], answer["Audience"]) == (provider, client.client_id)
        assert answer["SubjectFromWebIdentityToken"] == claims_of(tokens["IdToken"])["sub"]
        holder(world, answer).client().list_user_pools(MaxResults=1)
        assert refused(lambda: assume(world, arn, other.tokens("ada")["IdToken"]))[0] == "InvalidIdentityToken"
        assert refused(lambda: assume(world, arn, tokens["AccessToken"]))[0] == "InvalidIdentityToken"
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    # A provider under another name than the token's issuer is not the token's.
    assert refused(lambda: assume(world, arn, tokens["IdToken"]))[0] == "InvalidIdentityToken"


def _provider(world: World, name: str, client_id: str) -> str:
    made = world.client("iam").create_open_id_connect_provider(
        Url=f"https://{name}", ClientIDList=[client_id], ThumbprintList=["a" * 40]
    )
    return str(made["OpenIDConnectProviderArn"])
