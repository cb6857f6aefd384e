"""Which kinds of things may a seed file ask for? A table: the request of each, what it takes beside that, and what belongs to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from poolkeeper.aws.generated.cognito_identity import CreateIdentityPoolInput
from poolkeeper.aws.generated.cognito_idp import (
    AdminCreateUserRequest,
    CreateCIMDPolicyRequest,
    CreateGroupRequest,
    CreateIdentityProviderRequest,
    CreateManagedLoginBrandingRequest,
    CreateResourceServerRequest,
    CreateTermsRequest,
    CreateUserPoolClientRequest,
    CreateUserPoolDomainRequest,
    CreateUserPoolRequest,
    SetLogDeliveryConfigurationRequest,
    SetRiskConfigurationRequest,
    SetUICustomizationRequest,
    SetUserPoolClientSessionConfigurationRequest,
    SetUserPoolMfaConfigRequest,
    SetUserPoolSessionConfigurationRequest,
)
from poolkeeper.aws.generated.iam import (
    CreateAccessKeyRequest,
    CreatePolicyRequest,
    CreateRoleRequest,
    CreateUserRequest,
)
from poolkeeper.aws.shape import Shape
from poolkeeper.branding.looks import FOR_ALL
from poolkeeper.server.seeding.sources import Form, content, document, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What an entry of a kind may say: members of its `request`, members of the `later` requests, and names of its `own`.

    `request` is of the operation that makes the entry; `later` are those of the operations that follow. `own` has the
    names that no request of AWS's has, each with the type of its value.

    No two entries have the same `named`: in one file if it is a name of `own`, else in one pool, or where `within` is a
    member, among the entries with the same value of that. An entry that leaves `named` out is called `unnamed`.

    Every name in `needed` must be there, and at least one of those in `any_of`. `children` are the kinds of entries that
    belong to an entry. `documents` are members that AWS takes as JSON in a text; here they may be tables. The content of
    the members in `elsewhere` may stand in another file, or in the environment (sources.py).
    """

    request: type[Shape]
    named: str
    later: tuple[type[Shape], ...] = ()
    unnamed: str = ""
    within: str = ""
    own: Mapping[str, type] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    children: Mapping[str, "Kind"] = field(default_factory=dict)
    documents: tuple[str, ...] = ()
    elsewhere: Mapping[str, Form] = field(default_factory=dict)


_OF_POOLS: Mapping[str, Kind] = {
    "domains": Kind(request=CreateUserPoolDomainRequest, named="Domain"),
    "resource_servers": Kind(request=CreateResourceServerRequest, named="Identifier"),
    "groups": Kind(request=CreateGroupRequest, named="GroupName"),
    "identity_providers": Kind(
        request=CreateIdentityProviderRequest, named="ProviderName", elsewhere={"ProviderDetails.*": text}
    ),
    "clients": Kind(
        request=CreateUserPoolClientRequest,
        named="id",
        later=(SetUserPoolClientSessionConfigurationRequest,),
        own={"id": str},
        needed=("id",),
        elsewhere={"ClientSecret": text},
    ),
    "terms": Kind(request=CreateTermsRequest, named="TermsName", within="ClientId"),
    "managed_login_brandings": Kind(
        request=CreateManagedLoginBrandingRequest,
        named="ClientId",
        elsewhere={"Settings": document, "Assets": document, "Assets.*.Bytes": content},
    ),
    "ui_customizations": Kind(
        request=SetUICustomizationRequest,
        named="ClientId",
        unnamed=FOR_ALL,
        any_of=("CSS", "ImageFile"),
        elsewhere={"CSS": text, "ImageFile": content},
    ),
    "risk_configurations": Kind(
        request=SetRiskConfigurationRequest,
        named="ClientId",
        unnamed="the whole pool",
        any_of=(
            "AccountTakeoverRiskConfiguration",
            "CompromisedCredentialsRiskConfiguration",
            "RiskExceptionConfiguration",
        ),
    ),
    "cimd_policies": Kind(request=CreateCIMDPolicyRequest, named="PolicyName"),
    "users": Kind(
        request=AdminCreateUserRequest,
        named="Username",
        own={"sub": str, "password": str, "attributes": dict, "groups": list, "totp_secret": str},
        elsewhere={"password": text, "TemporaryPassword": text, "totp_secret": text},
    ),
}
_OF_USERS: Mapping[str, Kind] = {
    "access_keys": Kind(
        request=CreateAccessKeyRequest,
        named="id",
        own={"id": str, "secret": str},
        needed=("id", "secret"),
        elsewhere={"secret": text},
    )
}
# In the order in which they are made: a role may have a policy, an identity pool a role; an app client may have the scopes of a
# resource server and name identity providers, a user may be in a group.
KINDS: Mapping[str, Kind] = {
    "user_pools": Kind(
        request=CreateUserPoolRequest,
        named="id",
        later=(
            SetUserPoolMfaConfigRequest,
            SetUserPoolSessionConfigurationRequest,
            SetLogDeliveryConfigurationRequest,
        ),
        own={"id": str},
        needed=("id",),
        children=_OF_POOLS,
    ),
    "policies": Kind(
        request=CreatePolicyRequest,
        named="PolicyName",
        documents=("PolicyDocument",),
        elsewhere={"PolicyDocument": document},
    ),
    "roles": Kind(
        request=CreateRoleRequest,
        named="RoleName",
        own={"policies": list},
        documents=("AssumeRolePolicyDocument",),
        elsewhere={"AssumeRolePolicyDocument": document},
    ),
    "iam_users": Kind(request=CreateUserRequest, named="UserName", own={"policies": list}, children=_OF_USERS),
    "identity_pools": Kind(
        request=CreateIdentityPoolInput,
        named="id",
        own={"id": str, "Roles": dict, "RoleMappings": dict},
        needed=("id",),
    ),
}
