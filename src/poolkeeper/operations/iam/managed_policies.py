"""CreatePolicy, GetPolicy, DeletePolicy, ListPolicies, ListEntitiesForPolicy: policies that several owners can have."""

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
    """Create a managed policy; the given document is its version v1, the default.

    Raises EntityAlreadyExistsException, InvalidInputException, LimitExceededException, MalformedPolicyDocumentException.
    """
    iam_documents.check_managed_policy(req.policy_document)
    policy = Entity(
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
        if not await iam_entities.insert(tx, Kind.POLICY, policy):
            raise EntityAlreadyExistsException(
                f"A policy called {req.policy_name} already exists. Duplicate names are not allowed."
            )
        await iam_policies.insert_version(tx, PolicyVersion(policy.entity_id, 1, req.policy_document, call.now))

    await change(call, create)
    return CreatePolicyResponse(policy=iam_answers.policy(call, policy, {}))


async def get_policy(call: Call, req: GetPolicyRequest) -> GetPolicyResponse:
    """Return a managed policy, without its document.

    Raises NoSuchEntityException, ValidationException.
    """
    policy = await require_policy(call, call.db, req.policy_arn)
    return GetPolicyResponse(policy=iam_answers.policy(call, policy, await iam_policies.tallies(call.db)))


async def delete_policy(call: Call, req: DeletePolicyRequest) -> None:
    """Remove a managed policy of one version that has no owner.

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
        for version in versions:
            await iam_policies.delete_version(tx, policy_id=policy.entity_id, version=version.version)
        await iam_entities.delete(tx, Kind.POLICY, policy.entity_id)

    await change(call, delete)


async def list_policies(call: Call, req: ListPoliciesRequest) -> ListPoliciesResponse:
    """Return the managed policies of the account, and those of AWS that are known here, a page at a time, by their ARNs.

    Raises ValidationException.
    """
    tallies = await iam_policies.tallies(call.db)
    own = await iam_entities.page(call.db, Kind.POLICY, after="", limit=_EVERYTHING) if req.scope != "AWS" else ()
    policies = [*own, *(iam_aws_policies.every() if req.scope != "Local" else ())]
    column = 1 if req.policy_usage_filter == _BOUNDARY else 0
    matching = [
        policy
        for policy in policies
        if policy.path.startswith(req.path_prefix or "/")
        and (not (req.only_attached or req.policy_usage_filter) or tallies.get(policy.entity_id, (0, 0))[column] > 0)
    ]
    listing = f"ListPolicies {req.scope} {req.only_attached} {req.path_prefix} {req.policy_usage_filter}"
    wanted = iam_pages.page_request(call, listing, req.marker, req.max_items)
    page = iam_pages.page(wanted, matching, lambda policy: f"{folded(policy.name)} {policy.entity_id[:4]}")
    return ListPoliciesResponse(
        policies=[iam_answers.policy(call, policy, tallies, listed=True) for policy in page.items],
        is_truncated=page.is_truncated,
        marker=page.token,
    )


async def list_entities_for_policy(call: Call, req: ListEntitiesForPolicyRequest) -> ListEntitiesForPolicyResponse:
    """Return the users, groups and roles that have a managed policy or are bounded by it, a page at a time.

    Raises NoSuchEntityException, ValidationException.
    """
    policy = await require_policy(call, call.db, req.policy_arn)
    owners = await iam_policies.owners_of(call.db, policy.entity_id) if req.policy_usage_filter != _BOUNDARY else ()
    bounded = (
        await iam_entities.bounded_by(call.db, policy.entity_id) if req.policy_usage_filter in (None, _BOUNDARY) else ()
    )
    entities = {entity.entity_id: entity for entity in (*owners, *bounded)}.values()
    kind = (req.entity_filter or "").lower()
    # LocalManagedPolicy and AWSManagedPolicy may be asked for too: no policy has a policy.
    matching = [
        entity for entity in entities if kind in ("", entity.kind) and entity.path.startswith(req.path_prefix or "/")
    ]
    listing = f"ListEntitiesForPolicy {req.policy_arn} {kind} {req.path_prefix} {req.policy_usage_filter}"
    wanted = iam_pages.page_request(call, listing, req.marker, req.max_items)
    page = iam_pages.page(wanted, matching, lambda entity: f"{entity.kind} {folded(entity.name)}")
    users, groups, roles = (
        [entity for entity in page.items if entity.kind == kind.value] for kind in (Kind.USER, Kind.GROUP, Kind.ROLE)
    )
    return ListEntitiesForPolicyResponse(
        policy_users=[PolicyUser(user_name=entity.name, user_id=entity.entity_id) for entity in users],
        policy_groups=[PolicyGroup(group_name=entity.name, group_id=entity.entity_id) for entity in groups],
        policy_roles=[PolicyRole(role_name=entity.name, role_id=entity.entity_id) for entity in roles],
        is_truncated=page.is_truncated,
        marker=page.token,
    )
