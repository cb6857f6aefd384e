"""Which errors do the service models name? One class each.

Written by tools/generate_shapes.py from botocore 1.44.8; do not edit.
"""

# ruff: noqa: N818 - the names are AWS's

from typing import ClassVar

from poolkeeper.errors.base import ServiceError

__all__ = [
    "AccessDeniedException",
    "AliasExistsException",
    "CachedCIMDURLDoesNotExistException",
    "CodeDeliveryFailureException",
    "CodeMismatchException",
    "ConcurrentModificationException",
    "DeleteConflictException",
    "DependencyTimeoutException",
    "DeveloperUserAlreadyRegisteredException",
    "DeviceKeyExistsException",
    "DisabledException",
    "DryRunOperationException",
    "DuplicateProviderException",
    "EnableSoftwareTokenMFAException",
    "EntityAlreadyExistsException",
    "EntityTemporarilyUnmodifiableException",
    "ExpiredCodeException",
    "ExpiredTokenException",
    "ExpiredTradeInTokenException",
    "ExternalServiceException",
    "FeatureUnavailableInTierException",
    "ForbiddenException",
    "GroupExistsException",
    "IDPCommunicationErrorException",
    "IDPRejectedClaimException",
    "IncorrectKeyException",
    "InsufficientSessionLifetimeException",
    "InternalErrorException",
    "InternalServerException",
    "InternalServiceException",
    "InvalidAuthorizationMessageException",
    "InvalidCiphertextException",
    "InvalidContextAssertionException",
    "InvalidEmailRoleAccessPolicyException",
    "InvalidGrantTokenException",
    "InvalidIdentityPoolConfigurationException",
    "InvalidIdentityTokenException",
    "InvalidInputException",
    "InvalidKeyUsageException",
    "InvalidLambdaResponseException",
    "InvalidOAuthFlowException",
    "InvalidParameterException",
    "InvalidPasswordException",
    "InvalidSmsRoleAccessPolicyException",
    "InvalidSmsRoleTrustRelationshipException",
    "InvalidSubjectCredentialsException",
    "InvalidUserPoolConfigurationException",
    "JWTPayloadSizeExceededException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "KeyUnavailableException",
    "LimitExceededException",
    "MFAMethodNotFoundException",
    "MalformedPolicyDocumentException",
    "ManagedLoginBrandingExistsException",
    "NoSuchEntityException",
    "NotAuthorizedException",
    "NotFoundException",
    "NotInDevelopmentException",
    "OpenIdIdpCommunicationErrorException",
    "OperationNotEnabledException",
    "OutboundWebIdentityFederationDisabledException",
    "PackedPolicyTooLargeException",
    "PaginationTokenExpiredException",
    "PasswordHistoryPolicyViolationException",
    "PasswordResetRequiredException",
    "PolicyEvaluationException",
    "PolicyNotAttachableException",
    "PreconditionNotMetException",
    "RefreshTokenReuseException",
    "RegionDisabledException",
    "ResourceConflictException",
    "ResourceNotFoundException",
    "ScopeDoesNotExistException",
    "ServiceFailureException",
    "ServiceNotSupportedException",
    "ServiceQuotaExceededException",
    "SessionDurationEscalationException",
    "SoftwareTokenMFANotFoundException",
    "TermsExistsException",
    "ThrottledException",
    "TierChangeNotAllowedException",
    "TooManyFailedAttemptsException",
    "TooManyRequestsException",
    "UnauthorizedException",
    "UnexpectedLambdaException",
    "UnmodifiableEntityException",
    "UnsupportedIdentityProviderException",
    "UnsupportedOperationException",
    "UnsupportedTokenTypeException",
    "UnsupportedUserStateException",
    "UserImportInProgressException",
    "UserLambdaValidationException",
    "UserNotConfirmedException",
    "UserNotFoundException",
    "UserPoolAddOnNotEnabledException",
    "UserPoolTaggingException",
    "UsernameExistsException",
    "WebAuthnChallengeNotFoundException",
    "WebAuthnClientMismatchException",
    "WebAuthnConfigurationMissingException",
    "WebAuthnCredentialNotSupportedException",
    "WebAuthnNotEnabledException",
    "WebAuthnOriginNotAllowedException",
    "WebAuthnRelyingPartyMismatchException",
]


class AccessDeniedException(ServiceError):
    name: ClassVar[str] = "AccessDeniedException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "AccessDenied"
    query_status: ClassVar[int] = 403


class AliasExistsException(ServiceError):
    name: ClassVar[str] = "AliasExistsException"
    status: ClassVar[int] = 400


class CachedCIMDURLDoesNotExistException(ServiceError):
    name: ClassVar[str] = "CachedCIMDURLDoesNotExistException"
    status: ClassVar[int] = 400


class CodeDeliveryFailureException(ServiceError):
    name: ClassVar[str] = "CodeDeliveryFailureException"
    status: ClassVar[int] = 400


class CodeMismatchException(ServiceError):
    name: ClassVar[str] = "CodeMismatchException"
    status: ClassVar[int] = 400


class ConcurrentModificationException(ServiceError):
    name: ClassVar[str] = "ConcurrentModificationException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "ConcurrentModification"
    query_status: ClassVar[int] = 409


class DeleteConflictException(ServiceError):
    name: ClassVar[str] = "DeleteConflictException"
    status: ClassVar[int] = 409
    query_code: ClassVar[str] = "DeleteConflict"


class DependencyTimeoutException(ServiceError):
    name: ClassVar[str] = "DependencyTimeoutException"
    status: ClassVar[int] = 500


class DeveloperUserAlreadyRegisteredException(ServiceError):
    name: ClassVar[str] = "DeveloperUserAlreadyRegisteredException"
    status: ClassVar[int] = 400


class DeviceKeyExistsException(ServiceError):
    name: ClassVar[str] = "DeviceKeyExistsException"
    status: ClassVar[int] = 400


class DisabledException(ServiceError):
    name: ClassVar[str] = "DisabledException"
    status: ClassVar[int] = 400


class DryRunOperationException(ServiceError):
    name: ClassVar[str] = "DryRunOperationException"
    status: ClassVar[int] = 400


class DuplicateProviderException(ServiceError):
    name: ClassVar[str] = "DuplicateProviderException"
    status: ClassVar[int] = 400


class EnableSoftwareTokenMFAException(ServiceError):
    name: ClassVar[str] = "EnableSoftwareTokenMFAException"
    status: ClassVar[int] = 400


class EntityAlreadyExistsException(ServiceError):
    name: ClassVar[str] = "EntityAlreadyExistsException"
    status: ClassVar[int] = 409
    query_code: ClassVar[str] = "EntityAlreadyExists"


class EntityTemporarilyUnmodifiableException(ServiceError):
    name: ClassVar[str] = "EntityTemporarilyUnmodifiableException"
    status: ClassVar[int] = 409
    query_code: ClassVar[str] = "EntityTemporarilyUnmodifiable"


class ExpiredCodeException(ServiceError):
    name: ClassVar[str] = "ExpiredCodeException"
    status: ClassVar[int] = 400


class ExpiredTokenException(ServiceError):
    name: ClassVar[str] = "ExpiredTokenException"
    status: ClassVar[int] = 400


class ExpiredTradeInTokenException(ServiceError):
    name: ClassVar[str] = "ExpiredTradeInTokenException"
    status: ClassVar[int] = 400


class ExternalServiceException(ServiceError):
    name: ClassVar[str] = "ExternalServiceException"
    status: ClassVar[int] = 400


class FeatureUnavailableInTierException(ServiceError):
    name: ClassVar[str] = "FeatureUnavailableInTierException"
    status: ClassVar[int] = 400


class ForbiddenException(ServiceError):
    name: ClassVar[str] = "ForbiddenException"
    status: ClassVar[int] = 400


class GroupExistsException(ServiceError):
    name: ClassVar[str] = "GroupExistsException"
    status: ClassVar[int] = 400


class IDPCommunicationErrorException(ServiceError):
    name: ClassVar[str] = "IDPCommunicationErrorException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "IDPCommunicationError"


class IDPRejectedClaimException(ServiceError):
    name: ClassVar[str] = "IDPRejectedClaimException"
    status: ClassVar[int] = 403
    query_code: ClassVar[str] = "IDPRejectedClaim"


class IncorrectKeyException(ServiceError):
    name: ClassVar[str] = "IncorrectKeyException"
    status: ClassVar[int] = 400


class InsufficientSessionLifetimeException(ServiceError):
    name: ClassVar[str] = "InsufficientSessionLifetimeException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "InsufficientSessionLifetime"


class InternalErrorException(ServiceError):
    name: ClassVar[str] = "InternalErrorException"
    status: ClassVar[int] = 500


class InternalServerException(ServiceError):
    name: ClassVar[str] = "InternalServerException"
    status: ClassVar[int] = 500


class InternalServiceException(ServiceError):
    name: ClassVar[str] = "InternalServiceException"
    status: ClassVar[int] = 500


class InvalidAuthorizationMessageException(ServiceError):
    name: ClassVar[str] = "InvalidAuthorizationMessageException"
    status: ClassVar[int] = 400


class InvalidCiphertextException(ServiceError):
    name: ClassVar[str] = "InvalidCiphertextException"
    status: ClassVar[int] = 400


class InvalidContextAssertionException(ServiceError):
    name: ClassVar[str] = "InvalidContextAssertionException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "InvalidContextAssertion"


class InvalidEmailRoleAccessPolicyException(ServiceError):
    name: ClassVar[str] = "InvalidEmailRoleAccessPolicyException"
    status: ClassVar[int] = 400


class InvalidGrantTokenException(ServiceError):
    name: ClassVar[str] = "InvalidGrantTokenException"
    status: ClassVar[int] = 400


class InvalidIdentityPoolConfigurationException(ServiceError):
    name: ClassVar[str] = "InvalidIdentityPoolConfigurationException"
    status: ClassVar[int] = 400


class InvalidIdentityTokenException(ServiceError):
    name: ClassVar[str] = "InvalidIdentityTokenException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "InvalidIdentityToken"


class InvalidInputException(ServiceError):
    name: ClassVar[str] = "InvalidInputException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "InvalidInput"


class InvalidKeyUsageException(ServiceError):
    name: ClassVar[str] = "InvalidKeyUsageException"
    status: ClassVar[int] = 400


class InvalidLambdaResponseException(ServiceError):
    name: ClassVar[str] = "InvalidLambdaResponseException"
    status: ClassVar[int] = 400


class InvalidOAuthFlowException(ServiceError):
    name: ClassVar[str] = "InvalidOAuthFlowException"
    status: ClassVar[int] = 400


class InvalidParameterException(ServiceError):
    name: ClassVar[str] = "InvalidParameterException"
    status: ClassVar[int] = 400


class InvalidPasswordException(ServiceError):
    name: ClassVar[str] = "InvalidPasswordException"
    status: ClassVar[int] = 400


class InvalidSmsRoleAccessPolicyException(ServiceError):
    name: ClassVar[str] = "InvalidSmsRoleAccessPolicyException"
    status: ClassVar[int] = 400


class InvalidSmsRoleTrustRelationshipException(ServiceError):
    name: ClassVar[str] = "InvalidSmsRoleTrustRelationshipException"
    status: ClassVar[int] = 400


class InvalidSubjectCredentialsException(ServiceError):
    name: ClassVar[str] = "InvalidSubjectCredentialsException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "InvalidSubjectCredentials"


class InvalidUserPoolConfigurationException(ServiceError):
    name: ClassVar[str] = "InvalidUserPoolConfigurationException"
    status: ClassVar[int] = 400


class JWTPayloadSizeExceededException(ServiceError):
    name: ClassVar[str] = "JWTPayloadSizeExceededException"
    status: ClassVar[int] = 400


class KMSInternalException(ServiceError):
    name: ClassVar[str] = "KMSInternalException"
    status: ClassVar[int] = 500


class KMSInvalidStateException(ServiceError):
    name: ClassVar[str] = "KMSInvalidStateException"
    status: ClassVar[int] = 400


class KeyUnavailableException(ServiceError):
    name: ClassVar[str] = "KeyUnavailableException"
    status: ClassVar[int] = 500


class LimitExceededException(ServiceError):
    name: ClassVar[str] = "LimitExceededException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "LimitExceeded"
    query_status: ClassVar[int] = 409


class MFAMethodNotFoundException(ServiceError):
    name: ClassVar[str] = "MFAMethodNotFoundException"
    status: ClassVar[int] = 400


class MalformedPolicyDocumentException(ServiceError):
    name: ClassVar[str] = "MalformedPolicyDocumentException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "MalformedPolicyDocument"


class ManagedLoginBrandingExistsException(ServiceError):
    name: ClassVar[str] = "ManagedLoginBrandingExistsException"
    status: ClassVar[int] = 400


class NoSuchEntityException(ServiceError):
    name: ClassVar[str] = "NoSuchEntityException"
    status: ClassVar[int] = 404
    query_code: ClassVar[str] = "NoSuchEntity"


class NotAuthorizedException(ServiceError):
    name: ClassVar[str] = "NotAuthorizedException"
    status: ClassVar[int] = 400


class NotFoundException(ServiceError):
    name: ClassVar[str] = "NotFoundException"
    status: ClassVar[int] = 400


class NotInDevelopmentException(ServiceError):
    name: ClassVar[str] = "NotInDevelopmentException"
    status: ClassVar[int] = 400


class OpenIdIdpCommunicationErrorException(ServiceError):
    name: ClassVar[str] = "OpenIdIdpCommunicationErrorException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "OpenIdIdpCommunicationError"


class OperationNotEnabledException(ServiceError):
    name: ClassVar[str] = "OperationNotEnabledException"
    status: ClassVar[int] = 400


class OutboundWebIdentityFederationDisabledException(ServiceError):
    name: ClassVar[str] = "OutboundWebIdentityFederationDisabledException"
    status: ClassVar[int] = 403


class PackedPolicyTooLargeException(ServiceError):
    name: ClassVar[str] = "PackedPolicyTooLargeException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "PackedPolicyTooLarge"


class PaginationTokenExpiredException(ServiceError):
    name: ClassVar[str] = "PaginationTokenExpiredException"
    status: ClassVar[int] = 400


class PasswordHistoryPolicyViolationException(ServiceError):
    name: ClassVar[str] = "PasswordHistoryPolicyViolationException"
    status: ClassVar[int] = 400


class PasswordResetRequiredException(ServiceError):
    name: ClassVar[str] = "PasswordResetRequiredException"
    status: ClassVar[int] = 400


class PolicyEvaluationException(ServiceError):
    name: ClassVar[str] = "PolicyEvaluationException"
    status: ClassVar[int] = 500
    query_code: ClassVar[str] = "PolicyEvaluation"


class PolicyNotAttachableException(ServiceError):
    name: ClassVar[str] = "PolicyNotAttachableException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "PolicyNotAttachable"


class PreconditionNotMetException(ServiceError):
    name: ClassVar[str] = "PreconditionNotMetException"
    status: ClassVar[int] = 400


class RefreshTokenReuseException(ServiceError):
    name: ClassVar[str] = "RefreshTokenReuseException"
    status: ClassVar[int] = 400


class RegionDisabledException(ServiceError):
    name: ClassVar[str] = "RegionDisabledException"
    status: ClassVar[int] = 403


class ResourceConflictException(ServiceError):
    name: ClassVar[str] = "ResourceConflictException"
    status: ClassVar[int] = 400


class ResourceNotFoundException(ServiceError):
    name: ClassVar[str] = "ResourceNotFoundException"
    status: ClassVar[int] = 400


class ScopeDoesNotExistException(ServiceError):
    name: ClassVar[str] = "ScopeDoesNotExistException"
    status: ClassVar[int] = 400


class ServiceFailureException(ServiceError):
    name: ClassVar[str] = "ServiceFailureException"
    status: ClassVar[int] = 500
    query_code: ClassVar[str] = "ServiceFailure"


class ServiceNotSupportedException(ServiceError):
    name: ClassVar[str] = "ServiceNotSupportedException"
    status: ClassVar[int] = 404
    query_code: ClassVar[str] = "NotSupportedService"


class ServiceQuotaExceededException(ServiceError):
    name: ClassVar[str] = "ServiceQuotaExceededException"
    status: ClassVar[int] = 400


class SessionDurationEscalationException(ServiceError):
    name: ClassVar[str] = "SessionDurationEscalationException"
    status: ClassVar[int] = 403


class SoftwareTokenMFANotFoundException(ServiceError):
    name: ClassVar[str] = "SoftwareTokenMFANotFoundException"
    status: ClassVar[int] = 400


class TermsExistsException(ServiceError):
    name: ClassVar[str] = "TermsExistsException"
    status: ClassVar[int] = 400


class ThrottledException(ServiceError):
    name: ClassVar[str] = "ThrottledException"
    status: ClassVar[int] = 400


class TierChangeNotAllowedException(ServiceError):
    name: ClassVar[str] = "TierChangeNotAllowedException"
    status: ClassVar[int] = 400


class TooManyFailedAttemptsException(ServiceError):
    name: ClassVar[str] = "TooManyFailedAttemptsException"
    status: ClassVar[int] = 400


class TooManyRequestsException(ServiceError):
    name: ClassVar[str] = "TooManyRequestsException"
    status: ClassVar[int] = 400


class UnauthorizedException(ServiceError):
    name: ClassVar[str] = "UnauthorizedException"
    status: ClassVar[int] = 400


class UnexpectedLambdaException(ServiceError):
    name: ClassVar[str] = "UnexpectedLambdaException"
    status: ClassVar[int] = 400


class UnmodifiableEntityException(ServiceError):
    name: ClassVar[str] = "UnmodifiableEntityException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = "UnmodifiableEntity"


class UnsupportedIdentityProviderException(ServiceError):
    name: ClassVar[str] = "UnsupportedIdentityProviderException"
    status: ClassVar[int] = 400


class UnsupportedOperationException(ServiceError):
    name: ClassVar[str] = "UnsupportedOperationException"
    status: ClassVar[int] = 400


class UnsupportedTokenTypeException(ServiceError):
    name: ClassVar[str] = "UnsupportedTokenTypeException"
    status: ClassVar[int] = 400


class UnsupportedUserStateException(ServiceError):
    name: ClassVar[str] = "UnsupportedUserStateException"
    status: ClassVar[int] = 400


class UserImportInProgressException(ServiceError):
    name: ClassVar[str] = "UserImportInProgressException"
    status: ClassVar[int] = 400


class UserLambdaValidationException(ServiceError):
    name: ClassVar[str] = "UserLambdaValidationException"
    status: ClassVar[int] = 400


class UserNotConfirmedException(ServiceError):
    name: ClassVar[str] = "UserNotConfirmedException"
    status: ClassVar[int] = 400


class UserNotFoundException(ServiceError):
    name: ClassVar[str] = "UserNotFoundException"
    status: ClassVar[int] = 400


class UserPoolAddOnNotEnabledException(ServiceError):
    name: ClassVar[str] = "UserPoolAddOnNotEnabledException"
    status: ClassVar[int] = 400


class UserPoolTaggingException(ServiceError):
    name: ClassVar[str] = "UserPoolTaggingException"
    status: ClassVar[int] = 400


class UsernameExistsException(ServiceError):
    name: ClassVar[str] = "UsernameExistsException"
    status: ClassVar[int] = 400


class WebAuthnChallengeNotFoundException(ServiceError):
    name: ClassVar[str] = "WebAuthnChallengeNotFoundException"
    status: ClassVar[int] = 400


class WebAuthnClientMismatchException(ServiceError):
    name: ClassVar[str] = "WebAuthnClientMismatchException"
    status: ClassVar[int] = 400


class WebAuthnConfigurationMissingException(ServiceError):
    name: ClassVar[str] = "WebAuthnConfigurationMissingException"
    status: ClassVar[int] = 400


class WebAuthnCredentialNotSupportedException(ServiceError):
    name: ClassVar[str] = "WebAuthnCredentialNotSupportedException"
    status: ClassVar[int] = 400


class WebAuthnNotEnabledException(ServiceError):
    name: ClassVar[str] = "WebAuthnNotEnabledException"
    status: ClassVar[int] = 400


class WebAuthnOriginNotAllowedException(ServiceError):
    name: ClassVar[str] = "WebAuthnOriginNotAllowedException"
    status: ClassVar[int] = 400


class WebAuthnRelyingPartyMismatchException(ServiceError):
    name: ClassVar[str] = "WebAuthnRelyingPartyMismatchException"
    status: ClassVar[int] = 400
