"""What does iam receive and answer? A struct for every structure, and the facts of every operation.

Written by tools/generate_shapes.py from botocore 1.44.8; do not edit.
"""

from typing import ClassVar

from msgspec import field

from poolkeeper.aws.shape import ABSENT, Facts, ServiceModel, Shape


class AddClientIDToOpenIDConnectProviderRequest(Shape):
    open_id_connect_provider_arn: str = field(name="OpenIDConnectProviderArn", default=ABSENT)
    client_id: str = field(name="ClientID", default=ABSENT)


class AddUserToGroupRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    user_name: str = field(name="UserName", default=ABSENT)


class AttachGroupPolicyRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    policy_arn: str = field(name="PolicyArn", default=ABSENT)


class AttachRolePolicyRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    policy_arn: str = field(name="PolicyArn", default=ABSENT)


class AttachUserPolicyRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    policy_arn: str = field(name="PolicyArn", default=ABSENT)


class CreateAccessKeyRequest(Shape):
    user_name: str | None = field(name="UserName", default=None)


class AccessKey(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["secret_access_key"])

    user_name: str = field(name="UserName", default=ABSENT)
    access_key_id: str = field(name="AccessKeyId", default=ABSENT)
    status: str = field(name="Status", default=ABSENT)
    secret_access_key: str = field(name="SecretAccessKey", default=ABSENT)
    create_date: float | None = field(name="CreateDate", default=None)


class CreateAccessKeyResponse(Shape):
    access_key: AccessKey = field(name="AccessKey", default=ABSENT)


class CreateGroupRequest(Shape):
    path: str | None = field(name="Path", default=None)
    group_name: str = field(name="GroupName", default=ABSENT)


class Group(Shape):
    path: str = field(name="Path", default=ABSENT)
    group_name: str = field(name="GroupName", default=ABSENT)
    group_id: str = field(name="GroupId", default=ABSENT)
    arn: str = field(name="Arn", default=ABSENT)
    create_date: float = field(name="CreateDate", default=ABSENT)


class CreateGroupResponse(Shape):
    group: Group = field(name="Group", default=ABSENT)


class Tag(Shape):
    key: str = field(name="Key", default=ABSENT)
    value: str = field(name="Value", default=ABSENT)


class ContextProviderKeyDefinition(Shape):
    source_key: str = field(name="SourceKey", default=ABSENT)
    target_key: str | None = field(name="TargetKey", default=None)


class ContextProvider(Shape):
    key_definition_list: list[ContextProviderKeyDefinition] | None = field(name="KeyDefinitionList", default=None)
    subject_source_key: str = field(name="SubjectSourceKey", default=ABSENT)
    subject_type_value: str | None = field(name="SubjectTypeValue", default=None)
    subject_type_source_key: str | None = field(name="SubjectTypeSourceKey", default=None)


class CreateOpenIDConnectProviderRequest(Shape):
    url: str = field(name="Url", default=ABSENT)
    client_id_list: list[str] | None = field(name="ClientIDList", default=None)
    thumbprint_list: list[str] | None = field(name="ThumbprintList", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)
    context_provider: ContextProvider | None = field(name="ContextProvider", default=None)
    identity_center_instance_arn: str | None = field(name="IdentityCenterInstanceArn", default=None)


class CreateOpenIDConnectProviderResponse(Shape):
    open_id_connect_provider_arn: str | None = field(name="OpenIDConnectProviderArn", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)


class CreatePolicyRequest(Shape):
    policy_name: str = field(name="PolicyName", default=ABSENT)
    path: str | None = field(name="Path", default=None)
    policy_document: str = field(name="PolicyDocument", default=ABSENT)
    description: str | None = field(name="Description", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)


class Policy(Shape):
    policy_name: str | None = field(name="PolicyName", default=None)
    policy_id: str | None = field(name="PolicyId", default=None)
    arn: str | None = field(name="Arn", default=None)
    path: str | None = field(name="Path", default=None)
    default_version_id: str | None = field(name="DefaultVersionId", default=None)
    attachment_count: int | None = field(name="AttachmentCount", default=None)
    permissions_boundary_usage_count: int | None = field(name="PermissionsBoundaryUsageCount", default=None)
    is_attachable: bool | None = field(name="IsAttachable", default=None)
    description: str | None = field(name="Description", default=None)
    create_date: float | None = field(name="CreateDate", default=None)
    update_date: float | None = field(name="UpdateDate", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)


class CreatePolicyResponse(Shape):
    policy: Policy | None = field(name="Policy", default=None)


class CreatePolicyVersionRequest(Shape):
    policy_arn: str = field(name="PolicyArn", default=ABSENT)
    policy_document: str = field(name="PolicyDocument", default=ABSENT)
    set_as_default: bool | None = field(name="SetAsDefault", default=None)


class PolicyVersion(Shape):
    document: str | None = field(name="Document", default=None)
    version_id: str | None = field(name="VersionId", default=None)
    is_default_version: bool | None = field(name="IsDefaultVersion", default=None)
    create_date: float | None = field(name="CreateDate", default=None)


class CreatePolicyVersionResponse(Shape):
    policy_version: PolicyVersion | None = field(name="PolicyVersion", default=None)


class CreateRoleRequest(Shape):
    path: str | None = field(name="Path", default=None)
    role_name: str = field(name="RoleName", default=ABSENT)
    assume_role_policy_document: str = field(name="AssumeRolePolicyDocument", default=ABSENT)
    description: str | None = field(name="Description", default=None)
    max_session_duration: int | None = field(name="MaxSessionDuration", default=None)
    max_signin_session_duration: int | None = field(name="MaxSigninSessionDuration", default=None)
    permissions_boundary: str | None = field(name="PermissionsBoundary", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)


class AttachedPermissionsBoundary(Shape):
    permissions_boundary_type: str | None = field(name="PermissionsBoundaryType", default=None)
    permissions_boundary_arn: str | None = field(name="PermissionsBoundaryArn", default=None)


class RoleLastUsed(Shape):
    last_used_date: float | None = field(name="LastUsedDate", default=None)
    region: str | None = field(name="Region", default=None)


class SourceRoleTemplate(Shape):
    template_arn: str = field(name="TemplateArn", default=ABSENT)
    template_minor_version: int = field(name="TemplateMinorVersion", default=ABSENT)


class Role(Shape):
    path: str = field(name="Path", default=ABSENT)
    role_name: str = field(name="RoleName", default=ABSENT)
    role_id: str = field(name="RoleId", default=ABSENT)
    arn: str = field(name="Arn", default=ABSENT)
    create_date: float = field(name="CreateDate", default=ABSENT)
    assume_role_policy_document: str | None = field(name="AssumeRolePolicyDocument", default=None)
    description: str | None = field(name="Description", default=None)
    max_session_duration: int | None = field(name="MaxSessionDuration", default=None)
    max_signin_session_duration: int | None = field(name="MaxSigninSessionDuration", default=None)
    permissions_boundary: AttachedPermissionsBoundary | None = field(name="PermissionsBoundary", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)
    role_last_used: RoleLastUsed | None = field(name="RoleLastUsed", default=None)
    source_role_template: SourceRoleTemplate | None = field(name="SourceRoleTemplate", default=None)


class CreateRoleResponse(Shape):
    role: Role = field(name="Role", default=ABSENT)


class CreateSAMLProviderRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["add_private_key"])

    saml_metadata_document: str = field(name="SAMLMetadataDocument", default=ABSENT)
    name: str = field(name="Name", default=ABSENT)
    tags: list[Tag] | None = field(name="Tags", default=None)
    assertion_encryption_mode: str | None = field(name="AssertionEncryptionMode", default=None)
    add_private_key: str | None = field(name="AddPrivateKey", default=None)
    context_provider: ContextProvider | None = field(name="ContextProvider", default=None)
    identity_center_instance_arn: str | None = field(name="IdentityCenterInstanceArn", default=None)


class CreateSAMLProviderResponse(Shape):
    saml_provider_arn: str | None = field(name="SAMLProviderArn", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)


class CreateUserRequest(Shape):
    path: str | None = field(name="Path", default=None)
    user_name: str = field(name="UserName", default=ABSENT)
    permissions_boundary: str | None = field(name="PermissionsBoundary", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)


class User(Shape):
    path: str = field(name="Path", default=ABSENT)
    user_name: str = field(name="UserName", default=ABSENT)
    user_id: str = field(name="UserId", default=ABSENT)
    arn: str = field(name="Arn", default=ABSENT)
    create_date: float = field(name="CreateDate", default=ABSENT)
    password_last_used: float | None = field(name="PasswordLastUsed", default=None)
    permissions_boundary: AttachedPermissionsBoundary | None = field(name="PermissionsBoundary", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)


class CreateUserResponse(Shape):
    user: User | None = field(name="User", default=None)


class DeleteAccessKeyRequest(Shape):
    user_name: str | None = field(name="UserName", default=None)
    access_key_id: str = field(name="AccessKeyId", default=ABSENT)


class DeleteGroupRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)


class DeleteGroupPolicyRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)


class DeleteLoginProfileRequest(Shape):
    user_name: str | None = field(name="UserName", default=None)


class DeleteOpenIDConnectProviderRequest(Shape):
    open_id_connect_provider_arn: str = field(name="OpenIDConnectProviderArn", default=ABSENT)


class DeletePolicyRequest(Shape):
    policy_arn: str = field(name="PolicyArn", default=ABSENT)


class DeletePolicyVersionRequest(Shape):
    policy_arn: str = field(name="PolicyArn", default=ABSENT)
    version_id: str = field(name="VersionId", default=ABSENT)


class DeleteRoleRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)


class DeleteRolePermissionsBoundaryRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)


class DeleteRolePolicyRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)


class DeleteSAMLProviderRequest(Shape):
    saml_provider_arn: str = field(name="SAMLProviderArn", default=ABSENT)


class DeleteUserRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)


class DeleteUserPermissionsBoundaryRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)


class DeleteUserPolicyRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)


class DetachGroupPolicyRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    policy_arn: str = field(name="PolicyArn", default=ABSENT)


class DetachRolePolicyRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    policy_arn: str = field(name="PolicyArn", default=ABSENT)


class DetachUserPolicyRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    policy_arn: str = field(name="PolicyArn", default=ABSENT)


class GetAccessKeyLastUsedRequest(Shape):
    access_key_id: str = field(name="AccessKeyId", default=ABSENT)


class AccessKeyLastUsed(Shape):
    last_used_date: float | None = field(name="LastUsedDate", default=None)
    service_name: str = field(name="ServiceName", default=ABSENT)
    region: str = field(name="Region", default=ABSENT)


class GetAccessKeyLastUsedResponse(Shape):
    user_name: str | None = field(name="UserName", default=None)
    access_key_last_used: AccessKeyLastUsed | None = field(name="AccessKeyLastUsed", default=None)


class GetAccountSummaryRequest(Shape):
    pass


class GetAccountSummaryResponse(Shape):
    summary_map: dict[str, int] | None = field(name="SummaryMap", default=None)


class GetContextKeysForCustomPolicyRequest(Shape):
    policy_input_list: list[str] = field(name="PolicyInputList", default=ABSENT)


class GetContextKeysForPolicyResponse(Shape):
    context_key_names: list[str] | None = field(name="ContextKeyNames", default=None)


class GetContextKeysForPrincipalPolicyRequest(Shape):
    policy_source_arn: str = field(name="PolicySourceArn", default=ABSENT)
    policy_input_list: list[str] | None = field(name="PolicyInputList", default=None)


class GetGroupRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class GetGroupResponse(Shape):
    group: Group = field(name="Group", default=ABSENT)
    users: list[User] = field(name="Users", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class GetGroupPolicyRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)


class GetGroupPolicyResponse(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)
    policy_document: str = field(name="PolicyDocument", default=ABSENT)


class GetLoginProfileRequest(Shape):
    user_name: str | None = field(name="UserName", default=None)


class LoginProfile(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    create_date: float = field(name="CreateDate", default=ABSENT)
    password_reset_required: bool | None = field(name="PasswordResetRequired", default=None)
    max_signin_session_duration: int | None = field(name="MaxSigninSessionDuration", default=None)


class GetLoginProfileResponse(Shape):
    login_profile: LoginProfile = field(name="LoginProfile", default=ABSENT)


class GetOpenIDConnectProviderRequest(Shape):
    open_id_connect_provider_arn: str = field(name="OpenIDConnectProviderArn", default=ABSENT)


class GetOpenIDConnectProviderResponse(Shape):
    url: str | None = field(name="Url", default=None)
    client_id_list: list[str] | None = field(name="ClientIDList", default=None)
    thumbprint_list: list[str] | None = field(name="ThumbprintList", default=None)
    create_date: float | None = field(name="CreateDate", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)
    context_provider: ContextProvider | None = field(name="ContextProvider", default=None)
    identity_center_instance_arn: str | None = field(name="IdentityCenterInstanceArn", default=None)
    identity_store_arn: str | None = field(name="IdentityStoreArn", default=None)


class GetPolicyRequest(Shape):
    policy_arn: str = field(name="PolicyArn", default=ABSENT)


class GetPolicyResponse(Shape):
    policy: Policy | None = field(name="Policy", default=None)


class GetPolicyVersionRequest(Shape):
    policy_arn: str = field(name="PolicyArn", default=ABSENT)
    version_id: str = field(name="VersionId", default=ABSENT)


class GetPolicyVersionResponse(Shape):
    policy_version: PolicyVersion | None = field(name="PolicyVersion", default=None)


class GetRoleRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)


class GetRoleResponse(Shape):
    role: Role = field(name="Role", default=ABSENT)


class GetRolePolicyRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)


class GetRolePolicyResponse(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)
    policy_document: str = field(name="PolicyDocument", default=ABSENT)


class GetSAMLProviderRequest(Shape):
    saml_provider_arn: str = field(name="SAMLProviderArn", default=ABSENT)


class SAMLKeyHashEntry(Shape):
    issuer_url: str | None = field(name="IssuerURL", default=None)
    key_hashes: list[str] | None = field(name="KeyHashes", default=None)


class SAMLPrivateKey(Shape):
    key_id: str | None = field(name="KeyId", default=None)
    timestamp: float | None = field(name="Timestamp", default=None)


class GetSAMLProviderResponse(Shape):
    saml_provider_uuid: str | None = field(name="SAMLProviderUUID", default=None)
    saml_metadata_document: str | None = field(name="SAMLMetadataDocument", default=None)
    context_provider: ContextProvider | None = field(name="ContextProvider", default=None)
    saml_key_hashes: list[SAMLKeyHashEntry] | None = field(name="SAMLKeyHashes", default=None)
    create_date: float | None = field(name="CreateDate", default=None)
    valid_until: float | None = field(name="ValidUntil", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)
    assertion_encryption_mode: str | None = field(name="AssertionEncryptionMode", default=None)
    private_key_list: list[SAMLPrivateKey] | None = field(name="PrivateKeyList", default=None)
    identity_center_instance_arn: str | None = field(name="IdentityCenterInstanceArn", default=None)
    identity_store_arn: str | None = field(name="IdentityStoreArn", default=None)


class GetUserRequest(Shape):
    user_name: str | None = field(name="UserName", default=None)


class GetUserResponse(Shape):
    user: User = field(name="User", default=ABSENT)


class GetUserPolicyRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)


class GetUserPolicyResponse(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)
    policy_document: str = field(name="PolicyDocument", default=ABSENT)


class ListAccessKeysRequest(Shape):
    user_name: str | None = field(name="UserName", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class AccessKeyMetadata(Shape):
    user_name: str | None = field(name="UserName", default=None)
    access_key_id: str | None = field(name="AccessKeyId", default=None)
    status: str | None = field(name="Status", default=None)
    create_date: float | None = field(name="CreateDate", default=None)


class ListAccessKeysResponse(Shape):
    access_key_metadata: list[AccessKeyMetadata] = field(name="AccessKeyMetadata", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListAccountAliasesRequest(Shape):
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListAccountAliasesResponse(Shape):
    account_aliases: list[str] = field(name="AccountAliases", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListAttachedGroupPoliciesRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    path_prefix: str | None = field(name="PathPrefix", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class AttachedPolicy(Shape):
    policy_name: str | None = field(name="PolicyName", default=None)
    policy_arn: str | None = field(name="PolicyArn", default=None)


class ListAttachedGroupPoliciesResponse(Shape):
    attached_policies: list[AttachedPolicy] | None = field(name="AttachedPolicies", default=None)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListAttachedRolePoliciesRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    path_prefix: str | None = field(name="PathPrefix", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListAttachedRolePoliciesResponse(Shape):
    attached_policies: list[AttachedPolicy] | None = field(name="AttachedPolicies", default=None)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListAttachedUserPoliciesRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    path_prefix: str | None = field(name="PathPrefix", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListAttachedUserPoliciesResponse(Shape):
    attached_policies: list[AttachedPolicy] | None = field(name="AttachedPolicies", default=None)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListEntitiesForPolicyRequest(Shape):
    policy_arn: str = field(name="PolicyArn", default=ABSENT)
    entity_filter: str | None = field(name="EntityFilter", default=None)
    path_prefix: str | None = field(name="PathPrefix", default=None)
    policy_usage_filter: str | None = field(name="PolicyUsageFilter", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class PolicyGroup(Shape):
    group_name: str | None = field(name="GroupName", default=None)
    group_id: str | None = field(name="GroupId", default=None)


class PolicyUser(Shape):
    user_name: str | None = field(name="UserName", default=None)
    user_id: str | None = field(name="UserId", default=None)


class PolicyRole(Shape):
    role_name: str | None = field(name="RoleName", default=None)
    role_id: str | None = field(name="RoleId", default=None)


class ListEntitiesForPolicyResponse(Shape):
    policy_groups: list[PolicyGroup] | None = field(name="PolicyGroups", default=None)
    policy_users: list[PolicyUser] | None = field(name="PolicyUsers", default=None)
    policy_roles: list[PolicyRole] | None = field(name="PolicyRoles", default=None)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListGroupPoliciesRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListGroupPoliciesResponse(Shape):
    policy_names: list[str] = field(name="PolicyNames", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListGroupsRequest(Shape):
    path_prefix: str | None = field(name="PathPrefix", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListGroupsResponse(Shape):
    groups: list[Group] = field(name="Groups", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListGroupsForUserRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListGroupsForUserResponse(Shape):
    groups: list[Group] = field(name="Groups", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListInstanceProfilesForRoleRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class InstanceProfile(Shape):
    path: str = field(name="Path", default=ABSENT)
    instance_profile_name: str = field(name="InstanceProfileName", default=ABSENT)
    instance_profile_id: str = field(name="InstanceProfileId", default=ABSENT)
    arn: str = field(name="Arn", default=ABSENT)
    create_date: float = field(name="CreateDate", default=ABSENT)
    roles: list[Role] = field(name="Roles", default=ABSENT)
    tags: list[Tag] | None = field(name="Tags", default=None)


class ListInstanceProfilesForRoleResponse(Shape):
    instance_profiles: list[InstanceProfile] = field(name="InstanceProfiles", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListMFADevicesRequest(Shape):
    user_name: str | None = field(name="UserName", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class MFADevice(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    serial_number: str = field(name="SerialNumber", default=ABSENT)
    enable_date: float = field(name="EnableDate", default=ABSENT)


class ListMFADevicesResponse(Shape):
    mfa_devices: list[MFADevice] = field(name="MFADevices", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListOpenIDConnectProviderTagsRequest(Shape):
    open_id_connect_provider_arn: str = field(name="OpenIDConnectProviderArn", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListOpenIDConnectProviderTagsResponse(Shape):
    tags: list[Tag] = field(name="Tags", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListOpenIDConnectProvidersRequest(Shape):
    pass


class OpenIDConnectProviderListEntry(Shape):
    arn: str | None = field(name="Arn", default=None)
    is_trusted_identity_propagation_enabled: bool | None = field(
        name="IsTrustedIdentityPropagationEnabled", default=None
    )


class ListOpenIDConnectProvidersResponse(Shape):
    open_id_connect_provider_list: list[OpenIDConnectProviderListEntry] | None = field(
        name="OpenIDConnectProviderList", default=None
    )


class ListPoliciesRequest(Shape):
    scope: str | None = field(name="Scope", default=None)
    only_attached: bool | None = field(name="OnlyAttached", default=None)
    path_prefix: str | None = field(name="PathPrefix", default=None)
    policy_usage_filter: str | None = field(name="PolicyUsageFilter", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListPoliciesResponse(Shape):
    policies: list[Policy] | None = field(name="Policies", default=None)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListPolicyTagsRequest(Shape):
    policy_arn: str = field(name="PolicyArn", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListPolicyTagsResponse(Shape):
    tags: list[Tag] = field(name="Tags", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListPolicyVersionsRequest(Shape):
    policy_arn: str = field(name="PolicyArn", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListPolicyVersionsResponse(Shape):
    versions: list[PolicyVersion] | None = field(name="Versions", default=None)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListRolePoliciesRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListRolePoliciesResponse(Shape):
    policy_names: list[str] = field(name="PolicyNames", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListRoleTagsRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListRoleTagsResponse(Shape):
    tags: list[Tag] = field(name="Tags", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListRolesRequest(Shape):
    path_prefix: str | None = field(name="PathPrefix", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListRolesResponse(Shape):
    roles: list[Role] = field(name="Roles", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListSAMLProviderTagsRequest(Shape):
    saml_provider_arn: str = field(name="SAMLProviderArn", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListSAMLProviderTagsResponse(Shape):
    tags: list[Tag] = field(name="Tags", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListSAMLProvidersRequest(Shape):
    pass


class SAMLProviderListEntry(Shape):
    arn: str | None = field(name="Arn", default=None)
    valid_until: float | None = field(name="ValidUntil", default=None)
    create_date: float | None = field(name="CreateDate", default=None)
    is_trusted_identity_propagation_enabled: bool | None = field(
        name="IsTrustedIdentityPropagationEnabled", default=None
    )


class ListSAMLProvidersResponse(Shape):
    saml_provider_list: list[SAMLProviderListEntry] | None = field(name="SAMLProviderList", default=None)


class ListSSHPublicKeysRequest(Shape):
    user_name: str | None = field(name="UserName", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class SSHPublicKeyMetadata(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    ssh_public_key_id: str = field(name="SSHPublicKeyId", default=ABSENT)
    status: str = field(name="Status", default=ABSENT)
    upload_date: float = field(name="UploadDate", default=ABSENT)


class ListSSHPublicKeysResponse(Shape):
    ssh_public_keys: list[SSHPublicKeyMetadata] | None = field(name="SSHPublicKeys", default=None)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListServiceSpecificCredentialsRequest(Shape):
    user_name: str | None = field(name="UserName", default=None)
    service_name: str | None = field(name="ServiceName", default=None)
    all_users: bool | None = field(name="AllUsers", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ServiceSpecificCredentialMetadata(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    status: str = field(name="Status", default=ABSENT)
    service_user_name: str | None = field(name="ServiceUserName", default=None)
    service_credential_alias: str | None = field(name="ServiceCredentialAlias", default=None)
    create_date: float = field(name="CreateDate", default=ABSENT)
    expiration_date: float | None = field(name="ExpirationDate", default=None)
    service_specific_credential_id: str = field(name="ServiceSpecificCredentialId", default=ABSENT)
    service_name: str = field(name="ServiceName", default=ABSENT)


class ListServiceSpecificCredentialsResponse(Shape):
    service_specific_credentials: list[ServiceSpecificCredentialMetadata] | None = field(
        name="ServiceSpecificCredentials", default=None
    )
    marker: str | None = field(name="Marker", default=None)
    is_truncated: bool | None = field(name="IsTruncated", default=None)


class ListSigningCertificatesRequest(Shape):
    user_name: str | None = field(name="UserName", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class SigningCertificate(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    certificate_id: str = field(name="CertificateId", default=ABSENT)
    certificate_body: str = field(name="CertificateBody", default=ABSENT)
    status: str = field(name="Status", default=ABSENT)
    upload_date: float | None = field(name="UploadDate", default=None)


class ListSigningCertificatesResponse(Shape):
    certificates: list[SigningCertificate] = field(name="Certificates", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListUserPoliciesRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListUserPoliciesResponse(Shape):
    policy_names: list[str] = field(name="PolicyNames", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListUserTagsRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListUserTagsResponse(Shape):
    tags: list[Tag] = field(name="Tags", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListUsersRequest(Shape):
    path_prefix: str | None = field(name="PathPrefix", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class ListUsersResponse(Shape):
    users: list[User] = field(name="Users", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class ListVirtualMFADevicesRequest(Shape):
    assignment_status: str | None = field(name="AssignmentStatus", default=None)
    marker: str | None = field(name="Marker", default=None)
    max_items: int | None = field(name="MaxItems", default=None)


class VirtualMFADevice(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["base_32_string_seed", "qr_code_png"])

    serial_number: str = field(name="SerialNumber", default=ABSENT)
    base_32_string_seed: bytes | None = field(name="Base32StringSeed", default=None)
    qr_code_png: bytes | None = field(name="QRCodePNG", default=None)
    user: User | None = field(name="User", default=None)
    enable_date: float | None = field(name="EnableDate", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)


class ListVirtualMFADevicesResponse(Shape):
    virtual_mfa_devices: list[VirtualMFADevice] = field(name="VirtualMFADevices", default=ABSENT)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class PutGroupPolicyRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)
    policy_document: str = field(name="PolicyDocument", default=ABSENT)


class PutRolePermissionsBoundaryRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    permissions_boundary: str = field(name="PermissionsBoundary", default=ABSENT)


class PutRolePolicyRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)
    policy_document: str = field(name="PolicyDocument", default=ABSENT)


class PutUserPermissionsBoundaryRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    permissions_boundary: str = field(name="PermissionsBoundary", default=ABSENT)


class PutUserPolicyRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)
    policy_document: str = field(name="PolicyDocument", default=ABSENT)


class RemoveClientIDFromOpenIDConnectProviderRequest(Shape):
    open_id_connect_provider_arn: str = field(name="OpenIDConnectProviderArn", default=ABSENT)
    client_id: str = field(name="ClientID", default=ABSENT)


class RemoveUserFromGroupRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    user_name: str = field(name="UserName", default=ABSENT)


class SetDefaultPolicyVersionRequest(Shape):
    policy_arn: str = field(name="PolicyArn", default=ABSENT)
    version_id: str = field(name="VersionId", default=ABSENT)


class OrderedOrganizationPolicyType(Shape):
    service_control_policy_input_list: list[str] | None = field(name="ServiceControlPolicyInputList", default=None)


class ContextEntry(Shape):
    context_key_name: str | None = field(name="ContextKeyName", default=None)
    context_key_values: list[str] | None = field(name="ContextKeyValues", default=None)
    context_key_type: str | None = field(name="ContextKeyType", default=None)


class SimulateCustomPolicyRequest(Shape):
    policy_input_list: list[str] = field(name="PolicyInputList", default=ABSENT)
    permissions_boundary_policy_input_list: list[str] | None = field(
        name="PermissionsBoundaryPolicyInputList", default=None
    )
    ordered_organization_policy_input_list: list[OrderedOrganizationPolicyType] | None = field(
        name="OrderedOrganizationPolicyInputList", default=None
    )
    action_names: list[str] = field(name="ActionNames", default=ABSENT)
    resource_arns: list[str] | None = field(name="ResourceArns", default=None)
    resource_policy: str | None = field(name="ResourcePolicy", default=None)
    resource_owner: str | None = field(name="ResourceOwner", default=None)
    caller_arn: str | None = field(name="CallerArn", default=None)
    context_entries: list[ContextEntry] | None = field(name="ContextEntries", default=None)
    resource_handling_option: str | None = field(name="ResourceHandlingOption", default=None)
    max_items: int | None = field(name="MaxItems", default=None)
    marker: str | None = field(name="Marker", default=None)


class Position(Shape):
    line: int | None = field(name="Line", default=None)
    column: int | None = field(name="Column", default=None)


class Statement(Shape):
    source_policy_id: str | None = field(name="SourcePolicyId", default=None)
    source_policy_type: str | None = field(name="SourcePolicyType", default=None)
    start_position: Position | None = field(name="StartPosition", default=None)
    end_position: Position | None = field(name="EndPosition", default=None)


class OrganizationsDecisionDetail(Shape):
    allowed_by_organizations: bool | None = field(name="AllowedByOrganizations", default=None)


class PermissionsBoundaryDecisionDetail(Shape):
    allowed_by_permissions_boundary: bool | None = field(name="AllowedByPermissionsBoundary", default=None)


class ResourceSpecificResult(Shape):
    eval_resource_name: str = field(name="EvalResourceName", default=ABSENT)
    eval_resource_decision: str = field(name="EvalResourceDecision", default=ABSENT)
    matched_statements: list[Statement] | None = field(name="MatchedStatements", default=None)
    missing_context_values: list[str] | None = field(name="MissingContextValues", default=None)
    eval_decision_details: dict[str, str] | None = field(name="EvalDecisionDetails", default=None)
    permissions_boundary_decision_detail: PermissionsBoundaryDecisionDetail | None = field(
        name="PermissionsBoundaryDecisionDetail", default=None
    )


class EvaluationResult(Shape):
    eval_action_name: str = field(name="EvalActionName", default=ABSENT)
    eval_resource_name: str | None = field(name="EvalResourceName", default=None)
    eval_decision: str = field(name="EvalDecision", default=ABSENT)
    matched_statements: list[Statement] | None = field(name="MatchedStatements", default=None)
    missing_context_values: list[str] | None = field(name="MissingContextValues", default=None)
    organizations_decision_detail: OrganizationsDecisionDetail | None = field(
        name="OrganizationsDecisionDetail", default=None
    )
    permissions_boundary_decision_detail: PermissionsBoundaryDecisionDetail | None = field(
        name="PermissionsBoundaryDecisionDetail", default=None
    )
    eval_decision_details: dict[str, str] | None = field(name="EvalDecisionDetails", default=None)
    resource_specific_results: list[ResourceSpecificResult] | None = field(name="ResourceSpecificResults", default=None)


class SimulatePolicyResponse(Shape):
    evaluation_results: list[EvaluationResult] | None = field(name="EvaluationResults", default=None)
    is_truncated: bool | None = field(name="IsTruncated", default=None)
    marker: str | None = field(name="Marker", default=None)


class InlinePolicyIdentifierType(Shape):
    policy_name: str = field(name="PolicyName", default=ABSENT)
    attachment_type: str = field(name="AttachmentType", default=ABSENT)
    attachment_name: str = field(name="AttachmentName", default=ABSENT)


class PolicyIdentifier(Shape):
    policy_type: str | None = field(name="PolicyType", default=None)
    policy_arn: str | None = field(name="PolicyArn", default=None)
    inline_policy_identifier: InlinePolicyIdentifierType | None = field(name="InlinePolicyIdentifier", default=None)


class SimulatePrincipalPolicyRequest(Shape):
    policy_source_arn: str = field(name="PolicySourceArn", default=ABSENT)
    policy_input_list: list[str] | None = field(name="PolicyInputList", default=None)
    permissions_boundary_policy_input_list: list[str] | None = field(
        name="PermissionsBoundaryPolicyInputList", default=None
    )
    policy_exclusion_list: list[PolicyIdentifier] | None = field(name="PolicyExclusionList", default=None)
    action_names: list[str] = field(name="ActionNames", default=ABSENT)
    resource_arns: list[str] | None = field(name="ResourceArns", default=None)
    resource_policy: str | None = field(name="ResourcePolicy", default=None)
    resource_owner: str | None = field(name="ResourceOwner", default=None)
    caller_arn: str | None = field(name="CallerArn", default=None)
    context_entries: list[ContextEntry] | None = field(name="ContextEntries", default=None)
    resource_handling_option: str | None = field(name="ResourceHandlingOption", default=None)
    max_items: int | None = field(name="MaxItems", default=None)
    marker: str | None = field(name="Marker", default=None)


class TagOpenIDConnectProviderRequest(Shape):
    open_id_connect_provider_arn: str = field(name="OpenIDConnectProviderArn", default=ABSENT)
    tags: list[Tag] = field(name="Tags", default=ABSENT)


class TagPolicyRequest(Shape):
    policy_arn: str = field(name="PolicyArn", default=ABSENT)
    tags: list[Tag] = field(name="Tags", default=ABSENT)


class TagRoleRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    tags: list[Tag] = field(name="Tags", default=ABSENT)


class TagSAMLProviderRequest(Shape):
    saml_provider_arn: str = field(name="SAMLProviderArn", default=ABSENT)
    tags: list[Tag] = field(name="Tags", default=ABSENT)


class TagUserRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    tags: list[Tag] = field(name="Tags", default=ABSENT)


class UntagOpenIDConnectProviderRequest(Shape):
    open_id_connect_provider_arn: str = field(name="OpenIDConnectProviderArn", default=ABSENT)
    tag_keys: list[str] = field(name="TagKeys", default=ABSENT)


class UntagPolicyRequest(Shape):
    policy_arn: str = field(name="PolicyArn", default=ABSENT)
    tag_keys: list[str] = field(name="TagKeys", default=ABSENT)


class UntagRoleRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    tag_keys: list[str] = field(name="TagKeys", default=ABSENT)


class UntagSAMLProviderRequest(Shape):
    saml_provider_arn: str = field(name="SAMLProviderArn", default=ABSENT)
    tag_keys: list[str] = field(name="TagKeys", default=ABSENT)


class UntagUserRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    tag_keys: list[str] = field(name="TagKeys", default=ABSENT)


class UpdateAccessKeyRequest(Shape):
    user_name: str | None = field(name="UserName", default=None)
    access_key_id: str = field(name="AccessKeyId", default=ABSENT)
    status: str = field(name="Status", default=ABSENT)


class UpdateAssumeRolePolicyRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    policy_document: str = field(name="PolicyDocument", default=ABSENT)


class UpdateGroupRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    new_path: str | None = field(name="NewPath", default=None)
    new_group_name: str | None = field(name="NewGroupName", default=None)


class UpdateOpenIDConnectProviderThumbprintRequest(Shape):
    open_id_connect_provider_arn: str = field(name="OpenIDConnectProviderArn", default=ABSENT)
    thumbprint_list: list[str] = field(name="ThumbprintList", default=ABSENT)


class UpdateRoleRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    description: str | None = field(name="Description", default=None)
    max_session_duration: int | None = field(name="MaxSessionDuration", default=None)
    max_signin_session_duration: int | None = field(name="MaxSigninSessionDuration", default=None)
    reset_max_signin_session_duration: bool | None = field(name="ResetMaxSigninSessionDuration", default=None)


class UpdateRoleResponse(Shape):
    pass


class UpdateRoleDescriptionRequest(Shape):
    role_name: str = field(name="RoleName", default=ABSENT)
    description: str = field(name="Description", default=ABSENT)


class UpdateRoleDescriptionResponse(Shape):
    role: Role | None = field(name="Role", default=None)


class UpdateSAMLProviderRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["add_private_key"])

    saml_metadata_document: str | None = field(name="SAMLMetadataDocument", default=None)
    saml_provider_arn: str = field(name="SAMLProviderArn", default=ABSENT)
    assertion_encryption_mode: str | None = field(name="AssertionEncryptionMode", default=None)
    add_private_key: str | None = field(name="AddPrivateKey", default=None)
    remove_private_key: str | None = field(name="RemovePrivateKey", default=None)
    context_provider: ContextProvider | None = field(name="ContextProvider", default=None)
    identity_center_instance_arn: str | None = field(name="IdentityCenterInstanceArn", default=None)
    remove_context_provider: bool | None = field(name="RemoveContextProvider", default=None)
    remove_identity_center_instance: bool | None = field(name="RemoveIdentityCenterInstance", default=None)


class UpdateSAMLProviderResponse(Shape):
    saml_provider_arn: str | None = field(name="SAMLProviderArn", default=None)


class UpdateUserRequest(Shape):
    user_name: str = field(name="UserName", default=ABSENT)
    new_path: str | None = field(name="NewPath", default=None)
    new_user_name: str | None = field(name="NewUserName", default=None)


SERVICE = ServiceModel(
    name="iam",
    protocol="query",
    target_prefix="",
    version="2010-05-08",
    namespace="https://iam.amazonaws.com/doc/2010-05-08/",
    operations={
        "AddClientIDToOpenIDConnectProvider": Facts(AddClientIDToOpenIDConnectProviderRequest, None, unsigned=False),
        "AddUserToGroup": Facts(AddUserToGroupRequest, None, unsigned=False),
        "AttachGroupPolicy": Facts(AttachGroupPolicyRequest, None, unsigned=False),
        "AttachRolePolicy": Facts(AttachRolePolicyRequest, None, unsigned=False),
        "AttachUserPolicy": Facts(AttachUserPolicyRequest, None, unsigned=False),
        "CreateAccessKey": Facts(CreateAccessKeyRequest, CreateAccessKeyResponse, unsigned=False),
        "CreateGroup": Facts(CreateGroupRequest, CreateGroupResponse, unsigned=False),
        "CreateOpenIDConnectProvider": Facts(
            CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse, unsigned=False
        ),
        "CreatePolicy": Facts(CreatePolicyRequest, CreatePolicyResponse, unsigned=False),
        "CreatePolicyVersion": Facts(CreatePolicyVersionRequest, CreatePolicyVersionResponse, unsigned=False),
        "CreateRole": Facts(CreateRoleRequest, CreateRoleResponse, unsigned=False),
        "CreateSAMLProvider": Facts(CreateSAMLProviderRequest, CreateSAMLProviderResponse, unsigned=False),
        "CreateUser": Facts(CreateUserRequest, CreateUserResponse, unsigned=False),
        "DeleteAccessKey": Facts(DeleteAccessKeyRequest, None, unsigned=False),
        "DeleteGroup": Facts(DeleteGroupRequest, None, unsigned=False),
        "DeleteGroupPolicy": Facts(DeleteGroupPolicyRequest, None, unsigned=False),
        "DeleteLoginProfile": Facts(DeleteLoginProfileRequest, None, unsigned=False),
        "DeleteOpenIDConnectProvider": Facts(DeleteOpenIDConnectProviderRequest, None, unsigned=False),
        "DeletePolicy": Facts(DeletePolicyRequest, None, unsigned=False),
        "DeletePolicyVersion": Facts(DeletePolicyVersionRequest, None, unsigned=False),
        "DeleteRole": Facts(DeleteRoleRequest, None, unsigned=False),
        "DeleteRolePermissionsBoundary": Facts(DeleteRolePermissionsBoundaryRequest, None, unsigned=False),
        "DeleteRolePolicy": Facts(DeleteRolePolicyRequest, None, unsigned=False),
        "DeleteSAMLProvider": Facts(DeleteSAMLProviderRequest, None, unsigned=False),
        "DeleteUser": Facts(DeleteUserRequest, None, unsigned=False),
        "DeleteUserPermissionsBoundary": Facts(DeleteUserPermissionsBoundaryRequest, None, unsigned=False),
        "DeleteUserPolicy": Facts(DeleteUserPolicyRequest, None, unsigned=False),
        "DetachGroupPolicy": Facts(DetachGroupPolicyRequest, None, unsigned=False),
        "DetachRolePolicy": Facts(DetachRolePolicyRequest, None, unsigned=False),
        "DetachUserPolicy": Facts(DetachUserPolicyRequest, None, unsigned=False),
        "GetAccessKeyLastUsed": Facts(GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse, unsigned=False),
        "GetAccountSummary": Facts(GetAccountSummaryRequest, GetAccountSummaryResponse, unsigned=False),
        "GetContextKeysForCustomPolicy": Facts(
            GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse, unsigned=False
        ),
        "GetContextKeysForPrincipalPolicy": Facts(
            GetContextKeysForPrincipalPolicyRequest, GetContextKeysForPolicyResponse, unsigned=False
        ),
        "GetGroup": Facts(GetGroupRequest, GetGroupResponse, unsigned=False),
        "GetGroupPolicy": Facts(GetGroupPolicyRequest, GetGroupPolicyResponse, unsigned=False),
        "GetLoginProfile": Facts(GetLoginProfileRequest, GetLoginProfileResponse, unsigned=False),
        "GetOpenIDConnectProvider": Facts(
            GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse, unsigned=False
        ),
        "GetPolicy": Facts(GetPolicyRequest, GetPolicyResponse, unsigned=False),
        "GetPolicyVersion": Facts(GetPolicyVersionRequest, GetPolicyVersionResponse, unsigned=False),
        "GetRole": Facts(GetRoleRequest, GetRoleResponse, unsigned=False),
        "GetRolePolicy": Facts(GetRolePolicyRequest, GetRolePolicyResponse, unsigned=False),
        "GetSAMLProvider": Facts(GetSAMLProviderRequest, GetSAMLProviderResponse, unsigned=False),
        "GetUser": Facts(GetUserRequest, GetUserResponse, unsigned=False),
        "GetUserPolicy": Facts(GetUserPolicyRequest, GetUserPolicyResponse, unsigned=False),
        "ListAccessKeys": Facts(ListAccessKeysRequest, ListAccessKeysResponse, unsigned=False),
        "ListAccountAliases": Facts(ListAccountAliasesRequest, ListAccountAliasesResponse, unsigned=False),
        "ListAttachedGroupPolicies": Facts(
            ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse, unsigned=False
        ),
        "ListAttachedRolePolicies": Facts(
            ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse, unsigned=False
        ),
        "ListAttachedUserPolicies": Facts(
            ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse, unsigned=False
        ),
        "ListEntitiesForPolicy": Facts(ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, unsigned=False),
        "ListGroupPolicies": Facts(ListGroupPoliciesRequest, ListGroupPoliciesResponse, unsigned=False),
        "ListGroups": Facts(ListGroupsRequest, ListGroupsResponse, unsigned=False),
        "ListGroupsForUser": Facts(ListGroupsForUserRequest, ListGroupsForUserResponse, unsigned=False),
        "ListInstanceProfilesForRole": Facts(
            ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse, unsigned=False
        ),
        "ListMFADevices": Facts(ListMFADevicesRequest, ListMFADevicesResponse, unsigned=False),
        "ListOpenIDConnectProviderTags": Facts(
            ListOpenIDConnectProviderTagsRequest, ListOpenIDConnectProviderTagsResponse, unsigned=False
        ),
        "ListOpenIDConnectProviders": Facts(
            ListOpenIDConnectProvidersRequest, ListOpenIDConnectProvidersResponse, unsigned=False
        ),
        "ListPolicies": Facts(ListPoliciesRequest, ListPoliciesResponse, unsigned=False),
        "ListPolicyTags": Facts(ListPolicyTagsRequest, ListPolicyTagsResponse, unsigned=False),
        "ListPolicyVersions": Facts(ListPolicyVersionsRequest, ListPolicyVersionsResponse, unsigned=False),
        "ListRolePolicies": Facts(ListRolePoliciesRequest, ListRolePoliciesResponse, unsigned=False),
        "ListRoleTags": Facts(ListRoleTagsRequest, ListRoleTagsResponse, unsigned=False),
        "ListRoles": Facts(ListRolesRequest, ListRolesResponse, unsigned=False),
        "ListSAMLProviderTags": Facts(ListSAMLProviderTagsRequest, ListSAMLProviderTagsResponse, unsigned=False),
        "ListSAMLProviders": Facts(ListSAMLProvidersRequest, ListSAMLProvidersResponse, unsigned=False),
        "ListSSHPublicKeys": Facts(ListSSHPublicKeysRequest, ListSSHPublicKeysResponse, unsigned=False),
        "ListServiceSpecificCredentials": Facts(
            ListServiceSpecificCredentialsRequest, ListServiceSpecificCredentialsResponse, unsigned=False
        ),
        "ListSigningCertificates": Facts(
            ListSigningCertificatesRequest, ListSigningCertificatesResponse, unsigned=False
        ),
        "ListUserPolicies": Facts(ListUserPoliciesRequest, ListUserPoliciesResponse, unsigned=False),
        "ListUserTags": Facts(ListUserTagsRequest, ListUserTagsResponse, unsigned=False),
        "ListUsers": Facts(ListUsersRequest, ListUsersResponse, unsigned=False),
        "ListVirtualMFADevices": Facts(ListVirtualMFADevicesRequest, ListVirtualMFADevicesResponse, unsigned=False),
        "PutGroupPolicy": Facts(PutGroupPolicyRequest, None, unsigned=False),
        "PutRolePermissionsBoundary": Facts(PutRolePermissionsBoundaryRequest, None, unsigned=False),
        "PutRolePolicy": Facts(PutRolePolicyRequest, None, unsigned=False),
        "PutUserPermissionsBoundary": Facts(PutUserPermissionsBoundaryRequest, None, unsigned=False),
        "PutUserPolicy": Facts(PutUserPolicyRequest, None, unsigned=False),
        "RemoveClientIDFromOpenIDConnectProvider": Facts(
            RemoveClientIDFromOpenIDConnectProviderRequest, None, unsigned=False
        ),
        "RemoveUserFromGroup": Facts(RemoveUserFromGroupRequest, None, unsigned=False),
        "SetDefaultPolicyVersion": Facts(SetDefaultPolicyVersionRequest, None, unsigned=False),
        "SimulateCustomPolicy": Facts(SimulateCustomPolicyRequest, SimulatePolicyResponse, unsigned=False),
        "SimulatePrincipalPolicy": Facts(SimulatePrincipalPolicyRequest, SimulatePolicyResponse, unsigned=False),
        "TagOpenIDConnectProvider": Facts(TagOpenIDConnectProviderRequest, None, unsigned=False),
        "TagPolicy": Facts(TagPolicyRequest, None, unsigned=False),
        "TagRole": Facts(TagRoleRequest, None, unsigned=False),
        "TagSAMLProvider": Facts(TagSAMLProviderRequest, None, unsigned=False),
        "TagUser": Facts(TagUserRequest, None, unsigned=False),
        "UntagOpenIDConnectProvider": Facts(UntagOpenIDConnectProviderRequest, None, unsigned=False),
        "UntagPolicy": Facts(UntagPolicyRequest, None, unsigned=False),
        "UntagRole": Facts(UntagRoleRequest, None, unsigned=False),
        "UntagSAMLProvider": Facts(UntagSAMLProviderRequest, None, unsigned=False),
        "UntagUser": Facts(UntagUserRequest, None, unsigned=False),
        "UpdateAccessKey": Facts(UpdateAccessKeyRequest, None, unsigned=False),
        "UpdateAssumeRolePolicy": Facts(UpdateAssumeRolePolicyRequest, None, unsigned=False),
        "UpdateGroup": Facts(UpdateGroupRequest, None, unsigned=False),
        "UpdateOpenIDConnectProviderThumbprint": Facts(
            UpdateOpenIDConnectProviderThumbprintRequest, None, unsigned=False
        ),
        "UpdateRole": Facts(UpdateRoleRequest, UpdateRoleResponse, unsigned=False),
        "UpdateRoleDescription": Facts(UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse, unsigned=False),
        "UpdateSAMLProvider": Facts(UpdateSAMLProviderRequest, UpdateSAMLProviderResponse, unsigned=False),
        "UpdateUser": Facts(UpdateUserRequest, None, unsigned=False),
    },
    unbuilt=(
        "AcceptDelegationRequest",
        "AcquireRole",
        "AddRoleToInstanceProfile",
        "AssociateDelegationRequest",
        "ChangePassword",
        "CreateAccountAlias",
        "CreateDelegationRequest",
        "CreateInstanceProfile",
        "CreateLoginProfile",
        "CreateServiceLinkedRole",
        "CreateServiceSpecificCredential",
        "CreateVirtualMFADevice",
        "DeactivateMFADevice",
        "DeleteAccountAlias",
        "DeleteAccountPasswordPolicy",
        "DeleteInstanceProfile",
        "DeleteSSHPublicKey",
        "DeleteServerCertificate",
        "DeleteServiceLinkedRole",
        "DeleteServiceSpecificCredential",
        "DeleteSigningCertificate",
        "DeleteVirtualMFADevice",
        "DisableOrganizationsRootCredentialsManagement",
        "DisableOrganizationsRootSessions",
        "DisableOutboundWebIdentityFederation",
        "EnableMFADevice",
        "EnableOrganizationsRootCredentialsManagement",
        "EnableOrganizationsRootSessions",
        "EnableOutboundWebIdentityFederation",
        "GenerateCredentialReport",
        "GenerateOrganizationsAccessReport",
        "GenerateServiceLastAccessedDetails",
        "GetAccountAuthorizationDetails",
        "GetAccountPasswordPolicy",
        "GetAccountProperties",
        "GetCredentialReport",
        "GetDelegationRequest",
        "GetHumanReadableSummary",
        "GetInstanceProfile",
        "GetMFADevice",
        "GetOrganizationsAccessReport",
        "GetOutboundWebIdentityFederationInfo",
        "GetRoleTemplateVersion",
        "GetSSHPublicKey",
        "GetServerCertificate",
        "GetServiceLastAccessedDetails",
        "GetServiceLastAccessedDetailsWithEntities",
        "GetServiceLinkedRoleDeletionStatus",
        "ListDelegationRequests",
        "ListInstanceProfileTags",
        "ListInstanceProfiles",
        "ListMFADeviceTags",
        "ListOrganizationsFeatures",
        "ListPoliciesGrantingServiceAccess",
        "ListServerCertificateTags",
        "ListServerCertificates",
        "PutAccountProperties",
        "RejectDelegationRequest",
        "RemoveRoleFromInstanceProfile",
        "ResetServiceSpecificCredential",
        "ResyncMFADevice",
        "SendDelegationToken",
        "SetSecurityTokenServicePreferences",
        "TagInstanceProfile",
        "TagMFADevice",
        "TagServerCertificate",
        "UntagInstanceProfile",
        "UntagMFADevice",
        "UntagServerCertificate",
        "UpdateAccountPasswordPolicy",
        "UpdateDelegationRequest",
        "UpdateLoginProfile",
        "UpdateOpenIDConnectProvider",
        "UpdateSSHPublicKey",
        "UpdateServerCertificate",
        "UpdateServiceSpecificCredential",
        "UpdateSigningCertificate",
        "UploadSSHPublicKey",
        "UploadServerCertificate",
        "UploadSigningCertificate",
    ),
)
