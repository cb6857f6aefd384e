"""AdminLinkProviderForUser, AdminDisableProviderForUser: an identity elsewhere becomes a user's, or stops being it."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest

from api.federating import Person, add_oidc, supporting
from api.provider_links import disable, link, sub_of
from api.world import PASSWORD, ClientOfTests, PoolOfTests, World, refused
from poolkeeper import triggers

SOCIAL = {"client_id": "app", "client_secret": "a secret", "authorize_scopes": "email"}
MERGING = "Merging is not currently supported, provide a SourceUser that has not been signed up in order to link"


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool with a provider, and a user of its own."""
    made = world.pool(AliasAttributes=["email"], AutoVerifiedAttributes=["email"])
    add_oidc(made)
    made.user("native", email="native@example.com", email_verified="true")
    return made


@pytest.fixture
def client(pool: PoolOfTests) -> ClientOfTests:
    """Make an app client that serves the pool's own users and the provider's."""
    return supporting(pool, "COGNITO", "Corporate")


def identities(pool: PoolOfTests, name: str = "native") -> list[dict[str, Any]]:
    """Return the identities of a user."""
    found = {one["Name"]: one["Value"] for one in pool.admin("admin_get_user", name)["UserAttributes"]}
    listed: list[dict[str, Any]] = msgspec.json.decode(found.get("identities", "[]"))
    return listed


def test_a_linked_identity_is_the_user(pool: PoolOfTests, client: ClientOfTests) -> None:
    """With its name, status, password and groups; the group of the provider is not among them."""
    pool.world.signed.create_group(UserPoolId=pool.pool_id, GroupName="staff")
    pool.admin("admin_add_user_to_group", "native", GroupName="staff")
    link(pool)
    assert [(one["userId"], one["primary"]) for one in identities(pool)] == [("user-1", False)]
    claims = Person(client, claims={"email": "native@example.com", "email_verified": True}).id_token()
    assert (claims["cognito:username"], claims["cognito:groups"]) == ("native", ["staff"])
    assert claims["sub"] == sub_of(pool)
    assert claims["identities"][0]["primary"] == "false"
    assert pool.admin("admin_get_user", "native")["UserStatus"] == "CONFIRMED"
    assert client.tokens("native")["AccessToken"]


def test_a_link_by_an_attribute_becomes_one_by_the_id(pool: PoolOfTests, client: ClientOfTests) -> None:
    """At the first sign-in; from then on the attribute may say what it wants, and leads nobody else there."""
    link(pool, "native@example.com", by="email")
    person = Person(client, claims={"email": "native@example.com", "email_verified": True})
    assert person.id_token()["sub"] == sub_of(pool)
    assert [one["userId"] for one in identities(pool)] == ["user-1"]
    assert person.saying(email="moved@example.com", email_verified=True).id_token()["sub"] == sub_of(pool)
    other = Person(client, subject="user-2", claims={"email": "native@example.com", "email_verified": True})
    assert other.id_token()["sub"] != sub_of(pool)


@pytest.mark.parametrize("meanwhile", ["settled", "taken away", "linked by the id"])
def test_a_link_by_an_attribute_that_changes_meanwhile(
    pool: PoolOfTests, client: ClientOfTests, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """By the same person's other request, which both come in by, or by an administrator: nobody waits for what cannot be."""
    link(pool, "native@example.com", by="email")
    person = Person(client, claims={"email": "native@example.com", "email_verified": True})
    changes: dict[str, Callable[[], object]] = {
        "settled": person.tokens,
        "taken away": lambda: disable(pool, "Corporate", "native@example.com", by="email"),
        "linked by the id": lambda: link(pool, "user-1"),
    }
    inner, changed = triggers.pre_authentication, list[bool]()

    async def racing(*given: Any, **more: Any) -> None:
        if not changed:
            changed.append(True)
            await asyncio.to_thread(changes[meanwhile])
        await inner(*given, **more)

    monkeypatch.setattr(triggers, "pre_authentication", racing)
    if meanwhile == "settled":
        assert person.id_token()["sub"] == sub_of(pool)
    else:
        assert person.refused()[0] == "NotAuthorizedException"
    assert changed
    if meanwhile != "taken away":
        assert person.id_token()["sub"] == sub_of(pool)
        assert {one["userId"] for one in identities(pool)} >= {"user-1"}


def test_a_provider_takes_no_address_that_is_anothers_name(pool: PoolOfTests, client: ClientOfTests) -> None:
    """A linked user keeps its names as others do: a sign-in that would move one is refused (attacks.md 100)."""
    pool.user("victim", email="victim@example.com", email_verified="true")
    link(pool)
    person = Person(client, claims={"email": "victim@example.com", "email_verified": True})
    assert person.refused() == ("AliasExistsException", "An account with the email already exists.")
    assert client.tokens("victim@example.com")["AccessToken"]


def test_an_identity_is_linked_once(pool: PoolOfTests, client: ClientOfTests) -> None:
    """Not again to the same user, nor to another, nor after it has signed in as one of its own."""
    link(pool)
    linked = ("InvalidParameterException", "SourceUser is already linked to DestinationUser")
    assert refused(lambda: link(pool)) == linked
    pool.user("other")
    assert refused(lambda: link(pool, to="other"))[0] == "AliasExistsException"
    Person(client, subject="user-2").tokens()
    assert refused(lambda: link(pool, "user-2")) == ("InvalidParameterException", MERGING)
    pool.admin("admin_delete_user", "Corporate_user-2")
    link(pool, "user-2")
    assert Person(client, subject="user-2").id_token()["sub"] == sub_of(pool)


def test_one_id_is_listed_once_whatever_led_to_it(pool: PoolOfTests, client: ClientOfTests) -> None:
    """An address may be the id too: linked by both it is one identity, before its person came and after."""
    address = "native@example.com"
    linked = ("InvalidParameterException", "SourceUser is already linked to DestinationUser")
    link(pool, address, by="email")
    assert refused(lambda: link(pool, address)) == linked
    person = Person(client, subject=address, claims={"email": address, "email_verified": True})
    assert person.id_token()["sub"] == sub_of(pool)
    assert refused(lambda: link(pool, address, by="email")) == linked
    assert [one["userId"] for one in identities(pool)] == [address]
    disable(pool, "Corporate", address)
    assert identities(pool) == []


def test_who_was_made_of_an_id_is_it_once(pool: PoolOfTests, client: ClientOfTests) -> None:
    """Also where the link was taken away, and an address leads the same person there again."""
    person = Person(client, claims={"email": "ada@example.com", "email_verified": True})
    person.tokens()
    disable(pool, "Corporate", "user-1")
    link(pool, "ada@example.com", by="email", to="Corporate_user-1")
    assert person.id_token()["cognito:username"] == "Corporate_user-1"
    held = [(one["userId"], one["primary"]) for one in identities(pool, "Corporate_user-1")]
    assert held == [("user-1", True)]


def test_a_destination_is_named_by_its_user_name(pool: PoolOfTests) -> None:
    """Never by an address, which may be anybody's by now; its sub is good too, and an identity that it has."""
    assert refused(lambda: link(pool, to="native@example.com"))[0] == "UserNotFoundException"
    assert refused(lambda: link(pool, to="nobody"))[0] == "UserNotFoundException"
    link(pool, to=sub_of(pool))
    link(pool, "user-2", at="Corporate", to="user-1")
    assert [one["userId"] for one in identities(pool)] == ["user-1", "user-2"]
    assert refused(lambda: link(pool, "user-3", at="Corporate", to="nobody"))[0] == "UserNotFoundException"


def test_a_source_is_named_by_what_the_provider_says(pool: PoolOfTests) -> None:
    """By its id, of OIDC and SAML by a mapped attribute; of a social provider by the id alone."""
    place = {"UserPoolId": pool.pool_id, "ProviderName": "Google", "ProviderType": "Google"}
    pool.world.signed.create_identity_provider(**place, ProviderDetails=SOCIAL, AttributeMapping={"email": "email"})
    wrong: list[dict[str, str]] = [
        {"provider": "Google", "by": "email"},
        {"provider": "Nobody"},
        {"by": "nickname"},
        {"by": "username"},
    ]
    for given in wrong:
        assert refused(partial(link, pool, **given))[0] == "InvalidParameterException", given
    assert refused(lambda: link(pool, "x" * 2_000))[0] == "InvalidParameterException"
    assert refused(lambda: link(pool, ""))[0] == "InvalidParameterException"
    link(pool, provider="Google")


def test_a_user_has_five_identities_at_the_most(pool: PoolOfTests) -> None:
    """The sixth is refused, and nothing of it is kept."""
    for number in range(5):
        link(pool, f"user-{number}")
    assert refused(lambda: link(pool, "user-5"))[0] == "LimitExceededException"
    rows = pool.world.rows("SELECT value FROM provider_links WHERE pool_id = $1", pool.pool_id)
    assert len(rows) == len(identities(pool)) == 5


def test_an_identity_that_is_taken_away_is_another_user(pool: PoolOfTests, client: ClientOfTests) -> None:
    """Its sessions end, the user's own stay, and the next sign-in makes a user of it."""
    link(pool)
    own, person = client.tokens("native"), Person(client)
    by_provider = person.tokens()
    disable(pool, "Corporate", "user-1")
    assert identities(pool) == []
    refresh = {"ClientId": client.client_id, "RefreshToken": by_provider.refresh}
    gone = refused(lambda: pool.world.unsigned.get_tokens_from_refresh_token(**refresh))
    assert gone == ("NotAuthorizedException", "Refresh Token has been revoked")
    assert pool.world.unsigned.get_user(AccessToken=own["AccessToken"])["Username"] == "native"
    assert person.id_token()["sub"] != sub_of(pool)
    assert refused(lambda: disable(pool, "Corporate", "nobody"))[0] == "UserNotFoundException"


def test_who_was_made_of_an_identity_does_not_come_in_without_it(pool: PoolOfTests, client: ClientOfTests) -> None:
    """The profile stays where it is, and stays one of a provider: its address is no sign-in name."""
    person = Person(client, claims={"email": "ada@example.com", "email_verified": True})
    person.tokens()
    disable(pool, "Corporate", "user-1")
    assert person.refused() == (
        "UsernameExistsException",
        "Already found an entry for username Corporate_user-1",
    )
    changed = [{"Name": "email", "Value": "new@example.com"}, {"Name": "email_verified", "Value": "true"}]
    pool.admin("admin_update_user_attributes", "Corporate_user-1", UserAttributes=changed)
    assert refused(lambda: pool.admin("admin_get_user", "new@example.com"))[0] == "UserNotFoundException"


def test_a_password_can_be_taken_away(pool: PoolOfTests, client: ClientOfTests) -> None:
    """Then providers alone let the user in, until an administrator sets another (oauth-federation.md 7.3)."""
    link(pool)
    tokens = client.tokens("native")
    disable(pool, "Cognito", "native")
    assert refused(lambda: client.sign_in("native"))[0] == "NotAuthorizedException"
    assert (
        refused(lambda: pool.world.unsigned.get_user(AccessToken=tokens["AccessToken"]))[0] == "NotAuthorizedException"
    )
    before = pool.world.outbox("native@example.com")
    pool.world.unsigned.forgot_password(ClientId=client.client_id, Username="native")
    assert pool.world.outbox("native@example.com") == before
    assert Person(client).id_token()["sub"] == sub_of(pool)
    pool.admin("admin_set_user_password", "native", Password=PASSWORD, Permanent=True)
    assert client.tokens("native")["AccessToken"]


def test_an_account_that_nobody_confirmed_waits_for_no_provider(pool: PoolOfTests, client: ClientOfTests) -> None:
    """Whoever signed up with somebody's address, and was linked to them by mistake, is not whom they come in as."""
    client.sign_up("early", email="owner@example.com")
    link(pool, to="early")
    assert Person(client).refused()[0] == "UserNotConfirmedException"


def test_links_are_one_pools_alone(world: World, pool: PoolOfTests) -> None:
    """The same provider and the same id in another pool are somebody else."""
    other = world.pool()
    add_oidc(other)
    link(pool)
    claims = Person(supporting(other, "Corporate")).id_token()
    assert claims["cognito:username"] == "Corporate_user-1"
    assert refused(lambda: link(other, to="native", value="user-9"))[0] == "UserNotFoundException"
