"""What does AWS say that an action of iam is about? Each kind of thing, with the actions whose resource it is.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access Management (IAM)", as
it was in June 2026; of the operations that are built. What lists things, or judges what is given, has no resource.
"""

_NAMES = {
    "user": """
        CreateUser GetUser UpdateUser DeleteUser TagUser UntagUser ListUserTags PutUserPermissionsBoundary
        DeleteUserPermissionsBoundary CreateAccessKey UpdateAccessKey DeleteAccessKey ListAccessKeys
        GetAccessKeyLastUsed ListGroupsForUser PutUserPolicy GetUserPolicy DeleteUserPolicy ListUserPolicies
        AttachUserPolicy DetachUserPolicy ListAttachedUserPolicies SimulatePrincipalPolicy
        GetContextKeysForPrincipalPolicy ListMFADevices ListSSHPublicKeys ListSigningCertificates
        ListServiceSpecificCredentials GetLoginProfile DeleteLoginProfile
    """,
    "group": """
        CreateGroup GetGroup UpdateGroup DeleteGroup AddUserToGroup RemoveUserFromGroup PutGroupPolicy
        GetGroupPolicy DeleteGroupPolicy ListGroupPolicies AttachGroupPolicy DetachGroupPolicy
        ListAttachedGroupPolicies SimulatePrincipalPolicy GetContextKeysForPrincipalPolicy
    """,
    "role": """
        CreateRole GetRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy DeleteRole
        PutRolePermissionsBoundary DeleteRolePermissionsBoundary TagRole UntagRole ListRoleTags
        PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies AttachRolePolicy DetachRolePolicy
        ListAttachedRolePolicies SimulatePrincipalPolicy GetContextKeysForPrincipalPolicy
        ListInstanceProfilesForRole
    """,
    "policy": """
        CreatePolicy GetPolicy DeletePolicy ListEntitiesForPolicy CreatePolicyVersion GetPolicyVersion
        DeletePolicyVersion ListPolicyVersions SetDefaultPolicyVersion TagPolicy UntagPolicy ListPolicyTags
    """,
    "oidc-provider": """
        CreateOpenIDConnectProvider GetOpenIDConnectProvider DeleteOpenIDConnectProvider
        AddClientIDToOpenIDConnectProvider RemoveClientIDFromOpenIDConnectProvider
        UpdateOpenIDConnectProviderThumbprint TagOpenIDConnectProvider UntagOpenIDConnectProvider
        ListOpenIDConnectProviderTags
    """,
    "saml-provider": """
        CreateSAMLProvider GetSAMLProvider UpdateSAMLProvider DeleteSAMLProvider TagSAMLProvider
        UntagSAMLProvider ListSAMLProviderTags
    """,
    "": """
        ListUsers ListGroups ListRoles ListPolicies ListOpenIDConnectProviders ListSAMLProviders
        SimulateCustomPolicy GetContextKeysForCustomPolicy GetAccountSummary ListAccountAliases ListVirtualMFADevices
    """,
}
ACTIONS = {kind: frozenset(names.split()) for kind, names in _NAMES.items()}
