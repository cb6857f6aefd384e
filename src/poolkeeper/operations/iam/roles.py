"""CreateRole, GetRole, UpdateRole, DeleteRole, ListRoles: what others may assume, if its trust policy allows them."""

from poolkeeper.aws.generated.iam import (
    CreateRoleRequest,
    CreateRoleResponse,
    DeleteRoleRequest,
    GetRoleRequest,
    GetRoleResponse,
    ListRolesRequest,
    ListRolesResponse,
    Role,
    RoleLastUsed,
    UpdateAssumeRolePolicyRequest,
    UpdateRoleDescriptionRequest,
    UpdateRoleDescriptionResponse,
    UpdateRoleRequest,
    UpdateRoleResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import NotImplementedException
from poolkeeper.model.iam import SHORTEST_SESSION, Entity, Kind
from poolkeeper.operations import iam_answers, iam_documents, iam_pages, iam_trust
from poolkeeper.operations.iam_boundaries import boundary_id
from poolkeeper.operations.iam_changes import add, change, new_id, remove
from poolkeeper.operations.iam_lookup import require
from poolkeeper.store import iam_entities
from poolkeeper.store.db import Transaction


async def create_role(call: Call, req: CreateRoleRequest) -> CreateRoleResponse:
    """Create a role; its trust policy says who may assume it, other policies say what it may do.

    Raises EntityAlreadyExistsException, InvalidInputException, LimitExceededException, MalformedPolicyDocumentException,
    NoSuchEntityException.
    """
    _refuse_sign_in_duration(req.max_signin_session_duration)
    iam_documents.check_trust_policy(req.assume_role_policy_document)
    tags = iam_answers.tagged("{}", req.tags)
    role_id = new_id(call, Kind.ROLE)

    async def create(tx: Transaction) -> Role:
        role = Entity(
            kind=Kind.ROLE.value,
            name=req.role_name,
            entity_id=role_id,
            path=req.path or "/",
            created_at=call.now,
            updated_at=call.now,
            tags=tags,
            description=req.description,
            trust_policy=await iam_trust.stored(call, tx, req.assume_role_policy_document),
            max_session_seconds=req.max_session_duration or SHORTEST_SESSION,
            boundary_id=await boundary_id(call, tx, req.permissions_boundary),
        )
        await add(tx, Kind.ROLE, role)
        return iam_answers.role(
            call, await iam_trust.shown(call, tx, role), **await iam_answers.detail_members(call, tx, role)
        )

    return CreateRoleResponse(role=await change(call, create))


async def get_role(call: Call, req: GetRoleRequest) -> GetRoleResponse:
    """Return a role, and when a session of it last made a request: to the hour (key_uses.py).

    Raises NoSuchEntityException.
    """
    role = await iam_trust.shown(call, call.db, await require(call.db, Kind.ROLE, req.role_name))
    optional_members = await iam_answers.detail_members(call, call.db, role)
    return GetRoleResponse(role=iam_answers.role(call, role, role_last_used=_last_used(role), **optional_members))


async def update_role(call: Call, req: UpdateRoleRequest) -> UpdateRoleResponse:
    """Change description and longest session, each where it is given.

    Raises NoSuchEntityException.
    """
    _refuse_sign_in_duration(req.max_signin_session_duration)

    async def update(tx: Transaction) -> None:
        role = await require(tx, Kind.ROLE, req.role_name)
        await iam_entities.describe_role(
            tx,
            role.entity_id,
            description=role.description if req.description is None else req.description,
            max_session_seconds=req.max_session_duration or role.max_session_seconds or SHORTEST_SESSION,
        )

    await change(call, update)
    return UpdateRoleResponse()


async def update_role_description(call: Call, req: UpdateRoleDescriptionRequest) -> UpdateRoleDescriptionResponse:
    """Change the description alone: the older form of UpdateRole.

    Raises NoSuchEntityException.
    """

    async def update(tx: Transaction) -> Role:
        role = await require(tx, Kind.ROLE, req.role_name)
        await iam_entities.describe_role(
            tx,
            role.entity_id,
            description=req.description,
            max_session_seconds=role.max_session_seconds or SHORTEST_SESSION,
        )
        described = await require(tx, Kind.ROLE, req.role_name)
        return iam_answers.role(call, await iam_trust.shown(call, tx, described))

    return UpdateRoleDescriptionResponse(role=await change(call, update))


async def update_assume_role_policy(call: Call, req: UpdateAssumeRolePolicyRequest) -> None:
    """Replace the policy that says who may assume a role.

    Raises LimitExceededException, MalformedPolicyDocumentException, NoSuchEntityException.
    """
    iam_documents.check_trust_policy(req.policy_document)

    async def update(tx: Transaction) -> None:
        role = await require(tx, Kind.ROLE, req.role_name)
        document = await iam_trust.stored(call, tx, req.policy_document)
        await iam_entities.set_trust_policy(tx, role.entity_id, document)

    await change(call, update)


async def delete_role(call: Call, req: DeleteRoleRequest) -> None:
    """Remove a role that has no policies left; its sessions end with it.

    Raises DeleteConflictException, NoSuchEntityException.
    """
    await remove(call, Kind.ROLE, req.role_name)


async def list_roles(call: Call, req: ListRolesRequest) -> ListRolesResponse:
    """Return the roles below a path, a page at a time, in the order of their names."""
    wanted = iam_pages.page_request(call, f"ListRoles {req.path_prefix}", req.marker, req.max_items)
    page = await iam_pages.page_of_entities(wanted, Kind.ROLE, path_prefix=req.path_prefix)
    return ListRolesResponse(
        roles=[iam_answers.role(call, await iam_trust.shown(call, call.db, role)) for role in page.items],
        is_truncated=page.is_truncated,
        marker=page.token,
    )


def _last_used(role: Entity) -> RoleLastUsed:
    if role.last_used_at is None:
        return RoleLastUsed()
    return RoleLastUsed(last_used_date=iam_answers.moment(role.last_used_at), region=role.last_used_region)


def _refuse_sign_in_duration(seconds: int | None) -> None:
    """Refuse a duration for sessions of AWS's console, which does not exist here.

    Raises NotImplementedException.
    """
    if seconds is not None:
        raise NotImplementedException("Poolkeeper does not have MaxSigninSessionDuration of roles yet.")
