"""Can a stranger take the name that somebody from a provider gets? Not by signing up, nor by calling themselves so later."""

import pytest

from api.federating import Person, add_oidc, supporting
from api.world import PASSWORD, ClientOfTests, World, refused

SENTENCE = "{} cannot begin with Corporate_, since user pool is configured for that identity provider."


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a pool with a provider, where people also have a name that they choose later."""
    pool = world.pool(AliasAttributes=["preferred_username"], UsernameConfiguration={"CaseSensitive": False})
    add_oidc(pool)
    return supporting(pool, "COGNITO", "Corporate")


@pytest.mark.parametrize("name", ["Corporate_user-1", "CORPORATE_user-1", "corporate_", "Corporate_user-2"])
def test_nobody_signs_up_under_a_name_of_a_provider(client: ClientOfTests, name: str) -> None:
    """In whatever letters, where those are one; who comes from the provider is made as always (attacks.md 100)."""
    told = refused(lambda: client.sign_up(name))
    assert told == ("InvalidParameterException", SENTENCE.format("Username"))
    assert Person(client).id_token()["cognito:username"] == "corporate_user-1"


def test_nobody_takes_such_a_name_later(client: ClientOfTests) -> None:
    """A name by which one is found at once, be it a second one."""
    client.pool.user("ada")
    token = client.tokens("ada")["AccessToken"]
    wanted = [{"Name": "preferred_username", "Value": "Corporate_user-1"}]
    told = refused(lambda: client.world.unsigned.update_user_attributes(AccessToken=token, UserAttributes=wanted))
    assert told == ("InvalidParameterException", SENTENCE.format("Preferred_username"))
    assert Person(client).id_token()["cognito:username"] == "corporate_user-1"


def test_nobody_takes_it_with_their_first_password(client: ClientOfTests) -> None:
    """Nor with what else is given there."""
    pool = client.pool
    pool.admin("admin_create_user", "bob", TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")
    asked = client.sign_in("bob")
    answers = {
        "USERNAME": "bob",
        "NEW_PASSWORD": f"{PASSWORD}-new",
        "userAttributes.preferred_username": "Corporate_user-1",
    }
    told = refused(
        lambda: client.world.unsigned.respond_to_auth_challenge(
            ClientId=client.client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=asked["Session"],
            ChallengeResponses=answers,
        )
    )
    assert told == ("InvalidParameterException", SENTENCE.format("Preferred_username"))


def test_an_address_that_looks_like_such_a_name_is_none_to_sign_up_by(world: World) -> None:
    """Where addresses are names: a provider's ids may be addresses too, and one that nobody proved is a name at once."""
    pool = world.pool(UsernameAttributes=["email"], UsernameConfiguration={"CaseSensitive": False})
    add_oidc(pool)
    told = refused(lambda: supporting(pool, "COGNITO").sign_up("corporate_ada@example.com"))
    assert told == ("InvalidParameterException", SENTENCE.format("Username"))


def test_other_names_are_everybodys(client: ClientOfTests) -> None:
    """With a line in them, or one of a provider that the pool lacks; and administrators give what names they like."""
    for name in ("corporate-user", "ada_corporate", "Google_1", "corporate"):
        client.sign_up(name)
    client.pool.user("Corporate_user-9")


def test_letters_count_where_a_pool_tells_them_apart(world: World) -> None:
    """There a name in other letters is another name."""
    pool = world.pool()
    add_oidc(pool)
    client = supporting(pool, "COGNITO", "Corporate")
    client.sign_up("corporate_user-1")
    assert refused(lambda: client.sign_up("Corporate_user-1"))[1] == SENTENCE.format("Username")
