"""The identities of a pool: described, listed, unlinked, deleted; and what is set for all of them: roles and tags."""

from typing import Any

from api.forge import claims_of
from api.world import REGION, World, refused
from identity.stage import ACCOUNT, beside, identity_pool
from poolkeeper.clock import SECOND

ROLE, OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/members", f"arn:aws:iam::{ACCOUNT}:role/guests"


def test_an_identity_is_described_with_its_providers(world: World) -> None:
    """By name alone, and when it came and changed."""
    pool = identity_pool(world)
    guest = pool.get_id()
    made_at = world.clock.datetime(remove_tzinfo=False)
    world.clock.advance(5 * SECOND)
    described = pool.describe(guest)
    assert "Logins" not in described
    assert described["CreationDate"] == described["LastModifiedDate"] == made_at
    pool.token(guest, pool.logins("ada"))
    described = pool.describe(guest)
    assert described["Logins"] == [pool.provider]
    assert described["CreationDate"] < described["LastModifiedDate"]
    strange = f"{REGION}:00000000-0000-4000-8000-000000000000"
    for nobody in (strange, guest[:-1] + ("0" if guest[-1] != "0" else "1")):
        assert refused(lambda one=nobody: pool.describe(one)) == (  # type: ignore[misc]
            "ResourceNotFoundException",
            f"Identity '{nobody}' not found.",
        )


def test_identities_are_listed_a_page_at_a_time(world: World) -> None:
    """Each once, with its providers; those of other pools never."""
    pool, other = identity_pool(world), identity_pool(world)
    other.get_id()
    member = pool.get_id(pool.logins("ada"))
    guests = {pool.get_id() for _ in range(4)}
    found, token = dict[str, Any](), dict[str, str]()
    while True:
        page = pool.signed.list_identities(IdentityPoolId=pool.pool_id, MaxResults=2, **token)
        assert page["IdentityPoolId"] == pool.pool_id
        found |= {one["IdentityId"]: one.get("Logins") for one in page["Identities"]}
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == {member: [pool.provider], **dict.fromkeys(guests)}
    assert (
        refused(
            lambda: other.signed.list_identities(
                IdentityPoolId=other.pool_id, MaxResults=2, NextToken=token["NextToken"]
            )
        )[0]
        == "InvalidParameterException"
    )


def test_deleted_identities_are_gone_with_their_logins(world: World) -> None:
    """The same user is somebody new; ids of no pool here are told, and nothing else."""
    pool = identity_pool(world)
    logins = pool.logins("ada")
    member, guest = pool.get_id(logins), pool.get_id()
    strange = f"{REGION}:00000000-0000-4000-8000-000000000000"
    answer = pool.signed.delete_identities(IdentityIdsToDelete=[member, guest, strange, pool.pool_id])
    assert {(one["IdentityId"], one["ErrorCode"]) for one in answer["UnprocessedIdentityIds"]} == {
        (strange, "AccessDenied"),
        (pool.pool_id, "AccessDenied"),
    }
    for gone in (member, guest):
        assert refused(lambda one=gone: pool.token(one, logins))[0] == "ResourceNotFoundException"  # type: ignore[misc]
    assert pool.get_id(logins) != member


def test_a_login_is_unlinked_by_whoever_proves_one(world: World) -> None:
    """Nobody else's login does it; seen again, it is somebody new, and the last one that goes shuts the identity."""
    pool = identity_pool(world, users=("ada", "alan"))
    second = identity_pool(world)
    entries = [{"ProviderName": one.provider, "ClientId": one.client.client_id} for one in (pool, second)]
    both = beside(world, pool.client, CognitoIdentityProviders=entries)
    first, other = both.logins("ada"), {second.provider: second.client.tokens("ada")["IdToken"]}
    identity_id = both.get_id({**first, **other})
    unlink = both.unsigned.unlink_identity
    assert (
        refused(lambda: unlink(IdentityId=identity_id, Logins=both.logins("alan"), LoginsToRemove=[both.provider]))[0]
        == "NotAuthorizedException"
    )
    unlink(IdentityId=identity_id, Logins=first, LoginsToRemove=[second.provider])
    assert both.describe(identity_id)["Logins"] == [both.provider]
    assert both.get_id(other) != identity_id
    unlink(IdentityId=identity_id, Logins=first, LoginsToRemove=[both.provider])
    assert refused(lambda: both.token(identity_id))[0] == "NotAuthorizedException"
    assert refused(lambda: both.token(identity_id, first))[0] == "NotAuthorizedException"


def test_roles_come_back_as_they_were_set(world: World) -> None:
    """Set replaces both; a mapping must be of a provider that the pool has, whole and not too long."""
    pool = identity_pool(world, users=())
    get, set_roles = pool.signed.get_identity_pool_roles, pool.signed.set_identity_pool_roles
    assert get(IdentityPoolId=pool.pool_id).keys() == {"IdentityPoolId", "ResponseMetadata"}
    key = f"{pool.provider}:{pool.client.client_id}"
    rule = {"Claim": "custom:team", "MatchType": "Equals", "Value": "x", "RoleARN": ROLE}
    rules = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": [rule]}}
    roles = {"authenticated": ROLE, "unauthenticated": OTHER_ROLE}
    set_roles(IdentityPoolId=pool.pool_id, Roles=roles, RoleMappings={key: rules})
    found = get(IdentityPoolId=pool.pool_id)
    assert (found["Roles"], found["RoleMappings"]) == (roles, {key: rules})
    for wrong, sentence in (
        ({"x": rules}, "(x) is not a valid RoleMapping ProviderName or is not a configured provider."),
        (
            {key: {**rules, "RulesConfiguration": {"Rules": [rule] * 26}}},
            "The number of rules in the request exceeded 25.",
        ),
        ({key: {"Type": "Token"}}, "AmbiguousRoleResolution is required for each RoleMapping."),
    ):
        assert refused(
            lambda: set_roles(IdentityPoolId=pool.pool_id, Roles={}, RoleMappings=wrong)  # noqa: B023 - run at once
        ) == ("InvalidParameterException", sentence)
    set_roles(IdentityPoolId=pool.pool_id, Roles={})
    assert get(IdentityPoolId=pool.pool_id).keys() == {"IdentityPoolId", "ResponseMetadata"}


def test_claims_become_tags_of_the_token(world: World) -> None:
    """Those that are mapped and no others; a list gives none, and what is no tag to IAM lets nobody in (attacks.md 140)."""
    pool = identity_pool(world)
    logins = pool.logins("ada")
    identity_id = pool.get_id(logins)
    claims = claims_of(logins[pool.provider])
    known = {"IdentityPoolId": pool.pool_id, "IdentityProviderName": pool.provider}
    set_map = pool.signed.set_principal_tag_attribute_map

    def tags() -> Any:
        return claims_of(pool.token(identity_id, logins)["Token"]).get("https://aws.amazon.com/tags")

    assert tags() is None
    mapping = {"user": "sub", "kind": "token_use", "absent": "nowhere", "groups": "cognito:groups"}
    answer = set_map(**known, PrincipalTags=mapping)
    assert (answer["UseDefaults"], answer["PrincipalTags"]) == (False, mapping)
    assert tags()["principal_tags"] == {"user": [claims["sub"]], "kind": ["id"]}
    assert set_map(**known, UseDefaults=True)["UseDefaults"] is True
    assert tags()["principal_tags"] == {"username": [claims["sub"]], "client": [claims["aud"]]}
    found = pool.signed.get_principal_tag_attribute_map(**known)
    assert (found["UseDefaults"], found["PrincipalTags"]) == (True, {})
    for wrong in ({"aws:user": "sub"}, {"a!": "sub"}):
        assert refused(lambda: set_map(**known, PrincipalTags=wrong))[0] == "InvalidParameterException"  # noqa: B023
    pool.client.pool.admin(
        "admin_update_user_attributes", "ada", UserAttributes=[{"Name": "nickname", "Value": "<ada>"}]
    )
    set_map(**known, PrincipalTags={"name": "nickname"})
    assert refused(lambda: pool.token(identity_id, pool.logins("ada")))[0] == "NotAuthorizedException"


def test_values_of_tags_have_bounds(world: World) -> None:
    """256 characters each and 460 bytes together; a claim of true or false is such a word, and keys that differ in case are one."""
    pool = identity_pool(world)
    users, known = pool.client.pool, {"IdentityPoolId": pool.pool_id, "IdentityProviderName": pool.provider}
    set_map = pool.signed.set_principal_tag_attribute_map
    identity_id = pool.get_id(pool.logins("ada"))

    def tags(nickname: str) -> Any:
        named = {"email": "ada@example.com", "email_verified": "true", "nickname": nickname}
        listed = [{"Name": name, "Value": value} for name, value in named.items()]
        users.admin("admin_update_user_attributes", "ada", UserAttributes=listed)
        token = pool.token(identity_id, pool.logins("ada"))["Token"]
        return claims_of(token)["https://aws.amazon.com/tags"]["principal_tags"]

    set_map(**known, PrincipalTags={"name": "nickname", "verified": "email_verified"})
    assert tags("x" * 256) == {"name": ["x" * 256], "verified": ["true"]}
    assert refused(lambda: tags("x" * 257))[0] == "NotAuthorizedException"
    set_map(**known, PrincipalTags={"name": "nickname", "again": "nickname"})
    assert tags("x" * 230) == {"name": ["x" * 230], "again": ["x" * 230]}
    for longer in ("x" * 231, "x" * 229 + "é"):
        assert refused(lambda: tags(longer)) == (  # noqa: B023 - run at once
            "NotAuthorizedException",
            "The claims that are mapped to principal tags exceed 460 bytes.",
        )
    both = {"team": "sub", "Team": "sub"}
    assert refused(lambda: set_map(**known, PrincipalTags=both))[0] == "InvalidParameterException"
