"""Is there one spelling of bytes and no other? What the standard library reads over is refused."""

import pytest

from poolkeeper.crypto import base64url


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\xff\xfe", b"poolkeeper"])
def test_what_is_spelt_is_read(raw: bytes) -> None:
    """There and back."""
    assert base64url.decode(base64url.encode(raw)) == raw


@pytest.mark.parametrize("text", ["AA==", "AA=", "A.A", "AA.", "AB", "A A", "AA\n", "A+", "A/", "é"])
def test_another_spelling_is_none(text: str) -> None:
    """Padding, foreign characters and stray bits."""
    with pytest.raises(ValueError, match=r".*"):
        base64url.decode(text)
