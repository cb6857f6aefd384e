"""CreatePolicyVersion, GetPolicyVersion, DeletePolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion: what a policy said."""

from collections.abc import Sequence

from poolkeeper.aws.generated import iam as shapes
from poolkeeper.aws.generated.iam import (
    CreatePolicyVersionRequest,
    CreatePolicyVersionResponse,
    DeletePolicyVersionRequest,
    GetPolicyVersionRequest,
    GetPolicyVersionResponse,
    ListPolicyVersionsRequest,
    ListPolicyVersionsResponse,
    SetDefaultPolicyVersionRequest,
)
from poolkeeper.call import Call
from poolkeeper.errors import DeleteConflictException, LimitExceededException, NoSuchEntityException
from poolkeeper.model.iam import VERSIONS_OF_A_POLICY, Entity, PolicyVersion
from poolkeeper.operations import iam_answers, iam_aws_policies, iam_documents, iam_pages
from poolkeeper.operations.iam_changes import change
from poolkeeper.operations.iam_lookup import (
    find_policy,
    refuse_aws_policy,
    require_own_policy,
    require_policy,
    require_policy_arn,
)
from poolkeeper.store import iam_entities, iam_policies
from poolkeeper.store.db import Reader, Transaction


async def create_policy_version(call: Call, req: CreatePolicyVersionRequest) -> CreatePolicyVersionResponse:
    """Add a version to a managed policy; it counts at once where SetAsDefault says so.

    Raises InvalidInputException, LimitExceededException for a sixth one, MalformedPolicyDocumentException,
    NoSuchEntityException.
    """
    iam_documents.check_managed_policy(req.policy_document)

    async def create(tx: Transaction) -> shapes.PolicyVersion:
        policy = await require_own_policy(call, tx, req.policy_arn)
        if len(await iam_policies.versions_of(tx, policy.entity_id)) >= VERSIONS_OF_A_POLICY:
            raise LimitExceededException(
                f"A managed policy can have up to {VERSIONS_OF_A_POLICY} versions. Before you create a new version, you "
                "must delete an existing version."
            )
        number = (policy.newest_version or 0) + 1
        made = PolicyVersion(policy.entity_id, number, req.policy_document, call.now)
        await iam_policies.insert_version(tx, made)
        await iam_entities.set_versions(
            tx,
            policy.entity_id,
            default_version=number if req.set_as_default else policy.default_version or number,
            newest_version=number,
            now=call.now,
        )
        policy = await require_own_policy(call, tx, req.policy_arn)
        return iam_answers.policy_version(policy, made, with_document=False)

    return CreatePolicyVersionResponse(policy_version=await change(call, create))


async def get_policy_version(call: Call, req: GetPolicyVersionRequest) -> GetPolicyVersionResponse:
    """Return a version of a managed policy, and what it says.

    Raises NoSuchEntityException, ValidationException.
    """
    policy, version = await _require_version(call, call.db, req.policy_arn, req.version_id)
    return GetPolicyVersionResponse(policy_version=iam_answers.policy_version(policy, version, with_document=True))


async def list_policy_versions(call: Call, req: ListPolicyVersionsRequest) -> ListPolicyVersionsResponse:
    """Return the versions of a managed policy, newest first, a page at a time.

    Raises InvalidInputException, NoSuchEntityException, ValidationException.
    """
    policy = await require_policy(call, call.db, req.policy_arn)
    asked = iam_pages.Asked(call, f"ListPolicyVersions {req.policy_arn}", req.marker, req.max_items)
    # Newest first is the order of how many versions of a number below a billion are above.
    page = iam_pages.page(asked, await _versions(call.db, policy), lambda one: f"{10**9 - one.version:010}")
    return ListPolicyVersionsResponse(
        versions=[iam_answers.policy_version(policy, one, with_document=False) for one in page.items],
        is_truncated=page.is_truncated,
        marker=page.marker,
    )


async def delete_policy_version(call: Call, req: DeletePolicyVersionRequest) -> None:
    """Remove a version of a managed policy that does not count.

    Raises DeleteConflictException, InvalidInputException, NoSuchEntityException.
    """

    async def delete(tx: Transaction) -> None:
        policy, version = await _require_version(call, tx, req.policy_arn, req.version_id)
        refuse_aws_policy(policy)
        if version.version == policy.default_version:
            raise DeleteConflictException("Cannot delete the default version of a policy.")
        await iam_policies.delete_version(tx, policy_id=policy.entity_id, version=version.version)

    await change(call, delete)


async def set_default_policy_version(call: Call, req: SetDefaultPolicyVersionRequest) -> None:
    """Let another version count, for everybody who has the policy.

    Raises InvalidInputException, NoSuchEntityException.
    """

    async def set_default(tx: Transaction) -> None:
        policy, version = await _require_version(call, tx, req.policy_arn, req.version_id)
        refuse_aws_policy(policy)
        await iam_entities.set_versions(
            tx,
            policy.entity_id,
            default_version=version.version,
            newest_version=policy.newest_version or version.version,
            now=call.now,
        )

    await change(call, set_default)


async def _versions(reader: Reader, policy: Entity) -> Sequence[PolicyVersion]:
    """Return the versions of a managed policy, newest first; one of AWS's has the one that counts alone."""
    if iam_aws_policies.is_aws(policy.entity_id):
        return (iam_aws_policies.version(policy),)
    return await iam_policies.versions_of(reader, policy.entity_id)


async def _require_version(call: Call, reader: Reader, arn: str, version_id: str) -> tuple[Entity, PolicyVersion]:
    """Return a managed policy and a version of it; one sentence says that either is not there.

    Raises NoSuchEntityException, ValidationException.
    """
    require_policy_arn(arn)
    policy = await find_policy(call, reader, arn)
    if policy is not None:
        for one in await _versions(reader, policy):
            if f"v{one.version}" == version_id:
                return policy, one
    raise NoSuchEntityException(f"Policy {arn} version {version_id} does not exist or is not attachable.")
