"""Whether the file of sealing keys is made, turned and guarded so that no key is lost or shown."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from poolkeeper.crypto.keyring import KeyRing, KeyRingError
from poolkeeper.entropy import Entropy

LINE = f"0123abcd:{'A' * 43}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sealing.keys"


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_new_ring_has_one_key_and_is_for_its_owner_alone(path: Path) -> None:
    """The file is of mode 600 whatever the umask, and reads back as the ring that was made."""
    former = os.umask(0)
    try:
        ring = KeyRing.create(path, Entropy())
    finally:
        os.umask(former)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyRing.load(path) == ring
    assert [len(key) for key in ring.keys.values()] == [32]
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_ring_is_never_overwritten(path: Path) -> None:
    """Making a ring where there is one fails and leaves it as it was."""
    ring = KeyRing.create(path, Entropy())

    with pytest.raises(FileExistsError):
        KeyRing.create(path, Entropy())

    assert KeyRing.load(path) == ring
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_of_many_that_make_a_ring_at_once_one_succeeds(path: Path) -> None:
    """Processes that start together end up with one ring, which is whole for whoever sees it."""

    def attempt(_: int) -> KeyRing | None:
        try:
            return KeyRing.create(path, Entropy())
        except FileExistsError:
            KeyRing.load(path)
            return None

    with ThreadPoolExecutor(8) as threads:
        made = [ring for ring in threads.map(attempt, range(32)) if ring]

    assert made == [KeyRing.load(path)]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o777])
def test_a_ring_that_others_can_use_is_refused(path: Path, mode: int) -> None:
    """Any permission of group or others is refused with the command that mends it."""
    KeyRing.create(path, Entropy())
    path.chmod(mode)

    with pytest.raises(KeyRingError, match=f"mode {mode:o}.*chmod 600 {path}"):
        KeyRing.load(path)


@pytest.mark.parametrize(
    ("mode", "allowed"), [(0o440, True), (0o444, True), (0o460, False), (0o446, False), (0o450, False)]
)
def test_a_ring_of_somebody_else_may_be_read_by_others(
    path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, *, allowed: bool
) -> None:
    """So volumes of secrets are mounted; what others may change is refused all the same."""
    ring = KeyRing.create(path, Entropy())
    path.chmod(mode)
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)

    if allowed:
        assert KeyRing.load(path) == ring
    else:
        with pytest.raises(KeyRingError, match=f"mode {mode:o}"):
            KeyRing.load(path)


def test_a_missing_ring_is_missing(path: Path) -> None:
    """No file is a FileNotFoundError, so that a caller can tell it from a bad one."""
    with pytest.raises(FileNotFoundError):
        KeyRing.load(path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no sealing key"),
        ("\n\n", "no sealing key"),
        (LINE + "rubbish\n", "line 2"),
        (LINE + LINE, "second key with the id 0123abcd"),
        (LINE.replace("0123abcd", "0123ABCD"), "line 1"),
        (LINE.replace("0123abcd", "0123abc"), "line 1"),
        (LINE[:-2], "line 1"),
        (LINE[:-2] + "B\n", "line 1"),
        (LINE[:-1] + "=\n", "line 1"),
        (LINE.replace("AAAA", "A A A", 1), "line 1"),
        (LINE.replace("A", "ä", 1), "line 1"),
    ],
)
def test_a_damaged_ring_is_refused(path: Path, text: str, complaint: str) -> None:
    """Each kind of damage is named with its line: a ring is used whole or not at all."""
    with pytest.raises(KeyRingError, match=complaint):
        KeyRing.load(written(path, text))


def test_no_complaint_shows_a_key(path: Path) -> None:
    """The message about a bad line does not print the line."""
    with pytest.raises(KeyRingError) as refusal:
        KeyRing.load(written(path, f"0123abcd:{'Secret' * 8}\n"))

    assert "Secret" not in str(refusal.value)


def test_an_added_key_writes_and_the_others_stay(path: Path) -> None:
    """The new key comes first; mode, and nothing but the file, is left behind."""
    first = KeyRing.create(path, Entropy())

    second = first.add(Entropy())

    assert list(second.keys)[1:] == list(first.keys)
    assert second.keys[first.writing_key_id] == first.keys[first.writing_key_id]
    assert KeyRing.load(path) == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_keys_that_others_added_meanwhile_are_kept(path: Path) -> None:
    """A change starts from the file as it is, not from what this process read long ago."""
    stale = KeyRing.create(path, Entropy())
    theirs = stale.add(Entropy())

    ours = stale.add(Entropy())

    assert list(ours.keys)[1:] == list(theirs.keys)


def test_a_retired_key_is_gone(path: Path) -> None:
    """Only a key that no longer writes can go; the one that writes and an unknown one cannot."""
    first = KeyRing.create(path, Entropy())
    second = first.add(Entropy())

    kept = second.retire(first.writing_key_id)
    left = KeyRing.load(path)
    assert KeyRing.load(kept).keys == first.keys
    assert left.written_at == second.written_at

    assert list(left.keys) == [second.writing_key_id]
    for key_id, complaint in ((second.writing_key_id, "the key that writes"), ("00000000", "no sealing key 00000000")):
        with pytest.raises(KeyRingError, match=complaint):
            left.retire(key_id)
    assert KeyRing.load(path) == left
    assert {entry.name for entry in path.parent.iterdir()} == {path.name, kept.name}


def test_two_changes_at_once_do_not_lose_a_key(path: Path) -> None:
    """While another process changes the ring, a change is refused with what to do."""
    ring = KeyRing.create(path, Entropy())
    path.with_name("sealing.keys.new").touch()

    with pytest.raises(KeyRingError, match="another process is changing"):
        ring.add(Entropy())

    assert KeyRing.load(path) == ring


def test_a_change_that_fails_leaves_the_ring_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk refuses in the middle, the old ring is whole and the next change finds no rubble."""
    ring = KeyRing.create(path, Entropy())

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            ring.add(Entropy())

    assert KeyRing.load(path) == ring
    assert len(ring.add(Entropy()).keys) == 2


def test_an_unchanged_file_is_not_read_again(path: Path) -> None:
    """Reading again gives the very ring unless the file is another one."""
    ring = KeyRing.create(path, Entropy())

    assert ring.reloaded() is ring
    changed = KeyRing.load(path).add(Entropy())
    assert ring.reloaded() == changed
