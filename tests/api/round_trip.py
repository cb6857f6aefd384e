"""What does a pool or an app client look like with every member set? Values for round trips, held against the model."""

from collections.abc import Mapping
from typing import Any

from botocore.loaders import Loader

_SHAPES = Loader().load_service_model("cognito-idp", "service-2")["shapes"]

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:on-"
_CODE = "Your code is {####}"
_TRIGGERS = (
    "PreSignUp",
    "CustomMessage",
    "PostConfirmation",
    "PreAuthentication",
    "PostAuthentication",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
    "PreTokenGeneration",
    "UserMigration",
)
# Every member of CreateUserPool and UpdateUserPool, all but the names of the pool, in a form that AWS would take.
POOL: Mapping[str, Any] = {
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 12,
            "RequireUppercase": False,
            "RequireLowercase": True,
            "RequireNumbers": False,
            "RequireSymbols": True,
            "PasswordHistorySize": 3,
            "TemporaryPasswordValidityDays": 9,
        },
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]},
    },
    "DeletionProtection": "ACTIVE",
    "LambdaConfig": {
        **{name: f"{FUNCTION}{name}" for name in _TRIGGERS},
        "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": f"{FUNCTION}PreTokenGeneration"},
        "CustomSMSSender": {"LambdaVersion": "V1_0", "LambdaArn": f"{FUNCTION}CustomSMSSender"},
        "CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": f"{FUNCTION}CustomEmailSender"},
        "KMSKeyID": "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555",
        "InboundFederation": {"LambdaVersion": "V1_0", "LambdaArn": f"{FUNCTION}InboundFederation"},
    },
    "AutoVerifiedAttributes": ["email", "phone_number"],
    "SmsVerificationMessage": _CODE,
    "EmailVerificationMessage": f"<p>{_CODE}</p>",
    "EmailVerificationSubject": "Is this you?",
    "VerificationMessageTemplate": {
        "SmsMessage": _CODE,
        "EmailMessage": f"<p>{_CODE}</p>",
        "EmailSubject": "Is this you?",
        "EmailMessageByLink": "Follow {##this##}",
        "EmailSubjectByLink": "Is this still you?",
        "DefaultEmailOption": "CONFIRM_WITH_LINK",
    },
    "SmsAuthenticationMessage": f"{_CODE} again",
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "MfaConfiguration": "OPTIONAL",
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False},
    "EmailConfiguration": {
        "SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/pool.example",
        "ReplyToEmailAddress": "help@pool.example",
        "EmailSendingAccount": "DEVELOPER",
        "From": "Pool <pool@pool.example>",
        "ConfigurationSet": "mails",
    },
    "SmsConfiguration": {
        "SnsCallerArn": "arn:aws:iam::000000000000:role/sms",
        "ExternalId": "ours",
        "SnsRegion": "us-east-1",
        "EumsSms": {
            "CallerArn": "arn:aws:iam::000000000000:role/eums",
            "ExternalId": "ours",
            "OriginationIdentity": "pool",
            "ConfigurationSetName": "texts",
            "InEntityId": "1",
            "InTemplateId": "2",
            "Region": "us-east-1",
        },
    },
    "UserPoolTags": {"team": "swimmers", "empty": ""},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": True,
        "InviteMessageTemplate": {
            "SMSMessage": "{username}, {####}",
            "EmailMessage": "<p>{username}, {####}</p>",
            "EmailSubject": "Come in",
        },
    },
    "UserPoolAddOns": {
        "AdvancedSecurityMode": "AUDIT",
        "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "ENFORCED"},
    },
    "DcrConfiguration": {
        "EnableStatus": "Disabled",
        "OpenDcrEnabled": True,
        "AuthenticatedGrantTypes": ["code"],
        "OpenDcrGrantTypes": [],
        "AllowedScopes": ["aws.cognito.signin.user.admin"],
    },
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "admin_only"}]},
    "UserPoolTier": "LITE",
    "KeyConfiguration": {
        "KeyType": "CUSTOMER_MANAGED_KEY",
        "KmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555",
    },
    "IssuerConfiguration": {"Type": "UPDATED"},
    "AcrConfiguration": {f"Level{number}": {"AcrValue": f"urn:ours:{number}"} for number in (1, 2, 3, 4)},
}
# What only CreateUserPool takes. AliasAttributes and UsernameAttributes exclude each other.
POOL_AT_CREATION: Mapping[str, Any] = {
    "AliasAttributes": ["email", "preferred_username"],
    "UsernameConfiguration": {"CaseSensitive": False},
    "Schema": [
        {"Name": "email", "AttributeDataType": "String", "Required": True, "Mutable": False},
        {"Name": "plan", "AttributeDataType": "String", "StringAttributeConstraints": {"MaxLength": "7"}},
    ],
}
# Every member of UpdateUserPoolClient, all but ids and name; OAuth with a code, from the one provider that is there.
CLIENT: Mapping[str, Any] = {
    "RefreshTokenValidity": 90,
    "AccessTokenValidity": 3000,
    "IdTokenValidity": 20,
    "TokenValidityUnits": {"AccessToken": "seconds", "IdToken": "minutes", "RefreshToken": "minutes"},
    "ReadAttributes": ["email", "email_verified", "custom:plan"],
    "WriteAttributes": ["email", "custom:plan"],
    "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH"],
    "SupportedIdentityProviders": ["COGNITO"],
    "CallbackURLs": ["https://app.example/in", "http://localhost:3000/in", "app://in"],
    "LogoutURLs": ["https://app.example/out"],
    "DefaultRedirectURI": "https://app.example/in",
    "AllowedOAuthFlows": ["code", "implicit"],
    "AllowedOAuthScopes": ["openid", "email", "aws.cognito.signin.user.admin"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "AnalyticsConfiguration": {
        "ApplicationId": "0123456789abcdef",
        "RoleArn": "arn:aws:iam::000000000000:role/analytics",
        "ExternalId": "ours",
        "UserDataShared": True,
    },
    "PreventUserExistenceErrors": "ENABLED",
    "EnableTokenRevocation": False,
    "EnablePropagateAdditionalUserContextData": True,
    "AuthSessionValidity": 15,
    "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 60},
}


def members(shape: str) -> frozenset[str]:
    """Return the names of a structure's members, as the service model has them."""
    return frozenset(_SHAPES[shape]["members"])


def unnamed_members(shape: str, value: Any) -> set[str]:
    """Return the members of a shape, at any depth, that `value` does not set: `Policies.SignInPolicy`, and so on."""
    described = _SHAPES[shape]
    if described["type"] == "structure":
        missing = set(described["members"]) - set(value)
        deeper = {
            f"{name}.{inner}"
            for name, given in value.items()
            for inner in unnamed_members(described["members"][name]["shape"], given)
        }
        return missing | deeper
    if described["type"] == "list" and value:
        return set.intersection(*(unnamed_members(described["member"]["shape"], one) for one in value))
    return set()


def sent_back(description: Mapping[str, Any], shape: str) -> dict[str, Any]:
    """Return of a description what the update of that shape takes: what a client sends that changes one thing."""
    return {name: value for name, value in description.items() if name in members(shape)}


def settled(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description without what a change of anything changes."""
    return {name: value for name, value in description.items() if name not in {"LastModifiedDate", "ResponseMetadata"}}
