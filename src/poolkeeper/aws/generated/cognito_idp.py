"""What does cognito-idp receive and answer? A struct for every structure, and the facts of every operation.

Written by tools/generate_shapes.py from botocore 1.44.8; do not edit.
"""

from typing import ClassVar

from msgspec import field

from poolkeeper.aws.shape import ABSENT, Document, Facts, ServiceModel, Shape


class NumberAttributeConstraintsType(Shape):
    min_value: str | None = field(name="MinValue", default=None)
    max_value: str | None = field(name="MaxValue", default=None)


class StringAttributeConstraintsType(Shape):
    min_length: str | None = field(name="MinLength", default=None)
    max_length: str | None = field(name="MaxLength", default=None)


class SchemaAttributeType(Shape):
    name: str | None = field(name="Name", default=None)
    attribute_data_type: str | None = field(name="AttributeDataType", default=None)
    developer_only_attribute: bool | None = field(name="DeveloperOnlyAttribute", default=None)
    mutable: bool | None = field(name="Mutable", default=None)
    required: bool | None = field(name="Required", default=None)
    number_attribute_constraints: NumberAttributeConstraintsType | None = field(
        name="NumberAttributeConstraints", default=None
    )
    string_attribute_constraints: StringAttributeConstraintsType | None = field(
        name="StringAttributeConstraints", default=None
    )


class AddCustomAttributesRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    custom_attributes: list[SchemaAttributeType] = field(name="CustomAttributes", default=ABSENT)


class AddCustomAttributesResponse(Shape):
    pass


class AddUserPoolClientSecretRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id", "client_secret"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    client_secret: str | None = field(name="ClientSecret", default=None)


class ClientSecretDescriptorType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_secret_value"])

    client_secret_id: str | None = field(name="ClientSecretId", default=None)
    client_secret_value: str | None = field(name="ClientSecretValue", default=None)
    client_secret_create_date: float | None = field(name="ClientSecretCreateDate", default=None)


class AddUserPoolClientSecretResponse(Shape):
    client_secret_descriptor: ClientSecretDescriptorType | None = field(name="ClientSecretDescriptor", default=None)


class AdminAddUserToGroupRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    group_name: str = field(name="GroupName", default=ABSENT)


class AdminConfirmSignUpRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class AdminConfirmSignUpResponse(Shape):
    pass


class AttributeType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["value"])

    name: str = field(name="Name", default=ABSENT)
    value: str | None = field(name="Value", default=None)


class AdminCreateUserRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["temporary_password", "username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    user_attributes: list[AttributeType] | None = field(name="UserAttributes", default=None)
    validation_data: list[AttributeType] | None = field(name="ValidationData", default=None)
    temporary_password: str | None = field(name="TemporaryPassword", default=None)
    force_alias_creation: bool | None = field(name="ForceAliasCreation", default=None)
    message_action: str | None = field(name="MessageAction", default=None)
    desired_delivery_mediums: list[str] | None = field(name="DesiredDeliveryMediums", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class MFAOptionType(Shape):
    delivery_medium: str | None = field(name="DeliveryMedium", default=None)
    attribute_name: str | None = field(name="AttributeName", default=None)


class UserType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    username: str | None = field(name="Username", default=None)
    attributes: list[AttributeType] | None = field(name="Attributes", default=None)
    user_create_date: float | None = field(name="UserCreateDate", default=None)
    user_last_modified_date: float | None = field(name="UserLastModifiedDate", default=None)
    enabled: bool | None = field(name="Enabled", default=None)
    user_status: str | None = field(name="UserStatus", default=None)
    mfa_options: list[MFAOptionType] | None = field(name="MFAOptions", default=None)


class AdminCreateUserResponse(Shape):
    user: UserType | None = field(name="User", default=None)


class AdminDeleteSoftwareTokenRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)


class AdminDeleteSoftwareTokenResponse(Shape):
    pass


class AdminDeleteUserRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)


class AdminDeleteUserAttributesRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    user_attribute_names: list[str] = field(name="UserAttributeNames", default=ABSENT)


class AdminDeleteUserAttributesResponse(Shape):
    pass


class ProviderUserIdentifierType(Shape):
    provider_name: str | None = field(name="ProviderName", default=None)
    provider_attribute_name: str | None = field(name="ProviderAttributeName", default=None)
    provider_attribute_value: str | None = field(name="ProviderAttributeValue", default=None)


class AdminDisableProviderForUserRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    user: ProviderUserIdentifierType = field(name="User", default=ABSENT)


class AdminDisableProviderForUserResponse(Shape):
    pass


class AdminDisableUserRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)


class AdminDisableUserResponse(Shape):
    pass


class AdminEnableUserRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)


class AdminEnableUserResponse(Shape):
    pass


class AdminForgetDeviceRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    device_key: str = field(name="DeviceKey", default=ABSENT)


class AdminGetDeviceRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    device_key: str = field(name="DeviceKey", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)


class DeviceType(Shape):
    device_key: str | None = field(name="DeviceKey", default=None)
    device_attributes: list[AttributeType] | None = field(name="DeviceAttributes", default=None)
    device_create_date: float | None = field(name="DeviceCreateDate", default=None)
    device_last_modified_date: float | None = field(name="DeviceLastModifiedDate", default=None)
    device_last_authenticated_date: float | None = field(name="DeviceLastAuthenticatedDate", default=None)


class AdminGetDeviceResponse(Shape):
    device: DeviceType = field(name="Device", default=ABSENT)


class AdminGetUserRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)


class AdminGetUserResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    username: str = field(name="Username", default=ABSENT)
    user_attributes: list[AttributeType] | None = field(name="UserAttributes", default=None)
    user_create_date: float | None = field(name="UserCreateDate", default=None)
    user_last_modified_date: float | None = field(name="UserLastModifiedDate", default=None)
    enabled: bool | None = field(name="Enabled", default=None)
    user_status: str | None = field(name="UserStatus", default=None)
    mfa_options: list[MFAOptionType] | None = field(name="MFAOptions", default=None)
    preferred_mfa_setting: str | None = field(name="PreferredMfaSetting", default=None)
    user_mfa_setting_list: list[str] | None = field(name="UserMFASettingList", default=None)


class AdminGetUserAuthFactorsRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)


class AdminGetUserAuthFactorsResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    username: str = field(name="Username", default=ABSENT)
    preferred_mfa_setting: str | None = field(name="PreferredMfaSetting", default=None)
    user_mfa_setting_list: list[str] | None = field(name="UserMFASettingList", default=None)
    configured_user_auth_factors: list[str] | None = field(name="ConfiguredUserAuthFactors", default=None)


class AnalyticsMetadataType(Shape):
    analytics_endpoint_id: str | None = field(name="AnalyticsEndpointId", default=None)


class HttpHeader(Shape):
    header_name: str | None = field(name="headerName", default=None)
    header_value: str | None = field(name="headerValue", default=None)


class ContextDataType(Shape):
    ip_address: str = field(name="IpAddress", default=ABSENT)
    server_name: str = field(name="ServerName", default=ABSENT)
    server_path: str = field(name="ServerPath", default=ABSENT)
    http_headers: list[HttpHeader] = field(name="HttpHeaders", default=ABSENT)
    encoded_data: str | None = field(name="EncodedData", default=None)


class AdminInitiateAuthRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["auth_parameters", "client_id", "session"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    auth_flow: str = field(name="AuthFlow", default=ABSENT)
    auth_parameters: dict[str, str] | None = field(name="AuthParameters", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)
    analytics_metadata: AnalyticsMetadataType | None = field(name="AnalyticsMetadata", default=None)
    context_data: ContextDataType | None = field(name="ContextData", default=None)
    session: str | None = field(name="Session", default=None)


class NewDeviceMetadataType(Shape):
    device_key: str | None = field(name="DeviceKey", default=None)
    device_group_key: str | None = field(name="DeviceGroupKey", default=None)


class AuthenticationResultType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token", "id_token", "refresh_token"])

    access_token: str | None = field(name="AccessToken", default=None)
    expires_in: int | None = field(name="ExpiresIn", default=None)
    token_type: str | None = field(name="TokenType", default=None)
    refresh_token: str | None = field(name="RefreshToken", default=None)
    id_token: str | None = field(name="IdToken", default=None)
    new_device_metadata: NewDeviceMetadataType | None = field(name="NewDeviceMetadata", default=None)


class AdminInitiateAuthResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["session"])

    challenge_name: str | None = field(name="ChallengeName", default=None)
    session: str | None = field(name="Session", default=None)
    challenge_parameters: dict[str, str] | None = field(name="ChallengeParameters", default=None)
    authentication_result: AuthenticationResultType | None = field(name="AuthenticationResult", default=None)
    available_challenges: list[str] | None = field(name="AvailableChallenges", default=None)


class AdminLinkProviderForUserRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    destination_user: ProviderUserIdentifierType = field(name="DestinationUser", default=ABSENT)
    source_user: ProviderUserIdentifierType = field(name="SourceUser", default=ABSENT)


class AdminLinkProviderForUserResponse(Shape):
    pass


class AdminListDevicesRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    limit: int | None = field(name="Limit", default=None)
    pagination_token: str | None = field(name="PaginationToken", default=None)


class AdminListDevicesResponse(Shape):
    devices: list[DeviceType] | None = field(name="Devices", default=None)
    pagination_token: str | None = field(name="PaginationToken", default=None)


class AdminListGroupsForUserRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    username: str = field(name="Username", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    limit: int | None = field(name="Limit", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class GroupType(Shape):
    group_name: str | None = field(name="GroupName", default=None)
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    description: str | None = field(name="Description", default=None)
    role_arn: str | None = field(name="RoleArn", default=None)
    precedence: int | None = field(name="Precedence", default=None)
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)


class AdminListGroupsForUserResponse(Shape):
    groups: list[GroupType] | None = field(name="Groups", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class AdminListUserAuthEventsRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    max_results: int | None = field(name="MaxResults", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class EventRiskType(Shape):
    risk_decision: str | None = field(name="RiskDecision", default=None)
    risk_level: str | None = field(name="RiskLevel", default=None)
    compromised_credentials_detected: bool | None = field(name="CompromisedCredentialsDetected", default=None)


class ChallengeResponseType(Shape):
    challenge_name: str | None = field(name="ChallengeName", default=None)
    challenge_response: str | None = field(name="ChallengeResponse", default=None)


class EventContextDataType(Shape):
    ip_address: str | None = field(name="IpAddress", default=None)
    device_name: str | None = field(name="DeviceName", default=None)
    timezone: str | None = field(name="Timezone", default=None)
    city: str | None = field(name="City", default=None)
    country: str | None = field(name="Country", default=None)


class EventFeedbackType(Shape):
    feedback_value: str = field(name="FeedbackValue", default=ABSENT)
    provider: str = field(name="Provider", default=ABSENT)
    feedback_date: float | None = field(name="FeedbackDate", default=None)


class AuthEventType(Shape):
    event_id: str | None = field(name="EventId", default=None)
    event_type: str | None = field(name="EventType", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)
    event_response: str | None = field(name="EventResponse", default=None)
    event_risk: EventRiskType | None = field(name="EventRisk", default=None)
    challenge_responses: list[ChallengeResponseType] | None = field(name="ChallengeResponses", default=None)
    event_context_data: EventContextDataType | None = field(name="EventContextData", default=None)
    event_feedback: EventFeedbackType | None = field(name="EventFeedback", default=None)


class AdminListUserAuthEventsResponse(Shape):
    auth_events: list[AuthEventType] | None = field(name="AuthEvents", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class AdminListUserSessionsRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)


class SessionLocationType(Shape):
    city: str | None = field(name="City", default=None)
    country: str | None = field(name="Country", default=None)


class SessionDescriptionType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id", "last_ip_address"])

    session_id: str | None = field(name="SessionId", default=None)
    session_type: str | None = field(name="SessionType", default=None)
    client_id: str | None = field(name="ClientId", default=None)
    create_date: float | None = field(name="CreateDate", default=None)
    last_active_date: float | None = field(name="LastActiveDate", default=None)
    device_type: str | None = field(name="DeviceType", default=None)
    last_ip_address: str | None = field(name="LastIPAddress", default=None)
    last_location: SessionLocationType | None = field(name="LastLocation", default=None)
    origin_session_id: str | None = field(name="OriginSessionId", default=None)
    is_current_session: bool | None = field(name="IsCurrentSession", default=None)


class AdminListUserSessionsResponse(Shape):
    sessions: list[SessionDescriptionType] | None = field(name="Sessions", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class AdminRemoveUserFromGroupRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    group_name: str = field(name="GroupName", default=ABSENT)


class AdminResetUserPasswordRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class AdminResetUserPasswordResponse(Shape):
    pass


class AdminRespondToAuthChallengeRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["challenge_responses", "client_id", "session"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    challenge_name: str = field(name="ChallengeName", default=ABSENT)
    challenge_responses: dict[str, str] | None = field(name="ChallengeResponses", default=None)
    session: str | None = field(name="Session", default=None)
    analytics_metadata: AnalyticsMetadataType | None = field(name="AnalyticsMetadata", default=None)
    context_data: ContextDataType | None = field(name="ContextData", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class AdminRespondToAuthChallengeResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["session"])

    challenge_name: str | None = field(name="ChallengeName", default=None)
    session: str | None = field(name="Session", default=None)
    challenge_parameters: dict[str, str] | None = field(name="ChallengeParameters", default=None)
    authentication_result: AuthenticationResultType | None = field(name="AuthenticationResult", default=None)
    available_challenges: list[str] | None = field(name="AvailableChallenges", default=None)


class AdminRevokeUserSessionRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    session_id: str = field(name="SessionId", default=ABSENT)
    revoke_associated_sessions: str | None = field(name="RevokeAssociatedSessions", default=None)


class AdminRevokeUserSessionResponse(Shape):
    pass


class SMSMfaSettingsType(Shape):
    enabled: bool | None = field(name="Enabled", default=None)
    preferred_mfa: bool | None = field(name="PreferredMfa", default=None)


class SoftwareTokenMfaSettingsType(Shape):
    enabled: bool | None = field(name="Enabled", default=None)
    preferred_mfa: bool | None = field(name="PreferredMfa", default=None)


class EmailMfaSettingsType(Shape):
    enabled: bool | None = field(name="Enabled", default=None)
    preferred_mfa: bool | None = field(name="PreferredMfa", default=None)


class WebAuthnMfaSettingsType(Shape):
    enabled: bool | None = field(name="Enabled", default=None)


class AdminSetUserMFAPreferenceRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    sms_mfa_settings: SMSMfaSettingsType | None = field(name="SMSMfaSettings", default=None)
    software_token_mfa_settings: SoftwareTokenMfaSettingsType | None = field(
        name="SoftwareTokenMfaSettings", default=None
    )
    email_mfa_settings: EmailMfaSettingsType | None = field(name="EmailMfaSettings", default=None)
    webauthn_mfa_settings: WebAuthnMfaSettingsType | None = field(name="WebAuthnMfaSettings", default=None)
    username: str = field(name="Username", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class AdminSetUserMFAPreferenceResponse(Shape):
    pass


class AdminSetUserPasswordRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["password", "username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    password: str = field(name="Password", default=ABSENT)
    permanent: bool | None = field(name="Permanent", default=None)


class AdminSetUserPasswordResponse(Shape):
    pass


class AdminSetUserSettingsRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    mfa_options: list[MFAOptionType] = field(name="MFAOptions", default=ABSENT)


class AdminSetUserSettingsResponse(Shape):
    pass


class AdminUpdateAuthEventFeedbackRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    event_id: str = field(name="EventId", default=ABSENT)
    feedback_value: str = field(name="FeedbackValue", default=ABSENT)


class AdminUpdateAuthEventFeedbackResponse(Shape):
    pass


class AdminUpdateDeviceStatusRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    device_key: str = field(name="DeviceKey", default=ABSENT)
    device_remembered_status: str | None = field(name="DeviceRememberedStatus", default=None)


class AdminUpdateDeviceStatusResponse(Shape):
    pass


class AdminUpdateUserAttributesRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    user_attributes: list[AttributeType] = field(name="UserAttributes", default=ABSENT)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class AdminUpdateUserAttributesResponse(Shape):
    pass


class AdminUserGlobalSignOutRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)


class AdminUserGlobalSignOutResponse(Shape):
    pass


class AssociateSoftwareTokenRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token", "session"])

    access_token: str | None = field(name="AccessToken", default=None)
    session: str | None = field(name="Session", default=None)


class AssociateSoftwareTokenResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["secret_code", "session"])

    secret_code: str | None = field(name="SecretCode", default=None)
    session: str | None = field(name="Session", default=None)


class CancelPointInTimeRecoveryRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    restore_id: str = field(name="RestoreId", default=ABSENT)


class RestorePreviewType(Shape):
    entity: str | None = field(name="Entity", default=None)
    create_count: int | None = field(name="CreateCount", default=None)
    update_count: int | None = field(name="UpdateCount", default=None)
    delete_count: int | None = field(name="DeleteCount", default=None)


class RestorationType(Shape):
    restore_id: str | None = field(name="RestoreId", default=None)
    restore_status: str | None = field(name="RestoreStatus", default=None)
    restore_timestamp: float | None = field(name="RestoreTimestamp", default=None)
    trigger_timestamp: float | None = field(name="TriggerTimestamp", default=None)
    restore_preview: list[RestorePreviewType] | None = field(name="RestorePreview", default=None)


class CancelPointInTimeRecoveryResponse(Shape):
    restoration: RestorationType | None = field(name="Restoration", default=None)


class ChangePasswordRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token", "previous_password", "proposed_password"])

    previous_password: str | None = field(name="PreviousPassword", default=None)
    proposed_password: str = field(name="ProposedPassword", default=ABSENT)
    access_token: str = field(name="AccessToken", default=ABSENT)


class ChangePasswordResponse(Shape):
    pass


class CompleteWebAuthnRegistrationRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)
    credential: Document = field(name="Credential", default=ABSENT)


class CompleteWebAuthnRegistrationResponse(Shape):
    pass


class DeviceSecretVerifierConfigType(Shape):
    password_verifier: str | None = field(name="PasswordVerifier", default=None)
    salt: str | None = field(name="Salt", default=None)


class ConfirmDeviceRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)
    device_key: str = field(name="DeviceKey", default=ABSENT)
    device_secret_verifier_config: DeviceSecretVerifierConfigType | None = field(
        name="DeviceSecretVerifierConfig", default=None
    )
    device_name: str | None = field(name="DeviceName", default=None)


class ConfirmDeviceResponse(Shape):
    user_confirmation_necessary: bool | None = field(name="UserConfirmationNecessary", default=None)


class UserContextDataType(Shape):
    ip_address: str | None = field(name="IpAddress", default=None)
    encoded_data: str | None = field(name="EncodedData", default=None)


class ConfirmForgotPasswordRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(
        ["client_id", "password", "secret_hash", "user_context_data", "username"]
    )

    client_id: str = field(name="ClientId", default=ABSENT)
    secret_hash: str | None = field(name="SecretHash", default=None)
    username: str = field(name="Username", default=ABSENT)
    confirmation_code: str = field(name="ConfirmationCode", default=ABSENT)
    password: str = field(name="Password", default=ABSENT)
    analytics_metadata: AnalyticsMetadataType | None = field(name="AnalyticsMetadata", default=None)
    user_context_data: UserContextDataType | None = field(name="UserContextData", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class ConfirmForgotPasswordResponse(Shape):
    pass


class ConfirmSignUpRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(
        ["client_id", "secret_hash", "session", "user_context_data", "username"]
    )

    client_id: str = field(name="ClientId", default=ABSENT)
    secret_hash: str | None = field(name="SecretHash", default=None)
    username: str = field(name="Username", default=ABSENT)
    confirmation_code: str = field(name="ConfirmationCode", default=ABSENT)
    force_alias_creation: bool | None = field(name="ForceAliasCreation", default=None)
    analytics_metadata: AnalyticsMetadataType | None = field(name="AnalyticsMetadata", default=None)
    user_context_data: UserContextDataType | None = field(name="UserContextData", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)
    session: str | None = field(name="Session", default=None)


class ConfirmSignUpResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["session"])

    session: str | None = field(name="Session", default=None)


class CreateCIMDPolicyRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    policy_name: str = field(name="PolicyName", default=ABSENT)
    cache_duration: int | None = field(name="CacheDuration", default=None)
    url_patterns: list[str] = field(name="URLPatterns", default=ABSENT)


class CIMDPolicyType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    cimd_policy_id: str = field(name="CIMDPolicyId", default=ABSENT)
    client_id: str | None = field(name="ClientId", default=None)
    policy_name: str = field(name="PolicyName", default=ABSENT)
    cache_duration: int | None = field(name="CacheDuration", default=None)
    url_patterns: list[str] | None = field(name="URLPatterns", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)


class CreateCIMDPolicyResponse(Shape):
    cimd_policy: CIMDPolicyType = field(name="CIMDPolicy", default=ABSENT)


class CreateGroupRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    description: str | None = field(name="Description", default=None)
    role_arn: str | None = field(name="RoleArn", default=None)
    precedence: int | None = field(name="Precedence", default=None)


class CreateGroupResponse(Shape):
    group: GroupType | None = field(name="Group", default=None)


class CreateIdentityProviderRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    provider_name: str = field(name="ProviderName", default=ABSENT)
    provider_type: str = field(name="ProviderType", default=ABSENT)
    provider_details: dict[str, str] = field(name="ProviderDetails", default=ABSENT)
    attribute_mapping: dict[str, str] | None = field(name="AttributeMapping", default=None)
    idp_identifiers: list[str] | None = field(name="IdpIdentifiers", default=None)
    acr_mapping: dict[str, str] | None = field(name="AcrMapping", default=None)


class IdentityProviderType(Shape):
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    provider_name: str | None = field(name="ProviderName", default=None)
    provider_type: str | None = field(name="ProviderType", default=None)
    provider_details: dict[str, str] | None = field(name="ProviderDetails", default=None)
    attribute_mapping: dict[str, str] | None = field(name="AttributeMapping", default=None)
    idp_identifiers: list[str] | None = field(name="IdpIdentifiers", default=None)
    acr_mapping: dict[str, str] | None = field(name="AcrMapping", default=None)
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)


class CreateIdentityProviderResponse(Shape):
    identity_provider: IdentityProviderType = field(name="IdentityProvider", default=ABSENT)


class AssetType(Shape):
    category: str = field(name="Category", default=ABSENT)
    color_mode: str = field(name="ColorMode", default=ABSENT)
    extension: str = field(name="Extension", default=ABSENT)
    bytes_: bytes | None = field(name="Bytes", default=None)
    resource_id: str | None = field(name="ResourceId", default=None)


class CreateManagedLoginBrandingRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    use_cognito_provided_values: bool | None = field(name="UseCognitoProvidedValues", default=None)
    settings: Document = field(name="Settings", default=ABSENT)
    assets: list[AssetType] | None = field(name="Assets", default=None)


class ManagedLoginBrandingType(Shape):
    managed_login_branding_id: str | None = field(name="ManagedLoginBrandingId", default=None)
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    use_cognito_provided_values: bool | None = field(name="UseCognitoProvidedValues", default=None)
    settings: Document = field(name="Settings", default=ABSENT)
    assets: list[AssetType] | None = field(name="Assets", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)


class CreateManagedLoginBrandingResponse(Shape):
    managed_login_branding: ManagedLoginBrandingType | None = field(name="ManagedLoginBranding", default=None)


class ResourceServerScopeType(Shape):
    scope_name: str = field(name="ScopeName", default=ABSENT)
    scope_description: str = field(name="ScopeDescription", default=ABSENT)


class CreateResourceServerRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    identifier: str = field(name="Identifier", default=ABSENT)
    name: str = field(name="Name", default=ABSENT)
    scopes: list[ResourceServerScopeType] | None = field(name="Scopes", default=None)


class ResourceServerType(Shape):
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    identifier: str | None = field(name="Identifier", default=None)
    name: str | None = field(name="Name", default=None)
    scopes: list[ResourceServerScopeType] | None = field(name="Scopes", default=None)
    managed_by: str | None = field(name="ManagedBy", default=None)


class CreateResourceServerResponse(Shape):
    resource_server: ResourceServerType = field(name="ResourceServer", default=ABSENT)


class CreateTermsRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    terms_name: str = field(name="TermsName", default=ABSENT)
    terms_source: str = field(name="TermsSource", default=ABSENT)
    enforcement: str = field(name="Enforcement", default=ABSENT)
    links: dict[str, str] | None = field(name="Links", default=None)


class TermsType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    terms_id: str = field(name="TermsId", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    terms_name: str = field(name="TermsName", default=ABSENT)
    terms_source: str = field(name="TermsSource", default=ABSENT)
    enforcement: str = field(name="Enforcement", default=ABSENT)
    links: dict[str, str] = field(name="Links", default=ABSENT)
    creation_date: float = field(name="CreationDate", default=ABSENT)
    last_modified_date: float = field(name="LastModifiedDate", default=ABSENT)


class CreateTermsResponse(Shape):
    terms: TermsType | None = field(name="Terms", default=None)


class CreateUserImportJobRequest(Shape):
    job_name: str = field(name="JobName", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    cloud_watch_logs_role_arn: str = field(name="CloudWatchLogsRoleArn", default=ABSENT)
    password_hashing_algorithm: str | None = field(name="PasswordHashingAlgorithm", default=None)


class UserImportJobType(Shape):
    job_name: str | None = field(name="JobName", default=None)
    job_id: str | None = field(name="JobId", default=None)
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    pre_signed_url: str | None = field(name="PreSignedUrl", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)
    start_date: float | None = field(name="StartDate", default=None)
    completion_date: float | None = field(name="CompletionDate", default=None)
    status: str | None = field(name="Status", default=None)
    cloud_watch_logs_role_arn: str | None = field(name="CloudWatchLogsRoleArn", default=None)
    imported_users: int | None = field(name="ImportedUsers", default=None)
    skipped_users: int | None = field(name="SkippedUsers", default=None)
    failed_users: int | None = field(name="FailedUsers", default=None)
    completion_message: str | None = field(name="CompletionMessage", default=None)
    password_hashing_algorithm: str | None = field(name="PasswordHashingAlgorithm", default=None)


class CreateUserImportJobResponse(Shape):
    user_import_job: UserImportJobType | None = field(name="UserImportJob", default=None)


class PasswordPolicyType(Shape):
    minimum_length: int | None = field(name="MinimumLength", default=None)
    require_uppercase: bool | None = field(name="RequireUppercase", default=None)
    require_lowercase: bool | None = field(name="RequireLowercase", default=None)
    require_numbers: bool | None = field(name="RequireNumbers", default=None)
    require_symbols: bool | None = field(name="RequireSymbols", default=None)
    password_history_size: int | None = field(name="PasswordHistorySize", default=None)
    temporary_password_validity_days: int | None = field(name="TemporaryPasswordValidityDays", default=None)


class SignInPolicyType(Shape):
    allowed_first_auth_factors: list[str] | None = field(name="AllowedFirstAuthFactors", default=None)


class UserPoolPolicyType(Shape):
    password_policy: PasswordPolicyType | None = field(name="PasswordPolicy", default=None)
    sign_in_policy: SignInPolicyType | None = field(name="SignInPolicy", default=None)


class PreTokenGenerationVersionConfigType(Shape):
    lambda_version: str = field(name="LambdaVersion", default=ABSENT)
    lambda_arn: str = field(name="LambdaArn", default=ABSENT)


class CustomSMSLambdaVersionConfigType(Shape):
    lambda_version: str = field(name="LambdaVersion", default=ABSENT)
    lambda_arn: str = field(name="LambdaArn", default=ABSENT)


class CustomEmailLambdaVersionConfigType(Shape):
    lambda_version: str = field(name="LambdaVersion", default=ABSENT)
    lambda_arn: str = field(name="LambdaArn", default=ABSENT)


class InboundFederationLambdaType(Shape):
    lambda_version: str = field(name="LambdaVersion", default=ABSENT)
    lambda_arn: str = field(name="LambdaArn", default=ABSENT)


class LambdaConfigType(Shape):
    pre_sign_up: str | None = field(name="PreSignUp", default=None)
    custom_message: str | None = field(name="CustomMessage", default=None)
    post_confirmation: str | None = field(name="PostConfirmation", default=None)
    pre_authentication: str | None = field(name="PreAuthentication", default=None)
    post_authentication: str | None = field(name="PostAuthentication", default=None)
    define_auth_challenge: str | None = field(name="DefineAuthChallenge", default=None)
    create_auth_challenge: str | None = field(name="CreateAuthChallenge", default=None)
    verify_auth_challenge_response: str | None = field(name="VerifyAuthChallengeResponse", default=None)
    pre_token_generation: str | None = field(name="PreTokenGeneration", default=None)
    user_migration: str | None = field(name="UserMigration", default=None)
    pre_token_generation_config: PreTokenGenerationVersionConfigType | None = field(
        name="PreTokenGenerationConfig", default=None
    )
    custom_sms_sender: CustomSMSLambdaVersionConfigType | None = field(name="CustomSMSSender", default=None)
    custom_email_sender: CustomEmailLambdaVersionConfigType | None = field(name="CustomEmailSender", default=None)
    kms_key_id: str | None = field(name="KMSKeyID", default=None)
    inbound_federation: InboundFederationLambdaType | None = field(name="InboundFederation", default=None)


class VerificationMessageTemplateType(Shape):
    sms_message: str | None = field(name="SmsMessage", default=None)
    email_message: str | None = field(name="EmailMessage", default=None)
    email_subject: str | None = field(name="EmailSubject", default=None)
    email_message_by_link: str | None = field(name="EmailMessageByLink", default=None)
    email_subject_by_link: str | None = field(name="EmailSubjectByLink", default=None)
    default_email_option: str | None = field(name="DefaultEmailOption", default=None)


class UserAttributeUpdateSettingsType(Shape):
    attributes_require_verification_before_update: list[str] | None = field(
        name="AttributesRequireVerificationBeforeUpdate", default=None
    )


class DeviceConfigurationType(Shape):
    challenge_required_on_new_device: bool | None = field(name="ChallengeRequiredOnNewDevice", default=None)
    device_only_remembered_on_user_prompt: bool | None = field(name="DeviceOnlyRememberedOnUserPrompt", default=None)


class EmailConfigurationType(Shape):
    source_arn: str | None = field(name="SourceArn", default=None)
    reply_to_email_address: str | None = field(name="ReplyToEmailAddress", default=None)
    email_sending_account: str | None = field(name="EmailSendingAccount", default=None)
    from_: str | None = field(name="From", default=None)
    configuration_set: str | None = field(name="ConfigurationSet", default=None)


class EumsSmsConfigurationType(Shape):
    caller_arn: str = field(name="CallerArn", default=ABSENT)
    external_id: str | None = field(name="ExternalId", default=None)
    origination_identity: str | None = field(name="OriginationIdentity", default=None)
    configuration_set_name: str | None = field(name="ConfigurationSetName", default=None)
    in_entity_id: str | None = field(name="InEntityId", default=None)
    in_template_id: str | None = field(name="InTemplateId", default=None)
    region: str | None = field(name="Region", default=None)


class SmsConfigurationType(Shape):
    sns_caller_arn: str | None = field(name="SnsCallerArn", default=None)
    external_id: str | None = field(name="ExternalId", default=None)
    sns_region: str | None = field(name="SnsRegion", default=None)
    eums_sms: EumsSmsConfigurationType | None = field(name="EumsSms", default=None)


class MessageTemplateType(Shape):
    sms_message: str | None = field(name="SMSMessage", default=None)
    email_message: str | None = field(name="EmailMessage", default=None)
    email_subject: str | None = field(name="EmailSubject", default=None)


class AdminCreateUserConfigType(Shape):
    allow_admin_create_user_only: bool | None = field(name="AllowAdminCreateUserOnly", default=None)
    unused_account_validity_days: int | None = field(name="UnusedAccountValidityDays", default=None)
    invite_message_template: MessageTemplateType | None = field(name="InviteMessageTemplate", default=None)


class AdvancedSecurityAdditionalFlowsType(Shape):
    custom_auth_mode: str | None = field(name="CustomAuthMode", default=None)


class UserPoolAddOnsType(Shape):
    advanced_security_mode: str = field(name="AdvancedSecurityMode", default=ABSENT)
    advanced_security_additional_flows: AdvancedSecurityAdditionalFlowsType | None = field(
        name="AdvancedSecurityAdditionalFlows", default=None
    )


class DcrConfigurationType(Shape):
    enable_status: str | None = field(name="EnableStatus", default=None)
    open_dcr_enabled: bool | None = field(name="OpenDcrEnabled", default=None)
    authenticated_grant_types: list[str] | None = field(name="AuthenticatedGrantTypes", default=None)
    open_dcr_grant_types: list[str] | None = field(name="OpenDcrGrantTypes", default=None)
    allowed_scopes: list[str] | None = field(name="AllowedScopes", default=None)


class UsernameConfigurationType(Shape):
    case_sensitive: bool = field(name="CaseSensitive", default=ABSENT)


class RecoveryOptionType(Shape):
    priority: int = field(name="Priority", default=ABSENT)
    name: str = field(name="Name", default=ABSENT)


class AccountRecoverySettingType(Shape):
    recovery_mechanisms: list[RecoveryOptionType] | None = field(name="RecoveryMechanisms", default=None)


class KeyConfigurationType(Shape):
    key_type: str | None = field(name="KeyType", default=None)
    kms_key_arn: str | None = field(name="KmsKeyArn", default=None)


class IssuerConfigurationType(Shape):
    type: str | None = field(name="Type", default=None)


class AcrLevelConfigType(Shape):
    acr_value: str = field(name="AcrValue", default=ABSENT)


class CreateUserPoolRequest(Shape):
    pool_name: str = field(name="PoolName", default=ABSENT)
    policies: UserPoolPolicyType | None = field(name="Policies", default=None)
    deletion_protection: str | None = field(name="DeletionProtection", default=None)
    lambda_config: LambdaConfigType | None = field(name="LambdaConfig", default=None)
    auto_verified_attributes: list[str] | None = field(name="AutoVerifiedAttributes", default=None)
    alias_attributes: list[str] | None = field(name="AliasAttributes", default=None)
    username_attributes: list[str] | None = field(name="UsernameAttributes", default=None)
    sms_verification_message: str | None = field(name="SmsVerificationMessage", default=None)
    email_verification_message: str | None = field(name="EmailVerificationMessage", default=None)
    email_verification_subject: str | None = field(name="EmailVerificationSubject", default=None)
    verification_message_template: VerificationMessageTemplateType | None = field(
        name="VerificationMessageTemplate", default=None
    )
    sms_authentication_message: str | None = field(name="SmsAuthenticationMessage", default=None)
    mfa_configuration: str | None = field(name="MfaConfiguration", default=None)
    user_attribute_update_settings: UserAttributeUpdateSettingsType | None = field(
        name="UserAttributeUpdateSettings", default=None
    )
    device_configuration: DeviceConfigurationType | None = field(name="DeviceConfiguration", default=None)
    email_configuration: EmailConfigurationType | None = field(name="EmailConfiguration", default=None)
    sms_configuration: SmsConfigurationType | None = field(name="SmsConfiguration", default=None)
    user_pool_tags: dict[str, str] | None = field(name="UserPoolTags", default=None)
    admin_create_user_config: AdminCreateUserConfigType | None = field(name="AdminCreateUserConfig", default=None)
    schema: list[SchemaAttributeType] | None = field(name="Schema", default=None)
    user_pool_add_ons: UserPoolAddOnsType | None = field(name="UserPoolAddOns", default=None)
    dcr_configuration: DcrConfigurationType | None = field(name="DcrConfiguration", default=None)
    username_configuration: UsernameConfigurationType | None = field(name="UsernameConfiguration", default=None)
    account_recovery_setting: AccountRecoverySettingType | None = field(name="AccountRecoverySetting", default=None)
    user_pool_tier: str | None = field(name="UserPoolTier", default=None)
    key_configuration: KeyConfigurationType | None = field(name="KeyConfiguration", default=None)
    issuer_configuration: IssuerConfigurationType | None = field(name="IssuerConfiguration", default=None)
    acr_configuration: dict[str, AcrLevelConfigType] | None = field(name="AcrConfiguration", default=None)


class UserPoolType(Shape):
    id: str | None = field(name="Id", default=None)
    name: str | None = field(name="Name", default=None)
    policies: UserPoolPolicyType | None = field(name="Policies", default=None)
    deletion_protection: str | None = field(name="DeletionProtection", default=None)
    lambda_config: LambdaConfigType | None = field(name="LambdaConfig", default=None)
    status: str | None = field(name="Status", default=None)
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)
    schema_attributes: list[SchemaAttributeType] | None = field(name="SchemaAttributes", default=None)
    auto_verified_attributes: list[str] | None = field(name="AutoVerifiedAttributes", default=None)
    alias_attributes: list[str] | None = field(name="AliasAttributes", default=None)
    username_attributes: list[str] | None = field(name="UsernameAttributes", default=None)
    sms_verification_message: str | None = field(name="SmsVerificationMessage", default=None)
    email_verification_message: str | None = field(name="EmailVerificationMessage", default=None)
    email_verification_subject: str | None = field(name="EmailVerificationSubject", default=None)
    verification_message_template: VerificationMessageTemplateType | None = field(
        name="VerificationMessageTemplate", default=None
    )
    sms_authentication_message: str | None = field(name="SmsAuthenticationMessage", default=None)
    user_attribute_update_settings: UserAttributeUpdateSettingsType | None = field(
        name="UserAttributeUpdateSettings", default=None
    )
    mfa_configuration: str | None = field(name="MfaConfiguration", default=None)
    device_configuration: DeviceConfigurationType | None = field(name="DeviceConfiguration", default=None)
    estimated_number_of_users: int | None = field(name="EstimatedNumberOfUsers", default=None)
    email_configuration: EmailConfigurationType | None = field(name="EmailConfiguration", default=None)
    sms_configuration: SmsConfigurationType | None = field(name="SmsConfiguration", default=None)
    user_pool_tags: dict[str, str] | None = field(name="UserPoolTags", default=None)
    sms_configuration_failure: str | None = field(name="SmsConfigurationFailure", default=None)
    email_configuration_failure: str | None = field(name="EmailConfigurationFailure", default=None)
    domain: str | None = field(name="Domain", default=None)
    custom_domain: str | None = field(name="CustomDomain", default=None)
    admin_create_user_config: AdminCreateUserConfigType | None = field(name="AdminCreateUserConfig", default=None)
    user_pool_add_ons: UserPoolAddOnsType | None = field(name="UserPoolAddOns", default=None)
    dcr_configuration: DcrConfigurationType | None = field(name="DcrConfiguration", default=None)
    username_configuration: UsernameConfigurationType | None = field(name="UsernameConfiguration", default=None)
    arn: str | None = field(name="Arn", default=None)
    account_recovery_setting: AccountRecoverySettingType | None = field(name="AccountRecoverySetting", default=None)
    user_pool_tier: str | None = field(name="UserPoolTier", default=None)
    key_configuration: KeyConfigurationType | None = field(name="KeyConfiguration", default=None)
    issuer_configuration: IssuerConfigurationType | None = field(name="IssuerConfiguration", default=None)
    acr_configuration: dict[str, AcrLevelConfigType] | None = field(name="AcrConfiguration", default=None)


class CreateUserPoolResponse(Shape):
    user_pool: UserPoolType | None = field(name="UserPool", default=None)


class TokenValidityUnitsType(Shape):
    access_token: str | None = field(name="AccessToken", default=None)
    id_token: str | None = field(name="IdToken", default=None)
    refresh_token: str | None = field(name="RefreshToken", default=None)


class AnalyticsConfigurationType(Shape):
    application_id: str | None = field(name="ApplicationId", default=None)
    application_arn: str | None = field(name="ApplicationArn", default=None)
    role_arn: str | None = field(name="RoleArn", default=None)
    external_id: str | None = field(name="ExternalId", default=None)
    user_data_shared: bool | None = field(name="UserDataShared", default=None)


class RefreshTokenRotationType(Shape):
    feature: str = field(name="Feature", default=ABSENT)
    retry_grace_period_seconds: int | None = field(name="RetryGracePeriodSeconds", default=None)


class CreateUserPoolClientRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_secret"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_name: str = field(name="ClientName", default=ABSENT)
    generate_secret: bool | None = field(name="GenerateSecret", default=None)
    client_secret: str | None = field(name="ClientSecret", default=None)
    refresh_token_validity: int | None = field(name="RefreshTokenValidity", default=None)
    access_token_validity: int | None = field(name="AccessTokenValidity", default=None)
    id_token_validity: int | None = field(name="IdTokenValidity", default=None)
    token_validity_units: TokenValidityUnitsType | None = field(name="TokenValidityUnits", default=None)
    read_attributes: list[str] | None = field(name="ReadAttributes", default=None)
    write_attributes: list[str] | None = field(name="WriteAttributes", default=None)
    explicit_auth_flows: list[str] | None = field(name="ExplicitAuthFlows", default=None)
    supported_identity_providers: list[str] | None = field(name="SupportedIdentityProviders", default=None)
    callback_urls: list[str] | None = field(name="CallbackURLs", default=None)
    logout_urls: list[str] | None = field(name="LogoutURLs", default=None)
    default_redirect_uri: str | None = field(name="DefaultRedirectURI", default=None)
    allowed_oauth_flows: list[str] | None = field(name="AllowedOAuthFlows", default=None)
    allowed_oauth_scopes: list[str] | None = field(name="AllowedOAuthScopes", default=None)
    allowed_oauth_flows_user_pool_client: bool | None = field(name="AllowedOAuthFlowsUserPoolClient", default=None)
    analytics_configuration: AnalyticsConfigurationType | None = field(name="AnalyticsConfiguration", default=None)
    prevent_user_existence_errors: str | None = field(name="PreventUserExistenceErrors", default=None)
    enable_token_revocation: bool | None = field(name="EnableTokenRevocation", default=None)
    enable_propagate_additional_user_context_data: bool | None = field(
        name="EnablePropagateAdditionalUserContextData", default=None
    )
    auth_session_validity: int | None = field(name="AuthSessionValidity", default=None)
    refresh_token_rotation: RefreshTokenRotationType | None = field(name="RefreshTokenRotation", default=None)
    publish_secrets_in_aws_secrets_manager: bool | None = field(name="PublishSecretsInAWSSecretsManager", default=None)


class UserPoolClientType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id", "client_secret"])

    user_pool_id: str | None = field(name="UserPoolId", default=None)
    client_name: str | None = field(name="ClientName", default=None)
    client_id: str | None = field(name="ClientId", default=None)
    client_secret: str | None = field(name="ClientSecret", default=None)
    client_secret_arn: str | None = field(name="ClientSecretArn", default=None)
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)
    refresh_token_validity: int | None = field(name="RefreshTokenValidity", default=None)
    access_token_validity: int | None = field(name="AccessTokenValidity", default=None)
    id_token_validity: int | None = field(name="IdTokenValidity", default=None)
    token_validity_units: TokenValidityUnitsType | None = field(name="TokenValidityUnits", default=None)
    read_attributes: list[str] | None = field(name="ReadAttributes", default=None)
    write_attributes: list[str] | None = field(name="WriteAttributes", default=None)
    explicit_auth_flows: list[str] | None = field(name="ExplicitAuthFlows", default=None)
    supported_identity_providers: list[str] | None = field(name="SupportedIdentityProviders", default=None)
    callback_urls: list[str] | None = field(name="CallbackURLs", default=None)
    logout_urls: list[str] | None = field(name="LogoutURLs", default=None)
    default_redirect_uri: str | None = field(name="DefaultRedirectURI", default=None)
    allowed_oauth_flows: list[str] | None = field(name="AllowedOAuthFlows", default=None)
    allowed_oauth_scopes: list[str] | None = field(name="AllowedOAuthScopes", default=None)
    allowed_oauth_flows_user_pool_client: bool | None = field(name="AllowedOAuthFlowsUserPoolClient", default=None)
    analytics_configuration: AnalyticsConfigurationType | None = field(name="AnalyticsConfiguration", default=None)
    prevent_user_existence_errors: str | None = field(name="PreventUserExistenceErrors", default=None)
    enable_token_revocation: bool | None = field(name="EnableTokenRevocation", default=None)
    enable_propagate_additional_user_context_data: bool | None = field(
        name="EnablePropagateAdditionalUserContextData", default=None
    )
    auth_session_validity: int | None = field(name="AuthSessionValidity", default=None)
    refresh_token_rotation: RefreshTokenRotationType | None = field(name="RefreshTokenRotation", default=None)
    client_type: str | None = field(name="ClientType", default=None)


class CreateUserPoolClientResponse(Shape):
    user_pool_client: UserPoolClientType | None = field(name="UserPoolClient", default=None)


class CustomDomainConfigType(Shape):
    certificate_arn: str = field(name="CertificateArn", default=ABSENT)
    security_policy: str | None = field(name="SecurityPolicy", default=None)


class FailoverType(Shape):
    secondary_region: str = field(name="SecondaryRegion", default=ABSENT)
    primary_route_53_health_check_id: str = field(name="PrimaryRoute53HealthCheckId", default=ABSENT)


class RoutingType(Shape):
    failover: FailoverType | None = field(name="Failover", default=None)


class CreateUserPoolDomainRequest(Shape):
    domain: str = field(name="Domain", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    managed_login_version: int | None = field(name="ManagedLoginVersion", default=None)
    custom_domain_config: CustomDomainConfigType | None = field(name="CustomDomainConfig", default=None)
    routing: RoutingType | None = field(name="Routing", default=None)


class CreateUserPoolDomainResponse(Shape):
    managed_login_version: int | None = field(name="ManagedLoginVersion", default=None)
    cloud_front_domain: str | None = field(name="CloudFrontDomain", default=None)
    routing: RoutingType | None = field(name="Routing", default=None)


class CreateUserPoolReplicaRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    region_name: str = field(name="RegionName", default=ABSENT)
    user_pool_tags: dict[str, str] | None = field(name="UserPoolTags", default=None)


class UserPoolReplicaType(Shape):
    region_name: str | None = field(name="RegionName", default=None)
    status: str | None = field(name="Status", default=None)
    role: str | None = field(name="Role", default=None)
    user_pool_arn: str | None = field(name="UserPoolArn", default=None)


class CreateUserPoolReplicaResponse(Shape):
    user_pool_replica: UserPoolReplicaType | None = field(name="UserPoolReplica", default=None)


class DeleteCIMDPolicyRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    cimd_policy_id: str = field(name="CIMDPolicyId", default=ABSENT)


class DeleteCIMDPolicyResponse(Shape):
    pass


class DeleteGroupRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class DeleteIdentityProviderRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    provider_name: str = field(name="ProviderName", default=ABSENT)


class DeleteManagedLoginBrandingRequest(Shape):
    managed_login_branding_id: str = field(name="ManagedLoginBrandingId", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class DeleteResourceServerRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    identifier: str = field(name="Identifier", default=ABSENT)


class DeleteTermsRequest(Shape):
    terms_id: str = field(name="TermsId", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class DeleteUserRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)


class DeleteUserAttributesRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    user_attribute_names: list[str] = field(name="UserAttributeNames", default=ABSENT)
    access_token: str = field(name="AccessToken", default=ABSENT)


class DeleteUserAttributesResponse(Shape):
    pass


class DeleteUserPoolRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class DeleteUserPoolClientRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)


class DeleteUserPoolClientSecretRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    client_secret_id: str = field(name="ClientSecretId", default=ABSENT)


class DeleteUserPoolClientSecretResponse(Shape):
    pass


class DeleteUserPoolDomainRequest(Shape):
    domain: str = field(name="Domain", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class DeleteUserPoolDomainResponse(Shape):
    pass


class DeleteUserPoolReplicaRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    region_name: str = field(name="RegionName", default=ABSENT)


class DeleteUserPoolReplicaResponse(Shape):
    user_pool_replica: UserPoolReplicaType | None = field(name="UserPoolReplica", default=None)


class DeleteWebAuthnCredentialRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)
    credential_id: str = field(name="CredentialId", default=ABSENT)


class DeleteWebAuthnCredentialResponse(Shape):
    pass


class DescribeCIMDPolicyRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    cimd_policy_id: str = field(name="CIMDPolicyId", default=ABSENT)


class DescribeCIMDPolicyResponse(Shape):
    cimd_policy: CIMDPolicyType = field(name="CIMDPolicy", default=ABSENT)


class DescribeIdentityProviderRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    provider_name: str = field(name="ProviderName", default=ABSENT)


class DescribeIdentityProviderResponse(Shape):
    identity_provider: IdentityProviderType = field(name="IdentityProvider", default=ABSENT)


class DescribeManagedLoginBrandingRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    managed_login_branding_id: str = field(name="ManagedLoginBrandingId", default=ABSENT)
    return_merged_resources: bool | None = field(name="ReturnMergedResources", default=None)


class DescribeManagedLoginBrandingResponse(Shape):
    managed_login_branding: ManagedLoginBrandingType | None = field(name="ManagedLoginBranding", default=None)


class DescribeManagedLoginBrandingByClientRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    return_merged_resources: bool | None = field(name="ReturnMergedResources", default=None)


class DescribeManagedLoginBrandingByClientResponse(Shape):
    managed_login_branding: ManagedLoginBrandingType | None = field(name="ManagedLoginBranding", default=None)


class DescribePointInTimeRecoveryRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    restore_id: str = field(name="RestoreId", default=ABSENT)


class DescribePointInTimeRecoveryResponse(Shape):
    restoration: RestorationType | None = field(name="Restoration", default=None)


class DescribeResourceServerRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    identifier: str = field(name="Identifier", default=ABSENT)


class DescribeResourceServerResponse(Shape):
    resource_server: ResourceServerType = field(name="ResourceServer", default=ABSENT)


class DescribeRiskConfigurationRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str | None = field(name="ClientId", default=None)


class CompromisedCredentialsActionsType(Shape):
    event_action: str = field(name="EventAction", default=ABSENT)


class CompromisedCredentialsRiskConfigurationType(Shape):
    event_filter: list[str] | None = field(name="EventFilter", default=None)
    actions: CompromisedCredentialsActionsType = field(name="Actions", default=ABSENT)


class NotifyEmailType(Shape):
    subject: str = field(name="Subject", default=ABSENT)
    html_body: str | None = field(name="HtmlBody", default=None)
    text_body: str | None = field(name="TextBody", default=None)


class NotifyConfigurationType(Shape):
    from_: str | None = field(name="From", default=None)
    reply_to: str | None = field(name="ReplyTo", default=None)
    source_arn: str = field(name="SourceArn", default=ABSENT)
    block_email: NotifyEmailType | None = field(name="BlockEmail", default=None)
    no_action_email: NotifyEmailType | None = field(name="NoActionEmail", default=None)
    mfa_email: NotifyEmailType | None = field(name="MfaEmail", default=None)


class AccountTakeoverActionType(Shape):
    notify: bool = field(name="Notify", default=ABSENT)
    event_action: str = field(name="EventAction", default=ABSENT)


class AccountTakeoverActionsType(Shape):
    low_action: AccountTakeoverActionType | None = field(name="LowAction", default=None)
    medium_action: AccountTakeoverActionType | None = field(name="MediumAction", default=None)
    high_action: AccountTakeoverActionType | None = field(name="HighAction", default=None)


class AccountTakeoverRiskConfigurationType(Shape):
    notify_configuration: NotifyConfigurationType | None = field(name="NotifyConfiguration", default=None)
    actions: AccountTakeoverActionsType = field(name="Actions", default=ABSENT)


class RiskExceptionConfigurationType(Shape):
    blocked_ip_range_list: list[str] | None = field(name="BlockedIPRangeList", default=None)
    skipped_ip_range_list: list[str] | None = field(name="SkippedIPRangeList", default=None)


class RiskConfigurationType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str | None = field(name="UserPoolId", default=None)
    client_id: str | None = field(name="ClientId", default=None)
    compromised_credentials_risk_configuration: CompromisedCredentialsRiskConfigurationType | None = field(
        name="CompromisedCredentialsRiskConfiguration", default=None
    )
    account_takeover_risk_configuration: AccountTakeoverRiskConfigurationType | None = field(
        name="AccountTakeoverRiskConfiguration", default=None
    )
    risk_exception_configuration: RiskExceptionConfigurationType | None = field(
        name="RiskExceptionConfiguration", default=None
    )
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)


class DescribeRiskConfigurationResponse(Shape):
    risk_configuration: RiskConfigurationType = field(name="RiskConfiguration", default=ABSENT)


class DescribeTermsRequest(Shape):
    terms_id: str = field(name="TermsId", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class DescribeTermsResponse(Shape):
    terms: TermsType | None = field(name="Terms", default=None)


class DescribeTermsByClientRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    client_id: str = field(name="ClientId", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    terms_name: str = field(name="TermsName", default=ABSENT)


class DescribeTermsByClientResponse(Shape):
    terms: TermsType | None = field(name="Terms", default=None)


class DescribeUserImportJobRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    job_id: str = field(name="JobId", default=ABSENT)


class DescribeUserImportJobResponse(Shape):
    user_import_job: UserImportJobType | None = field(name="UserImportJob", default=None)


class DescribeUserPoolRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class DescribeUserPoolResponse(Shape):
    user_pool: UserPoolType | None = field(name="UserPool", default=None)


class DescribeUserPoolClientRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)


class DescribeUserPoolClientResponse(Shape):
    user_pool_client: UserPoolClientType | None = field(name="UserPoolClient", default=None)


class DescribeUserPoolDomainRequest(Shape):
    domain: str = field(name="Domain", default=ABSENT)


class DomainDescriptionType(Shape):
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    aws_account_id: str | None = field(name="AWSAccountId", default=None)
    domain: str | None = field(name="Domain", default=None)
    s_3_bucket: str | None = field(name="S3Bucket", default=None)
    cloud_front_distribution: str | None = field(name="CloudFrontDistribution", default=None)
    version: str | None = field(name="Version", default=None)
    status: str | None = field(name="Status", default=None)
    custom_domain_config: CustomDomainConfigType | None = field(name="CustomDomainConfig", default=None)
    managed_login_version: int | None = field(name="ManagedLoginVersion", default=None)
    routing: RoutingType | None = field(name="Routing", default=None)


class DescribeUserPoolDomainResponse(Shape):
    domain_description: DomainDescriptionType | None = field(name="DomainDescription", default=None)


class ForgetDeviceRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str | None = field(name="AccessToken", default=None)
    device_key: str = field(name="DeviceKey", default=ABSENT)


class ForgotPasswordRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id", "secret_hash", "user_context_data", "username"])

    client_id: str = field(name="ClientId", default=ABSENT)
    secret_hash: str | None = field(name="SecretHash", default=None)
    user_context_data: UserContextDataType | None = field(name="UserContextData", default=None)
    username: str = field(name="Username", default=ABSENT)
    analytics_metadata: AnalyticsMetadataType | None = field(name="AnalyticsMetadata", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class CodeDeliveryDetailsType(Shape):
    destination: str | None = field(name="Destination", default=None)
    delivery_medium: str | None = field(name="DeliveryMedium", default=None)
    attribute_name: str | None = field(name="AttributeName", default=None)


class ForgotPasswordResponse(Shape):
    code_delivery_details: CodeDeliveryDetailsType | None = field(name="CodeDeliveryDetails", default=None)


class GetCSVHeaderRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class GetCSVHeaderResponse(Shape):
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    csv_header: list[str] | None = field(name="CSVHeader", default=None)


class GetClientTokenRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id", "secret"])

    client_id: str = field(name="ClientId", default=ABSENT)
    secret: str = field(name="Secret", default=ABSENT)
    scopes: list[str] | None = field(name="Scopes", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class ClientAuthenticationResultType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str | None = field(name="AccessToken", default=None)
    expires_in: int | None = field(name="ExpiresIn", default=None)
    token_type: str | None = field(name="TokenType", default=None)


class GetClientTokenResponse(Shape):
    client_authentication_result: ClientAuthenticationResultType | None = field(
        name="ClientAuthenticationResult", default=None
    )


class GetDerivedTokenRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["actor_token", "client_id", "client_secret", "subject_token"])

    client_id: str = field(name="ClientId", default=ABSENT)
    client_secret: str | None = field(name="ClientSecret", default=None)
    subject_token: str = field(name="SubjectToken", default=ABSENT)
    subject_token_type: str = field(name="SubjectTokenType", default=ABSENT)
    subject_token_provider_name: str | None = field(name="SubjectTokenProviderName", default=None)
    actor_token: str | None = field(name="ActorToken", default=None)
    actor_token_type: str | None = field(name="ActorTokenType", default=None)
    actor_token_provider_name: str | None = field(name="ActorTokenProviderName", default=None)
    scopes: list[str] | None = field(name="Scopes", default=None)
    audiences: list[str] | None = field(name="Audiences", default=None)
    resources: list[str] | None = field(name="Resources", default=None)
    requested_token_type: str | None = field(name="RequestedTokenType", default=None)


class GetDerivedTokenResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["issued_token"])

    issued_token: str = field(name="IssuedToken", default=ABSENT)
    issued_token_type: str = field(name="IssuedTokenType", default=ABSENT)
    token_type: str = field(name="TokenType", default=ABSENT)
    expires_in: int | None = field(name="ExpiresIn", default=None)
    scopes: list[str] | None = field(name="Scopes", default=None)


class GetDeviceRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    device_key: str = field(name="DeviceKey", default=ABSENT)
    access_token: str | None = field(name="AccessToken", default=None)


class GetDeviceResponse(Shape):
    device: DeviceType = field(name="Device", default=ABSENT)


class GetGroupRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class GetGroupResponse(Shape):
    group: GroupType | None = field(name="Group", default=None)


class GetIdentityProviderByIdentifierRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    idp_identifier: str = field(name="IdpIdentifier", default=ABSENT)


class GetIdentityProviderByIdentifierResponse(Shape):
    identity_provider: IdentityProviderType = field(name="IdentityProvider", default=ABSENT)


class GetLogDeliveryConfigurationRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class CloudWatchLogsConfigurationType(Shape):
    log_group_arn: str | None = field(name="LogGroupArn", default=None)


class S3ConfigurationType(Shape):
    bucket_arn: str | None = field(name="BucketArn", default=None)


class FirehoseConfigurationType(Shape):
    stream_arn: str | None = field(name="StreamArn", default=None)


class LogConfigurationType(Shape):
    log_level: str = field(name="LogLevel", default=ABSENT)
    event_source: str = field(name="EventSource", default=ABSENT)
    cloud_watch_logs_configuration: CloudWatchLogsConfigurationType | None = field(
        name="CloudWatchLogsConfiguration", default=None
    )
    s_3_configuration: S3ConfigurationType | None = field(name="S3Configuration", default=None)
    firehose_configuration: FirehoseConfigurationType | None = field(name="FirehoseConfiguration", default=None)


class LogDeliveryConfigurationType(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    log_configurations: list[LogConfigurationType] = field(name="LogConfigurations", default=ABSENT)


class GetLogDeliveryConfigurationResponse(Shape):
    log_delivery_configuration: LogDeliveryConfigurationType | None = field(
        name="LogDeliveryConfiguration", default=None
    )


class LimitDefinitionType(Shape):
    limit_class: str = field(name="LimitClass", default=ABSENT)
    attributes: dict[str, str] = field(name="Attributes", default=ABSENT)


class GetProvisionedLimitRequest(Shape):
    limit_definition: LimitDefinitionType = field(name="LimitDefinition", default=ABSENT)


class LimitType(Shape):
    limit_definition: LimitDefinitionType = field(name="LimitDefinition", default=ABSENT)
    provisioned_limit_value: int = field(name="ProvisionedLimitValue", default=ABSENT)
    free_limit_value: int = field(name="FreeLimitValue", default=ABSENT)


class GetProvisionedLimitResponse(Shape):
    limit: LimitType = field(name="Limit", default=ABSENT)


class GetSigningCertificateRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class GetSigningCertificateResponse(Shape):
    certificate: str | None = field(name="Certificate", default=None)


class GetTokensFromRefreshTokenRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id", "client_secret", "refresh_token"])

    refresh_token: str = field(name="RefreshToken", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    client_secret: str | None = field(name="ClientSecret", default=None)
    device_key: str | None = field(name="DeviceKey", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class GetTokensFromRefreshTokenResponse(Shape):
    authentication_result: AuthenticationResultType | None = field(name="AuthenticationResult", default=None)


class GetUICustomizationRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str | None = field(name="ClientId", default=None)


class UICustomizationType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str | None = field(name="UserPoolId", default=None)
    client_id: str | None = field(name="ClientId", default=None)
    image_url: str | None = field(name="ImageUrl", default=None)
    css: str | None = field(name="CSS", default=None)
    css_version: str | None = field(name="CSSVersion", default=None)
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)


class GetUICustomizationResponse(Shape):
    ui_customization: UICustomizationType = field(name="UICustomization", default=ABSENT)


class GetUserRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)


class GetUserResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    username: str = field(name="Username", default=ABSENT)
    user_attributes: list[AttributeType] = field(name="UserAttributes", default=ABSENT)
    mfa_options: list[MFAOptionType] | None = field(name="MFAOptions", default=None)
    preferred_mfa_setting: str | None = field(name="PreferredMfaSetting", default=None)
    user_mfa_setting_list: list[str] | None = field(name="UserMFASettingList", default=None)


class GetUserAttributeVerificationCodeRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)
    attribute_name: str = field(name="AttributeName", default=ABSENT)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class GetUserAttributeVerificationCodeResponse(Shape):
    code_delivery_details: CodeDeliveryDetailsType | None = field(name="CodeDeliveryDetails", default=None)


class GetUserAuthFactorsRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)


class GetUserAuthFactorsResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    username: str = field(name="Username", default=ABSENT)
    preferred_mfa_setting: str | None = field(name="PreferredMfaSetting", default=None)
    user_mfa_setting_list: list[str] | None = field(name="UserMFASettingList", default=None)
    configured_user_auth_factors: list[str] | None = field(name="ConfiguredUserAuthFactors", default=None)


class GetUserPoolClientSessionConfigurationRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)


class ClientSSOSessionConfigType(Shape):
    max_validity_minutes: int = field(name="MaxValidityMinutes", default=ABSENT)


class GetUserPoolClientSessionConfigurationResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str | None = field(name="UserPoolId", default=None)
    client_id: str | None = field(name="ClientId", default=None)
    sso_session: ClientSSOSessionConfigType | None = field(name="SSOSession", default=None)


class GetUserPoolMfaConfigRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class SmsMfaConfigType(Shape):
    sms_authentication_message: str | None = field(name="SmsAuthenticationMessage", default=None)
    sms_configuration: SmsConfigurationType | None = field(name="SmsConfiguration", default=None)


class SoftwareTokenMfaConfigType(Shape):
    enabled: bool | None = field(name="Enabled", default=None)


class EmailMfaConfigType(Shape):
    message: str | None = field(name="Message", default=None)
    subject: str | None = field(name="Subject", default=None)


class WebAuthnConfigurationType(Shape):
    relying_party_id: str | None = field(name="RelyingPartyId", default=None)
    user_verification: str | None = field(name="UserVerification", default=None)
    factor_configuration: str | None = field(name="FactorConfiguration", default=None)


class GetUserPoolMfaConfigResponse(Shape):
    sms_mfa_configuration: SmsMfaConfigType | None = field(name="SmsMfaConfiguration", default=None)
    software_token_mfa_configuration: SoftwareTokenMfaConfigType | None = field(
        name="SoftwareTokenMfaConfiguration", default=None
    )
    email_mfa_configuration: EmailMfaConfigType | None = field(name="EmailMfaConfiguration", default=None)
    mfa_configuration: str | None = field(name="MfaConfiguration", default=None)
    webauthn_configuration: WebAuthnConfigurationType | None = field(name="WebAuthnConfiguration", default=None)


class GetUserPoolSessionConfigurationRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class UserPoolTokenSessionConfigType(Shape):
    max_per_user: int = field(name="MaxPerUser", default=ABSENT)


class GetUserPoolSessionConfigurationResponse(Shape):
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    user_session_tracking: str | None = field(name="UserSessionTracking", default=None)
    token_session: UserPoolTokenSessionConfigType | None = field(name="TokenSession", default=None)


class GlobalSignOutRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)


class GlobalSignOutResponse(Shape):
    pass


class InitiateAuthRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["auth_parameters", "client_id", "session", "user_context_data"])

    auth_flow: str = field(name="AuthFlow", default=ABSENT)
    auth_parameters: dict[str, str] | None = field(name="AuthParameters", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)
    client_id: str = field(name="ClientId", default=ABSENT)
    analytics_metadata: AnalyticsMetadataType | None = field(name="AnalyticsMetadata", default=None)
    user_context_data: UserContextDataType | None = field(name="UserContextData", default=None)
    session: str | None = field(name="Session", default=None)


class InitiateAuthResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["session"])

    challenge_name: str | None = field(name="ChallengeName", default=None)
    session: str | None = field(name="Session", default=None)
    challenge_parameters: dict[str, str] | None = field(name="ChallengeParameters", default=None)
    authentication_result: AuthenticationResultType | None = field(name="AuthenticationResult", default=None)
    available_challenges: list[str] | None = field(name="AvailableChallenges", default=None)


class InitiatePointInTimeRecoveryRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    restore_timestamp: float = field(name="RestoreTimestamp", default=ABSENT)


class InitiatePointInTimeRecoveryResponse(Shape):
    restoration: RestorationType | None = field(name="Restoration", default=None)


class ListCIMDPoliciesRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class CIMDPolicySummaryType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    cimd_policy_id: str = field(name="CIMDPolicyId", default=ABSENT)
    client_id: str | None = field(name="ClientId", default=None)
    policy_name: str = field(name="PolicyName", default=ABSENT)
    cache_duration: int | None = field(name="CacheDuration", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)


class ListCIMDPoliciesResponse(Shape):
    next_token: str | None = field(name="NextToken", default=None)
    cimd_policies: list[CIMDPolicySummaryType] = field(name="CIMDPolicies", default=ABSENT)


class ListClientMetadataURLsRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    cimd_policy_id: str = field(name="CIMDPolicyId", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class ClientMetadataURLType(Shape):
    url: str = field(name="URL", default=ABSENT)
    cached_date: float | None = field(name="CachedDate", default=None)
    expiration_date: float | None = field(name="ExpirationDate", default=None)


class ListClientMetadataURLsResponse(Shape):
    next_token: str | None = field(name="NextToken", default=None)
    client_metadata_urls: list[ClientMetadataURLType] = field(name="ClientMetadataURLs", default=ABSENT)


class ListDevicesRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)
    limit: int | None = field(name="Limit", default=None)
    pagination_token: str | None = field(name="PaginationToken", default=None)


class ListDevicesResponse(Shape):
    devices: list[DeviceType] | None = field(name="Devices", default=None)
    pagination_token: str | None = field(name="PaginationToken", default=None)


class ListGroupsRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    limit: int | None = field(name="Limit", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListGroupsResponse(Shape):
    groups: list[GroupType] | None = field(name="Groups", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListIdentityProvidersRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    max_results: int | None = field(name="MaxResults", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ProviderDescription(Shape):
    provider_name: str | None = field(name="ProviderName", default=None)
    provider_type: str | None = field(name="ProviderType", default=None)
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)


class ListIdentityProvidersResponse(Shape):
    providers: list[ProviderDescription] = field(name="Providers", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)


class ListPointInTimeRecoveriesRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class RestorationDescriptionType(Shape):
    restore_id: str | None = field(name="RestoreId", default=None)
    restore_status: str | None = field(name="RestoreStatus", default=None)
    restore_timestamp: float | None = field(name="RestoreTimestamp", default=None)


class ListPointInTimeRecoveriesResponse(Shape):
    restorations: list[RestorationDescriptionType] | None = field(name="Restorations", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListResourceServersRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    max_results: int | None = field(name="MaxResults", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListResourceServersResponse(Shape):
    resource_servers: list[ResourceServerType] = field(name="ResourceServers", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)


class ListTagsForResourceRequest(Shape):
    resource_arn: str = field(name="ResourceArn", default=ABSENT)


class ListTagsForResourceResponse(Shape):
    tags: dict[str, str] | None = field(name="Tags", default=None)


class ListTermsRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    max_results: int | None = field(name="MaxResults", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class TermsDescriptionType(Shape):
    terms_id: str = field(name="TermsId", default=ABSENT)
    terms_name: str = field(name="TermsName", default=ABSENT)
    enforcement: str = field(name="Enforcement", default=ABSENT)
    creation_date: float = field(name="CreationDate", default=ABSENT)
    last_modified_date: float = field(name="LastModifiedDate", default=ABSENT)


class ListTermsResponse(Shape):
    terms: list[TermsDescriptionType] = field(name="Terms", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)


class ListUserImportJobsRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    max_results: int = field(name="MaxResults", default=ABSENT)
    pagination_token: str | None = field(name="PaginationToken", default=None)


class ListUserImportJobsResponse(Shape):
    user_import_jobs: list[UserImportJobType] | None = field(name="UserImportJobs", default=None)
    pagination_token: str | None = field(name="PaginationToken", default=None)


class ListUserPoolClientSecretsRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)


class ListUserPoolClientSecretsResponse(Shape):
    client_secrets: list[ClientSecretDescriptorType] | None = field(name="ClientSecrets", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListUserPoolClientsRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    max_results: int | None = field(name="MaxResults", default=None)
    next_token: str | None = field(name="NextToken", default=None)
    client_type: str | None = field(name="ClientType", default=None)


class UserPoolClientDescription(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    client_id: str | None = field(name="ClientId", default=None)
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    client_name: str | None = field(name="ClientName", default=None)


class ListUserPoolClientsResponse(Shape):
    user_pool_clients: list[UserPoolClientDescription] | None = field(name="UserPoolClients", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListUserPoolReplicasRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)


class ListUserPoolReplicasResponse(Shape):
    user_pool_replicas: list[UserPoolReplicaType] | None = field(name="UserPoolReplicas", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListUserPoolsRequest(Shape):
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int = field(name="MaxResults", default=ABSENT)


class UserPoolDescriptionType(Shape):
    id: str | None = field(name="Id", default=None)
    name: str | None = field(name="Name", default=None)
    lambda_config: LambdaConfigType | None = field(name="LambdaConfig", default=None)
    status: str | None = field(name="Status", default=None)
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)
    replica_regions: list[str] | None = field(name="ReplicaRegions", default=None)


class ListUserPoolsResponse(Shape):
    user_pools: list[UserPoolDescriptionType] | None = field(name="UserPools", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListUserSessionsRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)


class ListUserSessionsResponse(Shape):
    sessions: list[SessionDescriptionType] | None = field(name="Sessions", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListUsersRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    attributes_to_get: list[str] | None = field(name="AttributesToGet", default=None)
    limit: int | None = field(name="Limit", default=None)
    pagination_token: str | None = field(name="PaginationToken", default=None)
    filter: str | None = field(name="Filter", default=None)


class ListUsersResponse(Shape):
    users: list[UserType] | None = field(name="Users", default=None)
    pagination_token: str | None = field(name="PaginationToken", default=None)


class ListUsersInGroupRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    group_name: str = field(name="GroupName", default=ABSENT)
    limit: int | None = field(name="Limit", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListUsersInGroupResponse(Shape):
    users: list[UserType] | None = field(name="Users", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListWebAuthnCredentialsRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)
    max_results: int | None = field(name="MaxResults", default=None)


class WebAuthnCredentialDescription(Shape):
    credential_id: str = field(name="CredentialId", default=ABSENT)
    friendly_credential_name: str = field(name="FriendlyCredentialName", default=ABSENT)
    relying_party_id: str = field(name="RelyingPartyId", default=ABSENT)
    authenticator_attachment: str | None = field(name="AuthenticatorAttachment", default=None)
    authenticator_transports: list[str] = field(name="AuthenticatorTransports", default=ABSENT)
    created_at: float = field(name="CreatedAt", default=ABSENT)


class ListWebAuthnCredentialsResponse(Shape):
    credentials: list[WebAuthnCredentialDescription] = field(name="Credentials", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)


class ResendConfirmationCodeRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id", "secret_hash", "user_context_data", "username"])

    client_id: str = field(name="ClientId", default=ABSENT)
    secret_hash: str | None = field(name="SecretHash", default=None)
    user_context_data: UserContextDataType | None = field(name="UserContextData", default=None)
    username: str = field(name="Username", default=ABSENT)
    analytics_metadata: AnalyticsMetadataType | None = field(name="AnalyticsMetadata", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class ResendConfirmationCodeResponse(Shape):
    code_delivery_details: CodeDeliveryDetailsType | None = field(name="CodeDeliveryDetails", default=None)


class RespondToAuthChallengeRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(
        ["challenge_responses", "client_id", "session", "user_context_data"]
    )

    client_id: str = field(name="ClientId", default=ABSENT)
    challenge_name: str = field(name="ChallengeName", default=ABSENT)
    session: str | None = field(name="Session", default=None)
    challenge_responses: dict[str, str] | None = field(name="ChallengeResponses", default=None)
    analytics_metadata: AnalyticsMetadataType | None = field(name="AnalyticsMetadata", default=None)
    user_context_data: UserContextDataType | None = field(name="UserContextData", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class RespondToAuthChallengeResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["session"])

    challenge_name: str | None = field(name="ChallengeName", default=None)
    session: str | None = field(name="Session", default=None)
    challenge_parameters: dict[str, str] | None = field(name="ChallengeParameters", default=None)
    authentication_result: AuthenticationResultType | None = field(name="AuthenticationResult", default=None)
    available_challenges: list[str] | None = field(name="AvailableChallenges", default=None)


class RevokeTokenRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id", "client_secret", "token"])

    token: str = field(name="Token", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    client_secret: str | None = field(name="ClientSecret", default=None)
    revoke_associated_sessions: str | None = field(name="RevokeAssociatedSessions", default=None)


class RevokeTokenResponse(Shape):
    pass


class RevokeUserSessionRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)
    session_id: str = field(name="SessionId", default=ABSENT)
    revoke_associated_sessions: str | None = field(name="RevokeAssociatedSessions", default=None)


class RevokeUserSessionResponse(Shape):
    pass


class SetLogDeliveryConfigurationRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    log_configurations: list[LogConfigurationType] = field(name="LogConfigurations", default=ABSENT)


class SetLogDeliveryConfigurationResponse(Shape):
    log_delivery_configuration: LogDeliveryConfigurationType | None = field(
        name="LogDeliveryConfiguration", default=None
    )


class SetRiskConfigurationRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str | None = field(name="ClientId", default=None)
    compromised_credentials_risk_configuration: CompromisedCredentialsRiskConfigurationType | None = field(
        name="CompromisedCredentialsRiskConfiguration", default=None
    )
    account_takeover_risk_configuration: AccountTakeoverRiskConfigurationType | None = field(
        name="AccountTakeoverRiskConfiguration", default=None
    )
    risk_exception_configuration: RiskExceptionConfigurationType | None = field(
        name="RiskExceptionConfiguration", default=None
    )


class SetRiskConfigurationResponse(Shape):
    risk_configuration: RiskConfigurationType = field(name="RiskConfiguration", default=ABSENT)


class SetUICustomizationRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str | None = field(name="ClientId", default=None)
    css: str | None = field(name="CSS", default=None)
    image_file: bytes | None = field(name="ImageFile", default=None)


class SetUICustomizationResponse(Shape):
    ui_customization: UICustomizationType = field(name="UICustomization", default=ABSENT)


class SetUserMFAPreferenceRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    sms_mfa_settings: SMSMfaSettingsType | None = field(name="SMSMfaSettings", default=None)
    software_token_mfa_settings: SoftwareTokenMfaSettingsType | None = field(
        name="SoftwareTokenMfaSettings", default=None
    )
    email_mfa_settings: EmailMfaSettingsType | None = field(name="EmailMfaSettings", default=None)
    webauthn_mfa_settings: WebAuthnMfaSettingsType | None = field(name="WebAuthnMfaSettings", default=None)
    access_token: str = field(name="AccessToken", default=ABSENT)


class SetUserMFAPreferenceResponse(Shape):
    pass


class SetUserPoolClientSessionConfigurationRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    sso_session: ClientSSOSessionConfigType = field(name="SSOSession", default=ABSENT)


class SetUserPoolClientSessionConfigurationResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str | None = field(name="UserPoolId", default=None)
    client_id: str | None = field(name="ClientId", default=None)
    sso_session: ClientSSOSessionConfigType | None = field(name="SSOSession", default=None)


class SetUserPoolMfaConfigRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    sms_mfa_configuration: SmsMfaConfigType | None = field(name="SmsMfaConfiguration", default=None)
    software_token_mfa_configuration: SoftwareTokenMfaConfigType | None = field(
        name="SoftwareTokenMfaConfiguration", default=None
    )
    email_mfa_configuration: EmailMfaConfigType | None = field(name="EmailMfaConfiguration", default=None)
    mfa_configuration: str | None = field(name="MfaConfiguration", default=None)
    webauthn_configuration: WebAuthnConfigurationType | None = field(name="WebAuthnConfiguration", default=None)


class SetUserPoolMfaConfigResponse(Shape):
    sms_mfa_configuration: SmsMfaConfigType | None = field(name="SmsMfaConfiguration", default=None)
    software_token_mfa_configuration: SoftwareTokenMfaConfigType | None = field(
        name="SoftwareTokenMfaConfiguration", default=None
    )
    email_mfa_configuration: EmailMfaConfigType | None = field(name="EmailMfaConfiguration", default=None)
    mfa_configuration: str | None = field(name="MfaConfiguration", default=None)
    webauthn_configuration: WebAuthnConfigurationType | None = field(name="WebAuthnConfiguration", default=None)


class SetUserPoolSessionConfigurationRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    user_session_tracking: str = field(name="UserSessionTracking", default=ABSENT)
    token_session: UserPoolTokenSessionConfigType = field(name="TokenSession", default=ABSENT)


class SetUserPoolSessionConfigurationResponse(Shape):
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    user_session_tracking: str | None = field(name="UserSessionTracking", default=None)
    token_session: UserPoolTokenSessionConfigType | None = field(name="TokenSession", default=None)


class SetUserSettingsRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)
    mfa_options: list[MFAOptionType] = field(name="MFAOptions", default=ABSENT)


class SetUserSettingsResponse(Shape):
    pass


class SignUpRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(
        ["client_id", "password", "secret_hash", "user_context_data", "username"]
    )

    client_id: str = field(name="ClientId", default=ABSENT)
    secret_hash: str | None = field(name="SecretHash", default=None)
    username: str = field(name="Username", default=ABSENT)
    password: str | None = field(name="Password", default=None)
    user_attributes: list[AttributeType] | None = field(name="UserAttributes", default=None)
    validation_data: list[AttributeType] | None = field(name="ValidationData", default=None)
    analytics_metadata: AnalyticsMetadataType | None = field(name="AnalyticsMetadata", default=None)
    user_context_data: UserContextDataType | None = field(name="UserContextData", default=None)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class SignUpResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["session"])

    user_confirmed: bool = field(name="UserConfirmed", default=ABSENT)
    code_delivery_details: CodeDeliveryDetailsType | None = field(name="CodeDeliveryDetails", default=None)
    user_sub: str = field(name="UserSub", default=ABSENT)
    session: str | None = field(name="Session", default=None)


class StartPointInTimeRecoveryRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    restore_id: str = field(name="RestoreId", default=ABSENT)


class StartPointInTimeRecoveryResponse(Shape):
    restoration: RestorationType | None = field(name="Restoration", default=None)


class StartUserImportJobRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    job_id: str = field(name="JobId", default=ABSENT)


class StartUserImportJobResponse(Shape):
    user_import_job: UserImportJobType | None = field(name="UserImportJob", default=None)


class StartWebAuthnRegistrationRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)


class StartWebAuthnRegistrationResponse(Shape):
    credential_creation_options: Document = field(name="CredentialCreationOptions", default=ABSENT)


class StopUserImportJobRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    job_id: str = field(name="JobId", default=ABSENT)


class StopUserImportJobResponse(Shape):
    user_import_job: UserImportJobType | None = field(name="UserImportJob", default=None)


class TagResourceRequest(Shape):
    resource_arn: str = field(name="ResourceArn", default=ABSENT)
    tags: dict[str, str] = field(name="Tags", default=ABSENT)


class TagResourceResponse(Shape):
    pass


class UntagResourceRequest(Shape):
    resource_arn: str = field(name="ResourceArn", default=ABSENT)
    tag_keys: list[str] = field(name="TagKeys", default=ABSENT)


class UntagResourceResponse(Shape):
    pass


class UpdateAuthEventFeedbackRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["feedback_token", "username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)
    event_id: str = field(name="EventId", default=ABSENT)
    feedback_token: str = field(name="FeedbackToken", default=ABSENT)
    feedback_value: str = field(name="FeedbackValue", default=ABSENT)


class UpdateAuthEventFeedbackResponse(Shape):
    pass


class UpdateCIMDPolicyRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    cimd_policy_id: str = field(name="CIMDPolicyId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    policy_name: str | None = field(name="PolicyName", default=None)
    cache_duration: int | None = field(name="CacheDuration", default=None)
    url_patterns: list[str] = field(name="URLPatterns", default=ABSENT)


class UpdateCIMDPolicyResponse(Shape):
    cimd_policy: CIMDPolicyType = field(name="CIMDPolicy", default=ABSENT)


class UpdateClientMetadataURLStateRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    cimd_policy_id: str = field(name="CIMDPolicyId", default=ABSENT)
    url: str = field(name="URL", default=ABSENT)
    action: str = field(name="Action", default=ABSENT)


class UpdateClientMetadataURLStateResponse(Shape):
    pass


class UpdateDeviceStatusRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)
    device_key: str = field(name="DeviceKey", default=ABSENT)
    device_remembered_status: str | None = field(name="DeviceRememberedStatus", default=None)


class UpdateDeviceStatusResponse(Shape):
    pass


class UpdateGroupRequest(Shape):
    group_name: str = field(name="GroupName", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    description: str | None = field(name="Description", default=None)
    role_arn: str | None = field(name="RoleArn", default=None)
    precedence: int | None = field(name="Precedence", default=None)


class UpdateGroupResponse(Shape):
    group: GroupType | None = field(name="Group", default=None)


class UpdateIdentityProviderRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    provider_name: str = field(name="ProviderName", default=ABSENT)
    provider_details: dict[str, str] | None = field(name="ProviderDetails", default=None)
    attribute_mapping: dict[str, str] | None = field(name="AttributeMapping", default=None)
    idp_identifiers: list[str] | None = field(name="IdpIdentifiers", default=None)
    acr_mapping: dict[str, str] | None = field(name="AcrMapping", default=None)


class UpdateIdentityProviderResponse(Shape):
    identity_provider: IdentityProviderType = field(name="IdentityProvider", default=ABSENT)


class UpdateManagedLoginBrandingRequest(Shape):
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    managed_login_branding_id: str | None = field(name="ManagedLoginBrandingId", default=None)
    use_cognito_provided_values: bool | None = field(name="UseCognitoProvidedValues", default=None)
    settings: Document = field(name="Settings", default=ABSENT)
    assets: list[AssetType] | None = field(name="Assets", default=None)


class UpdateManagedLoginBrandingResponse(Shape):
    managed_login_branding: ManagedLoginBrandingType | None = field(name="ManagedLoginBranding", default=None)


class UpdateProvisionedLimitRequest(Shape):
    limit_definition: LimitDefinitionType = field(name="LimitDefinition", default=ABSENT)
    requested_limit_value: int = field(name="RequestedLimitValue", default=ABSENT)


class UpdateProvisionedLimitResponse(Shape):
    limit: LimitType = field(name="Limit", default=ABSENT)


class UpdateResourceServerRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    identifier: str = field(name="Identifier", default=ABSENT)
    name: str = field(name="Name", default=ABSENT)
    scopes: list[ResourceServerScopeType] | None = field(name="Scopes", default=None)


class UpdateResourceServerResponse(Shape):
    resource_server: ResourceServerType = field(name="ResourceServer", default=ABSENT)


class UpdateTermsRequest(Shape):
    terms_id: str = field(name="TermsId", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    terms_name: str | None = field(name="TermsName", default=None)
    terms_source: str | None = field(name="TermsSource", default=None)
    enforcement: str | None = field(name="Enforcement", default=None)
    links: dict[str, str] | None = field(name="Links", default=None)


class UpdateTermsResponse(Shape):
    terms: TermsType | None = field(name="Terms", default=None)


class UpdateUserAttributesRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    user_attributes: list[AttributeType] = field(name="UserAttributes", default=ABSENT)
    access_token: str = field(name="AccessToken", default=ABSENT)
    client_metadata: dict[str, str] | None = field(name="ClientMetadata", default=None)


class UpdateUserAttributesResponse(Shape):
    code_delivery_details_list: list[CodeDeliveryDetailsType] | None = field(
        name="CodeDeliveryDetailsList", default=None
    )


class UpdateUserPoolRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    policies: UserPoolPolicyType | None = field(name="Policies", default=None)
    deletion_protection: str | None = field(name="DeletionProtection", default=None)
    lambda_config: LambdaConfigType | None = field(name="LambdaConfig", default=None)
    auto_verified_attributes: list[str] | None = field(name="AutoVerifiedAttributes", default=None)
    sms_verification_message: str | None = field(name="SmsVerificationMessage", default=None)
    email_verification_message: str | None = field(name="EmailVerificationMessage", default=None)
    email_verification_subject: str | None = field(name="EmailVerificationSubject", default=None)
    verification_message_template: VerificationMessageTemplateType | None = field(
        name="VerificationMessageTemplate", default=None
    )
    sms_authentication_message: str | None = field(name="SmsAuthenticationMessage", default=None)
    user_attribute_update_settings: UserAttributeUpdateSettingsType | None = field(
        name="UserAttributeUpdateSettings", default=None
    )
    mfa_configuration: str | None = field(name="MfaConfiguration", default=None)
    device_configuration: DeviceConfigurationType | None = field(name="DeviceConfiguration", default=None)
    email_configuration: EmailConfigurationType | None = field(name="EmailConfiguration", default=None)
    sms_configuration: SmsConfigurationType | None = field(name="SmsConfiguration", default=None)
    user_pool_tags: dict[str, str] | None = field(name="UserPoolTags", default=None)
    admin_create_user_config: AdminCreateUserConfigType | None = field(name="AdminCreateUserConfig", default=None)
    user_pool_add_ons: UserPoolAddOnsType | None = field(name="UserPoolAddOns", default=None)
    dcr_configuration: DcrConfigurationType | None = field(name="DcrConfiguration", default=None)
    account_recovery_setting: AccountRecoverySettingType | None = field(name="AccountRecoverySetting", default=None)
    pool_name: str | None = field(name="PoolName", default=None)
    user_pool_tier: str | None = field(name="UserPoolTier", default=None)
    key_configuration: KeyConfigurationType | None = field(name="KeyConfiguration", default=None)
    issuer_configuration: IssuerConfigurationType | None = field(name="IssuerConfiguration", default=None)
    acr_configuration: dict[str, AcrLevelConfigType] | None = field(name="AcrConfiguration", default=None)


class UpdateUserPoolResponse(Shape):
    pass


class UpdateUserPoolClientRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["client_id"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    client_id: str = field(name="ClientId", default=ABSENT)
    client_name: str | None = field(name="ClientName", default=None)
    refresh_token_validity: int | None = field(name="RefreshTokenValidity", default=None)
    access_token_validity: int | None = field(name="AccessTokenValidity", default=None)
    id_token_validity: int | None = field(name="IdTokenValidity", default=None)
    token_validity_units: TokenValidityUnitsType | None = field(name="TokenValidityUnits", default=None)
    read_attributes: list[str] | None = field(name="ReadAttributes", default=None)
    write_attributes: list[str] | None = field(name="WriteAttributes", default=None)
    explicit_auth_flows: list[str] | None = field(name="ExplicitAuthFlows", default=None)
    supported_identity_providers: list[str] | None = field(name="SupportedIdentityProviders", default=None)
    callback_urls: list[str] | None = field(name="CallbackURLs", default=None)
    logout_urls: list[str] | None = field(name="LogoutURLs", default=None)
    default_redirect_uri: str | None = field(name="DefaultRedirectURI", default=None)
    allowed_oauth_flows: list[str] | None = field(name="AllowedOAuthFlows", default=None)
    allowed_oauth_scopes: list[str] | None = field(name="AllowedOAuthScopes", default=None)
    allowed_oauth_flows_user_pool_client: bool | None = field(name="AllowedOAuthFlowsUserPoolClient", default=None)
    analytics_configuration: AnalyticsConfigurationType | None = field(name="AnalyticsConfiguration", default=None)
    prevent_user_existence_errors: str | None = field(name="PreventUserExistenceErrors", default=None)
    enable_token_revocation: bool | None = field(name="EnableTokenRevocation", default=None)
    enable_propagate_additional_user_context_data: bool | None = field(
        name="EnablePropagateAdditionalUserContextData", default=None
    )
    auth_session_validity: int | None = field(name="AuthSessionValidity", default=None)
    refresh_token_rotation: RefreshTokenRotationType | None = field(name="RefreshTokenRotation", default=None)
    publish_secrets_in_aws_secrets_manager: bool | None = field(name="PublishSecretsInAWSSecretsManager", default=None)


class UpdateUserPoolClientResponse(Shape):
    user_pool_client: UserPoolClientType | None = field(name="UserPoolClient", default=None)


class UpdateUserPoolDomainRequest(Shape):
    domain: str = field(name="Domain", default=ABSENT)
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    managed_login_version: int | None = field(name="ManagedLoginVersion", default=None)
    custom_domain_config: CustomDomainConfigType | None = field(name="CustomDomainConfig", default=None)
    routing: RoutingType | None = field(name="Routing", default=None)


class UpdateUserPoolDomainResponse(Shape):
    managed_login_version: int | None = field(name="ManagedLoginVersion", default=None)
    cloud_front_domain: str | None = field(name="CloudFrontDomain", default=None)
    routing: RoutingType | None = field(name="Routing", default=None)


class UpdateUserPoolReplicaRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    region_name: str = field(name="RegionName", default=ABSENT)
    status: str = field(name="Status", default=ABSENT)


class UpdateUserPoolReplicaResponse(Shape):
    user_pool_replica: UserPoolReplicaType | None = field(name="UserPoolReplica", default=None)


class VerifySoftwareTokenRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token", "session", "user_code"])

    access_token: str | None = field(name="AccessToken", default=None)
    session: str | None = field(name="Session", default=None)
    user_code: str = field(name="UserCode", default=ABSENT)
    friendly_device_name: str | None = field(name="FriendlyDeviceName", default=None)


class VerifySoftwareTokenResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["session"])

    status: str | None = field(name="Status", default=None)
    session: str | None = field(name="Session", default=None)


class VerifyUserAttributeRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["access_token"])

    access_token: str = field(name="AccessToken", default=ABSENT)
    attribute_name: str = field(name="AttributeName", default=ABSENT)
    code: str = field(name="Code", default=ABSENT)


class VerifyUserAttributeResponse(Shape):
    pass


SERVICE = ServiceModel(
    name="cognito-idp",
    protocol="json",
    target_prefix="AWSCognitoIdentityProviderService",
    version="2016-04-18",
    namespace="",
    operations={
        "AddCustomAttributes": Facts(AddCustomAttributesRequest, AddCustomAttributesResponse, unsigned=False),
        "AddUserPoolClientSecret": Facts(
            AddUserPoolClientSecretRequest, AddUserPoolClientSecretResponse, unsigned=False
        ),
        "AdminAddUserToGroup": Facts(AdminAddUserToGroupRequest, None, unsigned=False),
        "AdminConfirmSignUp": Facts(AdminConfirmSignUpRequest, AdminConfirmSignUpResponse, unsigned=False),
        "AdminCreateUser": Facts(AdminCreateUserRequest, AdminCreateUserResponse, unsigned=False),
        "AdminDeleteSoftwareToken": Facts(
            AdminDeleteSoftwareTokenRequest, AdminDeleteSoftwareTokenResponse, unsigned=False
        ),
        "AdminDeleteUser": Facts(AdminDeleteUserRequest, None, unsigned=False),
        "AdminDeleteUserAttributes": Facts(
            AdminDeleteUserAttributesRequest, AdminDeleteUserAttributesResponse, unsigned=False
        ),
        "AdminDisableProviderForUser": Facts(
            AdminDisableProviderForUserRequest, AdminDisableProviderForUserResponse, unsigned=False
        ),
        "AdminDisableUser": Facts(AdminDisableUserRequest, AdminDisableUserResponse, unsigned=False),
        "AdminEnableUser": Facts(AdminEnableUserRequest, AdminEnableUserResponse, unsigned=False),
        "AdminForgetDevice": Facts(AdminForgetDeviceRequest, None, unsigned=False),
        "AdminGetDevice": Facts(AdminGetDeviceRequest, AdminGetDeviceResponse, unsigned=False),
        "AdminGetUser": Facts(AdminGetUserRequest, AdminGetUserResponse, unsigned=False),
        "AdminGetUserAuthFactors": Facts(
            AdminGetUserAuthFactorsRequest, AdminGetUserAuthFactorsResponse, unsigned=False
        ),
        "AdminInitiateAuth": Facts(AdminInitiateAuthRequest, AdminInitiateAuthResponse, unsigned=False),
        "AdminLinkProviderForUser": Facts(
            AdminLinkProviderForUserRequest, AdminLinkProviderForUserResponse, unsigned=False
        ),
        "AdminListDevices": Facts(AdminListDevicesRequest, AdminListDevicesResponse, unsigned=False),
        "AdminListGroupsForUser": Facts(AdminListGroupsForUserRequest, AdminListGroupsForUserResponse, unsigned=False),
        "AdminListUserAuthEvents": Facts(
            AdminListUserAuthEventsRequest, AdminListUserAuthEventsResponse, unsigned=False
        ),
        "AdminListUserSessions": Facts(AdminListUserSessionsRequest, AdminListUserSessionsResponse, unsigned=False),
        "AdminRemoveUserFromGroup": Facts(AdminRemoveUserFromGroupRequest, None, unsigned=False),
        "AdminResetUserPassword": Facts(AdminResetUserPasswordRequest, AdminResetUserPasswordResponse, unsigned=False),
        "AdminRespondToAuthChallenge": Facts(
            AdminRespondToAuthChallengeRequest, AdminRespondToAuthChallengeResponse, unsigned=False
        ),
        "AdminRevokeUserSession": Facts(AdminRevokeUserSessionRequest, AdminRevokeUserSessionResponse, unsigned=False),
        "AdminSetUserMFAPreference": Facts(
            AdminSetUserMFAPreferenceRequest, AdminSetUserMFAPreferenceResponse, unsigned=False
        ),
        "AdminSetUserPassword": Facts(AdminSetUserPasswordRequest, AdminSetUserPasswordResponse, unsigned=False),
        "AdminSetUserSettings": Facts(AdminSetUserSettingsRequest, AdminSetUserSettingsResponse, unsigned=False),
        "AdminUpdateAuthEventFeedback": Facts(
            AdminUpdateAuthEventFeedbackRequest, AdminUpdateAuthEventFeedbackResponse, unsigned=False
        ),
        "AdminUpdateDeviceStatus": Facts(
            AdminUpdateDeviceStatusRequest, AdminUpdateDeviceStatusResponse, unsigned=False
        ),
        "AdminUpdateUserAttributes": Facts(
            AdminUpdateUserAttributesRequest, AdminUpdateUserAttributesResponse, unsigned=False
        ),
        "AdminUserGlobalSignOut": Facts(AdminUserGlobalSignOutRequest, AdminUserGlobalSignOutResponse, unsigned=False),
        "AssociateSoftwareToken": Facts(AssociateSoftwareTokenRequest, AssociateSoftwareTokenResponse, unsigned=True),
        "CancelPointInTimeRecovery": Facts(
            CancelPointInTimeRecoveryRequest, CancelPointInTimeRecoveryResponse, unsigned=False
        ),
        "ChangePassword": Facts(ChangePasswordRequest, ChangePasswordResponse, unsigned=True),
        "CompleteWebAuthnRegistration": Facts(
            CompleteWebAuthnRegistrationRequest, CompleteWebAuthnRegistrationResponse, unsigned=True
        ),
        "ConfirmDevice": Facts(ConfirmDeviceRequest, ConfirmDeviceResponse, unsigned=True),
        "ConfirmForgotPassword": Facts(ConfirmForgotPasswordRequest, ConfirmForgotPasswordResponse, unsigned=True),
        "ConfirmSignUp": Facts(ConfirmSignUpRequest, ConfirmSignUpResponse, unsigned=True),
        "CreateCIMDPolicy": Facts(CreateCIMDPolicyRequest, CreateCIMDPolicyResponse, unsigned=False),
        "CreateGroup": Facts(CreateGroupRequest, CreateGroupResponse, unsigned=False),
        "CreateIdentityProvider": Facts(CreateIdentityProviderRequest, CreateIdentityProviderResponse, unsigned=False),
        "CreateManagedLoginBranding": Facts(
            CreateManagedLoginBrandingRequest, CreateManagedLoginBrandingResponse, unsigned=False
        ),
        "CreateResourceServer": Facts(CreateResourceServerRequest, CreateResourceServerResponse, unsigned=False),
        "CreateTerms": Facts(CreateTermsRequest, CreateTermsResponse, unsigned=False),
        "CreateUserImportJob": Facts(CreateUserImportJobRequest, CreateUserImportJobResponse, unsigned=False),
        "CreateUserPool": Facts(CreateUserPoolRequest, CreateUserPoolResponse, unsigned=False),
        "CreateUserPoolClient": Facts(CreateUserPoolClientRequest, CreateUserPoolClientResponse, unsigned=False),
        "CreateUserPoolDomain": Facts(CreateUserPoolDomainRequest, CreateUserPoolDomainResponse, unsigned=False),
        "CreateUserPoolReplica": Facts(CreateUserPoolReplicaRequest, CreateUserPoolReplicaResponse, unsigned=False),
        "DeleteCIMDPolicy": Facts(DeleteCIMDPolicyRequest, DeleteCIMDPolicyResponse, unsigned=False),
        "DeleteGroup": Facts(DeleteGroupRequest, None, unsigned=False),
        "DeleteIdentityProvider": Facts(DeleteIdentityProviderRequest, None, unsigned=False),
        "DeleteManagedLoginBranding": Facts(DeleteManagedLoginBrandingRequest, None, unsigned=False),
        "DeleteResourceServer": Facts(DeleteResourceServerRequest, None, unsigned=False),
        "DeleteTerms": Facts(DeleteTermsRequest, None, unsigned=False),
        "DeleteUser": Facts(DeleteUserRequest, None, unsigned=True),
        "DeleteUserAttributes": Facts(DeleteUserAttributesRequest, DeleteUserAttributesResponse, unsigned=True),
        "DeleteUserPool": Facts(DeleteUserPoolRequest, None, unsigned=False),
        "DeleteUserPoolClient": Facts(DeleteUserPoolClientRequest, None, unsigned=False),
        "DeleteUserPoolClientSecret": Facts(
            DeleteUserPoolClientSecretRequest, DeleteUserPoolClientSecretResponse, unsigned=False
        ),
        "DeleteUserPoolDomain": Facts(DeleteUserPoolDomainRequest, DeleteUserPoolDomainResponse, unsigned=False),
        "DeleteUserPoolReplica": Facts(DeleteUserPoolReplicaRequest, DeleteUserPoolReplicaResponse, unsigned=False),
        "DeleteWebAuthnCredential": Facts(
            DeleteWebAuthnCredentialRequest, DeleteWebAuthnCredentialResponse, unsigned=True
        ),
        "DescribeCIMDPolicy": Facts(DescribeCIMDPolicyRequest, DescribeCIMDPolicyResponse, unsigned=False),
        "DescribeIdentityProvider": Facts(
            DescribeIdentityProviderRequest, DescribeIdentityProviderResponse, unsigned=False
        ),
        "DescribeManagedLoginBranding": Facts(
            DescribeManagedLoginBrandingRequest, DescribeManagedLoginBrandingResponse, unsigned=False
        ),
        "DescribeManagedLoginBrandingByClient": Facts(
            DescribeManagedLoginBrandingByClientRequest, DescribeManagedLoginBrandingByClientResponse, unsigned=False
        ),
        "DescribePointInTimeRecovery": Facts(
            DescribePointInTimeRecoveryRequest, DescribePointInTimeRecoveryResponse, unsigned=False
        ),
        "DescribeResourceServer": Facts(DescribeResourceServerRequest, DescribeResourceServerResponse, unsigned=False),
        "DescribeRiskConfiguration": Facts(
            DescribeRiskConfigurationRequest, DescribeRiskConfigurationResponse, unsigned=False
        ),
        "DescribeTerms": Facts(DescribeTermsRequest, DescribeTermsResponse, unsigned=False),
        "DescribeTermsByClient": Facts(DescribeTermsByClientRequest, DescribeTermsByClientResponse, unsigned=False),
        "DescribeUserImportJob": Facts(DescribeUserImportJobRequest, DescribeUserImportJobResponse, unsigned=False),
        "DescribeUserPool": Facts(DescribeUserPoolRequest, DescribeUserPoolResponse, unsigned=False),
        "DescribeUserPoolClient": Facts(DescribeUserPoolClientRequest, DescribeUserPoolClientResponse, unsigned=False),
        "DescribeUserPoolDomain": Facts(DescribeUserPoolDomainRequest, DescribeUserPoolDomainResponse, unsigned=False),
        "ForgetDevice": Facts(ForgetDeviceRequest, None, unsigned=True),
        "ForgotPassword": Facts(ForgotPasswordRequest, ForgotPasswordResponse, unsigned=True),
        "GetCSVHeader": Facts(GetCSVHeaderRequest, GetCSVHeaderResponse, unsigned=False),
        "GetClientToken": Facts(GetClientTokenRequest, GetClientTokenResponse, unsigned=False),
        "GetDerivedToken": Facts(GetDerivedTokenRequest, GetDerivedTokenResponse, unsigned=False),
        "GetDevice": Facts(GetDeviceRequest, GetDeviceResponse, unsigned=True),
        "GetGroup": Facts(GetGroupRequest, GetGroupResponse, unsigned=False),
        "GetIdentityProviderByIdentifier": Facts(
            GetIdentityProviderByIdentifierRequest, GetIdentityProviderByIdentifierResponse, unsigned=False
        ),
        "GetLogDeliveryConfiguration": Facts(
            GetLogDeliveryConfigurationRequest, GetLogDeliveryConfigurationResponse, unsigned=False
        ),
        "GetProvisionedLimit": Facts(GetProvisionedLimitRequest, GetProvisionedLimitResponse, unsigned=False),
        "GetSigningCertificate": Facts(GetSigningCertificateRequest, GetSigningCertificateResponse, unsigned=False),
        "GetTokensFromRefreshToken": Facts(
            GetTokensFromRefreshTokenRequest, GetTokensFromRefreshTokenResponse, unsigned=True
        ),
        "GetUICustomization": Facts(GetUICustomizationRequest, GetUICustomizationResponse, unsigned=False),
        "GetUser": Facts(GetUserRequest, GetUserResponse, unsigned=True),
        "GetUserAttributeVerificationCode": Facts(
            GetUserAttributeVerificationCodeRequest, GetUserAttributeVerificationCodeResponse, unsigned=True
        ),
        "GetUserAuthFactors": Facts(GetUserAuthFactorsRequest, GetUserAuthFactorsResponse, unsigned=True),
        "GetUserPoolClientSessionConfiguration": Facts(
            GetUserPoolClientSessionConfigurationRequest, GetUserPoolClientSessionConfigurationResponse, unsigned=False
        ),
        "GetUserPoolMfaConfig": Facts(GetUserPoolMfaConfigRequest, GetUserPoolMfaConfigResponse, unsigned=False),
        "GetUserPoolSessionConfiguration": Facts(
            GetUserPoolSessionConfigurationRequest, GetUserPoolSessionConfigurationResponse, unsigned=False
        ),
        "GlobalSignOut": Facts(GlobalSignOutRequest, GlobalSignOutResponse, unsigned=True),
        "InitiateAuth": Facts(InitiateAuthRequest, InitiateAuthResponse, unsigned=True),
        "InitiatePointInTimeRecovery": Facts(
            InitiatePointInTimeRecoveryRequest, InitiatePointInTimeRecoveryResponse, unsigned=False
        ),
        "ListCIMDPolicies": Facts(ListCIMDPoliciesRequest, ListCIMDPoliciesResponse, unsigned=False),
        "ListClientMetadataURLs": Facts(ListClientMetadataURLsRequest, ListClientMetadataURLsResponse, unsigned=False),
        "ListDevices": Facts(ListDevicesRequest, ListDevicesResponse, unsigned=True),
        "ListGroups": Facts(ListGroupsRequest, ListGroupsResponse, unsigned=False),
        "ListIdentityProviders": Facts(ListIdentityProvidersRequest, ListIdentityProvidersResponse, unsigned=False),
        "ListPointInTimeRecoveries": Facts(
            ListPointInTimeRecoveriesRequest, ListPointInTimeRecoveriesResponse, unsigned=False
        ),
        "ListResourceServers": Facts(ListResourceServersRequest, ListResourceServersResponse, unsigned=False),
        "ListTagsForResource": Facts(ListTagsForResourceRequest, ListTagsForResourceResponse, unsigned=False),
        "ListTerms": Facts(ListTermsRequest, ListTermsResponse, unsigned=False),
        "ListUserImportJobs": Facts(ListUserImportJobsRequest, ListUserImportJobsResponse, unsigned=False),
        "ListUserPoolClientSecrets": Facts(
            ListUserPoolClientSecretsRequest, ListUserPoolClientSecretsResponse, unsigned=False
        ),
        "ListUserPoolClients": Facts(ListUserPoolClientsRequest, ListUserPoolClientsResponse, unsigned=False),
        "ListUserPoolReplicas": Facts(ListUserPoolReplicasRequest, ListUserPoolReplicasResponse, unsigned=False),
        "ListUserPools": Facts(ListUserPoolsRequest, ListUserPoolsResponse, unsigned=False),
        "ListUserSessions": Facts(ListUserSessionsRequest, ListUserSessionsResponse, unsigned=True),
        "ListUsers": Facts(ListUsersRequest, ListUsersResponse, unsigned=False),
        "ListUsersInGroup": Facts(ListUsersInGroupRequest, ListUsersInGroupResponse, unsigned=False),
        "ListWebAuthnCredentials": Facts(
            ListWebAuthnCredentialsRequest, ListWebAuthnCredentialsResponse, unsigned=True
        ),
        "ResendConfirmationCode": Facts(ResendConfirmationCodeRequest, ResendConfirmationCodeResponse, unsigned=True),
        "RespondToAuthChallenge": Facts(RespondToAuthChallengeRequest, RespondToAuthChallengeResponse, unsigned=True),
        "RevokeToken": Facts(RevokeTokenRequest, RevokeTokenResponse, unsigned=True),
        "RevokeUserSession": Facts(RevokeUserSessionRequest, RevokeUserSessionResponse, unsigned=True),
        "SetLogDeliveryConfiguration": Facts(
            SetLogDeliveryConfigurationRequest, SetLogDeliveryConfigurationResponse, unsigned=False
        ),
        "SetRiskConfiguration": Facts(SetRiskConfigurationRequest, SetRiskConfigurationResponse, unsigned=False),
        "SetUICustomization": Facts(SetUICustomizationRequest, SetUICustomizationResponse, unsigned=False),
        "SetUserMFAPreference": Facts(SetUserMFAPreferenceRequest, SetUserMFAPreferenceResponse, unsigned=True),
        "SetUserPoolClientSessionConfiguration": Facts(
            SetUserPoolClientSessionConfigurationRequest, SetUserPoolClientSessionConfigurationResponse, unsigned=False
        ),
        "SetUserPoolMfaConfig": Facts(SetUserPoolMfaConfigRequest, SetUserPoolMfaConfigResponse, unsigned=False),
        "SetUserPoolSessionConfiguration": Facts(
            SetUserPoolSessionConfigurationRequest, SetUserPoolSessionConfigurationResponse, unsigned=False
        ),
        "SetUserSettings": Facts(SetUserSettingsRequest, SetUserSettingsResponse, unsigned=True),
        "SignUp": Facts(SignUpRequest, SignUpResponse, unsigned=True),
        "StartPointInTimeRecovery": Facts(
            StartPointInTimeRecoveryRequest, StartPointInTimeRecoveryResponse, unsigned=False
        ),
        "StartUserImportJob": Facts(StartUserImportJobRequest, StartUserImportJobResponse, unsigned=False),
        "StartWebAuthnRegistration": Facts(
            StartWebAuthnRegistrationRequest, StartWebAuthnRegistrationResponse, unsigned=True
        ),
        "StopUserImportJob": Facts(StopUserImportJobRequest, StopUserImportJobResponse, unsigned=False),
        "TagResource": Facts(TagResourceRequest, TagResourceResponse, unsigned=False),
        "UntagResource": Facts(UntagResourceRequest, UntagResourceResponse, unsigned=False),
        "UpdateAuthEventFeedback": Facts(
            UpdateAuthEventFeedbackRequest, UpdateAuthEventFeedbackResponse, unsigned=True
        ),
        "UpdateCIMDPolicy": Facts(UpdateCIMDPolicyRequest, UpdateCIMDPolicyResponse, unsigned=False),
        "UpdateClientMetadataURLState": Facts(
            UpdateClientMetadataURLStateRequest, UpdateClientMetadataURLStateResponse, unsigned=False
        ),
        "UpdateDeviceStatus": Facts(UpdateDeviceStatusRequest, UpdateDeviceStatusResponse, unsigned=True),
        "UpdateGroup": Facts(UpdateGroupRequest, UpdateGroupResponse, unsigned=False),
        "UpdateIdentityProvider": Facts(UpdateIdentityProviderRequest, UpdateIdentityProviderResponse, unsigned=False),
        "UpdateManagedLoginBranding": Facts(
            UpdateManagedLoginBrandingRequest, UpdateManagedLoginBrandingResponse, unsigned=False
        ),
        "UpdateProvisionedLimit": Facts(UpdateProvisionedLimitRequest, UpdateProvisionedLimitResponse, unsigned=False),
        "UpdateResourceServer": Facts(UpdateResourceServerRequest, UpdateResourceServerResponse, unsigned=False),
        "UpdateTerms": Facts(UpdateTermsRequest, UpdateTermsResponse, unsigned=False),
        "UpdateUserAttributes": Facts(UpdateUserAttributesRequest, UpdateUserAttributesResponse, unsigned=True),
        "UpdateUserPool": Facts(UpdateUserPoolRequest, UpdateUserPoolResponse, unsigned=False),
        "UpdateUserPoolClient": Facts(UpdateUserPoolClientRequest, UpdateUserPoolClientResponse, unsigned=False),
        "UpdateUserPoolDomain": Facts(UpdateUserPoolDomainRequest, UpdateUserPoolDomainResponse, unsigned=False),
        "UpdateUserPoolReplica": Facts(UpdateUserPoolReplicaRequest, UpdateUserPoolReplicaResponse, unsigned=False),
        "VerifySoftwareToken": Facts(VerifySoftwareTokenRequest, VerifySoftwareTokenResponse, unsigned=True),
        "VerifyUserAttribute": Facts(VerifyUserAttributeRequest, VerifyUserAttributeResponse, unsigned=True),
    },
)
