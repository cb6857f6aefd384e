"""CreatePolicy, GetPolicy, DeletePolicy, ListPolicies, ListEntitiesForPolicy: policies that many can have."""

from poolkeeper.aws.generated.iam import (
    CreatePolicyRequest,
    CreatePolicyResponse,
    DeletePolicyRequest,
    GetPolicyRequest,
    GetPolicyResponse,
    ListEntitiesForPolicyRequest,
    ListEntitiesForPolicyResponse,
    ListPoliciesRequest,
    ListPoliciesResponse,
    PolicyGroup,
    PolicyRole,
    PolicyUser,
)
from poolkeeper.call import Call
from poolkeeper.errors import DeleteConflictException, EntityAlreadyExistsException
from poolkeeper.model.iam import Entity, Kind, PolicyVersion, folded
from poolkeeper.operations import iam_answers, iam_aws_policies, iam_documents, iam_pages
from poolkeeper.operations.iam_changes import change, new_id, require_room
from poolkeeper.operations.iam_lookup import require_own_policy, require_policy
from poolkeeper.store import iam_entities, iam_policies
from poolkeeper.store.db import Transaction

_BOUNDARY = "PermissionsBoundary"
_EVERYTHING = 5_000


async def create_policy(call: Call, req: CreatePolicyRequest) -> CreatePolicyResponse:
    """Create a managed policy; what is given is its version v1, and counts.

    Raises EntityAlreadyExistsException, InvalidInputException, LimitExceededException, MalformedPolicyDocumentException.
    """
    iam_documents.check_managed_policy(req.policy_document)
    made = Entity(
        kind=Kind.POLICY.value,
        name=req.policy_name,
        entity_id=new_id(call, Kind.POLICY),
        path=req.path or "/",
        created_at=call.now,
        updated_at=call.now,
        tags=iam_answers.tagged("{}", req.tags),
        description=req.description,
        default_version=1,
        newest_version=1,
    )

    async def create(tx: Transaction) -> None:
        await require_room(tx, Kind.POLICY)
        if not await iam_entities.insert(tx, Kind.POLICY, made):
            raise EntityAlreadyExistsException(
                f"A policy called {req.policy_name} already exists. Duplicate names are not allowed."
            )
        await iam_policies.insert_version(tx, PolicyVersion(made.entity_id, 1, req.policy_document, call.now))

    await change(call, create)
    return CreatePolicyResponse(policy=iam_answers.policy(call, made, {}))


async def get_policy(call: Call, req: GetPolicyRequest) -> GetPolicyResponse:
    """Return a managed policy, without what it says.

    Raises NoSuchEntityException, ValidationException.
    """
    policy = await require_policy(call, call.db, req.policy_arn)
    return GetPolicyResponse(policy=iam_answers.policy(call, policy, await iam_policies.tallies(call.db)))


async def delete_policy(call: Call, req: DeletePolicyRequest) -> None:
    """Remove a managed policy of one version that nobody has.

    Raises DeleteConflictException, InvalidInputException, NoSuchEntityException, ValidationException.
    """

    async def delete(tx: Transaction) -> None:
        policy = await require_own_policy(call, tx, req.policy_arn)
        if await iam_policies.owners_of(tx, policy.entity_id) or await iam_entities.bounded_by(tx, policy.entity_id):
            raise DeleteConflictException("Cannot delete a policy attached to entities.")
        versions = await iam_policies.versions_of(tx, policy.entity_id)
        if len(versions) > 1:
            raise DeleteConflictException(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                "versions. The default version is deleted with the policy."
            )
        for one in versions:
            await iam_policies.delete_version(tx, policy_id=policy.entity_id, version=one.version)
        await iam_entities.delete(tx, Kind.POLICY, policy.entity_id)

    await change(call, delete)


async def list_policies(call: Call, req: ListPoliciesRequest) -> ListPoliciesResponse:
    """Return managed policies, the account's own and AWS's that are known here, a page at a time, by their ARNs.

    Raises ValidationException.
    """
    tallies = await iam_policies.tallies(call.db)
    own = await iam_entities.page(call.db, Kind.POLICY, after="", limit=_EVERYTHING) if req.scope != "AWS" else ()
    found = [*own, *(iam_aws_policies.every() if req.scope != "Local" else ())]
    column = 1 if req.policy_usage_filter == _BOUNDARY else 0
    kept = [
        policy
        for policy in found
        if policy.path.startswith(req.path_prefix or "/")
        and (not (req.only_attached or req.policy_usage_filter) or tallies.get(policy.entity_id, (0, 0))[column] > 0)
    ]
    listing = f"ListPolicies {req.scope} {req.only_attached} {req.path_prefix} {req.policy_usage_filter}"
    asked = iam_pages.Asked(call, listing, req.marker, req.max_items)
    page = iam_pages.page(asked, kept, lambda policy: f"{folded(policy.name)} {policy.entity_id[:4]}")
    return ListPoliciesResponse(
        policies=[iam_answers.policy(call, policy, tallies, listed=True) for policy in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


async def list_entities_for_policy(call: Call, req: ListEntitiesForPolicyRequest) -> ListEntitiesForPolicyResponse:
    """Return the users, groups and roles that have a managed policy or are bounded by it, a page at a time.

    Raises NoSuchEntityException, ValidationException.
    """
    policy = await require_policy(call, call.db, req.policy_arn)
    have = await iam_policies.owners_of(call.db, policy.entity_id) if req.policy_usage_filter != _BOUNDARY else ()
    bounded = (
        await iam_entities.bounded_by(call.db, policy.entity_id) if req.policy_usage_filter in (None, _BOUNDARY) else ()
    )
    found = {one.entity_id: one for one in (*have, *bounded)}.values()
    kind = (req.entity_filter or "").lower()
    # LocalManagedPolicy and AWSManagedPolicy may be asked for too: no policy has a policy.
    kept = [one for one in found if kind in ("", one.kind) and one.path.startswith(req.path_prefix or "/")]
    listing = f"ListEntitiesForPolicy {req.policy_arn} {kind} {req.path_prefix} {req.policy_usage_filter}"
    asked = iam_pages.Asked(call, listing, req.marker, req.max_items)
    page = iam_pages.page(asked, kept, lambda one: f"{one.kind} {folded(one.name)}")
    users, groups, roles = (
        [one for one in page.items if one.kind == kind.value] for kind in (Kind.USER, Kind.GROUP, Kind.ROLE)
    )
    return ListEntitiesForPolicyResponse(
        policy_users=[PolicyUser(user_name=one.name, user_id=one.entity_id) for one in users],
        policy_groups=[PolicyGroup(group_name=one.name, group_id=one.entity_id) for one in groups],
        policy_roles=[PolicyRole(role_name=one.name, role_id=one.entity_id) for one in roles],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )
