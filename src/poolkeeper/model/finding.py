"""What came of a look whether a password is known from breaches? One word, which an event can carry."""

from enum import StrEnum


class Finding(StrEnum):
    """Whether a password is known: to the lists and the file here, and to the range endpoint where one is asked.

    UNCHECKED: something that should have been asked gave no answer, and nothing else knew the password.
    """

    COMPROMISED = "compromised"
    CLEAN = "clean"
    UNCHECKED = "unchecked"


def together(*findings: Finding) -> Finding:
    """Return what several looks come to: one that knows the password is enough, and one that gave no answer leaves a doubt."""
    return next((finding for finding in (Finding.COMPROMISED, Finding.UNCHECKED) if finding in findings), Finding.CLEAN)
