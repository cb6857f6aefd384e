"""What does sts receive and answer? A struct for every structure, and the facts of every operation.

Written by tools/generate_shapes.py from botocore 1.44.8; do not edit.
"""

from typing import ClassVar

from msgspec import field

from poolkeeper.aws.shape import ABSENT, Facts, ServiceModel, Shape


class PolicyDescriptorType(Shape):
    arn: str | None = field(name="arn", default=None)


class Tag(Shape):
    key: str = field(name="Key", default=ABSENT)
    value: str = field(name="Value", default=ABSENT)


class ProvidedContext(Shape):
    provider_arn: str | None = field(name="ProviderArn", default=None)
    context_assertion: str | None = field(name="ContextAssertion", default=None)


class AssumeRoleRequest(Shape):
    role_arn: str = field(name="RoleArn", default=ABSENT)
    role_session_name: str = field(name="RoleSessionName", default=ABSENT)
    policy_arns: list[PolicyDescriptorType] | None = field(name="PolicyArns", default=None)
    policy: str | None = field(name="Policy", default=None)
    duration_seconds: int | None = field(name="DurationSeconds", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)
    transitive_tag_keys: list[str] | None = field(name="TransitiveTagKeys", default=None)
    external_id: str | None = field(name="ExternalId", default=None)
    serial_number: str | None = field(name="SerialNumber", default=None)
    token_code: str | None = field(name="TokenCode", default=None)
    source_identity: str | None = field(name="SourceIdentity", default=None)
    provided_contexts: list[ProvidedContext] | None = field(name="ProvidedContexts", default=None)
    minimum_session_token_size: int | None = field(name="MinimumSessionTokenSize", default=None)


class Credentials(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["secret_access_key"])

    access_key_id: str = field(name="AccessKeyId", default=ABSENT)
    secret_access_key: str = field(name="SecretAccessKey", default=ABSENT)
    session_token: str = field(name="SessionToken", default=ABSENT)
    expiration: float = field(name="Expiration", default=ABSENT)


class AssumedRoleUser(Shape):
    assumed_role_id: str = field(name="AssumedRoleId", default=ABSENT)
    arn: str = field(name="Arn", default=ABSENT)


class AssumeRoleResponse(Shape):
    credentials: Credentials | None = field(name="Credentials", default=None)
    assumed_role_user: AssumedRoleUser | None = field(name="AssumedRoleUser", default=None)
    packed_policy_size: int | None = field(name="PackedPolicySize", default=None)
    source_identity: str | None = field(name="SourceIdentity", default=None)
    session_token_utilization: int | None = field(name="SessionTokenUtilization", default=None)
    session_token_size: int | None = field(name="SessionTokenSize", default=None)


class AssumeRoleWithSAMLRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["saml_assertion"])

    role_arn: str = field(name="RoleArn", default=ABSENT)
    principal_arn: str = field(name="PrincipalArn", default=ABSENT)
    saml_assertion: str = field(name="SAMLAssertion", default=ABSENT)
    policy_arns: list[PolicyDescriptorType] | None = field(name="PolicyArns", default=None)
    policy: str | None = field(name="Policy", default=None)
    duration_seconds: int | None = field(name="DurationSeconds", default=None)
    minimum_session_token_size: int | None = field(name="MinimumSessionTokenSize", default=None)


class OriginIdentity(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["issuer", "subject", "subject_type"])

    subject: str | None = field(name="Subject", default=None)
    subject_type: str | None = field(name="SubjectType", default=None)
    issuer: str | None = field(name="Issuer", default=None)
    federated_provider_arn: str | None = field(name="FederatedProviderArn", default=None)


class TransactionContext(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["identity_provider"])

    identity_provider: dict[str, str] | None = field(name="IdentityProvider", default=None)


class TrustedIdentityPropagationContext(Shape):
    origin_identity: OriginIdentity | None = field(name="OriginIdentity", default=None)
    transaction_context: TransactionContext | None = field(name="TransactionContext", default=None)


class AssumeRoleWithSAMLResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["trusted_identity_propagation_context"])

    credentials: Credentials | None = field(name="Credentials", default=None)
    assumed_role_user: AssumedRoleUser | None = field(name="AssumedRoleUser", default=None)
    packed_policy_size: int | None = field(name="PackedPolicySize", default=None)
    subject: str | None = field(name="Subject", default=None)
    subject_type: str | None = field(name="SubjectType", default=None)
    issuer: str | None = field(name="Issuer", default=None)
    audience: str | None = field(name="Audience", default=None)
    name_qualifier: str | None = field(name="NameQualifier", default=None)
    source_identity: str | None = field(name="SourceIdentity", default=None)
    session_token_utilization: int | None = field(name="SessionTokenUtilization", default=None)
    session_token_size: int | None = field(name="SessionTokenSize", default=None)
    trusted_identity_propagation_context: TrustedIdentityPropagationContext | None = field(
        name="TrustedIdentityPropagationContext", default=None
    )


class AssumeRoleWithWebIdentityRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["web_identity_token"])

    role_arn: str = field(name="RoleArn", default=ABSENT)
    role_session_name: str = field(name="RoleSessionName", default=ABSENT)
    web_identity_token: str = field(name="WebIdentityToken", default=ABSENT)
    provider_id: str | None = field(name="ProviderId", default=None)
    policy_arns: list[PolicyDescriptorType] | None = field(name="PolicyArns", default=None)
    policy: str | None = field(name="Policy", default=None)
    duration_seconds: int | None = field(name="DurationSeconds", default=None)
    minimum_session_token_size: int | None = field(name="MinimumSessionTokenSize", default=None)


class AssumeRoleWithWebIdentityResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["trusted_identity_propagation_context"])

    credentials: Credentials | None = field(name="Credentials", default=None)
    subject_from_web_identity_token: str | None = field(name="SubjectFromWebIdentityToken", default=None)
    assumed_role_user: AssumedRoleUser | None = field(name="AssumedRoleUser", default=None)
    packed_policy_size: int | None = field(name="PackedPolicySize", default=None)
    provider: str | None = field(name="Provider", default=None)
    audience: str | None = field(name="Audience", default=None)
    source_identity: str | None = field(name="SourceIdentity", default=None)
    session_token_utilization: int | None = field(name="SessionTokenUtilization", default=None)
    session_token_size: int | None = field(name="SessionTokenSize", default=None)
    trusted_identity_propagation_context: TrustedIdentityPropagationContext | None = field(
        name="TrustedIdentityPropagationContext", default=None
    )


class AssumeRootRequest(Shape):
    target_principal: str = field(name="TargetPrincipal", default=ABSENT)
    task_policy_arn: PolicyDescriptorType = field(name="TaskPolicyArn", default=ABSENT)
    duration_seconds: int | None = field(name="DurationSeconds", default=None)
    minimum_session_token_size: int | None = field(name="MinimumSessionTokenSize", default=None)


class AssumeRootResponse(Shape):
    credentials: Credentials | None = field(name="Credentials", default=None)
    source_identity: str | None = field(name="SourceIdentity", default=None)
    session_token_utilization: int | None = field(name="SessionTokenUtilization", default=None)
    session_token_size: int | None = field(name="SessionTokenSize", default=None)


class DecodeAuthorizationMessageRequest(Shape):
    encoded_message: str = field(name="EncodedMessage", default=ABSENT)


class DecodeAuthorizationMessageResponse(Shape):
    decoded_message: str | None = field(name="DecodedMessage", default=None)


class GetAccessKeyInfoRequest(Shape):
    access_key_id: str = field(name="AccessKeyId", default=ABSENT)


class GetAccessKeyInfoResponse(Shape):
    account: str | None = field(name="Account", default=None)


class GetCallerIdentityRequest(Shape):
    pass


class GetCallerIdentityResponse(Shape):
    user_id: str | None = field(name="UserId", default=None)
    account: str | None = field(name="Account", default=None)
    arn: str | None = field(name="Arn", default=None)


class GetDelegatedAccessTokenRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["trade_in_token"])

    trade_in_token: str = field(name="TradeInToken", default=ABSENT)


class GetDelegatedAccessTokenResponse(Shape):
    credentials: Credentials | None = field(name="Credentials", default=None)
    packed_policy_size: int | None = field(name="PackedPolicySize", default=None)
    assumed_principal: str | None = field(name="AssumedPrincipal", default=None)


class GetFederationTokenRequest(Shape):
    name: str = field(name="Name", default=ABSENT)
    policy: str | None = field(name="Policy", default=None)
    policy_arns: list[PolicyDescriptorType] | None = field(name="PolicyArns", default=None)
    duration_seconds: int | None = field(name="DurationSeconds", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)
    minimum_session_token_size: int | None = field(name="MinimumSessionTokenSize", default=None)


class FederatedUser(Shape):
    federated_user_id: str = field(name="FederatedUserId", default=ABSENT)
    arn: str = field(name="Arn", default=ABSENT)


class GetFederationTokenResponse(Shape):
    credentials: Credentials | None = field(name="Credentials", default=None)
    federated_user: FederatedUser | None = field(name="FederatedUser", default=None)
    packed_policy_size: int | None = field(name="PackedPolicySize", default=None)
    session_token_utilization: int | None = field(name="SessionTokenUtilization", default=None)
    session_token_size: int | None = field(name="SessionTokenSize", default=None)


class GetScopedCredentialsRequest(Shape):
    policy: str | None = field(name="Policy", default=None)
    duration_seconds: int | None = field(name="DurationSeconds", default=None)
    minimum_session_token_size: int | None = field(name="MinimumSessionTokenSize", default=None)
    scoped_session_description: str | None = field(name="ScopedSessionDescription", default=None)


class ScopedSession(Shape):
    scoped_session_id: str = field(name="ScopedSessionId", default=ABSENT)
    arn: str = field(name="Arn", default=ABSENT)


class GetScopedCredentialsResponse(Shape):
    credentials: Credentials | None = field(name="Credentials", default=None)
    session_info: ScopedSession | None = field(name="SessionInfo", default=None)
    session_token_utilization: int | None = field(name="SessionTokenUtilization", default=None)
    session_token_size: int | None = field(name="SessionTokenSize", default=None)
    scoped_policies_count: int | None = field(name="ScopedPoliciesCount", default=None)
    source_identity: str | None = field(name="SourceIdentity", default=None)


class GetSessionTokenRequest(Shape):
    duration_seconds: int | None = field(name="DurationSeconds", default=None)
    serial_number: str | None = field(name="SerialNumber", default=None)
    token_code: str | None = field(name="TokenCode", default=None)
    minimum_session_token_size: int | None = field(name="MinimumSessionTokenSize", default=None)


class GetSessionTokenResponse(Shape):
    credentials: Credentials | None = field(name="Credentials", default=None)
    session_token_utilization: int | None = field(name="SessionTokenUtilization", default=None)
    session_token_size: int | None = field(name="SessionTokenSize", default=None)


class GetWebIdentityTokenRequest(Shape):
    audience: list[str] = field(name="Audience", default=ABSENT)
    duration_seconds: int | None = field(name="DurationSeconds", default=None)
    signing_algorithm: str = field(name="SigningAlgorithm", default=ABSENT)
    scope: str | None = field(name="Scope", default=None)
    subject_mode: str | None = field(name="SubjectMode", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)


class GetWebIdentityTokenResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["web_identity_token"])

    web_identity_token: str | None = field(name="WebIdentityToken", default=None)
    expiration: float | None = field(name="Expiration", default=None)


SERVICE = ServiceModel(
    name="sts",
    protocol="query",
    target_prefix="",
    version="2011-06-15",
    namespace="https://sts.amazonaws.com/doc/2011-06-15/",
    operations={
        "AssumeRole": Facts(AssumeRoleRequest, AssumeRoleResponse, unsigned=False),
        "AssumeRoleWithSAML": Facts(AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse, unsigned=True),
        "AssumeRoleWithWebIdentity": Facts(
            AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse, unsigned=True
        ),
        "AssumeRoot": Facts(AssumeRootRequest, AssumeRootResponse, unsigned=False),
        "DecodeAuthorizationMessage": Facts(
            DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse, unsigned=False
        ),
        "GetAccessKeyInfo": Facts(GetAccessKeyInfoRequest, GetAccessKeyInfoResponse, unsigned=False),
        "GetCallerIdentity": Facts(GetCallerIdentityRequest, GetCallerIdentityResponse, unsigned=False),
        "GetDelegatedAccessToken": Facts(
            GetDelegatedAccessTokenRequest, GetDelegatedAccessTokenResponse, unsigned=False
        ),
        "GetFederationToken": Facts(GetFederationTokenRequest, GetFederationTokenResponse, unsigned=False),
        "GetScopedCredentials": Facts(GetScopedCredentialsRequest, GetScopedCredentialsResponse, unsigned=False),
        "GetSessionToken": Facts(GetSessionTokenRequest, GetSessionTokenResponse, unsigned=False),
        "GetWebIdentityToken": Facts(GetWebIdentityTokenRequest, GetWebIdentityTokenResponse, unsigned=False),
    },
)
