"""How are bytes spelt in a token? In base64url without padding (RFC 4648 section 5), one spelling for each."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode(raw: bytes) -> str:
    """Return the spelling of `raw`."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes that `text` spells.

    Raises ValueError for foreign characters, padding and stray bits: the standard library reads over all of them.
    """
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(raw) != text:
        raise ValueError("base64url of another spelling")
    return raw
