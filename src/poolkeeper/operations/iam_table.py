"""Which operations of iam are there? The aligned table of one service; operations/tables.py has those of the others.

Where a row calls a function, that function makes the operation for one kind of entity.
"""

from poolkeeper.aws.generated import iam as iam_model
from poolkeeper.aws.operation import About, Who, service
from poolkeeper.model.iam import Kind, ProviderKind
from poolkeeper.operations.iam import (
    access_keys,
    account,
    attachments,
    boundaries,
    groups,
    inline_policies,
    managed_policies,
    nothing_here,
    oidc_providers,
    policy_versions,
    roles,
    saml_providers,
    simulation,
    tags,
    users,
)

IAM, ALL = Who.IAM, About.ALL
OF_USER, OF_GROUP, OF_ROLE, OF_POLICY = About.USER, About.GROUP, About.ROLE, About.POLICY
NEW_USER, NEW_GROUP, NEW_ROLE = About.NEW_USER, About.NEW_GROUP, About.NEW_ROLE
SOURCE, KEY_OWNER = About.POLICY_SOURCE, About.KEY_OWNER
USERS, GROUPS, ROLES, PROVIDER = About.USERS, About.GROUPS, About.ROLES, About.PROVIDER
USER, GROUP, ROLE, POLICY = Kind
OIDC, SAML = ProviderKind

# fmt: off
IAM_SERVICE = service(
    iam_model.SERVICE,
    # operation                               who may call       about          what happens

    # Users and their access keys
    ("CreateUser",                              IAM,               NEW_USER,      users.create_user),
    ("GetUser",                                 IAM,               OF_USER,       users.get_user),
    ("UpdateUser",                              IAM,               OF_USER,       users.update_user),
    ("DeleteUser",                              IAM,               OF_USER,       users.delete_user),
    ("ListUsers",                               IAM,               USERS,         users.list_users),
    ("TagUser",                                 IAM,               OF_USER,       tags.tag(USER)),
    ("UntagUser",                               IAM,               OF_USER,       tags.untag(USER)),
    ("ListUserTags",                            IAM,               OF_USER,       tags.listed(USER)),
    ("PutUserPermissionsBoundary",              IAM,               OF_USER,       boundaries.put(USER)),
    ("DeleteUserPermissionsBoundary",           IAM,               OF_USER,       boundaries.delete(USER)),
    ("CreateAccessKey",                         IAM,               OF_USER,       access_keys.create_access_key),
    ("UpdateAccessKey",                         IAM,               OF_USER,       access_keys.update_access_key),
    ("DeleteAccessKey",                         IAM,               OF_USER,       access_keys.delete_access_key),
    ("ListAccessKeys",                          IAM,               OF_USER,       access_keys.list_access_keys),
    ("GetAccessKeyLastUsed",                    IAM,               KEY_OWNER,     access_keys.get_access_key_last_used),

    # Groups
    ("CreateGroup",                             IAM,               NEW_GROUP,     groups.create_group),
    ("GetGroup",                                IAM,               OF_GROUP,      groups.get_group),
    ("UpdateGroup",                             IAM,               OF_GROUP,      groups.update_group),
    ("DeleteGroup",                             IAM,               OF_GROUP,      groups.delete_group),
    ("ListGroups",                              IAM,               GROUPS,        groups.list_groups),
    ("AddUserToGroup",                          IAM,               OF_GROUP,      groups.add_user_to_group),
    ("RemoveUserFromGroup",                     IAM,               OF_GROUP,      groups.remove_user_from_group),
    ("ListGroupsForUser",                       IAM,               OF_USER,       groups.list_groups_for_user),

    # Roles
    ("CreateRole",                              IAM,               NEW_ROLE,      roles.create_role),
    ("GetRole",                                 IAM,               OF_ROLE,       roles.get_role),
    ("UpdateRole",                              IAM,               OF_ROLE,       roles.update_role),
    ("UpdateRoleDescription",                   IAM,               OF_ROLE,       roles.update_role_description),
    ("UpdateAssumeRolePolicy",                  IAM,               OF_ROLE,       roles.update_assume_role_policy),
    ("DeleteRole",                              IAM,               OF_ROLE,       roles.delete_role),
    ("ListRoles",                               IAM,               ROLES,         roles.list_roles),
    ("PutRolePermissionsBoundary",              IAM,               OF_ROLE,       boundaries.put(ROLE)),
    ("DeleteRolePermissionsBoundary",           IAM,               OF_ROLE,       boundaries.delete(ROLE)),
    ("TagRole",                                 IAM,               OF_ROLE,       tags.tag(ROLE)),
    ("UntagRole",                               IAM,               OF_ROLE,       tags.untag(ROLE)),
    ("ListRoleTags",                            IAM,               OF_ROLE,       tags.listed(ROLE)),

    # Inline policies
    ("PutUserPolicy",                           IAM,               OF_USER,       inline_policies.put(USER)),
    ("GetUserPolicy",                           IAM,               OF_USER,       inline_policies.get(USER)),
    ("DeleteUserPolicy",                        IAM,               OF_USER,       inline_policies.delete(USER)),
    ("ListUserPolicies",                        IAM,               OF_USER,       inline_policies.listed(USER)),
    ("PutGroupPolicy",                          IAM,               OF_GROUP,      inline_policies.put(GROUP)),
    ("GetGroupPolicy",                          IAM,               OF_GROUP,      inline_policies.get(GROUP)),
    ("DeleteGroupPolicy",                       IAM,               OF_GROUP,      inline_policies.delete(GROUP)),
    ("ListGroupPolicies",                       IAM,               OF_GROUP,      inline_policies.listed(GROUP)),
    ("PutRolePolicy",                           IAM,               OF_ROLE,       inline_policies.put(ROLE)),
    ("GetRolePolicy",                           IAM,               OF_ROLE,       inline_policies.get(ROLE)),
    ("DeleteRolePolicy",                        IAM,               OF_ROLE,       inline_policies.delete(ROLE)),
    ("ListRolePolicies",                        IAM,               OF_ROLE,       inline_policies.listed(ROLE)),

    # Managed policies
    ("CreatePolicy",                            IAM,               OF_POLICY,     managed_policies.create_policy),
    ("GetPolicy",                               IAM,               OF_POLICY,     managed_policies.get_policy),
    ("DeletePolicy",                            IAM,               OF_POLICY,     managed_policies.delete_policy),
    ("ListPolicies",                            IAM,               ALL,           managed_policies.list_policies),
    ("ListEntitiesForPolicy",                   IAM,               OF_POLICY,     managed_policies.list_entities_for_policy),
    ("CreatePolicyVersion",                     IAM,               OF_POLICY,     policy_versions.create_policy_version),
    ("GetPolicyVersion",                        IAM,               OF_POLICY,     policy_versions.get_policy_version),
    ("DeletePolicyVersion",                     IAM,               OF_POLICY,     policy_versions.delete_policy_version),
    ("ListPolicyVersions",                      IAM,               OF_POLICY,     policy_versions.list_policy_versions),
    ("SetDefaultPolicyVersion",                 IAM,               OF_POLICY,     policy_versions.set_default_policy_version),
    ("TagPolicy",                               IAM,               OF_POLICY,     tags.tag(POLICY)),
    ("UntagPolicy",                             IAM,               OF_POLICY,     tags.untag(POLICY)),
    ("ListPolicyTags",                          IAM,               OF_POLICY,     tags.listed(POLICY)),
    ("AttachUserPolicy",                        IAM,               OF_USER,       attachments.attach(USER)),
    ("DetachUserPolicy",                        IAM,               OF_USER,       attachments.detach(USER)),
    ("ListAttachedUserPolicies",                IAM,               OF_USER,       attachments.listed(USER)),
    ("AttachGroupPolicy",                       IAM,               OF_GROUP,      attachments.attach(GROUP)),
    ("DetachGroupPolicy",                       IAM,               OF_GROUP,      attachments.detach(GROUP)),
    ("ListAttachedGroupPolicies",               IAM,               OF_GROUP,      attachments.listed(GROUP)),
    ("AttachRolePolicy",                        IAM,               OF_ROLE,       attachments.attach(ROLE)),
    ("DetachRolePolicy",                        IAM,               OF_ROLE,       attachments.detach(ROLE)),
    ("ListAttachedRolePolicies",                IAM,               OF_ROLE,       attachments.listed(ROLE)),

    # Identity providers
    ("CreateOpenIDConnectProvider",             IAM,               PROVIDER,      oidc_providers.create_open_id_connect_provider),
    ("GetOpenIDConnectProvider",                IAM,               PROVIDER,      oidc_providers.get_open_id_connect_provider),
    ("DeleteOpenIDConnectProvider",             IAM,               PROVIDER,      oidc_providers.delete_open_id_connect_provider),
    ("ListOpenIDConnectProviders",              IAM,               ALL,           oidc_providers.list_open_id_connect_providers),
    ("AddClientIDToOpenIDConnectProvider",      IAM,               PROVIDER,      oidc_providers.add_client_id_to_open_id_connect_provider),
    ("RemoveClientIDFromOpenIDConnectProvider", IAM,               PROVIDER,      oidc_providers.remove_client_id_from_open_id_connect_provider),
    ("UpdateOpenIDConnectProviderThumbprint",   IAM,               PROVIDER,      oidc_providers.update_open_id_connect_provider_thumbprint),
    ("TagOpenIDConnectProvider",                IAM,               PROVIDER,      tags.tag(OIDC)),
    ("UntagOpenIDConnectProvider",              IAM,               PROVIDER,      tags.untag(OIDC)),
    ("ListOpenIDConnectProviderTags",           IAM,               PROVIDER,      tags.listed(OIDC)),
    ("CreateSAMLProvider",                      IAM,               PROVIDER,      saml_providers.create_saml_provider),
    ("GetSAMLProvider",                         IAM,               PROVIDER,      saml_providers.get_saml_provider),
    ("UpdateSAMLProvider",                      IAM,               PROVIDER,      saml_providers.update_saml_provider),
    ("DeleteSAMLProvider",                      IAM,               PROVIDER,      saml_providers.delete_saml_provider),
    ("ListSAMLProviders",                       IAM,               ALL,           saml_providers.list_saml_providers),
    ("TagSAMLProvider",                         IAM,               PROVIDER,      tags.tag(SAML)),
    ("UntagSAMLProvider",                       IAM,               PROVIDER,      tags.untag(SAML)),
    ("ListSAMLProviderTags",                    IAM,               PROVIDER,      tags.listed(SAML)),

    # What a policy would decide
    ("SimulatePrincipalPolicy",                 IAM,               SOURCE,        simulation.simulate_principal_policy),
    ("SimulateCustomPolicy",                    IAM,               ALL,           simulation.simulate_custom_policy),
    ("GetContextKeysForPrincipalPolicy",        IAM,               SOURCE,        simulation.get_context_keys_for_principal_policy),
    ("GetContextKeysForCustomPolicy",           IAM,               ALL,           simulation.get_context_keys_for_custom_policy),

    # The account
    ("GetAccountSummary",                       IAM,               ALL,           account.get_account_summary),

    # What there is none of
    ("ListAccountAliases",                      IAM,               ALL,           nothing_here.list_account_aliases),
    ("ListVirtualMFADevices",                   IAM,               ALL,           nothing_here.list_virtual_mfa_devices),
    ("ListInstanceProfilesForRole",             IAM,               OF_ROLE,       nothing_here.list_instance_profiles_for_role),
    ("ListMFADevices",                          IAM,               OF_USER,       nothing_here.list_mfa_devices),
    ("ListSSHPublicKeys",                       IAM,               OF_USER,       nothing_here.list_ssh_public_keys),
    ("ListSigningCertificates",                 IAM,               OF_USER,       nothing_here.list_signing_certificates),
    ("ListServiceSpecificCredentials",          IAM,               OF_USER,       nothing_here.list_service_specific_credentials),
    ("GetLoginProfile",                         IAM,               OF_USER,       nothing_here.no_login_profile),
    ("DeleteLoginProfile",                      IAM,               OF_USER,       nothing_here.no_login_profile),
)
# fmt: on
