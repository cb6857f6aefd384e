"""How are bytes spelt in a token? In base64url without padding (RFC 4648 section 5), one spelling for each."""

from binascii import a2b_base64, b2a_base64

_SPELT = bytes.maketrans(b"+/", b"-_")
_READ = bytes.maketrans(b"-_", b"+/")


def encode(raw: bytes) -> str:
    """Return the spelling of `raw`."""
    return b2a_base64(raw, newline=False).translate(_SPELT).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes that `text` spells.

    Raises ValueError for foreign characters, padding and stray bits: the standard library reads over all of them.
    """
    raw = a2b_base64(text.encode("ascii").translate(_READ) + b"=" * (-len(text) % 4))
    if encode(raw) != text:
        raise ValueError("base64url of another spelling")
    return raw
