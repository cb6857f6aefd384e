"""Users of a back end: named by it, linked, merged and unlinked, and let in by a token that lives as long as it says."""

from typing import Any

import pytest

from api.forge import claims_of
from api.principals import role
from api.world import World, refused
from identity.stage import IdentityPoolOfTests, credentials, identity_pool, set_roles, trust_for
from poolkeeper.clock import SECOND

NAME = "login.example"
ELSEWHERE = "The developer user is registered with another identity."


@pytest.fixture
def pool(world: World) -> IdentityPoolOfTests:
    """Make an identity pool with a developer provider."""
    return identity_pool(world, DeveloperProviderName=NAME)


def token_for(
    pool: IdentityPoolOfTests, user: str, *, more: dict[str, str] | None = None, **given: Any
) -> dict[str, Any]:
    """Call GetOpenIdTokenForDeveloperIdentity."""
    answer: dict[str, Any] = pool.signed.get_open_id_token_for_developer_identity(
        IdentityPoolId=pool.pool_id, Logins={NAME: user, **(more or {})}, **given
    )
    return answer


def lookup(pool: IdentityPoolOfTests, **given: Any) -> dict[str, Any]:
    """Call LookupDeveloperIdentity."""
    answer: dict[str, Any] = pool.signed.lookup_developer_identity(IdentityPoolId=pool.pool_id, **given)
    return answer


def merge(pool: IdentityPoolOfTests, source: str, destination: str) -> str:
    """Call MergeDeveloperIdentities."""
    answer = pool.signed.merge_developer_identities(
        IdentityPoolId=pool.pool_id,
        DeveloperProviderName=NAME,
        SourceUserIdentifier=source,
        DestinationUserIdentifier=destination,
    )
    return str(answer["IdentityId"])


def test_a_user_of_a_back_end_is_the_same_identity_each_time(world: World, pool: IdentityPoolOfTests) -> None:
    """The token says who vouches, for a quarter of an hour unless told otherwise (identity-security.md 1.6)."""
    first, again, other = token_for(pool, "u1"), token_for(pool, "u1", TokenDuration=86_400), token_for(pool, "u2")
    assert first["IdentityId"] == again["IdentityId"] != other["IdentityId"]
    claims, now = claims_of(first["Token"]), world.clock.now() // SECOND
    assert (claims["amr"], claims["exp"], claims["aud"]) == (
        ["authenticated", NAME, f"{NAME}:{pool.pool_id}:u1"],
        now + 900,
        pool.pool_id,
    )
    assert claims_of(again["Token"])["exp"] == now + 86_400
    assert pool.describe(first["IdentityId"])["Logins"] == [NAME]


def test_a_token_lives_a_day_at_the_most(pool: IdentityPoolOfTests) -> None:
    """attacks.md 139: the bound of the model."""
    assert refused(lambda: token_for(pool, "u1", TokenDuration=86_401))[0] == "ValidationException"


def test_a_client_cannot_name_a_back_ends_user(pool: IdentityPoolOfTests) -> None:
    """The developer provider is no key of Logins without a signature (attacks.md 138)."""
    token_for(pool, "u1")
    assert refused(lambda: pool.get_id({NAME: "u1"})) == (
        "NotAuthorizedException",
        "Token is not from a supported provider of this identity pool.",
    )


def test_exactly_one_login_is_the_back_ends(pool: IdentityPoolOfTests) -> None:
    """A request without it is refused, and so is one of a pool without a developer provider."""
    logins = pool.logins("ada")
    for one, given in ((pool, logins), (identity_pool(pool.world, users=()), {NAME: "u1"})):
        assert refused(
            lambda: one.signed.get_open_id_token_for_developer_identity(IdentityPoolId=one.pool_id, Logins=given)  # noqa: B023
        )[0] in {"InvalidParameterException", "NotAuthorizedException"}


def test_a_back_end_links_its_user_to_who_they_are(pool: IdentityPoolOfTests) -> None:
    """To a member or guest whom it names, or by a login of a public provider beside its own."""
    logins = pool.logins("ada")
    member, guest = pool.get_id(logins), pool.get_id()
    assert token_for(pool, "u1", IdentityId=member)["IdentityId"] == member
    assert token_for(pool, "u2", IdentityId=guest)["IdentityId"] == guest
    assert token_for(pool, "u1", more=logins)["IdentityId"] == member == pool.get_id(logins)
    assert pool.describe(member)["Logins"] == [pool.provider, NAME]
    assert refused(lambda: token_for(pool, "u1", IdentityId=guest)) == (
        "DeveloperUserAlreadyRegisteredException",
        ELSEWHERE,
    )
    assert refused(lambda: pool.token(guest))[0] == "NotAuthorizedException"


def test_users_are_looked_up_both_ways(pool: IdentityPoolOfTests) -> None:
    """By the identity, by the user, by both where they agree; a page at a time."""
    identity_id = token_for(pool, "u1")["IdentityId"]
    for user in ("u2", "u3"):
        token_for(pool, user, IdentityId=identity_id)
    other = token_for(pool, "v1")["IdentityId"]
    assert lookup(pool, DeveloperUserIdentifier="u2")["IdentityId"] == identity_id
    first = lookup(pool, IdentityId=identity_id, DeveloperUserIdentifier="u1", MaxResults=2)
    rest = lookup(pool, IdentityId=identity_id, MaxResults=2, NextToken=first["NextToken"])
    assert first["DeveloperUserIdentifierList"] + rest["DeveloperUserIdentifierList"] == ["u1", "u2", "u3"]
    assert "NextToken" not in rest
    assert refused(lambda: lookup(pool, IdentityId=other, DeveloperUserIdentifier="u1")) == (
        "ResourceConflictException",
        ELSEWHERE,
    )
    assert refused(lambda: lookup(pool, DeveloperUserIdentifier="nobody"))[0] == "ResourceNotFoundException"
    assert refused(lambda: lookup(pool))[0] == "InvalidParameterException"


def test_two_users_become_one(pool: IdentityPoolOfTests) -> None:
    """The source's names lead to the destination, whose id stays; the source's identity is disabled."""
    source, destination = token_for(pool, "u1")["IdentityId"], token_for(pool, "u2")["IdentityId"]
    assert merge(pool, "u1", "u2") == destination
    assert token_for(pool, "u1")["IdentityId"] == destination
    assert lookup(pool, IdentityId=destination)["DeveloperUserIdentifierList"] == ["u1", "u2"]
    shown = pool.signed.list_identities(IdentityPoolId=pool.pool_id, MaxResults=60, HideDisabled=True)["Identities"]
    every = pool.signed.list_identities(IdentityPoolId=pool.pool_id, MaxResults=60)["Identities"]
    assert ({one["IdentityId"] for one in every} - {one["IdentityId"] for one in shown}) == {source}


def test_nothing_is_left_to_the_identity_that_was_merged(pool: IdentityPoolOfTests) -> None:
    """A token of before the merge gives no credentials, and the back end names that identity for nobody else (attacks.md 138)."""
    set_roles(pool, role(pool.world, trust_for(pool)))
    made = token_for(pool, "u1")
    source, login = made["IdentityId"], {"cognito-identity.amazonaws.com": made["Token"]}
    token_for(pool, "u2")
    assert credentials(pool, source, login).arn
    merge(pool, "u1", "u2")
    forbidden = ("NotAuthorizedException", f"Access to Identity '{source}' is forbidden.")
    assert refused(lambda: credentials(pool, source, login)) == forbidden
    assert refused(lambda: token_for(pool, "u3", IdentityId=source)) == forbidden


def test_a_back_ends_token_stands_alone(pool: IdentityPoolOfTests) -> None:
    """Beside another login nobody could say whose role and tags count."""
    set_roles(pool, role(pool.world, trust_for(pool)))
    made = token_for(pool, "u1")
    both = {"cognito-identity.amazonaws.com": made["Token"], **pool.logins("ada")}
    assert refused(lambda: credentials(pool, made["IdentityId"], both)) == (
        "NotAuthorizedException",
        "Please provide a single login with the token of this identity pool.",
    )


def test_who_is_merged_with_themselves_stays_who_they_are(pool: IdentityPoolOfTests) -> None:
    """A merge of one with itself changes nothing (attacks.md 138)."""
    identity_id = token_for(pool, "u1")["IdentityId"]
    assert merge(pool, "u1", "u1") == identity_id == token_for(pool, "u1")["IdentityId"]


def test_two_who_have_logins_of_one_provider_stay_two(world: World) -> None:
    """Which of the logins would be theirs? ResourceConflictException (identity-security.md 1.2)."""
    pool = identity_pool(world, users=("ada", "alan"), DeveloperProviderName=NAME)
    for user, name in (("u1", "ada"), ("u2", "alan")):
        token_for(pool, user, more=pool.logins(name))
    assert refused(lambda: merge(pool, "u1", "u2"))[0] == "ResourceConflictException"
    assert token_for(pool, "u1")["IdentityId"] != token_for(pool, "u2")["IdentityId"]


def test_an_identity_has_twenty_names_at_the_most(pool: IdentityPoolOfTests) -> None:
    """Counted over both sides of a merge."""
    identity_id = token_for(pool, "u0")["IdentityId"]
    for number in range(1, 20):
        token_for(pool, f"u{number}", IdentityId=identity_id)
    assert refused(lambda: token_for(pool, "u20", IdentityId=identity_id))[0] == "ResourceConflictException"
    token_for(pool, "v1")
    assert refused(lambda: merge(pool, "v1", "u0"))[0] == "ResourceConflictException"


def test_a_user_who_is_unlinked_is_somebody_new(pool: IdentityPoolOfTests) -> None:
    """The identity that lost its last link is out of reach."""
    identity_id = token_for(pool, "u1")["IdentityId"]
    known = {"IdentityPoolId": pool.pool_id, "DeveloperProviderName": NAME, "DeveloperUserIdentifier": "u1"}
    other = token_for(pool, "u2")["IdentityId"]
    unlink = pool.signed.unlink_developer_identity
    assert refused(lambda: unlink(**known, IdentityId=other))[0] == "ResourceConflictException"
    assert refused(lambda: unlink(**{**known, "DeveloperProviderName": "x"}, IdentityId=identity_id))[0] == (
        "InvalidParameterException"
    )
    unlink(**known, IdentityId=identity_id)
    assert token_for(pool, "u1")["IdentityId"] != identity_id
    assert refused(lambda: pool.token(identity_id))[0] == "NotAuthorizedException"
    assert "Logins" not in pool.describe(identity_id)


def test_tags_of_a_back_end_are_in_the_token(pool: IdentityPoolOfTests) -> None:
    """As IAM reads session tags from a JWT; reserved keys and other characters are refused (attacks.md 140)."""
    claims = claims_of(token_for(pool, "u1", PrincipalTags={"team": "engines"})["Token"])
    assert claims["https://aws.amazon.com/tags"] == {"principal_tags": {"team": ["engines"]}, "transitive_tag_keys": []}
    for wrong in ({"aws:x": "1"}, {"AWS:x": "1"}, {"a;b": "1"}, {"a": "<script>"}, {"a": "1", "A": "2"}):
        assert refused(lambda: token_for(pool, "u1", PrincipalTags=wrong))[0] in {  # noqa: B023
            "InvalidParameterException",
            "NotAuthorizedException",
        }
