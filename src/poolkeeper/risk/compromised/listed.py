"""Which passwords does everybody know? The 30,000 in listed.txt, and every password that folds to one of them."""

from functools import cache
from importlib.resources import files

from poolkeeper.risk.compromised.folding import forms


@cache
def words() -> frozenset[str]:
    """Return the list, all in lower case; the first call reads it."""
    text = (files("poolkeeper.risk.compromised") / "listed.txt").read_text(encoding="ascii")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _longest() -> int:
    return max(map(len, words()))


def is_listed(password: str) -> bool:
    """Say whether the list has a password, as it is or folded."""
    listed_words = words()
    return any(form in listed_words for form in forms(password, longest=_longest()))
