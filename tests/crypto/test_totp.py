"""Are codes those of every authenticator app, and which steps are accepted? The vectors of the RFCs, and the window."""

import json
from base64 import b32decode
from pathlib import Path

import pytest

from poolkeeper.crypto import totp

VECTORS = json.loads((Path(__file__).parent / "vectors" / "totp.json").read_text())
SECRET = VECTORS["secret"].encode()
NOW = 1_800_000_015_000
CURRENT = NOW // totp.STEP


@pytest.mark.parametrize("vector", VECTORS["totp"], ids=lambda one: str(one["seconds"]))
def test_codes_are_those_of_rfc_6238(vector: dict[str, str | int]) -> None:
    """Appendix B of RFC 6238 has eight digits; the last six of them are what apps show."""
    step = int(vector["seconds"]) * 1000 // totp.STEP
    assert totp.code(SECRET, step, digits=8) == vector["code"]
    assert totp.code(SECRET, step) == str(vector["code"])[2:]


def test_codes_are_those_of_rfc_4226() -> None:
    """Appendix D of RFC 4226, leading zeros and all."""
    assert [totp.code(SECRET, count) for count in range(10)] == VECTORS["hotp"]


@pytest.mark.parametrize(("skew", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_of_skew_is_accepted_each_way(skew: int, accepted: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """The step that the code belongs to is told, so that it can be used up."""
    given = totp.code(SECRET, CURRENT + skew)
    assert totp.accepted_step(SECRET, given, now=NOW) == (CURRENT + skew if accepted else None)


def test_a_step_lasts_thirty_seconds() -> None:
    """The code of a step is the newest from its first to its last millisecond."""
    first, last = CURRENT * 30_000, CURRENT * 30_000 + 29_999
    for now in (first, last):
        assert totp.accepted_step(SECRET, totp.code(SECRET, CURRENT), now=now) == CURRENT
        assert totp.accepted_step(SECRET, totp.code(SECRET, CURRENT + 2), now=now) is None


@pytest.mark.parametrize("given", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "é" * 2048, "\x00" * 6, " 123456"])
def test_what_is_no_code_is_wrong(given: str) -> None:
    """Whatever stands where a code belongs is compared and found wrong, not stumbled over."""
    assert totp.accepted_step(SECRET, given, now=NOW) is None


def test_a_secret_is_typed_as_52_letters_and_digits() -> None:
    """Base32 of 32 bytes without its padding, which authenticator apps do not take (identity-security.md 5.2)."""
    secret = bytes(range(totp.SECRET_BYTES))
    typed = totp.typed(secret)
    assert (len(typed), typed.isalnum()) == (52, True)
    assert b32decode(typed + "====") == secret


@pytest.mark.parametrize("length", [16, 20, 32, 64])
def test_a_secret_is_read_as_it_is_typed(length: int) -> None:
    """Without padding and with it, in small letters and in groups, as apps and people write it."""
    secret = bytes(range(length))
    typed = totp.typed(secret)
    padded = typed + "=" * (-len(typed) % 8)
    for text in (typed, padded, typed.lower(), " ".join(typed)):
        assert totp.secret_of(text) == secret


@pytest.mark.parametrize(
    "text",
    ["", "JBSWY3DPEHPK3PXP", "A" * 24, "1" * 32, "A" * 33, "\u00c4" * 32, totp.typed(bytes(65)), totp.typed(bytes(15))],
)
def test_what_is_no_secret_is_none(text: str) -> None:
    """Too short to be one (RFC 4226, requirement 6), too long, of other signs, of a length that base32 does not have."""
    assert totp.secret_of(text) is None
