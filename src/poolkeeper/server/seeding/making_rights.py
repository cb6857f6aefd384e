"""How do policies, roles, their users' access keys and identity pools of a seed file come to be? What is there stays."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from poolkeeper.aws import constraints, json_1_1
from poolkeeper.aws.generated.cognito_identity import SetIdentityPoolRolesInput
from poolkeeper.aws.generated.iam import AttachRolePolicyRequest, AttachUserPolicyRequest
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.iam import Kind
from poolkeeper.model.identity_ids import IDENTITY_POOL_ID
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.model.identity_pool_rules import new_document, require_mappings
from poolkeeper.operations.cognito_identity.pools import create_identity_pool
from poolkeeper.operations.cognito_identity.roles import set_identity_pool_roles
from poolkeeper.operations.iam.access_keys import create_access_key
from poolkeeper.operations.iam.attachments import attach
from poolkeeper.operations.iam.managed_policies import create_policy
from poolkeeper.operations.iam.roles import create_role
from poolkeeper.operations.iam.users import create_user
from poolkeeper.operations.iam_lookup import named_policy_arn, require_policy
from poolkeeper.secret import Secret
from poolkeeper.server.seeding.reading import Entry, SeedError, StillGoing, gathered
from poolkeeper.store import access_keys, iam_entities, identity_pools

# AWS: accessKeyIdType.
_KEY_ID = re.compile(r"[A-Za-z0-9_]{16,128}")
_SHORTEST_SECRET = 16


async def _policy(call: Call, _owner: str, entry: Entry) -> bool:
    if await iam_entities.find(call.db, Kind.POLICY, entry.request.policy_name) is not None:
        return False
    await create_policy(call, entry.request)
    return True


async def _role(call: Call, _owner: str, entry: Entry) -> bool:
    name = entry.request.role_name
    if await iam_entities.find(call.db, Kind.ROLE, name) is not None:
        return False
    arns = await _policy_arns(call, entry)
    await create_role(call, entry.request)
    for arn in arns:
        await attach(Kind.ROLE)(call, AttachRolePolicyRequest(role_name=name, policy_arn=arn))
    return True


async def _iam_user(call: Call, _owner: str, entry: Entry) -> bool:
    name = entry.request.user_name
    if await iam_entities.find(call.db, Kind.USER, name) is not None:
        return False
    arns = await _policy_arns(call, entry)
    await create_user(call, entry.request)
    for arn in arns:
        await attach(Kind.USER)(call, AttachUserPolicyRequest(user_name=name, policy_arn=arn))
    return True


async def _access_key(call: Call, owner: str, entry: Entry) -> bool:
    """Make a key with the id and the secret of the file; one of that id that the user has stays as it is."""
    access_key_id, secret = entry.own["id"], entry.own["secret"]
    faults = []
    if not _KEY_ID.fullmatch(access_key_id):
        faults.append(f"{access_key_id[:64]!r} is no id of an access key: 16 to 128 letters, digits and _.")
    if len(secret) < _SHORTEST_SECRET:
        faults.append(f"the secret of {access_key_id[:64]} is shorter than {_SHORTEST_SECRET}.")
    if faults:
        raise SeedError(faults)
    there = await access_keys.find(call.db, access_key_id)
    if there is not None and there.user_id is not None and there.name == owner:
        return False
    request = replace(entry.request, user_name=owner)
    await create_access_key(call, request, chosen_id=access_key_id, chosen_secret=Secret(secret))
    return True


async def _identity_pool(call: Call, identity_pool_id: str, entry: Entry) -> bool:
    """Make an identity pool with its roles and rules, which are checked first: one that is there stays as it is."""
    if not IDENTITY_POOL_ID.fullmatch(identity_pool_id):
        raise InvalidParameterException(
            f"The id of an identity pool is a region, : and a UUID in small letters; {identity_pool_id[:64]!r} is not."
        )
    if await identity_pools.find(call.db, identity_pool_id) is not None:
        return False
    if await identity_pools.was_ever(call.db, identity_pool_id):
        raise StillGoing(f"identity pool {identity_pool_id}")
    roles = _roles(identity_pool_id, entry)
    await create_identity_pool(call, entry.request, chosen_id=identity_pool_id)
    if roles is not None:
        await set_identity_pool_roles(call, roles)
    return True


def _roles(identity_pool_id: str, entry: Entry) -> SetIdentityPoolRolesInput | None:
    """Return the request that sets roles and rules, as SetIdentityPoolRoles takes it; None where the file names none."""
    given: dict[str, Any] = {name: entry.own[name] for name in ("Roles", "RoleMappings") if name in entry.own}
    if not given:
        return None
    members = {"IdentityPoolId": identity_pool_id, "Roles": {}, **given}
    request = json_1_1.decode(SetIdentityPoolRolesInput, msgspec.json.encode(members))
    constraints.check(request)
    pool = IdentityPool.of(
        identity_pool_id=identity_pool_id,
        region="",
        version=0,
        document=new_document(msgspec.to_builtins(entry.request)),
        tags={},
        roles={},
        principal_tags={},
    )
    require_mappings(msgspec.to_builtins(request).get("RoleMappings", {}), pool.mapping_keys)
    return request


async def _policy_arns(call: Call, entry: Entry) -> list[str]:
    """Return the ARNs of the policies that an entry names; raises SeedError for those that are not there."""
    arns, faults = list[str](), list[str]()
    for name in entry.own.get("policies", ()):
        with gathered(faults):
            arn = await named_policy_arn(call, str(name))
            await require_policy(call, call.db, arn)
            arns.append(arn)
    if faults:
        raise SeedError(faults)
    return arns


MAKES: Mapping[str, Callable[[Call, str, Entry], Awaitable[bool]]] = {
    "policies": _policy,
    "roles": _role,
    "iam_users": _iam_user,
    "access_keys": _access_key,
    "identity_pools": _identity_pool,
}
