"""What CDK's and Amplify's own resource handlers ask of a pool that is there already: their sources are public, and short.

Sources: infrastructure.md 5 (getters that are custom resources) and 6 (referenceAuth).
"""

from typing import Any

from api.world import REGION, World
from identity.stage import ACCOUNT, identity_pool, provider_of

ROLES = {name: f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("authenticated", "unauthenticated")}


def test_an_amplify_backend_refers_to_a_pool_that_is_there(world: World) -> None:
    """referenceAuth: seven reads, in its order; lists that are empty must be there, and the client has no secret."""
    stage = identity_pool(world)
    client, ids = stage.client, {"UserPoolId": stage.client.pool.pool_id}
    group = {"GroupName": "admins", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/admins"}

    def fetched() -> dict[str, Any]:
        signed = world.signed
        return {
            "pool": signed.describe_user_pool(**ids)["UserPool"],
            "mfa": signed.get_user_pool_mfa_config(**ids),
            "providers": signed.list_identity_providers(**ids),
            "groups": signed.list_groups(**ids),
            "client": signed.describe_user_pool_client(**ids, ClientId=client.client_id)["UserPoolClient"],
            "identity pool": stage.signed.describe_identity_pool(IdentityPoolId=stage.pool_id),
            "roles": stage.signed.get_identity_pool_roles(IdentityPoolId=stage.pool_id),
        }

    stage.signed.set_identity_pool_roles(IdentityPoolId=stage.pool_id, Roles=ROLES)
    before = fetched()
    assert (before["providers"]["Providers"], before["groups"]["Groups"]) == ([], [])
    world.signed.create_group(**ids, **group)
    told = fetched()
    assert told["pool"]["Policies"]["PasswordPolicy"]
    assert "AliasAttributes" not in told["pool"]
    assert {"email", "sub"} <= {one["Name"] for one in told["pool"]["SchemaAttributes"]}
    assert not {"SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration"} & told["mfa"].keys()
    assert [one["RoleArn"] for one in told["groups"]["Groups"]] == [group["RoleArn"]]
    assert not {"NextToken"} & {*told["groups"], *told["providers"]}
    assert "ClientSecret" not in told["client"]
    (provider,) = told["identity pool"]["CognitoIdentityProviders"]
    assert provider["ProviderName"] == f"cognito-idp.{REGION}.amazonaws.com/{ids['UserPoolId']}" == provider_of(client)
    assert provider["ClientId"] == told["client"]["ClientId"]
    assert told["roles"]["Roles"] == ROLES


def test_getters_of_cdk_that_are_custom_resources(world: World) -> None:
    """`cloudFrontDomainName` and `userPoolClientSecret`: a member of an answer, which must be there and stay as it is."""
    pool = world.pool()
    client = pool.client(GenerateSecret=True)
    domain = f"cdk-{pool.pool_id[-9:].lower()}"
    world.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=domain)

    def distribution() -> str:
        return str(world.signed.describe_user_pool_domain(Domain=domain)["DomainDescription"]["CloudFrontDistribution"])

    def secret() -> str:
        ids = {"UserPoolId": pool.pool_id, "ClientId": client.client_id}
        return str(world.signed.describe_user_pool_client(**ids)["UserPoolClient"]["ClientSecret"])

    assert distribution() == distribution() != ""
    assert secret() == secret() == client.secret
