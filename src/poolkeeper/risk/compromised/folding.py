"""How is a password spelt that everybody knows? As it stands, and as it was before somebody dressed it up for a policy.

No password that everybody knows satisfies Cognito's default policy: `Password123!` is `password` with a capital, digits and
a sign, `P@ssw0rd` has two letters swapped for signs that look like them.
"""

from collections.abc import Iterator

# What may be cut from the end of a password.
_DIGITS, _SIGNS = 4, 2
# Signs and digits that stand for letters; those that look like i and like l are taken for the one, and then for the other.
_LOOKS = str.maketrans("@4830$5+7", "aabeosstt")
_SWAPS = tuple(_LOOKS | str.maketrans("1!|", letter * 3) for letter in "il")


def forms(password: str, *, longest: int) -> Iterator[str]:
    """Yield the spellings by which a list of passwords in lower case, none of them over `longest`, is asked for one.

    It in lower case; with the usual swaps undone; and both with up to four digits and two signs cut from the end, in
    whatever order those stand. A pass-phrase stays what it is: nothing but its end is cut.
    """
    if len(password) > longest + _DIGITS + _SIGNS:
        return
    for cut in _cuts(password.lower()):
        yield cut
        for swaps in _SWAPS:
            yield cut.translate(swaps)


def _cuts(text: str) -> Iterator[str]:
    """Yield a text, and then what is left of it with each digit or sign less at its end, as long as they are few enough."""
    yield text
    digits = signs = 0
    while text:
        last = text[-1]
        digits += last.isdecimal()
        signs += not last.isalnum()
        if not (last.isdecimal() or not last.isalnum()) or digits > _DIGITS or signs > _SIGNS:
            return
        text = text[:-1]
        yield text
