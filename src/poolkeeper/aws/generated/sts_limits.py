"""Which limits does sts's model set? For constraints.py to walk.

Written by tools/generate_shapes.py from botocore 1.44.8; do not edit.
"""

from collections.abc import Mapping

from poolkeeper.aws.shape import Limit, Member
from poolkeeper.errors import ValidationException

FAULT = ValidationException

LIMITS: Mapping[str, Limit] = {
    "Audience": Limit(kind="string"),
    "Issuer": Limit(kind="string"),
    "NameQualifier": Limit(kind="string"),
    "ProvidedContextsListType": Limit(kind="list", minimum=1, maximum=5, item="ProvidedContext"),
    "RootDurationSecondsType": Limit(kind="integer", minimum=0, maximum=900),
    "SAMLAssertionType": Limit(kind="string", minimum=4, maximum=100000, sensitive=True),
    "Subject": Limit(kind="string"),
    "SubjectType": Limit(kind="string"),
    "TargetPrincipalType": Limit(kind="string", minimum=12, maximum=2048),
    "accessKeyIdType": Limit(kind="string", minimum=16, maximum=128, pattern="[\\w]*"),
    "accessKeySecretType": Limit(kind="string", sensitive=True),
    "accountType": Limit(kind="string"),
    "arnType": Limit(
        kind="string",
        minimum=20,
        maximum=2048,
        pattern="[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+",
    ),
    "assumedRoleIdType": Limit(kind="string", minimum=2, maximum=193, pattern="[\\w+=,.@:-]*"),
    "clientTokenType": Limit(kind="string", minimum=4, maximum=20000, sensitive=True),
    "contextAssertionType": Limit(kind="string", minimum=4, maximum=3072),
    "dateType": Limit(kind="timestamp"),
    "decodedMessageType": Limit(kind="string"),
    "durationSecondsType": Limit(kind="integer", minimum=900, maximum=129600),
    "encodedMessageType": Limit(kind="string", minimum=1, maximum=10240),
    "externalIdType": Limit(kind="string", minimum=2, maximum=1224, pattern="[\\w+=,.@:\\/-]*"),
    "federatedIdType": Limit(kind="string", minimum=2, maximum=193, pattern="[\\w+=,.@\\:-]*"),
    "jwtAlgorithmType": Limit(kind="string", minimum=5, maximum=5),
    "minimumSessionTokenSizeType": Limit(kind="integer", minimum=0, maximum=4096),
    "nonNegativeIntegerType": Limit(kind="integer", minimum=0),
    "originIdentityIssuerType": Limit(kind="string", sensitive=True),
    "originIdentitySubjectType": Limit(kind="string", sensitive=True),
    "originIdentitySubjectTypeType": Limit(kind="string", sensitive=True),
    "policyDescriptorListType": Limit(kind="list", item="PolicyDescriptorType"),
    "roleDurationSecondsType": Limit(kind="integer", minimum=900, maximum=43200),
    "roleSessionNameType": Limit(kind="string", minimum=2, maximum=64, pattern="[\\w+=,.@-]*"),
    "scopedCredentialDurationSecondsType": Limit(kind="integer", minimum=1, maximum=129600),
    "scopedPoliciesCountType": Limit(kind="integer", minimum=0),
    "scopedSessionDescriptionType": Limit(
        kind="string", minimum=2, maximum=256, pattern="[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*"
    ),
    "scopedSessionIdType": Limit(kind="string", minimum=2, maximum=193, pattern="[\\w+=,.@:-]*"),
    "serialNumberType": Limit(kind="string", minimum=9, maximum=256, pattern="[\\w+=/:,.@-]*"),
    "sessionPolicyDocumentType": Limit(
        kind="string", minimum=1, maximum=2048, pattern="[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"
    ),
    "sessionTokenSizeType": Limit(kind="integer", minimum=0),
    "sessionTokenUtilizationType": Limit(kind="integer", minimum=0),
    "sourceIdentityType": Limit(kind="string", minimum=2, maximum=256, pattern="[\\w+=,.@-]*"),
    "tagKeyListType": Limit(kind="list", maximum=50, item="tagKeyType"),
    "tagKeyType": Limit(kind="string", minimum=1, maximum=128, pattern="[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"),
    "tagListType": Limit(kind="list", maximum=50, item="Tag"),
    "tagValueType": Limit(kind="string", minimum=0, maximum=256, pattern="[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*"),
    "tokenCodeType": Limit(kind="string", minimum=6, maximum=6, pattern="[\\d]*"),
    "tokenType": Limit(kind="string"),
    "tradeInTokenType": Limit(kind="string", sensitive=True),
    "transactionContextIdentityProviderMapType": Limit(
        kind="map", key="transactionContextKeyType", item="transactionContextValueType"
    ),
    "transactionContextKeyType": Limit(kind="string"),
    "transactionContextValueType": Limit(kind="string", maximum=128, sensitive=True),
    "unrestrictedSessionPolicyDocumentType": Limit(
        kind="string", minimum=1, pattern="[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"
    ),
    "urlType": Limit(kind="string", minimum=4, maximum=2048),
    "userIdType": Limit(kind="string"),
    "userNameType": Limit(kind="string", minimum=2, maximum=32, pattern="[\\w+=,.@-]*"),
    "webIdentitySubjectType": Limit(kind="string", minimum=6, maximum=255),
    "webIdentityTokenAudienceListType": Limit(
        kind="list", minimum=1, maximum=10, item="webIdentityTokenAudienceStringType"
    ),
    "webIdentityTokenAudienceStringType": Limit(kind="string", minimum=1, maximum=1000),
    "webIdentityTokenDurationSecondsType": Limit(kind="integer", minimum=60, maximum=3600),
    "webIdentityTokenScopeType": Limit(
        kind="string",
        minimum=1,
        maximum=256,
        pattern="[\\x21\\x23-\\x2B\\x2D-\\x5B\\x5D-\\x7E]+( [\\x21\\x23-\\x2B\\x2D-\\x5B\\x5D-\\x7E]+)*",
    ),
    "webIdentityTokenSubjectModeType": Limit(kind="string", enum=("AWSIdentity", "OriginIdentity")),
    "webIdentityTokenType": Limit(kind="string", sensitive=True),
}

STRUCTURES: Mapping[str, tuple[Member, ...]] = {
    "PolicyDescriptorType": (Member("arn", "arn", "arnType"),),
    "Tag": (
        Member("key", "Key", "tagKeyType", required=True),
        Member("value", "Value", "tagValueType", required=True),
    ),
    "ProvidedContext": (
        Member("provider_arn", "ProviderArn", "arnType"),
        Member("context_assertion", "ContextAssertion", "contextAssertionType"),
    ),
    "AssumeRoleRequest": (
        Member("role_arn", "RoleArn", "arnType", required=True),
        Member("role_session_name", "RoleSessionName", "roleSessionNameType", required=True),
        Member("policy_arns", "PolicyArns", "policyDescriptorListType"),
        Member("policy", "Policy", "unrestrictedSessionPolicyDocumentType"),
        Member("duration_seconds", "DurationSeconds", "roleDurationSecondsType"),
        Member("tags", "Tags", "tagListType"),
        Member("transitive_tag_keys", "TransitiveTagKeys", "tagKeyListType"),
        Member("external_id", "ExternalId", "externalIdType"),
        Member("serial_number", "SerialNumber", "serialNumberType"),
        Member("token_code", "TokenCode", "tokenCodeType"),
        Member("source_identity", "SourceIdentity", "sourceIdentityType"),
        Member("provided_contexts", "ProvidedContexts", "ProvidedContextsListType"),
        Member("minimum_session_token_size", "MinimumSessionTokenSize", "minimumSessionTokenSizeType"),
    ),
    "Credentials": (
        Member("access_key_id", "AccessKeyId", "accessKeyIdType", required=True),
        Member("secret_access_key", "SecretAccessKey", "accessKeySecretType", required=True),
        Member("session_token", "SessionToken", "tokenType", required=True),
        Member("expiration", "Expiration", "dateType", required=True),
    ),
    "AssumedRoleUser": (
        Member("assumed_role_id", "AssumedRoleId", "assumedRoleIdType", required=True),
        Member("arn", "Arn", "arnType", required=True),
    ),
    "AssumeRoleResponse": (
        Member("credentials", "Credentials", "Credentials"),
        Member("assumed_role_user", "AssumedRoleUser", "AssumedRoleUser"),
        Member("packed_policy_size", "PackedPolicySize", "nonNegativeIntegerType"),
        Member("source_identity", "SourceIdentity", "sourceIdentityType"),
        Member("session_token_utilization", "SessionTokenUtilization", "sessionTokenUtilizationType"),
        Member("session_token_size", "SessionTokenSize", "sessionTokenSizeType"),
    ),
    "AssumeRoleWithSAMLRequest": (
        Member("role_arn", "RoleArn", "arnType", required=True),
        Member("principal_arn", "PrincipalArn", "arnType", required=True),
        Member("saml_assertion", "SAMLAssertion", "SAMLAssertionType", required=True),
        Member("policy_arns", "PolicyArns", "policyDescriptorListType"),
        Member("policy", "Policy", "sessionPolicyDocumentType"),
        Member("duration_seconds", "DurationSeconds", "roleDurationSecondsType"),
        Member("minimum_session_token_size", "MinimumSessionTokenSize", "minimumSessionTokenSizeType"),
    ),
    "OriginIdentity": (
        Member("subject", "Subject", "originIdentitySubjectType"),
        Member("subject_type", "SubjectType", "originIdentitySubjectTypeType"),
        Member("issuer", "Issuer", "originIdentityIssuerType"),
        Member("federated_provider_arn", "FederatedProviderArn", "arnType"),
    ),
    "TransactionContext": (
        Member("identity_provider", "IdentityProvider", "transactionContextIdentityProviderMapType"),
    ),
    "TrustedIdentityPropagationContext": (
        Member("origin_identity", "OriginIdentity", "OriginIdentity"),
        Member("transaction_context", "TransactionContext", "TransactionContext"),
    ),
    "AssumeRoleWithSAMLResponse": (
        Member("credentials", "Credentials", "Credentials"),
        Member("assumed_role_user", "AssumedRoleUser", "AssumedRoleUser"),
        Member("packed_policy_size", "PackedPolicySize", "nonNegativeIntegerType"),
        Member("subject", "Subject", "Subject"),
        Member("subject_type", "SubjectType", "SubjectType"),
        Member("issuer", "Issuer", "Issuer"),
        Member("audience", "Audience", "Audience"),
        Member("name_qualifier", "NameQualifier", "NameQualifier"),
        Member("source_identity", "SourceIdentity", "sourceIdentityType"),
        Member("session_token_utilization", "SessionTokenUtilization", "sessionTokenUtilizationType"),
        Member("session_token_size", "SessionTokenSize", "sessionTokenSizeType"),
        Member(
            "trusted_identity_propagation_context",
            "TrustedIdentityPropagationContext",
            "TrustedIdentityPropagationContext",
        ),
    ),
    "AssumeRoleWithWebIdentityRequest": (
        Member("role_arn", "RoleArn", "arnType", required=True),
        Member("role_session_name", "RoleSessionName", "roleSessionNameType", required=True),
        Member("web_identity_token", "WebIdentityToken", "clientTokenType", required=True),
        Member("provider_id", "ProviderId", "urlType"),
        Member("policy_arns", "PolicyArns", "policyDescriptorListType"),
        Member("policy", "Policy", "sessionPolicyDocumentType"),
        Member("duration_seconds", "DurationSeconds", "roleDurationSecondsType"),
        Member("minimum_session_token_size", "MinimumSessionTokenSize", "minimumSessionTokenSizeType"),
    ),
    "AssumeRoleWithWebIdentityResponse": (
        Member("credentials", "Credentials", "Credentials"),
        Member("subject_from_web_identity_token", "SubjectFromWebIdentityToken", "webIdentitySubjectType"),
        Member("assumed_role_user", "AssumedRoleUser", "AssumedRoleUser"),
        Member("packed_policy_size", "PackedPolicySize", "nonNegativeIntegerType"),
        Member("provider", "Provider", "Issuer"),
        Member("audience", "Audience", "Audience"),
        Member("source_identity", "SourceIdentity", "sourceIdentityType"),
        Member("session_token_utilization", "SessionTokenUtilization", "sessionTokenUtilizationType"),
        Member("session_token_size", "SessionTokenSize", "sessionTokenSizeType"),
        Member(
            "trusted_identity_propagation_context",
            "TrustedIdentityPropagationContext",
            "TrustedIdentityPropagationContext",
        ),
    ),
    "AssumeRootRequest": (
        Member("target_principal", "TargetPrincipal", "TargetPrincipalType", required=True),
        Member("task_policy_arn", "TaskPolicyArn", "PolicyDescriptorType", required=True),
        Member("duration_seconds", "DurationSeconds", "RootDurationSecondsType"),
        Member("minimum_session_token_size", "MinimumSessionTokenSize", "minimumSessionTokenSizeType"),
    ),
    "AssumeRootResponse": (
        Member("credentials", "Credentials", "Credentials"),
        Member("source_identity", "SourceIdentity", "sourceIdentityType"),
        Member("session_token_utilization", "SessionTokenUtilization", "sessionTokenUtilizationType"),
        Member("session_token_size", "SessionTokenSize", "sessionTokenSizeType"),
    ),
    "DecodeAuthorizationMessageRequest": (
        Member("encoded_message", "EncodedMessage", "encodedMessageType", required=True),
    ),
    "DecodeAuthorizationMessageResponse": (Member("decoded_message", "DecodedMessage", "decodedMessageType"),),
    "GetAccessKeyInfoRequest": (Member("access_key_id", "AccessKeyId", "accessKeyIdType", required=True),),
    "GetAccessKeyInfoResponse": (Member("account", "Account", "accountType"),),
    "GetCallerIdentityRequest": (),
    "GetCallerIdentityResponse": (
        Member("user_id", "UserId", "userIdType"),
        Member("account", "Account", "accountType"),
        Member("arn", "Arn", "arnType"),
    ),
    "GetDelegatedAccessTokenRequest": (Member("trade_in_token", "TradeInToken", "tradeInTokenType", required=True),),
    "GetDelegatedAccessTokenResponse": (
        Member("credentials", "Credentials", "Credentials"),
        Member("packed_policy_size", "PackedPolicySize", "nonNegativeIntegerType"),
        Member("assumed_principal", "AssumedPrincipal", "arnType"),
    ),
    "GetFederationTokenRequest": (
        Member("name", "Name", "userNameType", required=True),
        Member("policy", "Policy", "sessionPolicyDocumentType"),
        Member("policy_arns", "PolicyArns", "policyDescriptorListType"),
        Member("duration_seconds", "DurationSeconds", "durationSecondsType"),
        Member("tags", "Tags", "tagListType"),
        Member("minimum_session_token_size", "MinimumSessionTokenSize", "minimumSessionTokenSizeType"),
    ),
    "FederatedUser": (
        Member("federated_user_id", "FederatedUserId", "federatedIdType", required=True),
        Member("arn", "Arn", "arnType", required=True),
    ),
    "GetFederationTokenResponse": (
        Member("credentials", "Credentials", "Credentials"),
        Member("federated_user", "FederatedUser", "FederatedUser"),
        Member("packed_policy_size", "PackedPolicySize", "nonNegativeIntegerType"),
        Member("session_token_utilization", "SessionTokenUtilization", "sessionTokenUtilizationType"),
        Member("session_token_size", "SessionTokenSize", "sessionTokenSizeType"),
    ),
    "GetScopedCredentialsRequest": (
        Member("policy", "Policy", "sessionPolicyDocumentType"),
        Member("duration_seconds", "DurationSeconds", "scopedCredentialDurationSecondsType"),
        Member("minimum_session_token_size", "MinimumSessionTokenSize", "minimumSessionTokenSizeType"),
        Member("scoped_session_description", "ScopedSessionDescription", "scopedSessionDescriptionType"),
    ),
    "ScopedSession": (
        Member("scoped_session_id", "ScopedSessionId", "scopedSessionIdType", required=True),
        Member("arn", "Arn", "arnType", required=True),
    ),
    "GetScopedCredentialsResponse": (
        Member("credentials", "Credentials", "Credentials"),
        Member("session_info", "SessionInfo", "ScopedSession"),
        Member("session_token_utilization", "SessionTokenUtilization", "sessionTokenUtilizationType"),
        Member("session_token_size", "SessionTokenSize", "sessionTokenSizeType"),
        Member("scoped_policies_count", "ScopedPoliciesCount", "scopedPoliciesCountType"),
        Member("source_identity", "SourceIdentity", "sourceIdentityType"),
    ),
    "GetSessionTokenRequest": (
        Member("duration_seconds", "DurationSeconds", "durationSecondsType"),
        Member("serial_number", "SerialNumber", "serialNumberType"),
        Member("token_code", "TokenCode", "tokenCodeType"),
        Member("minimum_session_token_size", "MinimumSessionTokenSize", "minimumSessionTokenSizeType"),
    ),
    "GetSessionTokenResponse": (
        Member("credentials", "Credentials", "Credentials"),
        Member("session_token_utilization", "SessionTokenUtilization", "sessionTokenUtilizationType"),
        Member("session_token_size", "SessionTokenSize", "sessionTokenSizeType"),
    ),
    "GetWebIdentityTokenRequest": (
        Member("audience", "Audience", "webIdentityTokenAudienceListType", required=True),
        Member("duration_seconds", "DurationSeconds", "webIdentityTokenDurationSecondsType"),
        Member("signing_algorithm", "SigningAlgorithm", "jwtAlgorithmType", required=True),
        Member("scope", "Scope", "webIdentityTokenScopeType"),
        Member("subject_mode", "SubjectMode", "webIdentityTokenSubjectModeType"),
        Member("tags", "Tags", "tagListType"),
    ),
    "GetWebIdentityTokenResponse": (
        Member("web_identity_token", "WebIdentityToken", "webIdentityTokenType"),
        Member("expiration", "Expiration", "dateType"),
    ),
}
