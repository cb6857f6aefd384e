"""What has no account here? What infrastructure as code lists before it deletes a user or a role: each list is empty.

There are no console passwords, MFA devices, SSH keys, certificates, instance profiles and aliases of the account: an empty
list of them is true, and a password that is to be deleted does not exist.
"""

from typing import Any

from poolkeeper.aws.generated.iam import (
    DeleteLoginProfileRequest,
    GetLoginProfileRequest,
    ListAccountAliasesResponse,
    ListInstanceProfilesForRoleRequest,
    ListInstanceProfilesForRoleResponse,
    ListMFADevicesResponse,
    ListServiceSpecificCredentialsResponse,
    ListSigningCertificatesResponse,
    ListSSHPublicKeysResponse,
    ListVirtualMFADevicesResponse,
)
from poolkeeper.aws.operation import Run
from poolkeeper.aws.shape import Shape
from poolkeeper.call import Call
from poolkeeper.errors import NoSuchEntityException
from poolkeeper.model.iam import Kind
from poolkeeper.operations.iam_lookup import require, require_user_or_caller


async def list_account_aliases(call: Call, req: Any) -> ListAccountAliasesResponse:  # noqa: ARG001 - nothing to ask
    """Return no alias: CreateAccountAlias is not built."""
    return ListAccountAliasesResponse(account_aliases=[], is_truncated=False)


async def list_virtual_mfa_devices(call: Call, req: Any) -> ListVirtualMFADevicesResponse:  # noqa: ARG001 - nothing to ask
    """Return no device: CreateVirtualMFADevice is not built."""
    return ListVirtualMFADevicesResponse(virtual_mfa_devices=[], is_truncated=False)


async def list_instance_profiles_for_role(
    call: Call, req: ListInstanceProfilesForRoleRequest
) -> ListInstanceProfilesForRoleResponse:
    """Return no profile, for an existing role.

    Raises NoSuchEntityException.
    """
    await require(call.db, Kind.ROLE, req.role_name)
    return ListInstanceProfilesForRoleResponse(instance_profiles=[], is_truncated=False)


def none_of_user(answer: type[Shape], member: str) -> Run:
    """Make an operation that lists what no user has; `member` names the empty list of the answer."""

    async def list_nothing(call: Call, req: Any) -> Shape:
        """Return an empty list, for an existing user.

        Raises NoSuchEntityException, ValidationException.
        """
        await require_user_or_caller(call, call.db, req.user_name)
        return answer(is_truncated=False, **{member: []})

    return list_nothing


list_mfa_devices = none_of_user(ListMFADevicesResponse, "mfa_devices")
list_ssh_public_keys = none_of_user(ListSSHPublicKeysResponse, "ssh_public_keys")
list_signing_certificates = none_of_user(ListSigningCertificatesResponse, "certificates")
list_service_specific_credentials = none_of_user(ListServiceSpecificCredentialsResponse, "service_specific_credentials")


async def no_login_profile(call: Call, req: GetLoginProfileRequest | DeleteLoginProfileRequest) -> None:
    """Refuse GetLoginProfile and DeleteLoginProfile: no user has a password for a console.

    Raises NoSuchEntityException always, ValidationException.
    """
    user = await require_user_or_caller(call, call.db, req.user_name)
    name = "root" if user is None else user.name
    raise NoSuchEntityException(f"Login Profile for User {name} cannot be found.")
