"""What is a handler of CloudFormation, for a resource of Cognito's? Calls in an order, and what is seen after them.

Source: the public schemas of the resource types, whose handlers list what they may call (infrastructure.md 8). The order of the
calls is not told; what is sent is the least by which each call means something.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.world import REGION, PoolOfTests, World
from identity.stage import ACCOUNT

Ids = dict[str, Any]
Given = Callable[[Ids], dict[str, Any]]
Step = tuple[str, Given]

ELSEWHERE = "eu-central-1"
GONE = "ResourceNotFoundException"
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:pool"
PROVIDER = f"cognito-idp.{REGION}.amazonaws.com/{REGION}_Zr231apJu"


def of_pool(ids: Ids) -> dict[str, Any]:
    """Name the pool alone."""
    return {"UserPoolId": ids["pool"]}


def named(*members: str, **more: Any) -> Given:
    """Name the pool, what else identifies the resource, and what is set."""
    return lambda ids: {"UserPoolId": ids["pool"], **{member: ids[member] for member in members}, **more}


def in_identity_pool(*members: str, **more: Any) -> Given:
    """Name the identity pool and what is set."""
    return lambda ids: {"IdentityPoolId": ids["identity pool"], **{member: ids[member] for member in members}, **more}


def by_arn(**more: Any) -> Given:
    """Name a resource by its ARN."""
    return lambda ids: {"ResourceArn": ids["arn"], **more}


@dataclass(frozen=True)
class Resource:
    """The calls of a resource's five handlers, and what is seen after each of them.

    `told` takes the answers of `read`; it is `first` after the creation, `second` after the update. After the deletion a read is
    refused as `gone` says, or tells `nothing`.
    """

    create: list[Step]
    read: list[Step]
    delete: list[Step]
    told: Callable[[Sequence[Mapping[str, Any]]], Any]
    first: Any
    nothing: Any = None
    gone: str = ""
    update: list[Step] = field(default_factory=list)
    second: Any = None
    listing: list[Step] = field(default_factory=list)
    listed: Callable[[Mapping[str, Any], Ids], bool] = lambda _answer, _ids: True
    keep: Callable[[Mapping[str, Any]], Ids] = lambda _answer: {}
    service: str = "cognito-idp"
    region: str = REGION


def stage(world: World, *, of: str) -> Ids:
    """Make what a resource hangs at: a pool with a client, a user and a domain, an identity pool, a replica where one is meant."""
    pool = world.pool()
    name = f"cfn-{pool.pool_id[-9:].lower()}"
    ids: Ids = {
        "pool": pool.pool_id,
        "ClientId": pool.client().client_id,
        "Domain": name,
        "GroupName": "swimmers",
        "ProviderName": "Corporate",
        "Identifier": "https://api.example",
        "Username": "ida",
        "RegionName": ELSEWHERE,
        "IdentityProviderName": PROVIDER,
    }
    if of in {"UserPoolUserToGroupAttachment", "UserPoolUICustomizationAttachment"}:
        pool.user("ida")
        world.signed.create_group(**named("GroupName")(ids))
        world.signed.create_user_pool_domain(**named("Domain")(ids))
    if of == "UserPoolRegionalConfigurationAttachment":
        world.signed.create_user_pool_replica(**named("RegionName")(ids))
        ids["arn"] = arn_of(pool, ELSEWHERE)
    made = world.client("cognito-identity").create_identity_pool(
        IdentityPoolName="cloudformation", AllowUnauthenticatedIdentities=False
    )
    return ids | {"identity pool": made["IdentityPoolId"]}


def arn_of(pool: PoolOfTests, region: str) -> str:
    """Return the ARN of a pool in a region."""
    return f"arn:aws:cognito-idp:{region}:{ACCOUNT}:userpool/{pool.pool_id}"


def first_of(member: str, *names: str) -> Callable[[Sequence[Mapping[str, Any]]], Any]:
    """Return what takes some members out of one of the first answer's."""
    return lambda answers: {name: answers[0][member].get(name) for name in names}


def in_list(member: str, name: str, key: str) -> Callable[[Mapping[str, Any], Ids], bool]:
    """Return what looks for the resource in a list, by one of its members."""
    return lambda answer, ids: ids[key] in [one[name] for one in answer[member]]
