"""What may stand in the head of a mail? One line of it, and an address where somebody writes (attacks.md 97)."""

from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.names import looks_like_email


def require_one_line(name: str, value: str | None) -> None:
    """Raise InvalidParameterException for what would be a line of its own in a mail's head."""
    if value is not None and not value.isprintable():
        # UNVERIFIED: the words; a subject with a line break against AWS would settle them.
        raise InvalidParameterException(f"{name} must be one line without control characters.")


def require_author(value: str) -> None:
    """Raise InvalidParameterException for a From that is neither an address nor `Name <address>`."""
    address = value.rpartition("<")[2].removesuffix(">") if value.endswith(">") else value
    if not looks_like_email(address):
        raise InvalidParameterException("Provided From email address is invalid")
