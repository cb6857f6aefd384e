"""Do hashes of other systems hold, and no others? Vectors of their makers, what only looks like one, and what costs too much."""

import json
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from poolkeeper.crypto import imported_hash
from poolkeeper.crypto.imported_hash import PREFIX, fault, verify

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "imported_hashes.json").read_bytes())[
    "vectors"
]
SALT, DIGEST = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
COSTLY = "the cost of the hash is above what is taken"


def each_vector() -> pytest.MarkDecorator:
    """Give a test every vector in turn."""
    return pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["source"])


def test_every_algorithm_of_the_model_has_a_vector() -> None:
    """And every form one of its own."""
    assert {one["algorithm"] for one in VECTORS} == imported_hash.FORMS.keys()
    for algorithm, forms in imported_hash.FORMS.items():
        of_it = [one["hash"] for one in VECTORS if one["algorithm"] == algorithm]
        assert all(any(form.pattern.fullmatch(text) for text in of_it) for form in forms)


@each_vector()
def test_the_password_of_a_vector_is_right_and_no_other(vector: dict[str, Any]) -> None:
    """Nor is it that of another algorithm."""
    assert fault(vector["hash"], algorithm=vector["algorithm"]) is None
    assert verify(PREFIX + vector["hash"], vector["password"])
    for wrong in (vector["password"] + "x", vector["password"][:-1], "", "\udc80"):
        assert not verify(PREFIX + vector["hash"], wrong)
    for other in imported_hash.FORMS.keys() - {vector["algorithm"]}:
        assert fault(vector["hash"], algorithm=other) == f"the hash has no form of the algorithm {other}"


@each_vector()
def test_what_was_cut_or_added_is_no_hash(vector: dict[str, Any]) -> None:
    """One character fewer of bcrypt, a dollar more, nothing at all."""
    text, algorithm = vector["hash"], vector["algorithm"]
    for broken in ("", "$", text + "$", "x" + text, text.replace("$", "", 1) + "!", text + "\n"):
        assert fault(broken, algorithm=algorithm) is not None, broken


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [
        ("BCRYPT", "$2b$15$" + "C" * 53),
        ("SCRYPT", f"$scrypt$ln=18,r=8,p=1${SALT}${DIGEST}"),
        ("SCRYPT", f"$scrypt$ln=17,r=8,p=3${SALT}${DIGEST}"),
        ("SCRYPT", f"$scrypt$ln=10,r=4000000000,p=1${SALT}${DIGEST}"),
        ("SCRYPT", f"$fbscrypt$v=1,n=20,r=8,p=1,ss=Bw==,sk={DIGEST}${SALT}${DIGEST}"),
        ("SCRYPT", f"$scrypt$ln=1,r=1,p=1048576${SALT}${DIGEST}"),
        ("SCRYPT", f"$scrypt$ln=1,r=524288,p=1${SALT}${DIGEST}"),
        ("ARGON2ID", f"$argon2id$v=19$m=4000000000,t=1,p=1${SALT}${DIGEST}"),
        ("ARGON2ID", f"$argon2id$v=19$m=65536,t=17,p=1${SALT}${DIGEST}"),
        ("ARGON2ID", f"$argon2id$v=19$m=65536,t=1,p=17${SALT}${DIGEST}"),
        ("PBKDF2_SHA256", f"$pbkdf2-sha256$2000001${SALT}${DIGEST}"),
        ("PBKDF2_SHA256", f"pbkdf2_sha256$9999999999$seasalt${DIGEST}="),
        ("PBKDF2_SHA256", f"$pbkdf2-sha256$1000001${SALT}${'A' * 44}"),
    ],
)
def test_what_costs_too_much_is_refused_before_it_is_kept(algorithm: str, text: str) -> None:
    """One row of a file must not hold up everybody's sign-ins; what is at the bound is taken."""
    assert fault(text, algorithm=algorithm) == COSTLY
    with pytest.raises(ValueError, match="cost"):
        verify(PREFIX + text, "password")


@pytest.mark.parametrize(
    ("algorithm", "text"),
    [
        ("BCRYPT", "$2b$14$" + "C" * 53),
        ("SCRYPT", f"$scrypt$ln=17,r=8,p=1${SALT}${DIGEST}"),
        ("ARGON2ID", f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${DIGEST}"),
        ("PBKDF2_SHA256", f"pbkdf2_sha256$1200000$seasalt${DIGEST}="),
    ],
)
def test_what_others_recommend_is_taken(algorithm: str, text: str) -> None:
    """OWASP's and the libraries' own settings of these days."""
    assert fault(text, algorithm=algorithm) is None


def test_bcrypt_looks_at_72_bytes_as_systems_did_that_made_it() -> None:
    """A password that is longer signs in: its hash was made of its beginning."""
    made = PREFIX + bcrypt.hashpw(b"a" * 72, bcrypt.gensalt(4)).decode()
    assert verify(made, "a" * 72)
    assert verify(made, "a" * 80)
    assert not verify(made, "a" * 71)


@pytest.mark.parametrize("spare", [0, 1, 9, 15])
def test_spare_bits_of_a_bcrypt_salt_mean_nothing(spare: int) -> None:
    """Some systems set them: whoever has such a hash signs in, and is no accident."""
    made = bcrypt.hashpw(b"password", b"$2b$04$" + b"C" * 21 + b"O").decode()
    text = made[:28] + imported_hash._BCRYPT_BASE64.decode()[16 + spare] + made[29:]
    assert fault(text, algorithm="BCRYPT") is None
    assert verify(PREFIX + text, "password")
    assert not verify(PREFIX + text, "passwort")


@pytest.mark.parametrize("cost", ["ln=15,r=1,p=1", "ln=1,r=16384,p=1", "ln=1,r=1,p=16384", "ln=5,r=4096,p=4"])
def test_odd_costs_of_scrypt_can_be_checked(cost: str) -> None:
    """Whatever is taken from a file is right or wrong at a sign-in, and nothing else."""
    text = f"$scrypt${cost}${SALT}${DIGEST}"
    assert fault(text, algorithm="SCRYPT") is None
    assert not verify(PREFIX + text, "password")
    assert (
        fault(f"$scrypt$ln=16,r=1,p=1${SALT}${DIGEST}", algorithm="SCRYPT")
        == "the hash has no form of the algorithm SCRYPT"
    )


def test_what_is_not_marked_as_imported_is_never_checked_here() -> None:
    """The house's own hashes have their own way."""
    with pytest.raises(ValueError, match="not an imported hash"):
        verify(VECTORS[0]["hash"], VECTORS[0]["password"])
