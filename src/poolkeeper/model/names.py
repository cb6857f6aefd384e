"""When do two names mean the same user? One fold function, and the forms that an e-mail address and a phone number take."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+")
_LONGEST_KEY = 1_024
_LONGEST_USERNAME = 128
ENCODED_WORD = "=?"  # how one begins
LONGEST_NAME = 2_048  # an address is as long as an attribute may be
# Marks in a row: no language comes near (UAX #15, 13: Stream-Safe Text Format), and the time of putting them in order
# grows with their square.
MOST_MARKS = 30
_JOINER = "\u034f"  # what that format puts between marks: a starter that cannot be seen
_PHONE = re.compile(r"\+[1-9][0-9]{1,14}")
_VISIBLE = frozenset("LMSNP")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as somebody gave it, and what it comes to: `folded` is compared, under `key` it is claimed and found.

    Made once a request by `name_of` and passed on. What nobody can be called is as it was typed, under a key that nobody
    has.
    """

    typed: str
    folded: str
    key: str


def name_of(typed: str, *, case_sensitive: bool) -> Name:
    """Return a typed name with what it comes to; what cannot be a name is not folded (attacks.md 8)."""
    if not can_be_name(typed):
        return Name(typed, typed, f"\x01none:{hashlib.sha256(typed.encode()).hexdigest()}")
    folded = fold(typed, case_sensitive=case_sensitive)
    return Name(typed, folded, key_of(folded))


def can_be_name(text: str) -> bool:
    """Say whether anybody could be called so: as long as a username may be, or an address, and with few marks in a row."""
    if len(text) <= _LONGEST_USERNAME:
        return has_few_marks(text)
    return len(text) <= LONGEST_NAME and looks_like_email(text)


def fold(name: str, *, case_sensitive: bool) -> str:
    """Return what a text that may be a name is compared by; never shown, never mailed to.

    Case-sensitive pools compare in NFC. Others fold by NFKC, casefold, NFKC, in this process and never in SQL, whose
    `lower()` differs from engine to engine (attacks.md 14). For bounded texts alone: see `name_of`.
    """
    if name.isascii():
        return name if case_sensitive else name.lower()
    if case_sensitive:
        return unicodedata.normalize("NFC", name)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def fold_beginning(text: str, *, kept: int) -> str:
    """Return the first `kept` signs of any text in stream-safe form, folded without case: no more work than they take.

    One sign may come of four, and eighteen of one.
    """
    enough = 4 * (kept + MOST_MARKS + 1)
    reach = kept
    while len(once := _compatible(text[:reach])) < enough and reach < len(text):
        reach *= 2
    return unicodedata.normalize("NFKC", once[:enough].casefold())[:kept]


def has_few_marks(text: str) -> bool:
    """Say whether no more than thirty combining marks follow each other in a text."""
    return stream_safe(text) == text


def stream_safe(text: str) -> str:
    """Return any text with at most thirty marks in a row: a joiner goes where more would follow (UAX #15, 13)."""
    if text.isascii():
        return text
    safe: list[str] = []
    row = 0
    for sign in text:
        leading, trailing, nothing_else = _marks(sign)
        if row + leading > MOST_MARKS:
            safe.append(_JOINER)
            row = 0
        safe.append(sign)
        row = row + leading if nothing_else else trailing
    return "".join(safe)


def key_of(folded: str) -> str:
    """Return the key under which a folded name is claimed and found.

    Of a very long one that is a digest: PostgreSQL takes less than 2,704 bytes into an index. It begins with a sign
    that no name holds, so no name can be made to equal it.
    """
    raw = folded.encode()
    return folded if len(raw) <= _LONGEST_KEY else f"\x01sha256:{hashlib.sha256(raw).hexdigest()}"


def looks_like_email(text: str) -> bool:
    """Say whether `text` has the form of an e-mail address, no sign in it that cannot be seen (attacks.md 15).

    What could begin an encoded word (RFC 2047) is no address: whoever reads a mail's head decodes it, and finds another
    address there, or lines of their own (attacks.md 97).
    """
    return _EMAIL.fullmatch(text) is not None and visible(text) and has_few_marks(text) and ENCODED_WORD not in text


def looks_like_phone(text: str) -> bool:
    """Say whether `text` has the form of an E.164 phone number, which begins with a plus sign."""
    return _PHONE.fullmatch(text) is not None


FORMS = {"email": looks_like_email, "phone_number": looks_like_phone}
"""By attribute, what an address in it looks like."""


def visible(text: str) -> bool:
    """Say whether `text` is letters, marks, symbols, numbers and punctuation alone, as the model's UsernameType is."""
    return all(unicodedata.category(sign)[0] in _VISIBLE for sign in text)


def fits_username(text: str) -> bool:
    """Say whether `text` is a name that SignUp would take, for one that comes another way: the model's UsernameType."""
    return 0 < len(text) <= _LONGEST_USERNAME and visible(text) and has_few_marks(text)


def mask_email(address: str) -> str:
    """Return the destination that CodeDeliveryDetails shows: `t***@t***`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain[:1]}***"


def mask_phone(number: str) -> str:
    """Return the destination that CodeDeliveryDetails shows, a star for each hidden digit: `+*******1212`."""
    digits = number.removeprefix("+")
    return f"+{'*' * (len(digits) - 4)}{digits[-4:]}"


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", stream_safe(text))


@lru_cache(maxsize=4_096)
def _marks(sign: str) -> tuple[int, int, bool]:
    """Return how many marks a sign begins and ends with once it is taken apart, and whether it is nothing else."""
    are_marks = [unicodedata.combining(part) != 0 for part in unicodedata.normalize("NFKD", sign)]
    if all(are_marks):
        return len(are_marks), len(are_marks), True
    return are_marks.index(False), are_marks[::-1].index(False), False
