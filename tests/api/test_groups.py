"""Groups: made, changed, listed, deleted; and who is in them."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.listing import bulk, eventually, pages
from api.world import PoolOfTests, World, refused

ROLE, OTHER_ROLE = "arn:aws:iam::000000000000:role/readers", "arn:aws:iam::000000000000:role/writers"
NO_GROUP = ("ResourceNotFoundException", "Group not found.")
NO_USER = ("UserNotFoundException", "User does not exist.")


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool with two users."""
    made = world.pool()
    made.user("ada", permanent=False)
    made.user("alan", permanent=False)
    return made


def create(pool: PoolOfTests, name: str, **more: Any) -> dict[str, Any]:
    """Create a group and return it."""
    made: dict[str, Any] = pool.world.signed.create_group(UserPoolId=pool.pool_id, GroupName=name, **more)["Group"]
    return made


def get(pool: PoolOfTests, name: str) -> dict[str, Any]:
    """Return a group."""
    found: dict[str, Any] = pool.world.signed.get_group(UserPoolId=pool.pool_id, GroupName=name)["Group"]
    return found


def add(pool: PoolOfTests, user: str, *names: str) -> None:
    """Put a user into groups."""
    for name in names:
        pool.admin("admin_add_user_to_group", user, GroupName=name)


def groups_of(pool: PoolOfTests, user: str) -> list[str]:
    """Return the names of a user's groups, in the order in which they are listed."""
    return [group["GroupName"] for group in pool.admin("admin_list_groups_for_user", user)["Groups"]]


def members(pool: PoolOfTests, name: str) -> set[str]:
    """Return the usernames of a group's members."""
    found = pool.world.signed.list_users_in_group(UserPoolId=pool.pool_id, GroupName=name)["Users"]
    return {user["Username"] for user in found}


def test_a_group_comes_back_as_it_was_made(world: World, pool: PoolOfTests) -> None:
    """Create, Get and List answer the same; what was not given is left out, precedence 0 is not."""
    now = world.clock.datetime(remove_tzinfo=False)
    plain = {"GroupName": "plain", "UserPoolId": pool.pool_id, "CreationDate": now, "LastModifiedDate": now}
    full = {**plain, "GroupName": "full", "Description": "Everything", "RoleArn": ROLE, "Precedence": 0}
    assert create(pool, "plain") == get(pool, "plain") == plain
    assert create(pool, "full", Description="Everything", RoleArn=ROLE, Precedence=0) == get(pool, "full") == full
    assert world.signed.list_groups(UserPoolId=pool.pool_id)["Groups"] == [full, plain]


def test_a_taken_name_is_refused_and_case_tells_names_apart(pool: PoolOfTests) -> None:
    """One group of a name; another spelling is another group."""
    create(pool, "readers", Description="first")
    assert refused(lambda: create(pool, "readers")) == (
        "GroupExistsException",
        "A group with the name already exists",
    )
    create(pool, "Readers", Description="second")
    assert (get(pool, "readers")["Description"], get(pool, "Readers")["Description"]) == ("first", "second")


def test_an_update_changes_what_it_names(world: World, pool: PoolOfTests) -> None:
    """What is not in the request stays, as infrastructure tools expect that send changes alone."""
    made = create(pool, "readers", Description="before", RoleArn=ROLE, Precedence=5)
    world.clock.advance(5_000)
    now = world.clock.datetime(remove_tzinfo=False)

    def update(**changes: Any) -> dict[str, Any]:
        answer = world.signed.update_group(UserPoolId=pool.pool_id, GroupName="readers", **changes)
        found: dict[str, Any] = answer["Group"]
        return found

    assert update(Description="after") == {**made, "Description": "after", "LastModifiedDate": now}
    assert update(Precedence=0)["Precedence"] == 0
    assert update(RoleArn=OTHER_ROLE) == {
        **made,
        "Description": "after",
        "Precedence": 0,
        "RoleArn": OTHER_ROLE,
        "LastModifiedDate": now,
    }
    assert get(pool, "readers") == update()


def test_what_is_not_there_is_said_so(world: World, pool: PoolOfTests) -> None:
    """An unknown pool, group or user has an error of its own, wherever it is named."""
    signed, place = world.signed, {"UserPoolId": pool.pool_id, "GroupName": "nowhere"}
    create(pool, "readers")
    for work in (
        lambda: signed.get_group(**place),
        lambda: signed.update_group(**place),
        lambda: signed.delete_group(**place),
        lambda: signed.list_users_in_group(**place),
        lambda: signed.admin_add_user_to_group(**place, Username="ada"),
        lambda: signed.admin_remove_user_from_group(**place, Username="ada"),
    ):
        assert refused(work) == NO_GROUP
    place = {"UserPoolId": pool.pool_id, "Username": "nobody"}
    for work in (
        lambda: signed.admin_add_user_to_group(**place, GroupName="readers"),
        lambda: signed.admin_remove_user_from_group(**place, GroupName="readers"),
        lambda: signed.admin_list_groups_for_user(**place),
    ):
        assert refused(work) == NO_USER
    unknown = {"UserPoolId": "us-east-1_nowhere00"}
    for work in (
        lambda: signed.create_group(**unknown, GroupName="a"),
        lambda: signed.get_group(**unknown, GroupName="a"),
        lambda: signed.update_group(**unknown, GroupName="a"),
        lambda: signed.delete_group(**unknown, GroupName="a"),
        lambda: signed.list_groups(**unknown),
        lambda: signed.list_users_in_group(**unknown, GroupName="a"),
        lambda: signed.admin_add_user_to_group(**unknown, Username="ada", GroupName="a"),
        lambda: signed.admin_remove_user_from_group(**unknown, Username="ada", GroupName="a"),
        lambda: signed.admin_list_groups_for_user(**unknown, Username="ada"),
    ):
        assert refused(work) == ("ResourceNotFoundException", "User pool us-east-1_nowhere00 does not exist.")


def test_a_group_of_another_pool_is_no_group_here(world: World, pool: PoolOfTests) -> None:
    """Groups and their members belong to one pool."""
    other = world.pool()
    other.user("ada", permanent=False)
    create(other, "readers")
    add(other, "ada", "readers")
    assert refused(lambda: get(pool, "readers")) == NO_GROUP
    assert refused(lambda: add(pool, "ada", "readers")) == NO_GROUP
    create(pool, "readers")
    assert (members(pool, "readers"), members(other, "readers")) == (set(), {"ada"})


def test_users_come_and_go(world: World, pool: PoolOfTests) -> None:
    """Joining twice is joining, leaving twice is leaving; both directions tell the same."""
    for name in ("writers", "readers"):
        create(pool, name)
    add(pool, "ada", "writers", "readers", "readers")
    add(pool, "alan", "readers")
    assert groups_of(pool, "ada") == ["readers", "writers"]
    assert (members(pool, "readers"), members(pool, "writers")) == ({"ada", "alan"}, {"ada"})
    for _ in range(2):
        pool.admin("admin_remove_user_from_group", "ada", GroupName="readers")
    assert groups_of(pool, "ada") == ["writers"]
    assert members(pool, "readers") == {"alan"}


def test_a_member_is_listed_as_users_are(world: World, pool: PoolOfTests) -> None:
    """ListUsersInGroup and ListUsers answer the same of a user."""
    create(pool, "readers")
    add(pool, "ada", "readers")
    (member,) = world.signed.list_users_in_group(UserPoolId=pool.pool_id, GroupName="readers")["Users"]
    (listed,) = world.signed.list_users(UserPoolId=pool.pool_id, Filter='username = "ada"')["Users"]
    assert member == listed


def test_a_deleted_group_is_empty_when_it_comes_again(world: World, pool: PoolOfTests) -> None:
    """Members are out at once, the next group of the name has none of them, and the worker removes their rows."""
    create(pool, "readers")
    add(pool, "ada", "readers")
    world.signed.delete_group(UserPoolId=pool.pool_id, GroupName="readers")
    assert refused(lambda: get(pool, "readers")) == NO_GROUP
    assert groups_of(pool, "ada") == []
    create(pool, "readers")
    assert members(pool, "readers") == set()
    eventually(world, "SELECT user_id FROM memberships WHERE pool_id = $1", pool.pool_id)


def test_a_large_group_is_emptied_in_batches(world: World, pool: PoolOfTests) -> None:
    """More members than one transaction removes are gone in the end."""
    create(pool, "readers")
    ((group_id,),) = world.rows("SELECT group_id FROM groups WHERE pool_id = $1", pool.pool_id)
    rows = [(pool.pool_id, f"user-{number:04}", group_id) for number in range(1_100)]
    bulk(world, "INSERT INTO memberships (pool_id, user_id, group_id) VALUES ($1, $2, $3)", rows)
    world.signed.delete_group(UserPoolId=pool.pool_id, GroupName="readers")
    eventually(world, "SELECT user_id FROM memberships WHERE pool_id = $1 LIMIT 1", pool.pool_id)


def test_a_deleted_user_leaves_its_groups(world: World, pool: PoolOfTests) -> None:
    """Whoever gets the name next is in none of them (attacks.md 33)."""
    create(pool, "readers")
    add(pool, "ada", "readers")
    pool.admin("admin_delete_user", "ada")
    assert members(pool, "readers") == set()
    assert world.rows("SELECT user_id FROM memberships WHERE pool_id = $1", pool.pool_id) == []
    pool.user("ada", permanent=False)
    assert groups_of(pool, "ada") == []


def test_listings_come_in_pages(world: World, pool: PoolOfTests) -> None:
    """Groups, groups of a user and members, each once; a full last page has no token; 0 means 60."""
    names = [f"group-{number}" for number in range(5)]
    for name in reversed(names):
        create(pool, name)
    add(pool, "ada", *names)
    others = [f"user-{number}" for number in range(4)]
    for name in others:
        pool.user(name, permanent=False)
        add(pool, name, "group-0")
    signed, place = world.signed, {"UserPoolId": pool.pool_id}

    def listed(kind: str, limit: int) -> Iterator[list[str]]:
        call, more, list_name, key = {
            "groups": (signed.list_groups, {}, "Groups", "GroupName"),
            "of ada": (signed.admin_list_groups_for_user, {"Username": "ada"}, "Groups", "GroupName"),
            "members": (signed.list_users_in_group, {"GroupName": "group-0"}, "Users", "Username"),
        }[kind]
        for page in pages(call, "NextToken", **place, **more, Limit=limit):
            yield [one[key] for one in page[list_name]]

    for kind, expected in (("groups", names), ("of ada", names), ("members", ["ada", *others])):
        by_twos = list(listed(kind, 2))
        assert [len(page) for page in by_twos] == [2, 2, 1], kind
        assert sorted(name for page in by_twos for name in page) == expected, kind
        assert [len(page) for page in listed(kind, 5)] == [5], kind
        assert [len(page) for page in listed(kind, 0)] == [5], kind
    assert [name for page in listed("groups", 2) for name in page] == names


def test_a_user_is_in_at_most_a_hundred_groups(world: World, pool: PoolOfTests) -> None:
    """The 101st is refused; one that the user is in already is not."""
    add_rows(world, pool, 101)
    names = [f"group-{number:05}" for number in range(101)]
    add(pool, "ada", *names[:100])
    assert refused(lambda: add(pool, "ada", names[100])) == (
        "InvalidParameterException",
        "A user can be a member of at most 100 groups.",
    )
    add(pool, "ada", names[0])
    assert len(groups_of(pool, "ada")) == 60
    assert members(pool, names[100]) == set()


def test_a_pool_has_at_most_ten_thousand_groups(world: World, pool: PoolOfTests) -> None:
    """The next one is refused with LimitExceeded (userpools.md 7.2)."""
    add_rows(world, pool, 9_999)
    create(pool, "the-last")
    name, _ = refused(lambda: create(pool, "one-too-many"))
    assert name == "LimitExceededException"
    assert refused(lambda: get(pool, "one-too-many")) == NO_GROUP


def add_rows(world: World, pool: PoolOfTests, count: int) -> None:
    """Put groups into the table, as the API would have left them."""
    rows = [(pool.pool_id, f"group-{number:05}", f"id-{number}") for number in range(count)]
    bulk(
        world,
        "INSERT INTO groups (pool_id, group_name, group_id, created_at, updated_at) VALUES ($1, $2, $3, 0, 0)",
        rows,
    )
