"""Whether a password is kept whole, as Argon2id, and checked at the same cost whoever asks."""

import argon2
import pytest

from poolkeeper.crypto.password_hash import Argon2

CHEAP = Argon2(64, 1)
SALT = bytes(range(16))


def test_the_reference_hash_is_verified() -> None:
    """A hash of the reference implementation (phc-winner-argon2, test.c) is known, its neighbour is not."""
    reference = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

    assert CHEAP.verify(reference, "password")
    assert not CHEAP.verify(reference, "passwords")


def test_a_hash_is_argon2id_of_the_cost_that_was_set() -> None:
    """The PHC string carries kind, cost and salt, and argon2-cffi's own hasher verifies it."""
    encoded = Argon2(128, 3).hash("correct horse", salt=SALT)

    assert encoded.startswith("$argon2id$v=19$m=128,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$")
    assert argon2.PasswordHasher().verify(encoded, "correct horse")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x" * 199 + "a", "x" * 199 + "b"),
        ("密" * 199 + "a", "密" * 199 + "b"),
        ("secret", "secret "),
        ("secret", " secret"),
        ("Secret", "secret"),
        ("\u00e9", "e\u0301"),
        ("\ufb01", "fi"),
        ("a\x00b", "a\x00c"),
    ],
)
def test_passwords_that_differ_anywhere_differ(one: str, other: str) -> None:
    """Nothing is cut, trimmed, folded or normalised."""
    encoded = CHEAP.hash(one, salt=SALT)

    assert CHEAP.verify(encoded, one)
    assert not CHEAP.verify(encoded, other)


def test_a_hash_of_another_cost_is_verified() -> None:
    """When the settings change, old hashes still open."""
    old, new = Argon2(64, 2), Argon2(128, 1)
    assert new.verify(old.hash("secret", salt=SALT), "secret")
    assert _cost(new.hash("secret", salt=SALT)) != _cost(old.hash("secret", salt=SALT))


def _cost(encoded: str) -> list[str]:
    """Return the algorithm, its version and its parameters."""
    return encoded.split("$")[:4]


def test_the_decoy_costs_what_a_hash_costs_and_opens_to_nobody() -> None:
    """An unknown user's check runs over the same memory and passes, and no password passes it."""
    hasher = Argon2(128, 3)

    assert _cost(hasher.decoy) == _cost(hasher.hash("secret", salt=SALT))
    assert len(hasher.decoy) == len(hasher.hash("secret", salt=SALT))
    assert not any(hasher.verify(hasher.decoy, password) for password in ("", "secret", "\ud800"))


def test_a_lone_surrogate_is_in_no_password() -> None:
    """It cannot be hashed, and verifying it says no after the same work, not by an exception."""
    encoded = CHEAP.hash("secret", salt=SALT)

    assert not CHEAP.verify(encoded, "secret\ud800")
    with pytest.raises(ValueError, match="surrogates"):
        CHEAP.hash("secret\ud800", salt=SALT)


@pytest.mark.parametrize(
    "encoded", ["", "secret", "$2b$12$abc", "$argon2id$v=19$m=64", "$argon2i$v=19$m=64,t=1,p=1$AA$AA"]
)
def test_a_broken_row_is_an_error_and_not_a_wrong_password(encoded: str) -> None:
    """Whatever is no Argon2id hash is told apart from a password that does not fit."""
    with pytest.raises(ValueError, match="not an Argon2id hash"):
        CHEAP.verify(encoded, "secret")


def test_a_salt_of_another_length_is_refused() -> None:
    """A short salt is a mistake of the caller."""
    with pytest.raises(ValueError, match="16 bytes"):
        CHEAP.hash("secret", salt=b"short")
