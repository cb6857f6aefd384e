"""Listing users: all of them, those that a filter finds, a page at a time, and the plans behind it on both engines."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.listing import analyze, bulk, eventually, pages, refused_as_no_marker
from api.world import PASSWORD, PoolOfTests, World, refused
from poolkeeper.store import groups, search
from poolkeeper.store.db import Transaction


def names(pool: PoolOfTests, expression: str | None = None, **more: Any) -> set[str]:
    """Return the usernames of one page."""
    given = {} if expression is None else {"Filter": expression}
    found = pool.world.signed.list_users(UserPoolId=pool.pool_id, **given, **more)["Users"]
    return {user["Username"] for user in found}


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool with four users who differ in everything that can be searched."""
    made = world.pool()
    made.user("ada", email="Ada@Lovelace.example", name="Ada", given_name="Augusta", family_name="Lovelace")
    made.user("Alan", email="alan@turing.example", name="alan", family_name='Tur"ing', phone_number="+441235550100")
    made.user("grace", permanent=False, email="grace@hopper.example", name="100% Grace_H", preferred_username="Amazing")
    made.client().sign_up("kurt", email="kurt@goedel.example", family_name="Gödel", name="back\\slash")
    return made


def test_a_user_is_listed_with_what_aws_lists(world: World) -> None:
    """Name, attributes, times, whether enabled, status: the members of UserType and no others."""
    pool = world.pool()
    sub = pool.user("ada", email="ada@lovelace.example")
    now = world.clock.datetime(remove_tzinfo=False)
    (listed,) = world.signed.list_users(UserPoolId=pool.pool_id)["Users"]
    assert listed == {
        "Username": "ada",
        "Attributes": [{"Name": "sub", "Value": sub}, {"Name": "email", "Value": "ada@lovelace.example"}],
        "UserCreateDate": now,
        "UserLastModifiedDate": now,
        "Enabled": True,
        "UserStatus": "CONFIRMED",
    }


FILTERS: list[tuple[str, set[str]]] = [
    ('username = "ada"', {"ada"}),
    ('username = "Ada"', set()),
    ('username ^= "A"', {"Alan"}),
    ('email = "ADA@LOVELACE.EXAMPLE"', {"ada"}),
    ('email ^= "a"', {"ada", "Alan"}),
    ('email^="a"', {"ada", "Alan"}),
    ('  email   ^=   "a"  ', {"ada", "Alan"}),
    ('email ^= ""', {"ada", "Alan", "grace", "kurt"}),
    ('email = ""', set()),
    ('phone_number = "+441235550100"', {"Alan"}),
    ('phone_number ^= "+44"', {"Alan"}),
    ('name = "ada"', {"ada"}),
    ('name ^= "100%"', {"grace"}),
    ('name ^= "1_0"', set()),
    ('name ^= "%"', set()),
    ('name ^= "_"', set()),
    ('name = "back\\\\slash"', {"kurt"}),
    ('name = "back\\slash"', {"kurt"}),
    ('given_name = "augusta"', {"ada"}),
    ('family_name ^= "gÖ"', {"kurt"}),
    ('family_name = "Tur\\"ing"', {"Alan"}),
    ("family_name = \"' OR '1'='1\"", set()),
    ('preferred_username ^= "amaz"', {"grace"}),
    ('cognito:user_status = "confirmed"', {"ada", "Alan"}),
    ('cognito:user_status = "UNCONFIRMED"', {"kurt"}),
    ('cognito:user_status ^= "force"', {"grace"}),
    ('cognito:user_status = "CONF"', set()),
    ('status = "Enabled"', {"ada", "Alan", "grace", "kurt"}),
    ('status = "enabled"', set()),
    ('status = "Disabled"', set()),
    ('status ^= "E"', {"ada", "Alan", "grace", "kurt"}),
    ('status ^= ""', {"ada", "Alan", "grace", "kurt"}),
    ("", {"ada", "Alan", "grace", "kurt"}),
]


def test_a_filter_finds_whom_it_describes(pool: PoolOfTests) -> None:
    """Username and status by case, everything else without; quotes, backslashes, `%` and `_` mean themselves."""
    assert [(expression, names(pool, expression)) for expression, _ in FILTERS] == FILTERS


def test_a_user_is_found_by_its_sub(world: World) -> None:
    """By the whole of it, in either case, and by its beginning."""
    pool = world.pool()
    sub = pool.user("ada")
    pool.user("alan")
    assert names(pool, f'sub = "{sub}"') == names(pool, f'sub = "{sub.upper()}"') == {"ada"}
    assert names(pool, f'sub ^= "{sub[:-4]}"') == {"ada"}
    assert names(pool, f'sub = "{sub[:-4]}"') == set()
    assert names(pool, 'sub ^= ""') == {"ada", "alan"}


def test_a_filter_that_cannot_be_read_is_refused(pool: PoolOfTests) -> None:
    """AWS's two sentences, and the limit of 256 characters."""

    def refusal(expression: str) -> tuple[str, str]:
        return refused(lambda: names(pool, expression))

    assert refusal('email = "a') == ("InvalidParameterException", "Error while parsing filter")
    assert refusal('custom:foo = "a"') == ("InvalidParameterException", "Invalid search attribute: custom:foo")
    name, sentence = refusal('name = "' + "a" * 248 + '"')
    assert name == "InvalidParameterException"
    assert "at 'filter' failed to satisfy constraint: Member must have length less than or equal to 256" in sentence
    assert names(pool, 'name = "' + "a" * 247 + '"') == set()


def test_pages_follow_one_another_and_miss_nobody(world: World) -> None:
    """Everybody once, for every kind of filter; the last page has no token, also where it is full."""
    pool = world.pool()
    for number in range(7):
        pool.user(f"user-{number}", permanent=False, email=f"{'ab'[number % 2]}{number // 3}@example.com", name="Same")
    everybody = {f"user-{number}" for number in range(7)}

    def found(limit: int, expression: str) -> list[list[str]]:
        call = world.signed.list_users
        listed = pages(call, "PaginationToken", UserPoolId=pool.pool_id, Limit=limit, Filter=expression)
        return [[user["Username"] for user in page["Users"]] for page in listed]

    for expression in (
        "",
        'sub ^= ""',
        'email ^= ""',
        'name = "same"',
        'name ^= "s"',
        'cognito:user_status ^= "FORCE"',
        'status = "Enabled"',
        'status ^= ""',
    ):
        by_twos, by_seven = found(2, expression), found(7, expression)
        assert [len(page) for page in by_twos] == [2, 2, 2, 1], expression
        assert sorted(name for page in by_twos for name in page) == sorted(everybody), expression
        assert [len(page) for page in by_seven] == [7], expression
    by_email = [name for page in found(3, 'email ^= "a"') for name in page]
    assert {int(name[-1]) % 2 for name in by_email} == {0}
    assert len(by_email) == 4


def test_a_page_has_sixty_users_unless_fewer_are_asked_for(world: World) -> None:
    """Limit 0 and no Limit mean 60; 61 is refused."""
    pool = world.pool()
    make_users(world, pool, 61)
    for limit in ({}, {"Limit": 0}, {"Limit": 60}):
        page = world.signed.list_users(UserPoolId=pool.pool_id, **limit)
        assert len(page["Users"]) == 60
        assert "PaginationToken" in page
    assert refused(lambda: names(pool, Limit=61))[0] == "InvalidParameterException"


def test_a_token_is_good_for_its_own_listing_alone(world: World) -> None:
    """Not with another filter or pool, not for another operation, not altered, not after an hour."""
    pool, other = world.pool(), world.pool()
    for number in range(3):
        pool.user(f"user-{number}", permanent=False)
        other.user(f"user-{number}", permanent=False)
        for one in (pool, other):
            world.signed.create_group(UserPoolId=one.pool_id, GroupName=f"group-{number}")
            world.signed.admin_add_user_to_group(UserPoolId=one.pool_id, GroupName="group-0", Username=f"user-{number}")
            world.signed.admin_add_user_to_group(UserPoolId=one.pool_id, GroupName=f"group-{number}", Username="user-0")
    signed = world.signed
    first = signed.list_users(UserPoolId=pool.pool_id, Limit=1)["PaginationToken"]
    filtered = signed.list_users(UserPoolId=pool.pool_id, Limit=1, Filter='username ^= "u"')["PaginationToken"]
    of_groups = signed.list_groups(UserPoolId=pool.pool_id, Limit=1)["NextToken"]
    in_group = signed.list_users_in_group(UserPoolId=pool.pool_id, GroupName="group-0", Limit=1)["NextToken"]
    middle = len(first) // 2
    altered = first[:middle] + ("A" if first[middle] != "A" else "B") + first[middle + 1 :]

    def users(token: str, one: PoolOfTests = pool, **more: Any) -> Any:
        return signed.list_users(UserPoolId=one.pool_id, PaginationToken=token, **more)

    for work in (
        lambda: users(first, other),
        lambda: users(first, Filter='username ^= "u"'),
        lambda: users(filtered),
        lambda: users(filtered, Filter='username ^= "us"'),
        lambda: users(filtered, other, Filter='username ^= "u"'),
        lambda: users(of_groups),
        lambda: users(in_group),
        lambda: users(altered),
        lambda: users(first[:-4]),
        lambda: users("made-up"),
        lambda: users("é"),
        lambda: signed.list_groups(UserPoolId=pool.pool_id, NextToken=first),
        lambda: signed.list_groups(UserPoolId=other.pool_id, NextToken=of_groups),
        lambda: signed.list_users_in_group(UserPoolId=pool.pool_id, GroupName="group-1", NextToken=in_group),
        lambda: signed.list_users_in_group(UserPoolId=other.pool_id, GroupName="group-0", NextToken=in_group),
        lambda: signed.admin_list_groups_for_user(UserPoolId=pool.pool_id, Username="user-0", NextToken=of_groups),
    ):
        assert refused_as_no_marker(work)
    assert len(users(first)["Users"]) == 2
    world.clock.advance(60 * 60 * 1000)
    assert refused_as_no_marker(lambda: users(first))
    assert first in refused(lambda: users(first))[1]


def test_attributes_to_get_are_the_only_ones(pool: PoolOfTests) -> None:
    """What was asked for and nothing else; a user of the page who lacks one makes it an error."""
    listing = pool.world.signed.list_users
    (listed,) = listing(UserPoolId=pool.pool_id, Filter='username = "ada"', AttributesToGet=["email", "name"])["Users"]
    assert {one["Name"]: one["Value"] for one in listed["Attributes"]} == {
        "email": "Ada@Lovelace.example",
        "name": "Ada",
    }
    assert refused(lambda: listing(UserPoolId=pool.pool_id, AttributesToGet=["email", "given_name"])) == (
        "InvalidParameterException",
        "One or more requested attributes do not exist.",
    )


def test_an_unknown_pool_has_no_users(world: World) -> None:
    """The pool is looked for first."""
    assert refused(lambda: world.signed.list_users(UserPoolId="us-east-1_nowhere00")) == (
        "ResourceNotFoundException",
        "User pool us-east-1_nowhere00 does not exist.",
    )


def test_the_search_follows_what_becomes_of_a_user(world: World) -> None:
    """Confirmed, given a password, given attributes with it, deleted: each shows at once, and nothing stays behind."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    client = pool.client()
    client.sign_up("kurt", email="kurt@goedel.example")
    assert names(pool, 'cognito:user_status = "UNCONFIRMED"') == {"kurt"}
    pool.admin("admin_confirm_sign_up", "kurt")
    assert names(pool, 'cognito:user_status = "UNCONFIRMED"') == set()
    assert names(pool, 'cognito:user_status = "CONFIRMED"') == {"kurt"}

    pool.user("ada", permanent=False, email="ada@lovelace.example")
    session = client.sign_in("ada")["Session"]
    client.respond(
        "NEW_PASSWORD_REQUIRED",
        session,
        USERNAME="ada",
        NEW_PASSWORD=PASSWORD + "!",
        **{"userAttributes.name": "Ada", "userAttributes.email": "ada@king.example"},
    )
    assert names(pool, 'name = "ada"') == names(pool, 'email ^= "ada@king"') == {"ada"}
    assert names(pool, 'email ^= "ada@lovelace"') == set()
    assert names(pool, 'cognito:user_status = "CONFIRMED"') == {"ada", "kurt"}

    pool.admin("admin_delete_user", "ada")
    assert names(pool) == names(pool, 'email ^= ""') == {"kurt"}
    assert indexed_rows(world, pool) == [("email", "kurt@goedel.example"), ("username", "kurt")]


def test_parallel_changes_leave_the_index_true(world: World) -> None:
    """Many writers of one user's attributes: what is indexed in the end is what the user has (r)."""
    pool = world.pool()
    pool.user("ada", permanent=False, email="ada@example.com")

    def change(number: int) -> None:
        attributes = [
            {"Name": "email", "Value": f"ada-{number % 5}@example.com"},
            {"Name": "name", "Value": f"Ada {number % 3}"},
        ]
        pool.admin("admin_update_user_attributes", "ada", UserAttributes=attributes)

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(change, range(40)))
    pool.admin("admin_delete_user_attributes", "ada", UserAttributeNames=["name"])
    held = {one["Name"]: one["Value"] for one in pool.admin("admin_get_user", "ada")["UserAttributes"]}
    assert indexed_rows(world, pool) == [("email", held["email"]), ("username", "ada")]
    pool.admin("admin_delete_user", "ada")
    assert indexed_rows(world, pool) == []


def test_who_is_disabled_is_found_so(world: World) -> None:
    """Enabled and Disabled are told apart the moment that an administrator changes it."""
    pool = world.pool()
    for name in ("ada", "alan"):
        pool.user(name, permanent=False)
    pool.admin("admin_disable_user", "ada")
    assert names(pool, 'status = "Disabled"') == names(pool, 'status ^= "Dis"') == {"ada"}
    assert names(pool, 'status = "Enabled"') == {"alan"}
    assert names(pool, 'status ^= ""') == {"ada", "alan"}
    pool.admin("admin_enable_user", "ada")
    assert names(pool, 'status = "Disabled"') == set()


def test_an_index_row_without_its_user_is_nobody(world: World) -> None:
    """What a race may leave behind is not listed, and pages go on behind it."""
    pool = world.pool()
    make_users(world, pool, 5)
    world.run(
        lambda: world.house.db.execute(
            "DELETE FROM users WHERE pool_id = $1 AND user_id IN ($2, $3)", pool.pool_id, sub_of(1), sub_of(2)
        )
    )
    for expression in ('name = "same"', 'name ^= "s"', 'email ^= ""', 'cognito:user_status ^= ""'):
        listed = pages(world.signed.list_users, "PaginationToken", UserPoolId=pool.pool_id, Limit=2, Filter=expression)
        assert {user["Username"] for page in listed for user in page["Users"]} == {"user-0", "user-3", "user-4"}


def test_a_value_longer_than_the_index_is_found_by_the_whole_of_it(world: World) -> None:
    """256 characters are indexed. What folds to more is compared in full, and pages go on behind it."""
    pool = world.pool()
    # U+FDFA folds to eighteen characters, so that a short filter looks for a long value.
    for name, ending in (("ada", "a"), ("alan", "b"), ("grace", "b")):
        pool.user(name, permanent=False, name="\ufdfa" * 20 + ending)
    assert names(pool, 'name = "' + "\ufdfa" * 20 + 'b"') == {"alan", "grace"}
    assert names(pool, 'name ^= "' + "\ufdfa" * 20 + '"') == {"ada", "alan", "grace"}
    pool.user("huge", permanent=False, name="\u4e00\u9fa5" * 1024)
    assert names(pool, 'name ^= "\u4e00"') == {"huge"}


def test_a_deleted_pool_leaves_no_rows_of_search_and_groups(world: World) -> None:
    """The worker removes them with everything else of the pool."""
    pool = world.pool()
    pool.user("ada", email="ada@lovelace.example")
    world.signed.create_group(UserPoolId=pool.pool_id, GroupName="readers")
    world.signed.admin_add_user_to_group(UserPoolId=pool.pool_id, GroupName="readers", Username="ada")
    world.signed.delete_user_pool(UserPoolId=pool.pool_id)
    for table in ("user_attributes", "memberships", "groups", "users"):
        eventually(world, f"SELECT pool_id FROM {table} WHERE pool_id = $1", pool.pool_id)


# What SQLite says of a table that is one tree, in the order of its primary key (store/dialect.py).
_TREE = "USING PRIMARY KEY"


def test_every_listing_is_found_by_an_index(world: World) -> None:
    """No plan of either engine sorts, or reads a table from end to end, in a pool of twenty thousand."""
    pool = world.pool()
    make_users(world, pool, 20_000)
    for number in range(8):
        world.signed.create_group(UserPoolId=pool.pool_id, GroupName=f"group-{number}")
    ids = [row[0] for row in world.rows("SELECT group_id FROM groups WHERE pool_id = $1", pool.pool_id)]
    bulk(
        world,
        "INSERT INTO memberships (pool_id, user_id, group_id) VALUES ($1, $2, $3)",
        [(pool.pool_id, sub_of(number), ids[number % 8]) for number in range(20_000)],
    )
    analyze(world)
    middle, id_ = sub_of(10_000), pool.pool_id
    listings: list[tuple[str, tuple[Any, ...], tuple[str, ...]]] = [
        (search.BY_ID, (id_, middle, "~", 61), ("users_pkey",)),
        (search.BY_VALUE, (id_, "name", "same", middle, 61), ("user_attributes_pkey", "users_pkey")),
        (search.BY_RANGE, (id_, "email", "user-2", "user-3", 61), ("user_attributes_pkey", "users_pkey")),
        (search.BY_RANGE, (id_, "name", "same", "same~", 61), ("user_attributes_pkey", "users_pkey")),
        (search.BY_STATUS, (id_, "UNCONFIRMED", middle, 61), ("users_by_status",)),
        (search.BY_ENABLED, (id_, 0, middle, 61), ("users_by_enabled",)),
        (search.REMOVE, (id_, middle, *["user-2000"] * 7), ("user_attributes_pkey",)),
        (groups.MEMBERS, (id_, ids[0], middle, 61), ("memberships_by_group", "users_pkey")),
        (groups.OF_USER, (id_, middle), ("memberships_pkey", "groups")),
    ]
    for sql, args, indexes in listings:
        plan = explained(world, sql, args)
        tables = "Seq Scan on users", "Seq Scan on user_a", "Seq Scan on memb", "SCAN"
        whole = [line for line in plan if line.lstrip(" ->").startswith(tables) and line != "SCAN page"]
        assert whole == [], plan
        if sql == groups.OF_USER:  # at most a hundred groups of one user are put in the order of their names
            assert world.engine != "sqlite" or (_TREE in plan[0] and "groups_by_id" in plan[1]), plan
        elif "page" in sql:  # the index is read in its order; SQLite puts the page's own sixty rows in order again
            assert [line for line in plan if "Sort" in line or "TEMP B-TREE" in line][1:] == [], plan
            assert world.engine != "sqlite" or any(words in plan[1] for words in ("COVERING INDEX", _TREE)), plan
        else:
            assert [line for line in plan if "Sort" in line or "TEMP B-TREE" in line] == [], plan
        for index in indexes:
            sqlite = (
                f"sqlite_autoindex_{index.removesuffix('_pkey')}_1",
                *([_TREE] if index.endswith("_pkey") else []),
            )
            assert any(name in line for line in plan for name in (index, *sqlite)), plan


def sub_of(number: int) -> str:
    """Return the sub of a user that `make_users` makes."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def make_users(world: World, pool: PoolOfTests, count: int) -> None:
    """Put users into the tables, as the API would have left them: each eighth unconfirmed and disabled."""
    bulk(
        world,
        """
        INSERT INTO users (pool_id, user_id, username, status, enabled, attributes, credential_version, version,
                           created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, '{}', 1, 1, 0, 0)
        """,
        [
            (pool.pool_id, sub_of(number), f"user-{number}", "UNCONFIRMED" if odd else "CONFIRMED", 0 if odd else 1)
            for number, odd in ((number, number % 8 == 0) for number in range(count))
        ],
    )
    bulk(
        world,
        "INSERT INTO user_attributes (pool_id, attribute, folded_value, user_id) VALUES ($1, $2, $3, $4)",
        [
            (pool.pool_id, attribute, value, sub_of(number))
            for number in range(count)
            for attribute, value in (("username", f"user-{number}"), ("email", f"user-{number}"), ("name", "same"))
        ],
    )


def explained(world: World, sql: str, args: tuple[Any, ...]) -> list[str]:
    """Return the lines of an engine's plan."""
    if world.engine == "sqlite":

        async def body(tx: Transaction) -> list[str]:
            return [str(row[3]) for row in await tx.fetch(f"EXPLAIN QUERY PLAN {sql}", *args)]
    else:

        async def body(tx: Transaction) -> list[str]:
            return [str(row[0]) for row in await tx.fetch(f"EXPLAIN {sql}", *args)]

    return world.run(lambda: world.house.db.write(body))


def indexed_rows(world: World, pool: PoolOfTests) -> list[tuple[str, str]]:
    """Return (attribute, value) of everything that is indexed of a pool."""
    rows = world.rows("SELECT attribute, folded_value FROM user_attributes WHERE pool_id = $1", pool.pool_id)
    return sorted((row[0], row[1]) for row in rows)
