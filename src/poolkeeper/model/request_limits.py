"""How many requests a second does Cognito take, and of which kind is each? Its categories, and the operations of each.

Source: userpools.md 7.1, and "Quotas in Amazon Cognito", the table of categories, for what that section sums up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

USER_AUTHENTICATION, USER_CREATION, USER_FEDERATION = "UserAuthentication", "UserCreation", "UserFederation"
USER_ACCOUNT_RECOVERY, USER_READ, USER_UPDATE, USER_TOKEN = "UserAccountRecovery", "UserRead", "UserUpdate", "UserToken"
USER_RESOURCE_READ, USER_RESOURCE_UPDATE, USER_LIST = "UserResourceRead", "UserResourceUpdate", "UserList"
USER_POOL_READ, USER_POOL_UPDATE = "UserPoolRead", "UserPoolUpdate"
USER_POOL_RESOURCE_READ, USER_POOL_RESOURCE_UPDATE = "UserPoolResourceRead", "UserPoolResourceUpdate"
USER_POOL_CLIENT_READ, USER_POOL_CLIENT_UPDATE = "UserPoolClientRead", "UserPoolClientUpdate"
CLIENT_AUTHENTICATION = "ClientAuthentication"

# Answers to challenges have a rate of their own, so many times that of the category (userpools.md 7.1).
ANSWERS, ANSWERS_TIMES = "RespondToAuthChallenge", 3


@dataclass(frozen=True, slots=True)
class Category:
    """Requests a second that are free of charge at AWS, and whether an account may buy more."""

    free: int
    adjustable: bool = False


CATEGORIES: Mapping[str, Category] = {
    USER_AUTHENTICATION: Category(120, adjustable=True),
    USER_CREATION: Category(50, adjustable=True),
    USER_FEDERATION: Category(25, adjustable=True),
    USER_ACCOUNT_RECOVERY: Category(30),
    USER_READ: Category(120, adjustable=True),
    USER_UPDATE: Category(25),
    USER_TOKEN: Category(120, adjustable=True),
    USER_RESOURCE_READ: Category(50, adjustable=True),
    USER_RESOURCE_UPDATE: Category(25),
    USER_LIST: Category(30),
    USER_POOL_READ: Category(15),
    USER_POOL_UPDATE: Category(15),
    USER_POOL_RESOURCE_READ: Category(20),
    USER_POOL_RESOURCE_UPDATE: Category(15),
    USER_POOL_CLIENT_READ: Category(15),
    USER_POOL_CLIENT_UPDATE: Category(15),
    CLIENT_AUTHENTICATION: Category(150),
}

# UNVERIFIED: where operations belong that are newer than the table of AWS's page; a load test of each would settle it.
_OPERATIONS: Mapping[str, str] = {
    USER_AUTHENTICATION: """
        AdminInitiateAuth AdminRespondToAuthChallenge GetTokensFromRefreshToken InitiateAuth RespondToAuthChallenge""",
    USER_CREATION: "AdminConfirmSignUp AdminCreateUser ConfirmSignUp SignUp",
    USER_FEDERATION: "GetDerivedToken",
    USER_ACCOUNT_RECOVERY: """
        AdminResetUserPassword AdminSetUserPassword ChangePassword ConfirmForgotPassword ForgotPassword""",
    USER_READ: "AdminGetUser AdminGetUserAuthFactors GetUser GetUserAuthFactors",
    USER_UPDATE: """
        AdminAddUserToGroup AdminDeleteUser AdminDeleteUserAttributes AdminDisableProviderForUser AdminDisableUser
        AdminEnableUser AdminLinkProviderForUser AdminRemoveUserFromGroup AdminRevokeUserSession
        AdminUpdateUserAttributes AdminUserGlobalSignOut DeleteUser DeleteUserAttributes GlobalSignOut RevokeUserSession
        UpdateUserAttributes VerifyUserAttribute""",
    USER_TOKEN: "RevokeToken",
    USER_RESOURCE_READ: """
        AdminGetDevice AdminListDevices AdminListGroupsForUser AdminListUserAuthEvents AdminListUserSessions GetDevice
        GetUserAttributeVerificationCode ListDevices ListUserSessions ListWebAuthnCredentials ResendConfirmationCode""",
    USER_RESOURCE_UPDATE: """
        AdminDeleteSoftwareToken AdminForgetDevice AdminSetUserMFAPreference AdminSetUserSettings
        AdminUpdateAuthEventFeedback AdminUpdateDeviceStatus AssociateSoftwareToken CompleteWebAuthnRegistration
        ConfirmDevice DeleteWebAuthnCredential ForgetDevice SetUserMFAPreference SetUserSettings StartWebAuthnRegistration
        UpdateAuthEventFeedback UpdateDeviceStatus VerifySoftwareToken""",
    USER_LIST: "ListUsers ListUsersInGroup",
    USER_POOL_READ: "DescribeUserPool ListUserPoolReplicas ListUserPools",
    USER_POOL_UPDATE: """
        CreateUserPool CreateUserPoolReplica DeleteUserPool DeleteUserPoolReplica UpdateUserPool UpdateUserPoolReplica""",
    USER_POOL_RESOURCE_READ: """
        DescribeCIMDPolicy DescribeIdentityProvider DescribeManagedLoginBranding DescribeManagedLoginBrandingByClient
        DescribePointInTimeRecovery DescribeResourceServer DescribeRiskConfiguration DescribeTerms DescribeTermsByClient
        DescribeUserImportJob DescribeUserPoolDomain GetCSVHeader GetGroup GetIdentityProviderByIdentifier
        GetLogDeliveryConfiguration GetSigningCertificate GetUICustomization GetUserPoolMfaConfig
        GetUserPoolSessionConfiguration ListCIMDPolicies ListClientMetadataURLs ListGroups ListIdentityProviders
        ListPointInTimeRecoveries ListResourceServers ListTagsForResource ListTerms ListUserImportJobs""",
    USER_POOL_RESOURCE_UPDATE: """
        AddCustomAttributes CancelPointInTimeRecovery CreateCIMDPolicy CreateGroup CreateIdentityProvider
        CreateManagedLoginBranding CreateResourceServer CreateTerms CreateUserImportJob CreateUserPoolDomain
        DeleteCIMDPolicy DeleteGroup DeleteIdentityProvider DeleteManagedLoginBranding DeleteResourceServer DeleteTerms
        DeleteUserPoolDomain InitiatePointInTimeRecovery SetLogDeliveryConfiguration SetRiskConfiguration
        SetUICustomization SetUserPoolMfaConfig SetUserPoolSessionConfiguration StartPointInTimeRecovery
        StartUserImportJob StopUserImportJob TagResource UntagResource UpdateCIMDPolicy UpdateClientMetadataURLState
        UpdateGroup UpdateIdentityProvider UpdateManagedLoginBranding UpdateResourceServer UpdateTerms
        UpdateUserPoolDomain""",
    USER_POOL_CLIENT_READ: """
        DescribeUserPoolClient GetUserPoolClientSessionConfiguration ListUserPoolClientSecrets ListUserPoolClients""",
    USER_POOL_CLIENT_UPDATE: """
        AddUserPoolClientSecret CreateUserPoolClient DeleteUserPoolClient DeleteUserPoolClientSecret
        SetUserPoolClientSessionConfiguration UpdateUserPoolClient""",
    CLIENT_AUTHENTICATION: "GetClientToken",
}

OF_OPERATION: Mapping[str, str] = {name: category for category, names in _OPERATIONS.items() for name in names.split()}
"""The category of each operation of cognito-idp."""

# The operations that set the limits are not limited.
UNLIMITED = frozenset({"GetProvisionedLimit", "UpdateProvisionedLimit"})
OF_ANSWERS = frozenset({"AdminRespondToAuthChallenge", "RespondToAuthChallenge"})
