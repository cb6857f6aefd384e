"""Does an ARN match a pattern of a policy? Only if each of its six parts does: a wildcard ends at a colon, except in the last.

Source: IAM User Guide, "IAM JSON policy elements: Resource" and "Condition operators" (ArnLike).
"""

from collections.abc import Iterable, Sequence
from functools import partial

from poolkeeper.policy.templates import (
    ARN_SEGMENTS,
    Keys,
    Token,
    has_variable,
    literals,
    resolved,
    segments,
    tokens,
)
from poolkeeper.policy.wildcards import ANYTHING, Matcher, Patterns, Piece, Wild, compiled, steps_at_once, weight

Parts = tuple[tuple[Piece, ...], ...]
Template = tuple[tuple[Token, ...], ...]


class ArnPatterns:
    """Several patterns of ARNs that are matched together: those without variables, which are compiled once, and the others."""

    __slots__ = ("_fixed", "_templates")

    def __init__(self, texts: Iterable[str], *, variables: bool) -> None:
        fixed: list[Parts | None] = []
        templates: list[Template] = []
        for text in dict.fromkeys(texts):
            template = None if text == "*" else completed(tokens(text, wildcards=True, variables=variables))
            if template is None:
                fixed.append(None)
            elif any(has_variable(part) for part in template):
                templates.append(template)
            else:
                fixed.append(tuple(literals(part) for part in template))
        joined = [_joined(parts) for parts in fixed if parts is None or _is_plain(parts)]
        by_parts = [(_by_parts(parts), max(map(weight, parts))) for parts in fixed if parts and not _is_plain(parts)]
        self._fixed = Patterns.of(joined, more=by_parts)
        self._templates = tuple(templates)

    def match(self, arn: str, keys: Keys) -> bool:
        """Say whether a pattern matches; a pattern whose variable has no value matches nothing. Raises TooCostly."""
        keys.budget.spend(self._fixed.steps(arn))
        return self._fixed.match(arn) or any(_matches(template, arn, keys) for template in self._templates)


# UNVERIFIED: that the type of a resource may have wildcards (`userpoo*`), which AWS's page about ARNs calls not allowed and
# its parser was not seen to refuse; a policy with one would settle it.
def completed(template: Sequence[Token]) -> Template:
    """Return the six parts of an ARN; the parts that a short ARN lacks are `*`, as AWS fills them in."""
    parts = segments(template)
    return (*parts, *(ANYTHING for _ in range(ARN_SEGMENTS - len(parts))))


def _matches(template: Template, arn: str, keys: Keys) -> bool:
    parts = []
    for tokens_of_part in template:
        part = resolved(tokens_of_part, keys)
        if part is None:
            return False
        parts.append(part)
        keys.budget.spend(steps_at_once(part, arn))
    if _is_plain(tuple(parts)):
        return compiled(_joined(tuple(parts)))(arn)
    return _by_parts(tuple(parts))(arn)


def _is_plain(parts: Parts) -> bool:
    """Say whether only the last part has wildcards: then the text can be compared as a whole."""
    return not any(isinstance(piece, Wild) or ":" in piece for part in parts[:-1] for piece in part)


def _joined(parts: Parts | None) -> tuple[Piece, ...]:
    if parts is None:
        return ANYTHING
    return tuple(piece for index, part in enumerate(parts) for piece in ((":", *part) if index else part))


def _by_parts(parts: Parts) -> Matcher:
    return partial(_matches_by_parts, tuple(compiled(part) for part in parts))


def _matches_by_parts(matchers: tuple[Matcher, ...], arn: str) -> bool:
    arn_parts = arn.split(":", ARN_SEGMENTS - 1)
    return len(arn_parts) == ARN_SEGMENTS and all(
        matches(part) for matches, part in zip(matchers, arn_parts, strict=True)
    )
