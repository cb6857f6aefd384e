"""How is a secret carried without being printed? A type whose repr and str hide it."""


class Secret:
    """A text that must never reach a log, a traceback or an answer by accident: only `reveal()` shows it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself; call it where it is used and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    def __bool__(self) -> bool:
        return bool(self._text)
