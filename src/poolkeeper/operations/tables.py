"""Which operations are there, who may call each, what is it about, and what does it do? Each service has an aligned table.

`None` stands for an operation that is not built: it is authenticated as the row says, then answered with
NotImplementedException. A test compares these tables with the service models and their marks of what is unsigned.
"""

from poolkeeper.aws.generated import cognito_identity, cognito_idp
from poolkeeper.aws.generated import kms as kms_model
from poolkeeper.aws.generated import poolkeeper as poolkeeper_model
from poolkeeper.aws.generated import resourcegroupstaggingapi as tagging_model
from poolkeeper.aws.generated import sts as sts_model
from poolkeeper.aws.operation import About, Service, Who, service
from poolkeeper.operations import kms, tagging
from poolkeeper.operations.cognito_identity import developers as identity_developers
from poolkeeper.operations.cognito_identity import entry as identity_entry
from poolkeeper.operations.cognito_identity import identities as identity_people
from poolkeeper.operations.cognito_identity import pools as identity_pools
from poolkeeper.operations.cognito_identity import principal_tags as identity_principal_tags
from poolkeeper.operations.cognito_identity import roles as identity_roles
from poolkeeper.operations.cognito_identity import tags as identity_tags
from poolkeeper.operations.cognito_idp import (
    admin_attributes,
    admin_users,
    attributes,
    auth_events,
    brandings,
    cimd_policies,
    client_secrets,
    client_tokens,
    clients,
    derived_tokens,
    devices,
    domains,
    groups,
    identity_providers,
    imports,
    list_users,
    log_delivery,
    memberships,
    mfa,
    passkeys,
    passwords,
    pool_settings,
    pools,
    profile,
    provider_links,
    provisioned_limits,
    replicas,
    resource_servers,
    risk_settings,
    session_settings,
    sessions,
    sign_in,
    sign_up,
    software_tokens,
    tags,
    terms,
    ui_customizations,
    user_sessions,
    user_state,
)
from poolkeeper.operations.guards import by_token
from poolkeeper.operations.iam_table import IAM_SERVICE
from poolkeeper.operations.poolkeeper import events as own_events
from poolkeeper.operations.poolkeeper import imports as own_imports
from poolkeeper.operations.poolkeeper import messages as own_messages
from poolkeeper.operations.poolkeeper import pool_settings as own_pool_settings
from poolkeeper.operations.poolkeeper import server as own_server
from poolkeeper.operations.poolkeeper import user_data as own_user_data
from poolkeeper.operations.sts import callers, roles, saml_identities, web_identities
from poolkeeper.operations.sts import sessions as sts_sessions

PUBLIC, TOKEN, TOKEN_OR_SESSION, IAM, IAM_OR_SECRET = Who
POOL, IDENTITY_POOL, ALL = About.POOL, About.IDENTITY_POOL, About.ALL
CALLER, ROLE_TO_ASSUME, FEDERATED_USER, KEY = About.CALLER, About.ROLE_TO_ASSUME, About.FEDERATED_USER, About.KEY

# fmt: off
COGNITO_IDP = service(
    cognito_idp.SERVICE,
    # operation                               who may call       about          what happens

    # User pools
    ("CreateUserPool",                         IAM,               ALL,           pools.create_user_pool),
    ("DescribeUserPool",                       IAM,               POOL,          pools.describe_user_pool),
    ("UpdateUserPool",                         IAM,               POOL,          pool_settings.update_user_pool),
    ("DeleteUserPool",                         IAM,               POOL,          pools.delete_user_pool),
    ("ListUserPools",                          IAM,               ALL,           pools.list_user_pools),
    ("AddCustomAttributes",                    IAM,               POOL,          pool_settings.add_custom_attributes),
    ("GetUserPoolMfaConfig",                   IAM,               POOL,          pool_settings.get_user_pool_mfa_config),
    ("SetUserPoolMfaConfig",                   IAM,               POOL,          pool_settings.set_user_pool_mfa_config),
    ("TagResource",                            IAM,               POOL,          tags.tag_resource),
    ("UntagResource",                          IAM,               POOL,          tags.untag_resource),
    ("ListTagsForResource",                    IAM,               POOL,          tags.list_tags_for_resource),
    ("GetUserPoolSessionConfiguration",        IAM,               POOL,          session_settings.get_user_pool_session_configuration),
    ("SetUserPoolSessionConfiguration",        IAM,               POOL,          session_settings.set_user_pool_session_configuration),
    ("GetLogDeliveryConfiguration",            IAM,               POOL,          log_delivery.get_log_delivery_configuration),
    ("SetLogDeliveryConfiguration",            IAM,               POOL,          log_delivery.set_log_delivery_configuration),
    ("GetSigningCertificate",                  IAM,               POOL,          identity_providers.get_signing_certificate),

    # Replicas and limits
    ("CreateUserPoolReplica",                  IAM,               POOL,          replicas.create_user_pool_replica),
    ("DeleteUserPoolReplica",                  IAM,               POOL,          replicas.delete_user_pool_replica),
    ("ListUserPoolReplicas",                   IAM,               POOL,          replicas.list_user_pool_replicas),
    ("UpdateUserPoolReplica",                  IAM,               POOL,          replicas.update_user_pool_replica),
    ("GetProvisionedLimit",                    IAM,               ALL,           provisioned_limits.get_provisioned_limit),
    ("UpdateProvisionedLimit",                 IAM,               ALL,           provisioned_limits.update_provisioned_limit),

    # App clients, secrets, session settings
    ("CreateUserPoolClient",                   IAM,               POOL,          clients.create_user_pool_client),
    ("DescribeUserPoolClient",                 IAM,               POOL,          clients.describe_user_pool_client),
    ("UpdateUserPoolClient",                   IAM,               POOL,          clients.update_user_pool_client),
    ("DeleteUserPoolClient",                   IAM,               POOL,          clients.delete_user_pool_client),
    ("ListUserPoolClients",                    IAM,               POOL,          clients.list_user_pool_clients),
    ("AddUserPoolClientSecret",                IAM,               POOL,          client_secrets.add_user_pool_client_secret),
    ("DeleteUserPoolClientSecret",             IAM,               POOL,          client_secrets.delete_user_pool_client_secret),
    ("ListUserPoolClientSecrets",              IAM,               POOL,          client_secrets.list_user_pool_client_secrets),
    ("GetUserPoolClientSessionConfiguration",  IAM,               POOL,          session_settings.get_user_pool_client_session_configuration),
    ("SetUserPoolClientSessionConfiguration",  IAM,               POOL,          session_settings.set_user_pool_client_session_configuration),

    # Domain, branding, terms
    ("CreateUserPoolDomain",                   IAM,               POOL,          domains.create_user_pool_domain),
    ("DescribeUserPoolDomain",                 IAM,               ALL,           domains.describe_user_pool_domain),
    ("UpdateUserPoolDomain",                   IAM,               POOL,          domains.update_user_pool_domain),
    ("DeleteUserPoolDomain",                   IAM,               POOL,          domains.delete_user_pool_domain),
    ("GetUICustomization",                     IAM,               POOL,          ui_customizations.get_ui_customization),
    ("SetUICustomization",                     IAM,               POOL,          ui_customizations.set_ui_customization),
    ("CreateManagedLoginBranding",             IAM,               POOL,          brandings.create_managed_login_branding),
    ("DescribeManagedLoginBranding",           IAM,               POOL,          brandings.describe_managed_login_branding),
    ("DescribeManagedLoginBrandingByClient",   IAM,               POOL,          brandings.describe_managed_login_branding_by_client),
    ("UpdateManagedLoginBranding",             IAM,               POOL,          brandings.update_managed_login_branding),
    ("DeleteManagedLoginBranding",             IAM,               POOL,          brandings.delete_managed_login_branding),
    ("CreateTerms",                            IAM,               POOL,          terms.create_terms),
    ("DescribeTerms",                          IAM,               POOL,          terms.describe_terms),
    ("DescribeTermsByClient",                  IAM,               POOL,          terms.describe_terms_by_client),
    ("ListTerms",                              IAM,               POOL,          terms.list_terms),
    ("UpdateTerms",                            IAM,               POOL,          terms.update_terms),
    ("DeleteTerms",                            IAM,               POOL,          terms.delete_terms),

    # Resource servers, groups, identity providers
    ("CreateResourceServer",                   IAM,               POOL,          resource_servers.create_resource_server),
    ("DescribeResourceServer",                 IAM,               POOL,          resource_servers.describe_resource_server),
    ("UpdateResourceServer",                   IAM,               POOL,          resource_servers.update_resource_server),
    ("DeleteResourceServer",                   IAM,               POOL,          resource_servers.delete_resource_server),
    ("ListResourceServers",                    IAM,               POOL,          resource_servers.list_resource_servers),
    ("CreateGroup",                            IAM,               POOL,          groups.create_group),
    ("GetGroup",                               IAM,               POOL,          groups.get_group),
    ("UpdateGroup",                            IAM,               POOL,          groups.update_group),
    ("DeleteGroup",                            IAM,               POOL,          groups.delete_group),
    ("ListGroups",                             IAM,               POOL,          groups.list_groups),
    ("AdminAddUserToGroup",                    IAM,               POOL,          memberships.admin_add_user_to_group),
    ("AdminRemoveUserFromGroup",               IAM,               POOL,          memberships.admin_remove_user_from_group),
    ("AdminListGroupsForUser",                 IAM,               POOL,          memberships.admin_list_groups_for_user),
    ("ListUsersInGroup",                       IAM,               POOL,          memberships.list_users_in_group),
    ("CreateIdentityProvider",                 IAM,               POOL,          identity_providers.create_identity_provider),
    ("DescribeIdentityProvider",               IAM,               POOL,          identity_providers.describe_identity_provider),
    ("UpdateIdentityProvider",                 IAM,               POOL,          identity_providers.update_identity_provider),
    ("DeleteIdentityProvider",                 IAM,               POOL,          identity_providers.delete_identity_provider),
    ("ListIdentityProviders",                  IAM,               POOL,          identity_providers.list_identity_providers),
    ("GetIdentityProviderByIdentifier",        IAM,               POOL,          identity_providers.get_identity_provider_by_identifier),

    # Sign-up and recovery
    ("SignUp",                                 PUBLIC,            POOL,          sign_up.sign_up),
    ("ConfirmSignUp",                          PUBLIC,            POOL,          sign_up.confirm_sign_up),
    ("ResendConfirmationCode",                 PUBLIC,            POOL,          sign_up.resend_confirmation_code),
    ("ForgotPassword",                         PUBLIC,            POOL,          passwords.forgot_password),
    ("ConfirmForgotPassword",                  PUBLIC,            POOL,          passwords.confirm_forgot_password),

    # Sign-in and tokens
    ("InitiateAuth",                           PUBLIC,            POOL,          sign_in.initiate_auth),
    ("RespondToAuthChallenge",                 PUBLIC,            POOL,          sign_in.respond_to_auth_challenge),
    ("AdminInitiateAuth",                      IAM,               POOL,          sign_in.admin_initiate_auth),
    ("AdminRespondToAuthChallenge",            IAM,               POOL,          sign_in.admin_respond_to_auth_challenge),
    ("GetTokensFromRefreshToken",              PUBLIC,            POOL,          sessions.get_tokens_from_refresh_token),
    ("RevokeToken",                            PUBLIC,            POOL,          sessions.revoke_token),
    ("GlobalSignOut",                          TOKEN,             POOL,          by_token(sessions.global_sign_out)),
    ("AdminUserGlobalSignOut",                 IAM,               POOL,          sessions.admin_user_global_sign_out),
    ("GetClientToken",                         IAM_OR_SECRET,     POOL,          client_tokens.get_client_token),
    ("GetDerivedToken",                        IAM_OR_SECRET,     POOL,          derived_tokens.get_derived_token),
    ("ListUserSessions",                       TOKEN,             POOL,          by_token(user_sessions.list_user_sessions)),
    ("RevokeUserSession",                      TOKEN,             POOL,          by_token(user_sessions.revoke_user_session)),
    ("AdminListUserSessions",                  IAM,               POOL,          user_sessions.admin_list_user_sessions),
    ("AdminRevokeUserSession",                 IAM,               POOL,          user_sessions.admin_revoke_user_session),

    # Self-service profile (access token)
    ("GetUser",                                TOKEN,             POOL,          by_token(profile.get_user)),
    ("UpdateUserAttributes",                   TOKEN,             POOL,          by_token(attributes.update_user_attributes)),
    ("DeleteUserAttributes",                   TOKEN,             POOL,          by_token(attributes.delete_user_attributes)),
    ("GetUserAttributeVerificationCode",       TOKEN,             POOL,          by_token(attributes.get_user_attribute_verification_code)),
    ("VerifyUserAttribute",                    TOKEN,             POOL,          by_token(attributes.verify_user_attribute)),
    ("ChangePassword",                         TOKEN,             POOL,          by_token(passwords.change_password)),
    ("DeleteUser",                             TOKEN,             POOL,          by_token(profile.delete_user)),
    ("SetUserMFAPreference",                   TOKEN,             POOL,          by_token(mfa.set_user_mfa_preference)),
    ("SetUserSettings",                        TOKEN,             POOL,          by_token(mfa.set_user_settings)),
    ("GetUserAuthFactors",                     TOKEN,             POOL,          by_token(mfa.get_user_auth_factors)),
    ("AssociateSoftwareToken",                 TOKEN_OR_SESSION,  POOL,          software_tokens.associate_software_token),
    ("VerifySoftwareToken",                    TOKEN_OR_SESSION,  POOL,          software_tokens.verify_software_token),
    ("StartWebAuthnRegistration",              TOKEN,             POOL,          by_token(passkeys.start_web_authn_registration)),
    ("CompleteWebAuthnRegistration",           TOKEN,             POOL,          by_token(passkeys.complete_web_authn_registration)),
    ("ListWebAuthnCredentials",                TOKEN,             POOL,          by_token(passkeys.list_web_authn_credentials)),
    ("DeleteWebAuthnCredential",               TOKEN,             POOL,          by_token(passkeys.delete_web_authn_credential)),

    # Devices
    ("ConfirmDevice",                          TOKEN,             POOL,          by_token(devices.confirm_device)),
    ("GetDevice",                              TOKEN,             POOL,          by_token(devices.get_device)),
    ("ListDevices",                            TOKEN,             POOL,          by_token(devices.list_devices)),
    ("UpdateDeviceStatus",                     TOKEN,             POOL,          by_token(devices.update_device_status)),
    ("ForgetDevice",                           TOKEN,             POOL,          by_token(devices.forget_device)),
    ("AdminGetDevice",                         IAM,               POOL,          devices.admin_get_device),
    ("AdminListDevices",                       IAM,               POOL,          devices.admin_list_devices),
    ("AdminUpdateDeviceStatus",                IAM,               POOL,          devices.admin_update_device_status),
    ("AdminForgetDevice",                      IAM,               POOL,          devices.admin_forget_device),

    # Admin user management
    ("AdminCreateUser",                        IAM,               POOL,          admin_users.admin_create_user),
    ("AdminGetUser",                           IAM,               POOL,          admin_users.admin_get_user),
    ("AdminUpdateUserAttributes",              IAM,               POOL,          admin_attributes.admin_update_user_attributes),
    ("AdminDeleteUserAttributes",              IAM,               POOL,          admin_attributes.admin_delete_user_attributes),
    ("AdminDeleteUser",                        IAM,               POOL,          admin_users.admin_delete_user),
    ("AdminDisableUser",                       IAM,               POOL,          user_state.admin_disable_user),
    ("AdminEnableUser",                        IAM,               POOL,          user_state.admin_enable_user),
    ("AdminConfirmSignUp",                     IAM,               POOL,          sign_up.admin_confirm_sign_up),
    ("AdminSetUserPassword",                   IAM,               POOL,          passwords.admin_set_user_password),
    ("AdminResetUserPassword",                 IAM,               POOL,          user_state.admin_reset_user_password),
    ("AdminSetUserMFAPreference",              IAM,               POOL,          mfa.admin_set_user_mfa_preference),
    ("AdminSetUserSettings",                   IAM,               POOL,          mfa.admin_set_user_settings),
    ("AdminGetUserAuthFactors",                IAM,               POOL,          mfa.admin_get_user_auth_factors),
    ("AdminDeleteSoftwareToken",               IAM,               POOL,          software_tokens.admin_delete_software_token),
    ("AdminLinkProviderForUser",               IAM,               POOL,          provider_links.admin_link_provider_for_user),
    ("AdminDisableProviderForUser",            IAM,               POOL,          provider_links.admin_disable_provider_for_user),
    ("ListUsers",                              IAM,               POOL,          list_users.list_users),
    ("AdminListUserAuthEvents",                IAM,               POOL,          auth_events.admin_list_user_auth_events),
    ("AdminUpdateAuthEventFeedback",           IAM,               POOL,          auth_events.admin_update_auth_event_feedback),
    ("UpdateAuthEventFeedback",                PUBLIC,            POOL,          auth_events.update_auth_event_feedback),

    # Threat protection and import
    ("SetRiskConfiguration",                   IAM,               POOL,          risk_settings.set_risk_configuration),
    ("DescribeRiskConfiguration",              IAM,               POOL,          risk_settings.describe_risk_configuration),
    ("GetCSVHeader",                           IAM,               POOL,          imports.get_csv_header),
    ("CreateUserImportJob",                    IAM,               POOL,          imports.create_user_import_job),
    ("DescribeUserImportJob",                  IAM,               POOL,          imports.describe_user_import_job),
    ("ListUserImportJobs",                     IAM,               POOL,          imports.list_user_import_jobs),
    ("StartUserImportJob",                     IAM,               POOL,          imports.start_user_import_job),
    ("StopUserImportJob",                      IAM,               POOL,          imports.stop_user_import_job),

    # Recovery to a point in time, client-ID metadata documents
    ("InitiatePointInTimeRecovery",            IAM,               POOL,          None),
    ("StartPointInTimeRecovery",               IAM,               POOL,          None),
    ("CancelPointInTimeRecovery",              IAM,               POOL,          None),
    ("DescribePointInTimeRecovery",            IAM,               POOL,          None),
    ("ListPointInTimeRecoveries",              IAM,               POOL,          None),
    ("CreateCIMDPolicy",                       IAM,               POOL,          cimd_policies.create_cimd_policy),
    ("DescribeCIMDPolicy",                     IAM,               POOL,          cimd_policies.describe_cimd_policy),
    ("UpdateCIMDPolicy",                       IAM,               POOL,          cimd_policies.update_cimd_policy),
    ("DeleteCIMDPolicy",                       IAM,               POOL,          cimd_policies.delete_cimd_policy),
    ("ListCIMDPolicies",                       IAM,               POOL,          cimd_policies.list_cimd_policies),
    ("ListClientMetadataURLs",                 IAM,               POOL,          cimd_policies.list_client_metadata_urls),
    ("UpdateClientMetadataURLState",           IAM,               POOL,          cimd_policies.update_client_metadata_url_state),
)

COGNITO_IDENTITY = service(
    cognito_identity.SERVICE,
    # operation                               who may call       about          what happens
    ("CreateIdentityPool",                     IAM,               ALL,           identity_pools.create_identity_pool),
    ("DeleteIdentities",                       IAM,               ALL,           identity_people.delete_identities),
    ("DeleteIdentityPool",                     IAM,               IDENTITY_POOL, identity_pools.delete_identity_pool),
    ("DescribeIdentity",                       IAM,               IDENTITY_POOL, identity_people.describe_identity),
    ("DescribeIdentityPool",                   IAM,               IDENTITY_POOL, identity_pools.describe_identity_pool),
    ("GetCredentialsForIdentity",              PUBLIC,            IDENTITY_POOL, identity_entry.get_credentials_for_identity),
    ("GetId",                                  PUBLIC,            IDENTITY_POOL, identity_entry.get_id),
    ("GetIdentityPoolRoles",                   IAM,               IDENTITY_POOL, identity_roles.get_identity_pool_roles),
    ("GetOpenIdToken",                         PUBLIC,            IDENTITY_POOL, identity_entry.get_open_id_token),
    ("GetOpenIdTokenForDeveloperIdentity",     IAM,               IDENTITY_POOL, identity_developers.get_open_id_token_for_developer_identity),
    ("GetPrincipalTagAttributeMap",            IAM,               IDENTITY_POOL, identity_principal_tags.get_principal_tag_attribute_map),
    ("ListIdentities",                         IAM,               IDENTITY_POOL, identity_people.list_identities),
    ("ListIdentityPools",                      IAM,               ALL,           identity_pools.list_identity_pools),
    ("ListTagsForResource",                    IAM,               IDENTITY_POOL, identity_tags.list_tags_for_resource),
    ("LookupDeveloperIdentity",                IAM,               IDENTITY_POOL, identity_developers.lookup_developer_identity),
    ("MergeDeveloperIdentities",               IAM,               IDENTITY_POOL, identity_developers.merge_developer_identities),
    ("SetIdentityPoolRoles",                   IAM,               IDENTITY_POOL, identity_roles.set_identity_pool_roles),
    ("SetPrincipalTagAttributeMap",            IAM,               IDENTITY_POOL, identity_principal_tags.set_principal_tag_attribute_map),
    ("TagResource",                            IAM,               IDENTITY_POOL, identity_tags.tag_resource),
    ("UnlinkDeveloperIdentity",                IAM,               IDENTITY_POOL, identity_developers.unlink_developer_identity),
    ("UnlinkIdentity",                         PUBLIC,            IDENTITY_POOL, identity_people.unlink_identity),
    ("UntagResource",                          IAM,               IDENTITY_POOL, identity_tags.untag_resource),
    ("UpdateIdentityPool",                     IAM,               IDENTITY_POOL, identity_pools.update_identity_pool),
)

STS = service(
    sts_model.SERVICE,
    # operation                               who may call       about            what happens
    ("GetCallerIdentity",                     IAM,               CALLER,          callers.get_caller_identity),
    ("GetSessionToken",                       IAM,               CALLER,          sts_sessions.get_session_token),
    ("AssumeRole",                            IAM,               ROLE_TO_ASSUME,  roles.assume_role),
    ("AssumeRoleWithSAML",                    PUBLIC,            ALL,             saml_identities.assume_role_with_saml),
    ("AssumeRoleWithWebIdentity",             PUBLIC,            ALL,             web_identities.assume_role_with_web_identity),
    ("GetFederationToken",                    IAM,               FEDERATED_USER,  sts_sessions.get_federation_token),
    ("GetAccessKeyInfo",                      IAM,               ALL,             callers.get_access_key_info),
    ("DecodeAuthorizationMessage",            IAM,               ALL,             callers.decode_authorization_message),
)

KMS = service(
    kms_model.SERVICE,
    # operation                               who may call       about          what happens
    ("Decrypt",                               IAM,               KEY,           kms.decrypt),
)

TAGGING = service(
    tagging_model.SERVICE,
    # operation                               who may call       about          what happens
    ("GetResources",                          IAM,               ALL,           tagging.get_resources),
)

POOLKEEPER = service(
    poolkeeper_model.SERVICE,
    # operation                               who may call       about          what happens
    ("DescribeServer",                        IAM,               ALL,           own_server.describe_server),
    ("DescribePoolSettings",                  IAM,               POOL,          own_pool_settings.describe_pool_settings),
    ("ListCapturedMessages",                  IAM,               ALL,           own_messages.list_captured_messages),
    ("ListAuthEvents",                        IAM,               POOL,          own_events.list_auth_events),
    ("DescribeImportProgress",                IAM,               POOL,          own_imports.describe_import_progress),
    ("ExportUser",                            IAM,               POOL,          own_user_data.export_user),
    ("EraseUser",                             IAM,               POOL,          own_user_data.erase_user),
)
# fmt: on

SERVICES: tuple[Service, ...] = (COGNITO_IDP, COGNITO_IDENTITY, STS, KMS, IAM_SERVICE, TAGGING, POOLKEEPER)

SIGNED_TARGETS: frozenset[bytes] = frozenset(
    f"{api.model.target_prefix}.{name}".encode()
    for api in SERVICES
    for name, operation in api.operations.items()
    if operation.who is IAM
)
"""X-Amz-Target of all that needs a signature: the rows whose largest body is 1 MiB (`max_body`).

What a stranger may call takes 128 KiB; http_protocol.py refuses a larger body by its head, before it is read.
"""
