"""What does cognito-identity receive and answer? A struct for every structure, and the facts of every operation.

Written by tools/generate_shapes.py from botocore 1.44.8; do not edit.
"""

from typing import ClassVar

from msgspec import field

from poolkeeper.aws.shape import ABSENT, Facts, ServiceModel, Shape


class CognitoIdentityProvider(Shape):
    provider_name: str | None = field(name="ProviderName", default=None)
    client_id: str | None = field(name="ClientId", default=None)
    server_side_token_check: bool | None = field(name="ServerSideTokenCheck", default=None)


class CreateIdentityPoolInput(Shape):
    identity_pool_name: str = field(name="IdentityPoolName", default=ABSENT)
    allow_unauthenticated_identities: bool = field(name="AllowUnauthenticatedIdentities", default=ABSENT)
    allow_classic_flow: bool | None = field(name="AllowClassicFlow", default=None)
    supported_login_providers: dict[str, str] | None = field(name="SupportedLoginProviders", default=None)
    developer_provider_name: str | None = field(name="DeveloperProviderName", default=None)
    open_id_connect_provider_arns: list[str] | None = field(name="OpenIdConnectProviderARNs", default=None)
    cognito_identity_providers: list[CognitoIdentityProvider] | None = field(
        name="CognitoIdentityProviders", default=None
    )
    saml_provider_arns: list[str] | None = field(name="SamlProviderARNs", default=None)
    identity_pool_tags: dict[str, str] | None = field(name="IdentityPoolTags", default=None)


class IdentityPool(Shape):
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)
    identity_pool_name: str = field(name="IdentityPoolName", default=ABSENT)
    allow_unauthenticated_identities: bool = field(name="AllowUnauthenticatedIdentities", default=ABSENT)
    allow_classic_flow: bool | None = field(name="AllowClassicFlow", default=None)
    supported_login_providers: dict[str, str] | None = field(name="SupportedLoginProviders", default=None)
    developer_provider_name: str | None = field(name="DeveloperProviderName", default=None)
    open_id_connect_provider_arns: list[str] | None = field(name="OpenIdConnectProviderARNs", default=None)
    cognito_identity_providers: list[CognitoIdentityProvider] | None = field(
        name="CognitoIdentityProviders", default=None
    )
    saml_provider_arns: list[str] | None = field(name="SamlProviderARNs", default=None)
    identity_pool_tags: dict[str, str] | None = field(name="IdentityPoolTags", default=None)


class DeleteIdentitiesInput(Shape):
    identity_ids_to_delete: list[str] = field(name="IdentityIdsToDelete", default=ABSENT)


class UnprocessedIdentityId(Shape):
    identity_id: str | None = field(name="IdentityId", default=None)
    error_code: str | None = field(name="ErrorCode", default=None)


class DeleteIdentitiesResponse(Shape):
    unprocessed_identity_ids: list[UnprocessedIdentityId] | None = field(name="UnprocessedIdentityIds", default=None)


class DeleteIdentityPoolInput(Shape):
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)


class DescribeIdentityInput(Shape):
    identity_id: str = field(name="IdentityId", default=ABSENT)


class IdentityDescription(Shape):
    identity_id: str | None = field(name="IdentityId", default=None)
    logins: list[str] | None = field(name="Logins", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)
    last_modified_date: float | None = field(name="LastModifiedDate", default=None)


class DescribeIdentityPoolInput(Shape):
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)


class GetCredentialsForIdentityInput(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["logins"])

    identity_id: str = field(name="IdentityId", default=ABSENT)
    logins: dict[str, str] | None = field(name="Logins", default=None)
    custom_role_arn: str | None = field(name="CustomRoleArn", default=None)


class Credentials(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["secret_key"])

    access_key_id: str | None = field(name="AccessKeyId", default=None)
    secret_key: str | None = field(name="SecretKey", default=None)
    session_token: str | None = field(name="SessionToken", default=None)
    expiration: float | None = field(name="Expiration", default=None)


class GetCredentialsForIdentityResponse(Shape):
    identity_id: str | None = field(name="IdentityId", default=None)
    credentials: Credentials | None = field(name="Credentials", default=None)


class GetIdInput(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["logins"])

    account_id: str | None = field(name="AccountId", default=None)
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)
    logins: dict[str, str] | None = field(name="Logins", default=None)


class GetIdResponse(Shape):
    identity_id: str | None = field(name="IdentityId", default=None)


class GetIdentityPoolRolesInput(Shape):
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)


class MappingRule(Shape):
    claim: str = field(name="Claim", default=ABSENT)
    match_type: str = field(name="MatchType", default=ABSENT)
    value: str = field(name="Value", default=ABSENT)
    role_arn: str = field(name="RoleARN", default=ABSENT)


class RulesConfigurationType(Shape):
    rules: list[MappingRule] = field(name="Rules", default=ABSENT)


class RoleMapping(Shape):
    type: str = field(name="Type", default=ABSENT)
    ambiguous_role_resolution: str | None = field(name="AmbiguousRoleResolution", default=None)
    rules_configuration: RulesConfigurationType | None = field(name="RulesConfiguration", default=None)


class GetIdentityPoolRolesResponse(Shape):
    identity_pool_id: str | None = field(name="IdentityPoolId", default=None)
    roles: dict[str, str] | None = field(name="Roles", default=None)
    role_mappings: dict[str, RoleMapping] | None = field(name="RoleMappings", default=None)


class GetOpenIdTokenInput(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["logins"])

    identity_id: str = field(name="IdentityId", default=ABSENT)
    logins: dict[str, str] | None = field(name="Logins", default=None)


class GetOpenIdTokenResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["token"])

    identity_id: str | None = field(name="IdentityId", default=None)
    token: str | None = field(name="Token", default=None)


class GetOpenIdTokenForDeveloperIdentityInput(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["logins"])

    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)
    identity_id: str | None = field(name="IdentityId", default=None)
    logins: dict[str, str] = field(name="Logins", default=ABSENT)
    principal_tags: dict[str, str] | None = field(name="PrincipalTags", default=None)
    token_duration: int | None = field(name="TokenDuration", default=None)


class GetOpenIdTokenForDeveloperIdentityResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["token"])

    identity_id: str | None = field(name="IdentityId", default=None)
    token: str | None = field(name="Token", default=None)


class GetPrincipalTagAttributeMapInput(Shape):
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)
    identity_provider_name: str = field(name="IdentityProviderName", default=ABSENT)


class GetPrincipalTagAttributeMapResponse(Shape):
    identity_pool_id: str | None = field(name="IdentityPoolId", default=None)
    identity_provider_name: str | None = field(name="IdentityProviderName", default=None)
    use_defaults: bool | None = field(name="UseDefaults", default=None)
    principal_tags: dict[str, str] | None = field(name="PrincipalTags", default=None)


class ListIdentitiesInput(Shape):
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)
    max_results: int = field(name="MaxResults", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)
    hide_disabled: bool | None = field(name="HideDisabled", default=None)


class ListIdentitiesResponse(Shape):
    identity_pool_id: str | None = field(name="IdentityPoolId", default=None)
    identities: list[IdentityDescription] | None = field(name="Identities", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListIdentityPoolsInput(Shape):
    max_results: int = field(name="MaxResults", default=ABSENT)
    next_token: str | None = field(name="NextToken", default=None)


class IdentityPoolShortDescription(Shape):
    identity_pool_id: str | None = field(name="IdentityPoolId", default=None)
    identity_pool_name: str | None = field(name="IdentityPoolName", default=None)


class ListIdentityPoolsResponse(Shape):
    identity_pools: list[IdentityPoolShortDescription] | None = field(name="IdentityPools", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListTagsForResourceInput(Shape):
    resource_arn: str = field(name="ResourceArn", default=ABSENT)


class ListTagsForResourceResponse(Shape):
    tags: dict[str, str] | None = field(name="Tags", default=None)


class LookupDeveloperIdentityInput(Shape):
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)
    identity_id: str | None = field(name="IdentityId", default=None)
    developer_user_identifier: str | None = field(name="DeveloperUserIdentifier", default=None)
    max_results: int | None = field(name="MaxResults", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class LookupDeveloperIdentityResponse(Shape):
    identity_id: str | None = field(name="IdentityId", default=None)
    developer_user_identifier_list: list[str] | None = field(name="DeveloperUserIdentifierList", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class MergeDeveloperIdentitiesInput(Shape):
    source_user_identifier: str = field(name="SourceUserIdentifier", default=ABSENT)
    destination_user_identifier: str = field(name="DestinationUserIdentifier", default=ABSENT)
    developer_provider_name: str = field(name="DeveloperProviderName", default=ABSENT)
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)


class MergeDeveloperIdentitiesResponse(Shape):
    identity_id: str | None = field(name="IdentityId", default=None)


class SetIdentityPoolRolesInput(Shape):
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)
    roles: dict[str, str] = field(name="Roles", default=ABSENT)
    role_mappings: dict[str, RoleMapping] | None = field(name="RoleMappings", default=None)


class SetPrincipalTagAttributeMapInput(Shape):
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)
    identity_provider_name: str = field(name="IdentityProviderName", default=ABSENT)
    use_defaults: bool | None = field(name="UseDefaults", default=None)
    principal_tags: dict[str, str] | None = field(name="PrincipalTags", default=None)


class SetPrincipalTagAttributeMapResponse(Shape):
    identity_pool_id: str | None = field(name="IdentityPoolId", default=None)
    identity_provider_name: str | None = field(name="IdentityProviderName", default=None)
    use_defaults: bool | None = field(name="UseDefaults", default=None)
    principal_tags: dict[str, str] | None = field(name="PrincipalTags", default=None)


class TagResourceInput(Shape):
    resource_arn: str = field(name="ResourceArn", default=ABSENT)
    tags: dict[str, str] = field(name="Tags", default=ABSENT)


class TagResourceResponse(Shape):
    pass


class UnlinkDeveloperIdentityInput(Shape):
    identity_id: str = field(name="IdentityId", default=ABSENT)
    identity_pool_id: str = field(name="IdentityPoolId", default=ABSENT)
    developer_provider_name: str = field(name="DeveloperProviderName", default=ABSENT)
    developer_user_identifier: str = field(name="DeveloperUserIdentifier", default=ABSENT)


class UnlinkIdentityInput(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["logins"])

    identity_id: str = field(name="IdentityId", default=ABSENT)
    logins: dict[str, str] = field(name="Logins", default=ABSENT)
    logins_to_remove: list[str] = field(name="LoginsToRemove", default=ABSENT)


class UntagResourceInput(Shape):
    resource_arn: str = field(name="ResourceArn", default=ABSENT)
    tag_keys: list[str] = field(name="TagKeys", default=ABSENT)


class UntagResourceResponse(Shape):
    pass


SERVICE = ServiceModel(
    name="cognito-identity",
    protocol="json",
    target_prefix="AWSCognitoIdentityService",
    version="2014-06-30",
    namespace="",
    operations={
        "CreateIdentityPool": Facts(CreateIdentityPoolInput, IdentityPool, unsigned=False),
        "DeleteIdentities": Facts(DeleteIdentitiesInput, DeleteIdentitiesResponse, unsigned=False),
        "DeleteIdentityPool": Facts(DeleteIdentityPoolInput, None, unsigned=False),
        "DescribeIdentity": Facts(DescribeIdentityInput, IdentityDescription, unsigned=False),
        "DescribeIdentityPool": Facts(DescribeIdentityPoolInput, IdentityPool, unsigned=False),
        "GetCredentialsForIdentity": Facts(
            GetCredentialsForIdentityInput, GetCredentialsForIdentityResponse, unsigned=True
        ),
        "GetId": Facts(GetIdInput, GetIdResponse, unsigned=True),
        "GetIdentityPoolRoles": Facts(GetIdentityPoolRolesInput, GetIdentityPoolRolesResponse, unsigned=False),
        "GetOpenIdToken": Facts(GetOpenIdTokenInput, GetOpenIdTokenResponse, unsigned=True),
        "GetOpenIdTokenForDeveloperIdentity": Facts(
            GetOpenIdTokenForDeveloperIdentityInput, GetOpenIdTokenForDeveloperIdentityResponse, unsigned=False
        ),
        "GetPrincipalTagAttributeMap": Facts(
            GetPrincipalTagAttributeMapInput, GetPrincipalTagAttributeMapResponse, unsigned=False
        ),
        "ListIdentities": Facts(ListIdentitiesInput, ListIdentitiesResponse, unsigned=False),
        "ListIdentityPools": Facts(ListIdentityPoolsInput, ListIdentityPoolsResponse, unsigned=False),
        "ListTagsForResource": Facts(ListTagsForResourceInput, ListTagsForResourceResponse, unsigned=False),
        "LookupDeveloperIdentity": Facts(LookupDeveloperIdentityInput, LookupDeveloperIdentityResponse, unsigned=False),
        "MergeDeveloperIdentities": Facts(
            MergeDeveloperIdentitiesInput, MergeDeveloperIdentitiesResponse, unsigned=False
        ),
        "SetIdentityPoolRoles": Facts(SetIdentityPoolRolesInput, None, unsigned=False),
        "SetPrincipalTagAttributeMap": Facts(
            SetPrincipalTagAttributeMapInput, SetPrincipalTagAttributeMapResponse, unsigned=False
        ),
        "TagResource": Facts(TagResourceInput, TagResourceResponse, unsigned=False),
        "UnlinkDeveloperIdentity": Facts(UnlinkDeveloperIdentityInput, None, unsigned=False),
        "UnlinkIdentity": Facts(UnlinkIdentityInput, None, unsigned=True),
        "UntagResource": Facts(UntagResourceInput, UntagResourceResponse, unsigned=False),
        "UpdateIdentityPool": Facts(IdentityPool, IdentityPool, unsigned=False),
    },
)
