"""In which order do a user's names move? New ones are claimed before old ones go, so that no two users wait for each other."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.world import World
from poolkeeper.store import aliases


def test_new_names_are_claimed_in_one_order_before_old_ones_are_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two users who ask for each other's names would each hold what the other waits for, until the database ends one."""
    pool = world.pool(AliasAttributes=["email", "preferred_username"])
    pool.user("ada", email="z@names.example", email_verified="true")
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=[{"Name": "preferred_username", "Value": "y"}])
    done: list[tuple[str, str]] = []
    claim, release = aliases.claim, aliases.release

    async def claimed(tx: Any, **row: Any) -> bool:
        done.append(("claim", row["folded"]))
        return await claim(tx, **row)

    async def released(tx: Any, **row: Any) -> int:
        done.append(("release", row["folded"]))
        return await release(tx, **row)

    monkeypatch.setattr(aliases, "claim", claimed)
    monkeypatch.setattr(aliases, "release", released)
    moved = [{"Name": "email", "Value": "b@names.example"}, {"Name": "email_verified", "Value": "true"}]
    pool.admin(
        "admin_update_user_attributes", "ada", UserAttributes=[*moved, {"Name": "preferred_username", "Value": "a"}]
    )
    assert [what for what, _ in done] == ["claim", "claim", "release", "release"]
    claims = [key for what, key in done if what == "claim"]
    assert claims == sorted(claims)


def test_users_who_ask_for_each_others_names_are_both_refused(world: World) -> None:
    """A name is free when its user has given it up, not while they ask for another."""
    pool = world.pool(AliasAttributes=["preferred_username"])
    for name, preferred in (("ada", "first"), ("grace", "second")):
        pool.user(name)
        pool.admin(
            "admin_update_user_attributes", name, UserAttributes=[{"Name": "preferred_username", "Value": preferred}]
        )
    for name, wanted in (("ada", "second"), ("grace", "first")):
        with pytest.raises(ClientError, match="AliasExistsException"):
            pool.admin(
                "admin_update_user_attributes", name, UserAttributes=[{"Name": "preferred_username", "Value": wanted}]
            )
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=[{"Name": "preferred_username", "Value": "third"}])
    pool.admin(
        "admin_update_user_attributes", "grace", UserAttributes=[{"Name": "preferred_username", "Value": "first"}]
    )
    assert pool.admin("admin_get_user", "first")["Username"] == "grace"
    assert pool.admin("admin_get_user", "third")["Username"] == "ada"
    with pytest.raises(ClientError, match="UserNotFoundException"):
        pool.admin("admin_get_user", "second")


def test_names_of_two_kinds_move_together(world: World) -> None:
    """Both new ones lead to the user."""
    pool = world.pool(AliasAttributes=["preferred_username", "phone_number"])
    pool.user("ada", phone_number="+491512348920", phone_number_verified="true")
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=[{"Name": "preferred_username", "Value": "x"}])
    pool.admin(
        "admin_update_user_attributes",
        "ada",
        UserAttributes=[
            {"Name": "phone_number", "Value": "+491512348921"},
            {"Name": "phone_number_verified", "Value": "true"},
            {"Name": "preferred_username", "Value": "y"},
        ],
    )
    assert pool.admin("admin_get_user", "+491512348921")["Username"] == "ada"
    assert pool.admin("admin_get_user", "y")["Username"] == "ada"
