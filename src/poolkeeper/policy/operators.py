"""How does a condition compare a value of a request with the values of a policy? Each operator has a row in OPERATORS.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators". The comparison of an operator says whether the
request's value is among the policy's; a negated operator inverts that answer, so that it excludes all of several values.
"""

import operator
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple

from poolkeeper.policy.arns import ArnPatterns
from poolkeeper.policy.instants import instant, number
from poolkeeper.policy.templates import Keys, has_variable, literals, resolved, tokens
from poolkeeper.policy.wildcards import CHARACTERS_IN_A_STEP, Patterns, Piece, compiled, steps_at_once

# Says whether a value of the request, with the request's keys, is among the policy's values.
Test = Callable[[str, Keys], bool]
Order = Callable[[Any, Any], bool]

# The steps that it takes to read a number, a date or an address.
_READING = 30
# The bits before the IPv4 address in an IPv6 address that holds one (RFC 4291, 2.5.5.2).
_BITS_BEFORE_IPV4 = 96


class UnreadableValue(Exception):  # noqa: N818 - what is said of the value, not of us
    """A value that its operator cannot read as a number, a date or an address."""


class Operator(NamedTuple):
    """How to compile the values of an operator, and whether its answer is inverted."""

    compile: Callable[[Iterable[str], bool], Test]
    negated: bool = False


def _equals(values: Iterable[str], variables: bool) -> Test:  # noqa: FBT001 - the signature of all compilers
    return _StringSet(values, variables=variables, fold=str).has


def _equals_ignoring_case(values: Iterable[str], variables: bool) -> Test:  # noqa: FBT001 - as above
    return _StringSet(values, variables=variables, fold=str.lower).has


class _StringSet:
    """Texts to compare with: those without variables, which are compiled once, and the others."""

    __slots__ = ("_fixed", "_fold", "_templates")

    def __init__(self, values: Iterable[str], *, variables: bool, fold: Callable[[str], str]) -> None:
        templates = [tokens(value, wildcards=False, variables=variables) for value in values]
        self._fold = fold
        self._fixed = {fold(_text(literals(template))) for template in templates if not has_variable(template)}
        self._templates = tuple(template for template in templates if has_variable(template))

    def has(self, value: str, keys: Keys) -> bool:
        keys.budget.spend(1 + len(value) // CHARACTERS_IN_A_STEP)
        folded = self._fold(value)
        return folded in self._fixed or any(
            (pieces := resolved(template, keys)) is not None and self._fold(_text(pieces)) == folded
            for template in self._templates
        )


def _text(pieces: Iterable[object]) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))


def _like(values: Iterable[str], variables: bool) -> Test:  # noqa: FBT001 - as above
    templates = [tokens(value, wildcards=True, variables=variables) for value in values]
    fixed = Patterns.of(literals(template) for template in templates if not has_variable(template))
    changing = tuple(template for template in templates if has_variable(template))

    def test(value: str, keys: Keys) -> bool:
        keys.budget.spend(fixed.steps(value))
        return fixed.match(value) or any(
            (pieces := resolved(template, keys)) is not None and _matches(pieces, value, keys) for template in changing
        )

    return test


def _matches(pieces: tuple[Piece, ...], value: str, keys: Keys) -> bool:
    keys.budget.spend(steps_at_once(pieces, value))
    return compiled(pieces)(value)


def _arn(values: Iterable[str], variables: bool) -> Test:  # noqa: FBT001 - as above
    # UNVERIFIED: that a lone `*` and an ARN cut short match as they do in Resource; a request to AWS would settle it.
    return ArnPatterns(values, variables=variables).match


def _bool(values: Iterable[str], variables: bool) -> Test:  # noqa: FBT001 - as above
    texts = list(values)
    for value in texts:
        if value.lower() not in ("true", "false") and not (variables and "${" in value):
            raise UnreadableValue(value)
    booleans = _StringSet(texts, variables=variables, fold=str.lower)
    return lambda value, keys: value.lower() in ("true", "false") and booleans.has(value, keys)


def _ordered(read: Callable[[str], Any], compare: Order) -> Callable[[Iterable[str], bool], Test]:
    def compile_values(values: Iterable[str], variables: bool) -> Test:  # noqa: FBT001, ARG001 - as above; none here
        expected_values = [_read(read, value) for value in values]

        def test(value: str, keys: Keys) -> bool:
            keys.budget.spend(_READING + len(expected_values) + len(value) // CHARACTERS_IN_A_STEP)
            actual = read(value)
            return actual is not None and any(compare(actual, expected) for expected in expected_values)

        return test

    return compile_values


def _read(read: Callable[[str], Any], value: str) -> Any:
    parsed = read(value)
    if parsed is None:
        raise UnreadableValue(value)
    return parsed


def _binary(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return None


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is None or network.prefixlen < _BITS_BEFORE_IPV4:
        return network
    # As `_address` does: else a denial in this spelling would deny nobody.
    return IPv4Network((mapped, network.prefixlen - _BITS_BEFORE_IPV4))


def _ip(values: Iterable[str], variables: bool) -> Test:  # noqa: FBT001, ARG001 - as above
    networks = [_read(_network, value) for value in values]

    def test(value: str, keys: Keys) -> bool:
        keys.budget.spend(_READING + 4 * len(networks))
        address = _address(value)
        return address is not None and any(address in network for network in networks)

    return test


_NUMERIC = partial(_ordered, number)
_DATE = partial(_ordered, instant)

# By the name in lower case. UNVERIFIED: that AWS reads names of operators in any case; a policy with one would settle it.
OPERATORS: dict[str, Operator] = {
    "stringequals": Operator(_equals),
    "stringnotequals": Operator(_equals, negated=True),
    "stringequalsignorecase": Operator(_equals_ignoring_case),
    "stringnotequalsignorecase": Operator(_equals_ignoring_case, negated=True),
    "stringlike": Operator(_like),
    "stringnotlike": Operator(_like, negated=True),
    "numericequals": Operator(_NUMERIC(operator.eq)),
    "numericnotequals": Operator(_NUMERIC(operator.eq), negated=True),
    "numericlessthan": Operator(_NUMERIC(operator.lt)),
    "numericlessthanequals": Operator(_NUMERIC(operator.le)),
    "numericgreaterthan": Operator(_NUMERIC(operator.gt)),
    "numericgreaterthanequals": Operator(_NUMERIC(operator.ge)),
    "dateequals": Operator(_DATE(operator.eq)),
    "datenotequals": Operator(_DATE(operator.eq), negated=True),
    "datelessthan": Operator(_DATE(operator.lt)),
    "datelessthanequals": Operator(_DATE(operator.le)),
    "dategreaterthan": Operator(_DATE(operator.gt)),
    "dategreaterthanequals": Operator(_DATE(operator.ge)),
    "bool": Operator(_bool),
    "binaryequals": Operator(_ordered(_binary, operator.eq)),
    "ipaddress": Operator(_ip),
    "notipaddress": Operator(_ip, negated=True),
    "arnequals": Operator(_arn),
    "arnlike": Operator(_arn),
    "arnnotequals": Operator(_arn, negated=True),
    "arnnotlike": Operator(_arn, negated=True),
}
