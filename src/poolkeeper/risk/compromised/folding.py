"""Which listed passwords may a password be made of? The forms of it before its user dressed it up for a policy.

No listed password satisfies Cognito's default policy: `Password123!` is `password` with a capital, digits and a sign,
`P@ssw0rd` has two letters swapped for signs that look like them.
"""

from collections.abc import Iterator

# How many digits and signs may be cut from the end of a password.
_DIGITS, _SIGNS = 4, 2
# Signs and digits that stand for letters; those that look like both i and l are tried as each of them.
_LOOKS = str.maketrans("@4830$5+7", "aabeosstt")
_SWAPS = tuple(_LOOKS | str.maketrans("1!|", letter * 3) for letter in "il")


def forms(password: str, *, longest: int) -> Iterator[str]:
    """Yield the spellings of a password to look for in a list in lower case whose longest password has `longest` characters.

    The password in lower case; the same with the usual swaps undone; and both with up to four digits and two signs cut from
    the end, in any order. A pass-phrase stays as it is: only its end is cut.
    """
    if len(password) > longest + _DIGITS + _SIGNS:
        return
    for cut in _cuts(password.lower()):
        yield cut
        for swaps in _SWAPS:
            yield cut.translate(swaps)


def _cuts(text: str) -> Iterator[str]:
    """Yield a text, then the text without its last digit or sign, and so on, as long as few were cut."""
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
