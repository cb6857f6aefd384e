"""What does a pool ask of a password? The rules for the list beside the field, and which of them what was typed does not meet."""

from poolkeeper.model.password_policy import SYMBOLS, PasswordPolicy
from poolkeeper.pages.managed_login.parts import Problem, Rule, RuleKind, Wrong


def of(policy: PasswordPolicy, typed: str = "") -> tuple[Rule, ...]:
    """Return the rules in the order in which they are listed. A password never comes back, so on a page none is met.

    `typed` goes no further.
    """
    least = policy.minimum_length
    rules = (
        (True, RuleKind.LENGTH, len(typed) >= least and bool(typed)),
        (policy.lowercase, RuleKind.LOWER, any(sign.islower() for sign in typed)),
        (policy.uppercase, RuleKind.UPPER, any(sign.isupper() for sign in typed)),
        (policy.numbers, RuleKind.NUMBER, any(sign in "0123456789" for sign in typed)),
        (policy.symbols, RuleKind.SYMBOL, bool(SYMBOLS.intersection(typed))),
    )
    return tuple(Rule(kind, met, least if kind is RuleKind.LENGTH else 0) for wanted, kind, met in rules if wanted)


def refusal_of(policy: PasswordPolicy, typed: str) -> Problem:
    """Return what a password that was refused is called: by the rules that it does not meet, where there are any."""
    unmet = tuple(rule for rule in of(policy, typed) if not rule.met)
    return Problem(Wrong.PASSWORD_RULES if unmet else Wrong.PASSWORD_REFUSED, "password", rules=unmet)
