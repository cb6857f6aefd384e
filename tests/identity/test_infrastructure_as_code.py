"""What Terraform's AWS provider sends for identity pools, in its order: create, read, plan again, update, import, destroy.

Source of the sequences: hashicorp/terraform-provider-aws, internal/service/cognitoidentity (infrastructure.md 4).
"""

from typing import Any

from api.world import REGION, World, refused
from identity.pool_answers import without_metadata
from identity.stage import ACCOUNT

PROVIDER = f"cognito-idp.{REGION}.amazonaws.com/{REGION}_Zr231apJu"
CLIENT = "7lhlkkfbfb4q5kpp90urffao"
ROLE, OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/auth", f"arn:aws:iam::{ACCOUNT}:role/admin"


def read(world: World, pool_id: str) -> dict[str, Any]:
    """Read an identity pool as the provider does."""
    return without_metadata(world.client("cognito-identity").describe_identity_pool(IdentityPoolId=pool_id))


def test_the_life_of_an_identity_pool(world: World) -> None:
    """aws_cognito_identity_pool: lists and maps that were taken away are sent empty, tags by calls of their own."""
    client = world.client("cognito-identity")
    provider = {"ProviderName": PROVIDER, "ClientId": CLIENT, "ServerSideTokenCheck": False}
    given: dict[str, Any] = {
        "IdentityPoolName": "terraform",
        "AllowUnauthenticatedIdentities": False,
        "AllowClassicFlow": False,
        "DeveloperProviderName": "my.developer",
        "SupportedLoginProviders": {"graph.facebook.com": "7346241598935555"},
        "CognitoIdentityProviders": [provider],
        "SamlProviderARNs": [f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"],
        "OpenIdConnectProviderARNs": [f"arn:aws:iam::{ACCOUNT}:oidc-provider/id.example.com"],
        "IdentityPoolTags": {"team": "a"},
    }
    pool_id = client.create_identity_pool(**given)["IdentityPoolId"]
    assert read(world, pool_id) == {**given, "IdentityPoolId": pool_id}

    changed = {
        "IdentityPoolId": pool_id,
        "IdentityPoolName": "terraform",
        "AllowUnauthenticatedIdentities": True,
        "AllowClassicFlow": True,
        "SupportedLoginProviders": {},
        "CognitoIdentityProviders": [{**provider, "ServerSideTokenCheck": True}],
        "SamlProviderARNs": [],
        "OpenIdConnectProviderARNs": [],
    }
    client.update_identity_pool(**changed)
    arn = f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{pool_id}"
    client.untag_resource(ResourceArn=arn, TagKeys=["team"])
    client.tag_resource(ResourceArn=arn, Tags={"stage": "test"})
    kept = {name: value for name, value in changed.items() if value not in ({}, [])}
    found = read(world, pool_id)
    assert {name: value for name, value in found.items() if value not in ({}, [])} == {
        **kept,
        "DeveloperProviderName": "my.developer",
        "IdentityPoolTags": {"stage": "test"},
    }
    client.delete_identity_pool(IdentityPoolId=pool_id)
    assert refused(lambda: read(world, pool_id))[0] == "ResourceNotFoundException"


def test_the_life_of_a_roles_attachment(world: World) -> None:
    """aws_cognito_identity_pool_roles_attachment: set, read, changed, and emptied where it is destroyed."""
    client = world.client("cognito-identity")
    made = client.create_identity_pool(
        IdentityPoolName="terraform",
        AllowUnauthenticatedIdentities=False,
        AllowClassicFlow=False,
        CognitoIdentityProviders=[{"ProviderName": PROVIDER, "ClientId": CLIENT}],
    )
    place = {"IdentityPoolId": made["IdentityPoolId"]}
    rule = {"Claim": "isAdmin", "MatchType": "Equals", "Value": "paid", "RoleARN": OTHER_ROLE}
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "AuthenticatedRole", "RulesConfiguration": {"Rules": [rule]}}
    roles, mappings = {"authenticated": ROLE}, {f"{PROVIDER}:{CLIENT}": mapping}

    def found() -> tuple[Any, Any]:
        answer = client.get_identity_pool_roles(**place)
        return answer.get("Roles", {}), answer.get("RoleMappings", {})

    client.set_identity_pool_roles(**place, Roles=roles, RoleMappings=mappings)
    assert found() == (roles, mappings)
    client.set_identity_pool_roles(**place, Roles=roles, RoleMappings={})
    assert found() == (roles, {})
    client.set_identity_pool_roles(**place, Roles={}, RoleMappings={})
    assert found() == ({}, {})


def test_the_life_of_a_map_of_principal_tags(world: World) -> None:
    """aws_cognito_identity_pool_provider_principal_tag: what is sent reads back, the default map is not told."""
    client = world.client("cognito-identity")
    made = client.create_identity_pool(IdentityPoolName="terraform", AllowUnauthenticatedIdentities=False)
    place = {"IdentityPoolId": made["IdentityPoolId"], "IdentityProviderName": PROVIDER}

    def found() -> tuple[bool, dict[str, str]]:
        answer = client.get_principal_tag_attribute_map(**place)
        return answer["UseDefaults"], answer["PrincipalTags"]

    client.set_principal_tag_attribute_map(**place, UseDefaults=True, PrincipalTags={"test": "value"})
    assert found() == (True, {"test": "value"})
    client.set_principal_tag_attribute_map(**place, UseDefaults=False, PrincipalTags={"test": "value", "new": "map"})
    assert found() == (False, {"test": "value", "new": "map"})
    client.set_principal_tag_attribute_map(**place, UseDefaults=True, PrincipalTags={})
    assert found() == (True, {})
    client.delete_identity_pool(IdentityPoolId=made["IdentityPoolId"])
    assert refused(found)[0] == "ResourceNotFoundException"
