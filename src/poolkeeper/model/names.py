"""When do two names mean the same user? One fold function, and the forms that an e-mail address and a phone number take."""

import hashlib
import re
import unicodedata

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+")
_LONGEST_KEY = 1_024
_LONGEST_USERNAME = 128
LONGEST_NAME = 2_048  # an alias is as long as an attribute may be
_PHONE = re.compile(r"\+[1-9][0-9]{1,14}")
_VISIBLE = frozenset("LMSNP")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def fold(name: str, *, case_sensitive: bool) -> str:
    """Return what a typed name is compared by; never shown, never mailed to.

    Case-sensitive pools compare in NFC. Others fold by NFKC, casefold, NFKC, in this process and never in SQL, whose
    `lower()` differs from engine to engine (attacks.md 14).
    """
    if case_sensitive:
        return unicodedata.normalize("NFC", name)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def key_of(folded: str) -> str:
    """Return the key under which a folded name is claimed and found.

    Of a very long one that is a digest: PostgreSQL takes less than 2,704 bytes into an index. It begins with a sign
    that no name holds, so no name can be made to equal it.
    """
    raw = folded.encode()
    return folded if len(raw) <= _LONGEST_KEY else f"\x01sha256:{hashlib.sha256(raw).hexdigest()}"


def looks_like_email(text: str) -> bool:
    """Say whether `text` has the form of an e-mail address, no sign in it that cannot be seen (attacks.md 15)."""
    return _EMAIL.fullmatch(text) is not None and visible(text)


def looks_like_phone(text: str) -> bool:
    """Say whether `text` has the form of an E.164 phone number, which begins with a plus sign."""
    return _PHONE.fullmatch(text) is not None


def visible(text: str) -> bool:
    """Say whether `text` is letters, marks, symbols, numbers and punctuation alone, as the model's UsernameType is."""
    return all(unicodedata.category(sign)[0] in _VISIBLE for sign in text)


def fits_username(text: str) -> bool:
    """Say whether `text` is a name that SignUp would take, for one that comes another way: the model's UsernameType."""
    return 0 < len(text) <= _LONGEST_USERNAME and visible(text)


def looks_like_uuid(text: str) -> bool:
    """Say whether `text` has the form of a `sub`."""
    return _UUID.fullmatch(text) is not None


def mask_email(address: str) -> str:
    """Return the destination that CodeDeliveryDetails shows: `t***@t***`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain[:1]}***"


def mask_phone(number: str) -> str:
    """Return the destination that CodeDeliveryDetails shows: `+*******1212`."""
    return f"+*******{number[-4:]}"
