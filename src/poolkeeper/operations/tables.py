"""Which operations are there, who may call each, and what does it do? One aligned table a service.

`None` is not built: authenticated as the row says, then answered with NotImplementedException. A test holds these tables
against the service models and their marks of what is unsigned.
"""

from poolkeeper.aws.generated import cognito_identity, cognito_idp
from poolkeeper.aws.generated import kms as kms_model
from poolkeeper.aws.generated import sts as sts_model
from poolkeeper.aws.operation import Service, Who, service
from poolkeeper.operations import kms, sts
from poolkeeper.operations.cognito_idp import (
    admin_attributes,
    admin_users,
    attributes,
    client_secrets,
    clients,
    devices,
    groups,
    list_users,
    memberships,
    mfa,
    passkeys,
    passwords,
    pool_settings,
    pools,
    profile,
    session_settings,
    sessions,
    sign_in,
    sign_up,
    software_tokens,
    tags,
    user_sessions,
    user_state,
)
from poolkeeper.operations.guards import by_token

PUBLIC, TOKEN, TOKEN_OR_SESSION, IAM, IAM_OR_SECRET = Who

# fmt: off
COGNITO_IDP = service(
    cognito_idp.SERVICE,
    # operation                               who may call       what happens

    # User pools
    ("CreateUserPool",                         IAM,               pools.create_user_pool),
    ("DescribeUserPool",                       IAM,               pools.describe_user_pool),
    ("UpdateUserPool",                         IAM,               pool_settings.update_user_pool),
    ("DeleteUserPool",                         IAM,               pools.delete_user_pool),
    ("ListUserPools",                          IAM,               pools.list_user_pools),
    ("AddCustomAttributes",                    IAM,               pool_settings.add_custom_attributes),
    ("GetUserPoolMfaConfig",                   IAM,               pool_settings.get_user_pool_mfa_config),
    ("SetUserPoolMfaConfig",                   IAM,               pool_settings.set_user_pool_mfa_config),
    ("TagResource",                            IAM,               tags.tag_resource),
    ("UntagResource",                          IAM,               tags.untag_resource),
    ("ListTagsForResource",                    IAM,               tags.list_tags_for_resource),
    ("GetUserPoolSessionConfiguration",        IAM,               session_settings.get_user_pool_session_configuration),
    ("SetUserPoolSessionConfiguration",        IAM,               session_settings.set_user_pool_session_configuration),
    ("GetLogDeliveryConfiguration",            IAM,               None),
    ("SetLogDeliveryConfiguration",            IAM,               None),
    ("GetSigningCertificate",                  IAM,               None),

    # Replicas and limits
    ("CreateUserPoolReplica",                  IAM,               None),
    ("DeleteUserPoolReplica",                  IAM,               None),
    ("ListUserPoolReplicas",                   IAM,               None),
    ("UpdateUserPoolReplica",                  IAM,               None),
    ("GetProvisionedLimit",                    IAM,               None),
    ("UpdateProvisionedLimit",                 IAM,               None),

    # App clients, secrets, session settings
    ("CreateUserPoolClient",                   IAM,               clients.create_user_pool_client),
    ("DescribeUserPoolClient",                 IAM,               clients.describe_user_pool_client),
    ("UpdateUserPoolClient",                   IAM,               clients.update_user_pool_client),
    ("DeleteUserPoolClient",                   IAM,               clients.delete_user_pool_client),
    ("ListUserPoolClients",                    IAM,               clients.list_user_pool_clients),
    ("AddUserPoolClientSecret",                IAM,               client_secrets.add_user_pool_client_secret),
    ("DeleteUserPoolClientSecret",             IAM,               client_secrets.delete_user_pool_client_secret),
    ("ListUserPoolClientSecrets",              IAM,               client_secrets.list_user_pool_client_secrets),
    ("GetUserPoolClientSessionConfiguration",  IAM,               session_settings.get_user_pool_client_session_configuration),
    ("SetUserPoolClientSessionConfiguration",  IAM,               session_settings.set_user_pool_client_session_configuration),

    # Domain, branding, terms
    ("CreateUserPoolDomain",                   IAM,               None),
    ("DescribeUserPoolDomain",                 IAM,               None),
    ("UpdateUserPoolDomain",                   IAM,               None),
    ("DeleteUserPoolDomain",                   IAM,               None),
    ("GetUICustomization",                     IAM,               None),
    ("SetUICustomization",                     IAM,               None),
    ("CreateManagedLoginBranding",             IAM,               None),
    ("DescribeManagedLoginBranding",           IAM,               None),
    ("DescribeManagedLoginBrandingByClient",   IAM,               None),
    ("UpdateManagedLoginBranding",             IAM,               None),
    ("DeleteManagedLoginBranding",             IAM,               None),
    ("CreateTerms",                            IAM,               None),
    ("DescribeTerms",                          IAM,               None),
    ("DescribeTermsByClient",                  IAM,               None),
    ("ListTerms",                              IAM,               None),
    ("UpdateTerms",                            IAM,               None),
    ("DeleteTerms",                            IAM,               None),

    # Resource servers, groups, identity providers
    ("CreateResourceServer",                   IAM,               None),
    ("DescribeResourceServer",                 IAM,               None),
    ("UpdateResourceServer",                   IAM,               None),
    ("DeleteResourceServer",                   IAM,               None),
    ("ListResourceServers",                    IAM,               None),
    ("CreateGroup",                            IAM,               groups.create_group),
    ("GetGroup",                               IAM,               groups.get_group),
    ("UpdateGroup",                            IAM,               groups.update_group),
    ("DeleteGroup",                            IAM,               groups.delete_group),
    ("ListGroups",                             IAM,               groups.list_groups),
    ("AdminAddUserToGroup",                    IAM,               memberships.admin_add_user_to_group),
    ("AdminRemoveUserFromGroup",               IAM,               memberships.admin_remove_user_from_group),
    ("AdminListGroupsForUser",                 IAM,               memberships.admin_list_groups_for_user),
    ("ListUsersInGroup",                       IAM,               memberships.list_users_in_group),
    ("CreateIdentityProvider",                 IAM,               None),
    ("DescribeIdentityProvider",               IAM,               None),
    ("UpdateIdentityProvider",                 IAM,               None),
    ("DeleteIdentityProvider",                 IAM,               None),
    ("ListIdentityProviders",                  IAM,               None),
    ("GetIdentityProviderByIdentifier",        IAM,               None),

    # Sign-up and recovery
    ("SignUp",                                 PUBLIC,            sign_up.sign_up),
    ("ConfirmSignUp",                          PUBLIC,            sign_up.confirm_sign_up),
    ("ResendConfirmationCode",                 PUBLIC,            sign_up.resend_confirmation_code),
    ("ForgotPassword",                         PUBLIC,            passwords.forgot_password),
    ("ConfirmForgotPassword",                  PUBLIC,            passwords.confirm_forgot_password),

    # Sign-in and tokens
    ("InitiateAuth",                           PUBLIC,            sign_in.initiate_auth),
    ("RespondToAuthChallenge",                 PUBLIC,            sign_in.respond_to_auth_challenge),
    ("AdminInitiateAuth",                      IAM,               sign_in.admin_initiate_auth),
    ("AdminRespondToAuthChallenge",            IAM,               sign_in.admin_respond_to_auth_challenge),
    ("GetTokensFromRefreshToken",              PUBLIC,            sessions.get_tokens_from_refresh_token),
    ("RevokeToken",                            PUBLIC,            sessions.revoke_token),
    ("GlobalSignOut",                          TOKEN,             by_token(sessions.global_sign_out)),
    ("AdminUserGlobalSignOut",                 IAM,               sessions.admin_user_global_sign_out),
    ("GetClientToken",                         IAM_OR_SECRET,     None),
    ("GetDerivedToken",                        IAM_OR_SECRET,     None),
    ("ListUserSessions",                       TOKEN,             by_token(user_sessions.list_user_sessions)),
    ("RevokeUserSession",                      TOKEN,             by_token(user_sessions.revoke_user_session)),
    ("AdminListUserSessions",                  IAM,               user_sessions.admin_list_user_sessions),
    ("AdminRevokeUserSession",                 IAM,               user_sessions.admin_revoke_user_session),

    # Self-service profile (access token)
    ("GetUser",                                TOKEN,             by_token(profile.get_user)),
    ("UpdateUserAttributes",                   TOKEN,             by_token(attributes.update_user_attributes)),
    ("DeleteUserAttributes",                   TOKEN,             by_token(attributes.delete_user_attributes)),
    ("GetUserAttributeVerificationCode",       TOKEN,             by_token(attributes.get_user_attribute_verification_code)),
    ("VerifyUserAttribute",                    TOKEN,             by_token(attributes.verify_user_attribute)),
    ("ChangePassword",                         TOKEN,             by_token(passwords.change_password)),
    ("DeleteUser",                             TOKEN,             by_token(profile.delete_user)),
    ("SetUserMFAPreference",                   TOKEN,             by_token(mfa.set_user_mfa_preference)),
    ("SetUserSettings",                        TOKEN,             by_token(mfa.set_user_settings)),
    ("GetUserAuthFactors",                     TOKEN,             by_token(mfa.get_user_auth_factors)),
    ("AssociateSoftwareToken",                 TOKEN_OR_SESSION,  software_tokens.associate_software_token),
    ("VerifySoftwareToken",                    TOKEN_OR_SESSION,  software_tokens.verify_software_token),
    ("StartWebAuthnRegistration",              TOKEN,             by_token(passkeys.start_web_authn_registration)),
    ("CompleteWebAuthnRegistration",           TOKEN,             by_token(passkeys.complete_web_authn_registration)),
    ("ListWebAuthnCredentials",                TOKEN,             by_token(passkeys.list_web_authn_credentials)),
    ("DeleteWebAuthnCredential",               TOKEN,             by_token(passkeys.delete_web_authn_credential)),

    # Devices
    ("ConfirmDevice",                          TOKEN,             by_token(devices.confirm_device)),
    ("GetDevice",                              TOKEN,             by_token(devices.get_device)),
    ("ListDevices",                            TOKEN,             by_token(devices.list_devices)),
    ("UpdateDeviceStatus",                     TOKEN,             by_token(devices.update_device_status)),
    ("ForgetDevice",                           TOKEN,             by_token(devices.forget_device)),
    ("AdminGetDevice",                         IAM,               devices.admin_get_device),
    ("AdminListDevices",                       IAM,               devices.admin_list_devices),
    ("AdminUpdateDeviceStatus",                IAM,               devices.admin_update_device_status),
    ("AdminForgetDevice",                      IAM,               devices.admin_forget_device),

    # Admin user management
    ("AdminCreateUser",                        IAM,               admin_users.admin_create_user),
    ("AdminGetUser",                           IAM,               admin_users.admin_get_user),
    ("AdminUpdateUserAttributes",              IAM,               admin_attributes.admin_update_user_attributes),
    ("AdminDeleteUserAttributes",              IAM,               admin_attributes.admin_delete_user_attributes),
    ("AdminDeleteUser",                        IAM,               admin_users.admin_delete_user),
    ("AdminDisableUser",                       IAM,               user_state.admin_disable_user),
    ("AdminEnableUser",                        IAM,               user_state.admin_enable_user),
    ("AdminConfirmSignUp",                     IAM,               sign_up.admin_confirm_sign_up),
    ("AdminSetUserPassword",                   IAM,               passwords.admin_set_user_password),
    ("AdminResetUserPassword",                 IAM,               user_state.admin_reset_user_password),
    ("AdminSetUserMFAPreference",              IAM,               mfa.admin_set_user_mfa_preference),
    ("AdminSetUserSettings",                   IAM,               mfa.admin_set_user_settings),
    ("AdminGetUserAuthFactors",                IAM,               mfa.admin_get_user_auth_factors),
    ("AdminDeleteSoftwareToken",               IAM,               software_tokens.admin_delete_software_token),
    ("AdminLinkProviderForUser",               IAM,               None),
    ("AdminDisableProviderForUser",            IAM,               None),
    ("ListUsers",                              IAM,               list_users.list_users),
    ("AdminListUserAuthEvents",                IAM,               None),
    ("AdminUpdateAuthEventFeedback",           IAM,               None),
    ("UpdateAuthEventFeedback",                PUBLIC,            None),

    # Threat protection and import
    ("SetRiskConfiguration",                   IAM,               None),
    ("DescribeRiskConfiguration",              IAM,               None),
    ("GetCSVHeader",                           IAM,               None),
    ("CreateUserImportJob",                    IAM,               None),
    ("DescribeUserImportJob",                  IAM,               None),
    ("ListUserImportJobs",                     IAM,               None),
    ("StartUserImportJob",                     IAM,               None),
    ("StopUserImportJob",                      IAM,               None),
)

COGNITO_IDENTITY = service(
    cognito_identity.SERVICE,
    # operation                               who may call       what happens
    ("CreateIdentityPool",                     IAM,               None),
    ("DeleteIdentities",                       IAM,               None),
    ("DeleteIdentityPool",                     IAM,               None),
    ("DescribeIdentity",                       IAM,               None),
    ("DescribeIdentityPool",                   IAM,               None),
    ("GetCredentialsForIdentity",              PUBLIC,            None),
    ("GetId",                                  PUBLIC,            None),
    ("GetIdentityPoolRoles",                   IAM,               None),
    ("GetOpenIdToken",                         PUBLIC,            None),
    ("GetOpenIdTokenForDeveloperIdentity",     IAM,               None),
    ("GetPrincipalTagAttributeMap",            IAM,               None),
    ("ListIdentities",                         IAM,               None),
    ("ListIdentityPools",                      IAM,               None),
    ("ListTagsForResource",                    IAM,               None),
    ("LookupDeveloperIdentity",                IAM,               None),
    ("MergeDeveloperIdentities",               IAM,               None),
    ("SetIdentityPoolRoles",                   IAM,               None),
    ("SetPrincipalTagAttributeMap",            IAM,               None),
    ("TagResource",                            IAM,               None),
    ("UnlinkDeveloperIdentity",                IAM,               None),
    ("UnlinkIdentity",                         PUBLIC,            None),
    ("UntagResource",                          IAM,               None),
    ("UpdateIdentityPool",                     IAM,               None),
)

STS = service(
    sts_model.SERVICE,
    # operation                               who may call       what happens
    ("GetCallerIdentity",                     IAM,               sts.get_caller_identity),
)

KMS = service(
    kms_model.SERVICE,
    # operation                               who may call       what happens
    ("Decrypt",                               IAM,               kms.decrypt),
)
# fmt: on

SERVICES: tuple[Service, ...] = (COGNITO_IDP, COGNITO_IDENTITY, STS, KMS)
