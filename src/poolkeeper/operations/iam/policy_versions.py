"""CreatePolicyVersion, GetPolicyVersion, DeletePolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion: former documents."""

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
    """Add a version to a managed policy; with SetAsDefault it becomes the default at once.

    Raises InvalidInputException, LimitExceededException for a sixth one, MalformedPolicyDocumentException,
    NoSuchEntityException, ValidationException.
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
        version = PolicyVersion(policy.entity_id, number, req.policy_document, call.now)
        await iam_policies.insert_version(tx, version)
        await iam_entities.set_versions(
            tx,
            policy.entity_id,
            default_version=number if req.set_as_default else policy.default_version or number,
            newest_version=number,
            now=call.now,
        )
        policy = await require_own_policy(call, tx, req.policy_arn)
        return iam_answers.policy_version(policy, version, with_document=False)

    return CreatePolicyVersionResponse(policy_version=await change(call, create))


async def get_policy_version(call: Call, req: GetPolicyVersionRequest) -> GetPolicyVersionResponse:
    """Return a version of a managed policy, with its document.

    Raises NoSuchEntityException, ValidationException.
    """
    policy, version = await _require_version(call, call.db, req.policy_arn, req.version_id)
    return GetPolicyVersionResponse(policy_version=iam_answers.policy_version(policy, version, with_document=True))


async def list_policy_versions(call: Call, req: ListPolicyVersionsRequest) -> ListPolicyVersionsResponse:
    """Return the versions of a managed policy, newest first, a page at a time.

    Raises NoSuchEntityException, ValidationException.
    """
    policy = await require_policy(call, call.db, req.policy_arn)
    wanted = iam_pages.page_request(call, f"ListPolicyVersions {req.policy_arn}", req.marker, req.max_items)
    # Newest first: a billion minus the number of the version is the key of a page.
    page = iam_pages.page(wanted, await _versions(call.db, policy), lambda version: f"{10**9 - version.version:010}")
    return ListPolicyVersionsResponse(
        versions=[iam_answers.policy_version(policy, version, with_document=False) for version in page.items],
        is_truncated=page.is_truncated,
        marker=page.token,
    )


async def delete_policy_version(call: Call, req: DeletePolicyVersionRequest) -> None:
    """Remove a version of a managed policy that is not the default.

    Raises DeleteConflictException, InvalidInputException, NoSuchEntityException, ValidationException.
    """

    async def delete(tx: Transaction) -> None:
        policy, version = await _require_version(call, tx, req.policy_arn, req.version_id)
        refuse_aws_policy(policy)
        if version.version == policy.default_version:
            raise DeleteConflictException("Cannot delete the default version of a policy.")
        await iam_policies.delete_version(tx, policy_id=policy.entity_id, version=version.version)

    await change(call, delete)


async def set_default_policy_version(call: Call, req: SetDefaultPolicyVersionRequest) -> None:
    """Make another version the default, for all owners of the policy.

    Raises InvalidInputException, NoSuchEntityException, ValidationException.
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
    """Return the versions of a managed policy, newest first; a policy of AWS has only its default version here."""
    if iam_aws_policies.is_aws(policy.entity_id):
        return (iam_aws_policies.version(policy),)
    return await iam_policies.versions_of(reader, policy.entity_id)


async def _require_version(call: Call, reader: Reader, arn: str, version_id: str) -> tuple[Entity, PolicyVersion]:
    """Return a managed policy and a version of it; the same error message stands for either being unknown.

    Raises NoSuchEntityException, ValidationException.
    """
    require_policy_arn(arn)
    policy = await find_policy(call, reader, arn)
    if policy is not None:
        for version in await _versions(reader, policy):
            if f"v{version.version}" == version_id:
                return policy, version
    raise NoSuchEntityException(f"Policy {arn} version {version_id} does not exist or is not attachable.")
