"""What does the doctor say? One sentence after the other, each sound or not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of the doctor's. A `note` is sound, and yet what an operator should know."""

    sound: bool
    text: str
    note: bool = False


def ill(text: str) -> Finding:
    """Return that something does not work."""
    return Finding(sound=False, text=text)


def noted(text: str) -> Finding:
    """Return what works, but an operator should know."""
    return Finding(sound=True, text=text, note=True)
