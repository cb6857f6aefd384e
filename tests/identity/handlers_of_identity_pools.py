"""Which calls do CloudFormation's handlers make for identity pools and what hangs at them? A table (infrastructure.md 8)."""

from api.world import REGION
from identity.handlers import GONE, Resource, by_arn, in_identity_pool, in_list
from identity.stage import ACCOUNT

OF_IDENTITY_POOLS: dict[str, Resource] = {
    "IdentityPool": Resource(
        create=[
            (
                "create_identity_pool",
                lambda _: {"IdentityPoolName": "cloudformation", "AllowUnauthenticatedIdentities": False},
            ),
            ("tag_resource", by_arn(Tags={"stage": "test"})),
        ],
        keep=lambda answer: {
            "identity pool": answer["IdentityPoolId"],
            "arn": f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{answer['IdentityPoolId']}",
        },
        read=[("describe_identity_pool", in_identity_pool()), ("list_tags_for_resource", by_arn())],
        told=lambda answers: (answers[0]["AllowUnauthenticatedIdentities"], answers[1]["Tags"]),
        first=(False, {"stage": "test"}),
        update=[
            ("describe_identity_pool", in_identity_pool()),
            (
                "update_identity_pool",
                in_identity_pool(IdentityPoolName="cloudformation", AllowUnauthenticatedIdentities=True),
            ),
            ("untag_resource", by_arn(TagKeys=["stage"])),
            ("tag_resource", by_arn(Tags={"team": "a"})),
        ],
        second=(True, {"team": "a"}),
        listing=[("list_identity_pools", lambda _: {"MaxResults": 60})],
        listed=in_list("IdentityPools", "IdentityPoolId", "identity pool"),
        delete=[("delete_identity_pool", in_identity_pool())],
        gone=GONE,
        service="cognito-identity",
    ),
    "IdentityPoolRoleAttachment": Resource(
        create=[
            ("get_identity_pool_roles", in_identity_pool()),
            ("set_identity_pool_roles", in_identity_pool(Roles={"authenticated": f"arn:aws:iam::{ACCOUNT}:role/auth"})),
        ],
        read=[("get_identity_pool_roles", in_identity_pool())],
        told=lambda answers: sorted(answers[0].get("Roles", {})),
        first=["authenticated"],
        update=[
            ("get_identity_pool_roles", in_identity_pool()),
            (
                "set_identity_pool_roles",
                in_identity_pool(Roles={"unauthenticated": f"arn:aws:iam::{ACCOUNT}:role/guest"}),
            ),
        ],
        second=["unauthenticated"],
        listing=[("get_identity_pool_roles", in_identity_pool())],
        delete=[
            ("get_identity_pool_roles", in_identity_pool()),
            ("set_identity_pool_roles", in_identity_pool(Roles={})),
        ],
        nothing=[],
        service="cognito-identity",
    ),
    "IdentityPoolPrincipalTag": Resource(
        create=[
            ("get_principal_tag_attribute_map", in_identity_pool("IdentityProviderName")),
            (
                "set_principal_tag_attribute_map",
                in_identity_pool("IdentityProviderName", UseDefaults=False, PrincipalTags={"plan": "custom:plan"}),
            ),
        ],
        read=[("get_principal_tag_attribute_map", in_identity_pool("IdentityProviderName"))],
        told=lambda answers: (answers[0]["UseDefaults"], answers[0]["PrincipalTags"]),
        first=(False, {"plan": "custom:plan"}),
        update=[
            ("get_principal_tag_attribute_map", in_identity_pool("IdentityProviderName")),
            (
                "set_principal_tag_attribute_map",
                in_identity_pool("IdentityProviderName", UseDefaults=False, PrincipalTags={"team": "custom:team"}),
            ),
        ],
        second=(False, {"team": "custom:team"}),
        listing=[("get_principal_tag_attribute_map", in_identity_pool("IdentityProviderName"))],
        delete=[
            ("get_principal_tag_attribute_map", in_identity_pool("IdentityProviderName")),
            (
                "set_principal_tag_attribute_map",
                in_identity_pool("IdentityProviderName", UseDefaults=True, PrincipalTags={}),
            ),
        ],
        nothing=(True, {}),
        service="cognito-identity",
    ),
}
