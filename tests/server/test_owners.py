"""Does `sudo poolkeeper` leave a server's files to the user whom the server runs as? With a data folder of nobody's."""

import os
import stat
from pathlib import Path

import pytest

from poolkeeper.crypto.keyring import KeyRing, KeyRingError
from poolkeeper.entropy import Entropy
from server import program
from server.operating import KEY
from server.program import Place, place, serving

NOBODY = (65_534, 65_534)

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give files away, and so be tempted to keep them"
)


def owners(folder: Path) -> dict[str, tuple[int, int]]:
    """Return whose the files of a folder are."""
    return {one.name: (one.stat().st_uid, one.stat().st_gid) for one in folder.iterdir()}


@pytest.fixture
def theirs(tmp_path: Path) -> Place:
    """Choose a place whose data folder is another user's, with a server's files in it."""
    where = place(tmp_path, **KEY)
    where.data.mkdir()
    with serving(where):
        pass
    for one in (where.data, *where.data.iterdir()):
        os.chown(one, *NOBODY)
    (where.data / "sealing.keys").chmod(0o400)
    return where


def test_a_ring_that_root_rewrites_stays_its_owners(theirs: Place) -> None:
    """Owner, group and mode: a server that runs as another user goes on reading it; so does the copy of a retired key."""
    ring = theirs.data / "sealing.keys"
    old = KeyRing.load(ring).writing_key_id

    program.told(theirs, "keys", "rotate-sealing")
    assert KeyRing.load(ring).writing_key_id != old
    assert stat.S_IMODE(ring.stat().st_mode) == 0o400
    os.utime(ring, (0, 0))  # Long ago, so that the old one may go.
    program.told(theirs, "keys", "retire-sealing", old)

    assert set(owners(theirs.data).values()) == {NOBODY}
    assert f"sealing.keys.retired-{old}" in owners(theirs.data)


def test_a_database_that_root_restores_stays_its_owners(theirs: Place) -> None:
    """The lock beside it too; in an empty folder it is the folder's owner's."""
    program.told(theirs, "backup", str(theirs.folder / "copy"))
    program.told(theirs, "restore", str(theirs.folder / "copy"))
    assert set(owners(theirs.data).values()) == {NOBODY}

    for name in ("poolkeeper.sqlite3", "poolkeeper.sqlite3-lock"):
        (theirs.data / name).unlink()
    program.told(theirs, "restore", str(theirs.folder / "copy"))
    assert set(owners(theirs.data).values()) == {NOBODY}
    assert owners(theirs.folder)["copy"] == (0, 0)


def test_what_root_makes_anew_is_the_owners_of_the_folder(tmp_path: Path) -> None:
    """Tables, locks, sealing keys, the first access key, and a data folder that was not there."""
    os.chown(tmp_path, *NOBODY)
    where = place(tmp_path)
    program.told(where, "migrate")
    program.told(where, "keys", "create-sealing", str(where.data / "sealing.keys"))
    with serving(where):
        pass

    assert owners(where.folder)["data"] == NOBODY
    assert set(owners(where.data).values()) == {NOBODY}
    assert {"first-key", "poolkeeper.sqlite3", "sealing.keys"} <= owners(where.data).keys()


def test_a_ring_that_cannot_stay_its_owners_is_not_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who may write to the folder may not give files away: nothing is sealed under a key that no server can read."""
    path = tmp_path / "sealing.keys"
    KeyRing.create(path, Entropy())
    os.chown(path, *NOBODY)
    ring = KeyRing.load(path)

    def forbidden(descriptor: int, user: int, group: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", forbidden)
    with pytest.raises(KeyRingError, match="another user's"):
        ring.add(Entropy())
    assert [one.name for one in tmp_path.iterdir()] == ["sealing.keys"]
    assert KeyRing.load(path) == ring
