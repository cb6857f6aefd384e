"""What becomes of access keys that had all rights, when rights come to belong to users? They keep them."""

from importlib.resources import files
from pathlib import Path

import pytest

from poolkeeper.clock import SystemClock
from poolkeeper.model.iam import ADMINISTRATOR_ACCESS, Kind
from poolkeeper.store import access_keys, iam_changes, iam_entities, iam_policies, key_owners
from poolkeeper.store.db import Database
from poolkeeper.store.migrate import migrate
from store.conftest import Engine

NOW = 1_700_000_000_000


async def _key(database: Database, access_key_id: str, name: str, *, root: bool = False) -> None:
    """Add a key as version 7 kept them."""
    await database.execute(
        """
        INSERT INTO access_keys (access_key_id, secret, name, enabled, root, created_at)
        VALUES ($1, $2, $3, 1, $4, $5)
        """,
        access_key_id,
        b"sealed",
        name,
        int(root),
        NOW,
    )


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """Write down what version 7 was made by."""
    folder = tmp_path / "before"
    folder.mkdir()
    for file in (files("poolkeeper.store") / "migrations").iterdir():
        if file.name.endswith(".sql") and file.name < "0008":
            (folder / file.name).write_text(file.read_text())
    return folder


async def _users(database: Database) -> dict[str, tuple[str | None, list[str]]]:
    """Return, for every key, its user's name and the policies attached to that user."""
    found: dict[str, tuple[str | None, list[str]]] = {}
    for key in await access_keys.every(database):
        policies = [] if key.user_id is None else await iam_policies.attached_to(database, Kind.USER, key.user_id)
        found[key.access_key_id] = (None if key.user_id is None else key.name, list(policies))
    return found


def test_every_key_gets_a_user_who_may_do_everything(engine: Engine, before: Path) -> None:
    """Each has one of its own, so that each can be replaced: AWS lets a user have two. Root has nobody.

    The oldest key of a name has it, in whatever case; what a name may not hold is replaced, and so is no name of another key.
    """

    async def story(database: Database) -> None:
        await migrate(database, SystemClock(), before)
        await _key(database, "PKAAAAAAAAAAAAAAAAAA", "terraform")
        await _key(database, "PKBBBBBBBBBBBBBBBBBB", "Terraform")
        await _key(database, "PKCCCCCCCCCCCCCCCCCC", "the night's build")
        await _key(database, "PKDDDDDDDDDDDDDDDDDD", "root", root=True)
        await _key(database, "PKEEEEEEEEEEEEEEEEEE", "terraform-2")
        await _key(database, "PKFFFFFFFFFFFFFFFFFF", "terraform")
        await _key(database, "PKGGGGGGGGGGGGGGGGGG", "x" * 70)
        await _key(database, "PKHHHHHHHHHHHHHHHHHH", "x" * 71)
        assert 8 in await migrate(database, SystemClock())

        everything = [ADMINISTRATOR_ACCESS]
        assert await _users(database) == {
            "PKAAAAAAAAAAAAAAAAAA": ("terraform", everything),
            "PKBBBBBBBBBBBBBBBBBB": ("Terraform-3", everything),
            "PKCCCCCCCCCCCCCCCCCC": ("the-night-s-build", everything),
            "PKDDDDDDDDDDDDDDDDDD": (None, []),
            "PKEEEEEEEEEEEEEEEEEE": ("terraform-2", everything),
            "PKFFFFFFFFFFFFFFFFFF": ("terraform-4", everything),
            "PKGGGGGGGGGGGGGGGGGG": ("x" * 64, everything),
            "PKHHHHHHHHHHHHHHHHHH": (f"{'x' * 62}-2", everything),
        }
        assert await iam_changes.number(database) == 1
        user = await iam_entities.find(database, Kind.USER, "terraform")
        assert user is not None
        assert (user.entity_id[:4], len(user.entity_id), user.path) == ("AIDA", 21, "/")

    engine.run(story)


def test_a_second_run_changes_nothing(engine: Engine, before: Path) -> None:
    """A process that died before it wrote the step down does it again, beside another one that does the same."""

    async def story(database: Database) -> None:
        await migrate(database, SystemClock(), before)
        await _key(database, "PKAAAAAAAAAAAAAAAAAA", "ci")
        await migrate(database, SystemClock())
        first = await _users(database)
        # What somebody takes away meanwhile stays away.
        await database.execute("DELETE FROM iam_attachments WHERE owner_kind = 'user'")
        await key_owners.make_users(database, NOW + 1)
        assert await _users(database) == {name: (user, []) for name, (user, _) in first.items()}

    engine.run(story)


@pytest.mark.parametrize(("name", "expected"), [("", "key"), ("\u00e9", "-"), ("x" * 300, "x" * 64)])
def test_any_name_becomes_one_that_a_user_may_have(engine: Engine, before: Path, name: str, expected: str) -> None:
    """Names of keys were free; those of users are not."""

    async def story(database: Database) -> None:
        await migrate(database, SystemClock(), before)
        await _key(database, "PKAAAAAAAAAAAAAAAAAA", name)
        await migrate(database, SystemClock())
        assert await _users(database) == {"PKAAAAAAAAAAAAAAAAAA": (expected, [ADMINISTRATOR_ACCESS])}

    engine.run(story)
