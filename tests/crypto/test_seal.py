"""Whether a seal holds: against every changed byte, every other place, and the turning of keys."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from poolkeeper.clock import DAY
from poolkeeper.crypto import seal
from poolkeeper.crypto.keyring import KeyRing
from poolkeeper.crypto.seal import Sealer, SealError, UnknownSealingKey, key_id_of
from poolkeeper.entropy import Entropy

NOW = 1_793_695_328_000
PLACE = {"table": "users", "key": "us-east-1_AbCdEfGhI/3f1a", "column": "verifier"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    KeyRing.create(tmp_path / "sealing.keys", Entropy())
    return tmp_path / "sealing.keys"


@pytest.fixture
def sealer(path: Path) -> Sealer:
    return Sealer(path, Entropy())


def changed_everywhere(sealed: bytes) -> list[bytes]:
    """Return the value with each byte changed, each cut from the end, and one byte more."""
    flipped = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]
    return [*flipped, *(sealed[:end] for end in range(len(sealed))), sealed + b"\x00"]


@pytest.mark.parametrize("plaintext", [b"", b"x", bytes(range(256)) * 16])
def test_what_was_sealed_opens(sealer: Sealer, plaintext: bytes) -> None:
    """Columns and blobs of any length give back what went in, and say which key they want."""
    column = sealer.seal_column(plaintext, **PLACE)
    blob = sealer.seal_blob(plaintext, purpose="session", now=NOW)

    assert sealer.open_column(column, **PLACE) == plaintext
    assert sealer.open_blob(blob, purpose="session") == plaintext
    assert key_id_of(column) == key_id_of(blob) == sealer.writing_key_id


def test_a_column_with_any_byte_changed_is_refused(sealer: Sealer) -> None:
    """No byte of a sealed column can be another one, nor be missing."""
    sealed = sealer.seal_column(b"a verifier", **PLACE)

    for altered in changed_everywhere(sealed):
        with pytest.raises(SealError):
            sealer.open_column(altered, **PLACE)


def test_a_blob_with_any_byte_changed_is_refused(sealer: Sealer) -> None:
    """No byte of a sealed blob can be another one, nor be missing; the day in it is no exception."""
    sealed = sealer.seal_blob(b"a session", purpose="session", now=NOW)

    for altered in changed_everywhere(sealed):
        with pytest.raises(SealError):
            sealer.open_blob(altered, purpose="session")


@settings(max_examples=200, deadline=None)
@given(rubbish=st.binary(max_size=80))
def test_rubbish_is_refused(rubbish: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever a client sends in place of a blob is an error of ours and no other."""
    path = tmp_path_factory.mktemp("ring") / "sealing.keys"
    sealer = Sealer(KeyRing.create(path, Entropy()), Entropy())

    with pytest.raises(SealError):
        sealer.open_blob(rubbish, purpose="session")
    with pytest.raises(SealError):
        sealer.open_column(rubbish, **PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        PLACE | {"table": "devices"},
        PLACE | {"key": "us-east-1_AbCdEfGhI/3f1b"},
        PLACE | {"column": "totp_seed"},
        PLACE | {"table": "user", "column": "sverifier"},
        PLACE | {"key": ""},
    ],
)
def test_a_column_opens_in_its_own_place_alone(sealer: Sealer, elsewhere: dict[str, str]) -> None:
    """A value copied to another table, row or column is refused, also where the names run together alike."""
    sealed = sealer.seal_column(b"a verifier", **PLACE)

    with pytest.raises(SealError):
        sealer.open_column(sealed, **elsewhere)


def test_a_blob_opens_for_its_own_purpose_alone(sealer: Sealer) -> None:
    """A SECRET_BLOCK is no Session, and neither is a column."""
    blob = sealer.seal_blob(b"state", purpose="secret-block", now=NOW)
    column = sealer.seal_column(b"state", **PLACE)

    with pytest.raises(SealError):
        sealer.open_blob(blob, purpose="session")
    with pytest.raises(SealError):
        sealer.open_column(blob, **PLACE)
    with pytest.raises(SealError):
        sealer.open_blob(column, purpose="secret-block")


def test_no_two_seals_are_alike(sealer: Sealer) -> None:
    """The same state sealed again looks unlike: nobody sees that it is the same."""
    blobs = {sealer.seal_blob(b"state", purpose="session", now=NOW) for _ in range(100)}

    assert len(blobs) == 100


def test_the_key_of_a_blob_changes_with_the_day(sealer: Sealer) -> None:
    """A blob of yesterday opens today, under yesterday's key: its day cannot be moved."""
    yesterday = sealer.seal_blob(b"state", purpose="session", now=NOW - DAY)
    today = sealer.seal_blob(b"state", purpose="session", now=NOW)

    assert sealer.open_blob(yesterday, purpose="session") == b"state"
    assert yesterday[5:8] != today[5:8]
    with pytest.raises(SealError):
        sealer.open_blob(yesterday[:5] + today[5:8] + yesterday[8:], purpose="session")


def test_the_plaintext_is_not_in_the_seal(sealer: Sealer) -> None:
    """A seal hides what it holds."""
    assert b"correct horse" not in sealer.seal_blob(b"correct horse", purpose="session", now=NOW)


def test_derived_keys_are_hkdfs() -> None:
    """The derivation is HKDF-SHA256 as the library has it, so that another program can open a backup."""
    key, info = bytes(range(32)), b"info"

    assert seal._derive(key, info) == HKDF(SHA256(), 32, None, info).derive(key)


def test_after_a_key_was_added_the_new_one_writes_and_both_read(path: Path, sealer: Sealer) -> None:
    """Turning the ring loses nothing: old values open, new ones carry the new id."""
    old = sealer.seal_column(b"old", **PLACE)
    first = sealer.writing_key_id
    ring = KeyRing.load(path).add(Entropy())

    assert sealer.refresh()
    new = sealer.seal_column(b"new", **PLACE)

    assert key_id_of(new) == ring.writing_key_id != first
    assert sealer.open_column(old, **PLACE) == b"old"
    assert sealer.open_column(new, **PLACE) == b"new"


def test_a_process_seals_under_a_key_that_another_process_added(path: Path, sealer: Sealer) -> None:
    """A running server writes under the new key from the moment of a rotation, without meeting it first."""
    old = sealer.writing_key_id
    new = KeyRing.load(path).add(Entropy()).writing_key_id

    column = sealer.seal_column(b"secret", table="users", key="ada", column="secret")
    again = KeyRing.load(path).add(Entropy()).writing_key_id
    blob = sealer.seal_blob(b"state", purpose="session", now=0)

    assert len({old, new, again}) == 3
    assert (key_id_of(column), key_id_of(blob)) == (new, again)


def test_a_process_that_meets_an_unknown_key_reads_the_file_again(path: Path, sealer: Sealer) -> None:
    """What another process sealed under a key it has just added opens here without a restart."""
    KeyRing.load(path).add(Entropy())
    theirs = Sealer(path, Entropy())
    blob = theirs.seal_blob(b"state", purpose="session", now=NOW)

    assert sealer.open_blob(blob, purpose="session") == b"state"
    assert sealer.writing_key_id == theirs.writing_key_id


def test_a_retired_key_is_named(path: Path, sealer: Sealer) -> None:
    """A value whose key has gone is refused with the id of the key that would open it."""
    column = sealer.seal_column(b"old", **PLACE)
    retired = sealer.writing_key_id
    KeyRing.load(path).add(Entropy()).retire(retired)
    after = Sealer(path, Entropy())

    with pytest.raises(UnknownSealingKey, match=retired) as refusal:
        after.open_column(column, **PLACE)

    assert refusal.value.key_id == retired


def test_the_file_is_read_once_for_many_unknown_keys(sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blobs with invented key ids do not make the process read its file: it has not changed."""
    loads: list[Path] = []
    monkeypatch.setattr(KeyRing, "load", loads.append)
    blob = sealer.seal_blob(b"state", purpose="session", now=NOW)

    for number in range(50):
        with pytest.raises(SealError):
            sealer.open_blob(blob[:1] + number.to_bytes(4) + blob[5:], purpose="session")

    assert loads == []


@pytest.mark.parametrize("spoil", ["gone", "open to others", "half a line"])
def test_a_file_that_cannot_be_used_leaves_the_ring_in_memory(path: Path, sealer: Sealer, spoil: str) -> None:
    """A running process goes on with the keys it has when the file is lost, opened or damaged under it."""
    blob = sealer.seal_blob(b"state", purpose="session", now=NOW)
    if spoil == "gone":
        path.unlink()
    elif spoil == "open to others":
        path.write_text("")
        path.chmod(0o644)
    else:
        path.write_text("0123")

    assert not sealer.refresh()
    assert sealer.open_blob(blob, purpose="session") == b"state"
    with pytest.raises(UnknownSealingKey):
        sealer.open_blob(blob[:1] + bytes(4) + blob[5:], purpose="session")


def test_no_repr_shows_a_key(sealer: Sealer) -> None:
    """Whatever is printed of a ring or a sealer, its keys are not in it."""
    secret = sealer.ring.keys[sealer.writing_key_id]

    assert repr(secret) not in repr(sealer.ring)
    assert "keys=" not in repr(sealer.ring)
