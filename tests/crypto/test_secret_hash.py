"""Whether a client's secret hash is computed and judged as its clients do."""

import json
from pathlib import Path

import pytest

from poolkeeper.crypto import secret_hash

VECTORS = json.loads((Path(__file__).parent / "vectors" / "secret_hash.json").read_text())["cases"]
SECRETS = ("first-secret", "second-secret")


def hashed(username: str, *, client_id: str = "client", client_secret: str = SECRETS[0]) -> str:
    return secret_hash.secret_hash(username=username, client_id=client_id, client_secret=client_secret)


def matches(given: str) -> bool:
    return secret_hash.matches(given, usernames=["alias", "stored"], client_id="client", client_secrets=SECRETS)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["username"])
def test_every_vector_is_recomputed(case: dict[str, str]) -> None:
    """The hash is the one that an unmodified client sends."""
    who = {name: case[name] for name in ("username", "client_id", "client_secret")}

    assert secret_hash.secret_hash(**who) == case["secret_hash"]


@pytest.mark.parametrize("username", ["alias", "stored"])
@pytest.mark.parametrize("client_secret", SECRETS)
def test_any_name_under_any_live_secret_matches(username: str, client_secret: str) -> None:
    """The name as typed and as stored, by the old secret and the new one, are all accepted."""
    assert matches(hashed(username, client_secret=client_secret))


@pytest.mark.parametrize(
    "given",
    [
        "",
        "rubbish",
        "pässwörd",
        "\ud800",
        hashed("other"),
        hashed("alias", client_id="other"),
        hashed("alias", client_secret="retired"),
        hashed("alias") + "=",
        hashed("alias").rstrip("="),
        hashed("alias").lower(),
    ],
)
def test_anything_else_does_not_match(given: str) -> None:
    """Nothing, rubbish, another name, client or secret, and other spellings are refused."""
    assert not matches(given)


def test_an_empty_secret_is_no_secret() -> None:
    """A hash keyed with nothing could be made by anybody, so it is an error to ask for one."""
    with pytest.raises(ValueError, match="empty client secret"):
        secret_hash.matches("x", usernames=["alias"], client_id="client", client_secrets=[""])


def test_without_live_secrets_nothing_matches() -> None:
    """A client that has lost its secrets accepts no hash."""
    assert not secret_hash.matches(hashed("alias"), usernames=["alias"], client_id="client", client_secrets=[])
