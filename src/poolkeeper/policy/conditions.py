"""Does a condition hold for a request? If its operator says so of the key's value, or of the fact that the key is missing.

Source: IAM User Guide, "Condition operators" and "Creating a condition with multiple keys or values".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from poolkeeper.policy.operators import OPERATORS, Test, UnreadableValue
from poolkeeper.policy.templates import Keys, Variable, tokens

_ANY, _ALL, _IF_EXISTS, _NULL = "foranyvalue:", "forallvalues:", "ifexists", "null"


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator. `key` is spelt as in the policy, `used` are all keys whose values the answer needs."""

    operator: str
    key: str
    used: tuple[str, ...]
    holds: Callable[[Keys], bool]


def conditions(block: Mapping[str, Mapping[str, Sequence[str]]], *, variables: bool) -> Iterator[Condition]:
    """Compile a Condition element, of which every condition must hold.

    The names of the operators must be known (`is_operator`); raises UnreadableValue for a value that its operator cannot read.
    """
    for operator, keys in block.items():
        for key, written in keys.items():
            values = tuple(dict.fromkeys(written))
            mentioned = dict.fromkeys((key, *_variables(values, variables=variables)))
            yield Condition(
                operator, key, tuple(mentioned), _compiled(operator, key.lower(), values, variables=variables)
            )


def is_operator(name: str) -> bool:
    """Say whether a name is an operator's, which may have ForAnyValue or ForAllValues before it and IfExists after it."""
    return name.lower() == _NULL or _operator_parts(name)[1] in OPERATORS


def _operator_parts(operator: str) -> tuple[str, str, bool]:
    """Return an operator's prefix, its own name in lower case, and whether it ends in IfExists."""
    name = operator.lower()
    set_prefix = next((prefix for prefix in (_ANY, _ALL) if name.startswith(prefix)), "")
    name = name.removeprefix(set_prefix)
    return set_prefix, name.removesuffix(_IF_EXISTS), name.endswith(_IF_EXISTS)


def _compiled(operator: str, key: str, values: Sequence[str], *, variables: bool) -> Callable[[Keys], bool]:
    if operator.lower() == _NULL:
        return partial(_null, key, _booleans(values))
    set_prefix, name, if_exists = _operator_parts(operator)
    row = OPERATORS[name]
    test = row.compile(values, variables)
    if set_prefix == _ALL:
        return partial(_for_all, key, test, row.negated)
    if set_prefix == _ANY:
        return partial(_for_any, key, test, row.negated, if_exists)
    return partial(_single, key, test, row.negated, if_exists)


def _single(key: str, test: Test, negated: bool, if_exists: bool, keys: Keys) -> bool:  # noqa: FBT001 - bound by position
    value = keys.get(key)
    if value is None:
        return negated or if_exists
    # UNVERIFIED: a multivalued key without ForAnyValue or ForAllValues holds for no operator, as AWS people are quoted; the
    # guide says only that one must not write it.
    return isinstance(value, str) and test(value, keys) is not negated


def _for_any(key: str, test: Test, negated: bool, if_exists: bool, keys: Keys) -> bool:  # noqa: FBT001 - as above
    value = keys.get(key)
    if value is None:
        # UNVERIFIED: that IfExists outweighs ForAnyValue, each of which AWS explains alone; a request would settle it.
        return if_exists
    return any(test(member, keys) is not negated for member in _members(value))


def _for_all(key: str, test: Test, negated: bool, keys: Keys) -> bool:  # noqa: FBT001 - as above
    return all(test(member, keys) is not negated for member in _members(keys.get(key, ())))


def _members(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the values that set operators see: none where all values are empty, which the guide calls a null data set."""
    members = (value,) if isinstance(value, str) else value
    return members if any(members) else ()


def _null(key: str, expected: frozenset[bool], keys: Keys) -> bool:
    # UNVERIFIED: that an empty text is not null here, and an empty list is; requests with empty tags would settle it.
    return (keys.get(key) in (None, ())) in expected


def _booleans(values: Iterable[str]) -> frozenset[bool]:
    for value in values:
        if value.lower() not in ("true", "false"):
            raise UnreadableValue(value)
    return frozenset(value.lower() == "true" for value in values)


def _variables(values: Iterable[str], *, variables: bool) -> Iterator[str]:
    for value in values:
        for token in tokens(value, wildcards=False, variables=variables):
            if isinstance(token, Variable):
                yield token.name
