"""Is this password good enough for this pool? The policy, its rules in AWS's order and AWS's sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from poolkeeper.errors import InvalidPasswordException

MAXIMUM_LENGTH = 256
SYMBOLS = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ")


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a pool asks of a password, as `Policies.PasswordPolicy` says it."""

    minimum_length: int = 8
    lowercase: bool = True
    uppercase: bool = True
    numbers: bool = True
    symbols: bool = True
    history: int = 0
    temporary_days: int = 7

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "PasswordPolicy":
        """Read `PasswordPolicyType`. Zero days of validity mean seven (AWS: PasswordPolicyType)."""
        return cls(
            minimum_length=document.get("MinimumLength", 8),
            lowercase=document.get("RequireLowercase", False),
            uppercase=document.get("RequireUppercase", False),
            numbers=document.get("RequireNumbers", False),
            symbols=document.get("RequireSymbols", False),
            history=document.get("PasswordHistorySize", 0),
            temporary_days=document.get("TemporaryPasswordValidityDays", 0) or 7,
        )

    def check(self, password: str) -> None:
        """Raise InvalidPasswordException with the sentence of the first rule that fails."""
        rules = (
            (len(password) < self.minimum_length, "Password not long enough"),
            (self.lowercase and not any(c.islower() for c in password), "Password must have lowercase characters"),
            (self.uppercase and not any(c.isupper() for c in password), "Password must have uppercase characters"),
            (self.numbers and not any(c in "0123456789" for c in password), "Password must have numeric characters"),
            (self.symbols and not SYMBOLS.intersection(password), "Password must have symbol characters"),
        )
        for broken, sentence in rules:
            if broken:
                raise InvalidPasswordException(f"Password did not conform with policy: {sentence}")
