"""What many ask at once: one user is one identity, and an identity has one login at each provider."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from api.world import World
from identity.stage import IdentityPoolOfTests, beside, identity_pool, provider_of

NAME = "login.example"


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make all calls at once and return what each answered, or the name of its refusal."""

    def answer(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as fault:  # noqa: BLE001 - every refusal is an answer here
            return type(fault).__name__

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(answer, calls))


def taken(pool: IdentityPoolOfTests, guest: str, logins: dict[str, str]) -> str:
    """Take a guest's identity with logins, and return the identity that they lead to."""
    return str(pool.token(guest, logins)["IdentityId"])


def test_a_user_who_comes_twelve_times_at_once_is_one_identity(world: World) -> None:
    """Whoever comes second finds what the first has made."""
    pool = identity_pool(world)
    logins = pool.logins("ada")
    found = at_once([lambda: pool.get_id(logins)] * 12)
    assert len(set(found)) == 1
    assert len(pool.signed.list_identities(IdentityPoolId=pool.pool_id, MaxResults=60)["Identities"]) == 1


def test_two_users_who_take_one_guest_at_once_do_not_share_it(world: World) -> None:
    """One of them gets the id, and the other is refused, each time."""
    pool = identity_pool(world, users=("ada", "alan"))
    both = [pool.logins(name) for name in ("ada", "alan")]
    for logins in both:  # nobody has an identity yet
        assert set(logins) == {pool.provider}
    guest = pool.get_id()
    found = at_once([partial(taken, pool, guest, logins) for logins in both] * 2)
    assert guest in found
    owners = [logins for logins in both if pool.get_id(logins) == guest]
    assert len(owners) == 1
    assert (
        len(world.rows("SELECT 1 FROM logins WHERE identity_pool_id = $1 AND identity_id = $2", pool.pool_id, guest))
        == 1
    )


def test_providers_that_are_linked_at_once_are_all_linked(world: World) -> None:
    """Each request changes the identity as the one before left it."""
    stages = [identity_pool(world) for _ in range(4)]
    entries = [{"ProviderName": provider_of(one.client), "ClientId": one.client.client_id} for one in stages]
    pool = beside(world, stages[0].client, CognitoIdentityProviders=entries)
    logins = [{one.provider: one.client.tokens("ada")["IdToken"]} for one in stages]
    identity_id = pool.get_id(logins[0])
    found = at_once([lambda one=more: pool.token(identity_id, {**logins[0], **one}) for more in logins[1:]])  # type: ignore[misc]
    assert [one["IdentityId"] for one in found] == [identity_id] * 3
    assert pool.describe(identity_id)["Logins"] == sorted(one.provider for one in stages)


def test_merges_at_once_leave_everybody_somewhere(world: World) -> None:
    """In whatever order two merges of three users end, each name leads to an identity that is not disabled."""
    pool = identity_pool(world, users=(), DeveloperProviderName=NAME)
    for user in ("u1", "u2", "u3"):
        pool.signed.get_open_id_token_for_developer_identity(IdentityPoolId=pool.pool_id, Logins={NAME: user})

    def merge(source: str, destination: str) -> str:
        answer = pool.signed.merge_developer_identities(
            IdentityPoolId=pool.pool_id,
            DeveloperProviderName=NAME,
            SourceUserIdentifier=source,
            DestinationUserIdentifier=destination,
        )
        return str(answer["IdentityId"])

    at_once([lambda: merge("u1", "u2"), lambda: merge("u2", "u3"), lambda: merge("u3", "u1")])
    living = pool.signed.list_identities(IdentityPoolId=pool.pool_id, MaxResults=60, HideDisabled=True)["Identities"]
    found = {
        pool.signed.lookup_developer_identity(IdentityPoolId=pool.pool_id, DeveloperUserIdentifier=user)["IdentityId"]
        for user in ("u1", "u2", "u3")
    }
    assert found <= {one["IdentityId"] for one in living}


def test_an_update_of_a_pool_is_never_half_another(world: World) -> None:
    """Changes at once: tags all stand, and of two updates one is refused or both came one after the other."""
    pool = identity_pool(world, users=())
    at_once([lambda n=n: pool.signed.tag_resource(ResourceArn=pool.arn, Tags={f"k{n}": "v"}) for n in range(6)])  # type: ignore[misc]
    assert set(pool.signed.list_tags_for_resource(ResourceArn=pool.arn)["Tags"]) == {f"k{n}" for n in range(6)}
    known = {"IdentityPoolId": pool.pool_id, "AllowUnauthenticatedIdentities": True}
    found = at_once([lambda n=n: pool.signed.update_identity_pool(**known, IdentityPoolName=f"n{n}") for n in range(4)])  # type: ignore[misc]
    assert {one for one in found if isinstance(one, str)} <= {"ConcurrentModificationException"}
