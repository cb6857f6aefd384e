"""Whether our SRP server agrees with an unmodified client, and refuses what no honest client sends."""

import hashlib
import json
import random
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycognito.aws_srp import AWSSRP

from poolkeeper.crypto import modular, srp

VECTORS = json.loads((Path(__file__).parent / "vectors" / "srp.json").read_text())["cases"]
PASSWORDS = ["correct horse", "pässwörd", "密码🔑密码", " blank at both ends ", "p" * 256, "a\u0301 decomposed"]


@pytest.fixture(params=["gmpy2", "plain"])
def arithmetic(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with GMP and without it."""
    if request.param == "plain":
        monkeypatch.setattr(modular, "gmpy2", None)
    return str(request.param)


def client(*, pool_name: str, user_id: str, password: str) -> AWSSRP:
    return AWSSRP(user_id, password, f"us-east-1_{pool_name}", "client", client=Mock())


def test_the_multiplier_is_the_hash_of_the_group() -> None:
    """K stands in the code as a number; it is H(pad(N) ++ pad(g))."""
    padded = b"\x00" + srp.N.to_bytes(384) + b"\x02"

    assert int.from_bytes(hashlib.sha256(padded).digest()) == srp.K


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["password"][:12])
def test_every_vector_is_recomputed(case: dict[str, Any], arithmetic: str) -> None:
    """Verifier, B, key and signature are those of the file, with GMP and without."""
    who = {"pool_name": case["pool_name"], "user_id": case["user_id"]}
    salt, secret_b = bytes.fromhex(case["salt"]), int(case["secret_b"], 16)

    verifier = srp.verifier(**who, password=case["password"], salt=salt)
    public = srp.server_public(verifier=verifier, secret_b=secret_b)
    key = srp.session_key(
        client_public=srp.parse_public(case["client_public"]),
        server_public=public,
        verifier=verifier,
        secret_b=secret_b,
    )
    signature = srp.claim_signature(
        key=key, **who, secret_block=b64decode(case["secret_block"]), timestamp=case["timestamp"]
    )

    assert srp.to_hex(verifier) == case["verifier"]
    assert srp.to_hex(public) == case["server_public"]
    assert srp.salt_hex(salt) == case["salt_sent"]
    assert key.hex() == case["session_key"]
    assert b64encode(signature).decode() == case["claim_signature"]


@pytest.mark.parametrize("seed", range(50))
def test_an_unmodified_client_proves_its_password(seed: int) -> None:
    """An answer of pycognito's to our challenge carries the signature that we expect, and another password's does not."""
    dice = random.Random(seed)
    pool_name, user_id = f"Pool{seed:05}", dice.choice(["3f1a2b4c-0d5e-4f60-8a7b-9c0d1e2f3a4b", "jürgen", "名前"])
    password = PASSWORDS[seed % len(PASSWORDS)]
    salt = bytes(seed % 3) + dice.randbytes(16 - seed % 3)
    secret_b, secret_block = dice.getrandbits(256), dice.randbytes(200)
    theirs = client(pool_name=pool_name, user_id="alias", password=password)

    verifier = srp.verifier(pool_name=pool_name, user_id=user_id, password=password, salt=salt)
    public = srp.server_public(verifier=verifier, secret_b=secret_b)
    challenge = {
        "USERNAME": user_id,
        "USER_ID_FOR_SRP": user_id,
        "SALT": srp.salt_hex(salt),
        "SRP_B": srp.to_hex(public),
        "SECRET_BLOCK": b64encode(secret_block).decode(),
    }
    answer = theirs.process_challenge(challenge, theirs.get_auth_params())

    def expected(verifier: int) -> str:
        key = srp.session_key(
            client_public=srp.parse_public(theirs.get_auth_params()["SRP_A"]),
            server_public=public,
            verifier=verifier,
            secret_b=secret_b,
        )
        signature = srp.claim_signature(
            key=key, pool_name=pool_name, user_id=user_id, secret_block=secret_block, timestamp=answer["TIMESTAMP"]
        )
        return b64encode(signature).decode()

    other = srp.verifier(pool_name=pool_name, user_id=user_id, password=password + ".", salt=salt)
    assert answer["PASSWORD_CLAIM_SIGNATURE"] == expected(verifier)
    assert answer["PASSWORD_CLAIM_SIGNATURE"] != expected(other)
    assert srp.parse_timestamp(answer["TIMESTAMP"]) % 1000 == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"pool_name": "Other"},
        {"user_id": "other"},
        {"secret_block": b"other"},
        {"timestamp": "Mon Nov 3 08:42:09 UTC 2026"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_the_signature_depends_on_everything_it_signs(changed: dict[str, Any]) -> None:
    """Another pool, user, secret block or time gives another signature."""
    signed: dict[str, Any] = {
        "pool_name": "Pool",
        "user_id": "user",
        "secret_block": b"block",
        "timestamp": "Mon Nov 3 08:42:08 UTC 2026",
    }

    assert srp.claim_signature(key=bytes(16), **signed) != srp.claim_signature(key=bytes(16), **signed | changed)


@pytest.mark.parametrize(
    "text",
    ["0", "00", "-1", "", f"{srp.N:x}", f"{2 * srp.N:x}", "0x10", "+1", " 1", "1\n", "1_0", "g", "\u0661", "1" * 1537],
)
def test_a_public_value_that_no_honest_client_sends_is_refused(text: str) -> None:
    """Zero modulo N, signs, prefixes, other digits and more than twice the modulus' length are refused."""
    with pytest.raises(srp.BadPublicValue):
        srp.parse_public(text)


def test_an_overlong_public_value_is_refused_unread() -> None:
    """A megabyte is refused by its length alone: nothing looks at a single digit."""

    class Unreadable(str):
        __slots__ = ()

        def __len__(self) -> int:
            return 1_000_000

    with pytest.raises(srp.BadPublicValue):
        srp.parse_public(Unreadable("1"))


@pytest.mark.parametrize("value", [0, srp.N, 2 * srp.N])
def test_the_session_key_refuses_zero_whoever_parsed_it(value: int) -> None:
    """A = 0 mod N is refused again where it would do harm."""
    with pytest.raises(srp.BadPublicValue):
        srp.session_key(client_public=value, server_public=5, verifier=7, secret_b=9)


def test_a_zero_u_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With u = 0 the verifier would drop out of S, and whoever knows no password could prove it."""
    monkeypatch.setattr(srp, "_hashed", lambda message: 0)

    with pytest.raises(srp.BadPublicValue):
        srp.session_key(client_public=4, server_public=5, verifier=7, secret_b=9)


@pytest.mark.parametrize("secret_b", [0, -1, 1 << 256])
def test_a_secret_out_of_range_is_refused(secret_b: int) -> None:
    """An exponent of zero would make B public knowledge; a longer one has no place in the table."""
    with pytest.raises(ValueError, match="1 to 256 bits"):
        srp.server_public(verifier=7, secret_b=secret_b)
    with pytest.raises(ValueError, match="1 to 256 bits"):
        srp.session_key(client_public=4, server_public=5, verifier=7, secret_b=secret_b)


@settings(max_examples=60, deadline=None)
@given(exponent=st.integers(1, (1 << 256) - 1), base=st.integers(1, srp.N - 1))
def test_both_arithmetics_agree(exponent: int, base: int) -> None:
    """Table, quiet power and plain power give what Python's `pow` gives."""
    assert modular.FixedBase(srp.G, srp.N, 256).power(exponent) == pow(srp.G, exponent, srp.N)
    assert modular.power_secret(base, exponent, srp.N) == pow(base, exponent, srp.N)
    assert modular.power(base, exponent, srp.N) == pow(base, exponent, srp.N)


@pytest.mark.parametrize("exponent", [0, 1, 63, 64, (1 << 256) - 1])
def test_the_table_holds_its_edges(exponent: int, arithmetic: str) -> None:
    """The first, the last and the carried digits of the table are right."""
    assert modular.FixedBase(3, srp.N, 256).power(exponent) == pow(3, exponent, srp.N)


@pytest.mark.parametrize("exponent", [-1, 1 << 256])
def test_the_table_refuses_what_it_does_not_hold(exponent: int, arithmetic: str) -> None:
    """An exponent of more bits would silently be cut."""
    with pytest.raises(ValueError, match="at most 256 bits"):
        modular.FixedBase(3, srp.N, 256).power(exponent)


def test_a_missing_gmp_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without GMP a thread that is prepared warns: sign-ins will hold the interpreter."""
    monkeypatch.setattr(modular, "gmpy2", None)

    with pytest.warns(UserWarning, match="gmpy2 is not installed"):
        srp.prepare_thread()


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("Thu Jan 1 00:00:00 UTC 1970", 0),
        ("Tue Nov 3 08:42:08 UTC 2026", 1_793_695_328_000),
        ("Sat Feb 29 23:59:59 UTC 2020", 1_583_020_799_000),
    ],
)
def test_a_timestamp_is_read(text: str, milliseconds: int) -> None:
    """English names, unpadded days and UTC, as every client writes them."""
    assert srp.parse_timestamp(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Tue Nov 03 08:42:08 UTC 2026",
        "Tue Nov 3 8:42:08 UTC 2026",
        "Di Nov 3 08:42:08 UTC 2026",
        "Tue nov 3 08:42:08 UTC 2026",
        "Tue Nov 3 08:42:08 GMT 2026",
        "Tue Nov 3 08:42:08 UTC 26",
        "Tue Nov  3 08:42:08 UTC 2026",
        "Tue Nov 31 08:42:08 UTC 2026",
        "Tue Nov 0 08:42:08 UTC 2026",
        "Tue Nov 3 24:00:00 UTC 2026",
        "Tue Nov 3 08:42:60 UTC 2026",
        "Sun Feb 29 00:00:00 UTC 2026",
        "Tue Nov 3 08:42:08 UTC 2026\n",
        "Tue Nov ٣ 08:42:08 UTC 2026",
        "2026-11-03T08:42:08Z",
    ],
)
def test_another_form_of_time_is_refused(text: str) -> None:
    """Padded days, other languages and zones, and days that do not exist are refused."""
    with pytest.raises(ValueError, match=r".+"):
        srp.parse_timestamp(text)


def test_a_password_that_is_no_utf8_has_no_verifier() -> None:
    """A lone surrogate cannot be hashed and is a ValueError, not a crash of another kind."""
    with pytest.raises(ValueError, match="surrogates"):
        srp.verifier(pool_name="p", user_id="u", password="\ud800", salt=bytes(16))
